//! The straight lines that a page draws, however its producer draws them: stroked, as thin filled boxes, or as the edges of
//! stroked boxes. They are what tells the cells of a table.

use crate::pdf_text::Matrix;

/// Lines of one page.
const RULES_MAX: usize = 20_000;
/// Points of one path.
const POINTS_MAX: usize = 10_000;
/// A filled box that is no thicker is a line, in points.
const THICK_MAX: f64 = 3.0;
/// Shorter ones are dots and dashes.
const LONG_MIN: f64 = 3.0;

/// A line along one of the axes: from the smaller to the larger end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Whether it lies, else it stands.
    pub lies: bool,
    /// Where it is on the other axis.
    pub at: f64,
    pub from: f64,
    pub to: f64,
}

type Point = (f64, f64);

/// The path that is being made, and the lines that came of those before.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// Sub-paths on the page.
    open: Vec<Vec<Point>>,
    points: usize,
    pub rules: Vec<Rule>,
}

impl Paths {
    /// Carries out an instruction of drawing; others do nothing.
    pub fn carry_out(&mut self, operator: &[u8], number: impl Fn(usize) -> f64, page: &Matrix) {
        let on_page = |x: f64, y: f64| (x * page[0] + y * page[2] + page[4], x * page[1] + y * page[3] + page[5]);
        match operator {
            b"m" => self.begin(on_page(number(0), number(1))),
            b"l" => self.go(on_page(number(0), number(1))),
            // Curves bound no cells; what follows goes on from their end.
            b"c" => self.begin(on_page(number(4), number(5))),
            b"v" | b"y" => self.begin(on_page(number(2), number(3))),
            b"h" => self.close(),
            b"re" => {
                let (x, y, width, height) = (number(0), number(1), number(2), number(3));
                self.begin(on_page(x, y));
                self.go(on_page(x + width, y));
                self.go(on_page(x + width, y + height));
                self.go(on_page(x, y + height));
                self.close();
            }
            b"S" => self.paint(true, false),
            b"s" => {
                self.close();
                self.paint(true, false);
            }
            b"f" | b"F" | b"f*" => self.paint(false, true),
            b"B" | b"B*" => self.paint(true, true),
            b"b" | b"b*" => {
                self.close();
                self.paint(true, true);
            }
            b"n" => self.clear(),
            _ => {}
        }
    }

    fn begin(&mut self, point: Point) {
        if self.points < POINTS_MAX {
            self.points += 1;
            self.open.push(vec![point]);
        }
    }

    fn go(&mut self, point: Point) {
        if self.points < POINTS_MAX
            && let Some(last) = self.open.last_mut()
        {
            self.points += 1;
            last.push(point);
        }
    }

    fn close(&mut self) {
        if let Some(first) = self.open.last().and_then(|last| last.first()).copied() {
            self.go(first);
        }
    }

    fn clear(&mut self) {
        self.open.clear();
        self.points = 0;
    }

    fn paint(&mut self, stroked: bool, filled: bool) {
        for path in std::mem::take(&mut self.open) {
            if stroked {
                path.windows(2).for_each(|pair| self.edge(pair[0], pair[1]));
            }
            if filled {
                let by = |pick: fn(f64, f64) -> f64, start: f64| {
                    path.iter().fold((start, start), |sum, point| (pick(sum.0, point.0), pick(sum.1, point.1)))
                };
                let (low, high) = (by(f64::min, f64::INFINITY), by(f64::max, f64::NEG_INFINITY));
                let (width, height) = (high.0 - low.0, high.1 - low.1);
                let middle = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
                if height <= THICK_MAX && width > height {
                    self.edge((low.0, middle.1), (high.0, middle.1));
                } else if width <= THICK_MAX {
                    self.edge((middle.0, low.1), (middle.0, high.1));
                }
            }
        }
        self.points = 0;
    }

    fn edge(&mut self, a: Point, b: Point) {
        let (wide, high) = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
        if ![wide, high, a.0, a.1].iter().all(|one| one.is_finite()) || self.rules.len() >= RULES_MAX {
            return;
        }
        let rule = if high < 0.5 && wide >= LONG_MIN {
            Rule { lies: true, at: (a.1 + b.1) / 2.0, from: a.0.min(b.0), to: a.0.max(b.0) }
        } else if wide < 0.5 && high >= LONG_MIN {
            Rule { lies: false, at: (a.0 + b.0) / 2.0, from: a.1.min(b.1), to: a.1.max(b.1) }
        } else {
            return;
        };
        self.rules.push(rule);
    }
}
