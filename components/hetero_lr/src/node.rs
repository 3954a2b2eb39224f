//! The outside of an attempt in the sandbox: every call of [`Link`] as a call of the contract. Not for: decisions.

use parcae_sdk::{
    Checkpoints, Party, Result, Text, failed, federation, he, metrics, models, psi,
    tables::{Column, Page, Texts, Values},
    texts,
};

use crate::{learned::Saved, link::Link, wire};

/// Ids in one page on their way.
const PAGE_IDS: usize = 65_536;

/// Numbers that cross the boundary in one call: 32 MiB, half of what a node allows by default.
const CALL_NUMBERS: usize = 4 << 20;

/// The node that the attempt runs on.
#[derive(Default)]
pub struct Node {
    checkpoints: Checkpoints,
}

/// The parts of a model as the node takes them.
pub fn parts(saved: &Saved) -> Vec<models::Part> {
    let owned = |(name, json): &(&str, String)| ((*name).to_owned(), json.clone());
    saved.iter().map(owned).map(|(name, json)| models::Part { name, json, bytes: Vec::new() }).collect()
}

impl Link for Node {
    type Pair = he::KeyPair;
    type Key = he::PublicKey;
    type Vector = he::Encrypted;

    fn push(&self, to: Party, tag: &str, body: &[u8]) -> Result<()> {
        Ok(federation::push(to, tag, body)?)
    }

    fn pull(&self, from: Party, tag: &str) -> Result<Vec<u8>> {
        Ok(federation::pull(from, tag)?)
    }

    fn push_ids(&self, to: Party, tag: &str, ids: &Texts) -> Result<()> {
        let rows = ids.count();
        federation::push(to, tag, &wire::counts(&[rows as u64]))?;
        for from in (0..rows).step_by(PAGE_IDS) {
            let until = (from + PAGE_IDS).min(rows);
            let part = texts((from..until).map(|row| ids.at(row)));
            let column = Column { validity: None, values: Values::Text(part) };
            federation::push_page(to, tag, &Page { rows: (until - from) as u32, columns: vec![column] })?;
        }
        Ok(())
    }

    fn pull_ids(&self, from: Party, tag: &str) -> Result<Texts> {
        let rows = wire::read_counts(&federation::pull(from, tag)?, 1, tag)?[0];
        let mut all = texts([]);
        while (all.count() as u64) < rows {
            let mut page = federation::pull_page(from, tag)?;
            let wanted = (rows - all.count() as u64).min(PAGE_IDS as u64);
            let part = match (page.columns.pop(), page.columns.len()) {
                (Some(Column { validity: None, values: Values::Text(part) }), 0) if part.count() as u64 == wanted => {
                    part
                }
                _ => return Err(wire::peer_error(format!("{tag}: one full column of {wanted} ids was expected"))),
            };
            let base = all.bytes.len() as u32;
            all.bytes.extend_from_slice(&part.bytes);
            all.offsets.extend(part.offsets.iter().skip(1).map(|offset| offset + base));
        }
        Ok(all)
    }

    fn push_key(&self, to: Party, tag: &str, key: &he::PublicKey) -> Result<()> {
        Ok(federation::push_key(to, tag, key)?)
    }

    fn pull_key(&self, from: Party, tag: &str) -> Result<he::PublicKey> {
        Ok(federation::pull_key(from, tag)?)
    }

    fn push_vector(&self, to: Party, tag: &str, values: &he::Encrypted) -> Result<()> {
        Ok(federation::push_encrypted(to, tag, values)?)
    }

    fn pull_vector(&self, from: Party, tag: &str, key: &he::PublicKey) -> Result<he::Encrypted> {
        Ok(federation::pull_encrypted(from, tag, key)?)
    }

    fn generate(&self, bits: u32) -> Result<he::KeyPair> {
        Ok(he::KeyPair::generate("paillier", bits)?)
    }

    fn public(&self, pair: &he::KeyPair) -> he::PublicKey {
        pair.public()
    }

    fn encrypt(&self, key: &he::PublicKey, values: &[f64], scale: u32) -> Result<he::Encrypted> {
        Ok(key.encrypt(values, scale)?)
    }

    fn decrypt(&self, pair: &he::KeyPair, values: &he::Encrypted) -> Result<Vec<f64>> {
        Ok(pair.decrypt(values)?)
    }

    fn count(&self, values: &he::Encrypted) -> usize {
        values.len() as usize
    }

    fn scale(&self, values: &he::Encrypted) -> u32 {
        values.scale()
    }

    fn add(&self, a: &he::Encrypted, b: &he::Encrypted) -> Result<he::Encrypted> {
        Ok(a.add(b)?)
    }

    fn add_plain(&self, a: &he::Encrypted, values: &[f64]) -> Result<he::Encrypted> {
        Ok(a.add_plain(values)?)
    }

    fn multiply_plain(&self, a: &he::Encrypted, values: &[f64], bits: u32) -> Result<he::Encrypted> {
        Ok(a.multiply_plain(values, bits)?)
    }

    fn weighted_sums(&self, a: &he::Encrypted, weights: &[f64], columns: usize, bits: u32) -> Result<he::Encrypted> {
        let rows = a.len() as usize;
        let block = (CALL_NUMBERS / rows.max(1)).max(1);
        let mut sums: Option<he::Encrypted> = None;
        for part in weights.chunks(block * rows.max(1)) {
            let count = (part.len() / rows.max(1)) as u32;
            let more = a.weighted_sums(part, count, bits)?;
            sums = Some(match sums {
                Some(before) => before.concat(&more)?,
                None => more,
            });
        }
        sums.ok_or_else(|| failed(format!("weighted sums of {columns} columns and {rows} rows")))
    }

    fn select(&self, a: &he::Encrypted, rows: &[u32]) -> Result<he::Encrypted> {
        Ok(a.select(rows)?)
    }

    fn concat(&self, a: &he::Encrypted, b: &he::Encrypted) -> Result<he::Encrypted> {
        Ok(a.concat(b)?)
    }

    /// The contract has no call for random bytes that only this party knows, but it draws secret exponents in the node: a
    /// fixed text blinded under a fresh one is as good to everybody else as random (decisional Diffie-Hellman assumption in
    /// ristretto255).
    fn secret(&self) -> Result<[u8; 32]> {
        let blinder = psi::Blinder::new(psi::Group::Ristretto255);
        let hash = psi::IdHash { name: "sha256".to_owned(), salt: String::new() };
        let tokens = blinder.blind(&texts(["hetero_lr"]), &hash)?;
        <[u8; 32]>::try_from(tokens.bytes).map_err(|_| failed("a blinded id of 32 bytes was expected"))
    }

    fn begin_loss(&self, series: &str) -> Result<()> {
        Ok(metrics::describe("train", series, "LOSS", r#"{"unit_name": "iters", "curve_name": "loss"}"#)?)
    }

    fn loss(&self, series: &str, epoch: usize, loss: f64) -> Result<()> {
        let key = metrics::Scalar::Number(epoch as f64);
        let value = metrics::Scalar::Number(loss);
        Ok(metrics::append("train", series, &[metrics::Point { key, value }])?)
    }

    fn checkpoint(&self, epoch: usize, saved: &Saved) -> Result<()> {
        self.checkpoints.keep("model", epoch, &parts(saved))
    }

    fn progress(&self, done: u64, of: u64) {
        metrics::progress(done, of, "epochs");
    }
}
