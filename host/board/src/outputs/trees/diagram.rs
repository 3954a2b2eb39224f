//! A tree as a drawing, and as a table for who does not see it. Not for: where its nodes stand (`layout`).

use maud::{Markup, html};

use super::layout::{Drawn, Placed, place};
use super::model::{Kind, Node};
use crate::format;
use crate::grid::{Cell, Column, Grid, Row};
use crate::outputs::Outputs;
use crate::parts::scrolling;
use crate::view::View;

/// From leaf to leaf, and from depth to depth.
const STEP: (f64, f64) = (168.0, 112.0);
/// A node.
const BOX: (f64, f64) = (152.0, 62.0);
/// Around all nodes.
const EDGE: f64 = 14.0;

/// A tree.
pub fn show(view: &View, outputs: &Outputs<'_>, nodes: &[Node], title: &str) -> Markup {
    let drawn = place(nodes);
    let cut = drawn.nodes.iter().any(|one| one.is_cut);
    html! {
        figure.tree-figure {
            figcaption { (title) }
            (scrolling(title, svg(view, nodes, &drawn, title)))
        }
        p.hint {
            (view.t("Yes leads to the left, no to the right.", "“是”向左，“否”向右。"))
            @if cut {
                " " (view.t(
                    "The tree is too large to be drawn whole; the table has all of it.",
                    "树过大，未完整绘出；完整内容见表格。",
                ))
            }
        }
        details.data {
            summary { (view.t("Nodes as a table", "以表格查看节点")) }
            (table(view, nodes).show(view, outputs))
        }
    }
}

fn svg(view: &View, nodes: &[Node], drawn: &Drawn, title: &str) -> Markup {
    let width = drawn.width.max(1) as f64 * STEP.0 - (STEP.0 - BOX.0) + 2.0 * EDGE;
    let height = drawn.depth.max(1) as f64 * STEP.1 - (STEP.1 - BOX.1) + 2.0 * EDGE;
    let says = format!("{title}: {} {}", nodes.len(), view.t("nodes", "个节点"));
    html! {
        svg.tree-drawing viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img"
            aria-label=(says) {
            @for one in &drawn.nodes {
                @if let Some((above, is_left)) = one.above {
                    (edge(view, nodes, &drawn.nodes[above], one, is_left))
                }
            }
            @for one in &drawn.nodes { (node(view, &nodes[one.node], one)) }
        }
    }
}

/// Middle of a node's upper side.
fn top(one: &Placed) -> (f64, f64) {
    (EDGE + one.x * STEP.0 + BOX.0 / 2.0, EDGE + one.depth as f64 * STEP.1)
}

fn edge(view: &View, nodes: &[Node], above: &Placed, below: &Placed, is_left: bool) -> Markup {
    let ((from_x, from_y), (to_x, to_y)) = (top(above), top(below));
    let from_y = from_y + BOX.1;
    let middle = (from_y + to_y) / 2.0;
    let path = format!("M{from_x} {from_y}C{from_x} {middle} {to_x} {middle} {to_x} {to_y}");
    let missing = match &nodes[above.node].kind {
        Kind::Split { missing_left: Some(missing_left), .. } if *missing_left == is_left => {
            view.t(", missing", "，缺失")
        }
        _ => "",
    };
    let word = if is_left { view.t("yes", "是") } else { view.t("no", "否") };
    html! {
        path.tree-edge d=(path) {}
        text.tree-edge-word x=((from_x + to_x) / 2.0) y=(middle + 4.0) text-anchor="middle" { (word) (missing) }
    }
}

fn node(view: &View, node: &Node, one: &Placed) -> Markup {
    let (middle, y) = top(one);
    let x = middle - BOX.0 / 2.0;
    let words = node.words(view);
    let (class, below) = match &node.kind {
        Kind::Leaf(weights) if weights.is_empty() => ("leaf", String::new()),
        Kind::Leaf(_) => ("leaf", view.t("weight", "权重").to_owned()),
        Kind::Foreign => ("foreign", view.t("known to that party only", "仅该方可见").to_owned()),
        Kind::Split { .. } => ("own", node.owner.replace(':', " ")),
    };
    let cut = if one.is_cut { " …" } else { "" };
    html! {
        g class={ "tree-node " (class) } {
            title { "#" (node.id) " " (words) " " (node.owner) }
            rect x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx=(if class == "leaf" { "26" } else { "8" }) {}
            text.tree-id x=(middle) y=(y + 17.0) text-anchor="middle" { "#" (node.id) (cut) }
            text.tree-words x=(middle) y=(y + 35.0) text-anchor="middle" { (short(&words, 21)) }
            text.tree-owner x=(middle) y=(y + 52.0) text-anchor="middle" { (short(&below, 28)) }
        }
    }
}

/// A text of at most so many letters: its beginning and its end, where the value stands.
fn short(text: &str, most: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= most {
        return text.to_owned();
    }
    let (front, back) = (most.saturating_sub(13), 12);
    all[..front].iter().chain(&['…']).chain(&all[all.len() - back..]).collect()
}

fn table<'g>(view: &'g View, nodes: &[Node]) -> Grid<'g> {
    let columns = vec![
        Column::text(view.t("Node", "节点")),
        Column::text(view.t("Kind", "类型")),
        Column::text(view.t("Rule or weight", "规则或权重")),
        Column::text(view.t("Yes leads to", "“是”去向")),
        Column::text(view.t("No leads to", "“否”去向")),
        Column::text(view.t("Missing values go", "缺失值去向")),
        Column::text(view.t("Owner", "所属方")),
    ];
    let row = |node: &Node| {
        let kind = match &node.kind {
            Kind::Leaf(_) => view.t("leaf", "叶"),
            Kind::Split { .. } => view.t("own split", "本方分裂"),
            Kind::Foreign => view.t("split of another party", "他方分裂"),
        };
        let missing = match &node.kind {
            Kind::Split { missing_left: Some(true), .. } => view.t("left", "左"),
            Kind::Split { missing_left: Some(false), .. } => view.t("right", "右"),
            _ => "",
        };
        let to = |id: Option<u64>| Cell::text(id.map(|id| format!("#{id}")).unwrap_or_default());
        let rule = match &node.kind {
            Kind::Leaf(weights) => weights.iter().map(|weight| format::number(*weight)).collect::<Vec<_>>().join(", "),
            _ => node.words(view),
        };
        Row::from(vec![
            Cell::text(format!("#{}", node.id)),
            Cell::text(kind),
            Cell::text(rule),
            to(node.below.map(|(left, _)| left)),
            to(node.below.map(|(_, right)| right)),
            Cell::text(missing),
            Cell::text(node.owner.replace(':', " ")),
        ])
    };
    let rows = nodes.iter().map(row).collect();
    Grid { name: "nodes", label: view.t("Nodes", "节点"), columns, rows, ..Grid::default() }
}
