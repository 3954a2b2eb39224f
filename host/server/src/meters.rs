//! How many requests came and how long they took, by path: of the table of paths, never of what a client makes up. Not
//! for: how that looks on the wire (`prometheus`), figures of the node (`node`).

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use parcae_node::{Histogram, HistogramReading};

/// Figures of a server.
#[derive(Debug, Default)]
pub(crate) struct HttpMeters {
    paths: Mutex<BTreeMap<String, OnePath>>,
    /// Connections that were turned away, for there were too many.
    turned_away: AtomicU64,
    /// Connections that are open.
    open: AtomicU64,
}

#[derive(Debug, Default)]
struct OnePath {
    statuses: BTreeMap<u16, u64>,
    took: Histogram,
}

/// What is known of the requests to a path.
#[derive(Clone, Debug)]
pub(crate) struct PathReading {
    pub(crate) path: String,
    /// How many were answered with each HTTP status.
    pub(crate) statuses: Vec<(u16, u64)>,
    pub(crate) took: HistogramReading,
}

impl HttpMeters {
    pub(crate) fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    pub(crate) fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// One connection was turned away.
    pub(crate) fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection, counted until that is dropped.
    pub(crate) fn opened(self: &Arc<Self>) -> OpenConnection {
        self.open.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }

    /// All paths that were asked for.
    pub(crate) fn paths(&self) -> Vec<PathReading> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |(path, one): (&String, &OnePath)| PathReading {
            path: path.clone(),
            statuses: one.statuses.iter().map(|(status, count)| (*status, *count)).collect(),
            took: one.took.read(),
        };
        paths.iter().map(read).collect()
    }
}

/// A connection that is open.
pub(crate) struct OpenConnection(Arc<HttpMeters>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wraps everything.
pub(crate) async fn measure(State(meters): State<Arc<HttpMeters>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("other", |path| path.as_str().trim_end_matches('/')).to_owned();
    let begun = Instant::now();
    let response = next.run(request).await;
    let mut paths = meters.paths.lock().unwrap_or_else(PoisonError::into_inner);
    let one = paths.entry(path).or_default();
    *one.statuses.entry(response.status().as_u16()).or_default() += 1;
    one.took.observe(begun.elapsed());
    drop(paths);
    response
}
