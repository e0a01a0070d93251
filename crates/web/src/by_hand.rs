//! What people changed of an indicator since it was imported, told by marks that are kept of each field.

use std::collections::BTreeMap;

use criteria::model::Indicator;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::view::L;

/// Fields of words and points, with what people call them; all others are the rule's.
const FIELDS: [(&str, &str, &str); 10] = [
    ("no", "số", "number"),
    ("name", "tên", "name"),
    ("points", "điểm tối đa", "points"),
    ("due", "thời hạn", "deadlines"),
    ("guidance", "nội dung thực hiện", "what is to be done"),
    ("text", "cách tính điểm", "conditions and scoring"),
    ("notes", "ghi chú", "notes"),
    ("source", "nguồn số liệu", "source"),
    ("appraiser", "cơ quan thẩm định", "appraiser"),
    ("evidence", "tài liệu kiểm chứng", "evidence"),
];
/// The mark of figures, rule and modifiers together.
const RULE: &str = "rule";
/// What says nothing of the document: who it is, and what is in doubt.
const ASIDE: [&str; 2] = ["id", "uncertain"];

/// A mark of each field: what differs from it later was changed.
pub type Marks = BTreeMap<String, String>;

fn mark(value: &Json) -> String {
    Sha256::digest(value.to_string()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The marks of an indicator as it stands.
pub fn marks(one: &Indicator) -> Marks {
    let Ok(Json::Object(mut all)) = serde_json::to_value(one) else { return Marks::new() };
    all.retain(|key, _| !ASIDE.contains(&key.as_str()));
    let words: Vec<(String, Json)> =
        FIELDS.iter().filter_map(|(key, ..)| Some(((*key).to_owned(), all.remove(*key)?))).collect();
    let mut marks: Marks = words.iter().map(|(key, value)| (key.clone(), mark(value))).collect();
    marks.insert(RULE.to_owned(), mark(&Json::Object(all)));
    marks
}

/// Whether the rule was changed since.
pub fn is_rule_changed(was: &Marks, one: &Indicator) -> bool {
    was.get(RULE).is_some_and(|was| marks(one).get(RULE) != Some(was))
}

/// The fields of words and points that were changed since, as people call them; nothing where no marks were kept.
pub fn changed(l: L, was: &Marks, one: &Indicator) -> String {
    if was.is_empty() {
        return String::new();
    }
    let now = marks(one);
    let names = FIELDS.iter().filter(|(key, ..)| was.get(*key) != now.get(*key));
    names.map(|(_, vi, en)| l.say(vi, en)).collect::<Vec<_>>().join(", ")
}
