//! What training leaves behind: one logistic model, or one for each class, and its JSON in the shape of FATE's messages
//! `LRModelMeta` and `LRModelParam`. Not for: tables.

use parcae_sdk::{Result, input_error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    settings::Settings,
    weights::{Penalty, Weights},
};

/// Name of the part with parameters.
pub const META: &str = "HeteroLogisticRegressionMeta";
/// Name of the part with weights.
pub const PARAM: &str = "HeteroLogisticRegressionParam";

/// Name and JSON of each part of a model.
pub type Saved = [(&'static str, String); 2];

/// One logistic model as one party knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Single {
    /// One a column of this party; none at the arbiter.
    pub weights: Vec<f64>,
    /// The guest's intercept; 0 without one.
    pub intercept: f64,
    /// Epochs trained, those before a warm start included.
    pub epochs: usize,
    /// Loss of each epoch; only the arbiter knows it.
    pub losses: Vec<f64>,
    /// Whether training converged.
    pub converged: bool,
    /// Epoch whose weights these are when validation chose them.
    pub best: Option<usize>,
    /// The guest's record of validation; null without any. Not part of the model.
    pub validation: Value,
}

impl Single {
    /// The weights, with an intercept where the party has one.
    pub fn weights(&self, intercept: bool) -> Weights {
        Weights { values: self.weights.clone(), intercept: intercept.then_some(self.intercept) }
    }

    fn best_iteration(&self) -> i64 {
        self.best.map_or(-1, |epoch| epoch as i64)
    }
}

/// All that one party learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learned {
    /// This party's columns.
    pub header: Vec<String>,
    /// The classes of one-vs-rest; empty for a binary model.
    pub classes: Vec<i64>,
    /// One model, or one a class.
    pub singles: Vec<Single>,
}

/// `LRModelParam`, and with fewer fields `SingleModel`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ParamJson {
    best_iteration: i64,
    encrypted_weight: Map<String, Value>,
    header: Vec<String>,
    intercept: f64,
    is_converged: bool,
    iters: u64,
    loss_history: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    need_one_vs_rest: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_vs_rest_result: Option<OneVsRestJson>,
    weight: Map<String, Value>,
}

impl Default for ParamJson {
    fn default() -> ParamJson {
        ParamJson {
            best_iteration: -1,
            encrypted_weight: Map::new(),
            header: Vec::new(),
            intercept: 0.0,
            is_converged: false,
            iters: 0,
            loss_history: Vec::new(),
            need_one_vs_rest: None,
            one_vs_rest_result: None,
            weight: Map::new(),
        }
    }
}

/// `OneVsRestResult`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OneVsRestJson {
    completed_models: Vec<ParamJson>,
    one_vs_rest_classes: Vec<String>,
}

impl Learned {
    /// Whether there is one model a class.
    pub fn is_one_vs_rest(&self) -> bool {
        !self.classes.is_empty()
    }

    /// The parts that are saved of it.
    pub fn parts(&self, settings: &Settings) -> Saved {
        [(META, meta(settings, self.is_one_vs_rest()).to_string()), (PARAM, self.param().to_string())]
    }

    /// JSON of the part [`PARAM`].
    pub fn param(&self) -> Value {
        let mut json = if self.is_one_vs_rest() {
            ParamJson {
                header: self.header.clone(),
                one_vs_rest_result: Some(OneVsRestJson {
                    completed_models: self.singles.iter().map(|single| self.single_json(single)).collect(),
                    one_vs_rest_classes: self.classes.iter().map(i64::to_string).collect(),
                }),
                ..ParamJson::default()
            }
        } else {
            self.singles.first().map(|single| self.single_json(single)).unwrap_or_default()
        };
        json.need_one_vs_rest = Some(self.is_one_vs_rest());
        serde_json::to_value(json).unwrap_or_default()
    }

    /// From the JSON of the part [`PARAM`]; `what` names the model in errors.
    pub fn from_param(text: &str, what: &str) -> Result<Learned> {
        let wrong = |why: String| input_error(format!("{what}: {PARAM} cannot be read: {why}"));
        let mut json: ParamJson = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let header = std::mem::take(&mut json.header);
        let Some(several) = json.one_vs_rest_result.take() else {
            let singles = vec![single(json, &header).map_err(wrong)?];
            return Ok(Learned { header, classes: Vec::new(), singles });
        };
        let classes = several.one_vs_rest_classes.iter().map(|class| class.parse::<i64>());
        let classes =
            classes.collect::<std::result::Result<Vec<i64>, _>>().map_err(|e| wrong(format!("class: {e}")))?;
        let singles = several.completed_models.into_iter().map(|json| single(json, &header));
        let singles = singles.collect::<std::result::Result<Vec<Single>, String>>().map_err(wrong)?;
        if classes.len() < 3 || classes.len() != singles.len() {
            return Err(wrong(format!("{} classes and {} models", classes.len(), singles.len())));
        }
        Ok(Learned { header, classes, singles })
    }

    /// The same with weights in the order of another header, for a warm start.
    pub fn for_header(&self, header: &[String], what: &str) -> Result<Learned> {
        let place = |name: &String| {
            let found = self.header.iter().position(|have| have == name);
            let cure = "a warm start needs the columns of the first training";
            found.ok_or_else(|| input_error(format!("{what}: the model has no weight for column {name}; {cure}")))
        };
        let order = header.iter().map(place).collect::<Result<Vec<usize>>>()?;
        let mut learned = self.clone();
        learned.header = header.to_vec();
        for single in &mut learned.singles {
            single.weights = order.iter().map(|column| single.weights[*column]).collect();
        }
        Ok(learned)
    }

    fn named_weights(&self, single: &Single) -> Map<String, Value> {
        self.header.iter().cloned().zip(single.weights.iter().map(|w| json!(w))).collect()
    }

    fn single_json(&self, single: &Single) -> ParamJson {
        ParamJson {
            best_iteration: single.best_iteration(),
            header: self.header.clone(),
            intercept: single.intercept,
            is_converged: single.converged,
            iters: single.epochs as u64,
            loss_history: single.losses.clone(),
            weight: self.named_weights(single),
            ..ParamJson::default()
        }
    }

    /// The summary of a guest or a host.
    pub fn summary(&self) -> Value {
        let each = |single: &Single| {
            let mut summary = json!({
                "coef": self.named_weights(single),
                "intercept": single.intercept,
                "is_converged": single.converged,
                "one_vs_rest": self.is_one_vs_rest(),
                "best_iteration": single.best_iteration(),
            });
            if !single.validation.is_null() {
                summary["validation_metrics"] = single.validation.clone();
            }
            summary
        };
        self.summarised(each)
    }

    /// The summary of the arbiter.
    pub fn loss_summary(&self) -> Value {
        let each = |single: &Single| {
            let mut summary = json!({
                "loss_history": single.losses,
                "is_converged": single.converged,
                "best_iteration": single.best_iteration(),
            });
            if let Some(loss) = single.best.and_then(|epoch| single.losses.get(epoch)) {
                summary["best_iter_loss"] = json!(loss);
            }
            summary
        };
        self.summarised(each)
    }

    fn summarised(&self, each: impl Fn(&Single) -> Value) -> Value {
        if !self.is_one_vs_rest() {
            return self.singles.first().map(each).unwrap_or_else(|| json!({}));
        }
        let mut summary = Map::new();
        summary.insert("one_vs_rest".to_owned(), json!(true));
        for (class, single) in self.classes.iter().zip(&self.singles) {
            summary.insert(class.to_string(), each(single));
        }
        Value::Object(summary)
    }
}

fn single(json: ParamJson, header: &[String]) -> std::result::Result<Single, String> {
    let weight = |name: &String| {
        let found = json.weight.get(name).and_then(Value::as_f64).filter(|w| w.is_finite());
        found.ok_or_else(|| format!("column {name} has no weight"))
    };
    let weights = header.iter().map(weight).collect::<std::result::Result<Vec<f64>, String>>()?;
    Ok(Single {
        weights,
        intercept: json.intercept,
        epochs: usize::try_from(json.iters).unwrap_or(usize::MAX),
        losses: json.loss_history,
        converged: json.is_converged,
        best: usize::try_from(json.best_iteration).ok(),
        validation: Value::Null,
    })
}

/// JSON of the part [`META`]; `module` and the fields of other algorithms stay empty, as a FATE server shows them.
pub fn meta(settings: &Settings, one_vs_rest: bool) -> Value {
    let penalty = match settings.regular.penalty {
        Penalty::None => "NONE",
        Penalty::L1 => "L1",
        Penalty::L2 => "L2",
    };
    let batch_size = settings.batch_size.map_or_else(|| "-1".to_owned(), |size| size.to_string());
    json!({
        "alpha": settings.regular.alpha,
        "batchSize": batch_size,
        "earlyStop": settings.early_stop.name(),
        "fitIntercept": settings.fit_intercept,
        "learningRate": settings.rate.rate,
        "maxIter": settings.max_iter.to_string(),
        "module": "",
        "needOneVsRest": one_vs_rest,
        "optimizer": settings.optimizer.name(),
        "partyWeight": 0.0,
        "penalty": penalty,
        "reEncryptBatches": "0",
        "revealStrategy": "",
        "tol": settings.tol,
    })
}

#[cfg(test)]
#[path = "learned_tests.rs"]
mod tests;
