//! What stands in the cells of a table, and which of two comes first. Not for: tables.

use std::cmp::Ordering;

use maud::{Markup, html};

use crate::format;

/// What stands in a cell.
#[derive(Clone, Debug, Default)]
pub enum Cell {
    /// Nothing is known.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A share of 1, shown in percent.
    Share(f64),
    /// Anything else, and the words that it is searched and ordered by.
    Shown(Markup, String),
}

impl Cell {
    /// A text; nothing if it is empty.
    pub fn text(text: impl Into<String>) -> Cell {
        let text: String = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }

    /// A number, where there is one.
    pub fn number(value: Option<f64>) -> Cell {
        value.filter(|value| !value.is_nan()).map_or(Cell::Empty, Cell::Number)
    }

    /// A share, where there is one.
    pub fn share(value: Option<f64>) -> Cell {
        value.filter(|value| !value.is_nan()).map_or(Cell::Empty, Cell::Share)
    }

    /// Words that lead somewhere.
    pub fn link(url: &str, words: &str) -> Cell {
        Cell::Shown(html! { a href=(url) { (words) } }, words.to_owned())
    }

    pub(super) fn words(&self) -> &str {
        match self {
            Cell::Text(text) | Cell::Shown(_, text) => text,
            _ => "",
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            Cell::Number(value) | Cell::Share(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn markup(&self) -> Markup {
        match self {
            Cell::Empty => html! { span.soft { "–" } },
            Cell::Text(text) => html! { (text) },
            Cell::Number(value) => html! { (format::number(*value)) },
            Cell::Share(value) => html! { (percent(*value)) },
            Cell::Shown(markup, _) => markup.clone(),
        }
    }
}

/// A share of 1 in percent: `72.41 %`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.2}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Numbers stand at the right, and the greatest come first.
    pub is_number: bool,
}

impl Column {
    /// A column of texts.
    pub fn text(name: impl Into<String>) -> Column {
        Column { name: name.into(), is_number: false }
    }

    /// A column of numbers.
    pub fn number(name: impl Into<String>) -> Column {
        Column { name: name.into(), is_number: true }
    }
}

/// A row; its first cell names it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// One for each column.
    pub cells: Vec<Cell>,
    /// What is special about it: a class of the style sheet, or nothing.
    pub class: &'static str,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Row {
        Row { cells, class: "" }
    }
}

/// Order of two cells. What is empty comes last either way.
pub(super) fn by_cell(a: &Cell, b: &Cell, is_down: bool) -> Ordering {
    let turned = |order: Ordering| if is_down { order.reverse() } else { order };
    match (a, b) {
        (Cell::Empty, Cell::Empty) => Ordering::Equal,
        (Cell::Empty, _) => Ordering::Greater,
        (_, Cell::Empty) => Ordering::Less,
        _ => match (a.value(), b.value()) {
            (Some(a), Some(b)) => turned(a.total_cmp(&b)),
            (Some(_), None) => turned(Ordering::Less),
            (None, Some(_)) => turned(Ordering::Greater),
            (None, None) => turned(natural(a.words(), b.words())),
        },
    }
}

/// Order of texts in which `x2` comes before `x10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (Some(first), Some(second)) = (a.chars().next(), b.chars().next()) else { return a.len().cmp(&b.len()) };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (one, rest_a) = digits(a);
            let (other, rest_b) = digits(b);
            (a, b) = (rest_a, rest_b);
            one.len().cmp(&other.len()).then_with(|| one.cmp(other))
        } else {
            (a, b) = (&a[first.len_utf8()..], &b[second.len_utf8()..]);
            first.cmp(&second)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits that a text begins with, without zeros in front, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        let mut all = ["x10", "x2", "host_9_x1", "x02b", "x", "é1"];
        all.sort_by(|a, b| natural(a, b));
        assert_eq!(all, ["host_9_x1", "x", "x2", "x02b", "x10", "é1"]);
    }
}
