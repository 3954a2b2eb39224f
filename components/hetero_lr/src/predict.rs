//! Joint prediction. Each host sends its part of every score in plain, as in FATE: the guest, which must know the probability
//! anyway, learns w_h x_h of each row, and with more rows than a host has features that tells something about its features.
//! The arbiter takes no part. Not for: tables ([`crate::output`]).

use parcae_sdk::{Result, input_error};

use crate::{learned::Learned, link::Link, python, rows::Rows, scene::Scene, taylor, wire};

/// The guest's side: for each model the probability of each row, rows in the order of their ids.
pub fn guest<L: Link>(scene: &Scene<'_, L>, rows: &Rows, learned: &Learned) -> Result<Vec<Vec<f64>>> {
    let features = rows.ordered(&learned.header)?;
    scene.tell(&scene.cast.hosts, "predict_info", &wire::counts(&[learned.singles.len() as u64]))?;
    scene.share_ids("predict_ids", rows.ids())?;
    let mut all = Vec::with_capacity(learned.singles.len());
    for (index, single) in learned.singles.iter().enumerate() {
        let mut z = single.weights(true).scores(&features);
        let tag = scene.tag(&format!("host_prob.{index}"));
        for host in &scene.cast.hosts {
            let more = scene.numbers(*host, &tag, z.len())?;
            z.iter_mut().zip(more).for_each(|(z, more)| *z += more);
        }
        all.push(z.into_iter().map(taylor::sigmoid).collect());
    }
    Ok(all)
}

/// A host's side.
pub fn host<L: Link>(scene: &Scene<'_, L>, rows: &Rows, learned: &Learned) -> Result<()> {
    let guest = scene.cast.guest;
    let models = scene.counts(guest, "predict_info", 1)?[0];
    if models != learned.singles.len() as u64 {
        let own = learned.singles.len();
        return Err(input_error(format!(
            "{}: the guest's model has {models} classes, this party's {own}; give all parties models of one training",
            rows.what
        )));
    }
    let ids = scene.link.pull_ids(guest, &scene.tag("predict_ids"))?;
    let features = rows.ordered(&learned.header)?.gather(&rows.positions(&ids)?);
    for (index, single) in learned.singles.iter().enumerate() {
        let z = single.weights(false).scores(&features);
        scene.link.push(guest, &scene.tag(&format!("host_prob.{index}")), &wire::numbers(&z))?;
    }
    Ok(())
}

/// Predictions of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// The predicted class of each row.
    pub classes: Vec<i64>,
    /// Probability of class 1, or the greatest of all classes' scores.
    pub scores: Vec<f64>,
    /// Score of every class, as a Python dictionary prints.
    pub details: Vec<String>,
}

impl Predictions {
    /// From the probabilities of each model: class 1 when they are above `threshold`, or the class whose model says most (the
    /// first of several).
    pub fn new(probabilities: &[Vec<f64>], learned: &Learned, threshold: f64) -> Predictions {
        if learned.is_one_vs_rest() {
            several(probabilities, &learned.classes)
        } else {
            binary(&probabilities[0], threshold)
        }
    }
}

fn binary(probabilities: &[f64], threshold: f64) -> Predictions {
    Predictions {
        classes: probabilities.iter().map(|p| i64::from(*p > threshold)).collect(),
        scores: probabilities.to_vec(),
        details: probabilities.iter().map(|p| python::dictionary([("0", 1.0 - p), ("1", *p)])).collect(),
    }
}

fn several(probabilities: &[Vec<f64>], classes: &[i64]) -> Predictions {
    let names: Vec<String> = classes.iter().map(i64::to_string).collect();
    let rows = probabilities.first().map_or(0, Vec::len);
    let mut all = Predictions { classes: Vec::new(), scores: Vec::new(), details: Vec::new() };
    for row in 0..rows {
        let scores: Vec<f64> = probabilities.iter().map(|p| p[row]).collect();
        let best = (1..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
        all.classes.push(classes[best]);
        all.scores.push(scores[best]);
        all.details.push(python::dictionary(names.iter().map(String::as_str).zip(scores)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_strict() {
        let found = Predictions::new(&[vec![0.5, 0.75]], &Learned::default(), 0.5);
        assert_eq!(found.classes, [0, 1]);
        assert_eq!(found.scores, [0.5, 0.75]);
        assert_eq!(found.details, ["{'0': 0.5, '1': 0.5}", "{'0': 0.25, '1': 0.75}"]);
    }

    #[test]
    fn the_first_of_the_best_classes_wins() {
        let learned = Learned { classes: vec![-1, 2, 7], ..Learned::default() };
        let found = Predictions::new(&[vec![0.1], vec![0.6], vec![0.6]], &learned, 0.5);
        assert_eq!((found.classes, found.scores), (vec![2], vec![0.6]));
        assert_eq!(found.details, ["{'-1': 0.1, '2': 0.6, '7': 0.6}"]);
    }
}
