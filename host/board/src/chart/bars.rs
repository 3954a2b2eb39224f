//! Bars by category, and lines over them on an axis of their own. Not for: curves over numbers (`lines`).

use maud::{Markup, html};

use super::frame::{
    Drawn, Entry, HEIGHT, Plot, RIGHT, TOP, WIDTH, colour, empty, figure, html_id, labelled, legend, room, rows, short,
    table,
};
use super::scale::{Scale, Span, is_drawable, px};
use super::{Bars, Values};
use crate::format::number;
use crate::view::View;

/// Categories of a chart at most.
const MOST: usize = 200;
/// Least and greatest width of a category.
const SLOT: (f64, f64) = (13.0, 96.0);
/// Width of a letter below a bar.
const LETTER: f64 = 7.4;
/// Letters of a category that are shown.
const MOST_LETTERS: usize = 16;
/// Categories that are described for who does not see them.
const MOST_SAID: usize = 8;
/// Patterns that fill bars, beside the plain one: what is hatched, by number.
const HATCHES: [&str; 3] = ["M0 6L6 0M-1.5 1.5L1.5 -1.5M4.5 7.5L7.5 4.5", "M3 0V6", "M0 3H6"];

/// The drawing: which values are in it, and where.
struct Ground<'b> {
    chart: &'b Bars,
    count: usize,
    slot: f64,
    plot: Plot,
    y: Scale,
    right: Option<Scale>,
    width: f64,
    height: f64,
    is_slanted: bool,
}

/// Draws bars.
pub(super) fn draw(view: &View, chart: &Bars) -> Markup {
    let all = chart.bars.iter().chain(&chart.lines);
    let mut all = all.flat_map(|values| values.values.iter().take(chart.categories.len()));
    if !all.any(|value| is_drawable(*value)) {
        return empty(view, &chart.id, &chart.title);
    }
    let ground = Ground::new(chart);
    let more = chart.categories.len() - ground.count;
    let left_out = (more > 0)
        .then(|| format!("{} {more}", view.t("Categories that are in the table alone:", "仅在表中列出的类别数：")));
    let bars = chart.bars.iter().enumerate().map(|(at, values)| Entry {
        name: &values.name,
        class: colour(at),
        swatch: html! { rect.bar x="6" y="0" width="16" height="12" fill=[fill(&chart.id, at)] {} },
    });
    let lines = chart.lines.iter().enumerate().map(|(at, values)| Entry {
        name: &values.name,
        class: colour(chart.bars.len() + at),
        swatch: html! { line.line x1="1" x2="27" y1="6" y2="6" {} circle.dot cx="14" cy="6" r="2.6" {} },
    });
    let drawn = Drawn {
        kind: "bars",
        svg: svg(view, &ground),
        legend: legend(bars.chain(lines)),
        table: data_table(view, chart),
        left_out,
        is_wide: ground.width > WIDTH,
    };
    figure(view, &chart.id, &chart.title, &drawn)
}

/// What the bars of a series are filled with where it is not their colour alone.
fn fill(id: &str, series: usize) -> Option<String> {
    (!series.is_multiple_of(HATCHES.len() + 1)).then(|| format!("url(#{}-fill{series})", html_id(id)))
}

/// Heights of stacked bars so far, upwards and downwards.
fn stacked_ends(chart: &Bars, category: usize) -> (f64, f64) {
    let values = chart.bars.iter().filter_map(|values| value(values, category));
    values.fold((0.0, 0.0), |(down, up), v| if v < 0.0 { (down + v, up) } else { (down, up + v) })
}

fn value(values: &Values, category: usize) -> Option<f64> {
    values.values.get(category).copied().filter(|value| is_drawable(*value))
}

impl<'b> Ground<'b> {
    fn new(chart: &'b Bars) -> Ground<'b> {
        let count = chart.categories.len().min(MOST);
        let heights: Vec<f64> = if chart.stacked {
            (0..count).map(|at| stacked_ends(chart, at)).flat_map(|(down, up)| [down, up]).collect()
        } else {
            chart.bars.iter().flat_map(|values| values.values.iter().take(count).copied()).collect()
        };
        let span = chart.y.range.and_then(Span::given);
        let span = span.unwrap_or_else(|| Span::of(heights).with_zero().to_ticks(5));
        let over = chart.lines.iter().flat_map(|values| values.values.iter().take(count).copied());
        let over = (!chart.lines.is_empty()).then(|| Span::of(over).to_ticks(5));
        let left = room(&labelled(span, 5));
        let right = over.map_or(RIGHT, |over| room(&labelled(over, 5)));
        let slot = ((WIDTH - left - right) / count.max(1) as f64).clamp(SLOT.0, SLOT.1);
        let longest = chart.categories.iter().map(|name| name.chars().count().min(MOST_LETTERS)).max().unwrap_or(0);
        let is_slanted = longest as f64 * LETTER > slot - 4.0;
        let bottom = if is_slanted { 36.0 + longest as f64 * LETTER * 0.62 } else { 48.0 };
        let width = (left + right + slot * count as f64).max(WIDTH);
        let height = HEIGHT - 48.0 + bottom;
        let plot = Plot { left, right: left + slot * count as f64, top: TOP, bottom: height - bottom };
        let (y, right) = (plot.up(span), over.map(|over| plot.up(over)));
        Ground { chart, count, slot, plot, y, right, width, height, is_slanted }
    }

    fn middle(&self, category: usize) -> f64 {
        self.plot.left + self.slot * (category as f64 + 0.5)
    }
}

fn svg(view: &View, ground: &Ground<'_>) -> Markup {
    let Ground { chart, plot, y, width, height, .. } = ground;
    let is_wide = *width > WIDTH;
    html! {
        svg viewBox={ "0 0 " (px(*width)) " " (px(*height)) } width=[is_wide.then(|| px(*width))] role="img"
            aria-label=(said(view, chart)) {
            defs { @for at in 0..chart.bars.len() { (pattern(&chart.id, at)) } }
            (rows(plot, y, &labelled(y.span, 5), &chart.y.label))
            @if let Some(right) = &ground.right { (right_axis(ground, right)) }
            @for (at, values) in chart.bars.iter().enumerate() { (series(ground, at, values)) }
            line.zero x1=(px(plot.left)) x2=(px(plot.right)) y1=(px(y.at(0.0))) y2=(px(y.at(0.0))) {}
            @if let Some(right) = &ground.right {
                @for (at, values) in chart.lines.iter().enumerate() { (over(ground, right, at, values)) }
            }
            (names(ground))
            text.axis x=(px(plot.right)) y=(px(height - 8.0)) text-anchor="end" { (chart.x) }
        }
    }
}

fn pattern(id: &str, series: usize) -> Markup {
    let kind = series % (HATCHES.len() + 1);
    html! {
        @if let Some(hatch) = kind.checked_sub(1).and_then(|at| HATCHES.get(at)) {
            pattern.hatch.(colour(series)) #{ (html_id(id)) "-fill" (series) } width="6" height="6"
                patternUnits="userSpaceOnUse" {
                rect.back width="6" height="6" {}
                path d=(hatch) {}
            }
        }
    }
}

fn right_axis(ground: &Ground<'_>, scale: &Scale) -> Markup {
    let at = ground.plot.right;
    html! {
        g.ticks.beside {
            @for (tick, words) in labelled(scale.span, 5) {
                text x=(px(at + 8.0)) y=(px(scale.at(tick) + 4.0)) { (words) }
            }
        }
        text.axis x=(px(ground.width - 4.0)) y="15" text-anchor="end" { (ground.chart.y_right) }
    }
}

/// Bars of one series, each with its words.
fn series(ground: &Ground<'_>, number_of: usize, values: &Values) -> Markup {
    let Ground { chart, y, slot, .. } = ground;
    let beside = if chart.stacked { 1 } else { chart.bars.len().max(1) };
    let thick = slot * 0.78 / beside as f64;
    let place = |category: usize, v: f64| {
        let before = if chart.stacked { stacked_before(chart, number_of, category, v) } else { 0.0 };
        let (one, other) = (y.at(before), y.at(before + v));
        let left = ground.middle(category) - slot * 0.39 + if chart.stacked { 0.0 } else { thick * number_of as f64 };
        (left, one.min(other), (one - other).abs().max(0.5))
    };
    html! {
        g.(colour(number_of)) data-part=(number_of) {
            @for category in 0..ground.count {
                @if let Some(v) = value(values, category) {
                    @let (left, top, tall) = place(category, v);
                    rect.bar x=(px(left)) y=(px(top)) width=(px(thick.max(1.0))) height=(px(tall))
                        fill=[fill(&chart.id, number_of)] {
                        title { (chart.categories[category]) "\n" (values.name) ": " (number(v)) }
                    }
                }
            }
        }
    }
}

/// Where a stacked bar begins: on those before it that go the same way.
fn stacked_before(chart: &Bars, series: usize, category: usize, v: f64) -> f64 {
    let before = chart.bars.iter().take(series).filter_map(|values| value(values, category));
    before.filter(|other| (*other < 0.0) == (v < 0.0)).sum()
}

fn over(ground: &Ground<'_>, scale: &Scale, at: usize, values: &Values) -> Markup {
    let number_of = ground.chart.bars.len() + at;
    let points: Vec<(usize, f64)> =
        (0..ground.count).filter_map(|category| Some((category, value(values, category)?))).collect();
    let places: Vec<String> =
        points.iter().map(|(at, v)| format!("{} {}", px(ground.middle(*at)), px(scale.at(*v)))).collect();
    html! {
        g.(colour(number_of)) data-part=(number_of) {
            @if !places.is_empty() { path.line d={ "M" (places.join("L")) } {} }
            @for (category, v) in &points {
                circle.dot cx=(px(ground.middle(*category))) cy=(px(scale.at(*v))) r="3" {
                    title { (ground.chart.categories[*category]) "\n" (values.name) ": " (number(*v)) }
                }
            }
        }
    }
}

/// Names of the categories, as many as there is room for.
fn names(ground: &Ground<'_>) -> Markup {
    let every = if ground.slot < SLOT.0 + 1.0 { 2 } else { 1 };
    let y = ground.plot.bottom + 18.0;
    html! {
        g.ticks.names {
            @for category in (0..ground.count).step_by(every) {
                @let (x, name) = (ground.middle(category), &ground.chart.categories[category]);
                @if ground.is_slanted {
                    text x=(px(x + 4.0)) y=(px(y - 4.0)) text-anchor="end"
                        transform={ "rotate(-38 " (px(x + 4.0)) " " (px(y - 4.0)) ")" } { (short(name, MOST_LETTERS)) }
                } @else {
                    text x=(px(x)) y=(px(y)) text-anchor="middle" { (short(name, MOST_LETTERS)) }
                }
            }
        }
    }
}

fn said(view: &View, chart: &Bars) -> String {
    let all = chart.bars.iter().chain(&chart.lines);
    let said = all.map(|values| {
        let pairs = chart.categories.iter().zip(&values.values).take(MOST_SAID);
        let pairs: Vec<String> = pairs.map(|(name, v)| format!("{name} {}", number(*v))).collect();
        let more = chart.categories.len().saturating_sub(MOST_SAID);
        let more = if more > 0 { format!(", {} {more}", view.t("more:", "其余：")) } else { String::new() };
        format!("{}: {}{more}", values.name, pairs.join(", "))
    });
    let parts: Vec<String> = std::iter::once(chart.title.clone()).chain(said).collect();
    parts.join("; ")
}

fn data_table(view: &View, chart: &Bars) -> Markup {
    let all: Vec<&Values> = chart.bars.iter().chain(&chart.lines).collect();
    let first = if chart.x.is_empty() { view.t("Name", "名称").to_owned() } else { chart.x.clone() };
    let head: Vec<String> = std::iter::once(first).chain(all.iter().map(|values| values.name.clone())).collect();
    let cell = |values: &&Values, at: usize| {
        values.values.get(at).filter(|v| !v.is_nan()).map_or_else(|| "–".to_owned(), |v| number(*v))
    };
    let rows = chart.categories.iter().enumerate().map(|(at, name)| {
        let cells = all.iter().map(|values| cell(values, at));
        std::iter::once(name.clone()).chain(cells).collect()
    });
    table(view, &chart.title, &head, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[&[f64]]) -> Bars {
        let longest = values.iter().map(|values| values.len()).max().unwrap_or(0);
        let named = |(at, values): (usize, &&[f64])| Values { name: format!("s{at}"), values: values.to_vec() };
        Bars {
            id: "b".into(),
            title: "Bars".into(),
            categories: (0..longest).map(|at| format!("<x{at}>")).collect(),
            bars: values.iter().enumerate().map(named).collect(),
            ..Bars::default()
        }
    }

    #[test]
    fn bars_stand_on_zero_and_differ_in_more_than_colour() {
        let shown = draw(&View::default(), &chart(&[&[1.0, -2.0], &[0.5, f64::NAN]])).into_string();
        assert_eq!(shown.matches("<rect class=\"bar\"").count(), 2 + 3, "two in the legend: {shown}");
        assert!(shown.contains("fill=\"url(#b-fill1)\"") && shown.contains("id=\"b-fill1\""), "{shown}");
        assert!(shown.contains("&lt;x1&gt;\ns0: -2</title>") && !shown.contains("<x1>"), "{shown}");
        assert!(shown.contains("aria-label=\"Bars; s0: &lt;x0&gt; 1, &lt;x1&gt; -2; s1: &lt;x0&gt; 0.5"), "{shown}");
        assert!(shown.contains("<td class=\"num\">–</td>"), "{shown}");
    }

    #[test]
    fn stacked_bars_stand_on_each_other() {
        let mut chart = chart(&[&[2.0], &[3.0], &[-1.0]]);
        chart.stacked = true;
        assert_eq!(stacked_ends(&chart, 0), (-1.0, 5.0));
        let before = [(0, 2.0), (1, 3.0), (2, -1.0)].map(|(series, v)| stacked_before(&chart, series, 0, v));
        assert_eq!(before, [0.0, 2.0, 0.0]);
    }

    #[test]
    fn odd_values_are_left_out_and_many_categories_are_cut() {
        for values in [vec![], vec![f64::NAN, f64::INFINITY]] {
            assert!(draw(&View::default(), &chart(&[&values[..]])).into_string().contains("no values"));
        }
        let long = vec![1.0; 450];
        let mut many = chart(&[&long[..]]);
        many.lines.push(Values { name: "line".into(), values: vec![0.0; 450] });
        let shown = draw(&View::default(), &many).into_string();
        assert_eq!(shown.matches("<circle class=\"dot\"").count(), 200 + 1);
        assert!(shown.contains("in the table alone: 250") && shown.contains("&lt;x449&gt;"));
        let drawn = shown.split("<details").next().unwrap_or_default();
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }
}
