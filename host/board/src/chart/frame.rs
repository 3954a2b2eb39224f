//! What all charts share: the figure with its legend, tools and table, axes with a grid, colours and patterns by
//! number. Not for: what is drawn within (`lines`, `bars`, `heat`).

use maud::{Markup, html};

use super::scale::{Scale, Span, label, px, step, ticks};
use crate::parts::scrolling;
use crate::view::View;

/// Rows of a table beside a chart at most.
const MOST_ROWS: usize = 500;
/// Colours, and patterns of lines, that tell curves apart.
const COLOURS: usize = 8;

/// Width of a chart that is not wider than others.
pub(super) const WIDTH: f64 = 560.0;
/// Height of a chart.
pub(super) const HEIGHT: f64 = 320.0;
/// Room above the plot, for the name of the axis that goes up.
pub(super) const TOP: f64 = 30.0;
/// Room beside the plot.
pub(super) const RIGHT: f64 = 16.0;
/// Room below the plot.
pub(super) const BOTTOM: f64 = 48.0;
/// Width of a letter beside an axis, at the size that letters have on a phone.
const LETTER: f64 = 9.2;

/// Classes of the curve of that number: its colour, and the pattern of its line.
pub(super) fn colour(number: usize) -> String {
    let at = number % COLOURS + 1;
    format!("c{at} l{}", (number + number / COLOURS) % COLOURS + 1)
}

/// A name as an HTML id.
pub(super) fn html_id(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let id: String = text.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id } else { format!("chart-{id}") }
}

/// A long name cut short.
pub(super) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A chart before the figure is put around it.
pub(super) struct Drawn {
    pub(super) kind: &'static str,
    pub(super) svg: Markup,
    pub(super) legend: Markup,
    pub(super) table: Markup,
    /// What is not shown.
    pub(super) left_out: Option<String>,
    /// Wider than others: it scrolls.
    pub(super) is_wide: bool,
}

/// The whole figure. Tools are shown by the script that serves them.
pub(super) fn figure(view: &View, id: &str, title: &str, drawn: &Drawn) -> Markup {
    let id = html_id(id);
    html! {
        figure.chart.wide[drawn.is_wide] #(id) data-kind=(drawn.kind)
            data-keys=(view.t("arrow keys read the values", "方向键可读取数值")) {
            figcaption { (title) }
            div.chart-area { (drawn.svg) }
            (drawn.legend)
            @if let Some(words) = &drawn.left_out { p.hint { (words) } }
            div.chart-foot {
                details.chart-table #{ (id) "-table" } {
                    summary { (view.t("Table of the values", "数值表")) }
                    (drawn.table)
                }
                div.chart-tools hidden {
                    button.small type="button" data-do="whole" hidden { (view.t("Whole range", "全部范围")) }
                    button.small type="button" data-do="svg" { "SVG" }
                    button.small type="button" data-do="png" { "PNG" }
                }
            }
        }
    }
}

/// A figure where there is nothing to draw.
pub(super) fn empty(view: &View, id: &str, title: &str) -> Markup {
    html! {
        figure.chart #(html_id(id)) {
            figcaption { (title) }
            p.nothing { (view.t("There are no values to draw.", "没有可绘制的数值。")) }
        }
    }
}

/// One entry of a legend.
pub(super) struct Entry<'e> {
    pub(super) name: &'e str,
    pub(super) class: String,
    /// What stands for it.
    pub(super) swatch: Markup,
}

/// Names of what is drawn. Script makes buttons of them, which hide and show.
pub(super) fn legend<'e>(entries: impl IntoIterator<Item = Entry<'e>>) -> Markup {
    html! {
        ul.legend {
            @for (at, entry) in entries.into_iter().enumerate() {
                li {
                    span.entry data-part=(at) {
                        svg.swatch.(entry.class) viewBox="0 0 28 12" aria-hidden="true" focusable="false" {
                            (entry.swatch)
                        }
                        span { (entry.name) }
                    }
                }
            }
        }
    }
}

/// A table of values: names of columns, and rows, of which the first ones are shown.
pub(super) fn table(view: &View, title: &str, head: &[String], mut rows: impl Iterator<Item = Vec<String>>) -> Markup {
    let shown: Vec<Vec<String>> = rows.by_ref().take(MOST_ROWS).collect();
    let more = rows.count();
    html! {
        (scrolling(title, html! {
            table {
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody {
                    @for row in &shown {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 { th scope="row" { (cell) } } @else { td.num { (cell) } }
                            }
                        }
                    }
                }
            }
        }))
        @if more > 0 {
            p.hint {
                (view.t("Rows that are not shown: ", "未显示的行数：")) (more)
            }
        }
    }
}

/// Where the plot is within the drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Plot {
    /// Upwards.
    pub(super) fn up(&self, span: Span) -> Scale {
        Scale { span, from: self.bottom, to: self.top }
    }

    /// Across.
    pub(super) fn across(&self, span: Span) -> Scale {
        Scale { span, from: self.left, to: self.right }
    }
}

/// Ticks of an axis with their words.
pub(super) fn labelled(span: Span, about: usize) -> Vec<(f64, String)> {
    let step = step(span, about);
    ticks(span, step).into_iter().map(|tick| (tick, label(tick, step))).collect()
}

/// Room that words beside an axis take.
pub(super) fn room(labels: &[(f64, String)]) -> f64 {
    let longest = labels.iter().map(|(_, text)| text.chars().count()).max().unwrap_or_default();
    (longest as f64 * LETTER + 14.0).clamp(34.0, 130.0)
}

/// Lines across the plot, with words at the left.
pub(super) fn rows(plot: &Plot, scale: &Scale, labels: &[(f64, String)], name: &str) -> Markup {
    html! {
        g.ticks {
            @for (tick, words) in labels {
                line x1=(px(plot.left)) x2=(px(plot.right)) y1=(px(scale.at(*tick))) y2=(px(scale.at(*tick)))
                    class=[(*tick == 0.0).then_some("zero")] {}
                text x=(px(plot.left - 8.0)) y=(px(scale.at(*tick) + 4.0)) text-anchor="end" { (words) }
            }
        }
        text.axis x="4" y="15" { (name) }
    }
}

/// Lines up through the plot, with words below.
pub(super) fn columns(plot: &Plot, scale: &Scale, labels: &[(f64, String)], name: &str) -> Markup {
    html! {
        g.ticks.across {
            @for (tick, words) in labels {
                line x1=(px(scale.at(*tick))) x2=(px(scale.at(*tick))) y1=(px(plot.top)) y2=(px(plot.bottom)) {}
                text x=(px(scale.at(*tick))) y=(px(plot.bottom + 18.0)) text-anchor="middle" { (words) }
            }
        }
        text.axis x=(px(plot.right)) y=(px(plot.bottom + 40.0)) text-anchor="end" { (name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids_and_curves_differ() {
        assert_eq!(html_id("roc · train/1"), "roc---train-1");
        assert_eq!(html_id("1"), "chart-1");
        assert_eq!(short("a long name", 6), "a lon…");
        let classes: std::collections::BTreeSet<String> = (0..16).map(colour).collect();
        assert_eq!(classes.len(), 16, "{classes:?}");
    }

    #[test]
    fn tables_say_what_they_leave_out() {
        let rows = (0..700).map(|at| vec![at.to_string(), "x".to_owned()]);
        let shown = table(&View::default(), "t", &["a".to_owned(), "b".to_owned()], rows).into_string();
        assert!(shown.contains(">499<") && !shown.contains(">500<") && shown.contains("not shown: 200"), "{shown}");
    }
}
