//! Whether the node can take work on, for who spreads work. Not for: whether it is there (`info`).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::State;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    answer::{Answer, Handled, Refusal},
    state::Shared,
};

/// Anybody may ask: the disk is asked this often at most.
const KEPT: Duration = Duration::from_secs(1);
/// How long who asks waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found last, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<Look>>>);

/// When it was looked, and what was wrong then.
type Look = (Instant, Option<String>);

/// Status 503 with words when it cannot.
pub(crate) async fn ready(State(shared): State<Shared>) -> Handled {
    match why_not(shared).await {
        None => Ok(Answer::empty()),
        Some(why) => Err(Refusal::status(503, &why)),
    }
}

/// Why it cannot, in words.
pub(crate) async fn why_not(shared: Shared) -> Option<String> {
    let found = timeout(PATIENCE, found(shared)).await;
    found.unwrap_or_else(|_| told(format!("the node does not answer within {} s", PATIENCE.as_secs())))
}

/// Why it cannot. One looks, and the others wait for what it finds.
async fn found(shared: Shared) -> Option<String> {
    let mut last = shared.readiness.0.lock().await;
    if let Some((_, found)) = last.as_ref().filter(|(at, _)| at.elapsed() < KEPT) {
        return found.clone();
    }
    let node = shared.node.clone();
    let found = tokio::task::spawn_blocking(move || node.unready()).await;
    let found = found.unwrap_or_else(|error| Some(format!("nobody could look: {error}")));
    let found = found.and_then(told);
    *last = Some((Instant::now(), found.clone()));
    found
}

/// Says it in the node's log: for each look, not for each who asks.
fn told(why: String) -> Option<String> {
    tracing::warn!(why, "the node is not ready");
    Some(why)
}
