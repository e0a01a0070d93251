//! Criteria sets from PDF: our own annex, what LibreOffice makes of our Word file, and what a browser prints.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use criteria::quote::{fold, readable};
use criteria::{CriteriaSet, Files};

const SET: &str = "hue-2263-2023-commune";

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env_remove("THUOCDO_LANG").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; ./test installs it"));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

fn files(folder: &Path) -> Files {
    let mut files = Files::new();
    for below in ["", "source"] {
        for entry in std::fs::read_dir(folder.join(below)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                let name = if below.is_empty() { name } else { format!("{below}/{name}") };
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn read(folder: &Path) -> CriteriaSet {
    CriteriaSet::read("", &files(folder)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn hand() -> CriteriaSet {
    read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../criteria").join(SET))
}

fn imported(file: &Path, to: &Path) -> CriteriaSet {
    let told = run(
        env!("CARGO_BIN_EXE_thuocdo"),
        &["sets", "import", file.to_str().unwrap(), "-o", to.to_str().unwrap(), "--id", "mau"],
    );
    assert!(told.contains("chắc"), "each proposal says how sure it is and what it rests on: {told}");
    read(to)
}

/// How many indicators came back as they are: number, name, points, deadlines and words.
fn same(draft: &CriteriaSet, hand: &CriteriaSet) -> usize {
    let words = |text: &Option<String>| fold(&readable(text.as_deref().unwrap_or_default()));
    hand.indicators()
        .filter(|one| {
            let Some(own) = draft.indicator(&one.id) else {
                println!("{}: missing", one.id);
                return false;
            };
            let pairs = [
                ("name", fold(&readable(&own.name)), fold(&readable(&one.name))),
                ("points", format!("{:?}", own.points), format!("{:?}", one.points)),
                ("due", format!("{:?}", own.due.days()), format!("{:?}", one.due.days())),
                ("guidance", words(&own.guidance), words(&one.guidance)),
                ("text", words(&own.text), words(&one.text)),
                ("no", own.no.clone(), one.no.clone()),
            ];
            let wrong: Vec<_> = pairs.iter().filter(|(_, own, one)| own != one).collect();
            wrong.iter().for_each(|(what, own, one)| println!("{} {what}: {own:?} for {one:?}", draft.head.id));
            wrong.is_empty()
        })
        .count()
}

#[test]
fn our_own_annex_comes_back_as_the_same_set() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("annex.pdf");
    run(env!("CARGO_BIN_EXE_thuocdo"), &["report", "set", SET, "-o", pdf.to_str().unwrap()]);
    let (draft, hand) = (imported(&pdf, &folder.path().join("draft")), hand());
    assert_eq!(draft.indicators().count(), hand.indicators().count());
    assert_eq!(same(&draft, &hand), hand.indicators().count());
    assert_eq!(draft.head.total, hand.head.total);
    assert_eq!(draft.head.document.number, hand.head.document.number);
    let pillars = |set: &CriteriaSet| -> Vec<_> {
        set.pillars.iter().map(|one| (one.pillar.no.clone(), one.pillar.points, one.groups.len())).collect()
    };
    assert_eq!(pillars(&draft), pillars(&hand));
    // The same file read as Word gives the same rules.
    let docx = folder.path().join("annex.docx");
    run(env!("CARGO_BIN_EXE_thuocdo"), &["report", "set", SET, "-o", docx.to_str().unwrap()]);
    let word = imported(&docx, &folder.path().join("word"));
    let kinds = |set: &CriteriaSet| set.indicators().map(|one| one.rule.kind()).collect::<Vec<_>>();
    assert_eq!(kinds(&draft), kinds(&word));
}

#[test]
fn what_libreoffice_makes_of_our_word_file_comes_back_too() {
    let folder = tempfile::tempdir().unwrap();
    let docx = folder.path().join("annex.docx");
    run(env!("CARGO_BIN_EXE_thuocdo"), &["report", "set", SET, "-o", docx.to_str().unwrap()]);
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let out = folder.path().to_str().unwrap();
    run("soffice", &[&profile, "--headless", "--convert-to", "pdf", "--outdir", out, docx.to_str().unwrap()]);
    let (draft, hand) = (imported(&folder.path().join("annex.pdf"), &folder.path().join("draft")), hand());
    let (same, all) = (same(&draft, &hand), hand.indicators().count());
    assert!(same * 100 >= all * 95, "{same} of {all}");
}

#[test]
fn what_a_browser_prints_comes_back_too() {
    let hand = hand();
    let escaped = |text: &str| readable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut page = String::from(
        "<!DOCTYPE html><html lang=vi><meta charset=utf-8><style>table{border-collapse:collapse;font:11pt serif}\
         td,th{border:1px solid black;padding:2px 4px;vertical-align:top}</style>\
         <p>BỘ CHỈ SỐ ĐÁNH GIÁ CHUYỂN ĐỔI SỐ CẤP XÃ</p>\
         <p>(Ban hành kèm theo Quyết định số 12/QĐ-UBND ngày 05/3/2025 của Ủy ban nhân dân tỉnh Mẫu)</p>\
         <table><thead><tr><th>TT<th>Chi so<th>Diem toi da<th>Thoi gian hoan thanh<th>Huong dan thuc hien</tr></thead>",
    );
    for file in &hand.pillars {
        let points = file.pillar.points.map(|points| points.to_string()).unwrap_or_default();
        write!(page, "<tr><td>{}<td>{}<td>{points}<td><td></tr>", file.pillar.no, escaped(&file.pillar.name)).unwrap();
        let mut group = "";
        for one in &file.indicators {
            if let Some(own) = file.groups.iter().find(|own| Some(own.id.as_str()) == one.group_id() && own.id != group)
            {
                group = &own.id;
                write!(page, "<tr><td>{}<td colspan=4><b>{}</b></tr>", own.no, escaped(&own.name)).unwrap();
            }
            let due: Vec<String> =
                one.due.days().iter().map(|day| format!("{:02}/{:02}", day.day(), day.month())).collect();
            write!(
                page,
                "<tr><td>{}<td>{}<td>{}<td>{}<td>1. Nội dung thực hiện: {}<br>2. Điều kiện đảm bảo: {}</tr>",
                one.no,
                escaped(&one.name),
                one.points.map(|points| points.to_string()).unwrap_or_default(),
                due.join(", "),
                escaped(one.guidance.as_deref().unwrap_or_default()),
                escaped(one.text.as_deref().unwrap_or_default()),
            )
            .unwrap();
        }
    }
    page.push_str("</table>");
    let folder = tempfile::tempdir().unwrap();
    let (html, pdf) = (folder.path().join("set.html"), folder.path().join("set.pdf"));
    std::fs::write(&html, page).unwrap();
    let print = format!("--print-to-pdf={}", pdf.display());
    let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
    let from = format!("file://{}", html.display());
    run(
        "chromium",
        &["--headless", "--no-sandbox", "--disable-gpu", &profile, "--no-pdf-header-footer", &print, &from],
    );
    let draft = imported(&pdf, &folder.path().join("draft"));
    let (same, all) = (same(&draft, &hand), hand.indicators().count());
    // A browser breaks rows wherever a page ends, and draws no line there.
    assert!(same * 100 >= all * 95, "{same} of {all}");
    assert_eq!(draft.head.document.number, "12/QĐ-UBND");
}
