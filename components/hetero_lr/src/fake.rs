//! A stand-in for the node in native tests: messages through memory, ciphertexts that are plain numbers with the roundings of
//! real ones. Not for: security.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use parcae_sdk::{Failure, FailureKind, Frame, Party, Result, Role, tables::Texts};

use crate::{
    arbiter, guest, host,
    learned::{Learned, Saved},
    link::Link,
    precision::grid,
    rows::Rows,
    scene::{Cast, Given, Scene},
    settings::Settings,
};

/// Plain numbers that stand for ciphertexts.
#[derive(Clone, Debug)]
pub struct Plain {
    values: Vec<f64>,
    scale: u32,
}

#[derive(Clone, Debug)]
enum Message {
    Bytes(Vec<u8>),
    Ids(Texts),
    Key,
    Vector(Plain),
}

type Waiting = HashMap<String, VecDeque<Message>>;

/// Where messages wait.
#[derive(Default)]
pub struct Hub {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    closed: AtomicBool,
}

impl Hub {
    /// After a party failed: nobody waits any more.
    fn close(&self) {
        let waiting = self.waiting.lock().unwrap();
        self.closed.store(true, Ordering::SeqCst);
        drop(waiting);
        self.arrived.notify_all();
    }

    /// Passes a party's result on, and closes when it is a failure.
    fn ended<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.close();
        }
        result
    }
}

/// One party's outside.
pub struct Fake<'a> {
    hub: &'a Hub,
    me: Party,
    /// Points of loss curves.
    pub losses: Mutex<Vec<(String, usize, f64)>>,
    /// Epochs of checkpoints, each with its parts.
    pub checkpoints: Mutex<Vec<(usize, Saved)>>,
}

impl<'a> Fake<'a> {
    /// Of one party.
    pub fn new(hub: &'a Hub, me: Party) -> Fake<'a> {
        Fake { hub, me, losses: Mutex::default(), checkpoints: Mutex::default() }
    }

    fn kept(&self) -> Vec<(usize, Saved)> {
        self.checkpoints.lock().unwrap().clone()
    }

    fn send(&self, to: Party, tag: &str, message: Message) -> Result<()> {
        let address = format!("{:?} {to:?} {tag}", self.me);
        self.hub.waiting.lock().unwrap().entry(address).or_default().push_back(message);
        self.hub.arrived.notify_all();
        Ok(())
    }

    fn receive(&self, from: Party, tag: &str) -> Result<Message> {
        let address = format!("{from:?} {:?} {tag}", self.me);
        let none = |waiting: &mut Waiting| {
            waiting.get(&address).is_none_or(VecDeque::is_empty) && !self.hub.closed.load(Ordering::SeqCst)
        };
        let waiting = self.hub.waiting.lock().unwrap();
        let limit = Duration::from_secs(30);
        let (mut waiting, _) = self.hub.arrived.wait_timeout_while(waiting, limit, none).unwrap();
        let message = waiting.get_mut(&address).and_then(VecDeque::pop_front);
        message.ok_or_else(|| other(format!("{address}: nothing came")))
    }
}

fn other(message: String) -> Failure {
    Failure { kind: FailureKind::Peer, message }
}

/// What the node refuses: numbers whose fixed-point form has more than 126 bits.
fn fits(values: &[f64], scale: u32) -> Result<()> {
    let limit = (126.0 - f64::from(scale)).exp2();
    match values.iter().find(|v| !v.is_finite() || v.abs() >= limit) {
        None => Ok(()),
        Some(value) => Err(other(format!("{value} does not fit scale {scale}"))),
    }
}

impl Link for Fake<'_> {
    type Pair = ();
    type Key = ();
    type Vector = Plain;

    fn push(&self, to: Party, tag: &str, body: &[u8]) -> Result<()> {
        self.send(to, tag, Message::Bytes(body.to_vec()))
    }

    fn pull(&self, from: Party, tag: &str) -> Result<Vec<u8>> {
        match self.receive(from, tag)? {
            Message::Bytes(body) => Ok(body),
            wrong => Err(other(format!("{tag}: {wrong:?}"))),
        }
    }

    fn push_ids(&self, to: Party, tag: &str, ids: &Texts) -> Result<()> {
        self.send(to, tag, Message::Ids(ids.clone()))
    }

    fn pull_ids(&self, from: Party, tag: &str) -> Result<Texts> {
        match self.receive(from, tag)? {
            Message::Ids(ids) => Ok(ids),
            wrong => Err(other(format!("{tag}: {wrong:?}"))),
        }
    }

    fn push_key(&self, to: Party, tag: &str, _key: &()) -> Result<()> {
        self.send(to, tag, Message::Key)
    }

    fn pull_key(&self, from: Party, tag: &str) -> Result<()> {
        self.receive(from, tag).map(|_| ())
    }

    fn push_vector(&self, to: Party, tag: &str, values: &Plain) -> Result<()> {
        self.send(to, tag, Message::Vector(values.clone()))
    }

    fn pull_vector(&self, from: Party, tag: &str, _key: &()) -> Result<Plain> {
        match self.receive(from, tag)? {
            Message::Vector(values) => Ok(values),
            wrong => Err(other(format!("{tag}: {wrong:?}"))),
        }
    }

    fn generate(&self, _bits: u32) -> Result<()> {
        Ok(())
    }

    fn public(&self, _pair: &()) {}

    fn encrypt(&self, _key: &(), values: &[f64], scale: u32) -> Result<Plain> {
        fits(values, scale)?;
        Ok(Plain { values: values.iter().map(|v| grid(*v, scale)).collect(), scale })
    }

    fn decrypt(&self, _pair: &(), values: &Plain) -> Result<Vec<f64>> {
        Ok(values.values.clone())
    }

    fn count(&self, values: &Plain) -> usize {
        values.values.len()
    }

    fn scale(&self, values: &Plain) -> u32 {
        values.scale
    }

    fn add(&self, a: &Plain, b: &Plain) -> Result<Plain> {
        assert_eq!(a.values.len(), b.values.len());
        let values = a.values.iter().zip(&b.values).map(|(a, b)| a + b).collect();
        Ok(Plain { values, scale: a.scale.max(b.scale) })
    }

    fn add_plain(&self, a: &Plain, values: &[f64]) -> Result<Plain> {
        self.add(a, &self.encrypt(&(), values, a.scale)?)
    }

    fn multiply_plain(&self, a: &Plain, values: &[f64], bits: u32) -> Result<Plain> {
        fits(values, bits)?;
        let factor = |i: usize| grid(values[if values.len() == 1 { 0 } else { i }], bits);
        let values = a.values.iter().enumerate().map(|(i, v)| v * factor(i)).collect();
        Ok(Plain { values, scale: a.scale + bits })
    }

    fn weighted_sums(&self, a: &Plain, weights: &[f64], columns: usize, bits: u32) -> Result<Plain> {
        fits(weights, bits)?;
        assert_eq!(weights.len(), a.values.len() * columns);
        let sum = |column: &[f64]| column.iter().zip(&a.values).map(|(w, v)| grid(*w, bits) * v).sum::<f64>();
        Ok(Plain { values: weights.chunks_exact(a.values.len()).map(sum).collect(), scale: a.scale + bits })
    }

    fn select(&self, a: &Plain, rows: &[u32]) -> Result<Plain> {
        Ok(Plain { values: rows.iter().map(|row| a.values[*row as usize]).collect(), scale: a.scale })
    }

    fn concat(&self, a: &Plain, b: &Plain) -> Result<Plain> {
        assert_eq!(a.scale, b.scale);
        Ok(Plain { values: a.values.iter().chain(&b.values).copied().collect(), scale: a.scale })
    }

    fn secret(&self) -> Result<[u8; 32]> {
        Ok([7; 32])
    }

    fn begin_loss(&self, _series: &str) -> Result<()> {
        Ok(())
    }

    fn loss(&self, series: &str, epoch: usize, loss: f64) -> Result<()> {
        self.losses.lock().unwrap().push((series.to_owned(), epoch, loss));
        Ok(())
    }

    fn checkpoint(&self, epoch: usize, parts: &Saved) -> Result<()> {
        self.checkpoints.lock().unwrap().push((epoch, parts.clone()));
        Ok(())
    }

    fn progress(&self, done: u64, of: u64) {
        assert!(done <= of, "{done} of {of} epochs");
    }
}

/// A guest, `hosts` hosts and an arbiter.
pub fn cast(hosts: usize) -> Cast {
    let host = |i: usize| Party { role: Role::Host, id: 10_000 + i as u64 };
    Cast {
        guest: Party { role: Role::Guest, id: 9999 },
        hosts: (0..hosts).map(host).collect(),
        arbiter: Party { role: Role::Arbiter, id: 10_000 },
    }
}

/// What each party learned.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The guest.
    pub guest: Learned,
    /// The hosts.
    pub hosts: Vec<Learned>,
    /// The arbiter.
    pub arbiter: Learned,
    /// The arbiter's loss curves.
    pub losses: Vec<(String, usize, f64)>,
    /// Checkpoints of the guest, of each host, and of the arbiter.
    pub checkpoints: Vec<Vec<(usize, Saved)>>,
}

/// The tables and the start of a training.
pub struct Parts<'a> {
    /// The guest's rows.
    pub guest: &'a Rows,
    /// The hosts' rows.
    pub hosts: &'a [Rows],
    /// Whether the same rows validate.
    pub validate: bool,
    /// Where to start.
    pub start: Option<&'a Trained>,
}

/// Trains with one thread a party.
pub fn train(json: &str, parts: &Parts<'_>) -> Result<Trained> {
    let settings = Settings::parse(json, "hetero_lr_0").unwrap();
    let (hub, cast) = (Hub::default(), cast(parts.hosts.len()));
    let (hub, cast, settings) = (&hub, &cast, &settings);
    std::thread::scope(|scope| {
        let guest = scope.spawn(move || {
            let link = Fake::new(hub, cast.guest);
            let scene = Scene::new(&link, cast, settings, "hetero_lr_0");
            let validate = parts.validate.then_some(parts.guest);
            let start = parts.start.map(|start| &start.guest);
            let learned = hub.ended(guest::fit(&scene, &(), &Given { train: parts.guest, validate, start }));
            learned.map(|learned| (learned, link.kept()))
        });
        let hosts: Vec<_> = (0..parts.hosts.len())
            .map(|i| {
                scope.spawn(move || {
                    let link = Fake::new(hub, cast.hosts[i]);
                    let scene = Scene::new(&link, cast, settings, "hetero_lr_0");
                    let validate = parts.validate.then_some(&parts.hosts[i]);
                    let start = parts.start.map(|start| &start.hosts[i]);
                    let learned = hub.ended(host::fit(&scene, &(), &Given { train: &parts.hosts[i], validate, start }));
                    learned.map(|learned| (learned, link.kept()))
                })
            })
            .collect();
        let link = Fake::new(hub, cast.arbiter);
        let scene = Scene::new(&link, cast, settings, "hetero_lr_0");
        let arbiter = hub.ended(arbiter::fit(&scene, &(), parts.start.map(|start| &start.arbiter)));
        let (guest, kept) = guest.join().unwrap()?;
        let hosts = hosts.into_iter().map(|host| host.join().unwrap()).collect::<Result<Vec<_>>>()?;
        let (hosts, more): (Vec<Learned>, Vec<_>) = hosts.into_iter().unzip();
        let losses = link.losses.lock().unwrap().clone();
        let checkpoints = std::iter::once(kept).chain(more).chain([link.kept()]).collect();
        Ok(Trained { guest, hosts, arbiter: arbiter?, losses, checkpoints })
    })
}

/// The breast cancer tables of the example: guest and host.
pub fn breast() -> (Frame, Frame) {
    let guest = include_str!("../../../examples/hetero_lr/breast_hetero_guest.csv");
    let host = include_str!("../../../examples/hetero_lr/breast_hetero_host.csv");
    (table(guest), table(host))
}

/// A table from a file with a header: column id is the key, column y a label, every other a feature.
fn table(text: &str) -> Frame {
    use parcae_sdk::{
        Column,
        tables::{Meaning, Values},
        texts,
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cells: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let columns = header.iter().enumerate().map(|(place, name)| {
        let column = cells.iter().map(|row| row[place]);
        match *name {
            "id" => Column::new(name, Meaning::Id, Values::Text(texts(column))),
            "y" => Column::new(name, Meaning::Label, Values::Int64(column.map(|c| c.parse().unwrap()).collect())),
            _ => Column::new(name, Meaning::Feature, Values::Float64(column.map(|c| c.parse().unwrap()).collect())),
        }
    });
    Frame::new(columns.collect())
}
