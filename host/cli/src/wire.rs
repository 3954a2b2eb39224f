//! Wires a node from its real parts: sandbox, built-in components, messages in memory, logs. Not for: how they work.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow};
use parcae_domain::image::Origin;
use parcae_federation::Loopback;
use parcae_logs::{LogDir, local_clock};
use parcae_node::{Node, Options, Parts, SpanSink, make_data_folder};
use parcae_runtime::{Images, Sandbox, Settings};
use tracing_subscriber::{EnvFilter, Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;

/// Opens a node: its data folder is made if need be, and jobs that had not ended go on. `program` is one whose first
/// argument may be `COMPILE_COMMAND` or `WORKER_COMMAND`; without one this process compiles images itself, and no
/// component runs in a process of its own.
pub fn open_node(config: &Config, program: Option<PathBuf>) -> anyhow::Result<Arc<Node>> {
    open_traced(config, program, None)
}

/// The same with somebody who takes what jobs did and when.
pub(crate) fn open_traced(
    config: &Config,
    program: Option<PathBuf>,
    spans: Option<SpanSink>,
) -> anyhow::Result<Arc<Node>> {
    make_data_folder(&config.data).with_context(|| format!("data folder {}", config.data.display()))?;
    let logs = Arc::new(LogDir::open(&config.data.join("logs"), local_clock()).context("logs")?);
    trace_to(&logs);
    let images = images(config, program)?;
    let options = Options {
        data: config.data.clone(),
        cores: config.cores,
        limits: config.limits.clone(),
        quotas: config.quotas.clone(),
        node_limits: config.node_limits.clone(),
        component_limits: config.component_limits.clone(),
        isolation: config.isolation,
        deterministic: config.deterministic,
        export_folder: config.export_folder.clone(),
        grants: config.grants.clone(),
        policy: config.components_policy.clone(),
        spans,
    };
    let parts = Parts {
        // Messages that wait to be read are memory of the node on behalf of attempts.
        transport: Arc::new(Loopback::charged_to(images.memory())),
        executor: Arc::new(Sandbox::new(images.clone())),
        catalog: images.clone(),
        logs,
    };
    let node = Node::open(options, parts).map_err(|e| anyhow!("the node cannot be opened: {e}"))?;
    // No fault: what is named may be pushed later.
    for (module, provider) in images.unserved() {
        tracing::warn!(
            "[providers] of the configuration has {module} = {provider:?}, and no component of this node is that and has \
             this module: jobs that name no other provider are refused until it is pushed"
        );
    }
    Ok(Arc::new(node))
}

/// The built-in components, and those of the folder that is configured.
fn images(config: &Config, program: Option<PathBuf>) -> anyhow::Result<Arc<Images>> {
    let settings = Settings {
        memory_pool_bytes: config.node_limits.memory_pool_bytes,
        image_bytes: usize::try_from(config.node_limits.image_bytes).unwrap_or(usize::MAX),
        compile_seconds: config.node_limits.compile_seconds,
        compile_memory_bytes: config.node_limits.compile_memory_bytes,
        describe_seconds: config.node_limits.describe_seconds,
        describe_memory_bytes: config.node_limits.describe_memory_bytes,
        descriptor_bytes: config.node_limits.descriptor_bytes,
        stack_bytes: usize::try_from(config.limits.stack_bytes).unwrap_or(usize::MAX),
        cache: Some(config.data.join("compiled")),
        program,
        isolation: config.isolation,
    };
    let machine = parcae_runtime::start(settings).map_err(|e| anyhow!("the sandbox cannot be started: {e:?}"))?;
    let images = Images::new(machine).with_providers(&config.providers);
    for built in parcae_catalog::IMAGES {
        images.add(built.wasm).map_err(|e| anyhow!("built-in component {}: {e}", built.name))?;
    }
    if let Some(folder) = &config.components {
        add_folder(&images, folder)?;
    }
    Ok(Arc::new(images))
}

fn add_folder(images: &Images, folder: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("components folder {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wasm"));
    // The image that is added last serves a module: the order must not depend on the file system.
    files.sort();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("component {}", file.display()))?;
        images.add_from(&bytes, Origin::Folder).map_err(|e| anyhow!("component {}: {e}", file.display()))?;
    }
    Ok(())
}

/// The node's own events go to its logs, and what needs attention to the terminal, too.
fn trace_to(logs: &LogDir) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter);
    let files = logs.layer().with_filter(LevelFilter::INFO);
    // A process has one place for its events: a second node in it, as in tests, keeps the first one's.
    let _ = tracing_subscriber::registry().with(files).with(terminal).try_init();
}
