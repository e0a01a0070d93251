//! Figures as offices send them: letterheads above the table, heads merged over columns and rows, heads without
//! diacritics, columns that nobody asked for, sums at the foot.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::set;
use criteria::Picks;
use documents::figures::columns::{Role, find, propose};
use documents::figures::rows::{Gathered, gather};
use documents::figures::{Book, read};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use scoring::{Program, RawValue};

fn program() -> Program {
    Program::new(&set("hue-2263-2023-commune"), &Picks::new(), None).unwrap()
}

fn letterhead(sheet: &mut Worksheet, columns: u16) {
    let plain = Format::new();
    let half = columns / 2;
    sheet.merge_range(0, 0, 0, half - 1, "UBND TỈNH MẪU", &plain).unwrap();
    sheet.merge_range(0, half, 0, columns - 1, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", &plain).unwrap();
    sheet.merge_range(1, half, 1, columns - 1, "Độc lập - Tự do - Hạnh phúc", &plain).unwrap();
    sheet.merge_range(3, 0, 3, columns - 1, "TỔNG HỢP SỐ LIỆU CHUYỂN ĐỔI SỐ NĂM 2023", &plain).unwrap();
    sheet.merge_range(4, 0, 4, columns - 1, "(Kèm theo Công văn số 7/UBND-VX, số liệu mẫu)", &plain).unwrap();
}

fn write(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        match cell.parse::<u32>() {
            Ok(number) => sheet.write_number(row, column as u16, number).unwrap(),
            Err(_) => sheet.write_string(row, column as u16, *cell).unwrap(),
        };
    }
}

fn taken(program: &Program, bytes: &[u8]) -> (Vec<String>, Gathered) {
    let book: Book = read(bytes).unwrap();
    let grid = &book.grids[0];
    let heads = find(program, grid).unwrap();
    let roles = propose(program, grid, &heads);
    (roles.iter().map(Role::key).collect(), gather(program, "so-lieu.xlsx", grid, &heads, &roles))
}

fn told(gathered: &Gathered) -> Vec<(String, String, String, String)> {
    let value = |value: &RawValue| match value {
        RawValue::Cell(words) | RawValue::Text(words) | RawValue::Plain(words) => words.clone(),
        other => format!("{other:?}"),
    };
    let place = |place: &str| place.rsplit('!').next().unwrap().to_owned();
    let found = gathered.found.iter();
    found.map(|one| (one.name.clone(), one.raw.figure.clone(), value(&one.raw.value), place(&one.raw.place))).collect()
}

#[test]
fn a_table_below_a_letterhead_with_merged_heads_is_read() {
    let program = program();
    let plain = Format::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    letterhead(sheet, 6);
    for (column, head) in [(0, "STT"), (1, "Ten don vi"), (4, "Nguoi nhap may"), (5, "Ghi chu")] {
        sheet.merge_range(6, column, 7, column, head, &plain).unwrap();
    }
    sheet.merge_range(6, 2, 6, 3, "Quy mo", &plain).unwrap();
    write(sheet, 7, &["", "", "So luong dan so", "So luong ho gia dinh"]);
    write(sheet, 8, &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]);
    write(sheet, 9, &["1", "Xa Mau A", "12000", "3400", "can bo mau", "da doi chieu"]);
    write(sheet, 11, &["2", "Xã Mẫu B", "8.500", "", "cán bộ mẫu", ""]);
    write(sheet, 12, &["", "Tổng cộng", "20500", "3400", "", ""]);
    write(sheet, 14, &["", "", "", "", "Người lập biểu", ""]);
    let (roles, gathered) = taken(&program, &book.save_to_buffer().unwrap());
    assert_eq!(roles, ["-", "unit", "profile/population", "profile/households", "-", "-"]);
    assert!(gathered.refused.is_empty(), "{:?}", gathered.refused);
    let expected = [
        ("Xa Mau A", "population", "12000", "C10"),
        ("Xa Mau A", "households", "3400", "D10"),
        ("Xã Mẫu B", "population", "8.500", "C12"),
        ("Tổng cộng", "population", "20500", "C13"),
        ("Tổng cộng", "households", "3400", "D13"),
    ];
    let expected = expected.map(|(name, figure, value, at)| (name.into(), figure.into(), value.into(), at.into()));
    assert_eq!(told(&gathered), expected);
}

#[test]
fn a_list_of_indicators_with_units_merged_over_rows_and_a_column_of_ones_own_is_read() {
    let program = program();
    let plain = Format::new();
    let articles = program.set.indicator("I.5.2").unwrap().all_figures()[0].clone();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    letterhead(sheet, 6);
    write(sheet, 6, &["TT", "Đơn vị", "Tiêu chí", "Số liệu", "Mã hồ sơ nội bộ", "Kết quả thực hiện"]);
    sheet.merge_range(7, 1, 8, 1, "Xã Mẫu A", &plain).unwrap();
    write(sheet, 7, &["1", "", "I.5.2", &articles.label, "HS-01", "11"]);
    write(sheet, 8, &["2", "", "I.5.2", "Số tháng trong năm có ít nhất 1 tin, bài", "HS-02", "9"]);
    write(sheet, 9, &["3", "Xã Mẫu B", "I.5.2", &articles.label, "HS-03", "7"]);
    let (roles, gathered) = taken(&program, &book.save_to_buffer().unwrap());
    assert_eq!(roles, ["-", "unit", "indicator", "figure", "-", "value"]);
    assert!(gathered.refused.is_empty(), "{:?}", gathered.refused);
    let expected = [
        ("Xã Mẫu A", articles.id.as_str(), "11", "F8"),
        ("Xã Mẫu A", "months", "9", "F9"),
        ("Xã Mẫu B", articles.id.as_str(), "7", "F10"),
    ];
    let expected = expected.map(|(name, figure, value, at)| (name.into(), figure.into(), value.into(), at.into()));
    assert_eq!(told(&gathered), expected);
}

#[test]
fn what_no_head_names_is_left_to_a_person() {
    let program = program();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(sheet, 0, &["Nơi báo cáo", "Cột mới", "Số liệu khác"]);
    write(sheet, 1, &["Xã Mẫu A", "5", "6"]);
    let (roles, gathered) = taken(&program, &book.save_to_buffer().unwrap());
    assert_eq!(roles, ["-", "-", "-"], "nothing is guessed from heads that are like no wording of the set");
    assert!(gathered.found.is_empty());
}
