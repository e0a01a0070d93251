//! What the province does with a year's sheets: appraising, explaining, deciding, publishing; and what the public finds.

use fantoccini::key::Key;

use crate::driver::{Demo, Driver};
use crate::journeys::{APPRAISER, FOCAL, OFFICIAL, OWNER, PDF};
use crate::tab::{Hand, Tab};
use crate::tour::{follow, next_phase};

const UNIT: &str = "Xã Hòa Bình";
/// What the appraiser adjusts and the unit disputes, what comes back for completion, what is done for all units.
const DISPUTED: &str = "I.5.2";
const RETURNED: &str = "I.6.1";
const ALIKE: &str = "I.1.1";
const REASON: &str = "Ba tin trùng nội dung, chỉ tính một.";
const EXPLANATION: &str = "Ba tin ở ba chuyên mục khác nhau, xem bảng kê kèm theo.";
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
    let case = Case { sheet: sheet.clone(), id: sheet.rsplit('/').next().unwrap().to_owned() };

    next_phase(&me).await;
    me.enter(APPRAISER).await;
    let level = appraise(&me, &case).await;
    bulk(&me, &level).await;
    // A month went by, and with it the session.
    unit.enter(OFFICIAL).await;
    unit.open(&format!("{sheet}/entries/{RETURNED}")).await;
    unit.sees("Thiếu văn bản ký số").await;
    unit.sees("25/11/2023").await;

    next_phase(&me).await;
    explain(&unit, &demo, &case).await;
    answer(&me, &case, &level).await;
    unit.client.refresh().await.unwrap();
    unit.sees(ANSWER).await;

    next_phase(&me).await;
    let round = decide(&me).await;
    council(&me, &case, &round).await;
    publish(&me, &round).await;
    let public = driver.tab(&demo, hand, width).await;
    find_out(&public).await;
}

struct Case {
    sheet: String,
    id: String,
}

impl Case {
    fn at(&self, level: &str, indicator: &str) -> String {
        format!("/appraise/{level}/{indicator}?unit={}&show=all", self.id)
    }
}

/// The queue, by indicator; one case accepted, one adjusted, one returned. Gives the level of the unit's sheet.
async fn appraise(me: &Tab, case: &Case) -> String {
    me.open("/appraise").await;
    let levels = me
        .js(
            "return [...new Set([...document.querySelectorAll('main .list a.name')].map((a) => a.pathname.split('/')[2]))]",
            Vec::new(),
        )
        .await;
    let mut level = String::new();
    for one in levels.as_array().unwrap().iter().filter_map(|one| one.as_str()) {
        me.open(&case.at(one, DISPUTED)).await;
        if me.text().await.contains(UNIT) {
            one.clone_into(&mut level);
            break;
        }
    }
    assert_ne!(level, "", "no level of the queue has {UNIT}");
    me.open("/appraise").await;
    follow(me, "main .list a.name").await;
    let first = me.path().await;
    let before = current(me).await;
    match me.hand() {
        Hand::Keys => me.keys("a").await,
        Hand::Mouse => me.press("Chấp nhận…").await,
    }
    me.leaves(&first).await;
    assert_ne!(current(me).await, before, "the queue does not go on to the next unit");

    me.open(&case.at(&level, DISPUTED)).await;
    me.sees(UNIT).await;
    me.sees("Số liệu khai cạnh năm trước").await;
    // Without a reason nothing is recorded, and what was typed stays.
    me.write("Điểm thẩm định", "1,25").await;
    me.press("Điều chỉnh…").await;
    me.sees("Chưa ghi được").await;
    assert_eq!(me.value("Điểm thẩm định").await, "1,25");
    me.write("Lý do…", REASON).await;
    me.press("Điều chỉnh…").await;
    me.misses("Chưa ghi được").await;
    me.open(&case.at(&level, DISPUTED)).await;
    me.sees(REASON).await;

    me.open(&case.at(&level, RETURNED)).await;
    me.write("Lý do…", "Thiếu văn bản ký số").await;
    me.write("Hạn hoàn thiện", "25/11/2023").await;
    me.press("Trả lại…").await;
    me.sees(UNIT).await;
    level
}

/// Whose case is open.
async fn current(me: &Tab) -> String {
    me.field("Điểm thẩm định").await;
    let name = me.js("return document.querySelector('article h2').textContent", Vec::new()).await;
    name.as_str().unwrap().to_owned()
}

/// Like cases at once: chosen, looked at, recorded.
async fn bulk(me: &Tab, level: &str) {
    me.open(&format!("/appraise/{level}/{ALIKE}")).await;
    me.press("Xét nhiều phiếu một lần, xem trước khi ghi").await;
    me.sees("Các phiếu ổn đã chọn sẵn").await;
    me.press("Xem trước").await;
    me.sees("Điểm thẩm định trước và sau").await;
    me.sees("Sẽ là").await;
    me.press("Ghi tất cả").await;
    me.arrives(&format!("/appraise/{level}/{ALIKE}")).await;
    me.misses("Ghi tất cả").await;
}

/// The unit answers a difference, with further evidence.
async fn explain(unit: &Tab, demo: &Demo, case: &Case) {
    unit.enter(FOCAL).await;
    unit.open(&format!("{}/entries/{DISPUTED}", case.sheet)).await;
    unit.sees(REASON).await;
    unit.sees("1,25").await;
    let list = demo.folder.path().join("Bảng kê tin bài (phép thử).pdf");
    std::fs::write(&list, PDF).unwrap();
    unit.field("Thêm tệp").await.send_keys(&list.display().to_string()).await.unwrap();
    unit.sees("Bảng kê tin bài (phép thử).pdf").await;
    // The list of files is drawn anew once more when the file was checked.
    unit.open(&format!("{}/entries/{DISPUTED}", case.sheet)).await;
    unit.write("Vì sao điểm phải khác; kèm tài liệu ở dưới nếu có", EXPLANATION).await;
    unit.press("Gửi giải trình").await;
    unit.sees(EXPLANATION).await;
}

async fn answer(me: &Tab, case: &Case, level: &str) {
    me.enter(APPRAISER).await;
    me.open(&case.at(level, DISPUTED)).await;
    me.sees(EXPLANATION).await;
    me.sees("Bảng kê tin bài (phép thử).pdf").await;
    me.write("Lý do…", ANSWER).await;
    me.press("Giữ điểm thẩm định…").await;
    me.open(&case.at(level, DISPUTED)).await;
    me.sees(ANSWER).await;
}

/// The owner decides a case at the desk. Gives the round's address.
async fn decide(me: &Tab) -> String {
    me.enter(OWNER).await;
    me.sees("Tiến độ theo đơn vị và trụ cột").await;
    let round = me.path().await;
    me.press("Chốt điểm").await;
    me.arrives(&format!("{round}/decide")).await;
    me.sees("Im lặng đến hết hạn giải trình là chấp nhận điểm thẩm định.").await;
    let before = me.text().await;
    me.write("Lý do", "Giữ như thẩm định, tài liệu bổ sung không đổi kết quả.").await;
    me.press("Chốt").await;
    me.sees("Đã chốt.").await;
    assert_ne!(me.text().await, before);
    me.press("Ghi nhận im lặng:…").await;
    me.sees("Đã ghi nhận các chỗ im lặng.").await;
    round
}

/// A sitting: opened, a case decided, closed, and the minutes tell it.
async fn council(me: &Tab, case: &Case, round: &str) {
    me.press("Họp hội đồng").await;
    me.arrives(&format!("{round}/council")).await;
    me.write("Tên cuộc họp", "Họp hội đồng lần 1 (phép thử)").await;
    me.write("Chủ trì", "Phó Chủ tịch (mẫu)").await;
    me.write("Thành phần dự", "Các sở, ngành liên quan").await;
    me.press("Bắt đầu họp").await;
    me.sees("Biên bản đến lúc này").await;
    me.open(&format!("{round}/council?case={}~{DISPUTED}", case.id)).await;
    me.sees(EXPLANATION).await;
    me.sees(ANSWER).await;
    me.write("Lý do", DECIDED).await;
    match me.hand() {
        Hand::Keys => {
            // Out of the field, single letters are keys again.
            me.js("document.activeElement.blur()", Vec::new()).await;
            me.keys("o").await;
        }
        Hand::Mouse => me.press("Theo đơn vị…").await,
    }
    me.misses(DECIDED).await;
    me.open(&format!("{round}/council")).await;
    me.press("Kết thúc họp").await;
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
        me.press("Công bố kết quả").await;
    };
    sign().await;
    me.sees("cách hiểu chưa chốt").await;
    me.open(&format!("{round}/settings")).await;
    me.use_it(&me.client.find(fantoccini::Locator::Css("details.asked > summary")).await.unwrap()).await;
    let why = me.client.find(fantoccini::Locator::Css("details.asked [name=reason]")).await.unwrap();
    me.go(&why).await;
    why.send_keys(&format!("Theo ý kiến của Sở{}", &*Key::Enter)).await.unwrap();
    me.sees("Đã ghi vào nhật ký của kỳ.").await;
    // The other questions in the same way, only faster.
    me.client
        .execute_async(
            "const done = arguments[arguments.length - 1];\
             (async () => { for (const form of document.querySelectorAll('details.asked form')) {\
               form.reason.value = 'Như bộ chỉ số trả lời';\
               await fetch(location.pathname, { method: 'POST', body: new URLSearchParams(new FormData(form)) });\
             } })().then(() => done(true), (error) => done(String(error)));",
            Vec::new(),
        )
        .await
        .unwrap();
    sign().await;
    me.arrives("/commune").await;
    me.sees("giải trình chưa chốt; ở đó tính điểm thẩm định").await;
    me.sees("07/QĐ-UBND (phép thử)").await;
}

/// Nobody in particular, from the address of the site to the reason of a rank.
async fn find_out(me: &Tab) {
    me.open("/ranking").await;
    follow(me, "main .list a.name").await;
    me.sees("Cách xếp hạng").await;
    follow(me, "main .tabs a[href$='/commune']").await;
    me.write("Tìm đơn vị", "hoa binh").await;
    me.press("Xem").await;
    me.sees("1 trên 141 đơn vị").await;
    me.press(&format!("Vì sao {UNIT}")).await;
    me.sees("điểm, và vì sao").await;
    follow(me, ".crumbs a").await;
    me.press("Ai lên, ai xuống so với năm trước").await;
    me.sees("Lên nhiều nhất").await;
    me.press("Xếp hạng").await;
}
