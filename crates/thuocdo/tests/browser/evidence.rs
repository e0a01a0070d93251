//! Evidence that proves itself: a signed decision goes up, its verdict is seen and its signer fills the choice; one that
//! nobody vouches for is accepted by the appraiser, with a reason.

use crate::driver::{Demo, Driver};
use crate::journeys::{APPRAISER, FOCAL};
use crate::making::Office;
use crate::tab::{Hand, Tab};

/// Asks who heads the steering committee, and for a signed decision.
const DECISION: &str = "I.1.1";
/// Asks for signed documents too.
const LIST: &str = "I.3.1";
/// The commune's head in the made-up province.
const CHAIR: &str = "Bùi Bảo Mẫu";

/// The whole journey, by one hand at one width.
pub async fn all(hand: Hand, width: u32) {
    let (trusted, stranger) = (Office::open(), Office::open());
    let demo = Demo::prepared(|data| std::fs::write(data.join("trust").join("phep-thu.pem"), trusted.root()).unwrap());
    let driver = Driver::start();
    let me = driver.tab(&demo, hand, width).await;
    me.enter(FOCAL).await;
    let sheet = address(&me, "a[href*=\"/entries/\"]").await;
    let sheet = sheet.split("/entries").next().unwrap().to_owned();

    me.open(&format!("{sheet}/entries/{DECISION}")).await;
    withdraw_all(&me).await;
    me.tick("Ai là Trưởng Ban chỉ đạo? Cấp phó").await;
    me.sees("5,00 / 10 điểm").await;
    me.sees("Đã lưu lúc").await;
    upload(&me, &demo, "Quyết định thành lập", &trusted.signed(CHAIR, "Chủ tịch UBND", 1, 0)).await;
    me.sees("Chữ ký hợp lệ").await;
    me.sees(&format!("Người ký: {CHAIR}, Chủ tịch UBND")).await;
    me.sees("(dấu thời gian chứng minh)").await;
    me.sees("Đã có chữ ký số như yêu cầu").await;
    me.sees("Đề xuất: Người đứng đầu, theo chữ ký của tệp “Quyết định thành lập.pdf”").await;
    me.follow("Lấy giá trị này").await;
    me.sees("10,00 / 10 điểm").await;
    me.sees(&format!("Nguồn: chữ ký của tệp “Quyết định thành lập.pdf”: {CHAIR}")).await;
    me.misses("Đề xuất:").await;

    me.open(&format!("{sheet}/entries/{LIST}")).await;
    withdraw_all(&me).await;
    upload(&me, &demo, "Văn bản chỉ đạo", &stranger.signed(CHAIR, "Chủ tịch UBND", 1, 0)).await;
    me.sees("Chữ ký chưa kết luận được").await;
    me.sees("Thiếu chữ ký số").await;
    me.misses("Đề xuất:").await;

    me.next_phase().await;
    me.enter(APPRAISER).await;
    me.open("/appraise").await;
    let level = address(&me, "main .list a.name").await;
    let level = level.split('/').nth(2).unwrap().to_owned();
    let id = sheet.rsplit('/').next().unwrap();
    me.open(&format!("/appraise/{level}/{LIST}?unit={id}")).await;
    me.sees("Thiếu chữ ký số").await;
    me.press("Chấp nhận chữ ký này, kèm lý do").await;
    me.write("Vì sao tin được", "Đã đối chiếu với bản giấy đóng dấu đỏ.").await;
    me.follow("Chấp nhận chữ ký").await;
    me.sees("Được chấp nhận").await;
    me.sees("Đã đối chiếu với bản giấy đóng dấu đỏ.").await;
    me.sees("Đã có chữ ký số như yêu cầu").await;
}

/// Where the first link that fits leads.
async fn address(me: &Tab, selector: &str) -> String {
    let script = "const link = document.querySelector(arguments[0]); return link && link.pathname";
    let path = me.js(script, vec![selector.into()]).await;
    path.as_str().unwrap_or_else(|| panic!("no {selector}")).to_owned()
}

/// Takes back what the made-up year left at an indicator.
async fn withdraw_all(me: &Tab) {
    let count = "return document.querySelectorAll('form[action$=\"/withdraw\"]').length";
    while let 1.. = me.js(count, Vec::new()).await.as_u64().unwrap() {
        me.press("Rút tài liệu này…").await;
        me.write("Lý do", "Nộp lại bản ký số.").await;
        me.follow("Rút").await;
    }
}

/// Gives a file as people do.
async fn upload(me: &Tab, demo: &Demo, name: &str, bytes: &[u8]) {
    let file = demo.folder.path().join(format!("{name}.pdf"));
    std::fs::write(&file, bytes).unwrap();
    // The page comes anew when all files are there, and says at once or a little later what they prove.
    me.turns(me.give("Thêm tệp", &file)).await;
    me.sees(&format!("{name}.pdf")).await;
}
