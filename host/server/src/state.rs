//! What every handler is given: the node, and how the server is set up. Not for: anything that changes.

use std::{collections::BTreeMap, ops::Deref, path::PathBuf, sync::Arc};

use axum::http::{HeaderMap, header};
use parcae_api::job::SubmitData;
use parcae_domain::{id::JobId, party::Party};
use parcae_node::{Node, Tenant, view::Submitted};
use tokio::sync::Semaphore;

use crate::{
    answer::Refusal, caller::Caller, clients::Client, connections::ConnectionLimits, meters::HttpMeters,
    ready::Readiness, tls::TlsFiles,
};

/// Questions that are answered at once; more wait. The runtime has more threads, which files need, too.
const THREADS: usize = 64;
/// Those among them that keep the disk busy.
const BUSY_THREADS: usize = 2;

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
    /// Threads for questions that are answered soon.
    threads: Arc<Semaphore>,
    /// Threads for questions that keep the disk busy.
    busy_threads: Arc<Semaphore>,
}

impl Shared {
    /// For a node.
    pub(crate) fn new(node: Arc<Node>, options: Options, meters: Arc<HttpMeters>) -> Shared {
        let (threads, busy_threads) = (Arc::new(Semaphore::new(THREADS)), Arc::new(Semaphore::new(BUSY_THREADS)));
        let readiness = Readiness::default();
        Shared { node, options: Arc::new(options), meters, readiness, threads, busy_threads }
    }
}

impl App {
    /// Asks the node on a thread that may block. Should the question panic, only this request fails.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.threads, question).await
    }

    /// The same for what may take minutes: few at once, and nobody else waits for them.
    pub(crate) async fn ask_long<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        self.ask_on(&self.busy_threads, question).await
    }

    async fn ask_on<T, F>(&self, threads: &Arc<Semaphore>, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Refusal> + Send + 'static,
    {
        let Ok(thread) = Arc::clone(threads).acquire_owned().await else {
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

    /// Where to watch a job.
    pub(crate) fn board_url(&self, headers: &HeaderMap, job: &JobId, party: Party) -> String {
        let scheme = if self.options.tls.is_some() { "https" } else { "http" };
        let host = || headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
        let base = self.options.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", host()));
        let base = base.trim_end_matches('/');
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
