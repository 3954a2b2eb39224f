//! ModelLoader, CacheLoader: what was taken from an earlier job. Not for: the model itself.

use maud::{Markup, html};
use serde_json::Value;

use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What these modules put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let mut all: Vec<Pair> = outputs.summary.into_iter().flat_map(|summary| summary_of(view, summary)).collect();
    for series in outputs.metrics {
        let name = [(pairs::label(view, "name"), html! { (series.name) })];
        all.extend(name.into_iter().filter(|_| !series.name.is_empty()));
        all.extend(pairs::extra(view, series, &["name", "data"]));
        all.extend(pairs::points(view, series, &[]));
    }
    let title = match outputs.module {
        "CacheLoader" => view.t("Cache that was loaded", "已加载的缓存"),
        _ => view.t("Model that was loaded", "已加载的模型"),
    };
    (!all.is_empty()).then(|| html! { section.card { h2 { (title) } (pairs::shown(&all)) } })
}

fn summary_of(view: &View, summary: &Value) -> Vec<Pair> {
    let told = json::entries(summary).into_iter().filter(|(_, value)| !value.is_null());
    told.map(|(key, value)| (pairs::label(view, key), html! { (json::text(value)) })).collect()
}
