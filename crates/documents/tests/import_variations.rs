//! Documents like the official ones that nobody has seen: other orders of columns, other heads, other ways of numbering,
//! tables in pieces. Indicators, points and deadlines must hold in each.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{escaped, set};
use criteria::CriteriaSet;
use criteria::quote::{fold, readable};
use documents::import::{Options, import};
use rust_xlsxwriter::{Format, Workbook};

const TITLE: &str = "BỘ CHỈ SỐ CHUYỂN ĐỔI SỐ CẤP XÃ NĂM 2025";

/// A row: what it is, then number, name, points, deadlines, what to do, how it is scored.
struct Row {
    kind: Kind,
    cells: [String; 6],
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pillar,
    Group,
    Indicator,
}

fn rows(hand: &CriteriaSet) -> Vec<Row> {
    let mut rows = Vec::new();
    let points = |points: Option<criteria::Number>| points.map(|points| points.to_string()).unwrap_or_default();
    let clean = |words: Option<&str>| readable(words.unwrap_or_default());
    for file in &hand.pillars {
        let pillar = &file.pillar;
        let cells =
            [pillar.no.clone(), clean(Some(&pillar.name)), points(pillar.points), "".into(), "".into(), "".into()];
        rows.push(Row { kind: Kind::Pillar, cells });
        let mut group = "";
        for one in &file.indicators {
            if let Some(own) = file.groups.iter().find(|own| Some(own.id.as_str()) == one.group_id() && own.id != group)
            {
                let [due, guidance, text, of] = [(); 4].map(|()| String::new());
                rows.push(Row {
                    kind: Kind::Group,
                    cells: [own.no.clone(), clean(Some(&own.name)), of, due, guidance, text],
                });
                group = &own.id;
            }
            let due: Vec<String> =
                one.due.days().iter().map(|day| format!("{:02}/{:02}", day.day(), day.month())).collect();
            let cells = [
                one.no.clone(),
                clean(Some(&one.name)),
                points(one.points),
                due.join(", "),
                clean(one.guidance.as_deref()),
                clean(one.text.as_deref()),
            ];
            rows.push(Row { kind: Kind::Indicator, cells });
        }
    }
    rows
}

fn tabbed(rows: &[Row], heads: [&str; 6], order: [usize; 6]) -> String {
    let mut out = format!("{TITLE}\n{}\n", heads.join("\t"));
    for row in rows {
        out.push_str(&format!("{}\n", order.map(|at| row.cells[at].as_str()).join("\t")));
    }
    out
}

fn html(rows: &[Row], heads: [&str; 6], apiece: usize, again: bool) -> String {
    let head = format!("<tr>{}</tr>", heads.map(|head| format!("<th>{head}</th>")).concat());
    let mut out = format!("<html><h1>{TITLE}</h1><table>{head}");
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && at % apiece == 0 {
            out.push_str(&format!("</table><p>Trang {}</p><table>", at / apiece + 1));
            out.push_str(if again { &head } else { "" });
        }
        match row.kind {
            Kind::Group => out.push_str(&format!(
                "<tr><td colspan=\"6\">{}. {}</td></tr>",
                escaped(&row.cells[0]),
                escaped(&row.cells[1])
            )),
            _ => {
                let cells: String = row.cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
                out.push_str(&format!("<tr>{cells}</tr>"));
            }
        }
    }
    out + "</table></html>"
}

fn markdown(rows: &[Row], heads: [&str; 6]) -> String {
    let mut out = format!("# {TITLE}\n\n| {} |\n|{}\n", heads.join(" | "), "---|".repeat(6));
    for row in rows {
        let bold = |cell: &String| match row.kind {
            Kind::Indicator => cell.replace('|', "\\|"),
            _ if cell.is_empty() => String::new(),
            _ => format!("**{}**", cell.replace('|', "\\|")),
        };
        out.push_str(&format!("| {} |\n", row.cells.iter().map(bold).collect::<Vec<_>>().join(" | ")));
    }
    out
}

/// A workbook as an office keeps it: a letterhead in merged cells, the title over the whole width, heads over two rows, a
/// column that nobody knows, pillars merged over the row, who signed below.
fn workbook(rows: &[Row]) -> Vec<u8> {
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Phụ lục 1").unwrap();
    sheet.merge_range(0, 0, 0, 2, "ỦY BAN NHÂN DÂN TỈNH MẪU", &plain).unwrap();
    sheet.merge_range(0, 3, 0, 7, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", &plain).unwrap();
    sheet.merge_range(1, 3, 1, 7, "Độc lập - Tự do - Hạnh phúc", &plain).unwrap();
    sheet.merge_range(3, 0, 3, 7, TITLE, &plain).unwrap();
    let issued = "(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05/3/2025 của UBND tỉnh Mẫu)";
    sheet.merge_range(4, 0, 4, 7, issued, &plain).unwrap();
    let over = [(0, "TT"), (1, "Mã tra cứu nội bộ"), (2, "Chỉ số"), (5, "Thời hạn"), (6, "Nội dung thực hiện")];
    for (column, head) in over.into_iter().chain([(7, "Cách chấm điểm")]) {
        sheet.merge_range(6, column, 7, column, head, &plain).unwrap();
    }
    sheet.merge_range(6, 3, 6, 4, "Điểm", &plain).unwrap();
    sheet.write_string(7, 3, "Điểm tối đa").unwrap().write_string(7, 4, "Tự chấm").unwrap();
    let mut at = 8;
    for row in rows {
        let [no, name, points, due, guidance, text] = &row.cells;
        sheet.write_string(at, 0, no).unwrap();
        if row.kind == Kind::Group {
            sheet.merge_range(at, 2, at, 7, name, &plain).unwrap();
        } else {
            sheet.write_string(at, 2, name).unwrap();
            if let Ok(points) = points.parse::<f64>() {
                sheet.write_number(at, 3, points).unwrap();
            }
            if row.kind == Kind::Indicator {
                sheet.write_string(at, 1, format!("NB-{at:03}")).unwrap();
            }
            for (column, words) in [(5, due), (6, guidance), (7, text)] {
                sheet.write_string(at, column, words).unwrap();
            }
        }
        at += 1;
    }
    sheet.merge_range(at + 1, 5, at + 1, 7, "NGƯỜI LẬP BIỂU", &plain).unwrap();
    book.save_to_buffer().unwrap()
}

fn holds(name: &str, file: &str, words: impl AsRef<[u8]>, hand: &CriteriaSet) {
    let draft = import(file, words.as_ref(), &Options { id: Some("mau".to_owned()) })
        .unwrap_or_else(|refusal| panic!("{name}: {}", refusal.message.en));
    assert!(draft.problems.is_empty(), "{name}: {:#?}", draft.problems);
    let (mut names, mut points, mut due, all) = (0, 0, 0, hand.indicators().count());
    for one in hand.indicators() {
        let Some(own) = draft.set.indicator(&one.id) else {
            println!("{name} {}: missing", one.id);
            continue;
        };
        names += usize::from(fold(&readable(&own.name)) == fold(&readable(&one.name)));
        points += usize::from(own.points == one.points);
        due += usize::from(own.due.days() == one.due.days());
    }
    println!("{name}: {names} names, {points} points, {due} deadlines of {all}");
    for right in [names, points, due] {
        assert!(right * 100 >= all * 95, "{name}: {names} names, {points} points, {due} deadlines of {all}");
    }
}

#[test]
fn other_documents_of_these_kinds_hold() {
    for id in ["hue-2263-2023-commune", "hue-2263-2023-department", "nghia-phuong-41-2023"] {
        let hand = set(id);
        let all = rows(&hand);
        let changed = |change: &dyn Fn(&Row) -> [String; 6]| -> Vec<Row> {
            all.iter().map(|row| Row { kind: row.kind, cells: change(row) }).collect()
        };
        let usual = ["TT", "Chỉ số", "Điểm", "Thời hạn", "Nội dung thực hiện", "Cách chấm điểm"];
        let straight = [0, 1, 2, 3, 4, 5];
        let told = |what: &str| format!("{id}, {what}");

        let heads =
            ["TT", "Điểm tối đa", "Tiêu chí", "Hướng dẫn thực hiện", "Điều kiện đảm bảo", "Thời gian hoàn thành"];
        holds(&told("columns swapped"), "a.txt", tabbed(&all, heads, [0, 2, 1, 4, 5, 3]), &hand);
        let heads =
            ["STT", "Noi dung tieu chi", "Thang diem", "Han hoan thanh", "Noi dung thuc hien", "Cach tinh diem"];
        holds(&told("no diacritics"), "a.txt", tabbed(&all, heads, straight), &hand);
        holds(&told("heads again in each table"), "a.html", html(&all, usual, 15, true), &hand);
        holds(&told("tables that go on without heads"), "a.html", html(&all, usual, 16, false), &hand);
        holds(&told("headings in bold"), "a.md", markdown(&all, usual), &hand);

        holds(&told("a workbook with a letterhead"), "a.xlsx", workbook(&all), &hand);
        let unknown = all.iter().map(|row| {
            let [no, name, points, due, guidance, text] = row.cells.each_ref().map(String::as_str);
            [no, "NB-7", name, points, "phòng mẫu", due, guidance, text].join("\t")
        });
        let heads = "TT\tMã tra cứu nội bộ\tChỉ số\tĐiểm\tMàu ô\tThời hạn\tNội dung thực hiện\tCách chấm điểm";
        let unknown = format!("{TITLE}\n{heads}\n{}\n", unknown.collect::<Vec<_>>().join("\n"));
        holds(&told("columns that nobody knows"), "a.txt", &unknown, &hand);

        let named = changed(&|row| {
            let mut cells = row.cells.clone();
            cells[0] =
                if row.kind == Kind::Pillar { format!("Trụ cột {}", cells[0]) } else { format!("{}.", cells[0]) };
            cells
        });
        holds(&told("numbers with their names"), "a.txt", tabbed(&named, usual, straight), &hand);
        let within = changed(&|row| match row.kind {
            Kind::Pillar => {
                let [no, name, points, ..] = &row.cells;
                let behind = if points.is_empty() { String::new() } else { format!(" ({points} điểm)") };
                let name = format!("{no}. {name}{behind}");
                ["".into(), name, "".into(), "".into(), "".into(), "".into()]
            }
            _ => row.cells.clone(),
        });
        holds(&told("pillars in the column of names"), "a.txt", tabbed(&within, usual, straight), &hand);
        let wordy = changed(&|row| {
            let mut cells = row.cells.clone();
            if !cells[2].is_empty() {
                cells[2].push_str(" điểm");
            }
            if !cells[3].is_empty() && !cells[3].contains(',') {
                cells[3] = format!("trước ngày {}/2025", cells[3]);
            }
            cells
        });
        holds(&told("points and deadlines in words"), "a.txt", tabbed(&wordy, usual, straight), &hand);
    }
}

/// Letters that hand tasks out tell what is measured and not how it is scored: a guess is made, and said to be one.
#[test]
fn what_only_tasks_tell_is_guessed_and_said_to_be() {
    const DATA: &str = "Dữ liệu tổng hợp từ hệ thống";
    let cases = [
        ("Tổ cộng đồng", "Chỉ đạo để mỗi thôn sẽ thành lập một tổ công nghệ", "Quyết định", "share"),
        ("Bản đồ số", "Mỗi sở, ngành, địa phương phải vận hành tối thiểu một loại bản đồ", "Có sử dụng", "required"),
        ("Bồi dưỡng", "Cử cán bộ tham gia đầy đủ các lớp tập huấn của tỉnh", "Danh sách", "share"),
        ("Chữ ký số", "Vận động người dân đăng ký chữ ký số", DATA, "share"),
        ("Chữ ký số", "Vận động người dân đăng ký chữ ký số", "Kế hoạch", "yes-no"),
        ("Định danh", "Phổ cập tài khoản định danh cho cán bộ, công chức", DATA, "share"),
        ("Văn bản chỉ đạo", "Ban hành văn bản chỉ đạo trên cơ sở các văn bản của UBND tỉnh", "Công văn", "share"),
        ("Nền tảng", "Vận hành tối thiểu các chức năng sau: họp; lưu trữ; góp ý.", "Có phát sinh", "required"),
        ("Báo cáo số", "Sử dụng nền tảng", "Điểm tính theo phát sinh số lượng đăng nhập vào nền tảng", "peers"),
        ("Tổng ngân sách chi cho chuyển đổi số", "Phân bổ ngân sách", "Báo cáo", "peers"),
    ];
    let rows = cases
        .iter()
        .enumerate()
        .map(|(at, (name, guidance, evidence, _))| format!("{}\t{name}\t{guidance}\t{evidence}\t15/11\n", at + 1));
    let heads = "TT\tTiêu chí\tHướng dẫn nội dung thực hiện\tTài liệu kiểm chứng\tThời gian hoàn thành\n";
    let words = format!("{TITLE}\n{heads}I\tNhận thức số\n{}", rows.collect::<String>());
    let draft = import("thu.txt", words.as_bytes(), &Options { id: Some("mau".to_owned()) }).unwrap();
    assert_eq!(draft.set.indicators().count(), cases.len());
    for ((one, trace), (name, guidance, _, kind)) in draft.set.indicators().zip(draft.report.indicators()).zip(cases) {
        assert_eq!(one.rule.kind(), kind, "{name}: {guidance}");
        assert!(kind == "yes-no" || !trace.doubts.is_empty(), "{name}: {guidance}");
        assert!(one.uncertain.is_some(), "{name}: {guidance}");
    }
}
