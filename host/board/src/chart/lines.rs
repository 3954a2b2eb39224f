//! Curves over numbers. Script finds the points in the attributes of each curve, and reckons places from the range of
//! the axes and of the plot. Not for: bars (`bars`).

use maud::{Markup, html};

use super::frame::{
    BOTTOM, Drawn, Entry, HEIGHT, Plot, RIGHT, TOP, WIDTH, colour, columns, empty, figure, labelled, legend, room,
    rows, table,
};
use super::scale::{MOST_POINTS, Scale, Span, is_drawable, px, thinned};
use super::{Axis, Curve, Lines, Mark};
use crate::format::number;
use crate::view::View;

/// Curves of a chart at most.
const MOST_CURVES: usize = 24;
/// Curves of fewer points have a dot at each.
const FEW: usize = 40;
/// Curves that are described for who does not see them.
const MOST_SAID: usize = 6;
/// Height of the words of a mark.
const MARK_LINE: f64 = 18.0;
/// Room that the ends of curves have beyond the plot.
const EDGE: f64 = 5.0;

/// A curve as it is drawn: what can be drawn of it, thinned down.
struct Ready<'c> {
    curve: &'c Curve,
    points: Vec<(f64, f64)>,
    notes: Vec<&'c str>,
    class: String,
}

impl<'c> Ready<'c> {
    fn new(curve: &'c Curve, number: usize) -> Option<Ready<'c>> {
        let all = curve.points.iter().enumerate();
        let good: Vec<(usize, (f64, f64))> =
            all.filter(|(_, (x, y))| is_drawable(*x) && is_drawable(*y)).map(|(at, point)| (at, *point)).collect();
        let points: Vec<(f64, f64)> = good.iter().map(|(_, point)| *point).collect();
        let kept = thinned(&points, MOST_POINTS);
        let note = |at: &usize| curve.notes.get(good[*at].0).map(String::as_str);
        let notes: Option<Vec<&'c str>> = if curve.notes.is_empty() { None } else { kept.iter().map(note).collect() };
        let class = if curve.dashed { "guide".to_owned() } else { colour(number) };
        let points: Vec<(f64, f64)> = kept.iter().map(|at| points[*at]).collect();
        (!points.is_empty()).then(|| Ready { curve, points, notes: notes.unwrap_or_default(), class })
    }

    /// Points for script: `x y x y`.
    fn data(&self) -> String {
        let pairs: Vec<String> = self.points.iter().map(|(x, y)| format!("{x} {y}")).collect();
        pairs.join(" ")
    }

    fn notes_data(&self) -> Option<String> {
        (!self.notes.is_empty()).then(|| serde_json::to_string(&self.notes).unwrap_or_default())
    }
}

/// Draws curves.
pub(super) fn draw(view: &View, chart: &Lines) -> Markup {
    let mut number = 0;
    let mut ready = Vec::new();
    for curve in &chart.curves {
        ready.extend(Ready::new(curve, number));
        number += usize::from(!curve.dashed);
    }
    let more = ready.len().saturating_sub(MOST_CURVES);
    ready.truncate(MOST_CURVES);
    if ready.iter().all(|one| one.curve.dashed) {
        return empty(view, &chart.id, &chart.title);
    }
    let left_out = (more > 0).then(|| format!("{} {more}", view.t("Curves that are not shown:", "未显示的曲线：")));
    let drawn = Drawn {
        kind: "lines",
        svg: svg(view, chart, &ready),
        legend: legend(ready.iter().map(|one| Entry {
            name: &one.curve.name,
            class: one.class.clone(),
            swatch: html! { line.line x1="1" x2="27" y1="6" y2="6" {} },
        })),
        table: data_table(view, chart, &ready),
        left_out,
        is_wide: false,
    };
    figure(view, &chart.id, &chart.title, &drawn)
}

fn span(axis: &Axis, values: impl Iterator<Item = f64>, to_ticks: bool) -> Span {
    axis.range.and_then(Span::given).unwrap_or_else(|| {
        let span = Span::of(values);
        if to_ticks { span.to_ticks(5) } else { span }
    })
}

fn svg(view: &View, chart: &Lines, ready: &[Ready<'_>]) -> Markup {
    let points = || ready.iter().flat_map(|one| one.points.iter());
    let (across, up) = (span(&chart.x, points().map(|p| p.0), false), span(&chart.y, points().map(|p| p.1), true));
    let (x_labels, y_labels) = (labelled(across, 6), labelled(up, 5));
    let plot = Plot { left: room(&y_labels), right: WIDTH - RIGHT, top: TOP, bottom: HEIGHT - BOTTOM };
    let (x, y) = (plot.across(across), plot.up(up));
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(said(view, chart, ready))
            data-x={ (across.low) " " (across.high) } data-y={ (up.low) " " (up.high) }
            data-plot={ (px(plot.left)) " " (px(plot.right)) " " (px(plot.top)) " " (px(plot.bottom)) }
            data-names={ (chart.x.label) "\n" (chart.y.label) } {
            (rows(&plot, &y, &y_labels, &chart.y.label))
            (columns(&plot, &x, &x_labels, &chart.x.label))
            // A drawing of its own: what is zoomed in does not go beyond it.
            svg.plot x=(px(plot.left - EDGE)) y=(px(plot.top - EDGE))
                width=(px(plot.right - plot.left + 2.0 * EDGE)) height=(px(plot.bottom - plot.top + 2.0 * EDGE))
                viewBox={ (px(plot.left - EDGE)) " " (px(plot.top - EDGE)) " "
                    (px(plot.right - plot.left + 2.0 * EDGE)) " " (px(plot.bottom - plot.top + 2.0 * EDGE)) } {
                @for (at, one) in ready.iter().enumerate() { (curve(one, at, &x, &y)) }
                @for (at, mark) in chart.marks.iter().enumerate() {
                    (marked(mark, at as f64 * MARK_LINE, &x, &y, &plot))
                }
            }
        }
    }
}

fn path(points: &[(f64, f64)], x: &Scale, y: &Scale) -> String {
    let places: Vec<String> = points.iter().map(|(a, b)| format!("{} {}", px(x.at(*a)), px(y.at(*b)))).collect();
    format!("M{}", places.join("L"))
}

fn curve(one: &Ready<'_>, at: usize, x: &Scale, y: &Scale) -> Markup {
    let line = path(&one.points, x, y);
    let ends = one.points.first().zip(one.points.last());
    let floor = y.at(y.span.low.max(0.0).min(y.span.high));
    let area = ends
        .filter(|_| one.curve.filled)
        .map(|(first, last)| format!("{line}L{} {}L{} {}Z", px(x.at(last.0)), px(floor), px(x.at(first.0)), px(floor)));
    html! {
        g.curve.(one.class) data-part=(at) data-name=(one.curve.name) data-points=(one.data())
            data-notes=[one.notes_data()] {
            title { (one.curve.name) }
            @if let Some(area) = area { path.area d=(area) {} }
            path.line d=(line) {}
            @if one.points.len() <= FEW && !one.curve.dashed {
                @for (a, b) in &one.points { circle.dot cx=(px(x.at(*a))) cy=(px(y.at(*b))) r="2.6" {} }
            }
        }
    }
}

/// A mark; its words stand lower than its middle, so that those of several do not cover each other.
fn marked(mark: &Mark, lower: f64, x: &Scale, y: &Scale, plot: &Plot) -> Markup {
    let ((a, b), (c, d)) = (mark.from, mark.to);
    if ![a, b, c, d].into_iter().all(is_drawable) {
        return html! {};
    }
    let (from, to) = ((x.at(a), y.at(b)), (x.at(c), y.at(d)));
    let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
    // Words stand where there is more room.
    let is_left = middle.0 < (plot.left + plot.right) / 2.0;
    let (anchor, aside) = if is_left { ("start", 7.0) } else { ("end", -7.0) };
    html! {
        g.mark data-from={ (a) " " (b) } data-to={ (c) " " (d) } {
            title { (mark.words) }
            line x1=(px(from.0)) y1=(px(from.1)) x2=(px(to.0)) y2=(px(to.1)) {}
            text x=(px(middle.0 + aside)) y=(px(middle.1 + 4.0 + lower)) text-anchor=(anchor) { (mark.words) }
        }
    }
}

/// What one sees, for who does not.
fn said(view: &View, chart: &Lines, ready: &[Ready<'_>]) -> String {
    let said = |one: &Ready<'_>| {
        let y = |at: Option<&(f64, f64)>| at.map_or_else(String::new, |point| number(point.1));
        let heights = one.points.iter().map(|point| point.1);
        let (least, greatest) = heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), h| (a.min(h), b.max(h)));
        format!(
            "{}: {} → {}, {} {}, {} {}",
            one.curve.name,
            y(one.points.first()),
            y(one.points.last()),
            view.t("least", "最小"),
            number(least),
            view.t("greatest", "最大"),
            number(greatest)
        )
    };
    let curves = ready.iter().filter(|one| !one.curve.dashed).take(MOST_SAID).map(said);
    let marks = chart.marks.iter().take(MOST_SAID).map(|mark| mark.words.clone());
    let parts: Vec<String> = std::iter::once(chart.title.clone()).chain(curves).chain(marks).collect();
    parts.join("; ")
}

/// Curves over the same numbers, of which the same is said.
fn are_alike(a: &Curve, b: &Curve) -> bool {
    let have_same_x = || a.points.iter().zip(&b.points).all(|(p, q)| p.0 == q.0);
    a.points.len() == b.points.len() && a.notes == b.notes && have_same_x()
}

fn note(curve: &Curve, at: usize) -> String {
    curve.notes.get(at).cloned().unwrap_or_default()
}

/// One column a curve where all are over the same numbers, else one row a point.
fn data_table(view: &View, chart: &Lines, ready: &[Ready<'_>]) -> Markup {
    let curves: Vec<&Curve> = ready.iter().map(|one| one.curve).filter(|curve| !curve.dashed).collect();
    let x_name = if chart.x.label.is_empty() { "x".to_owned() } else { chart.x.label.clone() };
    let y_name = if chart.y.label.is_empty() { "y".to_owned() } else { chart.y.label.clone() };
    let note_name = view.t("Note", "说明").to_owned();
    let has_notes = curves.iter().any(|curve| !curve.notes.is_empty());
    match curves.split_first() {
        Some((first, others)) if others.iter().all(|other| are_alike(first, other)) => {
            let names = curves.iter().map(|curve| curve.name.clone());
            let names = std::iter::once(x_name).chain(names);
            let head: Vec<String> = names.chain(has_notes.then_some(note_name)).collect();
            let rows = (0..first.points.len()).map(|at| {
                let values = curves.iter().map(|curve| number(curve.points[at].1));
                let notes = has_notes.then(|| note(first, at));
                std::iter::once(number(first.points[at].0)).chain(values).chain(notes).collect()
            });
            table(view, &chart.title, &head, rows)
        }
        _ => {
            let head = [view.t("Curve", "曲线").to_owned(), x_name, y_name];
            let head: Vec<String> = head.into_iter().chain(has_notes.then_some(note_name)).collect();
            let rows = curves.iter().flat_map(|curve| {
                curve.points.iter().enumerate().map(move |(at, (x, y))| {
                    let row = [curve.name.clone(), number(*x), number(*y)];
                    row.into_iter().chain(has_notes.then(|| note(curve, at))).collect()
                })
            });
            table(view, &chart.title, &head, rows)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Lines {
        let loss = Curve { name: "<loss>".into(), points, ..Curve::default() };
        Lines { id: "a b".into(), title: "Loss".into(), curves: vec![loss], ..Lines::default() }
    }

    #[test]
    fn a_curve_has_axes_a_legend_and_a_table() {
        let mut chart = chart((0..5).map(|at| (f64::from(at), 0.5 / f64::from(at + 1))).collect());
        let chance = vec![(0.0, 0.1), (4.0, 0.1)];
        chart.curves.push(Curve { name: "chance".into(), points: chance, dashed: true, ..Curve::default() });
        chart.marks.push(Mark { from: (1.0, 0.1), to: (1.0, 0.25), words: "gap 0.15".into() });
        let shown = draw(&View::default(), &chart).into_string();
        for part in [
            "id=\"a-b\"",
            "role=\"img\"",
            "Loss; &lt;loss&gt;: 0.5 → 0.1, least 0.1, greatest 0.5; gap 0.15",
            "class=\"curve c1 l1\"",
            "class=\"curve guide\"",
            "data-points=\"0 0.5 1 0.25 ",
            "<th scope=\"row\">4</th><td class=\"num\">0.1</td>",
        ] {
            assert!(shown.contains(part), "{part} is not in {shown}");
        }
        assert!(!shown.contains("<loss>") && !shown.contains("style="), "{shown}");
        assert_eq!(shown, draw(&View::default(), &chart).into_string(), "drawn in the same way each time");
    }

    #[test]
    fn odd_numbers_are_left_out() {
        let odd = vec![(0.0, f64::NAN), (1.0, f64::INFINITY), (f64::NAN, 1.0), (2.0, 0.25), (3.0, 1e300)];
        let shown = draw(&View::default(), &chart(odd)).into_string();
        assert!(shown.contains("data-points=\"2 0.25\"") && shown.contains("class=\"dot\""), "{shown}");
        for points in [vec![], vec![(f64::NAN, 1.0)]] {
            let shown = draw(&View::default(), &chart(points)).into_string();
            assert!(shown.contains("no values") && !shown.contains("<svg"), "{shown}");
        }
        for points in [vec![(1.0, 7.0)], vec![(0.0, 3.0), (1.0, 3.0)], vec![(5.0, -1e-320), (5.0, 1e199)]] {
            let shown = draw(&View::default(), &chart(points.clone())).into_string();
            let drawn = shown.split("<details").next().unwrap_or_default();
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{points:?}: {drawn}");
        }
    }

    #[test]
    fn curves_over_other_numbers_have_rows_of_their_own() {
        let mut chart = chart(vec![(0.0, 1.0), (1.0, 0.5)]);
        chart.curves.push(Curve {
            name: "other".into(),
            points: vec![(0.5, 0.75)],
            notes: vec!["threshold 0.3".into()],
            ..Curve::default()
        });
        let shown = draw(&View::default(), &chart).into_string();
        let row = "<th scope=\"row\">other</th><td class=\"num\">0.5</td><td class=\"num\">0.75</td>\
                   <td class=\"num\">threshold 0.3</td>";
        assert!(shown.contains(row), "{shown}");
        assert!(shown.contains("data-notes=\"[&quot;threshold 0.3&quot;]\""), "{shown}");
    }

    #[test]
    fn long_curves_are_thinned_and_their_tables_cut() {
        let shown = draw(&View::default(), &chart((0..5_000).map(|at| (f64::from(at), 1.0)).collect())).into_string();
        let points = shown.split("data-points=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        assert!((700..=800).contains(&points.split(' ').count()), "{}", points.split(' ').count());
        assert!(shown.contains("not shown: 4500"));
    }
}
