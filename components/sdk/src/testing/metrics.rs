//! Interface `metrics` in native tests. Not for: showing them ([`PartyOutcome`](super::PartyOutcome) has them).

use std::sync::Arc;

use serde_json::Value;

use super::world::{World, current};
use crate::{
    Error,
    metrics::{Point, Scalar},
};

/// Longest name of a series, a namespace or a text in a point, bytes.
const TEXT_BYTES: usize = 4096;
/// Longest type of a series, bytes.
const TYPE_BYTES: usize = 100;

/// The world, after a look at the names of a series.
fn series(namespace: &str, name: &str) -> Result<Arc<World>, Error> {
    let odd = |text: &str| text.is_empty() || text.len() > TEXT_BYTES || text.chars().any(char::is_control);
    if odd(namespace) || odd(name) {
        let message = format!("a metric's namespace and name must be 1 to {TEXT_BYTES} printable bytes");
        return Err(Error::Invalid(message));
    }
    current()
}

fn object(text: &str, what: &str) -> Result<Value, Error> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Error::Invalid(format!("{what} is not a JSON object"))),
    }
}

/// Adds points; visible at once.
pub fn append(namespace: &str, name: &str, points: &[Point]) -> Result<(), Error> {
    let world = series(namespace, name)?;
    let long = |scalar: &Scalar| matches!(scalar, Scalar::Text(text) if text.len() > TEXT_BYTES);
    if points.iter().any(|point| long(&point.key) || long(&point.value)) {
        return Err(Error::Invalid(format!("texts in points may have {TEXT_BYTES} bytes")));
    }
    let mut kept = world.kept();
    let series = kept.series.entry((namespace.to_owned(), name.to_owned())).or_default();
    series.points.extend_from_slice(points);
    Ok(())
}

/// Says what a series is. `metric_type`: `LOSS`, `EVALUATION_SUMMARY`, `ROC_EVALUATION`, ... `extra`: a JSON object,
/// such as `{"unit_name": "iters", "curve_name": "loss"}`.
pub fn describe(namespace: &str, name: &str, metric_type: &str, extra: &str) -> Result<(), Error> {
    let world = series(namespace, name)?;
    if metric_type.len() > TYPE_BYTES || metric_type.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("a metric's type may have {TYPE_BYTES} printable bytes")));
    }
    let extra = object(extra, "extra of a series")?;
    let mut kept = world.kept();
    let series = kept.series.entry((namespace.to_owned(), name.to_owned())).or_default();
    series.metric_type = metric_type.to_owned();
    series.extra = extra;
    Ok(())
}

/// The summary of this attempt, a JSON object; a second call replaces the first.
pub fn summary(summary: &str) -> Result<(), Error> {
    let world = current()?;
    let summary = object(summary, "the summary")?;
    world.kept().summary = summary;
    Ok(())
}

/// How far the attempt is: `progress(3, 30, "iterations")`.
pub fn progress(done: u64, of: u64, what: &str) {
    if let Ok(world) = current() {
        world.kept().progress = Some((done, of, what.to_owned()));
    }
}
