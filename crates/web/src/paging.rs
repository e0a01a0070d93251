//! Long tables in pages: old phones do not hold a country's 3,321 rows, and nobody reads them at once.

use std::ops::Range;

use crate::view::L;

/// Rows on a page. A province's communes fit on one.
pub const ROWS_PER_PAGE: usize = 200;
/// The page that has every row, to be printed.
const ALL: &str = "all";

/// A link to one page of a table.
pub struct PageLink {
    /// The rows that are on it.
    pub name: String,
    /// What stands behind the question mark of its address.
    pub query: String,
    /// Whether it is the page at hand.
    pub current: bool,
}

/// A table cut into pages.
pub struct Pages {
    /// The rows of the page at hand.
    pub shown: Range<usize>,
    /// Every page, and all rows on one; nothing where they fit on one.
    pub links: Vec<PageLink>,
}

impl Pages {
    /// Cuts `count` rows; `asked` is a page's number from 1 or `all`, anything else the first page. `query` is what else
    /// stands behind the question mark.
    pub fn of(l: L, count: usize, asked: &str, query: &str) -> Self {
        let last = count.div_ceil(ROWS_PER_PAGE).max(1);
        if last == 1 {
            return Self { shown: 0..count, links: Vec::new() };
        }
        let at = asked.parse::<usize>().unwrap_or(1).clamp(1, last);
        let rows = |at: usize| (at - 1) * ROWS_PER_PAGE..(at * ROWS_PER_PAGE).min(count);
        let link = |name: String, page: &str, current: bool| {
            let query = if query.is_empty() { format!("page={page}") } else { format!("{query}&page={page}") };
            PageLink { name, query, current }
        };
        let all = asked == ALL;
        let mut links: Vec<PageLink> = (1..=last)
            .map(|page| {
                let rows = rows(page);
                link(format!("{} – {}", rows.start + 1, rows.end), &page.to_string(), !all && page == at)
            })
            .collect();
        links.push(link(l.say("tất cả", "all").to_owned(), ALL, all));
        Self { shown: if all { 0..count } else { rows(at) }, links }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_on_one_page() {
        let l = L(criteria::Language::Vietnamese);
        for count in [0, 1, ROWS_PER_PAGE, ROWS_PER_PAGE + 1, 3_321] {
            let pages = Pages::of(l, count, "", "");
            let numbers = pages.links.len().saturating_sub(1).max(1);
            let rows: Vec<usize> =
                (1..=numbers).flat_map(|page| Pages::of(l, count, &page.to_string(), "").shown).collect();
            assert_eq!(rows, (0..count).collect::<Vec<_>>());
            assert_eq!(Pages::of(l, count, "all", "").shown, 0..count);
        }
        assert!(Pages::of(l, ROWS_PER_PAGE, "2", "").links.is_empty());
        let second = Pages::of(l, 3_321, "2", "by=I");
        assert_eq!((second.shown, second.links[1].query.as_str()), (200..400, "by=I&page=2"));
        assert!(second.links[1].current && !second.links[0].current);
        assert_eq!(Pages::of(l, 3_321, "99999999999999999999", "").shown, 0..200, "no number that there is");
        assert_eq!(Pages::of(l, 3_321, "0", "").shown, 0..200);
    }
}
