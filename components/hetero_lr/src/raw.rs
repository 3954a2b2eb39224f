//! The parameters as they stand in a job, with FATE's defaults. Not for: what they mean ([`crate::settings`]).

use serde::Deserialize;

/// `HeteroLogisticParam`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Raw {
    pub penalty: Option<String>,
    pub tol: f64,
    pub alpha: f64,
    pub optimizer: String,
    pub batch_size: i64,
    pub shuffle: bool,
    pub batch_strategy: String,
    pub masked_rate: f64,
    pub learning_rate: f64,
    pub init_param: Init,
    pub max_iter: u32,
    pub early_stop: String,
    pub encrypt_param: Encrypt,
    pub predict_param: Predict,
    pub cv_param: Cross,
    pub decay: f64,
    pub decay_sqrt: bool,
    pub metrics: Option<Vec<String>>,
    pub validation_freqs: Option<Frequency>,
    pub early_stopping_rounds: Option<u32>,
    pub use_first_metric_only: bool,
    pub floating_point_precision: Option<u32>,
    pub encrypted_mode_calculator_param: Mode,
    pub stepwise_param: Stepwise,
    pub callback_param: Callback,
}

impl Default for Raw {
    fn default() -> Raw {
        Raw {
            penalty: Some("L2".to_owned()),
            tol: 1e-4,
            alpha: 1.0,
            optimizer: "rmsprop".to_owned(),
            batch_size: -1,
            shuffle: true,
            batch_strategy: "full".to_owned(),
            masked_rate: 5.0,
            learning_rate: 0.01,
            init_param: Init::default(),
            max_iter: 100,
            early_stop: "diff".to_owned(),
            encrypt_param: Encrypt::default(),
            predict_param: Predict::default(),
            cv_param: Cross::default(),
            decay: 1.0,
            decay_sqrt: true,
            metrics: None,
            validation_freqs: None,
            early_stopping_rounds: None,
            use_first_metric_only: false,
            floating_point_precision: Some(23),
            encrypted_mode_calculator_param: Mode::default(),
            stepwise_param: Stepwise::default(),
            callback_param: Callback::default(),
        }
    }
}

/// `init_param`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Init {
    pub init_method: String,
    pub init_const: f64,
    pub fit_intercept: bool,
    pub random_seed: Option<u32>,
}

impl Default for Init {
    fn default() -> Init {
        Init { init_method: "random_uniform".to_owned(), init_const: 1.0, fit_intercept: true, random_seed: None }
    }
}

/// `encrypt_param`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Encrypt {
    pub method: String,
    pub key_length: u32,
}

impl Default for Encrypt {
    fn default() -> Encrypt {
        Encrypt { method: "Paillier".to_owned(), key_length: 1024 }
    }
}

/// `predict_param`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Predict {
    pub threshold: f64,
}

impl Default for Predict {
    fn default() -> Predict {
        Predict { threshold: 0.5 }
    }
}

/// `cv_param`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Cross {
    pub n_splits: u32,
    pub shuffle: bool,
    pub random_seed: Option<u32>,
    pub need_cv: bool,
    pub output_fold_history: bool,
    pub history_value_type: String,
}

impl Default for Cross {
    fn default() -> Cross {
        Cross {
            n_splits: 5,
            shuffle: true,
            random_seed: Some(1),
            need_cv: false,
            output_fold_history: true,
            history_value_type: "score".to_owned(),
        }
    }
}

/// `encrypted_mode_calculator_param`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Mode {
    pub mode: String,
}

impl Default for Mode {
    fn default() -> Mode {
        Mode { mode: "strict".to_owned() }
    }
}

/// `stepwise_param`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Stepwise {
    pub need_stepwise: bool,
}

/// `callback_param`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema in `describe` says what each one is")]
pub struct Callback {
    pub callbacks: Vec<String>,
    pub validation_freqs: Option<Frequency>,
    pub early_stopping_rounds: Option<u32>,
    pub metrics: Vec<String>,
    pub use_first_metric_only: bool,
    pub save_freq: Option<u32>,
}

impl Callback {
    /// Whether a callback is among those asked for.
    pub fn asks(&self, wanted: &str) -> bool {
        self.callbacks.iter().any(|name| name.eq_ignore_ascii_case(wanted))
    }
}

/// At which epochs to validate.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Frequency {
    /// Every so many epochs.
    Every(u32),
    /// At these epochs, counted from 0.
    At(Vec<u32>),
}

impl Frequency {
    /// Whether to validate at the end of `epoch`, counted from 0.
    pub fn includes(&self, epoch: usize) -> bool {
        match self {
            Frequency::Every(count) => (epoch + 1).is_multiple_of((*count).max(1) as usize),
            Frequency::At(epochs) => epochs.iter().any(|e| *e as usize == epoch),
        }
    }
}
