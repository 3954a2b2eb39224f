//! How a client connects: with TLS it trusts whom the system trusts, or the certificates of one file alone. Not for:
//! what is asked (`client`).

use std::{fs, path::Path, sync::Arc, time::Duration};

use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::PATIENCE;
use crate::UsageError;

/// How long the node may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Connections to nodes.
pub(super) fn agent(trusted: RootCerts) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(trusted)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(PATIENCE))
        .tls_config(tls.build());
    config.build().into()
}

/// The certificates in a file.
pub(super) fn certificates(file: &Path) -> Result<RootCerts, UsageError> {
    let wrong = |e: &dyn std::fmt::Display| UsageError(format!("--ca {}: {e}", file.display()));
    let text = fs::read(file).map_err(|e| wrong(&e))?;
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|e| wrong(&e))? {
            found.push(certificate);
        }
    }
    if found.is_empty() { Err(wrong(&"there is no certificate in it (PEM)")) } else { Ok(RootCerts::from(found)) }
}

/// Why a connection failed, with what helps when it was for TLS.
pub(super) fn with_cure(cause: String) -> String {
    let cure = if cause.contains("certificate") {
        "--ca FILE names the certificates to trust"
    } else if cause.contains("invalid HTTP version") {
        "does the node want https://?"
    } else if cause.contains("InvalidContentType") || cause.contains("corrupt message") {
        "does the node speak http:// without TLS?"
    } else {
        return cause;
    };
    format!("{cause}; {cure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_tls_have_a_cure() {
        let cures = [
            ("io: invalid peer certificate: UnknownIssuer", "--ca FILE"),
            ("protocol: http parse fail: invalid HTTP version", "https://"),
            ("io: received corrupt message of type InvalidContentType", "http:// without TLS"),
        ];
        for (cause, cure) in cures {
            assert!(with_cure(cause.into()).contains(cure), "{cause}");
        }
        assert_eq!(with_cure("io: connection reset".into()), "io: connection reset");
    }

    #[test]
    fn a_file_without_certificates_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        assert!(certificates(&file).unwrap_err().0.starts_with("--ca "));
        fs::write(&file, "hello").unwrap();
        assert!(certificates(&file).unwrap_err().0.contains("no certificate in it"));
    }
}
