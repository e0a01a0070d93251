//! `sets list`: the sets and how large they are.

use std::process::ExitCode;

use serde_json::json;

use crate::data::Library;
use crate::failure::Failure;
use crate::output::{Output, left, right};

/// Lists every set.
pub fn run(library: &Library<'_>, output: &Output) -> Result<ExitCode, Failure> {
    let sets = library.set_ids()?.iter().map(|id| library.set(id)).collect::<Result<Vec<_>, _>>()?;
    if output.json {
        let rows = sets.iter().map(|set| {
            json!({
                "id": set.head.id, "title": set.head.title, "level": set.head.level,
                "total": set.total(), "indicators": set.indicators().count(),
            })
        });
        output.json(&rows.collect());
        return Ok(ExitCode::SUCCESS);
    }
    let columns = vec![
        left("id"),
        left(output.pick("văn bản", "document")),
        left(output.pick("cấp", "level")),
        right(output.pick("điểm", "points")),
        right(output.pick("tiêu chí", "indicators")),
        left(output.pick("tên", "title")),
    ];
    let rows = sets.iter().map(|set| {
        vec![
            set.head.id.clone(),
            set.head.document.number.clone(),
            set.head.level.clone(),
            set.total().to_string(),
            set.indicators().count().to_string(),
            set.head.title.clone(),
        ]
    });
    output.table(columns, rows.collect());
    Ok(ExitCode::SUCCESS)
}
