//! The round owner's pages: setting up a year from the one before, the settings with their history, the monitor's
//! filters and lists, reminders by hand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use common::{Pages, world};
use cycle::RoundId;
use store::Command;
use store::command::{AssignmentChange, EntryChange};
use web::Library;

const OLD: &str = "hue-2263-2023-commune";
const NEW: &str = "hue-931-2024-commune";

fn library() -> Library {
    let mut library = Library::default();
    for id in [OLD, NEW] {
        library.sets.insert(id.to_owned(), world::set_files(id));
    }
    let name = format!("{OLD}--{NEW}");
    let path = format!("{}/../../criteria/mappings/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    library.mappings.insert(name, std::fs::read_to_string(path).unwrap());
    library
}

async fn pages() -> Pages {
    let mut pages = Pages::new().await;
    pages.app = web::App::new(pages.world.store.clone(), library(), false);
    pages.app.set_now(world::now());
    pages
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn form(fields: &BTreeMap<String, String>, more: &[(&str, &str)]) -> String {
    let own = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all = own.chain(more.iter().copied());
    all.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

fn decoded(value: &str) -> String {
    [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
        .iter()
        .fold(value.to_owned(), |value, (coded, letter)| value.replace(coded, letter))
}

/// What a browser would send: the values of the inputs, ticked boxes and chosen options of the page's last form.
fn filled_in(page: &str) -> BTreeMap<String, String> {
    let form = page.split("<form method=\"post\"").filter(|one| one.contains("name=\"year\"")).last().unwrap();
    let attribute = |tag: &str, name: &str| {
        tag.split(&format!(" {name}=\"")).nth(1).map(|rest| decoded(rest.split('"').next().unwrap()))
    };
    let mut fields = BTreeMap::new();
    for rest in form.split("<input").skip(1) {
        let tag = rest.split('>').next().unwrap();
        let skipped = tag.contains("type=\"checkbox\"") && !tag.contains(" checked");
        if let (Some(name), false) = (attribute(tag, "name"), skipped) {
            fields.insert(name, attribute(tag, "value").unwrap_or_default());
        }
    }
    for rest in form.split("<select").skip(1) {
        let (tag, options) = rest.split_once('>').unwrap();
        let options = options.split("</select>").next().unwrap();
        let options: Vec<&str> = options.split("<option").skip(1).collect();
        let chosen = options.iter().find(|one| one.contains(" selected")).or(options.first()).unwrap();
        fields.insert(attribute(tag, "name").unwrap(), attribute(chosen, "value").unwrap());
    }
    fields
}

/// Decisions of a year that the next one begins with.
async fn live(pages: &Pages) {
    let world = &pages.world;
    let (round, a, reason) = (world.round, world.unit("A"), "phép thử".to_owned());
    let position = world.store.state().positions_of(a)[2].id;
    let due = "2023-09-15".parse().ok();
    let change =
        |indicator: &str| AssignmentChange { indicator: indicator.to_owned(), position, leads: Some(true), due };
    let agencies = [("I.1.1", Some(world.unit("B"))), ("I.5.2", Some(world.unit("B")))];
    let changes = agencies.map(|(indicator, unit)| (indicator.to_owned(), unit)).into();
    let level = *world.store.state().levels.keys().next().unwrap();
    for command in [
        Command::Assign { round, unit: a, changes: vec![change("I.1.1")] },
        Command::Exempt { round, unit: a, indicator: "I.2.2".to_owned(), reason: reason.clone() },
        Command::SetAppraisers { round, changes, reason: reason.clone() },
        Command::SetParticipation { round, unit: world.unit("C"), takes_part: false, reason: reason.clone() },
        Command::Pick { level, reading: "minimum-count".to_owned(), variant: "all-or-nothing".to_owned(), reason },
    ] {
        world.operator(command).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_copied_from_the_one_before_after_a_look_at_what_is_taken_over() {
    let pages = pages().await;
    live(&pages).await;
    let owner = pages.cookie("bcd@t.example").await;
    assert!(pages.get(&owner, "/rounds").await.body.contains("href=\"/rounds/new\""));
    let page = pages.get(&owner, "/rounds/new").await.body;
    assert!(page.contains("value=\"Kỳ mẫu 2024\""), "{page}");
    let fields = filled_in(&page);
    assert_eq!(fields["set-commune"], NEW, "the successor by the mapping is chosen");
    assert_eq!(fields["collecting-to"], "31/10/2024");
    assert_eq!(fields["take-assignments"], "yes");

    let preview = pages.post(&owner, "/rounds/new", &form(&fields, &[("do", "preview")])).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.body.contains("theo bảng đối chiếu đã được kiểm tra"), "{}", preview.body);
    // I.5.2 was given to an agency and to a position, and nothing follows it.
    assert!(preview.body.contains("bộ chỉ số mới không có chỉ số nối tiếp"), "{}", preview.body);
    assert!(preview.body.contains("không có chỉ số nối tiếp (1 đơn vị đã giao)"), "{}", preview.body);
    assert_eq!(pages.world.store.state().rounds.len(), 1, "nothing is written before it is confirmed");

    // What changed between looking and confirming is looked at again.
    let confirmed = filled_in(&preview.body);
    let position = pages.world.store.state().positions_of(pages.world.unit("B"))[1].id;
    let change = AssignmentChange { indicator: "I.1.1".to_owned(), position, leads: Some(true), due: None };
    let assign = Command::Assign { round: pages.world.round, unit: pages.world.unit("B"), changes: vec![change] };
    pages.world.operator(assign).await;
    let stale = pages.post(&owner, "/rounds/new", &form(&confirmed, &[("do", "make")])).await;
    assert!(stale.body.contains("vừa thay đổi"), "{}", stale.body);
    let made = pages.post(&owner, "/rounds/new", &form(&filled_in(&stale.body), &[("do", "make")])).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);

    let state = pages.world.store.state();
    let round = state.rounds.values().max_by_key(|round| round.id).unwrap();
    assert_eq!(made.location, format!("/rounds/{}/settings?done", round.id));
    assert_eq!((round.year, round.title.as_str()), (2024, "Kỳ mẫu 2024"));
    let (a, c) = (pages.world.unit("A"), pages.world.unit("C"));
    assert_eq!(round.settings.appraisers.get("I.1").map(String::as_str), Some("B"));
    assert_eq!(round.settings.absent[&c], "phép thử");
    assert!(!state.sheet_of.contains_key(&(round.id, c)));
    assert!(round.exemption(a, "I.2").is_some());
    let assigned = state.assigned(round.id, a, "I.1");
    assert_eq!(assigned[0].due, "2024-09-15".parse().ok(), "an own deadline moves with the year");
    let level = state.levels.values().find(|level| level.facts.round == round.id).unwrap();
    assert_eq!(level.program.set.head.id, NEW);
    assert_eq!(level.facts.picks["minimum-count"], "all-or-nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_the_form_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let pages = pages().await;
    let owner = pages.cookie("bcd@t.example").await;
    let mut fields = filled_in(&pages.get(&owner, "/rounds/new?from=none").await.body);
    fields.insert("year".to_owned(), "hai nghìn".to_owned());
    fields.insert("collecting-to".to_owned(), "30/2/2024".to_owned());
    fields.insert("title".to_owned(), "Kỳ <b>".to_owned());
    let answer = pages.post(&owner, "/rounds/new", &form(&fields, &[("do", "preview")])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "href=\"#year\"",
        "href=\"#collecting-to\"",
        "Hãy chọn bộ chỉ số",
        "value=\"hai nghìn\"",
        "value=\"30/2/2024\"",
        "value=\"Kỳ &#60;b&#62;\"",
    ] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    // A set of another level, an owner out of scope, a round that one does not run.
    let wrong = form(&fields, &[("do", "make"), ("seen", "x"), ("set-department", OLD), ("owner", "99")]);
    assert_eq!(pages.post(&owner, "/rounds/new", &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pages.get(&owner, "/rounds/new?from=99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(pages.world.store.state().rounds.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_change_a_running_round_and_their_history_keeps_both_states() {
    let pages = pages().await;
    let owner = pages.cookie("bcd@t.example").await;
    let path = format!("/rounds/{}/settings", pages.world.round);
    let level = pages.world.store.state().levels.keys().next().unwrap().to_string();
    for fields in [
        format!("do=agency&pillar={level}~I&unit=B&reason=theo+lĩnh+vực"),
        "do=leave&unit=C&reason=đặc+thù".to_owned(),
        "do=exempt&unit=A&indicator=I.5.2&reason=chưa+triển+khai".to_owned(),
        "do=lift&unit=A&indicator=I.5.2&reason=đã+triển+khai".to_owned(),
        "do=extend&unit=A&to=10/11/2023&reason=mưa+lũ".to_owned(),
        "do=describe&title=Kỳ+mới&from=1/1/2023&to=31/12/2023&reason=ghi+rõ".to_owned(),
        "do=pick-open&reason=giữ+như+đề+nghị".to_owned(),
    ] {
        let fields: String = fields
            .split('&')
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap();
                format!("{name}={}&", encoded(&value.replace('+', " ")))
            })
            .collect();
        let done = pages.post(&owner, &path, fields.trim_end_matches('&')).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{fields}: {}", done.body);
    }
    let page = pages.get(&owner, &path).await.body;
    assert!(page.contains("Đã chốt hết") && !page.contains("pick-open"), "{page}");
    let history = page.split("id=\"lich-su\"").nth(1).unwrap();
    for words in [
        "Kỳ mẫu 2023</td>",
        "Kỳ mới, 1/1/2023 – 31/12/2023",
        "31/10/2023</td>",
        "10/11/2023</td>",
        "<td class=\"small\">tham gia</td>",
        "<td class=\"small\">không tham gia</td>",
        "<td class=\"small\">được miễn</td>",
        "Đơn vị mẫu B</td>",
        "đã triển khai",
    ] {
        assert!(history.contains(words), "{words}: {history}");
    }
    let state = pages.world.store.state();
    let round = &state.rounds[&pages.world.round];
    let level = state.levels.values().next().unwrap();
    for indicator in &level.program.set.pillars[0].indicators {
        assert_eq!(round.agency(&indicator.id), Some("B"), "{}", indicator.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_monitor_counts_who_has_begun_filters_and_exports_what_it_shows() {
    let pages = pages().await;
    let world = &pages.world;
    let figure = {
        let state = world.store.state();
        let set = &state.levels.values().next().unwrap().program.set;
        set.indicator("I.5.2").unwrap().all_figures()[0].id.clone()
    };
    let change = EntryChange { figures: [(figure, "9".to_owned())].into(), ..EntryChange::default() };
    let save = Command::SaveEntry { assessment: world.sheet("A"), indicator: "I.5.2".to_owned(), version: 0, change };
    world.operator(save).await;
    // Work that is given out begins no sheet.
    let position = world.store.state().positions_of(world.unit("B"))[1].id;
    let change = AssignmentChange { indicator: "I.5.2".to_owned(), position, leads: Some(true), due: None };
    world.operator(Command::Assign { round: world.round, unit: world.unit("B"), changes: vec![change] }).await;

    let owner = pages.cookie("bcd@t.example").await;
    let path = format!("/rounds/{}", world.round);
    let page = pages.get(&owner, &path).await.body;
    assert!(page.contains("2 đơn vị chưa bắt đầu; 3 đơn vị có chỉ số trễ hạn"), "{page}");
    let untouched = pages.get(&owner, &format!("{path}?show=untouched")).await.body;
    assert!(!untouched.contains("Đơn vị mẫu A") && untouched.contains("Đơn vị mẫu B"), "{untouched}");
    assert!(untouched.contains("progress.csv?level=") && untouched.contains("show=untouched"));
    let csv = pages.get(&owner, &format!("{path}/progress.csv?show=untouched&sort=code&pillar=I")).await.body;
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].ends_with("I_points,I_done,I_count") && lines[1].starts_with("B,"), "{csv}");

    // The list of who is late names what is late, and those of the filter only.
    let late = pages.get(&owner, &format!("{path}/late?find=mau+a")).await.body;
    assert!(late.contains("Đơn vị mẫu A") && !late.contains("Đơn vị mẫu B"), "{late}");
    let csv = pages.get(&owner, &format!("{path}/late.csv?find=mau+a&pillar=I")).await.body;
    let of_pillar: Vec<&str> = csv.lines().skip(1).collect();
    assert!(
        !of_pillar.is_empty() && of_pillar.iter().all(|line| line.starts_with("A,") && line.contains(",I.")),
        "{csv}"
    );
    // One sees only what one may read.
    let official = pages.cookie("vh-xh@a.example").await;
    let own = pages.get(&official, &format!("{path}/late")).await.body;
    assert!(own.contains("Đơn vị mẫu A") && !own.contains("Đơn vị mẫu B") && !own.contains("/remind"), "{own}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reminder_goes_to_the_people_concerned_once_a_day_and_stands_on_the_record() {
    let pages = pages().await;
    let world = &pages.world;
    let owner = pages.cookie("bcd@t.example").await;
    let path = format!("/rounds/{}/remind", world.round);
    let one = format!("unit={}&words={}", world.unit("A"), encoded("Xin làm ngay"));
    let done = pages.post(&owner, &path, &one).await;
    assert!(done.location.contains("told=2&known=0"), "{}", done.location);
    // The focal point and the head; the police official was given nothing.
    for (who, count) in [("ct@a.example", 1), ("vp-tk@a.example", 1), ("ca@a.example", 0), ("vp-tk@b.example", 0)] {
        assert_eq!(world.store.notices(world.person(who)).await.unwrap().len(), count, "{who}");
    }
    let notice = &world.store.notices(world.person("ct@a.example")).await.unwrap()[0];
    assert!(notice.vi.contains("chỉ số trễ hạn; phiếu chưa bắt đầu"), "{}", notice.vi);
    assert!(notice.vi.contains("Lời nhắn: Xin làm ngay") && notice.vi.contains("trễ "), "{}", notice.vi);
    assert!(notice.en.contains("the sheet has not been begun"), "{}", notice.en);

    let all = pages.post(&owner, &path, "show=untouched").await;
    assert!(all.location.contains("known=2"), "those who were told are not told again: {}", all.location);
    let page = pages.get(&owner, &all.location).await.body;
    assert!(page.contains("2 người đã được nhắc trong hôm nay"), "{page}");
    assert_eq!(world.store.notices(world.person("ct@a.example")).await.unwrap().len(), 1);
    assert_eq!(world.store.notices(world.person("vp-tk@b.example")).await.unwrap().len(), 1);
    pages.app.set_now(world::at("2023-10-21T02:00:00Z"));
    let owner = pages.cookie("bcd@t.example").await;
    pages.post(&owner, &path, &one).await;
    assert_eq!(world.store.notices(world.person("ct@a.example")).await.unwrap().len(), 2);
    let events = world.store.round_history(world.round).await.unwrap();
    let reminded: Vec<_> = events.iter().filter(|event| event.action == "round.reminded").collect();
    assert_eq!(reminded.len(), 3);
    assert_eq!(reminded[2].detail["units"], serde_json::json!(["A"]));

    let stranger = pages.cookie("vp-tk@b.example").await;
    assert_eq!(pages.post(&stranger, &path, &one).await.status, StatusCode::FORBIDDEN);
    let nowhere = format!("/rounds/{}/remind", RoundId(99));
    assert_eq!(pages.post(&owner, &nowhere, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_is_given_out_by_rule_and_as_last_year_through_the_mapping() {
    let pages = pages().await;
    live(&pages).await;
    let owner = pages.cookie("bcd@t.example").await;
    let mut fields = filled_in(&pages.get(&owner, "/rounds/new").await.body);
    fields.remove("take-assignments");
    let preview = pages.post(&owner, "/rounds/new", &form(&fields, &[("do", "preview")])).await;
    let made = pages.post(&owner, "/rounds/new", &form(&filled_in(&preview.body), &[("do", "make")])).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let a = pages.world.unit("A");
    let (round, sheet) = {
        let state = pages.world.store.state();
        let round = *state.rounds.keys().max().unwrap();
        (round, state.sheet_of[&(round, a)])
    };
    let focal = pages.cookie("vp-tk@a.example").await;
    let path = format!("/sheets/{sheet}/assign/plan");
    assert_eq!(pages.post(&focal, &path, "plan=last-year").await.location, format!("/sheets/{sheet}/assign?changed=1"));
    assert_eq!(pages.world.store.state().assigned(round, a, "I.1")[0].due, "2024-09-15".parse().ok());

    let position = pages.world.store.state().positions_of(a)[3].id;
    let rule = format!("plan=rule&position={position}&pillar=I&role=lead&due=20/9/2024");
    pages.post(&focal, &path, &rule).await;
    let (count, others) = {
        let state = pages.world.store.state();
        let row = &state.assessments[&sheet];
        let set = &state.levels[&row.level].program.set;
        let of_pillar = set.pillars[0].indicators.iter().filter(|one| one.id != "I.1");
        for indicator in of_pillar.clone() {
            let assigned = state.assigned(round, a, &indicator.id);
            assert_eq!(
                (assigned.len(), assigned[0].position, assigned[0].leads),
                (1, position, true),
                "{}",
                indicator.id
            );
        }
        (of_pillar.count(), state.assigned(round, a, "I.1").len())
    };
    assert!(count > 2 && others == 1, "what somebody has stays theirs");
    let coordinate = format!("plan=rule&position={position}&pillar=I&role=coordinating");
    pages.post(&focal, &path, &coordinate).await;
    {
        let state = pages.world.store.state();
        assert_eq!(state.assigned(round, a, "I.1").iter().filter(|one| !one.leads).count(), 1);
        assert_eq!(state.assigned(round, a, "I.2").iter().filter(|one| one.leads).count(), 1, "a lead stays a lead");
    }

    // Finer than a pillar: ids, and criteria that share a word, however it is typed.
    let leads = || -> BTreeSet<String> {
        let state = pages.world.store.state();
        let assigned = state.assignments[&(round, a)].iter().filter(|(_, all)| all.iter().any(|one| one.leads));
        assigned.map(|(indicator, _)| indicator.clone()).collect()
    };
    let (second, last, word, with_word) = {
        let state = pages.world.store.state();
        let set = &state.levels[&state.assessments[&sheet].level].program.set;
        let last = set.pillars.last().unwrap();
        let word = last.indicators[0].name.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
        let with = last.indicators.iter().filter(|one| one.name.to_lowercase().contains(&word.to_lowercase()));
        let with_word: BTreeSet<String> = with.map(|one| one.id.clone()).collect();
        (set.pillars[1].indicators[0].id.clone(), last.pillar.no.clone(), word, with_word)
    };
    let before = leads();
    let gained = |before: &BTreeSet<String>| leads().difference(before).cloned().collect::<BTreeSet<_>>();
    pages.post(&focal, &path, &format!("plan=rule&position={position}&pillar=&role=lead&words={second}")).await;
    assert_eq!(gained(&before), [second].into(), "an id means itself and what is below it, not II.10 for II.1");
    let before = leads();
    let typed = encoded(&word.to_uppercase());
    pages.post(&focal, &path, &format!("plan=rule&position={position}&pillar={last}&role=lead&words={typed}")).await;
    assert_eq!(gained(&before), with_word);
    let nothing =
        pages.post(&focal, &path, &format!("plan=rule&position={position}&pillar=&words=kh%C3%B4ng-c%C3%B3")).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "a rule that fits nothing says so");
}
