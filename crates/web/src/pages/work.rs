//! My work: what is mine over all units and rounds, by deadline.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use criteria::Number;
use criteria::date::Date;
use cycle::action::EntryState;
use cycle::progress::Lack;
use cycle::time;
use cycle::{AssessmentId, Capability, Phase};
use serde::Deserialize;
use store::{Actor, Command};

use super::html;
use super::units::own_address;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::person::Person;
use crate::view::{L, Section as Part, Shell, StateView, entry_state};

struct Tab {
    href: String,
    name: &'static str,
    count: usize,
    current: bool,
}

struct Item {
    id: String,
    href: String,
    name: String,
    todo: String,
    state: StateView,
    points: String,
    max: String,
    gain: Option<String>,
}

struct Section {
    name: String,
    note: String,
    items: Vec<Item>,
}

#[derive(Template)]
#[template(path = "work.html")]
struct WorkPage {
    shell: Shell,
    lede: String,
    tabs: Vec<Tab>,
    sections: Vec<Section>,
    /// The path of the calendar, where its address can still be told.
    calendar: Option<String>,
    /// The address that was just made.
    fresh: Option<String>,
}

#[derive(Default, Deserialize)]
pub struct Filter {
    #[serde(default)]
    show: String,
}

/// What an entry lacks, in words.
pub fn lacks(l: L, lacks: &[Lack]) -> String {
    let one = |lack: &Lack| match lack {
        Lack::Figures => l.say("thiếu số liệu", "figures are missing").to_owned(),
        Lack::UsableFigures => l.say("có số liệu không dùng được", "a figure cannot be used").to_owned(),
        Lack::Evidence { have, need } if l.is_english() => format!("{have} of {need} pieces of evidence"),
        Lack::Evidence { have, need } => format!("có {have} trên {need} tài liệu kiểm chứng"),
        Lack::Signature { .. } => l.say("thiếu chữ ký số", "a signature is missing").to_owned(),
        Lack::Reason => l.say("thiếu lý do", "the reason is missing").to_owned(),
    };
    let text = lacks.iter().map(one).collect::<Vec<_>>().join("; ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The sheets that a person works on: of the units where positions are held, in rounds under way.
pub fn own_sheets(app: &App, person: &Person) -> Vec<AssessmentId> {
    let state = app.store.state();
    let mut found = Vec::new();
    for round in state.rounds.values().rev().filter(|round| !matches!(round.phase, Phase::Draft | Phase::Published)) {
        for unit in &person.authority.units {
            found.extend(state.sheet_of.get(&(round.id, *unit)).copied());
        }
    }
    found
}

struct Mine {
    item: Item,
    /// Whether it was given to the person, or is the focal point's because nobody has it.
    own: bool,
    /// Whether its points were cut, and nobody has explained it yet.
    explain: bool,
    due: Option<Date>,
    leads: bool,
    overdue: bool,
    returned: bool,
    lacks_evidence: bool,
    done: bool,
    to_gain: Number,
}

impl Mine {
    fn is_open(&self) -> bool {
        self.own && !self.done
    }
}

/// What is a person's own on a sheet, by the places of the indicators.
pub(crate) struct OwnWork {
    /// The sheet.
    pub opened: Opened,
    /// What was given to the person, and whether the person leads.
    pub own: BTreeMap<usize, bool>,
    /// What lost points and can still be explained: the person's own, or the whole unit's for its focal points and head.
    pub differences: BTreeSet<usize>,
}

/// What is a person's own on each of the sheets in hand.
pub(crate) async fn own_entries(app: &App, person: &Person) -> Result<Vec<OwnWork>, Failure> {
    let mut all = Vec::new();
    for id in own_sheets(app, person) {
        let opened = match Opened::get(app, person, id).await {
            Ok(opened) => opened.with_proofs(app).await?,
            Err(Failure::NotFound) => continue,
            Err(failure) => return Err(failure),
        };
        let state = app.store.state();
        let everything = person.may(&state, Capability::FillAny, opened.unit.id);
        let leads = everything || person.may(&state, Capability::Submit, opened.unit.id);
        let explaining =
            opened.round.phase == Phase::Explaining && opened.round.window_open(opened.unit.id, opened.today);
        // The true states: what was decided already looks adjusted to the unit, and cannot be explained any more.
        let mut marks = opened.row.marks.iter();
        let (mut own_places, mut differences) = (BTreeMap::new(), BTreeSet::new());
        for (place, (indicator, entry, progress)) in opened.rows().enumerate() {
            let assigned = state.assigned(opened.round.id, opened.unit.id, &indicator.id);
            let own = assigned.iter().find(|one| person.authority.positions.contains(&one.position));
            // What nobody was given is the focal point's.
            let applies = entry_state(person.l(), entry, progress).class != "na";
            let adjusted = marks.next().is_some_and(|mark| mark.state == EntryState::Adjusted);
            if applies && (own.is_some() || (everything && assigned.is_empty())) {
                own_places.insert(place, own.is_none_or(|one| one.leads));
            }
            if explaining && adjusted && entry.cut().is_some() && (leads || own_places.contains_key(&place)) {
                differences.insert(place);
            }
        }
        drop(marks);
        drop(state);
        all.push(OwnWork { opened, own: own_places, differences });
    }
    Ok(all)
}

async fn mine(app: &App, person: &Person) -> Result<Vec<Mine>, Failure> {
    let l = person.l();
    let mut all = Vec::new();
    for OwnWork { opened, own, differences } in own_entries(app, person).await? {
        let id = opened.sheet.id;
        for (place, (indicator, entry, progress)) in opened.rows().enumerate() {
            let cut = entry.cut().filter(|_| differences.contains(&place));
            if cut.is_none() && !own.contains_key(&place) {
                continue;
            }
            let state_view = entry_state(l, entry, progress);
            let todo = match (&entry.returned, &cut) {
                (_, Some((declared, appraised))) => to_explain(l, entry, declared, appraised),
                (Some(reason), None) if entry.state == EntryState::Returned => {
                    let due = entry.returned_due.map(|due| format!(" ({} {})", l.say("hạn", "by"), l.date(&due)));
                    format!("{} {reason}{}", l.say("Bị trả lại:", "Returned:"), due.unwrap_or_default())
                }
                _ => lacks(l, &progress.lacks),
            };
            let points = match &cut {
                Some(_) => entry.counting(),
                None => entry.self_score.as_ref(),
            };
            let points = points.filter(|score| score.kind != cycle::entry::ScoreKind::Missing);
            let gain = (progress.to_gain > Number::ZERO && !entry.state.is_done())
                .then(|| format!("{} {}", l.say("còn", "to gain"), l.points(&progress.to_gain)));
            let gain = match &cut {
                Some((declared, appraised)) => {
                    let lost = l.points(&Number::from_millionths(declared.millionths() - appraised.millionths()));
                    Some(format!("{} {lost}", l.say("bị giảm", "cut by")))
                }
                None => gain,
            };
            let explain_by = opened.round.explain_by(opened.today);
            all.push(Mine {
                own: own.contains_key(&place),
                explain: cut.is_some(),
                item: Item {
                    id: indicator.id.clone(),
                    href: format!("/sheets/{id}/entries/{}", indicator.id),
                    name: indicator.name.clone(),
                    todo,
                    state: state_view,
                    points: points.map_or_else(|| "–".to_owned(), |score| l.points(&score.points)),
                    max: l.number(&indicator.points.unwrap_or_default()),
                    gain,
                },
                due: if cut.is_some() { explain_by } else { progress.due },
                leads: own.get(&place).copied().unwrap_or(true),
                overdue: progress.is_overdue(),
                returned: entry.state == EntryState::Returned,
                lacks_evidence: progress.lacks.iter().any(|lack| matches!(lack, Lack::Evidence { .. })),
                done: entry.state.is_done(),
                to_gain: progress.to_gain,
            });
        }
    }
    Ok(all)
}

/// What the appraiser gave in place of what was declared, and why.
fn to_explain(l: L, entry: &cycle::Entry, declared: &Number, appraised: &Number) -> String {
    let reason = entry.appraised.as_ref().map_or("", |verdict| verdict.reason.as_str());
    let (declared, appraised) = (l.points(declared), l.points(appraised));
    match l.is_english() {
        true => format!("Own score {declared}, appraised {appraised}: {reason}"),
        false => format!("Tự chấm {declared}, thẩm định {appraised}: {reason}"),
    }
}

/// `GET /work`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(filter): Query<Filter>,
) -> Result<Response, Failure> {
    draw(&app, &person, uri.path(), &filter, None).await
}

/// `POST /work`: another address for one's calendar; the one before leads nowhere from now on. It is told this once.
pub async fn renew_calendar(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (account, secret) = (person.account, crate::app::secret().map_err(|_| Failure::Internal)?);
    let address = own_address(&app, &headers, &format!("/calendar/{secret}.ics"));
    app.store.change(Actor::Account(account), app.now(), Command::RenewCalendar { account, secret }).await?;
    draw(&app, &person, uri.path(), &Filter::default(), Some(address)).await
}

async fn draw(
    app: &App,
    person: &Person,
    path: &str,
    filter: &Filter,
    fresh: Option<String>,
) -> Result<Response, Failure> {
    let l = person.l();
    let all = mine(app, person).await?;
    let today = time::day_of(app.now());
    let open: Vec<&Mine> = all.iter().filter(|one| one.is_open()).collect();
    let own = all.iter().filter(|one| one.own).count();
    let explain: Vec<&Mine> = all.iter().filter(|one| one.explain).collect();
    let overdue = open.iter().filter(|one| one.overdue).count();
    let returned = open.iter().filter(|one| one.returned).count();
    let next = open.iter().filter(|one| !one.overdue).filter_map(|one| one.due).min();
    let left = Number::saturating_sum(open.iter().map(|one| one.to_gain));
    let day = l.long_day(&today);
    let (count, left) = (open.len(), l.points(&left));
    let mut lede = if own == 0 {
        format!("{day}. {}", l.say("Lúc này bạn không có chỉ số nào phải làm.", "You have nothing to fill in now."))
    } else if l.is_english() {
        format!(
            "{day}. {count} of your {} criteria are open: {overdue} overdue, {returned} returned; {left} points to gain.",
            own
        )
    } else {
        format!(
            "{day}. {count} trên {} chỉ số của bạn còn phải làm: {overdue} trễ hạn, {returned} bị trả lại; còn {left} điểm.",
            own
        )
    };
    if !explain.is_empty() {
        let by = explain.iter().filter_map(|one| one.due).min();
        let by = by.map(|by| format!(" {} {}", l.say("đến hết ngày", "by"), l.date(&by))).unwrap_or_default();
        let count = explain.len();
        lede = match l.is_english() {
            true if own == 0 => format!("{day}. {count} criteria lost points and can be explained{by}."),
            true => format!("{lede} {count} lost points and can be explained{by}."),
            false if own == 0 => format!("{day}. {count} chỉ số bị giảm điểm, cần giải trình{by}."),
            false => format!("{lede} {count} chỉ số bị giảm điểm, cần giải trình{by}."),
        };
    }
    if let Some(next) = next {
        let days = l.days_left(time::days_between(today, next));
        lede = match l.is_english() {
            true => format!("{lede} Next deadline {}, {days}.", l.date(&next)),
            false => format!("{lede} Hạn kế tiếp {}, {days}.", l.date(&next)),
        };
    }
    type Test = fn(&Mine) -> bool;
    let filters: [(&str, &'static str, &'static str, Test); 7] = [
        ("", "Còn phải làm", "Open", |one| one.is_open() || one.explain),
        ("explain", "Cần giải trình", "To explain", |one| one.explain),
        ("late", "Trễ hạn", "Overdue", |one| one.is_open() && one.overdue),
        ("returned", "Bị trả lại", "Returned", |one| one.returned),
        ("evidence", "Thiếu tài liệu", "Without evidence", |one| one.lacks_evidence),
        ("coordinating", "Tôi phối hợp", "Coordinating", |one| !one.leads),
        ("all", "Tất cả", "All", |_| true),
    ];
    let tabs = filters
        .iter()
        .map(|(key, vi, en, test)| Tab {
            href: if key.is_empty() { "/work".to_owned() } else { format!("/work?show={key}") },
            name: if l.is_english() { en } else { vi },
            count: all.iter().filter(|one| test(one)).count(),
            current: *key == filter.show,
        })
        .collect();
    let test = filters.iter().find(|(key, ..)| *key == filter.show).map_or(filters[0].3, |(.., test)| *test);
    let mut by_group: BTreeMap<(u8, Option<Date>), Vec<Item>> = BTreeMap::new();
    for one in all {
        if test(&one) {
            let group = match (one.done, one.overdue, one.returned) {
                _ if one.explain => (0, one.due),
                (false, _, true) => (1, None),
                (false, true, false) => (2, None),
                (false, false, false) => (3, one.due),
                (true, ..) => (4, None),
            };
            by_group.entry(group).or_default().push(one.item);
        }
    }
    let sections = by_group
        .into_iter()
        .map(|((kind, due), items)| {
            let (name, note) = match (kind, due) {
                (0, due) => (
                    l.say("Cần giải trình", "To explain").to_owned(),
                    due.map(|due| {
                        let left = l.days_left(time::days_between(today, due));
                        format!("{} {}, {left}", l.say("đến hết ngày", "by"), l.date(&due))
                    })
                    .unwrap_or_default(),
                ),
                (1, _) => (l.say("Cần làm lại", "To do again").to_owned(), String::new()),
                (2, _) => (l.say("Trễ hạn", "Overdue").to_owned(), String::new()),
                (3, Some(due)) => {
                    (format!("{} {}", l.say("Hạn", "Due"), l.date(&due)), l.days_left(time::days_between(today, due)))
                }
                (3, None) => (l.say("Không có hạn", "Without a deadline").to_owned(), String::new()),
                _ => (l.say("Đã xong", "Completed").to_owned(), String::new()),
            };
            Section { name, note, items }
        })
        .collect();
    let calendar = {
        let state = app.store.state();
        let secret = state.accounts.get(&person.account).and_then(|account| account.calendar_secret());
        secret.map(|secret| format!("/calendar/{secret}.ics"))
    };
    let title = l.say("Việc của tôi", "My work");
    let shell = Shell::new(app, Some(person), l, path, Part::Work, title);
    html(&WorkPage { shell, lede, tabs, sections, calendar, fresh })
}

/// `GET /calendar/SECRET.ics`: the deadlines of a person, for any calendar program.
pub async fn calendar(
    State(app): State<App>,
    axum::extract::Path(file): axum::extract::Path<String>,
) -> Result<Response, Failure> {
    use axum::http::header;
    use axum::response::IntoResponse;
    app.store.refresh().await?;
    let secret = file.strip_suffix(".ics").filter(|secret| secret.len() >= 32).ok_or(Failure::NotFound)?;
    let person = {
        let state = app.store.state();
        let known = state.account_by_calendar(secret).filter(|one| !one.disabled);
        let known = known.ok_or(Failure::NotFound)?;
        let authority = state.authority(known.id, time::day_of(app.now()));
        Person {
            account: known.id,
            name: known.name.clone(),
            language: known.language,
            authority,
            secret: String::new(),
            unread: 0,
        }
    };
    let stamp = app.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Thuoc Do//VI".to_owned(),
        "NAME:Thước Đo".to_owned(),
    ];
    for one in mine(&app, &person).await?.into_iter().filter(|one| one.is_open() || one.explain) {
        let Some(due) = one.due else { continue };
        // The day to explain is an event of its own beside the day to fill in.
        let uid = format!("{}{}", one.item.href.replace('/', "-"), if one.explain { "-explain" } else { "" });
        let what = if one.explain { person.l().say("Giải trình: ", "Explain: ") } else { "" };
        let day = |day: Date| format!("{:04}{:02}{:02}", day.year(), day.month(), day.day());
        let after = due.tomorrow().unwrap_or(due);
        let escape =
            |text: &str| text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n");
        lines.extend([
            "BEGIN:VEVENT".to_owned(),
            format!("UID:thuocdo{uid}"),
            format!("DTSTAMP:{stamp}"),
            format!("DTSTART;VALUE=DATE:{}", day(due)),
            format!("DTEND;VALUE=DATE:{}", day(after)),
            format!("SUMMARY:{}", escape(&format!("{what}{} {}", one.item.id, one.item.name))),
            format!("DESCRIPTION:{}", escape(&one.item.todo)),
            "END:VEVENT".to_owned(),
        ]);
    }
    lines.push("END:VCALENDAR".to_owned());
    let text: String = lines.iter().map(|line| folded(line)).collect();
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
}

/// A content line, folded at 75 octets (RFC 5545, 3.1), never within a letter.
fn folded(line: &str) -> String {
    let mut text = String::new();
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > 74 {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(letter);
        octets += letter.len_utf8();
    }
    text.push_str("\r\n");
    text
}
