//! What was published, side by side, and papers as files.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use criteria::Number;
use cycle::{AssessmentId, RoundId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::json;
use super::caller::Caller;
use super::problem::Problem;
use super::request::{Asked, At};
use crate::app::App;
use crate::pages::compare::{Side, looked_back, meant};
use crate::pages::papers;
use crate::pages::public::find_level;
use crate::person::Visitor;

/// Most units side by side.
const UNITS_MAX: usize = 4;

/// Which units.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    units: String,
}

/// Units side by side.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SideBySide {
    /// The pillars, in order: number, name, most points.
    pillars: Vec<PillarOf>,
    /// The units, in the order in which they were asked for.
    units: Vec<UnitBeside>,
}

/// A pillar of the set.
#[derive(Debug, Serialize, JsonSchema)]
struct PillarOf {
    no: String,
    name: String,
    /// The most points.
    maximum: Number,
}

/// A unit beside others.
#[derive(Debug, Serialize, JsonSchema)]
struct UnitBeside {
    /// Its official code.
    code: String,
    name: String,
    rank: Option<u32>,
    /// Whether others hold the rank too.
    tied: bool,
    /// The points awarded.
    points: Number,
    /// Points of the maximum that do not apply.
    excluded: Number,
    /// Points ÷ (maximum − excluded) × maximum.
    comparable: Option<Number>,
    grade: Option<String>,
    /// By pillar, in order: points, points that do not apply, rank.
    pillars: Vec<PillarBeside>,
    /// This year and those before, latest first, through the unit's lineage.
    years: Vec<YearBeside>,
}

/// A unit's pillar.
#[derive(Debug, Serialize, JsonSchema)]
struct PillarBeside {
    points: Number,
    excluded: Number,
    rank: Option<u32>,
}

/// How a unit, or the one that it carries on, stood.
#[derive(Debug, Serialize, JsonSchema)]
struct YearBeside {
    year: String,
    /// The name that it had; none where nothing is known of it.
    name: Option<String>,
    rank: Option<u32>,
    comparable: Option<Number>,
    /// The most points that there were.
    maximum: Number,
}

/// `GET /publications/PUBLICATION/LEVEL/compare?units=A,B`
pub async fn compare(
    State(app): State<App>,
    Caller(_): Caller,
    At((id, level)): At<(i64, String)>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Response, Problem> {
    let (one, known) = find_level(&app, id, &level).await?;
    let rows = app.store.published(id, &level).await?;
    let words: Vec<&str> = wanted.units.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > UNITS_MAX {
        return Err(Problem::field(
            "units",
            format!("Nêu từ 1 đến {UNITS_MAX} mã đơn vị, cách nhau bằng dấu phẩy"),
            format!("Name 1 to {UNITS_MAX} codes of units with commas between them"),
        ));
    }
    let mut units = Vec::new();
    for word in words {
        units.push(meant(&rows, word).ok_or_else(|| {
            let (vi, en) = (format!("Không có đơn vị “{word}”"), format!("There is no unit \"{word}\""));
            Problem::field("units", vi, en)
        })?);
    }
    let Side { years, maxima, histories } = looked_back(&app, &one, &known, &rows, &units).await?;
    let units = units.iter().zip(&histories).map(|(row, history)| UnitBeside {
        code: row.code.clone(),
        name: row.name.clone(),
        rank: row.rank,
        tied: row.tied,
        points: row.points,
        excluded: row.excluded,
        comparable: row.comparable,
        grade: row.grade.clone(),
        pillars: row
            .pillars
            .iter()
            .map(|(points, excluded, rank)| PillarBeside { points: *points, excluded: *excluded, rank: *rank })
            .collect(),
        years: years
            .iter()
            .zip(&maxima)
            .zip(history)
            .map(|((year, maximum), then)| YearBeside {
                year: year.clone(),
                name: then.as_ref().map(|row| row.name.clone()),
                rank: then.as_ref().and_then(|row| row.rank),
                comparable: then.as_ref().and_then(|row| row.comparable),
                maximum: *maximum,
            })
            .collect(),
    });
    let units = units.collect();
    let pillars = known.pillars.iter().map(|(no, name, maximum)| PillarOf {
        no: no.clone(),
        name: name.clone(),
        maximum: *maximum,
    });
    json(&SideBySide { pillars: pillars.collect(), units })
}

/// `GET /sheets/SHEET/papers/FILE`
pub async fn of_sheet(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(AssessmentId, String)>,
    Asked(asked): Asked<papers::Asked>,
) -> Result<Response, Problem> {
    Ok(papers::of_sheet(State(app), person, Path(at), Query(asked)).await?)
}

/// `GET /rounds/ROUND/papers/FILE`
pub async fn of_round(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(RoundId, String)>,
    Asked(asked): Asked<papers::Asked>,
) -> Result<Response, Problem> {
    Ok(papers::of_round(State(app), person, Path(at), Query(asked)).await?)
}

/// `GET /publications/PUBLICATION/papers/FILE`
pub async fn of_publication(
    State(app): State<App>,
    Caller(person): Caller,
    At(at): At<(i64, String)>,
) -> Result<Response, Problem> {
    let visitor = Visitor { l: person.l(), person: Some(person) };
    Ok(papers::of_publication(State(app), visitor, Path(at)).await?)
}
