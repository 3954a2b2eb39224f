//! Interface `metrics`: series, summary, progress; bounded in number and size. Not for: keeping them (`World`).

use crate::convert::scalar_in;
use crate::generated::parcae::component::metrics;
use crate::generated::parcae::component::types::Error;
use crate::state::{Answer, State, limit_error};

/// Longest name of a series, a namespace or a text in a point, bytes.
const TEXT_BYTES: usize = 4096;
/// Longest type of a series, bytes.
const TYPE_BYTES: usize = 100;
/// Bytes of text that count as a point: text is not free.
const POINT_BYTES: usize = 64;
/// Points that are stored at once: while they are, nobody else of the node can store anything.
const POINTS_AT_ONCE: usize = 1000;

impl State {
    fn series(&mut self, namespace: &str, name: &str) -> Result<(), Error> {
        let odd = |text: &str| text.is_empty() || text.len() > TEXT_BYTES || text.chars().any(char::is_control);
        if odd(namespace) || odd(name) {
            return Err(Error::Invalid(format!(
                "a metric's namespace and name must be 1 to {TEXT_BYTES} printable bytes"
            )));
        }
        let (series, limit) = ((namespace.to_owned(), name.to_owned()), self.attempt.limits.metric_series);
        if self.used.series.len() >= limit as usize && !self.used.series.contains(&series) {
            return Err(limit_error("metric_series", format!("{limit} series are allowed")));
        }
        self.used.series.insert(series);
        Ok(())
    }

    /// Counts points, and text as if it were points.
    fn spend(&mut self, points: usize, text_bytes: usize) -> Result<(), Error> {
        let limit = u64::from(self.attempt.limits.metric_points);
        let points = self.used.points.saturating_add((points + text_bytes / POINT_BYTES) as u64);
        if points > limit {
            return Err(limit_error("metric_points", format!("{limit} points of all series are allowed")));
        }
        self.used.points = points;
        Ok(())
    }
}

fn text_bytes(scalar: &metrics::Scalar) -> usize {
    match scalar {
        metrics::Scalar::Number(_) => 0,
        metrics::Scalar::Text(text) => text.len(),
    }
}

impl metrics::Host for State {
    fn append(&mut self, namespace: String, name: String, points: Vec<metrics::Point>) -> Answer<()> {
        let world = self.world()?;
        if points.iter().any(|p| text_bytes(&p.key).max(text_bytes(&p.value)) > TEXT_BYTES) {
            return Ok(Err(Error::Invalid(format!("texts in points may have {TEXT_BYTES} bytes"))));
        }
        let bytes: usize = points.iter().map(|p| text_bytes(&p.key) + text_bytes(&p.value)).sum();
        if let Err(e) = self.series(&namespace, &name).and_then(|()| self.spend(points.len(), bytes)) {
            return Ok(Err(e));
        }
        let points: Vec<_> = points.into_iter().map(|p| (scalar_in(p.key), scalar_in(p.value))).collect();
        // A series without points is one, too.
        let pieces = if points.is_empty() { vec![&points[..]] } else { points.chunks(POINTS_AT_ONCE).collect() };
        for piece in pieces {
            if self.stop.reason().is_some() {
                return Err(self.halt());
            }
            if let Err(e) = self.answer(world.metric_points(&namespace, &name, piece))? {
                return Ok(Err(e));
            }
        }
        Ok(Ok(()))
    }

    fn describe(&mut self, namespace: String, name: String, metric_type: String, extra: String) -> Answer<()> {
        let world = self.world()?;
        if metric_type.len() > TYPE_BYTES || metric_type.chars().any(char::is_control) {
            return Ok(Err(Error::Invalid(format!("a metric's type may have {TYPE_BYTES} printable bytes"))));
        }
        let counted = self.series(&namespace, &name).and_then(|()| self.spend(1, extra.len()));
        let (extra, _taken) = match counted.and_then(|()| self.object(&extra, "extra of a series")) {
            Ok(read) => read,
            Err(e) => return Ok(Err(e)),
        };
        let result = world.metric_meta(&namespace, &name, &metric_type, extra);
        self.answer(result)
    }

    fn summary(&mut self, summary: String) -> Answer<()> {
        let world = self.world()?;
        match self.spend(1, summary.len()).and_then(|()| self.object(&summary, "the summary")) {
            Ok((summary, _taken)) => self.answer(world.summary(summary)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn progress(&mut self, done: u64, of: u64, what: String) -> wasmtime::Result<()> {
        let what: String = what.chars().filter(|c| !c.is_control()).take(200).collect();
        self.world()?.progress(done, of, &what);
        Ok(())
    }
}
