//! Limits that count: handles of each kind, messages, rows, randomness in small portions. Not for: those that count bytes
//! of one call (`messages`, `pages`, `results`).

use parcae_sdk::{
    Error, Result, federation,
    he::KeyPair,
    info,
    psi::{Blinder, Group},
    tables::{self, Column, Page, Values},
    texts,
};

use crate::{
    Behaviour, Request, behaviour, pages,
    refusal::{refused_as, until_limit},
    wasi,
};

/// The behaviours.
pub static ALL: [Behaviour; 7] = [
    behaviour("many_keys", "limit handles: handles of one public key without end", many_keys),
    behaviour("many_blinders", "limit handles: secrets for private set intersection without end", many_blinders),
    behaviour("many_tables", "success after error handles: the input table is opened again and again", many_tables),
    behaviour(
        "count_messages",
        "success after error edge_messages; `amount` messages without a body, endless for 0",
        count_messages,
    ),
    behaviour("flood_rows", "success after error table_rows; `amount` pages of 8192 rows, endless for 0", flood_rows),
    behaviour("fat_page", "success after error page_bytes: one row with a text of `amount` bytes (5 MiB)", fat_page),
    behaviour("random_drip", "limit random_total_bytes: 32 KiB of randomness again and again", random_drip),
];

fn many_keys(_: &Request) -> Result<()> {
    let pair = KeyPair::generate("paillier", 1024)?;
    let mut kept = Vec::new();
    loop {
        kept.push(pair.public());
    }
}

fn many_blinders(_: &Request) -> Result<()> {
    let mut kept = Vec::new();
    loop {
        kept.push(Blinder::new(Group::Ristretto255));
    }
}

fn many_tables(request: &Request) -> Result<()> {
    let mut kept = Vec::new();
    until_limit("handles", request.amount, |_| {
        kept.push(tables::input("data")?);
        Ok::<(), Error>(())
    })?;
    info!("{} times the input is open", kept.len());
    Ok(())
}

fn count_messages(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    until_limit("edge_messages", request.amount, |_| federation::push(first, "count", &[]))
}

fn flood_rows(request: &Request) -> Result<()> {
    let writer = pages::wide_writer()?;
    until_limit("table_rows", request.amount, |number| writer.append(&pages::wide_page(number)))
}

fn fat_page(request: &Request) -> Result<()> {
    let mut schema = pages::schema();
    schema.columns.truncate(1);
    let writer = tables::create("data", &schema, 1)?;
    let text = "x".repeat(request.amount_or(5 << 20) as usize);
    let column = Column { validity: None, values: Values::Text(texts([text.as_str()])) };
    let full = |error: &Error| matches!(error, Error::Limit(reached) if reached.name == "page_bytes");
    refused_as("a page of too many bytes", writer.append(&Page { rows: 1, columns: vec![column] }), full)
}

fn random_drip(_: &Request) -> Result<()> {
    let mut drawn = 0;
    loop {
        drawn += wasi::random_bytes(32 << 10);
        if drawn % (1 << 20) == 0 {
            info!("{drawn} random bytes came");
        }
    }
}
