//! Writing sets: a hand's layout is kept to the byte, the house layout reads back as what was written.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use criteria::model::Indicator;
use criteria::write::{Edit, Place, SetText, to_toml};
use criteria::{CriteriaSet, Files};
use serde_json::json;

fn commune() -> SetText {
    SetText::open("hue", &common::files(&common::root().join("criteria/hue-2263-2023-commune"))).unwrap()
}

/// The lines that only one of two files has: those that went, and those that came.
fn changed(before: &Files, after: &Files) -> (Vec<String>, Vec<String>) {
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (file, old) in before {
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), after[file].lines().collect());
        let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - start;
        let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        gone.extend(old[start..old.len() - end].iter().map(|&line| line.to_owned()));
        come.extend(new[start..new.len() - end].iter().map(|&line| line.to_owned()));
    }
    (gone, come)
}

/// One edit and the lines that it replaces.
fn check(edit: Edit, gone: &[&str], come: &[&str]) {
    let mut text = commune();
    let before = text.files().clone();
    text.edit(std::slice::from_ref(&edit)).unwrap_or_else(|problems| panic!("{edit:?}: {problems:#?}"));
    let (old, new) = changed(&before, text.files());
    assert_eq!(
        (old, new),
        (gone.iter().map(|&line| line.to_owned()).collect(), come.iter().map(|&line| line.to_owned()).collect()),
        "{edit:?}"
    );
}

fn set(at: Place, key: &str, value: serde_json::Value) -> Edit {
    Edit::Set { at, key: key.to_owned(), value }
}

fn indicator(id: &str) -> Place {
    Place::Indicator(id.to_owned())
}

#[test]
fn opening_and_closing_changes_no_byte() {
    for (_, files) in common::sets() {
        let mut text = SetText::open("", &files).unwrap();
        text.edit(&[]).unwrap();
        assert_eq!(*text.files(), files);
    }
}

#[test]
fn every_real_set_written_in_the_house_layout_reads_back_the_same() {
    for (set, _) in common::sets() {
        let written = to_toml(&set);
        let again = CriteriaSet::read("", &written).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(again, set);
        assert_eq!(again.hash(), set.hash());
    }
}

#[test]
fn an_edited_value_changes_its_own_line_only() {
    check(set(indicator("I.1.1"), "points", json!("12.5")), &["points    = \"10\""], &["points    = \"12.5\""]);
    check(set(indicator("I.2.1"), "rule.each", json!("0.25")), &["each    = \"0.5\""], &["each    = \"0.25\""]);
    check(set(Place::Head, "document.number", json!("1")), &["number = \"2263/QĐ-UBND\""], &["number = \"1\""]);
    check(set(Place::Pillar("I".to_owned()), "points", json!("91")), &["points = \"90\""], &["points = \"91\""]);
    let reading = Place::Reading("handled-share".to_owned());
    check(
        set(reading, "answer", json!("all-handled")),
        &["answer  = \"proportional\""],
        &["answer  = \"all-handled\""],
    );
    check(
        set(indicator("I.1.1"), "rule.options.1.share", json!("40%")),
        &["  { id = \"deputy\", label = \"Cấp phó\",        share = \"50%\" },"],
        &["  { id = \"deputy\", label = \"Cấp phó\",        share = \"40%\" },"],
    );
    let quoted = "evidence  = [{ what = \"Quyết định thành lập\", signed = true }]";
    let counted = "evidence  = [{ what = \"Quyết định thành lập\", signed = true, at_least = 2 }]";
    check(set(indicator("I.1.1"), "evidence.0.at_least", json!(2)), &[quoted], &[counted]);
}

#[test]
fn a_new_key_stands_where_the_house_wants_it() {
    check(set(indicator("I.1.1"), "notes", json!("Mới")), &[], &["notes     = \"Mới\""]);
    check(set(Place::Head, "uncertain", json!("?")), &[], &["uncertain = \"?\""]);
    let late = json!({ "date": "signed_on", "after": "01-31", "factor": "50%" });
    let figures = json!([{ "id": "signed_on", "label": "Ngày ký", "kind": "date" }]);
    let mut text = commune();
    let before = text.files().clone();
    text.edit(&[set(indicator("I.1.1"), "late", late), set(indicator("I.1.1"), "figures", figures)]).unwrap();
    let (gone, come) = changed(&before, text.files());
    assert!(gone.iter().all(|line| come.contains(line)), "{gone:#?}");
    let after = &text.files()["1-nhan-thuc-so.toml"];
    assert!(
        after.contains(
            "]\n\n[indicator.late]\ndate   = \"signed_on\"\nafter  = \"01-31\"\nfactor = \"50%\"\n\n[[group]]"
        )
    );
    assert!(
        after.contains(
            "signed = true }]\nfigures   = [{ id = \"signed_on\", label = \"Ngày ký\", kind = \"date\" }]\n\n["
        )
    );
}

#[test]
fn a_rule_is_replaced_as_a_whole() {
    let rule = json!({ "kind": "yes-no", "asks": "Đã thành lập?" });
    check(
        set(indicator("I.1.1"), "rule", rule),
        &[
            "kind    = \"choice\"",
            "asks    = \"Ai là Trưởng Ban chỉ đạo?\"",
            "options = [",
            "  { id = \"head\",   label = \"Người đứng đầu\", share = \"100%\" },",
            "  { id = \"deputy\", label = \"Cấp phó\",        share = \"50%\" },",
            "  { id = \"none\",   label = \"Chưa thành lập\", share = \"0%\" },",
            "]",
        ],
        &["kind = \"yes-no\"", "asks = \"Đã thành lập?\""],
    );
}

#[test]
fn a_key_goes_with_its_line() {
    check(Edit::Unset { at: indicator("I.1.1"), key: "due".to_owned() }, &["due       = \"10-31\""], &[]);
    let mut text = commune();
    let problems = text.edit(&[Edit::Unset { at: indicator("I.1.1"), key: "rule".to_owned() }]).unwrap_err();
    assert_eq!(problems[0].message.en, "the key `rule` is missing");
    assert_eq!(text, commune(), "a refused edit changes nothing");
}

#[test]
fn an_indicator_is_added_behind_another_and_taken_away_again() {
    let mut text = commune();
    let before = text.files().clone();
    let new: Indicator = serde_json::from_value(json!({
        "id": "I.1.2", "no": "1.2", "name": "Mới", "points": "1", "rule": { "kind": "yes-no", "asks": "Có không?" },
    }))
    .unwrap();
    text.edit(&[Edit::AddIndicator { after: indicator("I.1.1"), indicator: Box::new(new.clone()) }]).unwrap();
    let ids: Vec<&str> = text.set().indicators().map(|one| one.id.as_str()).take(3).collect();
    assert_eq!(ids, ["I.1.1", "I.1.2", "I.2.1"]);
    assert_eq!(text.set().indicator("I.1.2"), Some(&new));
    let (gone, come) = changed(&before, text.files());
    assert_eq!(gone, Vec::<String>::new());
    assert_eq!(
        come.join("\n").trim(),
        "[[indicator]]\nid        = \"I.1.2\"\nno        = \"1.2\"\nname      = \"Mới\"\npoints    = \"1\"\n\n\
         [indicator.rule]\nkind = \"yes-no\"\nasks = \"Có không?\""
    );
    text.edit(&[Edit::Remove { at: indicator("I.1.2") }]).unwrap();
    assert_eq!(*text.files(), before);
}

#[test]
fn a_reading_and_its_variants_are_added_in_one_batch() {
    let mut text = commune();
    let before = text.files().clone();
    let reading = json!({
        "id": "new-reading", "at": ["I.1.1"], "asks": "?", "answer": "yes", "why": "…", "decides": "Sở", "status": "open",
        "variant": [{ "id": "yes", "label": "Có" }, { "id": "no", "label": "Không" }],
    });
    let variant = json!({ "reading": "new-reading", "pick": "no", "rule": { "kind": "judged", "asks": "Bao nhiêu?" } });
    let add_reading = Edit::AddReading { reading: serde_json::from_value(reading).unwrap() };
    let variant = Box::new(serde_json::from_value(variant).unwrap());
    let add_variant = Edit::AddVariant { indicator: "I.1.1".to_owned(), variant };
    let problems = text.edit(std::slice::from_ref(&add_variant)).unwrap_err();
    assert_eq!(problems[0].file, "hue/1-nhan-thuc-so.toml");
    text.edit(&[add_reading, add_variant]).unwrap();
    assert_eq!(text.set().readings_at("I.1.1").last().unwrap().id, "new-reading");
    assert_eq!(text.set().indicator("I.1.1").unwrap().variants.len(), 1);
    let place =
        Place::Variant { indicator: "I.1.1".to_owned(), reading: "new-reading".to_owned(), pick: "no".to_owned() };
    text.edit(&[set(place.clone(), "points", json!("5"))]).unwrap();
    text.edit(&[Edit::Remove { at: place }, Edit::Remove { at: Place::Reading("new-reading".to_owned()) }]).unwrap();
    assert_eq!(*text.files(), before);
}

#[test]
fn what_is_not_there_is_named_in_both_languages() {
    for (edit, vi, en) in [
        (set(indicator("X.1"), "points", json!("1")), "không có chỉ số “X.1”", "there is no indicator \"X.1\""),
        (Edit::Remove { at: Place::Reading("x".to_owned()) }, "không có cách hiểu “x”", "there is no reading \"x\""),
        (
            Edit::Unset { at: indicator("I.1.1"), key: "notes".to_owned() },
            "không có khoá `notes`",
            "there is no key `notes`",
        ),
        (
            set(indicator("I.1.1"), "poins", json!("1")),
            "không có khoá `poins`; ý là `points`?",
            "there is no key `poins`; did you mean `points`?",
        ),
    ] {
        let mut text = commune();
        let problems = text.edit(&[edit]).unwrap_err();
        assert_eq!((problems[0].message.vi.as_str(), problems[0].message.en.as_str()), (vi, en));
        assert_eq!(text, commune());
    }
}

/// Each key of each indicator of every real set is set to what it is.
#[test]
fn what_is_set_to_itself_reads_as_before() {
    for (real, files) in common::sets() {
        let mut edits = Vec::new();
        for one in real.indicators() {
            let serde_json::Value::Object(keys) = serde_json::to_value(one).unwrap() else { panic!("a table") };
            let keys = keys.into_iter().filter(|(key, _)| key != "variant" && key != "fault");
            edits.extend(keys.map(|(key, value)| set(indicator(&one.id), &key, value)));
        }
        let mut text = SetText::open("", &files).unwrap();
        text.edit(&edits).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(*text.set(), real);
    }
}
