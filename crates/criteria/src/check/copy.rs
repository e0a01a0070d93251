//! Whether our copy is faithful: quotations, source hashes, unquoted words, examples, readings.

use std::collections::BTreeSet;

use super::{Finding, Findings, Severity, printed};
use crate::language::Text;
use crate::model::{ReadingStatus, Source};
use crate::quote::{Found, Sources};
use crate::rule::Rule;
use crate::set::{CriteriaSet, Picks, SourceText, source_sha256};

pub(super) fn check(set: &CriteriaSet, findings: &mut Findings) {
    hashes(&set.head.sources, &set.sources, findings);
    quotations(set, findings);
    readings(set, findings);
    let with_example: BTreeSet<&str> = set.examples.iter().map(|example| example.indicator.as_str()).collect();
    for indicator in set.indicators() {
        if !with_example.contains(indicator.id.as_str()) {
            let message = Text::new("chưa có ví dụ tính điểm cho luật này", "there is no worked example of this rule");
            findings.push(Severity::Warning, "example-missing", &indicator.id, "", message);
        }
        if let Some(uncertain) = &indicator.uncertain {
            let message = Text::new(
                format!("đọc chưa chắc chắn: {uncertain}"),
                format!("could not be read for sure (in Vietnamese): {uncertain}"),
            );
            findings.push(Severity::Warning, "uncertain", &indicator.id, &indicator.name, message);
        }
        if matches!(indicator.rule, Rule::Judged { .. }) {
            let message = Text::new(
                "văn bản không nêu cách tính; người thẩm định cho điểm và ghi lý do",
                "the document gives no way to compute; an appraiser gives points with a reason",
            );
            findings.push(
                Severity::Note,
                "judged",
                &indicator.id,
                indicator.text.as_deref().unwrap_or(&indicator.name),
                message,
            );
        }
    }
    for pillar in &set.pillars {
        if let Some(uncertain) = &pillar.pillar.uncertain {
            let message = Text::new(
                format!("đọc chưa chắc chắn: {uncertain}"),
                format!("could not be read for sure (in Vietnamese): {uncertain}"),
            );
            findings.push(Severity::Warning, "uncertain", &pillar.pillar.no, &pillar.pillar.name, message);
        }
    }
    if let Some(uncertain) = &set.head.uncertain {
        let message = Text::new(
            format!("đọc chưa chắc chắn: {uncertain}"),
            format!("could not be read for sure (in Vietnamese): {uncertain}"),
        );
        findings.push(Severity::Warning, "uncertain", "", &set.head.title, message);
    }
}

pub(super) fn hashes(declared: &[Source], sources: &[SourceText], findings: &mut Findings) {
    for (declared, source) in declared.iter().zip(sources) {
        let found = source_sha256(&source.text);
        if !declared.sha256.eq_ignore_ascii_case(&found) {
            let message = Text::new(
                format!("{} đã bị thay đổi: SHA-256 là {found}, tệp bộ chỉ số ghi {}", source.file, declared.sha256),
                format!("{} was changed: its SHA-256 is {found}, the set says {}", source.file, declared.sha256),
            );
            findings.push(Severity::Error, "source-hash", "", &source.file, message);
        }
    }
}

fn quotations(set: &CriteriaSet, findings: &mut Findings) {
    let mut sources = Sources::new(&set.sources);
    if sources.is_empty() {
        let message = Text::new(
            "không có văn bản gốc nên không thể đối chiếu lời văn",
            "there is no source text, so no words can be compared",
        );
        findings.push(Severity::Warning, "source-missing", "", "", message);
        return;
    }
    let mut look_up =
        |at: &str, quotation: &str, findings: &mut Findings| look_up(&mut sources, at, quotation, findings);
    for pillar in &set.pillars {
        look_up(&pillar.pillar.no, &pillar.pillar.name, findings);
        for group in &pillar.groups {
            look_up(&group.id, &group.name, findings);
        }
        for indicator in &pillar.indicators {
            for words in printed(indicator) {
                look_up(&indicator.id, words, findings);
            }
            for fault in &indicator.faults {
                look_up(&indicator.id, &fault.quote, findings);
            }
            // Names of officials are printed in their own columns; they are compared so that they count as quoted.
            for officials in indicator.lead.iter().chain(&indicator.coordinating) {
                look_up(&indicator.id, officials, findings);
            }
        }
    }
    for figure in set.head.profile.iter().filter(|figure| figure.added.is_none()) {
        look_up("", &figure.label, findings);
    }
    for aside in &set.head.asides {
        look_up("", &aside.text, findings);
    }
    unquoted(&sources, findings);
}

/// Looks a quotation up and reports what does not stand in the sources.
pub(super) fn look_up(sources: &mut Sources, at: &str, quotation: &str, findings: &mut Findings) {
    match sources.quote(quotation) {
        Found::Exactly => {}
        Found::Loosely(hits, words) => {
            let message = Text::new(
                format!("phục hồi từ bản quét hỏng: {hits} trên {words} chữ còn nhận ra trong bản quét"),
                format!("restored from a damaged scan: {hits} of {words} words can still be recognised in it"),
            );
            findings.push(Severity::Note, "restored", at, &shorten(quotation), message);
        }
        Found::Not { until, then } => {
            let message = Text::new(
                format!(
                    "lời văn không có trong văn bản gốc: khớp đến “{until}”, rồi khác từ “{then}”; hãy ghi đúng như in, \
                     chữ in sai thì nêu ở [[indicator.fault]]"
                ),
                format!(
                    "the words do not stand in the source: equal until \"{until}\", then different from \"{then}\"; \
                     write them as printed, and name a misprint in an [[indicator.fault]]"
                ),
            );
            findings.push(Severity::Error, "quote-not-found", at, &shorten(quotation), message);
        }
    }
}

/// Lists the source passages that nobody quotes.
pub(super) fn unquoted(sources: &Sources, findings: &mut Findings) {
    for (file, passage) in sources.unquoted() {
        let message = Text::new(
            format!("{file}: đoạn này của văn bản gốc không được trích ở đâu"),
            format!("{file}: nobody quotes this passage of the source"),
        );
        findings.push(Severity::Note, "source-unquoted", "", &shorten(&passage), message);
    }
}

fn shorten(quotation: &str) -> String {
    let words = crate::quote::normalize(quotation);
    match words.char_indices().nth(160) {
        Some((at, _)) => format!("{} …", words[..at].trim_end()),
        None => words,
    }
}

fn readings(set: &CriteriaSet, findings: &mut Findings) {
    for reading in &set.head.readings {
        let at = reading.at.first().map_or("", String::as_str);
        let answer = reading.variants.iter().find(|variant| variant.id == reading.answer);
        let label = answer.map_or("", |variant| variant.label.as_str());
        if reading.status == ReadingStatus::Open {
            let (asks, places) = (&reading.asks, reading.at.join(", "));
            let message = Text::new(
                format!("{asks} Đang hiểu: {label}. Áp dụng cho {places}; chờ {} quyết định", reading.decides),
                format!(
                    "open reading \"{}\" at {places}, answered \"{}\" until it is decided",
                    reading.id, reading.answer
                ),
            );
            findings.push(Severity::Note, "reading-open", at, &reading.id, message);
        }
        let plain = set.with_picks(&Picks::new());
        for variant in reading.variants.iter().filter(|variant| variant.id != reading.answer) {
            let picked = set.with_picks(&Picks::from([(reading.id.clone(), variant.id.clone())]));
            if let (Ok(plain), Ok(picked)) = (&plain, &picked)
                && plain.pillars == picked.pillars
            {
                let id = &variant.id;
                let message = Text::new(
                    format!("phương án “{id}” không thay đổi điều gì"),
                    format!("the variant \"{id}\" changes nothing"),
                );
                findings.push(Severity::Warning, "variant-without-effect", at, &reading.id, message);
            }
        }
    }
}

impl Finding {
    /// A worked example that does not hold.
    pub fn example_fails(indicator: &str, name: &str, message: Text) -> Self {
        Self {
            severity: Severity::Error,
            code: "example-fails",
            at: indicator.to_owned(),
            quote: name.to_owned(),
            message,
        }
    }
}
