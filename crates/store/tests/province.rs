//! The province's side on SQLite and PostgreSQL alike: appraising, explaining, deciding, publishing again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use std::collections::BTreeMap;

use common::{Cluster, World, at, now};
use cycle::division::Share;
use cycle::round::Days;
use cycle::{Denial, Entry, EntryState, Phase};
use jiff::Timestamp;
use store::command::{Appraisal, EntryChange, NewPerson};
use store::{Command, Done, Refusal, Store};

const INDICATOR: &str = "I.5.2";

/// The small province with two appraisers, and unit A's sheet submitted with 9 of 12 declared: 4.5 points.
struct Province {
    world: World,
    figure: String,
}

impl Province {
    async fn new(world: World) -> Self {
        let agency = Command::AddPosition {
            unit: world.unit("T"),
            code: "TĐ".to_owned(),
            name: "Người thẩm định".to_owned(),
            capabilities: [cycle::Capability::Appraise, cycle::Capability::Decide].into(),
        };
        world.operator(agency).await;
        let position = world.store.state().positions_of(world.unit("T")).last().unwrap().id;
        for login in ["td@t.example", "td2@t.example"] {
            world
                .operator(Command::AddPerson(NewPerson {
                    login: login.to_owned(),
                    name: login.to_owned(),
                    position: Some(position),
                    from: "2023-01-01".parse().unwrap(),
                    invitation: None,
                    calendar: login.to_owned(),
                }))
                .await;
        }
        let figure = {
            let state = world.store.state();
            let level = state.levels.values().next().unwrap();
            level.program.set.indicator(INDICATOR).unwrap().all_figures()[0].id.clone()
        };
        let own = Self { world, figure };
        let id = own.world.sheet("A");
        let change = EntryChange { figures: own.figures("9"), ..EntryChange::default() };
        let save = Command::SaveEntry { assessment: id, indicator: INDICATOR.to_owned(), version: 0, change };
        own.does("vh-xh@a.example", now(), save).await.unwrap();
        let set = own.world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
        let hash = own.world.store.sheet(id).await.unwrap().unwrap().state_hash(&set);
        own.does("ct@a.example", now(), Command::Submit { assessment: id, hash }).await.unwrap();
        own.world.phase(Phase::Appraising).await;
        own
    }

    fn figures(&self, typed: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(self.figure.clone(), typed.to_owned())])
    }

    async fn does(&self, who: &str, at: Timestamp, command: Command) -> Result<Done, Refusal> {
        self.world.store.change(self.world.actor(who), at, command).await
    }

    async fn entry(&self) -> Entry {
        let sheet = self.world.store.sheet(self.world.sheet("A")).await.unwrap().unwrap();
        sheet.entry(INDICATOR).unwrap().1.clone()
    }

    async fn appraise(&self, when: Timestamp, appraisal: Appraisal) -> Result<Done, Refusal> {
        let (assessment, version) = (self.world.sheet("A"), self.entry().await.version);
        let command = Command::Appraise { assessment, indicator: INDICATOR.to_owned(), version, appraisal };
        self.does("td@t.example", when, command).await
    }

    async fn explain(&self, when: Timestamp) -> Result<Done, Refusal> {
        let (indicator, words) = (INDICATOR.to_owned(), "bài thứ 9 ở mục khác".to_owned());
        let command = Command::Explain { assessment: self.world.sheet("A"), indicator, words };
        self.does("vh-xh@a.example", when, command).await
    }

    async fn decide(&self, when: Timestamp, points: &str) -> Result<Done, Refusal> {
        let command = Command::Decide {
            assessment: self.world.sheet("A"),
            indicator: INDICATOR.to_owned(),
            version: self.entry().await.version,
            points: points.to_owned(),
            reason: "hội đồng thống nhất".to_owned(),
        };
        self.does("td@t.example", when, command).await
    }

    async fn publish(&self, when: Timestamp, number: &str) -> i64 {
        let (level, readings) = {
            let state = self.world.store.state();
            let level = state.levels.values().next().unwrap();
            let readings = level.program.set.head.readings.iter();
            let open = readings.filter(|one| !level.facts.picks.contains_key(&one.id));
            (level.facts.id, open.map(|one| (one.id.clone(), one.answer.clone())).collect::<Vec<_>>())
        };
        for (reading, variant) in readings {
            self.world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
        }
        if self.world.store.state().rounds[&self.world.round].phase != Phase::Published {
            self.world.phase(Phase::Deciding).await;
        }
        let day = "2024-01-15".parse().unwrap();
        let command =
            Command::Publish { round: self.world.round, number: number.to_owned(), day, undecided: String::new() };
        self.does("bcd@t.example", when, command).await.unwrap().id.unwrap()
    }

    async fn points_in(&self, publication: i64) -> String {
        let rows = self.world.store.published(publication, "commune").await.unwrap();
        rows.iter().find(|row| row.code == "A").unwrap().points.to_string()
    }

    async fn faults(&self) -> Vec<String> {
        self.world.store.audit().await.unwrap().faults
    }
}

fn set(figures: BTreeMap<String, String>) -> Appraisal {
    Appraisal::Figures { figures, reason: "nguồn đếm được 6".to_owned() }
}

fn points(entry: &Entry) -> (String, Option<String>, Option<String>) {
    (
        entry.self_score.as_ref().unwrap().points.to_string(),
        entry.appraised.as_ref().map(|verdict| verdict.score.points.to_string()),
        entry.final_score.as_ref().map(|verdict| verdict.score.points.to_string()),
    )
}

async fn figures_that_an_appraiser_sets_are_scored_by_the_engine_and_the_declared_ones_stay(world: World) {
    let province = Province::new(world).await;
    let same = province.appraise(now(), set(province.figures(" 9 "))).await;
    assert!(matches!(&same, Err(Refusal::Invalid(fields)) if fields[0].field == "figures"), "{same:?}");
    let wrong = province.appraise(now(), set(province.figures("mười"))).await;
    assert!(matches!(&wrong, Err(Refusal::Invalid(fields)) if fields[0].field == province.figure), "{wrong:?}");
    let unknown = province.appraise(now(), set(BTreeMap::from([("khac".to_owned(), "1".to_owned())]))).await;
    assert!(matches!(unknown, Err(Refusal::NotFound)), "{unknown:?}");
    let silent = Appraisal::Figures { figures: province.figures("6"), reason: String::new() };
    assert!(matches!(province.appraise(now(), silent).await, Err(Refusal::Invalid(_))), "a reason is needed");

    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    let entry = province.entry().await;
    assert_eq!(points(&entry), ("4.5".to_owned(), Some("3".to_owned()), None));
    assert_eq!(entry.figures[&province.figure].typed, "9", "what was declared stays");
    let verdict = entry.appraised.unwrap();
    let by = province.world.person("td@t.example");
    assert_eq!(verdict.figures[&province.figure].by, Some(by), "the figure's origin is the appraiser");
    let history = province.world.store.history(province.world.sheet("A"), Some(INDICATOR)).await.unwrap();
    assert_eq!(history[0].detail["figures"][&province.figure], "6");
    let reasons = province.world.store.reasons(province.world.unit("T")).await.unwrap();
    assert_eq!((reasons[0].words.as_str(), reasons[0].uses), ("nguồn đếm được 6", 1));
    assert_eq!(province.faults().await, [""; 0]);

    let publication = province.publish(at("2024-01-15T02:00:00Z"), "01/QĐ").await;
    assert_eq!(province.points_in(publication).await, "3");
    let store = &province.world.store;
    let (_, rows) = store.published_reasons(publication, "commune", "A").await.unwrap().unwrap();
    let row = rows.iter().find(|one| one.id == INDICATOR).unwrap();
    for words in ["nguồn đếm được 6.", "6/12", "cơ quan thẩm định đặt"] {
        assert!(row.because.0.contains(words), "{words}: {}", row.because.0);
    }
    assert_eq!(row.declared.map(|points| points.to_string()).as_deref(), Some("4.5"));
    assert_eq!(province.faults().await, [""; 0], "computed again from the facts it is what was published");

    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&province.world.url).await.unwrap();
    sqlx::query("UPDATE entry SET appraised = REPLACE(appraised, '\"typed\":\"6\"', '\"typed\":\"7\"')")
        .execute(&behind)
        .await
        .unwrap();
    let url = &province.world.url;
    let again = Store::open(url, province.world.folder.path().join("evidence")).await.unwrap();
    let faults = again.audit().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains("I.5.2: the stored points do not follow")), "{faults:?}");
}

async fn a_unit_completes_what_was_returned_by_its_day(world: World) {
    let province = Province::new(world).await;
    let back = |due: &str| Appraisal::Return { reason: "thiếu tệp".to_owned(), due: Some(due.parse().unwrap()) };
    for (due, why) in [("2023-10-19", "it has passed"), ("2023-12-01", "it lies after the appraisal")] {
        let refused = province.appraise(now(), back(due)).await;
        assert!(matches!(&refused, Err(Refusal::Invalid(fields)) if fields[0].field == "due"), "{why}: {refused:?}");
    }
    province.appraise(now(), Appraisal::Accept).await.unwrap();
    province.appraise(now(), back("2023-11-10")).await.unwrap();
    let entry = province.entry().await;
    assert_eq!(entry.returned_due, Some("2023-11-10".parse().unwrap()));
    let fill = async |when: &str, value: &str| {
        let change = EntryChange { figures: province.figures(value), ..EntryChange::default() };
        let (assessment, version) = (province.world.sheet("A"), province.entry().await.version);
        let command = Command::SaveEntry { assessment, indicator: INDICATOR.to_owned(), version, change };
        province.does("vh-xh@a.example", at(when), command).await
    };
    fill("2023-11-12T02:00:00Z", "10").await.unwrap();
    assert_eq!(points(&province.entry().await).1.as_deref(), Some("4.5"), "nobody has accepted the new figures");
    let closed = fill("2023-12-01T02:00:00Z", "11").await;
    assert!(matches!(closed, Err(Refusal::Denied(Denial::Closed))), "{closed:?}");
    let (assessment, version) = (province.world.sheet("A"), province.entry().await.version);
    let ready = Command::MarkReady { assessment, indicator: INDICATOR.to_owned(), version };
    province.does("vh-xh@a.example", at("2023-11-12T03:00:00Z"), ready).await.unwrap();
    let entry = province.entry().await;
    assert_eq!((entry.state, entry.returned.as_deref()), (EntryState::Submitted, None));
    let sheet = province.world.store.sheet(assessment).await.unwrap().unwrap();
    let state = province.world.store.state();
    let indicator = state.levels.values().next().unwrap().program.set.indicator(INDICATOR).unwrap();
    let today = "2023-11-20".parse().unwrap();
    let first = Some("2023-10-31".parse().unwrap());
    let progress = cycle::progress::entry_progress(indicator, (&entry, None), first, &[], today);
    assert_eq!(progress.standing, Some(cycle::time::Standing::DoneLate(2)), "late by the day that was set");
    let handed_in = cycle::Entry { ready_at: None, returned_due: None, ..entry };
    let stands = |submission| {
        cycle::progress::entry_progress(indicator, (&handed_in, submission), first, &[], today).is_overdue()
    };
    assert!(stands(None) && !stands(sheet.submission.as_ref()), "what was handed in with the sheet is late no more");
}

async fn explanations_go_to_and_fro_and_silence_means_the_appraised_points(world: World) {
    let province = Province::new(world).await;
    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    let open = |from: &str, to: &str| Command::OpenExplanation {
        round: province.world.round,
        days: Days { from: from.parse().unwrap(), to: to.parse().unwrap() },
        reason: "đợt giải trình".to_owned(),
    };
    let early = province.explain(at("2023-12-02T02:00:00Z")).await;
    assert!(matches!(early, Err(Refusal::Denied(Denial::Phase(Phase::Appraising)))), "{early:?}");
    province.does("bcd@t.example", now(), open("2023-12-01", "2023-12-10")).await.unwrap();
    let stranger = province.does("vp-tk@b.example", now(), open("2023-12-12", "2023-12-15")).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))), "{stranger:?}");
    let overlap = province.does("bcd@t.example", now(), open("2023-12-10", "2023-12-15")).await;
    assert!(matches!(overlap, Err(Refusal::Invalid(_))), "{overlap:?}");
    province.does("bcd@t.example", now(), open("2023-12-20", "2023-12-25")).await.unwrap();
    province.world.phase(Phase::Explaining).await;

    province.explain(at("2023-12-02T02:00:00Z")).await.unwrap();
    let kept = province.appraise(at("2023-12-11T02:00:00Z"), Appraisal::Keep { reason: "vẫn là 6".to_owned() }).await;
    kept.unwrap();
    assert_eq!(province.entry().await.state, EntryState::Answered);
    let between = province.explain(at("2023-12-15T02:00:00Z")).await;
    assert!(matches!(between, Err(Refusal::Denied(Denial::Closed))), "no window is open: {between:?}");
    province.explain(at("2023-12-21T02:00:00Z")).await.unwrap();
    province.appraise(at("2023-12-22T02:00:00Z"), set(province.figures("8"))).await.unwrap();
    let entry = province.entry().await;
    assert_eq!((entry.state, points(&entry).1), (EntryState::Answered, Some("4".to_owned())));
    let remarks = province.world.store.remarks(province.world.sheet("A"), INDICATOR).await.unwrap();
    let turns: Vec<(&str, i64)> = remarks.iter().map(|one| (one.kind.key(), one.turn)).collect();
    assert_eq!(turns, [("explanation", 1), ("answer", 1), ("explanation", 2), ("answer", 2)]);

    // Another entry is adjusted, and nobody explains it.
    let (assessment, other) = (province.world.sheet("A"), "I.1.1");
    let version = async || {
        let sheet = province.world.store.sheet(assessment).await.unwrap().unwrap();
        sheet.entry(other).unwrap().1.version
    };
    let appraisal = Appraisal::Adjust { points: "2".to_owned(), reason: "có công bố".to_owned() };
    let command = Command::Appraise { assessment, indicator: other.to_owned(), version: version().await, appraisal };
    province.does("td@t.example", at("2023-12-05T02:00:00Z"), command).await.unwrap();
    let silence = Command::RecordSilence { round: province.world.round };
    let early = province.does("td@t.example", at("2023-12-25T02:00:00Z"), silence.clone()).await;
    assert!(matches!(early, Err(Refusal::Denied(_))), "the last day is not over: {early:?}");
    let done = province.does("td@t.example", at("2023-12-26T02:00:00Z"), silence.clone()).await.unwrap();
    assert_eq!(done.count, 1, "what was explained is no silence");
    let sheet = province.world.store.sheet(assessment).await.unwrap().unwrap();
    let (_, entry) = sheet.entry(other).unwrap();
    let verdict = entry.final_score.as_ref().unwrap();
    assert_eq!((entry.state, verdict.score.points.to_string().as_str()), (EntryState::Decided, "2"));
    assert!(verdict.reason.contains("25/12/2023"), "{}", verdict.reason);
    let again = province.does("td@t.example", at("2023-12-26T03:00:00Z"), silence).await.unwrap();
    assert_eq!(again.count, 0);
    assert_eq!(province.faults().await, [""; 0]);
}

async fn a_correction_is_published_again_and_both_stay_readable(world: World) {
    let province = Province::new(world).await;
    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    province.world.phase(Phase::Explaining).await;
    province.decide(at("2024-01-05T02:00:00Z"), "4").await.unwrap();
    let first = province.publish(at("2024-01-15T02:00:00Z"), "01/QĐ").await;
    assert_eq!(province.points_in(first).await, "4");
    let kept = province.world.store.publication(first).await.unwrap().unwrap();
    let owner = province.does("bcd@t.example", at("2024-02-01T02:00:00Z"), {
        let phase = Phase::Explaining;
        Command::SetPhase { round: province.world.round, phase, reason: "mở lại".to_owned() }
    });
    assert!(matches!(owner.await, Err(Refusal::Denied(Denial::Phase(Phase::Published)))), "only corrections");
    province.decide(at("2024-02-01T02:00:00Z"), "4,5").await.unwrap();
    assert_eq!(province.points_in(first).await, "4", "nothing that was published moves");
    assert_eq!(province.faults().await, [""; 0], "a correction waits for its decision");
    let second = province.publish(at("2024-02-05T02:00:00Z"), "02/QĐ").await;
    assert_eq!((province.points_in(first).await.as_str(), province.points_in(second).await.as_str()), ("4", "4.5"));
    let amended = province.world.store.publication(second).await.unwrap().unwrap();
    assert_eq!((amended.amends, amended.number.as_str()), (Some(first), "02/QĐ"));
    assert_eq!(province.world.store.publication(first).await.unwrap().unwrap(), kept);
    assert_eq!(province.faults().await, [""; 0]);
}

async fn work_is_divided_and_two_see_each_other(world: World) {
    let province = Province::new(world).await;
    let world = &province.world;
    let (one, two) = (world.person("td@t.example"), world.person("td2@t.example"));
    let agency = world.unit("T");
    let divide = |account, unit: &str| Command::Divide {
        round: world.round,
        agency,
        shares: vec![Share { units: [world.unit(unit)].into(), ..Share::none(account) }],
    };
    province.does("td@t.example", now(), divide(two, "A")).await.unwrap();
    let appraiser = |store: &Store| {
        let state = store.state();
        let round = &state.rounds[&world.round];
        let level = *state.levels.keys().next().unwrap();
        (
            round.appraiser(agency, world.unit("A"), level, INDICATOR),
            round.appraiser(agency, world.unit("B"), level, INDICATOR),
        )
    };
    assert_eq!(appraiser(&world.store), (Some(two), None));
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    assert_eq!(appraiser(&again), (Some(two), None));
    let outsider = province.does("td@t.example", now(), divide(world.person("ct@b.example"), "A")).await;
    assert!(matches!(outsider, Err(Refusal::Invalid(_))), "{outsider:?}");
    let stranger = province.does("vp-tk@b.example", now(), divide(two, "A")).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))), "{stranger:?}");

    let sheet = world.sheet("A");
    assert_eq!(world.store.claim(sheet, INDICATOR, one, now()).await.unwrap(), None);
    let seen = world.store.claim(sheet, INDICATOR, two, at("2023-10-20T02:05:00Z")).await.unwrap();
    assert_eq!(seen, Some((one, now())));
    let later = world.store.claim(sheet, INDICATOR, two, at("2023-10-20T02:10:01Z")).await.unwrap();
    assert_eq!(later, None, "a case that was left is free again");
}

async fn what_a_council_decides_stands_in_its_minutes(world: World) {
    let province = Province::new(world).await;
    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    province.world.phase(Phase::Deciding).await;
    let round = province.world.round;
    let meet = |title: &str| Command::Meet {
        round,
        title: title.to_owned(),
        chair: "Chủ tịch hội đồng (mẫu)".to_owned(),
        present: String::new(),
    };
    let stranger = province.does("ct@a.example", now(), meet("Phiên 1")).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))), "{stranger:?}");
    province.does("td@t.example", at("2024-01-05T01:00:00Z"), meet("Phiên 1")).await.unwrap();
    province.decide(at("2024-01-05T02:00:00Z"), "4").await.unwrap();
    province.does("td@t.example", at("2024-01-05T03:00:00Z"), Command::CloseMeeting { round }).await.unwrap();
    province.decide(at("2024-01-06T02:00:00Z"), "4,5").await.unwrap();
    let meetings = province.world.store.meetings(round).await.unwrap();
    let (opened, closed) = (meetings[0].opened, meetings[0].closed.unwrap());
    let decisions = province.world.store.decisions(round, opened, closed).await.unwrap();
    let told: Vec<&str> = decisions.iter().filter_map(|event| event.detail["after"].as_str()).collect();
    assert_eq!(told, ["4"], "what was decided after it does not change its minutes");
}

async fn what_nobody_decided_is_published_only_with_a_reason_that_stays(world: World) {
    let province = Province::new(world).await;
    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    province.world.phase(Phase::Explaining).await;
    let later = at("2023-11-15T01:00:00Z");
    province.explain(later).await.unwrap();
    let readings: Vec<(String, String)> = {
        let state = province.world.store.state();
        let level = state.levels.values().next().unwrap();
        let readings = &level.program.set.head.readings;
        readings.iter().map(|one| (one.id.clone(), one.answer.clone())).collect()
    };
    let level = *province.world.store.state().levels.keys().next().unwrap();
    for (reading, variant) in readings {
        province.world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
    }
    province.world.phase(Phase::Deciding).await;
    let (round, day) = (province.world.round, "2024-01-15".parse().unwrap());
    let publish = |undecided: &str| {
        let (number, undecided) = ("01/QĐ".to_owned(), undecided.to_owned());
        Command::Publish { round, number, day, undecided }
    };
    for silent in ["", "  "] {
        let refused = province.does("bcd@t.example", later, publish(silent)).await;
        let Err(Refusal::Invalid(fields)) = refused else { panic!("{refused:?}") };
        assert_eq!(fields[0].field, "undecided");
        assert!(fields[0].message.vi.contains("1 giải trình"), "{}", fields[0].message.vi);
    }
    assert_eq!(province.world.store.publications().await.unwrap(), [], "what is refused leaves nothing");
    let done = province.does("bcd@t.example", later, publish("tài liệu gửi sau hạn")).await.unwrap();
    let kept = province.world.store.publication(done.id.unwrap()).await.unwrap().unwrap();
    let left = kept.head.undecided.clone().unwrap();
    assert_eq!((left.count, left.reason.as_str()), (1, "tài liệu gửi sau hạn"));
    assert_eq!(province.points_in(kept.id).await, "3", "what the appraiser found counts");
    assert_eq!(province.faults().await, [""; 0]);

    province.decide(at("2024-01-20T02:00:00Z"), "4").await.unwrap();
    let again = province.does("bcd@t.example", at("2024-01-21T02:00:00Z"), publish("không còn cần")).await.unwrap();
    let again = province.world.store.publication(again.id.unwrap()).await.unwrap().unwrap();
    assert_eq!(again.head.undecided, None, "nothing is left, so nothing is told");

    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&province.world.url).await.unwrap();
    sqlx::query("UPDATE publication SET head = REPLACE(head, 'tài liệu gửi sau hạn', 'khác')")
        .execute(&behind)
        .await
        .unwrap();
    let faults = province.faults().await;
    assert!(faults.iter().any(|fault| fault.contains("not those that were published")), "{faults:?}");
}

async fn a_grid_is_what_was_published_without_the_sentences(world: World) {
    let province = Province::new(world).await;
    province.appraise(now(), set(province.figures("6"))).await.unwrap();
    let id = province.publish(at("2024-01-15T02:00:00Z"), "01/QĐ").await;
    let store = &province.world.store;
    let grid = store.published_grid(id, "commune").await.unwrap();
    for row in store.published(id, "commune").await.unwrap().iter() {
        let (_, reasons) = store.published_reasons(id, "commune", &row.code).await.unwrap().unwrap();
        assert_eq!(grid.indicators, reasons.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
        for (at, one) in reasons.iter().enumerate() {
            let cell = grid.cell(&row.code, at).unwrap();
            let applicable = one.maximum.millionths() - one.excluded.millionths();
            let expected = (one.points, applicable, one.state == "missing");
            assert_eq!((cell.points, cell.applicable.millionths(), cell.missing), expected, "{} {}", row.code, one.id);
        }
    }
    assert_eq!(store.published_grid(id, "department").await.unwrap(), store::grid::Grid::default());
}

async fn what_is_read_of_many_sheets_at_once_is_what_each_of_them_says(world: World) {
    let own = Province::new(world).await;
    let adjust = Appraisal::Adjust { points: "3".to_owned(), reason: "nguồn đếm được 6".to_owned() };
    own.appraise(now(), adjust).await.unwrap();
    let accepted = own.world.sheet("A");
    let (version, indicator) = {
        let sheet = own.world.store.sheet(accepted).await.unwrap().unwrap();
        (sheet.entries[0].version, sheet.entries[0].indicator.clone())
    };
    let command = Command::Appraise { assessment: accepted, indicator, version, appraisal: Appraisal::Accept };
    own.does("td@t.example", now(), command).await.unwrap();

    // A copy that has no sheet in memory, and so many rows that it keeps none.
    let copy = Store::open(&own.world.url, own.world.folder.path().join("evidence")).await.unwrap();
    let rows: Vec<_> = copy.state().assessments.values().cloned().collect();
    let many: Vec<_> = rows.iter().cycle().take(1_000).cloned().collect();
    let mut read = Vec::new();
    copy.each_score(many, |some| read.extend(some)).await.unwrap();
    assert_eq!(read.len(), rows.len(), "each once");
    for (row, sheet) in read {
        let mut whole = (*copy.sheet_in_passing(row.id).await.unwrap().unwrap()).clone();
        assert!(
            row.id != accepted || !whole.profile.is_empty() || !whole.entry(INDICATOR).unwrap().1.figures.is_empty()
        );
        whole.profile.clear();
        whole.profile_version = sheet.profile_version;
        for entry in &mut whole.entries {
            (entry.note, entry.figures, entry.evidence, entry.returned) = Default::default();
        }
        assert_eq!(*sheet, whole);
    }
    let found = copy.judged_otherwise(&rows).await.unwrap();
    let [(id, place, entry)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((*id, entry), (accepted, &own.entry().await));
    assert_eq!(own.world.store.sheet(accepted).await.unwrap().unwrap().entries[*place], *entry);
    assert_eq!(own.world.store.judged_otherwise(&rows).await.unwrap(), found, "whether the sheet is in memory or not");
}

on_both!(
    what_is_read_of_many_sheets_at_once_is_what_each_of_them_says,
    what_nobody_decided_is_published_only_with_a_reason_that_stays,
    a_grid_is_what_was_published_without_the_sentences,
    figures_that_an_appraiser_sets_are_scored_by_the_engine_and_the_declared_ones_stay,
    a_unit_completes_what_was_returned_by_its_day,
    explanations_go_to_and_fro_and_silence_means_the_appraised_points,
    a_correction_is_published_again_and_both_stay_readable,
    work_is_divided_and_two_see_each_other,
    what_a_council_decides_stands_in_its_minutes,
);
