//! The text of one file as blocks: each table from its header to the next, so that what belongs to a table can be
//! replaced, added behind it or taken away without touching anything else.

use std::ops::Range;

use serde_json::Value as Json;
use toml_edit::Document;

use super::house;
use crate::language::Text;
use crate::toml_file::Node;

/// One step of a way into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Name(String),
    Index(usize),
}

/// What a way leads to.
pub(super) fn follow<'a>(mut node: Node<'a>, path: &[Key]) -> Option<Node<'a>> {
    for key in path {
        node = match key {
            Key::Name(name) => node.child(name)?,
            Key::Index(index) => node.elements().into_iter().nth(*index)?,
        };
    }
    Some(node)
}

/// A file's text, its document and where each table begins.
pub(super) struct Blocks<'a> {
    text: &'a str,
    document: Document<&'a str>,
    /// Where each table's header begins, and the way to it, in the order of the file.
    headers: Vec<(usize, Vec<Key>)>,
}

impl<'a> Blocks<'a> {
    /// The blocks of a text that is TOML.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let document = Document::parse(text).ok()?;
        let mut headers = Vec::new();
        collect(&Node::Item(document.as_item()), &mut Vec::new(), text, &mut headers);
        headers.sort_by_key(|(start, _)| *start);
        Some(Self { text, document, headers })
    }

    fn node(&self, path: &[Key]) -> Option<Node<'_>> {
        follow(Node::Item(self.document.as_item()), path)
    }

    /// Gives a key a value; keys that are not there yet stand where `order` wants them.
    pub(super) fn set(&self, path: &[Key], key: &str, value: &Json, order: &[String]) -> Result<String, Text> {
        let (table, name) = self.table(path, key)?;
        let Some(node) = self.node(&table) else { return Err(not_there(key)) };
        let mut whole = table.clone();
        whole.push(step(name));
        match self.node(&whole) {
            Some(old) if is_block(&old) => {
                let Json::Object(value) = value else { return Err(by_hand(key)) };
                if !self.headers.iter().any(|(_, header)| *header == whole) {
                    return Err(by_hand(key));
                }
                let range = self.extent(&whole);
                let new = house::sub_table(&header(&whole), value);
                Ok(self.splice(range, new.trim_matches('\n')))
            }
            Some(old) => {
                let Some(span) = old.span() else { return Err(by_hand(key)) };
                let line_start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
                let before = self.text[line_start..span.start].chars().count();
                let within_line = matches!(node, Node::Value(_)) || matches!(step(name), Key::Index(_));
                let new = if within_line { house::inline(value) } else { house::value_after(name, value, before) };
                Ok(self.splice(span, &new))
            }
            None if matches!(step(name), Key::Index(_)) => Err(not_there(key)),
            None => match (&node, value) {
                (Node::Item(toml_edit::Item::Value(_)) | Node::Value(_), _) => {
                    self.new_cell(&node, name, value).ok_or_else(|| by_hand(key))
                }
                (_, Json::Object(value))
                    if matches!(table.last(), None | Some(Key::Index(_))) && !inside(&table, "variant") =>
                {
                    let before: Vec<&str> = order.iter().map(String::as_str).take_while(|one| *one != name).collect();
                    let new = house::sub_table(&header(&whole), value);
                    Ok(self.add(self.end_of_tables(&table, &before), &new))
                }
                _ => self.new_line(&table, &node, name, value, order).ok_or_else(|| by_hand(key)),
            },
        }
    }

    /// Takes a key away, with its line.
    pub(super) fn unset(&self, path: &[Key], key: &str) -> Result<String, Text> {
        let (table, name) = self.table(path, key)?;
        let mut whole = table.clone();
        whole.push(step(name));
        let Some(old) = self.node(&whole) else { return Err(not_there(key)) };
        if is_block(&old) {
            if !self.headers.iter().any(|(_, header)| *header == whole) {
                return Err(by_hand(key));
            }
            return Ok(self.remove(&whole));
        }
        let at_line = self.node(&table).is_some_and(|node| is_block(&node) || table.is_empty());
        let key_span = self.node(&table).and_then(|node| node.key_span(name));
        match (at_line, key_span, old.span()) {
            (true, Some(first), Some(last)) => Ok(self.splice(self.whole_lines(first.start..last.end), "")),
            _ => Err(by_hand(key)),
        }
    }

    /// Adds a block that begins with an empty line at the end of a line.
    pub(super) fn add(&self, at: usize, block: &str) -> String {
        let block = if at == 0 { block.trim_start_matches('\n') } else { block };
        let (before, after) = self.text.split_at(at);
        let new_line = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        let gap = if at == 0 && !after.is_empty() { "\n" } else { "" };
        format!("{before}{new_line}{block}{gap}{after}")
    }

    /// Takes a block away with the tables within, its leading comment and the empty lines before it.
    pub(super) fn remove(&self, path: &[Key]) -> String {
        let range = self.extent(path);
        let start = self.text[..range.start].trim_end_matches(['\n', '\r', ' ', '\t']).len();
        let start = self.text[start..range.start].find('\n').map_or(range.start, |at| start + at + 1);
        self.splice(start..range.end, "")
    }

    /// The end of a block and the tables within.
    pub(super) fn end(&self, path: &[Key]) -> usize {
        self.extent(path).end
    }

    /// The end of a list's last table, or else of the tables named `before` it and the keys of its own.
    pub(super) fn end_of_list(&self, path: &[Key], list: &str, before: &[&str]) -> usize {
        let mut of_list = path.to_vec();
        of_list.push(Key::Name(list.to_owned()));
        match self.headers.iter().rfind(|(_, header)| header.starts_with(&of_list)) {
            Some((start, _)) => self.trimmed(self.next_header(*start)),
            None if path.is_empty() => self.trimmed(self.text.len()),
            None => self.end_of_tables(path, before),
        }
    }

    /// The end of the last of the tables named `before` within a block, or else of its own keys.
    fn end_of_tables(&self, path: &[Key], before: &[&str]) -> usize {
        let named = |header: &[Key]| {
            header.starts_with(path)
                && matches!(header.get(path.len()), Some(Key::Name(name)) if before.contains(&name.as_str()))
        };
        match self.headers.iter().rfind(|(_, header)| named(header)) {
            Some((start, _)) => self.trimmed(self.next_header(*start)),
            None => self.own_end(path),
        }
    }

    /// From a table's header to the end of the last table within.
    fn extent(&self, path: &[Key]) -> Range<usize> {
        let Some(first) = self.headers.iter().position(|(_, header)| header == path) else { return 0..0 };
        let start = self.headers[first].0;
        let next = self.headers[first..].iter().find(|(_, header)| !header.starts_with(path));
        start..self.trimmed(next.map_or(self.text.len(), |(next, _)| *next))
    }

    /// The end of the keys that stand under a table's own header.
    fn own_end(&self, path: &[Key]) -> usize {
        let start = self.headers.iter().find(|(_, header)| header == path).map(|(start, _)| *start);
        let end = match start {
            Some(start) => self.next_header(start),
            None => self.headers.first().map_or(self.text.len(), |(first, _)| *first),
        };
        self.trimmed(end)
    }

    fn next_header(&self, start: usize) -> usize {
        self.headers.iter().find(|(other, _)| *other > start).map_or(self.text.len(), |(next, _)| *next)
    }

    /// `end` without the empty lines and comments that stand before it: they lead in what follows.
    fn trimmed(&self, mut end: usize) -> usize {
        while end > 0 {
            let line_start = self.text[..end - 1].rfind('\n').map_or(0, |at| at + 1);
            let line = self.text[line_start..end].trim();
            if end == self.text.len() && !self.text.ends_with('\n') && !line.is_empty() {
                break;
            }
            if !line.is_empty() && (!line.starts_with('#') || end == self.text.len()) {
                break;
            }
            end = line_start;
        }
        end
    }

    /// A new line for a key of a table, behind the last key that stands before it in `order`.
    fn new_line(&self, table: &[Key], node: &Node<'_>, name: &str, value: &Json, order: &[String]) -> Option<String> {
        let place = |key: &str| order.iter().position(|one| one == key).unwrap_or(order.len());
        let mut lines: Vec<(usize, usize, &str)> = Vec::new();
        for (key, key_span, child) in node.children() {
            if !is_block(&child) {
                lines.push((key_span?.start, child.span()?.end, key));
            }
        }
        lines.sort_unstable();
        let columns = lines.iter().map(|(start, end, key)| {
            let line = &self.text[*start..*end];
            line.find('=').map_or(key.len(), |at| line[..at].trim_end_matches(' ').len().max(at.saturating_sub(1)))
        });
        let columns = columns.min().unwrap_or(name.len());
        let line = house::line(name, value, columns);
        let before = lines.iter().rfind(|(_, _, key)| place(key) <= place(name));
        let at = match (before, lines.first()) {
            (Some((_, end, _)), _) => self.line_end(*end),
            (None, Some((start, ..))) => self.text[..*start].rfind('\n').map_or(0, |at| at + 1),
            (None, None) => self.line_end(self.headers.iter().find(|(_, header)| header == table)?.0),
        };
        let new_line = if at > 0 && !self.text[..at].ends_with('\n') { "\n" } else { "" };
        Some(self.splice(at..at, &format!("{new_line}{line}")))
    }

    /// A new key at the end of a table on one line.
    fn new_cell(&self, node: &Node<'_>, name: &str, value: &Json) -> Option<String> {
        let span = node.span()?;
        let inside = self.text.get(span.start + 1..span.end.checked_sub(1)?)?;
        let new = format!("{} = {}", house::key(name), house::inline(value));
        let at = span.start + 1 + inside.trim_end().len();
        Some(if inside.trim().is_empty() {
            self.splice(span, &format!("{{ {new} }}"))
        } else {
            self.splice(at..at, &format!(", {new}"))
        })
    }

    /// The way to the table of a dotted key, and the key within.
    fn table<'k>(&self, path: &[Key], key: &'k str) -> Result<(Vec<Key>, &'k str), Text> {
        let mut table = path.to_vec();
        let (tables, name) = key.rsplit_once('.').unwrap_or(("", key));
        table.extend(tables.split('.').filter(|step| !step.is_empty()).map(step));
        if name.is_empty() || self.node(&table).is_none() { Err(not_there(key)) } else { Ok((table, name)) }
    }

    fn line_end(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.text.len(), |at| from + at + 1)
    }

    fn whole_lines(&self, span: Range<usize>) -> Range<usize> {
        self.text[..span.start].rfind('\n').map_or(0, |at| at + 1)..self.line_end(span.end)
    }

    fn splice(&self, range: Range<usize>, new: &str) -> String {
        // The text before and after `range` is taken over as it stands: that is what keeps a hand's layout.
        let ends_line = range.end > range.start && self.text[range.clone()].ends_with('\n') && !new.is_empty();
        let new_line = if ends_line { "\n" } else { "" };
        format!("{}{new}{new_line}{}", &self.text[..range.start], &self.text[range.end..])
    }
}

/// Every table with a header of its own.
fn collect(node: &Node<'_>, path: &mut Vec<Key>, text: &str, headers: &mut Vec<(usize, Vec<Key>)>) {
    let mut descend = |key: Key, child: Node<'_>| {
        path.push(key);
        if let (true, Some(span)) = (child.is_table(), child.span())
            && text[span.start..].starts_with('[')
        {
            let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            headers.push((line_start, path.clone()));
        }
        if is_block(&child) {
            collect(&child, path, text, headers);
        }
        path.pop();
    };
    for (key, _, child) in node.children() {
        descend(Key::Name(key.to_owned()), child);
    }
    if is_block(node) {
        for (index, child) in node.elements().into_iter().enumerate() {
            descend(Key::Index(index), child);
        }
    }
}

/// Whether a node is written as tables with headers (or dotted keys), not as a value behind an equals sign.
fn is_block(node: &Node<'_>) -> bool {
    node.value().is_none()
}

fn inside(path: &[Key], list: &str) -> bool {
    path.iter().any(|key| matches!(key, Key::Name(name) if name == list))
}

fn step(step: &str) -> Key {
    step.parse().map_or_else(|_| Key::Name(step.to_owned()), Key::Index)
}

/// The name of a table in its header: indices of lists are told by where the header stands.
fn header(path: &[Key]) -> String {
    let names = path.iter().filter_map(|key| match key {
        Key::Name(name) => Some(house::key(name)),
        Key::Index(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}

fn not_there(key: &str) -> Text {
    Text::new(format!("không có khoá `{key}`"), format!("there is no key `{key}`"))
}

fn by_hand(key: &str) -> Text {
    Text::new(
        format!("`{key}` được viết theo cách không sửa tự động được; hãy sửa trong tệp"),
        format!("`{key}` is laid out in a way that cannot be edited here; edit the file"),
    )
}
