//! Upload, Download, Writer: how many rows went where, and how the table's columns were understood. Not for: the rows.

use maud::{Markup, html};
use serde_json::Value;

use super::table;
use crate::format;
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What these modules put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let summary = outputs.summary.unwrap_or(&Value::Null);
    let counted = outputs.metrics.iter().find_map(|series| pairs::point(series, "count"));
    let rows = counted.or_else(|| summary.get("count").and_then(json::number)).filter(|rows| *rows >= 0.0);
    let mut all: Vec<Pair> = Vec::new();
    let namespace = json::text(&summary["namespace"]);
    for key in ["namespace", "table_name", "partition", "output_path"] {
        let told = json::get(summary, key).map(json::text).filter(|text| !text.is_empty());
        let shown = |text: String| {
            if key == "table_name" {
                table(&namespace, &text)
            } else {
                html! { (text) }
            }
        };
        all.extend(told.map(|text| (pairs::label(view, key), shown(text))));
    }
    if let Some(superseded) = summary.get("superseded").and_then(json::whole).filter(|count| *count > 0) {
        all.push((pairs::label(view, "superseded"), html! { (format::count(superseded)) }));
    }
    if rows.is_none() && all.is_empty() {
        return None;
    }
    Some(html! {
        section.card {
            h2 { (view.t("Result", "结果")) }
            @if let Some(rows) = rows {
                p.headline { strong { (format::count(rows as u64)) } " " (words(view, outputs.module)) }
            }
            (pairs::shown(&all))
        }
        @if let Some(schema) = json::get(summary, "schema").filter(|schema| schema.is_object()) {
            (columns(view, schema))
        }
    })
}

fn words(view: &View, module: &str) -> &'static str {
    match module {
        "Upload" => view.t("rows uploaded", "行已上传"),
        "Download" => view.t("rows written to the file", "行已写入文件"),
        _ => view.t("rows copied", "行已复制"),
    }
}

/// How the columns were understood.
fn columns(view: &View, schema: &Value) -> Markup {
    let header: Vec<String> = match &schema["header"] {
        Value::String(line) => line.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect(),
        list => json::texts(list),
    };
    let mut all: Vec<Pair> = Vec::new();
    let named = [
        ("sid", view.t("Key column", "键列")),
        ("match_id_name", view.t("Match ids", "匹配 ID 列")),
        ("label_name", view.t("Label", "标签列")),
        ("id_delimiter", view.t("Separated by", "分隔符")),
    ];
    for (key, label) in named {
        let value = match &schema[key] {
            list if list.is_array() => json::texts(list).join(", "),
            other => json::text(other),
        };
        if !value.is_empty() {
            all.push((label.to_owned(), html! { code { (value) } }));
        }
    }
    html! {
        section.card {
            h2 { (view.t("Columns", "列")) }
            (pairs::shown(&all))
            @if !header.is_empty() { (names(view, &header)) }
            @let meta = json::entries(&schema["meta"]);
            @if !meta.is_empty() {
                details {
                    summary { (view.t("How the file was read", "文件的读取方式")) }
                    (pairs::shown(&meta.iter().map(|(key, value)| {
                        (key.replace('_', " "), html! { code { (json::text(value)) } })
                    }).collect::<Vec<_>>()))
                }
            }
        }
    }
}

/// Names of columns: the first of them, and how many there are.
fn names(view: &View, names: &[String]) -> Markup {
    const SHOWN: usize = 60;
    html! {
        h3 { (view.t("Columns beside the key", "键以外的列")) " (" (names.len()) ")" }
        ul.names {
            @for name in names.iter().take(SHOWN) { li { code { (name) } } }
            @if names.len() > SHOWN { li.soft { "+ " (names.len() - SHOWN) } }
        }
    }
}
