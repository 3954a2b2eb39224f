//! The parameters, checked against each other and in types of their own. Not for: their schema ([`crate::describe`]).

use parcae_sdk::{Result, input_error, warning};

use crate::{
    converge::Rule,
    optimizer::{Method, Rate},
    raw::{Frequency, Raw},
    scoring::Metric,
    weights::{Penalty, Regular},
};

/// How batches are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Every row once an epoch.
    Full,
    /// One random batch an epoch.
    Random,
}

/// How weights start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// Uniform in [0, 1).
    Uniform,
    /// Standard normal.
    Normal,
    /// All the same.
    Constant(f64),
}

/// Validation while training.
#[derive(Clone, Debug, PartialEq)]
pub struct Validation {
    /// At which epochs.
    pub frequency: Frequency,
    /// Stop after so many validations without improvement; none = never stop.
    pub rounds: Option<u32>,
    /// What is computed; the first is the one that counts most.
    pub metrics: Vec<Metric>,
    /// How many of them, from the first, decide about stopping.
    pub tracked: usize,
}

/// Cross-validation.
#[derive(Clone, Debug, PartialEq)]
pub struct Cross {
    /// Number of folds.
    pub folds: usize,
    /// Whether rows are shuffled before they are cut.
    pub shuffle: bool,
    /// Seed of the shuffle; none = a secret one.
    pub seed: Option<u32>,
    /// What the output table holds.
    pub history: History,
}

/// What a cross-validation leaves in its output table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// Nothing.
    None,
    /// Predictions.
    Score,
    /// Rows.
    Instance,
}

/// The parameters.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Penalty, its strength and the learning rate that L1 shrinks with.
    pub regular: Regular,
    /// Tolerance of convergence.
    pub tol: f64,
    /// Optimizer of the arbiter.
    pub optimizer: Method,
    /// Its learning rate.
    pub rate: Rate,
    /// Rows of a batch; none = all.
    pub batch_size: Option<usize>,
    /// Draw new batches in each epoch.
    pub shuffle: bool,
    /// How batches are drawn.
    pub strategy: Strategy,
    /// Decoys for each row of a batch.
    pub masked_rate: f64,
    /// How weights start.
    pub start: Start,
    /// Seed of random starts, the same at all parties; none = secret ones.
    pub seed: Option<u32>,
    /// Whether the guest's model has an intercept.
    pub fit_intercept: bool,
    /// Epochs at most, those of an earlier training included.
    pub max_iter: usize,
    /// Rule of convergence.
    pub early_stop: Rule,
    /// Length of the Paillier modulus, bits.
    pub key_bits: u32,
    /// Probability above which a row is predicted positive.
    pub threshold: f64,
    /// Bits behind the point of features in ciphertext products.
    pub precision: u32,
    /// Cross-validation, if asked for.
    pub cross: Option<Cross>,
    /// Validation while training, if asked for.
    pub validation: Option<Validation>,
    /// Keep a checkpoint at the first of every so many epochs; none = keep none.
    pub save_every: Option<usize>,
}

impl Settings {
    /// From a JSON object; `component` is named in errors.
    pub fn parse(json: &str, component: &str) -> Result<Settings> {
        let raw: Raw =
            serde_json::from_str(json).map_err(|e| input_error(format!("parameters of {component}: {e}")))?;
        let wrong = |text: String| input_error(format!("{component}: {text}"));
        remarks(&raw, component);
        if raw.stepwise_param.need_stepwise {
            let text = "stepwise selection (stepwise_param.need_stepwise) is not offered; select features with \
                HeteroFeatureSelection";
            return Err(wrong(text.to_owned()));
        }
        let penalty = penalty(raw.penalty.as_deref()).map_err(wrong)?;
        let regular = Regular { penalty, alpha: raw.alpha, rate: raw.learning_rate };
        Ok(Settings {
            regular,
            tol: raw.tol,
            optimizer: optimizer(&raw.optimizer).map_err(wrong)?,
            rate: Rate { rate: raw.learning_rate, decay: raw.decay, square_root: raw.decay_sqrt },
            batch_size: batch_size(raw.batch_size).map_err(wrong)?,
            shuffle: raw.shuffle,
            strategy: if raw.batch_strategy.eq_ignore_ascii_case("random") { Strategy::Random } else { Strategy::Full },
            masked_rate: raw.masked_rate,
            start: start(&raw.init_param.init_method, raw.init_param.init_const).map_err(wrong)?,
            seed: raw.init_param.random_seed,
            fit_intercept: raw.init_param.fit_intercept,
            max_iter: raw.max_iter as usize,
            early_stop: rule(&raw.early_stop).map_err(wrong)?,
            key_bits: raw.encrypt_param.key_length,
            threshold: raw.predict_param.threshold,
            precision: raw.floating_point_precision.unwrap_or(53),
            cross: cross(&raw).map_err(wrong)?,
            validation: validation(&raw, component).map_err(wrong)?,
            save_every: save_every(&raw).map_err(wrong)?,
        })
    }

    /// An error when this many hosts do not go with the rule of convergence.
    pub fn check_hosts(&self, hosts: usize, component: &str) -> Result<()> {
        if hosts <= 1 || self.early_stop == Rule::WeightDiff {
            return Ok(());
        }
        let rule = self.early_stop.name();
        Err(input_error(format!(
            "{component}: with {hosts} hosts there is no loss, so that early_stop {rule:?} cannot be decided; set early_stop to \
             \"weight_diff\""
        )))
    }

    /// An error when early stopping is asked for and there is nothing to validate on.
    pub fn check_validation(&self, validate_data: bool, component: &str) -> Result<()> {
        if validate_data || self.validation.as_ref().is_none_or(|v| v.rounds.is_none()) {
            return Ok(());
        }
        Err(input_error(format!(
            "{component}: early_stopping_rounds is set, but nothing is connected to validate_data; connect it, or remove \
             EarlyStopping"
        )))
    }
}

/// What is accepted from older jobs and changes nothing.
fn remarks(raw: &Raw, component: &str) {
    if !raw.encrypted_mode_calculator_param.mode.eq_ignore_ascii_case("strict") {
        warning!(
            "{component}: every value is encrypted afresh (mode strict); encrypted_mode_calculator_param is ignored"
        );
    }
    if raw.encrypt_param.method.eq_ignore_ascii_case("ipcl") {
        warning!("{component}: encrypt_param.method IPCL is a faster build of Paillier in FATE; Paillier is used");
    }
}

type Checked<T> = std::result::Result<T, String>;

fn penalty(name: Option<&str>) -> Checked<Penalty> {
    match name.map(str::to_ascii_uppercase).as_deref() {
        None | Some("NONE") => Ok(Penalty::None),
        Some("L1") => Ok(Penalty::L1),
        Some("L2") => Ok(Penalty::L2),
        Some(other) => Err(format!("penalty {other:?}: one of L2, L1, None is needed")),
    }
}

fn optimizer(name: &str) -> Checked<Method> {
    let name = name.to_ascii_lowercase();
    if name == "sqn" {
        warning!("optimizer \"sqn\" was never active in HeteroLR: plain sgd runs, as in FATE");
        return Ok(Method::Sgd);
    }
    let known = "rmsprop, adam, adagrad, nesterov_momentum_sgd, sgd";
    Method::parse(&name).ok_or_else(|| format!("optimizer {name:?}: one of {known} is needed"))
}

fn batch_size(size: i64) -> Checked<Option<usize>> {
    match size {
        -1 => Ok(None),
        10.. => Ok(Some(usize::try_from(size).unwrap_or(usize::MAX))),
        _ => Err(format!("batch_size {size}: -1 (all rows) or at least 10 is needed")),
    }
}

fn start(method: &str, constant: f64) -> Checked<Start> {
    match method.to_ascii_lowercase().as_str() {
        "random_uniform" => Ok(Start::Uniform),
        "random_normal" => Ok(Start::Normal),
        "zeros" => Ok(Start::Constant(0.0)),
        "ones" => Ok(Start::Constant(1.0)),
        "const" => Ok(Start::Constant(constant)),
        _ => Err(format!("init_method {method:?}: one of random_uniform, random_normal, ones, zeros, const is needed")),
    }
}

fn rule(name: &str) -> Checked<Rule> {
    match name.to_ascii_lowercase().as_str() {
        "diff" => Ok(Rule::Diff),
        "abs" => Ok(Rule::Abs),
        "weight_diff" => Ok(Rule::WeightDiff),
        _ => Err(format!("early_stop {name:?}: one of diff, abs, weight_diff is needed")),
    }
}

fn cross(raw: &Raw) -> Checked<Option<Cross>> {
    let given = &raw.cv_param;
    if !given.need_cv {
        return Ok(None);
    }
    if given.n_splits < 2 {
        return Err(format!("cv_param.n_splits {}: at least 2 folds are needed", given.n_splits));
    }
    let history = match given.history_value_type.to_ascii_lowercase().as_str() {
        _ if !given.output_fold_history => History::None,
        "instance" => History::Instance,
        _ => History::Score,
    };
    Ok(Some(Cross { folds: given.n_splits as usize, shuffle: given.shuffle, seed: given.random_seed, history }))
}

fn save_every(raw: &Raw) -> Checked<Option<usize>> {
    let callbacks = &raw.callback_param;
    match callbacks.save_freq.unwrap_or(1) {
        _ if !callbacks.asks("ModelCheckpoint") => Ok(None),
        0 => Err("callback_param.save_freq 0: at least 1 is needed".to_owned()),
        every => Ok(Some(every as usize)),
    }
}

/// From `callback_param`, or from the older parameters of the component itself.
fn validation(raw: &Raw, component: &str) -> Checked<Option<Validation>> {
    let new = &raw.callback_param;
    let asked = |wanted: &str| new.asks(wanted);
    let old = raw.validation_freqs.is_some() || raw.early_stopping_rounds.is_some();
    let frequency = new.validation_freqs.clone().or_else(|| raw.validation_freqs.clone());
    let rounds = new.early_stopping_rounds.or(raw.early_stopping_rounds);
    if old && (!new.callbacks.is_empty() || new.validation_freqs.is_some() || new.early_stopping_rounds.is_some()) {
        let text =
            "validation_freqs or early_stopping_rounds is given beside callback_param; give callback_param alone";
        return Err(text.to_owned());
    }
    if old {
        warning!("{component}: validation_freqs, early_stopping_rounds and metrics are deprecated; use callback_param");
    }
    if !old && !asked("EarlyStopping") && !asked("PerformanceEvaluate") {
        return Ok(None);
    }
    if asked("EarlyStopping") && rounds.is_none() {
        return Err("callback EarlyStopping needs callback_param.early_stopping_rounds of at least 1".to_owned());
    }
    let frequency = match frequency {
        Some(Frequency::Every(0)) => return Err("validation_freqs 0: at least 1 is needed".to_owned()),
        Some(frequency) => frequency,
        None if rounds.is_some() => return Err("early_stopping_rounds needs validation_freqs".to_owned()),
        None => return Ok(None),
    };
    let names = if old { raw.metrics.clone().unwrap_or_default() } else { new.metrics.clone() };
    let metrics = metrics(&names)?;
    let first_only = if old { raw.use_first_metric_only } else { new.use_first_metric_only };
    let tracked = if first_only { 1 } else { metrics.len() };
    Ok(Some(Validation { frequency, rounds: rounds.filter(|r| *r > 0), metrics, tracked }))
}

fn metrics(names: &[String]) -> Checked<Vec<Metric>> {
    let mut metrics = Vec::new();
    for name in names {
        let metric =
            Metric::parse(name).ok_or_else(|| format!("metric {name:?}: one of {} is needed", Metric::known()))?;
        if !metrics.contains(&metric) {
            metrics.push(metric);
        }
    }
    if metrics.is_empty() {
        metrics.extend([Metric::Auc, Metric::Ks]);
    }
    Ok(metrics)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
