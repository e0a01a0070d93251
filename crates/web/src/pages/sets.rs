//! Criteria sets to read: the list, one set with what the checker finds in it, and two sets side by side.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::Response;
use criteria::CriteriaSet;
use criteria::collation::sort_key;
use criteria::compare::{DifferenceKind, compare};
use criteria::mapping::Mapping;
use cycle::{Capability, DraftId};
use serde::Deserialize;
use store::drafts::DraftState;

use super::html;
use super::set_draft::drafts_of;
use super::set_view::{self, FindingView, PillarView, SetReadingView};
use crate::app::{App, Library};
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell, level_title};

struct SetRow {
    id: String,
    title: String,
    document: String,
    level: String,
    year: i16,
    total: String,
    indicators: usize,
    findings: (usize, usize, usize),
    own: bool,
}

struct DraftRow {
    id: DraftId,
    title: String,
    set: String,
    file: String,
    changed: String,
    who: String,
    class: &'static str,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "sets.html")]
struct SetsPage {
    shell: Shell,
    rows: Vec<SetRow>,
    drafts: Vec<DraftRow>,
    can_import: bool,
}

/// `GET /sets`
pub async fn list(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    let l = person.l();
    let shell =
        Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, l.say("Các bộ chỉ số", "Criteria sets"));
    let known = looked_at(&app).await?;
    let mut sets: Vec<_> = known.values().collect();
    sets.sort_by_cached_key(|one| (-i32::from(one.set.head.year), sort_key(&one.set.head.title)));
    let rows = sets.into_iter().map(|one| {
        let head = &one.set.head;
        SetRow {
            id: head.id.clone(),
            title: head.title.clone(),
            document: format!("{} {}", head.document.kind, head.document.number),
            level: level_title(l, &head.level),
            year: head.year,
            total: l.number(&one.set.total()),
            indicators: one.set.indicators().count(),
            findings: set_view::counted(one.findings()),
            own: one.draft.is_some(),
        }
    });
    let rows = rows.collect();
    let state = app.store.state();
    let drafts = drafts_of(&state, &person).into_iter().map(|one| DraftRow {
        id: one.id,
        title: one.title.clone(),
        set: one.set.clone(),
        file: one.file.clone(),
        changed: l.instant(&one.changed_at),
        who: one.changed_by.and_then(|by| state.accounts.get(&by)).map(|one| one.name.clone()).unwrap_or_default(),
        class: if one.state == DraftState::Open { "open" } else { "done" },
        state: match (one.state, l.is_english()) {
            (DraftState::Adopted, false) => "Đã dùng",
            (DraftState::Adopted, true) => "Adopted",
            (_, false) => "Đang sửa",
            (_, true) => "Being put right",
        },
    });
    let drafts = drafts.collect();
    drop(state);
    let can_import = person.authority.may_somewhere(Capability::RunRound);
    html(&SetsPage { shell, rows, drafts, can_import })
}

pub(crate) type Known = std::collections::BTreeMap<String, std::sync::Arc<crate::shelf::KnownSet>>;

/// The known sets, checked: reading and checking them for the first time is work for the processor.
pub(crate) async fn looked_at(app: &App) -> Result<Known, Failure> {
    let app = app.clone();
    let known = tokio::task::spawn_blocking(move || {
        let known = app.known_sets();
        for one in known.values() {
            one.findings();
        }
        known
    });
    known.await.map_err(|_| Failure::Internal)
}

#[derive(Template)]
#[template(path = "set.html")]
struct SetPage {
    shell: Shell,
    id: String,
    hash: String,
    draft: Option<DraftId>,
    facts: Vec<(&'static str, String)>,
    uncertain: Option<String>,
    findings: Vec<FindingView>,
    notes: Vec<FindingView>,
    pillars: Vec<PillarView>,
    readings: Vec<SetReadingView>,
    others: Vec<(String, String)>,
}

/// `GET /sets/SET`
pub async fn one(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let l = person.l();
    let known = looked_at(&app).await?;
    let found = known.get(&id).ok_or(Failure::NotFound)?;
    let (set, findings) = (&found.set, found.findings());
    let head = &set.head;
    let document = &head.document;
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, head.title.as_str());
    let (notes, grave): (Vec<_>, Vec<_>) =
        findings.iter().partition(|one| one.severity == criteria::check::Severity::Note);
    let say = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let open = head.readings.iter().filter(|one| one.status == criteria::model::ReadingStatus::Open).count();
    html(&SetPage {
        shell,
        facts: vec![
            (say("Cấp áp dụng", "Level"), level_title(l, &head.level)),
            (say("Tổng điểm", "Total"), l.number(&set.total())),
            (say("Chỉ số", "Indicators"), l.count(set.indicators().count())),
            (say("Áp dụng từ năm", "From the year"), head.year.to_string()),
            (
                say("Văn bản", "Document"),
                format!("{} {}, {}", document.kind, document.number, l.date(&document.date.0)),
            ),
            (say("Cách hiểu còn mở", "Open readings"), l.count(open)),
        ],
        id,
        hash: found.hash.clone(),
        draft: found.draft,
        uncertain: head.uncertain.clone(),
        findings: grave.into_iter().map(|one| set_view::finding(l, one)).collect(),
        notes: notes.into_iter().map(|one| set_view::finding(l, one)).collect(),
        pillars: set_view::pillars(l, set, findings),
        readings: head.readings.iter().map(|one| set_view::reading(l, one)).collect(),
        others: known
            .values()
            .filter(|other| other.set.head.level == head.level && other.set.head.id != head.id)
            .map(|other| (other.set.head.id.clone(), other.set.head.title.clone()))
            .collect(),
    })
}

/// Which sets to compare.
#[derive(Deserialize)]
pub struct Pair {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

struct DifferenceRow {
    kind: &'static str,
    from: String,
    to: String,
    before: String,
    after: String,
}

#[derive(Template)]
#[template(path = "set_compare.html")]
struct ComparePage {
    shell: Shell,
    sets: Vec<(String, String)>,
    from: String,
    to: String,
    wrong: Option<&'static str>,
    basis: &'static str,
    counts: Vec<(&'static str, usize)>,
    rows: Vec<DifferenceRow>,
}

/// The mapping between two sets: the one that people checked, else a proposed one; and whether it was checked.
pub(crate) fn mapping(library: &Library, from: &CriteriaSet, to: &CriteriaSet) -> (Mapping, bool) {
    let name = format!("{}--{}", from.head.id, to.head.id);
    let kept = library.mappings.get(&name).and_then(|text| Mapping::read(&name, text, from, to).ok());
    let checked = kept.is_some();
    (kept.unwrap_or_else(|| Mapping::propose(from, to)), checked)
}

/// `GET /sets/compare`
pub async fn pair(
    State(app): State<App>,
    person: Person,
    OriginalUri(uri): OriginalUri,
    Query(asked): Query<Pair>,
) -> Result<Response, Failure> {
    let l = person.l();
    let title = l.say("So sánh hai bộ chỉ số", "Two sets side by side");
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Rounds, title);
    let known = looked_at(&app).await?;
    let say = |vi: &'static str, en: &'static str| if l.is_english() { en } else { vi };
    let mut page = ComparePage {
        shell,
        sets: known.values().map(|one| (one.set.head.id.clone(), one.set.head.title.clone())).collect(),
        from: asked.from.clone(),
        to: asked.to.clone(),
        wrong: None,
        basis: "",
        counts: Vec::new(),
        rows: Vec::new(),
    };
    if asked.from.is_empty() && asked.to.is_empty() {
        return html(&page);
    }
    let (Some(from), Some(to)) = (known.get(&asked.from), known.get(&asked.to)) else {
        page.wrong = Some(say("Hãy chọn hai bộ chỉ số có trong danh sách", "Choose two sets of the list"));
        return html(&page);
    };
    let (mapping, checked) = mapping(&app.library, &from.set, &to.set);
    page.basis = if checked {
        say("Đối chiếu theo bảng đã được kiểm tra.", "Matched by a mapping that people checked.")
    } else {
        say(
            "Đối chiếu do máy đề xuất theo tên và lời văn; hãy đọc lại.",
            "Matched by names and words, as the program proposes; read it again.",
        )
    };
    let name = |kind: DifferenceKind| match kind {
        DifferenceKind::Added => say("Thêm", "Added"),
        DifferenceKind::Removed => say("Bỏ", "Removed"),
        DifferenceKind::Renumbered => say("Đổi số", "Renumbered"),
        DifferenceKind::Renamed => say("Đổi tên", "Renamed"),
        DifferenceKind::Points => say("Đổi điểm", "Points"),
        DifferenceKind::Rule => say("Đổi cách tính", "Rule"),
        DifferenceKind::Text => say("Đổi lời văn", "Words"),
        DifferenceKind::Due => say("Đổi thời hạn", "Deadline"),
        DifferenceKind::Evidence => say("Đổi tài liệu kiểm chứng", "Evidence"),
    };
    let differences = compare(&from.set, &to.set, &mapping);
    for one in &differences {
        match page.counts.iter_mut().find(|(kind, _)| *kind == name(one.kind)) {
            Some((_, count)) => *count += 1,
            None => page.counts.push((name(one.kind), 1)),
        }
    }
    page.rows = differences
        .into_iter()
        .map(|one| DifferenceRow {
            kind: name(one.kind),
            from: one.from.unwrap_or_default(),
            to: one.to.unwrap_or_default(),
            before: one.before,
            after: one.after,
        })
        .collect();
    html(&page)
}
