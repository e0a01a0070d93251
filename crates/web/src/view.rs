//! What every page shares: the language, the frame, and how numbers, days and states are written.

use criteria::date::Date;
use criteria::model::Grade;
use criteria::{Language, Number, Text};
use cycle::action::EntryState;
use cycle::entry::{Entry, ScoreKind};
use cycle::progress::EntryProgress;
use cycle::proof::FileVerdict;
use cycle::time::{self, Standing};
use cycle::{Capability, Phase};
use jiff::Timestamp;
use scoring::number_text;

use crate::app::App;
use crate::person::Person;

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct L(pub Language);

impl L {
    /// The words of this language.
    pub fn say<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        match self.0 {
            Language::Vietnamese => vi,
            Language::English => en,
        }
    }

    /// The words of this language, of a sentence in both.
    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.in_language(self.0)
    }

    /// The language's tag (BCP 47).
    pub fn tag(&self) -> &'static str {
        self.say("vi", "en")
    }

    /// Whether it is English.
    pub fn is_english(&self) -> bool {
        self.0 == Language::English
    }

    /// Points, with two decimals.
    pub fn points(&self, points: &Number) -> String {
        number_text::points(*points, 2, self.0)
    }

    /// A number, as short as it is.
    pub fn number(&self, number: &Number) -> String {
        number_text::number(*number, self.0)
    }

    /// A count, with its thousands apart.
    pub fn count(&self, count: impl TryInto<i64>) -> String {
        let count = count.try_into().unwrap_or(i64::MAX / 1_000_000);
        number_text::number(Number::from_millionths(count.saturating_mul(1_000_000)), self.0)
    }

    /// A day in full: 20/10/2023.
    pub fn date(&self, day: &Date) -> String {
        format!("{}/{}/{}", day.day(), day.month(), day.year())
    }

    /// A day of this year: 31/10.
    pub fn short(&self, day: &Date) -> String {
        format!("{}/{}", day.day(), day.month())
    }

    /// An instant: 20/10/2023 14:02.
    pub fn instant(&self, at: &Timestamp) -> String {
        let zoned = at.to_zoned(time::zone());
        format!("{} {:02}:{:02}", self.date(&zoned.date()), zoned.hour(), zoned.minute())
    }

    /// The day of the week and the day.
    pub fn long_day(&self, day: &Date) -> String {
        use jiff::civil::Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let name = match day.weekday() {
            Monday => self.say("Thứ Hai", "Monday"),
            Tuesday => self.say("Thứ Ba", "Tuesday"),
            Wednesday => self.say("Thứ Tư", "Wednesday"),
            Thursday => self.say("Thứ Năm", "Thursday"),
            Friday => self.say("Thứ Sáu", "Friday"),
            Saturday => self.say("Thứ Bảy", "Saturday"),
            Sunday => self.say("Chủ nhật", "Sunday"),
        };
        format!("{name} {}", self.date(day))
    }

    /// How many days are left, in words.
    pub fn days_left(&self, days: i32) -> String {
        match (days, self.0) {
            (0, Language::Vietnamese) => "hạn hôm nay".to_owned(),
            (0, Language::English) => "due today".to_owned(),
            (_, Language::Vietnamese) => format!("còn {days} ngày"),
            (1, Language::English) => "1 day left".to_owned(),
            (_, Language::English) => format!("{days} days left"),
        }
    }
}

/// A state as pages show it: a shape, a word, a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateView {
    /// The class of the shape.
    pub class: &'static str,
    /// The word.
    pub word: String,
}

/// The state of an entry, with lateness, which is computed and never typed in.
pub fn entry_state(l: L, entry: &Entry, progress: &EntryProgress) -> StateView {
    if entry.self_score.as_ref().is_some_and(|score| score.kind == ScoreKind::NotApplicable) {
        return StateView { class: "na", word: l.say("Không áp dụng", "Not applicable").to_owned() };
    }
    if let Some(Standing::Overdue(days)) = progress.standing {
        let word = match l.0 {
            Language::Vietnamese => format!("Trễ {days} ngày"),
            Language::English if days == 1 => "1 day late".to_owned(),
            Language::English => format!("{days} days late"),
        };
        return StateView { class: "late", word };
    }
    // Figures may have come from the profile, the round or a source system before anybody looked.
    let has_points = entry.self_score.as_ref().is_some_and(|score| score.kind != ScoreKind::Missing);
    if entry.state == EntryState::Empty && has_points {
        return StateView { class: "open", word: l.say("Chờ xác nhận", "To be confirmed").to_owned() };
    }
    let class = match entry.state {
        EntryState::Empty => "none",
        EntryState::Filling | EntryState::Explained | EntryState::Answered => "open",
        EntryState::Ready | EntryState::Submitted | EntryState::Accepted | EntryState::Decided => "done",
        EntryState::Returned => "back",
        EntryState::Adjusted => "warn",
    };
    StateView { class, word: l.text(&entry.state.name()).to_owned() }
}

/// A link of the main navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub name: &'static str,
    /// Whether this is the section at hand.
    pub current: bool,
    /// How many things wait there, where it is worth saying.
    pub count: Option<i64>,
}

/// Who is signed in, as the frame shows it.
#[derive(Clone, Debug)]
pub struct Me {
    /// The account, so that the script never saves one person's words under another's name.
    pub account: cycle::AccountId,
    /// The position, or the name.
    pub name: String,
    /// The unit.
    pub place: String,
}

/// The sections of the main navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// My work.
    Work,
    /// The unit's sheet.
    Sheet,
    /// The assignment matrix.
    Assign,
    /// Reviews.
    Review,
    /// The appraisal queue.
    Appraise,
    /// Rounds and their monitor.
    Rounds,
    /// Published rankings.
    Ranking,
    /// Units and people.
    Units,
    /// The audit log.
    Audit,
    /// Notices.
    Notices,
    /// None of them.
    Elsewhere,
}

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language.
    pub l: L,
    /// The title.
    pub title: String,
    /// The address of the page.
    pub path: String,
    /// The address of the stylesheet.
    pub style: String,
    /// The address of the script.
    pub script: String,
    /// The main navigation.
    pub nav: Vec<NavItem>,
    /// Who is signed in.
    pub me: Option<Me>,
    /// The demonstration's day, in a demonstration.
    pub demo: Option<String>,
}

impl Shell {
    /// The frame for a person, or for nobody.
    pub fn new(
        app: &App,
        person: Option<&Person>,
        l: L,
        path: &str,
        section: Section,
        title: impl Into<String>,
    ) -> Self {
        let mut nav = Vec::new();
        let mut me = None;
        if let Some(person) = person {
            let state = app.store.state();
            let mut add = |at: Section, href: String, vi: &'static str, en: &'static str| {
                nav.push(NavItem {
                    href,
                    name: match l.0 {
                        Language::Vietnamese => vi,
                        Language::English => en,
                    },
                    current: at == section,
                    count: None,
                });
            };
            let authority = &person.authority;
            if authority.may_somewhere(Capability::FillAssigned) || authority.may_somewhere(Capability::FillAny) {
                add(Section::Work, "/work".to_owned(), "Việc của tôi", "My work");
            }
            if let Some(sheet) = person.own_sheet(&state).filter(|sheet| person.may_read(&state, sheet.unit)) {
                let unit = sheet.unit;
                add(Section::Sheet, format!("/sheets/{}", sheet.id), "Phiếu đánh giá", "Sheet");
                if authority.may(&state.tree, Capability::Assign, unit) {
                    add(Section::Assign, format!("/sheets/{}/assign", sheet.id), "Phân công", "Assignment");
                }
                if authority.may(&state.tree, Capability::Review, unit) {
                    add(Section::Review, format!("/sheets/{}/reviews", sheet.id), "Rà soát", "Review");
                }
            }
            if authority.may_somewhere(Capability::Appraise) {
                add(Section::Appraise, "/appraise".to_owned(), "Thẩm định", "Appraisal");
            }
            if authority.may_somewhere(Capability::RunRound) || person.reads_below(&state) {
                add(Section::Rounds, "/rounds".to_owned(), "Theo dõi", "Monitor");
            }
            if authority.may_somewhere(Capability::ManagePeople) || authority.may_somewhere(Capability::ManageUnits) {
                add(Section::Units, "/units".to_owned(), "Đơn vị và người", "Units and people");
            }
            if authority.may_somewhere(Capability::Audit) {
                add(Section::Audit, "/audit".to_owned(), "Nhật ký", "Log");
            }
            add(Section::Ranking, "/ranking".to_owned(), "Xếp hạng", "Ranking");
            if person.unread > 0 || section == Section::Notices {
                add(Section::Notices, "/notices".to_owned(), "Thông báo", "Notices");
            }
            if let Some(item) = nav.last_mut().filter(|item| item.href == "/notices") {
                item.count = Some(person.unread).filter(|unread| *unread > 0);
            }
            let position = authority.positions.first().and_then(|id| state.positions.get(id));
            me = Some(Me {
                account: person.account,
                name: position.map_or_else(|| person.name.clone(), |position| position.name.clone()),
                place: position
                    .and_then(|one| state.tree.get(one.unit))
                    .map(|unit| unit.name.clone())
                    .unwrap_or_default(),
            });
        }
        Self {
            l,
            title: title.into(),
            path: path.to_owned(),
            style: app.assets.style.clone(),
            script: app.assets.script.clone(),
            nav,
            me,
            demo: app.demo.as_ref().map(|_| l.date(&time::day_of(app.now()))),
        }
    }
}

/// A level as people call it.
pub fn level_name(l: L, level: &str) -> &str {
    match level {
        "province" => l.say("tỉnh", "province"),
        "department" => l.say("sở, ban, ngành", "department"),
        "district" => l.say("huyện", "district"),
        "commune" => l.say("xã, phường", "commune"),
        other => other,
    }
}

/// A level as a label of its own, with a capital.
pub fn level_title(l: L, level: &str) -> String {
    let mut letters = level_name(l, level).chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Grades with their lower edges: Tốt từ 80 %, Khá từ 65 %.
pub fn grading(l: L, grades: &[Grade]) -> String {
    let told = |one: &Grade| format!("{} {} {} %", one.name, l.say("từ", "from"), l.number(&one.from.percent()));
    grades.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// What a unit is, as people call it: the kinds that the law knows are told in both languages.
pub fn kind_name(l: L, kind: &str) -> &str {
    const KINDS: [(&str, &str); 9] = [
        ("tỉnh", "province"),
        ("thành phố", "city"),
        ("sở, ban, ngành", "department"),
        ("sở", "department"),
        ("huyện", "district"),
        ("xã", "commune"),
        ("phường", "ward"),
        ("thị trấn", "township"),
        ("đặc khu", "special zone"),
    ];
    let known = KINDS.iter().find(|(vi, _)| l.is_english() && *vi == kind.to_lowercase());
    known.map_or(kind, |(_, en)| en)
}

/// Where a figure came from, as it was put down; a quarter is told in both languages.
pub fn source_name(l: L, from: &str) -> String {
    match from.strip_prefix("quý ").filter(|_| l.is_english()) {
        Some(quarter) => format!("quarter {quarter}"),
        None => from.to_owned(),
    }
}

/// A phase in words, with its last day.
pub fn phase_line(l: L, round: &cycle::round::Round) -> String {
    let name = round.phase.name();
    match round.days.get(&round.phase) {
        Some(days) if round.phase != Phase::Published => {
            format!("{}, {} {}", l.text(&name), l.say("đến", "until"), l.short(&days.to))
        }
        _ => l.text(&name).to_owned(),
    }
}

/// The median of some points; the upper one of two in the middle, so that it is what some unit has.
pub fn median(points: impl IntoIterator<Item = Number>) -> Number {
    let mut points: Vec<Number> = points.into_iter().collect();
    points.sort_unstable();
    points.get(points.len() / 2).copied().unwrap_or_default()
}

/// A share of a whole in percent, for drawing only: 0 to 100 with one decimal.
pub fn percent(part: Number, whole: Number) -> String {
    if whole <= Number::ZERO {
        return "0".to_owned();
    }
    let tenths = i128::from(part.millionths().max(0)) * 1000 / i128::from(whole.millionths());
    let tenths = tenths.min(1000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The class and the words of a verdict.
pub fn verdict_words(l: L, verdict: FileVerdict) -> (&'static str, &'static str) {
    match verdict {
        FileVerdict::Waiting => ("open", l.say("Đang kiểm tra chữ ký", "Checking signatures")),
        FileVerdict::Valid => ("done", l.say("Chữ ký hợp lệ", "Valid signature")),
        FileVerdict::Indeterminate => ("warn", l.say("Chữ ký chưa kết luận được", "Indeterminate signature")),
        FileVerdict::Invalid => ("bad", l.say("Chữ ký không hợp lệ", "Invalid signature")),
        FileVerdict::Unsigned => ("na", l.say("Không có chữ ký số", "No digital signature")),
    }
}

#[cfg(test)]
mod tests {
    use criteria::Number;
    use cycle::entry::Score;

    use super::*;

    #[test]
    fn what_has_points_from_elsewhere_waits_for_somebody_to_confirm_it() {
        let l = L(Language::Vietnamese);
        let progress = |standing| EntryProgress { due: None, standing, lacks: Vec::new(), to_gain: Number::ZERO };
        let mut entry = Entry::empty("I.1");
        let word = |entry: &Entry, standing| entry_state(l, entry, &progress(standing)).word;
        assert_eq!(word(&entry, None), "Chưa bắt đầu");
        let score = |kind| Some(Score { points: Number::ZERO, excluded: Number::ZERO, kind });
        entry.self_score = score(ScoreKind::Missing);
        assert_eq!(word(&entry, None), "Chưa bắt đầu");
        entry.self_score = score(ScoreKind::Scored);
        assert_eq!(word(&entry, None), "Chờ xác nhận");
        assert_eq!(word(&entry, Some(Standing::Overdue(3))), "Trễ 3 ngày");
        entry.state = EntryState::Filling;
        assert_eq!(word(&entry, None), "Đang làm");
    }
}
