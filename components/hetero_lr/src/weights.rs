//! Weights of one party: their start, their penalty, their step. Not for: gradients of the loss.

use parcae_sdk::{Failure, FailureKind, Result};

use crate::{
    draw::{Draw, normals},
    matrix::Matrix,
    mersenne::Mersenne,
    settings::{Settings, Start},
};

/// Largest weight: beyond it training has diverged.
const LARGEST: f64 = 1e8;

/// Kind of penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Penalty {
    /// None.
    None,
    /// alpha times the sum of absolute weights.
    L1,
    /// Half of alpha times the sum of squared weights.
    L2,
}

/// The penalty and its strength; intercepts are never penalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regular {
    /// Kind.
    pub penalty: Penalty,
    /// Strength.
    pub alpha: f64,
    /// Learning rate, not decayed, that L1 shrinks with.
    pub rate: f64,
}

impl Regular {
    /// What the penalty adds to the gradient of each weight.
    pub fn gradient(&self, weights: &[f64]) -> Vec<f64> {
        let factor = if self.penalty == Penalty::L2 { self.alpha } else { 0.0 };
        weights.iter().map(|w| factor * w).collect()
    }

    /// What the penalty adds to the loss.
    pub fn loss(&self, weights: &[f64]) -> f64 {
        match self.penalty {
            Penalty::None => 0.0,
            Penalty::L1 => self.alpha * weights.iter().map(|w| w.abs()).sum::<f64>(),
            Penalty::L2 => 0.5 * self.alpha * weights.iter().map(|w| w * w).sum::<f64>(),
        }
    }

    /// A weight after the step of `epoch`, counted from 0: soft thresholding for L1. FATE divides by the root of the epoch,
    /// which is 0 at first and kills every weight; here 1 is added.
    fn shrunk(&self, weight: f64, epoch: usize) -> f64 {
        if self.penalty != Penalty::L1 {
            return weight;
        }
        let threshold = self.alpha * self.rate / (epoch as f64 + 1.0).sqrt();
        weight.signum() * (weight.abs() - threshold).max(0.0)
    }
}

/// Weights of one party, one a column; the guest may have an intercept.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// One a column.
    pub values: Vec<f64>,
    /// Added to every row's score.
    pub intercept: Option<f64>,
}

impl Weights {
    /// The start of a training. A seed gives what FATE draws from it (all parties alike), otherwise `secret` is used.
    pub fn start(settings: &Settings, columns: usize, intercept: bool, secret: &mut dyn Draw) -> Weights {
        let count = columns + usize::from(intercept);
        let mut seeded = settings.seed.map(Mersenne::new);
        let source: &mut dyn Draw = match seeded.as_mut() {
            Some(seeded) => seeded,
            None => secret,
        };
        let mut values: Vec<f64> = match settings.start {
            Start::Uniform => (0..count).map(|_| source.unit()).collect(),
            Start::Normal => normals(source, count),
            Start::Constant(value) => vec![value; count],
        };
        let intercept = if intercept { values.pop() } else { None };
        Weights { values, intercept }
    }

    /// Number of coordinates of the gradient: weights, then the intercept.
    pub fn coordinates(&self) -> usize {
        self.values.len() + usize::from(self.intercept.is_some())
    }

    /// This party's part of every row's score.
    pub fn scores(&self, features: &Matrix) -> Vec<f64> {
        let mut scores = features.scores(&self.values);
        let intercept = self.intercept.unwrap_or(0.0);
        scores.iter_mut().for_each(|score| *score += intercept);
        scores
    }

    /// Subtracts the arbiter's step, which has [`Weights::coordinates`] entries.
    pub fn apply(&mut self, step: &[f64], regular: &Regular, epoch: usize, header: &[String]) -> Result<()> {
        for (weight, step) in self.values.iter_mut().zip(step) {
            *weight = regular.shrunk(*weight - step, epoch);
        }
        if let (Some(intercept), Some(step)) = (self.intercept.as_mut(), step.last()) {
            *intercept -= step;
        }
        let names = header.iter().map(String::as_str);
        let mut all = names.zip(self.values.iter().copied()).chain(self.intercept.map(|b| ("intercept", b)));
        match all.find(|(_, weight)| weight.is_nan() || weight.abs() > LARGEST) {
            None => Ok(()),
            Some((name, weight)) => Err(diverged(name, weight, epoch)),
        }
    }
}

fn diverged(name: &str, weight: f64, epoch: usize) -> Failure {
    let message = format!(
        "the weight of column {name} is {weight} after epoch {epoch}: training diverges; set a smaller learning_rate, or scale \
         the features"
    );
    Failure { kind: FailureKind::Input, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn regular(penalty: Penalty) -> Regular {
        Regular { penalty, alpha: 0.1, rate: 0.5 }
    }

    #[test]
    fn penalties() {
        let weights = [1.0, -2.0];
        assert_eq!(regular(Penalty::L2).gradient(&weights), [0.1, -0.2]);
        assert_eq!(regular(Penalty::L1).gradient(&weights), [0.0, 0.0]);
        assert!((regular(Penalty::L2).loss(&weights) - 0.25).abs() < 1e-15);
        assert!((regular(Penalty::L1).loss(&weights) - 0.3).abs() < 1e-15);
        assert_eq!(regular(Penalty::None).loss(&weights), 0.0);
    }

    #[test]
    fn l1_shrinks_towards_zero_but_spares_the_intercept() {
        let mut weights = Weights { values: vec![1.0, -0.04], intercept: Some(1.0) };
        let header = ["a".to_owned(), "b".to_owned()];
        weights.apply(&[0.5, 0.0, 0.25], &regular(Penalty::L1), 0, &header).unwrap();
        assert!((weights.values[0] - 0.45).abs() < 1e-15);
        assert_eq!((weights.values[1], weights.intercept), (-0.0, Some(0.75)));
        weights.apply(&[0.0, 0.0, 0.0], &regular(Penalty::L1), 3, &header).unwrap();
        assert!((weights.values[0] - 0.425).abs() < 1e-15);
    }

    #[test]
    fn divergence_names_the_column() {
        let mut weights = Weights { values: vec![0.0], intercept: None };
        let failure = weights.apply(&[-1e9], &regular(Penalty::L2), 2, &["x0".to_owned()]).unwrap_err();
        assert!(failure.message.contains("column x0") && failure.message.contains("learning_rate"));
    }

    #[test]
    fn starts_are_numpys_under_a_seed() {
        let text = r#"{"init_param": {"init_method": "random_uniform", "random_seed": 103}}"#;
        let settings = Settings::parse(text, "hetero_lr_0").unwrap();
        let weights = Weights::start(&settings, 2, true, &mut Secret::new([0; 32], 2));
        assert_eq!(weights.values, [0.43211120560090255, 0.17421526319883063]);
        assert_eq!((weights.intercept, weights.coordinates()), (Some(0.17094368527750203), 3));
        let matrix = Matrix::new(1, [vec![1.0], vec![0.0]]);
        assert_eq!(weights.scores(&matrix), [0.43211120560090255 + 0.17094368527750203]);
    }
}
