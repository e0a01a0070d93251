//! The pages in a real Chromium: what people do, by keyboard and by mouse, on a phone and on a desk; what axe-core
//! finds; and the pictures of the tour.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "browser/access.rs"]
mod access;
#[path = "browser/documents.rs"]
mod documents_in_and_out;
#[path = "browser/drafts.rs"]
mod drafts;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/evidence.rs"]
mod evidence;
#[path = "browser/figures.rs"]
mod figures;
#[path = "browser/journeys.rs"]
mod journeys;
#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod making;
#[path = "browser/province.rs"]
mod province;
#[path = "browser/tab.rs"]
mod tab;
#[path = "browser/tour.rs"]
mod tour;

use tab::Hand;

const PHONE: u32 = 360;
const DESK: u32 = 1440;

#[tokio::test]
async fn a_year_by_keyboard_on_a_desk() {
    journeys::all(Hand::Keys, DESK).await;
}

#[tokio::test]
async fn a_year_by_mouse_on_a_desk() {
    journeys::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn a_year_by_keyboard_on_a_phone() {
    journeys::all(Hand::Keys, PHONE).await;
}

#[tokio::test]
async fn a_year_by_touch_on_a_phone() {
    journeys::all(Hand::Mouse, PHONE).await;
}

#[test]
fn every_page_is_looked_at_or_excused() {
    access::every_page_is_named();
}

#[tokio::test]
async fn the_provinces_side_by_keyboard_on_a_phone() {
    province::all(Hand::Keys, PHONE).await;
}

#[tokio::test]
async fn the_provinces_side_by_mouse_on_a_desk() {
    province::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn evidence_that_proves_itself_by_keyboard_on_a_desk() {
    evidence::all(Hand::Keys, DESK).await;
}

#[tokio::test]
async fn evidence_that_proves_itself_by_mouse_on_a_desk() {
    evidence::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn evidence_that_proves_itself_by_touch_on_a_phone() {
    evidence::all(Hand::Mouse, PHONE).await;
}

#[tokio::test]
async fn papers_out_and_in_by_keyboard_on_a_phone() {
    documents_in_and_out::all(Hand::Keys, PHONE).await;
}

#[tokio::test]
async fn papers_out_and_in_by_mouse_on_a_desk() {
    documents_in_and_out::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn papers_out_and_in_by_touch_on_a_phone() {
    documents_in_and_out::all(Hand::Mouse, PHONE).await;
}

#[tokio::test]
async fn figures_from_files_by_keyboard_on_a_desk() {
    figures::all(Hand::Keys, DESK).await;
}

#[tokio::test]
async fn figures_from_files_by_keyboard_on_a_phone() {
    figures::all(Hand::Keys, PHONE).await;
}

#[tokio::test]
async fn figures_from_files_by_mouse_on_a_desk() {
    figures::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn figures_from_files_by_touch_on_a_phone() {
    figures::all(Hand::Mouse, PHONE).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_on_a_phone() {
    access::all(PHONE).await;
}

#[tokio::test]
async fn every_page_is_for_everybody_on_a_desk() {
    access::all(DESK).await;
}

#[tokio::test]
async fn what_was_typed_without_a_network_goes_over_nobody_elses() {
    drafts::all(Hand::Mouse, DESK).await;
}

#[tokio::test]
async fn the_look_at_pages_finds_what_is_wrong() {
    access::finds_what_is_wrong().await;
}

#[tokio::test]
async fn the_tour_has_its_pictures() {
    tour::pictures().await;
}
