//! The pictures of the tour: taken when REGEN is set, and always held to be there, small and in use.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::driver::{Demo, Driver};
use crate::journeys::{APPRAISER, FOCAL, HEAD, LEADER, OFFICIAL, OWNER, PDF};
use crate::tab::{Hand, Tab};

/// Largest picture, in bytes.
const PICTURE_MAX: u64 = 150_000;
/// All of them.
const PICTURES_MAX: u64 = 3_000_000;
/// The widths of the pictures.
const DESK: u32 = 1200;
const PHONE: u32 = 390;

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// The tours, and the pictures that they show.
#[test]
fn the_tours_show_every_picture_and_no_picture_is_heavy() {
    let mut shown = BTreeSet::new();
    for page in ["tour.md", "tour.en.md"] {
        let text = std::fs::read_to_string(docs().join(page)).unwrap();
        for picture in text.split("](pictures/").skip(1) {
            shown.insert(picture.split(')').next().unwrap().to_owned());
        }
    }
    let mut kept = BTreeSet::new();
    let mut total = 0;
    for entry in std::fs::read_dir(docs().join("pictures")).unwrap() {
        let entry = entry.unwrap();
        let size = entry.metadata().unwrap().len();
        let name = entry.file_name().into_string().unwrap();
        assert!(size < PICTURE_MAX, "{name} has {size} bytes");
        total += size;
        kept.insert(name);
    }
    assert_eq!(shown, kept, "pictures shown by the tours, and pictures kept");
    assert!(total < PICTURES_MAX, "{total} bytes of pictures");
}

struct Camera<'a> {
    tab: &'a Tab,
    suffix: &'static str,
}

impl Camera<'_> {
    /// Takes a picture with this part of the page at the top.
    async fn take(&self, name: &str, top: &str) {
        self.tab
            .js(
                "document.activeElement.blur();\
                 const place = arguments[0] && document.querySelector(arguments[0]);\
                 scrollTo(0, place ? place.getBoundingClientRect().top + scrollY - 12 : 0)",
                vec![top.into()],
            )
            .await;
        // One language is enough for the pages of tables; it keeps the repository small.
        let again = ["07", "08", "09", "10", "11", "13", "15", "16", "17", "18", "20"];
        if !self.suffix.is_empty() && again.contains(&&name[..2]) {
            return;
        }
        let file = docs().join("pictures").join(format!("{name}{}.png", self.suffix));
        std::fs::write(file, self.tab.picture().await).unwrap();
    }
}

/// Walks the whole cycle and takes the pictures.
pub async fn pictures() {
    if std::env::var_os("REGEN").is_none() {
        return;
    }
    std::fs::create_dir_all(docs().join("pictures")).unwrap();
    let driver = Driver::start();
    for english in [false, true] {
        let demo = Demo::start();
        let tab = driver.tab(&demo, Hand::Mouse, DESK).await;
        walk(&tab, &demo, english).await;
    }
}

async fn walk(tab: &Tab, demo: &Demo, english: bool) {
    let camera = Camera { tab, suffix: if english { ".en" } else { "" } };
    tab.open("/").await;
    if english {
        tab.press("English").await;
        tab.speaks("en").await;
    }
    camera.take("01-roles", "").await;
    enter(tab, OFFICIAL, english).await;
    camera.take("02-my-work", "").await;
    let sheet = tab.js("return document.querySelector('a[href*=\"/entries/\"]').pathname", Vec::new()).await;
    let sheet = sheet.as_str().unwrap().split("/entries").next().unwrap().to_owned();
    let entry = format!("{sheet}/entries/VIII.1.2");
    tab.open(&entry).await;
    tab.write("Số người dân trên địa bàn có cài đặt Hue-S", "1850").await;
    tab.sees(if english { "Saved " } else { "Đã lưu lúc" }).await;
    camera.take("03-entry", "").await;
    let report = demo.folder.path().join("Báo cáo Hue-S quý III (mẫu).pdf");
    std::fs::write(&report, PDF).unwrap();
    tab.field(if english { "Add files" } else { "Thêm tệp" })
        .await
        .send_keys(&report.display().to_string())
        .await
        .unwrap();
    tab.sees(if english { "Withdraw this" } else { "Rút tài liệu này" }).await;
    camera.take("04-evidence", "#tai-lieu").await;
    tab.press(if english { "This indicator is completed" } else { "Xong chỉ số này" }).await;
    tab.sees(if english { "Marked as completed." } else { "Đã đánh dấu xong." }).await;
    tab.resize(PHONE).await;
    tab.open("/work").await;
    camera.take("05-phone-my-work", "").await;
    tab.open(&format!("{sheet}/entries/VIII.5.1")).await;
    camera.take("06-phone-entry", "").await;
    tab.resize(DESK).await;

    enter(tab, FOCAL, english).await;
    tab.open(&sheet).await;
    camera.take("07-sheet", "").await;
    tab.open(&format!("{sheet}/table/VIII")).await;
    camera.take("08-table", "").await;
    tab.open(&format!("{sheet}/assign")).await;
    camera.take("09-assignment", "").await;

    enter(tab, HEAD, english).await;
    tab.open(&format!("{sheet}/submit")).await;
    camera.take("10-check", "").await;
    tab.tick(if english { "I have seen what is missing…" } else { "Tôi đã xem những chỗ thiếu…" }).await;
    tab.press(if english { "Sign off the sheet" } else { "Ký nộp phiếu đánh giá" }).await;
    tab.arrives("/receipt").await;
    camera.take("11-receipt", "").await;

    enter(tab, OWNER, english).await;
    camera.take("12-monitor", "").await;
    province(tab, &camera, &sheet, english).await;
}

/// From appraising to the public ranking.
async fn province(tab: &Tab, camera: &Camera<'_>, sheet: &str, english: bool) {
    let round = tab.path().await;
    tab.next_phase().await;
    enter(tab, APPRAISER, english).await;
    tab.open("/appraise").await;
    camera.take("13-queue", "").await;
    follow(tab, "main .list a.name").await;
    camera.take("14-appraise", "").await;

    tab.next_phase().await;
    enter(tab, HEAD, english).await;
    tab.open(sheet).await;
    camera.take("15-three-columns", "").await;

    tab.next_phase().await;
    enter(tab, OWNER, english).await;
    tab.open(&format!("{round}/decide")).await;
    camera.take("16-decide", "").await;

    tab.next_phase().await;
    enter(tab, LEADER, english).await;
    tab.open(&format!("{round}/insights")).await;
    camera.take("17-insights", "").await;
    tab.open("/ranking").await;
    follow(tab, "main .list a.name").await;
    camera.take("18-ranking", "").await;
    follow(tab, "main a[href$=heatmap]").await;
    camera.take("20-heatmap", "").await;
    follow(tab, ".heat tbody th a").await;
    camera.take("19-profile", "").await;
}

/// Opens the first link that fits.
pub async fn follow(tab: &Tab, selector: &str) {
    let script = "const link = document.querySelector(arguments[0]); return link && link.pathname + link.search";
    let path = tab.js(script, vec![selector.into()]).await;
    let path = path.as_str().unwrap_or_else(|| panic!("no {selector}")).to_owned();
    tab.open(&path).await;
}

/// Enters in a role, in the language of the tour.
async fn enter(tab: &Tab, role: &str, english: bool) {
    tab.open("/").await;
    if tab.language().await == "en" {
        tab.press("Tiếng Việt").await;
        tab.speaks("vi").await;
    }
    tab.enter(role).await;
    if english {
        tab.press("English").await;
        tab.speaks("en").await;
    }
}
