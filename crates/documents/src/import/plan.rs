//! An assignment plan from a document that says who does what: the rows of its draft, laid over a set that is there.

use std::sync::LazyLock;

use criteria::plan::{Assignment, AssignmentPlan, Excluded, PLAN_FILE, PlanFile, Position};
use criteria::quote::{ELLIPSIS, fold};
use criteria::{CriteriaSet, Files, Problem, Text};
use regex::Regex;

use super::draft::Draft;
use super::plain::{Plain, slug};
use super::values;

/// A draft plan.
#[derive(Clone, Debug)]
pub struct PlanDraft {
    /// The plan.
    pub file: PlanFile,
    /// The files of its folder.
    pub files: Files,
    /// Why the files do not read as a plan, where they do not.
    pub problems: Vec<Problem>,
    /// What is unsure.
    pub doubts: Vec<Text>,
}

/// Lays the officials, deadlines and evidence of a draft over a set, indicator by indicator of the same number.
pub fn plan(draft: &Draft, set: &CriteriaSet, id: &str) -> PlanDraft {
    let mut doubts: Vec<Text> = draft.report.warnings.iter().chain(&draft.report.doubts).cloned().collect();
    let mut positions = Positions::default();
    let mut assignments = Vec::new();
    for one in draft.set.indicators() {
        if set.indicator(&one.id).is_none() {
            let own = &one.id;
            doubts.push(Text::new(
                format!("{own}: bộ chỉ số không có tiêu chí mang số này; hàng bị bỏ ra"),
                format!("{own}: the set has no indicator with this number; the row was left out"),
            ));
            continue;
        }
        let lead = positions.ids(&one.lead);
        let coordinating = positions.ids(&one.coordinating);
        if lead.is_empty() && coordinating.is_empty() {
            let own = &one.id;
            doubts.push(Text::new(format!("{own}: không ghi ai làm"), format!("{own}: nobody is named")));
        }
        let printed = |column: &str| draft.printed.get(&(one.id.clone(), column)).cloned();
        let who: Vec<String> = ["lead", "coordinating"].into_iter().filter_map(printed).collect();
        let days = one.due.days();
        if days.len() > 1 {
            let own = &one.id;
            doubts.push(Text::new(
                format!("{own}: nhiều thời hạn; lấy thời hạn cuối"),
                format!("{own}: several deadlines; the last one was taken"),
            ));
        }
        assignments.push(Assignment {
            indicator: one.id.clone(),
            lead,
            coordinating,
            due: days.last().copied(),
            guidance: one.guidance.clone().or_else(|| one.text.clone()),
            evidence: one.evidence.first().map(|evidence| evidence.what.clone()),
            who: (!who.is_empty()).then(|| who.join(&format!(" {ELLIPSIS} "))),
            when: printed("due"),
            remark: one.notes.clone(),
        });
    }
    let excluded = draft.report.excluded.iter().map(|one| Excluded {
        no: one.id.clone(),
        name: one.name.clone(),
        text: one.words.clone(),
    });
    let head = &draft.set.head;
    let file = PlanFile {
        format: 1,
        id: id.to_owned(),
        title: head.title.clone(),
        set: set.head.id.clone(),
        year: head.year,
        document: head.document.clone(),
        sources: head.sources.clone(),
        asides: head.asides.clone(),
        positions: positions.all,
        assignments,
        excluded: excluded.collect(),
        clocks: Vec::new(),
        targets: Vec::new(),
    };
    let mut files: Files = draft.set.sources.iter().map(|source| (source.file.clone(), source.text.clone())).collect();
    files.insert(PLAN_FILE.to_owned(), criteria::write::plan_to_toml(&file));
    let problems = AssignmentPlan::read("", &files, set).err().unwrap_or_default();
    PlanDraft { file, files, problems, doubts }
}

/// The positions that a document names, each with the ways in which it prints them.
#[derive(Debug, Default)]
struct Positions {
    all: Vec<Position>,
}

impl Positions {
    fn ids(&mut self, printed: &[String]) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for one in printed.iter().filter_map(|one| official(one)) {
            let id = self.id(one);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn id(&mut self, printed: &str) -> String {
        let same =
            |known: &Position| std::iter::once(&known.name).chain(&known.also).any(|name| is_same(name, printed));
        if let Some(known) = self.all.iter_mut().find(|known| same(known)) {
            if known.name != printed && !known.also.iter().any(|also| also == printed) {
                known.also.push(printed.to_owned());
            }
            return known.id.clone();
        }
        let base = slug(&core(printed).join(" "), 30);
        let base = if base.is_empty() { "position".to_owned() } else { base };
        let mut id = base.clone();
        let mut number = 2;
        while self.all.iter().any(|known| known.id == id) {
            id = format!("{base}-{number}");
            number += 1;
        }
        self.all.push(Position { id: id.clone(), name: printed.to_owned(), also: Vec::new() });
        id
    }
}

/// The official that a piece of a cell names, without what is asked of them; `None` where it names none.
fn official(printed: &str) -> Option<&str> {
    static TASK: LazyLock<Regex> = LazyLock::new(|| {
        values::pattern(r"(?:^| )(?:cap nhat|bao cao|tong hop|theo doi|thuc hien|tham muu|chuan bi|gui) ")
    });
    let plain = Plain::new(printed);
    let end = TASK.find(&plain.text).map_or(plain.text.len(), |task| task.start());
    let official = plain.printed(0..end);
    (!official.is_empty()).then_some(official)
}

/// The words that tell a position: without marks, "công chức" and the kind of unit.
fn core(printed: &str) -> Vec<String> {
    let whole = fold(printed);
    let folded = whole.strip_prefix("cong chuc ").or_else(|| whole.strip_prefix("cc ")).unwrap_or(&whole);
    let units = [" xa", " thi tran", " phuong"];
    let folded = units.iter().find_map(|unit| folded.strip_suffix(unit)).unwrap_or(folded);
    let words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
    words
}

/// Whether two printed forms are one position: the same words, or an abbreviation and the words that it stands for.
fn is_same(one: &str, other: &str) -> bool {
    let (first, second) = (core(one), core(other));
    let joined = |words: &[String]| words.concat();
    let initials = |words: &[String]| words.iter().filter_map(|word| word.chars().next()).collect::<String>();
    // An abbreviation is written in capitals: "VH-XH", "VPTK".
    let short = |printed: &str, words: &[String]| {
        let letters = joined(words);
        let capitals = printed.chars().filter(|letter| letter.is_uppercase()).count();
        (2..=8).contains(&letters.len()) && capitals >= letters.len()
    };
    joined(&first) == joined(&second)
        || (short(one, &first) && second.len() > 1 && joined(&first) == initials(&second))
        || (short(other, &second) && first.len() > 1 && joined(&second) == initials(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_position_is_known_in_several_forms() {
        for (one, other) in [
            ("Công chức Văn hóa – Xã hội", "Công chức VH- XH"),
            ("CC VHTT", "CC VH TT"),
            ("Công chức VP - TK xã", "CC VPTK"),
            ("Công chức VP-TK", "Công chức Văn phòng – Thống kê"),
            ("Công chức Địa chính xã", "CC Địa chính"),
            ("Công an xã", "Công an"),
        ] {
            assert!(is_same(one, other), "{one} / {other}");
        }
        for (one, other) in [("CC VHTT", "CC TCKT"), ("Công an xã", "Công chức xã"), ("Đoàn thanh niên xã", "Các thôn")]
        {
            assert!(!is_same(one, other), "{one} / {other}");
        }
    }
}
