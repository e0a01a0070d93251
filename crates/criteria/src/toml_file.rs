//! TOML into types, strictly: the schema generated from a type is walked along the file first, so that every
//! problem of a file is told at once, at its place and in both languages; only then is the type built.

use std::ops::Range;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml_edit::{Document, Item, Value};

use crate::date::{Day, MonthDay};
use crate::language::Text;
use crate::limits;
use crate::number::{Edge, Number, Share};
use crate::problem::{Problem, nearest};

/// Reads `text` as a `T`. Every problem found is pushed; `None` when there was one.
pub(crate) fn read<T: DeserializeOwned + JsonSchema>(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<T> {
    if text.len() > limits::SET_FILE_BYTES_MAX {
        let most = limits::SET_FILE_BYTES_MAX;
        problems.push(Problem::of_file(
            file,
            Text::new(
                format!("tệp có {} byte, tối đa {most}", text.len()),
                format!("the file has {} bytes, at most {most} are read", text.len()),
            ),
        ));
        return None;
    }
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            problems.push(Problem::at(file, text, error.span().unwrap_or(0..0), syntax(error.message())));
            return None;
        }
    };
    let before = problems.len();
    let schema = schemars::schema_for!(T);
    let walk = Walk { file, text, root: schema.as_value(), depth_max: limits::TOML_DEPTH_MAX };
    walk.value(schema.as_value(), &Node::Item(document.as_item()), 0..0, 0, problems);
    if problems.len() > before {
        return None;
    }
    match toml_edit::de::from_str(text) {
        Ok(value) => Some(value),
        Err(error) => {
            let message = Text::new(format!("không đọc được: {}", error.message()), error.message());
            problems.push(Problem::at(file, text, error.span().unwrap_or(0..0), message));
            None
        }
    }
}

/// The span of what a path of keys and indices leads to, for problems that are found after reading.
pub(crate) fn locate(text: &str, path: &[Step<'_>]) -> Option<Range<usize>> {
    let document = Document::parse(text).ok()?;
    let mut node = Node::Item(document.as_item());
    let mut span = 0..0;
    for step in path {
        let next = match step {
            Step::Key(key) => {
                node.children().into_iter().find(|(name, ..)| name == key).map(|(_, at, child)| (at, child))
            }
            Step::Index(index) => node.elements().into_iter().nth(*index).map(|child| (child.span(), child)),
        };
        let Some((at, child)) = next else { break };
        span = child.span().or(at).unwrap_or(span);
        node = child;
    }
    Some(span)
}

/// One step of a path into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A syntax error of TOML, whose details the parser tells in English only.
fn syntax(detail: &str) -> Text {
    let detail = detail.trim().replace('\n', "; ");
    if detail.contains("duplicate key") {
        return Text::new("khoá này đã có ở trên", "this key stands above already");
    }
    Text::new(format!("sai cú pháp TOML ({detail})"), format!("not valid TOML: {detail}"))
}

/// A place in a document: the parser has one type for tables in the text and another for inline ones.
pub(crate) enum Node<'a> {
    Item(&'a Item),
    Value(&'a Value),
    Table(&'a toml_edit::Table),
}

impl<'a> Node<'a> {
    pub(crate) fn span(&self) -> Option<Range<usize>> {
        match self {
            Self::Item(item) => item.span(),
            Self::Value(value) => value.span(),
            Self::Table(table) => table.span(),
        }
    }

    pub(crate) fn value(&self) -> Option<&'a Value> {
        match self {
            Self::Item(item) => item.as_value(),
            Self::Value(value) => Some(value),
            Self::Table(_) => None,
        }
    }

    fn type_name(&self) -> &'static str {
        match self.value() {
            None => match self {
                Self::Item(Item::ArrayOfTables(_)) => "array",
                _ => "object",
            },
            Some(Value::String(_)) => "string",
            Some(Value::Integer(_)) => "integer",
            Some(Value::Float(_)) => "number",
            Some(Value::Boolean(_)) => "boolean",
            Some(Value::Datetime(_)) => "datetime",
            Some(Value::Array(_)) => "array",
            Some(Value::InlineTable(_)) => "object",
        }
    }

    /// The keys of a table with their spans and values.
    pub(crate) fn children(&self) -> Vec<(&'a str, Option<Range<usize>>, Node<'a>)> {
        let of_table = |table: &'a toml_edit::Table| {
            table.iter().map(|(key, item)| (key, table.key(key).and_then(|key| key.span()), Node::Item(item))).collect()
        };
        match self {
            Self::Table(table) => of_table(table),
            Self::Item(Item::Table(table)) => of_table(table),
            Self::Item(Item::Value(Value::InlineTable(table))) | Self::Value(Value::InlineTable(table)) => table
                .iter()
                .map(|(key, value)| (key, table.key(key).and_then(|key| key.span()), Node::Value(value)))
                .collect(),
            Self::Item(_) | Self::Value(_) => Vec::new(),
        }
    }

    /// The elements of an array.
    pub(crate) fn elements(&self) -> Vec<Node<'a>> {
        match self {
            Self::Item(Item::ArrayOfTables(tables)) => tables.iter().map(Node::Table).collect(),
            Self::Item(Item::Value(Value::Array(array))) | Self::Value(Value::Array(array)) => {
                array.iter().map(Node::Value).collect()
            }
            Self::Item(_) | Self::Value(_) | Self::Table(_) => Vec::new(),
        }
    }

    /// What a key of a table leads to.
    pub(crate) fn child(&self, name: &str) -> Option<Node<'a>> {
        self.children().into_iter().find(|(key, ..)| *key == name).map(|(_, _, child)| child)
    }

    /// Where a key of a table stands.
    pub(crate) fn key_span(&self, name: &str) -> Option<Range<usize>> {
        self.children().into_iter().find(|(key, ..)| *key == name).and_then(|(_, span, _)| span)
    }

    /// The words of a string.
    pub(crate) fn text(&self) -> Option<&'a str> {
        self.value().and_then(Value::as_str)
    }

    /// Whether it is a table of its own lines, not one behind an equals sign.
    pub(crate) fn is_table(&self) -> bool {
        matches!(self, Self::Table(_) | Self::Item(Item::Table(_)))
    }
}

/// A walk along a document and the schema of its type.
struct Walk<'a> {
    file: &'a str,
    text: &'a str,
    root: &'a Json,
    depth_max: usize,
}

impl Walk<'_> {
    fn report(&self, span: Range<usize>, problems: &mut Vec<Problem>, vi: String, en: String) {
        if problems.len() < limits::PROBLEMS_MAX {
            problems.push(Problem::at(self.file, self.text, span, Text::new(vi, en)));
        }
    }

    fn resolve<'s>(&'s self, mut schema: &'s Json) -> &'s Json {
        while let Some(name) = schema["$ref"].as_str() {
            schema = name.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).unwrap_or(&Json::Null);
        }
        schema
    }

    fn value(&self, schema: &Json, node: &Node<'_>, near: Range<usize>, depth: usize, problems: &mut Vec<Problem>) {
        let schema = self.resolve(schema);
        let span = node.span().unwrap_or(near);
        if depth > self.depth_max {
            let most = self.depth_max;
            return self.report(
                span,
                problems,
                format!("lồng sâu quá {most} cấp"),
                format!("nested more than {most} deep"),
            );
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            return self.any_of(choices, node, span, depth, problems);
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            return if variants.iter().any(|variant| variant["const"].is_string() || variant["enum"].is_array()) {
                let words: Vec<&str> = variants
                    .iter()
                    .flat_map(|variant| variant["const"].as_str().into_iter().chain(strings(&variant["enum"])))
                    .collect();
                self.one_word(&words, node, span, problems)
            } else {
                self.tagged(variants, node, span, depth, problems)
            };
        }
        if schema["enum"].is_array() {
            let words: Vec<&str> = strings(&schema["enum"]).collect();
            return self.one_word(&words, node, span, problems);
        }
        let found = node.type_name();
        let wanted: Vec<&str> = match &schema["type"] {
            Json::String(name) => vec![name],
            Json::Array(names) => names.iter().filter_map(Json::as_str).filter(|name| *name != "null").collect(),
            _ => return,
        };
        if !wanted.contains(&found) {
            let wanted = wanted.first().copied().unwrap_or("string");
            let (vi, en) = (type_word(wanted), type_word(found));
            return self.report(
                span,
                problems,
                format!("cần {}, ở đây là {}", vi.vi, en.vi),
                format!("expected {}, found {}", vi.en, en.en),
            );
        }
        match found {
            "object" => self.table(schema, node, span, depth, problems, None),
            "array" => {
                for element in node.elements() {
                    self.value(&schema["items"], &element, span.clone(), depth + 1, problems);
                }
            }
            "string" => self.string(schema, node, span, problems),
            "integer" => self.integer(schema, node, span, problems),
            _ => {}
        }
    }

    /// An optional value, or one of several types told apart by the TOML type.
    fn any_of(&self, choices: &[Json], node: &Node<'_>, span: Range<usize>, depth: usize, problems: &mut Vec<Problem>) {
        let fitting = choices.iter().map(|choice| self.resolve(choice)).filter(|choice| choice["type"] != "null");
        let found = node.type_name();
        let mut first = None;
        for choice in fitting {
            if choice["type"] == found {
                return self.value(choice, node, span, depth, problems);
            }
            first = first.or(Some(choice));
        }
        if let Some(choice) = first {
            self.value(choice, node, span, depth, problems);
        }
    }

    /// One of several words.
    fn one_word(&self, words: &[&str], node: &Node<'_>, span: Range<usize>, problems: &mut Vec<Problem>) {
        let found = node.value().and_then(Value::as_str);
        if found.is_some_and(|word| words.contains(&word)) {
            return;
        }
        let list = words.join(", ");
        let found = found.unwrap_or("…");
        self.report(
            span,
            problems,
            format!("“{found}” không phải là một trong: {list}"),
            format!("\"{found}\" is not one of: {list}"),
        );
    }

    /// A table whose `kind` says which keys it has.
    fn tagged(
        &self,
        variants: &[Json],
        node: &Node<'_>,
        span: Range<usize>,
        depth: usize,
        problems: &mut Vec<Problem>,
    ) {
        let kinds: Vec<&str> =
            variants.iter().filter_map(|variant| variant["properties"]["kind"]["const"].as_str()).collect();
        let children = node.children();
        let Some((_, _, kind)) = children.iter().find(|(key, ..)| *key == "kind") else {
            let list = kinds.join(", ");
            return self.report(
                span,
                problems,
                format!("thiếu khoá `kind` (một trong: {list})"),
                format!("the key `kind` is missing (one of: {list})"),
            );
        };
        let name = kind.value().and_then(Value::as_str).unwrap_or_default();
        match variants.iter().find(|variant| variant["properties"]["kind"]["const"] == name) {
            Some(variant) => self.table(variant, node, span, depth, problems, Some(name)),
            None => self.one_word(&kinds, kind, kind.span().unwrap_or(span), problems),
        }
    }

    fn table(
        &self,
        schema: &Json,
        node: &Node<'_>,
        span: Range<usize>,
        depth: usize,
        problems: &mut Vec<Problem>,
        kind: Option<&str>,
    ) {
        let properties = schema["properties"].as_object();
        let children = node.children();
        for (key, at, child) in &children {
            let at = at.clone().unwrap_or_else(|| span.clone());
            if let Some(property) = properties.and_then(|properties| properties.get(*key)) {
                self.value(property, child, at, depth + 1, problems);
            } else if schema["additionalProperties"].is_object() {
                self.value(&schema["additionalProperties"], child, at, depth + 1, problems);
            } else {
                let known = properties.into_iter().flatten().map(|(name, _)| name.as_str());
                let of_kind = kind
                    .map(|kind| (format!(" của luật `{kind}`"), format!(" of the rule `{kind}`")))
                    .unwrap_or_default();
                let (hint_vi, hint_en) = nearest(key, known)
                    .map(|meant| (format!("; ý là `{meant}`?"), format!("; did you mean `{meant}`?")))
                    .unwrap_or_default();
                self.report(
                    at,
                    problems,
                    format!("không có khoá `{key}`{}{hint_vi}", of_kind.0),
                    format!("there is no key `{key}`{}{hint_en}", of_kind.1),
                );
            }
        }
        for name in strings(&schema["required"]) {
            if !children.iter().any(|(key, ..)| *key == name) {
                self.report(
                    span.clone(),
                    problems,
                    format!("thiếu khoá `{name}`"),
                    format!("the key `{name}` is missing"),
                );
            }
        }
    }

    fn string(&self, schema: &Json, node: &Node<'_>, span: Range<usize>, problems: &mut Vec<Problem>) {
        let Some(text) = node.value().and_then(Value::as_str) else { return };
        let (fits, vi, en) = match schema["format"].as_str() {
            Some("decimal") => (
                Number::parse(text).is_some(),
                "một số như \"2.5\" (tối đa 6 chữ số lẻ)",
                "a decimal such as \"2.5\" (at most six places)",
            ),
            Some("share") => (Share::parse(text).is_some(), "một tỷ lệ như \"80%\"", "a share such as \"80%\""),
            Some("edge") => (
                Edge::parse(text).is_some(),
                "một số như \"20\" hoặc một tỷ lệ như \"10%\"",
                "a number such as \"20\" or a share such as \"10%\"",
            ),
            Some("month-day") => (
                MonthDay::parse(text).is_some(),
                "một ngày trong năm như \"10-31\" (tháng-ngày)",
                "a day of the year such as \"10-31\" (month-day)",
            ),
            Some("day") => (Day::parse(text).is_some(), "một ngày như \"2023-09-27\"", "a date such as \"2023-09-27\""),
            _ => return,
        };
        if !fits {
            self.report(span, problems, format!("“{text}” không phải là {vi}"), format!("\"{text}\" is not {en}"));
        }
    }

    fn integer(&self, schema: &Json, node: &Node<'_>, span: Range<usize>, problems: &mut Vec<Problem>) {
        let Some(value) = node.value().and_then(Value::as_integer) else { return };
        let (least, most) = match schema["format"].as_str() {
            Some("uint8") => (0, i64::from(u8::MAX)),
            Some("int16") => (i64::from(i16::MIN), i64::from(i16::MAX)),
            Some("uint32") => (0, i64::from(u32::MAX)),
            _ => return,
        };
        if value < least || value > most {
            self.report(
                span,
                problems,
                format!("{value} nằm ngoài {least}…{most}"),
                format!("{value} is not within {least}…{most}"),
            );
        }
    }
}

fn strings(json: &Json) -> impl Iterator<Item = &str> {
    json.as_array().into_iter().flatten().filter_map(Json::as_str)
}

fn type_word(name: &str) -> Text {
    match name {
        "string" => Text::new("một chuỗi trong ngoặc kép", "a string in quotes"),
        "integer" => Text::new("một số nguyên", "a whole number"),
        "number" => {
            Text::new("một số thực (số lẻ phải viết trong ngoặc kép)", "a float (decimals are written in quotes)")
        }
        "boolean" => Text::new("true hoặc false", "true or false"),
        "array" => Text::new("một danh sách", "a list"),
        "datetime" => Text::new("một ngày không có ngoặc kép", "a date without quotes"),
        _ => Text::new("một bảng", "a table"),
    }
}
