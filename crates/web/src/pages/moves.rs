//! What moved since an earlier publication: the same unit's rank, or those of the units that it was made of; and the
//! points of the criteria that both years have.

use std::collections::HashMap;
use std::sync::Arc;

use criteria::Number;
use criteria::mapping::Mapping;
use scoring::{Program, change};
use store::publication::{IndicatorResult, Publication, PublishedLevel, UnitResult};

use crate::app::App;
use crate::failure::Failure;
use crate::view::L;

/// An earlier publication's rows, and who came from whom.
pub struct Before {
    /// Its assessed year.
    pub year: i16,
    /// Its identity.
    pub id: i64,
    /// Its rows, by code.
    rows: HashMap<String, UnitResult>,
    /// For units that it does not have: the codes of those that they came from.
    came_from: HashMap<String, Vec<String>>,
}

/// How a unit stood before.
pub enum Then<'a> {
    /// It was there, or one unit that it carries on.
    Same(&'a UnitResult),
    /// It was made of several.
    Of(Vec<&'a UnitResult>),
    /// Nothing is known of it.
    New,
}

impl Before {
    /// The latest publication of the year before that has the level, for the rows at hand.
    pub async fn of(app: &App, one: &Publication, level: &str, now: &[UnitResult]) -> Result<Option<Self>, Failure> {
        let all = app.store.publications().await?;
        let has = |other: &&Publication| {
            other.head.year < one.head.year && other.head.levels.iter().any(|own| own.level == level)
        };
        let Some(before) = all.iter().filter(has).max_by_key(|other| (other.head.year, other.id)) else {
            return Ok(None);
        };
        let rows = app.store.published(before.id, level).await?;
        let rows: HashMap<String, UnitResult> = rows.iter().map(|row| (row.code.clone(), row.clone())).collect();
        let state = app.store.state();
        let new = now.iter().filter(|row| !rows.contains_key(&row.code));
        let came_from = new.filter_map(|row| {
            let unit = state.tree.by_code(&row.code)?.id;
            let codes = state.forerunners(unit).into_iter().filter_map(|one| state.tree.get(one));
            let known: Vec<String> =
                codes.map(|unit| unit.code.clone()).filter(|code| rows.contains_key(code)).collect();
            (!known.is_empty()).then(|| (row.code.clone(), known))
        });
        let came_from = came_from.collect();
        Ok(Some(Self { year: before.head.year, id: before.id, rows, came_from }))
    }

    /// How a unit stood.
    pub fn then(&self, code: &str) -> Then<'_> {
        if let Some(row) = self.rows.get(code) {
            return Then::Same(row);
        }
        let from = self.came_from.get(code).map_or(&[][..], Vec::as_slice);
        match from.iter().filter_map(|code| self.rows.get(code)).collect::<Vec<_>>()[..] {
            [] => Then::New,
            [one] => Then::Same(one),
            ref several => Then::Of(several.to_vec()),
        }
    }

    /// The change of rank in a few letters.
    pub fn change(&self, l: L, row: &UnitResult) -> String {
        match self.then(&row.code) {
            Then::Same(before) => match (row.rank, before.rank) {
                (Some(now), Some(then)) if now < then => format!("▲ {}", then - now),
                (Some(now), Some(then)) if now > then => format!("▼ {}", now - then),
                (Some(_), Some(_)) => "=".to_owned(),
                _ => "–".to_owned(),
            },
            Then::Of(several) => {
                let ranks: Vec<String> =
                    several.iter().filter_map(|one| one.rank).map(|rank| rank.to_string()).collect();
                format!("{} {}", l.say("gộp từ hạng", "made of ranks"), ranks.join(", "))
            }
            Then::New => l.say("mới", "new").to_owned(),
        }
    }

    /// The change in a sentence, with names.
    pub fn sentence(&self, l: L, row: &UnitResult) -> Option<String> {
        let rank = |row: &UnitResult| row.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
        let year = self.year;
        match self.then(&row.code) {
            Then::Same(before) if before.code == row.code => None,
            Then::Same(before) => Some(match l.is_english() {
                true => format!("It carries on {}, which held rank {} in {year}.", before.name, rank(before)),
                false => format!("Tiếp nối {}, hạng {} năm {year}.", before.name, rank(before)),
            }),
            Then::Of(several) => {
                let told: Vec<String> = several
                    .iter()
                    .map(|one| format!("{} ({} {})", one.name, l.say("hạng", "rank"), rank(one)))
                    .collect();
                Some(match l.is_english() {
                    true => format!("It was made of {} units of {year}: {}.", several.len(), told.join(", ")),
                    false => format!("Hợp thành từ {} đơn vị năm {year}: {}.", several.len(), told.join(", ")),
                })
            }
            Then::New => None,
        }
    }
}

/// Which places of two sets are compared: through the mapping kept for them, or by the same ids of one set.
pub fn pairs(app: &App, earlier: &Program, later: &Program) -> Vec<(usize, usize)> {
    let (from, to) = (&earlier.set.head.id, &later.set.head.id);
    if from == to {
        return change::pairs(earlier, later, None);
    }
    let name = format!("{from}--{to}");
    let Some(text) = app.library.mappings.get(&name) else { return Vec::new() };
    match Mapping::read(&name, text, &earlier.set, &later.set) {
        Ok(mapping) => change::pairs(earlier, later, Some(&mapping)),
        Err(problems) => {
            tracing::warn!(name, ?problems, "a mapping cannot be used");
            Vec::new()
        }
    }
}

/// What a unit reached of some criteria, by their places, in percent of what applied to it; `None` where nothing did.
pub fn reached(rows: &[IndicatorResult], places: impl Iterator<Item = usize>) -> Option<Number> {
    change::share(places.filter_map(|place| {
        let row = rows.get(place)?;
        Some((row.points, Number::from_millionths(row.maximum.millionths() - row.excluded.millionths())))
    }))
}

/// The program of a published level, where a round still holds its set.
pub fn program_of(app: &App, level: &PublishedLevel) -> Option<Arc<Program>> {
    let state = app.store.state();
    state.levels.values().find(|one| one.facts.set_hash == level.set_hash).map(|one| one.program.clone())
}
