//! Files that are made from others stay equal to what makes them. `REGEN=1 ./test` makes them anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::fmt::Write;
use std::process::Command;

use serde_json::Value as Json;

fn thuocdo(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_thuocdo")).args(arguments).env_remove("THUOCDO_LANG").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn compare(file: &str, made: &str) {
    let path = format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("REGEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(kept == made, "{file} is out of date from line {differs:?} on; REGEN=1 ./test makes it anew");
}

#[test]
fn the_findings_are_what_the_checker_prints() {
    let mut page = String::from(
        "# Những gì trình kiểm tra thấy trong các bộ chỉ số và bảng phân công\n\n\
         Trang này do `thuocdo sets check` lập ra từ chính các bộ chỉ số; một phép thử giữ cho nó luôn đúng.\n\
         Lỗi là lỗi của bản chép của chúng tôi (phải bằng 0). Cảnh báo là lỗi hoặc chỗ bỏ ngỏ của văn bản, giữ nguyên như\n\
         in. Ghi chú là điều nên biết.\n",
    );
    let list: Json = serde_json::from_str(&thuocdo(&["sets", "list", "--json"])).unwrap();
    let sets = list.as_array().unwrap().iter().map(|set| set["id"].as_str().unwrap());
    for id in sets.chain(["plans/khe-tre-114-2024", "plans/nghia-phuong-41-2023"]) {
        let checked: Json = serde_json::from_str(&thuocdo(&["sets", "check", id, "--json"])).unwrap();
        let findings = checked["findings"].as_array().unwrap();
        let notes = findings.iter().filter(|finding| finding["severity"] == "note").count();
        write!(page, "\n## {id}\n\n{} lỗi, {} cảnh báo, {notes} ghi chú.\n\n", checked["errors"], checked["warnings"])
            .unwrap();
        page.push_str("| | tại | mã | lời in | nhận xét |\n| --- | --- | --- | --- | --- |\n");
        for finding in findings {
            let cell = |key: &str| {
                let words = finding[key].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
                let short: String = words.chars().take(120).collect();
                let more = if key == "quote" && short.len() < words.len() { " …" } else { "" };
                let shown = if key == "quote" { short } else { words };
                format!("{}{more}", shown.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*"))
            };
            let severity = match finding["severity"].as_str().unwrap() {
                "error" => "lỗi",
                "warning" => "cảnh báo",
                _ => "ghi chú",
            };
            writeln!(
                page,
                "| {severity} | {} | {} | {} | {} |",
                cell("at"),
                cell("code"),
                cell("quote"),
                cell("message")
            )
            .unwrap();
        }
    }
    compare("criteria/FINDINGS.md", &page);
}

#[test]
fn the_made_up_figures_are_what_the_generator_makes() {
    for (set, units) in [("hue-2263-2023-commune", "141"), ("hue-2263-2023-department", "21")] {
        let made = thuocdo(&["made-up", "--set", set, "--units", units]);
        compare(&format!("examples/made-up/{set}.csv"), &made);
    }
}
