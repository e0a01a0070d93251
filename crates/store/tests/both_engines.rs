//! What must hold of the store, on SQLite and on PostgreSQL alike.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
#[macro_use]
#[path = "common/on_both.rs"]
mod on_both;

use std::collections::BTreeMap;

use common::{Cluster, World, at, now};
use criteria::model::ReadingStatus;
use cycle::proof::FileVerdict;
use cycle::{Answer, Denial, DraftId, EntryState, Phase};
use store::command::{EntryChange, NewDraft, NewEvidence};
use store::proofs::{Alike, FileReport};
use store::{Command, Refusal, Store};

fn figures(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect()
}

fn typed(pairs: &[(&str, &str)]) -> EntryChange {
    EntryChange { figures: figures(pairs), ..EntryChange::default() }
}

/// The ids of I.5.2's figures, whatever they are called.
fn figure_of(world: &World, indicator: &str) -> String {
    let state = world.store.state();
    let level = state.levels.values().next().unwrap();
    level.program.set.indicator(indicator).unwrap().all_figures()[0].id.clone()
}

async fn save(world: &World, who: &str, code: &str, version: i64, value: &str) -> Result<store::Done, Refusal> {
    let figure = figure_of(world, "I.5.2");
    let command = Command::SaveEntry {
        assessment: world.sheet(code),
        indicator: "I.5.2".to_owned(),
        version,
        change: typed(&[(&figure, value)]),
    };
    world.store.change(world.actor(who), now(), command).await
}

async fn a_saved_figure_is_scored_logged_and_there_after_a_restart(world: World) {
    let done = save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    assert_eq!(done.version, Some(1));
    let id = world.sheet("A");
    let sheet = world.store.sheet(id).await.unwrap().unwrap();
    let (_, entry) = sheet.entry("I.5.2").unwrap();
    assert_eq!(entry.self_score.as_ref().unwrap().points.to_string(), "4.5");
    assert_eq!(entry.state, EntryState::Filling);
    let history = world.store.history(id, Some("I.5.2")).await.unwrap();
    assert_eq!(history[0].detail["points"], serde_json::json!([null, "4.5"]));
    let report = world.store.audit().await.unwrap();
    assert_eq!(report.faults, [""; 0]);

    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    let read_back = again.sheet(id).await.unwrap().unwrap();
    assert_eq!(*read_back, *sheet);
    assert_eq!(again.state().assessments[&id], world.store.state().assessments[&id]);
}

async fn a_stale_change_is_refused_with_what_is_saved(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let Err(Refusal::Stale(sheet)) = save(&world, "vp-tk@a.example", "A", 0, "12").await else { panic!("not stale") };
    let figure = figure_of(&world, "I.5.2");
    assert_eq!(sheet.entry("I.5.2").unwrap().1.figures[&figure].typed, "9");
    save(&world, "vp-tk@a.example", "A", 1, "12").await.unwrap();
}

async fn nobody_fills_in_what_is_neither_assigned_nor_theirs(world: World) {
    for who in ["ca@a.example", "vp-tk@b.example", "ct@a.example", "bcd@t.example"] {
        let refused = save(&world, who, "A", 0, "9").await;
        assert!(matches!(refused, Err(Refusal::Denied(Denial::NotAllowed))), "{who}: {refused:?}");
    }
    assert_eq!(world.store.sheet(world.sheet("A")).await.unwrap().unwrap().version, 0);
}

async fn a_closed_window_opens_again_for_one_unit_by_extension(world: World) {
    let late = at("2023-11-01T01:00:00Z");
    let figure = figure_of(&world, "I.5.2");
    let command = |code: &str| Command::SaveEntry {
        assessment: world.sheet(code),
        indicator: "I.5.2".to_owned(),
        version: 0,
        change: typed(&[(&figure, "9")]),
    };
    let closed = world.store.change(world.actor("vp-tk@a.example"), late, command("A")).await;
    assert!(matches!(closed, Err(Refusal::Denied(Denial::Closed))));
    let extend = Command::Extend {
        round: world.round,
        unit: world.unit("A"),
        to: "2023-11-10".parse().unwrap(),
        reason: "mưa lũ".to_owned(),
    };
    world.store.change(world.actor("bcd@t.example"), late, extend).await.unwrap();
    world.store.change(world.actor("vp-tk@a.example"), late, command("A")).await.unwrap();
    let other = world.store.change(world.actor("vp-tk@b.example"), late, command("B")).await;
    assert!(matches!(other, Err(Refusal::Denied(Denial::Closed))));
}

async fn evidence_is_kept_by_its_hash_and_a_forged_file_is_found(world: World) {
    let id = world.sheet("A");
    let stored = world.store.evidence.put(b"%PDF-1.4 made up").await.unwrap();
    let evidence = NewEvidence {
        name: "Báo cáo (mẫu).pdf".to_owned(),
        sha256: Some(stored.sha256.clone()),
        bytes: stored.bytes,
        media: stored.media.to_owned(),
        link: None,
    };
    let add = Command::AddEvidence { assessment: id, indicator: "I.5.2".to_owned(), evidence };
    let done = world.store.change(world.actor("vh-xh@a.example"), now(), add).await.unwrap();
    let kept = world.store.one_evidence(cycle::EvidenceId(done.id.unwrap())).await.unwrap().unwrap();
    assert_eq!((kept.name.as_str(), kept.sha256.as_deref()), ("Báo cáo (mẫu).pdf", Some(stored.sha256.as_str())));
    let elsewhere = Command::WithdrawEvidence {
        assessment: world.sheet("B"),
        indicator: "I.5.2".to_owned(),
        evidence: kept.id,
        reason: String::new(),
    };
    let refused = world.store.change(world.actor("vp-tk@b.example"), now(), elsewhere).await;
    assert!(matches!(refused, Err(Refusal::NotFound)), "evidence of another unit");
    assert_eq!(world.store.audit().await.unwrap().files, 1);
    std::fs::write(world.store.evidence.path(&stored.sha256).unwrap(), b"%PDF-1.4 forged").unwrap();
    let faults = world.store.audit().await.unwrap().faults;
    assert!(faults.len() == 1 && faults[0].contains(&stored.sha256), "{faults:?}");
}

async fn proofs(world: &World, code: &str) -> std::sync::Arc<cycle::proof::Proofs> {
    let sheet = world.store.sheet(world.sheet(code)).await.unwrap().unwrap();
    world.store.proofs_on(&sheet).await.unwrap()
}

fn report_of(sha256: &str, verdict: FileVerdict, anchors: &str) -> FileReport {
    FileReport {
        sha256: sha256.to_owned(),
        verdict,
        report: "{}".to_owned(),
        facts: "{}".to_owned(),
        marks: vec!["document:12/QĐ-UBND|2023-03-15|ubnd xa".to_owned(), "0:1".to_owned(), "1:2".to_owned()],
        scan: None,
        anchors: anchors.to_owned(),
        asked: None,
    }
}

async fn what_was_found_in_a_file_is_kept_told_and_held_to_the_log(world: World) {
    let mut ids = Vec::new();
    let mut files = Vec::new();
    for (who, code, bytes) in
        [("vp-tk@a.example", "A", &b"%PDF-1.4 one"[..]), ("vp-tk@b.example", "B", b"%PDF-1.4 two")]
    {
        let stored = world.store.evidence.put(bytes).await.unwrap();
        let evidence = NewEvidence {
            name: "Quyết định (mẫu).pdf".to_owned(),
            sha256: Some(stored.sha256.clone()),
            bytes: stored.bytes,
            media: stored.media.to_owned(),
            link: None,
        };
        let add = Command::AddEvidence { assessment: world.sheet(code), indicator: "I.1.1".to_owned(), evidence };
        let done = world.store.change(world.actor(who), now(), add).await.unwrap();
        ids.push(cycle::EvidenceId(done.id.unwrap()));
        files.push(stored.sha256);
    }
    let job = world.store.lease(now(), store::proofs::CHECK_JOB).await.unwrap().unwrap();
    assert_eq!(job.payload, files[0], "giving a file asks for its check");
    assert_eq!(world.store.unchecked("roots", "", 9).await.unwrap().len(), 2);
    let before = proofs(&world, "A").await;
    assert_eq!(before[&ids[0]].verdict, FileVerdict::Waiting);
    let keep = |at: usize, verdict, anchors: &str| Command::KeepReport(report_of(&files[at], verdict, anchors));
    let forbidden = world.store.change(world.actor("vp-tk@a.example"), now(), keep(0, FileVerdict::Valid, "x")).await;
    assert!(matches!(forbidden, Err(Refusal::Denied(Denial::NotAllowed))), "a verdict is nobody's to give");
    world.operator(keep(0, FileVerdict::Valid, "roots")).await;
    world.operator(keep(1, FileVerdict::Indeterminate, "roots")).await;
    assert!(proofs(&world, "A").await[&ids[0]].counts());
    assert!(!proofs(&world, "B").await[&ids[1]].counts());
    let uses = world.store.uses(&files[0], ids[0], 2).await.unwrap();
    assert_eq!(uses.iter().map(|one| (one.alike, one.evidence)).collect::<Vec<_>>(), [(Alike::Document, ids[1])]);
    assert_eq!(world.store.unchecked("other roots", "", 9).await.unwrap().len(), 2);
    assert_eq!(world.store.unchecked("roots", "", 9).await.unwrap().len(), 0);
    world.operator(keep(0, FileVerdict::Valid, "other roots")).await;
    let accept = Command::AcceptSignature {
        assessment: world.sheet("B"),
        indicator: "I.1.1".to_owned(),
        evidence: ids[1],
        reason: "đối chiếu bản giấy".to_owned(),
    };
    let early = world.store.change(store::Actor::Operator, now(), accept.clone()).await;
    assert!(matches!(early, Err(Refusal::Denied(_))), "not while the unit fills in: {early:?}");
    let report = world.store.audit().await.unwrap();
    assert_eq!((report.checks, report.faults), (2, Vec::new()));
    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&world.url).await.unwrap();
    sqlx::query("UPDATE file_report SET verdict = 'valid' WHERE verdict = 'indeterminate'")
        .execute(&behind)
        .await
        .unwrap();
    let faults = world.store.audit().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains(&files[1])), "{faults:?}");
}

async fn a_changed_row_and_a_removed_event_are_found(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&world.url).await.unwrap();
    sqlx::query("UPDATE entry SET self_points = 6000000 WHERE indicator = 'I.5.2' AND self_points > 0")
        .execute(&behind)
        .await
        .unwrap();
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    let faults = again.audit().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains("I.5.2")), "{faults:?}");
    sqlx::query("DELETE FROM event WHERE seq = 3").execute(&behind).await.unwrap();
    let faults = again.audit().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains("3 is missing")), "{faults:?}");
}

async fn another_copy_sees_a_change_at_once_and_a_lost_right_too(world: World) {
    let other = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    let id = world.sheet("A");
    other.sheet(id).await.unwrap();
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    other.refresh().await.unwrap();
    assert_eq!(other.sheet(id).await.unwrap().unwrap().version, 1);
    let account = world.person("vh-xh@a.example");
    world.operator(Command::Disable { account, disabled: true }).await;
    // The other copy has not even looked; its door has.
    let figure = figure_of(&world, "I.5.2");
    let command = Command::SaveEntry {
        assessment: id,
        indicator: "I.5.2".to_owned(),
        version: 1,
        change: typed(&[(&figure, "10")]),
    };
    let refused = other.change(store::Actor::Account(account), now(), command).await;
    assert!(matches!(refused, Err(Refusal::Denied(Denial::NotAllowed))), "{refused:?}");
}

async fn guesses_and_codes_are_counted_by_the_database(world: World) {
    use store::attempts::Guess;
    let (store, other) = (&world.store, Store::open(&world.url, world.folder.path().join("other")).await.unwrap());
    let account = world.person("ct@a.example");
    for guess in [Guess::Password("ct@a.example"), Guess::Code(account)] {
        // Two copies of the program count together.
        let tries = (0..12).map(|at| {
            let store = if at % 2 == 0 { store.clone() } else { other.clone() };
            async move { store.count_guess(guess, now()).await.unwrap() }
        });
        let mut waits = Vec::new();
        for one in futures_of(tries).await {
            waits.extend(one);
        }
        assert_eq!((waits.len(), waits.iter().min(), waits.iter().max()), (7, Some(&2_000), Some(&2_000)));
        let later = now().checked_add(jiff::SignedDuration::from_millis(2_000)).unwrap();
        assert_eq!(store.count_guess(guess, later).await.unwrap(), None);
        assert_eq!(other.count_guess(guess, later).await.unwrap(), Some(4_000));
        store.forgive_guesses(guess).await.unwrap();
        assert_eq!(other.count_guess(guess, now()).await.unwrap(), None);
    }
    // A code works once, and none before it afterwards.
    assert!(store.use_code(account, 7).await.unwrap());
    for step in [7, 6] {
        assert!(!other.use_code(account, step).await.unwrap(), "{step}");
    }
    assert!(other.use_code(account, 8).await.unwrap());
}

/// Carries all out together; gives what each came to.
async fn futures_of<T: Send + 'static>(all: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = all.map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

async fn many_save_at_once_and_nothing_acknowledged_is_lost(world: World) {
    let ids: Vec<String> = {
        let state = world.store.state();
        let set = &state.levels.values().next().unwrap().program.set;
        set.indicators().filter(|one| !one.all_figures().is_empty()).map(|one| one.id.clone()).collect()
    };
    let mut saves = Vec::new();
    for (code, who) in [("A", "vp-tk@a.example"), ("B", "vp-tk@b.example"), ("C", "vp-tk@c.example")] {
        for indicator in &ids {
            let change = EntryChange { note: Some(format!("{code} {indicator}")), ..EntryChange::default() };
            let (assessment, actor, store) = (world.sheet(code), world.actor(who), world.store.clone());
            let command = Command::SaveEntry { assessment, indicator: indicator.clone(), version: 0, change };
            saves.push(tokio::spawn(async move { store.change(actor, now(), command).await.unwrap() }));
        }
    }
    for save in saves {
        save.await.unwrap();
    }
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    for code in ["A", "B", "C"] {
        let sheet = again.sheet(world.sheet(code)).await.unwrap().unwrap();
        for indicator in &ids {
            assert_eq!(sheet.entry(indicator).unwrap().1.note, format!("{code} {indicator}"));
        }
    }
    assert_eq!(again.audit().await.unwrap().faults, [""; 0]);
}

async fn not_applicable_and_not_done_are_answers_of_their_own(world: World) {
    let answer = |answer: Answer, version: i64| Command::SaveEntry {
        assessment: world.sheet("A"),
        indicator: "I.5.2".to_owned(),
        version,
        change: EntryChange { answer: Some(answer), ..EntryChange::default() },
    };
    let who = world.actor("vh-xh@a.example");
    let before = world.store.state().assessments[&world.sheet("A")].totals.excluded;
    let because = "chưa có trang".to_owned();
    world.store.change(who, now(), answer(Answer::NotApplicable { because }, 0)).await.unwrap();
    let after = world.store.state().assessments[&world.sheet("A")].totals.excluded;
    assert_eq!(after.millionths() - before.millionths(), 6_000_000);
    world.store.change(who, now(), answer(Answer::NotDone { because: String::new() }, 1)).await.unwrap();
    let ready = Command::MarkReady { assessment: world.sheet("A"), indicator: "I.5.2".to_owned(), version: 2 };
    let refused = world.store.change(who, now(), ready).await;
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "a reason is needed");
}

async fn what_is_wrong_stays_as_typed_scores_nothing_and_cannot_be_marked_ready(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "mười hai").await.unwrap();
    let sheet = world.store.sheet(world.sheet("A")).await.unwrap().unwrap();
    let (_, entry) = sheet.entry("I.5.2").unwrap();
    assert_eq!(entry.figures.values().next().unwrap().typed, "mười hai");
    assert_eq!(entry.self_score.as_ref().unwrap().points, criteria::Number::ZERO);
    let ready = Command::MarkReady { assessment: world.sheet("A"), indicator: "I.5.2".to_owned(), version: 1 };
    let refused = world.store.change(world.actor("vh-xh@a.example"), now(), ready).await;
    let Err(Refusal::Invalid(fields)) = refused else { panic!("{refused:?}") };
    assert_eq!(fields[0].field, figure_of(&world, "I.5.2"));
}

async fn figures_of_the_round_move_the_points_that_rest_on_them(world: World) {
    let (level, figure) = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        (level.facts.id, level.program.round_slots.first().map(|info| info.figure.id.clone()))
    };
    let Some(figure) = figure else { panic!("the set has no figure of the round") };
    let set = |id: &str, value: &str| Command::SetFigures {
        level,
        figures: [(id.to_owned(), value.to_owned())].into(),
        reason: "số của tỉnh".to_owned(),
    };
    let owner = world.actor("bcd@t.example");
    let unknown = world.store.change(owner, now(), set("không-có", "1")).await;
    assert!(matches!(unknown, Err(Refusal::Invalid(_))), "{unknown:?}");
    let unusable = world.store.change(owner, now(), set(&figure, "mười")).await;
    assert!(matches!(unusable, Err(Refusal::Invalid(_))), "{unusable:?}");
    world.store.change(owner, now(), set(&figure, "có")).await.unwrap();
    assert_eq!(world.store.state().levels[&level].facts.figures[&figure], "có");
    world.store.change(owner, now(), set(&figure, "")).await.unwrap();
    assert!(world.store.state().levels[&level].facts.figures.is_empty());
    let history = world.store.round_history(world.round).await.unwrap();
    assert_eq!(history[0].detail["before"][&figure], "có");
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

/// Answers every open reading as the set does.
async fn decide_readings(world: &World) {
    let (level, readings) = {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        let readings: Vec<(String, String)> =
            level.program.set.head.readings.iter().map(|one| (one.id.clone(), one.answer.clone())).collect();
        (level.facts.id, readings)
    };
    for (reading, variant) in readings {
        world.operator(Command::Pick { level, reading, variant, reason: "chốt".to_owned() }).await;
    }
}

async fn appraised_explained_decided_and_published_no_column_is_ever_lost(world: World) {
    let agency = Command::AddPosition {
        unit: world.unit("T"),
        code: "TĐ".to_owned(),
        name: "Người thẩm định".to_owned(),
        capabilities: [cycle::Capability::Appraise, cycle::Capability::Decide].into(),
    };
    world.operator(agency).await;
    let position = world.store.state().positions_of(world.unit("T")).last().unwrap().id;
    let person = store::command::NewPerson {
        login: "td@t.example".to_owned(),
        name: "TĐ".to_owned(),
        position: Some(position),
        from: "2023-01-01".parse().unwrap(),
        invitation: None,
        calendar: "td".to_owned(),
    };
    world.operator(Command::AddPerson(person)).await;
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let id = world.sheet("A");
    let set = world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
    let hash = world.store.sheet(id).await.unwrap().unwrap().state_hash(&set);
    world.store.change(world.actor("ct@a.example"), now(), Command::Submit { assessment: id, hash }).await.unwrap();
    decide_readings(&world).await;
    let appraiser = world.actor("td@t.example");
    let adjust = |points: &str, version: i64| Command::Appraise {
        assessment: id,
        indicator: "I.5.2".to_owned(),
        version,
        appraisal: store::command::Appraisal::Adjust {
            points: points.to_owned(), reason: "nguồn đếm 8".to_owned()
        },
    };
    let early = world.store.change(appraiser, now(), adjust("4", 2)).await;
    assert!(matches!(early, Err(Refusal::Denied(Denial::Phase(Phase::Collecting)))), "{early:?}");
    world.phase(Phase::Appraising).await;
    let version = world.store.sheet(id).await.unwrap().unwrap().entry("I.5.2").unwrap().1.version;
    let too_much = world.store.change(appraiser, now(), adjust("6,5", version)).await;
    assert!(matches!(too_much, Err(Refusal::Invalid(_))));
    let stranger = world.store.change(world.actor("vp-tk@b.example"), now(), adjust("4", version)).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))));
    world.store.change(appraiser, now(), adjust("4", version)).await.unwrap();
    let collision = world.store.change(appraiser, now(), adjust("3", version)).await;
    assert!(matches!(collision, Err(Refusal::Stale(_))), "two appraisers never collide");
    world.phase(Phase::Explaining).await;
    let explain =
        Command::Explain {
            assessment: id, indicator: "I.5.2".to_owned(), words: "bài thứ 9 ở mục khác".to_owned()
        };
    let later = at("2023-11-15T01:00:00Z");
    let version = world.store.change(world.actor("vh-xh@a.example"), later, explain).await.unwrap().version.unwrap();
    let decide = Command::Decide {
        assessment: id,
        indicator: "I.5.2".to_owned(),
        version,
        points: "4,5".to_owned(),
        reason: "giải trình có căn cứ".to_owned(),
    };
    world.store.change(appraiser, later, decide).await.unwrap();
    let sheet = world.store.sheet(id).await.unwrap().unwrap();
    let (_, entry) = sheet.entry("I.5.2").unwrap();
    let columns = (
        entry.self_score.as_ref().unwrap().points.to_string(),
        entry.appraised.as_ref().unwrap().score.points.to_string(),
        entry.final_score.as_ref().unwrap().score.points.to_string(),
    );
    assert_eq!(columns, ("4.5".to_owned(), "4".to_owned(), "4.5".to_owned()));

    world.phase(Phase::Deciding).await;
    let publish = Command::Publish {
        round: world.round,
        number: "00/QĐ-UBND (mẫu)".to_owned(),
        day: "2024-01-15".parse().unwrap(),
        undecided: String::new(),
    };
    let done = world.store.change(world.actor("bcd@t.example"), later, publish).await.unwrap();
    let publication = world.store.publication(done.id.unwrap()).await.unwrap().unwrap();
    let rows = world.store.published(publication.id, "commune").await.unwrap();
    assert_eq!((rows[0].code.as_str(), rows[0].rank, rows[0].points.to_string().as_str()), ("A", Some(1), "4.5"));
    assert!(rows[1].tied && rows[1].rank == rows[2].rank, "nothing against nothing is a tie");
    let (_, reasons) = world.store.published_reasons(publication.id, "commune", "A").await.unwrap().unwrap();
    let reason = reasons.iter().find(|one| one.id == "I.5.2").unwrap();
    assert_eq!((reason.column.as_str(), reason.because.0.as_str()), ("final", "giải trình có căn cứ"));
    let report = world.store.audit().await.unwrap();
    assert_eq!((report.publications, report.faults), (1, Vec::new()));

    sqlx::any::install_default_drivers();
    let behind = sqlx::any::AnyPoolOptions::new().max_connections(1).connect(&world.url).await.unwrap();
    sqlx::query("UPDATE published_unit SET result = REPLACE(result, '\"4.5\"', '\"5.5\"')")
        .execute(&behind)
        .await
        .unwrap();
    let faults = world.store.audit().await.unwrap().faults;
    assert!(faults.iter().any(|fault| fault.contains("not those that were published")), "{faults:?}");
}

async fn a_published_round_never_moves_again(world: World) {
    decide_readings(&world).await;
    for phase in [Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.phase(phase).await;
    }
    let day = "2024-01-15".parse().unwrap();
    world
        .operator(Command::Publish {
            round: world.round,
            number: "00/QĐ-UBND (mẫu)".to_owned(),
            day,
            undecided: String::new(),
        })
        .await;
    let back = Command::SetPhase { round: world.round, phase: Phase::Collecting, reason: "nhầm".to_owned() };
    let days = Command::SetDays { round: world.round, days: BTreeMap::new(), reason: "nhầm".to_owned() };
    let (unit, to) = (world.unit("A"), "2024-12-31".parse().unwrap());
    let extend = Command::Extend { round: world.round, unit, to, reason: "nhầm".to_owned() };
    for command in [back, days, extend] {
        let refused = world.store.change(world.actor("bcd@t.example"), now(), command).await;
        assert!(matches!(refused, Err(Refusal::Denied(Denial::Phase(Phase::Published)))), "{refused:?}");
    }
    let refused = save(&world, "vp-tk@a.example", "A", 0, "9").await;
    assert!(matches!(refused, Err(Refusal::Denied(Denial::Phase(Phase::Published)))));
}

async fn open_readings_block_publication(world: World) {
    for phase in [Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        world.phase(phase).await;
    }
    let day = "2024-01-15".parse().unwrap();
    let publish =
        Command::Publish {
            round: world.round, number: "00/QĐ-UBND (mẫu)".to_owned(), day, undecided: String::new()
        };
    let refused = world.store.change(world.actor("bcd@t.example"), now(), publish).await;
    let Err(Refusal::Invalid(fields)) = refused else { panic!("{refused:?}") };
    assert_eq!(fields[0].field, "readings");

    let all = |reason: &str| Command::PickOpen { round: world.round, reason: reason.to_owned() };
    let nobody = world.store.change(world.actor("vp-tk@a.example"), now(), all("x")).await;
    assert!(matches!(nobody, Err(Refusal::Denied(_))), "{nobody:?}");
    let without = world.store.change(world.actor("bcd@t.example"), now(), all(" ")).await;
    assert!(matches!(without, Err(Refusal::Invalid(_))), "{without:?}");
    let before = world.store.state().assessments.clone();
    let done = world.store.change(world.actor("bcd@t.example"), now(), all("giữ như đề nghị")).await.unwrap();
    {
        let state = world.store.state();
        let level = state.levels.values().next().unwrap();
        let open = level.program.set.head.readings.iter().filter(|one| one.status == ReadingStatus::Open);
        let answers: BTreeMap<_, _> = open.map(|one| (one.id.clone(), one.answer.clone())).collect();
        assert_eq!((done.count, &level.facts.picks), (answers.len(), &answers));
        assert!(!answers.is_empty());
        assert_eq!(state.assessments, before, "no point moves");
    }
    assert_eq!(world.store.change(world.actor("bcd@t.example"), now(), all("lại")).await.unwrap().count, 0);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
    let publish =
        Command::Publish {
            round: world.round, number: "00/QĐ-UBND (mẫu)".to_owned(), day, undecided: String::new()
        };
    world.store.change(world.actor("bcd@t.example"), now(), publish).await.unwrap();
}

async fn how_far_each_entry_is_follows_what_people_do(world: World) {
    let today = "2023-10-20".parse().unwrap();
    let marks = |code: &str| world.store.state().assessments[&world.sheet(code)].marks.clone();
    // Giving out work begins nothing: the sheet of A was assigned, and nobody has touched it.
    assert!(!marks("A").has_begun() && !marks("C").has_begun());
    let place = world.store.sheet(world.sheet("A")).await.unwrap().unwrap().entry("I.5.2").unwrap().0;
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    assert!(marks("A").has_begun());
    assert_eq!(marks("A").iter().nth(place).unwrap().state, EntryState::Filling);

    let due = cycle::time::day_of(now()).yesterday().unwrap();
    let position = world.store.state().positions_of(world.unit("A"))[2].id;
    let change = |due| {
        let (indicator, leads) = ("I.5.2".to_owned(), Some(true));
        vec![store::command::AssignmentChange { indicator, position, leads, due }]
    };
    let late = || {
        let state = world.store.state();
        let row = &state.assessments[&world.sheet("A")];
        let late = state.deadlines(row.level).unwrap().late(row, today);
        late.into_iter().find(|one| one.place == place)
    };
    assert_eq!(late(), None);
    world.operator(Command::Assign { round: world.round, unit: world.unit("A"), changes: change(Some(due)) }).await;
    assert_eq!(late().map(|one| (one.due, one.days)), Some((due, 1)));
    let extend = Command::Extend {
        round: world.round,
        unit: world.unit("A"),
        to: "2023-11-10".parse().unwrap(),
        reason: "mưa lũ".to_owned(),
    };
    world.operator(extend).await;
    assert_eq!(late().map(|one| one.due), Some(due), "what was missed before stays missed");
    world.operator(Command::Assign { round: world.round, unit: world.unit("A"), changes: change(Some(today)) }).await;
    assert_eq!(late(), None, "what was ahead on that day has more time");
    let exempt = |lift: bool| {
        let (round, unit, indicator) = (world.round, world.unit("A"), "I.5.2".to_owned());
        let reason = "không có hệ thống".to_owned();
        match lift {
            true => Command::LiftExemption { round, unit, indicator, reason },
            false => Command::Exempt { round, unit, indicator, reason },
        }
    };
    world.operator(exempt(false)).await;
    assert!(!marks("A").iter().nth(place).unwrap().applies);
    world.operator(exempt(true)).await;
    assert!(marks("A").iter().nth(place).unwrap().applies);
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    assert_eq!(again.state().assessments, world.store.state().assessments);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn a_unit_that_leaves_keeps_its_sheet_and_finds_it_again(world: World) {
    save(&world, "vh-xh@a.example", "A", 0, "9").await.unwrap();
    let (id, unit) = (world.sheet("A"), world.unit("A"));
    let before = world.store.sheet(id).await.unwrap().unwrap();
    let part = |takes_part: bool| Command::SetParticipation {
        round: world.round,
        unit,
        takes_part,
        reason: "sáp nhập".to_owned(),
    };
    let stranger = world.store.change(world.actor("ct@a.example"), now(), part(false)).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))));
    let owner = world.actor("bcd@t.example");
    world.store.change(owner, now(), part(false)).await.unwrap();
    assert!(!world.store.state().assessments.contains_key(&id));
    assert_eq!(world.store.sheet(id).await.unwrap(), None);
    assert!(matches!(save(&world, "vp-tk@a.example", "B", 0, "9").await, Err(Refusal::Denied(_))));
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    assert!(!again.state().sheet_of.contains_key(&(world.round, unit)), "it is gone after a restart, too");
    world.store.change(owner, now(), part(true)).await.unwrap();
    let after = world.store.sheet(id).await.unwrap().unwrap();
    assert_eq!(*after, *before);
    let history = world.store.round_history(world.round).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .filter(|event| event.action == "round.participation")
        .map(|event| (event.detail["before"].clone(), event.detail["after"].clone()))
        .collect();
    assert_eq!(told, [(false.into(), true.into()), (true.into(), false.into())]);
    world.store.work(now()).await.unwrap();
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn a_round_begins_with_what_is_taken_over(world: World) {
    let position = world.store.state().positions_of(world.unit("A"))[2].id;
    let (a, c) = (world.unit("A"), world.unit("C"));
    let change = store::command::AssignmentChange {
        indicator: "I.1".to_owned(),
        position,
        leads: Some(true),
        due: Some("2024-09-30".parse().unwrap()),
    };
    let create = |indicator: &str, owner| Command::CreateRound {
        owner,
        year: 2024,
        title: "Kỳ mẫu 2024".to_owned(),
        days: BTreeMap::new(),
        levels: vec![store::command::NewLevel {
            level: "commune".to_owned(),
            set: "hue-931-2024-commune".to_owned(),
            files: common::set_files("hue-931-2024-commune"),
            picks: BTreeMap::new(),
            figures: BTreeMap::new(),
            units: None,
        }],
        made_up: true,
        appraisers: [("I.1".to_owned(), "T".to_owned())].into(),
        beginning: store::command::Beginning {
            from: Some(world.round),
            absent: [(c, "đơn vị đặc thù".to_owned())].into(),
            exemptions: vec![cycle::round::Exemption {
                unit: a,
                indicator: "I.2".to_owned(),
                reason: "như năm trước".to_owned(),
            }],
            assignments: [(
                a,
                vec![store::command::AssignmentChange { indicator: indicator.to_owned(), ..change.clone() }],
            )]
            .into(),
            ..store::command::Beginning::default()
        },
    };
    let owner = world.actor("bcd@t.example");
    let unknown = world.store.change(owner, now(), create("không có", world.unit("T"))).await;
    assert!(matches!(unknown, Err(Refusal::NotFound)), "{unknown:?}");
    assert_eq!(world.store.state().rounds.len(), 1, "nothing of it is left");
    let done = world.store.change(owner, now(), create("I.1", world.unit("T"))).await.unwrap();
    assert_eq!(done.count, 2);
    let round = cycle::RoundId(done.id.unwrap());
    {
        let state = world.store.state();
        assert!(!state.sheet_of.contains_key(&(round, c)));
        let assigned = state.assigned(round, a, "I.1");
        assert_eq!((assigned.len(), assigned[0].due), (1, change.due));
        let marks = &state.assessments[&state.sheet_of[&(round, a)]].marks;
        assert_eq!(marks.iter().filter(|mark| !mark.applies).count(), 1);
        assert_eq!(state.rounds[&round].settings.copied_from, Some(world.round));
    }
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn agencies_change_with_both_states_on_the_record_and_reminders_go_to_those_concerned(world: World) {
    let owner = world.actor("bcd@t.example");
    let set = |indicator: &str, agency: Option<&str>| Command::SetAppraisers {
        round: world.round,
        changes: [(indicator.to_owned(), agency.map(|code| world.unit(code)))].into(),
        reason: "theo chức năng".to_owned(),
    };
    let stranger = world.store.change(world.actor("ct@a.example"), now(), set("*", Some("B"))).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))));
    let unknown = world.store.change(owner, now(), set("IX.9.9", Some("B"))).await;
    assert!(matches!(unknown, Err(Refusal::Invalid(_))));
    world.store.change(owner, now(), set("I.5.2", Some("B"))).await.unwrap();
    world.store.change(owner, now(), set("I.5.2", None)).await.unwrap();
    let history = world.store.round_history(world.round).await.unwrap();
    assert_eq!(history[0].detail["before"], serde_json::json!({ "I.5.2": "B" }));
    assert_eq!(history[0].detail["after"], serde_json::json!({ "I.5.2": null }));

    let second = jiff::SignedDuration::from_secs(1);
    let (before, after) = (now().checked_sub(second).unwrap(), now().checked_add(second).unwrap());
    let done = world.store.happened(&["round.appraisers", "round.phase"], before, after).await.unwrap();
    let named: Vec<&str> = done.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(
        named,
        ["round.phase", "round.appraisers", "round.appraisers"],
        "what was done, and nothing else, in order"
    );
    assert!(world.store.happened(&["round.appraisers"], now(), after).await.unwrap().is_empty(), "told before");
    world.store.change(owner, after, set("I.5.2", Some("B"))).await.unwrap();
    assert_eq!(world.store.happened(&["round.appraisers"], now(), after).await.unwrap().len(), 1);

    let notice = |who: &str, mark: &str| store::notices::NewNotice {
        account: world.person(who),
        mark: mark.to_owned(),
        vi: "Đôn đốc".to_owned(),
        en: "A reminder".to_owned(),
        link: "/work".to_owned(),
        mail: true,
    };
    let remind = |notices: Vec<store::notices::NewNotice>| Command::Remind {
        round: world.round,
        units: vec![world.unit("A")],
        notices,
    };
    let outside = world.store.change(owner, now(), remind(vec![notice("vp-tk@b.example", "x")])).await;
    assert!(matches!(outside, Err(Refusal::NotFound)), "only people of the units that are named: {outside:?}");
    let by_stranger = world.store.change(world.actor("ct@a.example"), now(), remind(Vec::new())).await;
    assert!(matches!(by_stranger, Err(Refusal::Denied(Denial::NotAllowed))));
    for _ in 0..2 {
        world.store.change(owner, now(), remind(vec![notice("ct@a.example", "x")])).await.unwrap();
    }
    assert_eq!(world.store.notices(world.person("ct@a.example")).await.unwrap().len(), 1, "a mark is told once");
    assert_eq!(world.store.told(&["x".to_owned(), "y".to_owned()]).await.unwrap().len(), 1);
    let mut letters = 0;
    while let Some(job) = world.store.lease(now(), store::notices::MAIL_JOB).await.unwrap() {
        letters += 1;
        world.store.finish(&job, now(), None).await.unwrap();
    }
    assert_eq!(letters, 1);
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

async fn a_draft_is_put_right_version_by_version_and_becomes_a_set_that_stays(world: World) {
    let mut files = common::set_files("hue-2263-2023-commune");
    let head = files["set.toml"].replace("hue-2263-2023-commune", "mau-2024-commune");
    files.insert("set.toml".to_owned(), head);
    let (owner, sha256) = (world.unit("T"), "0".repeat(64));
    let new = |files: &criteria::Files| {
        Command::KeepDraft(NewDraft {
            owner,
            file: "mau.docx".to_owned(),
            sha256: sha256.clone(),
            files: files.clone(),
        })
    };
    let stranger = world.store.change(world.actor("ct@a.example"), now(), new(&files)).await;
    assert!(matches!(stranger, Err(Refusal::Denied(Denial::NotAllowed))));
    let who = world.actor("bcd@t.example");
    let draft = DraftId(world.store.change(who, now(), new(&files)).await.unwrap().id.unwrap());
    assert_eq!(world.store.state().drafts[&draft].set, "mau-2024-commune");

    let edit = |version: i64, files: &criteria::Files| Command::EditDraft {
        draft,
        version,
        files: files.clone(),
        at: "I.1.1".to_owned(),
        what: serde_json::json!({ "points": ["10", "9"] }),
    };
    let refused_field = |refused: Result<store::Done, Refusal>| match refused {
        Err(Refusal::Invalid(fields)) => fields[0].field.clone(),
        other => panic!("{other:?}"),
    };
    let broken = criteria::Files::from([("set.toml".to_owned(), "id = \"x\"\n".to_owned())]);
    assert_eq!(world.store.change(who, now(), edit(1, &broken)).await.unwrap().version, Some(2));
    assert_eq!(refused_field(world.store.change(who, now(), edit(1, &files)).await), "version");
    let adopt = |version: i64| Command::AdoptDraft { draft, version };
    assert_eq!(refused_field(world.store.change(who, now(), adopt(2)).await), "set", "what does not read is no set");
    let mut wrong = files.clone();
    let pillar = wrong.keys().find(|name| name.starts_with("1-")).unwrap().clone();
    let text = wrong[&pillar].replace("Quyết định thành lập", "Giấy phép xây dựng");
    wrong.insert(pillar, text);
    world.store.change(who, now(), edit(2, &wrong)).await.unwrap();
    assert_eq!(refused_field(world.store.change(who, now(), adopt(3)).await), "set", "a wrong quotation is an error");
    world.store.change(who, now(), edit(3, &files)).await.unwrap();
    let other = world.store.change(world.actor("vp-tk@a.example"), now(), adopt(4)).await;
    assert!(matches!(other, Err(Refusal::NotFound)));
    world.store.change(who, now(), adopt(4)).await.unwrap();

    let hash = criteria::CriteriaSet::read("", &files).unwrap().hash();
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    for store in [&world.store, &again] {
        let state = store.state();
        assert_eq!(state.own_sets["mau-2024-commune"].hash, hash);
        assert_eq!(*state.own_sets["mau-2024-commune"].files, files);
        assert_eq!(state.drafts[&draft].set_hash.as_deref(), Some(hash.as_str()));
    }
    assert_eq!(refused_field(world.store.change(who, now(), edit(5, &files)).await), "state");
    let second = DraftId(world.store.change(who, now(), new(&files)).await.unwrap().id.unwrap());
    let twice = Command::AdoptDraft { draft: second, version: 1 };
    assert_eq!(refused_field(world.store.change(who, now(), twice).await), "set", "an id is given once");
    world.store.change(who, now(), Command::DropDraft { draft: second, version: 1 }).await.unwrap();
    let gone = world.store.change(who, now(), Command::DropDraft { draft: second, version: 2 }).await;
    assert!(matches!(gone, Err(Refusal::NotFound)));
    assert_eq!(world.store.audit().await.unwrap().faults, [""; 0]);
}

on_both!(
    a_saved_figure_is_scored_logged_and_there_after_a_restart,
    a_stale_change_is_refused_with_what_is_saved,
    nobody_fills_in_what_is_neither_assigned_nor_theirs,
    a_closed_window_opens_again_for_one_unit_by_extension,
    evidence_is_kept_by_its_hash_and_a_forged_file_is_found,
    what_was_found_in_a_file_is_kept_told_and_held_to_the_log,
    a_changed_row_and_a_removed_event_are_found,
    another_copy_sees_a_change_at_once_and_a_lost_right_too,
    guesses_and_codes_are_counted_by_the_database,
    many_save_at_once_and_nothing_acknowledged_is_lost,
    not_applicable_and_not_done_are_answers_of_their_own,
    what_is_wrong_stays_as_typed_scores_nothing_and_cannot_be_marked_ready,
    appraised_explained_decided_and_published_no_column_is_ever_lost,
    a_published_round_never_moves_again,
    open_readings_block_publication,
    how_far_each_entry_is_follows_what_people_do,
    a_unit_that_leaves_keeps_its_sheet_and_finds_it_again,
    a_round_begins_with_what_is_taken_over,
    agencies_change_with_both_states_on_the_record_and_reminders_go_to_those_concerned,
    figures_of_the_round_move_the_points_that_rest_on_them,
    a_draft_is_put_right_version_by_version_and_becomes_a_set_that_stays,
);
