//! Names and values that a module told as the points of its metrics or beside them, in words. Not for: curves.

use maud::{Markup, html};
use parcae_domain::port::Scalar;
use parcae_node::view::Series;
use serde_json::Value;

use crate::format;
use crate::grid::percent;
use crate::outputs::{Outputs, json};
use crate::parts::facts;
use crate::view::View;

/// A name and what belongs to it.
pub type Pair = (String, Markup);

/// All points of all series of a module; none when there is not one.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all: Vec<Pair> = outputs.metrics.iter().flat_map(|series| points(view, series, &[])).collect();
    (!all.is_empty()).then(|| html! { section.card { h2 { (view.t("Result", "结果")) } (shown(&all)) } })
}

/// Pairs as facts.
pub fn shown(pairs: &[Pair]) -> Markup {
    facts(pairs.iter().map(|(name, value)| (name.as_str(), value.clone())))
}

/// The points of a series, except those of some keys.
pub fn points(view: &View, series: &Series, except: &[&str]) -> Vec<Pair> {
    let points = series.points.iter().map(|(key, value)| (scalar(key), value));
    let points = points.filter(|(key, _)| !except.contains(&key.as_str()));
    points.map(|(key, value)| (label(view, &key), value_of(&key, value))).collect()
}

/// What stands beside a series, except some keys, and what is nothing.
pub fn extra(view: &View, series: &Series, except: &[&str]) -> Vec<Pair> {
    let told = series.extra.iter().filter(|(key, value)| !except.contains(&key.as_str()) && is_told(value));
    told.map(|(key, value)| (label(view, key), html! { (json::text(value)) })).collect()
}

fn is_told(value: &Value) -> bool {
    !matches!(value, Value::Null) && value != "" && json::list(value).len() + json::entries(value).len() < 100
}

/// A scalar as a text.
pub fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Number(number) => format::number(*number),
        Scalar::Text(text) => text.clone(),
    }
}

/// A scalar as a number.
pub fn value(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        Scalar::Text(text) => text.trim().parse().ok(),
    }
}

/// The value of a key among the points of a series.
pub fn point(series: &Series, key: &str) -> Option<f64> {
    let found = series.points.iter().find(|(its_key, _)| matches!(its_key, Scalar::Text(text) if text == key));
    found.and_then(|(_, scalar)| value(scalar))
}

fn value_of(key: &str, scalar_value: &Scalar) -> Markup {
    match value(scalar_value) {
        Some(share) if key.ends_with("_rate") || key.ends_with("_ratio") => html! { (percent(share)) },
        Some(number) if number >= 0.0 && number.fract() == 0.0 && number < 9e15 => {
            html! { (format::count(number as u64)) }
        }
        _ => html! { (scalar(scalar_value)) },
    }
}

/// The name of a key for people.
pub fn label(view: &View, key: &str) -> String {
    let known = match key {
        "count" => view.t("Rows", "行数"),
        "count of converted unlabeled" => view.t("Unlabelled rows that became positive", "转为正例的未标注行数"),
        "table_name" => view.t("Table", "表名"),
        "namespace" => view.t("Namespace", "命名空间"),
        "partition" | "partitions" => view.t("Partitions", "分区数"),
        "superseded" => view.t("Rows replaced by later ones of the same key", "被相同键的后来行取代的行数"),
        "output_path" | "file_path" => view.t("File", "文件"),
        "file_count" => view.t("Files", "文件数"),
        "storage_engine" => view.t("Stored in", "存储引擎"),
        "intersect_count" => view.t("In common", "交集数"),
        "intersect_rate" => view.t("In common, of this party", "交集占本方比例"),
        "input_match_id_count" => view.t("Ids of this party", "本方 ID 数"),
        "unmatched_count" => view.t("Not in common", "未匹配数"),
        "unmatched_rate" => view.t("Not in common, of this party", "未匹配占本方比例"),
        "intersect_sample_id_count" => view.t("Rows in common", "交集样本数"),
        "intersect_method" => view.t("Method", "方法"),
        "join_method" => view.t("Join", "连接方式"),
        "model_id" => view.t("Model id", "模型 ID"),
        "model_version" => view.t("Model version", "模型版本"),
        "component_name" => view.t("Component", "组件"),
        "model_alias" => view.t("Model alias", "模型别名"),
        "step_index" => view.t("Checkpoint", "检查点"),
        "step_name" => view.t("Name of the checkpoint", "检查点名称"),
        "create_time" => view.t("Made at", "创建时间"),
        "job_id" => view.t("Job", "作业"),
        "name" => view.t("Name", "名称"),
        "key" => view.t("Key", "键"),
        other => return other.replace('_', " "),
    };
    known.to_owned()
}
