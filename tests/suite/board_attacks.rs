//! The board against who wants too much of it: forms that are too large, streams without number and streams that outlive
//! their key, news of others, models that no page can hold, pages of other sites. Not for: what belongs to whom
//! (`board_walls`), logs (`board_logs`).

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use parcae_domain::tenant::Scope;
use parcae_tests::{accounts::Keyed, http::Served};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stream of news that is open, and what it has told.
struct News {
    socket: TcpStream,
    told: String,
}

impl News {
    /// Opens one; `told` begins with the head of the answer.
    fn open(served: &Served, keyed: &Keyed<'_>) -> News {
        let mut socket = TcpStream::connect(served.address()).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let (address, token) = (served.address(), &keyed.token);
        let head = format!("Host: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
        socket.write_all(format!("GET /live HTTP/1.1\r\n{head}").as_bytes()).unwrap();
        let mut news = News { socket, told: String::new() };
        assert!(news.until(|told| told.contains("\r\n\r\n")), "{}", news.told);
        news
    }

    /// Reads on until what was told is as wanted; false when the stream has ended before.
    fn until(&mut self, is_wanted: impl Fn(&str) -> bool) -> bool {
        let (begun, mut some) = (Instant::now(), [0; 4096]);
        while !is_wanted(&self.told) {
            assert!(begun.elapsed() < PATIENCE, "{}", self.told);
            let count = self.socket.read(&mut some).expect("something within a minute");
            if count == 0 {
                return false;
            }
            self.told.push_str(&String::from_utf8_lossy(&some[..count]));
        }
        true
    }

    fn is_open(&self) -> bool {
        self.told.starts_with("HTTP/1.1 200")
    }
}

#[test]
fn news_is_of_ones_own_jobs_and_ends_with_the_key() {
    let served = Served::new();
    let [bank, shop] = ["bank", "shop"].map(|tenant| served.keyed(tenant, Scope::Submit));
    let mut streams = [&bank, &shop].map(|keyed| News::open(&served, keyed));
    assert!(streams.iter().all(News::is_open));
    let jobs = [&bank, &shop].map(|keyed| keyed.upload("n", "t", "id,x\n1,2\n"));
    for (stream, [own, others]) in streams.iter_mut().zip([[0, 1], [1, 0]]) {
        assert!(stream.until(|told| told.contains(&jobs[own])), "{}", stream.told);
        assert!(!stream.told.contains(&jobs[others]), "{}", stream.told);
    }
    let [mut bank_news, mut shop_news] = streams;
    served.site.node.accounts().revoke(&shop.tenant, &shop.id).unwrap();
    assert!(!shop_news.until(|_| false), "it ends");
    let job = bank.upload("n", "other", "id,x\n1,2\n");
    assert!(bank_news.until(|told| told.contains(&job)), "that of others goes on: {}", bank_news.told);
}

#[test]
fn news_that_never_pauses_is_told() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let job = bank.upload("n", "t", "id,x\n1,2\n");
    let mut news = News::open(&served, &bank);
    let is_told = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let (node, tenant) = (served.site.node.clone(), bank.tenant.clone());
        threads.spawn(|| {
            let (node, tenant) = (node, tenant);
            let begun = Instant::now();
            while !is_told.load(Ordering::Acquire) && begun.elapsed() < PATIENCE {
                node.tenant(&tenant).describe(&job, "one more note").unwrap();
            }
        });
        let heard = news.until(|told| told.matches(&job).count() >= 3);
        is_told.store(true, Ordering::Release);
        assert!(heard, "{}", news.told);
    });
}

#[test]
fn one_tenant_has_so_many_streams_and_no_more() {
    let served = Served::new();
    let [bank, shop] = ["bank", "shop"].map(|tenant| served.keyed(tenant, Scope::Read));
    let mut held: Vec<News> = (0..128).map(|_| News::open(&served, &bank)).collect();
    assert!(held.iter().all(News::is_open));
    let refused = News::open(&served, &bank);
    assert!(refused.told.starts_with("HTTP/1.1 503"), "{}", refused.told);
    assert!(News::open(&served, &shop).is_open(), "others have theirs");
    held.pop();
    served.until("one that is closed makes room", || News::open(&served, &bank).is_open());
}

#[test]
fn a_form_that_is_too_large_is_refused() {
    let served = Served::new();
    let visitor = served.visitor();
    let sent = |path: &str, body: &[u8]| {
        let seen = visitor.send("POST", path, "application/x-www-form-urlencoded", body);
        (seen.status, seen.text().contains("the most that are read"))
    };
    for path in ["/login", "/preferences"] {
        assert_eq!(sent(path, &vec![b'a'; 40 << 10]), (413, true), "{path} is for everybody");
    }
    assert_eq!(sent("/submit/check", &vec![b'a'; 40 << 10]), (200, false));
    assert_eq!(sent("/submit/check", &vec![b'a'; 9 << 20]), (413, true));
    assert_eq!(sent("/submit/check", "a&".repeat(20_000).as_bytes()), (413, true), "each field takes memory");
}

#[test]
fn other_sites_may_link_to_a_page_and_not_put_it_into_theirs() {
    let served = Served::new();
    let asked = |site: &str, mode: &str, dest: &str| {
        let headers = [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)];
        let raw = served.send("GET", "/site", &headers, b"");
        raw.content_type.starts_with("text/html")
    };
    assert!(asked("same-origin", "cors", "empty") && asked("cross-site", "navigate", "document"));
    for (mode, dest) in [("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")] {
        assert!(!asked("cross-site", mode, dest), "{mode} {dest}");
    }
}
