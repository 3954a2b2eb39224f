//! What crosses a wall as bytes: keys, ciphertexts and tokens of another party, and the messages of a worker process.
//! Each is refused with words, or can be used, and written again as it came.

use std::sync::atomic::AtomicBool;

use parcae_crypto::{
    Blinder, CryptoError, Encrypted, IdHash, Ids, KeyPair, Method, PublicKey, RsaBlinder, RsaSigner, Tokens,
};
use parcae_runtime::read_message;
use serde_json::json;

use crate::random::Random;
use crate::{check_words, fuzz, mutate};

/// Bits of keys: the least that there are.
const BITS: u32 = 1024;
/// Ids that are blinded.
const IDS: Ids<'static> = Ids { offsets: &[0, 1, 3, 6], bytes: b"abbccc" };
/// Kinds of messages of a worker, and some more.
const KINDS: u8 = 31;

/// What receives bytes from elsewhere.
struct Receiver {
    pair: KeyPair,
    curve: Blinder,
    prime: Blinder,
    signer: RsaSigner,
    blinder: RsaBlinder,
    hash: IdHash,
    never: AtomicBool,
}

impl Receiver {
    fn new() -> Receiver {
        let (hash, never) = (IdHash { name: "sha256".into(), salt: "s".into() }, AtomicBool::new(false));
        let signer = RsaSigner::generate(BITS).unwrap();
        Receiver {
            pair: KeyPair::generate(BITS).unwrap(),
            curve: Blinder::new(Method::Ecdh).unwrap(),
            prime: Blinder::new(Method::Dh { bits: 2048 }).unwrap(),
            blinder: RsaBlinder::new(&signer.public_bytes(), &IDS, &hash, &never).unwrap(),
            signer,
            hash,
            never,
        }
    }

    /// Good messages, each behind the number of who receives it.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let encrypted = self.pair.public().encrypt(&[1.5, -2.0, 0.0], 20, &self.never).unwrap();
        let blinded = |blinder: &Blinder| blinder.blind(&IDS, &self.hash, &self.never).unwrap().bytes;
        let signed = self.signer.sign_blinded(self.blinder.blinded(), &self.never).unwrap();
        let seed = |kind: u8, bytes: Vec<u8>| [vec![kind], bytes].concat();
        let mut seeds = vec![
            seed(0, self.pair.public().to_bytes()),
            seed(1, encrypted.to_bytes()),
            seed(2, blinded(&self.curve)),
            seed(3, blinded(&self.prime)),
            seed(4, self.blinder.blinded().bytes.clone()),
            seed(5, self.signer.public_bytes()),
            seed(6, signed.bytes),
        ];
        seeds.extend(messages().into_iter().map(|(kind, body)| seed(7, [vec![kind], body].concat())));
        seeds
    }

    /// Receives a message; true when it was taken.
    fn receive(&self, message: &[u8]) -> bool {
        let Some((to, bytes)) = message.split_first() else { return false };
        let tokens = |width: usize| Tokens { width, bytes: bytes.to_vec() };
        match to % 8 {
            0 => taken(PublicKey::from_bytes(bytes).map(|key| assert_eq!(key.to_bytes(), bytes))),
            1 => taken(Encrypted::from_bytes(&self.pair.public(), bytes).map(|values| {
                assert_eq!(values.to_bytes(), bytes);
                // Whatever numbers these are.
                let _ = self.pair.decrypt(&values, &self.never);
            })),
            2 => taken(self.curve.reblind(&tokens(32), &self.never)),
            3 => taken(self.prime.reblind(&tokens(256), &self.never)),
            4 => taken(self.signer.sign_blinded(&tokens(BITS as usize / 8), &self.never)),
            5 => taken(RsaBlinder::new(bytes, &IDS, &self.hash, &self.never)),
            6 => taken(self.blinder.unblind(&tokens(BITS as usize / 8), "sha256", &self.never)),
            _ => of_a_worker(bytes),
        }
    }
}

/// Whether it was taken; if not, with words.
fn taken<T>(received: Result<T, CryptoError>) -> bool {
    if let Err(refused) = &received {
        check_words(&refused.to_string());
    }
    received.is_ok()
}

/// A message of a worker: what is taken means the same when it is written and read again.
fn of_a_worker(bytes: &[u8]) -> bool {
    let Some((kind, body)) = bytes.split_first() else { return false };
    match read_message(kind % KINDS, body) {
        Err(said) => {
            check_words(&said);
            false
        }
        Ok((kind, body)) => {
            assert_eq!(read_message(kind, &body), Ok((kind, body.clone())));
            true
        }
    }
}

fn text(text: &str) -> Vec<u8> {
    list(text.len(), text.as_bytes())
}

/// So many things.
fn list(count: usize, bytes: &[u8]) -> Vec<u8> {
    [(count as u64).to_le_bytes().as_slice(), bytes].concat()
}

/// Good messages of a worker: kind and body, as `runtime::process::request` has them.
fn messages() -> Vec<(u8, Vec<u8>)> {
    let column = |data_type: u8, values: Vec<u8>| [vec![0, data_type], values].concat();
    let offsets = [0u32, 1, 2].map(u32::to_le_bytes).concat();
    let columns = [
        column(0, [list(3, &offsets), text("ab")].concat()),
        column(1, list(2, &[1.5f64, -0.0].map(f64::to_le_bytes).concat())),
        column(3, list(2, &[1, 0])),
    ];
    let page = [2u32.to_le_bytes().to_vec(), list(3, &columns.concat())].concat();
    let schema = [list(1, &[text("id"), vec![0, 0]].concat()), text("{\"a\":1}")].concat();
    let parts = list(1, &[text("meta"), text("{}"), text("\u{1}\u{2}")].concat());
    let party = [vec![1], 10_000u64.to_le_bytes().to_vec()].concat();
    let points = list(1, &[vec![0], 2.5f64.to_le_bytes().to_vec(), vec![1], text("y")].concat());
    let done = json!([{"outcome": "failed", "kind": "input", "message": "so it is"}, {}]).to_string();
    let four = |number: u32| number.to_le_bytes().to_vec();
    vec![
        (0, vec![7]),
        (1, text(&done)),
        (2, vec![0, 0, 1, 0, 0, 0, 0, 0]),
        (4, [vec![1, 0], text("a line")].concat()),
        (7, [four(4), schema.clone(), text("data")].concat()),
        (8, [four(4), vec![1], schema, text("n"), text("t")].concat()),
        (9, [four(0), page.clone()].concat()),
        (12, [four(1), text("data")].concat()),
        (13, [four(1), four(2), list(2, &[four(0), four(1)].concat())].concat()),
        (18, [parts.clone(), text("model")].concat()),
        (19, [four(3), parts, text("model"), text("step")].concat()),
        (20, [points, text("train"), text("loss")].concat()),
        (23, [party.clone(), vec![1], page, text("tag")].concat()),
        (23, [party.clone(), vec![3], text("ciphertexts"), text("tag")].concat()),
        (24, [party, text("tag")].concat()),
        (28, text("bytes of a file")),
    ]
}

#[test]
fn wires() {
    let receiver = Receiver::new();
    let seeds = receiver.seeds();
    let refused: Vec<u8> = seeds.iter().filter(|seed| !receiver.receive(seed)).map(|seed| seed[0]).collect();
    // All but the end of a worker, whose usage has grown fields since.
    assert!(refused.len() <= 1, "good messages are refused, to: {refused:?}");
    fuzz("wires", |random| invented(random, &seeds), |bytes| receiver.receive(bytes));
}

fn invented(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut message = random.pick(seeds).clone();
    let other = random.pick(seeds);
    if random.once_in(30) {
        // For somebody else.
        message[0] = random.byte();
    }
    if !random.once_in(20) {
        mutate::bytes(random, &mut message, other);
    }
    message
}
