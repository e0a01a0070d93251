//! Once a round is published, what was published stands in its pictures, and no longer what units claimed.

use std::collections::HashMap;

use cycle::sheet::Totals;
use cycle::{Phase, RoundId};
use store::State;
use store::publication::UnitResult;
use store::state::Assessment;

use crate::app::App;
use crate::failure::Failure;

/// The published results of a level of a round by unit code; empty while it is not published.
pub struct Decided(HashMap<String, UnitResult>);

impl Decided {
    /// One level's results of a round's latest publication.
    pub async fn of(app: &App, round: RoundId, level: &str) -> Result<Self, Failure> {
        let published = app.store.state().rounds.get(&round).is_some_and(|one| one.phase == Phase::Published);
        if !published {
            return Ok(Self(HashMap::new()));
        }
        let publications = app.store.publications().await?;
        let Some(latest) = publications.iter().filter(|one| one.round == round).max_by_key(|one| one.id) else {
            return Ok(Self(HashMap::new()));
        };
        let results = app.store.published(latest.id, level).await?;
        Ok(Self(results.iter().map(|one| (one.code.clone(), one.clone())).collect()))
    }

    /// Whether there is anything.
    pub fn is_final(&self) -> bool {
        !self.0.is_empty()
    }

    /// What a sheet comes to: as published, else as its unit claims.
    pub fn totals(&self, state: &State, row: &Assessment) -> Totals {
        let mut totals = row.totals.clone();
        let code = state.tree.get(row.unit).map(|unit| unit.code.as_str()).unwrap_or_default();
        if let Some(result) = self.0.get(code) {
            (totals.points, totals.excluded, totals.comparable) = (result.points, result.excluded, result.comparable);
            for (own, (points, excluded, _)) in totals.pillars.iter_mut().zip(&result.pillars) {
                (own.points, own.excluded) = (*points, *excluded);
            }
        }
        totals
    }

    /// Puts it into rows.
    pub fn put<'a>(&self, state: &State, rows: impl Iterator<Item = &'a mut Assessment>) {
        for row in rows.filter(|_| self.is_final()) {
            row.totals = self.totals(state, row);
        }
    }
}
