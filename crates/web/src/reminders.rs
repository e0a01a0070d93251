//! Reminders: once a day, each person is told what of theirs falls due, is late or was sent back, where points were cut and
//! until when that can be explained, and what came of it. One notice in the pages and one e-mail for each person and day,
//! however many copies of the program run.

mod explaining;

use std::collections::BTreeMap;

use criteria::date::Date;
use criteria::{Language, Number, Text};
use cycle::action::EntryState;
use cycle::entry::ScoreKind;
use cycle::{AccountId, Capability, Phase, time};
use jiff::{SignedDuration, Timestamp};
use store::Error;
use store::jobs::Job;
use store::notices::{Letter, MAIL_JOB, NewNotice};
use store::state::Account;

use crate::app::App;
use crate::failure::Failure;
use crate::mail::{Mail, NotSent};
use crate::opened::Opened;
use crate::view::L;

/// The kind of the job that makes the day's reminders.
pub const REMIND_JOB: &str = "remind";
/// The hour in Viet Nam at which people are reminded.
const HOUR: i64 = 7;
/// Most entries that one notice names; the others are counted.
const ENTRIES_MAX: usize = 40;

/// Why a person is reminded of an entry, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// Its points were cut, which can be explained until this day.
    Explain(Option<Date>),
    /// It was sent back.
    Returned,
    /// It was due so many days ago.
    Overdue(i32),
    /// It falls due in so many days.
    Due(i32),
    /// A unit explained it, and waits for an answer.
    Waiting,
    /// The appraiser answered the explanation, or thought again.
    Answered,
    /// The sheet was opened again.
    Unlocked,
    /// The results are out.
    Published,
}

/// What each person is told, by why.
type Told = BTreeMap<AccountId, BTreeMap<Why, Vec<Item>>>;

impl Why {
    /// What a deadline that many days ahead (behind, where negative) asks to be told: a week and a day before, on the
    /// day, the day after, and each week from then on.
    fn of_days(days: i32) -> Option<Self> {
        match days {
            7 | 1 | 0 => Some(Self::Due(days)),
            ..0 if (-days - 1) % 7 == 0 => Some(Self::Overdue(-days)),
            _ => None,
        }
    }

    fn text(self) -> Text {
        match self {
            Self::Explain(None) => {
                Text::new("Bị giảm điểm, có thể giải trình", "With points cut, which you can explain")
            }
            Self::Explain(Some(by)) => {
                let by = |language| L(language).date(&by);
                Text::new(
                    format!("Bị giảm điểm, giải trình đến hết ngày {}", by(Language::Vietnamese)),
                    format!("With points cut, to be explained by {}", by(Language::English)),
                )
            }
            Self::Waiting => Text::new("Có giải trình chờ trả lời", "Explained, waiting for your answer"),
            Self::Answered => Text::new("Chỗ giảm điểm đã được trả lời", "With an answer to what was cut"),
            Self::Unlocked => Text::new("Phiếu được mở lại", "Sheet opened again"),
            Self::Published => Text::new("Kết quả đã công bố", "Results published"),
            Self::Returned => Text::new("Bị trả lại, cần làm lại", "Sent back, to be done again"),
            Self::Overdue(1) => Text::new("Trễ hạn 1 ngày", "1 day late"),
            Self::Overdue(days) => Text::new(format!("Trễ hạn {days} ngày"), format!("{days} days late")),
            Self::Due(0) => Text::new("Đến hạn hôm nay", "Due today"),
            Self::Due(1) => Text::new("Đến hạn ngày mai", "Due tomorrow"),
            Self::Due(days) => Text::new(format!("Đến hạn trong {days} ngày"), format!("Due in {days} days")),
        }
    }
}

/// An entry that somebody is reminded of, or a sheet where no indicator is named.
#[derive(Clone, Debug)]
struct Item {
    unit: String,
    indicator: String,
    name: String,
    /// The unit's own points and the appraised ones.
    cut: Option<(Number, Number)>,
    reason: Option<String>,
    path: String,
}

/// The first seven o'clock in Viet Nam at or after `at`.
fn next_seven(at: Timestamp) -> Timestamp {
    let hour = SignedDuration::from_hours(HOUR);
    let seven = |day: Date| time::start_of(day).checked_add(hour).unwrap_or(Timestamp::MAX);
    let today = time::day_of(at);
    let of_today = seven(today);
    if at <= of_today { of_today } else { today.tomorrow().map_or(Timestamp::MAX, seven) }
}

/// Sees to it that the daily job is there. A house that begins after seven is reminded the same day.
///
/// # Errors
/// The database cannot be written.
pub async fn keep(app: &App) -> Result<(), Error> {
    let now = app.now();
    let hour = SignedDuration::from_hours(HOUR);
    let due = time::start_of(time::day_of(now)).checked_add(hour).unwrap_or(Timestamp::MAX);
    app.store.keep_job(REMIND_JOB, due).await
}

/// Does every reminder and sends every e-mail that is due.
///
/// # Errors
/// The database cannot be read or written.
pub async fn work(app: &App) -> Result<(), Error> {
    while let Some(job) = app.store.lease(app.now(), REMIND_JOB).await? {
        let now = app.now();
        // The job remembers until when it has told people; the first one tells of the day before it.
        let since = job.payload.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let since = since.or_else(|| now.checked_sub(SignedDuration::from_hours(24)).ok()).unwrap_or(now);
        match remind(app, since, now).await {
            Ok(count) => {
                tracing::info!(count, "people were reminded");
                let later = now.checked_add(SignedDuration::from_millis(1)).unwrap_or(now);
                app.store.again(&job, next_seven(later), &now.as_millisecond().to_string()).await?;
            }
            Err(failure) => app.store.finish(&job, now, Some(&format!("{failure:?}"))).await?,
        }
    }
    if app.mail.is_some() {
        while let Some(job) = app.store.lease(app.now(), MAIL_JOB).await? {
            let failure = deliver(app, &job).await?;
            app.store.finish(&job, app.now(), failure.as_deref()).await?;
        }
    }
    Ok(())
}

/// Makes the notices of the day, with what was done after `since`. Gives how many are new.
async fn remind(app: &App, since: Timestamp, now: Timestamp) -> Result<usize, Failure> {
    app.store.refresh().await?;
    let today = time::day_of(now);
    let sheets: Vec<_> = {
        let state = app.store.state();
        let open = |round| state.rounds.get(&round).is_some_and(|round: &cycle::round::Round| in_hand(round.phase));
        state.assessments.values().filter(|row| open(row.round)).map(|row| row.id).collect()
    };
    let mut told = Told::new();
    for id in sheets {
        let opened = match Opened::unchecked(app, id).await {
            Ok(opened) => opened,
            Err(Failure::NotFound) => continue,
            Err(failure) => return Err(failure),
        };
        gather(app, &opened, today, &mut told);
    }
    explaining::gather(app, since, now, &mut told).await?;
    let notices: Vec<NewNotice> = {
        let state = app.store.state();
        told.into_iter()
            .filter_map(|(account, whys)| {
                let account = state.accounts.get(&account).filter(|account| !account.disabled)?;
                Some(notice(account, today, whys, app.mail.is_some()))
            })
            .collect()
    };
    Ok(app.store.notify(&notices, now).await?)
}

/// Whether a unit may still have to do something in a phase.
fn in_hand(phase: Phase) -> bool {
    matches!(phase, Phase::Collecting | Phase::Appraising)
}

/// Puts a sheet's entries down with those who are to do them.
fn gather(app: &App, opened: &Opened, today: Date, told: &mut Told) {
    let state = app.store.state();
    let unit = opened.unit.id;
    // What nobody was given is the focal point's, as on the page of one's work.
    let focal = |positions: &[&store::state::Position]| -> Vec<AccountId> {
        let fill = positions.iter().filter(|one| one.capabilities.contains(&Capability::FillAny));
        fill.flat_map(|one| state.holders(one.id, today)).map(|account| account.id).collect()
    };
    let focal = focal(&state.positions_of(unit));
    for (indicator, entry, progress) in opened.rows() {
        let applies = entry.self_score.as_ref().is_none_or(|score| score.kind != ScoreKind::NotApplicable);
        if entry.state.is_done() || !applies {
            continue;
        }
        let why = if entry.state == EntryState::Returned {
            // The morning after, and each week from then on.
            let days = entry.updated_at.map_or(1, |at| time::days_between(time::day_of(at), today));
            (days > 0 && (days - 1) % 7 == 0).then_some(Why::Returned)
        } else if opened.round.phase == Phase::Collecting {
            progress.due.and_then(|due| Why::of_days(time::days_between(today, due)))
        } else {
            None
        };
        let Some(why) = why else { continue };
        let assigned = state.assigned(opened.round.id, unit, &indicator.id);
        let mut people: Vec<AccountId> =
            assigned.iter().flat_map(|one| state.holders(one.position, today)).map(|account| account.id).collect();
        if assigned.is_empty() {
            people.clone_from(&focal);
        }
        people.sort_unstable();
        people.dedup();
        for account in people {
            let item = Item {
                unit: opened.unit.name.clone(),
                indicator: indicator.id.clone(),
                name: indicator.name.clone(),
                cut: None,
                reason: entry.returned.clone().filter(|_| why == Why::Returned),
                path: format!("/sheets/{}/entries/{}", opened.sheet.id, indicator.id),
            };
            told.entry(account).or_default().entry(why).or_default().push(item);
        }
    }
}

/// The one notice of a person and day.
fn notice(account: &Account, today: Date, whys: BTreeMap<Why, Vec<Item>>, mail: bool) -> NewNotice {
    NewNotice {
        account: account.id,
        mark: format!("remind-{}-{today}", account.id),
        vi: words(L(Language::Vietnamese), today, &whys),
        en: words(L(Language::English), today, &whys),
        link: "/work".to_owned(),
        mail: mail && account.login.contains('@'),
    }
}

/// The words of a notice: what it is about, then one line for each unit under each heading and one for each entry.
fn words(l: L, today: Date, whys: &BTreeMap<Why, Vec<Item>>) -> String {
    let counted: Vec<String> = whys
        .iter()
        .map(|(why, items)| {
            let text = why.text();
            let told = l.text(&text).to_lowercase();
            match (l.is_english(), why) {
                (true, Why::Published) | (false, Why::Published | Why::Unlocked) => told,
                (true, _) => format!("{} {told}", items.len()),
                (false, _) => format!("{} chỉ số {told}", items.len()),
            }
        })
        .collect();
    let day = l.date(&today);
    let mut lines = vec![match l.is_english() {
        true => format!("Indicators on {day}: {}", counted.join("; ")),
        false => format!("Việc ngày {day}: {}", counted.join("; ")),
    }];
    let mut named = 0;
    let all: usize = whys.values().map(Vec::len).sum();
    for (why, items) in whys {
        let mut by_unit: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        items.iter().for_each(|item| by_unit.entry(&item.unit).or_default().push(item));
        for (unit, items) in by_unit {
            if named >= ENTRIES_MAX {
                continue;
            }
            lines.push(format!("{} – {unit}", l.text(&why.text())));
            for item in items.into_iter().take(ENTRIES_MAX - named) {
                named += 1;
                let reason =
                    item.reason.as_deref().map(|reason| format!(" – {}", one_line(reason))).unwrap_or_default();
                let cut = item.cut.map(|(own, appraised)| {
                    let (own, appraised) = (l.points(&own), l.points(&appraised));
                    format!(" – {} {own}, {} {appraised}", l.say("tự chấm", "own"), l.say("thẩm định", "appraised"))
                });
                let name = format!("{} {}", item.indicator, one_line(&item.name));
                lines.push(format!("{}{}{reason}\t{}", name.trim_start(), cut.unwrap_or_default(), item.path));
            }
        }
    }
    if all > named {
        let rest = all - named;
        lines.push(match l.is_english() {
            true => format!("And {rest} more, on the page of your work\t/work"),
            false => format!("Và {rest} chỉ số khác, ở trang việc của bạn\t/work"),
        });
    }
    lines.join("\n")
}

/// Words as one line: line breaks and tabs have a meaning in a notice.
pub(crate) fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sends the e-mail of a notice. Gives why it is to be tried again.
async fn deliver(app: &App, job: &Job) -> Result<Option<String>, Error> {
    let Some(mailer) = &app.mail else { return Ok(None) };
    let notice = job.payload.parse().map_err(|_| Error::Inconsistent {
        table: "job",
        key: job.id.to_string(),
        what: job.payload.clone(),
    })?;
    let Some(letter) = app.store.take_letter(notice, app.now()).await? else { return Ok(None) };
    let account = app.store.state().accounts.get(&letter.account).filter(|account| !account.disabled).cloned();
    let Some(account) = account else { return Ok(None) };
    let (subject, text) = letter_words(app, &account, &letter);
    let mail = Mail { to: &account.login, name: &account.name, subject: &subject, text: &text, id: &letter.mark };
    match mailer.send(&mail, app.now()).await {
        Ok(()) => Ok(None),
        Err(NotSent::NotYet(why)) => {
            app.store.give_letter_back(notice).await?;
            tracing::warn!(notice, why, "an e-mail was not sent and will be tried again");
            Ok(Some(why))
        }
        // The notice still stands in the pages; a second e-mail could be one too many.
        Err(NotSent::Never(why) | NotSent::Unknown(why)) => {
            tracing::error!(notice, why, "an e-mail was not sent");
            Ok(None)
        }
    }
}

/// Subject and text of an e-mail, in the person's language, with full addresses.
fn letter_words(app: &App, account: &Account, letter: &Letter) -> (String, String) {
    let l = L(account.language);
    let words = l.say(&letter.vi, &letter.en);
    let mut lines = words.lines();
    let subject = lines.next().unwrap_or_default().to_owned();
    let base = app.public_url.as_deref();
    let mut text =
        vec![format!("{} {},", l.say("Kính gửi", "Dear"), account.name), String::new(), format!("{subject}.")];
    for line in lines {
        match line.split_once('\t') {
            Some((words, path)) => {
                text.push(format!("- {words}"));
                text.extend(base.map(|base| format!("  {base}{path}")));
            }
            None => text.extend([String::new(), line.to_owned()]),
        }
    }
    text.push(String::new());
    if let Some(base) = base {
        text.push(format!("{} {base}{}", l.say("Mọi việc của bạn:", "All of your work:"), letter.link));
    }
    let why = l.say(
        "Thư này do hệ thống Thước Đo tự gửi vì chức danh bạn giữ liên quan đến các việc trên; xin đừng trả lời.",
        "Thước Đo sent this by itself because the position that you hold has to do with the above; do not reply.",
    );
    text.push(why.to_owned());
    (subject, text.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_a_week_and_a_day_before_on_the_day_the_day_after_and_each_week() {
        let told: Vec<i32> = (-20..=20).filter(|days| Why::of_days(*days).is_some()).collect();
        assert_eq!(told, [-15, -8, -1, 0, 1, 7]);
    }

    #[test]
    fn the_next_seven_oclock_is_today_or_tomorrow_in_viet_nam() {
        let at = |text: &str| -> Timestamp { text.parse().expect("an instant of this test") };
        assert_eq!(next_seven(at("2023-10-19T23:59:00Z")), at("2023-10-20T00:00:00Z"));
        assert_eq!(next_seven(at("2023-10-20T00:00:00Z")), at("2023-10-20T00:00:00Z"));
        assert_eq!(next_seven(at("2023-10-20T00:00:01Z")), at("2023-10-21T00:00:00Z"));
        assert_eq!(next_seven(at("2023-10-20T17:30:00Z")), at("2023-10-21T00:00:00Z"));
    }
}
