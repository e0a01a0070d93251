//! Reminders that a round's owner sends by hand: each person concerned gets one notice and one e-mail, at most one a
//! day for a round, with what exactly is late. The daily ones that nobody has to send are in `reminders`.

use std::collections::BTreeMap;

use criteria::collation::sort_key;
use criteria::date::Date;
use criteria::{Language, Text};
use cycle::round::Round;
use cycle::{AccountId, AssessmentId, Capability, RoundId};
use store::State;
use store::notices::NewNotice;
use store::state::Level;

use crate::reminders::one_line;
use crate::view::L;
use crate::watch::Line;

/// Most indicators that one notice names; the others are counted.
const NAMED_MAX: usize = 40;

/// What one person is told of one unit.
struct Owed {
    unit: String,
    sheet: AssessmentId,
    begun: bool,
    /// Indicator, name, days late.
    late: Vec<(String, String, i32)>,
}

/// The mark under which a person is reminded of a round on a day.
fn mark(round: RoundId, account: AccountId, day: Date) -> String {
    format!("nudge-{round}-{account}-{day}")
}

/// The notices for those who have to do something in these units: whoever was given a late indicator is told of it, and
/// the unit's head and focal point of everything.
pub fn notices(
    state: &State,
    round: &Round,
    level: &Level,
    lines: &[&Line<'_>],
    words: &str,
    today: Date,
    mail: bool,
) -> Vec<NewNotice> {
    let mut owed: BTreeMap<AccountId, Vec<Owed>> = BTreeMap::new();
    let indicators: Vec<_> = level.program.set.indicators().collect();
    for line in lines {
        let mut of_unit: BTreeMap<AccountId, Vec<(String, String, i32)>> = BTreeMap::new();
        let leads = |position: &&store::state::Position| {
            [Capability::FillAny, Capability::Assign, Capability::Review, Capability::Submit]
                .iter()
                .any(|capability| position.capabilities.contains(capability))
        };
        let positions = state.positions_of(line.unit.id);
        for account in positions.iter().copied().filter(|one| leads(one)).flat_map(|one| state.holders(one.id, today)) {
            of_unit.entry(account.id).or_default();
        }
        let heads: Vec<AccountId> = of_unit.keys().copied().collect();
        for late in &line.late {
            let Some(indicator) = indicators.get(late.place) else { continue };
            let told = (indicator.id.clone(), indicator.name.clone(), late.days);
            let assigned = state.assigned(round.id, line.unit.id, &indicator.id);
            let mut people: Vec<AccountId> =
                assigned.iter().flat_map(|one| state.holders(one.position, today)).map(|account| account.id).collect();
            people.extend(&heads);
            people.sort_unstable();
            people.dedup();
            for account in people {
                of_unit.entry(account).or_default().push(told.clone());
            }
        }
        for (account, late) in of_unit {
            let unit = line.unit.name.clone();
            owed.entry(account).or_default().push(Owed { unit, sheet: line.row.id, begun: line.has_begun(), late });
        }
    }
    let usable = |account: &AccountId| state.accounts.get(account).filter(|account| !account.disabled);
    owed.iter_mut()
        .filter_map(|(account, units)| {
            let account = usable(account)?;
            units.sort_by_cached_key(|one| sort_key(&one.unit));
            let text = Text::new(
                told(L(Language::Vietnamese), round, units, words),
                told(L(Language::English), round, units, words),
            );
            let link = match units.as_slice() {
                [one] => format!("/sheets/{}", one.sheet),
                _ => "/work".to_owned(),
            };
            let mail = mail && account.login.contains('@');
            Some(NewNotice {
                account: account.id,
                mark: mark(round.id, account.id, today),
                vi: text.vi,
                en: text.en,
                link,
                mail,
            })
        })
        .collect()
}

/// The words of a notice: what it is about, then a line for each unit and each late indicator.
fn told(l: L, round: &Round, units: &[Owed], words: &str) -> String {
    let late: usize = units.iter().map(|one| one.late.len()).sum();
    let untouched = units.iter().filter(|one| !one.begun).count();
    let title = one_line(&round.title);
    let mut counted = Vec::new();
    if late > 0 {
        counted.push(match l.is_english() {
            true => format!("{late} late"),
            false => format!("{late} chỉ số trễ hạn"),
        });
    }
    if untouched > 0 {
        counted.push(match (l.is_english(), units.len()) {
            (true, 1) => "the sheet has not been begun".to_owned(),
            (true, _) => format!("{untouched} sheets have not been begun"),
            (false, 1) => "phiếu chưa bắt đầu".to_owned(),
            (false, _) => format!("{untouched} phiếu chưa bắt đầu"),
        });
    }
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join("; ")) };
    let mut lines = vec![match l.is_english() {
        true => format!("The round's owner reminds you of “{title}”{counted}"),
        false => format!("Chủ kỳ đánh giá đôn đốc “{title}”{counted}"),
    }];
    let words = one_line(words);
    if !words.is_empty() {
        lines.push(format!("{}: {words}", l.say("Lời nhắn", "Message")));
    }
    let mut named = 0;
    for one in units {
        let state = if one.begun { "" } else { l.say(" – chưa bắt đầu", " – not begun") };
        lines.push(format!("{}{state}\t/sheets/{}", one_line(&one.unit), one.sheet));
        for (indicator, name, days) in one.late.iter().take(NAMED_MAX.saturating_sub(named)) {
            named += 1;
            let days = match (l.is_english(), days) {
                (true, 1) => "1 day late".to_owned(),
                (true, days) => format!("{days} days late"),
                (false, days) => format!("trễ {days} ngày"),
            };
            lines.push(format!("{indicator} {} – {days}\t/sheets/{}/entries/{indicator}", one_line(name), one.sheet));
        }
    }
    if late > named {
        let rest = late - named;
        lines.push(match l.is_english() {
            true => format!("And {rest} more, on the page of your work\t/work"),
            false => format!("Và {rest} chỉ số khác, ở trang việc của bạn\t/work"),
        });
    }
    lines.join("\n")
}
