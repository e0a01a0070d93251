//! Whoever lost points is told of it, and until when that can be explained: in the notice of the day, in one's work, in the
//! calendar; the appraiser is told who waits; and silence is read at the entry.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod house;

use std::collections::BTreeMap;

use cycle::round::Days;
use cycle::{AccountId, Capability, Phase};
use house::Browser;
use house::world::{World, at};
use store::command::{Appraisal, EntryChange, NewPerson};
use store::{Actor, Command};
use web::{App, Library, reminders};

const INDICATOR: &str = "I.5.2";
const BY: &str = "giải trình đến hết ngày 20/12/2023";

struct Year {
    world: World,
    app: App,
}

impl Year {
    /// A and B declared 9 and 12 of 12; both were cut to 2 points; explaining began on 1 December.
    async fn new() -> Self {
        let world = World::new("sqlite://FOLDER/thuocdo.sqlite?mode=rwc").await;
        let app = App::new(world.store.clone(), Library::default(), true);
        let own = Self { world, app };
        let top = own.world.unit("T");
        let capabilities = [Capability::Appraise, Capability::Decide].into();
        let (code, name) = ("TĐ".to_owned(), "Thẩm định".to_owned());
        own.world.operator(Command::AddPosition { unit: top, code, name, capabilities }).await;
        let position = |unit, place: Option<usize>| {
            let state = own.world.store.state();
            let positions = state.positions_of(unit);
            positions[place.unwrap_or(positions.len() - 1)].id
        };
        // The focal point's colleague has a calendar.
        let people =
            [("td@t.example", position(top, None)), ("lich@a.example", position(own.world.unit("A"), Some(1)))];
        for (login, position) in people {
            own.world
                .operator(Command::AddPerson(NewPerson {
                    login: login.to_owned(),
                    name: login.to_owned(),
                    position: Some(position),
                    from: "2023-01-01".parse().unwrap(),
                    invitation: None,
                    calendar: format!("{login}-0123456789-0123456789-0123456789"),
                }))
                .await;
        }
        let (figure, set) = {
            let state = own.world.store.state();
            let level = state.levels.values().next().unwrap();
            let figure = level.program.set.indicator(INDICATOR).unwrap().all_figures()[0].id.clone();
            (figure, level.facts.set_hash.clone())
        };
        for (unit, typed) in [("A", "9"), ("B", "12")] {
            let assessment = own.world.sheet(unit);
            let figures = BTreeMap::from([(figure.clone(), typed.to_owned())]);
            let change = EntryChange { figures, ..EntryChange::default() };
            let save = Command::SaveEntry { assessment, indicator: INDICATOR.to_owned(), version: 0, change };
            let unit = unit.to_lowercase();
            own.does(&format!("vp-tk@{unit}.example"), "2023-10-20T03:00:00Z", save).await;
            let hash = own.world.store.sheet(assessment).await.unwrap().unwrap().state_hash(&set);
            let submit = Command::Submit { assessment, hash };
            own.does(&format!("ct@{unit}.example"), "2023-10-20T03:00:00Z", submit).await;
        }
        own.phase("2023-11-01T02:00:00Z", Phase::Appraising).await;
        for unit in ["A", "B"] {
            let reason = "Ba tin trùng nội dung".to_owned();
            own.appraise(unit, "2023-11-10T02:00:00Z", Appraisal::Adjust { points: "2".to_owned(), reason }).await;
        }
        let days = Days { from: "2023-12-01".parse().unwrap(), to: "2023-12-20".parse().unwrap() };
        let open = Command::OpenExplanation { round: own.world.round, days, reason: "theo kế hoạch".to_owned() };
        own.world.store.change(Actor::Operator, at("2023-11-28T02:00:00Z"), open).await.unwrap();
        own.pass("2023-11-30T00:00:00Z").await;
        own.phase("2023-12-01T02:00:00Z", Phase::Explaining).await;
        own
    }

    async fn does(&self, who: &str, when: &str, command: Command) {
        self.world.store.change(self.world.actor(who), at(when), command).await.unwrap();
    }

    async fn phase(&self, when: &str, phase: Phase) {
        let command = Command::SetPhase { round: self.world.round, phase, reason: String::new() };
        self.world.store.change(Actor::Operator, at(when), command).await.unwrap();
    }

    async fn appraise(&self, unit: &str, when: &str, appraisal: Appraisal) {
        let assessment = self.world.sheet(unit);
        let version = self.world.store.sheet(assessment).await.unwrap().unwrap().entry(INDICATOR).unwrap().1.version;
        let command = Command::Appraise { assessment, indicator: INDICATOR.to_owned(), version, appraisal };
        self.does("td@t.example", when, command).await;
    }

    async fn pass(&self, when: &str) {
        self.app.set_now(at(when));
        reminders::keep(&self.app).await.unwrap();
        reminders::work(&self.app).await.unwrap();
    }

    fn person(&self, login: &str) -> AccountId {
        self.world.person(login)
    }

    /// The Vietnamese words of a person's notices since a moment.
    async fn told(&self, login: &str, since: &str) -> Vec<String> {
        let notices = self.world.store.notices(self.person(login)).await.unwrap();
        notices.into_iter().filter(|notice| notice.at >= at(since)).map(|notice| notice.vi).collect()
    }

    async fn browser(&self, login: &str) -> Browser {
        let mut browser = Browser::visit(self.app.clone()).await;
        browser.sign_in(&self.app, self.person(login)).await;
        browser
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_is_told_when_explaining_begins_and_shortly_before_its_last_day_until_it_is_explained() {
    let year = Year::new().await;
    // The morning after: who leads it, the focal points, the head; and nobody else.
    year.pass("2023-12-02T00:00:00Z").await;
    for login in ["vh-xh@a.example", "vp-tk@a.example", "ct@a.example", "vp-tk@b.example", "ct@b.example"] {
        let told = year.told(login, "2023-12-01T00:00:00Z").await;
        assert_eq!(told.len(), 1, "{login}: {told:?}");
        assert!(told[0].contains(BY) && told[0].contains(INDICATOR), "{login}: {}", told[0]);
        assert!(told[0].contains("thẩm định 2,00 – Ba tin trùng nội dung"), "{login}: {}", told[0]);
    }
    assert!(year.told("vh-xh@a.example", "2023-12-01T00:00:00Z").await[0].contains("tự chấm 4,50"));
    for login in ["ca@a.example", "vp-tk@c.example", "td@t.example", "bcd@t.example"] {
        assert!(year.told(login, "2023-12-01T00:00:00Z").await.is_empty(), "{login}");
    }
    year.pass("2023-12-03T00:00:00Z").await;
    year.pass("2023-12-16T00:00:00Z").await;
    assert!(year.told("vh-xh@a.example", "2023-12-03T00:00:00Z").await.is_empty(), "once is enough for now");

    // It is the first thing in one's work, and a day in the calendar.
    let mut official = year.browser("vh-xh@a.example").await;
    let page = official.get("/work").await.body;
    let first = page.find("Cần giải trình</h2>").unwrap_or_else(|| panic!("{page}"));
    assert!(page[first..].contains("Tự chấm 4,50, thẩm định 2,00: Ba tin trùng nội dung"), "{page}");
    assert!(page.contains("cần giải trình đến hết ngày 20/12/2023") && page.contains("Cần giải trình 1</a>"), "{page}");
    // The head leads what the unit explains, though nothing was given to the head.
    assert!(year.browser("ct@a.example").await.get("/work?show=explain").await.body.contains(INDICATOR));
    assert!(!year.browser("ca@a.example").await.get("/work").await.body.contains("Cần giải trình</h2>"));
    let calendar = official.get("/calendar/lich@a.example-0123456789-0123456789-0123456789.ics").await.body;
    let day = calendar.split("BEGIN:VEVENT").find(|one| one.contains("Giải trình: I.5.2")).unwrap();
    assert!(day.contains("DTSTART;VALUE=DATE:20231220"), "{calendar}");
    let own = official.get("/api/v1/work").await.body;
    assert!(own.contains("\"to_explain\":true,\"explain_by\":\"2023-12-20\""), "{own}");

    // Three days before, and no more once it is explained; then the appraiser knows who waits, then the unit is told.
    year.pass("2023-12-17T00:00:00Z").await;
    assert!(year.told("vh-xh@a.example", "2023-12-17T00:00:00Z").await[0].contains(BY));
    let words = "Ba tin ở ba chuyên mục".to_owned();
    let explain = Command::Explain { assessment: year.world.sheet("A"), indicator: INDICATOR.to_owned(), words };
    year.does("vh-xh@a.example", "2023-12-17T03:00:00Z", explain).await;
    year.pass("2023-12-18T00:00:00Z").await;
    let told = year.told("td@t.example", "2023-12-18T00:00:00Z").await;
    assert!(told[0].contains("có giải trình chờ trả lời") && told[0].contains("/appraise/"), "{told:?}");
    let keep = Appraisal::Keep { reason: "Cùng một đường dẫn".to_owned() };
    year.appraise("A", "2023-12-18T03:00:00Z", keep).await;
    // The program stood still on the 19th; what was done meanwhile is told all the same.
    year.pass("2023-12-20T01:00:00Z").await;
    let told = year.told("vh-xh@a.example", "2023-12-18T00:00:01Z").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("chỗ giảm điểm đã được trả lời") && told[0].contains("Cùng một đường dẫn"), "{told:?}");
    assert!(!told[0].contains(BY), "{told:?}");
    assert!(year.told("vp-tk@b.example", "2023-12-20T00:00:00Z").await[0].contains(BY), "B has said nothing yet");
    let page = year.browser("vh-xh@a.example").await.get("/work").await.body;
    assert!(page.contains("Việc của tôi") && !page.contains("Cần giải trình</h2>"), "{page}");

    // Both the answered and the silent case stay readable for the unit.
    year.phase("2023-12-21T02:00:00Z", Phase::Deciding).await;
    year.app.set_now(at("2023-12-21T03:00:00Z"));
    let mut official = year.browser("vh-xh@a.example").await;
    let page = official.get(&format!("/sheets/{}/entries/{INDICATOR}", year.world.sheet("A"))).await.body;
    let silent = "đơn vị không giải trình: điểm thẩm định được chấp nhận";
    assert!(page.contains("Ba tin ở ba chuyên mục") && page.contains("Cùng một đường dẫn"), "{page}");
    assert!(!page.contains(silent));
    let path = format!("/sheets/{}/entries/{INDICATOR}", year.world.sheet("B"));
    let page = year.browser("vp-tk@b.example").await.get(&path).await.body;
    assert!(page.contains(silent) && page.contains("Ba tin trùng nội dung"), "{page}");

    // The results are out: one line for each unit.
    let round = year.world.round;
    let reason = "như bộ chỉ số".to_owned();
    let when = at("2023-12-22T02:00:00Z");
    year.world.store.change(Actor::Operator, when, Command::PickOpen { round, reason }).await.unwrap();
    let publish = Command::Publish {
        round,
        number: "1/QĐ".to_owned(),
        day: "2023-12-22".parse().unwrap(),
        undecided: "không thêm căn cứ".to_owned(),
    };
    year.world.store.change(Actor::Operator, when, publish).await.unwrap();
    year.pass("2023-12-23T00:00:00Z").await;
    for login in ["vp-tk@a.example", "ct@b.example", "vp-tk@c.example"] {
        let told = year.told(login, "2023-12-23T00:00:00Z").await;
        assert!(told[0].contains("kết quả đã công bố"), "{login}: {told:?}");
        assert_eq!(told[0].matches('\t').count(), 1, "{login}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_that_was_opened_again_is_told_with_the_reason() {
    let year = Year::new().await;
    let back = Command::SetPhase { round: year.world.round, phase: Phase::Collecting, reason: "nhầm".to_owned() };
    let when = "2023-12-01T05:00:00Z";
    year.world.store.change(Actor::Operator, at(when), back).await.unwrap();
    let assessment = year.world.sheet("C");
    let set = year.world.store.state().levels.values().next().unwrap().facts.set_hash.clone();
    let extend = Command::Extend {
        round: year.world.round,
        unit: year.world.unit("C"),
        to: "2023-12-31".parse().unwrap(),
        reason: "lũ".to_owned(),
    };
    year.world.store.change(Actor::Operator, at(when), extend).await.unwrap();
    let hash = year.world.store.sheet(assessment).await.unwrap().unwrap().state_hash(&set);
    year.world.store.change(Actor::Operator, at(when), Command::Submit { assessment, hash }).await.unwrap();
    let unlock = Command::Unlock { assessment, reason: "Thiếu phụ lục".to_owned() };
    year.world.store.change(Actor::Operator, at(when), unlock).await.unwrap();
    year.pass("2023-12-02T00:00:00Z").await;
    let told = year.told("vp-tk@c.example", "2023-12-01T00:00:00Z").await;
    assert!(told[0].contains("phiếu được mở lại") && told[0].contains("Thiếu phụ lục"), "{told:?}");
}
