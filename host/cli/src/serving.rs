//! Settings of how the API is served and watched: connections, TLS, metrics, traces. Not for: doing it (`server`,
//! `otlp`).

use std::path::PathBuf;

use parcae_server::{ConnectionLimits, TlsFiles};
use serde::{Deserialize, Serialize};
use toml::Value;

use crate::{config::set, faults::Faults};

/// Names of these settings.
pub(crate) const KEYS: [&str; 5] = ["metrics_open", "connections", "connections_per_address", "otlp", "tls"];

/// How the API is served and watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Serving {
    /// Anybody may read `/metrics`, not only a key of scope admin.
    pub metrics_open: bool,
    /// Connections that may be open at once.
    pub connections: usize,
    /// And from one address.
    pub connections_per_address: usize,
    /// Where traces of jobs go: a collector that speaks OTLP over HTTP, such as `http://collector:4318`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp: Option<String>,
    /// Certificate and key; without them the API is served without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSettings>,
}

/// Certificate and key of the server, read again when the files change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate, and those that lead to one which clients trust; PEM.
    pub certificate: PathBuf,
    /// Its private key; PEM.
    pub key: PathBuf,
}

impl Default for Serving {
    fn default() -> Serving {
        let ConnectionLimits { all, per_address } = ConnectionLimits::default();
        Serving { metrics_open: false, connections: all, connections_per_address: per_address, otlp: None, tls: None }
    }
}

impl Serving {
    /// Takes one of the settings over from a file.
    pub(crate) fn take(&mut self, key: &str, value: Value, faults: &mut Faults) {
        match key {
            "metrics_open" => set(&mut self.metrics_open, key, value, "true or false", faults),
            "connections" => set(&mut self.connections, key, value, "a whole number", faults),
            "connections_per_address" => set(&mut self.connections_per_address, key, value, "a whole number", faults),
            "otlp" => set(&mut self.otlp, key, value, "a URL, as text", faults),
            _ => set(&mut self.tls, key, value, "a table: certificate = \"FILE.pem\", key = \"FILE.pem\"", faults),
        }
    }

    /// What can be seen to be wrong before anything starts.
    pub(crate) fn check(&self, faults: &mut Faults) {
        let of_address = ("connections_per_address", self.connections_per_address);
        for (key, number) in [("connections", self.connections), of_address] {
            if number == 0 {
                faults.add(format!("{key} = 0: must be at least 1"));
            }
        }
        let is_url = |url: &&String| url.starts_with("http://") || url.starts_with("https://");
        if let Some(url) = self.otlp.as_ref().filter(|url| !is_url(url)) {
            faults.add(format!("otlp {url:?}: must begin with http:// or https://"));
        }
        if let Some(Err(error)) = self.tls_files().map(|files| files.check()) {
            faults.add(format!("tls: {error}"));
        }
    }

    /// Certificate and key as the server takes them.
    pub(crate) fn tls_files(&self) -> Option<TlsFiles> {
        let TlsSettings { certificate, key } = self.tls.clone()?;
        Some(TlsFiles { certificate, key })
    }

    /// How many connections there may be.
    pub(crate) fn connection_limits(&self) -> ConnectionLimits {
        ConnectionLimits { all: self.connections, per_address: self.connections_per_address }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Serving, String> {
        let (mut serving, mut faults) = (Serving::default(), Faults::default());
        for (key, value) in toml::from_str::<toml::Table>(text).unwrap() {
            serving.take(&key, value, &mut faults);
        }
        serving.check(&mut faults);
        faults.into_result().map(|()| serving).map_err(|faults| faults.to_string())
    }

    #[test]
    fn settings_are_read_and_faults_are_told_at_once() {
        let serving = read("metrics_open = true\nconnections = 7\notlp = \"http://127.0.0.1:4318\"").unwrap();
        assert_eq!((serving.metrics_open, serving.connections), (true, 7));
        let text = "connections = 0\notlp = \"collector\"\nmetrics_open = 1\n[tls]\ncertificate = \"/no/such.pem\"\n\
                    key = \"/no/such.key\"";
        let faults = read(text).unwrap_err();
        let parts =
            ["connections = 0: must be", "otlp \"collector\"", "metrics_open = 1: must be", "tls: /no/such.pem: "];
        for part in parts {
            assert!(faults.contains(part), "{part:?} is not in:\n{faults}");
        }
        assert!(read("tls = \"x\"").unwrap_err().contains("must be a table: certificate"));
    }
}
