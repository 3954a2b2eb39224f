//! The board's pages of logs: lines, searches, files, and lines as they come. Not for: FATE's `log/size` and `log/cat`
//! (`logs`), who may see which page (`board_old` and the table of pages).

use std::{fs, io::Write, path::PathBuf};

use parcae_domain::{status::Status, tenant::Scope};
use parcae_tests::http::{Raw, Served};
use serde_json::{Value, json};

const UNKNOWN: &str = "202611212240531266170";

/// A job with one component.
fn probe(behaviour: &str) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "text": "went wrong"}}}});
    (dsl, conf)
}

/// A site with a job that has ended, the folder of its component's logs there, and its address.
fn ended(behaviour: &str) -> (Served, String, PathBuf) {
    let served = Served::new();
    let (dsl, conf) = probe(behaviour);
    let (job, _) = served.run(&dsl, &conf);
    let folder = served.site.folder().join(format!("logs/{job}/guest/9999/probe_0"));
    (served, job, folder)
}

/// Lines as the node writes them, from a number on, added to a file.
fn add(file: &PathBuf, level: &str, messages: impl IntoIterator<Item = String>) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut file = fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    let lines = messages
        .into_iter()
        .map(|message| format!("[{level}] [2026-11-22 08:20:31,014] [{UNKNOWN}] [1:a] - [probe_0.0:log]: {message}\n"));
    file.write_all(lines.collect::<String>().as_bytes()).unwrap();
}

fn base(job: &str, component: &str) -> String {
    format!("/jobs/{job}/guest/9999/logs/{component}")
}

fn text(raw: &Raw) -> String {
    String::from_utf8(raw.bytes.clone()).unwrap()
}

/// A page that is there.
#[track_caller]
fn page(served: &Served, path: &str) -> String {
    let raw = served.get(path);
    assert_eq!((raw.status, raw.content_type.as_str()), (200, "text/html; charset=utf-8"), "{path}: {}", text(&raw));
    text(&raw)
}

/// Events of a stream that has ended: their names, ids and data.
fn events(raw: &Raw) -> Vec<(String, String, Value)> {
    assert_eq!((raw.status, raw.content_type.as_str()), (200, "text/event-stream"), "{}", text(raw));
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches(':').trim().to_owned()
    };
    let blocks = text(raw);
    let blocks = blocks.split("\n\n").filter(|block| block.contains("data"));
    let event = |block: &str| {
        let data = field(block, "data");
        let data = serde_json::from_str(&data).unwrap_or_else(|e| panic!("{e}: {block}"));
        (field(block, "event"), field(block, "id"), data)
    };
    blocks.map(event).collect()
}

/// The lines of all events, with their numbers.
fn lines(events: &[(String, String, Value)]) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    for (_, id, data) in events.iter().filter(|(name, ..)| name == "lines") {
        let from = data["from"].as_u64().unwrap();
        for (number, line) in (from..).zip(data["lines"].as_array().unwrap()) {
            lines.push((number, line.as_str().unwrap().to_owned()));
        }
        assert_eq!(*id, lines.last().unwrap().0.to_string(), "the id is the number of the last line");
    }
    lines
}

#[test]
fn lines_are_shown_as_text_with_addresses_of_their_own() {
    let (served, job, folder) = ended("none");
    let file = folder.join("stat.log");
    add(&file, "INFO", ["</pre><script>alert(1)</script> of 10.1.2.3".to_owned()]);
    add(&file, "ERROR", (1..=500).map(|n| format!("line {n}")));
    let before = fs::read_to_string(&file).unwrap().lines().count() as u64 - 501;
    let tail = page(&served, &base(&job, "probe_0"));
    assert!(tail.contains("line 500</span>"), "{tail}");
    assert!(!tail.contains("line 300</span>") && tail.contains("line 301</span>"), "the last 200 lines: {tail}");
    let hostile = page(&served, &format!("{}?line={}", base(&job, "probe_0"), before + 1));
    assert!(!hostile.contains("<script>alert") && hostile.contains("&lt;/pre&gt;&lt;script&gt;"), "{hostile}");
    assert!(hostile.contains("xxx.xxx.xxx.xxx") && !hostile.contains("10.1.2.3"), "{hostile}");
    let here = format!("id=\"L{}\" class=\"line level-info here\"", before + 1);
    assert!(hostile.contains(&here), "{hostile}");
    // Lines that are not there lead to the end of the log.
    for odd in ["?line=99999999999", "?top=18446744073709551615", "?lines=0", "?line=x&lines=-1"] {
        assert!(page(&served, &format!("{}{odd}", base(&job, "probe_0"))).contains("line 500</span>"), "{odd}");
    }
    let job_log = page(&served, &base(&job, "-"));
    assert!(job_log.contains("job ends: success") && job_log.contains("schedule_error"), "{job_log}");
    assert!(page(&served, &format!("{}?level=info", base(&job, "-"))).contains("class=\"amount\""));
}

#[test]
fn searches_lead_from_line_to_line() {
    let (served, job, folder) = ended("fail_other");
    let file = folder.join("stat.log");
    let before = fs::read_to_string(&file).unwrap().lines().count();
    add(&file, "INFO", (1..=3_000).map(|n| if n % 1_000 == 0 { format!("a Needle {n}") } else { format!("hay {n}") }));
    let at = |n: usize| format!("id=\"L{}\" class=\"line level-info here\"", before + n);
    let find = |query: &str| page(&served, &format!("{}?{query}", base(&job, "probe_0")));
    let first = find("q=needle&dir=next");
    assert!(first.contains(&at(1_000)) && first.contains("a <mark>Needle</mark> 1000"), "{first}");
    assert!(find(&format!("q=needle&dir=next&from={}", before + 1_000)).contains(&at(2_000)));
    assert!(find("q=needle&dir=prev").contains(&at(3_000)));
    assert!(find(&format!("q=needle&dir=prev&from={}", before + 3_000)).contains(&at(2_000)));
    assert!(find("q=needle+2000%24&re=1&dir=next").contains(&at(2_000)));
    let nowhere = find("q=needle&case=1&dir=next");
    assert!(
        nowhere.contains("Not found up to the end") && nowhere.contains("case=1&amp;from=0&amp;dir=next"),
        "{nowhere}"
    );
    let refused = find("q=%28&re=1&dir=next");
    assert!(refused.contains("not a regular expression") && refused.contains("value=\"(\""), "{refused}");
    let error = find("first=error");
    assert!(error.contains("line level-error here") && error.contains("went wrong"), "{error}");
    // For the viewer's script.
    let ask = |path: &str| served.get(&format!("{}/{path}", base(&job, "probe_0")));
    let hits = ask("search?q=needle&most=10").json();
    let want: Vec<usize> = [1_000, 2_000, 3_000].map(|n| before + n).into();
    assert_eq!(hits, json!({"lines": want, "go_on": null, "total": before + 3_000}));
    let one = ask(&format!("search?q=needle&dir=prev&from={}", before + 2_500)).json();
    assert_eq!((&one["lines"], &one["go_on"]), (&json!([before + 2_000]), &json!(before + 1_999)));
    let part = ask(&format!("lines?from={}&to={}&q=needle", before + 999, before + 1_000)).json();
    assert_eq!((&part["from"], part["lines"].as_array().map(Vec::len)), (&json!(before + 999), Some(2)));
    let mark = &part["marks"][(before + 1_000).to_string()][0];
    let line = part["lines"][1].as_str().unwrap();
    let place = line.find("Needle").unwrap();
    assert_eq!(*mark, json!([place, place + 6]));
    let bad = ask("search?q=%5B&re=1");
    assert_eq!((bad.status, ask("search").status, ask("lines?q=%5B&re=1").status), (400, 400, 400));
}

#[test]
fn a_file_is_kept_as_it_is() {
    let (served, job, folder) = ended("none");
    let hostile = b"\xff\xfe<script>\r\n\x00 10.1.2.3 no end".as_slice();
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("stdout.log"), hostile).unwrap();
    let raw = served.get(&format!("{}/file?level=stdout", base(&job, "probe_0")));
    assert_eq!((raw.status, raw.content_type.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(raw.bytes, hostile);
    assert!(raw.disposition.starts_with(&format!("attachment; filename=\"{job}_guest_9999_probe_0_stdout.log\"")));
    let empty = served.get(&format!("{}/file?level=stderr", base(&job, "probe_0")));
    assert_eq!((empty.status, empty.bytes.len()), (200, 0));
    let schedule = served.get(&format!("{}/file", base(&job, "-")));
    let path = served.site.folder().join(format!("logs/{job}/fate_flow_schedule.log"));
    assert_eq!(schedule.bytes, fs::read(path).unwrap());
}

#[test]
fn a_stream_goes_on_where_a_browser_was_cut_off_and_ends_with_the_job() {
    let (served, job, folder) = ended("none");
    add(&folder.join("stat.log"), "INFO", (0..1_000).map(|n| format!("line {n}")));
    let all: Vec<String> = fs::read_to_string(folder.join("stat.log")).unwrap().lines().map(str::to_owned).collect();
    let stream = |query: &str, headers: &[(&str, &str)]| {
        let target = format!("{}/stream?level=stat{query}", base(&job, "probe_0"));
        events(&served.send("GET", &target, headers, b""))
    };
    let whole = stream("", &[]);
    let want: Vec<(u64, String)> = (1..).zip(all.iter().cloned()).collect();
    assert_eq!(lines(&whole), want);
    assert_eq!(whole.last().map(|(name, ..)| name.as_str()), Some("end"));
    let counts = whole.iter().find(|(name, ..)| name == "counts").map(|(_, _, data)| &data["stat"]);
    assert_eq!(counts, Some(&json!(all.len())));
    let part = stream("&from=1", &[("Last-Event-ID", "700")]);
    assert_eq!(lines(&part), want[700..]);
    assert!(lines(&stream(&format!("&from={}", all.len() + 1), &[])).is_empty());
    // Who has seen more lines than there are begins anew.
    let again = stream("", &[("Last-Event-ID", "5000")]);
    assert_eq!((again[0].0.as_str(), lines(&again)), ("again", want));
}

#[test]
fn lines_are_sent_while_they_are_written() {
    let served = Served::new();
    let (dsl, conf) = probe("spin");
    let job = served.submit(&dsl, &conf);
    served.wait_for(&job, "guest", 9999, |row| row["f_status"] == "running");
    let file = served.site.folder().join(format!("logs/{job}/guest/9999/probe_0/stdout.log"));
    let target = format!("{}/stream?level=stdout", base(&job, "probe_0"));
    let sent = std::thread::scope(|scope| {
        let reader = scope.spawn(|| events(&served.get(&target)));
        for part in 0..20 {
            add(&file, "INFO", (0..50).map(|n| format!("line {}", part * 50 + n)));
        }
        served.data("job/stop", json!({"job_id": job}));
        served.wait(&job, "guest", 9999);
        reader.join().expect("the stream ends with the job")
    });
    let seen = lines(&sent);
    assert!((1..).zip(&seen).all(|(number, (at, _))| number == *at), "each line once, in its order");
    let messages: Vec<&str> = seen.iter().filter_map(|(_, line)| line.rsplit_once("]: ")).map(|(_, it)| it).collect();
    let want: Vec<String> = (0..1_000).map(|n| format!("line {n}")).collect();
    assert_eq!(messages, want);
    assert_eq!(sent.last().map(|(name, ..)| name.as_str()), Some("end"));
}

#[test]
fn what_is_not_there_is_not_found() {
    let (served, job, _) = ended("none");
    let paths = [
        format!("/jobs/{job}/guest/10000/logs/-"),
        format!("/jobs/{job}/host/9999/logs/-"),
        format!("/jobs/{job}/boss/9999/logs/-"),
        format!("/jobs/{job}/guest/+9999/logs/-"),
        format!("/jobs/{job}/guest/9999/logs/nosuch"),
        format!("/jobs/{job}/guest/9999/logs/..%2F..%2Fprobe_0"),
        format!("/jobs/{job}/guest/9999/logs/-?level=stat"),
        format!("/jobs/{job}/guest/9999/logs/probe_0?level=schedule"),
        format!("/jobs/{job}/guest/9999/logs/probe_0?level=../stat"),
        format!("/jobs/{UNKNOWN}/guest/9999/logs/-"),
        "/jobs/..%2Ffate_flow/guest/9999/logs/-".to_owned(),
    ];
    for path in paths {
        let (base, query) = path.split_once('?').unwrap_or((&path, ""));
        for end in ["", "/lines", "/search", "/stream", "/file"] {
            assert_eq!(served.get(&format!("{base}{end}?{query}&q=x")).status, 404, "{path} {end}");
        }
    }
}

#[test]
fn another_tenants_logs_are_not_there() {
    let served = Served::new();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Admin));
    let (dsl, conf) = probe("none");
    let job = alpha.submit(&dsl, &conf);
    assert_eq!(alpha.wait(&job, "guest", 9999), Status::Success.as_str());
    for component in ["-", "probe_0"] {
        for end in ["", "/lines", "/search", "/stream", "/file"] {
            let ask = |job: &str| bravo.send("GET", &format!("{}{end}?q=x", base(job, component)), "text/plain", b"");
            let (others, none) = (ask(&job), ask(UNKNOWN));
            assert_eq!((others.status, none.status), (404, 404), "{component} {end}");
            assert_eq!(text(&others).replace(&job, UNKNOWN), text(&none), "{component} {end}");
            let own = alpha.send("GET", &format!("{}{end}?q=x", base(&job, component)), "text/plain", b"");
            assert_eq!(own.status, 200, "{component} {end}");
        }
    }
}
