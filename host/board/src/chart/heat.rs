//! Numbers of a matrix as colours: one colour for what is above zero, another for what is below, stronger with its
//! size. Not for: bars and curves.

use maud::{Markup, html};

use super::Heat;
use super::frame::{Drawn, empty, figure, short, table};
use super::scale::{Span, is_drawable, px};
use crate::format::number;
use crate::view::View;

/// Rows and columns of a map at most.
const MOST: usize = 100;
/// Letters of a name that are shown.
const MOST_LETTERS: usize = 18;
/// Width of a letter beside the cells.
const LETTER: f64 = 7.2;
/// The strongest colour, of which letters can still be read.
const STRONGEST: f64 = 0.85;
/// Maps of fewer cells say each number when one points at it; of the others script does.
const FEW: usize = 900;

/// Colours by value.
#[derive(Clone, Copy)]
struct Shades {
    span: Span,
    has_signs: bool,
}

impl Shades {
    fn new(chart: &Heat) -> Shades {
        let all = chart.values.iter().flatten().copied();
        let span = chart.range.and_then(Span::given).unwrap_or_else(|| Span::of(all));
        Shades { span, has_signs: span.low < 0.0 && span.high > 0.0 }
    }

    /// Class and strength of a value.
    fn of(&self, value: f64) -> (&'static str, f64) {
        let Span { low, high } = self.span;
        let share = if self.has_signs { value.abs() / high.max(-low) } else { (value - low) / (high - low) };
        let class = if self.has_signs && value < 0.0 { "below" } else { "above" };
        (class, (share.clamp(0.0, 1.0) * STRONGEST * 100.0).round() / 100.0)
    }
}

/// Draws a heat map.
pub(super) fn draw(view: &View, chart: &Heat) -> Markup {
    if !chart.values.iter().flatten().any(|value| is_drawable(*value)) {
        return empty(view, &chart.id, &chart.title);
    }
    let shades = Shades::new(chart);
    let more = chart.rows.len().max(chart.columns.len()).saturating_sub(MOST);
    let left_out = (more > 0).then(|| format!("{} {more}", view.t("Names that are not shown:", "未显示的名称数：")));
    let drawn = Drawn {
        kind: "heat",
        svg: svg(view, chart, &shades),
        legend: ruler(&shades),
        table: data_table(view, chart),
        left_out,
        is_wide: chart.columns.len() > 24,
    };
    figure(view, &chart.id, &chart.title, &drawn)
}

/// Side of a cell.
fn cell_size(chart: &Heat) -> (f64, f64) {
    match (chart.with_numbers, chart.columns.len().max(chart.rows.len())) {
        (true, ..=30) => (54.0, 30.0),
        (_, ..=8) => (40.0, 34.0),
        (_, ..=20) => (24.0, 24.0),
        (_, ..=40) => (16.0, 16.0),
        _ => (12.0, 12.0),
    }
}

fn room(names: &[String]) -> f64 {
    let longest = names.iter().take(MOST).map(|name| name.chars().count().min(MOST_LETTERS)).max().unwrap_or(0);
    longest as f64 * LETTER + 12.0
}

fn svg(view: &View, chart: &Heat, shades: &Shades) -> Markup {
    let (wide, tall) = cell_size(chart);
    let (rows, columns) = (chart.rows.len().min(MOST), chart.columns.len().min(MOST));
    let (left, top) = (room(&chart.rows), room(&chart.columns) * 0.8 + 10.0);
    // The slanted name of the last column goes beyond it.
    let beyond = (room(&chart.columns) * 0.64 - wide * 0.5 + 8.0).max(8.0);
    let (width, height) = (left + wide * columns as f64 + beyond, top + tall * rows as f64 + 6.0);
    let names: Vec<&String> = chart.columns.iter().take(MOST).collect();
    let names = serde_json::to_string(&names).unwrap_or_default();
    let is_small = rows * columns <= FEW;
    html! {
        svg.tight[tall < 16.0] viewBox={ "0 0 " (px(width)) " " (px(height)) } width=(px(width)) role="img"
            aria-label=(said(view, chart)) data-columns=(names) {
            g.ticks {
                @for (at, name) in chart.columns.iter().take(MOST).enumerate() {
                    @let (x, y) = (px(left + wide * (at as f64 + 0.5) + 4.0), px(top - 7.0));
                    text x=(x) y=(y) transform={ "rotate(-50 " (x) " " (y) ")" } { (short(name, MOST_LETTERS)) }
                }
                @for (at, name) in chart.rows.iter().take(MOST).enumerate() {
                    text x=(px(left - 6.0)) y=(px(top + tall * (at as f64 + 0.5) + 4.0)) text-anchor="end" {
                        (short(name, MOST_LETTERS))
                    }
                }
            }
            @for at in 0..rows {
                g.cells data-name=(chart.rows[at]) data-values=(row_data(chart, at, columns)) {
                    @for column in 0..columns {
                        @if let Some(value) = value(chart, at, column) {
                            @let (class, strength) = shades.of(value);
                            rect.cell.(class) x=(px(left + wide * column as f64)) y=(px(top + tall * at as f64))
                                width=(px(wide - 1.0)) height=(px(tall - 1.0)) fill-opacity=(strength)
                                data-column=(column) {
                                @if is_small {
                                    title { (chart.rows[at]) " · " (chart.columns[column]) ": " (number(value)) }
                                }
                            }
                            @if chart.with_numbers && columns.max(rows) <= 30 {
                                text.number x=(px(left + wide * (column as f64 + 0.5)))
                                    y=(px(top + tall * (at as f64 + 0.5) + 4.0)) text-anchor="middle" { (brief(value)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A number as it has room in a cell.
fn brief(value: f64) -> String {
    if value == value.round() && value.abs() < 1e6 {
        return format!("{value:.0}");
    }
    if (0.001..1000.0).contains(&value.abs()) { format!("{value:.3}") } else { format!("{value:.1e}") }
}

fn value(chart: &Heat, row: usize, column: usize) -> Option<f64> {
    chart.values.get(row)?.get(column).copied().filter(|value| is_drawable(*value))
}

fn row_data(chart: &Heat, row: usize, columns: usize) -> String {
    let numbers = (0..columns).map(|column| value(chart, row, column).map_or_else(|| "–".to_owned(), number));
    numbers.collect::<Vec<String>>().join(" ")
}

/// What the colours mean.
fn ruler(shades: &Shades) -> Markup {
    let Span { low, high } = shades.span;
    let values: Vec<f64> = (0..=10).map(|at| low + (high - low) * f64::from(at) / 10.0).collect();
    html! {
        p.ruler {
            span { (number(low)) }
            svg viewBox="0 0 176 12" aria-hidden="true" focusable="false" {
                @for (at, value) in values.iter().enumerate() {
                    @let (class, strength) = shades.of(*value);
                    rect.cell.(class) x=(at * 16) y="0" width="16" height="12" fill-opacity=(strength) {}
                }
            }
            span { (number(high)) }
        }
    }
}

fn said(view: &View, chart: &Heat) -> String {
    let rows = chart.rows.len().min(chart.values.len());
    let all = (0..rows).flat_map(|row| (0..chart.columns.len()).map(move |column| (row, column)));
    let all = all.filter_map(|(row, column)| Some((value(chart, row, column)?, row, column)));
    let all: Vec<(f64, usize, usize)> = all.collect();
    let end = |word: &str, found: Option<&(f64, usize, usize)>| {
        found.map_or_else(String::new, |(value, row, column)| {
            format!("; {word} {}: {} · {}", number(*value), chart.rows[*row], chart.columns[*column])
        })
    };
    let least = all.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let greatest = all.iter().max_by(|a, b| a.0.total_cmp(&b.0));
    format!(
        "{}; {} × {}{}{}",
        chart.title,
        chart.rows.len(),
        chart.columns.len(),
        end(view.t("least", "最小"), least),
        end(view.t("greatest", "最大"), greatest)
    )
}

fn data_table(view: &View, chart: &Heat) -> Markup {
    let names = chart.columns.iter().take(MOST).cloned();
    let head: Vec<String> = std::iter::once(view.t("Name", "名称").to_owned()).chain(names).collect();
    let rows = chart.rows.iter().enumerate().map(|(at, name)| {
        let cells = (0..chart.columns.len().min(MOST))
            .map(|column| value(chart, at, column).map_or_else(|| "–".to_owned(), number));
        std::iter::once(name.clone()).chain(cells).collect()
    });
    table(view, &chart.title, &head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &str, count: usize) -> Vec<String> {
        (0..count).map(|at| format!("{of}{at}")).collect()
    }

    #[test]
    fn colours_follow_sign_and_size() {
        let values = vec![vec![1.0, -0.5], vec![f64::NAN, 0.0]];
        let (rows, columns) = (names("r", 2), names("<c", 2));
        let range = Some((-1.0, 1.0));
        let chart = Heat { id: "h".into(), title: "R".into(), rows, columns, values, range, with_numbers: true };
        let shown = draw(&View::default(), &chart).into_string();
        let drawn = shown.split("<ul").next().unwrap_or_default();
        assert!(drawn.contains("class=\"cell above\" x=") && drawn.contains("fill-opacity=\"0.85\""), "{drawn}");
        assert!(drawn.contains("class=\"cell below\" x=") && drawn.contains("r0 · &lt;c1: -0.5</title>"), "{drawn}");
        assert!(shown.contains("R; 2 × 2; least -0.5: r0 · &lt;c1; greatest 1: r0 · &lt;c0"), "{shown}");
        assert!(shown.contains("data-values=\"– 0\"") && shown.contains("<td class=\"num\">–</td>"), "{shown}");
    }

    #[test]
    fn odd_matrices_are_drawn_as_far_as_they_go() {
        let chart = |values: Vec<Vec<f64>>| Heat {
            id: "h".into(),
            rows: names("r", 3),
            columns: names("c", 3),
            values,
            ..Heat::default()
        };
        let shown = |values| draw(&View::default(), &chart(values)).into_string();
        assert!(shown(vec![]).contains("no values") && shown(vec![vec![f64::NAN]]).contains("no values"));
        for values in [vec![vec![4.0]], vec![vec![1.0; 9]; 9], vec![vec![], vec![1e199, -1e199]]] {
            let shown = shown(values);
            assert!(shown.contains("<rect class=\"cell above\"") && !shown.contains("NaN"), "{shown}");
        }
        assert_eq!([3.0, 0.25, 1e-9, 12345.5].map(brief), ["3", "0.250", "1.0e-9", "1.2e4"]);
        let (rows, columns) = (names("r", 80), names("c", 80));
        let wide = Heat { rows, columns, values: vec![vec![0.5; 80]; 80], ..Heat::default() };
        let shown = draw(&View::default(), &wide).into_string();
        assert!(!shown.contains("<title>") && shown.matches("data-column=\"79\"").count() == 80);
    }
}
