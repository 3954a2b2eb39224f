//! What an intersection says of itself: FATE's metric `intersection` and the summary. Not for: finding the numbers.

use parcae_sdk::{
    Result,
    metrics::{self, Point, Scalar},
};
use serde_json::{Value, json};

use crate::Job;

/// What one party knows at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// Different keys or match ids of this party.
    pub units: usize,
    /// Those in common; `None` where the guest does not tell.
    pub matched: Option<usize>,
    /// Rows in common, for tables with match ids.
    pub samples: Option<usize>,
}

impl Report {
    fn rate(&self, matched: usize) -> f64 {
        if self.units == 0 { 0.0 } else { matched as f64 / self.units as f64 }
    }

    /// Points of the metric.
    pub fn points(&self) -> Vec<(&'static str, f64)> {
        let mut points = vec![("input_match_id_count", self.units as f64)];
        if let Some(matched) = self.matched {
            points.insert(0, ("intersect_count", matched as f64));
            points.push(("intersect_rate", self.rate(matched)));
            points.push(("unmatched_count", self.units.saturating_sub(matched) as f64));
            points.push(("unmatched_rate", 1.0 - self.rate(matched)));
        }
        if let Some(samples) = self.samples {
            points.push(("intersect_sample_id_count", samples as f64));
        }
        points
    }

    /// The summary; -1 = not known to this party, as in FATE.
    pub fn summary(&self, cardinality_only: bool) -> Value {
        json!({
            "intersect_num": self.matched.map_or(json!(-1), |matched| json!(matched)),
            "intersect_rate": self.matched.map_or(json!(-1), |matched| json!(self.rate(matched))),
            "cardinality_only": cardinality_only,
            "unique_id_num": self.units,
        })
    }

    /// Writes both.
    pub fn publish(&self, job: &Job) -> Result<()> {
        let extra = json!({ "intersect_method": job.plan.intersect_method, "join_method": job.plan.join_method });
        metrics::describe("train", "intersection", "INTERSECTION", &extra.to_string())?;
        let point =
            |(key, value): (&str, f64)| Point { key: Scalar::Text(key.to_owned()), value: Scalar::Number(value) };
        let points: Vec<Point> = self.points().into_iter().map(point).collect();
        metrics::append("train", "intersection", &points)?;
        Ok(metrics::summary(&self.summary(job.plan.cardinality_only).to_string())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_rates() {
        let report = Report { units: 8, matched: Some(6), samples: None };
        let expected = [
            ("intersect_count", 6.0),
            ("input_match_id_count", 8.0),
            ("intersect_rate", 0.75),
            ("unmatched_count", 2.0),
            ("unmatched_rate", 0.25),
        ];
        assert_eq!(report.points(), expected);
        let summary = report.summary(false);
        assert_eq!(
            summary,
            json!({"intersect_num": 6, "intersect_rate": 0.75, "cardinality_only": false, "unique_id_num": 8})
        );
    }

    #[test]
    fn a_host_that_is_not_told_knows_its_own_number_only() {
        let report = Report { units: 8, matched: None, samples: None };
        assert_eq!(report.points(), [("input_match_id_count", 8.0)]);
        assert_eq!(report.summary(true)["intersect_num"], json!(-1));
    }
}
