//! Time to the first byte of the board's list of jobs, with a hundred thousand jobs of several tenants in the database,
//! and of FATE's list beside it. Not for: how long jobs take (`jobs`).

mod report;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Instant,
};

use parcae_domain::{
    id::JobId,
    party::{Party, Role},
    status::Status,
};
use parcae_metadata::{JobUpdate, NewJob, NewJobParty, Store};
use parcae_tests::Site;
use report::{below, median};
use serde_json::{Value, json};

/// Jobs in the database.
const JOBS: u32 = 100_000;
/// One job in so many belongs to another tenant.
const OTHERS: u32 = 10;
/// Jobs that are stored in one transaction.
const TOGETHER: u32 = 2_000;
/// How often each page is asked for.
const RUNS: usize = 15;
/// Most that the first byte of the list as it opens may take, ms.
const TARGET: f64 = 50.0;

fn main() {
    if !report::is_wanted() {
        return;
    }
    let site = Site::new();
    let began = Instant::now();
    fill(&Store::open(site.folder().join("parcae.sqlite")).expect("the database opens"));
    println!("{JOBS} jobs of three parties are stored in {:.1} s", began.elapsed().as_secs_f64());
    let address = serve(&site);
    let pages = [
        ("as it opens", "/jobs"),
        ("the last page that is reached", "/jobs?page=500"),
        ("by duration", "/jobs?sort=-elapsed"),
        ("by end, lowest first, 100 rows", "/jobs?sort=end&per=100"),
        ("failed and canceled", "/jobs?status=failed&status=canceled"),
        ("none is running", "/jobs?status=running"),
        ("hosts", "/jobs?role=host"),
        ("partner 10007", "/jobs?partner=10007"),
        ("a note that few have", "/jobs?note=number%2077777"),
        ("a text that nothing has", "/jobs?q=nothing+has+this"),
        ("what runs", "/running"),
    ];
    for (what, path) in pages {
        let took = ask(address, path, None);
        let target = if path == "/jobs" { format!("; {}", below(took, TARGET, "ms")) } else { String::new() };
        println!("{path} ({what}): {took:.1} ms to the first byte{target}; median of {RUNS}");
    }
    for (what, body) in [
        ("its first page", json!({"limit": 20, "page": 1})),
        ("page 500", json!({"limit": 20, "page": 500})),
        ("failed", json!({"limit": 20, "page": 1, "status": ["failed"]})),
    ] {
        let took = ask(address, "/v1/job/list/job", Some(&body));
        println!("job/list/job ({what}), for comparison: {took:.1} ms to the first byte; median of {RUNS}");
    }
}

/// Writes the jobs straight into the database.
fn fill(store: &Store) {
    for first in (0..JOBS).step_by(TOGETHER as usize) {
        let stored = store.commit(|tx| {
            for number in first..(first + TOGETHER).min(JOBS) {
                let job = job(number);
                tx.create_job(&job)?;
                tx.update_job(&job.id, &ended(number, job.created_ms))?;
                tx.set_job_tag(&job.id, "job_end")?;
            }
            Ok(())
        });
        stored.expect("jobs are stored");
    }
}

fn parties(number: u32) -> [Party; 3] {
    let host = 10_000 + u64::from(number % 50);
    [(Role::Guest, 9_999), (Role::Host, host), (Role::Arbiter, 10_000)].map(|(role, id)| Party::new(role, id))
}

fn job(number: u32) -> NewJob {
    let [guest, host, arbiter] = parties(number);
    let component = json!({"module": "HeteroLR", "input": {"data": {"train_data": ["intersection_0.data"]}}});
    let components: serde_json::Map<String, Value> =
        (0..12).map(|n| (format!("hetero_lr_{n}"), component.clone())).collect();
    let conf = json!({"dsl_version": 2, "component_parameters": {"common": components.clone()}});
    NewJob {
        id: JobId(format!("20261122{number:013}")),
        tenant: if number.is_multiple_of(OTHERS) { "bank".into() } else { "default".into() },
        status: Status::Waiting,
        tag: String::new(),
        name: String::new(),
        description: if number.is_multiple_of(7) { format!("run number {number}") } else { String::new() },
        notes: String::new(),
        initiator: guest,
        roles: json!({"guest": [guest.id], "host": [host.id], "arbiter": [arbiter.id]}),
        dsl: json!({"components": components}),
        conf: conf.clone(),
        train_conf: json!({}),
        plan: json!({}),
        created_ms: 1_700_000_000_000 + i64::from(number) * 1_000,
        parties: parties(number).map(|party| NewJobParty { party, conf: conf.clone() }).to_vec(),
        tasks: Vec::new(),
    }
}

/// Most jobs ended well.
fn ended(number: u32, created_ms: i64) -> JobUpdate {
    let elapsed = i64::from(number.wrapping_mul(2_654_435_761) % 100_000);
    JobUpdate {
        status: match number % 20 {
            3 => Status::Failed,
            7 => Status::Canceled,
            _ => Status::Success,
        },
        progress: 100,
        queued_ms: created_ms,
        start_ms: Some(created_ms + 5),
        end_ms: Some(created_ms + 5 + elapsed),
        elapsed_ms: Some(elapsed),
        stop_status: None,
    }
}

/// Serves the node until this process ends.
fn serve(site: &Site) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("a socket that does not block");
    let address = listener.local_addr().expect("the socket has an address");
    let node = site.node.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads can be started");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let options = parcae_server::Options::default();
            parcae_server::serve(listener, node, options, std::future::pending::<()>()).await
        })
    });
    address
}

/// Median time from sending a request to the first byte of its answer, which must say 200, in ms.
fn ask(address: SocketAddr, path: &str, body: Option<&Value>) -> f64 {
    let request = match body {
        None => format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
        Some(body) => {
            let body = body.to_string();
            let length = body.len();
            let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close");
            format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}")
        }
    };
    let once = || {
        let mut socket = TcpStream::connect(address).expect("the server takes a connection");
        let began = Instant::now();
        socket.write_all(request.as_bytes()).expect("the request is sent");
        let mut first = [0];
        socket.read_exact(&mut first).expect("the server answers");
        let took = began.elapsed().as_secs_f64() * 1e3;
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).expect("the answer comes to its end");
        let head = String::from_utf8_lossy(&rest[..rest.len().min(40)]).into_owned();
        assert!(head.starts_with("TTP/1.1 200"), "{path}: {head}");
        took
    };
    // The first one reads what is on the disk.
    once();
    median((0..RUNS).map(|_| once()).collect())
}
