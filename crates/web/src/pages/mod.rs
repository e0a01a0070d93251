//! The pages, one file for each, and the table of their addresses.

mod account;
mod appraise;
pub(crate) mod appraise_bulk;
pub(crate) mod appraise_list;
pub(crate) mod appraise_share;
pub(crate) mod appraise_verdict;
mod assets;
pub(crate) mod assign;
pub(crate) mod audit;
pub(crate) mod compare;
mod conflict;
pub(crate) mod council;
pub(crate) mod deciding;
pub(crate) mod entry;
mod entry_words;
pub(crate) mod evidence;
mod field;
pub(crate) mod figure_file;
pub(crate) mod figures;
mod frame;
pub(crate) mod graded;
mod grading;
mod heatmap;
pub(crate) mod history;
mod home;
pub(crate) mod import;
pub(crate) mod insight_tables;
pub(crate) mod insights;
pub(crate) mod issued;
mod law;
mod monitor;
mod movers;
mod moves;
mod next_step;
mod notices;
mod openid;
pub(crate) mod overdue;
pub(crate) mod papers;
mod position;
mod preview;
pub(crate) mod proof;
pub(crate) mod public;
mod public_data;
mod public_unit;
mod refill;
pub(crate) mod review;
mod round_history;
mod rounds;
pub(crate) mod search;
pub(crate) mod set_draft;
pub(crate) mod set_edit;
pub(crate) mod set_import;
mod set_shape;
pub(crate) mod set_view;
pub(crate) mod sets;
mod settings;
mod setup;
pub(crate) mod sheet;
mod sign_in;
mod submit;
pub(crate) mod table;
mod tokens;
pub(crate) mod unit_change;
pub(crate) mod unit_insights;
pub(crate) mod units;
pub(crate) mod verify;
pub(crate) mod work;
mod years;

pub use verify::Gate;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::HeaderName;
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::failure::Failure;
use crate::{api, guard, kept, metrics};

/// Largest form, in MiB; evidence has its own limit.
const FORM_MB_MAX: usize = 2;
const FORM_BYTES_MAX: usize = FORM_MB_MAX * 1024 * 1024;

/// The pages.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home::page))
        .route("/demo/{role}", post(home::enter))
        .route("/demo-next", post(home::advance))
        .route("/sign-in", get(sign_in::page).post(sign_in::enter))
        .route("/sign-in/code", get(sign_in::code).post(sign_in::enter_code))
        .route("/sign-in/openid", get(openid::leave))
        .route("/sign-in/openid/back", get(openid::back))
        .route("/sign-out", post(sign_in::leave))
        .route("/invitation/{secret}", get(sign_in::invitation).post(sign_in::accept))
        .route("/language", post(account::language))
        .route("/account", get(account::page))
        .route("/account/password", post(account::set_password))
        .route("/account/sessions", post(account::end_session))
        .route("/account/second-factor", post(account::second_factor))
        .route("/account/tokens", post(tokens::make))
        .route("/account/tokens/revoke", post(tokens::revoke))
        .route("/work", get(work::page).post(work::renew_calendar))
        .route("/notices", get(notices::page).post(notices::read))
        .route("/calendar/{file}", get(work::calendar))
        .route("/sheets/{sheet}", get(sheet::page))
        .route("/sheets/{sheet}/profile", get(sheet::profile).post(sheet::save_profile))
        .route("/sheets/{sheet}/table/{pillar}", get(table::page).post(table::save))
        .route("/sheets/{sheet}/entries/{indicator}", get(entry::page).post(entry::save))
        .route("/sheets/{sheet}/entries/{indicator}/preview", post(entry::preview))
        .route("/sheets/{sheet}/entries/{indicator}/send-back", post(entry_words::send_back))
        .route("/sheets/{sheet}/entries/{indicator}/remarks", post(entry_words::remark))
        .route("/sheets/{sheet}/entries/{indicator}/evidence", post(evidence::add).layer(DefaultBodyLimit::disable()))
        .route("/sheets/{sheet}/entries/{indicator}/links", post(evidence::link))
        .route("/sheets/{sheet}/entries/{indicator}/withdraw", post(evidence::withdraw))
        .route("/sheets/{sheet}/entries/{indicator}/proofs", get(proof::fragments))
        .route("/sheets/{sheet}/entries/{indicator}/take", post(proof::take))
        .route("/evidence/{evidence}", get(evidence::download))
        .route("/evidence/{evidence}/pages/{page}", get(preview::page))
        .route("/evidence/{evidence}/accept", post(proof::accept))
        .route("/verify", get(verify::page).post(verify::check).layer(DefaultBodyLimit::max(verify::REQUEST_BYTES_MAX)))
        .route("/sheets/{sheet}/assign", get(assign::page).post(assign::save))
        .route("/sheets/{sheet}/assign/plan", post(assign::from_plan))
        .route("/sheets/{sheet}/reviews", get(review::page).post(review::freeze))
        .route("/sheets/{sheet}/submit", get(submit::page).post(submit::submit))
        .route("/sheets/{sheet}/receipt", get(submit::receipt))
        .route("/sheets/{sheet}/papers/{file}", get(papers::of_sheet))
        .route("/papers", get(issued::list).post(issued::take).layer(DefaultBodyLimit::max(issued::REQUEST_BYTES_MAX)))
        .route("/papers/new", get(issued::new).post(issued::issue))
        .route("/papers/{paper}", get(issued::page))
        .route("/papers/{paper}/{file}", get(issued::file))
        .route("/sheets/{sheet}/insights", get(unit_insights::page))
        .route("/sheets/{sheet}/insights.csv", get(unit_insights::csv))
        .route("/sheets/{sheet}/unlock", post(submit::unlock))
        .route("/sheets/{sheet}/entries/{indicator}/explain", post(entry_words::explain))
        .route("/appraise", get(appraise_list::list))
        .route("/appraise/division/{round}", get(appraise_share::page).post(appraise_share::change))
        .route("/appraise/{level}/{indicator}", get(appraise::page))
        .route("/appraise/{level}/{indicator}/bulk", get(appraise_bulk::page).post(appraise_bulk::act))
        .route("/appraise/{level}/{indicator}/accept", post(appraise_verdict::accept_like))
        .route("/appraise/{level}/{indicator}/{sheet}", post(appraise_verdict::appraise))
        .route("/rounds", get(rounds::list))
        .route("/rounds/new", get(setup::page).post(setup::make))
        .route("/rounds/{round}", get(monitor::page))
        .route("/rounds/{round}/progress.csv", get(monitor::csv))
        .route("/rounds/{round}/late", get(overdue::page))
        .route("/rounds/{round}/late.csv", get(overdue::csv))
        .route("/rounds/{round}/remind", post(overdue::remind))
        .route("/rounds/{round}/insights", get(insights::page))
        .route("/rounds/{round}/insights.csv", get(insights::csv))
        .route("/rounds/{round}/insights/{file}", get(insights::table))
        .route("/rounds/{round}/heatmap", get(heatmap::running))
        .route("/rounds/{round}/heatmap.csv", get(heatmap::running_csv))
        .route("/rounds/{round}/figures.xlsx", get(figures::blank))
        .route(
            "/rounds/{round}/figures",
            get(figures::list).post(figures::upload).layer(DefaultBodyLimit::max(figures::REQUEST_BYTES_MAX)),
        )
        .route("/rounds/{round}/figures/{upload}", get(figure_file::page).post(figure_file::act))
        .route("/rounds/{round}/settings", get(settings::page).post(settings::change))
        .route("/rounds/{round}/papers/{file}", get(papers::of_round))
        .route("/rounds/{round}/decide", get(deciding::page).post(deciding::decide))
        .route("/rounds/{round}/publish", post(deciding::publish))
        .route("/rounds/{round}/council", get(council::page).post(council::act))
        .route("/rounds/{round}/council/{meeting}", get(council::minutes))
        .route("/sets", get(sets::list))
        .route("/sets/compare", get(sets::pair))
        .route(
            "/sets/import",
            get(set_import::page).post(set_import::take).layer(DefaultBodyLimit::max(set_import::REQUEST_BYTES_MAX)),
        )
        .route("/sets/drafts/{draft}", get(set_draft::page))
        .route("/sets/drafts/{draft}/readings", post(set_draft::read))
        .route("/sets/drafts/{draft}/adopt", post(set_draft::adopt))
        .route("/sets/drafts/{draft}/drop", post(set_draft::put_away))
        .route("/sets/drafts/{draft}/head", get(set_edit::head).post(set_edit::save_head))
        .route("/sets/drafts/{draft}/text", get(set_edit::text).post(set_edit::save_text))
        .route("/sets/drafts/{draft}/shape", get(set_shape::page).post(set_shape::save))
        .route("/sets/drafts/{draft}/{indicator}", get(set_edit::page).post(set_edit::save))
        .route("/sets/{set}", get(sets::one))
        .route("/units", get(units::page))
        .route("/units/{unit}", get(units::one).post(units::change))
        .route("/units/{unit}/positions/{position}", get(position::page).post(position::change))
        .route("/units/{unit}/change", get(unit_change::page).post(unit_change::change))
        .route(
            "/units/{unit}/import",
            get(import::page).post(import::look).layer(DefaultBodyLimit::max(import::UPLOAD_BYTES_MAX)),
        )
        .route("/search", get(search::page))
        .route("/audit", get(audit::page))
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics::page))
        .route("/assets/{file}", get(assets::file))
        .merge(published(app.clone()))
        .route("/favicon.ico", get(assets::icon))
        .nest(api::ROOT, api::router())
        .fallback(|| async { Failure::NotFound })
        .layer(middleware::from_fn_with_state(app.clone(), frame::failures))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn(guard::same_site))
        .layer(middleware::from_fn(api::only_problems))
        .layer(middleware::from_fn(guard::headers))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(trace))
        .layer(middleware::from_fn_with_state(app.clone(), metrics::watch))
        .with_state(app)
}

/// What was published, for everybody.
fn published(app: App) -> Router<App> {
    Router::new()
        .route("/ranking", get(public::list))
        .route("/ranking/dictionary", get(public_data::dictionary))
        .route("/ranking/{publication}", get(public::publication))
        .route("/ranking/{publication}/papers/{file}", get(papers::of_publication))
        .route("/ranking/{publication}/{level}", get(public::ranking))
        .route("/ranking/{publication}/{level}/compare", get(compare::page))
        .route("/ranking/{publication}/{level}/heatmap", get(heatmap::published))
        .route("/ranking/{publication}/{level}/heatmap.csv", get(heatmap::published_csv))
        .route("/ranking/{publication}/{level}/movers", get(movers::page))
        .route("/ranking/{publication}/{level}/movers.csv", get(movers::csv))
        .route("/ranking/{publication}/{level}/{code}", get(public_unit::unit))
        .layer(middleware::from_fn_with_state(app, kept::public))
}

async fn ready(State(app): State<App>) -> Result<&'static str, Failure> {
    app.store.refresh().await?;
    Ok("ok\n")
}

/// One line for each request, with its id, and never what a person typed: of the address the pattern only, because some
/// addresses hold a secret.
async fn trace(request: Request, next: Next) -> Response {
    const ID: HeaderName = HeaderName::from_static("x-request-id");
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let id = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let begun = std::time::Instant::now();
    let mut response = next.run(request).await;
    if let Ok(value) = id.to_string().parse() {
        response.headers_mut().insert(ID, value);
    }
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_millis());
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    if !route.starts_with("/assets/") {
        tracing::info!(id, %method, route, status, ms, "request");
    }
    response
}

/// A page.
fn html(page: &impl Template) -> Result<Response, Failure> {
    Ok(Html(page.render()?).into_response())
}
