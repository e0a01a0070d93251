//! Ruled lines as the cells of tables: lines that touch are one table, where a line is missing between two fields they are
//! one cell.

use super::super::limits;
use crate::pdf_rules::Rule;

/// How far apart two lines may be and still be drawn as one, in points.
const NEAR: f64 = 2.0;
/// How far the lines between columns go beyond the last line across, at least, to hold a row, in points.
const OPEN_MIN: f64 = 6.0;
/// Lines of a page after joining; a drawing has more.
const LINES_MAX: usize = 4_000;

/// Fields of a table times its lines: no table of criteria has a page of more.
const COMPARED_MAX: usize = 20_000_000;

/// A table's lines.
#[derive(Debug)]
pub(super) struct Grid {
    /// Where columns begin and end, from the left.
    xs: Vec<f64>,
    /// Where rows begin and end, from the top.
    ys: Vec<f64>,
    /// The first field of the cell that a field belongs to.
    root: Vec<usize>,
}

/// The tables that the lines of a page make; a frame with one column is none.
pub(super) fn grids(rules: &[Rule]) -> Vec<Grid> {
    let lines = merged(rules);
    if lines.len() > LINES_MAX {
        return Vec::new();
    }
    let mut group: Vec<usize> = (0..lines.len()).collect();
    for a in 0..lines.len() {
        for b in a + 1..lines.len() {
            if touch(&lines[a], &lines[b]) {
                let (one, other) = (top(&mut group, a), top(&mut group, b));
                group[one.max(other)] = one.min(other);
            }
        }
    }
    let mut found = Vec::new();
    for at in 0..lines.len() {
        if group[at] != at {
            continue;
        }
        let own: Vec<&Rule> =
            (0..lines.len()).filter(|other| top(&mut group, *other) == at).map(|at| &lines[at]).collect();
        if let Some(grid) = Grid::of(&own) {
            found.push(grid);
        }
    }
    found
}

/// The first of a group, with the way to it made short.
fn top(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

fn touch(a: &Rule, b: &Rule) -> bool {
    if a.lies == b.lies {
        return (a.at - b.at).abs() <= NEAR && a.from <= b.to + NEAR && b.from <= a.to + NEAR;
    }
    a.at >= b.from - NEAR && a.at <= b.to + NEAR && b.at >= a.from - NEAR && b.at <= a.to + NEAR
}

/// Lines that go on from one another, as one.
fn merged(rules: &[Rule]) -> Vec<Rule> {
    let mut sorted = rules.to_vec();
    let step = |rule: &Rule| (rule.at / 1.5).round() as i64;
    sorted.sort_by(|a, b| (a.lies, step(a)).cmp(&(b.lies, step(b))).then(a.from.total_cmp(&b.from)));
    let mut out: Vec<Rule> = Vec::new();
    for rule in sorted {
        match out.last_mut() {
            Some(last) if last.lies == rule.lies && (last.at - rule.at).abs() <= 1.5 && rule.from <= last.to + NEAR => {
                last.to = last.to.max(rule.to);
            }
            _ => out.push(rule),
        }
    }
    out
}

/// Places that lie close together as one each.
fn places(mut all: Vec<f64>) -> Vec<f64> {
    all.sort_by(f64::total_cmp);
    let mut out: Vec<f64> = Vec::new();
    for one in all {
        if out.last().is_none_or(|last| one - last > NEAR) {
            out.push(one);
        }
    }
    out
}

/// Adds the edge that a row has not got which a page's end cuts: browsers break rows, and draw no line there. The lines
/// between the columns say how far the row goes.
fn open_ends(lines: &[&Rule], columns: usize, ys: &mut Vec<f64>) {
    let (Some(head), Some(foot)) = (ys.first().copied(), ys.last().copied()) else { return };
    let upright = || lines.iter().filter(|rule| !rule.lies);
    let most = |beyond: &dyn Fn(&Rule) -> f64| {
        let ends: Vec<f64> = upright().map(|rule| beyond(rule)).filter(|by| *by > OPEN_MIN).collect();
        let enough = ends.len() >= 2 && ends.len() * 2 >= columns;
        ends.into_iter().reduce(f64::max).filter(|_| enough)
    };
    if let Some(by) = most(&|rule| foot - rule.from) {
        ys.push(foot - by);
    }
    if let Some(by) = most(&|rule| rule.to - head) {
        ys.insert(0, head + by);
    }
}

impl Grid {
    fn of(lines: &[&Rule]) -> Option<Self> {
        let at = |lies: bool| places(lines.iter().filter(|rule| rule.lies == lies).map(|rule| rule.at).collect());
        let (xs, mut ys) = (at(false), at(true));
        ys.reverse();
        open_ends(lines, xs.len(), &mut ys);
        let too_large = xs.len() > limits::COLUMNS_MAX + 1 || ys.len() > limits::ROWS_MAX.min(2_000);
        if xs.len() < 3 || ys.len() < 2 || too_large {
            return None;
        }
        let (columns, rows) = (xs.len() - 1, ys.len() - 1);
        if columns * rows * lines.len() > COMPARED_MAX {
            return None;
        }
        let drawn = |lies: bool, place: f64, along: f64| {
            lines.iter().any(|rule| {
                rule.lies == lies
                    && (rule.at - place).abs() <= NEAR * 1.5
                    && rule.from - NEAR <= along
                    && along <= rule.to + NEAR
            })
        };
        let mut root: Vec<usize> = (0..columns * rows).collect();
        for row in 0..rows {
            let y = (ys[row] + ys[row + 1]) / 2.0;
            for column in 0..columns {
                let own = row * columns + column;
                let x = (xs[column] + xs[column + 1]) / 2.0;
                let mut join = |other: usize| {
                    let (one, other) = (top(&mut root, own), top(&mut root, other));
                    root[one.max(other)] = one.min(other);
                };
                if column + 1 < columns && !drawn(false, xs[column + 1], y) {
                    join(own + 1);
                }
                if row + 1 < rows && !drawn(true, ys[row + 1], x) {
                    join(own + columns);
                }
            }
        }
        for at in 0..root.len() {
            root[at] = top(&mut root, at);
        }
        Some(Self { xs, ys, root })
    }

    /// Where columns begin and end.
    pub(super) fn columns(&self) -> &[f64] {
        &self.xs
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.ys.len() - 1
    }

    /// How many fields it has.
    pub(super) fn count(&self) -> usize {
        self.root.len()
    }

    /// How high it stands.
    pub(super) fn top(&self) -> f64 {
        self.ys[0]
    }

    /// Whether a point lies in it.
    pub(super) fn holds(&self, x: f64, y: f64) -> bool {
        let (left, right) = (self.xs[0], self.xs[self.xs.len() - 1]);
        let (top, foot) = (self.ys[0], self.ys[self.ys.len() - 1]);
        x >= left && x <= right && y <= top + NEAR && y >= foot - NEAR
    }

    /// The cell that a point lies in, as its first field.
    pub(super) fn cell(&self, x: f64, y: f64) -> Option<usize> {
        let column = self.xs.iter().rposition(|edge| *edge <= x).unwrap_or(0).min(self.xs.len() - 2);
        let row = self.ys.iter().rposition(|edge| *edge >= y).unwrap_or(0).min(self.ys.len() - 2);
        self.root.get(self.at(column, row)).copied()
    }

    /// A field by column and row.
    pub(super) fn at(&self, column: usize, row: usize) -> usize {
        row * (self.xs.len() - 1) + column
    }

    /// Whether a cell begins in a field, and whether one that began above goes on in it.
    pub(super) fn begins(&self, column: usize, row: usize) -> (bool, bool) {
        let own = self.at(column, row);
        let root = self.root.get(own).copied().unwrap_or(own);
        let columns = self.xs.len() - 1;
        (root == own, root != own && root % columns == column)
    }
}
