//! The house layout holds any set: what is written of a generated set reads back as that set.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use criteria::model::{Example, Indicator, IndicatorVariant, PillarFile, Reading, SetHead};
use criteria::rule::Rule;
use criteria::set::SourceText;
use criteria::write::{Edit, Place, SetText, to_toml};
use criteria::{CriteriaSet, Number, Share};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// Words as documents have them, and as nobody would write them.
fn words() -> impl Strategy<Value = String> {
    let plain = "[a-zđếổ]{1,9}( [a-zđếổ\"“”.,;:%-]{1,12}){0,40}";
    let odd = "([ \t\r\n\"'\\\\#=\\[\\]{}\u{0}\u{7f}\u{85}\u{a0}…]|\"\"\"|'''| \\\\\n|ế){0,30}";
    prop_oneof![4 => plain.prop_map(|text: String| text), 2 => odd.prop_map(|text: String| text), 1 => any::<String>()]
}

fn number() -> impl Strategy<Value = Number> {
    (0..2_000_000_000_i64).prop_map(Number::from_millionths)
}

fn share() -> impl Strategy<Value = Share> {
    (1..1_000_000_i64).prop_map(|hundredths| Share::from_percent(Number::from_millionths(hundredths * 100)).unwrap())
}

fn day() -> impl Strategy<Value = String> {
    (1..=12, 1..=28).prop_map(|(month, day)| format!("{month:02}-{day:02}"))
}

/// A table as JSON without the keys that are null.
fn table(mut json: Json) -> Json {
    json.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    json
}

fn curve() -> impl Strategy<Value = Option<&'static str>> {
    option::of(prop::sample::select(vec!["proportional", "all-or-nothing"]))
}

fn empty() -> impl Strategy<Value = Option<&'static str>> {
    option::of(prop::sample::select(vec!["full", "zero", "not-applicable"]))
}

/// A part's label, points, rule and last day in time.
type PartDraft = (Option<String>, Number, Json, Option<String>);

/// Rules over the figures that `indicator` declares.
fn rule() -> impl Strategy<Value = Json> {
    let single = prop_oneof![
        words().prop_map(|asks| json!({ "kind": "yes-no", "asks": asks })),
        words().prop_map(|asks| json!({ "kind": "judged", "asks": asks })),
        (words(), prop::collection::vec((words(), share()), 1..4)).prop_map(|(asks, options)| {
            let options = options.iter().enumerate();
            let options =
                options.map(|(at, (label, share))| json!({ "id": format!("o{at}"), "label": label, "share": share }));
            json!({ "kind": "choice", "asks": asks, "options": options.collect::<Vec<_>>() })
        }),
        (curve(), empty(), option::of(share()), option::of(number()), any::<bool>()).prop_map(
            |(curve, empty, from, worth, may)| {
                table(json!({
                    "kind": "share", "part": "n", "whole": "profile.people", "curve": curve, "empty": empty,
                    "full_from": from, "worth": worth, "may_exceed": may,
                }))
            }
        ),
        (curve(), option::of(day())).prop_map(|(curve, before)| {
            let last = before.map(|before| json!({ "date": "d", "before": before }));
            table(json!({ "kind": "required", "count": "n", "required": "4", "curve": curve, "last": last }))
        }),
        prop::collection::btree_map(1..10_000_u32, number(), 1..5).prop_map(|steps| {
            let steps: Vec<Json> = steps
                .iter()
                .rev()
                .map(|(from, points)| json!({ "from": from.to_string(), "points": points }))
                .collect();
            json!({ "kind": "steps", "value": "n", "steps": steps })
        }),
        (number(), option::of(number())).prop_map(|(each, ceiling)| {
            table(json!({ "kind": "each", "count": "n", "each": each, "ceiling": ceiling }))
        }),
        Just(json!({ "kind": "handled", "handled": "n", "happened": "profile.people" })),
        Just(json!({ "kind": "peers", "value": "s", "method": "min-max", "better": "lower" })),
    ];
    let nested = single.prop_recursive(3, 12, 3, |inner| {
        prop::collection::vec((option::of(words()), number(), inner, option::of(day())), 1..4).prop_map(|parts| {
            let part = |(at, (label, points, rule, after)): (usize, &PartDraft)| {
                let late = after.as_ref().map(|after| json!({ "date": "d", "after": after, "factor": "50%" }));
                table(json!({ "id": at.to_string(), "label": label, "points": points, "rule": rule, "late": late }))
            };
            json!({ "kind": "parts", "parts": parts.iter().enumerate().map(part).collect::<Vec<_>>() })
        })
    });
    nested.prop_map(|mut rule| {
        if rule["kind"] == "parts" {
            number_parts(&mut rule, &mut 0);
        }
        rule
    })
}

/// Gives every part, however deep, an id of its own.
fn number_parts(rule: &mut Json, next: &mut usize) {
    for part in rule.get_mut("parts").and_then(Json::as_array_mut).into_iter().flatten() {
        part["id"] = json!(format!("p{next}"));
        *next += 1;
        number_parts(&mut part["rule"], next);
    }
}

/// An indicator without its number, which the pillar gives.
fn indicator() -> impl Strategy<Value = Json> {
    let law = (words(), option::of(words()), option::of(words()), option::of(words()), option::of(words()));
    let evidence = prop::collection::vec((words(), any::<bool>(), option::of(0..9_u32)), 0..3);
    let people = (prop::collection::vec(words(), 0..30), option::of(words()));
    let rules = (rule(), option::of(rule()), option::of(day()), any::<bool>(), any::<bool>());
    (law, option::of(number()), prop::collection::vec(day(), 0..3), evidence, people, rules).prop_map(
        |((name, guidance, text, restored, notes), points, due, evidence, (lead, appraiser), rules)| {
            let (rule, other, after, gate, exempt) = rules;
            let evidence: Vec<Json> = evidence
                .iter()
                .map(|(what, signed, least)| table(json!({ "what": what, "signed": signed, "at_least": least })))
                .collect();
            let figure = |id: &str, kind: &str| json!({ "id": id, "label": name, "kind": kind });
            let variant = other.map(|rule| json!([{ "reading": "r", "pick": "a", "rule": rule, "exempt": [] }]));
            table(json!({
                "name": name, "guidance": guidance, "text": text, "restored": restored, "notes": notes, "points": points,
                "due": due, "evidence": evidence, "lead": lead, "appraiser": appraiser, "rule": rule,
                "figures": [figure("n", "count"), figure("s", "share"), figure("d", "date"), figure("y", "yes-no")],
                "gate": gate.then(|| json!({ "yes": "y" })), "variant": variant,
                "late": after.map(|after| json!({ "date": "d", "after": after, "factor": "50%" })),
                "exempt": exempt.then(|| json!([{ "when": "y", "is": "no", "text": name }])),
                "fault": notes.map(|notes| json!([{ "code": "unclear", "quote": name, "vi": notes, "en": notes }])),
            }))
        },
    )
}

fn pillar() -> impl Strategy<Value = (String, Vec<Json>, usize, bool)> {
    (words(), prop::collection::vec(indicator(), 0..5), 0..3_usize, any::<bool>())
}

fn head() -> impl Strategy<Value = Json> {
    let layout =
        (0..=6_u8, prop::sample::select(vec!["half-up", "half-even", "down"]), any::<bool>(), option::of(day()));
    let grades = prop::collection::btree_map(share(), words(), 0..4);
    (
        words(),
        option::of(words()),
        option::of(number()),
        layout,
        grades,
        prop::collection::vec((words(), words()), 0..3),
    )
        .prop_map(|(title, uncertain, total, (places, mode, unrounded, from), grades, asides)| {
            let grades: Vec<Json> =
                grades.iter().rev().map(|(from, name)| json!({ "name": name, "from": from })).collect();
            table(json!({
                "format": 1, "id": "made", "title": title, "level": "commune", "total": total, "year": 2024,
                "uncertain": uncertain, "period": from.map(|from| json!({ "from": from, "to": "12-31" })),
                "document": { "kind": title, "number": title, "date": "2024-02-29", "issuer": title },
                "rounding": { "places": places, "mode": mode }, "ranking": { "unrounded": unrounded, "grade": grades },
                "profile": [{ "id": "people", "label": title, "kind": "count" }],
                "aside": asides.iter().map(|(text, why)| json!({ "text": text, "why": why })).collect::<Vec<_>>(),
                "source": [{ "file": "source/a.txt", "sha256": "00" }], "pillars": [],
            }))
        })
}

fn set() -> impl Strategy<Value = CriteriaSet> {
    (head(), prop::collection::vec(pillar(), 1..12), words(), prop::collection::vec(any::<prop::sample::Index>(), 0..4)).prop_map(
        |(head, pillars, text, examples)| {
            let mut head: SetHead = serde_json::from_value(head).unwrap();
            let reading = json!({
                "id": "r", "at": [], "asks": text, "answer": "a", "why": text, "decides": text, "status": "open",
                "variant": [{ "id": "a", "label": text }, { "id": "b", "label": text, "curve": "all-or-nothing" }],
            });
            let mut reading: Reading = serde_json::from_value(reading).unwrap();
            let mut files = Vec::new();
            for (at, (name, indicators, groups, summed)) in pillars.into_iter().enumerate() {
                let no = format!("P{at}");
                let mut indicators: Vec<Json> = indicators;
                for (index, one) in indicators.iter_mut().enumerate() {
                    one["id"] = json!(format!("{no}.{}.{index}", index % 2));
                    one["no"] = json!(index.to_string());
                }
                let mut file: PillarFile = serde_json::from_value(json!({
                    "pillar": { "no": no, "name": name },
                    "group": (0..groups).map(|id| json!({ "id": format!("{no}.{id}"), "no": "1", "name": name })).collect::<Vec<_>>(),
                    "indicator": indicators,
                }))
                .unwrap();
                if let (true, Some(last)) = (summed && file.indicators.len() > 1, file.indicators.len().checked_sub(1)) {
                    let of = file.indicators[..last].iter().map(|one| one.id.clone()).collect();
                    file.indicators[last].rule = Rule::Sum { of };
                }
                reading.at.extend(file.indicators.iter().map(|one| one.id.clone()));
                head.pillars.push(format!("{}-nhom.toml", at + 1));
                files.push(file);
            }
            head.readings.push(reading);
            let ids = head.readings[0].at.clone();
            let example = |index: &prop::sample::Index| -> Example {
                let figures = json!({ "n": text, "P0.1/n": text, "": text });
                let indicator = &ids[index.index(ids.len())];
                serde_json::from_value(json!({
                    "name": text, "indicator": indicator, "figures": figures, "points": "1.5", "branch": "full", "year": 2023,
                    "peers": [{ "part": text }, {}],
                }))
                .unwrap()
            };
            let examples = if ids.is_empty() { Vec::new() } else { examples.iter().map(example).collect() };
            let source = SourceText { file: "source/a.txt".to_owned(), text, damaged: false, auxiliary: false };
            CriteriaSet { head, pillars: files, sources: vec![source], examples }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_set_reads_back_as_it_was_written(set in set()) {
        let files = to_toml(&set);
        let again = CriteriaSet::read("", &files);
        let again = again.unwrap_or_else(|problems| panic!("{problems:#?}\n{files:#?}"));
        prop_assert_eq!(again, set);
    }

    #[test]
    fn an_edited_word_is_the_only_change(set in set(), at in any::<prop::sample::Index>(), new in words(), rule in rule()) {
        let ids: Vec<String> = set.indicators().map(|one| one.id.clone()).collect();
        prop_assume!(!ids.is_empty());
        let id = &ids[at.index(ids.len())];
        let rule: Rule = serde_json::from_value(rule).unwrap();
        let mut text = SetText::open("", &to_toml(&set)).unwrap();
        let mut wanted = set.clone();
        let one: &mut Indicator = wanted.pillars.iter_mut().flat_map(|pillar| &mut pillar.indicators).find(|one| one.id == *id).unwrap();
        one.name.clone_from(&new);
        one.notes = Some(new.clone());
        one.rule = rule.clone();
        one.variants.push(serde_json::from_value::<IndicatorVariant>(json!({ "reading": "r", "pick": "b", "rule": rule })).unwrap());
        let set_key = |key: &str, value: Json| Edit::Set { at: Place::Indicator(id.clone()), key: key.to_owned(), value };
        let variant = Box::new(one.variants.last().unwrap().clone());
        let edits = [
            set_key("name", json!(new)),
            set_key("notes", json!(new)),
            set_key("rule", serde_json::to_value(&rule).unwrap()),
            Edit::AddVariant { indicator: id.clone(), variant },
        ];
        text.edit(&edits).unwrap_or_else(|problems| panic!("{problems:#?}\n{:#?}", text.files()));
        prop_assert_eq!(text.set(), &wanted);
        let before = text.files().clone();
        let added = Indicator { id: format!("{id}.new"), ..text.set().indicator(id).unwrap().clone() };
        text.edit(&[Edit::AddIndicator { after: Place::Indicator(id.clone()), indicator: Box::new(added.clone()) }]).unwrap();
        prop_assert_eq!(text.set().indicator(&added.id), Some(&added));
        text.edit(&[Edit::Remove { at: Place::Indicator(added.id) }]).unwrap();
        prop_assert_eq!(text.files(), &before);
    }
}
