//! TLS of the server: certificate and key from files, read again when these change, so that a certificate is renewed
//! without a restart. Not for: TLS of what the node calls (`cli`).

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{
    net::TcpStream,
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);
/// How long a client may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Where certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to one which clients trust; PEM.
    pub certificate: PathBuf,
    /// Its private key; PEM.
    pub key: PathBuf,
}

/// TLS with what the files held last that was right.
#[derive(Clone)]
pub(crate) struct Tls {
    files: TlsFiles,
    current: Arc<Mutex<Current>>,
}

struct Current {
    acceptor: TlsAcceptor,
    seen: Stamp,
}

/// Tells whether files have changed: time and length of both.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl TlsFiles {
    /// Whether the files hold a certificate and its key; what is wrong, otherwise.
    pub fn check(&self) -> Result<(), String> {
        self.read().map(|_| ())
    }

    fn read(&self) -> Result<TlsAcceptor, String> {
        let TlsFiles { certificate, key } = self;
        let wrong = |file: &PathBuf, e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
        let chain = CertificateDer::pem_file_iter(certificate).map_err(|e| wrong(certificate, &e))?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|e| wrong(certificate, &e))?;
        if chain.is_empty() {
            return Err(wrong(certificate, &"there is no certificate in it"));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, &e))?;
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| format!("TLS 1.2 and 1.3: {e}"))?;
        let config = builder.with_no_client_auth().with_single_cert(chain, secret);
        let mut config = config.map_err(|e| format!("{} with {}: {e}", certificate.display(), key.display()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|file| {
            let metadata = std::fs::metadata(file).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }
}

impl Tls {
    /// Reads the files. Fails when they do not hold what they should.
    pub(crate) fn new(files: TlsFiles) -> io::Result<Tls> {
        let seen = files.stamp();
        let acceptor = files.read().map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, format!("tls: {e}")))?;
        Ok(Tls { files, current: Arc::new(Mutex::new(Current { acceptor, seen })) })
    }

    /// Agrees on keys with a client.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let acceptor = self.current().acceptor.clone();
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the client did not agree on keys in time");
        timeout(HANDSHAKE, acceptor.accept(stream)).await.map_err(late)?
    }

    /// Reads the files again whenever they have changed, or when the process is told to (SIGHUP), for ever.
    pub(crate) async fn renew(self) {
        let mut told = hangups();
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = told.next() => {}
            }
            let tls = self.clone();
            // Files may be slow.
            if let Err(error) = tokio::task::spawn_blocking(move || tls.look()).await {
                tracing::error!("the certificate could not be looked at: {error}");
            }
        }
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the files hold now; what is wrong is told once, and changes nothing.
    fn look(&self) {
        let seen = self.files.stamp();
        if std::mem::replace(&mut self.current().seen, seen) == seen {
            return;
        }
        match self.files.read() {
            Ok(acceptor) => {
                self.current().acceptor = acceptor;
                tracing::info!("the certificate was read again");
            }
            Err(error) => tracing::error!("the certificate stays the old one: tls: {error}"),
        }
    }
}

/// Signals that tell the process to read its files again.
struct Hangups(Option<Signal>);

fn hangups() -> Hangups {
    Hangups(signal(SignalKind::hangup()).ok())
}

impl Hangups {
    async fn next(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(files: &TlsFiles) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    }

    #[test]
    fn broken_files_change_nothing_and_good_ones_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("a.pem"), key: folder.path().join("a.key") };
        assert!(Tls::new(files.clone()).is_err());
        write(&files);
        let tls = Tls::new(files.clone()).unwrap();
        let config = || Arc::clone(tls.current().acceptor.config());
        let first = config();
        fs::write(&files.certificate, "no certificate").unwrap();
        tls.look();
        assert!(Arc::ptr_eq(&first, &config()));
        write(&files);
        tls.look();
        assert!(!Arc::ptr_eq(&first, &config()));
    }
}
