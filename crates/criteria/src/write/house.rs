//! The house layout: how a set is written where no hand has laid it out yet. Keys stand in the order of the types,
//! equals signs under each other, the law's long words in `"""` folded at 120 columns, rules in tables of their own.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::model::{Group, Indicator, IndicatorVariant, PillarFile, Ranking, Reading, ResultScale, Rounding, SetHead};
use crate::plan::PlanFile;
use crate::set::{CriteriaSet, Files, HEAD_FILE};

/// Columns of a line.
const COLUMNS: usize = 120;
/// Columns of the widest cell that the cells of other rows are aligned to.
const CELL_COLUMNS: usize = 44;
/// Columns of the longest words of a list that stand several to a line.
const WORD_COLUMNS: usize = 16;
/// Columns of a key in the tables that hold many: one long key must not move the others.
const KEY_COLUMNS: usize = 9;
/// Keys whose words are the law's own or as long: folded where a line cannot hold them.
const FOLDED: [&str; 6] = ["name", "guidance", "text", "restored", "notes", "uncertain"];
/// The file of the examples where they do not go by pillar.
const EXAMPLES_FILE: &str = "examples/examples.toml";

/// The files of a set that was made in memory; reading them gives the set again.
pub fn to_toml(set: &CriteriaSet) -> Files {
    let mut files: Files = set.sources.iter().map(|source| (source.file.clone(), source.text.clone())).collect();
    files.insert(HEAD_FILE.to_owned(), head(&set.head));
    for (file, content) in set.head.pillars.iter().zip(&set.pillars) {
        files.insert(file.clone(), pillar(content));
    }
    files.extend(examples(set));
    files
}

/// `plan.toml` of a plan that was made in memory; reading it gives the plan again.
pub fn plan_to_toml(plan: &PlanFile) -> String {
    let json = json(plan);
    let lists = ["source", "aside", "position", "assignment", "excluded", "clock", "target"];
    let mut out = String::new();
    let own = without(&json, &[&lists[..], &["document"]].concat());
    lines(&mut out, &own, longest(&own));
    if let Some(Json::Object(document)) = json.get("document") {
        write_table(&mut out, "[document]", document, longest(document));
    }
    for name in lists {
        for item in list(&json, name) {
            write_table(&mut out, &format!("[[{name}]]"), item, longest(item));
        }
    }
    out
}

/// `set.toml`.
fn head(head: &SetHead) -> String {
    let json = json(head);
    let tables = ["document", "period", "rounding", "result", "ranking"];
    let lists = ["source", "aside", "profile", "round"];
    let mut out = String::new();
    let own = without(&json, &[&tables[..], &lists[..], &["reading"]].concat());
    lines(&mut out, &own, longest(&own));
    let silent = |name: &str| match name {
        "rounding" => head.rounding == Rounding::default(),
        "result" => head.result == ResultScale::default(),
        "ranking" => head.ranking == Ranking::default(),
        _ => false,
    };
    for name in tables.into_iter().filter(|name| !silent(name)) {
        if let Some(Json::Object(table)) = json.get(name) {
            let own = without(table, &["grade"]);
            write_table(&mut out, &format!("[{name}]"), &own, longest(&own));
            for grade in list(table, "grade") {
                out.push_str("[[ranking.grade]]\n");
                lines(&mut out, grade, longest(grade));
            }
        }
    }
    for name in lists {
        for item in list(&json, name) {
            write_table(&mut out, &format!("[[{name}]]"), item, longest(item));
        }
    }
    for one in &head.readings {
        out.push_str(&reading(one));
    }
    out
}

/// A reading with its variants, after an empty line.
pub(super) fn reading(reading: &Reading) -> String {
    let json = json(reading);
    let mut out = String::new();
    let own = without(&json, &["variant"]);
    write_table(&mut out, "[[reading]]", &own, longest(&own));
    for variant in list(&json, "variant") {
        out.push_str("[[reading.variant]]\n");
        lines(&mut out, variant, longest(variant));
    }
    out
}

/// A pillar's file: each group stands before the first of its indicators.
fn pillar(file: &PillarFile) -> String {
    let pillar = json(&file.pillar);
    let mut out = String::from("[pillar]\n");
    lines(&mut out, &pillar, longest(&pillar));
    let mut groups = file.groups.iter();
    for one in &file.indicators {
        let group_id = one.group_id();
        if groups.as_slice().iter().any(|group| Some(group.id.as_str()) == group_id) {
            for passed in groups.by_ref() {
                out.push_str(&group(passed));
                if Some(passed.id.as_str()) == group_id {
                    break;
                }
            }
        }
        out.push_str(&indicator(one));
    }
    out.extend(groups.map(group));
    out
}

/// A group, after an empty line.
pub(super) fn group(group: &Group) -> String {
    let json = json(group);
    let mut out = String::new();
    write_table(&mut out, "[[group]]", &json, longest(&json));
    out
}

/// An indicator with all its tables, after an empty line.
pub(super) fn indicator(indicator: &Indicator) -> String {
    let json = json(indicator);
    let tables = ["rule", "gate", "late"];
    let mut out = String::new();
    let own = without(&json, &[&tables[..], &["variant", "fault"]].concat());
    write_table(&mut out, "[[indicator]]", &own, KEY_COLUMNS);
    for name in tables {
        if let Some(Json::Object(table)) = json.get(name) {
            out.push_str(&sub_table(&format!("indicator.{name}"), table));
        }
    }
    for one in &indicator.variants {
        out.push_str(&variant(one));
    }
    for fault in list(&json, "fault") {
        write_table(&mut out, "[[indicator.fault]]", fault, longest(fault));
    }
    out
}

/// What an answer to a reading changes at an indicator, after an empty line.
pub(super) fn variant(variant: &IndicatorVariant) -> String {
    let json = json(variant);
    let mut out = String::new();
    write_table(&mut out, "[[indicator.variant]]", &json, longest(&json));
    out
}

/// A table with a header, after an empty line.
pub(super) fn sub_table(name: &str, table: &Map<String, Json>) -> String {
    let mut out = String::new();
    write_table(&mut out, &format!("[{name}]"), table, longest(table));
    out
}

/// The examples: a file a pillar where reading those files in order keeps the examples in order, else one file.
fn examples(set: &CriteriaSet) -> Files {
    let mut by_pillar: Vec<(String, String)> = Vec::new();
    let mut all = String::new();
    for example in &set.examples {
        let mut own = json(example);
        own.retain(|_, value| {
            !value.as_object().is_some_and(Map::is_empty) && !value.as_array().is_some_and(Vec::is_empty)
        });
        let holds = |pillar: &&PillarFile| pillar.indicators.iter().any(|one| one.id == example.indicator);
        let at = set.pillars.iter().position(|pillar| holds(&pillar)).and_then(|at| set.head.pillars.get(at));
        let file = format!("examples/{}", at.map_or("examples.toml", String::as_str));
        if by_pillar.last().is_none_or(|(last, _)| *last != file) {
            by_pillar.push((file, String::new()));
        }
        for out in by_pillar.last_mut().map(|(_, out)| out).into_iter().chain([&mut all]) {
            out.push_str(if out.is_empty() { "[[example]]\n" } else { "\n[[example]]\n" });
            lines(out, &own, KEY_COLUMNS);
        }
    }
    let in_order = by_pillar.windows(2).all(|pair| pair[0].0 < pair[1].0)
        && by_pillar.iter().all(|(file, _)| file.ends_with(".toml"));
    match (in_order, all.is_empty()) {
        (true, _) => by_pillar.into_iter().collect(),
        (false, true) => Files::new(),
        (false, false) => Files::from([(EXAMPLES_FILE.to_owned(), all)]),
    }
}

/// A value of our types as JSON, whose keys stand in the order of the type.
pub(crate) fn json(value: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(value) {
        Ok(Json::Object(map)) => map,
        // Our types are tables of strings, numbers and lists: none of them fails to become JSON.
        _ => Map::new(),
    }
}

fn without(table: &Map<String, Json>, keys: &[&str]) -> Map<String, Json> {
    table
        .iter()
        .filter(|(key, _)| !keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn list<'a>(table: &'a Map<String, Json>, key: &str) -> impl Iterator<Item = &'a Map<String, Json>> {
    table.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn longest(table: &Map<String, Json>) -> usize {
    table.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| key(name).len()).max().unwrap_or_default()
}

fn write_table(out: &mut String, header: &str, table: &Map<String, Json>, key_columns: usize) {
    out.push('\n');
    out.push_str(header);
    out.push('\n');
    lines(out, table, key_columns);
}

fn lines(out: &mut String, table: &Map<String, Json>, key_columns: usize) {
    for (name, value) in table.iter().filter(|(_, value)| !value.is_null()) {
        out.push_str(&line(name, value, key_columns));
    }
}

/// `key = value` and the end of the line; the value may take several lines.
pub(super) fn line(name: &str, value: &Json, key_columns: usize) -> String {
    let before = format!("{:key_columns$} = ", key(name));
    let value = value_after(name, value, before.chars().count());
    format!("{before}{value}\n")
}

/// A value that stands behind `before` columns of its line.
pub(super) fn value_after(name: &str, value: &Json, before: usize) -> String {
    let short = inline(value);
    let fits = before + short.chars().count() <= COLUMNS;
    match value {
        Json::String(text) if FOLDED.contains(&name) && (!fits || text.contains('\n')) => folded(text),
        Json::Array(items) if items.iter().any(Json::is_object) && (!fits || items.len() > 1) => rows(items),
        Json::Array(items) if !fits => words(items),
        _ => short,
    }
}

/// A value on one line.
pub(crate) fn inline(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => format!("\"{}\"", escaped(text, false)),
        Json::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Json::Object(table) => match cells(table) {
            cells if cells.is_empty() => "{}".to_owned(),
            cells => format!("{{ {} }}", cells.join(", ")),
        },
    }
}

fn cells(table: &Map<String, Json>) -> Vec<String> {
    let present = table.iter().filter(|(_, value)| !value.is_null());
    present.map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect()
}

/// Words of a list too long for one line: short ones fill lines, long ones have a line each.
fn words(items: &[Json]) -> String {
    let words: Vec<String> = items.iter().map(|item| inline(item) + ",").collect();
    let short = words.iter().all(|word| word.chars().count() <= WORD_COLUMNS);
    let mut out = "[".to_owned();
    let mut column = COLUMNS;
    for word in words {
        let width = word.chars().count() + 1;
        if short && column + width <= COLUMNS {
            out.push(' ');
            column += width;
        } else {
            out.push_str("\n  ");
            column = 1 + width;
        }
        out.push_str(&word);
    }
    out + "\n]"
}

/// Tables of a list, one a line, their first short cells under each other.
fn rows(items: &[Json]) -> String {
    let rows: Vec<Vec<String>> = items.iter().map(|item| item.as_object().map(cells).unwrap_or_default()).collect();
    let names = |column: usize| -> Vec<Option<&String>> {
        items
            .iter()
            .map(|item| item.as_object()?.iter().filter(|(_, value)| !value.is_null()).nth(column))
            .map(|cell| Some(cell?.0))
            .collect()
    };
    let mut widths = Vec::new();
    for column in 0.. {
        let names = names(column);
        let width = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        match width {
            Some(width) if width <= CELL_COLUMNS && names.iter().all(|name| name.is_some() && *name == names[0]) => {
                widths.push(width);
            }
            _ => break,
        }
    }
    let mut out = "[\n".to_owned();
    for row in rows {
        out.push_str("  { ");
        for (column, cell) in row.iter().enumerate() {
            let last = column + 1 == row.len();
            out.push_str(cell);
            if !last {
                let pad = widths.get(column).map_or(0, |width| width - cell.chars().count());
                write!(out, ", {:pad$}", "").expect("writing to a string cannot fail");
            }
        }
        out.push_str(" },\n");
    }
    out + "]"
}

/// A key, in quotes where it must be.
pub(super) fn key(name: &str) -> String {
    let bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_owned() } else { format!("\"{}\"", escaped(name, false)) }
}

/// A text in `"""`, folded before a word where the line is full.
fn folded(text: &str) -> String {
    let mut out = "\"\"\"\n".to_owned();
    let mut column = 0;
    let escaped = escaped(text, true);
    let mut rest = escaped.as_str();
    while !rest.is_empty() {
        // A piece is a word with the blanks before it: `\` at the end of a line eats all blanks that follow, so that
        // a line may be folded behind exactly one blank, never within a run of them.
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let end = rest[blanks..].find([' ', '\n']).map_or(rest.len(), |at| blanks + at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        let width = piece.chars().count();
        // Behind a piece may stand the closing quotes, or a blank and a backslash.
        if column > 0 && blanks == 1 && width > 1 && column + width > COLUMNS - 3 {
            out.push_str(" \\\n");
            out.push_str(&piece[1..]);
            column = width - 1;
        } else {
            out.push_str(piece);
            column += width;
        }
        if let Some(after) = rest.strip_prefix('\n') {
            out.push('\n');
            column = 0;
            rest = after;
        }
    }
    out + "\"\"\""
}

/// Text between quotes; in `"""` lines stay lines.
fn escaped(text: &str, several_lines: bool) -> String {
    let keep_quotes = several_lines && !text.contains("\"\"\"") && !text.ends_with('"');
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '"' if !keep_quotes => out.push_str("\\\""),
            '\n' if several_lines => out.push('\n'),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            control if control.is_ascii_control() => {
                write!(out, "\\u{:04X}", u32::from(control)).expect("writing to a string cannot fail");
            }
            letter => out.push(letter),
        }
    }
    out
}
