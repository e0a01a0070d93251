//! A whole set as a workbook to read: the document and its readings, then a sheet a pillar.

use criteria::model::ReadingStatus;
use criteria::quote::readable;
use criteria::{CriteriaSet, Language, Picks};
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use crate::rule_words::rule_words;
use crate::template::{Look, row_height};

/// The set as a workbook.
///
/// # Errors
/// Only what the writer of the file format refuses: more rows or columns than a sheet holds.
pub fn set_sheets(set: &CriteriaSet, language: Language) -> Result<Vec<u8>, XlsxError> {
    let set = &set.with_picks(&Picks::new()).unwrap_or_else(|_| set.clone());
    let vietnamese = language == Language::Vietnamese;
    let pick = |vi: &'static str, en: &'static str| if vietnamese { vi } else { en };
    let look = Look::new();
    let mut book = Workbook::new();
    document(book.add_worksheet(), set, &look, vietnamese)?;
    let columns = [
        ("TT", 9.0),
        (pick("Tiêu chí", "Indicator"), 34.0),
        (pick("Điểm", "Points"), 7.0),
        (pick("Hạn", "Due"), 9.0),
        (pick("Nội dung thực hiện", "Guidance"), 46.0),
        (pick("Điều kiện đảm bảo", "Conditions"), 46.0),
        (pick("Tài liệu kiểm chứng", "Evidence"), 30.0),
        (pick("Nguồn số liệu", "Data source"), 20.0),
        (pick("Thẩm định", "Appraiser"), 20.0),
        (pick("Cách tính của Thước Đo", "Rule"), 46.0),
    ];
    for pillar in &set.pillars {
        let sheet = book.add_worksheet();
        let name = format!("{} {}", pillar.pillar.no, readable(&pillar.pillar.name));
        let name: String = name.replace(['[', ']', ':', '*', '?', '/', '\\', '\''], " ").chars().take(31).collect();
        sheet.set_name(name.trim())?;
        sheet.write_with_format(
            0,
            0,
            format!("{}. {}", pillar.pillar.no, readable(&pillar.pillar.name)),
            &look.title,
        )?;
        for (column, (heading, width)) in columns.iter().enumerate() {
            sheet.set_column_width(column as u16, *width)?;
            sheet.write_with_format(1, column as u16, *heading, &look.heading)?;
        }
        let mut row = 2;
        let mut group = None;
        for indicator in &pillar.indicators {
            let own = pillar.groups.iter().find(|group| Some(group.id.as_str()) == indicator.group_id());
            if let Some(own) = own
                && group != Some(&own.id)
            {
                sheet.write_with_format(row, 0, &own.id, &look.heading)?;
                sheet.merge_range(row, 1, row, columns.len() as u16 - 1, &readable(&own.name), &look.heading)?;
                group = Some(&own.id);
                row += 1;
            }
            let due: Vec<String> =
                indicator.due.days().iter().map(|day| format!("{:02}/{:02}", day.day(), day.month())).collect();
            let evidence: Vec<String> = indicator
                .evidence
                .iter()
                .map(|one| {
                    let signed = if one.signed { pick(" (ký số)", " (signed)") } else { "" };
                    format!("{}{signed}", readable(&one.what))
                })
                .collect();
            let points =
                indicator.points.map(|points| scoring::number_text::number(points, language)).unwrap_or_default();
            let words = |words: &Option<String>| words.as_deref().map(readable).unwrap_or_default();
            let cells = [
                (indicator.id.clone(), &look.label),
                (readable(&indicator.name), &look.law),
                (points, &look.label),
                (due.join(", "), &look.hint),
                (words(&indicator.guidance), &look.law),
                (words(&indicator.text), &look.law),
                (evidence.join("\n"), &look.law),
                (words(&indicator.source), &look.hint),
                (words(&indicator.appraiser), &look.hint),
                (rule_words(indicator, &set.head), &look.hint),
            ];
            let heights = cells.iter().zip(&columns).map(|((text, _), (_, width))| row_height(text, *width));
            sheet.set_row_height(row, heights.fold(15.0, f64::max))?;
            for (column, (text, format)) in cells.into_iter().enumerate() {
                sheet.write_with_format(row, column as u16, text, format)?;
            }
            row += 1;
        }
        sheet
            .set_freeze_panes(2, 2)?
            .set_paper_size(9)
            .set_landscape()
            .set_repeat_rows(1, 1)?
            .set_print_fit_to_pages(1, 0);
        sheet.set_footer("&L&8&A&R&8&P/&N");
    }
    book.save_to_buffer()
}

fn document(sheet: &mut Worksheet, set: &CriteriaSet, look: &Look, vietnamese: bool) -> Result<(), XlsxError> {
    let pick = |vi: &'static str, en: &'static str| if vietnamese { vi } else { en };
    let head = &set.head;
    sheet.set_name(pick("Văn bản", "Document"))?;
    sheet
        .set_column_width(0, 30)?
        .set_column_width(1, 100)?
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0);
    sheet.write_with_format(0, 0, &head.title, &look.title)?;
    let annex = head.document.annex.as_ref().map(|annex| format!(", {annex}")).unwrap_or_default();
    let mut rows = vec![
        (pick("Văn bản", "Document").to_owned(), format!("{} {}{annex}", head.document.kind, head.document.number)),
        (pick("Ngày ban hành", "Issued").to_owned(), head.document.date.to_string()),
        (pick("Cơ quan ban hành", "Issuer").to_owned(), head.document.issuer.clone()),
        (pick("Tổng điểm", "Total").to_owned(), set.total().to_string()),
        (pick("Số tiêu chí", "Indicators").to_owned(), set.indicators().count().to_string()),
        (pick("Mã nội dung", "Content hash").to_owned(), set.hash()),
    ];
    for figure in &head.profile {
        rows.push((pick("Thông tin chung", "Profile").to_owned(), figure.label.clone()));
    }
    for reading in &head.readings {
        let state = match reading.status {
            ReadingStatus::Open => pick("chưa quyết định", "open"),
            ReadingStatus::Decided => pick("đã quyết định", "decided"),
        };
        let answer = reading.variants.iter().find(|variant| variant.id == reading.answer);
        let label = answer.map_or("", |variant| variant.label.as_str());
        let key = format!("{} {} ({state})", pick("Cách hiểu", "Reading"), reading.at.join(", "));
        rows.push((key, format!("{} → {label}. {}", reading.asks, reading.why)));
    }
    for (row, (key, value)) in rows.iter().enumerate() {
        let row = row as u32 + 2;
        sheet.set_row_height(row, row_height(key, 30.0).max(row_height(value, 100.0)))?;
        sheet.write_with_format(row, 0, key, &look.label)?.write_with_format(row, 1, value, &look.text)?;
    }
    Ok(())
}
