//! What every handler is given: the node, and how the server is set up. Not for: anything that changes.

use std::{collections::BTreeMap, ops::Deref, path::PathBuf, sync::Arc};

use axum::http::{HeaderMap, header};
use parcae_api::job::SubmitData;
use parcae_domain::{id::JobId, party::Party};
use parcae_node::{Node, Tenant, view::Submitted};

use crate::{
    answer::Refusal, caller::Caller, clients::Client, connections::ConnectionLimits, gate::Gate, live::Live,
    meters::HttpMeters, pages::fate_board::FateBoard, ready::Readiness, shares::Shares, tls::TlsFiles,
};

/// Questions that are answered at once, in all and of one tenant; more wait. The runtime has more threads, which files
/// need, too.
const THREADS: (usize, usize) = (128, 64);
/// Those that keep the disk busy.
const BUSY_THREADS: (usize, usize) = (4, 2);
/// Those that read much at once, models and metrics, or search: some take a gigabyte, or a second of a core.
const LARGE_THREADS: (usize, usize) = (8, 3);
/// Images that are looked at: the node takes as many at once, and one of a tenant.
const PUSHES: (usize, usize) = (2, 1);
/// Archives of models that are taken apart: the node takes one at a time.
const IMPORTS: (usize, usize) = (1, 1);

/// Logs that are followed at once.
pub(crate) const FOLLOWERS: (usize, usize) = (512, 64);
/// Images that are received at once, or wait to be looked at: each may fill 64 MiB of the disk.
const RECEIVED: (usize, usize) = (16, 8);

/// How the server is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where users reach it, `https://fate.example`; when absent, the way that a request came is taken.
    pub public_url: Option<String>,
    /// Folder whose files `data/upload` may read with `use_local_data` 0, and `table/bind`, beside the node's data folder.
    pub local_uploads: Option<PathBuf>,
    /// Clients that sign, by their app keys; when there are any, every request must say whose it is.
    pub clients: BTreeMap<String, Client>,
    /// Every request must say whose it is, also while nobody has a key yet.
    pub accounts: bool,
    /// Anybody may read `/metrics`.
    pub metrics_open: bool,
    /// Connections that may be open at once.
    pub connections: ConnectionLimits,
    /// Certificate and key; without them the server speaks plain HTTP.
    pub tls: Option<TlsFiles>,
}

/// What every handler is given: the node, as the one sees it who sent the request.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) shared: Shared,
    /// Who sent the request.
    pub(crate) caller: Caller,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) node: Arc<Node>,
    pub(crate) options: Arc<Options>,
    /// Figures of the requests.
    pub(crate) meters: Arc<HttpMeters>,
    /// Whether the node can take work on.
    pub(crate) readiness: Readiness,
    /// Lets requests in; those at the board log in at it.
    pub(crate) gate: Arc<Gate>,
    /// News of jobs.
    pub(crate) live: Arc<Live>,
    /// What FATE-Board's front end needs between its requests.
    pub(crate) fate_board: Arc<FateBoard>,
    /// Places for those who follow a log.
    pub(crate) followers: Arc<Shares>,
    /// Places for images that are received.
    pub(crate) received: Arc<Shares>,
    /// Threads on which questions are answered.
    threads: Arc<Threads>,
}

/// Threads by what is asked. Who waits for one has none meanwhile.
#[derive(Debug)]
struct Threads {
    usual: Shares,
    busy: Shares,
    large: Shares,
    pushes: Shares,
    imports: Shares,
}

impl Default for Threads {
    fn default() -> Threads {
        let [usual, busy, large, pushes, imports] =
            [THREADS, BUSY_THREADS, LARGE_THREADS, PUSHES, IMPORTS].map(|(all, each)| Shares::new(all, each));
        Threads { usual, busy, large, pushes, imports }
    }
}

impl Shared {
    /// For a node.
    pub(crate) fn new(node: Arc<Node>, options: Options, meters: Arc<HttpMeters>, live: Arc<Live>) -> Shared {
        let gate = Arc::new(Gate::new(&node, &options));
        let (readiness, fate_board, threads) = (Readiness::default(), Arc::default(), Arc::default());
        let [followers, received] = [FOLLOWERS, RECEIVED].map(|(all, each)| Arc::new(Shares::new(all, each)));
        let options = Arc::new(options);
        Shared { node, options, meters, readiness, gate, live, fate_board, followers, received, threads }
    }
}

impl App {
    /// Asks the node on a thread that may block. Should the question panic, only this request fails.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads.usual, question).await
    }

    /// The same for what may take minutes: few at once, and nobody else waits for them.
    pub(crate) async fn ask_long<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads.busy, question).await
    }

    /// The same for what may read much, though not for minutes: few at once.
    pub(crate) async fn ask_large<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads.large, question).await
    }

    /// The same for an image that is pushed.
    pub(crate) async fn ask_push<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads.pushes, question).await
    }

    /// The same for the archive of a model that is imported.
    pub(crate) async fn ask_import<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads.imports, question).await
    }

    async fn ask_on<T, F>(&self, threads: &Shares, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        let Some(thread) = threads.take(&self.caller.tenant).await else {
            return Err(Refusal::internal("no thread is given to questions any more"));
        };
        let (node, tenant) = (Arc::clone(&self.node), self.caller.tenant.clone());
        let answered = tokio::task::spawn_blocking(move || {
            let answer = question(&node.tenant(&tenant));
            // Also when the client has left: the thread was taken until now.
            drop(thread);
            answer
        });
        match answered.await {
            Ok(answer) => answer,
            Err(error) => Err(Refusal::internal(&format!("a request did not end as it should: {error}"))),
        }
    }

    /// Where users reach the server, without a slash at its end.
    pub(crate) fn address(&self, headers: &HeaderMap) -> String {
        let scheme = if self.options.tls.is_some() { "https" } else { "http" };
        let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
        let base = self.options.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", host()));
        base.trim_end_matches('/').to_owned()
    }

    /// Where to watch a job.
    pub(crate) fn board_url(&self, headers: &HeaderMap, job: &JobId, party: Party) -> String {
        let base = self.address(headers);
        format!("{base}/index.html#/dashboard?job_id={job}&role={}&party_id={}", party.role, party.id)
    }

    /// A job that was taken on, as FATE-Flow says it.
    pub(crate) fn submit_data(&self, headers: &HeaderMap, taken: &Submitted) -> SubmitData {
        let path = |name: &str| taken.job_directory.join(name).display().to_string();
        let Party { role, id } = taken.initiator;
        let message = if taken.warnings.is_empty() {
            "success".to_owned()
        } else {
            format!("[WARN] {}", taken.warnings.join("; ").trim_start_matches("[WARN] "))
        };
        SubmitData {
            board_url: self.board_url(headers, &taken.job, taken.initiator),
            code: 0,
            dsl_path: path("job_dsl.json"),
            job_id: taken.job.to_string(),
            logs_directory: taken.logs_directory.display().to_string(),
            message,
            model_info: parcae_api::job::ModelInfo {
                model_id: taken.model_id.clone(),
                model_version: taken.model_version.clone(),
            },
            namespace: None,
            pipeline_dsl_path: path("pipeline_dsl.json"),
            runtime_conf_on_party_path: path(&format!("{role}/{id}/job_runtime_on_party_conf.json")),
            runtime_conf_path: path("job_runtime_conf.json"),
            table_name: None,
            train_runtime_conf_path: path("train_runtime_conf.json"),
        }
    }
}
