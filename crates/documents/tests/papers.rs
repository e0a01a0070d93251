//! Papers: what goes into a form comes out of every format, and what was printed can be read back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{files, repository, set};
use criteria::CriteriaSet;
use criteria::plan::AssignmentPlan;
use criteria::quote::{fold, readable};
use documents::import::{Options, import};
use documents::paper::form::Form;
use documents::paper::{Block, Paper, RowKind, Style, Table, docx, xlsx};
use documents::papers::{self, FORMS, Kind};

fn form(stem: &str) -> Form {
    let (_, text) = FORMS.iter().find(|(known, _)| *known == stem).unwrap();
    let offer = Kind::of_form(stem).unwrap().offer();
    Form::read(&format!("{stem}.txt"), text, offer).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn letter(plan: &str) -> Paper {
    let files = files(&repository().join("plans").join(plan));
    let set = set(&AssignmentPlan::set_id(&files).unwrap());
    let plan = AssignmentPlan::read("", &files, &set).unwrap();
    let (stem, filling) = papers::from_plan(&set, &plan);
    form(stem).fill(&filling)
}

#[test]
fn every_form_that_ships_can_be_read_and_makes_a_paper() {
    for (stem, _) in FORMS {
        let kind = Kind::of_form(stem).unwrap_or_else(|| panic!("{stem}"));
        let paper = form(stem).fill(&kind.offer().sample());
        assert!(!paper.parts.is_empty(), "{stem}");
        assert!(paper.text().contains("‹"), "{stem} shows its facts");
        assert!(!docx::write(&paper).unwrap().is_empty());
    }
}

#[test]
fn a_slip_in_a_form_is_told_with_its_line_and_what_was_meant() {
    let text = "[nội dung]\nKính gửi {đơn v}\n{bảng việc}\n[ghi]\nx\n[bảng việc]\nTên | tênn | 10\nMã | mã\n";
    let problems = Form::read("reminder.txt", text, Kind::Reminder.offer()).unwrap_err();
    let told: Vec<(usize, &str)> = problems.iter().map(|one| (one.line, one.message.vi.as_str())).collect();
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4, 7, 8], "{told:#?}");
    assert!(told[0].1.contains("ý là “đơn vị”?"), "{told:#?}");
    assert!(told[2].1.contains("ý là “tên”?"), "{told:#?}");
    let open = Form::read("reminder.txt", "[nội dung]\n{bảng việc}\n{năm", Kind::Reminder.offer()).unwrap_err();
    assert_eq!(open.iter().map(|one| one.line).collect::<Vec<_>>(), [3, 2]);
}

#[test]
fn what_is_not_known_is_left_open_and_an_optional_line_falls_away() {
    let form =
        Form::read("reminder.txt", "[nội dung]\nGửi {đơn vị}\n{?hạn cuối}Hạn {hạn cuối}\n", Kind::Reminder.offer());
    let paper = form.unwrap().fill(&documents::paper::form::Filling::default());
    assert_eq!(paper.text(), "Gửi ……");
}

/// The cells of a column, joined; what pages broke comes together again.
fn column(table: &Table, at: usize) -> String {
    let rows = table.rows.iter().filter(|row| row.kind == RowKind::Plain);
    fold(&rows.map(|row| row.cells[at].text.as_str()).collect::<Vec<_>>().join(" "))
}

/// The same of a table as received: rows of cells.
fn received(rows: &[Vec<String>], at: usize) -> String {
    fold(&readable(&rows.iter().filter_map(|row| row.get(at)).cloned().collect::<Vec<_>>().join(" ")))
}

#[test]
fn the_annex_of_letter_114_comes_out_column_for_column() {
    let paper = letter("khe-tre-114-2024");
    let table = paper.tables().next().unwrap();
    let heads: Vec<&str> = table.heads[0].cells.iter().map(|cell| cell.text.as_str()).collect();
    let text = std::fs::read_to_string(repository().join("plans/khe-tre-114-2024/source/cv114.md")).unwrap();
    let rows: Vec<Vec<String>> = text
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|--") && !line.starts_with("| --"))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let printed: Vec<String> = rows[0].iter().map(|head| fold(head)).collect();
    assert_eq!(heads.iter().map(|head| fold(head)).collect::<Vec<_>>(), printed, "the heads");
    let is_pillar = |row: &Vec<String>| row[0].contains("<b>");
    let body: Vec<Vec<String>> = rows[1..].iter().filter(|row| !is_pillar(row)).cloned().collect();
    let groups: Vec<String> =
        rows[1..].iter().filter(|row| is_pillar(row)).map(|row| fold(&readable(&row[0]))).collect();
    let own: Vec<String> =
        table.rows.iter().filter(|row| row.kind == RowKind::Group).map(|row| fold(&row.cells[0].text)).collect();
    assert_eq!(own, groups, "the pillars");
    for at in [0, 4, 5] {
        same_words(&column(table, at), &received(&body, at), heads[at]);
    }
    // Of the one criterion that does not apply the plan keeps number, name and reason, and not what would be done.
    let applies: Vec<Vec<String>> =
        body.iter().filter(|row| !row[4].contains("Không áp dụng cấp xã")).cloned().collect();
    assert_eq!(applies.len() + 1, body.len());
    for at in [2, 3] {
        same_words(&column(table, at), &received(&applies, at), heads[at]);
    }
}

/// The words in order; the first place where they part is shown.
fn same_words(own: &str, printed: &str, what: &str) {
    let (own, printed): (Vec<&str>, Vec<&str>) = (own.split(' ').collect(), printed.split(' ').collect());
    for (at, (one, other)) in own.iter().zip(&printed).enumerate() {
        let from = at.saturating_sub(6);
        assert_eq!(
            one,
            other,
            "{what}: {:?} for {:?}",
            &own[from..(at + 6).min(own.len())],
            &printed[from..(at + 6).min(printed.len())]
        );
    }
    assert_eq!(own.len(), printed.len(), "{what}");
}

#[test]
fn a_letter_has_the_parts_that_the_decree_asks_for() {
    let paper = letter("khe-tre-114-2024");
    assert_eq!(paper.parts.len(), 2);
    assert!(!paper.parts[0].landscape && paper.parts[1].landscape);
    let text = paper.text();
    for words in [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN\nTHỊ TRẤN KHE TRE",
        "Số: 114/UBND-VHXH",
        "Khe Tre, ngày 08 tháng 5 năm 2024",
        "V/v thực hiện tiêu chí chuyển đổi số năm 2024",
        "Nơi nhận:",
        "TM. ỦY BAN NHÂN DÂN",
        "Quyết định số 931/QĐ-UBND ngày 04/4/2024",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("……"), "nothing of this letter is open");
    let Some(Block::Text(annex)) = paper.parts[1].blocks.first() else { panic!("the annex begins with its number") };
    assert_eq!(annex.style, Style::Annex);
}

/// What a set prints, and nothing that a person put behind the words.
fn printed(set: &CriteriaSet) -> Vec<String> {
    let words = |words: &Option<String>| words.as_deref().map(|words| fold(&readable(words))).unwrap_or_default();
    let mut lines: Vec<String> =
        set.head.profile.iter().filter(|figure| figure.added.is_none()).map(|figure| fold(&figure.label)).collect();
    lines.push(format!("total {:?}", set.head.total));
    for pillar in &set.pillars {
        lines.push(format!("{} {} {:?}", pillar.pillar.no, fold(&pillar.pillar.name), pillar.pillar.points));
        lines.extend(pillar.groups.iter().map(|group| format!("{} {} {}", group.id, group.no, fold(&group.name))));
        for one in &pillar.indicators {
            let evidence: Vec<String> = one.evidence.iter().map(|one| fold(&one.what)).collect();
            lines.push(format!(
                "{} {} {} {:?} {:?} / {} / {} / {} / {}",
                one.id,
                one.no,
                fold(&one.name),
                one.points,
                one.due.days(),
                words(&one.guidance),
                words(&one.text),
                evidence.join(" "),
                words(&one.notes),
            ));
        }
    }
    lines
}

#[test]
fn a_set_printed_and_imported_is_the_same_set() {
    for id in ["hue-2263-2023-commune", "hue-2263-2023-department"] {
        let set = set(id);
        let paper = form("set").fill(&papers::annex(&set));
        let docx = docx::write(&paper).unwrap();
        let xlsx = xlsx::write(&paper).unwrap().unwrap();
        for (name, bytes) in [("annex.docx", docx), ("annex.xlsx", xlsx)] {
            let draft =
                import(name, &bytes, &Options::default()).unwrap_or_else(|refusal| panic!("{}", refusal.message.en));
            let (own, back) = (printed(&set), printed(&draft.set));
            let wrong: Vec<_> = own.iter().zip(&back).filter(|(one, other)| one != other).collect();
            assert!(
                wrong.is_empty() && own.len() == back.len(),
                "{id} {name}: {} of {} {wrong:#?}",
                back.len(),
                own.len()
            );
        }
    }
}

#[test]
fn the_annex_of_plan_41_comes_out_column_for_column() {
    let paper = letter("nghia-phuong-41-2023");
    let table = paper.tables().next().unwrap();
    let text = std::fs::read_to_string(repository().join("plans/nghia-phuong-41-2023/source/kh41.txt")).unwrap();
    let rows: Vec<Vec<String>> = text
        .lines()
        .skip_while(|line| !line.starts_with("STT\t"))
        .filter(|line| line.contains('\t'))
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    let heads: Vec<String> = table.heads[0].cells.iter().map(|cell| cell.text.clone()).collect();
    assert_eq!(heads, rows[0]);
    for (at, head) in heads.iter().enumerate() {
        let printed = format!(" {} ", received(&rows[1..], at));
        let cells: Vec<String> =
            table.rows.iter().map(|row| fold(&row.cells[at].text)).filter(|cell| !cell.is_empty()).collect();
        let wrong: Vec<&String> = cells.iter().filter(|cell| !printed.contains(&format!(" {cell} "))).collect();
        // Methods that the received text spoiled are printed as the plan restored them.
        assert!(wrong.len() * 20 <= cells.len(), "{head}: {wrong:?}");
    }
}
