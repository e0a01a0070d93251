//! What people do in a year, each on the unit's or the province's side, as they would do it and read it.

use fantoccini::key::Key;

use crate::driver::{Demo, Driver};
use crate::tab::{Hand, Tab};

pub const OFFICIAL: &str = "Công chức Văn hóa – Xã hội, Xã Hòa Bình";
pub const FOCAL: &str = "Đầu mối chuyển đổi số, Xã Hòa Bình";
pub const HEAD: &str = "Chủ tịch UBND, Xã Hòa Bình";
pub const APPRAISER: &str = "Người thẩm định, Sở Thông tin và Truyền thông";
pub const LEADER: &str = "Lãnh đạo tỉnh";
pub const OWNER: &str = "Văn phòng Ban Chỉ đạo, chủ kỳ đánh giá";

const HUE_S: &str = "Tỉ lệ người dân trên địa bàn có cài đặt Hue-S";
const INSTALLED: &str = "Số người dân trên địa bàn có cài đặt Hue-S";
const TEAMS: &str = "Số thôn, xóm, tổ dân phố đã thành lập Tổ công nghệ số cộng đồng";

/// A small file that is a PDF as far as anybody looks.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

/// Everything, in the order of a year, by one hand at one width.
pub async fn all(hand: Hand, width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let official = driver.tab(&demo, hand, width).await;
    let focal = driver.tab(&demo, hand, width).await;
    official.enter(OFFICIAL).await;
    focal.enter(FOCAL).await;
    let sheet = fill_in(&official).await;
    evidence(&official, &demo).await;
    comment(&official).await;
    two_at_once(&official, &focal, &sheet).await;
    table(&focal, &sheet).await;
    language_and_search(&official).await;
    assign_and_send_back(&focal, &official, &sheet).await;
    review(&focal, &sheet).await;
    sign_off_and_open_again(&focal, &official, &sheet).await;
}

/// My work, an entry, a figure: the points follow the typing, the server keeps it. Gives the sheet's address.
async fn fill_in(me: &Tab) -> String {
    me.sees("chỉ số của bạn còn phải làm").await;
    me.press(HUE_S).await;
    me.arrives("/entries/VIII.1.2").await;
    me.sees("– / 10 điểm").await;
    let people = denominator(&me.text().await);
    me.write(INSTALLED, "khoảng một nửa").await;
    me.sees("chưa có điểm").await;
    me.sees("Đã lưu lúc").await;
    // Kept as typed, but not completed so; the page says why.
    me.press("Xong chỉ số này").await;
    me.sees("Chưa thể đánh dấu đã xong").await;
    assert!(me.client.title().await.unwrap().starts_with("Lỗi: "), "the title does not tell of the error");
    assert_eq!(me.value(INSTALLED).await, "khoảng một nửa");
    me.write(INSTALLED, &people).await;
    me.sees("10,00 / 10 điểm").await;
    me.sees("Đã lưu lúc").await;
    me.client.refresh().await.unwrap();
    assert_eq!(me.value(INSTALLED).await, people, "the figure is lost");
    me.sees("10,00 / 10 điểm").await;
    me.path().await.split_once("/entries").unwrap().0.to_owned()
}

/// How many people have a smartphone, as the page gives it from the unit's profile.
fn denominator(text: &str) -> String {
    let label = "Số người dân trên địa bàn có điện thoại thông minh ";
    let after = text.split(label).nth(1).unwrap_or_else(|| panic!("no {label}in {text}"));
    after.split(' ').next().unwrap().to_owned()
}

async fn evidence(me: &Tab, demo: &Demo) {
    let folder = demo.folder.path();
    let program = folder.join("chương trình.exe");
    std::fs::write(&program, b"MZ\x90\x00 not a document").unwrap();
    me.field("Thêm tệp").await.send_keys(&program.display().to_string()).await.unwrap();
    me.sees("chương trình.exe").await;
    me.sees("không phải loại tệp dùng làm bằng chứng").await;
    let report = folder.join("Báo cáo ký số (phép thử).pdf");
    std::fs::write(&report, PDF).unwrap();
    me.field("Thêm tệp").await.send_keys(&report.display().to_string()).await.unwrap();
    me.sees("Đang có 1 trên ít nhất 1").await;
    me.sees("Báo cáo ký số (phép thử).pdf").await;
    me.press("Xong chỉ số này").await;
    me.sees("Đã đánh dấu xong.").await;
    me.open("/work").await;
    me.sees("chỉ số của bạn còn phải làm").await;
    me.misses(HUE_S).await;
}

async fn comment(me: &Tab) {
    me.client.back().await.unwrap();
    me.write("Viết ý kiến", "Đã đối chiếu với danh sách của Hue-S.").await;
    me.press("Gửi ý kiến").await;
    me.sees("Đã đối chiếu với danh sách của Hue-S.").await;
    me.arrives("/entries/VIII.1.2#y-kien").await;
}

/// Two people at one entry: whoever saves later is shown both values and chooses.
async fn two_at_once(me: &Tab, other: &Tab, sheet: &str) {
    let entry = format!("{sheet}/entries/IV.1.2");
    me.open(&entry).await;
    other.open(&entry).await;
    me.write(TEAMS, "11").await;
    me.sees("Đã lưu lúc").await;
    other.write(TEAMS, "12").await;
    other.sees("Có người vừa sửa chỉ số này: ").await;
    other.sees("VH-XH").await;
    other.sees(&format!("{TEAMS} 12 11")).await;
    other.press("Lưu giá trị của tôi").await;
    other.sees("Đã lưu lúc").await;
    me.client.refresh().await.unwrap();
    assert_eq!(me.value(TEAMS).await, "12");
}

async fn table(me: &Tab, sheet: &str) {
    me.open(sheet).await;
    me.press("Nhập dạng bảng Hoạt động xã hội số").await;
    me.arrives("/table/VIII").await;
    let now = "const [one] = document.activeElement.labels || []; return one ? one.textContent : ''";
    let identity = "Số người dân trên địa bàn được cấp danh tính số/tài khoản định danh điện tử";
    let first = me.field(identity).await;
    me.go(&first).await;
    first.click().await.unwrap();
    me.keys(&*Key::Down).await;
    assert_eq!(me.js(now, Vec::new()).await, INSTALLED, "the arrow does not go down");
    me.keys(&*Key::Up).await;
    assert_eq!(me.js(now, Vec::new()).await, identity, "the arrow does not go up");
    me.keys(&*Key::Enter).await;
    assert_eq!(me.js(now, Vec::new()).await, INSTALLED, "Enter does not go down");
    // Two cells under each other, as a spreadsheet puts them on the clipboard.
    me.js(
        "const data = new DataTransfer(); data.setData('text', arguments[0]);\
         document.activeElement.dispatchEvent(\
           new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))",
        vec!["1.234\r\n2.345\r\n".into()],
    )
    .await;
    let wallet = "Số người từ 15 tuổi trở lên trên địa bàn có cài ví điện tử trên Hue-S";
    assert_eq!((me.value(INSTALLED).await.as_str(), me.value(wallet).await.as_str()), ("1.234", "2.345"));
    me.press("Lưu cả bảng").await;
    me.sees("Đã lưu; 2 giá trị thay đổi").await;
    assert_eq!((me.value(INSTALLED).await.as_str(), me.value(wallet).await.as_str()), ("1.234", "2.345"));
}

async fn language_and_search(me: &Tab) {
    me.open("/work").await;
    me.press("English").await;
    me.speaks("en").await;
    me.sees("criteria are open").await;
    me.press("Tiếng Việt").await;
    me.sees("còn phải làm").await;
    me.write("Tìm chỉ số, đơn vị", "hoa binh").await;
    me.keys(&*Key::Enter).await;
    me.sees("Tìm: hoa binh").await;
    me.press("Xã Hòa Bình").await;
    me.sees("Phiếu đánh giá").await;
    me.write("Tìm chỉ số, đơn vị", "I.5.2").await;
    me.keys(&*Key::Enter).await;
    me.arrives("/entries/I.5.2").await;
    me.sees("Chỉ số I.5.2").await;
}

async fn assign_and_send_back(focal: &Tab, official: &Tab, sheet: &str) {
    focal.open("/work").await;
    focal.press("Phân công").await;
    focal.choose("I.1.1 TC-KT", "P").await;
    focal.press("Lưu phân công").await;
    focal.sees("Đã lưu; 1 chỗ phân công thay đổi.").await;
    assert_eq!(focal.value("I.1.1 TC-KT").await, "coordinating");
    focal.open(&format!("{sheet}/entries/VIII.5.1")).await;
    focal.press("Xong chỉ số này").await;
    focal.sees("Đã đánh dấu xong.").await;
    focal.press("Trả lại chỉ số này").await;
    focal.write("Lý do trả lại", "Thiếu xác nhận của công an xã.").await;
    focal.press("Trả lại").await;
    focal.sees("Bị trả lại").await;
    official.open("/work").await;
    official.sees("Bị trả lại: Thiếu xác nhận của công an xã.").await;
}

async fn review(me: &Tab, sheet: &str) {
    me.press("Rà soát").await;
    me.arrives(&format!("{sheet}/reviews")).await;
    me.sees("Chưa có đợt rà soát nào.").await;
    me.write("Kết luận, việc cần làm", "Tập trung chữ ký số trước 25/10.").await;
    me.press("Chốt đợt rà soát").await;
    me.sees("Tập trung chữ ký số trước 25/10.").await;
    me.sees("chỉ số còn chậm").await;
    me.misses("Chưa có đợt rà soát nào.").await;
}

/// The head signs off, nobody can write any more; the round's owner watches, gives time and opens it again.
async fn sign_off_and_open_again(me: &Tab, official: &Tab, sheet: &str) {
    me.enter(HEAD).await;
    me.open(sheet).await;
    me.press("Kiểm tra và nộp").await;
    me.sees("nên xem lại trước khi ký nộp").await;
    me.tick("Tôi đã xem những chỗ thiếu, nghi ngờ và trễ ở trên").await;
    me.press("Ký nộp phiếu đánh giá").await;
    me.arrives("/receipt").await;
    me.sees("Số biên nhận").await;
    me.sees("Xã Hòa Bình đã nộp phiếu đánh giá").await;
    official.open(&format!("{sheet}/entries/IV.1.2")).await;
    official.sees("Phiếu đã nộp và đã khóa").await;
    official.misses("Xong chỉ số này").await;

    me.enter(OWNER).await;
    me.sees("Tiến độ theo đơn vị và trụ cột").await;
    me.sees("Xã Tân Bình").await;
    me.write("Tên đơn vị", "hoa binh").await;
    me.choose("Chỉ xem", "đã nộp").await;
    me.press("Lọc").await;
    me.misses("Xã Tân Bình").await;
    me.sees("1 trên 141 đơn vị").await;
    me.press("Thiết lập kỳ").await;
    me.write("Mã đơn vị được gia hạn", "M1-002").await;
    me.write("Đến hết ngày", "10/11/2023").await;
    let reason = me.client.find(fantoccini::Locator::Id("extend-reason")).await.unwrap();
    reason.send_keys("Bão số 5, mất điện ba ngày").await.unwrap();
    me.press("Gia hạn").await;
    me.sees("Bão số 5, mất điện ba ngày").await;
    me.open(sheet).await;
    me.press("Mở lại phiếu đã nộp").await;
    me.write("Lý do", "Bổ sung số liệu của Sở").await;
    me.press("Mở lại phiếu").await;
    me.misses("Mở lại phiếu đã nộp").await;
    official.client.refresh().await.unwrap();
    official.sees("Xong chỉ số này").await;
}
