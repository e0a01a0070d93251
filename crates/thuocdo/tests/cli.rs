//! The command line as people and programs use it: what is printed, in which shape, with which exit code.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;

const SET: &str = "hue-2263-2023-commune";
const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/made-up/hue-2263-2023-commune.csv");

fn thuocdo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_thuocdo")).args(arguments).env_remove("THUOCDO_LANG").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command that must succeed and print JSON of the shape that the repository promises.
fn json(arguments: &[&str], schema: &str) -> Json {
    let output = thuocdo(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    let value: Json = serde_json::from_slice(&output.stdout).unwrap();
    let path = format!("{}/../../schemas/cli/{schema}.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(&value).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{arguments:?}: {wrong:#?}");
    value
}

/// Runs a command that must fail with `code`, and gives what it says on stderr.
fn fails(arguments: &[&str], code: i32) -> String {
    let output = thuocdo(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stderr)
}

fn with_figures(lines: &str, check: impl Fn(&str)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figures.csv");
    std::fs::write(&path, format!("unit,indicator,figure,value\n{lines}")).unwrap();
    check(path.to_str().unwrap());
}

#[test]
fn every_official_set_is_listed_with_its_total() {
    let list = json(&["sets", "list"], "sets-list");
    let rows: Vec<(&str, &str, u64)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|set| (set["id"].as_str().unwrap(), set["total"].as_str().unwrap(), set["indicators"].as_u64().unwrap()))
        .collect();
    let ids: Vec<&str> = rows.iter().map(|(id, ..)| *id).collect();
    assert_eq!(
        ids,
        [
            "hue-2263-2023-commune",
            "hue-2263-2023-department",
            "hue-931-2024-commune",
            "hue-931-2024-department",
            "hue-931-2024-district",
            "nghia-phuong-41-2023",
        ]
    );
    assert!(rows.contains(&("hue-2263-2023-commune", "600", 79)));
    assert!(rows.contains(&("hue-2263-2023-department", "500", 69)));
}

#[test]
fn every_set_is_shown_and_checked_in_the_promised_shape_without_an_error() {
    for set in json(&["sets", "list"], "sets-list").as_array().unwrap() {
        let id = set["id"].as_str().unwrap();
        let shown = json(&["sets", "show", id], "sets-show");
        assert_eq!(shown["id"], id);
        let checked = json(&["sets", "check", id], "sets-check");
        assert_eq!(checked["errors"], 0, "{id}: {:#?}", checked["findings"]);
    }
}

#[test]
fn a_set_is_shown_down_to_the_rule_and_the_words() {
    let shown = json(&["sets", "show", SET], "sets-show");
    let indicator = &shown["pillars"][0]["groups"][0]["indicators"][0];
    assert_eq!(indicator["id"], "I.1.1");
    assert_eq!(indicator["due"], serde_json::json!(["10-31"]));
    assert_eq!(indicator["rule"]["kind"], "choice");
    assert_eq!(indicator["rule"]["options"][1]["share"], "50%");
    assert!(indicator["conditions"].as_str().unwrap().contains("thì đạt 50% tiêu chí"));
    assert_eq!(indicator["figures"][0]["id"], "answer");
}

#[test]
fn scores_are_explained_and_add_up() {
    let scored = json(&["score", "--set", SET, "--figures", FIGURES, "--unit", "Xã Mẫu 007"], "score");
    let unit = &scored["units"][0];
    let hundredths = |value: &Json| -> i64 {
        let (whole, fraction) = value.as_str().unwrap().split_once('.').unwrap_or((value.as_str().unwrap(), "00"));
        whole.parse::<i64>().unwrap() * 100 + format!("{fraction:0<2}").parse::<i64>().unwrap()
    };
    let indicators: i64 = unit["indicators"].as_array().unwrap().iter().map(|one| hundredths(&one["points"])).sum();
    let pillars: i64 = unit["pillars"].as_array().unwrap().iter().map(|one| hundredths(&one["points"])).sum();
    assert_eq!((indicators, pillars), (hundredths(&unit["points"]), hundredths(&unit["points"])));
    let news = unit["indicators"].as_array().unwrap().iter().find(|one| one["id"] == "I.5.2").unwrap();
    assert_eq!(news["because"][0]["figure"], "articles");
    assert!(news["because"][0]["origin"]["place"].as_str().unwrap().starts_with("hue-2263-2023-commune.csv:"));
    assert!(news["sentence"].as_str().unwrap().contains("/12"));
    assert_eq!(news["citation"], "Quyết định 2263/QĐ-UBND, Phụ lục 3, I.5.2");
}

#[test]
fn the_ranking_is_the_same_on_every_run_and_intervals_hold_the_rank() {
    let arguments = ["rank", "--set", SET, "--figures", FIGURES, "--draws", "200", "--seed", "7"];
    let (first, again) = (json(&arguments, "rank"), json(&arguments, "rank"));
    assert_eq!(first, again);
    let rows = first["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 141);
    assert_eq!(rows[0]["rank"], 1);
    let within = rows.iter().filter(|row| {
        let (rank, interval) = (row["rank"].as_u64().unwrap(), &row["interval"]);
        (interval[0].as_u64().unwrap()..=interval[1].as_u64().unwrap()).contains(&rank)
    });
    assert!(within.count() > 130, "nearly every unit's rank lies in its own interval");
}

#[test]
fn one_score_is_explained_in_both_languages() {
    let arguments = ["explain", "--set", SET, "--figures", FIGURES, "--unit", "Xã Mẫu 007", "--indicator", "I.5.2"];
    let explained = json(&arguments, "explain");
    assert_eq!(explained["unit"], "Xã Mẫu 007");
    let vietnamese = text(&thuocdo(&arguments).stdout);
    let english = text(&thuocdo(&[&arguments[..], &["--lang", "en"]].concat()).stdout);
    assert!(vietnamese.contains("Tài liệu kiểm chứng"), "{vietnamese}");
    assert!(english.contains("Evidence"), "{english}");
    assert!(
        english.contains("Cập nhật tin bài tối thiểu 1 tin bài/1 tháng"),
        "the law's words stay as they are: {english}"
    );
}

#[test]
fn another_answer_to_a_reading_changes_the_points() {
    let points = |extra: &[&str]| {
        let arguments =
            ["explain", "--set", SET, "--figures", FIGURES, "--unit", "Xã Mẫu 007", "--indicator", "III.6.2"];
        json(&[&arguments[..], extra].concat(), "explain")["points"].clone()
    };
    assert_eq!((points(&[]), points(&["--pick", "minimum-count=all-or-nothing"])), ("8.00".into(), "0.00".into()));
    let said =
        fails(&["rank", "--set", SET, "--figures", FIGURES, "--pick", "minimum-count=perhaps", "--lang", "en"], 2);
    assert!(said.contains("has no variant \"perhaps\""), "{said}");
}

#[test]
fn a_round_gives_grades() {
    let folder = tempfile::tempdir().unwrap();
    let round = folder.path().join("round.toml");
    std::fs::write(&round, "[[grade]]\nname = \"Tốt\"\nfrom = \"70%\"\n[[grade]]\nname = \"Khá\"\nfrom = \"0%\"\n")
        .unwrap();
    let ranked = json(&["rank", "--set", SET, "--figures", FIGURES, "--round", round.to_str().unwrap()], "rank");
    for row in ranked["rows"].as_array().unwrap() {
        let result: f64 = row["comparable"].as_str().unwrap().parse().unwrap();
        assert_eq!(row["grade"], if result >= 420.0 { "Tốt" } else { "Khá" }, "{row}");
    }
}

#[test]
fn what_changed_since_last_year_is_told() {
    let ranked = json(&["rank", "--set", SET, "--figures", FIGURES, "--previous", FIGURES], "rank");
    for row in ranked["rows"].as_array().unwrap() {
        assert_eq!((&row["change"]["rank_before"], &row["change"]["ranks_up"]), (&row["rank"], &0.into()));
    }
}

#[test]
fn wrong_use_ends_with_2_and_says_what_there_is() {
    assert!(fails(&["sets", "show", "no-such-set"], 2).contains("hue-2263-2023-commune"));
    assert!(
        fails(&["rank", "--set", SET, "--figures", "no-such.csv", "--lang", "en"], 2)
            .contains("there is no file no-such.csv")
    );
    assert!(
        fails(
            &["rank", "--set", SET, "--figures", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--lang", "en"],
            2
        )
        .contains("csv, json, xlsx")
    );
    assert!(fails(&["score", "--set", SET, "--figures", FIGURES, "--unit", "Xã không có"], 2).contains("Xã không có"));
    fails(&["no-such-command"], 2);
}

#[test]
fn every_refused_figure_is_named_at_once_and_nothing_is_scored() {
    let lines = "A,I.1.1,answer,maybe\nA,I.9.9,answer,yes\nA,,population,-5\nA,I.5.2,no_such,1\nA,V.1.1,protected,12\nA,,workstations,9\n";
    with_figures(lines, |path| {
        let said = fails(&["score", "--set", SET, "--figures", path, "--lang", "en"], 1);
        for place in ["figures.csv:2", "figures.csv:3", "figures.csv:4", "figures.csv:5"] {
            assert!(said.contains(place), "{place} in {said}");
        }
        assert!(said.contains("nothing was written or scored"), "{said}");
    });
    with_figures("A,V.1.1,protected,12\nA,,workstations,9\n", |path| {
        let said = fails(&["score", "--set", SET, "--figures", path, "--lang", "en"], 1);
        assert!(said.contains("is 12, more than") && said.contains("figures.csv:2"), "{said}");
    });
}

#[test]
fn numbers_of_unknown_notation_are_refused_until_it_is_told() {
    with_figures("A,,population,1.234\n", |path| {
        assert!(fails(&["score", "--set", SET, "--figures", path, "--lang", "en"], 1).contains("could be two numbers"));
        let output = thuocdo(&["score", "--set", SET, "--figures", path, "--notation", "vi", "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    });
    with_figures("A,,population,\"1.234,0\"\nB,,population,\"1,234.0\"\n", |path| {
        assert!(fails(&["score", "--set", SET, "--figures", path, "--lang", "en"], 1).contains("mixes two notations"));
    });
}

#[test]
fn a_broken_set_is_shown_with_line_and_caret_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let head = "format = 1\nid = \"x\"\ntitle = \"X\"\nlevel = \"commune\"\nyear = 2023\npillars = [\"1.toml\"]\n[document]\nkind = \"a\"\nnumber = \"b\"\ndate = \"2023-13-01\"\nissuer = \"c\"\n";
    write("set.toml", head);
    write("1.toml", "[pillar]\nno = \"I\"\nname = \"Một\"\npoits = \"10\"\n");
    let path = folder.path().to_str().unwrap();
    let english = fails(&["sets", "check", path, "--lang", "en"], 1);
    assert!(english.contains("set.toml:10:8: \"2023-13-01\" is not a date"), "{english}");
    assert!(english.contains("10 | date = \"2023-13-01\"") && english.contains("^^^^^^^^^^^^"), "{english}");
    write("set.toml", &head.replace("2023-13-01", "2023-12-01"));
    let vietnamese = fails(&["sets", "check", path], 1);
    assert!(vietnamese.contains("1.toml:4:1: không có khoá `poits`; ý là `points`?"), "{vietnamese}");
}

#[test]
fn a_set_that_lies_about_its_source_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../criteria/hue-2263-2023-commune")), folder.path());
    let file = folder.path().join("1-nhan-thuc-so.toml");
    let words = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, words.replacen("thì đạt 50% tiêu chí", "thì đạt 60% tiêu chí", 1)).unwrap();
    let output = thuocdo(&["sets", "check", folder.path().to_str().unwrap(), "--json", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    let checked: Json = serde_json::from_slice(&output.stdout).unwrap();
    let codes: Vec<&str> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error" && finding["at"] == "I.1.1")
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["quote-not-found", "number-not-in-text"]);
}

#[test]
fn every_assignment_plan_is_checked_and_laid_over_its_set() {
    for (plan, set, indicator, lead) in [
        ("khe-tre-114-2024", "hue-931-2024-commune", "VIII.1", "dc-xd"),
        ("nghia-phuong-41-2023", "nghia-phuong-41-2023", "5.11.3", "tc-kt"),
    ] {
        let output = thuocdo(&["sets", "check", &format!("plans/{plan}"), "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let checked: Json = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&checked["plan"], &checked["errors"]), (&plan.into(), &0.into()));
        let shown = json(&["sets", "show", set, "--plan", plan], "sets-show");
        let groups =
            shown["pillars"].as_array().unwrap().iter().flat_map(|pillar| pillar["groups"].as_array().unwrap());
        let found = groups
            .flat_map(|group| group["indicators"].as_array().unwrap())
            .find(|one| one["id"] == indicator)
            .unwrap();
        assert_eq!(found["assignments"][0]["lead"][0], lead, "{found}");
    }
}

#[test]
fn the_filled_in_workbook_gives_the_ranking_of_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = folder.path().join("figures.xlsx");
    let workbook = workbook.to_str().unwrap();
    let output = thuocdo(&["template", "--set", SET, "--figures", FIGURES, "-o", workbook, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rank = |figures: &str| json(&["rank", "--set", SET, "--figures", figures], "rank");
    assert_eq!(rank(workbook), rank(FIGURES));
    let said = fails(&["rank", "--set", "hue-2263-2023-department", "--figures", workbook, "--lang", "en"], 1);
    assert!(said.contains("for the set \"hue-2263-2023-commune\""), "{said}");
    let exported = folder.path().join("set.xlsx");
    assert!(thuocdo(&["sets", "export", SET, "-o", exported.to_str().unwrap()]).status.success());
    assert!(std::fs::metadata(exported).unwrap().len() > 10_000);
}

#[test]
fn two_sets_are_compared_along_the_mapping_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("mapping.toml");
    let arguments =
        ["sets", "compare", SET, "hue-931-2024-commune", "--json", "--write-mapping", written.to_str().unwrap()];
    let output = thuocdo(&arguments);
    let compared: Json = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: std::collections::BTreeSet<&str> =
        compared["differences"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in ["added", "removed", "renumbered", "renamed", "points", "rule"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    let again =
        thuocdo(&["sets", "compare", SET, "hue-931-2024-commune", "--json", "--mapping", written.to_str().unwrap()]);
    assert_eq!(output.stdout, again.stdout);
}

#[test]
fn the_demo_builds_a_province_whose_every_point_can_be_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo").display().to_string();
    let built = thuocdo(&["demo", "--data", &data, "--listen", "127.0.0.1:0", "--build-only"]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    assert!(!text(&built.stdout).contains('\u{1b}'), "no colours in a pipe");
    let verified = thuocdo(&["audit", "verify", "--data", &data, "--json"]);
    let report: Json = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(verified.status.code(), Some(0), "{report}");
    assert_eq!((report["sheets"].as_u64(), report["faults"].as_array().map(Vec::len)), (Some(324), Some(0)));
    let again = thuocdo(&["audit", "verify", "--data", &data, "--signatures", "--json"]);
    let report: Json = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again.status.code(), Some(0), "{report}");
    // Nobody outside was asked here.
    assert_eq!(report["signatures"], serde_json::json!({"same": 0, "other_anchors": 0}));

    let copy = folder.path().join("copy").display().to_string();
    assert!(thuocdo(&["backup", "--data", &data, "-o", &copy]).status.success());
    let back = folder.path().join("back").display().to_string();
    // An empty folder is as good as none.
    std::fs::create_dir(&back).unwrap();
    assert!(thuocdo(&["restore", &copy, "--data", &back]).status.success());
    assert_eq!(thuocdo(&["restore", &copy, "--data", &back]).status.code(), Some(2), "never over what is there");
    // Whom signatures are trusted with goes along: without it every verdict would change.
    let trusted = |at: &str| {
        walk(&Path::new(at).join("trust")).iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((trusted(&back), trusted(&data).len()), (trusted(&data), 1));

    // One figure changed behind the door's back: the points do not follow any more.
    let file = Path::new(&back).join("evidence");
    let first = walk(&file).into_iter().next().unwrap();
    std::fs::write(&first, "forged").unwrap();
    let verified = thuocdo(&["audit", "verify", "--data", &back, "--json"]);
    assert_eq!(verified.status.code(), Some(1));
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn an_official_document_becomes_a_draft_that_the_other_commands_read() {
    let folder = tempfile::tempdir().unwrap();
    let draft = folder.path().join("mau-2023");
    let to = draft.to_str().unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../criteria/hue-2263-2023-commune/source/annex3.txt");
    let said = json(&["sets", "import", source, "-o", to], "sets-import");
    assert_eq!((said["set"].as_str(), said["indicators"].as_u64()), (Some("mau-2023"), Some(79)));
    assert_eq!(said["report"]["file"], "annex3.txt", "the report names no folder of this machine");
    let report: Json = serde_json::from_str(&std::fs::read_to_string(draft.join("import.json")).unwrap()).unwrap();
    assert_eq!(report, said["report"]);
    let errors = json(&["sets", "check", to], "sets-check");
    assert_eq!(errors["errors"], 0);
    let shown = json(&["sets", "show", to], "sets-show");
    assert_eq!(shown["total"], "600");
    assert!(fails(&["sets", "import", source, "-o", to], 2).contains("đã có một bộ chỉ số"));
    let other = folder.path().join("khac");
    let other = other.to_str().unwrap();
    assert!(fails(&["sets", "import", source, "-o", other, "--id", "Hoa Thường"], 2).contains("--id"));
    let letter = folder.path().join("thu.txt");
    std::fs::write(&letter, "Kính gửi các đồng chí").unwrap();
    let said = fails(&["--lang", "en", "sets", "import", letter.to_str().unwrap(), "-o", other], 1);
    assert!(said.contains("thu.txt: no table of criteria was found"), "{said}");
    assert!(!Path::new(other).exists(), "nothing is written where nothing was found");
}

#[test]
fn a_letter_becomes_an_assignment_plan_over_a_set() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("thi-tran-mau");
    let to = to.to_str().unwrap();
    let letter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plans/khe-tre-114-2024/source/cv114.md");
    let set = "hue-931-2024-commune";
    let output = thuocdo(&["sets", "import", letter, "-o", to, "--plan", set, "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((said["assignments"].as_u64(), said["excluded"].as_u64()), (Some(52), Some(1)));
    let checked = thuocdo(&["sets", "check", to, "--json"]);
    let checked: Json = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!((checked["plan"].as_str(), checked["errors"].as_u64()), (Some("thi-tran-mau"), Some(0)));
}

#[test]
fn no_made_up_part_exceeds_what_it_is_a_part_of() {
    let output = thuocdo(&["made-up", "--set", SET, "--units", "300", "--seed", "7"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let mut figures = std::collections::BTreeMap::new();
    for line in lines.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        if let [unit, indicator, figure, value] = cells[..]
            && let Ok(value) = value.parse::<i64>()
        {
            figures.insert((unit.to_owned(), indicator.to_owned(), figure.to_owned()), value);
        }
    }
    let mut compared = 0;
    for ((unit, _, figure), part) in &figures {
        let whole = |indicator: &str, name: &str| figures.get(&(unit.clone(), indicator.to_owned(), name.to_owned()));
        let wholes = match figure.as_str() {
            "accessed_officials" => [whole("I.8.2", "accessed"), whole("", "officials")],
            "trained_officials" | "accounts_officials" => [whole("", "officials"), None],
            _ => continue,
        };
        for whole in wholes.into_iter().flatten() {
            compared += 1;
            assert!(part <= whole, "{unit}: {figure} {part} of {whole}");
        }
    }
    assert!(compared > 900, "{compared}");
}
