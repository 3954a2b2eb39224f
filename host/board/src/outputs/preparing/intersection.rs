//! Intersection: how many ids the parties have in common. Not for: which.

use maud::{Markup, html};
use parcae_node::view::Series;
use serde_json::Value;

use crate::format;
use crate::grid::percent;
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::parts::progress;
use crate::view::View;

/// What an intersection put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let is_it = |series: &&Series| series.metric_type == "INTERSECTION" || series.name == "intersection";
    let series = outputs.metrics.iter().find(is_it);
    let summary = outputs.summary.unwrap_or(&Value::Null);
    let point = |key| series.and_then(|series| pairs::point(series, key));
    // In a summary, -1 is what the party was not told.
    let told = |key: &str| summary.get(key).and_then(json::number).filter(|number| *number >= 0.0);
    let common = point("intersect_count").or_else(|| told("intersect_num")).filter(|count| *count >= 0.0);
    let rate = point("intersect_rate").or_else(|| told("intersect_rate"));
    let own = point("input_match_id_count").or_else(|| told("unique_id_num")).filter(|count| *count >= 0.0);
    if common.is_none() && own.is_none() {
        return None;
    }
    Some(html! {
        section.card {
            h2 { (view.t("Ids in common", "共同的 ID")) }
            @match common {
                Some(common) => {
                    p.headline {
                        strong { (format::count(common as u64)) }
                        @if let Some(own) = own { " / " (format::count(own as u64)) } " "
                        (view.t("ids of this party are in common", "个本方 ID 为各方共有"))
                        @if let Some(rate) = rate { " (" (percent(rate)) ")" }
                    }
                    @if let Some(rate) = rate {
                        @let percent = (rate.clamp(0.0, 1.0) * 100.0) as u8;
                        (progress(view.t("Ids in common", "共同的 ID"), percent))
                    }
                }
                None => {
                    p.warning { (view.t(
                        "This party was not told how many ids are in common, as the guest set it up.",
                        "按发起方的设置，本方未被告知共同 ID 的数量。",
                    )) }
                }
            }
            (pairs::shown(&facts(view, series, own)))
            (notes(view, series, summary))
        }
    })
}

fn facts(view: &View, series: Option<&Series>, own: Option<f64>) -> Vec<Pair> {
    let said = ["intersect_count", "intersect_rate"];
    let mut all = series.map(|series| pairs::points(view, series, &said)).unwrap_or_default();
    if let (true, Some(own)) = (all.is_empty(), own) {
        all.push((pairs::label(view, "input_match_id_count"), html! { (format::count(own as u64)) }));
    }
    all.extend(series.map(|series| pairs::extra(view, series, &["name"])).unwrap_or_default());
    all
}

fn notes(view: &View, series: Option<&Series>, summary: &Value) -> Markup {
    let is_left = series.and_then(|series| series.extra.get("join_method")).is_some_and(|method| method == "left_join");
    let only_size = json::truth(&summary["cardinality_only"]).unwrap_or_default();
    html! {
        @if is_left {
            p.hint { (view.t(
                "Left join: rows that are not in common were kept, without values of the other parties.",
                "左连接：未匹配的行被保留，其他方的取值为空。",
            )) }
        }
        @if only_size {
            p.hint { (view.t(
                "Only the number was asked for (cardinality_only): no table came out.",
                "只求交集数量 (cardinality_only)：没有输出数据表。",
            )) }
        }
    }
}
