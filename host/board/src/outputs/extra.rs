//! What stands beside the points of a series, in shapes that nobody has promised: lists of the same length are a table,
//! single values are facts, the rest is a tree. Not for: types that are known.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{json, pairs, tree};
use crate::format::count;
use crate::parts::{facts, scrolling};
use crate::view::View;

/// Rows of a table at most.
const MOST_ROWS: usize = 500;
/// What says how to draw, and nothing of its own.
const DRAWING: [&str; 9] = [
    "unit_name",
    "curve_name",
    "ordinate_name",
    "pair_type",
    "thresholds",
    "abscissa_name",
    "best",
    "name",
    "metric_type",
];

/// Everything that is said beside points; none when nothing is.
pub(crate) fn show(view: &View, extra: &Map<String, Value>) -> Option<Markup> {
    let told: Map<String, Value> =
        extra.iter().filter(|(key, _)| !DRAWING.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    let single: Vec<(String, Markup)> = told
        .iter()
        .filter(|(_, value)| !value.is_array() && !value.is_object() && !json::text(value).is_empty())
        .map(|(key, value)| (pairs::label(view, key), html! { (json::text(value)) }))
        .collect();
    let table = table(view, &told);
    let rest = rest(&told, table.is_some());
    let is_there = !single.is_empty() || table.is_some() || !rest.is_empty();
    is_there.then(|| {
        html! {
            @if !single.is_empty() { (facts(single.iter().map(|(name, value)| (name.as_str(), value.clone())))) }
            @if let Some(table) = &table { (table) }
            @if !rest.is_empty() { (tree::show(view, &Value::Object(rest))) }
        }
    })
}

/// What is neither single nor in the table.
fn rest(told: &Map<String, Value>, has_table: bool) -> Map<String, Value> {
    let rows = rows(told);
    let in_table = |value: &Value| has_table && json::list(value).len() == rows && value.is_array();
    let kept = told.iter().filter(|(_, value)| (value.is_array() || value.is_object()) && !in_table(value));
    kept.filter(|(_, value)| json::list(value).len() + json::entries(value).len() > 0)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// How long most lists are.
fn rows(told: &Map<String, Value>) -> usize {
    told.values().map(|value| json::list(value).len()).max().unwrap_or(0)
}

/// Lists of the same length beside each other; none when there are none.
pub(crate) fn table(view: &View, told: &Map<String, Value>) -> Option<Markup> {
    let rows = rows(told);
    let columns: Vec<(&String, &[Value])> = told
        .iter()
        .map(|(name, value)| (name, json::list(value)))
        .filter(|(_, values)| values.len() == rows && rows > 0)
        .take(40)
        .collect();
    let is_number = |values: &[Value]| values.iter().all(Value::is_number);
    (!columns.is_empty()).then(|| {
        html! {
            (scrolling(view.t("Values", "数值"), html! {
                table {
                    thead { tr { @for (name, values) in &columns {
                        th scope="col" class=[is_number(values).then_some("num")] { (pairs::label(view, name)) }
                    } } }
                    tbody {
                        @for row in 0..rows.min(MOST_ROWS) {
                            tr { @for (_, values) in &columns {
                                td class=[is_number(values).then_some("num")] {
                                    (values.get(row).map(json::text).unwrap_or_default())
                                }
                            } }
                        }
                    }
                }
            }))
            @if rows > MOST_ROWS {
                p.hint {
                    (view.t("Rows that are not shown: ", "未显示的行数：")) (count((rows - MOST_ROWS) as u64))
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(extra: Value) -> Option<String> {
        show(&View::default(), extra.as_object()?).map(Markup::into_string)
    }

    #[test]
    fn lists_are_columns_and_the_rest_is_said() {
        let all = json!({"unit_name": "x", "radius": [0.5, 1.5], "near": ["<b>", 2], "k": 3, "deep": {"a": {"b": 7}}});
        let shown = shown(all).unwrap();
        assert!(shown.contains("&lt;b&gt;") && shown.contains("1.5") && shown.contains("radius"), "{shown}");
        assert!(shown.contains("<dd>3</dd>") && shown.contains('7') && !shown.contains("unit"), "{shown}");
    }

    #[test]
    fn nothing_is_nothing() {
        for nothing in [json!({}), json!({"curve_name": "loss", "thresholds": [1]}), json!({"a": null, "b": []})] {
            assert_eq!(shown(nothing), None);
        }
    }
}
