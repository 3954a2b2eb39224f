//! Requests as strangers send them, over a socket and byte by byte: the conf of an upload in a query string, forms,
//! questions after logs, headers that claim to be somebody. Each is answered, never with status 500, and lets nobody
//! in.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use parcae_domain::tenant::Scope;
use parcae_node::accounts::KeyKind;
use parcae_tests::http::Served;
use serde_json::{Value, json};

use crate::random::Random;
use crate::{check_words, corpus, fuzz, json, mutate};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(45);
/// What separates the parts of forms in the corpus.
const BOUNDARY: &str = "parcae-fuzz";
/// Stands in the corpus for the id of a job that is there.
const JOB: &[u8] = b"20260101000000000000";

/// A request, piece by piece.
struct Request<'r> {
    target: &'r [u8],
    /// Whole lines.
    headers: &'r [u8],
    body: &'r [u8],
}

/// The bytes without line ends, so that what stands behind them keeps its meaning.
fn one_line(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { b'_' } else { *byte }).collect()
}

/// Sends a request; true when the answer says that all is well.
fn send(served: &Served, request: &Request<'_>) -> bool {
    let address = served.address();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = request.body.len();
    let host = format!(" HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    let head = [b"POST ".as_slice(), &one_line(request.target), host.as_bytes(), request.headers, b"\r\n"].concat();
    // Who is refused early may find the connection closed.
    let sent = stream.write_all(&head).and_then(|()| stream.write_all(request.body));
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if let Err(error) = &read {
        let hangs = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!hangs, "no answer within {PATIENCE:?}");
    }
    assert!(!answer.is_empty() || sent.is_err() || read.is_err(), "no answer at all");
    check_answer(&answer)
}

/// Looks at an answer; true when it is an envelope that says that all is well.
fn check_answer(answer: &[u8]) -> bool {
    let Some(status) = answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)) else {
        assert!(answer.is_empty(), "no HTTP: {}", String::from_utf8_lossy(answer));
        return false;
    };
    assert_ne!(status, b"500", "{}", String::from_utf8_lossy(answer));
    let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let Ok(envelope) = serde_json::from_slice::<Value>(&answer[at + 4..]) else { return false };
    let Some(retcode) = envelope["retcode"].as_i64() else { return false };
    check_words(envelope["retmsg"].as_str().unwrap());
    status == b"200" && retcode == 0
}

/// The node goes on.
fn check_alive(served: &Served) {
    let version = served.data("version/get", json!({}));
    assert!(version.is_object(), "{version}");
}

/// A seed, damaged byte by byte.
fn of_bytes(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    let other = random.pick(seeds);
    if !random.once_in(20) {
        mutate::bytes(random, &mut bytes, other);
    }
    bytes
}

/// First line and the rest: path and body.
fn parted(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    (&bytes[..at], bytes.get(at + 1..).unwrap_or_default())
}

fn form(fields: &str) -> Vec<u8> {
    let file = "Content-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\nid,x\na,1\nb,2\n";
    format!("{fields}--{BOUNDARY}\r\n{file}\r\n--{BOUNDARY}--\r\n").into_bytes()
}

fn form_type() -> String {
    format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n")
}

#[test]
fn upload_query() {
    let (served, seeds) = (Served::new(), corpus::of("upload_query"));
    let (body, headers) = (form(""), form_type());
    fuzz(
        "upload_query",
        |random| of_bytes(random, &seeds),
        |query| {
            let target = [b"/v1/data/upload?".as_slice(), query].concat();
            send(&served, &Request { target: &target, headers: headers.as_bytes(), body: &body })
        },
    );
    check_alive(&served);
}

#[test]
fn forms() {
    let (served, seeds, headers) = (Served::new(), corpus::of("forms"), form_type());
    fuzz(
        "forms",
        |random| {
            // The path stays, mostly.
            let seed = random.pick(&seeds);
            let (path, body) = parted(seed);
            let mut body = body.to_vec();
            mutate::bytes(random, &mut body, seed);
            [path, b"\n", body.as_slice()].concat()
        },
        |bytes| {
            let (target, body) = parted(bytes);
            send(&served, &Request { target, headers: headers.as_bytes(), body })
        },
    );
    check_alive(&served);
}

#[test]
fn log_query() {
    let served = Served::new();
    let conf = json!({"file": "t.csv", "head": 1, "partition": 1, "namespace": "fuzz", "table_name": "t"});
    let (_, answer) = served.upload(&conf, b"id,x\na,1\n");
    let job = answer["jobId"].as_str().unwrap().to_owned();
    served.wait(&job, "local", 0);
    let known = |seed: Vec<u8>| match seed.windows(JOB.len()).position(|piece| piece == JOB) {
        Some(at) => [&seed[..at], job.as_bytes(), &seed[at + JOB.len()..]].concat(),
        None => seed,
    };
    let seeds: Vec<Vec<u8>> = corpus::of("log_query").into_iter().map(known).collect();
    fuzz(
        "log_query",
        |random| {
            let seed = random.pick(&seeds);
            let (path, body) = parted(seed);
            let damaged = if random.once_in(5) { None } else { json::damaged(random, body) };
            let body = damaged.unwrap_or_else(|| {
                let mut body = body.to_vec();
                mutate::bytes(random, &mut body, seed);
                body
            });
            [path, b"\n", body.as_slice()].concat()
        },
        |bytes| {
            let (target, body) = parted(bytes);
            send(&served, &Request { target, headers: b"Content-Type: application/json\r\n", body })
        },
    );
    check_alive(&served);
}

#[test]
fn headers() {
    let served = Served::new();
    let token = served.make_key("bank", KeyKind::Bearer, Scope::Read, None).secret;
    let bearer = format!("Authorization: Bearer {token}\r\n").into_bytes();
    let ask = |headers: &[u8]| {
        let body = br#"{"job_id": "20260101000000000000"}"#;
        send(&served, &Request { target: b"/v1/job/query", headers, body })
    };
    assert!(ask(&bearer) && !ask(b""), "a key lets in, and nothing else does");
    let mut seeds = corpus::of("headers");
    seeds.push(bearer.clone());
    seeds.push([b"Content-Type: application/json\r\n".as_slice(), &bearer].concat());
    fuzz(
        "headers",
        |random| of_bytes(random, &seeds),
        |headers| {
            // A line that is cut off would take up what stands behind it.
            let headers = [headers, if headers.ends_with(b"\r\n") { b"".as_slice() } else { b"\r\n" }].concat();
            let taken = ask(&headers);
            let has_token = headers.windows(token.len()).any(|piece| piece == token.as_bytes());
            assert!(!taken || has_token, "let in without a key: {}", String::from_utf8_lossy(&headers));
            taken
        },
    );
    assert!(ask(&bearer), "the node goes on");
}
