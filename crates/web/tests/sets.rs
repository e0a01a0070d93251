//! Criteria sets in the browser: from a document to a draft, put right, adopted, and a round opened with it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[allow(dead_code, reason = "each file of tests uses its own part of what is shared")]
mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use common::{Pages, world};
use web::sandbox::Sandbox;
use web::{App, Library};

const OWNER: &str = "bcd@t.example";
const STRANGER: &str = "vp-tk@a.example";

/// A made-up decision: two pillars with a group each, three indicators.
const ROWS: [[&str; 6]; 8] = [
    ["STT", "Chỉ số", "Điểm tối đa", "Thời gian hoàn thành", "Hướng dẫn thực hiện", "Tài liệu kiểm chứng"],
    ["I", "Nhận thức số", "20", "", "", ""],
    ["1", "Chỉ đạo, điều hành", "20", "", "", ""],
    [
        "1.1",
        "Ban hành kế hoạch chuyển đổi số của xã",
        "10",
        "31/3",
        "1. Nội dung thực hiện: Xã ban hành kế hoạch. 2. Điều kiện đảm bảo: Đã ban hành: 10 điểm; chưa ban hành: 0 điểm",
        "Kế hoạch có ký số",
    ],
    [
        "1.2",
        "Tin, bài tuyên truyền",
        "10",
        "31/10",
        "1. Nội dung thực hiện: Đăng tin, bài. 2. Điều kiện đảm bảo: Mỗi tin, bài được 1 điểm, tối đa 10 điểm",
        "Đường dẫn các tin, bài",
    ],
    ["II", "Hạ tầng số", "10", "", "", ""],
    ["1", "Trang thiết bị", "10", "", "", ""],
    [
        "1.1",
        "Máy tính của cán bộ, công chức",
        "10",
        "30/6",
        "1. Nội dung thực hiện: Trang bị máy tính. 2. Điều kiện đảm bảo: Điểm = tỷ lệ cán bộ có máy tính * 10 điểm",
        "Báo cáo",
    ],
];

const TITLE: [&str; 2] = [
    "BỘ CHỈ SỐ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ",
    "(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05/3/2025 của Ủy ban nhân dân tỉnh Mẫu)",
];

fn as_text() -> Vec<u8> {
    let rows: Vec<String> = ROWS.iter().map(|row| row.join("\t")).collect();
    format!("{}\n{}\n", TITLE.join("\n"), rows.join("\n")).into_bytes()
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The same decision as a Word document.
fn as_docx() -> Vec<u8> {
    let words = |text: &str| format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>");
    let row = |row: &[&str; 6]| {
        let cells: String = row.iter().map(|cell| format!("<w:tc>{}</w:tc>", words(cell))).collect();
        format!("<w:tr>{cells}</w:tr>")
    };
    let (prose, rows): (String, String) = (TITLE.map(words).concat(), ROWS.iter().map(row).collect());
    let xml = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{prose}<w:tbl>\
         {rows}</w:tbl></w:body></w:document>"
    );
    packed(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", xml.as_bytes())])
}

fn plain(coded: &str) -> String {
    let letters = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    letters.iter().fold(coded.to_owned(), |text, (coded, letter)| text.replace(coded, letter))
}

/// What stands in the fields of the page's last form, as a browser would send it.
fn fields(page: &str) -> BTreeMap<String, String> {
    let main = page.split("</main>").next().unwrap();
    let form = main.rsplit("<form method=\"post\"").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        let from = format!(" {name}=\"");
        tag.split_once(&from).map(|(_, rest)| plain(rest.split('"').next().unwrap()))
    };
    let mut found = BTreeMap::new();
    for piece in form.split("<input").skip(1) {
        let tag = piece.split('>').next().unwrap();
        if tag.contains("type=\"checkbox\"") && !tag.contains(" checked") {
            continue;
        }
        found.insert(attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap_or_default());
    }
    for piece in form.split("<textarea").skip(1) {
        let (tag, rest) = piece.split_once(">\n").unwrap();
        found.insert(attribute(tag, "name").unwrap(), plain(rest.split("</textarea>").next().unwrap()));
    }
    for piece in form.split("<select").skip(1) {
        let tag = piece.split('>').next().unwrap();
        let chosen = piece.split("<option").find(|option| option.contains(" selected"));
        found.insert(
            attribute(tag, "name").unwrap(),
            attribute(chosen.unwrap_or_default(), "value").unwrap_or_default(),
        );
    }
    found
}

fn encoded(fields: &BTreeMap<String, String>) -> String {
    let code = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            write!(out, "%{byte:02X}").unwrap();
            out
        })
    };
    fields.iter().map(|(name, value)| format!("{}={}", code(name), code(value))).collect::<Vec<_>>().join("&")
}

fn with(fields: &BTreeMap<String, String>, changes: &[(&str, &str)]) -> String {
    let mut fields = fields.clone();
    for (name, value) in changes {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    encoded(&fields)
}

async fn drafted(pages: &Pages, cookie: &str) -> String {
    let answer = pages.upload(cookie, "/sets/import", &[("qd12.docx", &as_docx())]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_becomes_a_draft_beside_its_text() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OWNER).await;
    for (name, bytes) in [("qd12.docx", as_docx()), ("qd12.tsv", as_text())] {
        let answer = pages.upload(&cookie, "/sets/import", &[(name, &bytes)]).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.body);
        let page = pages.get(&cookie, &answer.location).await.body;
        for id in ["I.1.1", "I.1.2", "II.1.1"] {
            assert!(page.contains(&format!("id=\"at-{id}\"")), "{name}: {id} in {page}");
            let line = page.split(&format!(" <a href=\"#at-{id}\">")).next().unwrap();
            let words = line.rsplit("<li id=").next().unwrap();
            let no = if id == "I.1.2" { "1.2" } else { "1.1" };
            assert!(words.contains(&format!("{no} │")), "{name}: {id} leads to {words}");
        }
        assert!(page.contains("Mỗi tin, bài được 1 điểm"), "{name}: the words that the rule rests on");
        let stranger = pages.cookie(STRANGER).await;
        for path in [answer.location.clone(), format!("{}/I.1.1", answer.location), format!("{}/head", answer.location)]
        {
            assert_eq!(pages.get(&stranger, &path).await.status, 404);
        }
        let drop = pages.post(&stranger, &format!("{}/drop", answer.location), "version=1").await;
        assert_eq!(drop.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_document_is_refused_beside_the_field() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OWNER).await;
    let bomb = packed(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", &vec![b' '; 32 * 1024 * 1024])]);
    let files: [(&str, &[u8], &str); 5] = [
        ("bom.docx", &bomb, "bom nén"),
        ("rong.docx", b"", "rỗng"),
        ("anh.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "không phải"),
        ("thu.txt", "Kính gửi các đơn vị, xin gửi lời chào.".as_bytes(), "bảng tiêu chí"),
        ("", b"", "Hãy chọn một tệp"),
    ];
    for (name, bytes, said) in files {
        let answer = pages.upload(&cookie, "/sets/import", &[(name, bytes)]).await;
        assert_eq!(answer.status, 422, "{name}");
        let why = answer.body.split("id=\"file-e\">").nth(1).unwrap().split("</p>").next().unwrap().to_owned();
        assert!(why.to_lowercase().contains(&said.to_lowercase()), "{name}: {why}");
    }
    // What the process that reads documents does not survive is told in a sentence, too.
    let mut pages = pages;
    pages.app.sandbox = Sandbox::own_by("/bin/false".into());
    let answer = pages.upload(&cookie, "/sets/import", &[("qd12.docx", &as_docx())]).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains("bung ra quá lớn hoặc bị hỏng nặng"), "{}", answer.body);
    assert!(pages.world.store.state().drafts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_is_put_right_and_nothing_typed_is_lost() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OWNER).await;
    let draft = drafted(&pages, &cookie).await;
    let path = format!("{draft}/I.1.2");
    let page = pages.get(&cookie, &path).await;
    let now = fields(&page.body);
    assert_eq!((now["points"].as_str(), now["due"].as_str()), ("10", "31/10"));
    let unchanged = pages.post(&cookie, &path, &encoded(&now)).await;
    assert_eq!(unchanged.status, 303, "{}", unchanged.body);
    assert!(pages.get(&cookie, &path).await.body.contains("name=\"version\" value=\"1\""), "nothing was changed");

    let wrong = pages.post(&cookie, &path, &with(&now, &[("points", "mười"), ("due", "cuối năm")])).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("value=\"mười\"") && wrong.body.contains("không phải là số điểm"));
    assert!(wrong.body.contains("value=\"cuối năm\"") && wrong.body.contains("không phải là các ngày"));
    let rule = now["rule"].replacen("\"each\"", "\"eahc\"", 1);
    assert_ne!(rule, now["rule"]);
    let wrong = pages.post(&cookie, &path, &with(&now, &[("rule", &rule)])).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(fields(&wrong.body)["rule"], rule, "what was typed stands there");
    let caret = wrong.body.split("<pre class=\"caret\">").nth(1).unwrap().split("</pre>").next().unwrap();
    let (line, mark) = caret.split_once('\n').unwrap();
    assert!(plain(line).contains("\"eahc\"") && mark.trim() == "^", "{caret}\n{rule}");
    let other = format!(
        "{}\n\n[[indicator]]\nid = \"I.1.9\"\nno = \"1.9\"\nname = \"x\"\nrule = {{ kind = \"judged\", asks = \"x\" }}\n",
        now["rule"]
    );
    let wrong = pages.post(&cookie, &path, &with(&now, &[("rule", &other)])).await;
    assert_eq!(wrong.status, 422, "an indicator does not come in by another's rule");

    let right = "figures = [\n  { id = \"posts\", label = \"Số tin, bài\", kind = \"count\", unit = \"tin\" },\n]\n\n\
                 [indicator.rule]\nkind     = \"required\"\ncount    = \"posts\"\nrequired = \"10\"";
    // A browser ends lines as Windows does.
    let typed = right.replace('\n', "\r\n");
    let good = with(&now, &[("points", "9,5"), ("due", "31/10, 15/11"), ("notes", "Đọc lại"), ("rule", &typed)]);
    let saved = pages.post(&cookie, &path, &good).await;
    assert_eq!((saved.status.as_u16(), saved.location), (303, format!("{draft}?done#at-I.1.2")));
    let saved = pages.get(&cookie, &draft).await.body;
    assert!(saved.contains(">Người đã sửa<") && saved.contains("Số tin, bài"), "{saved}");
    assert!(saved.contains("Người đã sửa: điểm tối đa, thời hạn, ghi chú<"), "{saved}");
    assert_eq!(saved.matches("Người đã sửa").count(), 2, "what nobody touched is not told of");
    let stale = pages.post(&cookie, &path, &with(&now, &[("points", "8")])).await;
    assert_eq!(stale.status, 409);
    assert!(stale.body.contains("<td lang=\"vi\">8</td><td lang=\"vi\">9,5</td>"), "both values: {}", stale.body);
    let again = fields(&stale.body);
    assert_eq!((again["version"].as_str(), again["points"].as_str()), ("2", "8"));
    let again = with(&again, &[("rule", right)]);
    assert_eq!(pages.post(&cookie, &path, &again).await.status, 303);
    let now = fields(&pages.get(&cookie, &path).await.body);
    assert_eq!((now["points"].as_str(), now["due"].as_str(), now["version"].as_str()), ("8", "31/10", "3"));

    let id: i64 = draft.rsplit('/').next().unwrap().parse().unwrap();
    let (_, files) = pages.world.store.draft_files(cycle::DraftId(id)).await.unwrap().unwrap();
    let broken = format!("{draft}/text?file=set.toml");
    let text = fields(&pages.get(&cookie, &broken).await.body);
    assert_eq!(text["text"].trim(), files["set.toml"].trim());
    let path = format!("{draft}/text");
    let wrong = pages.post(&cookie, &path, &with(&text, &[("text", "id = 3\n")])).await;
    assert_eq!((wrong.status.as_u16(), fields(&wrong.body)["text"].trim()), (422, "id = 3"));
    for file in ["import.json", "source/document.txt", "../set.toml", "none.toml"] {
        assert_eq!(pages.get(&cookie, &format!("{draft}/text?file={file}")).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misprint_that_is_corrected_says_why_it_blocks_and_the_way_out() {
    let pages = Pages::new().await;
    let cookie = pages.cookie(OWNER).await;
    let draft = drafted(&pages, &cookie).await;
    let path = format!("{draft}/I.1.2");
    let now = fields(&pages.get(&cookie, &path).await.body);
    assert!(!pages.get(&cookie, &path).await.body.contains("spoiled-word"));
    let corrected = format!("{} (đã sửa)", now["name"]);
    let saved = pages.post(&cookie, &path, &with(&now, &[("name", &corrected)])).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = pages.get(&cookie, &draft).await.body;
    assert!(page.contains("hãy ghi đúng như in, chữ in sai thì nêu ở [[indicator.fault]]"), "{page}");
    assert!(page.contains("Người đã sửa: tên<"), "{page}");
    let refused = pages.post(&cookie, &format!("{draft}/adopt"), "version=2").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("lỗi đầu tiên ở “I.1.2”: lời văn không có trong văn bản gốc"), "{}", refused.body);
    let edit = pages.get(&cookie, &path).await.body;
    assert!(edit.contains("code  = \"spoiled-word\""), "the way out stands beside the field: {edit}");

    let typed = fields(&edit);
    let fault = format!(
        "{}\n\n[[indicator.fault]]\ncode = \"spoiled-word\"\nquote = \"{}\"\nvi = \"Chữ in sai\"\nen = \"A misprint\"",
        typed["rule"], now["name"]
    );
    let way_out = with(&typed, &[("name", now["name"].as_str()), ("rule", fault.as_str())]);
    assert_eq!(pages.post(&cookie, &path, &way_out).await.status, 303);
    let page = pages.get(&cookie, &draft).await.body;
    assert!(!page.contains("lời văn không có trong văn bản gốc") && page.contains("Chữ in sai"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_adopted_and_a_round_is_opened_with_it() {
    let mut pages = Pages::new().await;
    let shipped = world::set_files("hue-2263-2023-commune");
    let library =
        Library { sets: BTreeMap::from([("hue-2263-2023-commune".to_owned(), shipped)]), ..Library::default() };
    pages.app = App::new(pages.world.store.clone(), library, false);
    pages.app.set_now(world::now());
    let cookie = pages.cookie(OWNER).await;
    let draft = drafted(&pages, &cookie).await;
    let head = format!("{draft}/head");
    let now = fields(&pages.get(&cookie, &head).await.body);
    assert_eq!(now["document.date"], "05/03/2025");
    let wrong = pages.post(&cookie, &head, &with(&now, &[("id", "Bộ mới"), ("year", "25")])).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("value=\"Bộ mới\""));
    let taken = pages.post(&cookie, &head, &with(&now, &[("id", "hue-2263-2023-commune")])).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let refused = pages.post(&cookie, &format!("{draft}/adopt"), "version=2").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Đã có bộ chỉ số mang mã"), "{}", refused.body);
    let now = fields(&pages.get(&cookie, &head).await.body);
    assert_eq!(pages.post(&cookie, &head, &with(&now, &[("id", "mau-2025")])).await.status, 303);
    let page = pages.get(&cookie, &draft).await.body;
    let mut version = 3;
    if let Some((_, form)) = page.split_once(&format!("action=\"{draft}/readings\"")) {
        let form = form.split("</form>").next().unwrap();
        let value = |name: &str| {
            let (_, rest) = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let body = format!("version={version}&reading={}&answer={}&decided=yes", value("reading"), value("answer"));
        let answered = pages.post(&cookie, &format!("{draft}/readings"), &body).await;
        assert_eq!(answered.status, 303, "{}", answered.body);
        version += 1;
        let stale = pages.post(&cookie, &format!("{draft}/readings"), &body).await;
        assert_eq!(stale.status, 409);
    }
    let adopted = pages.post(&cookie, &format!("{draft}/adopt"), &format!("version={version}")).await;
    assert_eq!((adopted.status.as_u16(), adopted.location.as_str()), (303, "/sets/mau-2025"), "{}", adopted.body);
    let again = pages.post(&cookie, &format!("{draft}/adopt"), &format!("version={}", version + 1)).await;
    assert_eq!(again.status, 422);
    assert_eq!(pages.get(&cookie, &format!("{draft}/I.1.1")).await.status, 303, "what was adopted is not edited");

    let stranger = pages.cookie(STRANGER).await;
    let list = pages.get(&stranger, "/sets").await.body;
    assert!(list.contains("/sets/mau-2025") && list.contains("/sets/hue-2263-2023-commune"));
    assert!(!list.contains("/sets/drafts/"), "drafts are for those who run rounds");
    let set = pages.get(&stranger, "/sets/mau-2025").await.body;
    assert!(set.contains("Tin, bài tuyên truyền") && set.contains("Mỗi tin, bài được 1 điểm"));
    let compared = pages.get(&stranger, "/sets/compare?from=hue-2263-2023-commune&to=mau-2025").await;
    assert!(compared.body.contains("/sets/mau-2025#at-I.1.2"), "{}", compared.body);

    let setup = pages.get(&cookie, "/rounds/new?from=none").await.body;
    assert!(setup.contains("<option value=\"mau-2025\""), "{setup}");
    let owner = pages.world.unit("T").to_string();
    let round = BTreeMap::from(
        [("title", "Kỳ 2025"), ("year", "2025"), ("owner", owner.as_str()), ("set-commune", "mau-2025")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let preview = pages.post(&cookie, "/rounds/new", &with(&round, &[("do", "preview")])).await;
    let (_, seen) = preview.body.split_once("name=\"seen\" value=\"").unwrap();
    let seen = seen.split('"').next().unwrap();
    let made = pages.post(&cookie, "/rounds/new", &with(&round, &[("do", "make"), ("seen", seen)])).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let state = pages.world.store.state();
    let level = state.levels.values().find(|level| level.program.set.head.id == "mau-2025").unwrap();
    assert_eq!(level.facts.set_hash, state.own_sets["mau-2025"].hash, "the round holds the very set that was adopted");
    assert_eq!(state.sheets_of_level(level.facts.id).len(), 3);
}
