//! The draft set: what was read and proposed, put together as a set's files with a report beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use criteria::model::{
    Aside, Due, Evidence, Figure, FigureKind, Group, Indicator, Pillar, PillarFile, Ranking, ResultScale, Rounding,
    SetHead, Source as SourceFile,
};
use criteria::quote::{ELLIPSIS, normalize};
use criteria::set::{SourceText, source_sha256};
use criteria::{CriteriaSet, Files, Number, Problem, Text};
use regex::Regex;
use scoring::Refusal;

use super::front::{Front, front};
use super::heads::Column;
use super::outline::{Item, Outline, outline};
use super::plain::{plain, slug};
use super::records::{Record, Records, records};
use super::report::{self, Excluded, REPORT_FILE, Report, Trace};
use super::rules::{Confidence, Proposal, Wording, propose, whole_of};
use super::split::{Split, split};
use super::table::{Format, Source};
use super::values;
use super::{read, readings};

/// What the caller wants of a draft.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The set's id; by default made of the document's number and level.
    pub id: Option<String>,
}

/// A draft set.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The set as it was put together.
    pub set: CriteriaSet,
    /// The files of its folder, the report among them.
    pub files: Files,
    /// Why the files do not read as a set, where they do not.
    pub problems: Vec<Problem>,
    /// The report.
    pub report: Report,
    /// What the columns of officials and deadlines print, by indicator and column.
    pub printed: BTreeMap<(String, &'static str), String>,
}

/// Imports an official document; `name` is how people call the file.
///
/// # Errors
/// A file of no known format, one that meets a limit, or one without a table of criteria.
pub fn import(name: &str, bytes: &[u8], options: &Options) -> Result<Draft, Refusal> {
    let refuse = |message| Refusal::new(name, message);
    let source = read::read(name, bytes).map_err(refuse)?;
    let records = records(&source).map_err(refuse)?;
    let outline = outline(&records);
    let count: usize = outline.pillars.iter().map(|pillar| pillar.indicators.len()).sum();
    if count == 0 {
        return Err(refuse(Text::new(
            "không tìm thấy bảng tiêu chí: cần một bảng có tên cột như TT, Tiêu chí, Điểm, Hướng dẫn, Tài liệu kiểm chứng",
            "no table of criteria was found: one is needed with heads such as TT, Tiêu chí, Điểm, Hướng dẫn, Tài liệu kiểm chứng",
        )));
    }
    let most = criteria::limits::INDICATORS_MAX;
    if count > most || outline.pillars.len() > criteria::limits::PILLARS_MAX {
        let pillars = criteria::limits::PILLARS_MAX;
        return Err(refuse(Text::new(
            format!("quá nhiều tiêu chí: tối đa {most} chỉ số và {pillars} trụ cột"),
            format!("too many criteria: at most {most} indicators and {pillars} pillars"),
        )));
    }
    Ok(Assembly::new(name, &source, records, outline, options).finish())
}

struct Assembly<'a> {
    name: &'a str,
    source: &'a Source,
    records: Records,
    outline: Outline,
    front: Front,
    id: String,
    damaged: bool,
    profile: Vec<Figure>,
    asides: Vec<Aside>,
    known: BTreeSet<String>,
    traces: Vec<Trace>,
    printed: BTreeMap<(String, &'static str), String>,
    /// Numbers that rules need and words do not print, by indicator.
    numbers: Vec<(String, Vec<Number>)>,
}

impl<'a> Assembly<'a> {
    fn new(name: &'a str, source: &'a Source, records: Records, outline: Outline, options: &Options) -> Self {
        let front = front(&records.prose, &records.heads);
        let id = options.id.clone().unwrap_or_else(|| {
            let number = slug(front.document.number.split('/').next().unwrap_or_default(), 20);
            let number = if number.is_empty() { "draft".to_owned() } else { number };
            format!("{number}-{}-{}", front.year, front.level)
        });
        let damaged = records.guessed || is_damaged(&source.text);
        let profile = profile(&records);
        Self {
            name,
            source,
            records,
            outline,
            front,
            id,
            damaged,
            profile,
            asides: Vec::new(),
            known: BTreeSet::new(),
            traces: Vec::new(),
            printed: BTreeMap::new(),
            numbers: Vec::new(),
        }
    }

    fn aside(&mut self, text: &str, why: &str) {
        let text = normalize(text);
        if !text.is_empty() && self.known.insert(text.clone()) {
            self.asides.push(Aside { text, why: why.to_owned() });
        }
    }

    fn finish(mut self) -> Draft {
        let outline = std::mem::take(&mut self.outline);
        let ids: Vec<String> =
            outline.pillars.iter().flat_map(|pillar| &pillar.indicators).map(|item| item.id.clone()).collect();
        for line in std::mem::take(&mut self.records.prose) {
            self.aside(&line, "lời ngoài bảng tiêu chí");
        }
        for head in std::mem::take(&mut self.records.heads) {
            self.aside(&head, "tên cột hoặc bảng khác");
        }
        let mut pillars = Vec::new();
        for pillar in &outline.pillars {
            let head = &pillar.pillar;
            let mut uncertain = told(&head.doubts);
            if head.name.is_empty() {
                uncertain.push("trụ cột không có tên".to_owned());
            }
            if self.damaged {
                uncertain.push(DAMAGED.to_owned());
            }
            self.traces.push(Trace::of(report::Kind::Pillar, head));
            let groups = pillar.groups.iter().map(|group| {
                self.traces.push(Trace::of(report::Kind::Group, group));
                Group { id: group.id.clone(), no: group.no.clone(), name: group.name.clone(), points: group.points }
            });
            let groups = groups.collect();
            let indicators = pillar.indicators.iter().map(|item| self.indicator(item, &ids)).collect();
            let uncertain = (!uncertain.is_empty()).then(|| uncertain.join("; "));
            let own = Pillar { no: head.id.clone(), name: head.name.clone(), points: head.points, uncertain };
            pillars.push(PillarFile { pillar: own, groups, indicators });
        }
        for item in &outline.excluded {
            for (_, field) in &item.record.fields {
                self.aside(&field.text, "hàng không áp dụng");
            }
        }
        for record in &outline.stray {
            for (_, field) in &record.fields {
                self.aside(&field.text, "hàng không thuộc tiêu chí nào");
            }
        }
        let set = self.set(&outline, pillars);
        self.written(set, &outline)
    }

    fn set(&mut self, outline: &Outline, pillars: Vec<PillarFile>) -> CriteriaSet {
        let file = format!("source/document.{}", self.source.ending);
        let mut uncertain = vec!["Bản nháp do máy nhập từ văn bản; phải được người đọc lại".to_owned()];
        uncertain.extend(told(&self.front.doubts));
        if self.damaged {
            uncertain.push(DAMAGED.to_owned());
        }
        let readings = readings::readings(&pillars, &self.numbers);
        let front = &self.front;
        let head = SetHead {
            format: 1,
            id: self.id.clone(),
            title: front.title.clone(),
            level: front.level.clone(),
            total: outline.total.as_ref().map(|(total, _)| *total),
            year: front.year,
            pillars: file_names(&pillars),
            uncertain: Some(uncertain.join("; ")),
            document: front.document.clone(),
            period: None,
            rounding: Rounding::default(),
            result: ResultScale::default(),
            ranking: Ranking::default(),
            sources: vec![SourceFile {
                file: file.clone(),
                sha256: source_sha256(&self.source.text),
                damaged: self.damaged,
                auxiliary: false,
            }],
            asides: if self.damaged { Vec::new() } else { std::mem::take(&mut self.asides) },
            profile: self.profile.clone(),
            round: Vec::new(),
            readings,
        };
        let text = self.source.text.clone();
        let sources = vec![SourceText { file, text, damaged: self.damaged, auxiliary: false }];
        CriteriaSet { head, pillars, sources, examples: Vec::new() }
    }

    fn written(self, set: CriteriaSet, outline: &Outline) -> Draft {
        let mut files = criteria::write::to_toml(&set);
        let problems = CriteriaSet::read("", &files).err().unwrap_or_default();
        let mut doubts: Vec<Text> = self.front.doubts.iter().chain(&outline.doubts).cloned().collect();
        for record in &outline.stray {
            doubts.push(stray(record));
        }
        if self.damaged {
            doubts.push(Text::new(
                format!("{DAMAGED}; đối chiếu từng chữ với bản giấy"),
                "read from a damaged scan; compare each word with the paper",
            ));
        }
        let report = Report {
            file: self.name.to_owned(),
            format: self.source.format,
            set: self.id,
            source: set.head.sources.first().map(|source| source.file.clone()).unwrap_or_default(),
            sha256: set.head.sources.first().map(|source| source.sha256.clone()).unwrap_or_default(),
            damaged: self.damaged,
            columns: self.records.columns,
            warnings: self.source.warnings.clone(),
            doubts,
            total: outline.total.as_ref().map(|(_, places)| places.clone()).unwrap_or_default(),
            excluded: outline.excluded.iter().map(Excluded::of).collect(),
            profile: self
                .profile
                .iter()
                .zip(&self.records.profile)
                .map(|(figure, (_, _, place))| (figure.id.clone(), place.clone()))
                .collect(),
            traces: self.traces,
        };
        files.insert(REPORT_FILE.to_owned(), report.to_json());
        Draft { set, files, problems, report, printed: self.printed }
    }

    fn indicator(&mut self, item: &Item, ids: &[String]) -> Indicator {
        let record = &item.record;
        let words = parted(record);
        for heading in &words.headings {
            self.aside(heading, "tiêu đề trong ô");
        }
        let wording = Wording {
            id: &item.id,
            name: &item.name,
            points: item.points,
            text: &words.conditions,
            guidance: &words.guidance,
            evidence: &words.evidence,
            ids,
            profile: &self.profile,
        };
        let Proposal { rule, figures, gate, late, exempt, words: rests_on, confidence, numbers, doubts } =
            propose(&wording);
        if !numbers.is_empty() {
            self.numbers.push((item.id.clone(), numbers));
        }
        let days = values::deadlines(record.words(Column::Due));
        let mut own_doubts = item.doubts.clone();
        let due_words = record.words(Column::Due);
        for (column, why) in [
            (Column::Due, "thời hạn, ghi ở khoá `due`"),
            (Column::Lead, "chủ trì, ghi ở khoá `lead`"),
            (Column::Coordinating, "phối hợp, ghi ở khoá `coordinating`"),
        ] {
            let words = record.words(column);
            if !words.is_empty() {
                self.printed.insert((item.id.clone(), column.name()), words.to_owned());
            }
            // Officials that stand in one piece are found by the checker itself.
            if column == Column::Due || words.contains(ELLIPSIS) {
                words.split(ELLIPSIS).for_each(|passage| self.aside(passage, why));
            }
        }
        if days.is_empty() && !due_words.is_empty() {
            own_doubts.push(Text::new(
                format!("không đọc được thời hạn “{due_words}”"),
                format!("the deadline \"{due_words}\" could not be read"),
            ));
        }
        if self.source.format == Format::Xlsx && is_cut_october(due_words) {
            own_doubts.push(Text::new(
                format!("“{due_words}” là số trong bảng tính: có thể là tháng 10 bị mất số 0"),
                format!("\"{due_words}\" is a number in the sheet: it may be October with its zero lost"),
            ));
        }
        own_doubts.extend(doubts);
        let mut uncertain = told(&own_doubts);
        if confidence == Confidence::Low && uncertain.is_empty() {
            uncertain.push("luật được đoán, độ chắc chắn thấp".to_owned());
        }
        if self.damaged {
            uncertain.insert(0, DAMAGED.to_owned());
        }
        let mut trace = Trace::of(report::Kind::Indicator, item);
        trace.rule(rule.kind(), confidence, rests_on, own_doubts, self.damaged);
        self.traces.push(trace);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let evidence = if words.evidence.is_empty() {
            Vec::new()
        } else {
            let signed = plain(&words.evidence).contains("ky so");
            vec![Evidence { what: words.evidence.clone(), signed, at_least: None }]
        };
        Indicator {
            id: item.id.clone(),
            no: item.no.clone(),
            group: item.group.clone(),
            name: item.name.clone(),
            points: item.points,
            due: match days.as_slice() {
                [day] => Due::One(*day),
                _ => Due::Several(days),
            },
            guidance: some(&words.guidance),
            text: some(&words.conditions),
            restored: None,
            notes: some(record.words(Column::Notes)),
            source: some(record.words(Column::Source)),
            appraiser: some(record.words(Column::Appraiser)),
            lead: people(record.words(Column::Lead)),
            coordinating: people(record.words(Column::Coordinating)),
            evidence,
            uncertain: (!uncertain.is_empty()).then(|| uncertain.join("; ")),
            exempt,
            figures,
            rule,
            gate,
            late,
            variants: Vec::new(),
            faults: Vec::new(),
        }
    }
}

const DAMAGED: &str = "đọc từ bản quét hỏng";

fn told(doubts: &[Text]) -> Vec<String> {
    doubts.iter().map(|doubt| doubt.vi.clone()).collect()
}

/// Guidance, conditions and evidence, whether they stand in columns of their own or under headings in one cell.
fn parted(record: &Record) -> Split {
    let mut words = split(record.words(Column::Guidance));
    let conditions = record.words(Column::Conditions);
    if !conditions.is_empty() {
        let own = split(conditions);
        let both = if own.conditions.is_empty() { own.guidance } else { own.conditions };
        words.conditions = joined(&words.conditions, &both);
        words.headings.extend(own.headings);
        words.evidence = joined(&words.evidence, &own.evidence);
    }
    words.evidence = joined(&words.evidence, record.words(Column::Evidence));
    if words.conditions.is_empty() && words.headings.is_empty() && prints_points(&words.guidance) {
        // One column says what to do and how it is scored.
        words.conditions = std::mem::take(&mut words.guidance);
    }
    words
}

/// Whether words print points, and so say how something is scored.
fn prints_points(words: &str) -> bool {
    static POINTS: LazyLock<Regex> =
        LazyLock::new(|| values::pattern(r"\d ?(?:diem|d)\b|diem toi da|toi da diem|\bdiem ?[:=]|% (?:so )?diem"));
    POINTS.is_match(&plain(words))
}

fn joined(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{first} {ELLIPSIS} {second}"),
    }
}

/// Officials of a cell: parted at semicolons, else at commas that stand before another official.
fn people(cell: &str) -> Vec<String> {
    let cell = cell.replace(ELLIPSIS, " ");
    let starts =
        ["cong chuc", "cc", "bo phan", "cac", "cong an", "doan", "hoi", "mat tran", "van phong", "phong", "so"];
    let mut out: Vec<String> = Vec::new();
    for piece in cell.split(';') {
        for one in piece.split(',') {
            let one = one.split_whitespace().collect::<Vec<_>>().join(" ");
            let own =
                starts.iter().any(|start| plain(&one).split(' ').collect::<Vec<_>>().join(" ").starts_with(start));
            match out.last_mut() {
                Some(last) if !own && !one.is_empty() && piece.contains(',') && !piece.starts_with(&one) => {
                    last.push_str(", ");
                    last.push_str(&one);
                }
                _ if !one.is_empty() => out.push(one),
                _ => {}
            }
        }
    }
    out
}

/// `31.1` in a spreadsheet may have been `31.10`.
fn is_cut_october(due: &str) -> bool {
    due.trim().strip_suffix(".1").is_some_and(|day| day.parse::<u8>().is_ok_and(|day| day <= 31))
}

/// The fields of the unit profile: ids by what they count.
fn profile(records: &Records) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for (index, (no, label, _)) in records.profile.iter().enumerate() {
        let words = plain(label);
        let counts = ["so luong", "tong so", "so "].iter().any(|start| words.starts_with(start));
        let money = ["tong chi", "kinh phi", "ngan sach"].iter().any(|start| words.starts_with(start));
        let kind = if money {
            FigureKind::Money
        } else if counts {
            FigureKind::Count
        } else {
            FigureKind::Text
        };
        let noun = (counts || money).then(|| whole_of(&words)).flatten();
        let free = noun.map(|noun| noun.id).filter(|id| !figures.iter().any(|known| known.id == *id));
        figures.push(Figure {
            id: free.map_or_else(|| format!("field_{}", index + 1), str::to_owned),
            no: (!no.is_empty()).then(|| no.clone()),
            label: label.trim_end_matches([':', ' ']).to_owned(),
            kind,
            unit: noun.filter(|_| counts).map(|noun| noun.label.to_owned()),
            from: None,
            options: Vec::new(),
            added: None,
        });
    }
    figures
}

fn file_names(pillars: &[PillarFile]) -> Vec<String> {
    let name = |(index, file): (usize, &PillarFile)| {
        let slug = slug(&file.pillar.name, 40);
        let number = index + 1;
        if slug.is_empty() { format!("{number}.toml") } else { format!("{number}-{slug}.toml") }
    };
    pillars.iter().enumerate().map(name).collect()
}

/// Whether a text shows the marks of bad recognition: digits within words, far more often than in any real text.
fn is_damaged(text: &str) -> bool {
    let (mut words, mut odd) = (0_usize, 0_usize);
    for word in text.split_whitespace().filter(|word| word.chars().filter(|one| one.is_alphabetic()).count() > 1) {
        words += 1;
        let letters: Vec<char> = word.chars().collect();
        let mixed = letters.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_ascii_digit());
        let strange = letters.iter().any(|letter| matches!(letter, '¢' | '£' | '¥' | '€' | '«' | '»' | '§'));
        odd += usize::from(mixed || strange);
    }
    words > 50 && odd * 100 > words
}

fn stray(record: &Record) -> Text {
    let place = record.places().first().map(|place| place.text());
    let words: String = record
        .fields
        .iter()
        .map(|(_, field)| field.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(80)
        .collect();
    let (vi, en) = place.map_or_else(Default::default, |place| (place.vi, place.en));
    Text::new(
        format!("{vi}: hàng “{words}” không thuộc tiêu chí nào"),
        format!("{en}: the row \"{words}\" belongs to no criterion"),
    )
}
