//! A criteria set as the annex of a decision prints it; what `sets import` reads back is the same set.

use criteria::CriteriaSet;
use criteria::model::Indicator;

use super::{citation, printed};
use crate::paper::RowKind;
use crate::paper::form::{Entry, Filling, Front, Rows};

/// The annex of a set.
pub fn annex(set: &CriteriaSet) -> Filling {
    let head = &set.head;
    let document = &head.document;
    let mut filling = Filling { title: head.title.clone(), ..Filling::default() };
    filling.front(&Front {
        issuer: document.issuer.clone(),
        number: document.number.clone(),
        day: Some(document.date.0),
        year: head.year,
        ..Front::default()
    });
    filling
        .put("phụ lục", document.annex.clone().unwrap_or_else(|| "Phụ lục".to_owned()))
        .put("bộ chỉ số", head.title.to_uppercase())
        .put("kèm theo", citation(document))
        .put("tổng điểm", head.total.map(|total| total.to_string()).unwrap_or_default());
    let profile = head.profile.iter().filter(|figure| figure.added.is_none()).map(|figure| {
        Entry::of(RowKind::Plain)
            .words("số", figure.no.clone().unwrap_or_default())
            .words("tên", printed(&figure.label))
    });
    filling.tables.insert("thông tin chung", Rows { rows: profile.collect(), ..Rows::default() });
    let mut rows = Vec::new();
    if head.total.is_some() {
        rows.push(Entry::of(RowKind::Total).number("điểm tối đa", head.total));
    }
    for pillar in &set.pillars {
        rows.push(
            Entry::of(RowKind::Group)
                .words("số", pillar.pillar.no.clone())
                .words("chỉ số", printed(&pillar.pillar.name))
                .number("điểm tối đa", pillar.pillar.points),
        );
        let mut shown = "";
        for indicator in &pillar.indicators {
            if let Some(group) = pillar.groups.iter().find(|group| indicator.group_id() == Some(group.id.as_str()))
                && group.id != shown
            {
                shown = &group.id;
                rows.push(
                    Entry::of(RowKind::Subgroup)
                        .words("số", group.no.clone())
                        .words("chỉ số", printed(&group.name))
                        .number("điểm tối đa", group.points),
                );
            }
            rows.push(row(indicator));
        }
    }
    filling.tables.insert("bộ chỉ số", Rows { rows, ..Rows::default() });
    filling
}

fn row(indicator: &Indicator) -> Entry {
    let due: Vec<String> = indicator.due.days().iter().map(|day| format!("{:02}.{}", day.day(), day.month())).collect();
    let mut guidance = Vec::new();
    let parts = [("Nội dung thực hiện", &indicator.guidance), ("Điều kiện đảm bảo", &indicator.text)];
    for (heading, words) in parts {
        if let Some(words) = words {
            guidance.push(format!("{}. {heading}:\n{}", guidance.len() + 1, words_of(words)));
        }
    }
    let evidence: Vec<String> = indicator.evidence.iter().map(|one| format!("- {}", printed(&one.what))).collect();
    let evidence = match evidence.as_slice() {
        [one] => one.trim_start_matches("- ").to_owned(),
        several => several.join("\n"),
    };
    let own = |words: &Option<String>| words.as_deref().map(printed).unwrap_or_default();
    Entry::of(RowKind::Plain)
        .words("số", indicator.no.clone())
        .words("chỉ số", printed(&indicator.name))
        .number("điểm tối đa", indicator.points)
        .words("thời gian", due.join("; "))
        .words("hướng dẫn", guidance.join("\n"))
        .words("tài liệu", evidence)
        .words("nguồn", own(&indicator.source))
        .words("chủ trì", indicator.lead.join(", "))
        .words("phối hợp", indicator.coordinating.join(", "))
        .words("ghi chú", own(&indicator.notes))
}

/// The words of a cell: passages that stood apart in the document stand on lines of their own.
fn words_of(quotation: &str) -> String {
    let passages = quotation.split("[…]").map(printed).filter(|passage| !passage.is_empty());
    passages.collect::<Vec<_>>().join("\n")
}
