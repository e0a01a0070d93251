#![no_main]

#[path = "../../crates/scoring/tests/corpus/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::figures_json(bytes));
