//! What the province does with a year's sheets: appraising, explaining, deciding, publishing; and what the public finds.

use fantoccini::Locator;
use fantoccini::key::Key;

use crate::driver::{Demo, Driver};
use crate::journeys::{APPRAISER, FOCAL, OFFICIAL, OWNER, PDF};
use crate::tab::{Hand, Tab};
use crate::tour::follow;

const UNIT: &str = "Xã Hòa Bình";
const OTHER: &str = "Xã Tân Bình";
const LEVEL: &str = "commune";
/// What the appraiser adjusts and the unit disputes, what comes back for completion, what is done for all units.
const DISPUTED: &str = "I.5.2";
const RETURNED: &str = "I.6.1";
const ALIKE: &str = "I.1.1";
const REASON: &str = "Ba tin trùng nội dung, chỉ tính một.";
const LACKING: &str = "Thiếu văn bản ký số.";
const EXPLANATION: &str = "Ba tin ở ba chuyên mục khác nhau, xem bảng kê kèm theo.";
const LIST: &str = "Bảng kê tin bài (phép thử).pdf";
const ANSWER: &str = "Bảng kê nêu cùng một đường dẫn.";
const DECIDED: &str = "Hội đồng nghe hai bên, tính theo đơn vị.";

/// From the queue to the public page, by one hand at one width.
pub async fn all(hand: Hand, width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let me = driver.tab(&demo, hand, width).await;
    let unit = driver.tab(&demo, hand, width).await;
    unit.enter(OFFICIAL).await;
    let path = unit.js("return document.querySelector('a[href*=\"/entries/\"]').pathname", Vec::new()).await;
    let sheet = path.as_str().unwrap().split("/entries").next().unwrap().to_owned();
    let mut case =
        Case { sheet: sheet.clone(), id: sheet.rsplit('/').next().unwrap().to_owned(), level: String::new() };

    me.next_phase().await;
    me.enter(APPRAISER).await;
    case.level = queue(&me).await;
    appraise(&me, &case).await;
    bulk(&me, &case).await;
    // Weeks went by, and with them the session.
    unit.enter(OFFICIAL).await;
    unit.open(&case.entry(RETURNED)).await;
    unit.sees(LACKING).await;
    unit.sees("25/11/2023").await;

    me.next_phase().await;
    explain(&unit, &demo, &case).await;
    answer(&me, &case).await;
    unit.open(&case.entry(DISPUTED)).await;
    unit.sees(ANSWER).await;

    me.next_phase().await;
    let round = decide(&me).await;
    council(&me, &case, &round).await;
    publish(&me, &round).await;
    find_out(&driver.tab(&demo, hand, width).await).await;
}

struct Case {
    sheet: String,
    id: String,
    /// The round's communes, as the queue names them.
    level: String,
}

impl Case {
    /// Where the appraiser reads it.
    fn at(&self, indicator: &str) -> String {
        format!("/appraise/{}/{indicator}?unit={}&show=all", self.level, self.id)
    }

    /// Where the unit reads it.
    fn entry(&self, indicator: &str) -> String {
        format!("{}/entries/{indicator}", self.sheet)
    }
}

/// The queue is sorted by indicator; from the first one on, unit after unit. Gives the level's place in addresses.
async fn queue(me: &Tab) -> String {
    me.open("/appraise").await;
    follow(me, "main .list a.name").await;
    let first = current(me).await;
    match me.hand() {
        Hand::Keys => me.turns(me.keys("j")).await,
        Hand::Mouse => {
            let next = me.client.find(Locator::Css(".queue li:nth-child(2) a")).await.unwrap();
            me.turns(me.use_it(&next)).await;
        }
    }
    let second = current(me).await;
    assert_ne!(second, first, "the queue does not go on to the next unit");
    match me.hand() {
        Hand::Keys => me.turns(me.keys("a")).await,
        Hand::Mouse => me.follow("Chấp nhận…").await,
    }
    assert_ne!(current(me).await, second, "what is accepted is still to do");
    me.path().await.split('/').nth(2).unwrap().to_owned()
}

/// Whose case is open.
async fn current(me: &Tab) -> String {
    me.field("Điểm thẩm định").await;
    let name = me.js("return document.querySelector('article h2').textContent", Vec::new()).await;
    name.as_str().unwrap().to_owned()
}

/// One case is adjusted, with a reason; one is returned, with a deadline.
async fn appraise(me: &Tab, case: &Case) {
    me.open(&case.at(DISPUTED)).await;
    me.sees(UNIT).await;
    me.sees("Số liệu khai cạnh năm trước").await;
    // Without a reason nothing is recorded, and what was typed stays.
    me.write("Điểm thẩm định", "1,25").await;
    me.follow("Điều chỉnh…").await;
    me.sees("Chưa ghi được").await;
    assert_eq!(me.value("Điểm thẩm định").await, "1,25");
    me.write("Lý do…", REASON).await;
    me.follow("Điều chỉnh…").await;
    me.misses("Chưa ghi được").await;
    me.open(&case.at(DISPUTED)).await;
    me.sees(REASON).await;

    me.open(&case.at(RETURNED)).await;
    me.write("Hạn hoàn thiện", "25/11/2023").await;
    me.write("Lý do…", LACKING).await;
    match me.hand() {
        Hand::Keys => {
            // Out of the field, single letters are keys again.
            me.js("document.activeElement.blur()", Vec::new()).await;
            me.turns(me.keys("r")).await;
        }
        Hand::Mouse => me.follow("Trả lại…").await,
    }
    me.misses("Chưa ghi được").await;
}

/// Like cases at once: chosen, looked at, recorded.
async fn bulk(me: &Tab, case: &Case) {
    let list = format!("/appraise/{}/{ALIKE}", case.level);
    me.open(&list).await;
    me.follow("Xét nhiều phiếu một lần, xem trước khi ghi").await;
    me.sees("Các phiếu ổn đã chọn sẵn").await;
    me.follow("Xem trước").await;
    me.sees("Điểm thẩm định trước và sau").await;
    me.sees("Sẽ là").await;
    me.follow("Ghi tất cả").await;
    me.misses("Ghi tất cả").await;
    let path = me.path().await;
    assert!(path.starts_with(&list), "{path}");
}

/// The unit answers a difference, with further evidence.
async fn explain(unit: &Tab, demo: &Demo, case: &Case) {
    unit.enter(FOCAL).await;
    unit.open(&case.entry(DISPUTED)).await;
    unit.sees(REASON).await;
    unit.sees("1,25").await;
    let list = demo.folder.path().join(LIST);
    std::fs::write(&list, PDF).unwrap();
    unit.turns(unit.give("Thêm tệp", &list)).await;
    unit.sees(LIST).await;
    // Opened again, because the list of files is drawn once more when the file has been checked.
    unit.open(&case.entry(DISPUTED)).await;
    unit.write("Vì sao điểm phải khác; kèm tài liệu ở dưới nếu có", EXPLANATION).await;
    unit.follow("Gửi giải trình").await;
    unit.sees(EXPLANATION).await;
}

/// The appraiser reads it, with the file, and answers.
async fn answer(me: &Tab, case: &Case) {
    me.enter(APPRAISER).await;
    me.open(&case.at(DISPUTED)).await;
    me.sees(EXPLANATION).await;
    me.sees(LIST).await;
    me.write("Lý do…", ANSWER).await;
    me.follow("Giữ điểm thẩm định…").await;
    me.open(&case.at(DISPUTED)).await;
    me.sees(ANSWER).await;
}

/// The owner decides a case at the desk, and puts silence down. Gives the round's address.
async fn decide(me: &Tab) -> String {
    me.enter(OWNER).await;
    me.sees("Tiến độ theo đơn vị và trụ cột").await;
    let round = me.path().await;
    me.follow("Chốt điểm").await;
    me.arrives(&format!("{round}/decide")).await;
    me.sees("Im lặng đến hết hạn giải trình là chấp nhận điểm thẩm định.").await;
    me.write("Lý do", "Giữ như thẩm định, tài liệu bổ sung không đổi kết quả.").await;
    me.follow("Chốt").await;
    me.sees("Đã chốt.").await;
    me.follow("Ghi nhận im lặng:…").await;
    me.sees("Đã ghi nhận các chỗ im lặng.").await;
    round
}

/// A sitting: opened, a case decided, closed, and the minutes tell it.
async fn council(me: &Tab, case: &Case, round: &str) {
    me.follow("Họp hội đồng").await;
    me.arrives(&format!("{round}/council")).await;
    me.write("Tên cuộc họp", "Họp hội đồng lần 1 (phép thử)").await;
    me.write("Chủ trì", "Phó Chủ tịch (mẫu)").await;
    me.write("Thành phần dự", "Các sở, ngành liên quan").await;
    me.follow("Bắt đầu họp").await;
    me.sees("Biên bản đến lúc này").await;
    me.open(&format!("{round}/council?case={}~{DISPUTED}", case.id)).await;
    me.sees(EXPLANATION).await;
    me.sees(ANSWER).await;
    me.write("Lý do", DECIDED).await;
    match me.hand() {
        Hand::Keys => {
            me.js("document.activeElement.blur()", Vec::new()).await;
            me.turns(me.keys("o")).await;
        }
        Hand::Mouse => me.follow("Theo đơn vị…").await,
    }
    me.open(&format!("{round}/council")).await;
    me.follow("Kết thúc họp").await;
    me.sees("Biên bản họp hội đồng").await;
    me.sees(UNIT).await;
    me.sees(DECIDED).await;
}

/// Open readings block; explanations that nobody decided ask for a reason; then the results stand under a decision.
async fn publish(me: &Tab, round: &str) {
    let sign = async || {
        me.open(&format!("{round}/decide")).await;
        me.write("Số quyết định", "07/QĐ-UBND (phép thử)").await;
        me.write("Ngày", "15/1/2024").await;
        me.write("Còn…", "Các giải trình còn lại không kèm tài liệu mới.").await;
        me.follow("Công bố kết quả").await;
    };
    sign().await;
    me.sees("cách hiểu chưa chốt").await;
    me.open(&format!("{round}/settings")).await;
    me.use_it(&me.client.find(Locator::Css("details.asked > summary")).await.unwrap()).await;
    let why = me.client.find(Locator::Css("details.asked [name=reason]")).await.unwrap();
    me.go(&why).await;
    me.turns(async { why.send_keys(&format!("Theo ý kiến của Sở{}", &*Key::Enter)).await.unwrap() }).await;
    me.sees("Đã ghi vào nhật ký của kỳ.").await;
    // The other questions in the same way, only faster.
    me.client
        .execute_async(
            "const done = arguments[arguments.length - 1];\
             (async () => { for (const form of document.querySelectorAll('details.asked:has(.state.warn) form')) {\
               form.reason.value = 'Như bộ chỉ số trả lời';\
               const body = new URLSearchParams(new FormData(form));\
               await fetch(location.pathname, { method: 'POST', body, redirect: 'manual' });\
             } })().then(() => done(true), (error) => done(String(error)));",
            Vec::new(),
        )
        .await
        .unwrap();
    sign().await;
    me.arrives(&format!("/{LEVEL}")).await;
    me.sees("giải trình chưa chốt; ở đó tính điểm thẩm định").await;
    me.sees("07/QĐ-UBND (phép thử)").await;
}

/// Nobody in particular, from the address of the site to the reason of a rank, beside others, and on a map.
async fn find_out(me: &Tab) {
    me.open("/ranking").await;
    follow(me, "main .list a.name").await;
    me.sees("Cách xếp hạng").await;
    follow(me, &format!("main .tabs a[href$='/{LEVEL}']")).await;
    me.sees("07/QĐ-UBND (phép thử)").await;
    me.write("Tìm đơn vị", "hoa binh").await;
    me.follow("Xem").await;
    me.sees("1 trên 141 đơn vị").await;
    me.follow(&format!("Vì sao {UNIT}")).await;
    me.sees("điểm, và vì sao").await;
    me.sees(DECIDED).await;
    me.follow("So sánh với đơn vị khác").await;
    me.write("Đơn vị 2", "tan binh").await;
    me.follow("So sánh").await;
    me.sees(UNIT).await;
    me.sees(OTHER).await;
    me.sees("Trung vị").await;
    follow(me, ".crumbs a").await;
    me.follow("Bản đồ nhiệt theo trụ cột và chỉ số").await;
    me.sees("Trung vị của cấp").await;
    me.write("Tìm đơn vị", "hoa binh").await;
    me.follow("Xem").await;
    me.sees(UNIT).await;
    me.misses(OTHER).await;
    follow(me, ".crumbs a").await;
    me.follow("Ai lên, ai xuống so với năm trước").await;
    me.sees("Lên nhiều nhất").await;
}
