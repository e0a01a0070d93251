//! Tables: heads stand again on each page, a row stays whole unless it is a good part of a page, and the heading of a
//! group is never left alone at the foot.

use documents::paper::style::CELL_POINTS;
use documents::paper::{Align, COMPANY_LINES, Cell, Row, RowKind, Run, Style, Table};

use crate::flow::{Flow, Item, Role, Set};
use crate::line::Line;

/// A row higher than this part of a page may be broken.
const WHOLE_SHARE: f32 = 0.45;
/// Lines of a broken row that stand together at least.
const TOGETHER_LINES: usize = 3;

/// A cell with its words set.
struct SetCell {
    set: Set,
    x: f32,
    width: f32,
    columns: u16,
    rows: u16,
    head: bool,
}

struct SetRow {
    cells: Vec<SetCell>,
    height: f32,
    kind: RowKind,
}

impl Flow<'_> {
    /// Lays a table out; `after` more points must fit below its last rows, which stay with what stands there.
    pub fn table(&mut self, table: &Table, after: f32) {
        let parts = table.columns.iter().map(|column| column.width as f32).sum::<f32>().max(1.0);
        let mut edges = vec![self.left];
        for column in &table.columns {
            edges.push(edges.last().copied().unwrap_or_default() + self.width * column.width as f32 / parts);
        }
        let heads = self.set_heads(table, &edges);
        let heads_height: f32 = heads.iter().map(|row| row.height).sum();
        let root = self.node(Role::Table(table.name.clone()), None);
        self.y += 4.0;
        let first = table.rows.first().map_or(0.0, |row| self.set_row(table, row, &edges).height.min(60.0));
        if self.y + heads_height + first > self.bottom && self.y > self.top {
            self.next_page();
        }
        let heads_node = (!heads.is_empty()).then(|| self.node(Role::Heads, Some(root)));
        self.put_heads(&heads, heads_node);
        let body = self.node(Role::Rows, Some(root));
        let page = self.bottom - self.top - heads_height;
        for (place, row) in table.rows.iter().enumerate() {
            let set = self.set_row(table, row, &edges);
            let below = match set.kind {
                RowKind::Group | RowKind::Subgroup => self.company(table, place, &edges).min(page * 0.5),
                RowKind::Plain | RowKind::Total => 0.0,
            };
            let below = below.max(self.ending(table, place, &edges, after, page));
            let room = self.bottom - self.y;
            let node = self.node(Role::Row, Some(body));
            if set.height + below <= room {
                self.put_row(&set, node);
            } else if set.height <= page * WHOLE_SHARE || room < page * 0.2 {
                self.next_page();
                self.put_heads(&heads, None);
                if set.height <= self.bottom - self.y {
                    self.put_row(&set, node);
                } else {
                    self.put_broken(&set, &heads, node);
                }
            } else {
                self.put_broken(&set, &heads, node);
            }
        }
        self.y += 6.0;
    }

    /// What the last rows of a table want below them, so that what follows the table does not stand alone on a page.
    fn ending(&self, table: &Table, place: usize, edges: &[f32], after: f32, page: f32) -> f32 {
        if after <= 0.0 || place + COMPANY_LINES < table.rows.len() {
            return 0.0;
        }
        let rows = table.rows.iter().skip(place);
        let heights: Vec<f32> = rows.map(|row| self.set_row(table, row, edges).height).collect();
        let below = heights.iter().skip(1).sum::<f32>() + 6.0 + after;
        // Where all of it is more than a page, the table breaks as any other.
        if heights.iter().sum::<f32>() + below > page { 0.0 } else { below }
    }

    /// The height of what a group's heading wants below it on its page: headings of smaller groups, and the first row.
    fn company(&self, table: &Table, place: usize, edges: &[f32]) -> f32 {
        let mut height = 0.0;
        for row in table.rows.iter().skip(place + 1).take(3) {
            height += self.set_row(table, row, edges).height;
            if row.kind == RowKind::Plain {
                break;
            }
        }
        height
    }

    #[expect(clippy::too_many_arguments, reason = "a cell and where it stands; there is one caller a kind")]
    fn set_cell(
        &self,
        table: &Table,
        cell: &Cell,
        style: Style,
        align: Align,
        kind: RowKind,
        x: f32,
        width: f32,
    ) -> SetCell {
        let mut look = style.look();
        look.bold |= kind != RowKind::Plain;
        look.italic |= kind == RowKind::Subgroup;
        let runs = [Run { text: cell.text.clone(), ..Run::default() }];
        let room = (width - 2.0 * CELL_POINTS.0).max(4.0);
        let set = self.set_runs(&runs, look, f32::from(table.half_points) / 2.0, room, align);
        SetCell { set, x, width, columns: cell.columns, rows: cell.rows, head: style == Style::CellHead }
    }

    fn set_row(&self, table: &Table, row: &Row, edges: &[f32]) -> SetRow {
        let mut at = 0;
        let mut cells = Vec::new();
        for cell in &row.cells {
            let end = at + usize::from(cell.columns.max(1));
            let (Some(&x), Some(&right)) = (edges.get(at), edges.get(end)) else { break };
            let align = table.columns.get(at).map(|column| column.align).unwrap_or_default();
            cells.push(self.set_cell(table, cell, Style::Cell, align, row.kind, x, right - x));
            at = end;
        }
        let height = cells.iter().map(|cell| cell.set.height()).fold(0.0, f32::max) + 2.0 * CELL_POINTS.1;
        SetRow { cells, height, kind: row.kind }
    }

    /// Heads; where one stands over several rows, the last of these makes room for it.
    fn set_heads(&self, table: &Table, edges: &[f32]) -> Vec<SetRow> {
        let mut rows: Vec<SetRow> = Vec::new();
        let mut taken = vec![0_u16; table.columns.len()];
        for row in &table.heads {
            let mut at = 0;
            let mut cells = Vec::new();
            for cell in &row.cells {
                while taken.get(at).is_some_and(|rows| *rows > 0) {
                    at += 1;
                }
                let end = at + usize::from(cell.columns.max(1));
                let (Some(&x), Some(&right)) = (edges.get(at), edges.get(end)) else { break };
                cells.push(self.set_cell(table, cell, Style::CellHead, Align::Center, RowKind::Plain, x, right - x));
                for column in at..end {
                    if let Some(rows) = taken.get_mut(column) {
                        *rows = cell.rows.max(1);
                    }
                }
                at = end;
            }
            for rows in &mut taken {
                *rows = rows.saturating_sub(1);
            }
            let own = cells.iter().filter(|cell| cell.rows <= 1).map(|cell| cell.set.height());
            let height = own.fold(0.0, f32::max) + 2.0 * CELL_POINTS.1;
            rows.push(SetRow { cells, height, kind: RowKind::Plain });
        }
        for place in 0..rows.len() {
            let tall = rows[place].cells.iter().filter(|cell| cell.rows > 1);
            let wants: Vec<(usize, f32)> =
                tall.map(|cell| (usize::from(cell.rows), cell.set.height() + 2.0 * CELL_POINTS.1)).collect();
            for (count, height) in wants {
                let end = (place + count).min(rows.len());
                let have: f32 = rows[place..end].iter().map(|row| row.height).sum();
                if let Some(last) = rows.get_mut(end.saturating_sub(1)) {
                    last.height += (height - have).max(0.0);
                }
            }
        }
        rows
    }

    /// Draws the heads; again on later pages, where they are not read aloud again.
    fn put_heads(&mut self, heads: &[SetRow], node: Option<usize>) {
        for (place, row) in heads.iter().enumerate() {
            let row_node = node.map(|node| self.node(Role::Row, Some(node)));
            for cell in &row.cells {
                let end = (place + usize::from(cell.rows.max(1))).min(heads.len());
                let height: f32 = heads[place..end].iter().map(|row| row.height).sum();
                let node = row_node.map(|row| self.cell_node(cell, row));
                let offset = ((height - cell.set.height()) / 2.0).max(CELL_POINTS.1);
                let all = 0..cell.set.lines.len();
                self.put_cell(cell, all, self.y, height, offset, node);
            }
            self.y += row.height;
        }
    }

    fn cell_node(&mut self, cell: &SetCell, row: usize) -> usize {
        let (columns, rows) = (u32::from(cell.columns.max(1)), u32::from(cell.rows.max(1)));
        let role = if cell.head { Role::Head(columns, rows) } else { Role::Cell(columns) };
        self.node(role, Some(row))
    }

    fn put_row(&mut self, row: &SetRow, node: usize) {
        for cell in &row.cells {
            let own = self.cell_node(cell, node);
            self.put_cell(cell, 0..cell.set.lines.len(), self.y, row.height, CELL_POINTS.1, Some(own));
        }
        self.y += row.height;
    }

    /// Draws a row that goes over one or several pages.
    fn put_broken(&mut self, row: &SetRow, heads: &[SetRow], node: usize) {
        let own: Vec<usize> = row.cells.iter().map(|cell| self.cell_node(cell, node)).collect();
        let pitch = row.cells.iter().map(|cell| cell.set.pitch).fold(1.0, f32::max);
        let most = row.cells.iter().map(|cell| cell.set.lines.len()).max().unwrap_or(0);
        let mut from = 0;
        while from < most {
            let room = self.bottom - self.y - 2.0 * CELL_POINTS.1;
            let mut fit = ((room / pitch).floor().max(1.0) as usize).min(most - from);
            let rest = most - from - fit;
            if rest > 0 && rest < TOGETHER_LINES && fit > 2 * TOGETHER_LINES {
                fit -= TOGETHER_LINES - rest;
            }
            let height = fit as f32 * pitch + 2.0 * CELL_POINTS.1;
            for (cell, node) in row.cells.iter().zip(&own) {
                let end = (from + fit).min(cell.set.lines.len());
                self.put_cell(cell, from.min(end)..end, self.y, height, CELL_POINTS.1, Some(*node));
            }
            self.y += height;
            from += fit;
            if from < most {
                self.next_page();
                self.put_heads(heads, None);
            }
        }
    }

    fn put_cell(
        &mut self,
        cell: &SetCell,
        lines: std::ops::Range<usize>,
        y: f32,
        height: f32,
        offset: f32,
        node: Option<usize>,
    ) {
        let (left, right, below) = (cell.x, cell.x + cell.width, y + height);
        for (from, to) in [
            ((left, y), (right, y)),
            ((left, below), (right, below)),
            ((left, y), (left, below)),
            ((right, y), (right, below)),
        ] {
            self.draw(Item::Rule { from, to });
        }
        if node.is_some() && cell.set.lines.iter().all(|line| line.segments.is_empty()) {
            // An empty cell holds its place in the row of what is read aloud.
            let (x, size) = (left + CELL_POINTS.0, cell.set.size);
            let line = Line::default();
            self.draw(Item::Words { x, baseline: below, size, line, stretch: 0.0, node });
        }
        for (place, line) in lines.enumerate() {
            let line_y = y + offset + place as f32 * cell.set.pitch;
            self.put(&cell.set, line, left + CELL_POINTS.0, line_y, node);
        }
    }
}
