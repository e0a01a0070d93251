//! Papers out and in: an assignment letter is issued, signed by other hands and brought back; a decision becomes a draft, is
//! put right and becomes a set, and a round is opened with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::driver::{Demo, Driver};
use crate::journeys::{FOCAL, OWNER};
use crate::tab::{Hand, Tab};

/// An indicator of the decision whose rule is put right, and one that the import was in doubt about.
const INDICATOR: &str = "I.1.1";
const DOUBTFUL: &str = "I.7.1";
/// The rule as a person puts it: the program asked with the words of a spoiled copy.
const RULE: &str = r#"[indicator.rule]
kind = "choice"
asks = "Ai là Trưởng Ban chỉ đạo?"
options = [
  { id = "head", label = "Người đứng đầu", share = "100%" },
  { id = "deputy", label = "Cấp phó", share = "50%" },
  { id = "none", label = "Chưa thành lập", share = "0%" },
]
"#;
const SET: &str = "phep-thu-2024-commune";
const ROUND: &str = "Kỳ đánh giá thử nghiệm 2024";
const UNIT: &str = "Xã Hòa Bình";

/// Both journeys, by one hand at one width.
pub async fn all(hand: Hand, width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let focal = driver.tab(&demo, hand, width).await;
    focal.enter(FOCAL).await;
    a_signed_letter_comes_back(&focal, &demo).await;
    let owner = driver.tab(&demo, hand, width).await;
    owner.enter(OWNER).await;
    a_decision_becomes_a_set(&owner).await;
    let sheet = the_set_opens_a_round(&owner).await;
    focal.open(&format!("{sheet}/entries/{INDICATOR}")).await;
    focal.tick("Ai là Trưởng Ban chỉ đạo? Cấp phó").await;
    focal.sees("5,00 / 10 điểm").await;
    focal.sees("Đã lưu lúc").await;
}

/// The newest file of the demonstration that carries a paper's mark.
fn issued(folder: &Path) -> PathBuf {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if documents::issued::Mark::find(&std::fs::read(&path).unwrap_or_default()).is_some() {
                found.push((path.metadata().unwrap().modified().unwrap(), path));
            }
        }
    }
    found.into_iter().max().unwrap_or_else(|| panic!("no paper was issued")).1
}

async fn a_signed_letter_comes_back(me: &Tab, demo: &Demo) {
    me.open("/work").await;
    me.follow("Phân công").await;
    me.follow("Phát hành để ký").await;
    me.sees("Văn bản giao nhiệm vụ").await;
    me.write("Số, ký hiệu", "12/UBND-VHXH").await;
    me.follow("Phát hành bản PDF để ký").await;
    me.sees("Chờ bản ký").await;
    let page = me.path().await;
    let folder = demo.folder.path();
    let signed = folder.join("cong-van-da-ky.pdf");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let status = Command::new(format!("{root}/.venv/bin/python"))
        .arg(format!("{root}/crates/web/tests/peers/sign.py"))
        .args([issued(&folder.join("data")), signed.clone()])
        .status();
    assert!(status.unwrap_or_else(|error| panic!("{error}; ./test installs the signer")).success());
    me.give("Nộp lại bản đã ký", &signed).await;
    me.follow("Nộp lại").await;
    me.sees("Đúng bản đã phát hành, chỉ thêm chữ ký").await;
    me.sees("Trần Bình Mẫu, Chủ tịch UBND").await;
    assert_eq!(me.path().await, page);
    me.follow(&format!("Phân công của {UNIT}")).await;
    me.arrives("/assign").await;
    me.sees("Đã có bản ký").await;
}

async fn a_decision_becomes_a_set(me: &Tab) {
    me.open("/sets/import").await;
    let decision = concat!(env!("CARGO_MANIFEST_DIR"), "/../../criteria/hue-2263-2023-commune/source/annex3.txt");
    let decision = std::fs::canonicalize(decision).unwrap();
    me.give("Quyết định, kế hoạch hoặc phụ lục có bảng tiêu chí", &decision).await;
    me.follow("Nhập thành bản nháp").await;
    me.sees("Văn bản như đã nhận").await;
    let draft = me.path().await;
    // Put right: a rule, beside the document's own line.
    me.open(&format!("{draft}/{INDICATOR}")).await;
    me.sees("Cách tính dựa vào: Người đứng đầu đơn vị làm Trưởng Ban chỉ đạo thì đạt 100% tiêu chí").await;
    me.write("Số liệu và cách tính, dạng TOML", &RULE.replace("choice", "choose")).await;
    me.follow("Lưu").await;
    me.sees("Chưa lưu được").await;
    me.write("Số liệu và cách tính, dạng TOML", RULE).await;
    me.follow("Lưu").await;
    me.sees("Đã lưu.").await;
    me.sees("Ai là Trưởng Ban chỉ đạo?").await;
    // What was guessed is read again, and is in doubt no more.
    me.open(&format!("{draft}/{DOUBTFUL}")).await;
    me.sees("văn bản không nói khi chưa đủ số thì tính thế nào").await;
    me.tick("Tôi đã đọc lại với văn bản, không còn nghi vấn").await;
    me.follow("Lưu").await;
    me.sees("Đã lưu.").await;
    me.open(&draft).await;
    me.sees("Còn nghi vấn 17").await;
    // An indicator that the document does not have is added by hand, given points, and taken away again.
    me.open(&format!("{draft}/shape?at=indicator:{INDICATOR}")).await;
    me.write("Số như in", "1.9").await;
    me.write("Điểm tối đa", "mười").await;
    me.write("Tên như in", "Chỉ số thử").await;
    me.follow("Thêm").await;
    me.sees("Điểm là một số, ví dụ 10 hoặc 2,5").await;
    me.write("Điểm tối đa", "5").await;
    me.follow("Thêm").await;
    me.sees("Đã lưu.").await;
    me.sees("Chỉ số thử").await;
    me.open(&format!("{draft}/shape?at=indicator:I.1.9")).await;
    me.follow("Bỏ khỏi bản nháp").await;
    me.sees("Đã lưu.").await;
    me.misses("Chỉ số thử").await;
    me.open(&format!("{draft}/head")).await;
    me.write("Mã, ví dụ 12-2025-commune", SET).await;
    me.write("Tên bộ chỉ số", "Bộ chỉ số của phép thử").await;
    me.follow("Lưu").await;
    me.sees("Đã lưu.").await;
    me.follow("Dùng làm bộ chỉ số").await;
    me.arrives(&format!("/sets/{SET}")).await;
    me.sees("bản nháp đã nhập").await;
}

/// The adopted set is chosen for the communes, looked at, and the round goes on to collecting. Gives the address of a unit's
/// sheet in it.
async fn the_set_opens_a_round(me: &Tab) -> String {
    me.open("/rounds").await;
    me.follow("Lập kỳ mới").await;
    me.arrives("/rounds/new").await;
    me.write("Tên kỳ", ROUND).await;
    me.choose("Xã, phường…", "Quyết định 2263/QĐ-UBND, 2023: Bộ chỉ số của phép thử").await;
    me.choose("Sở, ban, ngành…", "không đánh giá cấp này").await;
    me.follow("Xem trước").await;
    me.sees("Xem trước, chưa ghi gì").await;
    me.sees("Bộ chỉ số của phép thử").await;
    me.follow("Lập kỳ này").await;
    me.sees(ROUND).await;
    let path = me.path().await;
    let round = path.split("/settings").next().unwrap().to_owned();
    me.choose("Chuyển sang", "Thu thập").await;
    me.follow("Chuyển giai đoạn").await;
    me.sees("Đã ghi vào nhật ký của kỳ.").await;
    me.open(&round).await;
    me.write("Tên đơn vị", "hoa binh").await;
    me.follow("Lọc").await;
    me.sees("1 trên 141 đơn vị").await;
    me.follow(UNIT).await;
    me.sees(ROUND).await;
    me.path().await
}
