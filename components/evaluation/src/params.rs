//! Parameters as given, and the settings that follow from them. Not for: their schema (`describe`).

use parcae_sdk::{Result, input_error};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    metric::{EvalType, Metric, select},
    predictions::Positive,
};

/// One name or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Names {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// Parameters as the job gives them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Params {
    eval_type: String,
    pos_label: Value,
    metrics: Option<Names>,
    unfold_multi_result: bool,
    /// False: do nothing.
    pub need_run: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            eval_type: "binary".to_owned(),
            pos_label: 1.into(),
            metrics: None,
            unfold_multi_result: false,
            need_run: true,
        }
    }
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What was predicted.
    pub eval_type: EvalType,
    /// The label that counts as positive.
    pub positive: Positive,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// Each class against the rest, too.
    pub unfold: bool,
}

impl Params {
    /// The settings; an error names the parameter.
    pub fn settings(&self) -> Result<Settings> {
        let Some(eval_type) = EvalType::from_name(&self.eval_type) else {
            return Err(input_error(format!(
                "Evaluation: eval_type {} is not offered: choose binary, multi or regression",
                self.eval_type
            )));
        };
        let asked = match &self.metrics {
            None => Vec::new(),
            Some(Names::One(name)) => vec![name.clone()],
            Some(Names::Many(names)) => names.clone(),
        };
        let metrics = select(eval_type, &asked).map_err(|text| input_error(format!("Evaluation: {text}")))?;
        Ok(Settings {
            eval_type,
            positive: Positive::from_json(&self.pos_label),
            metrics,
            unfold: self.unfold_multi_result,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &str) -> Result<Settings> {
        serde_json::from_str::<Params>(json).unwrap().settings()
    }

    #[test]
    fn one_name_or_several() {
        assert_eq!(settings(r#"{"metrics": "auc"}"#).unwrap().metrics, [Metric::Auc]);
        assert_eq!(settings(r#"{"metrics": ["auc", "roc"]}"#).unwrap().metrics, [Metric::Auc, Metric::Roc]);
        assert_eq!(settings(r#"{"metrics": null}"#).unwrap().metrics.len(), 12);
        assert_eq!(settings("{}").unwrap().positive, Positive::Number(1.0));
    }

    #[test]
    fn clustering_is_refused_clearly() {
        let failure = settings(r#"{"eval_type": "clustering"}"#).unwrap_err();
        assert!(failure.message.contains("eval_type clustering is not offered"));
    }
}
