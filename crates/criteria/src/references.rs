//! Whether everything that a set names is there: ids are unique, references lead somewhere and to the right kind.

use std::collections::{BTreeMap, BTreeSet};

use crate::language::Text;
use crate::limits;
use crate::model::{Due, ExampleFile, Exempt, ExemptIs, Figure, FigureKind, Indicator};
use crate::number::{Edge, Number};
use crate::problem::{Problem, nearest};
use crate::rule::{Curve, Gate, Late, Measure, Part, Rule, Step};
use crate::set::{CriteriaSet, Files, HEAD_FILE, asked_figure_id};
use crate::toml_file::{self, Step as Place, locate};

/// Pushes every reference that leads nowhere and every id that stands twice.
pub(crate) fn check(set: &CriteriaSet, files: &Files, name: &dyn Fn(&str) -> String, problems: &mut Vec<Problem>) {
    let mut checker = Checker { set, files, name, problems, scopes: Scopes::of(set) };
    checker.head();
    checker.readings();
    for (index, file) in set.head.pillars.iter().enumerate() {
        if let Some(pillar) = set.pillars.get(index) {
            checker.unique(file, "group", pillar.groups.iter().map(|group| group.id.as_str()));
            for (at, indicator) in pillar.indicators.iter().enumerate() {
                checker.indicator(file, at, indicator);
            }
        }
    }
    checker.unique_over_pillars();
    checker.sums();
    checker.examples();
}

/// Figures that any indicator may name.
struct Scopes {
    profile: BTreeMap<String, FigureKind>,
    round: BTreeMap<String, FigureKind>,
}

impl Scopes {
    fn of(set: &CriteriaSet) -> Self {
        let kinds = |figures: &[Figure]| figures.iter().map(|figure| (figure.id.clone(), figure.kind)).collect();
        Self { profile: kinds(&set.head.profile), round: kinds(&set.head.round) }
    }
}

struct Checker<'a> {
    set: &'a CriteriaSet,
    files: &'a Files,
    name: &'a dyn Fn(&str) -> String,
    problems: &'a mut Vec<Problem>,
    scopes: Scopes,
}

impl Checker<'_> {
    fn report(&mut self, file: &str, path: &[Place<'_>], vi: String, en: String) {
        if self.problems.len() >= limits::PROBLEMS_MAX {
            return;
        }
        let text = self.files.get(file).map_or("", String::as_str);
        let span = locate(text, path).unwrap_or(0..0);
        self.problems.push(Problem::at(&(self.name)(file), text, span, Text::new(vi, en)));
    }

    fn head(&mut self) {
        let head = &self.set.head;
        if head.format != 1 {
            let found = head.format;
            self.report(
                HEAD_FILE,
                &[Place::Key("format")],
                format!("phiên bản định dạng {found} chưa được hỗ trợ; bản này đọc phiên bản 1"),
                format!("format version {found} is not known; this program reads version 1"),
            );
        }
        if !(1900..=9998).contains(&head.year) {
            self.report(
                HEAD_FILE,
                &[Place::Key("year")],
                "năm phải nằm trong 1900…9998".to_owned(),
                "the year must be within 1900…9998".to_owned(),
            );
        }
        for (key, places) in [("rounding", head.rounding.places), ("result", head.result.places)] {
            if places > 6 {
                self.report(
                    HEAD_FILE,
                    &[Place::Key(key), Place::Key("places")],
                    format!("{places} chữ số lẻ: tối đa 6"),
                    format!("{places} places: at most 6"),
                );
            }
        }
        if head.result.out_of.is_some_and(|out_of| out_of <= Number::ZERO) {
            self.report(
                HEAD_FILE,
                &[Place::Key("result"), Place::Key("out_of")],
                "phải lớn hơn 0".to_owned(),
                "must be more than 0".to_owned(),
            );
        }
        self.points(HEAD_FILE, &[Place::Key("total")], head.total);
        for (key, figures) in [("profile", &head.profile), ("round", &head.round)] {
            for (index, figure) in figures.iter().enumerate() {
                self.declared_figures(HEAD_FILE, &[Place::Key(key), Place::Index(index)], std::slice::from_ref(figure));
            }
        }
        self.unique(HEAD_FILE, "profile", head.profile.iter().map(|figure| figure.id.as_str()));
        self.unique(HEAD_FILE, "round", head.round.iter().map(|figure| figure.id.as_str()));
        self.unique(HEAD_FILE, "reading", head.readings.iter().map(|reading| reading.id.as_str()));
        for (index, id) in head.ranking.tie_breaks.iter().enumerate() {
            let known =
                self.set.pillars.iter().any(|pillar| pillar.pillar.no == *id) || self.set.indicator(id).is_some();
            if !known {
                let path = [Place::Key("ranking"), Place::Key("tie_breaks"), Place::Index(index)];
                self.report(
                    HEAD_FILE,
                    &path,
                    format!("“{id}” không phải trụ cột hay chỉ số nào"),
                    format!("\"{id}\" is no pillar and no indicator"),
                );
            }
        }
        if let Some(block) = &head.ranking.block {
            let kind = block.strip_prefix("profile.").and_then(|id| self.scopes.profile.get(id));
            if kind != Some(&FigureKind::Choice) {
                self.report(
                    HEAD_FILE,
                    &[Place::Key("ranking"), Place::Key("block")],
                    format!("“{block}” không phải là mục lựa chọn của thông tin chung (profile.…)"),
                    format!("\"{block}\" is no choice of the profile (profile.…)"),
                );
            }
        }
        let grades = &head.ranking.grades;
        for index in 1..grades.len() {
            if grades[index].from >= grades[index - 1].from {
                self.report(
                    HEAD_FILE,
                    &[Place::Key("ranking"), Place::Key("grade"), Place::Index(index), Place::Key("from")],
                    "các mức xếp loại phải đi từ cao xuống thấp".to_owned(),
                    "grades go from the highest to the lowest".to_owned(),
                );
            }
        }
    }

    fn unique<'b>(&mut self, file: &str, key: &str, ids: impl Iterator<Item = &'b str>) {
        let mut seen = BTreeSet::new();
        for (index, id) in ids.enumerate() {
            if !seen.insert(id.to_owned()) {
                self.stands_above(file, &[Place::Key(key), Place::Index(index), Place::Key("id")], id);
            }
        }
    }

    fn stands_above(&mut self, file: &str, path: &[Place<'_>], id: &str) {
        self.report(file, path, format!("mã “{id}” đã có ở trên"), format!("the id \"{id}\" stands above already"));
    }

    fn points(&mut self, file: &str, path: &[Place<'_>], points: Option<Number>) {
        if points.is_some_and(|points| points < Number::ZERO) {
            self.report(file, path, "điểm tối đa không thể âm".to_owned(), "points cannot be negative".to_owned());
        }
    }

    fn unique_over_pillars(&mut self) {
        let set = self.set;
        if set.indicators().count() > limits::INDICATORS_MAX {
            let most = limits::INDICATORS_MAX;
            self.report(HEAD_FILE, &[], format!("tối đa {most} chỉ số"), format!("at most {most} indicators"));
        }
        let mut seen = BTreeSet::new();
        for (file, pillar) in set.head.pillars.iter().zip(&set.pillars) {
            let places = std::iter::once((vec![Place::Key("pillar"), Place::Key("no")], pillar.pillar.no.as_str()))
                .chain(pillar.indicators.iter().enumerate().map(|(at, indicator)| {
                    (vec![Place::Key("indicator"), Place::Index(at), Place::Key("id")], indicator.id.as_str())
                }));
            for (path, id) in places {
                if !seen.insert(id) {
                    self.stands_above(file, &path, id);
                }
            }
        }
    }

    fn readings(&mut self) {
        let set = self.set;
        for (index, reading) in set.head.readings.iter().enumerate() {
            let at = [Place::Key("reading"), Place::Index(index)];
            for (place, id) in reading.at.iter().enumerate() {
                if set.indicator(id).is_none() {
                    let path = [at[0], at[1], Place::Key("at"), Place::Index(place)];
                    self.no_such_indicator(HEAD_FILE, &path, id);
                }
            }
            for (place, variant) in reading.variants.iter().enumerate() {
                if reading.variants[..place].iter().any(|known| known.id == variant.id) {
                    let path = [at[0], at[1], Place::Key("variant"), Place::Index(place), Place::Key("id")];
                    self.stands_above(HEAD_FILE, &path, &variant.id);
                }
            }
            if !reading.variants.iter().any(|variant| variant.id == reading.answer) {
                let answer = &reading.answer;
                self.report(
                    HEAD_FILE,
                    &[at[0], at[1], Place::Key("answer")],
                    format!("không có phương án “{answer}”"),
                    format!("there is no variant \"{answer}\""),
                );
            }
            for (place, number) in reading.numbers.iter().enumerate() {
                if Edge::parse(number).is_none() && crate::date::MonthDay::parse(number).is_none() {
                    self.report(
                        HEAD_FILE,
                        &[at[0], at[1], Place::Key("numbers"), Place::Index(place)],
                        format!("“{number}” không phải là số"),
                        format!("\"{number}\" is not a number"),
                    );
                }
            }
        }
    }

    fn no_such_indicator(&mut self, file: &str, path: &[Place<'_>], id: &str) {
        let hint = nearest(id, self.set.indicators().map(|indicator| indicator.id.as_str()));
        let (vi, en) =
            hint.map(|id| (format!("; ý là “{id}”?"), format!("; did you mean \"{id}\"?"))).unwrap_or_default();
        self.report(file, path, format!("không có chỉ số “{id}”{vi}"), format!("there is no indicator \"{id}\"{en}"));
    }

    fn indicator(&mut self, file: &str, at: usize, indicator: &Indicator) {
        let here = vec![Place::Key("indicator"), Place::Index(at)];
        let path = |more: &[Place<'static>]| -> Vec<Place<'static>> { here.iter().chain(more).copied().collect() };
        if let Due::Several(days) = &indicator.due
            && days.len() > limits::RULE_PARTS_MAX
        {
            self.report(
                file,
                &path(&[Place::Key("due")]),
                "quá nhiều thời hạn".to_owned(),
                "too many deadlines".to_owned(),
            );
        }
        self.points(file, &path(&[Place::Key("points")]), indicator.points);
        for (index, figure) in indicator.figures.iter().enumerate() {
            if indicator.figures[..index].iter().any(|known| known.id == figure.id) {
                self.stands_above(file, &path(&[Place::Key("figures"), Place::Index(index)]), &figure.id);
            }
        }
        if let Some(group) = &indicator.group
            && !self.set.pillars.iter().any(|pillar| pillar.groups.iter().any(|known| known.id == *group))
        {
            self.report(
                file,
                &path(&[Place::Key("group")]),
                format!("không có nhóm “{group}”"),
                format!("there is no group \"{group}\""),
            );
        }
        let mut figures = indicator.all_figures();
        for (index, variant) in indicator.variants.iter().enumerate() {
            let reading = self.set.head.readings.iter().find(|reading| reading.id == variant.reading);
            if reading.is_none_or(|reading| !reading.variants.iter().any(|known| known.id == variant.pick)) {
                let (reading, pick) = (&variant.reading, &variant.pick);
                self.report(
                    file,
                    &path(&[Place::Key("variant"), Place::Index(index)]),
                    format!("không có phương án “{pick}” của cách hiểu “{reading}”"),
                    format!("there is no variant \"{pick}\" of a reading \"{reading}\""),
                );
            }
            figures.extend(variant.figures.iter().cloned());
        }
        self.declared_figures(file, &path(&[Place::Key("figures")]), &figures);
        let local: BTreeMap<String, FigureKind> =
            figures.iter().map(|figure| (figure.id.clone(), figure.kind)).collect();
        let mut scope = RuleScope { checker: self, file, local };
        scope.rule(path(&[Place::Key("rule")]), &indicator.rule, "answer", 0);
        scope.modifiers(&here, indicator.gate.as_ref(), indicator.late.as_ref());
        scope.exempt(&path(&[Place::Key("exempt")]), &indicator.exempt);
        for (index, variant) in indicator.variants.iter().enumerate() {
            let at = path(&[Place::Key("variant"), Place::Index(index)]);
            let without_variant = scope.local.clone();
            if let Some(rule) = &variant.rule {
                for figure in (Indicator { rule: rule.clone(), ..indicator.clone() }).all_figures() {
                    scope.local.insert(figure.id, figure.kind);
                }
                scope.rule(at.iter().chain(&[Place::Key("rule")]).copied().collect(), rule, "answer", 0);
            }
            scope.modifiers(&at, variant.gate.as_ref(), variant.late.as_ref());
            let exempt: Vec<Place<'_>> = at.iter().chain(&[Place::Key("exempt")]).copied().collect();
            scope.exempt(&exempt, variant.exempt.as_deref().unwrap_or_default());
            scope.local = without_variant;
        }
    }

    fn declared_figures(&mut self, file: &str, path: &[Place<'_>], figures: &[Figure]) {
        let mut seen: BTreeMap<&str, FigureKind> = BTreeMap::new();
        for figure in figures {
            if seen.insert(&figure.id, figure.kind).is_some_and(|kind| kind != figure.kind) {
                let id = &figure.id;
                self.report(
                    file,
                    path,
                    format!("số liệu “{id}” có hai loại khác nhau"),
                    format!("the figure \"{id}\" has two kinds"),
                );
            }
            let id_fits = !figure.id.is_empty()
                && figure
                    .id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-');
            if !id_fits {
                let id = &figure.id;
                self.report(
                    file,
                    path,
                    format!("mã “{id}” chỉ được gồm chữ thường, chữ số, _ và -"),
                    format!("the id \"{id}\" may have lower-case letters, digits, _ and - only"),
                );
            }
            for (index, option) in figure.options.iter().enumerate() {
                if figure.options[..index].iter().any(|known| known.id == option.id) {
                    self.stands_above(file, path, &option.id);
                }
            }
            if figure.kind == FigureKind::Choice && figure.options.is_empty() {
                let id = &figure.id;
                self.report(
                    file,
                    path,
                    format!("số liệu lựa chọn “{id}” chưa có phương án trả lời (`options`)"),
                    format!("the choice \"{id}\" has no `options`"),
                );
            }
        }
    }

    /// A sum's children exist, are no sums themselves and belong to one sum only.
    fn sums(&mut self) {
        let set = self.set;
        let mut claimed: BTreeSet<&str> = BTreeSet::new();
        for (file, pillar) in set.head.pillars.iter().zip(&set.pillars) {
            for (at, indicator) in pillar.indicators.iter().enumerate() {
                let Rule::Sum { of } = &indicator.rule else { continue };
                for (place, id) in of.iter().enumerate() {
                    let path = [
                        Place::Key("indicator"),
                        Place::Index(at),
                        Place::Key("rule"),
                        Place::Key("of"),
                        Place::Index(place),
                    ];
                    match pillar.indicators.iter().find(|child| child.id == *id) {
                        None if set.indicator(id).is_some() => self.report(
                            file,
                            &path,
                            format!("“{id}” nằm ở trụ cột khác; một tổng chỉ cộng chỉ số của trụ cột mình"),
                            format!("\"{id}\" is in another pillar; a sum adds indicators of its own pillar only"),
                        ),
                        None => self.no_such_indicator(file, &path, id),
                        Some(child) if matches!(child.rule, Rule::Sum { .. }) => self.report(
                            file,
                            &path,
                            format!("“{id}” cũng là một tổng; tổng của tổng không được hỗ trợ"),
                            format!("\"{id}\" is a sum itself; sums of sums are not supported"),
                        ),
                        Some(child) if !claimed.insert(&child.id) => self.report(
                            file,
                            &path,
                            format!("“{id}” đã được cộng một lần"),
                            format!("\"{id}\" is summed already"),
                        ),
                        Some(_) => {}
                    }
                }
            }
        }
    }

    fn examples(&mut self) {
        let files = self.files;
        for (file, text) in files.iter().filter(|(file, _)| file.starts_with("examples/") && file.ends_with(".toml")) {
            // Read a second time: a set keeps its examples without the files that they came from.
            let examples = toml_file::read::<ExampleFile>(file, text, &mut Vec::new()).unwrap_or_default().examples;
            for (index, example) in examples.iter().enumerate() {
                if self.set.indicator(&example.indicator).is_none() {
                    let path = [Place::Key("example"), Place::Index(index), Place::Key("indicator")];
                    self.no_such_indicator(file, &path, &example.indicator);
                }
            }
        }
    }
}

/// The rules of one indicator, with the figures that they may name.
struct RuleScope<'a, 'b> {
    checker: &'a mut Checker<'b>,
    file: &'a str,
    local: BTreeMap<String, FigureKind>,
}

impl RuleScope<'_, '_> {
    fn report(&mut self, path: &[Place<'_>], vi: String, en: String) {
        self.checker.report(self.file, path, vi, en);
    }

    /// The kind of a figure; a reference that leads nowhere is reported.
    fn kind(&mut self, path: &[Place<'_>], reference: &str) -> Option<FigureKind> {
        let scopes = &self.checker.scopes;
        let (found, known): (Option<FigureKind>, Vec<String>) = if let Some(id) = reference.strip_prefix("profile.") {
            (scopes.profile.get(id).copied(), scopes.profile.keys().map(|id| format!("profile.{id}")).collect())
        } else if let Some(id) = reference.strip_prefix("round.") {
            (scopes.round.get(id).copied(), scopes.round.keys().map(|id| format!("round.{id}")).collect())
        } else {
            (self.local.get(reference).copied(), self.local.keys().cloned().collect())
        };
        if found.is_none() {
            let hint = nearest(reference, known.iter().map(String::as_str));
            let (vi, en) =
                hint.map(|id| (format!("; ý là “{id}”?"), format!("; did you mean \"{id}\"?"))).unwrap_or_default();
            self.report(
                path,
                format!("không có số liệu “{reference}”{vi}"),
                format!("there is no figure \"{reference}\"{en}"),
            );
        }
        found
    }

    /// A figure that a rule brings along under an id that is known already is of the known kind.
    fn one_kind(&mut self, path: &[Place<'_>], id: &str, kind: FigureKind) {
        if self.local.get(id).is_some_and(|known| *known != kind) {
            self.report(
                path,
                format!("số liệu “{id}” có hai loại khác nhau"),
                format!("the figure \"{id}\" has two kinds"),
            );
        }
    }

    fn of_kind(&mut self, path: &[Place<'_>], reference: &str, fits: impl Fn(FigureKind) -> bool, vi: &str, en: &str) {
        if let Some(kind) = self.kind(path, reference)
            && !fits(kind)
        {
            let name = kind.name();
            self.report(
                path,
                format!("“{reference}” là loại {name}; ở đây cần {vi}"),
                format!("\"{reference}\" is of kind {name}; {en} is needed here"),
            );
        }
    }

    fn quantity(&mut self, path: &[Place<'_>], reference: &str) {
        self.of_kind(path, reference, FigureKind::is_quantity, "một số lượng", "a quantity");
    }

    fn date(&mut self, path: &[Place<'_>], reference: &str) {
        self.of_kind(path, reference, |kind| kind == FigureKind::Date, "một ngày", "a date");
    }

    fn measure(&mut self, path: &[Place<'_>], measure: Option<Measure<'_>>, share_only: bool) {
        let with = |key| -> Vec<Place<'_>> { path.iter().chain(&[Place::Key(key)]).copied().collect() };
        match measure {
            None => self.report(
                path,
                "cần `part` và `whole`, hoặc chỉ `value`".to_owned(),
                "give `part` and `whole`, or `value` alone".to_owned(),
            ),
            Some(Measure::Share(part, whole)) => {
                self.quantity(&with("part"), part);
                self.quantity(&with("whole"), whole);
            }
            Some(Measure::Value(value)) if share_only => {
                self.of_kind(&with("value"), value, |kind| kind == FigureKind::Share, "một tỷ lệ", "a share");
            }
            Some(Measure::Value(value)) => self.quantity(&with("value"), value),
        }
    }

    fn rule(&mut self, path: Vec<Place<'_>>, rule: &Rule, asked_id: &str, depth: usize) {
        let with = |key| -> Vec<Place<'_>> { path.iter().chain(&[Place::Key(key)]).copied().collect() };
        match rule {
            Rule::Judged { .. } => {}
            Rule::YesNo { figure, .. } => self.one_kind(&path, asked_figure_id(figure, asked_id), FigureKind::YesNo),
            Rule::Choice { options, figure, .. } => {
                self.one_kind(&path, asked_figure_id(figure, asked_id), FigureKind::Choice);
                if options.is_empty() || options.len() > limits::RULE_PARTS_MAX {
                    let most = limits::RULE_PARTS_MAX;
                    self.report(
                        &with("options"),
                        format!("cần 1…{most} phương án"),
                        format!("1…{most} options are needed"),
                    );
                }
                let mut seen = BTreeSet::new();
                for (index, option) in options.iter().enumerate() {
                    if !seen.insert(&option.id) {
                        let at: Vec<Place<'_>> = with("options").into_iter().chain([Place::Index(index)]).collect();
                        let id = &option.id;
                        self.report(
                            &at,
                            format!("mã “{id}” đã có ở trên"),
                            format!("the id \"{id}\" stands above already"),
                        );
                    }
                }
            }
            Rule::Parts { parts } => self.parts(&path, parts, depth),
            Rule::Share { full_from, worth, .. } => {
                self.measure(&path, rule.measure(), true);
                if full_from.is_some_and(|share| share.number() <= Number::ZERO) {
                    self.report(&with("full_from"), "phải lớn hơn 0 %".to_owned(), "must be more than 0 %".to_owned());
                }
                if worth.is_some_and(|worth| worth < Number::ZERO) {
                    self.report(&with("worth"), "không thể âm".to_owned(), "cannot be negative".to_owned());
                }
            }
            Rule::Required { count, required, curve, last } => {
                self.quantity(&with("count"), count);
                match Number::parse(required) {
                    Some(number) if number > Number::ZERO => {}
                    Some(_) => {
                        self.report(&with("required"), "phải lớn hơn 0".to_owned(), "must be more than 0".to_owned())
                    }
                    None => self.quantity(&with("required"), required),
                }
                if *curve == Some(Curve::Inverse) {
                    self.report(
                        &with("curve"),
                        "`inverse` chỉ dùng cho tỷ lệ".to_owned(),
                        "`inverse` is for shares only".to_owned(),
                    );
                }
                if let Some(last) = last {
                    let date: Vec<Place<'_>> = with("last").into_iter().chain([Place::Key("date")]).collect();
                    self.date(&date, &last.date);
                }
            }
            Rule::Steps { steps, .. } => {
                self.measure(&path, rule.measure(), false);
                self.edges(&with("steps"), rule, steps);
                for (index, step) in steps.iter().enumerate() {
                    let points = with("steps").into_iter().chain([Place::Index(index), Place::Key("points")]);
                    self.not_negative(&points.collect::<Vec<_>>(), step.points);
                }
                if steps.is_empty() || steps.len() > limits::RULE_PARTS_MAX {
                    let most = limits::RULE_PARTS_MAX;
                    self.report(&with("steps"), format!("cần 1…{most} bậc"), format!("1…{most} steps are needed"));
                }
                for index in 1..steps.len() {
                    if steps[index].from.number() >= steps[index - 1].from.number() {
                        let at: Vec<Place<'_>> =
                            with("steps").into_iter().chain([Place::Index(index), Place::Key("from")]).collect();
                        self.report(
                            &at,
                            "các bậc phải đi từ cao xuống thấp".to_owned(),
                            "steps go from the highest to the lowest".to_owned(),
                        );
                    }
                }
            }
            Rule::Each { count, each, ceiling: limit } | Rule::Loss { count, each, zero_from: limit } => {
                self.quantity(&with("count"), count);
                self.not_negative(&with("each"), *each);
                let key = if matches!(rule, Rule::Each { .. }) { "ceiling" } else { "zero_from" };
                self.not_negative(&with(key), limit.unwrap_or_default());
            }
            Rule::Handled { handled, happened } => {
                self.quantity(&with("handled"), handled);
                self.quantity(&with("happened"), happened);
            }
            Rule::Peers { .. } => self.measure(&path, rule.measure(), false),
            Rule::Sum { .. } if depth > 0 => self.report(
                &path,
                "`sum` không được nằm trong một phần".to_owned(),
                "`sum` cannot stand inside a part".to_owned(),
            ),
            Rule::Sum { of } => {
                if of.is_empty() || of.len() > limits::RULE_PARTS_MAX {
                    let most = limits::RULE_PARTS_MAX;
                    self.report(
                        &with("of"),
                        format!("cần 1…{most} chỉ số con"),
                        format!("1…{most} children are needed"),
                    );
                }
            }
        }
    }

    /// The edges of steps are shares where a share is measured, else numbers.
    fn edges(&mut self, path: &[Place<'_>], rule: &Rule, steps: &[Step]) {
        let shares = match rule.measure() {
            Some(Measure::Share(..)) => true,
            Some(Measure::Value(value)) => self.local.get(value) == Some(&FigureKind::Share),
            None => return,
        };
        for (index, step) in steps.iter().enumerate() {
            if matches!(step.from, Edge::Share(_)) != shares {
                let at: Vec<Place<'_>> =
                    path.iter().chain(&[Place::Index(index), Place::Key("from")]).copied().collect();
                let from = step.from;
                if shares {
                    self.report(
                        &at,
                        format!("bậc của một tỷ lệ phải ghi bằng %, ở đây là “{from}”"),
                        format!("the step of a share is written with %, here it is \"{from}\""),
                    );
                } else {
                    self.report(
                        &at,
                        format!("bậc của một số lượng không có %, ở đây là “{from}”"),
                        format!("the step of a quantity is written without %, here it is \"{from}\""),
                    );
                }
            }
        }
    }

    fn parts(&mut self, path: &[Place<'_>], parts: &[Part], depth: usize) {
        if depth + 1 > limits::RULE_DEPTH_MAX {
            let most = limits::RULE_DEPTH_MAX;
            return self.report(path, format!("lồng sâu quá {most} cấp"), format!("nested more than {most} deep"));
        }
        if parts.is_empty() || parts.len() > limits::RULE_PARTS_MAX {
            let most = limits::RULE_PARTS_MAX;
            self.report(path, format!("cần 1…{most} phần"), format!("1…{most} parts are needed"));
        }
        let mut seen = BTreeSet::new();
        for (index, part) in parts.iter().enumerate() {
            let at: Vec<Place<'_>> = path.iter().chain(&[Place::Key("parts"), Place::Index(index)]).copied().collect();
            for figure in &part.figures {
                self.one_kind(&at, &figure.id, figure.kind);
            }
            if !seen.insert(&part.id) {
                let id = &part.id;
                self.report(&at, format!("mã “{id}” đã có ở trên"), format!("the id \"{id}\" stands above already"));
            }
            let points: Vec<Place<'_>> = at.iter().chain(&[Place::Key("points")]).copied().collect();
            self.not_negative(&points, part.points);
            self.rule(at.iter().chain(&[Place::Key("rule")]).copied().collect(), &part.rule, &part.id, depth + 1);
            self.modifiers(&at, part.gate.as_ref(), part.late.as_ref());
        }
    }

    fn not_negative(&mut self, path: &[Place<'_>], number: Number) {
        if number < Number::ZERO {
            self.report(path, "không thể âm".to_owned(), "cannot be negative".to_owned());
        }
    }

    fn modifiers(&mut self, path: &[Place<'_>], gate: Option<&Gate>, late: Option<&Late>) {
        let with = |key, inner| -> Vec<Place<'_>> {
            path.iter().chain(&[Place::Key(key), Place::Key(inner)]).copied().collect()
        };
        if let Some(gate) = gate {
            match (&gate.count, gate.at_least, &gate.date, gate.before, &gate.yes) {
                (Some(count), Some(_), None, None, None) => self.quantity(&with("gate", "count"), count),
                (None, None, Some(date), Some(_), None) => self.date(&with("gate", "date"), date),
                (None, None, None, None, Some(yes)) => self.yes_no(&with("gate", "yes"), yes),
                _ => {
                    let at: Vec<Place<'_>> = path.iter().chain(&[Place::Key("gate")]).copied().collect();
                    self.report(
                        &at,
                        "cần đúng một trong: `count` và `at_least`; `date` và `before`; `yes`".to_owned(),
                        "give exactly one of: `count` and `at_least`; `date` and `before`; `yes`".to_owned(),
                    );
                }
            }
        }
        if let Some(late) = late {
            self.date(&with("late", "date"), &late.date);
        }
    }

    fn yes_no(&mut self, path: &[Place<'_>], reference: &str) {
        self.of_kind(path, reference, |kind| kind == FigureKind::YesNo, "câu trả lời có/không", "a yes/no answer");
    }

    fn exempt(&mut self, path: &[Place<'_>], exempt: &[Exempt]) {
        for (index, exempt) in exempt.iter().enumerate() {
            let at: Vec<Place<'_>> = path.iter().chain(&[Place::Index(index), Place::Key("when")]).copied().collect();
            match exempt.is {
                ExemptIs::Yes | ExemptIs::No => self.yes_no(&at, &exempt.when),
                ExemptIs::Zero => self.quantity(&at, &exempt.when),
            }
        }
    }
}
