//! The node's half of an attempt in a process, with workers that lie: nothing that they send harms the node or gets past a
//! limit, a grant or a check. Not for: real processes (the tests of whole nodes).

mod world;

use std::borrow::Cow;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use parcae_domain::{
    attempt::StopSignal,
    grant::Grant,
    outcome::Outcome,
    page::{Column, Page, Values},
    party::{Party, Role},
    pool::Pool,
    port::{Level, Message, PortError, Scalar, Stream},
    schema::{ColumnDef, DataType, Meaning, Schema},
    usage::Usage,
};
use serde_json::{Map, Value};

use super::reply::Reply;
use super::request::Request;
use super::run::{Over, serve};
use super::served::{End, Service};
use super::socket::{NodeEnd, WorkerEnd};
use crate::limiter::Limiter;
use crate::state::State;
use world::{GUEST, HOST, Small, attempt};

/// A worker that says what it likes, and how the node's service for it ended.
struct Liar {
    end: WorkerEnd,
    service: std::thread::JoinHandle<(Over, Vec<String>)>,
    pool: Arc<Pool>,
}

fn liar(grants: &[Grant]) -> Liar {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let pool = Arc::new(Pool::of_node(64 << 20));
    let (attempt, memory) = (Arc::new(attempt(grants)), pool.clone());
    let service = std::thread::spawn(move || {
        let world = Arc::new(Small::default());
        let limiter = Limiter::new(&attempt.limits, memory);
        let mut service =
            Service::new(State::new(attempt, Some(world.clone()), StopSignal::new(), limiter), "1".into());
        (serve(&mut NodeEnd::new(ours), &mut service), world.lines())
    });
    Liar { end: WorkerEnd::new(theirs), service, pool }
}

impl Liar {
    fn tell(&mut self, request: &Request<'_>) {
        let (kind, body) = request.encode();
        // The node may have hung up already.
        let _ = self.end.send(kind, &body);
    }

    fn ask(&mut self, request: &Request<'_>) -> Reply {
        self.tell(request);
        let (kind, body, _) = self.end.receive().unwrap();
        Reply::decode(kind, &body).unwrap()
    }

    /// Why it is refused.
    fn refused(&mut self, request: &Request<'_>) -> String {
        match self.ask(request) {
            Reply::Failed(error) => error.to_string(),
            other => panic!("{request:?} was answered with {other:?}"),
        }
    }

    /// How it ends when the worker goes away; nothing of its memory is left in the pool.
    fn end(self) -> (Over, Vec<String>) {
        drop(self.end);
        let ended = self.service.join().unwrap();
        assert_eq!(self.pool.used(), 0, "memory of a worker that is gone");
        ended
    }

    /// The words of its breach.
    fn breach(self) -> String {
        match self.end().0 {
            Over::End(End::Broken(what)) => what,
            Over::End(other) => panic!("it ended with {other:?}"),
            Over::Gone => panic!("nobody noticed"),
        }
    }
}

fn schema() -> Schema {
    let column = |name: &str, data_type, meaning| ColumnDef { name: name.into(), data_type, meaning };
    let columns = vec![column("id", DataType::Text, Meaning::Id), column("x", DataType::F64, Meaning::Feature)];
    Schema { columns, extra: Map::new() }
}

fn page(rows: u32, offsets: Vec<u32>) -> Page {
    let column = |values| Column { validity: None, values };
    let ids = Values::Text { bytes: vec![b'a'; offsets.last().map_or(0, |end| *end as usize)], offsets };
    Page { rows, columns: vec![column(ids), column(Values::F64(vec![0.5; rows as usize]))] }
}

fn create() -> Request<'static> {
    Request::Create { port: "data".into(), schema: Cow::Owned(schema()), partitions: 1 }
}

fn append(writer: u32, page: Page) -> Request<'static> {
    Request::Append { writer, page: Cow::Owned(page) }
}

fn number(reply: Reply) -> u32 {
    match reply {
        Reply::Number(number) => u32::try_from(number).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn push(to: Party, bytes: usize) -> Request<'static> {
    Request::Push { to, tag: "t".into(), message: Message::Bytes(vec![7; bytes]) }
}

#[test]
fn what_is_no_message_ends_it() {
    let raw = |bytes: &[u8]| {
        let (node, mut worker) = UnixStream::pair().unwrap();
        worker.write_all(bytes).unwrap();
        drop(worker);
        let attempt = Arc::new(attempt(&[]));
        let limiter = Limiter::new(&attempt.limits, Arc::new(Pool::default()));
        let state = State::new(attempt, Some(Arc::new(Small::default())), StopSignal::new(), limiter);
        serve(&mut NodeEnd::new(node), &mut Service::new(state, "1".into()))
    };
    let framed = |len: u64, kind: u8, body: &[u8]| [&len.to_le_bytes()[..], &[kind], body].concat();
    for (bytes, words) in [
        (framed(u64::MAX, 9, b""), "are allowed"),
        (framed(1 << 40, 4, b""), "are allowed"),
        (framed(0, 200, b""), "kind 200"),
        (framed(3, 2, b"abc"), "too early"),
        (framed(9, 2, b"abcdefghi"), "behind its end"),
        (framed(9, 22, &[1, 0, 0, 0, 0, 0, 0, 0, 0xff]), "not UTF-8"),
        (framed(8, 6, &[0xff; 8]), "too early"),
        (framed(1, 0, &[9]), "walls"),
    ] {
        match raw(&bytes) {
            Over::End(End::Broken(what)) => assert!(what.contains(words), "{what:?} of {bytes:?}"),
            _ => panic!("{bytes:?} was taken"),
        }
    }
    assert!(matches!(raw(&framed(100, 2, b"abc")), Over::Gone), "a message that never ends");
    assert!(matches!(raw(b""), Over::Gone));
}

#[test]
fn lists_that_are_longer_than_their_bytes_allocate_nothing() {
    let mut body = vec![1, 0, 0, 0];
    body.extend_from_slice(&4u32.to_le_bytes());
    body.extend_from_slice(&u64::MAX.to_le_bytes());
    assert!(Request::decode(9, &body).is_err(), "columns");
    let mut points = (1u64 << 40).to_le_bytes().to_vec();
    points.extend_from_slice(&[0; 64]);
    assert!(Request::decode(20, &points).is_err(), "points");
}

#[test]
fn long_messages_are_admitted_before_they_come() {
    let (node, mut worker) = UnixStream::pair().unwrap();
    let (pool, attempt) = (Arc::new(Pool::of_node(32 << 20)), Arc::new(attempt(&[])));
    let limiter = Limiter::new(&attempt.limits, pool.clone());
    let state = State::new(attempt, Some(Arc::new(Small::default())), StopSignal::new(), limiter);
    let (kind, _) = push(HOST, 1).encode();
    worker.write_all(&[&(20u64 << 20).to_le_bytes()[..], &[kind]].concat()).unwrap();
    let over = serve(&mut NodeEnd::new(node), &mut Service::new(state, "1".into()));
    assert!(
        matches!(&over, Over::End(End::Halted(Outcome::Limit { limit, .. })) if limit == "memory_pool_bytes"),
        "a message that takes more than there is"
    );
    assert_eq!(pool.used(), 0);
}

#[test]
fn schemas_that_are_short_and_heavy_end_it() {
    let extra = Map::from_iter([("a".to_owned(), Value::from(vec![0; 1_300_000]))]);
    let schema = Cow::Owned(Schema { extra, ..schema() });
    let mut liar = liar(&[]);
    liar.tell(&Request::Create { port: "data".into(), schema, partitions: 1 });
    let said = liar.breach();
    assert!(said.contains("beside its columns"), "{said}");
}

#[test]
fn pages_are_checked_by_the_node() {
    let mut liar = liar(&[]);
    let writer = number(liar.ask(&create()));
    assert_eq!(liar.ask(&append(writer, page(2, vec![0, 1, 2]))), Reply::Done);
    for (bad, words) in [
        (page(2, vec![0, 2, 1]), "offset"),
        (page(2, vec![0, 1]), "offsets"),
        (page(3, vec![0, 1, 2]), "offsets"),
        (Page { rows: 0, columns: vec![] }, "columns"),
    ] {
        let said = liar.refused(&append(writer, bad));
        assert!(said.contains(words), "{said}");
    }
    let said = liar.refused(&append(writer, page(101, (0..=101).collect())));
    assert!(said.contains("page_rows"), "{said}");
    let said = liar.refused(&append(writer, page(1, vec![0, 9_000])));
    assert!(said.contains("page_bytes"), "{said}");
    assert_eq!(liar.ask(&Request::Finish { writer }), Reply::Number(2));
    assert!(matches!(liar.end().0, Over::Gone));
}

#[test]
fn ports_parties_and_grants_are_checked_by_the_node() {
    let mut liar = liar(&[]);
    let said = liar.refused(&Request::Create { port: "other".into(), schema: Cow::Owned(schema()), partitions: 1 });
    assert!(said.contains("no output other"), "{said}");
    let said = liar.refused(&push(Party::new(Role::Arbiter, 77), 1));
    assert!(said.contains("does not take part"), "{said}");
    assert!(liar.refused(&push(GUEST, 1)).contains("itself"));
    let said = liar.refused(&Request::Pull { from: Party::new(Role::Guest, 1), tag: "t".into() });
    assert!(said.contains("does not take part"), "{said}");
    let text = |text: &str| text.to_owned();
    for ungranted in [
        Request::OpenTable { namespace: text("n"), name: text("t") },
        Request::OpenOutput { job: text("1"), component: text("c"), data_name: text("d") },
        Request::Publish {
            namespace: text("n"),
            name: text("t"),
            schema: Cow::Owned(schema()),
            partitions: 1,
            replace: true,
        },
        Request::Uploaded,
        Request::UploadedRead { offset: 0, len: 1 },
        Request::ExportBegin { path: text("p") },
        Request::ExportWrite { bytes: Cow::Borrowed(b"x") },
    ] {
        let said = liar.refused(&ungranted);
        assert!(said.contains("was not granted"), "{ungranted:?}: {said}");
    }
    assert!(matches!(liar.end().0, Over::Gone));
}

#[test]
fn limits_are_kept_by_the_node() {
    let mut liar = liar(&[]);
    assert_eq!(liar.ask(&push(HOST, 1_000)), Reply::Done);
    assert!(liar.refused(&push(HOST, 20_000)).contains("edge_bytes"));
    let sealed = Message::Encrypted(vec![1; 20_000]);
    assert!(liar.refused(&Request::Push { to: HOST, tag: "t".into(), message: sealed }).contains("edge_bytes"));
    let points = vec![(Scalar::Number(1.0), Scalar::Number(2.0)); 11];
    let request = Request::MetricPoints { namespace: "n".into(), name: "m".into(), points: points.into() };
    assert!(liar.refused(&request).contains("metric_points"));
    let writer = number(liar.ask(&create()));
    let mut said = String::new();
    for _ in 0..100 {
        if let Reply::Failed(error) = liar.ask(&append(writer, page(50, (0..=50).collect()))) {
            said = error.to_string();
            break;
        }
    }
    assert!(said.contains("table_bytes") || said.contains("table_rows"), "{said:?}");
    assert!(matches!(liar.end().0, Over::Gone));
}

#[test]
fn handles_that_are_none_end_it() {
    for request in [
        append(5, page(1, vec![0, 1])),
        Request::Finish { writer: 0 },
        Request::DropWriter { writer: 9 },
        Request::DropTable { table: u32::MAX },
        Request::ReadPage { table: 3, index: 0, columns: vec![] },
        Request::Forward { port: "data".into(), table: 3 },
    ] {
        let mut liar = liar(&[]);
        liar.tell(&request);
        assert!(!liar.breach().is_empty(), "{request:?}");
    }
    let mut liar = liar(&[]);
    let writer = number(liar.ask(&create()));
    liar.tell(&Request::ReadPage { table: writer, index: 0, columns: vec![] });
    assert!(!liar.breach().is_empty(), "a writer is no table");
}

#[test]
fn memory_is_admitted_and_comes_back() {
    let mut honest = liar(&[]);
    assert_eq!(honest.ask(&Request::Admit { bytes: 16 << 20 }), Reply::Done);
    assert_eq!(honest.pool.used(), 16 << 20);
    honest.tell(&Request::GiveBack { bytes: 8 << 20 });
    assert_eq!(honest.ask(&Request::Admit { bytes: 8 << 20 }), Reply::Done);
    assert!(
        matches!(honest.ask(&Request::Admit { bytes: 60 << 20 }), Reply::Full(limit, _) if limit == "memory_pool_bytes")
    );
    assert!(matches!(honest.end().0, Over::Gone));
    let mut greedy = liar(&[]);
    greedy.tell(&Request::Admit { bytes: u64::MAX });
    assert!(greedy.breach().contains("memory"));
    let mut generous = liar(&[]);
    generous.tell(&Request::GiveBack { bytes: 1 });
    assert!(generous.breach().contains("memory"));
}

#[test]
fn what_is_told_is_heard_in_order_and_needs_no_answer() {
    let mut liar = liar(&[]);
    for i in 0..1_000 {
        let line = Cow::Owned(format!("line {i}"));
        liar.tell(&Request::Log { level: Level::Info, stream: Stream::Stdout, line });
    }
    let long = Cow::Owned("ä".repeat(300 << 10));
    liar.tell(&Request::Log { level: Level::Info, stream: Stream::Log, line: long });
    liar.tell(&Request::Done { outcome: Outcome::Success, usage: Box::default() });
    let (over, lines) = liar.end();
    assert!(matches!(over, Over::End(End::Done(Outcome::Success, _))));
    assert_eq!((lines.len(), lines[999].as_str()), (1_001, "line 999"));
    assert!(lines[1_000].len() <= 256 << 10);
}

#[test]
fn requests_and_replies_come_out_as_they_went_in() {
    let text = |text: &str| text.to_owned();
    let usage = Box::new(Usage { peak_memory_bytes: 7, ..Usage::default() });
    let parts = vec![parcae_domain::port::ModelPart { name: text("P"), json: text("{}"), bytes: vec![0, 255] }];
    for request in [
        Request::Confined(6),
        Request::Done { outcome: Outcome::Canceled, usage },
        Request::Admit { bytes: 1 },
        Request::Progress { done: 1, of: 2, what: "w".into() },
        Request::Inputs { port: text("p") },
        create(),
        append(4, page(2, vec![0, 1, 2])),
        Request::ReadPage { table: 1, index: 2, columns: vec![3, 4] },
        Request::Models { port: text("m") },
        Request::SaveCheckpoint { port: text("m"), step_index: 3, step_name: text("s"), parts: parts.clone().into() },
        Request::MetricMeta { namespace: text("a"), name: text("b"), metric_type: text("c"), extra: text("{}") },
        push(HOST, 3),
        Request::Pull { from: HOST, tag: text("t") },
        Request::Uploaded,
        Request::UploadedRead { offset: 1, len: 2 },
        Request::ExportWrite { bytes: Cow::Borrowed(b"abc") },
    ] {
        let (kind, body) = request.encode();
        assert_eq!(Request::decode(kind, &body).unwrap(), request);
    }
    for reply in [
        Reply::Failed(PortError::Deadline(text("peer"), 7)),
        Reply::Failed(PortError::Limit(text("a"), text("b"))),
        Reply::Done,
        Reply::Page(page(1, vec![0, 1])),
        Reply::Message(Message::Encrypted(vec![1])),
        Reply::Models(vec![parcae_domain::port::Model { component: text("c"), alias: text("m"), parts }]),
        Reply::Full(text("memory_pool_bytes"), text("no")),
    ] {
        let (kind, body) = reply.encode();
        assert_eq!(Reply::decode(kind, &body).unwrap(), reply);
    }
}

#[test]
fn descriptors_come_along() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (mut node, mut worker) = (NodeEnd::new(ours), WorkerEnd::new(theirs));
    let file = tempfile::tempfile().unwrap();
    let again: Vec<OwnedFd> = (0..3).map(|_| file.as_fd().try_clone_to_owned().unwrap()).collect();
    let lent: Vec<_> = again.iter().map(AsFd::as_fd).collect();
    node.send(1, b"one", &lent).unwrap();
    node.send(2, b"two", &[]).unwrap();
    let (kind, body, came) = worker.receive().unwrap();
    assert_eq!((kind, body.as_slice(), came.len()), (1, &b"one"[..], 3));
    let (kind, _, came) = worker.receive().unwrap();
    assert_eq!((kind, came.len()), (2, 0));
}
