//! Choosing a tree: by label, by number, by size. Not for: drawing it.

use maud::{Markup, html};

use super::diagram;
use super::model::Forest;
use crate::chart::{self, Axis, Curve, Lines};
use crate::grid;
use crate::outputs::Outputs;
use crate::view::View;

/// Trees with a link each.
const NEAR: usize = 120;

/// The trees, and the one that is chosen.
pub fn show(view: &View, outputs: &Outputs<'_>, forest: &Forest<'_>) -> Markup {
    if forest.trees().is_empty() {
        return html! {};
    }
    let classes: Vec<String> = (0..forest.dimension).map(|at| class_name(forest, at)).collect();
    let class = classes.iter().position(|name| outputs.chosen("class") == Some(name.as_str())).unwrap_or_default();
    let sizes = forest.sizes(class);
    let last = sizes.len().saturating_sub(1);
    let asked = outputs.chosen("tree").and_then(|tree| tree.trim().parse::<usize>().ok());
    let tree = asked.unwrap_or_default().min(last);
    let words: Vec<&str> = classes.iter().map(String::as_str).collect();
    html! {
        section.card #tree {
            h2 { (view.t("Trees", "树")) }
            div.row.choices {
                @if forest.dimension > 1 { (outputs.choice(view, "class", view.t("Label", "标签"), &words)) }
                (number(view, outputs, tree, last))
                @if tree > 0 {
                    a.button.small href=(to(outputs, tree - 1)) { "‹ " (view.t("tree before", "上一棵")) }
                }
                @if tree < last {
                    a.button.small href=(to(outputs, tree + 1)) { (view.t("tree after", "下一棵")) " ›" }
                }
            }
            (strip(view, outputs, &sizes, tree))
            (the_tree(view, outputs, forest, class, tree))
        }
        @if sizes.len() > 2 { section.card { h2 { (view.t("Size of the trees", "树的大小")) } (curve(view, &sizes)) } }
    }
}

fn class_name(forest: &Forest<'_>, at: usize) -> String {
    forest.classes.get(at).map_or_else(|| at.to_string(), |class| format!("{at}: {class}"))
}

fn to(outputs: &Outputs<'_>, tree: usize) -> String {
    grid::url(outputs, &[("tree", tree.to_string().as_str()), ("nodes.page", "")], "tree")
}

/// A form for the number of a tree.
fn number(view: &View, outputs: &Outputs<'_>, tree: usize, last: usize) -> Markup {
    html! {
        form.choice method="get" action={ (outputs.path) "#tree" } {
            @for (name, value) in outputs.chosen.iter().filter(|(name, _)| name != "tree" && name != "nodes.page") {
                input type="hidden" name=(name) value=(value);
            }
            label { (view.t("Tree", "树")) " "
                input type="number" name="tree" min="0" max=(last) value=(tree);
            }
            button.small { (view.t("Show", "显示")) }
        }
    }
}

/// Links to the trees near by, the darker the larger.
fn strip(view: &View, outputs: &Outputs<'_>, sizes: &[usize], tree: usize) -> Markup {
    let from = tree.saturating_sub(NEAR / 2).min(sizes.len().saturating_sub(NEAR));
    let greatest = sizes.iter().copied().max().unwrap_or(1).max(1);
    let shade = |size: usize| (size * 4).div_ceil(greatest).min(4);
    html! {
        nav.tree-strip aria-label=(view.t("Trees; the darker, the larger", "树；颜色越深越大")) {
            @for (at, size) in sizes.iter().enumerate().skip(from).take(NEAR) {
                a class={ "shade-" (shade(*size)) } href=(to(outputs, at)) aria-current=[(at == tree).then_some("true")]
                    title={ (view.t("tree", "树")) " " (at) ": " (size) " " (view.t("nodes", "个节点")) } { (at) }
            }
        }
    }
}

fn the_tree(view: &View, outputs: &Outputs<'_>, forest: &Forest<'_>, class: usize, tree: usize) -> Markup {
    let nodes = forest.nodes(class, tree);
    let owner = forest.grown_by(tree);
    let title = format!("{} {tree}", view.t("Tree", "树"));
    html! {
        @if let Some(owner) = owner {
            p.hint { (view.t("This tree is grown on the features of party ", "本树使用的特征所属方：")) (owner) "." }
        }
        @if nodes.is_empty() {
            p.nothing { (view.t(
                "This tree belongs to another party; its nodes are not known here.",
                "本树属于其他参与方，此处不可见。",
            )) }
        } @else { (diagram::show(view, outputs, &nodes, &title)) }
    }
}

fn curve(view: &View, sizes: &[usize]) -> Markup {
    let points = sizes.iter().enumerate().map(|(at, size)| (at as f64, *size as f64)).collect();
    let name = view.t("nodes", "节点数");
    let chart = Lines {
        id: "tree-sizes".into(),
        title: view.t("Nodes of each tree", "每棵树的节点数").into(),
        x: Axis { label: view.t("tree", "树").into(), range: None },
        y: Axis { label: name.into(), range: None },
        curves: vec![Curve { name: name.into(), points, ..Curve::default() }],
        marks: Vec::new(),
    };
    chart::lines(view, &chart)
}
