//! Official documents imported as they are, measured against the sets that people made of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{files, repository, set};
use criteria::model::Indicator;
use criteria::plan::AssignmentPlan;
use criteria::quote::fold;
use documents::import::{Draft, Options, import};

fn imported(path: &str) -> Draft {
    let bytes = std::fs::read(repository().join(path)).unwrap();
    import(path, &bytes, &Options::default()).unwrap_or_else(|refusal| panic!("{path}: {}", refusal.message.en))
}

/// Of how many indicators how many are right.
#[derive(Debug, Default)]
struct Measure {
    of: usize,
    indicators: usize,
    points: usize,
    deadlines: usize,
    rules: usize,
    whole_rules: usize,
    extra: usize,
}

impl Measure {
    fn share(&self, right: usize) -> f64 {
        right as f64 * 100.0 / self.of as f64
    }
}

fn same_words(one: &str, other: &str) -> bool {
    fold(&one.replace("[…]", " ")) == fold(&other.replace("[…]", " "))
}

/// Whether most words are the same: a letter words some names otherwise than the decision that it carries out.
fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (fold(one), fold(other));
    let same = other.split(' ').filter(|word| one.split(' ').any(|own| own == *word)).count();
    same * 10 >= other.split(' ').count() * 6
}

/// Kind, curve and printed numbers of a rule: what a person would have to correct.
fn essence(indicator: &Indicator) -> String {
    use criteria::rule::Rule;
    match &indicator.rule {
        Rule::Share { curve, full_from, worth, .. } => {
            let curve = curve.unwrap_or(criteria::rule::Curve::Proportional);
            format!("share {curve:?} {full_from:?} {worth:?}")
        }
        Rule::Required { required, last, .. } => {
            format!("required {required} {:?}", last.as_ref().map(|last| last.before))
        }
        Rule::Steps { steps, .. } => format!("steps {steps:?}"),
        Rule::Each { each, ceiling, .. } => format!("each {each} {ceiling:?}"),
        Rule::Loss { each, zero_from, .. } => format!("loss {each} {zero_from:?}"),
        Rule::Peers { method, .. } => format!("peers {method:?}"),
        Rule::Sum { of } => format!("sum {of:?}"),
        Rule::Choice { options, .. } => format!("choice {:?}", options.iter().map(|one| one.share).collect::<Vec<_>>()),
        Rule::Parts { parts } => {
            format!("parts {:?}", parts.iter().map(|one| (one.points, one.rule.kind())).collect::<Vec<_>>())
        }
        rule => rule.kind().to_owned(),
    }
}

fn measure(name: &str, draft: &Draft, hand: &[&Indicator], with_points: bool) -> Measure {
    let mut found = Measure { of: hand.len(), ..Measure::default() };
    for one in hand {
        let Some(own) = draft.set.indicator(&one.id) else {
            println!("  {name} {}: missing", one.id);
            continue;
        };
        let named = if with_points { same_words(&own.name, &one.name) } else { alike(&own.name, &one.name) };
        found.indicators += usize::from(named);
        if !named {
            println!("  {name} {}: name {:?} for {:?}", one.id, own.name, one.name);
        }
        found.points += usize::from(own.points == one.points);
        if with_points && own.points != one.points {
            println!("  {name} {}: points {:?} for {:?}", one.id, own.points, one.points);
        }
        found.deadlines += usize::from(own.due.days() == one.due.days());
        if own.due.days() != one.due.days() {
            println!("  {name} {}: due {:?} for {:?}", one.id, own.due.days(), one.due.days());
        }
        let right = own.rule.kind() == one.rule.kind();
        found.rules += usize::from(right);
        found.whole_rules += usize::from(essence(own) == essence(one));
        if essence(own) != essence(one) {
            let mark = if right { "~" } else { "!" };
            println!("  {name} {} {mark} {} for {}", one.id, essence(own), essence(one));
        }
    }
    found.extra = draft.set.indicators().filter(|own| !hand.iter().any(|one| one.id == own.id)).count();
    let line = |what: &str, right: usize| {
        println!("{name:<28} {what:<12} {right:>3}/{:<3} {:>5.1} %", found.of, found.share(right))
    };
    line("indicators", found.indicators);
    if with_points {
        line("points", found.points);
    }
    line("deadlines", found.deadlines);
    line("rule kinds", found.rules);
    line("whole rules", found.whole_rules);
    println!("{name:<28} extra        {:>3}", found.extra);
    found
}

fn holds(found: &Measure, with_points: bool) {
    assert!(found.share(found.indicators) >= 95.0, "{found:?}");
    assert!(!with_points || found.share(found.points) >= 95.0, "{found:?}");
    assert!(found.share(found.deadlines) >= 95.0, "{found:?}");
    assert!(found.share(found.rules) >= 60.0, "{found:?}");
    assert!(found.share(found.whole_rules) >= 60.0, "{found:?}");
    assert!(found.extra * 20 <= found.of, "{found:?}");
}

fn reads(draft: &Draft) {
    assert!(draft.problems.is_empty(), "{:#?}", draft.problems);
    for trace in draft.report.indicators() {
        assert!(trace.places.contains_key("name"), "{trace:?}");
        assert!(trace.rule.as_ref().is_some_and(|rule| rule.words.iter().all(|words| !words.contains("\u{fffd}"))));
    }
}

fn against(id: &str, source: &str) -> (Draft, Measure) {
    let draft = imported(&format!("criteria/{id}/source/{source}"));
    let hand = set(id);
    let found = measure(id, &draft, &hand.indicators().collect::<Vec<_>>(), true);
    (draft, found)
}

#[test]
fn decision_2263_for_communes_imports_as_it_is() {
    let (draft, found) = against("hue-2263-2023-commune", "annex3.txt");
    reads(&draft);
    holds(&found, true);
    let hand = set("hue-2263-2023-commune");
    assert_eq!(draft.set.head.total, hand.head.total);
    assert_eq!(draft.set.head.document, hand.head.document);
    assert_eq!((draft.set.head.year, draft.set.head.level.as_str()), (2023, "commune"));
    assert_eq!(draft.set.head.profile.len(), 11);
    let pillars = |set: &criteria::CriteriaSet| -> Vec<_> {
        set.pillars.iter().map(|one| (one.pillar.no.clone(), one.pillar.points, one.groups.len())).collect()
    };
    assert_eq!(pillars(&draft.set), pillars(&hand));
}

#[test]
fn decision_2263_for_departments_imports_as_it_is() {
    let (draft, found) = against("hue-2263-2023-department", "annex1.txt");
    reads(&draft);
    holds(&found, true);
    assert_eq!(draft.set.head.level, "department");
    assert_eq!(draft.set.indicator("III.2.1b").unwrap().group.as_deref(), Some("III.2b"));
}

#[test]
fn plan_41_imports_as_it_is() {
    let (draft, found) = against("nghia-phuong-41-2023", "kh41.txt");
    reads(&draft);
    holds(&found, true);
}

fn letter_114() -> (Draft, AssignmentPlan, Measure) {
    let draft = imported("plans/khe-tre-114-2024/source/cv114.md");
    let hand = set("hue-931-2024-commune");
    let plan = AssignmentPlan::read("", &files(&repository().join("plans/khe-tre-114-2024")), &hand).unwrap();
    // The letter prints its own deadlines and no points; the rules are those of the decision that it carries out.
    let mut indicators: Vec<Indicator> = Vec::new();
    for assignment in &plan.file.assignments {
        let mut indicator = hand.indicator(&assignment.indicator).unwrap().clone();
        indicator.due = assignment.due.map_or_else(Default::default, criteria::model::Due::One);
        indicators.push(indicator);
    }
    let found = measure("khe-tre-114-2024", &draft, &indicators.iter().collect::<Vec<_>>(), false);
    (draft, plan, found)
}

#[test]
fn letter_114_imports_as_it_is() {
    let (draft, plan, found) = letter_114();
    reads(&draft);
    holds(&found, false);
    let excluded: Vec<&str> = draft.report.excluded.iter().map(|one| one.no.as_str()).collect();
    assert_eq!(excluded, plan.file.excluded.iter().map(|one| one.no.rsplit('.').next().unwrap()).collect::<Vec<_>>());
    assert!(draft.set.indicators().all(|indicator| !indicator.lead.is_empty()));
}

#[test]
fn a_damaged_scan_gives_a_draft_that_says_so() {
    let draft = imported("criteria/hue-931-2024-commune/source/qd931-scan.txt");
    assert!(draft.report.doubts.iter().any(|doubt| doubt.en.contains("may be missing")), "{:#?}", draft.report.doubts);
    assert!(draft.report.damaged && draft.problems.is_empty(), "{:#?}", draft.problems);
    println!("qd931 scan: {} indicators of 52 found", draft.set.indicators().count());
    for indicator in draft.set.indicators() {
        println!("  {} {} {:?}", indicator.id, indicator.name, indicator.points);
        assert!(indicator.uncertain.is_some());
    }
    assert!(draft.report.indicators().all(|trace| !trace.doubts.is_empty()));
    assert!(draft.set.head.uncertain.is_some() && draft.set.head.sources[0].damaged);
}

/// Decision 931 as it must have read before the scan: the columns of its table filled from the set made by hand.
fn unspoiled_931() -> (Draft, Measure) {
    let hand = set("hue-931-2024-commune");
    let clean = |text: Option<&str>| criteria::quote::readable(text.unwrap_or_default());
    let mut rows = vec!["TT\tTiêu chí\tThực hiện\tĐiều kiện\tTài liệu kiểm chứng\tĐiểm số".to_owned()];
    for file in &hand.pillars {
        rows.push(format!("{}\t{}", file.pillar.no, clean(Some(&file.pillar.name))));
        for one in &file.indicators {
            let evidence = one.evidence.first().map(|evidence| evidence.what.as_str());
            let text = one.restored.as_deref().or(one.text.as_deref());
            let points = one.points.map(|points| points.to_string()).unwrap_or_default();
            let cells = [
                one.no.clone(),
                clean(Some(&one.name)),
                clean(one.guidance.as_deref()),
                clean(text),
                clean(evidence),
                points,
            ];
            rows.push(cells.join("\t"));
        }
    }
    let draft = import("qd931.txt", rows.join("\n").as_bytes(), &Options::default()).unwrap();
    let without_due: Vec<Indicator> =
        hand.indicators().cloned().map(|one| Indicator { due: criteria::model::Due::default(), ..one }).collect();
    let found = measure("hue-931-2024-commune", &draft, &without_due.iter().collect::<Vec<_>>(), true);
    (draft, found)
}

#[test]
fn decision_931_unspoiled_imports_with_its_rules() {
    let (draft, found) = unspoiled_931();
    reads(&draft);
    holds(&found, true);
}

/// The table of how much comes out right, as the handbook keeps it. Shown by `-- --nocapture accuracy`, with every miss;
/// written anew with `REGEN=1`.
#[test]
fn the_accuracy_that_the_handbook_tells_is_what_is_measured() {
    const NOT_PRINTED: &str = "không in";
    let row = |name: &str, found: &Measure, points: bool, due: bool| {
        let of = found.of;
        let told = |right: usize, printed: bool| if printed { format!("{right}/{of}") } else { NOT_PRINTED.to_owned() };
        format!(
            "| {name} | {}/{of} | {} | {} | {}/{of} | {}/{of} |\n",
            found.indicators,
            told(found.points, points),
            told(found.deadlines, due),
            found.rules,
            found.whole_rules
        )
    };
    let scan = imported("criteria/hue-931-2024-commune/source/qd931-scan.txt");
    let table = [
        "| văn bản | chỉ số | điểm | thời hạn | đúng loại luật | đúng cả số trong luật |\n".to_owned(),
        "| --- | --- | --- | --- | --- | --- |\n".to_owned(),
        row("QĐ 2263, Phụ lục 3 (xã)", &against("hue-2263-2023-commune", "annex3.txt").1, true, true),
        row("QĐ 2263, Phụ lục 1 (sở)", &against("hue-2263-2023-department", "annex1.txt").1, true, true),
        row("KH 41 Nghĩa Phương", &against("nghia-phuong-41-2023", "kh41.txt").1, true, true),
        row("CV 114 Khe Tre", &letter_114().2, false, true),
        row("QĐ 931 cấp xã, dựng lại từ bộ làm tay", &unspoiled_931().1, true, false),
        format!("| QĐ 931, bản quét hỏng | {}/52 | | | | |\n", scan.set.indicators().count()),
    ]
    .concat();
    println!("\n{table}");
    let path = repository().join("docs/handbook.md");
    let handbook = std::fs::read_to_string(&path).unwrap();
    let begin = handbook.find("| văn bản | chỉ số |").unwrap();
    let length = handbook[begin..].find("\n\n").unwrap() + 1;
    if std::env::var_os("REGEN").is_some() {
        std::fs::write(&path, format!("{}{table}{}", &handbook[..begin], &handbook[begin + length..])).unwrap();
        return;
    }
    assert_eq!(&handbook[begin..begin + length], table, "REGEN=1 writes the table anew");
}
