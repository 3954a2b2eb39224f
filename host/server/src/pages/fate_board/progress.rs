//! FATE-Board's socket for a job under way: all about it first, then what changes, when it changes, and the time that
//! it takes. Not for: news of our own pages (`home`).

use std::time::Duration;

use axum::{extract::Path, http::HeaderMap, response::Response};
use parcae_domain::{id::JobId, status::Status};
use parcae_node::{
    Tenant,
    view::{JobView, TaskView},
};
use serde_json::{Map, Value, json};
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::{interval, sleep},
};

use crate::{
    answer::Refusal,
    live::Change,
    lookup::now_ms,
    pages::fate_board::{
        graph,
        jobs::{At, find},
        row,
        sockets::{Line, Upgrade, open as open_socket},
    },
    state::App,
};

/// Changes within this are told together.
const TOGETHER: Duration = Duration::from_millis(400);
/// How often the time is told that a running job takes.
const CLOCK: Duration = Duration::from_secs(1);
/// What is said of a job that is not there, before the socket ends. No JSON, as there.
const NO_JOB: &str = "there is no such job at that party";

/// A job at a party as it is now.
struct Picture {
    status: Status,
    progress: u8,
    start_ms: Option<i64>,
    end_ms: Option<i64>,
    /// What changes of its graph.
    states: Map<String, Value>,
    /// All of its graph.
    graph: Map<String, Value>,
    job: Value,
    dataset: Value,
}

/// Opens the socket.
pub(super) async fn open(app: App, at: At, headers: HeaderMap, upgrade: Upgrade) -> Result<Response, Refusal> {
    let at = at.map(|Path(at)| at).unwrap_or_default();
    // From before the first look, so that nothing is missed.
    let changes = app.live.changes();
    open_socket(app, headers, upgrade, move |line| watch(line, at, changes))
}

async fn watch(mut line: Line, at: (String, String, String), mut changes: Receiver<Change>) {
    let job = JobId(at.0.clone());
    let mut is_first = true;
    loop {
        forget(&mut changes);
        let place = at.clone();
        let Ok(Some(picture)) = line.app().ask(move |node| look(node, &place)).await else {
            let _ = line.say(NO_JOB.into()).await;
            break;
        };
        if !line.say(picture.frame(is_first)).await {
            return;
        }
        if picture.status.is_end() {
            break;
        }
        is_first = false;
        if !news(&mut line, &mut changes, &job, &picture).await {
            break;
        }
        sleep(TOGETHER).await;
    }
    line.end().await;
}

fn look(node: &Tenant<'_>, (job, role, party): &(String, String, String)) -> Result<Option<Picture>, Refusal> {
    Ok(find(node, job, role, party)?.map(|(job, tasks)| Picture::of(&job, &tasks)))
}

/// What has changed until now is about to be looked at.
fn forget(changes: &mut Receiver<Change>) {
    while matches!(changes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
}

/// Waits for news of the job, and tells the time meanwhile; false when nobody listens any more.
async fn news(line: &mut Line, changes: &mut Receiver<Change>, job: &JobId, picture: &Picture) -> bool {
    let mut clock = interval(CLOCK);
    clock.reset();
    loop {
        tokio::select! {
            heard = line.hear() => if heard.is_none() { return false; },
            change = changes.recv() => match change {
                Ok(change) if change.job == *job => return true,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return true,
                Err(RecvError::Closed) => return false,
            },
            _ = clock.tick(), if picture.status == Status::Running => {
                if !line.say(picture.frame(false)).await {
                    return false;
                }
            }
        }
    }
}

impl Picture {
    fn of(job: &JobView, tasks: &[TaskView]) -> Picture {
        Picture {
            status: job.status,
            progress: job.progress,
            start_ms: job.start_ms,
            end_ms: job.end_ms,
            states: graph::states(job, tasks),
            graph: graph::full(job, tasks),
            job: row::job(job, None),
            dataset: row::dataset(job, tasks),
        }
    }

    /// What is said; only the first time all of it.
    fn frame(&self, is_first: bool) -> String {
        let graph = if is_first { &self.graph } else { &self.states };
        let mut summary = json!({"job": self.job});
        if is_first {
            summary["dataset"] = self.dataset.clone();
        }
        let ended_ms = || self.end_ms.unwrap_or_else(now_ms);
        let frame = json!({
            "process": self.progress,
            "duration": self.start_ms.map_or(0, |start| (ended_ms() - start).max(0)),
            "status": row::status(self.status),
            "dependency_data": graph,
            "summary_date": summary,
        });
        row::without_nulls(frame).to_string()
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};

    use super::*;
    use crate::rows::tests::job;

    #[test]
    fn later_frames_are_short() {
        let mut job = job("202611212240299893180", Party::new(Role::Guest, 9999));
        job.dsl = json!({"components": {"reader_0": {"module": "Reader"}}});
        job.status = Status::Timeout;
        let picture = Picture::of(&job, &[]);
        let [first, later] = [true, false].map(|is_first| {
            let frame: Value = serde_json::from_str(&picture.frame(is_first)).unwrap();
            frame
        });
        let seen = [&first["process"], &first["duration"], &first["status"]];
        assert_eq!(seen, [&json!(100), &json!(19_377), &json!("failed")]);
        assert_eq!(first["dependency_data"].as_object().unwrap().len(), 4);
        assert!(first["summary_date"]["dataset"].is_object());
        assert_eq!(later["dependency_data"], json!({"component_list": [{"component_name": "reader_0"}]}));
        assert_eq!(later["summary_date"].as_object().unwrap().len(), 1);
        assert!(first["summary_date"]["job"].get("fWorkMode").is_none(), "nulls are left out");
    }
}
