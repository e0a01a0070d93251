//! Papers about what was published: the decision with its annexes, and a unit's certificate.

use criteria::Number;
use documents::paper::RowKind;
use documents::paper::form::{Entry, Filling, Rows, Value, number};
use store::publication::{Publication, PublishedLevel, UnitResult};

use super::{Head, Ready, VI, made_up, percent};
use crate::app::App;
use crate::failure::Failure;
use crate::view::level_name;

/// The tables of a level: its ranking and what changed.
fn tables(level: &str) -> Option<(&'static str, &'static str)> {
    match level {
        "department" => Some(("xếp hạng sở", "thay đổi sở")),
        "district" => Some(("xếp hạng huyện", "thay đổi huyện")),
        "commune" => Some(("xếp hạng xã", "thay đổi xã")),
        _ => None,
    }
}

pub(super) fn begun(app: &App, one: &Publication) -> Filling {
    let state = app.store.state();
    let mut filling = Filling::default();
    let head = Head { number: one.number.clone(), day: Some(one.day) };
    let owner = state.rounds.get(&one.round).and_then(|round| state.tree.get(round.owner));
    if let Some(owner) = owner {
        filling.front(&super::front(&state, owner, one.head.year, &head));
        filling.put("tên cơ quan", super::issuer(&state, owner).1);
    }
    filling
        .put("kỳ", super::lower_first(&one.head.title))
        .put("mã băm", one.hash.clone())
        .put("giả định", made_up(one.head.made_up));
    filling
}

/// What a level published before this one, a year or an amendment ago.
pub(super) async fn before(
    app: &App,
    one: &Publication,
    level: &str,
) -> Result<Option<(PublishedLevel, Vec<UnitResult>)>, Failure> {
    let all = app.store.publications().await?;
    let earlier = all.iter().filter(|other| other.head.year < one.head.year);
    let with_level =
        earlier.filter_map(|other| Some((other, other.head.levels.iter().find(|own| own.level == level)?)));
    let Some((other, found)) = with_level.max_by_key(|(other, _)| (other.head.year, other.id)) else { return Ok(None) };
    let rows = app.store.published(other.id, level).await?;
    Ok(Some((found.clone(), rows.to_vec())))
}

/// The decision that publishes a ranking.
///
/// # Errors
/// There is no such publication, or the database cannot be read.
pub async fn ranking(app: &App, id: i64) -> Result<Ready, Failure> {
    let one = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
    let mut filling = begun(app, &one);
    filling.title = format!("Công bố kết quả đánh giá, xếp hạng chuyển đổi số năm {}", one.head.year);
    let mut units = 0;
    let mut sums = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    for level in &one.head.levels {
        let rows = app.store.published(id, &level.level).await?;
        units += rows.len();
        if !sources.contains(&level.source) {
            sources.push(level.source.clone());
        }
        sums.push(sentence(level, &rows));
        let Some((ranks, changes)) = tables(&level.level) else { continue };
        filling.tables.insert(ranks, ranking_rows(level, &rows));
        if let Some((earlier, old)) = before(app, &one, &level.level).await? {
            filling.tables.insert(changes, change_rows(level, &rows, &earlier, &old));
        }
    }
    let amended = match one.amends {
        Some(before) => app.store.publication(before).await?,
        None => None,
    };
    filling
        .put(
            "căn cứ bộ chỉ số",
            sources.iter().map(|source| format!("Căn cứ {source};")).collect::<Vec<_>>().join("\n"),
        )
        .put("số đơn vị", units.to_string())
        .put("tóm tắt", sums.join("\n"))
        .put("sửa đổi", amended.map(|one| format!("Quyết định số {}", one.number)).unwrap_or_default());
    Ok(Ready { form: "ranking", filling, name: format!("ranking-{}", one.head.year) })
}

/// One sentence about a level.
fn sentence(level: &PublishedLevel, rows: &[UnitResult]) -> String {
    let name = super::upper_first(level_name(VI, &level.level));
    let best: Vec<&str> = rows.iter().filter(|row| row.rank == Some(1)).map(|row| row.name.as_str()).collect();
    let result = rows.iter().find(|row| row.rank == Some(1)).and_then(|row| row.comparable);
    let graded = level.grading.iter().flat_map(|own| &own.grades).map(|grade| {
        let count = rows.iter().filter(|row| row.grade.as_ref() == Some(&grade.name)).count();
        format!("{} {count} đơn vị", grade.name)
    });
    let graded = match graded.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => none,
        graded => format!(" Xếp loại: {graded}."),
    };
    match (best.as_slice(), result) {
        ([], _) | (_, None) => format!("- {name}: {} đơn vị.{graded}", rows.len()),
        (best, Some(result)) => format!(
            "- {name}: {} đơn vị; dẫn đầu là {} với {} trên {} điểm.{graded}",
            rows.len(),
            best.join(", "),
            number(result, 2),
            number(level.maximum, 0),
        ),
    }
}

fn rank_word(row: &UnitResult) -> String {
    row.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string())
}

fn ranking_rows(level: &PublishedLevel, rows: &[UnitResult]) -> Rows {
    let entries = rows.iter().map(|row| {
        let pillars = row.pillars.iter().map(|(points, ..)| Value::Number(*points, 2)).collect();
        Entry::of(RowKind::Plain)
            .words("hạng", rank_word(row))
            .words("đơn vị", row.name.clone())
            .words("mã", row.code.clone())
            .series("trụ cột", pillars)
            .points("điểm", Some(row.points))
            .number("không áp dụng", Some(row.excluded))
            .points("quy đổi", row.comparable)
            .words("xếp loại", row.grade.clone().unwrap_or_default())
    });
    let heads = level.pillars.iter().map(|(no, _, most)| format!("{no}\n({})", number(*most, 0))).collect();
    Rows { rows: entries.collect(), series: [("trụ cột", heads)].into() }
}

fn change_rows(level: &PublishedLevel, rows: &[UnitResult], earlier: &PublishedLevel, old: &[UnitResult]) -> Rows {
    let share = |result: Option<Number>, most: Number| {
        result.and_then(|result| percent(result, most)).map_or_else(|| "–".to_owned(), |own| number(own, 1))
    };
    let entries = rows.iter().map(|row| {
        let then = old.iter().find(|one| one.code == row.code);
        let up = match (row.rank, then.and_then(|one| one.rank)) {
            (Some(now), Some(then)) if now < then => format!("+{}", then - now),
            (Some(now), Some(then)) if now > then => format!("−{}", now - then),
            (Some(_), Some(_)) => "0".to_owned(),
            _ => "mới".to_owned(),
        };
        Entry::of(RowKind::Plain)
            .words("đơn vị", row.name.clone())
            .words("hạng trước", then.map_or_else(|| "–".to_owned(), rank_word))
            .words("hạng", rank_word(row))
            .words("tăng giảm", up)
            .words("kết quả trước", share(then.and_then(|one| one.comparable), earlier.maximum))
            .words("kết quả", share(row.comparable, level.maximum))
    });
    Rows { rows: entries.collect(), ..Rows::default() }
}

/// A unit's certificate of result.
///
/// # Errors
/// There is no such publication, or no such unit in it.
pub async fn certificate(app: &App, id: i64, code: &str) -> Result<Ready, Failure> {
    let one = app.store.publication(id).await?.ok_or(Failure::NotFound)?;
    for level in &one.head.levels {
        let rows = app.store.published(id, &level.level).await?;
        let Some(row) = rows.iter().find(|row| row.code == code) else { continue };
        let mut filling = begun(app, &one);
        filling.title = format!("Giấy chứng nhận kết quả năm {}: {}", one.head.year, row.name);
        let address = app.public_url.as_ref().map(|url| format!("{url}/ranking/{id}/{}/{code}", level.level));
        filling
            .put("số", "")
            .put("đơn vị", row.name.to_uppercase())
            .put("hạng", rank_word(row))
            .put("số đơn vị", rows.len().to_string())
            .put("cấp", level_name(VI, &level.level))
            .put("quy đổi", row.comparable.map(|one| number(one, 2)).unwrap_or_default())
            .put("tối đa", number(level.maximum, 0))
            .put("xếp loại", row.grade.clone().unwrap_or_default())
            .put("quyết định", format!("Quyết định số {} {}", one.number, documents::paper::form::long_day(one.day)))
            .put("địa chỉ", address.unwrap_or_default());
        let pillars = level.pillars.iter().zip(&row.pillars).map(|((no, name, most), (points, _, rank))| {
            Entry::of(RowKind::Plain)
                .words("số", no.clone())
                .words("tên", name.clone())
                .points("điểm", Some(*points))
                .number("tối đa", Some(*most))
                .words("hạng", rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string()))
        });
        filling.tables.insert("trụ cột", Rows { rows: pillars.collect(), ..Rows::default() });
        return Ok(Ready { form: "certificate", filling, name: format!("certificate-{}-{code}", one.head.year) });
    }
    Err(Failure::NotFound)
}
