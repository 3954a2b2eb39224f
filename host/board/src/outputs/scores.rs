//! Single values that say how good something is: a row for each model and data set, a column for each measure. Not for:
//! curves (`curves`).

use std::collections::BTreeMap;

use maud::{Markup, html};
use parcae_node::view::Series;

use super::pairs;
use crate::format::{count, number};
use crate::parts::scrolling;
use crate::view::View;

/// Rows of a table at most.
const MOST_ROWS: usize = 200;
/// Measures of a table at most.
const MOST_MEASURES: usize = 40;
/// Rows whose first measure is shown large.
const MOST_LARGE: usize = 6;

/// Measures in the order in which they are shown; others follow. True: more is better; false: less is.
const KNOWN: [(&str, bool); 21] = [
    ("auc", true),
    ("ks", true),
    ("ks_exact", true),
    ("accuracy", true),
    ("precision", true),
    ("recall", true),
    ("f1_score", true),
    ("r2_score", true),
    ("explained_variance", true),
    ("root_mean_squared_error", false),
    ("mean_squared_error", false),
    ("mean_absolute_error", false),
    ("median_absolute_error", false),
    ("mean_squared_log_error", false),
    ("jaccard_similarity_score", true),
    ("fowlkes_mallows_score", true),
    ("adjusted_rand_score", true),
    ("davies_bouldin_index", false),
    ("loss", false),
    ("best_iter_loss", false),
    ("psi", false),
];

/// One model on one data set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The model: the component that made the predictions.
    pub(crate) model: String,
    /// `train`, `validate`, `predict`.
    pub(crate) dataset: String,
    /// By measure.
    pub(crate) values: BTreeMap<String, f64>,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scores {
    /// In the order in which they are shown.
    pub(crate) measures: Vec<String>,
    /// In the order in which they were told.
    pub(crate) rows: Vec<Row>,
}

/// Whether a series has single values.
pub(crate) fn is_scores(series: &Series) -> bool {
    series.metric_type.to_ascii_uppercase().ends_with("EVALUATION_SUMMARY")
}

/// Whether more of a measure is better; none when it is not known.
pub(crate) fn more_is_better(measure: &str) -> Option<bool> {
    KNOWN.iter().find(|(name, _)| *name == measure).map(|(_, more)| *more)
}

/// A measure as people call it.
pub(crate) fn name<'m>(view: &View, measure: &'m str) -> &'m str {
    match measure {
        "auc" => "AUC",
        "ks" => "K-S",
        "ks_exact" => view.t("K-S, exact", "K-S（精确）"),
        "accuracy" => view.t("Accuracy", "准确率"),
        "precision" => view.t("Precision", "精确率"),
        "recall" => view.t("Recall", "召回率"),
        "f1_score" => "F1",
        "r2_score" => "R²",
        "explained_variance" => view.t("Explained variance", "可解释方差"),
        "root_mean_squared_error" => view.t("Root mean squared error", "均方根误差"),
        "mean_squared_error" => view.t("Mean squared error", "均方误差"),
        "mean_absolute_error" => view.t("Mean absolute error", "平均绝对误差"),
        "median_absolute_error" => view.t("Median absolute error", "绝对误差中位数"),
        "mean_squared_log_error" => view.t("Mean squared log error", "均方对数误差"),
        "jaccard_similarity_score" => view.t("Jaccard (JC)", "Jaccard 系数 (JC)"),
        "fowlkes_mallows_score" => view.t("Fowlkes-Mallows (FMI)", "FM 指数 (FMI)"),
        "adjusted_rand_score" => view.t("Rand index (RI)", "Rand 指数 (RI)"),
        "davies_bouldin_index" => view.t("Davies-Bouldin (DBI)", "DB 指数 (DBI)"),
        "loss" => view.t("Loss", "损失"),
        "best_iter_loss" => view.t("Loss of the best iteration", "最优迭代的损失"),
        other => other,
    }
}

/// A data set as people call it.
pub(crate) fn dataset<'d>(view: &View, namespace: &'d str) -> &'d str {
    match namespace {
        "train" => view.t("train", "训练 train"),
        "validate" => view.t("validate", "验证 validate"),
        "predict" => view.t("predict", "预测 predict"),
        other => other,
    }
}

impl Scores {
    /// Those among series.
    pub(crate) fn of<'s>(series: impl IntoIterator<Item = &'s Series>) -> Scores {
        let mut rows: Vec<Row> = Vec::new();
        let mut measures: Vec<String> = Vec::new();
        for series in series.into_iter().filter(|series| is_scores(series)) {
            let points = series.points.iter();
            let values: BTreeMap<String, f64> =
                points.filter_map(|(key, value)| Some((pairs::scalar(key), pairs::value(value)?))).collect();
            for measure in values.keys() {
                if !measures.contains(measure) && measures.len() < MOST_MEASURES {
                    measures.push(measure.clone());
                }
            }
            if !values.is_empty() {
                rows.push(Row { model: series.name.clone(), dataset: series.namespace.clone(), values });
            }
        }
        let place = |measure: &String| KNOWN.iter().position(|(name, _)| name == measure).unwrap_or(KNOWN.len());
        measures.sort_by_key(place);
        Scores { measures, rows }
    }

    /// Those of the rows that are wanted.
    pub(crate) fn only(&self, wanted: impl Fn(&Row) -> bool) -> Scores {
        let rows: Vec<Row> = self.rows.iter().filter(|row| wanted(row)).cloned().collect();
        let is_there = |measure: &&String| rows.iter().any(|row| row.values.contains_key(*measure));
        let measures = self.measures.iter().filter(is_there).cloned().collect();
        Scores { measures, rows }
    }

    /// A value.
    pub(crate) fn value(&self, model: &str, dataset: &str, measure: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.model == model && row.dataset == dataset)?;
        row.values.get(measure).copied()
    }
}

/// The first measure of each row, large.
pub(crate) fn large(view: &View, scores: &Scores) -> Markup {
    let Some(first) = scores.measures.first() else { return html! {} };
    let has_models = scores.rows.iter().any(|row| row.model != scores.rows[0].model);
    html! {
        dl.figures {
            @for row in scores.rows.iter().take(MOST_LARGE) {
                @if let Some(value) = row.values.get(first) {
                    div {
                        dt { (name(view, first)) " · " (dataset(view, &row.dataset))
                            @if has_models { br; span.soft { (row.model) } } }
                        dd { (number(*value)) }
                    }
                }
            }
        }
    }
}

/// All values in a table.
pub(crate) fn table(view: &View, scores: &Scores) -> Markup {
    let more = scores.rows.len().saturating_sub(MOST_ROWS);
    let label = view.t("Scores", "评分");
    html! {
        (scrolling(label, html! {
            table {
                thead {
                    tr {
                        th scope="col" { (view.t("Model", "模型")) }
                        th scope="col" { (view.t("Data", "数据集")) }
                        @for measure in &scores.measures {
                            th.num scope="col" title=(measure) { (name(view, measure)) }
                        }
                    }
                }
                tbody {
                    @for row in scores.rows.iter().take(MOST_ROWS) {
                        tr {
                            th scope="row" { (row.model) }
                            td { (dataset(view, &row.dataset)) }
                            @for measure in &scores.measures {
                                td.num { @match row.values.get(measure) {
                                    Some(value) => { (number(*value)) }
                                    None => { span.soft { "–" } }
                                } }
                            }
                        }
                    }
                }
            }
        }))
        @if more > 0 {
            p.hint { (view.t("Rows that are not shown: ", "未显示的行数：")) (count(more as u64)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::port::Scalar;
    use serde_json::Map;

    use super::*;

    fn series(namespace: &str, metric_type: &str, points: &[(&str, f64)]) -> Series {
        let point = |(key, value): &(&str, f64)| (Scalar::Text((*key).to_owned()), Scalar::Number(*value));
        Series {
            namespace: namespace.to_owned(),
            name: "<lr>".to_owned(),
            metric_type: metric_type.to_owned(),
            extra: Map::new(),
            points: points.iter().map(point).collect(),
        }
    }

    #[test]
    fn known_measures_come_first() {
        let all = [
            series("train", "EVALUATION_SUMMARY", &[("zeta", 1.0), ("ks", 0.9), ("auc", 0.98)]),
            series("validate", "EVALUATION_SUMMARY", &[("auc", f64::NAN)]),
            series("train", "LOSS", &[("x", 1.0)]),
        ];
        let scores = Scores::of(&all);
        assert_eq!(scores.measures, ["auc", "ks", "zeta"]);
        assert_eq!((scores.rows.len(), scores.value("<lr>", "train", "ks")), (2, Some(0.9)));
        let shown = table(&View::default(), &scores).into_string();
        assert!(shown.contains("&lt;lr&gt;") && shown.contains(">0.98<") && shown.contains("K-S"), "{shown}");
        assert!(large(&View::default(), &scores).into_string().contains("0.98"));
        assert_eq!(scores.only(|row| row.dataset == "validate").measures, ["auc"]);
        assert_eq!((more_is_better("auc"), more_is_better("zeta")), (Some(true), None));
    }
}
