//! Reading back: keys, lines, bytes, lists of files.

use std::fs;

use parcae_domain::{
    id::JobId,
    port::{Level, Stream},
};

use super::{JOB, Logs, attempt, job};
use crate::{JobFile, KeyError, LogKey, LogQuery, MAX_CAT_LINES};

fn query(log_type: &str) -> LogQuery<'_> {
    LogQuery { log_type, job_id: Some(JOB), role: Some("guest"), party_id: Some("9999"), component: Some("a") }
}

/// The key of a file with this text.
fn file(logs: &Logs, text: &[u8]) -> LogKey {
    let key = LogKey::parse(&query("jobSchedule")).unwrap();
    fs::create_dir_all(logs.path(JOB)).unwrap();
    fs::write(logs.path(key.path()), text).unwrap();
    key
}

#[test]
fn every_type_has_its_file() {
    let cases = [
        ("jobSchedule", "fate_flow_schedule.log"),
        ("jobScheduleError", "fate_flow_schedule_error.log"),
        ("partyError", "guest/9999/ERROR.log"),
        ("partyWarning", "guest/9999/WARNING.log"),
        ("partyInfo", "guest/9999/INFO.log"),
        ("partyDebug", "guest/9999/DEBUG.log"),
        ("componentInfo", "guest/9999/a/INFO.log"),
        ("componentError", "guest/9999/a/ERROR.log"),
    ];
    for (log_type, path) in cases {
        assert_eq!(LogKey::parse(&query(log_type)).unwrap().path(), format!("{JOB}/{path}"));
    }
    let bare = LogQuery { log_type: "jobSchedule", job_id: Some(JOB), ..LogQuery::default() };
    assert!(LogKey::parse(&bare).is_ok());
}

#[test]
fn hostile_queries_are_refused() {
    for log_type in ["", "party", "partyinfo", "partyInfo/..", "component", "../etc", "jobSchedule "] {
        assert_eq!(LogKey::parse(&query(log_type)), Err(KeyError::Type(log_type.into())));
    }
    let bad: [(&str, LogQuery<'_>); 9] = [
        ("job_id", LogQuery { job_id: Some("../../x"), ..query("partyInfo") }),
        ("job_id", LogQuery { job_id: Some("fate_flow"), ..query("jobSchedule") }),
        ("role", LogQuery { role: Some(".."), ..query("partyInfo") }),
        ("role", LogQuery { role: Some("guest/9999"), ..query("partyInfo") }),
        ("party_id", LogQuery { party_id: Some("../9999"), ..query("partyInfo") }),
        ("party_id", LogQuery { party_id: Some("+9999"), ..query("partyInfo") }),
        ("party_id", LogQuery { party_id: Some("99999999999999999999999"), ..query("partyInfo") }),
        ("component_name", LogQuery { component: Some("../a"), ..query("componentInfo") }),
        ("component_name", LogQuery { component: Some("a; rm -rf"), ..query("componentInfo") }),
    ];
    for (name, query) in bad {
        let error = LogKey::parse(&query).unwrap_err();
        assert!(matches!(error, KeyError::Argument { argument, .. } if argument == name), "{query:?}: {error}");
    }
    let missing = [
        ("job_id", LogQuery { job_id: None, ..query("jobSchedule") }),
        ("role", LogQuery { role: None, ..query("partyInfo") }),
        ("party_id", LogQuery { party_id: None, ..query("partyInfo") }),
        ("component_name", LogQuery { component: None, ..query("componentInfo") }),
    ];
    for (name, query) in missing {
        let error = LogKey::parse(&query).unwrap_err();
        assert!(matches!(error, KeyError::Missing { argument, .. } if argument == name), "{query:?}: {error}");
    }
}

#[test]
fn files_of_a_job_are_named_within_its_folder() {
    let key = LogKey::job_file(&job(), "guest/9999/hetero_lr_0/stdout.log").unwrap();
    assert_eq!(key.path(), format!("{JOB}/guest/9999/hetero_lr_0/stdout.log"));
    let bad = ["", "..", "../x", "guest/../../x", "/etc/passwd", "guest//x", "a/b/c/d/e", ".hidden", "a\0", "a\n", "ä"];
    for name in bad {
        assert!(LogKey::job_file(&job(), name).is_err(), "{name:?}");
    }
    assert!(LogKey::job_file(&job(), &"a".repeat(1_000)).is_err());
    assert!(LogKey::job_file(&JobId("..".into()), "INFO.log").is_err());
    assert_eq!(LogKey::server_file("ERROR.log.2026-11-21").unwrap().path(), "fate_flow/ERROR.log.2026-11-21");
    for name in ["", "..", "a/b", "../x"] {
        assert!(LogKey::server_file(name).is_err(), "{name:?}");
    }
}

#[test]
fn what_is_not_there_is_empty() {
    let logs = Logs::new();
    for log_type in ["jobSchedule", "componentInfo"] {
        let key = LogKey::parse(&query(log_type)).unwrap();
        assert_eq!(logs.dir.size(&key).unwrap(), 0);
        assert!(logs.dir.cat(&key, 1, 10).unwrap().is_empty());
        assert_eq!(logs.dir.read_from(&key, 77, 10).unwrap(), (String::new(), 0));
    }
    assert!(logs.dir.files(&job()).unwrap().is_empty());
    assert!(logs.dir.files(&JobId("..".into())).is_err());
    logs.dir.sync(&job()).unwrap();
    // A folder is not a log.
    fs::create_dir_all(logs.path(JOB).join("fate_flow_schedule.log")).unwrap();
    assert_eq!(logs.dir.size(&LogKey::parse(&query("jobSchedule")).unwrap()).unwrap(), 0);
}

#[test]
fn lines_are_counted_from_one() {
    let logs = Logs::new();
    let key = file(&logs, b"one\ntwo\n\nfour \xff\nhalf a li");
    assert_eq!(logs.dir.size(&key).unwrap(), 4);
    let cat = |begin, end| logs.dir.cat(&key, begin, end).unwrap();
    let all = [(1u64, "one".to_owned()), (2, "two".into()), (3, String::new()), (4, "four \u{fffd}".into())];
    assert_eq!(cat(1, 4), all);
    assert_eq!(cat(0, u64::MAX), all);
    assert_eq!(cat(2, 3), all[1..3]);
    assert_eq!(cat(4, 4), all[3..]);
    for (begin, end) in [(5, 9), (3, 2), (0, 0), (u64::MAX, u64::MAX), (u64::MAX, 0)] {
        assert!(cat(begin, end).is_empty(), "{begin}..={end}");
    }
}

#[test]
fn many_lines_cross_the_buffer() {
    let logs = Logs::new();
    let text: String = (1..=150_000).map(|n| format!("line {n}\n")).collect();
    let key = file(&logs, text.as_bytes());
    assert_eq!(logs.dir.size(&key).unwrap(), 150_000);
    let lines = logs.dir.cat(&key, 99_999, 100_001).unwrap();
    assert_eq!(lines, [99_999, 100_000, 100_001].map(|n: u64| (n, format!("line {n}"))));
    assert_eq!(logs.dir.cat(&key, 1, u64::MAX).unwrap().len() as u64, MAX_CAT_LINES);
}

#[test]
fn a_reader_follows_whole_lines() {
    let logs = Logs::new();
    let text: String = (1..=30_000).map(|n| format!("line {n}\n")).collect();
    let key = file(&logs, (text.clone() + "half").as_bytes());
    let (mut seen, mut offset) = (String::new(), 0);
    loop {
        let (part, next) = logs.dir.read_from(&key, offset, 1).unwrap();
        assert!(part.is_empty() || part.ends_with('\n'));
        assert_eq!(next, offset + part.len() as u64);
        if part.is_empty() {
            break;
        }
        seen.push_str(&part);
        offset = next;
    }
    assert!(seen == text, "texts differ");

    file(&logs, (text + "half a line\n").as_bytes());
    assert_eq!(logs.dir.read_from(&key, offset, 1_000_000).unwrap().0, "half a line\n");
    // Shorter than before, as after a rotation.
    file(&logs, b"new\n");
    assert_eq!(logs.dir.read_from(&key, offset, 100).unwrap(), ("new\n".to_owned(), 4));
    assert_eq!(logs.dir.read_from(&key, 4, 100).unwrap(), (String::new(), 4));
}

#[test]
fn something_without_ends_of_lines_does_not_stop_a_reader() {
    let logs = Logs::new();
    let key = file(&logs, &vec![b'x'; 200_000]);
    let (part, next) = logs.dir.read_from(&key, 0, 1).unwrap();
    assert!(!part.is_empty() && next == part.len() as u64);
    assert_eq!(logs.dir.size(&key).unwrap(), 0);
}

#[test]
fn files_are_listed_for_an_archive() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 10_000).unwrap();
    log.line(Level::Info, Stream::Stdout, "x");
    logs.dir.job(&job()).unwrap().schedule(Level::Info, "node:1", "y");
    std::os::unix::fs::symlink("/etc/passwd", logs.path(JOB).join("link.log")).unwrap();
    logs.dir.sync(&job()).unwrap();

    let files = logs.dir.files(&job()).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file.relative.to_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "fate_flow_schedule.log",
            "guest/9999/INFO.log",
            "guest/9999/a/INFO.log",
            "guest/9999/a/stat.log",
            "guest/9999/a/stdout.log"
        ]
    );
    for JobFile { relative, absolute, bytes } in &files {
        assert!(absolute.ends_with(relative) && absolute.is_absolute());
        assert_eq!(fs::metadata(absolute).unwrap().len(), *bytes);
    }
    let link = LogKey::job_file(&job(), "link.log").unwrap();
    assert!(logs.dir.size(&link).is_err());
}
