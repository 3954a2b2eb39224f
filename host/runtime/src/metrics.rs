//! Interface `metrics`: series, summary, progress; bounded in number and size. Not for: keeping them (`World`).

use serde_json::Value;

use crate::convert::scalar_in;
use crate::generated::parcae::component::metrics;
use crate::generated::parcae::component::types::Error;
use crate::state::{Answer, State, limit_error};

/// Longest name of a series, a namespace or a text in a point, bytes.
const TEXT_BYTES: usize = 4096;
/// Largest JSON text of a series' description or a summary, bytes.
const JSON_BYTES: usize = 16 << 20;

impl State {
    fn series(&mut self, namespace: &str, name: &str) -> Result<(), Error> {
        let odd = |text: &str| text.is_empty() || text.len() > TEXT_BYTES || text.chars().any(char::is_control);
        if odd(namespace) || odd(name) {
            return Err(Error::Invalid(format!(
                "a metric's namespace and name must be 1 to {TEXT_BYTES} printable bytes"
            )));
        }
        self.used.series.insert((namespace.to_owned(), name.to_owned()));
        let limit = self.attempt.limits.metric_series;
        if self.used.series.len() > limit as usize {
            return Err(limit_error("metric_series", format!("{limit} series are allowed")));
        }
        Ok(())
    }
}

fn object(text: &str, what: &str) -> Result<Value, Error> {
    if text.len() > JSON_BYTES {
        return Err(limit_error("call_bytes", format!("{what} has {} bytes, {JSON_BYTES} are allowed", text.len())));
    }
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(Error::Invalid(format!("{what} is not a JSON object"))),
    }
}

impl metrics::Host for State {
    fn append(&mut self, namespace: String, name: String, points: Vec<metrics::Point>) -> Answer<()> {
        let world = self.world()?;
        if let Err(e) = self.series(&namespace, &name) {
            return Ok(Err(e));
        }
        let limit = u64::from(self.attempt.limits.metric_points);
        self.used.points += points.len() as u64;
        if self.used.points > limit {
            return Ok(Err(limit_error("metric_points", format!("{limit} points of all series are allowed"))));
        }
        let too_long = |s: &metrics::Scalar| matches!(s, metrics::Scalar::Text(t) if t.len() > TEXT_BYTES);
        if points.iter().any(|p| too_long(&p.key) || too_long(&p.value)) {
            return Ok(Err(Error::Invalid(format!("texts in points may have {TEXT_BYTES} bytes"))));
        }
        let points: Vec<_> = points.into_iter().map(|p| (scalar_in(p.key), scalar_in(p.value))).collect();
        let result = world.metric_points(&namespace, &name, &points);
        self.answer(result)
    }

    fn describe(&mut self, namespace: String, name: String, metric_type: String, extra: String) -> Answer<()> {
        let world = self.world()?;
        let extra = match self.series(&namespace, &name).and_then(|()| object(&extra, "extra of a series")) {
            Ok(extra) => extra,
            Err(e) => return Ok(Err(e)),
        };
        let result = world.metric_meta(&namespace, &name, &metric_type, extra);
        self.answer(result)
    }

    fn summary(&mut self, summary: String) -> Answer<()> {
        let world = self.world()?;
        match object(&summary, "the summary") {
            Ok(summary) => self.answer(world.summary(summary)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn progress(&mut self, done: u64, of: u64, what: String) -> wasmtime::Result<()> {
        let what: String = what.chars().take(200).collect();
        self.world()?.progress(done, of, &what);
        Ok(())
    }
}
