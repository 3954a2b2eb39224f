//! Interface `psi`: private set intersection by handles. Secrets stay in the node. Not for: the arithmetic (`crypto`).

use parcae_crypto::CryptoError;
use parcae_crypto::psi::{Blinder, IdHash, Ids, Method, RsaBlinder, RsaSigner, Tokens};
use wasmtime::component::Resource;

use crate::account::Charge;
use crate::generated::parcae::component::psi;
use crate::generated::parcae::component::tables::Texts;
use crate::generated::parcae::component::types::Error;
use crate::state::{Answer, State};

/// Longest salt, bytes: it is digested with every id.
const SALT_BYTES: usize = 4096;
/// Longest public key that is looked at, bytes.
const KEY_BYTES: usize = 1024;
/// Longest final digest, bytes.
const DIGEST_BYTES: u64 = 64;

/// A secret exponent behind a handle.
pub struct OpenBlinder(Blinder);
/// An RSA key behind a handle.
pub struct OpenSigner(RsaSigner);
/// Blinded ids behind a handle, with the bytes that they and their factors are charged for.
pub struct OpenRsaBlinder {
    blinder: RsaBlinder,
    _charge: Charge,
}

fn ids(texts: &Texts) -> Ids<'_> {
    Ids { offsets: &texts.offsets, bytes: &texts.bytes }
}

fn hash(hash: psi::IdHash) -> Result<IdHash, Error> {
    if hash.salt.len() > SALT_BYTES {
        return Err(Error::Invalid(format!("a salt of {} bytes; {SALT_BYTES} are allowed", hash.salt.len())));
    }
    Ok(IdHash { name: hash.name, salt: hash.salt })
}

/// Bytes of a blinder's token.
fn width(blinder: &Blinder) -> u64 {
    match blinder {
        Blinder::Ecdh(_) => 32,
        Blinder::Dh(group) => u64::from(group.bits() / 8),
    }
}

fn tokens_in(tokens: psi::Tokens) -> Tokens {
    Tokens { width: tokens.width as usize, bytes: tokens.bytes }
}

fn tokens_out(tokens: Tokens) -> psi::Tokens {
    psi::Tokens { width: tokens.width as u32, bytes: tokens.bytes }
}

impl State {
    /// The hash, and a charge for a token of each id, before they are made: ids may be empty, tokens are not.
    fn ready(&self, texts: &Texts, width: u64, h: psi::IdHash) -> Result<(IdHash, Charge), Error> {
        let count = ids(texts).len() as u64;
        Ok((hash(h)?, self.charge(count.saturating_mul(width))?))
    }

    fn tokens(&self, tokens: Result<Tokens, CryptoError>) -> Answer<psi::Tokens> {
        self.computed(tokens.map(tokens_out))
    }
}

impl psi::Host for State {}

impl psi::HostBlinder for State {
    fn new(&mut self, group: psi::Group) -> wasmtime::Result<Resource<OpenBlinder>> {
        self.world()?;
        let method = match group {
            psi::Group::Ristretto255 => Method::Ecdh,
            psi::Group::Modp2048 => Method::Dh { bits: 2048 },
            psi::Group::Modp3072 => Method::Dh { bits: 3072 },
            psi::Group::Modp4096 => Method::Dh { bits: 4096 },
        };
        let blinder = Blinder::drawn(method, &mut |bytes: &mut [u8]| self.draws.fill(bytes));
        let blinder = blinder.map_err(|e| wasmtime::Error::msg(e.to_string()))?;
        Ok(self.handles.push(OpenBlinder(blinder))?)
    }

    fn blind(&mut self, b: Resource<OpenBlinder>, texts: Texts, h: psi::IdHash) -> Answer<psi::Tokens> {
        let blinder = &self.handles.get(&b)?.0;
        match self.ready(&texts, width(blinder), h) {
            Ok((h, _room)) => self.tokens(blinder.blind(&ids(&texts), &h, &*self.meter)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn reblind(&mut self, b: Resource<OpenBlinder>, tokens: psi::Tokens) -> Answer<psi::Tokens> {
        let tokens = self.handles.get(&b)?.0.reblind(&tokens_in(tokens), &*self.meter);
        self.tokens(tokens)
    }

    fn drop(&mut self, b: Resource<OpenBlinder>) -> wasmtime::Result<()> {
        self.handles.delete(b)?;
        Ok(())
    }
}

impl psi::HostRsaSigner for State {
    fn generate(&mut self, bits: u32) -> Answer<Resource<OpenSigner>> {
        self.world()?;
        match self.computed(RsaSigner::generate_for(bits, &*self.meter))? {
            Ok(signer) => self.hold(OpenSigner(signer)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn public(&mut self, s: Resource<OpenSigner>) -> wasmtime::Result<Vec<u8>> {
        Ok(self.handles.get(&s)?.0.public_bytes())
    }

    fn sign_ids(
        &mut self,
        s: Resource<OpenSigner>,
        texts: Texts,
        h: psi::IdHash,
        final_hash: String,
    ) -> Answer<psi::Tokens> {
        let signer = &self.handles.get(&s)?.0;
        match self.ready(&texts, DIGEST_BYTES, h) {
            Ok((h, _room)) => self.tokens(signer.sign_ids(&ids(&texts), &h, &final_hash, &*self.meter)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn sign_blinded(&mut self, s: Resource<OpenSigner>, tokens: psi::Tokens) -> Answer<psi::Tokens> {
        let tokens = self.handles.get(&s)?.0.sign_blinded(&tokens_in(tokens), &*self.meter);
        self.tokens(tokens)
    }

    fn drop(&mut self, s: Resource<OpenSigner>) -> wasmtime::Result<()> {
        self.handles.delete(s)?;
        Ok(())
    }
}

impl psi::HostRsaBlinder for State {
    fn blind(&mut self, public: Vec<u8>, texts: Texts, h: psi::IdHash) -> Answer<Resource<OpenRsaBlinder>> {
        self.world()?;
        // A blinded id and its factor, each as wide as the key.
        let (h, charge) = match self.ready(&texts, 2 * public.len().min(KEY_BYTES) as u64, h) {
            Ok(ready) => ready,
            Err(e) => return Ok(Err(e)),
        };
        match self.computed(RsaBlinder::new(&public, &ids(&texts), &h, &*self.meter))? {
            Ok(blinder) => self.hold(OpenRsaBlinder { blinder, _charge: charge }),
            Err(e) => Ok(Err(e)),
        }
    }

    fn blinded(&mut self, b: Resource<OpenRsaBlinder>) -> wasmtime::Result<psi::Tokens> {
        Ok(tokens_out(self.handles.get(&b)?.blinder.blinded().clone()))
    }

    fn unblind(&mut self, b: Resource<OpenRsaBlinder>, signed: psi::Tokens, final_hash: String) -> Answer<psi::Tokens> {
        let tokens = self.handles.get(&b)?.blinder.unblind(&tokens_in(signed), &final_hash, &*self.meter);
        self.tokens(tokens)
    }

    fn drop(&mut self, b: Resource<OpenRsaBlinder>) -> wasmtime::Result<()> {
        self.handles.delete(b)?;
        Ok(())
    }
}
