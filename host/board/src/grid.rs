//! Tables of many rows: search, order and pages, all of it in the address, so that they work without script and a link
//! shows what its sender saw. Not for: tables that fit on a page as they are, what stands in the cells.

use maud::{Markup, html};

use crate::format;
use crate::outputs::Outputs;
use crate::parts::{encoded, pager, scrolling};
use crate::view::View;
use cell::by_cell;
pub use cell::{Cell, Column, Row, natural, percent};

mod cell;

/// Rows of a page.
pub const ROWS: usize = 20;

/// A table of many rows.
#[derive(Clone, Debug, Default)]
pub struct Grid<'g> {
    /// Unique on its page, in letters: begins the names of its choices in the address.
    pub name: &'g str,
    /// What it shows.
    pub label: &'g str,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, in the order in which they are shown if nothing else is asked for.
    pub rows: Vec<Row>,
    /// The last row of each page, such as a sum.
    pub total: Option<Row>,
    /// How many columns beside the first stand on a page; all when 0.
    pub columns_at_once: usize,
}

impl Grid<'_> {
    /// The part of the table that is asked for, with links to the rest.
    pub fn show(&self, view: &View, outputs: &Outputs<'_>) -> Markup {
        let find = outputs.chosen(&self.choice("find")).unwrap_or_default().trim().to_lowercase();
        let order = self.order(outputs);
        let found = self.found(&find, order);
        let pages = found.len().div_ceil(ROWS).max(1);
        let page = self.page(outputs, "page", pages);
        let shown: Vec<&Row> = found.iter().skip((page - 1) * ROWS).take(ROWS).copied().collect();
        let column_pages = self.column_pages();
        let column_page = self.page(outputs, "columns", column_pages);
        let columns = self.columns_of(column_page);
        html! {
            section.grid-part id=(self.id()) {
                (self.tools(view, outputs, &find, found.len()))
                @if found.is_empty() {
                    p.hint { (view.t("No row has these words.", "没有匹配的行。")) }
                } @else {
                    (scrolling(self.label, html! {
                        table.grid-table {
                            (self.head(outputs, &columns, order))
                            tbody {
                                @for row in shown { (row_of(row, &self.columns, &columns)) }
                                @if let Some(total) = &self.total { (row_of(total, &self.columns, &columns)) }
                            }
                        }
                    }))
                }
                (pager(view, page as u64, pages as u64, |at| self.url(outputs, &[("page", at.to_string().as_str())])))
                @if column_pages > 1 {
                    p.hint.grid-columns {
                        (view.t("Columns", "列")) " " (columns.get(1).copied().unwrap_or(0)) "–"
                        (columns.last().copied().unwrap_or(0)) " / " (self.columns.len() - 1) " "
                        @for at in 1..=column_pages {
                            @if at == column_page { span aria-current="true" { (at) } } @else {
                                a href=(self.url(outputs, &[("columns", at.to_string().as_str())])) { (at) }
                            }
                            " "
                        }
                    }
                }
            }
        }
    }

    fn id(&self) -> String {
        format!("grid-{}", self.name)
    }

    /// Name of a choice in the address.
    fn choice(&self, what: &str) -> String {
        format!("{}.{what}", self.name)
    }

    /// The page with this table shown otherwise.
    fn url(&self, outputs: &Outputs<'_>, changes: &[(&str, &str)]) -> String {
        let named: Vec<(String, &str)> = changes.iter().map(|(what, value)| (self.choice(what), *value)).collect();
        let named: Vec<(&str, &str)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        url(outputs, &named, &self.id())
    }

    fn page(&self, outputs: &Outputs<'_>, what: &str, pages: usize) -> usize {
        let asked = outputs.chosen(&self.choice(what)).and_then(|page| page.parse().ok());
        asked.unwrap_or(1).clamp(1, pages.max(1))
    }

    fn column_pages(&self) -> usize {
        match self.columns_at_once {
            0 => 1,
            some => self.columns.len().saturating_sub(1).div_ceil(some).max(1),
        }
    }

    /// Indexes of the columns of a page of columns; the first column is on each.
    fn columns_of(&self, page: usize) -> Vec<usize> {
        let some = if self.columns_at_once == 0 { self.columns.len() } else { self.columns_at_once };
        let from = 1 + (page - 1) * some;
        let rest = from..(from + some).min(self.columns.len());
        std::iter::once(0).filter(|_| !self.columns.is_empty()).chain(rest).collect()
    }

    /// Which column the rows are ordered by, and whether the greatest come first.
    fn order(&self, outputs: &Outputs<'_>) -> Option<(usize, bool)> {
        let asked = outputs.chosen(&self.choice("sort"))?;
        let (digits, is_down) = asked.strip_prefix('-').map_or((asked, false), |digits| (digits, true));
        let column = digits.parse::<usize>().ok()?.checked_sub(1)?;
        (column < self.columns.len()).then_some((column, is_down))
    }

    fn found(&self, find: &str, order: Option<(usize, bool)>) -> Vec<&Row> {
        let has = |row: &&Row| find.is_empty() || row.cells.iter().any(|c| c.words().to_lowercase().contains(find));
        let mut found: Vec<&Row> = self.rows.iter().filter(has).collect();
        if let Some((column, is_down)) = order {
            let cell = |row: &Row| row.cells.get(column).cloned().unwrap_or_default();
            let mut keyed: Vec<(Cell, &Row)> = found.into_iter().map(|row| (cell(row), row)).collect();
            keyed.sort_by(|(a, _), (b, _)| by_cell(a, b, is_down));
            found = keyed.into_iter().map(|(_, row)| row).collect();
        }
        found
    }

    fn tools(&self, view: &View, outputs: &Outputs<'_>, find: &str, found: usize) -> Markup {
        let (find_name, page_name) = (self.choice("find"), self.choice("page"));
        let asked = outputs.chosen(&find_name).unwrap_or_default();
        let field = format!("{}-find", self.id());
        html! {
            @if self.rows.len() > ROWS || !find.is_empty() {
                form.grid-tools method="get" action={ (outputs.path) "#" (self.id()) } role="search" {
                    @for (name, value) in outputs.chosen.iter().filter(|(n, _)| *n != find_name && *n != page_name) {
                        input type="hidden" name=(name) value=(value);
                    }
                    label.unseen for=(field) { (view.t("Search in", "搜索：")) " " (self.label) }
                    input id=(field) type="search" name=(find_name) value=(asked) data-search
                        placeholder=(view.t("Search", "搜索"));
                    button.small { (view.t("Search", "搜索")) }
                    span.hint {
                        @if !find.is_empty() { (format::count(found as u64)) " / " }
                        (format::count(self.rows.len() as u64)) " " (view.many(self.rows.len() as u64, "row", "rows", "行"))
                    }
                }
            }
        }
    }

    fn head(&self, outputs: &Outputs<'_>, columns: &[usize], order: Option<(usize, bool)>) -> Markup {
        let head = |at: usize| {
            let column = self.columns.get(at).cloned().unwrap_or_default();
            let here = order.filter(|(column, _)| *column == at).map(|(_, is_down)| is_down);
            let down = here.map_or(column.is_number, |is_down| !is_down);
            let sort = format!("{}{}", if down { "-" } else { "" }, at + 1);
            let says = here.map(|is_down| if is_down { "descending" } else { "ascending" });
            html! {
                th scope="col" class=[column.is_number.then_some("num")] aria-sort=[says] {
                    a href=(self.url(outputs, &[("sort", sort.as_str()), ("page", "")])) { (column.name)
                        @if let Some(is_down) = here { span aria-hidden="true" { (if is_down { " ↓" } else { " ↑" }) } }
                    }
                }
            }
        };
        html! { thead { tr { @for at in columns { (head(*at)) } } } }
    }
}

fn row_of(row: &Row, columns: &[Column], shown: &[usize]) -> Markup {
    let empty = Cell::Empty;
    html! {
        tr class=[(!row.class.is_empty()).then_some(row.class)] {
            @for at in shown {
                @let cell = row.cells.get(*at).unwrap_or(&empty);
                @let class = columns.get(*at).filter(|column| column.is_number).map(|_| "num");
                @if *at == 0 { th scope="row" class=[class] { (cell.markup()) } }
                @else { td class=[class] { (cell.markup()) } }
            }
        }
    }
}

/// The page with other choices and at a part of it; an empty choice is left out.
pub fn url(outputs: &Outputs<'_>, changes: &[(&str, &str)], part: &str) -> String {
    let kept = outputs.chosen.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let kept = kept.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let pairs = kept.chain(changes.iter().copied()).filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let (sign, query) = if query.is_empty() { ("", String::new()) } else { ("?", query.join("&")) };
    let (hash, part) = if part.is_empty() { ("", "") } else { ("#", part) };
    format!("{}{sign}{query}{hash}{part}", outputs.path)
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};

    use super::*;

    fn shown(chosen: &[(&str, &str)]) -> String {
        let row = |at: usize| {
            let mark = if at == 7 { Cell::Empty } else { Cell::Number(at as f64 / 2.0) };
            Row::from(vec![Cell::text(format!("x{at}")), mark, Cell::Share(0.25)])
        };
        let columns = vec![Column::text("name"), Column::number("value"), Column::number("share")];
        let rows = (0..45).map(row).collect();
        let grid = Grid { name: "g", label: "values", columns, rows, total: None, columns_at_once: 0 };
        let chosen: Vec<(String, String)> = chosen.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
        let party = Party::new(Role::Guest, 9999);
        let outputs =
            Outputs { module: "M", party, metrics: &[], model: &[], summary: None, path: "/p", chosen: &chosen };
        grid.show(&View::default(), &outputs).into_string()
    }

    fn names(markup: &str) -> Vec<&str> {
        markup.split("<th scope=\"row\">").skip(1).filter_map(|rest| rest.split('<').next()).collect()
    }

    #[test]
    fn pages_of_twenty_rows() {
        let first = shown(&[("tab", "model")]);
        assert_eq!(names(&first), (0..20).map(|at| format!("x{at}")).collect::<Vec<_>>());
        assert!(first.contains("/p?tab=model&amp;g.page=3#grid-g"), "{first}");
        assert_eq!(names(&shown(&[("g.page", "3")])), ["x40", "x41", "x42", "x43", "x44"]);
        assert_eq!(names(&shown(&[("g.page", "99999999999")])).len(), 5);
        assert_eq!(names(&shown(&[("g.page", "-1")])).len(), ROWS);
        assert!(first.contains("25 %") && first.contains("45 rows"));
    }

    #[test]
    fn rows_are_ordered_and_what_is_empty_is_last() {
        let down = shown(&[("g.sort", "-2")]);
        assert_eq!(names(&down)[..2], ["x44", "x43"]);
        assert!(down.contains("aria-sort=\"descending\"") && down.contains("g.sort=2#grid-g"), "{down}");
        assert_eq!(names(&shown(&[("g.sort", "2"), ("g.page", "3")])).last(), Some(&"x7"));
        assert_eq!(names(&shown(&[("g.sort", "-1")]))[..2], ["x44", "x43"]);
        assert_eq!(names(&shown(&[("g.sort", "77")]))[..2], ["x0", "x1"]);
    }

    #[test]
    fn words_are_found() {
        let found = shown(&[("g.find", "X4"), ("g.page", "1")]);
        assert_eq!(names(&found), ["x4", "x40", "x41", "x42", "x43", "x44"]);
        assert!(found.contains("6 / 45 rows") && !found.contains("name=\"g.page\""), "{found}");
        assert!(shown(&[("g.find", "nobody")]).contains("No row"));
    }
}
