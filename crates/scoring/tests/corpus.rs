//! The fuzzers' corpus as an ordinary test.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "corpus/targets.rs"]
mod targets;

fn run(name: &str, target: fn(&[u8])) {
    let folder = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        target(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count > 2, "{name}: the corpus is missing");
}

#[test]
fn the_corpus_of_sets_is_read_without_a_panic() {
    run("set_reader", targets::set_reader);
}

#[test]
fn the_corpus_of_csv_figures_is_read_without_a_panic() {
    run("figures_csv", targets::figures_csv);
}

#[test]
fn the_corpus_of_json_figures_is_read_without_a_panic() {
    run("figures_json", targets::figures_json);
}

#[test]
fn a_row_of_csv_is_named_by_its_line_in_the_file() {
    for end in ["\n", "\r\n"] {
        let lines = ["unit,indicator,figure,value", "", "A,I.1,x,1", "", "", "B,I.1,x,\"2", "3\"", "C,I.1,x,4", ""];
        let rows = scoring::input::from_csv("f.csv", lines.join(end).as_bytes()).unwrap();
        let places: Vec<&str> = rows.iter().map(|row| row.place.as_str()).collect();
        assert_eq!(places, ["f.csv:3", "f.csv:6", "f.csv:8"], "{end:?}");
    }
}
