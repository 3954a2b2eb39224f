//! Names of metrics, their aliases, and which belong to which kind of evaluation. Not for: computing them.

/// What was predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalType {
    /// Two classes, one of them positive.
    Binary,
    /// Several classes.
    Multi,
    /// A number.
    Regression,
}

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named like the metric, see `name`")]
pub enum Metric {
    Auc,
    Ks,
    Lift,
    Gain,
    Accuracy,
    Precision,
    Recall,
    Roc,
    ConfusionMat,
    Psi,
    F1Score,
    QuantilePr,
    ExplainedVariance,
    MeanAbsoluteError,
    MeanSquaredError,
    MeanSquaredLogError,
    MedianAbsoluteError,
    R2Score,
    RootMeanSquaredError,
}

use Metric::*;

const BINARY: [Metric; 12] =
    [Auc, Ks, Lift, Gain, Accuracy, Precision, Recall, Roc, ConfusionMat, Psi, F1Score, QuantilePr];
const MULTI: [Metric; 3] = [Accuracy, Precision, Recall];
/// The last one is measured only where it is asked for: it has no value for numbers below 0.
const REGRESSION: [Metric; 7] = [
    ExplainedVariance,
    MeanAbsoluteError,
    MeanSquaredError,
    MedianAbsoluteError,
    R2Score,
    RootMeanSquaredError,
    MeanSquaredLogError,
];

/// Other names, compared without case.
const ALIASES: [(&str, Metric); 14] = [
    ("l1", MeanAbsoluteError),
    ("mae", MeanAbsoluteError),
    ("regression_l1", MeanAbsoluteError),
    ("l2", MeanSquaredError),
    ("mse", MeanSquaredError),
    ("regression_l2", MeanSquaredError),
    ("regression", MeanSquaredError),
    ("l2_root", RootMeanSquaredError),
    ("rmse", RootMeanSquaredError),
    ("msle", MeanSquaredLogError),
    ("r2", R2Score),
    ("acc", Accuracy),
    ("ks_exact", Ks),
    ("f1", F1Score),
];

impl EvalType {
    /// The type called `name`.
    pub fn from_name(name: &str) -> Option<EvalType> {
        match name.to_lowercase().as_str() {
            "binary" => Some(EvalType::Binary),
            "multi" => Some(EvalType::Multi),
            "regression" => Some(EvalType::Regression),
            _ => None,
        }
    }

    /// Its metrics.
    pub fn allowed(self) -> &'static [Metric] {
        match self {
            EvalType::Binary => &BINARY,
            EvalType::Multi => &MULTI,
            EvalType::Regression => &REGRESSION,
        }
    }

    /// What is measured when nothing is asked for.
    fn defaults(self) -> Vec<Metric> {
        self.allowed().iter().copied().filter(|metric| *metric != MeanSquaredLogError).collect()
    }
}

impl Metric {
    /// FATE's name.
    pub fn name(self) -> &'static str {
        match self {
            Auc => "auc",
            Ks => "ks",
            Lift => "lift",
            Gain => "gain",
            Accuracy => "accuracy",
            Precision => "precision",
            Recall => "recall",
            Roc => "roc",
            ConfusionMat => "confusion_mat",
            Psi => "psi",
            F1Score => "f1_score",
            QuantilePr => "quantile_pr",
            ExplainedVariance => "explained_variance",
            MeanAbsoluteError => "mean_absolute_error",
            MeanSquaredError => "mean_squared_error",
            MeanSquaredLogError => "mean_squared_log_error",
            MedianAbsoluteError => "median_absolute_error",
            R2Score => "r2_score",
            RootMeanSquaredError => "root_mean_squared_error",
        }
    }

    fn from_name(name: &str, among: &[Metric]) -> Option<Metric> {
        let name = name.trim().to_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, metric)| *metric);
        among.iter().copied().find(|metric| metric.name() == name || Some(*metric) == alias)
    }
}

/// The metrics to measure, each once. Precision and recall come together.
pub fn select(eval_type: EvalType, asked: &[String]) -> Result<Vec<Metric>, String> {
    if asked.is_empty() {
        return Ok(eval_type.defaults());
    }
    let mut chosen: Vec<Metric> = Vec::new();
    for name in asked {
        let Some(metric) = Metric::from_name(name, eval_type.allowed()) else {
            let names: Vec<&str> = eval_type.allowed().iter().map(|metric| metric.name()).collect();
            return Err(format!("metric {name} does not belong to this eval_type: choose from {}", names.join(", ")));
        };
        let both = [Precision, Recall];
        let more = if both.contains(&metric) { &both[..] } else { std::slice::from_ref(&metric) };
        for metric in more {
            if !chosen.contains(metric) {
                chosen.push(*metric);
            }
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_and_aliases_are_found_without_case() {
        assert_eq!(
            select(EvalType::Regression, &asked(&["MSLE", "rmse", "L1"])),
            Ok(vec![MeanSquaredLogError, RootMeanSquaredError, MeanAbsoluteError])
        );
        assert_eq!(select(EvalType::Binary, &asked(&["AUC", "ks_exact", "ks"])), Ok(vec![Auc, Ks]));
    }

    #[test]
    fn precision_and_recall_come_together() {
        assert_eq!(select(EvalType::Binary, &asked(&["recall"])), Ok(vec![Precision, Recall]));
        assert_eq!(select(EvalType::Multi, &asked(&["precision", "recall"])), Ok(vec![Precision, Recall]));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_choice() {
        let text = select(EvalType::Multi, &asked(&["auc"])).unwrap_err();
        assert!(text.contains("auc") && text.contains("accuracy, precision, recall"));
    }

    #[test]
    fn the_log_error_is_measured_only_on_demand() {
        assert!(!EvalType::Regression.defaults().contains(&MeanSquaredLogError));
        assert_eq!(EvalType::Binary.defaults().len(), 12);
    }
}
