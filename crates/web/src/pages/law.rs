//! The law's words beside the fields, and the readings that touch them.

use criteria::model::{Indicator, ReadingStatus};

use crate::opened::Opened;
use crate::view::L;

/// A reading as the page shows it.
pub struct ReadingView {
    /// The shape of its state.
    pub class: &'static str,
    /// Open or decided, in words.
    pub status: &'static str,
    /// What is asked.
    pub asks: String,
    /// The answer in force.
    pub answer: String,
    /// Why, and who decides.
    pub why: String,
}

/// The words of an indicator, by heading.
pub fn law(l: L, indicator: &Indicator) -> Vec<(&'static str, String)> {
    let pick = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let evidence = indicator.evidence.iter().map(|one| {
        let signed = if one.signed { " (ký số)" } else { "" };
        match one.at_least {
            Some(least) => format!("{}{signed}, ít nhất {least}", one.what),
            None => format!("{}{signed}", one.what),
        }
    });
    let evidence = evidence.collect::<Vec<_>>().join("; ");
    [
        (pick("Nội dung thực hiện", "What is to be done"), indicator.guidance.clone()),
        (
            pick("Điều kiện đảm bảo, cách tính điểm", "Conditions and scoring"),
            indicator.restored.clone().or_else(|| indicator.text.clone()),
        ),
        (pick("Tài liệu kiểm chứng", "Evidence"), Some(evidence).filter(|text| !text.is_empty())),
        (pick("Nguồn số liệu", "Source of the figures"), indicator.source.clone()),
        (pick("Ghi chú", "Notes"), indicator.notes.clone()),
    ]
    .into_iter()
    .filter_map(|(head, text)| Some((head, text?)))
    .collect()
}

/// The readings that touch an indicator.
pub fn readings(l: L, opened: &Opened, indicator: &str) -> Vec<ReadingView> {
    let set = &opened.program().set;
    set.readings_at(indicator)
        .map(|reading| {
            let decided =
                reading.status == ReadingStatus::Decided || opened.level.facts.picks.contains_key(&reading.id);
            let variant = reading.variants.iter().find(|variant| variant.id == reading.answer);
            ReadingView {
                class: if decided { "done" } else { "warn" },
                status: match (decided, l.is_english()) {
                    (true, false) => "Cách hiểu đã chốt",
                    (true, true) => "Decided reading",
                    (false, false) => "Cách hiểu còn mở",
                    (false, true) => "Open reading",
                },
                asks: reading.asks.clone(),
                answer: variant.map(|variant| variant.label.clone()).unwrap_or_default(),
                why: format!(
                    "{} {}",
                    reading.why,
                    match l.is_english() {
                        true => format!("To be decided by: {}.", reading.decides),
                        false => format!("Người quyết định: {}.", reading.decides),
                    }
                ),
            }
        })
        .collect()
}
