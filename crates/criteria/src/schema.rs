//! JSON Schemas of the file formats, made from the types: for editors, and for programs that make such files.

use schemars::JsonSchema;
use serde_json::{Value as Json, json};

use crate::mapping::Mapping;
use crate::model::{ExampleFile, PillarFile, SetHead};
use crate::plan::PlanFile;
use crate::round::Round;

/// Where the schemas are named to stand; nothing is fetched from there.
const ADDRESS: &str = "https://thuocdo.example/schemas/";

/// Every schema with the name of its file below `schemas/`.
pub fn schemas() -> Vec<(&'static str, Json)> {
    vec![
        ("set.json", schema::<SetHead>("set.json", "set.toml: đầu bộ chỉ số (head of a criteria set)")),
        ("pillar.json", schema::<PillarFile>("pillar.json", "Trụ cột của bộ chỉ số (pillar of a criteria set)")),
        ("examples.json", schema::<ExampleFile>("examples.json", "Ví dụ tính điểm (worked examples)")),
        ("plan.json", schema::<PlanFile>("plan.json", "plan.toml: bảng phân công (assignment plan)")),
        ("round.json", schema::<Round>("round.json", "Tệp của kỳ đánh giá (round: year, answers to readings, grades)")),
        ("mapping.json", schema::<Mapping>("mapping.json", "Bảng nối hai bộ chỉ số (mapping between two sets)")),
    ]
}

fn schema<T: JsonSchema>(file: &str, title: &str) -> Json {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Json::Object(keys) = &mut schema {
        // The title and the address come first, where a person looks for them.
        for (key, value) in [("title", json!(title)), ("$id", json!(format!("{ADDRESS}{file}")))] {
            keys.shift_remove(key);
            keys.shift_insert(0, key.to_owned(), value);
        }
    }
    schema
}
