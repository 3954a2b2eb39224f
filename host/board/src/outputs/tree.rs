//! JSON in shapes that people read: single values as facts, objects alike as a table, everything else as a tree that
//! folds. Not for: JSON whose meaning is known, whole models.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{json, pairs};
use crate::format::count;
use crate::parts::{facts, scrolling};
use crate::view::View;

/// Objects within each other that are shown.
const DEEPEST: usize = 6;
/// Entries of an object or a list that are shown.
const MOST: usize = 200;
/// Columns of a table.
const MOST_COLUMNS: usize = 30;
/// Single values that are facts; more are a table.
const MOST_FACTS: usize = 24;
/// Letters of a text that are shown.
const MOST_LETTERS: usize = 400;

/// A value.
pub(crate) fn show(view: &View, value: &Value) -> Markup {
    level(view, value, 0)
}

fn is_single(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// A single value, or a short list of them, in words.
fn words(value: &Value) -> String {
    let text = match value {
        Value::Null => "–".to_owned(),
        Value::Array(items) => {
            let more = if items.len() > MOST { ", …" } else { "" };
            let texts: Vec<String> = items.iter().take(MOST).map(words).collect();
            format!("{}{more}", texts.join(", "))
        }
        other => json::text(other),
    };
    if text.chars().count() > MOST_LETTERS {
        return text.chars().take(MOST_LETTERS).chain(['…']).collect();
    }
    text
}

fn level(view: &View, value: &Value, depth: usize) -> Markup {
    match value {
        _ if depth >= DEEPEST => html! { code { (words(&Value::String(value.to_string()))) } },
        Value::Object(entries) => object(view, entries, depth),
        Value::Array(items) if !items.iter().all(is_single) => {
            let entries = items.iter().enumerate().take(MOST);
            let entries: Map<String, Value> = entries.map(|(at, item)| (at.to_string(), item.clone())).collect();
            html! { (object(view, &entries, depth)) (more(view, items.len().saturating_sub(MOST))) }
        }
        other => html! { span { (words(other)) } },
    }
}

fn object(view: &View, entries: &Map<String, Value>, depth: usize) -> Markup {
    if let Some(table) = alike(view, entries) {
        return table;
    }
    let is_short = |value: &Value| is_single(value) || value.as_array().is_some_and(|all| all.iter().all(is_single));
    let single: Vec<(&String, &Value)> = entries.iter().filter(|(_, value)| is_short(value)).collect();
    let others: Vec<(&String, &Value)> = entries.iter().filter(|(_, value)| !is_short(value)).collect();
    html! {
        @if single.len() > MOST_FACTS { (two_columns(view, &single)) } @else if !single.is_empty() {
            (facts(single.iter().map(|(key, value)| (key.as_str(), html! { (words(value)) }))))
        }
        @for (key, value) in others.iter().take(MOST) {
            details.json open[depth < 2] {
                summary { (pairs::label(view, key)) }
                (level(view, value, depth + 1))
            }
        }
        (more(view, others.len().saturating_sub(MOST)))
    }
}

fn more(view: &View, left_out: usize) -> Markup {
    html! {
        @if left_out > 0 {
            p.hint { (view.t("Entries that are not shown: ", "未显示的条目：")) (count(left_out as u64)) }
        }
    }
}

fn two_columns(view: &View, entries: &[(&String, &Value)]) -> Markup {
    let is_number = entries.iter().all(|(_, value)| value.is_number());
    html! {
        (scrolling(view.t("Values", "数值"), html! {
            table {
                thead { tr {
                    th scope="col" { (view.t("Name", "名称")) }
                    th scope="col" class=[is_number.then_some("num")] { (view.t("Value", "数值")) }
                } }
                tbody {
                    @for (key, value) in entries.iter().take(MOST) {
                        tr { th scope="row" { (key) } td class=[is_number.then_some("num")] { (words(value)) } }
                    }
                }
            }
        }))
        (more(view, entries.len().saturating_sub(MOST)))
    }
}

/// Two or more objects of single values, as rows of a table; none when the entries are anything else.
fn alike(view: &View, entries: &Map<String, Value>) -> Option<Markup> {
    let rows: Option<Vec<(&String, &Map<String, Value>)>> =
        entries.iter().map(|(key, value)| Some((key, value.as_object()?))).collect();
    let rows = rows.filter(|rows| rows.len() >= 2 && rows.iter().all(|(_, row)| row.values().all(is_single)))?;
    let mut columns: Vec<&String> = Vec::new();
    for column in rows.iter().take(MOST).flat_map(|(_, row)| row.keys()) {
        if columns.len() < MOST_COLUMNS && !columns.contains(&column) {
            columns.push(column);
        }
    }
    let is_number =
        |column: &String| rows.iter().filter_map(|(_, row)| row.get(column)).all(|v| v.is_number() || v.is_null());
    // A column that only says again what its row is called.
    let says_its_row =
        |column: &String| rows.iter().all(|(key, row)| row.get(column).and_then(Value::as_str) == Some(key.as_str()));
    columns.retain(|column| !says_its_row(column));
    Some(html! {
        (scrolling(view.t("Values", "数值"), html! {
            table {
                thead { tr {
                    th scope="col" { (view.t("Name", "名称")) }
                    @for column in &columns {
                        th scope="col" class=[is_number(column).then_some("num")] { (pairs::label(view, column)) }
                    }
                } }
                tbody {
                    @for (key, row) in rows.iter().take(MOST) {
                        tr {
                            th scope="row" { (key) }
                            @for column in &columns {
                                td class=[is_number(column).then_some("num")] {
                                    (row.get(*column).map_or_else(|| "–".to_owned(), words))
                                }
                            }
                        }
                    }
                }
            }
        }))
        (more(view, rows.len().saturating_sub(MOST)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: &Value) -> String {
        show(&View::default(), value).into_string()
    }

    #[test]
    fn objects_alike_are_a_table() {
        let columns = json!({"x0": {"column": "x0", "mean": 0.5, "min": null}, "x1": {"column": "x1", "mean": 1.5}});
        let shown = shown(&json!({"rows": {"read": 569}, "columns": columns}));
        assert!(shown.contains("<th scope=\"row\">x1</th><td class=\"num\">1.5</td>"), "{shown}");
        assert!(!shown.contains(">column<") && shown.contains("<dd>569</dd>"), "{shown}");
    }

    #[test]
    fn anything_is_shown_and_nothing_is_too_deep() {
        let mut deep = json!("<end>");
        for _ in 0..400 {
            deep = json!({"a": deep, "b": [1, "<i>"]});
        }
        let shown_deep = shown(&deep);
        assert!(shown_deep.contains("1, &lt;i&gt;") && !shown_deep.contains("<i>") && shown_deep.len() < 20_000);
        for odd in [json!(null), json!([]), json!({}), json!([[1], {"a": 2}]), json!("x".repeat(9_000)), json!(1e300)] {
            assert!(shown(&odd).len() < 3_000, "{odd}");
        }
        let many: Map<String, Value> = (0..5_000).map(|at| (format!("k{at}"), json!(at))).collect();
        assert!(shown(&Value::Object(many)).contains("not shown: 4\u{2009}800"));
    }
}
