//! How fast the platform answers with a country's 3,321 communes loaded: prints the tables of docs/performance.md.
//!
//! `cargo bench --workspace --bench load` (`UNITS=100` for fewer, `SECONDS=3` for shorter, `GROWTH=1` for how the figures
//! grow from 100 units to 10,000).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a program that measures stops where it fails")]

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/common/mod.rs"]
mod common;
#[allow(dead_code, reason = "the store's own tests use the rest")]
#[path = "../../store/tests/common/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Client, Server};
use criteria::model::FigureKind;
use cycle::round::Days;
use cycle::{AssessmentId, Capability, LevelId, Phase, PositionId, RoundId, UnitId};
use jiff::{SignedDuration, Timestamp};
use store::command::{Appraisal, Filling, NewLevel, NewPerson, NewUnit};
use store::{Actor, Command, Store};

const CLIENTS: usize = 64;
/// Clients that write while the others read what was published.
const WRITERS: usize = 4;
const SET: &str = "hue-2263-2023-commune";

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// People in each commune beside those who press.
const OFFICIALS: usize = 7;
/// Communes of a province whose round is appraised beside the country's.
const PROVINCE: usize = 141;
/// The numbers of units of the table that shows how the figures grow.
const SIZES: [usize; 4] = [100, 1_000, 3_321, 10_000];
/// Requests a second, and the times in order.
type Pressed = (f64, Vec<Duration>);

/// What the clients need to know.
struct Loaded {
    round: RoundId,
    /// The province's round, its level, and the sheets to appraise with the version that their entries have.
    province: (RoundId, LevelId, Vec<(AssessmentId, i64)>),
    /// A session's secret and the sheet that it may fill in.
    clients: Vec<(String, AssessmentId)>,
    owner: String,
    indicators: Vec<String>,
}

/// Loads a round of so many units in which all fill in, and beside it one of the last of them that are appraised.
async fn load(store: &Store, units: usize, appraised: usize) -> Loaded {
    let now = Timestamp::now();
    let today = cycle::time::day_of(now);
    let operator = async |command: Command| store.change(Actor::Operator, now, command).await.unwrap();
    let unit = |code: String, level: &str, parent: Option<&str>| NewUnit {
        name: format!("Xã Mẫu {code}"),
        code,
        kind: "xã".to_owned(),
        level: level.to_owned(),
        parent: parent.map(str::to_owned),
        from: None,
        to: None,
    };
    let mut all = vec![unit("L".to_owned(), "country", None)];
    all.extend((0..units).map(|at| unit(format!("L{at:05}"), "commune", Some("L"))));
    operator(Command::AddUnits(all)).await;
    let mut ids = Vec::new();
    let root = store.state().tree.by_code("L").unwrap().id;
    for at in 0..CLIENTS.min(units) {
        ids.push(store.state().tree.by_code(&format!("L{at:05}")).unwrap().id);
    }
    let workers: BTreeSet<Capability> = [Capability::ReadSheets, Capability::FillAny].into();
    let positions = |unit, code: String, capabilities: &BTreeSet<Capability>| Command::AddPosition {
        unit,
        code,
        name: "Chức danh mẫu".to_owned(),
        capabilities: capabilities.clone(),
    };
    let mut commands: Vec<Command> = ids.iter().map(|unit| positions(*unit, "M".to_owned(), &workers)).collect();
    let owner = [Capability::ReadSheets, Capability::RunRound, Capability::Appraise, Capability::Decide];
    commands.push(positions(root, "M".to_owned(), &owner.into()));
    operator(Command::Many(commands)).await;
    let person = |position: PositionId| {
        Command::AddPerson(NewPerson {
            login: format!("m{position}@mau.example"),
            name: format!("Người mẫu {position}"),
            position: Some(position),
            from: today,
            invitation: None,
            calendar: format!("{position}"),
        })
    };
    let people: Vec<Command> = {
        let state = store.state();
        ids.iter().chain([&root]).map(|unit| person(state.positions_of(*unit)[0].id)).collect()
    };
    operator(Command::Many(people)).await;
    // Beside those who press, everybody who works in a commune.
    let communes: Vec<UnitId> = store.state().tree.children(root).to_vec();
    for some in communes.chunks(100) {
        let offices = some.iter().flat_map(|unit| (0..OFFICIALS).map(|at| (*unit, format!("M{at}"))));
        operator(Command::Many(offices.map(|(unit, code)| positions(unit, code, &workers)).collect())).await;
        let holders = {
            let state = store.state();
            let offices = some.iter().flat_map(|unit| state.positions_of(*unit));
            offices.filter(|one| one.code != "M").map(|one| person(one.id)).collect()
        };
        operator(Command::Many(holders)).await;
    }
    let span = |from: i64, to: i64| Days {
        from: cycle::time::day_of(now.checked_add(SignedDuration::from_hours(24 * from)).unwrap()),
        to: cycle::time::day_of(now.checked_add(SignedDuration::from_hours(24 * to)).unwrap()),
    };
    let round = collecting(store, root, today.year(), span(-30, 30), None).await;
    let last: Vec<UnitId> = {
        let state = store.state();
        let codes = (units.saturating_sub(appraised)..units).map(|at| format!("L{at:05}"));
        codes.filter_map(|code| Some(state.tree.by_code(&code)?.id)).collect()
    };
    let province = collecting(store, root, today.year(), span(-30, 30), Some(last)).await;
    let (filling, indicators) = {
        let state = store.state();
        let set = &state.levels.values().next().unwrap().program.set;
        let value = |figure: &criteria::model::Figure| match figure.kind {
            FigureKind::YesNo => "yes".to_owned(),
            FigureKind::Count | FigureKind::Number | FigureKind::Money | FigureKind::Points => "5".to_owned(),
            FigureKind::Share => "50%".to_owned(),
            FigureKind::Choice => figure.options[0].id.clone(),
            FigureKind::Date => format!("15/1/{}", today.year()),
            FigureKind::Text => "mẫu".to_owned(),
        };
        let mut filling = Filling { from: "số liệu mẫu".to_owned(), ..Filling::default() };
        filling.profile = set.head.profile.iter().map(|figure| (figure.id.clone(), value(figure))).collect();
        for indicator in set.indicators() {
            let own = indicator.all_figures().iter().map(|figure| (figure.id.clone(), value(figure))).collect();
            filling.entries.insert(indicator.id.clone(), own);
            filling.ready.insert(indicator.id.clone());
        }
        (filling, set.indicators().map(|one| one.id.clone()).collect::<Vec<String>>())
    };
    let sheets: Vec<AssessmentId> = store.state().assessments.keys().copied().collect();
    for chunk in sheets.chunks(100) {
        let fill = |id: &AssessmentId| Command::Fill { assessment: *id, filling: filling.clone() };
        operator(Command::Many(chunk.iter().map(fill).collect())).await;
    }
    let mut clients = Vec::new();
    let accounts: Vec<_> = {
        let state = store.state();
        let of = |unit| state.holders(state.positions_of(unit)[0].id, today)[0].id;
        ids.iter().copied().chain([root]).map(|unit| (of(unit), unit)).collect()
    };
    let expires = now.checked_add(SignedDuration::from_hours(10)).unwrap();
    let mut owner = String::new();
    for (account, unit) in accounts {
        let secret = web::app::secret().unwrap();
        store.begin_session(&secret, account, now, expires, "đo").await.unwrap();
        match store.state().sheet_of.get(&(round, unit)) {
            Some(sheet) => clients.push((secret, *sheet)),
            None => owner = secret,
        }
    }
    store.work(now).await.unwrap();
    let (level, set_hash) = {
        let state = store.state();
        let level = state.levels.values().find(|level| level.facts.round == province).unwrap();
        (level.facts.id, level.facts.set_hash.clone())
    };
    let mut handed_in = Vec::new();
    let own: Vec<AssessmentId> = {
        let state = store.state();
        sheets.into_iter().filter(|id| state.assessments[id].round == province).collect()
    };
    for chunk in own.chunks(100) {
        let mut submissions = Vec::new();
        for id in chunk {
            let sheet = store.sheet_in_passing(*id).await.unwrap().unwrap();
            submissions.push(Command::Submit { assessment: *id, hash: sheet.state_hash(&set_hash) });
        }
        operator(Command::Many(submissions)).await;
        for id in chunk {
            handed_in.push((*id, store.sheet_in_passing(*id).await.unwrap().unwrap().entries[0].version));
        }
    }
    operator(Command::SetPhase { round: province, phase: Phase::Appraising, reason: String::new() }).await;
    // Something to decide: two entries of every third sheet get no points, of indicators that nobody comes to below.
    let adjusted = handed_in.iter().step_by(3).flat_map(|(assessment, version)| {
        indicators.iter().rev().take(2).map(|indicator| Command::Appraise {
            assessment: *assessment,
            indicator: indicator.clone(),
            version: *version,
            appraisal: Appraisal::Adjust { points: "0".to_owned(), reason: "mẫu".to_owned() },
        })
    });
    let adjusted: Vec<Command> = adjusted.collect();
    for chunk in adjusted.chunks(100) {
        operator(Command::Many(chunk.to_vec())).await;
    }
    let province = (province, level, handed_in);
    Loaded { round, province, clients, owner, indicators }
}

/// Requests by all clients at once for a while; gives how many a second, and the times in order.
async fn press<F, R>(run: F) -> Pressed
where
    F: Fn(usize) -> R,
    R: Future<Output = Vec<Duration>> + Send + 'static,
{
    let begun = Instant::now();
    let running: Vec<_> = (0..CLIENTS).map(|at| tokio::spawn(run(at))).collect();
    let mut times = Vec::new();
    for one in running {
        times.extend(one.await.unwrap());
    }
    (times.len() as f64 / begun.elapsed().as_secs_f64(), sorted(times))
}

/// A line of the table.
struct Row {
    what: &'static str,
    budget: &'static str,
    rate: f64,
    p50: f64,
    p99: f64,
}

impl Row {
    fn of(what: &'static str, budget: &'static str, (rate, times): &Pressed) -> Self {
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        Self { what, budget, rate: *rate, p50: at(0.5), p99: at(0.99) }
    }
}

/// Resident memory of a process, in MiB.
fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// Reads a page again and again. Who is not signed in asks for it packed, as browsers do.
async fn gets(address: String, secret: String, path: String, until: Instant, packed: bool) -> Vec<Duration> {
    let mut client = Client::connect(&address, &secret).await.unwrap();
    client.packed = packed;
    let mut times = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        let (status, _) = client.get(&path).await.unwrap();
        assert_eq!(status, 200, "{path}");
        times.push(begun.elapsed());
    }
    times
}

/// The first client appraises, each entry of the province's sheets once.
async fn appraises(address: String, loaded: Arc<Loaded>, until: Instant) -> Vec<Duration> {
    let (_, level, sheets) = &loaded.province;
    let mut client = Client::connect(&address, &loaded.owner).await.unwrap();
    let mut times = Vec::new();
    for indicator in &loaded.indicators {
        for (sheet, version) in sheets {
            if Instant::now() >= until {
                return times;
            }
            let path = format!("/appraise/{level}/{indicator}/{sheet}");
            let begun = Instant::now();
            let (status, body) = client.save(&path, &format!("do=accept&version={version}")).await.unwrap();
            assert!(status < 400, "{path}: {status} {}", String::from_utf8_lossy(&body));
            times.push(begun.elapsed());
        }
    }
    times
}

/// A round of so many units, loaded, pressed and published.
struct Run {
    rows: Vec<Row>,
    remarks: Vec<String>,
}

async fn run(units: usize, appraised: usize, seconds: u64) -> Run {
    let (mut rows, mut remarks) = (Vec::new(), Vec::new());
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let begun = Instant::now();
    let url = format!("sqlite://{data}/thuocdo.sqlite?mode=rwc");
    let loaded = {
        let store = Store::open(&url, folder.path().join("evidence")).await.unwrap();
        Arc::new(load(&store, units, appraised).await)
    };
    remarks.push(format!(
        "{units} units and their {} entries each loaded in {:.1} s",
        loaded.indicators.len(),
        begun.elapsed().as_secs_f64()
    ));
    let begun = Instant::now();
    let server = Server::start(&["--data", &data]);
    let address = server.address.clone();
    let mut first = Client::connect(&address, &loaded.clients[0].0).await.unwrap();
    assert_eq!(first.get("/work").await.unwrap().0, 200);
    remarks.push(format!(
        "start to first page {:.2} s (budget 0.5 s), memory {} MiB",
        begun.elapsed().as_secs_f64(),
        memory(server.id())
    ));
    let until = |seconds: u64| Instant::now() + Duration::from_secs(seconds);
    // Nobody saves what they have not opened.
    press(|at| {
        let (address, (secret, sheet)) = (address.clone(), loaded.clients[at % loaded.clients.len()].clone());
        async move {
            let mut client = Client::connect(&address, &secret).await.unwrap();
            assert_eq!(client.get(&format!("/sheets/{sheet}")).await.unwrap().0, 200);
            Vec::new()
        }
    })
    .await;
    let end = until(seconds);
    let saves = press(|at| {
        let (address, loaded) = (address.clone(), Arc::clone(&loaded));
        async move {
            let (secret, sheet) = &loaded.clients[at % loaded.clients.len()];
            let mut client = Client::connect(&address, secret).await.unwrap();
            let mut versions = vec![1_i64; loaded.indicators.len()];
            let mut times = Vec::new();
            for step in 0.. {
                let place = step % loaded.indicators.len();
                let path = format!("/sheets/{sheet}/entries/{}", loaded.indicators[place]);
                let form = format!("version={}&note=l%E1%BA%A7n+{step}", versions[place]);
                let begun = Instant::now();
                let (status, body) = client.save(&path, &form).await.unwrap();
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                times.push(begun.elapsed());
                versions[place] += 1;
                if Instant::now() >= end {
                    break;
                }
            }
            times
        }
    })
    .await;
    rows.push(Row::of("saving one entry (durable, audited, scored)", "≥ 1,000/s, p99 ≤ 100 ms", &saves));
    for (what, budget, path, packed) in [
        ("My work", "≥ 1,500/s, p99 ≤ 80 ms", "/work", false),
        ("unit sheet", "≥ 1,500/s, p99 ≤ 80 ms", "SHEET", false),
        ("unit sheet, packed by this server rather than by a proxy", "", "SHEET", true),
        ("one entry", "", "ENTRY", false),
    ] {
        let end = until(seconds);
        let pages = press(|at| {
            let (secret, sheet) = loaded.clients[at % loaded.clients.len()].clone();
            let path = path
                .replace("SHEET", &format!("/sheets/{sheet}"))
                .replace("ENTRY", &format!("/sheets/{sheet}/entries/I.5.2"));
            gets(address.clone(), secret, path, end, packed)
        })
        .await;
        rows.push(Row::of(what, budget, &pages));
    }
    let (province, level, _) = &loaded.province;
    for (what, budget, path) in [
        ("monitor with the heatmap of all units", "", format!("/rounds/{}", loaded.round)),
        ("insights of all units", "", format!("/rounds/{}/insights", loaded.round)),
        ("an appraiser's queue over all units that are appraised", "", "/appraise".to_owned()),
        ("one case of it, beside its peers", "", format!("/appraise/{level}/I.5.2")),
        ("deciding page of them", "", format!("/rounds/{province}/decide")),
    ] {
        let end = until(seconds);
        let pages = press(|_| gets(address.clone(), loaded.owner.clone(), path.clone(), end, false)).await;
        rows.push(Row::of(what, budget, &pages));
    }
    let end = until(seconds);
    let begun = Instant::now();
    let verdicts = appraises(address.clone(), Arc::clone(&loaded), end).await;
    let rate = verdicts.len() as f64 / begun.elapsed().as_secs_f64();
    rows.push(Row::of(
        "one appraiser accepting case after case",
        "300 an hour is a normal pace",
        &(rate, sorted(verdicts)),
    ));
    let after = memory(server.id());
    server.kill();
    let begun = Instant::now();
    let (publication, next) = {
        let store = Store::open(&url, folder.path().join("evidence")).await.unwrap();
        publish(&store, loaded.round).await
    };
    let published = begun.elapsed();
    let server = Server::start(&["--data", &data]);
    let address = server.address.clone();
    let ranking = format!("/ranking/{publication}/commune");
    for (what, path) in [
        ("public ranking, while four people write", ranking.clone()),
        ("all units of it on one page, while four people write", format!("{ranking}?page=all")),
        ("public heatmap, while four people write", format!("{ranking}/heatmap")),
        ("public profile of a unit, while four people write", format!("{ranking}/L00000")),
    ] {
        let end = until(seconds);
        let pages = press(|at| {
            let (secret, _) = loaded.clients[at % loaded.clients.len()].clone();
            let (address, path, own) = (address.clone(), path.clone(), next.get(at).copied());
            async move {
                let Some(sheet) = own else { return gets(address, String::new(), path, end, true).await };
                let mut client = Client::connect(&address, &secret).await.unwrap();
                let remarks = format!("/sheets/{sheet}/entries/I.5.2/remarks");
                while Instant::now() < end {
                    let (status, _) = client.save(&remarks, "words=m%E1%BA%ABu").await.unwrap();
                    assert_eq!(status, 303);
                }
                Vec::new()
            }
        })
        .await;
        rows.push(Row::of(what, "p99 ≤ 150 ms", &pages));
    }
    remarks.push(format!(
        "memory {after} MiB after the inner pages (budget 256 MiB), {} MiB after the public's; published in {:.1} s",
        memory(server.id()),
        published.as_secs_f64()
    ));
    server.kill();
    Run { rows, remarks }
}

fn sorted(mut times: Vec<Duration>) -> Vec<Duration> {
    times.sort_unstable();
    times
}

#[tokio::main]
async fn main() {
    // `cargo test` runs this too, small: what is measured must at least work.
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (units, seconds) = if measured { (3_321, 8) } else { (CLIENTS, 1) };
    let (units, seconds) = (setting("UNITS", units), setting("SECONDS", seconds) as u64);
    if setting("GROWTH", 0) == 1 {
        return growth(seconds).await;
    }
    let run = run(units, PROVINCE.min(units), seconds).await;
    println!("| 64 clients, 2 cores shared with them | rate | p50 | p99 | budget |\n| --- | --- | --- | --- | --- |");
    for Row { what, budget, rate, p50, p99 } in run.rows {
        println!("| {what} | {rate:.0}/s | {p50:.1} ms | {p99:.1} ms | {budget} |");
    }
    println!("\n{}.", run.remarks.join("; "));
}

/// The same for rounds of more and more units, all of them appraised.
async fn growth(seconds: u64) {
    let mut lines: Vec<String> = Vec::new();
    for (at, units) in SIZES.into_iter().enumerate() {
        let run = run(units, units, seconds).await;
        println!("{}.", run.remarks.join("; "));
        for (line, row) in run.rows.iter().enumerate() {
            // Told at once: whoever ends a long run early has what there is.
            println!("{}: {:.0}/s, {:.0} ms", row.what, row.rate, row.p99);
            if at == 0 {
                lines.push(format!("| {} |", row.what));
            }
            lines[line].push_str(&format!(" {:.0}/s, {:.0} ms |", row.rate, row.p99));
        }
    }
    let sizes: Vec<String> = SIZES.iter().map(|units| format!("{units} units")).collect();
    println!("\n| rate and p99 | {} |\n| --- |{}", sizes.join(" | "), " --- |".repeat(SIZES.len()));
    lines.iter().for_each(|line| println!("{line}"));
}

/// A round in which units fill in; all communes, or some.
async fn collecting(store: &Store, owner: UnitId, year: i16, days: Days, units: Option<Vec<UnitId>>) -> RoundId {
    let now = Timestamp::now();
    let files = world::set_files(SET);
    let set = criteria::CriteriaSet::read(SET, &files).unwrap();
    let level = NewLevel {
        level: "commune".to_owned(),
        set: SET.to_owned(),
        files,
        // A round with an open reading is not published.
        picks: set.head.readings.iter().map(|one| (one.id.clone(), one.answer.clone())).collect(),
        figures: BTreeMap::new(),
        units,
    };
    let create = Command::CreateRound {
        owner,
        year,
        title: "Kỳ mẫu".to_owned(),
        days: BTreeMap::from([(Phase::Collecting, days)]),
        levels: vec![level],
        made_up: true,
        appraisers: BTreeMap::new(),
        beginning: store::command::Beginning::default(),
    };
    let round = RoundId(store.change(Actor::Operator, now, create).await.unwrap().id.unwrap());
    let begin = Command::SetPhase { round, phase: Phase::Collecting, reason: String::new() };
    store.change(Actor::Operator, now, begin).await.unwrap();
    round
}

/// Publishes the round as it stands, and begins the next with a few units; gives the publication and their new sheets.
async fn publish(store: &Store, round: RoundId) -> (i64, Vec<AssessmentId>) {
    let now = Timestamp::now();
    let operator = async |command: Command| store.change(Actor::Operator, now, command).await.unwrap();
    for phase in [Phase::Appraising, Phase::Explaining, Phase::Deciding] {
        operator(Command::SetPhase { round, phase, reason: String::new() }).await;
    }
    let publish = Command::Publish {
        round,
        number: "00/QĐ (mẫu)".to_owned(),
        day: cycle::time::day_of(now),
        undecided: String::new(),
    };
    let publication = operator(publish).await.id.unwrap();
    let (owner, year, days, writers) = {
        let state = store.state();
        let round = &state.rounds[&round];
        let writers = (0..WRITERS).filter_map(|at| Some(state.tree.by_code(&format!("L{at:05}"))?.id));
        (round.owner, round.year, round.days[&Phase::Collecting], writers.collect::<Vec<_>>())
    };
    let next = collecting(store, owner, year + 1, days, Some(writers.clone())).await;
    let state = store.state();
    (publication, writers.iter().map(|unit| state.sheet_of[&(next, *unit)]).collect())
}
