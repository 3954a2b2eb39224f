//! The transformer of trees into features: which leaf became which column. Not for: the trees themselves.

use maud::{Markup, html};

use crate::grid::{Cell, Column, Grid, Row};
use crate::outputs::{Outputs, first_with, json};
use crate::view::View;

/// What a transformer put out.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let series = outputs.metrics.iter().find(|series| series.extra.contains_key("feat_name"))?;
    let names = json::texts(series.extra.get("feat_name")?);
    let leaves = series.extra.get("index").map(json::texts).unwrap_or_default();
    let mut trees: Vec<&str> = names.iter().map(|name| tree_of(name)).collect();
    trees.dedup();
    let chosen = outputs.chosen("tree").filter(|tree| trees.contains(tree)).or(trees.first().copied())?;
    let row =
        |(name, leaf): (&String, &String)| Row::from(vec![Cell::text(format!("#{leaf}")), Cell::text(name.as_str())]);
    let of_tree = names.iter().zip(&leaves).filter(|(name, _)| tree_of(name) == chosen);
    let columns = vec![Column::text(view.t("Leaf", "叶节点")), Column::text(view.t("New column", "新列"))];
    let rows: Vec<Row> = of_tree.map(row).collect();
    let label = view.t("Leaves and their columns", "叶节点与对应的列");
    let grid = Grid { name: "leaves", label, columns, rows, ..Grid::default() };
    Some(html! {
        section.card {
            h2 { (label) }
            p.hint {
                (names.len()) " " (view.t("columns from", "列，来自")) " "
                (trees.len()) " " (view.t("trees", "棵树"))
            }
            @if trees.len() > 1 { (outputs.choice(view, "tree", view.t("Tree", "树"), &first_with(&trees, chosen))) }
            (grid.show(view, outputs))
        }
    })
}

/// The tree in the name of a column, `sbt_3_7`: the last but one of its parts.
fn tree_of(name: &str) -> &str {
    let mut parts = name.rsplit('_');
    parts.next();
    parts.next().unwrap_or_default()
}
