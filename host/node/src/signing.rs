//! Signatures of images: Ed25519 over the digest of the bytes and the digest of what the component says of itself. They
//! travel beside the image, as JSON in a file or in a header. Not for: whose signatures count (`policy`).

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use parcae_domain::{
    descriptor::{Descriptor, Module, Port},
    party::Role,
    text::printable,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// First line of what is signed: the form of the rest.
const FORM: &str = "parcae component 1";
/// Hex digits of the id of a key.
const KEY_ID: usize = 16;
/// Hex digits of a digest.
const DIGEST: usize = 64;
/// Longest text of a signature, bytes.
const LONGEST: usize = 4096;
/// Most that is said of why it is none, characters.
const QUOTED: usize = 200;

/// SHA-256 in hex.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A signature of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetachedSignature {
    /// SHA-256 of the image, in hex.
    pub digest: String,
    /// SHA-256 of its description, in hex.
    pub description: String,
    /// Id of the key: the first 16 hex digits of the SHA-256 of the public key.
    pub key: String,
    /// The signature, base64.
    pub signature: String,
}

impl DetachedSignature {
    /// Reads a signature; why it is none.
    pub fn parse(text: &str) -> Result<DetachedSignature, String> {
        let cure = "give the file that `parcae component sign` wrote";
        if text.len() > LONGEST {
            return Err(format!("the signature has {} bytes, {LONGEST} are allowed; {cure}", text.len()));
        }
        let wrong = |why: &str| format!("the signature is not one ({}); {cure}", printable(why, QUOTED));
        let read: DetachedSignature = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
        let DetachedSignature { digest, description, key, signature } = &read;
        let fields = [("digest", digest, DIGEST), ("description", description, DIGEST), ("key", key, KEY_ID)];
        for (name, value, digits) in fields {
            if value.len() != digits || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(wrong(&format!("{name} is not {digits} hex digits")));
            }
        }
        match STANDARD.decode(signature) {
            Ok(bytes) if bytes.len() == Signature::BYTE_SIZE => Ok(read),
            _ => Err(wrong(&format!("signature is not base64 of {} bytes", Signature::BYTE_SIZE))),
        }
    }

    /// As text of one line.
    pub fn to_text(&self) -> String {
        let DetachedSignature { digest, description, key, signature } = self;
        json!({"digest": digest, "description": description, "key": key, "signature": signature}).to_string()
    }

    /// Whether a public key made this signature.
    pub(crate) fn is_of(&self, key: &PublicKey) -> bool {
        let Some(signature) = STANDARD.decode(&self.signature).ok().and_then(|bytes| bytes.try_into().ok()) else {
            return false;
        };
        let signed = message(&self.digest, &self.description);
        key.0.verify_strict(signed.as_bytes(), &Signature::from_bytes(&signature)).is_ok()
    }

    /// Whether the signature is about this description.
    pub(crate) fn describes(&self, said: &Descriptor) -> bool {
        self.description == description_digest(said)
    }
}

/// What is signed.
fn message(digest: &str, description: &str) -> String {
    format!("{FORM}\n{digest}\n{description}")
}

/// A key whose signatures can be checked.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads base64 of 32 bytes; why it is no key.
    pub(crate) fn parse(text: &str) -> Result<PublicKey, String> {
        let wrong = "expected base64 of 32 bytes, as `parcae component keygen` prints it";
        let bytes = STANDARD.decode(text.trim()).map_err(|_| wrong.to_owned())?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| wrong.to_owned())?;
        VerifyingKey::from_bytes(&bytes).map(PublicKey).map_err(|_| "it is no Ed25519 public key".to_owned())
    }

    pub(crate) fn id(&self) -> String {
        key_id(&self.0)
    }
}

fn key_id(key: &VerifyingKey) -> String {
    let mut id = digest(key.as_bytes());
    id.truncate(KEY_ID);
    id
}

/// A key that signs.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// A new one.
    pub fn draw() -> Result<SecretKey, String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| format!("no randomness for a key: {e}"))?;
        Ok(SecretKey(SigningKey::from_bytes(&bytes)))
    }

    /// Reads the text of one.
    pub fn parse(text: &str) -> Result<SecretKey, String> {
        let bytes = STANDARD.decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.ok_or("it is no key: expected base64 of 32 bytes, as `parcae component keygen` writes it")?;
        Ok(SecretKey(SigningKey::from_bytes(&bytes)))
    }

    /// Its text; whoever has it can sign.
    pub fn to_text(&self) -> String {
        STANDARD.encode(self.0.to_bytes())
    }

    /// The public key, base64, as a node's configuration takes it.
    pub fn public(&self) -> String {
        STANDARD.encode(self.0.verifying_key().as_bytes())
    }

    /// Id of the key.
    pub fn id(&self) -> String {
        key_id(&self.0.verifying_key())
    }

    /// Signs an image.
    pub fn sign(&self, digest: &str, said: &Descriptor) -> DetachedSignature {
        let description = description_digest(said);
        let signature = self.0.sign(message(digest, &description).as_bytes());
        let signature = STANDARD.encode(signature.to_bytes());
        DetachedSignature { digest: digest.to_owned(), description, key: self.id(), signature }
    }
}

/// SHA-256 of a description in a form of its own: what descriptions may say later does not change it.
fn description_digest(said: &Descriptor) -> String {
    let Descriptor { name, version, licence, summary, modules } = said;
    let modules: Vec<Value> = modules.iter().map(module).collect();
    let form = json!({
        "name": name, "version": version, "licence": licence, "summary": summary, "modules": modules,
    });
    digest(form.to_string().as_bytes())
}

fn module(module: &Module) -> Value {
    let ports = |ports: &[Port]| -> Vec<Value> {
        ports.iter().map(|port| json!([port.name, port.kind.as_str(), port.optional, port.many])).collect()
    };
    let names = |roles: &[Role]| -> Vec<&str> { roles.iter().map(|role| role.as_str()).collect() };
    let grants: Vec<&str> = module.grants.iter().map(|grant| grant.as_str()).collect();
    json!({
        "name": module.name, "aliases": module.aliases, "roles": names(&module.roles), "needs": names(&module.needs),
        "inputs": ports(&module.inputs), "outputs": ports(&module.outputs), "parameters": module.parameters,
        "grants": grants,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str) -> Descriptor {
        let (version, licence, summary) = ("0.1.0".into(), "MIT".into(), String::new());
        Descriptor { name: name.into(), version, licence, summary, modules: vec![] }
    }

    #[test]
    fn a_signature_is_of_its_key_its_image_and_its_description() {
        let (key, other) = (SecretKey::draw().unwrap(), SecretKey::draw().unwrap());
        let public = PublicKey::parse(&key.public()).unwrap();
        let image = digest(b"image");
        let signature = key.sign(&image, &said("a"));
        let signature = DetachedSignature::parse(&signature.to_text()).unwrap();
        assert!(signature.is_of(&public) && signature.describes(&said("a")) && !signature.describes(&said("b")));
        assert_eq!((signature.key.clone(), signature.key.len()), (public.id(), KEY_ID));
        assert!(!signature.is_of(&PublicKey::parse(&other.public()).unwrap()));
        for changed in [
            DetachedSignature { digest: digest(b"other"), ..signature.clone() },
            DetachedSignature { description: digest(b"other"), ..signature.clone() },
            DetachedSignature { signature: STANDARD.encode([0; 64]), ..signature.clone() },
            DetachedSignature { signature: "?".into(), ..signature.clone() },
        ] {
            assert!(!changed.is_of(&public), "{changed:?}");
        }
    }

    #[test]
    fn keys_are_texts() {
        let key = SecretKey::draw().unwrap();
        let again = SecretKey::parse(&format!("{}\n", key.to_text())).unwrap();
        assert_eq!((again.public(), again.id()), (key.public(), key.id()));
        assert!(SecretKey::parse("hush").is_err() && PublicKey::parse("hush").is_err());
        assert!(DetachedSignature::parse("{}").is_err() && DetachedSignature::parse(&"x".repeat(5000)).is_err());
    }

    #[test]
    fn a_signature_holds_nothing_that_is_not_its_own() {
        let good = SecretKey::draw().unwrap().sign(&digest(b"image"), &said("a"));
        let long = "7".repeat(1000);
        for (changed, why) in [
            (DetachedSignature { digest: long.clone(), ..good.clone() }, "digest is not 64 hex digits"),
            (DetachedSignature { description: "é".repeat(32), ..good.clone() }, "description is not 64 hex digits"),
            (DetachedSignature { key: "0123456789abcdeg".into(), ..good.clone() }, "key is not 16 hex digits"),
            (DetachedSignature { signature: STANDARD.encode([0; 63]), ..good.clone() }, "base64 of 64 bytes"),
            (DetachedSignature { signature: "?".into(), ..good.clone() }, "base64 of 64 bytes"),
        ] {
            let said = DetachedSignature::parse(&changed.to_text()).unwrap_err();
            assert!(said.contains(why) && said.contains("parcae component sign") && said.len() < 200, "{said}");
        }
        let said = DetachedSignature::parse(&json!(long).to_string()).unwrap_err();
        assert!(said.contains("invalid type: string") && said.len() < 400, "{said}");
    }
}
