//! The JSON API under `/api/v1`: what the pages do, for programs. The list of routes below is the only one: the router
//! and the OpenAPI document are both made from it, so that neither can have what the other lacks.
//!
//! Every change goes through [`store::Store::change`] and every sheet through [`Opened::get`](crate::opened::Opened), as
//! on the pages: a program may do what its account may, within the scopes of its token.

mod answer;
mod assignment;
mod audit;
mod caller;
mod council;
mod division;
mod document;
mod drafts;
mod entries;
mod evidence;
mod figures;
mod issued;
mod me;
mod organisation;
mod own;
mod parity;
mod people;
mod problem;
mod proofs;
mod province;
mod published;
mod request;
mod round_owner;
mod rounds;
mod routes;
mod sets;
mod sheets;
mod table;
mod units;
mod views;
mod watching;

use std::sync::OnceLock;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use routes::Routes;

pub(crate) use caller::bearer;
pub use document::document;
pub use parity::{PAGES, Parity, table as parity_table};
pub(crate) use problem::{Problem, only_problems};

use crate::app::App;
use crate::pages::figures as figure_pages;
use crate::pages::{import, issued as paper_pages, set_import, verify};

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
    api.get("/work", "work", own::work)
        .says("Việc của tôi: chỉ số được giao, theo hạn", "What is one's own to do, by deadline")
        .gives::<answer::Page<own::WorkItem>>();
    api.get("/notices", "notices", own::notices)
        .says("Thông báo cho mình, mới nhất trước", "One's own notices, the latest first")
        .gives::<answer::Page<own::NoticeView>>();
    api.post("/notices/read", "read_notices", own::read)
        .says("Đánh dấu đã đọc một thông báo, hoặc tất cả", "Mark one notice as read, or all")
        .takes::<own::Read>()
        .gives::<answer::Page<own::NoticeView>>();
    api.get("/search", "search", own::search)
        .says("Tìm chỉ số và đơn vị, không cần gõ dấu", "Find indicators and units, marks aside")
        .query("q", "string", "a code, or words")
        .gives::<answer::Page<own::Hit>>();
    api.get("/units", "units", units::list)
        .says("Các đơn vị trong phạm vi", "The units within scope")
        .pages()
        .query("parent", "integer", "only those right below this unit")
        .query("find", "string", "only names with these letters, marks aside")
        .query("on", "string", "only units that exist on this day, such as 2025-07-01")
        .gives::<answer::Page<views::Unit>>();
    api.post("/units", "add_units", organisation::add)
        .says("Thêm đơn vị, tất cả hoặc không", "Add units, all or none")
        .takes::<organisation::NewUnits>()
        .gives::<answer::Page<views::Unit>>();
    api.get("/units/{unit}", "unit", units::one)
        .says(
            "Một đơn vị với nguồn gốc, chức danh và người giữ",
            "One unit with its lineage, its positions and who holds them",
        )
        .gives::<units::UnitInFull>();
    api.post("/units/{unit}/change", "change_unit", organisation::change_unit)
        .says(
            "Đổi tên, nhập, chia, giải thể; “preview” chỉ xem trước",
            "Rename, merge, split or abolish; \"preview\" only looks at it",
        )
        .takes::<organisation::UnitChange>()
        .gives::<organisation::UnitChanged>();
    api.upload("/units/{unit}/import", "import_units", organisation::import, Some(import::UPLOAD_BYTES_MAX))
        .says(
            "Đơn vị hoặc người từ tệp CSV, XLSX: xem từng dòng, rồi gửi lại với “seen” để ghi",
            "Units or people from a CSV or XLSX file: looked at line by line, taken in when sent again with `seen`",
        )
        .query("seen", "string", "`seen` of the plan that was looked at")
        .uploads("file")
        .conflicts()
        .gives::<organisation::Roster>();
    api.post("/units/{unit}/positions", "add_position", people::add_position)
        .says("Thêm chức danh", "Add a position")
        .takes::<people::NewPosition>()
        .gives::<units::UnitInFull>();
    api.post("/units/{unit}/people", "invite", people::invite)
        .says(
            "Mời một người, hoặc giao chức danh cho tài khoản đã có",
            "Invite somebody, or give a position to an account",
        )
        .takes::<people::NewInvitation>()
        .gives::<people::InvitationMade>();
    api.patch("/positions/{position}", "change_position", people::change_position)
        .says("Đổi tên, quyền của một chức danh", "Change a position's name and what it may do")
        .takes::<people::ChangedPosition>()
        .gives::<units::UnitInFull>();
    api.post("/positions/{position}/holdings", "hold", people::hold)
        .says("Giao chức danh từ ngày đến ngày", "Give a position from one day to another")
        .takes::<people::NewHolding>()
        .gives::<units::UnitInFull>();
    api.post("/holdings/{holding}/end", "end_holding", people::end_holding)
        .says("Thôi giữ chức danh", "End the holding of a position")
        .takes::<people::HoldingEnd>()
        .gives::<units::UnitInFull>();
    api.get("/accounts/{account}", "account", people::one)
        .says(
            "Một tài khoản và chức danh đã, đang, sẽ giữ",
            "An account and the positions that it held, holds, will hold",
        )
        .gives::<people::AccountView>();
    api.patch("/accounts/{account}", "change_person", people::change_person)
        .says("Sửa họ tên, thư điện tử của một người", "Put somebody's name or e-mail address right")
        .takes::<people::ChangedPerson>()
        .gives::<people::AccountView>();
    api.post("/accounts/{account}/invitation", "invite_again", people::invite_again)
        .says(
            "Mời lại người đã mất lời mời hoặc mật khẩu",
            "Invite somebody again who lost the invitation or the password",
        )
        .takes::<people::NewInvitationAgain>()
        .gives::<people::InvitationMade>();
    api.post("/accounts/{account}/second-factor/end", "reset_second_factor", people::reset_second_factor)
        .says(
            "Gỡ xác thực hai lớp của người đã mất điện thoại; người đó được báo",
            "Take the second factor off an account whose owner lost the phone; the owner is told",
        )
        .takes::<request::Nothing>()
        .gives::<people::AccountView>();
    api.put("/accounts/{account}/blocked", "block", people::block)
        .says("Khóa hoặc mở lại một tài khoản", "Close an account, or open it again")
        .takes::<people::Blocking>()
        .gives::<people::AccountView>();

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
    api.put("/rounds/{round}/grades", "set_grades", round_owner::set_grades)
        .says(
            "Khai mức xếp loại của một cấp, thay cho bộ chỉ số",
            "Declare the grades of a level, in place of its set's",
        )
        .takes::<round_owner::GradesChange>()
        .gives::<rounds::RoundInFull>();
    api.get("/rounds/{round}/figure-files/workbook", "figures_workbook", figures::blank)
        .says("Tệp mẫu số liệu của một cấp", "The workbook of figures of a level")
        .query("level", "integer", "the id of the level; the first one where none is named")
        .downloads();
    api.upload(
        "/rounds/{round}/figure-files",
        "upload_figures",
        figures::upload,
        Some(figure_pages::REQUEST_BYTES_MAX),
    )
    .says(
        "Tải lên một tệp số liệu (XLSX, CSV): hỏi lại điều chưa rõ, rồi cho xem trước",
        "Upload a file of figures (XLSX, CSV): what is not clear is asked, then what would change is shown",
    )
    .query("level", "integer", "the id of the level; the first one where none is named")
    .uploads("file")
    .gives::<figures::FigureFileView>();
    api.get("/rounds/{round}/figure-files/{upload}", "figure_file", figures::one)
        .says("Một tệp số liệu: đến đâu, sẽ đổi gì", "A file of figures: how far it is, what it would change")
        .gives::<figures::FigureFileView>();
    api.patch("/rounds/{round}/figure-files/{upload}", "answer_figures", figures::say)
        .says("Trả lời điều được hỏi về một tệp số liệu", "Answer what is asked about a file of figures")
        .takes::<figures::FigureAnswers>()
        .gives::<figures::FigureFileView>();
    api.post("/rounds/{round}/figure-files/{upload}/take", "take_figures", figures::confirm)
        .says("Nhập số liệu đã xem trước, tất cả hoặc không", "Take in the figures that were seen, all or none")
        .takes::<figures::FiguresSeen>()
        .conflicts()
        .gives::<figures::FigureFileView>();
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
    api.get("/rounds/{round}/monitor", "monitor", watching::monitor)
        .says("Theo dõi: từng đơn vị, từng trụ cột", "The monitor: unit by unit, pillar by pillar")
        .query("level", "string", "the level's id; the largest where it is not named")
        .query("find", "string", "only names with these letters, marks aside")
        .query("show", "string", "open, untouched, late, behind, slow or submitted")
        .query("agency", "string", "only indicators that the unit with this code appraises")
        .query("pillar", "string", "only the pillar with this number")
        .query("sort", "string", "late, name or code; slowest first where it is not named")
        .gives::<watching::Monitor>();
    api.get("/rounds/{round}/settings", "round_settings", watching::settings)
        .says("Thiết lập của kỳ, cho chủ kỳ", "What its owner decided, for who runs the round")
        .gives::<watching::RoundSettings>();
    api.get("/rounds/{round}/papers/{file}", "round_paper", published::of_round)
        .says("Văn bản của kỳ: survey.pdf, .docx, .xlsx", "A paper of the round: survey.pdf, .docx, .xlsx")
        .query("number", "string", "the number on the paper")
        .query("day", "string", "the day on the paper; today where it is not named")
        .downloads();
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
    api.post("/sheets/{sheet}/assignment/plan", "assign_by_plan", assignment::from_plan)
        .says(
            "Phân công chỗ chưa ai nhận theo kế hoạch, bộ chỉ số, năm trước hoặc quy tắc",
            "Give out what nobody has, by a plan, the set, last year or a rule",
        )
        .takes::<assignment::AssignmentPlan>()
        .gives::<assignment::Assignments>();
    api.get("/sheets/{sheet}/insights", "sheet_insights", watching::sheet_insights)
        .says("Số liệu của trang phân tích đơn vị", "The numbers behind a unit's picture")
        .gives::<watching::SheetInsights>();
    api.get("/sheets/{sheet}/papers/{file}", "sheet_paper", published::of_sheet)
        .says(
            "Văn bản: self-assessment, appraisal, assignment, reminder, review-N; .pdf, .docx, .xlsx",
            "A paper: self-assessment, appraisal, assignment, reminder, review-N; .pdf, .docx, .xlsx",
        )
        .query("number", "string", "the number on the paper")
        .query("day", "string", "the day on the paper; today where it is not named")
        .downloads();
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
    api.patch("/sheets/{sheet}/entries", "change_entries", table::save)
        .says(
            "Sửa số liệu nhiều chỉ số một lần; mỗi chỉ số một kết quả riêng",
            "Change the figures of several entries; each has an outcome of its own",
        )
        .takes::<table::EntriesChange>()
        .gives::<table::Outcomes>();
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
    api.post("/sheets/{sheet}/entries/{indicator}/preview", "try_entry", table::preview)
        .says("Điểm sẽ được nếu ghi như vậy; không ghi gì", "What a change would give; nothing is kept")
        .takes::<entries::EntryBody>()
        .gives::<table::Tried>();
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
    api.upload("/sheets/{sheet}/entries/{indicator}/evidence", "upload", evidence::upload, None)
        .says("Nộp tệp bằng chứng", "Give files of evidence")
        .uploads("files")
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
        .tagged()
        .downloads();
    api.get("/sheets/{sheet}/entries/{indicator}/proofs", "proofs", proofs::one)
        .says(
            "Chữ ký trên từng tệp, giá trị tệp đề xuất, nơi khác dùng tệp",
            "The signatures of each file, what files propose, where else they are used",
        )
        .gives::<proofs::Proofs>();
    api.post("/sheets/{sheet}/entries/{indicator}/proposals", "take_over", proofs::take)
        .says("Nhận một giá trị do tệp đề xuất", "Take over a value that a file proposes")
        .versioned()
        .takes::<proofs::Taking>()
        .gives::<views::EntryInFull>();
    api.post("/evidence/{evidence}/acceptance", "accept_signature", proofs::accept)
        .says(
            "Người thẩm định chấp nhận chữ ký chưa kết luận được, kèm lý do",
            "Let a signature count that could not be proved, with a reason",
        )
        .takes::<request::Reason>()
        .gives::<proofs::Proofs>();
    api.upload("/verify", "verify", proofs::check, Some(verify::REQUEST_BYTES_MAX))
        .says("Kiểm tra chữ ký số của một tệp; không lưu gì", "Check the signatures of a file; nothing is kept")
        .uploads("file")
        .limited()
        .gives::<proofs::Verified>();

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
    api.post("/sheets/{sheet}/entries/{indicator}/appraisal/preview", "try_appraisal", division::preview)
        .says("Điểm sẽ được với số liệu khác; không ghi gì", "What other figures would give; nothing is recorded")
        .takes::<division::FiguresTried>()
        .gives::<table::Tried>();
    api.post("/rounds/{round}/appraisal/like", "appraise_like", division::like)
        .says(
            "Kết luận nhiều phiếu giống nhau, tất cả hoặc không; “preview” chỉ xem trước",
            "Appraise like cases, all or none; \"preview\" only looks at it",
        )
        .takes::<division::LikeCases>()
        .conflicts()
        .gives::<division::LikeCasesDone>();
    api.get("/rounds/{round}/division", "division", division::one)
        .says("Việc thẩm định của cơ quan mình chia cho ai", "How one's agency divides its appraisal")
        .gives::<division::Division>();
    api.put("/rounds/{round}/division", "divide", division::divide)
        .says("Chia lại việc thẩm định", "Divide the appraisal anew")
        .takes::<division::NewDivision>()
        .gives::<division::Division>();
    api.post("/rounds/{round}/division/deal", "deal", division::deal)
        .says("Chia đều theo đơn vị hoặc theo chỉ số", "Deal the appraisal out evenly, by unit or by indicator")
        .takes::<division::Dealing>()
        .gives::<division::Division>();
    api.post("/rounds/{round}/division/reasons/drop", "drop_reason", division::drop_reason)
        .says("Thôi gợi ý một lý do đã dùng", "No longer offer a reason that was given")
        .takes::<division::ReasonDropped>()
        .gives::<division::Division>();
    api.get("/rounds/{round}/differences", "differences", council::differences)
        .says(
            "Chỗ tự chấm khác thẩm định, và việc còn mở",
            "Where declared and appraised points differ, and what is open",
        )
        .gives::<council::Differences>();
    api.post("/rounds/{round}/explanations", "open_explanation", council::open_explanation)
        .says("Mở một đợt giải trình", "Open a round of explanation")
        .takes::<council::NewExplanation>()
        .gives::<rounds::RoundInFull>();
    api.post("/rounds/{round}/silences", "record_silences", council::record_silence)
        .says("Ghi nhận các chỗ im lặng", "Put down what silence means")
        .takes::<request::Nothing>()
        .gives::<council::SilencesRecorded>();
    api.get("/rounds/{round}/meetings", "meetings", council::meetings)
        .says("Các phiên họp hội đồng", "The council's meetings")
        .gives::<answer::Page<council::MeetingView>>();
    api.post("/rounds/{round}/meetings", "meet", council::meet)
        .says("Mở phiên họp hội đồng", "Open a meeting of the council")
        .takes::<council::NewMeeting>()
        .gives::<answer::Page<council::MeetingView>>();
    api.post("/rounds/{round}/meetings/close", "close_meeting", council::close_meeting)
        .says("Bế mạc phiên họp đang mở", "Close the meeting that is open")
        .takes::<request::Nothing>()
        .gives::<answer::Page<council::MeetingView>>();
    api.get("/rounds/{round}/meetings/{meeting}", "minutes", council::minutes)
        .says("Biên bản phiên họp", "The minutes of a meeting")
        .gives::<council::Minutes>();
    api.post("/rounds/{round}/publication", "publish", council::publish)
        .says("Công bố kết quả theo một quyết định", "Publish the results under a decision")
        .takes::<council::NewPublication>()
        .gives::<province::PublicationView>();
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

    api.get("/publications/{publication}/{level}/compare", "compare_units", published::compare)
        .says("So sánh vài đơn vị, cả các năm trước", "Units side by side, with the years before")
        .query("units", "string", "1 to 4 official codes with commas between them")
        .gives::<published::SideBySide>();
    api.get("/publications/{publication}/papers/{file}", "publication_paper", published::of_publication)
        .says(
            "Văn bản: ranking, certificate-MÃ; .pdf, .docx, .xlsx",
            "A paper: ranking, certificate-CODE; .pdf, .docx, .xlsx",
        )
        .downloads();

    api.section("Văn bản", "Papers");
    api.get("/papers", "papers", issued::list)
        .says("Văn bản đã phát hành, mới nhất trước", "Papers that were issued, the latest first")
        .pages()
        .gives::<answer::Page<issued::PaperHead>>();
    api.post("/papers", "issue_paper", issued::issue)
        .says("Phát hành một văn bản để ký", "Issue a paper to be signed")
        .takes::<issued::NewIssue>()
        .gives::<issued::PaperInFull>();
    api.upload("/papers/signed", "file_paper", issued::take, Some(paper_pages::REQUEST_BYTES_MAX))
        .says(
            "Nộp lại văn bản đã ký: nhận ra, kiểm tra chữ ký, đối chiếu, xếp vào chỗ",
            "A signed paper comes back: recognised, its signatures checked, compared, filed",
        )
        .uploads("file")
        .gives::<issued::PaperInFull>();
    api.get("/papers/{paper}", "paper", issued::one)
        .says("Một văn bản với các bản nộp lại", "A paper with the copies that came back")
        .tagged()
        .gives::<issued::PaperInFull>();
    api.get("/papers/{paper}/{file}", "paper_file", issued::file)
        .says("Tệp: issued.pdf, copy-N.pdf", "Its file: issued.pdf, copy-N.pdf")
        .downloads();

    api.section("Bộ chỉ số", "Criteria sets");
    api.get("/sets", "sets", sets::list)
        .says("Các bộ chỉ số", "The criteria sets")
        .gives::<answer::Page<sets::SetHead>>();
    api.get("/sets/compare", "compare_sets", sets::pair)
        .says("Hai bộ chỉ số khác nhau ở đâu", "Where two sets differ")
        .query("from", "string", "the id of the earlier set")
        .query("to", "string", "the id of the later set")
        .gives::<sets::SetsCompared>();
    api.get("/sets/{set}", "set", sets::one)
        .says(
            "Một bộ chỉ số với lời văn bản, số liệu và cách tính",
            "A set with the document's words, figures and rules",
        )
        .gives::<sets::SetInFull>();
    api.get("/sets/{set}/check", "check_set", sets::check)
        .says("Lỗi và chỗ đáng ngờ trong bộ chỉ số", "What the checker finds in a set")
        .gives::<sets::SetChecked>();
    api.get("/drafts", "drafts", drafts::list)
        .says("Các bản nháp của mình", "The drafts that are one's to put right")
        .gives::<answer::Page<drafts::DraftHead>>();
    api.upload("/drafts", "import_set", drafts::import, Some(set_import::REQUEST_BYTES_MAX))
        .says("Văn bản thành bản nháp bộ chỉ số", "A document becomes a draft set")
        .query("owner", "integer", "the id of the unit that it is to belong to")
        .uploads("file")
        .gives::<drafts::DraftInFull>();
    api.get("/drafts/{draft}", "draft", drafts::one)
        .says("Một bản nháp: tệp, đề xuất, lỗi", "A draft: its files, what was proposed, what is wrong")
        .tagged()
        .gives::<drafts::DraftInFull>();
    api.patch("/drafts/{draft}/head", "change_draft_head", drafts::save_head)
        .says("Sửa tên, mã và văn bản của bản nháp", "Change a draft's title, id and document")
        .versioned()
        .takes::<drafts::FieldsChange>()
        .gives::<drafts::DraftInFull>();
    api.patch("/drafts/{draft}/indicators/{indicator}", "change_draft_indicator", drafts::save_indicator)
        .says("Sửa một chỉ số của bản nháp", "Change an indicator of a draft")
        .versioned()
        .takes::<drafts::FieldsChange>()
        .gives::<drafts::DraftInFull>();
    api.put("/drafts/{draft}/files/{file}", "replace_draft_file", drafts::save_file)
        .says("Ghi lại một tệp của bản nháp", "Write a file of a draft anew")
        .versioned()
        .takes::<drafts::FileText>()
        .gives::<drafts::DraftInFull>();
    api.post("/drafts/{draft}/readings", "answer_draft_reading", drafts::answer_reading)
        .says("Trả lời một cách hiểu", "Answer a reading")
        .versioned()
        .takes::<drafts::DraftReading>()
        .gives::<drafts::DraftInFull>();
    api.post("/drafts/{draft}/adopt", "adopt_draft", drafts::adopt)
        .says("Dùng bản nháp làm bộ chỉ số", "Adopt a draft as a set")
        .versioned()
        .takes::<entries::Version>()
        .gives::<drafts::DraftInFull>();
    api.post("/drafts/{draft}/drop", "drop_draft", drafts::put_away)
        .says("Bỏ một bản nháp", "Put a draft away")
        .versioned()
        .takes::<entries::Version>()
        .gives::<drafts::DraftHead>();

    api.section("Nhật ký", "The log");
    api.get("/audit", "audit", audit::list)
        .says("Nhật ký, mới nhất trước", "The log, latest first")
        .pages()
        .gives::<answer::Page<audit::Event>>();
    api
}
