//! What was typed and could not be saved: it waits at the machine for whoever typed it, and goes over nobody else's values.

use crate::driver::{Demo, Driver};
use crate::journeys::{FOCAL, OFFICIAL};
use crate::tab::{Hand, Tab};

const TEAMS: &str = "Số thôn, xóm, tổ dân phố đã thành lập Tổ công nghệ số cộng đồng";
const BACK: &str = "Đã lấy lại điều bạn gõ dở trên máy này.";

/// Both journeys, at one machine and beside a second one.
pub async fn all(hand: Hand, width: u32) {
    let driver = Driver::start();
    let demo = Demo::start();
    let shared = driver.tab(&demo, hand, width).await;
    let other = driver.tab(&demo, hand, width).await;
    shared.enter(OFFICIAL).await;
    other.enter(FOCAL).await;
    shared.open("/work").await;
    let sheet = {
        let link = "return document.querySelector('a[href*=\"/entries/\"]').getAttribute('href')";
        let href = shared.js(link, Vec::new()).await;
        href.as_str().unwrap().split_once("/entries").unwrap().0.to_owned()
    };
    let entry = format!("{sheet}/entries/IV.1.2");
    newer_values_stay(&shared, &other, &entry).await;
    another_account_is_another_person(&shared, &other, &entry).await;
}

/// Types without a network in a tab of its own, and closes it: a page that is only left may save when the network is back.
async fn type_and_leave(me: &Tab, entry: &str, value: &str) {
    let stays = me.client.window().await.unwrap();
    let goes = me.client.new_window(true).await.unwrap();
    me.client.switch_to_window(goes.handle).await.unwrap();
    me.open(entry).await;
    me.network(false).await;
    me.write(TEAMS, value).await;
    me.sees("Mất mạng.").await;
    me.client.close_window().await.unwrap();
    me.client.switch_to_window(stays).await.unwrap();
}

/// A colleague saved meanwhile: both values are shown, and the colleague's stays until somebody chooses.
async fn newer_values_stay(me: &Tab, other: &Tab, entry: &str) {
    type_and_leave(me, entry, "21").await;
    other.open(entry).await;
    other.write(TEAMS, "31").await;
    other.sees("Đã lưu lúc").await;
    me.open(entry).await;
    me.sees("Có người vừa sửa chỉ số này").await;
    me.sees(&format!("{TEAMS} 21 31")).await;
    other.client.refresh().await.unwrap();
    assert_eq!(other.value(TEAMS).await, "31", "the newer value was overwritten");
    me.press("Giữ giá trị đang lưu").await;
    me.misses("Có người vừa sửa chỉ số này").await;
    assert_eq!(me.value(TEAMS).await, "31");
}

/// Somebody else signs in at the same machine: what the first one typed is neither shown nor saved, and waits.
async fn another_account_is_another_person(me: &Tab, other: &Tab, entry: &str) {
    type_and_leave(me, entry, "41").await;
    me.enter(FOCAL).await;
    me.open(entry).await;
    assert_eq!(me.value(TEAMS).await, "31", "another one's draft was filled in");
    // Longer than a save takes.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    me.misses(BACK).await;
    other.client.refresh().await.unwrap();
    assert_eq!(other.value(TEAMS).await, "31", "another one's draft was saved");
    me.enter(OFFICIAL).await;
    me.open(entry).await;
    me.sees("Đã lưu lúc").await;
    other.client.refresh().await.unwrap();
    assert_eq!(other.value(TEAMS).await, "41", "the draft was lost to its owner");
}
