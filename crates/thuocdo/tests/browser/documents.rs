//! Papers out and in: an assignment letter is issued, signed by other hands and brought back; a decision becomes a draft, is
//! put right and becomes a set.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::driver::{Demo, Driver};
use crate::journeys::{FOCAL, OWNER};
use crate::tab::{Hand, Tab};

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
    me.press("Phân công").await;
    me.press("Phát hành để ký").await;
    me.sees("Văn bản giao nhiệm vụ").await;
    me.write("Số, ký hiệu", "12/UBND-VHXH").await;
    me.press("Phát hành bản PDF để ký").await;
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
    me.field("Nộp lại bản đã ký").await.send_keys(&signed.display().to_string()).await.unwrap();
    me.press("Nộp lại").await;
    me.sees("Đúng bản đã phát hành, chỉ thêm chữ ký").await;
    me.sees("Trần Bình Mẫu, Chủ tịch UBND").await;
    assert_eq!(me.path().await, page);
    me.press("Phân công của Xã Hòa Bình").await;
    me.arrives("/assign").await;
    me.sees("Đã có bản ký").await;
}

async fn a_decision_becomes_a_set(me: &Tab) {
    me.open("/sets/import").await;
    let decision = concat!(env!("CARGO_MANIFEST_DIR"), "/../../criteria/hue-2263-2023-commune/source/annex3.txt");
    let decision = std::fs::canonicalize(decision).unwrap();
    let field = me.field("Quyết định, kế hoạch hoặc phụ lục có bảng tiêu chí").await;
    field.send_keys(&decision.display().to_string()).await.unwrap();
    me.press("Nhập thành bản nháp").await;
    me.sees("Văn bản như đã nhận").await;
    let draft = me.path().await;
    // Put right: an indicator that the document does not have is added by hand, given points, and taken away again.
    me.open(&format!("{draft}/shape?at=indicator:I.1.1")).await;
    me.write("Số như in", "1.9").await;
    me.write("Điểm tối đa", "mười").await;
    me.write("Tên như in", "Chỉ số thử").await;
    me.press("Thêm").await;
    me.sees("Điểm là một số, ví dụ 10 hoặc 2,5").await;
    me.write("Điểm tối đa", "5").await;
    me.press("Thêm").await;
    me.sees("Đã lưu.").await;
    me.sees("Chỉ số thử").await;
    me.open(&format!("{draft}/shape?at=indicator:I.1.9")).await;
    me.press("Bỏ khỏi bản nháp").await;
    me.sees("Đã lưu.").await;
    me.misses("Chỉ số thử").await;
    me.open(&format!("{draft}/head")).await;
    me.write("Mã, ví dụ 12-2025-commune", "phep-thu-2024-commune").await;
    me.write("Tên bộ chỉ số", "Bộ chỉ số của phép thử").await;
    me.press("Lưu").await;
    me.sees("Đã lưu.").await;
    me.press("Dùng làm bộ chỉ số").await;
    me.arrives("/sets/phep-thu-2024-commune").await;
    me.sees("bản nháp đã nhập").await;
}
