//! Figures from files: a sheet of somebody's own is asked about, looked at and taken in; the next one like it is known.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::driver::{Demo, Driver};
use crate::journeys::OWNER;
use crate::tab::{Hand, Tab};

/// Where the units of the file stand in the province.
const UNIT: &str = "Xã Hòa Bình";
const OTHER: &str = "Xã Yên Bình";
/// What the column of numbers is.
const FIGURE: &str =
    "I.5.2 · Số tin, bài đã đăng trên chuyên mục “Chuyển đổi số” của Trang thông tin điện tử cấp xã trong năm";
/// As a person writes it: a title, a blank line, heads of their own, a name without its kind, a sum.
const FIRST: &str = "BÁO CÁO TIN BÀI NĂM 2023;;;\r\n\r\nTT;Nơi báo cáo;Bài đã đăng;Ghi chú\r\n1;Hoa Binh;9;\r\n\
                     2;Xã Yên Bình;15;đã đối chiếu\r\n;Tổng cộng;24;\r\n";
const NEXT: &str = "TT;Nơi báo cáo;Bài đã đăng;Ghi chú\r\n1;Xã Hòa Bình;11;\r\n";

/// The whole way, by one hand at one width.
pub async fn all(hand: Hand, width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let me = driver.tab(&demo, hand, width).await;
    me.enter(OWNER).await;
    me.sees("Tiến độ theo đơn vị và trụ cột").await;
    me.follow("Số liệu từ tệp").await;
    let page = me.path().await;
    let entry = the_first_is_asked_about(&me, file(&demo, "tin-bai.csv", FIRST)).await;
    me.open(&entry).await;
    me.sees("Nguồn: tin-bai.csv, C4").await;
    me.sees("4,50 / 6 điểm").await;
    me.open(&page).await;
    me.sees("đã nhập 2 số liệu").await;
    the_next_is_known(&me, file(&demo, "tin-bai-thang-sau.csv", NEXT)).await;
    me.open(&entry).await;
    me.sees("Nguồn: tin-bai-thang-sau.csv, C2").await;
    me.sees("5,50 / 6 điểm").await;
}

fn file(demo: &Demo, name: &str, words: &str) -> PathBuf {
    let path = demo.folder.path().join(name);
    std::fs::write(&path, format!("\u{feff}{words}")).unwrap();
    path
}

async fn upload(me: &Tab, file: &Path) {
    me.give("Tệp .xlsx, hoặc .csv mã UTF-8", file).await;
    me.follow("Xem trước").await;
}

/// Columns are named, a doubtful unit is answered, the preview is confirmed. Gives the address of the unit's entry.
async fn the_first_is_asked_about(me: &Tab, file: PathBuf) -> String {
    upload(me, &file).await;
    me.sees("Mỗi cột là gì?").await;
    me.sees("Hoa Binh · Xã Yên Bình · Tổng cộng").await;
    me.choose("TT", "– bỏ qua –").await;
    me.choose("Nơi báo cáo", "Tên đơn vị").await;
    me.choose("Bài đã đăng", FIGURE).await;
    me.choose("Ghi chú", "– bỏ qua –").await;
    me.follow("Nhớ và xem trước").await;

    me.sees("Còn chỗ có thể hiểu hai cách").await;
    let label = "Trong tệp ghi “Hoa Binh”. Đó là";
    let script = "const [label, name] = arguments;\
                  const field = [...document.querySelectorAll('label')].find((one) => one.textContent.trim() === label).control;\
                  return [...field.options].map((one) => one.label.trim()).find((one) => one.startsWith(name + ' ('))";
    let meant = me.js(script, vec![json!(label), json!(UNIT)]).await;
    // Left out first, so that the answer is one's own and not the proposal.
    me.choose(label, "– bỏ qua các hàng này –").await;
    me.choose(label, meant.as_str().unwrap_or_else(|| panic!("{UNIT} is not offered"))).await;
    assert_eq!(
        me.value("Trong tệp ghi “Tổng cộng”. Đó là").await,
        "0",
        "a sum is left out unless somebody says otherwise"
    );
    me.follow("Xem trước").await;

    me.sees("Xem trước, chưa ghi gì").await;
    me.sees("2 số liệu của 2 đơn vị sẽ đổi").await;
    me.sees("Bỏ qua các hàng của: Tổng cộng").await;
    me.sees("→ 4,50").await;
    for unit in [UNIT, OTHER] {
        me.sees(unit).await;
    }
    let script = "const unit = [...document.querySelectorAll('tr.grp')].find((one) => one.innerText.trim() === arguments[0]);\
                  return unit.nextElementSibling.querySelector('a').pathname";
    let entry = me.js(script, vec![json!(UNIT)]).await;
    me.follow("Xác nhận và ghi 2 số liệu").await;
    me.sees("đã nhập 2 số liệu").await;
    entry.as_str().unwrap_or_else(|| panic!("no entry of {UNIT}")).to_owned()
}

/// The same heads again: nothing is asked any more, what stands now is shown beside what comes.
async fn the_next_is_known(me: &Tab, file: PathBuf) {
    upload(me, &file).await;
    me.sees("Xem trước, chưa ghi gì").await;
    me.sees("1 số liệu của 1 đơn vị sẽ đổi").await;
    me.sees("4,50 → 5,50").await;
    me.follow("Xác nhận và ghi 1 số liệu").await;
    me.sees("đã nhập 1 số liệu").await;
}
