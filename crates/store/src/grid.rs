//! A level's published points as a grid, units by indicators, without the sentences: what heatmaps and comparisons of
//! years read. Sentences are most of what is published, so the rows are read some at a time.

use std::collections::HashMap;

use criteria::Number;
use serde::Deserialize;

use crate::database::Value;
use crate::error::Error;
use crate::state::json;
use crate::store::Store;

/// How many units are read at a time.
const UNITS_TOGETHER: i64 = 64;

/// Points of units by indicators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The indicators, in the set's order.
    pub indicators: Vec<String>,
    /// The cells of each unit, by its code.
    pub rows: HashMap<String, Vec<GridCell>>,
}

/// One indicator of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridCell {
    /// The points that count.
    pub points: Number,
    /// The most points that apply; nothing where the indicator does not.
    pub applicable: Number,
    /// Whether a figure was missing.
    pub missing: bool,
}

/// A reason as far as a grid goes.
#[derive(Deserialize)]
struct Light {
    id: String,
    points: Number,
    maximum: Number,
    excluded: Number,
    state: String,
}

impl Grid {
    /// A unit's cell of an indicator.
    pub fn cell(&self, code: &str, indicator: usize) -> Option<GridCell> {
        self.rows.get(code)?.get(indicator).copied()
    }
}

impl Store {
    /// A level's published points.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn published_grid(&self, id: i64, level: &str) -> Result<Grid, Error> {
        let sql = "SELECT reasons, code FROM published_unit WHERE publication = $1 AND level = $2 AND place >= $3 \
                   AND place < $4 ORDER BY place";
        let mut grid = Grid::default();
        let mut from = 0;
        loop {
            let values = [Value::from(id), Value::from(level), Value::from(from), Value::from(from + UNITS_TOGETHER)];
            let rows = self.shared.database.rows(sql, &values).await?;
            if rows.is_empty() {
                return Ok(grid);
            }
            for row in &rows {
                let code: String = sqlx::Row::try_get(row, 1)?;
                let light: Vec<Light> = json("published_unit", &code, row, 0)?;
                if grid.indicators.is_empty() {
                    grid.indicators = light.iter().map(|one| one.id.clone()).collect();
                }
                let cells = light.iter().map(|one| GridCell {
                    points: one.points,
                    applicable: Number::from_millionths(one.maximum.millionths() - one.excluded.millionths()),
                    missing: one.state == "missing",
                });
                grid.rows.insert(code, cells.collect());
            }
            from += UNITS_TOGETHER;
        }
    }
}
