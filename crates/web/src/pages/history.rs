//! Events of the log as sentences.

use criteria::Number;
use cycle::time;
use serde_json::Value as JsonValue;
use store::records::{Event, Remark, RemarkKind};

use crate::opened::actor_name;
use crate::view::L;

/// What people call a figure that an event names.
fn figure_name(state: &store::State, event: &Event, field: &str) -> String {
    let label = || {
        let row = state.assessments.get(&event.assessment?)?;
        let set = &state.levels.get(&row.level)?.program.set;
        let figures = match &event.indicator {
            Some(indicator) => set.indicator(indicator)?.all_figures(),
            None => set.head.profile.clone(),
        };
        figures.into_iter().find(|figure| figure.id == field).map(|figure| figure.label)
    };
    label().unwrap_or_else(|| field.to_owned())
}

/// An event of the history in a sentence.
pub fn event_sentence(state: &store::State, l: L, unit: cycle::UnitId, event: &Event) -> String {
    let who = match event.actor {
        Some(account) => actor_name(state, unit, account, time::day_of(event.at)),
        None => l.say("Hệ thống", "The system").to_owned(),
    };
    let text = |key: &str| event.detail[key].as_str().unwrap_or_default().to_owned();
    let what = match event.action.as_str() {
        "entry.saved" => {
            let mut changes = Vec::new();
            if let Some(after) = event.detail["after"].as_object() {
                for (field, value) in after {
                    let say = |value: &JsonValue| match value {
                        JsonValue::String(text) if text.is_empty() => "–".to_owned(),
                        JsonValue::String(text) => text.clone(),
                        other => other["kind"].as_str().unwrap_or_default().to_owned(),
                    };
                    let name = match field.as_str() {
                        "note" => l.say("thuyết minh", "remarks").to_owned(),
                        "answer" => l.say("cách trả lời", "answer").to_owned(),
                        other => figure_name(state, event, other),
                    };
                    changes.push(format!("{name}: {} → {}", say(&event.detail["before"][field]), say(value)));
                }
            }
            let number = |value: &JsonValue| value.as_str().and_then(Number::parse);
            let points = &event.detail["points"];
            let (before, after) = (number(&points[0]), number(&points[1]));
            if before != after
                && let Some(after) = after
            {
                let before = before.map_or_else(|| "–".to_owned(), |points| l.points(&points));
                changes.push(format!("{} {before} → {}", l.say("điểm", "points"), l.points(&after)));
            }
            if let Some(from) = event.detail["from"].as_str() {
                changes.push(format!("{} {from}", l.say("lấy từ", "taken from")));
            }
            format!("{} {}", l.say("sửa", "changed"), changes.join("; "))
        }
        "entry.supplied" | "profile.supplied" => {
            let mut changes = Vec::new();
            for (field, value) in event.detail["after"].as_object().into_iter().flatten() {
                let say = |value: &JsonValue| match value.as_str().unwrap_or_default() {
                    "" => "–".to_owned(),
                    words => words.to_owned(),
                };
                let name = figure_name(state, event, field);
                changes.push(format!("{name}: {} → {}", say(&event.detail["before"][field]), say(value)));
            }
            let hash: String = text("sha256").chars().take(8).collect();
            let file = text("file");
            format!("{} “{file}” ({hash}…): {}", l.say("nhập từ tệp", "took in from the file"), changes.join("; "))
        }
        "figures.uploaded" => format!("{} “{}”", l.say("tải lên tệp số liệu", "uploaded figures"), text("name")),
        "figures.answered" => {
            format!("{} “{}”", l.say("nói rõ các cột của tệp", "said what is in the file"), text("name"))
        }
        "figures.taken" => format!(
            "{} {} {} “{}”",
            l.say("nhập", "took"),
            event.detail["figures"],
            l.say("số liệu từ tệp", "figures in from the file"),
            text("name")
        ),
        "entry.ready" => l.say("đánh dấu đã xong", "marked it completed").to_owned(),
        "entry.accepted" => l.say("chấp nhận", "accepted it").to_owned(),
        "entry.adjusted" | "entry.decided" => {
            let points = event.detail["after"].as_str().and_then(Number::parse);
            let points = points.map(|points| l.points(&points)).unwrap_or_default();
            let verb = match event.action.as_str() {
                "entry.decided" => l.say("chốt", "decided"),
                _ => l.say("điều chỉnh còn", "adjusted to"),
            };
            format!("{verb} {points}: {}", text("reason"))
        }
        "entry.returned" => format!("{} {}", l.say("trả lại đơn vị:", "returned it to the unit:"), text("reason")),
        "entry.kept" => format!("{} {}", l.say("giữ điểm thẩm định:", "kept the appraised points:"), text("reason")),
        "sheet.silent" => {
            l.say("ghi nhận im lặng: giữ điểm thẩm định", "put silence down: the appraisal stays").to_owned()
        }
        "appraisal.divided" => l.say("chia lại việc thẩm định", "divided the appraisal anew").to_owned(),
        "round.explanation" => {
            format!("{} {}", l.say("mở đợt giải trình:", "opened a round of explanation:"), text("reason"))
        }
        "council.opened" => format!("{} “{}”", l.say("bắt đầu họp", "opened the meeting"), text("title")),
        "council.closed" => l.say("kết thúc họp hội đồng", "closed the council's meeting").to_owned(),
        "entry.explained" => format!("{} {}", l.say("giải trình:", "explained:"), text("words")),
        "round.published" => format!("{} {}", l.say("công bố theo", "published under"), text("number")),
        "entry.sent-back" => format!("{} {}", l.say("trả lại:", "sent it back:"), text("reason")),
        "entry.remarked" => l.say("viết ý kiến", "commented").to_owned(),
        "evidence.added" => format!("{} “{}”", l.say("thêm", "added"), text("name")),
        "evidence.accepted" => {
            format!(
                "{} {}",
                l.say("chấp nhận một chữ ký chưa kết luận được:", "accepted an indeterminate signature:"),
                text("reason")
            )
        }
        "evidence.checked" => {
            let file: String = text("sha256").chars().take(8).collect();
            format!(
                "{} {file}…: {}",
                l.say("kiểm tra chữ ký của tệp", "checked the signatures of file"),
                text("verdict")
            )
        }
        "evidence.anchors-changed" => l
            .say("kiểm tra lại các tệp vì chứng thư gốc đã đổi", "checks files again, for the trust anchors changed")
            .to_owned(),
        "evidence.withdrawn" => format!("{} {}", l.say("rút một tài liệu:", "withdrew evidence:"), text("reason")),
        "sheet.filled" => {
            format!("{} {}", l.say("nạp số liệu từ", "took figures from"), crate::view::source_name(l, &text("from")))
        }
        "sheet.submitted" => {
            format!("{} {}", l.say("ký nộp phiếu, biên nhận", "signed off the sheet, receipt"), text("receipt"))
        }
        "sheet.unlocked" => format!("{} {}", l.say("mở lại phiếu:", "opened the sheet again:"), text("reason")),
        "sheet.reviewed" => format!("{} “{}”", l.say("chốt đợt rà soát", "froze the review"), text("title")),
        "profile.saved" => l.say("sửa thông tin chung", "changed the unit profile").to_owned(),
        "work.assigned" => l.say("phân công lại", "changed the assignment").to_owned(),
        "round.created" => l.say("lập kỳ đánh giá", "set up the round").to_owned(),
        "round.phase" => l.say("chuyển giai đoạn của kỳ", "moved the round to another phase").to_owned(),
        "round.days" => l.say("đổi ngày của các giai đoạn", "changed the days of the phases").to_owned(),
        "round.described" => l.say("đổi tên kỳ, thời gian số liệu", "changed the round's title or period").to_owned(),
        "round.figures" => l.say("ghi số liệu chung của kỳ", "wrote the figures of the round").to_owned(),
        "round.grades" => l.say("khai mức xếp loại", "declared grades").to_owned(),
        "round.appraisers" => l.say("giao cơ quan thẩm định", "gave indicators to appraising agencies").to_owned(),
        "round.participation" => {
            l.say("đổi việc tham gia kỳ của đơn vị", "changed whether the unit takes part").to_owned()
        }
        "round.extended" => l.say("gia hạn cho đơn vị", "gave the unit more time").to_owned(),
        "round.reminded" => l.say("đôn đốc các đơn vị", "reminded units").to_owned(),
        "level.reading" => l.say("chốt một cách hiểu", "decided a reading").to_owned(),
        "level.respread" => l
            .say("tính lại mức so sánh giữa các đơn vị của cấp", "took anew what the level's units are compared with")
            .to_owned(),
        "level.rescored" => {
            l.say("tính lại điểm theo mức so sánh mới", "scored sheets anew by what peers are compared with").to_owned()
        }
        "appraisal.reason-dropped" => l.say("bỏ một lý do gợi ý", "dropped an offered reason").to_owned(),
        "unit.added" => l.say("thêm đơn vị", "added the unit").to_owned(),
        "units.changed" => l.say("thay đổi tổ chức của đơn vị", "changed the organisation").to_owned(),
        "position.added" => format!("{} {}", l.say("thêm chức danh", "added the position"), text("code")),
        "position.changed" => {
            format!("{} {}", l.say("đổi tên hoặc quyền của chức danh", "changed the position"), text("code"))
        }
        "person.changed" => l.say("sửa họ tên, thư điện tử của một người", "put a name or e-mail right").to_owned(),
        "position.held" => l.say("giao người vào chức danh", "put somebody into a position").to_owned(),
        "position.left" => l.say("thôi giữ chức danh", "ended a position's holding").to_owned(),
        "person.added" => l.say("thêm người dùng", "added a person").to_owned(),
        "person.invited" => {
            l.say("mời lại một người đặt mật khẩu", "invited somebody again to set a password").to_owned()
        }
        "person.password" => l.say("đổi mật khẩu", "changed the password").to_owned(),
        "person.accepted" => l.say("đặt mật khẩu theo lời mời", "set a password by an invitation").to_owned(),
        "person.sessions" => l.say("chấm dứt phiên đăng nhập", "ended sessions").to_owned(),
        "person.calendar" => l.say("đổi địa chỉ lịch", "gave the calendar another address").to_owned(),
        "person.second-factor" => l.say("đổi xác thực hai lớp", "changed the second factor").to_owned(),
        "person.language" => l.say("đổi ngôn ngữ", "changed the language").to_owned(),
        "person.disabled" => l.say("khóa hoặc mở tài khoản", "disabled or enabled an account").to_owned(),
        "round.exempted" => format!("{} {}", l.say("cho miễn:", "exempted it:"), text("reason")),
        "paper.issued" => format!("{} “{}”", l.say("phát hành văn bản", "issued the paper"), text("title")),
        "paper.filed" => {
            format!("{} “{}”", l.say("nộp lại bản đã ký của", "brought back a signed copy of"), text("title"))
        }
        "set.drafted" => format!("{} “{}”", l.say("nhập bản nháp bộ chỉ số từ", "drafted a set from"), text("file")),
        "set.edited" => format!("{} {}", l.say("sửa bản nháp bộ chỉ số", "changed a draft set"), text("at")),
        "set.adopted" => {
            format!("{} {}", l.say("dùng bản nháp làm bộ chỉ số", "adopted a draft as the set"), text("set"))
        }
        "set.dropped" => format!("{} {}", l.say("bỏ bản nháp bộ chỉ số", "dropped the draft set"), text("set")),
        other => other.to_owned(),
    };
    format!("{who} {what}")
}

/// Who wrote words about an entry, and what they are where they are no comment.
pub fn remark_by(l: L, one: &Remark, who: &str) -> String {
    let kind = match one.kind {
        RemarkKind::Comment => return who.to_owned(),
        RemarkKind::Explanation => l.say("giải trình, đợt", "explanation, round"),
        RemarkKind::Answer => l.say("trả lời giải trình, đợt", "answer, round"),
    };
    format!("{who} · {kind} {}", one.turn)
}
