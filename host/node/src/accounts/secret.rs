//! Secrets of keys: drawn at random, shown once, kept as an Argon2id hash. Not for: secrets that the node must be
//! able to read again (`seal`), whose keys they are (`accounts`).

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};

/// First word of a bearer's token.
const PREFIX: &str = "parcae";
/// Letters of an id: none that looks like another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters in an id.
const ID: usize = 12;
/// Bytes of a secret.
const SECRET: usize = 32;
/// Bytes of a salt.
const SALT: usize = 16;
/// Bytes of a hash.
const HASH: usize = 32;
/// Longest token that is looked at, bytes.
const LONGEST: usize = 256;
/// Most memory that a stored hash may ask for, KiB: somebody may have written into the database.
const MOST_MEMORY: u32 = 256 << 10;

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| format!("no randomness for a key: {e}"))?;
    Ok(bytes)
}

/// A new id of a key.
pub(super) fn draw_id() -> Result<String, String> {
    let bytes = random::<ID>()?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

/// A new secret.
pub(super) fn draw_secret() -> Result<String, String> {
    Ok(URL_SAFE_NO_PAD.encode(random::<SECRET>()?))
}

/// What a bearer sends.
pub(super) fn token(id: &str, secret: &str) -> String {
    format!("{PREFIX}_{id}_{secret}")
}

/// Id and secret of what a bearer sends; none when it is no token.
pub fn parse_token(text: &str) -> Option<(&str, &str)> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parts = text.splitn(3, '_');
    let (prefix, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
    let is_id = id.len() == ID && id.bytes().all(|byte| LETTERS.contains(&byte));
    (prefix == PREFIX && is_id && !secret.is_empty()).then_some((id, secret))
}

/// SHA-256 of a token, by which one that was checked before is known again.
pub fn fingerprint(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The Argon2id hash of a secret, as text with all that checking it takes.
pub(super) fn hash(secret: &str) -> Result<String, String> {
    let (salt, params) = (random::<SALT>()?, Params::default());
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let hashed = argon2id(secret, &salt, params)?;
    let [salt, hashed] = [&salt[..], &hashed[..]].map(|bytes| STANDARD_NO_PAD.encode(bytes));
    Ok(format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hashed}"))
}

fn argon2id(secret: &str, salt: &[u8], params: Params) -> Result<[u8; HASH], String> {
    let mut hashed = [0; HASH];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(secret.as_bytes(), salt, &mut hashed).map_err(|e| format!("hash of a key: {e}"))?;
    Ok(hashed)
}

/// Whether a hash is that of this secret. Takes tens of milliseconds and 19 MiB, on purpose.
pub(super) fn is_hash_of(hash: &str, secret: &str) -> bool {
    let Some((params, salt, wanted)) = parse_hash(hash) else { return false };
    let Ok(found) = argon2id(secret, &salt, params) else { return false };
    wanted.len() == found.len() && wanted.iter().zip(&found).fold(0, |other, (a, b)| other | (a ^ b)) == 0
}

fn parse_hash(text: &str) -> Option<(Params, Vec<u8>, Vec<u8>)> {
    let rest = text.strip_prefix("$argon2id$v=19$")?;
    let mut parts = rest.splitn(3, '$');
    let (costs, salt, hashed) = (parts.next()?, parts.next()?, parts.next()?);
    let mut costs = costs.splitn(3, ',');
    let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok();
    let (memory, passes, lanes) = (cost("m")?, cost("t")?, cost("p")?);
    let params = Params::new(memory.min(MOST_MEMORY), passes.min(16), lanes.min(16), Some(HASH)).ok()?;
    Some((params, STANDARD_NO_PAD.decode(salt).ok()?, STANDARD_NO_PAD.decode(hashed).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_apart() {
        let (id, secret) = (draw_id().unwrap(), draw_secret().unwrap());
        assert_eq!(parse_token(&token(&id, &secret)), Some((id.as_str(), secret.as_str())));
        assert_eq!((id.len(), secret.len()), (12, 43));
        assert_ne!(draw_secret().unwrap(), secret);
        // Secrets may have the sign that separates.
        assert_eq!(parse_token("parcae_abcdefghijkm_a_b_"), Some(("abcdefghijkm", "a_b_")));
        let long = format!("parcae_abcdefghijkm_{}", "x".repeat(300));
        let foreign = "other_abcdefghijkm_x";
        for wrong in ["", "parcae", "parcae__x", "parcae_abc_x", "parcae_abcdefghijkm_", foreign, &long] {
            assert_eq!(parse_token(wrong), None, "{wrong}");
        }
        assert_eq!(parse_token("parcae_' OR 1=1 --_x"), None);
    }

    #[test]
    fn a_hash_is_of_its_secret_alone() {
        let hashed = hash("hush").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !hashed.contains("hush"), "{hashed}");
        assert!(is_hash_of(&hashed, "hush") && !is_hash_of(&hashed, "hus"));
        let cut = &hashed[..hashed.len() - 4];
        for wrong in ["", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA", cut] {
            assert!(!is_hash_of(wrong, "hush"), "{wrong}");
        }
    }
}
