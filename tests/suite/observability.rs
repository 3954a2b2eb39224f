//! What an operator's tools see of a node: metrics, traces, whether it is ready; and how it bears too many connections.
//! Not for: figures of one tenant (`limits`).

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use parcae_cli::Exporter;
use parcae_domain::{id::JobId, tenant::Scope};
use parcae_node::trace_of;
use parcae_server::{ConnectionLimits, Options};
use parcae_tests::{Site, http::Served};
use serde_json::{Value, json};

/// A job of two parties that talk to each other.
fn toy() -> (Value, Value) {
    let dsl = json!({"components": {"secure_add_example_0": {"module": "SecureAddExample"}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000]},
        "component_parameters": {
            "role": {
                "guest": {"0": {"secure_add_example_0": {"seed": 123}}},
                "host": {"0": {"secure_add_example_0": {"seed": 321}}}
            },
            "common": {"secure_add_example_0": {"partition": 4, "data_num": 100}}
        }
    });
    (dsl, conf)
}

/// The value of a sample, such as `a{b="c"}`.
fn sample(text: &str, name: &str) -> Option<f64> {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.map(|value| value.parse().unwrap())
}

#[test]
fn metrics_tell_of_jobs_and_requests() {
    let served = Served::new();
    let (dsl, conf) = toy();
    let (job, _) = served.run(&dsl, &conf);
    let raw = served.get("/metrics");
    assert_eq!((raw.status, raw.content_type.as_str()), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8(raw.bytes).unwrap();
    let is = |name: &str| sample(&text, name).unwrap_or_else(|| panic!("{name} is not in:\n{text}"));
    assert_eq!(is("parcae_jobs{status=\"success\"}"), 1.0);
    assert_eq!(is("parcae_jobs{status=\"running\"}"), 0.0);
    assert_eq!(is("parcae_attempts_total{outcome=\"success\"}"), 2.0);
    assert_eq!(is("parcae_attempt_seconds_count"), 2.0);
    assert_eq!(is("parcae_attempt_start_seconds_bucket{le=\"+Inf\"}"), 2.0);
    assert!(is("parcae_job_queue_seconds_count") >= 1.0);
    assert_eq!(is("parcae_attempts_running"), 0.0);
    assert_eq!(is("parcae_http_requests_total{path=\"/v1/job/submit\",status=\"200\"}"), 1.0);
    assert!(is("parcae_messages_total") >= 2.0 && is("parcae_message_bytes_total") > 0.0);
    assert!(is("parcae_commit_seconds_count") > 1.0 && is("parcae_sandbox_memory_limit_bytes") > 0.0);
    assert!(!text.contains(&job), "a job is no label");
    // Every sample belongs to a family with a type.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let known = |name: &str| text.contains(&format!("# TYPE {name} "));
        assert!(known(name) || family.is_some_and(known), "{line}");
    }
    // What a client makes up is no label.
    served.get("/v1/made/up/by/a/client");
    let text = String::from_utf8(served.get("/metrics").bytes).unwrap();
    let other = sample(&text, "parcae_http_requests_total{path=\"other\",status=\"200\"}");
    assert!(!text.contains("made/up") && other.is_some(), "{text}");
}

#[test]
fn metrics_are_for_who_administers_the_node_or_for_all() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Operate));
    let status = |token: &str| {
        let bearer = format!("Bearer {token}");
        served.send("GET", "/metrics", &[("Authorization", bearer.as_str())], b"").status
    };
    assert_eq!([status(&admin.token), status(&bank.token), served.get("/metrics").status], [200, 403, 401]);
    drop((admin, bank));
    let open = Served::with(Site::new(), Options { metrics_open: true, ..Options::default() });
    open.keyed("root", Scope::Admin);
    assert_eq!(open.get("/metrics").status, 200);
    assert_eq!(open.get_json("/v1/limits").1["retcode"], 109);
}

#[test]
fn a_node_says_that_it_is_ready() {
    let served = Served::new();
    let (status, answer) = served.get_json("/readyz");
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{answer}");
    served.keyed("root", Scope::Admin);
    assert_eq!(served.get("/readyz").status, 200, "who spreads work has no key");
}

#[test]
fn one_address_does_not_take_all_connections() {
    let limits = ConnectionLimits { all: 8, per_address: 3 };
    let served = Served::with(Site::new(), Options { connections: limits, ..Options::default() });
    // The answer to a whole request on a connection of its own; nothing, when that is closed.
    let asked = || -> String {
        let mut stream = TcpStream::connect(served.address()).unwrap();
        let mut text = String::new();
        let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        // A connection that is turned away may break at either.
        let _ = stream.write_all(request).and_then(|()| stream.read_to_string(&mut text).map(|_| ()));
        text
    };
    assert!(asked().starts_with("HTTP/1.1 200"));
    let held: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(served.address()).unwrap()).collect();
    served.until("a fourth connection is turned away", || asked().is_empty());
    drop(held);
    served.until("there is room again", || asked().starts_with("HTTP/1.1 200"));
    let text = String::from_utf8(served.get("/metrics").bytes).unwrap();
    assert!(sample(&text, "parcae_http_connections_turned_away_total").unwrap() >= 1.0);
}

#[test]
fn a_head_without_end_is_refused() {
    let served = Served::new();
    let mut stream = TcpStream::connect(served.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {}", "x".repeat(1 << 20));
    // The server may close before it has all of it.
    let _ = stream.write_all(head.as_bytes());
    let mut answer = [0; 12];
    if stream.read_exact(&mut answer).is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 431");
    }
    assert_eq!(served.get("/healthz").status, 200);
}

/// A span as the collector reads it.
#[derive(Clone, Debug, Default)]
struct Seen {
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
    name: String,
    start: u64,
    end: u64,
}

/// Fields of a message: their numbers, and what they hold.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (first, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                break;
            }
        }
        number
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let len = match key & 7 {
            0 => {
                let number = varint(&mut bytes);
                found.push((key >> 3, number.to_le_bytes().to_vec()));
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)).unwrap(),
            other => panic!("wire type {other}"),
        };
        let (held, rest) = bytes.split_at(len);
        bytes = rest;
        found.push((key >> 3, held.to_vec()));
    }
    found
}

fn of(message: &[u8], field: u64) -> Vec<Vec<u8>> {
    fields(message).into_iter().filter(|(number, _)| *number == field).map(|(_, held)| held).collect()
}

/// The spans of a request: resource-spans 1, scope-spans 2, spans 2.
fn spans(request: &[u8]) -> Vec<Seen> {
    let scopes = of(request, 1).into_iter().flat_map(|resource| of(&resource, 2));
    let spans = scopes.flat_map(|scope| of(&scope, 2));
    spans.map(|span| one_span(&span)).collect()
}

fn one_span(span: &[u8]) -> Seen {
    let mut seen = Seen::default();
    for (number, held) in fields(span) {
        let nanos = || u64::from_le_bytes(held.clone().try_into().unwrap());
        match number {
            1 => seen.trace = held,
            2 => seen.id = held,
            4 => seen.parent = held,
            5 => seen.name = String::from_utf8(held).unwrap(),
            7 => seen.start = nanos(),
            8 => seen.end = nanos(),
            _ => {}
        }
    }
    seen
}

/// A collector on a port of its own, and what it was sent.
fn collector() -> (String, Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let takes = taken.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let takes = takes.clone();
            std::thread::spawn(move || take(&stream, &takes));
        }
    });
    (url, taken)
}

/// Takes the requests of a connection.
fn take(stream: &TcpStream, takes: &Mutex<Vec<Seen>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
            let head = line.to_ascii_lowercase();
            if let Some(number) = head.strip_prefix("content-length:") {
                length = number.trim().parse().unwrap();
            }
            assert!(!head.starts_with("post ") || head.starts_with("post /v1/traces "), "{head}");
            assert!(!head.starts_with("content-type:") || head.contains("application/x-protobuf"), "{head}");
            line.clear();
        }
        let mut body = vec![0; length];
        if length == 0 || reader.read_exact(&mut body).is_err() {
            return;
        }
        takes.lock().unwrap().extend(spans(&body));
        // The exporter may have gone.
        let _ = (&*stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}

#[test]
fn a_job_is_a_tree_of_spans() {
    let (url, taken) = collector();
    let (sink, exporter) = Exporter::start(&url).unwrap();
    let served = Served::of(Site::with(|options| options.spans = Some(sink)));
    let (dsl, conf) = toy();
    let (job, _) = served.run(&dsl, &conf);
    let trace = trace_of(&JobId(job)).to_vec();
    let named = |name: &str| -> Vec<Seen> {
        let taken = taken.lock().unwrap();
        taken.iter().filter(|span| span.name == name && span.trace == trace).cloned().collect()
    };
    served.until("the spans of the job are there", || {
        named("job").len() == 1 && named("task").len() == 1 && named("party task").len() == 2
    });
    let (job, task) = (named("job").remove(0), named("task").remove(0));
    assert!(job.parent.is_empty() && task.parent == job.id);
    assert!(job.start <= task.start && task.end <= job.end, "{job:?} {task:?}");
    let parties = named("party task");
    assert!(parties.iter().all(|party| party.parent == task.id && party.start < party.end), "{parties:?}");
    assert_ne!(parties[0].id, parties[1].id);
    let pulls = [named("pull"), named("pull, other calls")].concat();
    let in_party = |pull: &Seen| parties.iter().any(|party| party.id == pull.parent);
    assert!(!pulls.is_empty() && pulls.iter().all(in_party), "{pulls:?}");
    drop(served);
    exporter.finish(Duration::from_secs(60));
}

#[test]
fn a_collector_that_is_away_costs_spans_and_nothing_else() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (sink, _exporter) = Exporter::start(&format!("http://127.0.0.1:{port}")).unwrap();
    let served = Served::of(Site::with(|options| options.spans = Some(sink)));
    let (dsl, conf) = toy();
    let (_, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success");
    served.until("the spans count as lost", || served.site.node.readings().unwrap().spans_lost >= 4);
}
