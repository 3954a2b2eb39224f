//! RSA keys that FATE-Board's front end encrypts passwords with: new ones after a few minutes, those before them still
//! open what was encrypted then. They hide a password from who reads along and changes nothing; only TLS hides the
//! rest. Not for: whose password it is (`gate`).

use std::time::{Duration, Instant};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::sync::Mutex;

use crate::answer::Refusal;

/// How long a key is given out.
const GIVEN_OUT: Duration = Duration::from_secs(300);
/// Keys that open what was encrypted with them.
const KEPT: usize = 2;
/// Longest text that is looked at: twice what an RSA-2048 block is in base64.
const LONGEST: usize = 700;

/// The keys, the newest first.
#[derive(Debug, Default)]
pub(super) struct LoginKeys(Mutex<Vec<LoginKey>>);

#[derive(Debug)]
struct LoginKey {
    made: Instant,
    private: Pkcs1PrivateDecryptingKey,
    /// `SubjectPublicKeyInfo`, in DER and base64.
    public: String,
}

impl LoginKeys {
    /// The key to encrypt with.
    pub(super) async fn public(&self) -> Result<String, Refusal> {
        // One is made at a time, however many ask.
        let mut keys = self.0.lock().await;
        if let Some(newest) = keys.first().filter(|key| key.made.elapsed() < GIVEN_OUT) {
            return Ok(newest.public.clone());
        }
        let made = tokio::task::spawn_blocking(LoginKey::new).await;
        let made = made.ok().flatten().ok_or_else(|| Refusal::internal("an RSA key could not be made"))?;
        let public = made.public.clone();
        keys.insert(0, made);
        keys.truncate(KEPT);
        Ok(public)
    }

    /// What was encrypted; none when it was not with one of these keys.
    pub(super) async fn opened(&self, text: &str) -> Option<String> {
        if text.len() > LONGEST {
            return None;
        }
        // In a form, a plus sign that was not encoded is a space.
        let text: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect::<String>().replace(' ', "+");
        let block = STANDARD.decode(text).ok()?;
        self.0.lock().await.iter().find_map(|key| key.opened(&block))
    }
}

impl LoginKey {
    fn new() -> Option<LoginKey> {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).ok()?;
        let der: PublicKeyX509Der<'static> = private.public_key().as_der().ok()?;
        let bytes: &[u8] = der.as_ref();
        let public = STANDARD.encode(bytes);
        Some(LoginKey { made: Instant::now(), private: Pkcs1PrivateDecryptingKey::new(private).ok()?, public })
    }

    fn opened(&self, block: &[u8]) -> Option<String> {
        let mut room = vec![0; self.private.min_output_size()];
        let plain = self.private.decrypt(block, &mut room).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};

    use super::*;

    fn encrypted(public: &str, text: &str) -> String {
        let key = PublicEncryptingKey::from_der(&STANDARD.decode(public).unwrap()).unwrap();
        let key = Pkcs1PublicEncryptingKey::new(key).unwrap();
        let mut room = vec![0; key.ciphertext_size()];
        STANDARD.encode(key.encrypt(text.as_bytes(), &mut room).unwrap())
    }

    #[tokio::test]
    async fn what_is_encrypted_with_one_of_the_last_keys_is_opened() {
        let keys = LoginKeys::default();
        assert_eq!(keys.opened("AAAA").await, None);
        let public = keys.public().await.unwrap();
        assert_eq!(keys.public().await.unwrap(), public, "it is given out for a while");
        let text = encrypted(&public, "parcae_a_b");
        assert_eq!(keys.opened(&text).await.as_deref(), Some("parcae_a_b"));
        assert_eq!(keys.opened(&text.replace('+', " ")).await.as_deref(), Some("parcae_a_b"));
        assert_eq!(keys.opened(&"A".repeat(344)).await, None);
        assert_eq!(keys.opened(&"A".repeat(1 << 20)).await, None);
        for made in 1..=KEPT {
            keys.0.lock().await.insert(0, LoginKey::new().unwrap());
            keys.0.lock().await.truncate(KEPT);
            assert_eq!(keys.opened(&text).await.is_some(), made < KEPT);
        }
    }
}
