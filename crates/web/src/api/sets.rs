//! Criteria sets to read: the list, one with its rules, what the checker finds, and two side by side.

use axum::extract::State;
use axum::response::Response;
use criteria::check::{Finding, Severity};
use criteria::compare::compare;
use criteria::{CriteriaSet, Number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::answer::{Page, json};
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At};
use super::views::Words;
use crate::app::App;
use crate::pages::sets::{looked_at, mapping};

/// A criteria set.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetHead {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// The level that it is for.
    level: String,
    /// The first year that it is for.
    year: i16,
    /// Its total, as printed.
    total: Number,
    /// How many indicators it has.
    indicators: usize,
    /// The hash of its content.
    hash: String,
    /// The draft that it was adopted from; none for one that ships with the product.
    draft: Option<i64>,
    /// How many errors, warnings and notes the checker has.
    findings: FindingCounts,
}

/// How many findings there are.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingCounts {
    errors: usize,
    warnings: usize,
    notes: usize,
}

/// How many findings there are of each gravity.
pub fn counts(findings: &[Finding]) -> FindingCounts {
    let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
    FindingCounts { errors: count(Severity::Error), warnings: count(Severity::Warning), notes: count(Severity::Note) }
}

/// `GET /sets`
pub async fn list(State(app): State<App>, Caller(_): Caller) -> Result<Response, Problem> {
    let known = looked_at(&app).await?;
    let items = known.values().map(|one| SetHead {
        id: one.set.head.id.clone(),
        title: one.set.head.title.clone(),
        level: one.set.head.level.clone(),
        year: one.set.head.year,
        total: one.set.total(),
        indicators: one.set.indicators().count(),
        hash: one.hash.clone(),
        draft: one.draft.map(|draft| draft.0),
        findings: counts(one.findings()),
    });
    json(&Page { items: items.collect(), next: None })
}

/// Something that the checker found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingOf {
    #[schemars(extend("enum" = ["error", "warning", "note"]))]
    severity: &'static str,
    /// What kind of finding it is; the codes are stable.
    code: &'static str,
    /// The pillar, group or indicator that it stands at; empty for the set as a whole.
    at: String,
    /// The printed words that it is about.
    quote: String,
    message: Words,
}

impl From<&Finding> for FindingOf {
    fn from(one: &Finding) -> Self {
        Self {
            severity: one.severity.name(),
            code: one.code,
            at: one.at.clone(),
            quote: one.quote.clone(),
            message: one.message.clone().into(),
        }
    }
}

/// A set with its rules, in the shape of `thuocdo sets show --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetInFull {
    id: String,
    title: String,
    level: String,
    year: i16,
    /// Its total, as printed.
    total: Number,
    /// The hash of its content.
    hash: String,
    /// The decision that it comes from.
    document: Json,
    /// The figures of the unit profile.
    profile: Json,
    /// What the document leaves open, and how it is answered.
    readings: Json,
    /// The pillars with their groups and indicators: the document's words, figures and rules.
    pillars: Vec<Json>,
    /// What the checker finds.
    findings: Vec<FindingOf>,
}

/// A value as data.
fn data(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// A set as the API shows it.
pub fn full(set: &CriteriaSet, hash: &str, findings: &[Finding]) -> SetInFull {
    let head = &set.head;
    SetInFull {
        id: head.id.clone(),
        title: head.title.clone(),
        level: head.level.clone(),
        year: head.year,
        total: set.total(),
        hash: hash.to_owned(),
        document: data(&head.document),
        profile: data(&head.profile),
        readings: data(&head.readings),
        pillars: criteria::shown::pillars(set, None),
        findings: findings.iter().map(FindingOf::from).collect(),
    }
}

/// `GET /sets/SET`
pub async fn one(State(app): State<App>, Caller(_): Caller, At(id): At<String>) -> Result<Response, Problem> {
    let known = looked_at(&app).await?;
    let found = known.get(&id).ok_or_else(Problem::not_found)?;
    json(&full(&found.set, &found.hash, found.findings()))
}

/// What the checker finds in a set, in the shape of `thuocdo sets check --json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetChecked {
    set: String,
    errors: usize,
    warnings: usize,
    findings: Vec<FindingOf>,
}

/// `GET /sets/SET/check`
pub async fn check(State(app): State<App>, Caller(_): Caller, At(id): At<String>) -> Result<Response, Problem> {
    let known = looked_at(&app).await?;
    let findings = known.get(&id).ok_or_else(Problem::not_found)?.findings();
    let FindingCounts { errors, warnings, .. } = counts(findings);
    json(&SetChecked { set: id, errors, warnings, findings: findings.iter().map(FindingOf::from).collect() })
}

/// Which sets.
#[derive(Debug, Default, Deserialize)]
pub struct Pair {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// Two sets side by side.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetsCompared {
    from: String,
    to: String,
    /// Whether people checked which indicator lives on in which; else the program proposes it.
    checked: bool,
    /// Every difference, in the order of the later set; what was removed comes last.
    differences: Vec<SetDifference>,
}

/// A difference between two sets.
#[derive(Debug, Serialize, JsonSchema)]
struct SetDifference {
    #[schemars(extend("enum" = ["added", "removed", "renumbered", "renamed", "points", "rule", "text", "due", "evidence"]))]
    kind: &'static str,
    /// The indicator in the earlier set.
    from: Option<String>,
    /// The indicator in the later set.
    to: Option<String>,
    before: String,
    after: String,
    message: Words,
}

/// `GET /sets/compare?from=…&to=…`
pub async fn pair(State(app): State<App>, Caller(_): Caller, Asked(pair): Asked<Pair>) -> Result<Response, Problem> {
    let known = looked_at(&app).await?;
    let find = |field: &str, id: &str| {
        known.get(id).ok_or_else(|| {
            let (vi, en) = (format!("Không có bộ chỉ số “{id}”"), format!("There is no set \"{id}\""));
            Problem::field(field, vi, en)
        })
    };
    let (from, to) = (find("from", &pair.from)?, find("to", &pair.to)?);
    let (mapping, checked) = mapping(&app.library, &from.set, &to.set);
    let differences = compare(&from.set, &to.set, &mapping).into_iter().map(|one| SetDifference {
        kind: one.kind.name(),
        from: one.from,
        to: one.to,
        before: one.before,
        after: one.after,
        message: one.message.into(),
    });
    json(&SetsCompared { from: pair.from.clone(), to: pair.to.clone(), checked, differences: differences.collect() })
}
