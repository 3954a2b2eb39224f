//! Sends spans to a collector that speaks OTLP over HTTP (`/v1/traces`, protobuf), on a thread of its own: a collector
//! that is away costs spans, and nothing else. Not for: what the spans are (`node`), how they are written
//! (`otlp::wire`).

mod wire;

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use anyhow::Context;
use parcae_node::{Span, SpanQueue, SpanSink, span_queue};
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

/// Spans that wait to be sent.
const PLACES: usize = 16_384;
/// Spans of one request.
const BATCH: usize = 512;
/// How long a request waits for further spans.
const GATHER: Duration = Duration::from_millis(500);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long before a request that failed is made once more.
const AGAIN: Duration = Duration::from_secs(1);

/// Sends what a node tells until that is closed.
pub struct Exporter {
    ended: mpsc::Receiver<()>,
}

impl Exporter {
    /// Begins to send to the collector at a URL.
    pub fn start(url: &str) -> anyhow::Result<(SpanSink, Exporter)> {
        let (sink, queue) = span_queue(PLACES);
        let (end, ended) = mpsc::channel();
        let sender = Sender { agent: agent(), url: traces(url), is_away: false };
        let run = move || {
            sender.run(&queue);
            // Nobody waits when the process ends otherwise.
            let _ = end.send(());
        };
        std::thread::Builder::new().name("otlp".into()).spawn(run).context("a thread for traces")?;
        Ok((sink, Exporter { ended }))
    }

    /// Waits until everything is sent, once the node is closed; at most so long.
    pub fn finish(&self, at_most: Duration) {
        // Late spans are none.
        let _ = self.ended.recv_timeout(at_most);
    }
}

/// Where traces go at a collector.
fn traces(url: &str) -> String {
    let url = url.trim_end_matches('/');
    if url.ends_with("/v1/traces") { url.to_owned() } else { format!("{url}/v1/traces") }
}

fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .max_redirects(0)
        .user_agent(concat!("parcae/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(PATIENCE))
        .tls_config(tls.build());
    config.build().into()
}

struct Sender {
    agent: Agent,
    url: String,
    /// The last request failed: that was said, and is not said again.
    is_away: bool,
}

impl Sender {
    fn run(mut self, queue: &SpanQueue) {
        while let Some(spans) = queue.next(BATCH, GATHER) {
            let request = wire::request(&spans);
            let sent = self.post(&request).or_else(|_| {
                std::thread::sleep(AGAIN);
                self.post(&request)
            });
            self.tell(queue, &spans, sent);
        }
    }

    fn post(&self, request: &[u8]) -> Result<(), String> {
        let sent = self.agent.post(&self.url).content_type("application/x-protobuf").send(request);
        let status = sent.map_err(|error| error.to_string())?.status();
        if status.is_success() { Ok(()) } else { Err(format!("it answered with HTTP status {status}")) }
    }

    fn tell(&mut self, queue: &SpanQueue, spans: &[Span], sent: Result<(), String>) {
        match sent {
            Ok(()) if self.is_away => tracing::info!("the collector at {} takes traces again", self.url),
            Ok(()) => {}
            Err(error) => {
                queue.lose(spans.len());
                if !self.is_away {
                    tracing::warn!("the collector at {} takes no traces, which are lost: {error}", self.url);
                }
                self.is_away = true;
                return;
            }
        }
        self.is_away = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_may_be_named_with_its_path() {
        assert_eq!(traces("http://a:4318/"), "http://a:4318/v1/traces");
        assert_eq!(traces("http://a:4318/v1/traces"), "http://a:4318/v1/traces");
    }
}
