//! FATE-Board's calls and sockets in its own shapes, for front ends that were made for it. Handlers answer in
//! FATE-Flow's envelope, as those below `/v1` do and with their code; `shape` makes FATE-Board's of it. Not for: our
//! own pages.

use axum::routing::{get, post, put};

use crate::{board, job, rerun, router::Route, shares::Shares};

mod entry;
mod graph;
mod jobs;
mod keys;
mod logs;
mod metrics;
mod progress;
mod row;
mod shape;
mod sockets;

pub(crate) use shape::{denied, reshape};

/// Sockets that may be open at once, in all and of one tenant.
const SOCKETS: (usize, usize) = (512, 128);

/// What all these requests share.
#[derive(Debug)]
pub(crate) struct FateBoard {
    /// What passwords are encrypted with on their way.
    keys: keys::LoginKeys,
    sockets: Shares,
}

impl Default for FateBoard {
    fn default() -> FateBoard {
        FateBoard { keys: keys::LoginKeys::default(), sockets: Shares::new(SOCKETS.0, SOCKETS.1) }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/user/getKey", post(entry::key)),
        ("/user/login", post(entry::login)),
        ("/user/logout", post(entry::logout)),
        ("/job/query/status", get(jobs::active)),
        ("/job/query/{job}/{role}/{party}", get(jobs::one)),
        ("/job/query/page/new", post(jobs::page)),
        ("/job/query/fields", post(jobs::fields)),
        ("/job/update", put(rerun::describe)),
        ("/job/v1/pipeline/job/stop", post(job::stop)),
        ("/job/v1/rerun", post(jobs::rerun)),
        ("/job/componentCommand", post(jobs::command)),
        ("/job/download", post(jobs::download)),
        ("/job/tracking/job/data_view", post(board::job)),
        ("/v1/pipeline/dag/dependencies", post(graph::dependencies)),
        ("/v1/tracking/component/metric_data/batch", post(metrics::batch)),
        ("/websocket/progress/{job}/{role}/{party}", get(progress::open)),
        ("/log/new/{job}/{role}/{party}/{component}", get(logs::open)),
    ]
}
