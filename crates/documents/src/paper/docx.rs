//! A paper as a Word document: real styles, heads of tables that stand again on each page, a field for the page number.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use super::style::{CELL_POINTS, LANDSCAPE_MARGINS_MM, MARGINS_MM, PAGE_MM, PAGE_NUMBER_MM, Style, TYPEFACE};
use super::{Align, Block, COMPANY_LINES, Pair, Paper, Paragraph, Part, RowKind, Run, Table};

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Word's measure: a twentieth of a point.
fn twips(mm: f32) -> i64 {
    (f64::from(mm) * 1440.0 / 25.4).round() as i64
}

fn point_twips(points: f32) -> i64 {
    (f64::from(points) * 20.0).round() as i64
}

/// Words as XML; signs that XML does not allow are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// The paper as the bytes of a `.docx` file.
///
/// # Errors
/// Only what the packer refuses: a part of more than 4 GiB.
pub fn write(paper: &Paper) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", package_relations()),
        ("docProps/core.xml", core(paper)),
        ("word/_rels/document.xml.rels", document_relations()),
        ("word/styles.xml", styles()),
        (
            "word/settings.xml",
            format!(
                "{HEAD}<w:settings xmlns:w=\"{WORD}\"><w:zoom w:percent=\"100\"/><w:themeFontLang w:val=\"vi-VN\"/></w:settings>"
            ),
        ),
        ("word/header1.xml", page_number()),
        (
            "word/header2.xml",
            format!(
                "{HEAD}<w:hdr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:pStyle w:val=\"PageNumber\"/></w:pPr></w:p></w:hdr>"
            ),
        ),
        ("word/document.xml", document(paper)),
    ];
    for (name, text) in parts {
        zip.start_file(name, options)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn content_types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let part =
        |name: &str, kind: &str| format!("<Override PartName=\"/word/{name}.xml\" ContentType=\"{word}.{kind}+xml\"/>");
    format!(
        "{HEAD}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>{}{}{}{}{}<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>",
        part("document", "document.main"),
        part("styles", "styles"),
        part("settings", "settings"),
        part("header1", "header"),
        part("header2", "header"),
    )
}

fn package_relations() -> String {
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn document_relations() -> String {
    let one = |id: u8, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}.xml\"/>")
    };
    format!(
        "{HEAD}<Relationships xmlns=\"{PACKAGE}/relationships\">{}{}{}{}</Relationships>",
        one(1, "styles", "styles"),
        one(2, "settings", "settings"),
        one(3, "header", "header1"),
        one(4, "header", "header2"),
    )
}

fn core(paper: &Paper) -> String {
    let day = paper.day.map_or_else(String::new, |day| {
        let tag = |name: &str| format!("<dcterms:{name} xsi:type=\"dcterms:W3CDTF\">{day}T00:00:00Z</dcterms:{name}>");
        tag("created") + &tag("modified")
    });
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>Thước Đo</dc:creator><dc:language>vi-VN</dc:language>{day}</cp:coreProperties>",
        escaped(&paper.title)
    )
}

fn page_number() -> String {
    format!(
        "{HEAD}<w:hdr xmlns:w=\"{WORD}\"><w:p><w:pPr><w:pStyle w:val=\"PageNumber\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:hdr>"
    )
}

fn styles() -> String {
    let mut out = format!(
        "{HEAD}<w:styles xmlns:w=\"{WORD}\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"{TYPEFACE}\" w:hAnsi=\"{TYPEFACE}\" w:cs=\"{TYPEFACE}\" w:eastAsia=\"{TYPEFACE}\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/><w:lang w:val=\"vi-VN\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style><w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/></w:tblPr></w:style><w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/><w:tblPr><w:tblBorders>"
    );
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    }
    out.push_str("</w:tblBorders></w:tblPr></w:style>");
    for style in Style::ALL {
        let look = style.look();
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"{}\"><w:name w:val=\"{}\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>",
            style.id(),
            look.name
        );
        if look.keep {
            out.push_str("<w:keepNext/>");
        }
        let _ = write!(
            out,
            "<w:widowControl/><w:spacing w:before=\"{}\" w:after=\"{}\" w:line=\"{}\" w:lineRule=\"auto\"/>",
            point_twips(look.before),
            point_twips(look.after),
            u32::from(look.spacing_percent) * 240 / 100
        );
        let inset = twips(look.inset_mm);
        let _ = write!(out, "<w:ind w:left=\"{inset}\" w:right=\"{inset}\" w:firstLine=\"{}\"/>", twips(look.first_mm));
        let _ = write!(out, "<w:jc w:val=\"{}\"/>", align(look.align));
        if let Some(level) = look.level {
            let _ = write!(out, "<w:outlineLvl w:val=\"{}\"/>", level - 1);
        }
        out.push_str("</w:pPr><w:rPr>");
        if look.bold {
            out.push_str("<w:b/><w:bCs/>");
        }
        if look.italic {
            out.push_str("<w:i/><w:iCs/>");
        }
        let _ = write!(out, "<w:sz w:val=\"{0}\"/><w:szCs w:val=\"{0}\"/></w:rPr></w:style>", look.half_points);
    }
    out.push_str("</w:styles>");
    out
}

const fn align(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
        Align::Justify => "both",
    }
}

fn document(paper: &Paper) -> String {
    let mut out = format!("{HEAD}<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{RELATIONS}\"><w:body>");
    for (place, part) in paper.parts.iter().enumerate() {
        // What stays with a signature below it, so that it does not stand alone on a page.
        let pairs = (1..part.blocks.len()).filter(|at| matches!(part.blocks[*at], Block::Pair(_)));
        let company: Vec<usize> = pairs.flat_map(|at| at - part.company(at, lines)..at).collect();
        for (at, block) in part.blocks.iter().enumerate() {
            let signed = matches!(part.blocks.get(at + 1), Some(Block::Pair(_)));
            match block {
                Block::Text(one) => paragraph(&mut out, one, company.contains(&at)),
                Block::Pair(one) => pair(&mut out, one, width(part)),
                Block::Table(one) => table(&mut out, one, width(part), signed),
                Block::Drawing(one) => {
                    paragraph(&mut out, &Paragraph::plain(Style::Note, one.name.clone()), true);
                    table(&mut out, &one.table, width(part), signed);
                }
            }
            // Word joins tables that touch, and wants a paragraph behind a last one.
            let touches = part.blocks.get(at + 1).is_none_or(|next| !matches!(next, Block::Text(_)));
            if touches && !matches!(block, Block::Text(_)) {
                out.push_str(if signed { "<w:p><w:pPr><w:keepNext/>" } else { "<w:p><w:pPr>" });
                out.push_str(
                    "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"120\" w:lineRule=\"exact\"/></w:pPr></w:p>",
                );
            }
        }
        let section = section(part);
        if place + 1 < paper.parts.len() {
            let _ = write!(
                out,
                "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/>{section}</w:pPr></w:p>"
            );
        } else {
            out.push_str(&section);
        }
    }
    out.push_str("</w:body></w:document>");
    out
}

/// The width between the margins, in twips.
fn width(part: &Part) -> i64 {
    let (page, (_, right, _, left)) =
        if part.landscape { (PAGE_MM.1, LANDSCAPE_MARGINS_MM) } else { (PAGE_MM.0, MARGINS_MM) };
    twips(page) - twips(left) - twips(right)
}

fn section(part: &Part) -> String {
    let (wide, high) = PAGE_MM;
    let (wide, high, turned) = if part.landscape { (high, wide, " w:orient=\"landscape\"") } else { (wide, high, "") };
    let (top, right, bottom, left) = if part.landscape { LANDSCAPE_MARGINS_MM } else { MARGINS_MM };
    format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId3\"/><w:headerReference w:type=\"first\" r:id=\"rId4\"/><w:type w:val=\"nextPage\"/><w:pgSz w:w=\"{}\" w:h=\"{}\"{turned}/><w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" w:header=\"{}\" w:footer=\"{}\" w:gutter=\"0\"/><w:pgNumType w:start=\"1\"/><w:titlePg/></w:sectPr>",
        twips(wide),
        twips(high),
        twips(top),
        twips(right),
        twips(bottom),
        twips(left),
        twips(PAGE_NUMBER_MM),
        twips(PAGE_NUMBER_MM),
    )
}

/// About how many lines a paragraph takes: only Word knows, and only a few matter here.
fn lines(one: &Paragraph) -> usize {
    const LETTERS_OF_A_LINE: usize = 70;
    one.text().lines().map(|line| line.chars().count() / LETTERS_OF_A_LINE + 1).sum()
}

fn paragraph(out: &mut String, one: &Paragraph, keep: bool) {
    let keep = if keep && !one.style.look().keep { "<w:keepNext/>" } else { "" };
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/>{keep}</w:pPr>", one.style.id());
    for run in &one.runs {
        words(out, run);
    }
    out.push_str("</w:p>");
}

fn words(out: &mut String, run: &Run) {
    out.push_str("<w:r>");
    if run.bold || run.italic {
        out.push_str("<w:rPr>");
        if run.bold {
            out.push_str("<w:b/><w:bCs/>");
        }
        if run.italic {
            out.push_str("<w:i/><w:iCs/>");
        }
        out.push_str("</w:rPr>");
    }
    for (place, line) in run.text.split('\n').enumerate() {
        if place > 0 {
            out.push_str("<w:br/>");
        }
        let _ = write!(out, "<w:t xml:space=\"preserve\">{}</w:t>", escaped(line));
    }
    out.push_str("</w:r>");
}

/// A line below the words: a paragraph that has nothing but an upper edge, moved in to the line's length.
fn rule(out: &mut String, one: &Paragraph, column: i64) {
    let look = one.style.look();
    if look.rule_percent == 0 {
        return;
    }
    // Half the letters' size is the mean width of a letter of this typeface, a little more for capitals.
    let letters = one.text().lines().map(|line| line.chars().count()).max().unwrap_or(0) as i64;
    let words = letters * i64::from(look.half_points) * 10 * 55 / 100;
    let length = (words.min(column) * i64::from(look.rule_percent) / 100).max(600);
    let inset = ((column - length) / 2).max(0);
    let _ = write!(
        out,
        "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\" w:sz=\"4\" w:space=\"1\" w:color=\"000000\"/></w:pBdr><w:spacing w:before=\"20\" w:after=\"60\" w:line=\"80\" w:lineRule=\"exact\"/><w:ind w:left=\"{inset}\" w:right=\"{inset}\"/></w:pPr></w:p>"
    );
}

fn pair(out: &mut String, one: &Pair, width: i64) {
    let left = width * i64::from(one.left_percent) / 100;
    let columns = [left, width - left];
    let _ = write!(
        out,
        "<w:tbl><w:tblPr><w:tblW w:w=\"{width}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"0\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w=\"{}\"/><w:gridCol w:w=\"{}\"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>",
        columns[0], columns[1]
    );
    for (column, side) in columns.into_iter().zip([&one.left, &one.right]) {
        let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{column}\" w:type=\"dxa\"/></w:tcPr>");
        for one in side {
            paragraph(out, one, false);
            rule(out, one, column);
        }
        if side.is_empty() {
            out.push_str("<w:p/>");
        }
        out.push_str("</w:tc>");
    }
    out.push_str("</w:tr></w:tbl>");
}

fn table(out: &mut String, one: &Table, width: i64, signed: bool) {
    let parts: i64 = one.columns.iter().map(|column| i64::from(column.width)).sum::<i64>().max(1);
    let widths: Vec<i64> = one.columns.iter().map(|column| width * i64::from(column.width) / parts).collect();
    let _ = write!(
        out,
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/><w:tblW w:w=\"{width}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:top w:w=\"{1}\" w:type=\"dxa\"/><w:left w:w=\"{0}\" w:type=\"dxa\"/><w:bottom w:w=\"{1}\" w:type=\"dxa\"/><w:right w:w=\"{0}\" w:type=\"dxa\"/></w:tblCellMar><w:tblCaption w:val=\"{2}\"/></w:tblPr><w:tblGrid>",
        point_twips(CELL_POINTS.0),
        point_twips(CELL_POINTS.1) / 2,
        escaped(&one.name)
    );
    for column in &widths {
        let _ = write!(out, "<w:gridCol w:w=\"{column}\"/>");
    }
    out.push_str("</w:tblGrid>");
    heads(out, one, &widths);
    for (place, row) in one.rows.iter().enumerate() {
        let keep = signed && place + COMPANY_LINES >= one.rows.len();
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        let mut at = 0;
        for cell in &row.cells {
            let align = one.columns.get(at).map(|column| column.align).unwrap_or_default();
            cell_start(out, &widths, at, cell.columns, "");
            let kind = CellLook { style: Style::Cell, align, half_points: one.half_points, row: row.kind, keep };
            cell_words(out, &cell.text, kind);
            out.push_str("</w:tc>");
            at += usize::from(cell.columns);
        }
        out.push_str("</w:tr>");
    }
    out.push_str("</w:tbl>");
}

/// Heads; a cell over several rows is written once, and continued in each row below.
fn heads(out: &mut String, one: &Table, widths: &[i64]) {
    let mut open: Vec<(usize, u16, u16)> = Vec::new();
    for row in &one.heads {
        out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        let mut cells = row.cells.iter();
        let mut next = Vec::new();
        let mut at = 0;
        while at < widths.len() {
            if let Some(&(_, columns, rows)) = open.iter().find(|(column, ..)| *column == at) {
                cell_start(out, widths, at, columns, "<w:vMerge/>");
                out.push_str("<w:p/></w:tc>");
                if rows > 1 {
                    next.push((at, columns, rows - 1));
                }
                at += usize::from(columns.max(1));
                continue;
            }
            let Some(cell) = cells.next() else { break };
            let merge = if cell.rows > 1 { "<w:vMerge w:val=\"restart\"/>" } else { "" };
            cell_start(out, widths, at, cell.columns, &format!("{merge}<w:vAlign w:val=\"center\"/>"));
            let kind = CellLook {
                style: Style::CellHead,
                align: Align::Center,
                half_points: one.half_points,
                row: RowKind::Plain,
                keep: false,
            };
            cell_words(out, &cell.text, kind);
            out.push_str("</w:tc>");
            if cell.rows > 1 {
                next.push((at, cell.columns, cell.rows - 1));
            }
            at += usize::from(cell.columns.max(1));
        }
        open = next;
        out.push_str("</w:tr>");
    }
}

fn cell_start(out: &mut String, widths: &[i64], at: usize, columns: u16, more: &str) {
    let columns = usize::from(columns.max(1));
    let width: i64 = widths.iter().skip(at).take(columns).sum();
    let _ = write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
    if columns > 1 {
        let _ = write!(out, "<w:gridSpan w:val=\"{columns}\"/>");
    }
    out.push_str(more);
    out.push_str("</w:tcPr>");
}

struct CellLook {
    style: Style,
    align: Align,
    half_points: u16,
    row: RowKind,
    /// Whether it stays on the page of what follows.
    keep: bool,
}

fn cell_words(out: &mut String, text: &str, kind: CellLook) {
    let look = kind.style.look();
    for line in text.split('\n') {
        let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/>", kind.style.id());
        if kind.keep || matches!(kind.row, RowKind::Group | RowKind::Subgroup) {
            out.push_str("<w:keepNext/>");
        }
        if kind.align != look.align {
            let _ = write!(out, "<w:jc w:val=\"{}\"/>", align(kind.align));
        }
        out.push_str("</w:pPr><w:r><w:rPr>");
        if matches!(kind.row, RowKind::Group | RowKind::Total) {
            out.push_str("<w:b/><w:bCs/>");
        }
        if kind.row == RowKind::Subgroup {
            out.push_str("<w:b/><w:bCs/><w:i/><w:iCs/>");
        }
        if kind.half_points != look.half_points {
            let _ = write!(out, "<w:sz w:val=\"{0}\"/><w:szCs w:val=\"{0}\"/>", kind.half_points);
        }
        let _ = write!(out, "</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>", escaped(line));
    }
}
