//! Misuse of homomorphic encryption and of private set intersection: every call has to come back with an error. Not for:
//! right use (`messages::push_pull`).

use parcae_sdk::{
    Error, Result, failed,
    he::{Encrypted, KeyPair},
    info,
    psi::{Blinder, Group, IdHash, RsaBlinder, RsaSigner, Tokens},
    tables::Texts,
    texts,
};

use crate::{
    Behaviour, Request, behaviour,
    refusal::{refused, refused_as},
};

/// The behaviours.
pub static ALL: [Behaviour; 5] = [
    behaviour("he_misuse", "success: wrong keys, lengths and numbers are refused", he_misuse),
    behaviour("psi_misuse", "success: tokens outside the group, wrong widths, hashes and keys are refused", psi_misuse),
    behaviour(
        "many_ids",
        "success after error handle_bytes: tokens of `amount` empty ids (1000000), 512 bytes each",
        many_ids,
    ),
    behaviour(
        "encrypt_long",
        "never ends by itself: deadline run, or canceled within 100 ms of a stop; `amount` numbers (500000) a call",
        encrypt_long,
    ),
    behaviour(
        "generate_long",
        "never ends by itself: deadline run, or canceled within 100 ms of a stop; keys of 4096 bits",
        generate_long,
    ),
];

fn he_misuse(_: &Request) -> Result<()> {
    for (scheme, bits) in
        [("nonsense", 1024), ("", 1024), ("paillier", 0), ("paillier", 512), ("paillier", 1100), ("paillier", 1 << 20)]
    {
        refused("a key of another kind", KeyPair::generate(scheme, bits))?;
    }
    let (pair, other) = (KeyPair::generate("paillier", 1024)?, KeyPair::generate("paillier", 1024)?);
    let public = pair.public();
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        refused("encrypt what is not finite or too large", public.encrypt(&[1.0, number], 20))?;
    }
    refused("encrypt at a scale that leaves no room", public.encrypt(&[1.0], 127))?;
    refused("encrypt at the greatest scale", public.encrypt(&[1.0], u32::MAX))?;
    let two = public.encrypt(&[1.0, 2.0], 20)?;
    let three = public.encrypt(&[1.0, 2.0, 3.0], 20)?;
    let foreign = other.public().encrypt(&[1.0, 2.0], 20)?;
    refused("decrypt under another key", other.decrypt(&two))?;
    refused("add under another key", two.add(&foreign))?;
    refused("concat under another key", two.concat(&foreign))?;
    refused("concat at another scale", two.concat(&public.encrypt(&[1.0], 30)?))?;
    lengths(&two, &three)?;
    outgrown(&pair)
}

/// Operands of lengths that do not fit, and numbers that are not finite.
fn lengths(two: &Encrypted, three: &Encrypted) -> Result<()> {
    refused("add another length", two.add(three))?;
    refused("add fewer plain numbers", two.add_plain(&[1.0]))?;
    refused("add a plain number that is not finite", two.add_plain(&[1.0, f64::NAN]))?;
    refused("multiply by more numbers", two.multiply_plain(&[1.0, 2.0, 3.0], 10))?;
    refused("multiply by no numbers", two.multiply_plain(&[], 10))?;
    refused("multiply by infinity", two.multiply_plain(&[f64::INFINITY], 10))?;
    refused("weights that do not fill a column", two.weighted_sums(&[1.0; 3], 1, 10))?;
    refused("weights for another number of columns", two.weighted_sums(&[1.0; 4], 3, 10))?;
    refused("columns whose product wraps around", two.weighted_sums(&[], 1 << 31, 10))?;
    refused("a weight that is not finite", two.weighted_sums(&[1.0, f64::NAN], 1, 10))?;
    refused("select behind the end", two.select(&[0, 2]))?;
    refused("select far behind the end", two.select(&[u32::MAX]))
}

/// Products that outgrow the modulus must not decrypt to something else. For any modulus n of 1024 bits one of the powers
/// of two from 2^1020 to 2^1024 lies between n / 3 and 2 n / 3, where no right value can be.
fn outgrown(pair: &KeyPair) -> Result<()> {
    let mut values = pair.public().encrypt(&[1.0, 2.0, 4.0, 8.0, 16.0], 0)?;
    for _ in 0..10 {
        values = match values.multiply_plain(&[2f64.powi(102)], 0) {
            Ok(product) => product,
            Err(error) => return refused::<()>("multiply beyond the modulus", Err(error)),
        };
    }
    refused("decrypt what has outgrown the modulus", pair.decrypt(&values))
}

fn hash() -> IdHash {
    IdHash { name: "sha256".to_owned(), salt: String::new() }
}

fn tokens(width: u32, bytes: Vec<u8>) -> Tokens {
    Tokens { width, bytes }
}

fn psi_misuse(_: &Request) -> Result<()> {
    for (group, width) in
        [(Group::Ristretto255, 32u32), (Group::Modp2048, 256), (Group::Modp3072, 384), (Group::Modp4096, 512)]
    {
        let blinder = Blinder::new(group);
        let len = width as usize;
        refused("the neutral element, or 0", blinder.reblind(&tokens(width, vec![0; len])))?;
        refused("a number beyond the group", blinder.reblind(&tokens(width, vec![0xff; len])))?;
        refused("tokens of another width", blinder.reblind(&tokens(width - 1, vec![1; len - 1])))?;
        refused("half a token", blinder.reblind(&tokens(width, vec![1; len + len / 2])))?;
        refused("tokens without width", blinder.reblind(&tokens(0, vec![1; len])))?;
        refused("a bad token behind a good one", {
            let mut two = blinder.blind(&texts(["a"]), &hash())?;
            two.bytes.extend(vec![0; len]);
            blinder.reblind(&two)
        })?;
    }
    let blinder = Blinder::new(Group::Ristretto255);
    for name in ["md5", "nonsense", ""] {
        let unknown = IdHash { name: name.to_owned(), salt: String::new() };
        refused("a hash that is not offered", blinder.blind(&texts(["a"]), &unknown))?;
    }
    for (offsets, bytes) in [(vec![0, 9], vec![b'a']), (vec![1, 0], vec![b'a']), (vec![0, u32::MAX], vec![b'a'])] {
        refused("ids that are no texts", blinder.blind(&Texts { offsets, bytes }, &hash()))?;
    }
    rsa_misuse()
}

/// Ids of no bytes cost nothing to send and much to blind.
fn many_ids(request: &Request) -> Result<()> {
    let ids = Texts { offsets: vec![0; request.amount_or(1_000_000) as usize + 1], bytes: Vec::new() };
    let full = |error: &Error| matches!(error, Error::Limit(reached) if reached.name == "handle_bytes");
    refused_as("blind that many ids", Blinder::new(Group::Modp4096).blind(&ids, &hash()), full)
}

fn encrypt_long(request: &Request) -> Result<()> {
    let public = KeyPair::generate("paillier", 2048)?.public();
    let values = vec![0.5; request.amount_or(500_000) as usize];
    info!("encrypts");
    loop {
        public.encrypt(&values, 20)?;
    }
}

fn generate_long(_: &Request) -> Result<()> {
    loop {
        KeyPair::generate("paillier", 4096)?;
    }
}

fn rsa_misuse() -> Result<()> {
    for bits in [0, 512, 1 << 20, u32::MAX] {
        refused("a key of another length", RsaSigner::generate(bits))?;
    }
    let ids = texts(["a", "b"]);
    for public in [vec![], vec![0; 200], vec![0xff; 200], vec![1; 3]] {
        refused("a public key that is none", RsaBlinder::blind(&public, &ids, &hash()))?;
    }
    let signer = RsaSigner::generate(1024)?;
    refused("a final hash that is not offered", signer.sign_ids(&ids, &hash(), "nonsense"))?;
    let blinder = RsaBlinder::blind(&signer.public(), &ids, &hash())?;
    let blinded = blinder.blinded();
    let len = blinded.width as usize;
    refused("sign 0", signer.sign_blinded(&tokens(blinded.width, vec![0; len])))?;
    refused("sign a number beyond the modulus", signer.sign_blinded(&tokens(blinded.width, vec![0xff; len])))?;
    refused("sign half a token", signer.sign_blinded(&tokens(blinded.width, vec![1; len / 2])))?;
    refused("unblind what is not signed", blinder.unblind(&blinded, "sha256"))?;
    let signed = signer.sign_blinded(&blinded)?;
    let first = tokens(signed.width, signed.bytes[..len].to_vec());
    refused("unblind fewer tokens", blinder.unblind(&first, "sha256"))?;
    let swapped = [&signed.bytes[len..], &signed.bytes[..len]].concat();
    refused("unblind tokens in another order", blinder.unblind(&tokens(signed.width, swapped), "sha256"))?;
    if blinder.unblind(&signed, "sha256")? != signer.sign_ids(&ids, &hash(), "sha256")? {
        return Err(failed("right use finds other tokens"));
    }
    Ok(())
}
