//! Files that would do harm: refused or defused with a message, and never a panic.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{docx, packed, paragraph};
use documents::import::{Options, import};

const TYPES: &[u8] = b"<Types/>";

fn refused(name: &str, bytes: &[u8]) -> String {
    match import(name, bytes, &Options::default()) {
        Ok(_) => panic!("{name} must be refused"),
        Err(refusal) => {
            assert!(!refusal.message.vi.is_empty());
            refusal.message.en
        }
    }
}

fn workbook(sheet: &str) -> Vec<u8> {
    let relations = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let root = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r0" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet}</sheetData></worksheet>"#
    );
    packed(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

#[test]
fn a_zip_bomb_is_refused_before_it_unpacks() {
    let zeros = vec![b' '; 32 * 1024 * 1024];
    let said = refused("a.docx", &packed(&[("[Content_Types].xml", TYPES), ("word/document.xml", &zeros)]));
    assert!(said.contains("zip bomb"), "{said}");
    let said = refused("a.xlsx", &packed(&[("xl/workbook.xml", TYPES), ("xl/media/x.bin", &zeros)]));
    assert!(said.contains("zip bomb"), "{said}");
}

#[test]
fn a_bomb_that_lies_about_its_size_is_stopped_at_the_limit() {
    let zeros = vec![b' '; 8 * 1024 * 1024];
    let mut bytes = packed(&[("[Content_Types].xml", TYPES), ("word/document.xml", &zeros)]);
    // The size that the directory declares for each part, made small; what is packed stays as large.
    let size = (8_u32 * 1024 * 1024).to_le_bytes();
    let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, four)| *four == size).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
    }
    let said = refused("a.docx", &bytes);
    assert!(said.contains("zip bomb") || said.contains("damaged"), "{said}");
}

#[test]
fn too_many_parts_are_refused() {
    let names: Vec<String> = (0..2_100).map(|index| format!("word/x{index}.xml")).collect();
    let mut parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"" as &[u8])).collect();
    parts.push(("word/document.xml", b"<w/>"));
    assert!(refused("a.docx", &packed(&parts)).contains("at most 2000"));
}

#[test]
fn entities_neither_grow_nor_reach_out() {
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><w:document xmlns:w="x"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"#;
    let outside = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document/>"#;
    for xml in [laughs, outside] {
        let bytes = packed(&[("[Content_Types].xml", TYPES), ("word/document.xml", xml.as_bytes())]);
        assert!(refused("a.docx", &bytes).contains("DOCTYPE"));
        let bytes = packed(&[("xl/workbook.xml", xml.as_bytes())]);
        assert!(refused("a.xlsx", &bytes).contains("DOCTYPE"));
    }
}

#[test]
fn a_cell_in_the_last_corner_does_not_fill_the_memory() {
    let corner = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let said = refused("a.xlsx", &workbook(corner));
    assert!(said.contains("1048576 rows × 16384 columns"), "{said}");
}

#[test]
fn a_million_rows_are_refused_at_the_limit() {
    let rows: String =
        (1..=30_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>"#)).collect();
    assert!(refused("a.xlsx", &workbook(&rows)).contains("at most 20000"));
    let text = "1\ta\tb\n".repeat(30_000);
    assert!(refused("a.txt", text.as_bytes()).contains("20000 rows"));
    let table = format!("<table>{}</table>", "<tr><td>1</td></tr>".repeat(30_000));
    assert!(refused("a.html", table.as_bytes()).contains("rows"));
}

#[test]
fn spans_and_nesting_are_held() {
    let wide = format!("<table>{}</table>", "<tr><td colspan=\"1000000\" rowspan=\"1000000\">1</td></tr>".repeat(50));
    refused("a.html", wide.as_bytes());
    let deep = format!("{}{}", "<w:p>".repeat(5_000), "</w:p>".repeat(5_000));
    assert!(refused("a.docx", &docx(&deep)).contains("deep"));
    let nested = format!("{}{}", "<table><tr><td>".repeat(100_000), "x");
    refused("a.html", nested.as_bytes());
    let cell = docx(&format!("<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>", paragraph(&"dài ".repeat(40_000))));
    assert!(refused("a.docx", &cell).contains("longer than"));
}

#[test]
fn macros_are_left_out_and_said() {
    let heads = ["TT", "Tiêu chí", "Điểm", "Cách tính điểm"];
    let row = |cells: [&str; 4]| {
        let cells: String = cells.iter().map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell))).collect();
        format!("<w:tr>{cells}</w:tr>")
    };
    let body = format!("<w:tbl>{}{}</w:tbl>", row(heads), row(["1.1", "Ban hành kế hoạch", "10", "Đã ban hành"]));
    let xml = format!(r#"<w:document xmlns:w="x"><w:body>{body}</w:body></w:document>"#);
    let bytes = packed(&[("word/document.xml", xml.as_bytes()), ("word/vbaProject.bin", b"macro")]);
    let draft = import("a.docm", &bytes, &Options::default()).unwrap();
    assert!(draft.report.warnings.iter().any(|warning| warning.en.contains("macros")));
    assert_eq!(draft.set.indicators().count(), 1);
}

#[test]
fn what_is_no_document_is_told_apart() {
    for (name, bytes, words) in [
        ("a.pdf", b"%PDF-1.7" as &[u8], "PDF"),
        ("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old (.doc"),
        ("a.txt", b"\xFF\x00\x80", "neither text"),
        ("a.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "neither DOCX nor XLSX"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged"),
        ("a.txt", b"", "no table of criteria"),
        ("a.txt", "Kính gửi các đồng chí".as_bytes(), "no table of criteria"),
    ] {
        let said = refused(name, bytes);
        assert!(said.contains(words), "{name}: {said}");
    }
}

/// What can be imported must read as a set.
fn reads(name: &str, bytes: &[u8]) {
    if let Ok(draft) = import(name, bytes, &Options::default()) {
        assert!(draft.problems.is_empty(), "{name}: {:#?}\n{}", draft.problems, String::from_utf8_lossy(bytes));
    }
}

#[test]
fn no_cut_and_no_flipped_byte_panics() {
    let source = common::repository().join("criteria/nghia-phuong-41-2023/source/kh41.txt");
    let text = std::fs::read(source).unwrap();
    let rows: String = ["TT", "I", "1.1", "1.2"]
        .iter()
        .map(|no| {
            let cells = [*no, "Tiêu chí", "Điểm 10", "Cách tính điểm: Tỷ lệ ≥ 80%: 10đ; < 80% = tỷ lệ/80%*10đ"];
            format!(
                "<w:tr>{}</w:tr>",
                cells.iter().map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell))).collect::<String>()
            )
        })
        .collect();
    let word = docx(&format!("<w:tbl>{rows}</w:tbl>"));
    let sheet = workbook(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>TT</t></is></c></row>"#);
    // A small generator of our own: the same bytes on each run.
    let mut state = 0x2263_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for (name, bytes) in [("a.txt", &text), ("a.md", &text), ("a.html", &text), ("a.docx", &word), ("a.xlsx", &sheet)] {
        for _ in 0..60 {
            let mut bytes = bytes[random(bytes.len())..].to_vec();
            bytes.truncate(random(bytes.len()).min(6_000) + 1);
            for _ in 0..random(12) {
                let at = random(bytes.len());
                bytes[at] = b"\t\n|<>&I.1;%0/ "[random(14)];
            }
            reads(name, &bytes);
        }
        for _ in 0..60 {
            let mut bytes = bytes.to_vec();
            let at = random(bytes.len());
            bytes[at] ^= 1 << random(8);
            reads(name, &bytes);
        }
    }
}

#[test]
fn odd_letters_still_give_a_set_that_reads() {
    for sign in [
        "\u{1}", "\"\"\"", "\\", "\u{7f}", "\u{2028}", "\u{feff}", "\u{202e}", "$", "<b", "[…]", "'''", "🙂", "%1",
        "\\u", "#", "\u{300}",
    ] {
        let text = format!(
            "TT\tTiêu chí\tĐiểm\tThời hạn\tCách tính điểm\tTài liệu kiểm chứng\tChủ trì\n\
             I\tTên {sign} trụ cột\t10\n\
             1.1\tTên {sign}\t10\t31/10 {sign}\t{sign} Tỷ lệ * 10đ {sign}\tVăn {sign} bản\tCông {sign} an\n\
             {sign}1.2\tHai\t5\t{sign}\tTối thiểu 5 {sign}\t{sign}\t{sign}\n"
        );
        let draft = import("a.txt", text.as_bytes(), &Options::default()).unwrap();
        assert!(draft.problems.is_empty(), "{sign:?}: {:#?}", draft.problems);
        criteria::check::check(&draft.set);
    }
}

/// What grows with the square of its input would not come to an end here.
#[test]
fn no_shape_of_text_takes_more_than_its_share_of_time() {
    let head = "TT\tTiêu chí\tĐiểm\tCách tính điểm\n";
    for (name, text) in [
        ("a.html", "<a".repeat(1_500_000)),
        ("a.html", "<table><tr><td>&".repeat(60_000)),
        ("a.txt", format!("{head}1.1\tMột\t10\t{}", "dòng\n".repeat(150_000))),
        ("a.txt", format!("{}\t1\n{}", "\tTT\n\tTiêu chí\n\tĐiểm\n\tGhi chú\n\n".repeat(3), "dòng\n".repeat(150_000))),
        ("a.txt", format!("{head}1.1\tMột\t10\t{}\n", "mỗi hoạt động 1 điểm - ".repeat(2_000))),
        ("a.txt", format!("{head}1.1\tMột\t10\t{}\n", "tỷ lệ ".repeat(9_000))),
        ("a.md", "|".repeat(60_000)),
    ] {
        reads(name, text.as_bytes());
    }
}

/// A PDF whose one page has these instructions.
fn pdf(page: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut at = Vec::new();
    for (number, body) in [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{page}\nendstream", page.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        at.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", number + 1).bytes());
    }
    let table = out.len();
    out.extend(b"xref\n0 6\n0000000000 65535 f \n");
    at.iter().for_each(|at| out.extend(format!("{at:010} 00000 n \n").bytes()));
    out.extend(format!("trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes());
    out
}

#[test]
fn a_pdf_without_words_says_so_and_hostile_ones_do_no_harm() {
    let refused = |bytes: &[u8]| import("a.pdf", bytes, &Options::default()).unwrap_err().message.en;
    assert!(refused(&pdf("0 0 m 100 0 l S")).contains("only pictures"), "{}", refused(&pdf("")));
    let nothing = refused(b"%PDF-1.7 nothing");
    assert!(nothing.contains("damaged") || nothing.contains("only pictures"), "{nothing}");
    // A drawing of more lines than any table, lines that all cross, and words far from any page.
    let lines: String = (0..30_000).map(|at| format!("{} 0 m {} 800 l S ", at % 590, at % 590)).collect();
    reads("a.pdf", &pdf(&format!("{lines} BT /F 10 Tf 1 0 0 1 50 700 Tm (TT) Tj ET")));
    let crossing: String =
        (0..1_500).map(|at| format!("0 {0} 595 0.3 re f {0} 0 0.3 842 re f ", at as f64 * 0.55)).collect();
    reads("a.pdf", &pdf(&format!("{crossing} BT /F 10 Tf 1 0 0 1 50 700 Tm (TT) Tj ET")));
    let far: String =
        (0..20_000).map(|at| format!("BT /F 1e9 Tf 1 0 0 1 {at}e6 -{at}e9 Tm (1.1 Mot) Tj ET ")).collect();
    reads("a.pdf", &pdf(&far));
}

#[test]
fn a_table_without_lines_is_read_by_the_white_between_its_columns() {
    let rows = [
        ["TT", "Tieu chi", "Diem toi da", "Cach tinh diem"],
        ["I", "Nhan thuc so", "20", ""],
        ["1.1", "Ban hanh ke hoach", "10", "Da ban hanh: 10 diem; chua"],
        ["", "chuyen doi so", "", "ban hanh: 0 diem"],
        ["1.2", "So tin, bai", "10", "Moi tin, bai 1 diem, toi da 10 diem"],
    ];
    let mut page = String::from("BT /F 10 Tf 1 0 0 1 60 790 Tm (BO CHI SO CAP XA) Tj ET ");
    for (at, row) in rows.iter().enumerate() {
        for (words, x) in row.iter().zip([60, 100, 260, 330]) {
            page.push_str(&format!("BT /F 10 Tf 1 0 0 1 {x} {} Tm ({words}) Tj ET ", 760 - at * 14));
        }
    }
    let draft = import("a.pdf", &pdf(&page), &Options::default()).unwrap();
    let told: Vec<_> =
        draft.set.indicators().map(|one| (one.id.as_str(), one.name.as_str(), one.rule.kind())).collect();
    assert_eq!(told, [("I.1.1", "Ban hanh ke hoach chuyen doi so", "yes-no"), ("I.1.2", "So tin, bai", "each")]);
}
