//! Fifty pages of a job that are open and live while it runs: memory of the node, and how soon each hears of a change. Each
//! does what the board's script does: listens for news, and asks for the page anew. Not for: lists (`board_list`).

mod report;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::scope,
    time::{Duration, Instant},
};

use parcae_tests::{Site, breast, http::Served};
use report::median;

/// Pages that are open.
const PAGES: usize = 50;
/// Least pause between two questions of a page, as the script has it.
const PAUSE: Duration = Duration::from_millis(700);

fn main() {
    if !report::is_wanted() {
        return;
    }
    let served = Served::of(Site::new());
    breast::upload(&served.site);
    let (dsl, conf) = breast::job();
    let alone = run(&served, &dsl, &conf);
    println!("a job with nobody who watches: {alone:.2} s; memory {:.1} MB", memory());
    let pages = Pages::default();
    scope(|threads| {
        for _ in 0..PAGES {
            threads.spawn(|| pages.watch(served.address()));
        }
        while pages.open.load(Ordering::Acquire) < PAGES {
            std::thread::yield_now();
        }
        println!("{PAGES} live pages are open: memory {:.1} MB", memory());
        let watched = run(&served, &dsl, &conf);
        let (news, bytes) = (pages.news.load(Ordering::Acquire), pages.bytes.load(Ordering::Acquire));
        println!(
            "the same job while {PAGES} pages watch: {watched:.2} s ({:.2} times), memory {:.1} MB at the most; {news} \
             pages were renewed, {:.1} KB each, {:.1} ms each (median)",
            watched / alone,
            pages.most.lock().expect("no panic"),
            bytes as f64 / 1e3 / news.max(1) as f64,
            median(pages.took.lock().expect("no panic").clone()),
        );
        pages.over.store(true, Ordering::Release);
        // Something changes: whoever listens wakes, and sees that it is over.
        run(&served, &dsl, &conf);
    });
}

fn run(served: &Served, dsl: &serde_json::Value, conf: &serde_json::Value) -> f64 {
    let began = Instant::now();
    served.site.succeed(dsl, conf);
    began.elapsed().as_secs_f64()
}

/// Pages that are open.
#[derive(Default)]
struct Pages {
    open: AtomicUsize,
    news: AtomicUsize,
    bytes: AtomicUsize,
    over: AtomicBool,
    most: Mutex<f64>,
    took: Arc<Mutex<Vec<f64>>>,
}

impl Pages {
    fn watch(&self, node: SocketAddr) {
        let mut lines = ask(node, "/live").lines();
        let mut first = true;
        while let Some(Ok(line)) = lines.next() {
            if first {
                first = false;
                self.open.fetch_add(1, Ordering::AcqRel);
            }
            if self.over.load(Ordering::Acquire) {
                return;
            }
            if line.starts_with("data:") {
                self.renew(node);
            }
        }
    }

    fn renew(&self, node: SocketAddr) {
        let began = Instant::now();
        let mut page = ask(node, "/running");
        let read = std::io::copy(&mut page, &mut std::io::sink()).expect("the page comes to its end");
        self.took.lock().expect("no panic").push(began.elapsed().as_secs_f64() * 1e3);
        self.news.fetch_add(1, Ordering::AcqRel);
        self.bytes.fetch_add(usize::try_from(read).unwrap_or(0), Ordering::AcqRel);
        let mut most = self.most.lock().expect("no panic");
        *most = most.max(memory());
        drop(most);
        std::thread::sleep(PAUSE.saturating_sub(began.elapsed()));
    }
}

/// Asks for a path; what comes back.
fn ask(node: SocketAddr, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(node).expect("the node listens");
    let head = format!("GET {path} HTTP/1.1\r\nHost: {node}\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("the node reads");
    BufReader::new(stream)
}

/// Memory of this process that belongs to nobody else, MB.
fn memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1e6
}
