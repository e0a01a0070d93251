//! One table in every format: text, Markdown, HTML, DOCX and XLSX import the same.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{docx, escaped, paragraph, set};
use criteria::model::Indicator;
use documents::import::table::Place;
use documents::import::{Draft, Options, import};
use rust_xlsxwriter::Workbook;

const TITLE: [&str; 2] = [
    "BỘ CHỈ SỐ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ",
    "(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05/3/2025 của Ủy ban nhân dân tỉnh Mẫu)",
];

const HEADS: [&str; 6] =
    ["STT", "Chỉ số", "Điểm tối đa", "Thời gian hoàn thành", "Hướng dẫn thực hiện", "Tài liệu kiểm chứng"];

/// The commune set of Decision 2263 as rows: heads, total, pillars, groups, indicators.
fn rows() -> Vec<Vec<String>> {
    let hand = set("hue-2263-2023-commune");
    let clean = |text: &str| criteria::quote::readable(text);
    let row = |cells: [&str; 6]| cells.iter().map(|cell| clean(cell)).collect::<Vec<_>>();
    let mut rows = vec![row(HEADS), row(["", "", "600", "", "", ""])];
    for file in &hand.pillars {
        let points = file.pillar.points.map(|points| points.to_string()).unwrap_or_default();
        rows.push(row([&file.pillar.no, &file.pillar.name, &points, "", "", ""]));
        let mut group = "";
        for one in &file.indicators {
            let own = file.groups.iter().find(|known| Some(known.id.as_str()) == one.group_id());
            if let Some(own) = own.filter(|own| own.id != group) {
                rows.push(row([&own.no, &own.name, "", "", "", ""]));
                group = &own.id;
            }
            let points = one.points.map(|points| points.to_string()).unwrap_or_default();
            let due: Vec<String> =
                one.due.days().iter().map(|day| format!("{:02}/{:02}", day.day(), day.month())).collect();
            let words = format!(
                "1. Nội dung thực hiện: {} 2. Điều kiện đảm bảo: {}",
                one.guidance.as_deref().unwrap_or_default(),
                one.text.as_deref().unwrap_or_default()
            );
            let evidence: Vec<&str> = one.evidence.iter().map(|evidence| evidence.what.as_str()).collect();
            rows.push(row([&one.no, &one.name, &points, &due.join(", "), &words, &evidence.join("; ")]));
        }
    }
    rows
}

fn as_text(rows: &[Vec<String>]) -> Vec<u8> {
    let rows: Vec<String> = rows.iter().map(|row| row.join("\t")).collect();
    format!("{}\n{}\n", TITLE.join("\n"), rows.join("\n")).into_bytes()
}

/// Markdown whose table a page parts before each twentieth row, as converters of PDF write it.
fn as_markdown(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = format!("{}\n\n", TITLE.join("\n\n"));
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        if index > 0 && index % 20 == 0 {
            out.push_str("\n\n| | | | | | |\n|---|---|---|---|---|---|\n");
        }
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
        if index == 0 {
            out.push_str("|---|---|---|---|---|---|\n");
        }
    }
    out.into_bytes()
}

fn as_html(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out =
        format!("<!DOCTYPE html><html><head><style>p {{}}</style></head><body><p>{}</p>", TITLE.join("</p><p>"));
    out.push_str("<table><tbody>");
    for row in rows {
        let merged = row[2..].iter().all(String::is_empty);
        out.push_str(&format!("<tr><td>{}</td>", escaped(&row[0])));
        if merged {
            out.push_str(&format!("<td colspan=\"5\"><b>{}</b></td>", escaped(&row[1])));
        } else {
            row[1..].iter().for_each(|cell| out.push_str(&format!("<td><p>{}</p></td>", escaped(cell))));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table><script>alert(1)</script></body></html>");
    out.into_bytes()
}

fn as_docx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut body: String = TITLE.iter().map(|line| paragraph(line)).collect();
    body.push_str("<w:tbl>");
    for row in rows {
        let merged = row[2..].iter().all(String::is_empty);
        body.push_str(&format!("<w:tr><w:tc>{}</w:tc>", paragraph(&row[0])));
        if merged {
            body.push_str(&format!(r#"<w:tc><w:tcPr><w:gridSpan w:val="5"/></w:tcPr>{}</w:tc>"#, paragraph(&row[1])));
        } else {
            row[1..].iter().for_each(|cell| body.push_str(&format!("<w:tc>{}</w:tc>", paragraph(cell))));
        }
        body.push_str("</w:tr>");
    }
    body.push_str("</w:tbl>");
    body.push_str(&paragraph("Nơi nhận: như trên"));
    docx(&body)
}

fn as_xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Phụ lục").unwrap();
    for (row, line) in TITLE.iter().enumerate() {
        sheet.write_string(row as u32, 0, *line).unwrap();
    }
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let at = (row as u32 + 3, column as u16);
            match cell.parse::<f64>() {
                Ok(number) if column < 3 => sheet.write_number(at.0, at.1, number).unwrap(),
                _ => sheet.write_string(at.0, at.1, cell).unwrap(),
            };
        }
    }
    book.save_to_buffer().unwrap()
}

fn imported(name: &str, bytes: &[u8]) -> Draft {
    let draft = import(name, bytes, &Options { id: Some("mau".to_owned()) })
        .unwrap_or_else(|refusal| panic!("{name}: {}", refusal.message.en));
    assert!(draft.problems.is_empty(), "{name}: {:#?}", draft.problems);
    let wrong: Vec<_> = criteria::check::check(&draft.set)
        .into_iter()
        .filter(|finding| finding.severity == criteria::check::Severity::Error)
        .collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    draft
}

fn without_doubts(draft: &Draft) -> Vec<Indicator> {
    draft.set.indicators().cloned().map(|one| Indicator { uncertain: None, ..one }).collect()
}

#[test]
fn every_format_gives_the_same_draft() {
    let rows = rows();
    let text = imported("mau.txt", &as_text(&rows));
    let hand = set("hue-2263-2023-commune");
    let told = |one: &Indicator| (one.id.clone(), one.points, one.due.days().to_vec());
    assert_eq!(text.set.indicators().map(told).collect::<Vec<_>>(), hand.indicators().map(told).collect::<Vec<_>>());
    assert_eq!((text.set.head.document.number.as_str(), text.set.head.year), ("12/QĐ-UBND", 2025));
    for (name, bytes) in [
        ("mau.md", as_markdown(&rows)),
        ("mau.html", as_html(&rows)),
        ("mau.docx", as_docx(&rows)),
        ("mau.xlsx", as_xlsx(&rows)),
    ] {
        let draft = imported(name, &bytes);
        assert_eq!(draft.set.head.document, text.set.head.document, "{name}");
        assert_eq!(draft.set.head.total, text.set.head.total, "{name}");
        let (own, of_text) = (without_doubts(&draft), without_doubts(&text));
        assert_eq!(own.len(), of_text.len(), "{name}");
        for (own, of_text) in own.iter().zip(&of_text) {
            assert_eq!(own, of_text, "{name}");
        }
    }
}

#[test]
fn places_lead_back_into_each_format() {
    let rows = rows();
    let place = |name: &str, bytes: &[u8]| {
        let draft = imported(name, bytes);
        let trace = draft.report.indicators().next().unwrap().clone();
        trace.places["points"][0].clone()
    };
    assert_eq!(place("mau.txt", &as_text(&rows)), Place::Text { line: 7, cell: 3 });
    assert_eq!(place("mau.docx", &as_docx(&rows)), Place::Table { table: 1, row: 5, cell: 3 });
    assert_eq!(place("mau.html", &as_html(&rows)), Place::Table { table: 1, row: 5, cell: 3 });
    let cell = "C8".to_owned();
    assert_eq!(place("mau.xlsx", &as_xlsx(&rows)), Place::Sheet { sheet: "Phụ lục".to_owned(), cell });
}

#[test]
fn a_spreadsheet_that_lost_a_zero_is_put_right_and_said() {
    let mut rows: Vec<Vec<String>> = vec![["STT", "Tiêu chí", "Điểm", "Cách tính điểm"].map(str::to_owned).to_vec()];
    rows.push(["I", "Nhận thức số", "", ""].map(str::to_owned).to_vec());
    for number in 1..=11 {
        let no = format!("1.{number}");
        rows.push([no.as_str(), "Tỷ lệ hộ gia đình có mạng", "5", "Tỷ lệ * 5 điểm"].map(str::to_owned).to_vec());
    }
    let draft = imported("mau.xlsx", &as_xlsx(&rows));
    let ids: Vec<&str> = draft.set.indicators().map(|one| one.id.as_str()).collect();
    assert_eq!(ids[9..], ["I.1.10", "I.1.11"], "{ids:?}");
    let doubts: Vec<_> = draft
        .report
        .indicators()
        .filter(|trace| trace.doubts.iter().any(|one| one.en.contains("stands behind")))
        .collect();
    assert_eq!(doubts.len(), 1);
}

#[test]
fn heads_over_two_rows_and_levels_are_read() {
    let text = "TT\tTiêu chí\tThực hiện\tĐiều kiện\tTài liệu kiểm chứng\tĐiểm số\tCấp áp dụng\t\t\n\
                \t\t\t\t\t\tSở\tHuyện\tXã\n\
                I\tNhận thức số\n\
                1\tBan chỉ đạo\tBan hành quyết định\tNgười đứng đầu làm trưởng ban\tQuyết định\t5\tX\tX\tX\n\
                2\tSố tin\tĐăng tin\tTối thiểu 12 tin bài\tBáo cáo\t10\t\t\tX\n";
    let draft = imported("mau.txt", text.as_bytes());
    let told: Vec<_> = draft.set.indicators().map(|one| (one.id.as_str(), one.rule.kind())).collect();
    assert_eq!(told, [("I.1", "yes-no"), ("I.2", "required")]);
    let levels: Vec<_> = draft.report.indicators().map(|trace| trace.levels.clone()).collect();
    assert_eq!(levels, [vec!["Sở", "Huyện", "Xã"], vec!["Xã"]]);
}

#[test]
fn pillars_that_stand_as_prose_above_their_tables_are_found() {
    let heads = "| STT | Chỉ số | Điểm tối đa | Cách tính điểm |\n|---|---|---|---|";
    let text = format!(
        "BỘ CHỈ SỐ CẤP HUYỆN\n\n### I. NHẬN THỨC SỐ (30 điểm)\n\n{heads}\n| 1 | Kế hoạch | 30 | Đã có: Điểm tối đa; chưa có: 0 điểm |\n\n\
         ### Trụ cột 2: Thể chế số\n\n{heads}\n| 1 | Nghị quyết | 20 | Đã có: 20 điểm; chưa có: 0 điểm |\n| | Tổng cộng | 50 | |\n"
    );
    let draft = imported("mau.md", text.as_bytes());
    let pillars: Vec<_> = draft.set.pillars.iter().map(|one| (one.pillar.no.as_str(), one.pillar.points)).collect();
    assert_eq!(pillars, [("I", criteria::Number::whole(30)), ("2", None)]);
    let ids: Vec<&str> = draft.set.indicators().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["I.1", "2.1"]);
    assert_eq!(draft.set.head.total, criteria::Number::whole(50));
}

#[test]
fn one_column_that_says_what_to_do_and_how_it_is_scored_is_read_as_both() {
    let text = "TT\tNội dung tiêu chí\tThang điểm\tThời hạn\tYêu cầu\tMinh chứng\tĐiểm tự chấm\n\
                A\tCHÍNH QUYỀN SỐ\t20\t\t\t\t\n\
                1\tHọp trực tuyến\t5\t30/6, 31/12\tMỗi cuộc họp được 0,5 điểm, tối đa 5 điểm\tGiấy mời\t\n\
                2\tAn toàn thông tin\t15\tQuý IV\t- Có phân công cán bộ (10 điểm)\n- Có quy chế (5 điểm)\tQuyết định\t\n";
    let draft = imported("mau.txt", text.as_bytes());
    let told: Vec<_> =
        draft.set.indicators().map(|one| (one.id.as_str(), one.rule.kind(), one.due.days().len())).collect();
    assert_eq!(told, [("A.1", "each", 2), ("A.2", "parts", 1)]);
}

#[test]
fn a_cell_merged_over_rows_holds_for_each_of_them() {
    let heads = ["TT", "Tiêu chí", "Điểm", "Thời hạn", "Chủ trì"];
    let rows = [["1.1", "Ban hành kế hoạch", "5"], ["1.2", "Tổ chức họp", "5"], ["1.3", "Công khai", "5"]];
    let span = r#"<td rowspan="3">31/10</td><td rowspan="3">Công an xã</td>"#;
    let mut html = format!("<table><tr>{}</tr>", heads.map(|head| format!("<th>{head}</th>")).concat());
    let mut word = format!("<w:tr>{}</w:tr>", heads.map(|head| format!("<w:tc>{}</w:tc>", paragraph(head))).concat());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    for (column, head) in heads.iter().enumerate() {
        sheet.write_string(0, column as u16, *head).unwrap();
    }
    for (index, row) in rows.iter().enumerate() {
        let cells = row.map(|cell| format!("<td>{cell}</td>")).concat();
        html.push_str(&format!("<tr>{cells}{}</tr>", if index == 0 { span } else { "" }));
        let cells = row.map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell))).concat();
        let merged = |words: &str| {
            let merge = if index == 0 { r#"<w:vMerge w:val="restart"/>"# } else { "<w:vMerge/>" };
            let words = if index == 0 { words } else { "" };
            format!("<w:tc><w:tcPr>{merge}</w:tcPr>{}</w:tc>", paragraph(words))
        };
        word.push_str(&format!("<w:tr>{cells}{}{}</w:tr>", merged("31/10"), merged("Công an xã")));
        for (column, cell) in row.iter().enumerate() {
            sheet.write_string(index as u32 + 1, column as u16, *cell).unwrap();
        }
    }
    sheet.merge_range(1, 3, 3, 3, "31/10", &plain).unwrap();
    sheet.merge_range(1, 4, 3, 4, "Công an xã", &plain).unwrap();
    html.push_str("</table>");
    for (name, bytes) in [
        ("mau.html", html.into_bytes()),
        ("mau.docx", docx(&format!("<w:tbl>{word}</w:tbl>"))),
        ("mau.xlsx", book.save_to_buffer().unwrap()),
    ] {
        let draft = imported(name, &bytes);
        assert_eq!(draft.set.indicators().count(), 3, "{name}");
        for one in draft.set.indicators() {
            assert_eq!(one.due.days().first().map(ToString::to_string).as_deref(), Some("10-31"), "{name} {}", one.id);
            assert_eq!(one.lead, ["Công an xã"], "{name} {}", one.id);
        }
    }
}

#[test]
fn numbers_that_word_counts_by_itself_are_counted_anew() {
    let numbering = r#"<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2"/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>"#;
    let counted = |level: u8| {
        format!(
            r#"<w:tc><w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr></w:pPr></w:p></w:tc>"#
        )
    };
    let row = |first: String, cells: [&str; 3]| {
        format!("<w:tr>{first}{}</w:tr>", cells.map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell))).concat())
    };
    let rows = [
        row(format!("<w:tc>{}</w:tc>", paragraph("TT")), ["Tiêu chí", "Điểm", "Cách tính điểm"]),
        row(counted(0), ["Nhận thức số", "20", ""]),
        row(counted(1), ["Kế hoạch", "10", "Đã có: 10 điểm; chưa có: 0 điểm"]),
        row(counted(1), ["Tỷ lệ hộ có mạng", "10", "Tỷ lệ * 10 điểm"]),
        row(counted(0), ["Thể chế số", "5", ""]),
        row(counted(1), ["Nghị quyết", "5", "Đã có: 5 điểm; chưa có: 0 điểm"]),
    ];
    let xml = format!(r#"<w:document xmlns:w="x"><w:body><w:tbl>{}</w:tbl></w:body></w:document>"#, rows.concat());
    let bytes = common::packed(&[("word/document.xml", xml.as_bytes()), ("word/numbering.xml", numbering.as_bytes())]);
    let draft = imported("mau.docx", &bytes);
    let ids: Vec<&str> = draft.set.indicators().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["I.1", "I.2", "II.1"]);
    assert!(draft.report.warnings.iter().any(|warning| warning.en.contains("numbered by Word itself")));
}
