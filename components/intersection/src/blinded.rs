//! The methods ecdh and dh: each party blinds its ids with a secret exponent, then the other's tokens; twice blinded tokens
//! of equal ids are equal, whatever the order. Tokens travel sorted, so that their places say nothing about rows.
//!
//! With `cardinality_only` the host sorts the guest's twice blinded tokens before they go back: the guest can count them
//! but not tell whose they are. Not for: what is done with the result (`guest`, `host`).

use parcae_sdk::{
    Party, Result, Text, federation,
    psi::{Blinder, IdHash, Tokens},
    tables::Texts,
};

use crate::{
    matching,
    params::Plan,
    tokens::{CHUNK, Layout, extend, none, sorted},
    units::part,
    wire::{Incoming, blame_invalid, open, send},
};

const TO_HOST: &str = "id_ciphertext_exchange_g2h";
const TO_GUEST: &str = "id_ciphertext_exchange_h2g";
const TWICE: &str = "doubly_encrypted_id";

/// Blinds own ids, in parts that fit a call.
fn blind(blinder: &Blinder, names: &Texts, hash: &IdHash) -> Result<Tokens> {
    let mut all = none();
    for from in (0..names.count()).step_by(CHUNK) {
        let ids = part(names, from, (from + CHUNK).min(names.count()));
        extend(&mut all, &blinder.blind(&ids, hash)?);
    }
    Ok(all)
}

/// The guest's side of a session with one host.
pub struct Guest {
    host: Party,
    blinder: Blinder,
    /// Unit of each token, in the order in which they were sent.
    order: Vec<u32>,
    width: u32,
}

impl Guest {
    /// Blinds and sends, with a secret of this session, so that hosts cannot compare what they got.
    pub fn start(host: Party, plan: &Plan, names: &Texts) -> Result<Guest> {
        let blinder = Blinder::new(plan.group());
        let tokens = blind(&blinder, names, &plan.id_hash())?;
        let order = sorted(&tokens);
        send(host, TO_HOST, &tokens, &order)?;
        Ok(Guest { host, blinder, order, width: tokens.width })
    }

    /// For each unit the position of the host's equal token, in the host's order. Under `cardinality_only` only their number
    /// means something.
    pub fn finish(self) -> Result<Vec<Option<u32>>> {
        let mut incoming = Incoming::open(self.host, TO_GUEST)?.of_width(self.width)?.ascending();
        let mut theirs = none();
        theirs.width = self.width;
        while let Some(tokens) = incoming.chunk()? {
            let twice = self.blinder.reblind(&tokens).map_err(blame_invalid(self.host, TO_GUEST))?;
            extend(&mut theirs, &twice);
        }
        let ours = Incoming::open(self.host, TWICE)?.of_width(self.width)?.of_count(self.order.len())?.all()?;
        let mut found = vec![None; self.order.len()];
        for (unit, position) in self.order.iter().zip(matching::positions(&ours, &theirs)) {
            found[*unit as usize] = position;
        }
        Ok(found)
    }
}

/// The host's side of a session. Returns the unit of each of its tokens, in the order in which they were sent.
pub fn serve(guest: Party, plan: &Plan, names: &Texts) -> Result<Vec<u32>> {
    let blinder = Blinder::new(plan.group());
    let tokens = blind(&blinder, names, &plan.id_hash())?;
    let order = sorted(&tokens);
    send(guest, TO_GUEST, &tokens, &order)?;
    let width = tokens.width;
    drop(tokens);

    let mut incoming = Incoming::open(guest, TO_HOST)?.of_width(width)?.ascending();
    let layout: Layout = incoming.layout;
    let mut kept = none();
    kept.width = width;
    if !plan.cardinality_only {
        open(guest, TWICE, layout)?;
    }
    while let Some(tokens) = incoming.chunk()? {
        let twice = blinder.reblind(&tokens).map_err(blame_invalid(guest, TO_HOST))?;
        if plan.cardinality_only {
            extend(&mut kept, &twice);
        } else {
            federation::push(guest, TWICE, &twice.bytes)?;
        }
    }
    if plan.cardinality_only {
        send(guest, TWICE, &kept, &sorted(&kept))?;
    }
    Ok(order)
}
