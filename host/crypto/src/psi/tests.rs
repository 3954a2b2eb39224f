//! What holds for the methods of private set intersection as a whole. Not for: parts that a single file can test.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

use super::{Blinder, IdHash, Ids, Method, RsaBlinder, RsaSigner, Tokens};
use crate::CryptoError;

static GO: AtomicBool = AtomicBool::new(false);

/// Ids as text with their offsets.
struct Text {
    offsets: Vec<u32>,
    bytes: Vec<u8>,
}

impl Text {
    fn new(ids: impl Iterator<Item = u32>) -> Text {
        let mut text = Text { offsets: vec![0], bytes: Vec::new() };
        for id in ids {
            text.bytes.extend(format!("id-{id}").bytes());
            text.offsets.push(text.bytes.len() as u32);
        }
        text
    }

    fn ids(&self) -> Ids<'_> {
        Ids { offsets: &self.offsets, bytes: &self.bytes }
    }
}

fn sha256() -> IdHash {
    IdHash { name: "sha256".to_owned(), salt: "salt".to_owned() }
}

/// Positions of the tokens on the left that are on the right, too.
fn common(left: &Tokens, right: &Tokens) -> Vec<usize> {
    let right: HashSet<&[u8]> = (0..right.len()).map(|index| right.get(index)).collect();
    (0..left.len()).filter(|&index| right.contains(left.get(index))).collect()
}

fn blinders_find_common_ids(method: Method) {
    let (guest, host) = (Text::new(0..30), Text::new((0..60).step_by(7)));
    let (a, b) = (Blinder::new(method).unwrap(), Blinder::new(method).unwrap());
    let hash = sha256();
    let from_guest = a.blind(&guest.ids(), &hash, &GO).unwrap();
    let from_host = b.blind(&host.ids(), &hash, &GO).unwrap();
    assert!(common(&from_guest, &from_host).is_empty());
    let guest_twice = b.reblind(&from_guest, &GO).unwrap();
    let host_twice = a.reblind(&from_host, &GO).unwrap();
    assert_eq!((guest_twice.len(), host_twice.len()), (30, 9));
    assert_eq!(common(&guest_twice, &host_twice), [0, 7, 14, 21, 28]);
}

#[test]
fn ecdh_finds_common_ids() {
    blinders_find_common_ids(Method::Ecdh);
}

#[test]
fn dh_finds_common_ids() {
    blinders_find_common_ids(Method::Dh { bits: 2048 });
    let error = Blinder::new(Method::Dh { bits: 1024 }).unwrap_err();
    assert_eq!(error, CryptoError::Group(1024));
}

#[test]
fn the_salt_separates() {
    let text = Text::new(0..3);
    let secret = Blinder::new(Method::Ecdh).unwrap();
    let other = IdHash { salt: "pepper".to_owned(), ..sha256() };
    let left = secret.blind(&text.ids(), &sha256(), &GO).unwrap();
    let right = secret.blind(&text.ids(), &other, &GO).unwrap();
    assert!(common(&left, &right).is_empty());
    assert_eq!(left, secret.blind(&text.ids(), &sha256(), &GO).unwrap());
}

#[test]
fn rsa_finds_common_ids() {
    let (guest, host) = (Text::new(0..200), Text::new((0..300).step_by(50)));
    let signer = RsaSigner::generate(1024).unwrap();
    let hash = sha256();
    let own = signer.sign_ids(&host.ids(), &hash, "sha256", &GO).unwrap();
    assert_eq!((own.width, own.len()), (32, 6));
    let blinder = RsaBlinder::new(&signer.public_bytes(), &guest.ids(), &hash, &GO).unwrap();
    let signed = signer.sign_blinded(blinder.blinded(), &GO).unwrap();
    let tokens = blinder.unblind(&signed, "sha256", &GO).unwrap();
    assert_eq!(common(&tokens, &own), [0, 50, 100, 150]);
    assert!(common(blinder.blinded(), &signed).is_empty());
    let again = RsaBlinder::new(&signer.public_bytes(), &guest.ids(), &hash, &GO).unwrap();
    assert!(common(blinder.blinded(), again.blinded()).is_empty());
}

#[test]
fn a_cheating_signer_is_noticed() {
    let text = Text::new(0..3);
    let signer = RsaSigner::generate(1024).unwrap();
    let blinder = RsaBlinder::new(&signer.public_bytes(), &text.ids(), &sha256(), &GO).unwrap();
    let honest = signer.sign_blinded(blinder.blinded(), &GO).unwrap();
    for byte in [0, 128 + 5, 3 * 128 - 1] {
        let mut signed = honest.clone();
        signed.bytes[byte] ^= 1;
        let error = blinder.unblind(&signed, "sha256", &GO).unwrap_err();
        assert_eq!(error, CryptoError::Signature(byte / 128));
    }
    let mut short = honest.clone();
    short.bytes.truncate(128);
    assert_eq!(blinder.unblind(&short, "sha256", &GO).unwrap_err(), CryptoError::Length { left: 1, right: 3 });
    assert!(matches!(blinder.unblind(&honest, "none", &GO), Err(CryptoError::Hash(_))));
}

#[test]
fn a_signer_refuses_what_is_no_residue() {
    let signer = RsaSigner::generate(1024).unwrap();
    for byte in [0, 255] {
        let tokens = Tokens { width: 128, bytes: vec![byte; 128] };
        assert!(matches!(signer.sign_blinded(&tokens, &GO), Err(CryptoError::Tokens(_))));
    }
}

#[test]
fn hostile_rsa_keys_never_panic() {
    let text = Text::new(0..1);
    let good = RsaSigner::generate(1024).unwrap().public_bytes();
    for length in [0, 3, 4, 5, 131] {
        assert!(RsaBlinder::new(&good[..length], &text.ids(), &sha256(), &GO).is_err());
    }
    for byte in 0..good.len() {
        let mut bytes = good.clone();
        bytes[byte] ^= 0x80;
        // A changed modulus is one that nobody knows the factors of, and may well pass.
        let _ = RsaBlinder::new(&bytes, &text.ids(), &sha256(), &GO);
    }
    let mut long = good;
    long.extend([1; 1000]);
    assert!(RsaBlinder::new(&long, &text.ids(), &sha256(), &GO).is_err());
}

#[test]
fn hostile_tokens_never_panic() {
    let blinder = Blinder::new(Method::Ecdh).unwrap();
    for width in [0, 1, 31, 32, 33] {
        for count in [0, 1, 32, 63, 64] {
            let _ = blinder.reblind(&Tokens { width, bytes: vec![7; count] }, &GO);
        }
    }
    let broken = Ids { offsets: &[0, 9], bytes: b"abc" };
    assert!(blinder.blind(&broken, &sha256(), &GO).is_err());
}

#[test]
fn a_raised_flag_stops_everything() {
    let (text, stop) = (Text::new(0..2), AtomicBool::new(true));
    let signer = RsaSigner::generate(1024).unwrap();
    for method in [Method::Ecdh, Method::Dh { bits: 2048 }] {
        let blinder = Blinder::new(method).unwrap();
        let tokens = blinder.blind(&text.ids(), &sha256(), &GO).unwrap();
        assert_eq!(blinder.blind(&text.ids(), &sha256(), &stop), Err(CryptoError::Stopped));
        assert_eq!(blinder.reblind(&tokens, &stop), Err(CryptoError::Stopped));
    }
    let blinder = RsaBlinder::new(&signer.public_bytes(), &text.ids(), &sha256(), &GO).unwrap();
    let signed = signer.sign_blinded(blinder.blinded(), &GO).unwrap();
    let stopped = [
        signer.sign_ids(&text.ids(), &sha256(), "sha256", &stop),
        signer.sign_blinded(blinder.blinded(), &stop),
        blinder.unblind(&signed, "sha256", &stop),
    ];
    assert!(stopped.iter().all(|result| *result == Err(CryptoError::Stopped)));
}
