//! Published points that were asked for lately: what was published never changes, and reading it takes the sentences
//! off a disk that are most of it.

use std::sync::Arc;

use store::grid::Grid;
use tokio::sync::Mutex;

use crate::app::App;
use crate::failure::Failure;

/// How many levels of publications are kept; a country's takes some 8 MiB.
const GRIDS_KEPT_MAX: usize = 6;

/// A level's grid, with the publication and the level that it is of.
type Kept = (i64, String, Arc<Grid>);

/// The grids, the one asked for last at the end.
#[derive(Default)]
pub struct Grids(Mutex<Vec<Kept>>);

impl App {
    /// A level's published points. Who asks while they are read waits for that reading.
    pub async fn grid(&self, id: i64, level: &str) -> Result<Arc<Grid>, Failure> {
        let mut kept = self.grids.0.lock().await;
        let known = kept.iter().position(|(one, of, _)| *one == id && of == level);
        let (id, level, grid) = match known {
            Some(at) => kept.remove(at),
            None => (id, level.to_owned(), Arc::new(self.store.published_grid(id, level).await?)),
        };
        kept.push((id, level, grid.clone()));
        if kept.len() > GRIDS_KEPT_MAX {
            kept.remove(0);
        }
        Ok(grid)
    }
}
