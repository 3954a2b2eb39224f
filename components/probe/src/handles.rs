//! What the node holds for a component: tables, writers, ciphertexts. Using a handle after it was dropped cannot be
//! written: types forbid it. Not for: pages (`pages`).

use parcae_sdk::{Error, Result, he::KeyPair, info, input_error, tables};

use crate::{
    Behaviour, Request, behaviour, pages,
    refusal::{refused, until_limit},
};

/// The behaviours.
pub static ALL: [Behaviour; 5] = [
    behaviour(
        "many_handles",
        "success after error handles, or limit handles, or trapped; `amount` ciphertexts, endless for 0",
        many_handles,
    ),
    behaviour(
        "flood_ciphertexts",
        "success after error handle_bytes; `amount` times 10000 ciphertexts, endless for 0",
        flood_ciphertexts,
    ),
    behaviour("many_writers", "success after error handles; `amount` open writers, endless for 0", many_writers),
    behaviour("double_finish", "success: a finished writer is used up", double_finish),
    behaviour("read_beyond", "success: pages and columns that the input table does not have are refused", read_beyond),
];

fn many_handles(request: &Request) -> Result<()> {
    let pair = KeyPair::generate("paillier", 1024)?;
    // One encryption: copies are cheap.
    let first = pair.public().encrypt(&[1.0], 0)?;
    let mut kept = Vec::new();
    until_limit("handles", request.amount, |_| {
        kept.push(first.select(&[0])?);
        Ok::<(), Error>(())
    })?;
    info!("{} ciphertexts are held", kept.len());
    Ok(())
}

/// Each is an open file of the node.
fn many_writers(request: &Request) -> Result<()> {
    let mut kept = Vec::new();
    until_limit("handles", request.amount, |_| {
        kept.push(tables::create("data", &pages::schema(), 1)?);
        Ok::<(), Error>(())
    })?;
    info!("{} writers are held", kept.len());
    Ok(())
}

fn flood_ciphertexts(request: &Request) -> Result<()> {
    let first = KeyPair::generate("paillier", 1024)?.public().encrypt(&[1.0], 0)?;
    let rows = vec![0; 10_000];
    let mut kept = Vec::new();
    until_limit("handle_bytes", request.amount, |_| {
        kept.push(first.select(&rows)?);
        Ok::<(), Error>(())
    })?;
    info!("{} times {} ciphertexts are held", kept.len(), rows.len());
    Ok(())
}

fn double_finish(_: &Request) -> Result<()> {
    let writer = tables::create("data", &pages::schema(), 1)?;
    writer.append(&pages::good())?;
    let rows = writer.finish()?;
    refused("finish twice", writer.finish())?;
    refused("append after finish", writer.append(&pages::good()))?;
    info!("{rows} rows");
    Ok(())
}

fn read_beyond(request: &Request) -> Result<()> {
    let table = request.task.input("data")?;
    if table.pages() == 0 {
        return Err(input_error("read_beyond needs an input table with rows"));
    }
    let columns = table.schema().columns.len() as u32;
    refused("the page behind the last one", table.read_page(table.pages(), &[]))?;
    refused("the greatest page", table.read_page(u32::MAX, &[]))?;
    refused("the column behind the last one", table.read_page(0, &[columns]))?;
    refused("the greatest column", table.read_page(0, &[0, u32::MAX]))?;
    refused("a column a million times", table.read_page(0, &vec![0; 1_000_000]))
}
