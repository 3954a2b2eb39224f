//! Results under FATE's names: series of points, curves and tables, and the summary. Pure. Not for: computing them, sending
//! them to the node.

use serde_json::{Map, Value, json};

/// Key of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// x of a curve, or a class.
    Number(f64),
    /// Name of a metric, or a class.
    Text(String),
}

/// One metric series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Type of the rows: `train`, `validate`, `predict`.
    pub namespace: String,
    /// `<producer>`, or `<producer>_<metric>`.
    pub name: String,
    /// FATE's type.
    pub metric_type: String,
    /// What the type needs beside points; tables are here altogether.
    pub extra: Map<String, Value>,
    /// Points.
    pub points: Vec<(Key, f64)>,
}

/// What is measured where.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The component that made the predictions.
    pub producer: String,
    /// Type of the rows.
    pub namespace: String,
}

/// Everything that is told at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// In the order in which they were measured.
    pub series: Vec<Series>,
    /// Sentences for the log.
    pub warnings: Vec<String>,
    summary: Map<String, Value>,
}

/// Type of the series of single values.
const SUMMARY: &str = "EVALUATION_SUMMARY";

/// Six decimals, as FATE rounds every figure.
pub fn rounded(value: f64) -> f64 {
    (value * 1e6).round_ties_even() / 1e6
}

/// Many figures, rounded.
pub fn all_rounded(values: &[f64]) -> Value {
    json!(values.iter().map(|value| rounded(*value)).collect::<Vec<f64>>())
}

impl Report {
    /// Tells a single value.
    pub fn single(&mut self, place: &Place, metric: &str, value: f64) {
        let value = rounded(value);
        let producer = self.summary.entry(place.producer.clone()).or_insert_with(|| json!({}));
        producer[&place.namespace][metric] = json!(value);
        let point = (Key::Text(metric.to_owned()), value);
        let known = self.series.iter_mut().find(|series| {
            series.metric_type == SUMMARY && series.namespace == place.namespace && series.name == place.producer
        });
        match known {
            Some(series) => series.points.push(point),
            None => self.push(place, place.producer.clone(), SUMMARY, Map::new(), vec![point]),
        }
    }

    /// Tells a curve as `<producer>_<suffix>`. `words`: what the curve is called; empty ones are left out.
    pub fn curve(&mut self, place: &Place, suffix: &str, metric_type: &str, words: &[(&str, &str)], curve: Points) {
        let mut extra: Map<String, Value> = Map::new();
        for (name, word) in words.iter().filter(|(_, word)| !word.is_empty()) {
            extra.insert((*name).to_owned(), json!(word));
        }
        if !curve.thresholds.is_empty() {
            extra.insert("thresholds".to_owned(), all_rounded(curve.thresholds));
        }
        let round = |(key, value): (Key, f64)| match key {
            Key::Number(x) => (Key::Number(rounded(x)), rounded(value)),
            text => (text, rounded(value)),
        };
        let points = curve.points.into_iter().map(round).collect();
        self.push(place, format!("{}_{suffix}", place.producer), metric_type, extra, points);
    }

    /// Tells a table as `<producer>_<metric>`; its type is the metric's name in capitals.
    pub fn table(&mut self, place: &Place, metric: &str, extra: Value) {
        let extra = extra.as_object().cloned().unwrap_or_default();
        self.push(place, format!("{}_{metric}", place.producer), &metric.to_uppercase(), extra, Vec::new());
    }

    /// Tells the log that something was left out.
    pub fn warn(&mut self, place: &Place, text: &str) {
        self.warnings.push(format!("{} rows of {}: {text}", place.namespace, place.producer));
    }

    /// `{producer: {namespace: {metric: value}}}`.
    pub fn summary(&self) -> Value {
        Value::Object(self.summary.clone())
    }

    fn push(&mut self, place: &Place, name: String, kind: &str, extra: Map<String, Value>, points: Vec<(Key, f64)>) {
        let namespace = place.namespace.clone();
        self.series.push(Series { namespace, name, metric_type: kind.to_owned(), extra, points });
    }
}

/// Points and thresholds of a curve.
pub struct Points<'a> {
    points: Vec<(Key, f64)>,
    thresholds: &'a [f64],
}

impl<'a> Points<'a> {
    /// A curve over numbers.
    pub fn new(points: &[(f64, f64)], thresholds: &'a [f64]) -> Points<'a> {
        Points { points: points.iter().map(|(x, y)| (Key::Number(*x), *y)).collect(), thresholds }
    }

    /// Bars.
    pub fn bars(points: Vec<(Key, f64)>) -> Points<'static> {
        Points { points, thresholds: &[] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { producer: "hetero_lr_0".to_owned(), namespace: "train".to_owned() }
    }

    #[test]
    fn single_values_share_a_series_and_make_the_summary() {
        let mut report = Report::default();
        report.single(&place(), "auc", 0.123_456_789);
        report.single(&place(), "ks", 0.5);
        assert_eq!(report.series.len(), 1);
        let series = &report.series[0];
        assert_eq!((series.name.as_str(), series.metric_type.as_str()), ("hetero_lr_0", "EVALUATION_SUMMARY"));
        assert_eq!(series.points, [(Key::Text("auc".to_owned()), 0.123457), (Key::Text("ks".to_owned()), 0.5)]);
        assert_eq!(report.summary(), json!({"hetero_lr_0": {"train": {"auc": 0.123457, "ks": 0.5}}}));
    }

    #[test]
    fn curves_carry_words_and_thresholds() {
        let mut report = Report::default();
        let words = [("unit_name", "fpr"), ("ordinate_name", "")];
        report.curve(&place(), "roc", "ROC_EVALUATION", &words, Points::new(&[(0.0, 0.5)], &[1.0 / 3.0]));
        let series = &report.series[0];
        assert_eq!(series.name, "hetero_lr_0_roc");
        assert_eq!(Value::Object(series.extra.clone()), json!({"unit_name": "fpr", "thresholds": [0.333333]}));
        assert_eq!(series.points, [(Key::Number(0.0), 0.5)]);
    }

    #[test]
    fn tables_are_in_the_extra_metas() {
        let mut report = Report::default();
        report.table(&place(), "f1_score", json!({"f1_scores": [1.0]}));
        let series = &report.series[0];
        assert_eq!((series.name.as_str(), series.metric_type.as_str()), ("hetero_lr_0_f1_score", "F1_SCORE"));
        assert!(series.points.is_empty());
    }
}
