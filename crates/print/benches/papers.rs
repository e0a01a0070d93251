//! How long papers take: a score sheet as PDF (budget 0.5 s), a workbook of 3,321 units (2 s). Prints, judges nothing.
//!
//! `cargo bench -p print`; needs the fonts of Debian's `fonts-liberation2`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a program for people who measure")]

use std::time::Instant;

use criteria::Number;
use criteria::date::Date;
use documents::paper::form::{Entry, Filling, Form, Rows, Value};
use documents::paper::{RowKind, docx, xlsx};
use documents::papers::{FORMS, Kind};
use print::{Faces, pdf};

fn form(stem: &str) -> Form {
    let (_, text) = FORMS.iter().find(|(known, _)| *known == stem).unwrap();
    Form::read(stem, text, Kind::of_form(stem).unwrap().offer()).unwrap()
}

fn timed<T>(what: &str, work: impl Fn() -> T) -> T {
    let begun = Instant::now();
    let made = work();
    println!("{what:<56} {:>7.3} s", begun.elapsed().as_secs_f64());
    made
}

fn main() {
    let folder = ["/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/liberation"];
    let folder = folder.into_iter().find(|folder| std::path::Path::new(folder).exists()).unwrap();
    let names = ["Regular", "Bold", "Italic", "BoldItalic"];
    let faces = timed("fonts read", || {
        Faces::new(names.map(|name| std::fs::read(format!("{folder}/LiberationSerif-{name}.ttf")).unwrap())).unwrap()
    });
    let points = Number::parse("7.5").unwrap();
    let mut sheet: Filling = Kind::SelfAssessment.offer().sample();
    // PDF/A asks for a day.
    sheet.day = Date::new(2024, 5, 8).ok();
    let row = |number: usize| {
        Entry::of(if number.is_multiple_of(10) { RowKind::Group } else { RowKind::Plain })
            .words("số", number.to_string())
            .words("tên", "Tỉ lệ dân số trưởng thành trên địa bàn có điện thoại thông minh")
            .number("tối đa", Some(points))
            .words("số liệu", "Số người trưởng thành có điện thoại: 4.812\nSố người trưởng thành: 6.020")
            .points("tự chấm", Some(points))
            .words("lý do", "10 × 4.812/6.020 = 7,99. 4.812 là “Số người trưởng thành có điện thoại”, đơn vị khai.")
            .words("tài liệu", "3–5")
    };
    sheet.tables.insert("chỉ số", Rows { rows: (1..=87).map(row).collect(), ..Rows::default() });
    let paper = form("self-assessment").fill(&sheet);
    let bytes = timed("score sheet of 79 indicators, PDF", || pdf(&faces, &paper).unwrap());
    println!("{:<56} {:>7} bytes", "", bytes.len());
    timed("score sheet of 79 indicators, Word", || docx::write(&paper).unwrap());
    let mut all: Filling = Kind::Ranking.offer().sample();
    all.day = sheet.day;
    all.tables.retain(|name, _| *name == "xếp hạng xã");
    let unit = |number: u32| {
        Entry::of(RowKind::Plain)
            .words("hạng", number.to_string())
            .words("đơn vị", format!("Xã Mẫu {number:04}"))
            .series("trụ cột", vec![Value::Number(points, 2); 8])
            .points("điểm", Some(points))
            .number("không áp dụng", Some(points))
            .points("quy đổi", Some(points))
            .words("xếp loại", "Khá")
    };
    let heads = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"].map(str::to_owned).to_vec();
    all.tables
        .insert("xếp hạng xã", Rows { rows: (1..=3321).map(unit).collect(), series: [("trụ cột", heads)].into() });
    let paper = timed("3,321 units, the paper", || form("ranking").fill(&all));
    timed("3,321 units, Excel", || xlsx::write(&paper).unwrap());
    timed("3,321 units, Word", || docx::write(&paper).unwrap());
    let bytes = timed("3,321 units, PDF", || pdf(&faces, &paper).unwrap());
    println!("{:<56} {:>7} bytes", "", bytes.len());
}
