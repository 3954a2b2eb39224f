//! The method rsa: the host signs its own ids, and the guest's ids blind; the guest compares the unblinded signatures with
//! the host's. Blinded ids are random numbers to the host. Not for: what is done with the result (`guest`, `host`).

use parcae_sdk::{
    Party, Result, Text, federation, info,
    psi::{RsaBlinder, RsaSigner},
    tables::Texts,
};

use crate::{
    matching,
    params::Plan,
    tokens::{CHUNK, Layout, extend, none, pick, put_back, sorted},
    units::part,
    wire::{Incoming, blame, blame_invalid, open, send},
};

const KEY: &str = "host_pubkey";
const BLINDED: &str = "guest_pubkey_ids";
const OF_HOST: &str = "host_prvkey_ids";
const SIGNED: &str = "host_sign_guest_ids";

/// Longest public key that is taken, bytes: a modulus of 4096 bits, an exponent, and what frames them.
const LONGEST_KEY: usize = 2048;

/// What the guest keeps of one message.
struct Part {
    blinder: RsaBlinder,
    /// Unit of each token within the part, in the order in which they were sent.
    order: Vec<u32>,
}

/// The guest's side of a session with one host.
pub struct Guest {
    host: Party,
    parts: Vec<Part>,
    units: usize,
    width: u32,
    final_hash: String,
}

impl Guest {
    /// Waits for the host's key; blinds and sends.
    pub fn start(host: Party, plan: &Plan, names: &Texts) -> Result<Guest> {
        let public = federation::pull(host, KEY)?;
        if public.len() > LONGEST_KEY {
            return Err(blame(host, KEY, format!("a key of {} bytes", public.len())));
        }
        let (units, hash) = (names.count(), plan.id_hash());
        let mut guest = Guest { host, parts: Vec::new(), units, width: 0, final_hash: plan.final_hash_method.clone() };
        for from in (0..units).step_by(CHUNK) {
            let ids = part(names, from, (from + CHUNK).min(units));
            let blinder = RsaBlinder::blind(&public, &ids, &hash).map_err(blame_invalid(host, KEY))?;
            let tokens = blinder.blinded();
            if from == 0 {
                guest.width = tokens.width;
                open(host, BLINDED, Layout { count: units as u32, width: tokens.width })?;
            }
            let order = sorted(&tokens);
            federation::push(host, BLINDED, &pick(&tokens, &order).bytes)?;
            guest.parts.push(Part { blinder, order });
        }
        Ok(guest)
    }

    /// For each unit the position of the host's equal token, in the host's order.
    pub fn finish(self) -> Result<Vec<Option<u32>>> {
        let mut incoming = Incoming::open(self.host, SIGNED)?.of_width(self.width)?.of_count(self.units)?;
        let mut ours = none();
        for sent in &self.parts {
            let Some(signed) = incoming.chunk()? else {
                return Err(blame(self.host, SIGNED, "too few signatures"));
            };
            let signed = put_back(&signed, &sent.order);
            let done = sent.blinder.unblind(&signed, &self.final_hash).map_err(blame_invalid(self.host, SIGNED))?;
            extend(&mut ours, &done);
        }
        let theirs = Incoming::open(self.host, OF_HOST)?.of_width(ours.width)?.ascending().all()?;
        Ok(matching::positions(&ours, &theirs))
    }
}

/// The host's side of a session. Returns the unit of each of its tokens, in the order in which they were sent.
pub fn serve(guest: Party, plan: &Plan, names: &Texts) -> Result<Vec<u32>> {
    let signer = RsaSigner::generate(plan.key_length)?;
    federation::push(guest, KEY, &signer.public())?;

    let (units, hash) = (names.count(), plan.id_hash());
    let mut tokens = none();
    for from in (0..units).step_by(CHUNK) {
        let ids = part(names, from, (from + CHUNK).min(units));
        extend(&mut tokens, &signer.sign_ids(&ids, &hash, &plan.final_hash_method)?);
    }
    let order = sorted(&tokens);
    send(guest, OF_HOST, &tokens, &order)?;
    drop(tokens);

    let mut incoming = Incoming::open(guest, BLINDED)?;
    info!("{guest} asks for {} blind signatures", incoming.layout.count);
    open(guest, SIGNED, incoming.layout)?;
    while let Some(blinded) = incoming.chunk()? {
        let signed = signer.sign_blinded(&blinded).map_err(blame_invalid(guest, BLINDED))?;
        federation::push(guest, SIGNED, &signed.bytes)?;
    }
    Ok(order)
}
