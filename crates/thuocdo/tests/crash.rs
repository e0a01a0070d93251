//! The platform is killed again and again while people save and upload: whatever was acknowledged is there afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;
#[allow(dead_code, reason = "the store's own tests use the rest")]
#[path = "../../store/tests/common/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{Client, Server};
use jiff::{SignedDuration, Timestamp};
use store::Store;
use world::{Cluster, World};

/// How often it is killed.
const KILLS: usize = 5;
/// How many save at once.
const CLIENTS: usize = 6;

/// What one client was told is kept: the last note of its indicator, and the names of its files.
#[derive(Clone, Debug, Default)]
struct Acknowledged {
    version: i64,
    note: String,
    /// The note that was sent and not answered: it may be kept or not.
    open: Option<String>,
    files: Vec<String>,
}

async fn survives(world: World, database: Option<&str>) {
    let indicators: Vec<String> = {
        let state = world.store.state();
        let set = &state.levels.values().next().unwrap().program.set;
        set.indicators().take(CLIENTS).map(|one| one.id.clone()).collect()
    };
    // The server's clock is the real one: the unit gets time until then.
    let now = Timestamp::now();
    let today = cycle::time::day_of(now);
    let (round, unit) = (world.round, world.unit("A"));
    let to = today.tomorrow().unwrap();
    world.operator(store::Command::Extend { round, unit, to, reason: "phép thử".to_owned() }).await;
    let secret = web::app::secret().unwrap();
    let expires = now.checked_add(SignedDuration::from_hours(2)).unwrap();
    let account = world.person("vp-tk@a.example");
    world.store.begin_session(&secret, account, now, expires, "phép thử").await.unwrap();
    let sheet = world.sheet("A");
    let data = world.folder.path().display().to_string();
    let mut arguments = vec!["--data", &data];
    if let Some(url) = database {
        arguments.extend(["--database", url]);
    }
    let mut known: BTreeMap<String, Acknowledged> =
        indicators.iter().map(|id| (id.clone(), Acknowledged::default())).collect();
    for kill in 0..KILLS {
        let server = Server::start(&arguments);
        let mut running = Vec::new();
        for (number, indicator) in indicators.iter().enumerate() {
            let (address, secret, indicator) = (server.address.clone(), secret.clone(), indicator.clone());
            let mut own = known[&indicator].clone();
            running.push(tokio::spawn(async move {
                let path = format!("/sheets/{sheet}/entries/{indicator}");
                let Ok(mut client) = Client::connect(&address, &secret).await else { return (indicator, own) };
                if let Some(open) = own.open.take() {
                    // Was it kept? The page says.
                    let Ok((_, page)) = client.get(&path).await else {
                        own.open = Some(open);
                        return (indicator, own);
                    };
                    let page = String::from_utf8_lossy(&page).into_owned();
                    let version = page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
                    own.version = version.parse().unwrap();
                    if page.contains(&format!(">{open}<")) {
                        own.note = open;
                    } else {
                        assert!(page.contains(&format!(">{}<", own.note)), "{indicator}: {} is lost", own.note);
                    }
                }
                for step in 0_usize.. {
                    let note = format!("n{kill}-{number}-{step}");
                    own.open = Some(note.clone());
                    let form = format!("version={}&note={note}", own.version);
                    match client.save(&path, &form).await {
                        Ok((200, _)) => {
                            own.version += 1;
                            own.note = note;
                            own.open = None;
                        }
                        Ok((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
                        Err(_) => break,
                    }
                    if step % 7 == 0 {
                        let name = format!("f{kill}-{number}-{step}.txt");
                        let bytes = format!("Tài liệu mẫu {name}");
                        match client.upload(&format!("{path}/evidence"), &name, bytes.as_bytes()).await {
                            Ok((200, _)) => own.files.push(name),
                            Ok((422, _)) => {} // As many files as there may be.
                            Ok((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
                            Err(_) => break,
                        }
                    }
                }
                (indicator, own)
            }));
        }
        tokio::time::sleep(Duration::from_millis(400 + 90 * kill as u64)).await;
        server.kill();
        for one in running {
            let (indicator, own) = one.await.unwrap();
            known.insert(indicator, own);
        }
    }
    let again = Store::open(&world.url, world.folder.path().join("evidence")).await.unwrap();
    let read = again.sheet(sheet).await.unwrap().unwrap();
    let mut saves = 0;
    for (indicator, own) in &known {
        let (_, entry) = read.entry(indicator).unwrap();
        let maybe = own.open.as_deref() == Some(entry.note.as_str());
        assert!(maybe || entry.note == own.note, "{indicator}: {:?} and not {own:?}", entry.note);
        let kept = again.evidence_of(sheet, indicator).await.unwrap();
        for file in &own.files {
            assert!(kept.iter().any(|one| one.name == *file), "{indicator}: {file} is lost");
        }
        saves += own.version;
    }
    assert!(saves > 20, "only {saves} changes were made");
    assert_eq!(again.audit().await.unwrap().faults, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_sqlite() {
    survives(World::new("sqlite://FOLDER/thuocdo.sqlite?mode=rwc").await, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_on_postgresql() {
    let cluster = Cluster::start();
    let url = cluster.database("crash");
    survives(World::new(&url).await, Some(&url)).await;
}
