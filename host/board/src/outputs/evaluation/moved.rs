//! The population stability index of predictions: how far the scores of validate data have moved from those of train
//! data. Not for: the module PSI, which looks at features.

use maud::{Markup, html};
use serde_json::Value;

use super::{Told, one_of, told};
use crate::chart::{self, Axis, Bars, Values};
use crate::format::number;
use crate::outputs::{Outputs, json};
use crate::parts::facts;
use crate::view::View;

/// Below the first the scores have hardly moved, from the second on far.
const LIMITS: (f64, f64) = (0.1, 0.25);

/// PSI by bin, as bars and in words.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all: Vec<Told<'_>> = told(outputs, "PSI").into_iter().filter(|told| !intervals(told).is_empty()).collect();
    let (one, choice) = one_of(view, outputs, "moved", &all)?;
    let total = one.series.extra.get("total_psi").and_then(json::number);
    let figures = |key: &str| json::numbers(one.series.extra.get(key).unwrap_or(&Value::Null));
    let values = |name: &str, key: &str| Values { name: name.to_owned(), values: figures(key) };
    let bars = Bars {
        id: "moved-bins".to_owned(),
        title: view.t("Share of rows by bin of the scores", "各得分区间的样本占比").to_owned(),
        categories: intervals(one),
        x: view.t("Scores", "得分").to_owned(),
        y: Axis { label: view.t("Share of rows", "样本占比").to_owned(), range: None },
        bars: vec![
            values(view.t("train (expected)", "训练（预期）"), "expected_percentage"),
            values(view.t("validate (actual)", "验证（实际）"), "actual_percentage"),
        ],
        stacked: false,
        lines: vec![values("PSI", "psi_scores")],
        y_right: "PSI".to_owned(),
    };
    let positives = Bars {
        id: "moved-positives".to_owned(),
        title: view.t("Share of positive rows by bin", "各得分区间的正例占比").to_owned(),
        y: Axis { label: view.t("Positive rows", "正例占比").to_owned(), range: None },
        bars: vec![values("train", "train_pos_perc"), values("validate", "validate_pos_perc")],
        lines: Vec::new(),
        y_right: String::new(),
        ..bars.clone()
    };
    let has_positives = positives.bars.iter().any(|values| !values.values.is_empty());
    Some(html! {
        section.card #moved {
            h2 { (view.t("Stability of the scores (PSI)", "得分稳定性 (PSI)")) }
            (choice)
            @if let Some(total) = total {
                (facts([
                    (view.t("PSI in all", "总 PSI"), html! { (number(total)) }),
                    (view.t("That means", "含义"), html! { (meaning(view, total)) }),
                    (view.t("Model", "模型"), html! { (one.model) }),
                ]))
            }
            div.charts {
                (chart::bars(view, &bars))
                @if has_positives { (chart::bars(view, &positives)) }
            }
        }
    })
}

fn intervals(told: &Told<'_>) -> Vec<String> {
    json::texts(told.series.extra.get("intervals").unwrap_or(&Value::Null))
}

fn meaning(view: &View, total: f64) -> &'static str {
    if total < LIMITS.0 {
        view.t("hardly moved", "基本稳定")
    } else if total < LIMITS.1 {
        view.t("moved a little: worth a look", "略有变化，值得关注")
    } else {
        view.t("moved far: the model may not fit these data", "变化较大，模型可能不再适用")
    }
}
