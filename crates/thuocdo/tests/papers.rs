//! Papers as other hands see them: poppler reads the PDF, python-docx and openpyxl the others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env_remove("THUOCDO_LANG").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; ./test installs it"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn report(arguments: &[&str], file: &Path) {
    let mut all = vec!["report"];
    all.extend(arguments);
    all.extend(["-o", file.to_str().unwrap()]);
    run(env!("CARGO_BIN_EXE_thuocdo"), &all);
}

/// Python of the repository, where `./test` put the readers of Word and Excel files.
fn python(script: &str, file: &Path) -> String {
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.venv/bin/python"));
    run(own.to_str().unwrap(), &["-c", script, file.to_str().unwrap()])
}

const WORDS_OF_DOCX: &str = r#"
import sys, docx
from docx.oxml.ns import qn
d = docx.Document(sys.argv[1])
for p in d.element.body.iter(qn('w:p')):
    print(''.join(t.text or '' if t.tag == qn('w:t') else '\n' for t in p.iter(qn('w:t'), qn('w:br'))))
"#;

/// Letters and digits, with how often each word stands there.
fn words(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *found.entry(word.to_owned()).or_default() += 1;
    }
    found
}

/// A word of a PDF: page, left, top, right, bottom in points, and the word.
type Word = (usize, [f64; 4], String);

/// The pages' sizes and the words of a PDF.
fn boxes(file: &Path) -> (Vec<(f64, f64)>, Vec<Word>) {
    let page = run("pdftotext", &["-bbox", file.to_str().unwrap(), "-"]);
    let number = |line: &str, name: &str| -> f64 {
        line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap()
    };
    let (mut pages, mut found) = (Vec::new(), Vec::new());
    for line in page.lines() {
        if line.contains("<page ") {
            pages.push((number(line, "width"), number(line, "height")));
        } else if line.contains("<word ") {
            let edges = ["xMin", "yMin", "xMax", "yMax"].map(|name| number(line, name));
            let word = line.split('>').nth(1).unwrap().split('<').next().unwrap();
            found.push((pages.len(), edges, word.to_owned()));
        }
    }
    (pages, found)
}

const MM: f64 = 72.0 / 25.4;

fn papers() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("letter", vec!["assignment", "khe-tre-114-2024"]),
        ("plan", vec!["assignment", "nghia-phuong-41-2023"]),
        ("set", vec!["set", "hue-2263-2023-commune"]),
        ("preview", vec!["preview", "survey"]),
    ]
}

#[test]
fn what_stands_in_the_word_file_stands_in_the_pdf_diacritics_and_all() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in papers() {
        let (pdf, docx) = (folder.path().join(format!("{name}.pdf")), folder.path().join(format!("{name}.docx")));
        report(&arguments, &pdf);
        report(&arguments, &docx);
        let printed = words(&run("pdftotext", &["-raw", pdf.to_str().unwrap(), "-"]));
        let written = words(&python(WORDS_OF_DOCX, &docx));
        assert!(written.values().sum::<usize>() > 100, "{name}");
        // Heads stand again on each page and pages bear numbers: the PDF may have more of a word, never fewer.
        let missing: Vec<_> =
            written.iter().filter(|(word, count)| printed.get(*word).copied().unwrap_or(0) < **count).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn pages_have_the_size_the_margins_and_the_numbers_of_the_decree() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in papers() {
        let pdf = folder.path().join(format!("{name}.pdf"));
        report(&arguments, &pdf);
        let info = run("pdfinfo", &[pdf.to_str().unwrap()]);
        assert!(info.contains("Tagged:          yes"), "{name}: {info}");
        let fonts = run("pdffonts", &[pdf.to_str().unwrap()]);
        for line in fonts.lines().skip(2) {
            let marks: Vec<&str> = line.split_whitespace().rev().skip(2).take(3).collect();
            assert_eq!(marks, ["yes", "yes", "yes"], "{name}: embedded, subset, with Unicode: {line}");
        }
        let bytes = std::fs::read(&pdf).unwrap();
        let has = |words: &str| bytes.windows(words.len()).any(|own| own == words.as_bytes());
        assert!(has("pdfaid:part") && has("pdfuaid:part"), "{name} says that it is PDF/A and PDF/UA");
        let (pages, found) = boxes(&pdf);
        for (page, [left, top, right, bottom], word) in &found {
            let (width, height) = pages[page - 1];
            let lies = width > height;
            let (short, long) = if lies { (height, width) } else { (width, height) };
            assert!((short - 210.0 * MM).abs() < 0.5 && (long - 297.0 * MM).abs() < 0.5, "{name}: A4");
            let is_number = *bottom < 20.0 * MM && word.chars().all(|letter| letter.is_ascii_digit());
            if is_number {
                let middle = (left + right) / 2.0;
                assert!((middle - width / 2.0).abs() < 2.0, "{name} page {page}: its number stands in the middle");
                continue;
            }
            let least = if lies { (20.0, 25.0) } else { (30.0, 20.0) };
            assert!(
                *left >= least.0 * MM - 0.5 && *right <= width - 20.0 * MM + 0.5,
                "{name} page {page} {word}: sides"
            );
            assert!(*top >= least.1 * MM - 3.0 && *bottom <= height - 20.0 * MM + 3.0, "{name} page {page} {word}");
        }
        let first = found.iter().any(|(page, [_, _, _, bottom], _)| *page == 1 && *bottom < 20.0 * MM);
        assert!(!first, "{name}: the first page bears no number");
    }
}

#[test]
fn the_heads_of_a_table_stand_on_each_of_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("letter.pdf");
    report(&["assignment", "khe-tre-114-2024"], &pdf);
    let (pages, _) = boxes(&pdf);
    assert!(pages.len() >= 6, "one page of text and an annex over several: {}", pages.len());
    assert!(pages[0].0 < pages[0].1 && pages[1].0 > pages[1].1, "the letter stands, its annex lies");
    for page in 2..=pages.len() {
        let page = page.to_string();
        let text = run("pdftotext", &["-f", &page, "-l", &page, "-raw", pdf.to_str().unwrap(), "-"]);
        assert!(text.contains("Tiêu chí") && text.contains("Tài liệu kiểm chứng"), "page {page}: {text}");
    }
}

#[test]
fn word_files_have_real_styles_and_heads_and_open_in_python_docx() {
    let folder = tempfile::tempdir().unwrap();
    let docx = folder.path().join("letter.docx");
    report(&["assignment", "khe-tre-114-2024"], &docx);
    let script = r#"
import sys, docx
from docx.oxml.ns import qn
d = docx.Document(sys.argv[1])
s = d.sections
print([round(x.mm) for x in (s[0].page_width, s[0].page_height, s[0].left_margin, s[0].right_margin, s[0].top_margin)])
print(len(s), s[1].orientation, s[0].different_first_page_header_footer)
print('PAGE' in s[0].header._element.xml)
t = d.tables[-1]
print(len(t.columns), t.rows[0]._tr.find(qn('w:trPr')).find(qn('w:tblHeader')) is not None)
print(sorted({p.style.name for p in d.paragraphs}))
print(d.styles['Nội dung'].font.size.pt, d.tables[0].cell(0, 1).paragraphs[0].text)
"#;
    let told = python(script, &docx);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "[210, 297, 30, 20, 20]");
    assert!(lines[1].starts_with("2 LANDSCAPE") && lines[1].ends_with("True"), "{}", lines[1]);
    assert_eq!(lines[2], "True");
    assert_eq!(lines[3], "6 True");
    assert!(lines[4].contains("Nội dung") && lines[4].contains("Tên phụ lục"), "{}", lines[4]);
    assert_eq!(lines[5], "14.0 CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
}

#[test]
fn word_files_open_in_libreoffice_with_every_word() {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let out = folder.path().to_str().unwrap();
    for (name, arguments) in papers() {
        let docx = folder.path().join(format!("{name}.docx"));
        report(&arguments, &docx);
        run("soffice", &[&profile, "--headless", "--convert-to", "pdf", "--outdir", out, docx.to_str().unwrap()]);
        let pdf = folder.path().join(format!("{name}.pdf"));
        let printed = words(&run("pdftotext", &["-raw", pdf.to_str().unwrap(), "-"]));
        let written = words(&python(WORDS_OF_DOCX, &docx));
        let missing: Vec<_> =
            written.iter().filter(|(word, count)| printed.get(*word).copied().unwrap_or(0) < **count).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}

#[test]
fn workbooks_open_in_openpyxl_with_numbers_as_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let xlsx = folder.path().join("set.xlsx");
    report(&["set", "hue-2263-2023-commune"], &xlsx);
    let script = r#"
import sys, openpyxl
b = openpyxl.load_workbook(sys.argv[1])
s = b[b.sheetnames[-1]]
print(b.sheetnames)
print(sum(1 for r in s.iter_rows(values_only=True) if isinstance(r[2], (int, float))), s.print_title_rows, s.page_setup.orientation)
"#;
    let told = python(script, &xlsx);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "['Thông tin chung', 'Bộ chỉ số']");
    // 79 indicators, 8 pillars and the total.
    assert!(
        lines[1].starts_with("88 ") && lines[1].ends_with("landscape") && !lines[1].contains("None"),
        "{}",
        lines[1]
    );
}

#[test]
fn a_wrong_form_is_told_by_its_line_and_the_shipped_ones_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let forms = folder.path().join("mau");
    run(env!("CARGO_BIN_EXE_thuocdo"), &["report", "forms", "-o", forms.to_str().unwrap()]);
    assert!(run(env!("CARGO_BIN_EXE_thuocdo"), &["report", "check", forms.to_str().unwrap()]).contains("11"));
    let letter = forms.join("reminder.txt");
    let text = std::fs::read_to_string(&letter).unwrap();
    std::fs::write(&letter, text.replace("Kính gửi: {đơn vị}", "Kính gửi: {đơn vi}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
        .args(["report", "check", forms.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("reminder.txt") && told.contains("ý là “đơn vị”?"), "{told}");
    std::fs::write(&letter, text.replace("Kính gửi: {đơn vị}", "Kính gửi: Ông, bà {đơn vị}")).unwrap();
    let docx = folder.path().join("x.docx");
    report(&["preview", "reminder", "--forms", forms.to_str().unwrap()], &docx);
    assert!(python(WORDS_OF_DOCX, &docx).contains("Kính gửi: Ông, bà ‹đơn vị được nhắc›"));
}
