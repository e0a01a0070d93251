//! Mappings, comparisons and assignment plans over the real sets.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use criteria::CriteriaSet;
use criteria::compare::{DifferenceKind, compare};
use criteria::mapping::{How, Mapping};
use criteria::plan::{AssignmentPlan, PLAN_FILE};
use criteria::write::{Edit, Place, SetText};
use serde_json::json;

fn set(id: &str) -> SetText {
    SetText::open(id, &common::files(&common::root().join("criteria").join(id))).unwrap()
}

#[test]
fn a_set_lives_on_in_itself_unchanged() {
    for (set, _) in common::sets() {
        let mapping = Mapping::propose(&set, &set);
        assert_eq!(mapping.maps.len(), set.indicators().count(), "{}", set.head.id);
        let odd: Vec<_> = mapping.maps.iter().filter(|pair| pair.from != pair.to || pair.how != How::Same).collect();
        assert_eq!(odd, Vec::<&criteria::mapping::Pair>::new(), "{}", set.head.id);
        assert_eq!(compare(&set, &set, &mapping), []);
    }
}

#[test]
fn a_written_mapping_reads_back_and_names_what_is_not_there() {
    let (from, to) = (set("hue-2263-2023-commune"), set("hue-931-2024-commune"));
    let mapping = Mapping::propose(from.set(), to.set());
    let text = mapping.to_toml();
    assert_eq!(Mapping::read("m.toml", &text, from.set(), to.set()).unwrap(), mapping);
    let first = &mapping.maps[0];
    let spoiled = text.replacen(&format!("from = \"{}\"", first.from), "from = \"I.1.9\"", 1);
    let problems = Mapping::read("m.toml", &spoiled, from.set(), to.set()).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (6, 8));
    assert!(problems[0].message.vi.starts_with("hue-2263-2023-commune không có chỉ số “I.1.9”"));
    assert!(problems[0].message.en.starts_with("hue-2263-2023-commune has no indicator \"I.1.9\""));
    let problems = Mapping::read("m.toml", &text, to.set(), from.set()).unwrap_err();
    assert_eq!(
        (problems[0].line, problems[0].message.en.as_str()),
        (2, "expected \"hue-931-2024-commune\", found \"hue-2263-2023-commune\"")
    );
}

#[test]
fn each_kind_of_change_is_told_once() {
    let old = set("hue-2263-2023-commune");
    let mut new = old.clone();
    let at = || Place::Indicator("I.1.1".to_owned());
    let edit = |key: &str, value| Edit::Set { at: at(), key: key.to_owned(), value };
    let changes = [
        edit("points", json!("12")),
        edit("due", json!("11-30")),
        edit("text", json!("Lời khác")),
        edit("rule.options.1.share", json!("40%")),
        edit("evidence.0.what", json!("Văn bản khác")),
        edit("name", json!("Ban hành Quyết định thành lập BCĐ CDS của xã do người đứng đầu làm trưởng ban")),
    ];
    new.edit(&changes).unwrap();
    new.edit(&[Edit::Remove { at: Place::Indicator("VIII.9.2".to_owned()) }]).unwrap_err();
    let readings: Vec<Edit> = old
        .set()
        .readings_at("IV.2.1")
        .map(|reading| {
            let at: Vec<&String> = reading.at.iter().filter(|id| *id != "IV.2.1").collect();
            Edit::Set { at: Place::Reading(reading.id.clone()), key: "at".to_owned(), value: json!(at) }
        })
        .collect();
    new.edit(&readings).unwrap();
    let mut added = old.set().indicator("I.1.1").unwrap().clone();
    added.id = "I.1.9".to_owned();
    added.name = "Việc hoàn toàn mới".to_owned();
    new.edit(&[Edit::AddIndicator { after: at(), indicator: Box::new(added) }]).unwrap();
    let mapping = Mapping::propose(old.set(), new.set());
    let differences = compare(old.set(), new.set(), &mapping);
    let kinds: Vec<DifferenceKind> = differences.iter().map(|one| one.kind).collect();
    use DifferenceKind::{Added, Due, Evidence, Points, Renamed, Rule, Text};
    assert_eq!(kinds, [Renamed, Points, Rule, Text, Due, Evidence, Added]);
    let points = &differences[1];
    assert_eq!((points.before.as_str(), points.after.as_str()), ("10", "12"));
    assert_eq!(points.message.vi, "I.1.1: đổi điểm tối đa “10” thành “12”");
    assert_eq!(points.message.en, "I.1.1: points changed from \"10\" to \"12\"");
    let rule = &differences[2];
    assert!(rule.before.starts_with("choice: options = [") && rule.before.contains("50%"), "{}", rule.before);
    assert!(rule.after.starts_with("choice: options = [") && rule.after.contains("40%"), "{}", rule.after);
    let back = compare(new.set(), old.set(), &Mapping::propose(new.set(), old.set()));
    assert_eq!(back.last().map(|one| (one.kind, one.from.as_deref())), Some((DifferenceKind::Removed, Some("I.1.9"))));
}

#[test]
fn every_real_plan_is_read_and_its_load_adds_up() {
    let plans = common::folders("plans", PLAN_FILE);
    assert!(plans.len() > 1);
    for (folder, files) in plans {
        let set_id = AssignmentPlan::set_id(&files).unwrap();
        let set: CriteriaSet = set(&set_id).set().clone();
        let plan = AssignmentPlan::read(&folder, &files, &set).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let loads = plan.load(&set);
        assert_eq!(loads.len(), plan.file.positions.len());
        for load in &loads {
            let here = plan.assignments_at(&load.position.id).count();
            assert!(here >= load.leads.max(load.coordinates) && here <= load.leads + load.coordinates, "{folder}");
        }
        let leads: usize = plan.file.assignments.iter().map(|one| one.lead.len()).sum();
        assert_eq!(loads.iter().map(|load| load.leads).sum::<usize>(), leads);
        assert!(plan.file.assignments.iter().all(|one| plan.assignments_of(&one.indicator).count() > 0));
    }
}

#[test]
fn a_plan_that_names_what_is_not_there_is_told_where() {
    let (folder, mut files) = common::folders("plans", PLAN_FILE).remove(0);
    let set: CriteriaSet = set(&AssignmentPlan::set_id(&files).unwrap()).set().clone();
    let head = "[[assignment]]\nindicator = \"0.0\"\nlead = [\"nobody\"]\ndue = \"31-01\"\n";
    let text = files[PLAN_FILE].clone();
    files.insert(PLAN_FILE.to_owned(), format!("{text}\n{head}"));
    let problems = AssignmentPlan::read(&folder, &files, &set).unwrap_err();
    assert_eq!(problems[0].message.en, "\"31-01\" is not a day of the year such as \"10-31\" (month-day)");
    files.insert(PLAN_FILE.to_owned(), format!("{text}\n{}", head.replace("31-01", "01-31")));
    let problems = AssignmentPlan::read(&folder, &files, &set).unwrap_err();
    let line = text.lines().count() + 3;
    assert_eq!((problems[0].line, problems[0].column), (line, 13));
    assert!(problems[0].message.vi.starts_with("không có chỉ số “0.0”"));
    assert_eq!((problems[1].line, problems[1].message.en.as_str()), (line + 1, "there is no position \"nobody\""));
}
