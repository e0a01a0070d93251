//! Putting a draft of a criteria set right: which text of its files is an indicator's rule, what a form changes, and
//! where each indicator stands in the document that the draft was made of.

use std::collections::BTreeMap;
use std::ops::Range;

use criteria::date::{Day, MonthDay};
use criteria::model::{Evidence, Indicator};
use criteria::quote::ELLIPSIS;
use criteria::write::{Edit, Place, SetText};
use criteria::{CriteriaSet, Files, Number, Problem, Text};
use documents::import::report::REPORT_FILE;
use documents::import::table::Place as PaperPlace;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::by_hand::{Marks, marks};

/// The file of a draft that leads its indicators to lines of the document.
pub const ANCHORS_FILE: &str = "anchors.json";
/// Most pieces of evidence that the form of an indicator takes.
pub const EVIDENCE_MAX: usize = 40;
/// Letters of a name that are looked for in the document.
const NAME_LETTERS: usize = 60;

/// What stands in the fields of a form, by name.
pub type Fields = BTreeMap<String, String>;

/// Where an indicator stands in the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The line of the text that is kept, from 1.
    pub line: Option<usize>,
    /// The place in the document as people find it.
    pub place: Text,
    /// What it was as imported.
    #[serde(default)]
    pub was: Marks,
}

/// Where every indicator of a draft stands.
pub fn anchors(draft: &documents::import::Draft) -> BTreeMap<String, Anchor> {
    let text = draft.set.sources.first().map(|source| source.text.as_str()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let mut from = 0;
    let mut found = BTreeMap::new();
    // What the files say is what a person changes.
    let read = CriteriaSet::read("", &draft.files).ok();
    for trace in draft.report.indicators() {
        let printed = trace.places.values().flatten().filter_map(|place| match place {
            PaperPlace::Text { line, .. } => Some(*line),
            PaperPlace::Sheet { .. }
            | PaperPlace::Table { .. }
            | PaperPlace::Page { .. }
            | PaperPlace::Paragraph { .. } => None,
        });
        let line = printed.min().or_else(|| {
            // The copy of a packed document has a line for each row: the next one that holds the name is it.
            let name = &draft.set.indicator(&trace.id)?.name;
            let name: String = name.split(ELLIPSIS).next()?.trim().chars().take(NAME_LETTERS).collect();
            let at = lines.get(from..)?.iter().position(|line| !name.is_empty() && line.contains(&name))?;
            Some(from + at + 1)
        });
        from = line.unwrap_or(from);
        let place = trace.places.get("name").or_else(|| trace.places.values().next()).and_then(|places| places.first());
        let place = place.map_or_else(|| Text::new("", ""), PaperPlace::text);
        let was = read.as_ref().and_then(|set| set.indicator(&trace.id)).map(marks).unwrap_or_default();
        found.insert(trace.id.clone(), Anchor { line, place, was });
    }
    found
}

/// The files of a draft that was just made, with the one that leads its indicators to the document.
pub fn with_anchors(draft: documents::import::Draft) -> Files {
    let anchors = serde_json::to_string(&anchors(&draft)).unwrap_or_default();
    let mut files = draft.files;
    files.insert(ANCHORS_FILE.to_owned(), anchors);
    files
}

/// What the import proposed for an indicator.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The kind of the rule.
    pub kind: String,
    /// How sure it is: `high`, `medium`, `low`.
    pub confidence: String,
    /// The words that it rests on.
    pub words: Vec<String>,
    /// What is unsure.
    pub doubts: Vec<Text>,
}

/// What the import said of the document as a whole, and of each indicator.
pub fn report(files: &Files) -> (Vec<Text>, BTreeMap<String, Proposal>) {
    let report: Json = files.get(REPORT_FILE).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let texts = |value: &Json| -> Vec<Text> { serde_json::from_value(value.clone()).unwrap_or_default() };
    let word = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let mut whole = texts(&report["warnings"]);
    whole.extend(texts(&report["doubts"]));
    let traces = report["traces"].as_array().into_iter().flatten().filter(|one| one["kind"] == "indicator");
    let proposals = traces.map(|one| {
        let rule = &one["rule"];
        let words = rule["words"].as_array().into_iter().flatten().map(word).collect();
        let (kind, confidence) = (word(&rule["kind"]), word(&rule["confidence"]));
        (word(&one["id"]), Proposal { kind, confidence, words, doubts: texts(&one["doubts"]) })
    });
    (whole, proposals.collect())
}

/// The places of a draft's indicators, as they were found when it was imported.
pub fn kept_anchors(files: &Files) -> BTreeMap<String, Anchor> {
    files.get(ANCHORS_FILE).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Something that cannot be taken as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field; empty for the draft as a whole.
    pub field: String,
    /// What is wrong and what to do.
    pub message: Text,
    /// The line that it stands in, with a caret under the place.
    pub excerpt: Option<String>,
}

impl Wrong {
    fn of(field: &str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: Text::new(vi, en), excerpt: None }
    }
}

/// What a form made of a draft.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The files from now on.
    pub files: Files,
    /// Before and after, by key.
    pub what: Json,
}

/// Where an indicator's figures, rule and modifiers stand in the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// The file.
    pub file: String,
    /// The bytes.
    pub span: Range<usize>,
}

/// Finds the text of an indicator's rule: from its figures to the end of its block.
pub fn rule_text(files: &Files, set: &CriteriaSet, id: &str) -> Option<RuleText> {
    set.head.pillars.iter().find_map(|file| {
        let span = rule_span(files.get(file)?, id)?;
        Some(RuleText { file: file.clone(), span })
    })
}

fn rule_span(text: &str, id: &str) -> Option<Range<usize>> {
    let wanted = format!("\"{id}\"");
    let (mut offset, mut found, mut in_block) = (0, false, false);
    let mut begin = None;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let bare = line.trim_end();
        if matches!(bare, "[[indicator]]" | "[[group]]" | "[pillar]") {
            if found {
                return Some(without_space(text, begin.unwrap_or(start)..start));
            }
            in_block = bare == "[[indicator]]";
            begin = None;
            continue;
        }
        if !in_block || begin.is_some() {
            continue;
        }
        let key = bare.split_once('=').map(|(key, _)| key.trim_end()).unwrap_or_default();
        let value = bare.split_once('=').map(|(_, value)| value.trim()).unwrap_or_default();
        if key == "id" {
            found = value == wanted;
        }
        let own = ["exempt", "figures", "rule", "gate", "late"].contains(&key);
        if own || bare.starts_with("[indicator.") || bare.starts_with("[[indicator.") {
            begin = Some(start);
        }
    }
    found.then(|| without_space(text, begin.unwrap_or(offset)..offset))
}

fn without_space(text: &str, span: Range<usize>) -> Range<usize> {
    let length = text.get(span.clone()).map_or(0, |part| part.trim_end().len());
    span.start..span.start + length
}

/// A problem of a file as a form tells it: within `shown`, lines are counted from its beginning.
pub fn told(problem: &Problem, field: &str, files: &Files, shown: Option<&RuleText>) -> Wrong {
    let text = files.get(&problem.file).map(String::as_str).unwrap_or_default();
    let within = shown.filter(|shown| {
        shown.file == problem.file && problem.span.as_ref().is_some_and(|span| shown.span.contains(&span.start))
    });
    let before = within.map_or(0, |shown| text[..shown.span.start].matches('\n').count());
    let line = problem.line.saturating_sub(before);
    let (vi, en) = (&problem.message.vi, &problem.message.en);
    let message = match (within, problem.line) {
        (Some(_), _) => Text::new(format!("dòng {line}: {vi}"), format!("line {line}: {en}")),
        (None, 0) => Text::new(format!("{}: {vi}", problem.file), format!("{}: {en}", problem.file)),
        (None, _) => {
            Text::new(format!("{}, dòng {line}: {vi}", problem.file), format!("{}, line {line}: {en}", problem.file))
        }
    };
    let excerpt = problem.line.checked_sub(1).and_then(|at| text.lines().nth(at)).map(|words| {
        let gap = words.chars().take(problem.column.saturating_sub(1));
        let gap: String = gap.map(|letter| if letter == '\t' { '\t' } else { ' ' }).collect();
        format!("{words}\n{gap}^")
    });
    Wrong { field: field.to_owned(), message, excerpt }
}

/// A file of the draft as it is typed, put in the place of what stood there. Where the draft reads, it must go on reading.
///
/// # Errors
/// Every problem of the files as they would be.
pub fn change_file(files: &Files, file: &str, typed: &str) -> Result<Changed, Vec<Wrong>> {
    let mut next = files.clone();
    let before = next.insert(file.to_owned(), lines_of(typed)).unwrap_or_default();
    let problems = CriteriaSet::read("", &next).err().unwrap_or_default();
    if !problems.is_empty() && CriteriaSet::read("", files).is_ok() {
        return Err(problems.iter().map(|one| told(one, "text", &next, None)).collect());
    }
    let what = json!({ file: [before, next.get(file)] });
    Ok(Changed { files: next, what })
}

/// Text as it was typed in a browser, with the line ends of the files.
fn lines_of(typed: &str) -> String {
    typed.replace("\r\n", "\n").replace('\r', "\n")
}

/// A number as people type it.
fn number(typed: &str) -> Option<Number> {
    Number::parse(&typed.trim().replace(',', ".")).filter(|number| *number >= Number::ZERO)
}

/// Days as people type them: `31/10, 15/11`.
fn days(typed: &str) -> Option<Vec<MonthDay>> {
    let typed = typed.split([',', ';']).map(str::trim).filter(|day| !day.is_empty());
    let day = |typed: &str| {
        let (day, month) = typed.split_once(['/', '-', '.'])?;
        let (day, month): (u8, u8) = (day.trim().parse().ok()?, month.trim().parse().ok()?);
        MonthDay::parse(&format!("{month:02}-{day:02}"))
    };
    typed.map(day).collect()
}

/// The evidence in the fields.
pub fn evidence_of(fields: &Fields) -> Result<Vec<Evidence>, Vec<Wrong>> {
    let text = |name: String| fields.get(&name).map(|value| value.trim().to_owned()).unwrap_or_default();
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for at in 0..EVIDENCE_MAX {
        let (what, least) = (lines_of(&text(format!("evidence-{at}-what"))), text(format!("evidence-{at}-least")));
        if what.is_empty() {
            continue;
        }
        let at_least = match least.parse::<u32>() {
            _ if least.is_empty() => None,
            Ok(least) if least > 0 => Some(least),
            _ => {
                wrong.push(Wrong::of(
                    &format!("evidence-{at}-least"),
                    format!("“{least}” không phải là số lượng"),
                    format!("\"{least}\" is no count"),
                ));
                None
            }
        };
        found.push(Evidence { what, signed: fields.contains_key(&format!("evidence-{at}-signed")), at_least });
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

/// What stands in the form of an indicator.
pub fn fields(files: &Files, set: &CriteriaSet, one: &Indicator) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: &str| drop(fields.insert(name.to_owned(), value.to_owned()));
    put("no", &one.no);
    put("name", &one.name);
    put("points", &one.points.map(|points| points.to_string().replace('.', ",")).unwrap_or_default());
    put("due", &crate::pages::set_view::due(&one.due));
    for (name, value) in words_of(one) {
        put(name, value.as_deref().unwrap_or_default());
    }
    for (at, evidence) in one.evidence.iter().enumerate() {
        put(&format!("evidence-{at}-what"), &evidence.what);
        if evidence.signed {
            put(&format!("evidence-{at}-signed"), "yes");
        }
        if let Some(least) = evidence.at_least {
            put(&format!("evidence-{at}-least"), &least.to_string());
        }
    }
    let rule = rule_text(files, set, &one.id).and_then(|rule| files.get(&rule.file)?.get(rule.span));
    put("rule", rule.unwrap_or_default());
    fields
}

/// The fields of an indicator that are words of the document and may be left out.
fn words_of(one: &Indicator) -> [(&'static str, &Option<String>); 5] {
    [
        ("guidance", &one.guidance),
        ("text", &one.text),
        ("notes", &one.notes),
        ("source", &one.source),
        ("appraiser", &one.appraiser),
    ]
}

/// Changes an indicator as its form says.
///
/// # Errors
/// Everything that cannot be taken, by field.
pub fn change(files: &Files, id: &str, typed: &Fields) -> Result<Changed, Vec<Wrong>> {
    let opened = SetText::open("", files).map_err(|problems| all_told(&problems, "", files))?;
    let text = |name: &str| typed.get(name).map(|value| lines_of(value).trim().to_owned()).unwrap_or_default();
    let mut wrong = Vec::new();
    let mut what = Map::new();
    let mut candidate = opened;
    if let Some(rule) = rule_text(files, candidate.set(), id)
        && typed.contains_key("rule")
    {
        let before = files.get(&rule.file).and_then(|text| text.get(rule.span.clone())).unwrap_or_default().to_owned();
        let after = text("rule");
        if after != before.trim() {
            let mut next = files.clone();
            if let Some(text) = next.get_mut(&rule.file) {
                text.replace_range(rule.span.clone(), &after);
            }
            let ids = |set: &CriteriaSet| set.indicators().map(|one| one.id.clone()).collect::<Vec<_>>();
            match SetText::open("", &next) {
                Ok(read) if ids(read.set()) == ids(candidate.set()) => {
                    what.insert("rule".to_owned(), json!([before, after]));
                    candidate = read;
                }
                Ok(_) => wrong.push(Wrong::of(
                    "rule",
                    "chỗ này chỉ ghi số liệu và cách tính của chính chỉ số này, không thêm bớt chỉ số khác",
                    "this holds the figures and the rule of this indicator only; it adds and removes no other",
                )),
                Err(problems) => {
                    let span = rule.span.start..rule.span.start + after.len() + 1;
                    let shown = RuleText { file: rule.file, span };
                    wrong.extend(problems.iter().map(|one| told(one, "rule", &next, Some(&shown))));
                }
            }
        }
    }
    let Some(now) = candidate.set().indicator(id).cloned() else {
        return Err(vec![Wrong::of("", format!("không có chỉ số “{id}”"), format!("there is no indicator \"{id}\""))]);
    };
    let at = Place::Indicator(id.to_owned());
    let mut edits = Vec::new();
    let mut put = |key: &str, before: Json, after: Json| {
        what.insert(key.to_owned(), json!([before, after]));
        let (at, key) = (at.clone(), key.to_owned());
        edits.push(if after.is_null() { Edit::Unset { at, key } } else { Edit::Set { at, key, value: after } });
    };
    for (key, before) in [("no", &now.no), ("name", &now.name)] {
        let after = text(key);
        if after.is_empty() {
            wrong.push(Wrong::of(key, "Chưa ghi", "This is missing"));
        } else if after != before.trim() {
            put(key, json!(before), json!(after));
        }
    }
    let points = text("points");
    match number(&points) {
        _ if points.is_empty() => {
            if now.points.is_some() {
                put("points", json!(now.points), Json::Null);
            }
        }
        Some(points) if now.points != Some(points) => put("points", json!(now.points), json!(points)),
        Some(_) => {}
        None => wrong.push(Wrong::of(
            "points",
            format!("“{points}” không phải là số điểm (ví dụ 10 hoặc 2,5)"),
            format!("\"{points}\" is no number of points (such as 10 or 2.5)"),
        )),
    }
    let due = text("due");
    match days(&due) {
        Some(days) if days != now.due.days() => {
            let after = if days.is_empty() { Json::Null } else { one_or_several(&days) };
            put("due", one_or_several(now.due.days()), after);
        }
        Some(_) => {}
        None => wrong.push(Wrong::of(
            "due",
            format!("“{due}” không phải là các ngày trong năm (ví dụ 31/10, 15/11)"),
            format!("\"{due}\" are no days of a year (such as 31/10, 15/11)"),
        )),
    }
    for (key, before) in words_of(&now) {
        let (before, after) = (before.as_deref().unwrap_or_default(), text(key));
        if after != before.trim() {
            put(key, json!(before), if after.is_empty() { Json::Null } else { json!(after) });
        }
    }
    match evidence_of(typed) {
        Ok(evidence) if evidence != now.evidence => {
            put("evidence", json!(now.evidence), if evidence.is_empty() { Json::Null } else { json!(evidence) });
        }
        Ok(_) => {}
        Err(found) => wrong.extend(found),
    }
    if typed.contains_key("read") && now.uncertain.is_some() {
        put("uncertain", json!(now.uncertain), Json::Null);
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    candidate.edit(&edits).map_err(|problems| all_told(&problems, "", candidate.files()))?;
    Ok(Changed { files: candidate.files().clone(), what: Json::Object(what) })
}

fn one_or_several(days: &[MonthDay]) -> Json {
    match days {
        [day] => json!(day),
        _ => json!(days),
    }
}

fn all_told(problems: &[Problem], field: &str, files: &Files) -> Vec<Wrong> {
    problems.iter().map(|one| told(one, field, files, None)).collect()
}

/// What stands in the form of a set's head.
pub fn head_fields(set: &CriteriaSet) -> Fields {
    let head = &set.head;
    let date = head.document.date.to_string();
    let date = date.split('-').rev().collect::<Vec<_>>().join("/");
    [
        ("id", head.id.clone()),
        ("title", head.title.clone()),
        ("level", head.level.clone()),
        ("year", head.year.to_string()),
        ("total", head.total.map(|total| total.to_string().replace('.', ",")).unwrap_or_default()),
        ("document.kind", head.document.kind.clone()),
        ("document.number", head.document.number.clone()),
        ("document.date", date),
        ("document.issuer", head.document.issuer.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// Whether an id may name a set: what folders and addresses can be called everywhere.
fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.len() <= 80 && id.bytes().all(fits) && !["compare", "import", "drafts"].contains(&id)
}

/// Changes the head of a draft as its form says.
///
/// # Errors
/// Everything that cannot be taken, by field.
pub fn change_head(files: &Files, typed: &Fields) -> Result<Changed, Vec<Wrong>> {
    let mut opened = SetText::open("", files).map_err(|problems| all_told(&problems, "", files))?;
    let before = head_fields(opened.set());
    let mut wrong = Vec::new();
    let mut what = Map::new();
    let mut edits = Vec::new();
    for (key, before) in &before {
        let after = typed.get(key).map(|value| lines_of(value).trim().to_owned()).unwrap_or_default();
        if after == before.trim() {
            continue;
        }
        let value = match key.as_str() {
            "id" if !is_id(&after) => Err(Text::new(
                "Mã chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối",
                "An id has lower-case letters without marks, digits and hyphens only",
            )),
            "year" => match after.parse::<i16>() {
                Ok(year) if (2000..=2100).contains(&year) => Ok(json!(year)),
                _ => Err(Text::new("Năm là số từ 2000 đến 2100", "The year is a number from 2000 to 2100")),
            },
            "total" if after.is_empty() => Ok(Json::Null),
            "total" => number(&after)
                .map(|total| json!(total))
                .ok_or_else(|| Text::new("Tổng điểm là một số, ví dụ 600", "The total is a number, such as 600")),
            "document.date" => {
                let parts: Vec<&str> = after.split('/').collect();
                let day = match parts.as_slice() {
                    [day, month, year] => Day::parse(&format!("{year}-{month:0>2}-{day:0>2}")),
                    _ => None,
                };
                day.map(|day| json!(day)).ok_or_else(|| Text::new("Ngày ghi như 27/9/2023", "A day such as 27/9/2023"))
            }
            _ if after.is_empty() => Err(Text::new("Chưa ghi", "This is missing")),
            _ => Ok(json!(after)),
        };
        match value {
            Err(message) => wrong.push(Wrong { field: key.clone(), message, excerpt: None }),
            Ok(value) => {
                what.insert(key.clone(), json!([before, after]));
                let (at, key) = (Place::Head, key.clone());
                edits.push(if value.is_null() { Edit::Unset { at, key } } else { Edit::Set { at, key, value } });
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    opened.edit(&edits).map_err(|problems| all_told(&problems, "", opened.files()))?;
    Ok(Changed { files: opened.files().clone(), what: Json::Object(what) })
}

/// Answers a reading, and says whether it is decided.
///
/// # Errors
/// There is no such reading or answer.
pub fn answer(files: &Files, reading: &str, answer: &str, decided: bool) -> Result<Changed, Vec<Wrong>> {
    let mut opened = SetText::open("", files).map_err(|problems| all_told(&problems, "", files))?;
    let known = opened.set().head.readings.iter().find(|one| one.id == reading).cloned();
    let Some(known) = known.filter(|one| one.variants.iter().any(|variant| variant.id == answer)) else {
        return Err(vec![Wrong::of(
            "",
            "không có cách hiểu hoặc câu trả lời này",
            "there is no such reading or answer",
        )]);
    };
    let status = if decided { "decided" } else { "open" };
    let set = |key: &str, value: &str| {
        let (at, key) = (Place::Reading(reading.to_owned()), key.to_owned());
        Edit::Set { at, key, value: json!(value) }
    };
    let edits = [set("answer", answer), set("status", status)];
    opened.edit(&edits).map_err(|problems| all_told(&problems, "", opened.files()))?;
    let what = json!({ "answer": [known.answer, answer], "status": [known.status, status] });
    Ok(Changed { files: opened.files().clone(), what })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PILLAR: &str = "[pillar]\nno = \"I\"\n\n[[indicator]]\nid   = \"I.1\"\nname = \"Một\"\nfigures = [\n  { id = \
                          \"n\" },\n]\n\n[indicator.rule]\nkind = \"each\"\n\n[[group]]\nid = \"I.2\"\n\n[[indicator]]\nid = \
                          \"I.2.1\"\nname = \"Hai\"\n\n[indicator.rule]\nkind = \"yes-no\"\n";

    #[test]
    fn the_text_of_a_rule_is_its_indicators_own() {
        let of = |id| rule_span(PILLAR, id).map(|span| &PILLAR[span]);
        assert_eq!(of("I.1"), Some("figures = [\n  { id = \"n\" },\n]\n\n[indicator.rule]\nkind = \"each\""));
        assert_eq!(of("I.2.1"), Some("[indicator.rule]\nkind = \"yes-no\""));
        assert_eq!(of("I.2"), None, "a group has no rule");
    }

    #[test]
    fn days_are_read_as_people_type_them() {
        let read = |typed| days(typed).map(|days| days.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        assert_eq!(read("31/10, 15/11").as_deref(), Some("10-31 11-15"));
        assert_eq!(read("1.3").as_deref(), Some("03-01"));
        assert_eq!(read("").as_deref(), Some(""));
        assert_eq!(read("31/2"), None);
        assert_eq!(read("cuối năm"), None);
    }
}
