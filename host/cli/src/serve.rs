//! `parcae serve`, and a node that runs in the background of another command. Not for: what is served (`server`).

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use parcae_node::{Node, accounts::Accounts};
use serde_json::json;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{Done, args::Serve, config::Config, otlp::Exporter, output::Output, wire::open_traced};

/// Files that a node may well have open: fewer are worth a word.
const FILES: u64 = 4096;
/// How long what still runs may take once everything is closed.
const LAST: Duration = Duration::from_secs(5);

/// Serves a node until it is told to stop.
pub(crate) fn run(args: &Serve, output: Output) -> anyhow::Result<Done> {
    let config = Config::load(args)?;
    if args.print_config {
        output.result(&config, || config.to_toml().unwrap_or_else(|e| format!("# cannot be written as TOML: {e}")))?;
        return Ok(Done::Well);
    }
    let files = parcae_runtime::open_files();
    let background = Background::start(&config)?;
    if let Some(few) = files.filter(|files| *files < FILES) {
        output.say(&format!(
            "this process may have {few} files open, and needs some for each connection and each attempt: allow it \
             {FILES} or more (ulimit -n, LimitNOFILE=)"
        ));
    }
    if !config.listen.ip().is_loopback() && config.serving.tls.is_none() {
        output.say(
            "others can reach this address, and what is said on it can be read on its way: set [tls], unless a \
                    proxy does it",
        );
    }
    let json = json!({ "url": background.url, "data": config.data, "pid": std::process::id() });
    output.result(&json, || {
        format!(
            "parcae {} listens on {}: open that in a browser, or give it to a client\ndata in {}",
            env!("CARGO_PKG_VERSION"),
            background.url,
            config.data.display()
        )
    })?;
    background.runtime.block_on(told_to_stop());
    output.say("stopping");
    background.stop()?;
    Ok(Done::Well)
}

/// A node that serves its API on threads of its own.
pub(crate) struct Background {
    /// Where it is reached from this machine.
    pub(crate) url: String,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
    /// Dropped last: what runs is stopped then.
    node: Arc<Node>,
    /// Sends what is left once the node is closed.
    exporter: Option<Exporter>,
}

impl Background {
    /// Opens a node and serves it.
    pub(crate) fn start(config: &Config) -> anyhow::Result<Background> {
        config.check_who_asks(has_keys(config))?;
        let runtime = Builder::new_multi_thread().enable_all().build().context("threads of the server")?;
        // First of all: when another node has the port, its data must not be touched.
        let listener = runtime.block_on(TcpListener::bind(config.listen)).map_err(|e| {
            anyhow!("cannot listen on {}: {e}; does another node run there? --listen names another port", config.listen)
        })?;
        let address = listener.local_addr()?;
        let (spans, exporter) = config.serving.otlp.as_deref().map(Exporter::start).transpose()?.unzip();
        let node = open_traced(config, parcae_runtime::own_program(), spans)?;
        let options = parcae_server::Options {
            public_url: config.public_url.clone(),
            local_uploads: config.local_uploads.clone(),
            clients: config.clients.clone(),
            accounts: config.accounts || config.must_ask(),
            metrics_open: config.serving.metrics_open,
            connections: config.serving.connection_limits(),
            tls: config.serving.tls_files(),
        };
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            // Told, or nobody is left who could tell.
            let _ = stopped.await;
        };
        let server = runtime.spawn(parcae_server::serve(listener, Arc::clone(&node), options, shutdown));
        let url = url(address, config.serving.tls.is_some());
        Ok(Background { url, runtime, stop, server, node, exporter })
    }

    /// Stops serving, lets requests end, and closes the node.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let Background { runtime, stop, server, node, exporter, .. } = self;
        // The server may have ended already; how is looked at next.
        let _ = stop.send(());
        let served = runtime.block_on(server);
        runtime.shutdown_timeout(LAST);
        drop(node);
        if let Some(exporter) = exporter {
            exporter.finish(LAST);
        }
        served.context("the server")?.context("the server")
    }
}

/// True when tenants of the data folder have keys.
fn has_keys(config: &Config) -> bool {
    config.must_ask() && Accounts::open(&config.data, false).and_then(|accounts| accounts.has_keys()).unwrap_or(false)
}

/// How a node that listens on an address is reached from this machine.
fn url(address: SocketAddr, is_tls: bool) -> String {
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    let scheme = if is_tls { "https" } else { "http" };
    format!("{scheme}://{host}:{}", address.port())
}

/// Waits for Ctrl-C, or for what a service manager sends.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_reached_from_its_own_machine() {
        let url = |text: &str| url(text.parse().unwrap(), false);
        assert_eq!(url("127.0.0.1:9380"), "http://127.0.0.1:9380");
        assert_eq!(url("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(url("[::]:80"), "http://[::1]:80");
        assert_eq!(url("10.0.0.7:80"), "http://10.0.0.7:80");
    }
}
