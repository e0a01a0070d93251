//! Units and people from a file: upload, see line by line what would happen, confirm, print the invitations.

use askama::Template;
use axum::extract::{Multipart, OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use criteria::Text;
use cycle::{Capability, UnitId, time};
use documents::table::{self, Row};
use jiff::SignedDuration;
use store::{Actor, State as Known};

use super::html;
use super::units::{INVITATION_DAYS, invitation_address};
use crate::app::{App, secret};
use crate::failure::Failure;
use crate::person::Person;
use crate::roster::{self, Place, Plan, Verdict};
use crate::view::{L, Section, Shell};

/// Largest upload, in bytes: the file, or its rows when they come back to be confirmed.
pub const UPLOAD_BYTES_MAX: usize = 2 * table::FILE_BYTES_MAX;

struct LineView {
    number: usize,
    key: String,
    name: String,
    class: &'static str,
    verdict: String,
    told: String,
}

pub(crate) struct InvitedView {
    pub name: String,
    pub login: String,
    pub position: String,
    pub link: String,
}

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    shell: Shell,
    unit: (UnitId, String),
    problem: Option<String>,
    summary: Option<String>,
    lines: Vec<LineView>,
    refused: usize,
    confirm: Option<(String, String)>,
    done: Option<String>,
    invited: Vec<InvitedView>,
    days: i64,
}

/// The unit's name, for those who manage units or people there; for others there is no such page.
pub(crate) fn unit_name(state: &Known, person: &Person, unit: UnitId) -> Result<String, Failure> {
    let may = |capability| person.may(state, capability, unit);
    if !may(Capability::ManageUnits) && !may(Capability::ManagePeople) {
        return Err(Failure::NotFound);
    }
    Ok(state.tree.get(unit).ok_or(Failure::NotFound)?.name.clone())
}

fn blank(app: &App, person: &Person, path: &str, unit: UnitId) -> Result<ImportPage, Failure> {
    let l = person.l();
    let name = unit_name(&app.store.state(), person, unit)?;
    let title = l.say("Nhập đơn vị và người từ tệp", "Units and people from a file");
    Ok(ImportPage {
        shell: Shell::new(app, Some(person), l, path, Section::Units, title),
        unit: (unit, name),
        problem: None,
        summary: None,
        lines: Vec::new(),
        refused: 0,
        confirm: None,
        done: None,
        invited: Vec::new(),
        days: INVITATION_DAYS,
    })
}

/// `GET /units/UNIT/import`
pub async fn page(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(unit): Path<UnitId>,
) -> Result<Response, Failure> {
    html(&blank(&app, &person, uri.path(), unit)?)
}

/// What a form brought: a file to look at, or rows that were seen, to be taken in.
pub(crate) enum Sent {
    File(Vec<u8>),
    Confirmed { rows: String, seen: String },
}

pub(crate) async fn sent(mut form: Multipart) -> Result<Sent, Text> {
    let broken = |_| {
        let most = UPLOAD_BYTES_MAX / 1_000_000;
        Text::new(
            format!("Không nhận được tệp: quá {most} MB, hoặc bị ngắt giữa chừng"),
            format!("The file did not arrive: more than {most} MB, or cut off"),
        )
    };
    let (mut rows, mut seen) = (None, String::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "file" => return Ok(Sent::File(field.bytes().await.map_err(broken)?.to_vec())),
            "rows" => rows = Some(field.text().await.map_err(broken)?),
            "seen" => seen = field.text().await.map_err(broken)?,
            _ => {}
        }
    }
    let none = || Text::new("Hãy chọn một tệp .csv hoặc .xlsx", "Choose a .csv or .xlsx file");
    Ok(Sent::Confirmed { rows: rows.ok_or_else(none)?, seen })
}

/// The rows as they come back with the confirmation.
fn rows_of(text: &str) -> Result<Vec<Row>, Text> {
    let broken = || Text::new("Dữ liệu gửi lại không đọc được; hãy tải tệp lên lần nữa", "Upload the file again");
    let rows: Vec<(usize, Vec<String>)> = serde_json::from_str(text).map_err(|_| broken())?;
    if rows.len() > table::ROWS_MAX {
        return Err(broken());
    }
    Ok(rows.into_iter().map(|(number, cells)| Row { number, cells }).collect())
}

pub(crate) fn planned(app: &App, person: &Person, unit: UnitId, rows: &[Row]) -> Result<Plan, Text> {
    let state = app.store.state();
    let may = |capability: Capability, unit: UnitId| person.may(&state, capability, unit);
    let today = time::day_of(app.now());
    roster::plan(&Place { state: &state, unit: Some(unit), may: &may, today }, rows)
}

/// `POST /units/UNIT/import`: looks at a file, or takes in what was seen.
pub async fn look(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    Path(unit): Path<UnitId>,
    form: Multipart,
) -> Result<Response, Failure> {
    let l = person.l();
    let mut page = blank(&app, &person, uri.path(), unit)?;
    let refuse = |mut page: ImportPage, why: &Text| -> Result<Response, Failure> {
        page.problem = Some(l.text(why).to_owned());
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
    };
    let (rows, seen) = match sent(form).await {
        Err(why) => return refuse(page, &why),
        Ok(Sent::File(bytes)) => {
            // Unpacking and reading is work for the processor, not for the one that waits for requests.
            let read = tokio::task::spawn_blocking(move || table::read(&bytes)).await;
            match read.map_err(|_| Failure::Internal)? {
                Ok(rows) => (rows, None),
                Err(why) => return refuse(page, &why),
            }
        }
        Ok(Sent::Confirmed { rows, seen }) => match rows_of(&rows) {
            Ok(rows) => (rows, Some(seen)),
            Err(why) => return refuse(page, &why),
        },
    };
    let plan = match planned(&app, &person, unit, &rows) {
        Ok(plan) => plan,
        Err(why) => return refuse(page, &why),
    };
    match seen {
        Some(seen) if seen == plan.seen() && plan.can_be_done() => {
            let secrets = take_in(&app, &person, &plan).await?;
            page.done = Some(summary(l, &plan));
            page.invited = invited(&app, &headers, &plan, &secrets);
            return html(&page);
        }
        Some(_) => {
            let why = l.say(
                "Dữ liệu đã thay đổi từ lúc bạn xem; chưa ghi gì. Hãy xem lại rồi xác nhận.",
                "Something changed since you looked; nothing was written. Look again, then confirm.",
            );
            page.problem = Some(why.to_owned());
        }
        None => {}
    }
    show(l, &mut page, &plan, &rows);
    html(&page)
}

fn show(l: L, page: &mut ImportPage, plan: &Plan, rows: &[Row]) {
    page.summary = Some(summary(l, plan));
    page.refused = plan.count(Verdict::Refused);
    page.lines = plan
        .lines
        .iter()
        .map(|line| LineView {
            number: line.number,
            key: line.key.clone(),
            name: line.name.clone(),
            class: match line.verdict {
                Verdict::Added => "done",
                Verdict::Changed => "open",
                Verdict::Same => "none",
                Verdict::Refused => "late",
            },
            verdict: l.text(&line.verdict.text()).to_owned(),
            told: l.text(&line.told).to_owned(),
        })
        .collect();
    // What stands against it, first.
    page.lines.sort_by_key(|line| (line.class != "late", line.number));
    if plan.can_be_done() {
        let rows: Vec<(usize, &Vec<String>)> = rows.iter().map(|row| (row.number, &row.cells)).collect();
        page.confirm = Some((serde_json::json!(rows).to_string(), plan.seen()));
    }
}

/// How many lines come to what.
pub fn summary(l: L, plan: &Plan) -> String {
    let all = [Verdict::Added, Verdict::Changed, Verdict::Same, Verdict::Refused];
    let parts: Vec<String> = all
        .into_iter()
        .filter(|verdict| plan.count(*verdict) > 0)
        .map(|verdict| format!("{} {}", l.count(plan.count(verdict)), l.text(&verdict.text())))
        .collect();
    parts.join(", ")
}

pub(crate) async fn take_in(app: &App, person: &Person, plan: &Plan) -> Result<Vec<(String, String)>, Failure> {
    let now = app.now();
    let expires = now.checked_add(SignedDuration::from_hours(24 * INVITATION_DAYS)).unwrap_or(now);
    let pair = |_| Some((secret().ok()?, secret().ok()?));
    let secrets: Vec<_> = plan.people.iter().map(pair).collect::<Option<_>>().ok_or(Failure::Internal)?;
    let command = plan.command(&secrets, expires.as_millisecond());
    app.store.change(Actor::Account(person.account), now, command).await?;
    Ok(secrets)
}

pub(crate) fn invited(app: &App, headers: &HeaderMap, plan: &Plan, secrets: &[(String, String)]) -> Vec<InvitedView> {
    let state = app.store.state();
    plan.people
        .iter()
        .zip(secrets)
        .map(|(person, (secret, _))| {
            let position = state.positions.get(&person.position.position);
            let unit = position.and_then(|position| state.tree.get(position.unit));
            let names = position.map(|one| one.name.as_str()).zip(unit.map(|unit| unit.name.as_str()));
            InvitedView {
                name: person.name.clone(),
                login: person.login.clone(),
                position: names.map(|(position, unit)| format!("{position}, {unit}")).unwrap_or_default(),
                link: invitation_address(app, headers, secret),
            }
        })
        .collect()
}
