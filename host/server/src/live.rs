//! News of jobs for those who watch: one thread hears of them from the node, and tells all streams. Not for: what the news
//! are (pages ask anew), lines of logs (`pages::logs`).

use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use parcae_domain::{id::JobId, tenant::TenantId};
use parcae_node::Node;
use tokio::sync::{broadcast, watch};

use crate::shares::{Share, Shares};

/// Longest that the thread waits for news at a time; it is woken when the server stops.
const AT_MOST: Duration = Duration::from_secs(5);
/// Pause between two tellings: what comes meanwhile is told together.
const PAUSE: Duration = Duration::from_millis(100);
/// Tellings that a slow stream may be behind.
const BEHIND: usize = 256;
/// Streams of news that may be open at once, in all and of one tenant.
const STREAMS: (usize, usize) = (512, 128);
/// Owners of jobs that are remembered.
const OWNERS: usize = 10_000;

/// Something of a job has changed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) tenant: TenantId,
    pub(crate) job: JobId,
}

/// Tells news.
#[derive(Debug)]
pub(crate) struct Live {
    changes: broadcast::Sender<Change>,
    closing: watch::Sender<bool>,
    streams: Shares,
    is_over: Arc<AtomicBool>,
}

/// Its thread, until it is told to stop.
pub(crate) struct Watcher {
    live: Arc<Live>,
    node: Weak<Node>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Begins to watch a node.
    pub(crate) fn watch(node: &Arc<Node>) -> std::io::Result<(Arc<Live>, Watcher)> {
        let is_over = Arc::new(AtomicBool::new(false));
        let streams = Shares::new(STREAMS.0, STREAMS.1);
        let live =
            Live { changes: broadcast::Sender::new(BEHIND), closing: watch::Sender::new(false), streams, is_over };
        let live = Arc::new(live);
        let (shared, node_of_thread) = (live.clone(), node.clone());
        let run = move || tell(&shared, &node_of_thread);
        let thread = std::thread::Builder::new().name("news".into()).spawn(run)?;
        let watcher = Watcher { live: live.clone(), node: Arc::downgrade(node), thread: Some(thread) };
        Ok((live, watcher))
    }

    /// What changes from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// A place for one more stream of a tenant, until it is dropped; none when there are too many.
    pub(crate) fn place(&self, tenant: &TenantId) -> Option<Share> {
        self.streams.try_take(tenant)
    }

    /// Done once the server is to stop: streams, which have no end of their own, end then.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // An error would mean that nobody can say it any more.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// The server is to stop.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.live.close();
        self.live.is_over.store(true, Ordering::Release);
        if let Some(node) = self.node.upgrade() {
            node.wake();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn tell(live: &Live, node: &Node) {
    let mut owners: HashMap<JobId, TenantId> = HashMap::new();
    let mut seen = node.news(u64::MAX, Duration::ZERO).count;
    while !live.is_over.load(Ordering::Acquire) {
        let news = node.news(seen, AT_MOST);
        seen = news.count;
        if live.changes.receiver_count() == 0 || news.jobs.is_empty() {
            continue;
        }
        for job in news.jobs {
            if owners.len() >= OWNERS {
                owners.clear();
            }
            let owner = owners.get(&job).cloned().or_else(|| node.owner_of(&job));
            let Some(tenant) = owner else { continue };
            owners.insert(job.clone(), tenant.clone());
            // Nobody may be listening.
            let _ = live.changes.send(Change { tenant, job });
        }
        std::thread::sleep(PAUSE);
    }
}
