//! Messages between parties: too large, too many, to the wrong address, and right ones, checked. Not for: what tokens and
//! ciphertexts may be (`cryptography`).

use parcae_sdk::{
    Party, Result, Role, failed, federation,
    he::KeyPair,
    info,
    tables::{Column, Page, Values},
    texts,
};

use crate::{
    Behaviour, Request, behaviour, pages,
    refusal::{refused, until_limit},
};

/// The behaviours.
pub static ALL: [Behaviour; 8] = [
    behaviour(
        "huge_message",
        "a message of `amount` bytes (65 MiB): limit call_bytes, or trapped, or success after error edge_bytes",
        huge_message,
    ),
    behaviour(
        "flood_messages",
        "success after error edge_bytes; `amount` messages of 64 KiB, endless for 0",
        flood_messages,
    ),
    behaviour(
        "empty_messages",
        "success after error edge_bytes; `amount` messages without a body, endless for 0",
        empty_messages,
    ),
    behaviour("forge_party", "success: a party that takes no part is refused in both directions", forge_party),
    behaviour("forge_tag", "success; every tag is refused or stays inside the task", forge_tag),
    behaviour("pull_never", "failed, kind peer, or deadline peer: the message never comes", pull_never),
    behaviour("push_bad_page", "success: pages with broken offsets, texts or lengths are refused", push_bad_page),
    behaviour(
        "push_pull",
        "success at guest and hosts: `amount` messages (100) arrive complete and in order",
        push_pull,
    ),
];

fn huge_message(request: &Request) -> Result<()> {
    let body = vec![7; request.amount_or(65 << 20) as usize];
    for party in request.others()? {
        refused("a huge message", federation::push(party, "huge", &body))?;
    }
    Ok(())
}

fn flood_messages(request: &Request) -> Result<()> {
    let (others, body) = (request.others()?, vec![7; 64 << 10]);
    let first = others[0];
    until_limit("edge_bytes", request.amount, |_| federation::push(first, "flood", &body))
}

fn empty_messages(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    until_limit("edge_bytes", request.amount, |number| federation::push(first, &format!("empty {number}"), &[]))
}

fn forge_party(request: &Request) -> Result<()> {
    let strangers = [(Role::Host, 424_242), (Role::Guest, 0), (Role::Local, u64::MAX), (Role::Arbiter, 1)];
    for (role, id) in strangers {
        let stranger = Party { role, id };
        if request.task.parties.contains(&stranger) {
            continue;
        }
        refused("push to a party that takes no part", federation::push(stranger, "forged", b"hello"))?;
        refused("pull from a party that takes no part", federation::pull(stranger, "forged"))?;
    }
    Ok(())
}

fn forge_tag(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    let long = "t".repeat(1 << 20);
    let odd =
        ["", "/", "../../other/job", "a\0b", "a\nb", "\u{1b}[2J", "a?b=c&d#e", "%2e%2e%2f", "'; DROP TABLE t_job; --"];
    for tag in odd.into_iter().chain([long.as_str()]) {
        match federation::push(first, tag, b"hello") {
            Ok(()) => info!("tag of {} bytes is taken", tag.len()),
            Err(error) => info!("tag of {} bytes: {error:?}", tag.len()),
        }
    }
    Ok(())
}

fn pull_never(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    let body = federation::pull(first, "never")?;
    Err(failed(format!("expected an error: {} bytes came that nobody sent", body.len())))
}

fn push_bad_page(request: &Request) -> Result<()> {
    let first = request.others()?[0];
    for (what, page) in pages::offsets().into_iter().chain(pages::utf8()).chain(pages::rows()) {
        refused(what, federation::push_page(first, "page", &page))?;
    }
    Ok(())
}

/// Message `number` of a party: everybody can tell what it has to be.
fn body(from: Party, number: u64) -> Vec<u8> {
    let len = (number * number * 37) % 5000;
    (0..len).map(|i| (i + number + from.id) as u8).collect()
}

fn tag(number: u64) -> &'static str {
    ["first", "second", "third"][(number % 3) as usize]
}

/// A page with every type and with values that are not there.
fn page(from: Party) -> Page {
    let column = |validity: Option<Vec<u8>>, values: Values| Column { validity, values };
    Page {
        rows: 3,
        columns: vec![
            column(None, Values::Text(texts(["a", "", "\u{e4}\u{1f600}"]))),
            column(Some(vec![0b101]), Values::Float64(vec![from.id as f64, 0.0, -1e300])),
            column(None, Values::Int64(vec![i64::MIN, 0, i64::MAX])),
            column(Some(vec![0b011]), Values::Boolean(vec![1, 0, 0])),
        ],
    }
}

fn push_pull(request: &Request) -> Result<()> {
    let me = request.task.me;
    let partners = match me.role {
        Role::Guest => request.task.hosts(),
        Role::Host => vec![request.task.guest()?],
        _ => Vec::new(),
    };
    let count = request.amount_or(100);
    for partner in &partners {
        for number in 0..count {
            federation::push(*partner, tag(number), &body(me, number))?;
        }
        federation::push_page(*partner, "page", &page(me))?;
    }
    for partner in &partners {
        for number in 0..count {
            if federation::pull(*partner, tag(number))? != body(*partner, number) {
                return Err(failed(format!("message {number} of party {} is another one", partner.id)));
            }
        }
        if federation::pull_page(*partner, "page")? != page(*partner) {
            return Err(failed(format!("the page of party {} is another one", partner.id)));
        }
        ciphertexts(me, *partner)?;
    }
    info!("{count} messages, a page and ciphertexts were exchanged with {} parties", partners.len());
    Ok(())
}

/// The guest's key goes to the host, ciphertexts come back.
fn ciphertexts(me: Party, partner: Party) -> Result<()> {
    let expected = [1.5, -2.25, partner.id.min(me.id) as f64];
    if me.role == Role::Guest {
        let pair = KeyPair::generate("paillier", 1024)?;
        let public = pair.public();
        federation::push_key(partner, "key", &public)?;
        let values = pair.decrypt(&federation::pull_encrypted(partner, "values", &public)?)?;
        if values != expected {
            return Err(failed(format!("decrypted {values:?} where {expected:?} were sent")));
        }
        return Ok(());
    }
    let key = federation::pull_key(partner, "key")?;
    let values = key.encrypt(&expected, 20)?;
    Ok(federation::push_encrypted(partner, "values", &values)?)
}
