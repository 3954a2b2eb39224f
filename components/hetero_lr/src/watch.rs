//! Validation while training: the guest's record of metrics, its verdict that all parties follow, and the weights of the best
//! epochs. Not for: computing scores or metrics.

use parcae_sdk::Result;
use serde_json::{Map, Value, json};

use crate::{scoring, settings::Validation, wire};

/// What the guest decides at the end of an epoch with validation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// For each tracked metric whether this epoch is its best so far.
    pub improved: Vec<bool>,
    /// Stop now; the best model by this metric counts.
    pub stop: Option<usize>,
}

impl Verdict {
    /// For a message: 0 or the number of the metric, counted from 1, that stops; then 0 or 1 for each tracked metric.
    pub fn to_bytes(&self) -> Vec<u8> {
        let stop = self.stop.map_or(0, |metric| metric as u8 + 1);
        let improved = self.improved.iter().map(|i| u8::from(*i));
        std::iter::once(stop).chain(improved).collect()
    }

    /// From a message of a guest that tracks `tracked` metrics.
    pub fn from_bytes(bytes: &[u8], tracked: usize, what: &str) -> Result<Verdict> {
        match bytes {
            [stop, improved @ ..] if improved.len() == tracked && usize::from(*stop) <= tracked => Ok(Verdict {
                improved: improved.iter().map(|i| *i != 0).collect(),
                stop: usize::from(*stop).checked_sub(1),
            }),
            _ => Err(wire::peer_error(format!("{what}: a verdict on {tracked} metrics was expected"))),
        }
    }
}

/// What a party keeps of the best epochs, one for each tracked metric.
pub struct Best<T> {
    kept: Vec<Option<(usize, T)>>,
}

impl<T: Clone> Best<T> {
    /// Before the first validation of `plan`; keeps nothing unless training may stop early.
    pub fn new(plan: Option<&Validation>) -> Best<T> {
        let tracked = plan.filter(|plan| plan.rounds.is_some()).map_or(0, |plan| plan.tracked);
        Best { kept: vec![None; tracked] }
    }

    /// Keeps the state after `epoch` where it is the best.
    pub fn note(&mut self, verdict: &Verdict, epoch: usize, state: &T) {
        for (kept, improved) in self.kept.iter_mut().zip(&verdict.improved) {
            if *improved {
                *kept = Some((epoch, state.clone()));
            }
        }
    }

    /// Epoch and state of the model that counts: the best by the metric that stopped training, else by the first; none when
    /// training may not stop early.
    pub fn take(mut self, stop: Option<usize>) -> Option<(usize, T)> {
        self.kept.get_mut(stop.unwrap_or(0)).and_then(Option::take)
    }
}

/// The guest's record.
pub struct Watch<'a> {
    plan: &'a Validation,
    best: Vec<f64>,
    idle: Vec<u32>,
    train: Vec<Vec<f64>>,
    validate: Vec<Vec<f64>>,
}

impl<'a> Watch<'a> {
    /// Before the first validation.
    pub fn new(plan: &'a Validation) -> Watch<'a> {
        let empty = vec![Vec::new(); plan.metrics.len()];
        let (best, idle) = (vec![f64::NEG_INFINITY; plan.tracked], vec![0; plan.tracked]);
        Watch { plan, best, idle, train: empty.clone(), validate: empty }
    }

    /// Records the metrics of one validation, in the order of the plan; none for data that are not there. A metric that has
    /// not grown for as many validations as the plan allows stops training.
    pub fn note(&mut self, train: &[f64], validate: Option<&[f64]>) -> Verdict {
        let keep =
            |all: &mut Vec<Vec<f64>>, values: &[f64]| all.iter_mut().zip(values).for_each(|(all, v)| all.push(*v));
        keep(&mut self.train, train);
        let mut verdict = Verdict { improved: vec![false; self.plan.tracked], stop: None };
        let Some(validate) = validate else { return verdict };
        keep(&mut self.validate, validate);
        for (index, value) in validate.iter().take(self.plan.tracked).enumerate() {
            verdict.improved[index] = *value > self.best[index];
            if verdict.improved[index] {
                self.best[index] = *value;
                self.idle[index] = 0;
            } else {
                self.idle[index] += 1;
            }
            let tired = self.plan.rounds.is_some_and(|rounds| self.idle[index] >= rounds);
            if tired && verdict.stop.is_none() {
                verdict.stop = Some(index);
            }
        }
        verdict
    }

    /// For the summary: every metric of every validation, by data set.
    pub fn summary(&self) -> Value {
        let of = |all: &[Vec<f64>]| {
            let names = self.plan.metrics.iter().map(|metric| metric.name().to_owned());
            let series = all.iter().map(|values| values.iter().map(|v| scoring::rounded(*v)).collect::<Vec<f64>>());
            names.zip(series).map(|(name, values)| (name, json!(values))).collect::<Map<String, Value>>()
        };
        let mut summary = Map::new();
        summary.insert("train".to_owned(), Value::Object(of(&self.train)));
        if self.validate.iter().any(|values| !values.is_empty()) {
            summary.insert("validate".to_owned(), Value::Object(of(&self.validate)));
        }
        Value::Object(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{raw::Frequency, scoring::Metric};

    fn plan(tracked: usize) -> Validation {
        let metrics = vec![Metric::Auc, Metric::Ks];
        Validation { frequency: Frequency::Every(1), rounds: Some(2), metrics, tracked }
    }

    #[test]
    fn any_tracked_metric_stops() {
        let plan = plan(2);
        let mut watch = Watch::new(&plan);
        let mut best = Best::new(Some(&plan));
        let course = [[0.5, 0.3], [0.6, 0.3], [0.7, 0.2]];
        let mut stop = None;
        for (epoch, values) in course.iter().enumerate() {
            let verdict = watch.note(values, Some(values));
            best.note(&verdict, epoch, &epoch);
            stop = verdict.stop;
        }
        assert_eq!(stop, Some(1));
        assert_eq!(best.take(stop), Some((0, 0)));
        assert_eq!(watch.summary()["validate"]["auc"], json!([0.5, 0.6, 0.7]));
    }

    #[test]
    fn without_a_stop_the_first_metric_counts() {
        let plan = plan(1);
        let mut watch = Watch::new(&plan);
        let mut best = Best::new(Some(&plan));
        for (epoch, values) in [[0.5, 0.3], [0.6, 0.2], [0.6, 0.1]].iter().enumerate() {
            best.note(&watch.note(values, Some(values)), epoch, &());
        }
        assert_eq!(best.take(None), Some((1, ())));
    }

    #[test]
    fn without_rounds_nothing_is_kept() {
        let mut plan = plan(2);
        plan.rounds = None;
        let mut best = Best::new(Some(&plan));
        best.note(&Verdict { improved: vec![true, true], stop: None }, 0, &());
        assert_eq!(best.take(None), None);
        assert_eq!(Watch::new(&plan).note(&[0.5, 0.5], None).stop, None);
    }

    #[test]
    fn verdicts_travel() {
        let verdict = Verdict { improved: vec![true, false], stop: Some(1) };
        assert_eq!(Verdict::from_bytes(&verdict.to_bytes(), 2, "v").unwrap(), verdict);
        assert!(Verdict::from_bytes(&[3, 0, 0], 2, "v").is_err());
        assert!(Verdict::from_bytes(&[0, 0], 2, "v").is_err());
        assert!(Verdict::from_bytes(&[], 0, "v").is_err());
    }
}
