//! The three score columns under whatever is set and typed: none is lost, none moves by itself, and what stands on figures
//! is what the engine gives; windows and silence under any days.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use criteria::date::Date;
use criteria::{CriteriaSet, Files, Number};
use cycle::entry::{Score, ScoreKind, Verdict};
use cycle::round::{Days, Round, Settings};
use cycle::sheet::LevelContext;
use cycle::{AccountId, AssessmentId, Entry, EntryState, FigureValue, LevelId, Phase, RoundId, Sheet, Sight, UnitId};
use jiff::Timestamp;
use proptest::prelude::*;
use scoring::Program;

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../criteria/hue-2263-2023-commune");
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    let set = CriteriaSet::read("hue-2263-2023-commune", &files).unwrap();
    Program::new(&set, &BTreeMap::new(), Some(2023)).unwrap()
});

fn value(typed: &str) -> FigureValue {
    FigureValue { typed: typed.to_owned(), by: Some(AccountId(1)), at: Timestamp::UNIX_EPOCH, from: None }
}

/// Something typed into a figure: numbers, answers, nonsense.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..40).prop_map(|number| number.to_string()),
        Just("yes".to_owned()),
        Just("50 %".to_owned()),
        Just("mười".to_owned())
    ]
}

/// What is done to one entry: its place, what is typed into its figures, and which verdicts it has.
#[derive(Clone, Debug)]
struct Work {
    place: usize,
    declared: String,
    set: Option<String>,
    given: Option<i64>,
    decided: Option<i64>,
}

fn work() -> impl Strategy<Value = Vec<Work>> {
    let one = (
        0..PROGRAM.indicator_count(),
        typed(),
        proptest::option::of(typed()),
        proptest::option::of(0_i64..9),
        proptest::option::of(0_i64..9),
    );
    let one = one.prop_map(|(place, declared, set, given, decided)| Work { place, declared, set, given, decided });
    proptest::collection::vec(one, 1..12)
}

fn verdict(points: i64, computed: bool, figures: BTreeMap<String, FigureValue>) -> Verdict {
    let points = Number::from_millionths(points * 1_000_000);
    let score = Score { points, excluded: Number::ZERO, kind: ScoreKind::Judged };
    let (by, at) = (AccountId(1), Timestamp::UNIX_EPOCH);
    Verdict { score, reason: "phép thử".to_owned(), by, at, figures, computed }
}

fn sheet(work: &[Work]) -> Sheet {
    let mut sheet = Sheet::empty(AssessmentId(1), RoundId(1), LevelId(1), UnitId(2), &PROGRAM);
    for one in work {
        let indicator = PROGRAM.set.indicators().nth(one.place).unwrap();
        let all = |typed: &str| -> BTreeMap<String, FigureValue> {
            indicator.all_figures().iter().map(|figure| (figure.id.clone(), value(typed))).collect()
        };
        let entry = &mut sheet.entries[one.place];
        entry.figures = all(&one.declared);
        entry.appraised = match (&one.set, one.given) {
            (Some(set), _) => Some(verdict(0, true, all(set))),
            (None, Some(points)) => Some(verdict(points, false, BTreeMap::new())),
            (None, None) => None,
        };
        entry.final_score = one.decided.map(|points| verdict(points, false, BTreeMap::new()));
    }
    sheet
}

fn rescored(sheet: &Sheet) -> (Sheet, Vec<usize>) {
    let exempt = BTreeSet::new();
    let context = LevelContext { program: &PROGRAM, round: &[], spreads: &[], exempt: &exempt };
    let mut sheet = sheet.clone();
    let read = sheet.read(&context);
    let (_, changed) = sheet.rescore(&context, &read);
    (sheet, changed)
}

fn day(number: i32) -> Date {
    "2023-11-01".parse::<Date>().unwrap().checked_add(jiff::Span::new().days(number)).unwrap()
}

fn round(phase: Phase, spans: &[(i32, i32)]) -> Round {
    let mut from = 0;
    let explanations = spans
        .iter()
        .map(|(gap, length)| {
            let days = Days { from: day(from + gap), to: day(from + gap + length) };
            from += gap + length + 1;
            days
        })
        .collect();
    let settings = Settings { explanations, ..Settings::default() };
    let (id, owner, title) = (RoundId(1), UnitId(1), "Kỳ mẫu".to_owned());
    Round { id, owner, year: 2023, title, phase, days: BTreeMap::new(), settings }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_column_is_lost_and_points_that_a_person_gave_never_move(work in work()) {
        let before = sheet(&work);
        let (after, _) = rescored(&before);
        for (old, new) in before.entries.iter().zip(&after.entries) {
            prop_assert_eq!(&old.figures, &new.figures, "what was declared stays");
            prop_assert_eq!(&old.final_score, &new.final_score);
            prop_assert_eq!(old.appraised.is_some(), new.appraised.is_some());
            if let (Some(old), Some(new)) = (&old.appraised, &new.appraised) {
                prop_assert_eq!(&old.figures, &new.figures);
                prop_assert!(old.computed || old == new);
            }
            prop_assert!(new.self_score.is_some());
        }
        let (again, changed) = rescored(&after);
        prop_assert_eq!(changed, Vec::<usize>::new());
        prop_assert_eq!(again, after, "scoring twice is scoring once");
    }

    #[test]
    fn what_stands_on_set_figures_is_what_the_engine_gives_for_them(work in work()) {
        let (after, _) = rescored(&sheet(&work));
        let mut declared = sheet(&work);
        for entry in &mut declared.entries {
            if let Some(verdict) = entry.appraised.take() {
                entry.figures.extend(verdict.figures);
            }
            entry.final_score = None;
        }
        // A figure that cannot be used is refused at the door; two that contradict each other are, too.
        let exempt = BTreeSet::new();
        let context = LevelContext { program: &PROGRAM, round: &[], spreads: &[], exempt: &exempt };
        let problems = declared.read(&context).problems;
        let refused = |indicator: &str| problems.iter().any(|one| one.indicator.as_deref() == Some(indicator));
        let (as_if, _) = rescored(&declared);
        for (entry, as_if) in after.entries.iter().zip(&as_if.entries) {
            if let Some(verdict) = entry.appraised.as_ref().filter(|verdict| verdict.computed && !refused(&entry.indicator)) {
                prop_assert_eq!(Some(&verdict.score), as_if.self_score.as_ref(), "{}", &entry.indicator);
            }
        }
    }

    #[test]
    fn what_the_unit_sees_lacks_only_what_it_is_not_to_see(work in work(), phase in 0_usize..6, state in 3_usize..10) {
        let phase = Phase::ALL[phase];
        let (sheet, _) = rescored(&sheet(&work));
        for entry in &sheet.entries {
            let entry = Entry { state: EntryState::ALL[state], ..entry.clone() };
            let mut seen = entry.clone();
            Sight::Unit.mask(phase, &mut seen);
            prop_assert_eq!(&seen.self_score, &entry.self_score);
            prop_assert_eq!(seen.version, entry.version);
            prop_assert!(seen.appraised.is_none() || phase >= Phase::Explaining);
            prop_assert!(seen.final_score.is_none() || phase == Phase::Published);
            prop_assert!(phase < Phase::Explaining || seen.appraised == entry.appraised);
            let mut inside = entry.clone();
            Sight::Inside.mask(phase, &mut inside);
            prop_assert_eq!(&inside, &entry);
        }
    }

    #[test]
    fn no_window_is_open_out_of_time_and_silence_speaks_only_after_the_last(
        spans in proptest::collection::vec((0_i32..5, 0_i32..6), 1..5), today in -2_i32..60, state in 0_usize..10
    ) {
        let round = round(Phase::Explaining, &spans);
        let days = round.explanations();
        let today = day(today);
        let within = days.iter().any(|days| days.from <= today && today <= days.to);
        prop_assert_eq!(round.window_open(UnitId(2), today), within);
        let entry = Entry { state: EntryState::ALL[state], ..Entry::empty("I.1") };
        let over = days.iter().all(|days| days.to < today);
        prop_assert_eq!(round.is_silent(&entry, today), over && entry.state == EntryState::Adjusted);
        prop_assert!(!(round.window_open(UnitId(2), today) && round.is_silent(&entry, today)));
        prop_assert_eq!(round.explanation_turn(today), days.iter().filter(|days| days.from <= today).count());
    }
}
