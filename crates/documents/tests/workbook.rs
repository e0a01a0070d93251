//! The workbook filled in and read back; and every way in which a workbook can be wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::num::NonZeroUsize;
use std::path::Path;

use criteria::{CriteriaSet, Files, Language, Picks};
use documents::workbook;
use rust_xlsxwriter::Workbook;
use scoring::figures::collect;
use scoring::{KnownNotation, Program, Refusal};

fn set(id: &str) -> CriteriaSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../criteria").join(id);
    let mut files = Files::new();
    read_folder(&folder, &folder, &mut files);
    CriteriaSet::read("", &files).unwrap()
}

fn read_folder(base: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(base, &path, files);
        } else {
            let name = path.strip_prefix(base).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn program(id: &str) -> Program {
    Program::new(&set(id), &Picks::new(), None).unwrap()
}

const SET: &str = "hue-2263-2023-commune";

/// A workbook for the commune set with one sheet: a row of references, then the rows given.
fn filled(program: &Program, references: &[&str], rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("I").unwrap();
    sheet.write_string(0, 0, "#ref").unwrap();
    for (column, reference) in references.iter().enumerate() {
        sheet.write_string(0, column as u16 + 1, *reference).unwrap();
    }
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32 + 1, column as u16, *cell).unwrap();
        }
    }
    let meta = book.add_worksheet();
    meta.set_name("_thuocdo").unwrap();
    for (row, (key, value)) in
        [("set", program.set.head.id.clone()), ("hash", program.set_hash.clone())].into_iter().enumerate()
    {
        meta.write_string(row as u32, 0, key).unwrap().write_string(row as u32, 1, value).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn refused(program: &Program, bytes: &[u8]) -> Vec<Refusal> {
    match workbook::read(program, "f.xlsx", bytes) {
        Ok(rows) => collect(program, rows, KnownNotation::Unknown).expect_err("these figures must be refused"),
        Err(refusals) => refusals,
    }
}

fn says(refusals: &[Refusal], place: &str, words: &str) {
    let found = refusals.iter().any(|refusal| refusal.place == place && refusal.message.en.contains(words));
    assert!(found, "{place}: {words} in {refusals:#?}");
}

#[test]
fn what_is_written_into_the_template_is_read_back() {
    for id in [SET, "hue-2263-2023-department"] {
        let program = program(id);
        let path = format!("{}/../../examples/made-up/{id}.csv", env!("CARGO_MANIFEST_DIR"));
        let rows = scoring::input::from_csv("f.csv", &std::fs::read(path).unwrap()).unwrap();
        let figures = collect(&program, rows, KnownNotation::Unknown).unwrap();
        let units: Vec<String> = figures.units.iter().map(|unit| unit.unit.clone()).collect();
        let bytes = workbook::template(&program, &units, Some(&figures), Language::Vietnamese).unwrap();
        let rows = workbook::read(&program, "f.xlsx", &bytes).unwrap();
        let again = collect(&program, rows, KnownNotation::Unknown).unwrap();
        for (before, after) in figures.units.iter().zip(&again.units) {
            assert_eq!((&before.unit, &before.cells), (&after.unit, &after.cells));
        }
        assert_eq!(figures.round, again.round);
        let scores = |figures| scoring::score::score(&program, figures, NonZeroUsize::MIN).units;
        let (before, after) = (scores(&figures), scores(&again));
        assert!(before.iter().zip(&after).all(|(before, after)| before.comparable == after.comparable));
    }
}

#[test]
fn an_empty_template_has_every_figure_of_every_official_set() {
    for id in ["hue-931-2024-commune", "hue-931-2024-district", "hue-931-2024-department", "nghia-phuong-41-2023"] {
        let program = program(id);
        let bytes = workbook::template(&program, &["Mẫu 1".to_owned()], None, Language::English).unwrap();
        let rows = workbook::read(&program, "f.xlsx", &bytes).unwrap();
        let figures = collect(&program, rows, KnownNotation::Unknown).unwrap();
        assert_eq!(figures.units[0].unit, "Mẫu 1");
        assert!(figures.units[0].cells.iter().all(|cell| !cell.is_given()));
        assert!(workbook::set_sheets(&program.set, Language::Vietnamese).unwrap().len() > 10_000);
    }
}

#[test]
fn text_is_understood_as_officials_type_it() {
    let program = program(SET);
    let references = ["profile.population", "I.5.2/articles", "I.1.1/answer", "I.2.2/held"];
    let rows: [&[&str]; 2] = [&["A", "12.345.678", "8", "Cấp phó", "x"], &["B", "9.876", "12", "head", "không"]];
    let rows = workbook::read(&program, "f.xlsx", &filled(&program, &references, &rows)).unwrap();
    let figures = collect(&program, rows, KnownNotation::Unknown).unwrap();
    let population = program.slot(None, "profile.population").unwrap();
    let scoring::Slot::Unit(at) = population else { panic!("a profile figure belongs to the unit") };
    assert_eq!(figures.units[1].cells[at], scoring::Cell::Number(criteria::Number::whole(9_876).unwrap()));
    assert_eq!(figures.units[0].origins[&at].place, "f.xlsx, 'I'!B2");
}

#[test]
fn every_wrong_cell_is_named_by_its_address_at_once() {
    let program = program(SET);
    let references = ["profile.population", "I.5.2/articles", "I.9.9/none", ""];
    let rows: [&[&str]; 3] = [&["A", "nhiều", "-1", "1"], &["", "5"], &["A", "5", "2", "", "dư"]];
    let refusals = refused(&program, &filled(&program, &references, &rows));
    says(&refusals, "f.xlsx, 'I'!A3", "no unit");
    says(&refusals, "f.xlsx, 'I'!A4", "stands in row 2 already");
    says(&refusals, "f.xlsx, 'I'!E1", "belongs to no figure");
    let rows: [&[&str]; 1] = [&["A", "nhiều", "-1", "1"]];
    let refusals = refused(&program, &filled(&program, &references, &rows));
    says(&refusals, "f.xlsx, 'I'!B2", "is not a number");
    says(&refusals, "f.xlsx, 'I'!C2", "is negative");
    says(&refusals, "f.xlsx, 'I'!D2", "no indicator \"I.9.9\"");
}

#[test]
fn a_column_that_mixes_notations_is_refused() {
    let program = program(SET);
    let rows: [&[&str]; 2] = [&["A", "1.234,0"], &["B", "1,234.0"]];
    let refusals = refused(&program, &filled(&program, &["profile.population"], &rows));
    says(&refusals, "f.xlsx, 'I'!B3", "mixes two notations");
    let refusals = refused(&program, &filled(&program, &["profile.population"], &[&["A", "1.234"]]));
    says(&refusals, "f.xlsx, 'I'!B2", "could be two numbers");
}

#[test]
fn what_is_no_workbook_of_this_set_is_refused_in_one_sentence() {
    let commune = program(SET);
    let department = program("hue-2263-2023-department");
    let one = |bytes: &[u8], words: &str| {
        let refusals = refused(&commune, bytes);
        assert_eq!(refusals.len(), 1, "{refusals:#?}");
        assert!(refusals[0].message.en.contains(words), "{refusals:#?}");
    };
    one(b"", "not a readable .xlsx");
    one(b"PK\x03\x04 truncated", "not a readable .xlsx");
    let good = workbook::template(&commune, &["A".to_owned()], None, Language::Vietnamese).unwrap();
    one(&good[..good.len() / 2], "not a readable .xlsx");
    one(&workbook::template(&department, &[], None, Language::Vietnamese).unwrap(), "for the set");
    one(&Workbook::new().save_to_buffer().unwrap(), "not made by");
    let picked = Picks::from([("minimum-count".to_owned(), "all-or-nothing".to_owned())]);
    let picked = Program::new(&set(SET), &picked, None).unwrap();
    assert!(workbook::read(&picked, "f.xlsx", &good).is_ok(), "another answer to a reading is no other set");
    let mut changed = set(SET);
    changed.pillars[0].indicators[0].points = criteria::Number::parse("11");
    let changed = Program::new(&changed, &Picks::new(), None).unwrap();
    one(&workbook::template(&changed, &[], None, Language::Vietnamese).unwrap(), "has changed since");
}

#[test]
fn damaged_workbooks_never_make_the_reader_panic() {
    let program = program(SET);
    let good = workbook::template(&program, &["A".to_owned()], None, Language::Vietnamese).unwrap();
    for step in 1..60 {
        let mut damaged = good.clone();
        let at = damaged.len() * step / 61;
        for byte in damaged.iter_mut().skip(at).take(7) {
            *byte = byte.wrapping_add(step as u8 | 1);
        }
        let _ = workbook::read(&program, "f.xlsx", &damaged);
    }
}

#[test]
fn a_cell_in_the_last_corner_of_a_sheet_is_refused_and_not_loaded() {
    let program = program(SET);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("I").unwrap();
    sheet.write_string(0, 0, "#ref").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let meta = book.add_worksheet();
    meta.set_name("_thuocdo").unwrap();
    for (row, (key, value)) in
        [("set", program.set.head.id.clone()), ("hash", program.set_hash.clone())].into_iter().enumerate()
    {
        meta.write_string(row as u32, 0, key).unwrap().write_string(row as u32, 1, value).unwrap();
    }
    says(&refused(&program, &book.save_to_buffer().unwrap()), "f.xlsx, 'I'", "1048576 rows × 16384 columns");
}
