//! States in which a stop has to find an attempt: computing in one long instruction, in each kind of long call, waiting for
//! the node. None ends by itself; each says in the log when it is there. Not for: crashes (`crash`), limits (`counts`).

use std::hint::black_box;

use parcae_sdk::{
    Result, federation,
    he::{Encrypted, KeyPair},
    info,
    metrics::{self, Point, Scalar},
    psi::{Blinder, Group, IdHash},
    tables::Texts,
};

use crate::{Behaviour, Request, behaviour, pages};

/// The behaviours.
pub static ALL: [Behaviour; 8] = [
    behaviour(
        "fill_long",
        "never ends: `amount` bytes (32 MiB) are filled and copied in single instructions",
        fill_long,
    ),
    behaviour("read_long", "never ends: the pages of the input are read again and again", read_long),
    behaviour("write_long", "never ends, until table_bytes: pages of 672 KiB are written", write_long),
    behaviour("decrypt_long", "never ends: `amount` ciphertexts (50000) are decrypted in one call", decrypt_long),
    behaviour("sums_long", "never ends: `amount` ciphertexts (50000) are summed with weights in one call", sums_long),
    behaviour("send_long", "never ends: `amount` ciphertexts (50000) are randomised and sent in one call", send_long),
    behaviour("blind_long", "never ends: `amount` ids (200000) are blinded in one call", blind_long),
    behaviour("points_long", "never ends, until metric_points: points are added one by one, and paced", points_long),
];

fn fill_long(request: &Request) -> Result<()> {
    let size = request.amount_or(32 << 20) as usize;
    let mut bytes = vec![0u8; size];
    info!("fills");
    for turn in 0u64.. {
        bytes.fill(turn as u8);
        bytes.copy_within(..size / 2, size / 2);
        black_box(&mut bytes);
    }
    Ok(())
}

fn read_long(request: &Request) -> Result<()> {
    let table = request.task.input("data")?;
    info!("reads");
    loop {
        for index in 0..table.pages() {
            black_box(table.read_page(index, &[])?);
        }
    }
}

fn write_long(_: &Request) -> Result<()> {
    let (writer, page) = (pages::wide_writer()?, pages::wide_page(0));
    info!("writes");
    loop {
        writer.append(&page)?;
    }
}

/// A pair of keys, and so many ciphertexts; one was encrypted, the others are copies.
fn ciphertexts(request: &Request) -> Result<(KeyPair, Encrypted, usize)> {
    let pair = KeyPair::generate("paillier", 2048)?;
    let count = request.amount_or(50_000) as usize;
    let values = pair.public().encrypt(&[0.5], 20)?.select(&vec![0; count])?;
    Ok((pair, values, count))
}

fn decrypt_long(request: &Request) -> Result<()> {
    let (pair, values, _) = ciphertexts(request)?;
    info!("decrypts");
    loop {
        black_box(pair.decrypt(&values)?);
    }
}

fn sums_long(request: &Request) -> Result<()> {
    let (_pair, values, count) = ciphertexts(request)?;
    let weights: Vec<f64> = (0..count).map(|row| 1.0 / (1.0 + row as f64)).collect();
    info!("sums");
    loop {
        black_box(values.weighted_sums(&weights, 1, 60)?);
    }
}

fn send_long(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    let (_pair, values, _) = ciphertexts(request)?;
    info!("sends");
    loop {
        federation::push_encrypted(first, "values", &values)?;
    }
}

fn blind_long(request: &Request) -> Result<()> {
    let ids = Texts { offsets: vec![0; request.amount_or(200_000) as usize + 1], bytes: Vec::new() };
    let hash = IdHash { name: "sha256".to_owned(), salt: String::new() };
    let blinder = Blinder::new(Group::Modp4096);
    info!("blinds");
    loop {
        black_box(blinder.blind(&ids, &hash)?);
    }
}

fn points_long(_: &Request) -> Result<()> {
    info!("adds points");
    for at in 0u64.. {
        let point = Point { key: Scalar::Number(at as f64), value: Scalar::Number(0.5) };
        metrics::append("train", "paced", &[point])?;
        if at == 600 {
            info!("is paced");
        }
    }
    Ok(())
}
