//! Breaking blocks into pages: where everything stands, as a list of what to draw.

use documents::paper::drawing::{Drawing, Shape};
use documents::paper::style::{LANDSCAPE_MARGINS_MM, LINE_POINTS, Look, MARGINS_MM, PAGE_MM, PAGE_NUMBER_MM};
use documents::paper::{Align, Block, COMPANY_LINES, Pair, Paper, Paragraph, Part, Run, Style};

use crate::face::Faces;
use crate::line::{Line, Measure, break_lines};

const POINTS_A_MM: f32 = 72.0 / 25.4;
/// The room above two columns, in points.
const PAIR_BEFORE: f32 = 6.0;

/// What a piece of the paper is, for those who have it read aloud.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Role {
    /// A paragraph.
    Words,
    /// A heading of a level.
    Heading(u16, String),
    /// A table with its name.
    Table(String),
    /// Its heads.
    Heads,
    /// Its rows.
    Rows,
    /// A row.
    Row,
    /// A head, over so many columns and rows.
    Head(u32, u32),
    /// A cell, over so many columns.
    Cell(u32),
    /// A chart, with what it tells, and where it stands on its page: page, left, top, right, bottom.
    Figure(String, usize, [f32; 4]),
}

/// A node of the tree of what is read aloud.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub role: Role,
    pub children: Vec<usize>,
}

/// Something to draw.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A line of words with its left end and baseline; each space is so much wider.
    Words { x: f32, baseline: f32, size: f32, line: Line, stretch: f32, node: Option<usize> },
    /// A straight line.
    Rule { from: (f32, f32), to: (f32, f32) },
    /// The shapes of a chart, with its upper left corner and by how much it is made larger; its words as lines.
    Chart { x: f32, y: f32, scale: f32, shapes: Vec<Shape>, words: Vec<(f32, f32, f32, Line)>, node: usize },
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub width: f32,
    pub height: f32,
    pub items: Vec<Item>,
    /// Its number within its part.
    pub number: usize,
}

/// All pages, and the tree of what is read aloud.
#[derive(Default)]
pub(crate) struct Laid {
    pub pages: Vec<Page>,
    pub nodes: Vec<Node>,
    pub roots: Vec<usize>,
    /// The first page of each part, with its name.
    pub parts: Vec<(usize, String)>,
}

/// The pages in the making.
pub(crate) struct Flow<'a> {
    pub faces: &'a Faces,
    pub laid: Laid,
    pub left: f32,
    pub width: f32,
    pub top: f32,
    pub bottom: f32,
    pub y: f32,
    page: (f32, f32),
}

/// Words broken into lines, with all that is needed to draw them.
pub(crate) struct Set {
    pub lines: Vec<Line>,
    pub size: f32,
    pub pitch: f32,
    pub align: Align,
    pub width: f32,
}

impl Set {
    pub fn height(&self) -> f32 {
        self.lines.len() as f32 * self.pitch
    }
}

/// Lays a paper out.
pub(crate) fn lay_out(faces: &Faces, paper: &Paper) -> Laid {
    let mut flow =
        Flow { faces, laid: Laid::default(), left: 0.0, width: 0.0, top: 0.0, bottom: 0.0, y: 0.0, page: (0.0, 0.0) };
    for part in &paper.parts {
        flow.part(part);
    }
    flow.laid
}

impl Flow<'_> {
    fn part(&mut self, part: &Part) {
        let (wide, high) = if part.landscape { (PAGE_MM.1, PAGE_MM.0) } else { PAGE_MM };
        let (top, right, bottom, left) = if part.landscape { LANDSCAPE_MARGINS_MM } else { MARGINS_MM };
        self.page = (wide * POINTS_A_MM, high * POINTS_A_MM);
        self.left = left * POINTS_A_MM;
        self.width = (wide - left - right) * POINTS_A_MM;
        self.top = top * POINTS_A_MM;
        self.bottom = (high - bottom) * POINTS_A_MM;
        self.laid.parts.push((self.laid.pages.len(), part.name.clone()));
        self.start_page(1);
        let tails = self.tails(part);
        for (place, block) in part.blocks.iter().enumerate() {
            match block {
                Block::Text(paragraph) => {
                    let keep = paragraph.style.look().keep;
                    let below = if keep { self.least(part.blocks.get(place + 1)) } else { 0.0 };
                    let tail = tails.iter().find(|(from, company, _)| (*from..from + company).contains(&place));
                    match tail {
                        Some((from, company, height)) if *from == place => {
                            self.before_signature(part, place, *company, *height);
                        }
                        // It was laid out with the first of them.
                        Some(_) => {}
                        None => self.paragraph(paragraph, below, 0),
                    }
                }
                Block::Pair(pair) => self.pair(pair),
                Block::Table(table) => {
                    let below = match part.blocks.get(place + 1) {
                        Some(Block::Pair(pair)) => self.pair_height(pair) + PAIR_BEFORE,
                        _ => 0.0,
                    };
                    self.table(table, below);
                }
                Block::Drawing(drawing) => self.drawing(drawing),
            }
        }
    }

    /// Begins a page; its number stands on it from the second on.
    fn start_page(&mut self, number: usize) {
        let (width, height) = self.page;
        self.laid.pages.push(Page { width, height, items: Vec::new(), number });
        self.y = self.top;
        if number > 1 {
            let look = Style::PageNumber.look();
            let size = f32::from(look.half_points) / 2.0;
            let runs = [Run { text: number.to_string(), ..Run::default() }];
            let measure = Measure { size, width: self.width, first: 0.0, bold: false, italic: false };
            let line = break_lines(self.faces, &runs, measure).into_iter().next().unwrap_or_default();
            let baseline = PAGE_NUMBER_MM * POINTS_A_MM + self.faces.get(0).ascent * size;
            let x = (width - line.width) / 2.0;
            self.draw(Item::Words { x, baseline, size, line, stretch: 0.0, node: None });
        }
    }

    pub fn next_page(&mut self) {
        let number = self.laid.pages.last().map_or(1, |page| page.number + 1);
        self.start_page(number);
    }

    pub fn draw(&mut self, item: Item) {
        if let Some(page) = self.laid.pages.last_mut() {
            page.items.push(item);
        }
    }

    /// Adds a node below another, or at the root.
    pub fn node(&mut self, role: Role, below: Option<usize>) -> usize {
        let place = self.laid.nodes.len();
        self.laid.nodes.push(Node { role, children: Vec::new() });
        match below.and_then(|below| self.laid.nodes.get_mut(below)) {
            Some(parent) => parent.children.push(place),
            None => self.laid.roots.push(place),
        }
        place
    }

    /// The paragraphs that stay with a pair of columns below them: the first one's place, how many, the pair's height.
    fn tails(&self, part: &Part) -> Vec<(usize, usize, f32)> {
        let pairs = part.blocks.iter().enumerate().filter_map(|(place, block)| match block {
            Block::Pair(pair) if place > 0 => Some((place, pair)),
            _ => None,
        });
        pairs
            .filter_map(|(place, pair)| {
                let company = part.company(place, |paragraph| self.set(paragraph, self.width).lines.len());
                (company > 0).then(|| (place - company, company, self.pair_height(pair) + PAIR_BEFORE))
            })
            .collect()
    }

    /// Lays out the paragraphs before a signature, so that it does not stand alone on the next page.
    fn before_signature(&mut self, part: &Part, from: usize, company: usize, signature: f32) {
        let paragraphs: Vec<&Paragraph> = part.blocks[from..from + company]
            .iter()
            .filter_map(|block| match block {
                Block::Text(paragraph) => Some(paragraph),
                _ => None,
            })
            .collect();
        let height = |flow: &Self, paragraph: &Paragraph| {
            let look = paragraph.style.look();
            look.before + flow.set(paragraph, flow.width).height() + look.after
        };
        let whole: f32 = paragraphs.iter().map(|one| height(self, one)).sum();
        let fits = self.y + whole + signature <= self.bottom;
        // A long last paragraph is broken, and its last lines go along.
        let breaks =
            !fits && paragraphs.len() == 1 && self.set(paragraphs[0], self.width).lines.len() >= 2 * COMPANY_LINES;
        if !fits && !breaks && self.y > self.top && self.top + whole + signature <= self.bottom {
            self.next_page();
        }
        for (at, paragraph) in paragraphs.iter().enumerate() {
            let keep = paragraph.style.look().keep;
            let below = if keep { self.least(part.blocks.get(from + at + 1)) } else { 0.0 };
            self.paragraph(paragraph, below, if breaks { COMPANY_LINES } else { 0 });
        }
    }

    /// How much room what follows needs at least to stand below a heading.
    fn least(&self, block: Option<&Block>) -> f32 {
        match block {
            Some(Block::Text(one)) => {
                let look = one.style.look();
                look.before + 2.0 * f32::from(look.half_points) / 2.0 * 1.3
            }
            Some(Block::Table(_)) => 90.0,
            Some(Block::Drawing(drawing)) => drawing.height * self.width / drawing.width.max(1.0),
            Some(Block::Pair(_)) | None => 0.0,
        }
    }

    /// Words of a style as lines of a width.
    pub fn set(&self, paragraph: &Paragraph, width: f32) -> Set {
        let look = paragraph.style.look();
        let inset = look.inset_mm * POINTS_A_MM;
        self.set_runs(&paragraph.runs, look, f32::from(look.half_points) / 2.0, width - 2.0 * inset, look.align)
    }

    pub fn set_runs(&self, runs: &[Run], look: Look, size: f32, width: f32, align: Align) -> Set {
        let measure = Measure { size, width, first: look.first_mm * POINTS_A_MM, bold: look.bold, italic: look.italic };
        let face = self.faces.get(0);
        // What Word calls single spacing is the face's own height of a line.
        let pitch = size * (face.ascent + face.descent).max(1.149) * f32::from(look.spacing_percent) / 100.0;
        Set { lines: break_lines(self.faces, runs, measure), size, pitch, align, width }
    }

    /// Draws a line of set words with its upper edge at `y`.
    pub fn put(&mut self, set: &Set, place: usize, x: f32, y: f32, node: Option<usize>) {
        let Some(line) = set.lines.get(place) else { return };
        let face = self.faces.get(0);
        let baseline = y + (set.pitch - (face.ascent + face.descent) * set.size) / 2.0 + face.ascent * set.size;
        let room = set.width - line.inset;
        let slack = (room - line.width).max(0.0);
        let mut stretch = 0.0;
        let offset = match set.align {
            Align::Left => 0.0,
            Align::Center => slack / 2.0,
            Align::Right => slack,
            Align::Justify => {
                if line.goes_on && line.spaces > 0 && slack < room * 0.25 {
                    stretch = slack / line.spaces as f32;
                }
                0.0
            }
        };
        if line.segments.is_empty() {
            return;
        }
        let x = x + line.inset + offset;
        self.draw(Item::Words { x, baseline, size: set.size, line: line.clone(), stretch, node });
    }

    fn role(paragraph: &Paragraph) -> Role {
        match paragraph.style.look().level {
            Some(level) => Role::Heading(level.into(), paragraph.text().replace('\n', " ")),
            None => Role::Words,
        }
    }

    /// A paragraph; never one line of it alone on a page, and `below` more points must fit under it. So many of its last
    /// lines go to the next page whatever room there is.
    fn paragraph(&mut self, paragraph: &Paragraph, below: f32, over: usize) {
        let look = paragraph.style.look();
        let set = self.set(paragraph, self.width);
        let x = self.left + look.inset_mm * POINTS_A_MM;
        if self.y > self.top {
            self.y += look.before;
        }
        let count = set.lines.len();
        let whole = set.height() + below;
        let fit = ((self.bottom - self.y) / set.pitch).floor().max(0.0) as usize;
        let must = if count <= 3 || below > 0.0 { count } else { 2 };
        if (fit < must || (below > 0.0 && self.y + whole > self.bottom)) && self.y > self.top {
            self.next_page();
        }
        let node = self.node(Self::role(paragraph), None);
        let mut place = 0;
        while place < count {
            let fit = (((self.bottom - self.y) / set.pitch + 0.001).floor().max(1.0) as usize).min(count - place);
            // A last line does not go over alone.
            let fit = if count - place - fit == 1 && fit > 2 { fit - 1 } else { fit };
            let fit = if place == 0 && fit + over > count && fit > over { count - over } else { fit };
            for line in place..place + fit {
                self.put(&set, line, x, self.y, Some(node));
                self.y += set.pitch;
            }
            place += fit;
            if place < count {
                self.next_page();
            }
        }
        self.rule_below(&set, look, self.left, self.width);
        self.y += look.after;
    }

    /// The line below a paragraph that has one.
    fn rule_below(&mut self, set: &Set, look: Look, left: f32, width: f32) {
        if look.rule_percent == 0 {
            return;
        }
        let widest = set.lines.iter().map(|line| line.width).fold(0.0, f32::max);
        let length = widest * f32::from(look.rule_percent) / 100.0;
        let (from, y) = (left + (width - length) / 2.0, self.y + 2.0);
        self.draw(Item::Rule { from: (from, y), to: (from + length, y) });
        self.y += 2.0 + LINE_POINTS;
    }

    /// A chart on one page, as wide as the text, with its name below.
    fn drawing(&mut self, drawing: &Drawing) {
        let scale = self.width / drawing.width.max(1.0);
        let height = drawing.height * scale;
        let name = Paragraph::plain(Style::Note, drawing.name.clone());
        let below = self.set(&name, self.width).height() + 14.0;
        if self.y > self.top {
            self.y += 6.0;
        }
        if self.y + height + below > self.bottom && self.y > self.top {
            self.next_page();
        }
        let page = self.laid.pages.len().saturating_sub(1);
        let edges = [self.left, self.y, self.left + self.width, self.y + height];
        let node = self.node(Role::Figure(drawing.alt.clone(), page, edges), None);
        let words = drawing.shapes.iter().filter_map(|shape| match shape {
            Shape::Words { x, y, size, align, bold, text } => {
                let size = size * scale;
                let runs = [Run { text: text.clone(), bold: *bold, italic: false }];
                let measure = Measure { size, width: f32::MAX, first: 0.0, bold: *bold, italic: false };
                let line = break_lines(self.faces, &runs, measure).into_iter().next()?;
                let x = match align {
                    Align::Center => x * scale - line.width / 2.0,
                    Align::Right => x * scale - line.width,
                    Align::Left | Align::Justify => x * scale,
                };
                Some((self.left + x, self.y + y * scale, size, line))
            }
            Shape::Bar { .. } => None,
        });
        let words = words.collect();
        let (x, y, shapes) = (self.left, self.y, drawing.shapes.clone());
        self.draw(Item::Chart { x, y, scale, shapes, words, node });
        self.y += height + 4.0;
        self.paragraph(&name, 0.0, 0);
        self.y += 6.0;
    }

    /// Two columns side by side, on one page.
    fn pair(&mut self, pair: &Pair) {
        let left_width = self.width * f32::from(pair.left_percent) / 100.0;
        let columns = [(self.left, left_width), (self.left + left_width, self.width - left_width)];
        let sides = [&pair.left, &pair.right];
        let height = self.pair_height(pair);
        if self.y > self.top {
            self.y += PAIR_BEFORE;
        }
        if self.y + height > self.bottom && self.y > self.top {
            self.next_page();
        }
        let start = self.y;
        let mut end = start;
        for place in [0, 1] {
            let ((x, width), side) = (columns[place], sides[place]);
            self.y = start;
            for (index, paragraph) in side.iter().enumerate() {
                let look = paragraph.style.look();
                if index > 0 {
                    self.y += look.before;
                }
                let set = self.set(paragraph, width);
                let node = (!paragraph.text().trim().is_empty()).then(|| self.node(Role::Words, None));
                for line in 0..set.lines.len() {
                    if node.is_some() {
                        self.put(&set, line, x, self.y, node);
                    }
                    self.y += set.pitch;
                }
                self.rule_below(&set, look, x, width);
                self.y += look.after;
            }
            end = f32::max(end, self.y);
        }
        self.y = end + 4.0;
    }

    fn pair_height(&self, pair: &Pair) -> f32 {
        let left = self.width * f32::from(pair.left_percent) / 100.0;
        let sides = [(&pair.left, left), (&pair.right, self.width - left)];
        sides.into_iter().map(|(side, width)| self.column_height(side, width)).fold(0.0, f32::max)
    }

    fn column_height(&self, side: &[Paragraph], width: f32) -> f32 {
        side.iter()
            .enumerate()
            .map(|(index, paragraph)| {
                let look = paragraph.style.look();
                self.set(paragraph, width).height() + look.after + if index > 0 { look.before } else { 0.0 }
            })
            .sum()
    }
}
