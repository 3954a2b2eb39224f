//! The graph of a job as SVG: boxes with the states of the components, and what goes between them. All of it is seen
//! without script, which adds panning and zooming. Not for: where boxes go (`shape`), the same as a table (`tasks`).

use maud::{Markup, html};
use parcae_domain::status::Status;
use parcae_node::view::TaskView;

use super::{
    Scene,
    dsl::{Component, Kind},
    percent,
    shape::{Shape, Sizes, shape},
};
use crate::format;
use crate::parts::{task_path, task_url, task_word};

/// Height of a box.
const HEIGHT: f64 = 66.0;
/// The bar at its left.
const STRIP: &str = "M9 0.5H7Q0.5 0.5 0.5 8V58Q0.5 65.5 7 65.5H9z";
/// Width of a letter of a name, on the whole.
const LETTER: f64 = 8.5;
/// Left of the texts in a box.
const INDENT: f64 = 38.0;
/// Least and greatest width of a box.
const WIDTHS: (f64, f64) = (172.0, 268.0);
/// How far lines of other kinds than data are from the middle of a box.
const ASIDE: f64 = 26.0;
/// Most lines that are drawn.
const MOST_LINES: usize = 4_000;

/// A line from one component to another one.
struct Line {
    from: usize,
    to: usize,
    kind: Kind,
    outputs: Vec<String>,
}

/// The graph in a box of its own.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    if scene.components.is_empty() {
        return html! {};
    }
    let lines = lines(&scene.components);
    let longest = scene.components.iter().map(|component| component.name.chars().count()).max().unwrap_or(0);
    let width = (INDENT + 14.0 + longest as f64 * LETTER).clamp(WIDTHS.0, WIDTHS.1).round();
    let sizes = Sizes { width, height: HEIGHT, beside: 30.0, below: 46.0, margin: 12.0 };
    let edges: Vec<(usize, usize)> = lines.iter().map(|line| (line.from, line.to)).collect();
    let shape = shape(scene.components.len(), &edges, &sizes);
    let label = scene.t("Graph of the components; the table of tasks has the same", "组件关系图；任务表含有相同信息");
    html! {
        section.card #job-graph data-live aria-labelledby="graph-title" {
            div.row.apart {
                h2 #graph-title { (scene.t("Graph", "组件图")) }
                (buttons(scene))
            }
            div.dag #graph tabindex="0" role="region" aria-label=(label) data-graph {
                svg width=(shape.width) height=(shape.height) viewBox={ "0 0 " (shape.width) " " (shape.height) }
                    role="group" aria-label=(label) {
                    @for (line, way) in lines.iter().zip(&shape.ways) { (edge(scene, line, way)) }
                    @for (place, component) in scene.components.iter().enumerate() {
                        (node(scene, component, shape.corners.get(place).copied().unwrap_or_default(), width))
                    }
                }
            }
            (legend(scene, &lines, &shape))
        }
    }
}

/// What script does to the picture.
fn buttons(scene: &Scene<'_>) -> Markup {
    let button = |act: &str, sign: &str, words: &str| {
        // A sign needs a name, a word is one.
        let label = Some(words).filter(|_| !sign.contains(char::is_alphabetic));
        html! {
            button.small type="button" id={ "zoom-" (act) } data-zoom=(act) aria-label=[label] title=(words) { (sign) }
        }
    };
    html! {
        div.row.dag-buttons {
            (button("out", "−", scene.t("Smaller", "缩小")))
            (button("in", "+", scene.t("Larger", "放大")))
            (button("fit", scene.t("Fit", "适应"), scene.t("Show all of it", "显示全部")))
        }
    }
}

/// One line for all that goes from one component to another and is of a kind.
fn lines(components: &[Component<'_>]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (to, component) in components.iter().enumerate() {
        let first = lines.len();
        for input in &component.inputs {
            let is_known = |line: &Line| line.from == input.from && line.kind == input.kind;
            let known = lines.get(first..).and_then(|own| own.iter().position(is_known));
            match known {
                Some(at) => lines[first + at].outputs.push(input.output.to_owned()),
                None if lines.len() < MOST_LINES => {
                    let outputs = vec![input.output.to_owned()];
                    lines.push(Line { from: input.from, to, kind: input.kind, outputs });
                }
                None => {}
            }
        }
    }
    lines
}

fn edge(scene: &Scene<'_>, line: &Line, way: &[(f64, f64)]) -> Markup {
    let aside = match line.kind {
        Kind::Data => 0.0,
        Kind::Model => ASIDE,
        Kind::Cache => -ASIDE,
    };
    let name = |place: usize| scene.components.get(place).map(|component| component.name).unwrap_or_default();
    let (from, to) = (name(line.from), name(line.to));
    let (path, tip) = curve(way, aside);
    html! {
        g class={ "edge " (line.kind.as_str()) } data-from=(from) data-to=(to) {
            title { (from) " → " (to) ": " (kind_word(scene, line.kind)) " (" (line.outputs.join(", ")) ")" }
            path.line d=(path) {}
            path.tip d=(tip) {}
        }
    }
}

/// A way as the path of a line and of its tip, that many units to the right at both ends.
fn curve(way: &[(f64, f64)], aside: f64) -> (String, String) {
    let mut path = String::new();
    let Some((&(x, y), rest)) = way.split_first() else { return (path.clone(), path) };
    let last = rest.len().saturating_sub(1);
    let (mut x, mut y) = (x + aside, y);
    path.push_str(&format!("M{x} {y}"));
    for (step, &(next_x, next_y)) in rest.iter().enumerate() {
        let (next_x, next_y) = if step == last { (next_x + aside, next_y - 5.0) } else { (next_x, next_y) };
        let half = (next_y - y) / 2.0;
        if step % 2 == 0 {
            path.push_str(&format!("C{x} {} {next_x} {} {next_x} {next_y}", y + half, next_y - half));
        } else {
            path.push_str(&format!("L{next_x} {next_y}"));
        }
        (x, y) = (next_x, next_y);
    }
    let tip = format!("M{} {}L{} {}L{x} {}z", x - 4.0, y - 3.0, x + 4.0, y - 3.0, y + 5.0);
    (path, tip)
}

fn node(scene: &Scene<'_>, component: &Component<'_>, corner: (f64, f64), width: f64) -> Markup {
    let task = scene.anywhere(component.name);
    let is_here = scene.here(component.name).is_some();
    let status = task.map_or(Status::Waiting, |task| task.party_status);
    let party = task.map_or(scene.party(), |task| task.party);
    let module = task.map_or(component.module, |task| task.module.as_str());
    let words = task_word(scene.view, status, scene.has_ended());
    let elsewhere = scene.t("not at this party", "不在本方运行");
    let state = if is_here { words } else { elsewhere };
    let label = format!("{}, {module}, {state}", component.name);
    let running = task.filter(|task| is_here && task.party_status == Status::Running);
    let letters = ((width - INDENT - 10.0) / LETTER) as usize;
    let class = format!("node {}{}", status.as_str(), if is_here { "" } else { " elsewhere" });
    html! {
        a class=(class) href=(task_url(scene.id(), party, component.name)) data-node=(component.name) transform={ "translate(" (corner.0) " " (corner.1) ")" } {
            title { (label) }
            rect.box width=(width) height=(HEIGHT) rx="9" {}
            path.strip d=(STRIP) {}
            path.sign d=(task_path(status, scene.has_ended())) transform="translate(16 11)" {}
            text.name x=(INDENT) y="24" { (shortened(component.name, letters)) }
            text.module x=(INDENT) y="40" { (shortened(module, letters + 2)) }
            text.state x=(INDENT) y="56" {
                (state)
                @if let Some(task) = task.filter(|_| is_here) { (time(scene, task)) }
            }
            @if let Some(percent) = running.and_then(percent) {
                rect.track x=(INDENT) y=(HEIGHT - 6.0) width=(width - INDENT - 12.0) height="3" rx="1.5" {}
                rect.done x=(INDENT) y=(HEIGHT - 6.0) height="3" rx="1.5"
                    width=((width - INDENT - 12.0) * f64::from(percent) / 100.0) {}
            }
        }
    }
}

/// How long a task took, or a clock that runs.
fn time(scene: &Scene<'_>, task: &TaskView) -> Markup {
    match (task.start_ms, task.end_ms) {
        (Some(start), Some(end)) => html! { " · " (format::duration(end - start)) },
        (Some(start), None) => {
            html! { " · " tspan data-since=(start) { (format::duration(scene.page.now_ms - start)) } }
        }
        (None, _) => html! {},
    }
}

/// A name that fits: its middle is left out, for names differ at both ends.
fn shortened(name: &str, letters: usize) -> String {
    let count = name.chars().count();
    if count <= letters {
        return name.to_owned();
    }
    let (begin, end) = (letters.saturating_sub(1).div_ceil(2), letters.saturating_sub(1) / 2);
    let head: String = name.chars().take(begin).collect();
    let tail: String = name.chars().skip(count - end).collect();
    format!("{head}…{tail}")
}

fn kind_word(scene: &Scene<'_>, kind: Kind) -> &'static str {
    match kind {
        Kind::Data => scene.view.t("data", "数据"),
        Kind::Model => scene.view.t("model", "模型"),
        Kind::Cache => scene.view.t("cache", "缓存"),
    }
}

/// What the lines mean, of those that are there, and how to move about.
fn legend(scene: &Scene<'_>, lines: &[Line], shape: &Shape) -> Markup {
    let kinds = [Kind::Data, Kind::Model, Kind::Cache];
    let is_there = |kind: &Kind| lines.iter().any(|line| line.kind == *kind);
    html! {
        div.dag-legend.hint {
            @for kind in kinds.into_iter().filter(is_there) {
                span {
                    svg.dag-key width="34" height="10" viewBox="0 0 34 10" aria-hidden="true" {
                        g class={ "edge " (kind.as_str()) } { path.line d="M1 5H33" {} }
                    }
                    " " (kind_word(scene, kind))
                }
            }
            @if shape.width > 600.0 || shape.height > 400.0 {
                span.dag-help { (scene.t("Drag to move; Ctrl and wheel, or + and −, to zoom; 0 shows all.",
                    "拖动可移动；Ctrl 加滚轮或 + − 键可缩放；按 0 显示全部。")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::job::dsl::components;

    #[test]
    fn lines_of_a_kind_are_drawn_once() {
        let dsl = json!({"components": {
            "a": {"module": "A"},
            "b": {"module": "B", "input": {"data": {"train": ["a.x"], "test": ["a.y"]}, "model": ["a.m"]}}}});
        let made = lines(&components(&[], &dsl));
        let seen: Vec<_> = made.iter().map(|line| (line.from, line.to, line.kind, line.outputs.join(" "))).collect();
        assert_eq!(seen, [(0, 1, Kind::Data, "x y".to_owned()), (0, 1, Kind::Model, "m".to_owned())]);
    }

    #[test]
    fn names_keep_both_ends() {
        assert_eq!(shortened("hetero_lr_0", 11), "hetero_lr_0");
        assert_eq!(shortened("hetero_feature_binning_0", 11), "heter…ing_0");
        assert_eq!(shortened("abc", 0), "…");
    }

    #[test]
    fn a_way_becomes_a_curve_with_a_tip() {
        let (path, tip) = curve(&[(10.0, 0.0), (20.0, 25.0)], 0.0);
        assert_eq!(path, "M10 0C10 10 20 10 20 20");
        assert_eq!(tip, "M16 17L24 17L20 25z");
        assert_eq!(curve(&[], 0.0).0, "");
    }
}
