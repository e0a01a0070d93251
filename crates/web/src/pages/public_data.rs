//! Open data of what was published: the ranking as CSV, JSON and XLSX, a unit's criteria as CSV and JSON, and what every
//! column means. The addresses hold as long as the publication, which is for good.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use documents::tables::{Cell, Table, tables};
use store::publication::{IndicatorResult, Publication, PublishedLevel, UnitResult};

use super::html;
use super::moves::{Before, Then};
use super::public::cacheable;
use super::rounds::csv_cell;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Visitor;
use crate::view::{L, Section, Shell};

/// A table before it is written in one format or the other.
fn table(name: &str, known: &PublishedLevel, rows: &[UnitResult], before: Option<&Before>) -> Table {
    let mut heads: Vec<String> = ["code", "unit", "kind", "rank", "tied", "points", "excluded", "comparable", "grade"]
        .iter()
        .map(|head| (*head).to_owned())
        .collect();
    known.pillars.iter().for_each(|(no, ..)| heads.extend([no.clone(), format!("{no}_rank")]));
    heads.extend(["block", "rank_before", "made_of"].iter().map(|head| (*head).to_owned()));
    let rows = rows
        .iter()
        .map(|row| {
            let then = before.map(|before| before.then(&row.code));
            let (rank_before, made_of) = match &then {
                Some(Then::Same(one)) if one.code == row.code => (one.rank, String::new()),
                Some(Then::Same(one)) => (one.rank, one.code.clone()),
                Some(Then::Of(several)) => {
                    (None, several.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(" "))
                }
                Some(Then::New) | None => (None, String::new()),
            };
            let mut cells = vec![
                Cell::from(row.code.as_str()),
                Cell::from(row.name.as_str()),
                Cell::from(row.kind.as_str()),
                Cell::from(row.rank),
                Cell::from(if row.tied { "yes" } else { "no" }),
                Cell::Number(row.points),
                Cell::Number(row.excluded),
                Cell::from(row.comparable),
                Cell::from(row.grade.as_deref().unwrap_or_default()),
            ];
            row.pillars.iter().for_each(|(points, _, rank)| cells.extend([Cell::Number(*points), Cell::from(*rank)]));
            cells.extend([
                Cell::from(row.block.as_deref().unwrap_or_default()),
                Cell::from(rank_before),
                Cell::from(made_of.as_str()),
            ]);
            cells
        })
        .collect();
    Table { name: name.to_owned(), heads, rows }
}

/// A table as CSV: UTF-8 with its mark, so that spreadsheets read it as such.
pub fn csv_of(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("{}\r\n", cells.join(","));
    let mut text = String::from("\u{feff}");
    text.push_str(&line(table.heads.iter().map(|head| csv_cell(head)).collect()));
    for row in &table.rows {
        let cell = |cell: &Cell| match cell {
            Cell::Empty => String::new(),
            Cell::Words(words) => csv_cell(words),
            Cell::Number(number) => number.to_string(),
            Cell::Count(count) => count.to_string(),
        };
        text.push_str(&line(row.iter().map(cell).collect()));
    }
    text
}

/// A file to keep.
pub fn file(name: &str, media: &str, bytes: impl IntoResponse) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, bytes).into_response()
}

/// The ranking of a level in a format, by the ending of its address.
pub async fn ranking(app: &App, one: &Publication, known: &PublishedLevel, format: &str) -> Result<Response, Failure> {
    let (id, level) = (one.id, known.level.as_str());
    let rows = app.store.published(id, level).await?;
    if format == "json" {
        let body = serde_json::json!({
            "decision": one.number, "day": one.day.to_string(), "year": one.head.year, "made_up": one.head.made_up,
            "hash": one.hash, "amends": one.amends, "undecided": one.head.undecided, "level": known, "units": *rows,
        });
        return Ok(cacheable(axum::Json(body).into_response(), false));
    }
    let before = Before::of(app, one, level, &rows).await?;
    let ranking = table("ranking", known, &rows, before.as_ref());
    let name = format!("ranking-{id}-{level}.{format}");
    let response = match format {
        "csv" => file(&name, "text/csv; charset=utf-8", csv_of(&ranking)),
        _ => {
            let words = Table {
                name: "dictionary".to_owned(),
                heads: ["column", "vi", "en"].iter().map(|head| (*head).to_owned()).collect(),
                rows: COLUMNS.iter().map(|(name, vi, en)| vec![(*name).into(), (*vi).into(), (*en).into()]).collect(),
            };
            let bytes = tables(&[ranking, words]).map_err(|error| {
                tracing::error!(%error, "a workbook could not be written");
                Failure::Internal
            })?;
            file(&name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
        }
    };
    Ok(cacheable(response, false))
}

/// A unit's criteria in a format.
pub fn unit(id: i64, row: &UnitResult, reasons: &[IndicatorResult], format: &str) -> Response {
    if format == "json" {
        let body = serde_json::json!({ "publication": id, "unit": row, "indicators": reasons });
        return cacheable(axum::Json(body).into_response(), false);
    }
    let heads =
        ["indicator", "points", "maximum", "excluded", "state", "declared", "column", "because_vi", "because_en"];
    let rows = reasons.iter().map(|one| {
        vec![
            Cell::from(one.id.as_str()),
            Cell::Number(one.points),
            Cell::Number(one.maximum),
            Cell::Number(one.excluded),
            Cell::from(one.state.as_str()),
            Cell::from(one.declared),
            Cell::from(one.column.as_str()),
            Cell::from(one.because.0.as_str()),
            Cell::from(one.because.1.as_str()),
        ]
    });
    let table = Table {
        name: "unit".to_owned(),
        heads: heads.iter().map(|head| (*head).to_owned()).collect(),
        rows: rows.collect(),
    };
    of_unit(&format!("unit-{id}"), &row.code, &table)
}

/// A table about a unit, under a name of its own.
pub fn of_unit(name: &str, code: &str, table: &Table) -> Response {
    let code: String =
        code.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(*letter)).collect();
    cacheable(file(&format!("{name}-{code}.csv"), "text/csv; charset=utf-8", csv_of(table)), false)
}

/// Every column of the ranking's files: name, meaning in Vietnamese and in English.
const COLUMNS: [(&str, &str, &str); 14] = [
    ("code", "Mã chính thức của đơn vị; không bao giờ dùng lại", "The unit's official code; never used again"),
    ("unit", "Tên đơn vị khi công bố", "The unit's name when it was published"),
    ("kind", "Loại đơn vị", "What the unit is"),
    (
        "rank",
        "Hạng trong khối của cấp; trống khi không có gì áp dụng",
        "Rank within the level's block; empty where nothing applies",
    ),
    ("tied", "yes khi đơn vị khác cùng hạng", "yes where others hold the same rank"),
    ("points", "Điểm đạt", "Points awarded"),
    ("excluded", "Điểm tối đa của phần không áp dụng", "Points of the maximum that do not apply"),
    (
        "comparable",
        "Điểm quy đổi = điểm đạt ÷ (tối đa − không áp dụng) × tối đa",
        "Comparable points = awarded ÷ (maximum − excluded) × maximum",
    ),
    (
        "grade",
        "Xếp loại theo các mức mà kỳ đánh giá hoặc bộ chỉ số khai; trống khi không khai mức nào, hoặc dưới mức thấp nhất",
        "Grade by what the round or its set declares; empty where nothing is declared, or below the lowest",
    ),
    ("I, II, …", "Điểm của trụ cột mang số đó", "Points of the pillar with that number"),
    (
        "I_rank, …",
        "Hạng theo trụ cột, tính trên điểm quy đổi của trụ cột",
        "Rank in the pillar, by its comparable points",
    ),
    (
        "block",
        "Khối xếp hạng riêng, nếu bộ chỉ số có chia khối",
        "The block that is ranked apart, where the set has blocks",
    ),
    (
        "rank_before",
        "Hạng năm trước của chính đơn vị, hoặc của đơn vị mà nó tiếp nối",
        "Last year's rank of the unit, or of the one that it carries on",
    ),
    (
        "made_of",
        "Mã các đơn vị năm trước đã hợp thành đơn vị này",
        "Codes of last year's units that this one was made of",
    ),
];

/// The columns of a unit's file.
const UNIT_COLUMNS: [(&str, &str, &str); 8] = [
    ("indicator", "Mã chỉ số thành phần, như trong văn bản", "The indicator's id, as in the document"),
    ("points", "Điểm được tính", "The points that count"),
    ("maximum", "Điểm tối đa", "The most points"),
    ("excluded", "Điểm tối đa không áp dụng", "Points of the maximum that do not apply"),
    (
        "state",
        "scored: tính từ số liệu; missing: thiếu số liệu; not_applicable: không áp dụng; judged: người cho điểm",
        "scored: from figures; missing: a figure lacks; not_applicable; judged: points given by a person",
    ),
    ("declared", "Điểm đơn vị tự chấm", "The unit's own points"),
    (
        "column",
        "Cột được tính: self tự chấm, appraised thẩm định, final chốt",
        "The column that counts: self, appraised or final",
    ),
    ("because_vi, because_en", "Lý do, bằng hai thứ tiếng", "Why, in both languages"),
];

/// The columns of a unit's file of years.
const YEAR_COLUMNS: [(&str, &str, &str); 7] = [
    ("year", "Năm đánh giá", "The assessed year"),
    ("publication", "Bản công bố mà dòng này lấy ra", "The publication that the line is from"),
    (
        "code",
        "Mã của đơn vị, hoặc của các đơn vị tiền thân năm ấy, cách nhau bằng dấu cách",
        "The unit's code, or those of its forerunners of that year, with spaces between",
    ),
    ("pillar", "Số của trụ cột năm ấy; trống: tổng", "Number of the pillar that year; empty: the total"),
    ("rank", "Hạng; trống khi gộp từ nhiều đơn vị", "Rank; empty where it is made of several units"),
    (
        "percent",
        "Phần trăm đạt được của phần áp dụng; nhiều đơn vị tiền thân: trung bình",
        "Percent reached of what applied; for several forerunners the mean",
    ),
    ("median_percent", "Trung vị của cấp năm ấy, chỉ ở dòng tổng", "The level's median that year, for totals only"),
];

/// The columns of the heatmap's file.
const HEAT_COLUMNS: [(&str, &str, &str); 3] = [
    ("code", "Mã chính thức của đơn vị", "The unit's official code"),
    ("unit", "Tên đơn vị khi công bố", "The unit's name when it was published"),
    (
        "I.1.1, …",
        "Phần trăm điểm đạt được của chỉ số, bỏ phần lẻ; not_applicable: không áp dụng; missing: thiếu số liệu",
        "Percent of the indicator's points, without decimals; not_applicable; missing: a figure lacks",
    ),
];

/// The columns of the file of who moved.
const MOVERS_COLUMNS: [(&str, &str, &str); 8] = [
    ("code, unit", "Mã và tên đơn vị", "The unit's code and name"),
    (
        "rank_before",
        "Hạng năm trước; trống với đơn vị mới hoặc hợp nhất",
        "Last year's rank; empty for new and merged units",
    ),
    ("rank", "Hạng năm nay", "This year's rank"),
    ("ranks_up", "Số hạng lên (số âm: xuống)", "Ranks risen (negative: fallen)"),
    (
        "comparable_percent_before, comparable_percent",
        "Điểm quy đổi theo phần trăm tối đa của từng năm; đơn vị hợp nhất: trung bình các đơn vị tiền thân",
        "Comparable points in percent of each year's maximum; for merged units the mean of the forerunners",
    ),
    (
        "common_percent_before",
        "Phần trăm điểm đạt được năm trước của các chỉ số mà hai năm đều có",
        "Percent reached the year before of the criteria that both years have",
    ),
    ("common_percent", "Phần trăm ấy năm nay", "The same this year"),
    ("made_of", "Mã các đơn vị tiền thân", "Codes of the forerunners"),
];

/// A kind of file: what it holds, where it is, its columns with their meanings.
type Meaning = (&'static str, String, Vec<(&'static str, &'static str)>);

#[derive(Template)]
#[template(path = "dictionary.html")]
struct DictionaryPage {
    shell: Shell,
    tables: Vec<Meaning>,
}

/// `GET /ranking/dictionary`: what every column of the open data means, and where the files are.
pub async fn dictionary(
    State(app): State<App>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let l: L = visitor.l;
    let told = |columns: &[(&'static str, &'static str, &'static str)]| {
        columns.iter().map(|(name, vi, en)| (*name, if l.is_english() { *en } else { *vi })).collect()
    };
    let tables = vec![
        (
            if l.is_english() { "Ranking of a level" } else { "Bảng xếp hạng của một cấp" },
            "/ranking/{publication}/{level}.csv · .json · .xlsx".to_owned(),
            told(&COLUMNS),
        ),
        (
            if l.is_english() { "One unit, criterion by criterion" } else { "Một đơn vị, từng chỉ số" },
            "/ranking/{publication}/{level}/{code}.csv · .json".to_owned(),
            told(&UNIT_COLUMNS),
        ),
        (
            if l.is_english() { "One unit over the years" } else { "Một đơn vị qua các năm" },
            "/ranking/{publication}/{level}/{code}.csv?of=years".to_owned(),
            told(&YEAR_COLUMNS),
        ),
        (
            if l.is_english() {
                "Heatmap of a level, by indicator"
            } else {
                "Bản đồ nhiệt của một cấp, theo chỉ số"
            },
            "/ranking/{publication}/{level}/heatmap.csv?pillar={pillar}".to_owned(),
            told(&HEAT_COLUMNS),
        ),
        (
            if l.is_english() { "Who rose and who fell" } else { "Ai lên, ai xuống so với năm trước" },
            "/ranking/{publication}/{level}/movers.csv".to_owned(),
            told(&MOVERS_COLUMNS),
        ),
    ];
    let title = l.say("Từ điển dữ liệu mở", "Data dictionary");
    let shell = Shell::new(&app, visitor.person.as_ref(), l, uri.path(), Section::Ranking, title);
    Ok(cacheable(html(&DictionaryPage { shell, tables })?, visitor.person.is_some()))
}
