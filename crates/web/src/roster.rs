//! Units and people from a table: what each line would do, before anything is done. One plan serves the page, the
//! command line and the change itself, so that what was shown is what happens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use criteria::Text;
use criteria::date::Date;
use cycle::{AccountId, Capability, PositionId, UnitId};
use documents::table::Row;
use scoring::notation::fold;
use sha2::{Digest, Sha256};
use store::command::{NewPerson, NewUnit, Tenure};
use store::state::Position;
use store::{Command, State};

/// Rows at the top of a file among which the head is looked for.
const HEAD_ROWS_MAX: usize = 20;

/// Where a table is taken in, by whom.
pub struct Place<'a> {
    /// What is known.
    pub state: &'a State,
    /// The unit below which everything must lie; all units where `None`.
    pub unit: Option<UnitId>,
    /// What whoever asks may do.
    pub may: &'a dyn Fn(Capability, UnitId) -> bool,
    /// Today.
    pub today: Date,
}

/// What a line comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something new.
    Added,
    /// Something known changes.
    Changed,
    /// It is so already.
    Same,
    /// It cannot be taken; nothing of the file is.
    Refused,
}

impl Verdict {
    /// In words.
    pub fn text(self) -> Text {
        match self {
            Self::Added => Text::new("thêm", "added"),
            Self::Changed => Text::new("thay đổi", "changed"),
            Self::Same => Text::new("giữ nguyên", "unchanged"),
            Self::Refused => Text::new("từ chối", "refused"),
        }
    }
}

/// A line of the table and what it comes to.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number in the file.
    pub number: usize,
    /// The code, or the e-mail address.
    pub key: String,
    /// The name.
    pub name: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// What happens, or why nothing can.
    pub told: Text,
}

/// Somebody who gets an account.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The e-mail address.
    pub login: String,
    /// The name.
    pub name: String,
    /// The position, from day to day.
    pub position: Tenure,
    /// Further positions, from further lines.
    pub also: Vec<Tenure>,
}

/// What a table would do.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Its lines.
    pub lines: Vec<Line>,
    /// The units to add, parents first.
    pub units: Vec<NewUnit>,
    /// The people to invite.
    pub people: Vec<Invited>,
    /// Positions for people who are known.
    pub holds: Vec<(AccountId, Tenure)>,
}

impl Plan {
    /// How many lines come to this.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.lines.iter().filter(|line| line.verdict == verdict).count()
    }

    /// Whether there is something to do and nothing that stands against it.
    pub fn can_be_done(&self) -> bool {
        self.count(Verdict::Refused) == 0 && self.count(Verdict::Added) + self.count(Verdict::Changed) > 0
    }

    /// What tells this plan from any other: whoever confirms names what was shown.
    pub fn seen(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.lines {
            let Line { number, key, name, verdict, told } = line;
            hash.update(format!("{number}\t{key}\t{name}\t{verdict:?}\t{}\n", told.en));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The one change that does it all, or nothing. `secrets`: for each of the people, the secret of the invitation and
    /// that of the calendar; `expires`: when the invitations end, in milliseconds.
    pub fn command(&self, secrets: &[(String, String)], expires: i64) -> Command {
        let mut commands = Vec::new();
        if !self.units.is_empty() {
            commands.push(Command::AddUnits(self.units.clone()));
        }
        for (person, (invitation, calendar)) in self.people.iter().zip(secrets) {
            let new = NewPerson {
                login: person.login.clone(),
                name: person.name.clone(),
                position: Some(person.position.position),
                from: person.position.from,
                invitation: Some((store::sessions::kept(invitation), expires)),
                calendar: calendar.clone(),
            };
            let (to, also) = (person.position.to, person.also.clone());
            commands.push(Command::AddPersonHolding { person: new, to, also });
        }
        for (account, Tenure { position, from, to }) in &self.holds {
            commands.push(Command::Hold { position: *position, account: *account, from: *from, to: *to });
        }
        Command::Many(commands)
    }
}

/// Says what a table would do: units where it has codes and names, people where it has e-mail addresses.
///
/// # Errors
/// The columns cannot be told.
pub fn plan(place: &Place<'_>, rows: &[Row]) -> Result<Plan, Text> {
    for (at, row) in rows.iter().take(HEAD_ROWS_MAX).enumerate() {
        let heads: Vec<String> = row.cells.iter().map(|cell| fold(cell)).collect();
        let column = |names: &[&str]| heads.iter().position(|head| names.contains(&head.as_str()));
        let name = column(&["ho ten", "ho va ten", "ten", "ten don vi", "name"]);
        let login = column(&["thu dien tu", "dia chi thu dien tu", "email", "e-mail", "login"]);
        let unit = column(&["ma don vi", "don vi", "unit"]);
        let position = column(&["chuc danh", "ma chuc danh", "chuc vu", "position"]);
        if let (Some(login), Some(name), Some(position)) = (login, name, position) {
            let from = column(&["tu ngay", "giu tu ngay", "from"]);
            let to = column(&["den ngay", "den het ngay", "giu den ngay", "to"]);
            let columns = PeopleColumns { login, name, unit, position, from, to };
            return Ok(people(place, &rows[at + 1..], &columns));
        }
        let code = column(&["ma", "ma don vi", "code"]);
        if let (Some(code), Some(name), None) = (code, name, login) {
            let kind = column(&["loai", "loai hinh", "kind"]);
            let level = column(&["cap", "level"]);
            let parent = column(&["ma cap tren", "cap tren", "ma don vi cap tren", "parent"]);
            let columns = UnitColumns { code, name, kind, level, parent };
            return Ok(units(place, &rows[at + 1..], &columns));
        }
    }
    Err(Text::new(
        "không thấy hàng đầu đề; đơn vị cần các cột: mã, tên, loại, cấp, mã cấp trên; người cần các cột: thư điện tử, \
         họ tên, mã đơn vị, chức danh, và có thể có từ ngày, đến ngày",
        "there is no row of heads; units need the columns mã, tên, loại, cấp, mã cấp trên; people need the columns \
         thư điện tử, họ tên, mã đơn vị, chức danh, and may have từ ngày, đến ngày",
    ))
}

struct UnitColumns {
    code: usize,
    name: usize,
    kind: Option<usize>,
    level: Option<usize>,
    parent: Option<usize>,
}

/// A level as data names it, from the word of a clerk.
fn level_of(words: &str) -> Option<&'static str> {
    let folded = fold(words);
    Some(match folded.strip_prefix("cap ").unwrap_or(&folded) {
        "province" | "tinh" | "thanh pho" => "province",
        "department" | "so" | "so, ban, nganh" | "so ban nganh" | "ban" | "nganh" => "department",
        "district" | "huyen" | "quan" | "thi xa" => "district",
        "commune" | "xa" | "phuong" | "thi tran" | "dac khu" => "commune",
        _ => return None,
    })
}

type Outcome = Result<(Verdict, Text), Text>;

fn line(number: usize, key: &str, name: &str, outcome: Outcome) -> Line {
    let (verdict, told) = outcome.unwrap_or_else(|why| (Verdict::Refused, why));
    Line { number, key: key.to_owned(), name: name.to_owned(), verdict, told }
}

fn units(place: &Place<'_>, rows: &[Row], columns: &UnitColumns) -> Plan {
    let mut plan = Plan::default();
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut new: BTreeMap<String, NewUnit> = BTreeMap::new();
    for row in rows {
        let (code, name) = (row.cell(Some(columns.code)), row.cell(Some(columns.name)));
        let earlier = first.insert(code, row.number).filter(|_| !code.is_empty());
        let outcome = unit(place, row, columns, earlier);
        if let Ok((Verdict::Added, _)) = &outcome {
            let parent = row.cell(columns.parent);
            let parent = match (parent.is_empty(), place.unit.and_then(|unit| place.state.tree.get(unit))) {
                (true, above) => above.map(|unit| unit.code.clone()),
                (false, _) => Some(parent.to_owned()),
            };
            let kind = row.cell(columns.kind).to_owned();
            let words = if row.cell(columns.level).is_empty() { &kind } else { row.cell(columns.level) };
            let level = level_of(words).unwrap_or_default().to_owned();
            let unit =
                NewUnit { code: code.to_owned(), name: name.to_owned(), kind, level, parent, from: None, to: None };
            new.insert(code.to_owned(), unit);
        }
        plan.lines.push(line(row.number, code, name, outcome));
    }
    // Parents first; what is left over in the end hangs on nothing that is there, or on itself.
    let mut done: BTreeSet<String> = BTreeSet::new();
    loop {
        let ready: Vec<String> = new
            .values()
            .filter(|unit| match &unit.parent {
                None => place.unit.is_none(),
                Some(parent) => done.contains(parent) || above(place, parent).is_ok(),
            })
            .map(|unit| unit.code.clone())
            .collect();
        if ready.is_empty() {
            break;
        }
        for code in ready {
            plan.units.extend(new.remove(&code));
            done.insert(code);
        }
    }
    for line in plan.lines.iter_mut().filter(|line| line.verdict == Verdict::Added) {
        let Some(unit) = new.get(&line.key) else { continue };
        let parent = unit.parent.as_deref().unwrap_or_default();
        line.verdict = Verdict::Refused;
        line.told = above(place, parent).err().unwrap_or_else(|| not_there(parent));
    }
    plan
}

fn not_there(code: &str) -> Text {
    Text::new(
        format!("không có đơn vị cấp trên mã “{code}”, cả ở đây lẫn trong tệp"),
        format!("there is no unit \"{code}\" to belong to, neither here nor in the file"),
    )
}

/// The known unit with a code, below which whoever asks may add units.
fn above(place: &Place<'_>, code: &str) -> Result<UnitId, Text> {
    let unit = place.state.tree.by_code(code).ok_or_else(|| not_there(code))?;
    within(place, unit.id, code, Capability::ManageUnits)?;
    Ok(unit.id)
}

/// Refuses units outside the place at hand or the scope of whoever asks.
fn within(place: &Place<'_>, unit: UnitId, code: &str, needed: Capability) -> Result<(), Text> {
    let below = place.unit.is_none_or(|top| place.state.tree.within(unit, top));
    if below && (place.may)(needed, unit) {
        return Ok(());
    }
    Err(Text::new(
        format!("đơn vị mã “{code}” nằm ngoài phạm vi của bạn hoặc của trang này"),
        format!("the unit \"{code}\" is outside your scope, or that of this page"),
    ))
}

fn unit(place: &Place<'_>, row: &Row, columns: &UnitColumns, earlier: Option<usize>) -> Outcome {
    let (code, name) = (row.cell(Some(columns.code)), row.cell(Some(columns.name)));
    if code.is_empty() || name.is_empty() {
        return Err(Text::new("thiếu mã hoặc tên", "the code or the name is missing"));
    }
    if let Some(earlier) = earlier {
        return Err(Text::new(
            format!("mã này đã có ở dòng {earlier}"),
            format!("line {earlier} has this code already"),
        ));
    }
    if let Some(known) = place.state.tree.by_code(code) {
        within(place, known.id, code, Capability::ManageUnits)?;
        if fold(&known.name) == fold(name) {
            return Ok((Verdict::Same, Text::new("đơn vị đã có", "the unit exists")));
        }
        return Err(Text::new(
            format!("mã này là của “{}”; mã đơn vị không dùng lại, đổi tên phải có văn bản", known.name),
            format!(
                "this code belongs to \"{}\"; codes are never used again, and a new name needs a document",
                known.name
            ),
        ));
    }
    let kind = row.cell(columns.kind);
    let words = if row.cell(columns.level).is_empty() { kind } else { row.cell(columns.level) };
    if level_of(words).is_none() {
        return Err(Text::new(
            format!("cấp “{words}” không rõ; hãy ghi tỉnh, sở, huyện hoặc xã"),
            format!("the level \"{words}\" is not clear; write tỉnh, sở, huyện or xã"),
        ));
    }
    let parent = row.cell(columns.parent);
    if parent == code {
        return Err(Text::new("đơn vị không thể trực thuộc chính nó", "a unit cannot belong to itself"));
    }
    let above = place.unit.and_then(|unit| place.state.tree.get(unit)).map(|unit| unit.name.clone());
    let told = match (parent.is_empty(), above) {
        (true, Some(name)) => Text::new(format!("trực thuộc {name}"), format!("below {name}")),
        (true, None) => Text::new("ở cấp cao nhất", "at the top"),
        (false, _) => Text::new(format!("trực thuộc đơn vị mã {parent}"), format!("below the unit {parent}")),
    };
    Ok((Verdict::Added, told))
}

struct PeopleColumns {
    login: usize,
    name: usize,
    unit: Option<usize>,
    position: usize,
    from: Option<usize>,
    to: Option<usize>,
}

/// The days that a line gives: from today on where it says nothing.
fn days(today: Date, row: &Row, columns: &PeopleColumns) -> Result<(Date, Option<Date>), Text> {
    let read = |column: Option<usize>| match row.cell(column) {
        "" => Ok(None),
        typed => crate::pages::assign::day(typed, today.year()).map(Some).ok_or_else(|| {
            Text::new(
                format!("“{typed}” không phải là một ngày (ví dụ 20/10/2023)"),
                format!("\"{typed}\" is no day (such as 20/10/2023)"),
            )
        }),
    };
    let (from, to) = (read(columns.from)?.unwrap_or(today), read(columns.to)?);
    match to.is_some_and(|to| to < from) {
        true => Err(Text::new("ngày cuối trước ngày đầu", "the last day is before the first")),
        false => Ok((from, to)),
    }
}

/// The days of a position in words; nothing where it is held from today on.
fn days_words(today: Date, one: &Tenure) -> Text {
    let date = |day: Date| format!("{}/{}/{}", day.day(), day.month(), day.year());
    match one.to {
        None if one.from == today => Text::new("", ""),
        None => Text::new(format!(", từ {}", date(one.from)), format!(", from {}", date(one.from))),
        Some(to) => Text::new(
            format!(", từ {} đến {}", date(one.from), date(to)),
            format!(", from {} to {}", date(one.from), date(to)),
        ),
    }
}

fn people(place: &Place<'_>, rows: &[Row], columns: &PeopleColumns) -> Plan {
    let mut plan = Plan::default();
    // By address: the line and the place among those to be invited.
    let mut invited: HashMap<String, (usize, usize)> = HashMap::new();
    let mut given: BTreeSet<(AccountId, PositionId)> = BTreeSet::new();
    for row in rows {
        let login = row.cell(Some(columns.login)).to_lowercase();
        let name = row.cell(Some(columns.name)).to_owned();
        let outcome = person(place, row, columns).and_then(|(account, position)| {
            let (from, to) = days(place.today, row, columns)?;
            let held = Tenure { position: position.id, from, to };
            let (words, when) = (position_words(place.state, position), days_words(place.today, &held));
            match account {
                None => {
                    if let Some((earlier, at)) = invited.get(&login) {
                        return further(&mut plan.people[*at], *earlier, &name, held, (&words, &when));
                    }
                    invited.insert(login.clone(), (row.number, plan.people.len()));
                    let new = Invited { login: login.clone(), name: name.clone(), position: held, also: Vec::new() };
                    plan.people.push(new);
                    let told = Text::new(
                        format!("mời vào chức danh {words}{}", when.vi),
                        format!("invited as {words}{}", when.en),
                    );
                    Ok((Verdict::Added, told))
                }
                Some(account) => {
                    // Who holds it within these days already; what ended before may be given again.
                    let until = to.unwrap_or(Date::MAX);
                    let meets = |one: &store::state::Holding| {
                        one.account == account && one.from <= until && one.to.is_none_or(|last| from <= last)
                    };
                    let known = place.state.held_at(position.id).any(meets);
                    if known || !given.insert((account, position.id)) {
                        return Ok((
                            Verdict::Same,
                            Text::new(format!("đã giữ {words}"), format!("holds {words} already")),
                        ));
                    }
                    plan.holds.push((account, held));
                    let told = Text::new(
                        format!("đã có tài khoản; giữ thêm chức danh {words}{}", when.vi),
                        format!("has an account; gets the position {words}{}", when.en),
                    );
                    Ok((Verdict::Changed, told))
                }
            }
        });
        plan.lines.push(line(row.number, &login, &name, outcome));
    }
    plan
}

/// A further line of somebody who is invited by an earlier one: another position, under the same name.
fn further(person: &mut Invited, earlier: usize, name: &str, held: Tenure, (words, when): (&str, &Text)) -> Outcome {
    if fold(&person.name) != fold(name) {
        return Err(Text::new(
            format!("dòng {earlier} ghi thư này cho “{}”", person.name),
            format!("line {earlier} gives this address to \"{}\"", person.name),
        ));
    }
    if person.position.position == held.position || person.also.iter().any(|one| one.position == held.position) {
        return Ok((Verdict::Same, Text::new(format!("đã ghi ở dòng {earlier}"), format!("as line {earlier} says"))));
    }
    person.also.push(held);
    Ok((
        Verdict::Added,
        Text::new(
            format!("giữ thêm chức danh {words}{}", when.vi),
            format!("also gets the position {words}{}", when.en),
        ),
    ))
}

fn position_words(state: &State, position: &Position) -> String {
    let unit = state.tree.get(position.unit).map(|unit| unit.name.as_str()).unwrap_or_default();
    format!("{} ({unit})", position.code)
}

/// The account of a line, where there is one, and the position that it names.
fn person<'a>(
    place: &Place<'a>,
    row: &Row,
    columns: &PeopleColumns,
) -> Result<(Option<AccountId>, &'a Position), Text> {
    let login = row.cell(Some(columns.login));
    let looks_right = login.split_once('@').is_some_and(|(before, after)| {
        !before.is_empty()
            && after.contains('.')
            && !after.contains('@')
            && !after.starts_with('.')
            && !after.ends_with('.')
    });
    if !looks_right || login.contains(char::is_whitespace) {
        return Err(Text::new(
            format!("“{login}” không phải địa chỉ thư điện tử"),
            format!("\"{login}\" is no e-mail address"),
        ));
    }
    if row.cell(Some(columns.name)).is_empty() {
        return Err(Text::new("thiếu họ tên", "the name is missing"));
    }
    let code = row.cell(columns.unit);
    let unit = match (code.is_empty(), place.unit) {
        (false, _) => place.state.tree.by_code(code).map(|unit| unit.id),
        (true, unit) => unit,
    };
    let unit =
        unit.ok_or_else(|| Text::new(format!("không có đơn vị mã “{code}”"), format!("there is no unit \"{code}\"")))?;
    within(place, unit, code, Capability::ManagePeople)?;
    let wanted = fold(row.cell(Some(columns.position)));
    let positions = place.state.positions_of(unit);
    let found = positions.iter().find(|one| fold(&one.code) == wanted);
    let found = found.or_else(|| positions.iter().find(|one| fold(&one.name) == wanted)).copied();
    let position = found.filter(|_| !wanted.is_empty()).ok_or_else(|| {
        let known: Vec<&str> = positions.iter().map(|one| one.code.as_str()).collect();
        let (written, known) = (row.cell(Some(columns.position)), known.join(", "));
        Text::new(
            format!("đơn vị không có chức danh “{written}” (có: {known})"),
            format!("the unit has no position \"{written}\" (it has: {known})"),
        )
    })?;
    if let Some(missing) = position.capabilities.iter().find(|one| !(place.may)(**one, unit)) {
        let missing = missing.key();
        return Err(Text::new(
            format!("bạn không giao được chức danh này vì chính bạn không có quyền “{missing}” ở đó"),
            format!("you cannot give this position: you do not have \"{missing}\" there yourself"),
        ));
    }
    let account = place.state.account_by_login(login);
    if account.is_some_and(|account| account.disabled) {
        return Err(Text::new("tài khoản này đã đóng", "this account is closed"));
    }
    Ok((account.map(|account| account.id), position))
}
