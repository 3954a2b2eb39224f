//! Interface `psi` in native tests: plain digests that are masked with plain numbers. Blinding by two parties gives
//! the same token in either order, and a signature unblinds to what the signer makes, as with real ones. A stand-in:
//! whoever knows an id knows its tokens. Not for: anything but tests.

use super::{
    digest::{digest, stream, xor},
    pages::check_texts,
    world::draw,
};
use crate::{
    Error, Text,
    psi::{Group, IdHash, Tokens},
    tables::Texts,
};

/// Longest salt, bytes.
const SALT_BYTES: usize = 4096;
/// How what stands for a public key begins.
const MAGIC: &[u8; 8] = b"testing:";

fn invalid<T>(message: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid(message.into()))
}

/// Bytes of a hash.
fn hash_width(name: &str) -> Result<usize, Error> {
    match name {
        "sha224" => Ok(28),
        "sha256" => Ok(32),
        "sha384" => Ok(48),
        "sha512" => Ok(64),
        other => invalid(format!("hash {other:?}: none of sha224, sha256, sha384, sha512")),
    }
}

/// Something of `width` bytes for each id.
fn elements(ids: &Texts, hash: &IdHash, width: usize) -> Result<Vec<Vec<u8>>, Error> {
    if hash.name != "none" {
        hash_width(&hash.name)?;
    }
    if hash.salt.len() > SALT_BYTES {
        return invalid(format!("a salt of {} bytes; {SALT_BYTES} are allowed", hash.salt.len()));
    }
    check_texts(ids, ids.count()).map_err(|why| Error::Invalid(format!("ids: {why}")))?;
    let of = |id: &str| spread(&[hash.name.as_bytes(), hash.salt.as_bytes(), id.as_bytes()], width);
    Ok((0..ids.count()).map(|row| of(ids.at(row))).collect())
}

/// A digest of `width` bytes.
fn spread(parts: &[&[u8]], width: usize) -> Vec<u8> {
    let words = digest(parts);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(stream(words[0] ^ words[3], width.saturating_sub(bytes.len())));
    bytes.truncate(width);
    bytes
}

fn joined(width: usize, tokens: &[Vec<u8>]) -> Tokens {
    Tokens { width: width as u32, bytes: tokens.concat() }
}

/// The tokens one by one, after a look at their width, and at elements that no group has.
fn split(tokens: &Tokens, width: usize) -> Result<Vec<&[u8]>, Error> {
    let (got, len) = (tokens.width, tokens.bytes.len());
    if got as usize != width || !len.is_multiple_of(width) {
        return invalid(format!("tokens: {len} bytes of width {got}; a width of {width} is needed"));
    }
    let found: Vec<&[u8]> = tokens.bytes.chunks_exact(width).collect();
    let outside = |token: &&[u8]| token.iter().all(|byte| *byte == 0) || token.iter().all(|byte| *byte == 0xff);
    if found.iter().any(outside) {
        return invalid("tokens: one is not an element of the group");
    }
    Ok(found)
}

/// What a signature becomes in the end.
fn finals(signatures: &[Vec<u8>], final_hash: &str) -> Result<Tokens, Error> {
    let width = hash_width(final_hash)?;
    let ends: Vec<Vec<u8>> = signatures.iter().map(|one| spread(&[final_hash.as_bytes(), one], width)).collect();
    Ok(joined(width, &ends))
}

/// A secret exponent: blinding by two parties gives the same token in either order.
#[derive(Debug)]
pub struct Blinder {
    width: usize,
    mask: Vec<u8>,
}

impl Blinder {
    /// Draws a secret.
    pub fn new(group: Group) -> Blinder {
        let width = match group {
            Group::Ristretto255 => 32,
            Group::Modp2048 => 256,
            Group::Modp3072 => 384,
            Group::Modp4096 => 512,
        };
        Blinder { width, mask: stream(draw(), width) }
    }

    /// Blinds ids.
    pub fn blind(&self, ids: &Texts, hash: &IdHash) -> Result<Tokens, Error> {
        let blinded: Vec<Vec<u8>> =
            elements(ids, hash, self.width)?.iter().map(|element| xor(element, &self.mask)).collect();
        Ok(joined(self.width, &blinded))
    }

    /// Blinds another party's tokens, after checking that each is an element of the group.
    pub fn reblind(&self, tokens: &Tokens) -> Result<Tokens, Error> {
        let blinded: Vec<Vec<u8>> = split(tokens, self.width)?.iter().map(|token| xor(token, &self.mask)).collect();
        Ok(joined(self.width, &blinded))
    }
}

/// The signing side of blind RSA signatures.
#[derive(Debug)]
pub struct RsaSigner {
    secret: u64,
    width: usize,
}

impl RsaSigner {
    /// Makes a key of 1024 to 4096 bits.
    pub fn generate(bits: u32) -> Result<RsaSigner, Error> {
        if !(1024..=4096).contains(&bits) || !bits.is_multiple_of(256) {
            return invalid(format!("key length of {bits} bits: a multiple of 256 from 1024 to 4096 is needed"));
        }
        Ok(RsaSigner { secret: draw(), width: bits as usize / 8 })
    }

    /// The public key, to be sent to the other party.
    pub fn public(&self) -> Vec<u8> {
        [MAGIC.as_slice(), &self.secret.to_le_bytes(), &(self.width as u64).to_le_bytes()].concat()
    }

    /// Tokens of own ids: final-hash(signature of the id).
    pub fn sign_ids(&self, ids: &Texts, hash: &IdHash, final_hash: &str) -> Result<Tokens, Error> {
        let elements = elements(ids, hash, self.width)?;
        finals(&signed(self.secret, self.width, &elements), final_hash)
    }

    /// Signs what the other party blinded.
    pub fn sign_blinded(&self, tokens: &Tokens) -> Result<Tokens, Error> {
        Ok(joined(self.width, &signed(self.secret, self.width, &split(tokens, self.width)?)))
    }
}

fn signed<T: AsRef<[u8]>>(secret: u64, width: usize, elements: &[T]) -> Vec<Vec<u8>> {
    let mask = stream(secret, width);
    elements.iter().map(|element| xor(element.as_ref(), &mask)).collect()
}

/// The asking side of blind RSA signatures.
#[derive(Debug)]
pub struct RsaBlinder {
    width: usize,
    /// A factor for each id.
    factors: Vec<Vec<u8>>,
    blinded: Tokens,
    /// What each signature has to be.
    wanted: Vec<Vec<u8>>,
}

impl RsaBlinder {
    /// Blinds ids under the signer's public key, each with a fresh factor.
    pub fn blind(public: &[u8], ids: &Texts, hash: &IdHash) -> Result<RsaBlinder, Error> {
        let Some((secret, width)) = read_public(public) else {
            return invalid("public key: not one of a signer");
        };
        let elements = elements(ids, hash, width)?;
        let factors: Vec<Vec<u8>> = elements.iter().map(|_| stream(draw(), width)).collect();
        let blinded: Vec<Vec<u8>> =
            elements.iter().zip(&factors).map(|(element, factor)| xor(element, factor)).collect();
        let wanted = signed(secret, width, &elements);
        Ok(RsaBlinder { width, factors, blinded: joined(width, &blinded), wanted })
    }

    /// What to send.
    pub fn blinded(&self) -> Tokens {
        self.blinded.clone()
    }

    /// Checks and unblinds the signatures: final-hash(signature of the id), as `sign_ids` makes them.
    pub fn unblind(&self, signed: &Tokens, final_hash: &str) -> Result<Tokens, Error> {
        let signed = split(signed, self.width)?;
        if signed.len() != self.factors.len() {
            return invalid(format!("lengths: {} against {}", signed.len(), self.factors.len()));
        }
        let plain: Vec<Vec<u8>> = signed.iter().zip(&self.factors).map(|(one, factor)| xor(one, factor)).collect();
        if let Some(index) = plain.iter().zip(&self.wanted).position(|(one, wanted)| one != wanted) {
            return invalid(format!("blind signature at index {index}: wrong"));
        }
        finals(&plain, final_hash)
    }
}

/// Secret and width of what [`RsaSigner::public`] makes.
fn read_public(public: &[u8]) -> Option<(u64, usize)> {
    let rest = public.strip_prefix(MAGIC.as_slice())?;
    let (secret, width) = rest.split_first_chunk::<8>()?;
    let width = u64::from_le_bytes(<[u8; 8]>::try_from(width).ok()?);
    let width = usize::try_from(width).ok().filter(|width| (128..=512).contains(width))?;
    Some((u64::from_le_bytes(*secret), width))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts;

    fn hash() -> IdHash {
        IdHash { name: "sha256".to_owned(), salt: "s".to_owned() }
    }

    #[test]
    fn blinding_by_two_parties_commutes() {
        let (one, other) = (Blinder::new(Group::Ristretto255), Blinder::new(Group::Ristretto255));
        let (left, right) = (texts(["a", "b"]), texts(["b", "c"]));
        let left = other.reblind(&one.blind(&left, &hash()).unwrap()).unwrap();
        let right = one.reblind(&other.blind(&right, &hash()).unwrap()).unwrap();
        assert_eq!(left.bytes[32..], right.bytes[..32]);
        assert_ne!(left.bytes[..32], right.bytes[32..]);
    }

    #[test]
    fn signatures_unblind_to_those_of_the_signer() {
        let signer = RsaSigner::generate(1024).unwrap();
        let ids = texts(["a", "b"]);
        let asks = RsaBlinder::blind(&signer.public(), &ids, &hash()).unwrap();
        assert!(asks.unblind(&asks.blinded(), "sha256").is_err());
        let tokens = asks.unblind(&signer.sign_blinded(&asks.blinded()).unwrap(), "sha256").unwrap();
        assert_eq!(tokens, signer.sign_ids(&ids, &hash(), "sha256").unwrap());
        assert_eq!(tokens.width, 32);
    }
}
