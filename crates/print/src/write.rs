//! From laid-out pages to a file: PDF/A-2a, tagged, every letter with its Unicode.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};

use documents::paper::Paper;
use documents::paper::drawing::Shape;
use documents::paper::style::LINE_POINTS;
use krilla::color::rgb;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::{Accessibility, Archival};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, BBox, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use crate::face::Faces;
use crate::flow::{Item, Laid, Page, Role, lay_out};
use crate::line::Line;

/// Why a paper could not be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintError(String);

impl fmt::Display for PrintError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for PrintError {}

/// The paper as the bytes of a PDF/A-2a, PDF/UA-1 file.
///
/// # Errors
/// What the exporter's own check of the standards finds; no paper of the product's is refused.
pub fn pdf(faces: &Faces, paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let laid = lay_out(faces, paper);
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| PrintError(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    document.set_metadata(metadata(paper));
    let mut found: Vec<Vec<Identifier>> = vec![Vec::new(); laid.nodes.len()];
    for page in &laid.pages {
        let size = PageSettings::from_wh(page.width, page.height).ok_or_else(|| PrintError("page size".to_owned()))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        draw(faces, page, &mut surface, &mut found);
        surface.finish();
        sheet.finish();
    }
    let mut outline = Outline::new();
    for (page, name) in &laid.parts {
        let to = XyzDestination::new(*page, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(name.clone(), to));
    }
    document.set_outline(outline);
    let mut tree = TagTree::new().with_lang(Some("vi-VN".to_owned()));
    for root in &laid.roots {
        if let Some(group) = group(&laid, *root, &mut found) {
            tree.push(group);
        }
    }
    document.set_tag_tree(tree);
    document.finish().map_err(|error| PrintError(format!("{error:?}")))
}

fn metadata(paper: &Paper) -> Metadata {
    let title = if paper.title.trim().is_empty() { "Văn bản".to_owned() } else { paper.title.clone() };
    let metadata = Metadata::new().title(title).language("vi-VN".to_owned()).creator("Thước Đo".to_owned());
    let metadata = match &paper.mark {
        Some(mark) => metadata.keywords(vec![mark.clone()]),
        None => metadata,
    };
    match paper.day {
        Some(day) => metadata.creation_date(
            DateTime::new(u16::try_from(day.year()).unwrap_or(2000))
                .month(u8::try_from(day.month()).unwrap_or(1))
                .day(u8::try_from(day.day()).unwrap_or(1))
                .hour(0)
                .minute(0)
                .second(0)
                .utc_offset_hour(7)
                .utc_offset_minute(0),
        ),
        None => metadata,
    }
}

fn draw(faces: &Faces, page: &Page, surface: &mut Surface<'_>, found: &mut [Vec<Identifier>]) {
    let mut rules = PathBuilder::new();
    for item in &page.items {
        match item {
            Item::Rule { from, to } => {
                rules.move_to(from.0, from.1);
                rules.line_to(to.0, to.1);
            }
            Item::Chart { x, y, scale, shapes, words: lines, node } => {
                let identifier = surface.start_tagged(ContentTag::Other);
                for shape in shapes {
                    bar(surface, shape, (*x, *y), *scale);
                }
                for (x, baseline, size, line) in lines {
                    words(faces, surface, Point::from_xy(*x, *baseline), *size, line, 0.0);
                }
                surface.end_tagged();
                if let Some(own) = found.get_mut(*node) {
                    own.push(identifier);
                }
            }
            Item::Words { x, baseline, size, line, stretch, node } => {
                let tag = match node {
                    Some(_) => ContentTag::Span(SpanTag::empty()),
                    None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
                };
                let identifier = surface.start_tagged(tag);
                words(faces, surface, Point::from_xy(*x, *baseline), *size, line, *stretch);
                surface.end_tagged();
                if let Some(own) = node.and_then(|node| found.get_mut(node)) {
                    own.push(identifier);
                }
            }
        }
    }
    if let Some(path) = rules.finish() {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { width: LINE_POINTS, ..Stroke::default() }));
        surface.draw_path(&path);
        surface.set_stroke(None);
        surface.set_fill(Some(Fill::default()));
        surface.end_tagged();
    }
}

fn bar(surface: &mut Surface<'_>, shape: &Shape, (left, top): (f32, f32), scale: f32) {
    let Shape::Bar { x, y, width, height, tone } = shape else { return };
    let mut path = PathBuilder::new();
    let box_ = Rect::from_xywh(left + x * scale, top + y * scale, width * scale, height * scale);
    let Some(box_) = box_ else { return };
    path.push_rect(box_);
    let (red, green, blue) = tone.rgb();
    if let Some(path) = path.finish() {
        surface.set_fill(Some(Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }));
        surface.draw_path(&path);
    }
}

fn words(faces: &Faces, surface: &mut Surface<'_>, start: Point, size: f32, line: &Line, stretch: f32) {
    surface.set_fill(Some(Fill::default()));
    let mut x = start.x;
    for segment in &line.segments {
        let face = faces.get(segment.face);
        let mut width = 0.0;
        let mut glyphs = Vec::with_capacity(segment.text.len());
        for (at, letter) in segment.text.char_indices() {
            let (glyph, advance) = face.glyph(letter);
            let advance = if letter == ' ' { advance + stretch / size } else { advance };
            let range = at..at + letter.len_utf8();
            glyphs.push(KrillaGlyph::new(GlyphId::new(glyph), advance, 0.0, 0.0, 0.0, range, None));
            width += advance * size;
        }
        surface.draw_glyphs(Point::from_xy(x, start.y), &glyphs, face.font.clone(), &segment.text, size, false);
        x += width;
    }
}

/// What is read aloud of a node.
fn group(laid: &Laid, place: usize, found: &mut [Vec<Identifier>]) -> Option<TagGroup> {
    let node = laid.nodes.get(place)?;
    let count = |number: u32| NonZeroU32::new(number).filter(|number| number.get() > 1);
    let mut group = match &node.role {
        Role::Words => TagGroup::new(Tag::P),
        Role::Heading(level, title) => TagGroup::new(Tag::Hn(NonZeroU16::new(*level)?, Some(title.clone()))),
        Role::Table(name) => TagGroup::new(Tag::Table.with_summary(Some(name.clone()))),
        Role::Heads => TagGroup::new(Tag::THead),
        Role::Rows => TagGroup::new(Tag::TBody),
        Role::Figure(alt, page, [left, top, right, bottom]) => {
            let place = Rect::from_ltrb(*left, *top, *right, *bottom).map(|rect| BBox::new(*page, rect));
            TagGroup::new(Tag::Figure(Some(alt.clone())).with_bbox(place))
        }
        Role::Row => TagGroup::new(Tag::TR),
        Role::Head(columns, rows) => {
            TagGroup::new(Tag::TH(TableHeaderScope::Column).with_col_span(count(*columns)).with_row_span(count(*rows)))
        }
        Role::Cell(columns) => TagGroup::new(Tag::TD.with_col_span(count(*columns))),
    };
    for identifier in found.get_mut(place).map(std::mem::take)? {
        group.push(identifier);
    }
    for child in &node.children {
        if let Some(child) = self::group(laid, *child, found) {
            group.push(child);
        }
    }
    Some(group)
}
