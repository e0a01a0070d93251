//! The JSON API under `/api/v1`: what the pages do, for programs. The list of routes below is the only one: the router
//! and the OpenAPI document are both made from it, so that neither can have what the other lacks.
//!
//! Every change goes through [`store::Store::change`] and every sheet through [`Opened::get`](crate::opened::Opened), as
//! on the pages: a program may do what its account may, within the scopes of its token.

mod answer;
mod assignment;
mod audit;
mod caller;
mod document;
mod entries;
mod evidence;
mod me;
mod problem;
mod province;
mod request;
mod round_owner;
mod rounds;
mod routes;
mod sheets;
mod units;
mod views;

use std::sync::OnceLock;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use routes::Routes;

pub(crate) use caller::bearer;
pub use document::document;
pub(crate) use problem::{Problem, only_problems};

use crate::app::App;

/// Where the API stands.
pub const ROOT: &str = "/api/v1";

/// Largest JSON body, in bytes; evidence has its own limit.
const JSON_BYTES_MAX: usize = 1024 * 1024;

/// The routes of the API, to be nested at [`ROOT`].
pub(crate) fn router() -> Router<App> {
    let router = routes().router;
    router
        .route("/openapi.json", axum::routing::get(openapi))
        .fallback(|| async { Problem::not_found() })
        .layer(DefaultBodyLimit::max(JSON_BYTES_MAX))
}

/// `GET /api/v1/openapi.json`: what this file says; nothing of the house.
async fn openapi() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| document().to_string());
    ([(axum::http::header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// Every route, in the order of the document.
fn routes() -> Routes {
    let mut api = Routes::default();
    api.section("Bản thân và đơn vị", "Oneself and units");
    api.get("/me", "me", me::me)
        .says("Tài khoản đang dùng, chức danh, quyền, phiếu", "The account in use, its positions, rights and sheets")
        .gives::<me::Me>();
    api.get("/units", "units", units::list)
        .says("Các đơn vị trong phạm vi", "The units within scope")
        .pages()
        .query("parent", "integer", "only those right below this unit")
        .query("find", "string", "only names with these letters, marks aside")
        .gives::<answer::Page<views::Unit>>();
    api.get("/units/{unit}", "unit", units::one)
        .says("Một đơn vị với chức danh và người giữ", "One unit with its positions and who holds them")
        .gives::<units::UnitInFull>();

    api.section("Kỳ đánh giá", "Rounds");
    api.get("/rounds", "rounds", rounds::list)
        .says("Các kỳ có phiếu đọc được", "The rounds with sheets one may read")
        .pages()
        .gives::<answer::Page<rounds::RoundView>>();
    api.get("/rounds/{round}", "round", rounds::one)
        .says("Một kỳ: giai đoạn, hạn, gia hạn, miễn", "One round: phase, days, extensions, exemptions")
        .gives::<rounds::RoundInFull>();
    api.get("/rounds/{round}/sheets", "round_sheets", rounds::sheets)
        .says("Phiếu của kỳ: tiến độ và điểm", "A round's sheets: progress and totals")
        .pages()
        .query("level", "integer", "only this level")
        .gives::<answer::Page<views::SheetTotals>>();
    api.post("/rounds/{round}/phase", "set_phase", rounds::set_phase)
        .says("Chuyển kỳ sang giai đoạn khác", "Move the round to another phase")
        .takes::<rounds::PhaseChange>()
        .gives::<rounds::RoundInFull>();
    api.put("/rounds/{round}/days", "set_days", rounds::set_days)
        .says("Sửa ngày của các giai đoạn", "Change the days of the phases")
        .takes::<rounds::DaysChange>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds/{round}/extensions", "extend", rounds::extend)
        .says("Gia hạn cho một đơn vị", "Give one unit more time")
        .takes::<rounds::NewExtension>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds/{round}/exemptions", "exempt", rounds::exempt)
        .says("Miễn một chỉ số cho một đơn vị", "Take an indicator out of one unit's sheet")
        .takes::<rounds::NewExemption>()
        .gives::<rounds::RoundInFull>();

    api.post("/rounds/{round}/exemptions/end", "end_exemption", round_owner::lift_exemption)
        .says("Thôi miễn một chỉ số cho một đơn vị", "Put an indicator back into one unit's sheet")
        .takes::<round_owner::ExemptionEnd>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds", "create_round", round_owner::create)
        .says(
            "Lập kỳ mới, có thể chép từ kỳ trước; “preview” chỉ xem trước",
            "Set up a round, copied from an earlier one; \"preview\" only looks at it",
        )
        .takes::<round_owner::NewRound>()
        .gives::<round_owner::RoundMade>();
    api.put("/rounds/{round}/description", "describe_round", round_owner::describe)
        .says("Đổi tên kỳ và thời gian số liệu", "Change the title and the period of the figures")
        .takes::<round_owner::Description>()
        .gives::<rounds::RoundInFull>();
    api.patch("/rounds/{round}/appraisers", "set_appraisers", round_owner::set_appraisers)
        .says("Giao cơ quan thẩm định theo chỉ số", "Say which agency appraises which indicators")
        .takes::<round_owner::AppraisersChange>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds/{round}/participation", "set_participation", round_owner::set_participation)
        .says("Đưa một đơn vị ra khỏi kỳ, hoặc cho tham gia lại", "Take a unit out of the round, or back in")
        .takes::<round_owner::Participation>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds/{round}/readings", "decide_reading", round_owner::decide_reading)
        .says("Chốt một cách hiểu", "Decide a reading")
        .takes::<round_owner::ReadingDecision>()
        .gives::<rounds::RoundInFull>();
    api.patch("/rounds/{round}/figures", "set_round_figures", round_owner::set_figures)
        .says("Ghi số liệu chung của kỳ cho một cấp", "Write figures of the round for a level")
        .takes::<round_owner::RoundFigures>()
        .gives::<rounds::RoundInFull>();
    api.get("/rounds/{round}/history", "round_history", round_owner::history)
        .says("Những gì chủ kỳ đã thay đổi, cả trước và sau", "What the round's owner changed, before and after")
        .gives::<answer::Page<round_owner::RoundChange>>();
    api.get("/rounds/{round}/late", "round_late", round_owner::late)
        .says("Đơn vị chưa bắt đầu hoặc trễ hạn, với chỉ số trễ", "Units that have not begun or are late, with what")
        .query("level", "integer", "only this level")
        .query("show", "string", "untouched or late")
        .query("find", "string", "only names with these letters, marks aside")
        .query("agency", "string", "only indicators that the unit with this code appraises")
        .query("pillar", "string", "only indicators of the pillar with this number")
        .gives::<answer::Page<round_owner::LateUnit>>();
    api.post("/rounds/{round}/reminders", "remind", round_owner::remind)
        .says(
            "Nhắc người của đơn vị chưa bắt đầu hoặc trễ hạn",
            "Remind the people of units that have not begun or are late",
        )
        .takes::<round_owner::NewReminder>()
        .gives::<round_owner::ReminderSent>();

    api.section("Phiếu", "Sheets");
    api.get("/sheets/{sheet}", "sheet", sheets::one)
        .says("Một phiếu với mọi chỉ số", "One sheet with all its entries")
        .tagged()
        .gives::<views::Sheet>();
    api.get("/sheets/{sheet}/profile", "profile", sheets::profile)
        .says("Thông tin chung của đơn vị", "The unit profile")
        .tagged()
        .gives::<sheets::Profile>();
    api.patch("/sheets/{sheet}/profile", "save_profile", sheets::save_profile)
        .says("Sửa thông tin chung", "Change the unit profile")
        .versioned()
        .takes::<sheets::ProfileChange>()
        .gives::<sheets::Profile>();
    api.get("/sheets/{sheet}/assignment", "assignment", assignment::get)
        .says("Ai làm chỉ số nào", "Who does which indicator")
        .tagged()
        .gives::<assignment::Assignments>();
    api.put("/sheets/{sheet}/assignment", "assign", assignment::put)
        .says("Phân công lại toàn bộ", "Assign everything anew")
        .takes::<assignment::NewAssignments>()
        .gives::<assignment::Assignments>();
    api.get("/sheets/{sheet}/reviews", "reviews", sheets::reviews)
        .says("Các đợt rà soát đã chốt", "The reviews that were frozen")
        .gives::<answer::Page<sheets::Review>>();
    api.post("/sheets/{sheet}/reviews", "freeze_review", sheets::freeze)
        .says("Chốt một đợt rà soát", "Freeze a review")
        .takes::<sheets::NewReview>()
        .gives::<answer::Page<sheets::Review>>();
    api.post("/sheets/{sheet}/submission", "submit", sheets::submit)
        .says("Ký nộp đúng trạng thái có mã băm này", "Sign off exactly the state with this hash")
        .takes::<sheets::SignOff>()
        .conflicts()
        .gives::<sheets::Receipt>();
    api.get("/sheets/{sheet}/receipt", "receipt", sheets::receipt)
        .says("Biên nhận", "The receipt")
        .gives::<sheets::Receipt>();
    api.post("/sheets/{sheet}/unlock", "unlock", sheets::unlock)
        .says("Mở lại phiếu đã nộp", "Open a submitted sheet again")
        .takes::<request::Reason>()
        .gives::<views::Sheet>();

    api.section("Chỉ số trên phiếu", "Entries");
    let entry = "/sheets/{sheet}/entries/{indicator}";
    api.get(entry, "entry", entries::one)
        .says(
            "Một chỉ số: số liệu, điểm và vì sao, lịch sử, tài liệu, ý kiến",
            "One entry: figures, points and why, history, evidence, remarks",
        )
        .tagged()
        .gives::<views::EntryInFull>();
    api.put(entry, "replace_entry", entries::put)
        .says("Ghi lại cả chỉ số; điều không nêu thì xóa", "Write the whole entry; what is not named is cleared")
        .versioned()
        .takes::<entries::EntryBody>()
        .gives::<views::EntryInFull>();
    api.patch(entry, "change_entry", entries::patch)
        .says("Sửa điều được nêu", "Change what is named")
        .versioned()
        .takes::<entries::EntryBody>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/ready", "mark_ready", entries::ready)
        .says("Đánh dấu đã xong", "Mark as completed")
        .versioned()
        .takes::<entries::Version>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/send-back", "send_back", entries::send_back)
        .says("Trả lại trong đơn vị", "Send back within the unit")
        .takes::<request::Reason>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/remarks", "remark", entries::remark)
        .says("Viết ý kiến", "Write a remark")
        .takes::<request::NewWords>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/explanation", "explain", entries::explain)
        .says("Giải trình một điều chỉnh", "Answer an adjustment")
        .takes::<request::NewWords>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/evidence", "upload", evidence::upload)
        .says("Nộp tệp bằng chứng", "Give files of evidence")
        .uploads()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/links", "link", evidence::link)
        .says("Thêm liên kết, hoặc dùng lại một tệp", "Add a link, or use a file again")
        .takes::<evidence::NewLink>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/evidence/{evidence}/withdraw", "withdraw", evidence::withdraw)
        .says("Rút một tài liệu", "Withdraw a piece of evidence")
        .takes::<request::Reason>()
        .gives::<views::EntryInFull>();
    api.get("/evidence/{evidence}", "evidence", evidence::download)
        .says("Tải một tệp bằng chứng", "A file of evidence, as it came")
        .downloads();

    api.section("Thẩm định, chốt, công bố", "Appraising, deciding, publishing");
    api.get("/rounds/{round}/appraisal", "appraisal_queue", province::queue)
        .says("Chỉ số đã nộp mà mình thẩm định", "Submitted entries that one appraises")
        .pages()
        .query("level", "integer", "only this level")
        .query("indicator", "string", "only this indicator")
        .query("state", "string", "only entries in this state")
        .gives::<answer::Page<province::Case>>();
    api.post("/sheets/{sheet}/entries/{indicator}/appraisal", "appraise", province::appraise)
        .says("Kết luận thẩm định một chỉ số", "Appraise an entry")
        .versioned()
        .takes::<province::NewAppraisal>()
        .gives::<views::EntryInFull>();
    api.post("/sheets/{sheet}/entries/{indicator}/decision", "decide", province::decide)
        .says("Chốt điểm một chỉ số", "Decide what counts")
        .versioned()
        .takes::<province::NewDecision>()
        .gives::<views::EntryInFull>();
    api.get("/rounds/{round}/insights", "insights", province::insights)
        .says("Số liệu của các hình phân tích", "The numbers behind a round's pictures")
        .query("level", "integer", "the level; the largest where it is not named")
        .gives::<province::Insights>();
    api.get("/publications", "publications", province::publications)
        .says("Các bản công bố", "What was published")
        .pages()
        .gives::<answer::Page<province::PublicationView>>();
    api.get("/publications/{publication}/{level}", "ranking", province::ranking)
        .says("Bảng xếp hạng đã công bố của một cấp", "A level's published ranking")
        .gives::<answer::Page<province::Rank>>();
    api.get("/publications/{publication}/{level}/{code}", "published_unit", province::unit)
        .says("Kết quả đã công bố của một đơn vị", "A unit's published result")
        .gives::<province::RankInFull>();

    api.section("Nhật ký", "The log");
    api.get("/audit", "audit", audit::list)
        .says("Nhật ký, mới nhất trước", "The log, latest first")
        .pages()
        .gives::<answer::Page<audit::Event>>();
    api
}
