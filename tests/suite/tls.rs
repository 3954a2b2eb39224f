//! The API over TLS: who trusts the certificate is answered, and a new certificate is taken without a restart. Not for:
//! what is answered.

use std::{fs, path::Path};

use parcae_cli::{Client, ClientError};
use parcae_server::{Options, TlsFiles};
use parcae_tests::{Site, http::Served};

/// A new certificate for this machine and its key, written to two files.
fn write(files: &TlsFiles) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
}

/// Asks something of a node, trusting the certificate in a file.
fn ask(served: &Served, trusted: Option<&Path>) -> Result<(), ClientError> {
    let client = Client::new(&format!("https://{}", served.address())).unwrap().trusting(trusted).unwrap();
    match client.job("202601010000000000000") {
        // It was answered, and that is enough.
        Ok(_) | Err(ClientError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

#[test]
fn a_certificate_is_taken_and_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let files = TlsFiles { certificate: file("node.pem"), key: file("node.key") };
    write(&files);
    let trusted = file("first.pem");
    fs::copy(&files.certificate, &trusted).unwrap();
    let served = Served::with(Site::new(), Options { tls: Some(files.clone()), ..Options::default() });
    ask(&served, Some(&trusted)).unwrap();
    assert!(ask(&served, None).is_err(), "nobody vouches for it");
    let plain = Client::new(&format!("http://{}", served.address())).unwrap();
    assert!(plain.job("202601010000000000000").is_err(), "without TLS there is no answer");
    write(&files);
    // The files are looked at every few seconds.
    served.until("the new certificate is shown", || ask(&served, Some(&files.certificate)).is_ok());
    assert!(ask(&served, Some(&trusted)).is_err(), "the old one is not shown any more");
}

#[test]
fn a_server_without_its_key_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let files = TlsFiles { certificate: folder.path().join("node.pem"), key: folder.path().join("node.key") };
    assert!(files.check().unwrap_err().contains("node.pem"));
    write(&files);
    assert_eq!(files.check(), Ok(()));
    let other = TlsFiles { certificate: folder.path().join("other.pem"), key: folder.path().join("other.key") };
    write(&other);
    let mixed = TlsFiles { key: other.key, ..files };
    assert!(mixed.check().is_err(), "the key of another certificate");
}
