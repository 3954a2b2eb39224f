//! Logs of attempts and jobs.

use parcae_domain::{
    id::JobId,
    port::{Level, Stream},
};

use super::{JOB, Logs, attempt, job, thread};
use crate::{LogError, LogLimits};

const FOLDER: &str = "202611220820310140001/guest/9999";

#[test]
fn the_format_is_exact() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("hetero_lr_0", 2), 10_000).unwrap();
    log.line(Level::Info, Stream::Log, "epoch 1 of 10");
    let want =
        format!("[INFO] [2026-11-22 08:20:31,014] [{JOB}] [{}] - [hetero_lr_0.2:log]: epoch 1 of 10\n", thread());
    for file in ["hetero_lr_0/INFO.log", "hetero_lr_0/stat.log", "INFO.log"] {
        assert_eq!(logs.read(&format!("{FOLDER}/{file}")), want, "{file}");
    }
    assert_eq!(logs.names(&format!("{FOLDER}/hetero_lr_0")), ["INFO.log", "stat.log"]);
    assert_eq!(log.last_lines(5), [want.trim_end()]);
}

#[test]
fn levels_and_streams_have_files_of_their_own() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 100_000).unwrap();
    log.line(Level::Debug, Stream::Log, "d");
    log.line(Level::Error, Stream::Log, "e");
    log.line(Level::Error, Stream::Stdout, "out 1\nout 2\n");
    log.line(Level::Debug, Stream::Stderr, "\x1b[31merr");
    let messages = |file: &str| -> Vec<String> {
        let text = logs.lines(&format!("{FOLDER}/{file}"));
        text.iter().map(|line| line.split_once("]: ").unwrap().1.to_owned()).collect()
    };
    assert_eq!(messages("a/DEBUG.log"), ["d"]);
    assert_eq!(messages("a/ERROR.log"), ["e"]);
    assert_eq!(messages("a/INFO.log"), ["out 1", "out 2"]);
    assert_eq!(messages("a/WARNING.log"), ["\\x1b[31merr"]);
    assert_eq!(messages("a/stat.log"), ["d", "e", "out 1", "out 2", "\\x1b[31merr"]);
    assert_eq!(
        logs.lines(&format!("{FOLDER}/a/stdout.log")),
        ["[2026-11-22 08:20:31,014] out 1", "[2026-11-22 08:20:31,014] out 2"]
    );
    assert_eq!(logs.lines(&format!("{FOLDER}/a/stderr.log")), ["[2026-11-22 08:20:31,014] \\x1b[31merr"]);

    logs.dir.attempt(&attempt("b", 0), 100_000).unwrap().line(Level::Debug, Stream::Log, "of b");
    assert_eq!(messages("DEBUG.log"), ["d", "of b"]);
    assert_eq!(logs.names(FOLDER), ["DEBUG.log", "ERROR.log", "INFO.log", "WARNING.log", "a", "b"]);
}

#[test]
fn hostile_text_cannot_forge_a_line() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 1_000_000).unwrap();
    log.line(Level::Info, Stream::Log, "x\r[ERROR] forged\u{2028}[ERROR] forged\n[ERROR] [2026] forged\0\u{202e}");
    log.line(Level::Info, Stream::Log, "");
    log.line(Level::Info, Stream::Log, &"y".repeat(300_000));
    let text = logs.read(&format!("{FOLDER}/a/INFO.log"));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|line| line.starts_with("[INFO] [2026-11-22 08:20:31,014] [")), "{text}");
    assert!(!text.contains(['\r', '\0', '\u{2028}', '\u{202e}']));
    assert!(lines[3].len() < 70_000 && lines[3].ends_with(" more bytes]"));
}

#[test]
fn the_limit_ends_the_log_once() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 1_000).unwrap();
    for number in 0..200 {
        log.line(Level::Info, Stream::Stdout, &format!("line {number}"));
    }
    // Smaller lines do not slip through once one was dropped.
    log.line(Level::Info, Stream::Log, "");
    let info = logs.read(&format!("{FOLDER}/a/INFO.log"));
    let kept = info.lines().count();
    assert!(info.len() <= 1_000 && kept > 3, "{} bytes", info.len());
    assert_eq!(log.dropped(), 201 - kept as u64);
    assert_eq!(logs.lines(&format!("{FOLDER}/a/stdout.log")).len(), kept);
    let warnings = logs.lines(&format!("{FOLDER}/a/WARNING.log"));
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].ends_with(": log limit of 1000 bytes reached: further lines of this attempt are dropped"));
    assert_eq!(logs.lines(&format!("{FOLDER}/a/stat.log")).last(), warnings.last());

    // Reports get what was said last, although no file has it.
    assert_eq!(log.last_lines(1_000).len(), 64);
    let last = log.last_lines(2);
    assert!(last[0].ends_with("]: line 199") && last[1].ends_with("]: "), "{last:?}");
}

#[test]
fn last_lines_are_short() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 0).unwrap();
    log.line(Level::Info, Stream::Log, &"€".repeat(10_000));
    assert_eq!(log.dropped(), 1);
    assert!(log.last_lines(1)[0].len() <= 1_024);
    assert!(log.last_lines(0).is_empty());
}

#[test]
fn no_line_is_torn() {
    let logs = Logs::new();
    let attempts: Vec<_> =
        ["a", "b"].iter().map(|name| logs.dir.attempt(&attempt(name, 0), u64::MAX).unwrap()).collect();
    std::thread::scope(|scope| {
        for thread in 0..8usize {
            let log = &attempts[thread % 2];
            scope.spawn(move || {
                for number in 0..1_000 {
                    let filler = "x".repeat((thread * 131 + number * 17) % 900);
                    log.line(Level::Info, Stream::Log, &format!("<{thread} {number} {filler}>"));
                }
            });
        }
    });
    let lines = logs.lines(&format!("{FOLDER}/INFO.log"));
    assert_eq!(lines.len(), 8_000);
    let mut next = [0; 8];
    for line in &lines {
        let (head, message) = line.split_once("]: <").unwrap();
        assert!(head.starts_with("[INFO] [2026-11-22 08:20:31,014] [") && message.ends_with('>'), "{line}");
        let mut words = message.split(' ');
        let thread: usize = words.next().unwrap().parse().unwrap();
        let number: usize = words.next().unwrap().parse().unwrap();
        assert_eq!(number, next[thread], "lines of a thread keep their order");
        assert_eq!(words.next().unwrap().len(), (thread * 131 + number * 17) % 900 + 1);
        next[thread] += 1;
    }
    assert_eq!(next, [1_000; 8]);
    assert_eq!(logs.dir.lost(), 0);
}

#[test]
fn files_of_an_attempt_are_closed_with_it_and_few_are_open() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 10_000).unwrap();
    log.line(Level::Info, Stream::Log, "x");
    assert_eq!(logs.dir.inner.handles.len(), 3);
    drop(log);
    // The file that the party's components share.
    assert_eq!(logs.dir.inner.handles.len(), 1);

    let attempts: Vec<_> =
        (0..150).map(|n| logs.dir.attempt(&attempt(&format!("c_{n}"), 0), 10_000).unwrap()).collect();
    for round in 0..3 {
        for log in &attempts {
            log.line(Level::Info, Stream::Log, &format!("round {round}"));
        }
    }
    assert!(logs.dir.inner.handles.len() <= 256);
    assert_eq!(logs.lines(&format!("{FOLDER}/c_0/INFO.log")).len(), 3);
    assert_eq!(logs.lines(&format!("{FOLDER}/INFO.log")).len(), 451);
}

#[test]
fn a_torn_last_line_is_ended_first() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 10_000).unwrap();
    log.line(Level::Info, Stream::Log, "before");
    drop(log);
    let path = format!("{FOLDER}/a/INFO.log");
    std::fs::write(logs.path(&path), logs.read(&path) + "[INFO] [2026-11-22 08:2").unwrap();
    let log = logs.dir.attempt(&attempt("a", 1), 10_000).unwrap();
    log.line(Level::Info, Stream::Log, "after");
    let lines = logs.lines(&path);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1], "[INFO] [2026-11-22 08:2");
    assert!(lines[2].ends_with("[a.1:log]: after"), "{lines:?}");
}

#[test]
fn a_log_that_cannot_be_written_is_counted() {
    let logs = Logs::new();
    std::fs::write(logs.path(JOB), "in the way").unwrap();
    let log = logs.dir.attempt(&attempt("a", 0), 10_000).unwrap();
    log.line(Level::Info, Stream::Log, "x");
    assert_eq!(logs.dir.lost(), 3);
}

#[test]
fn a_job_logs_to_its_files_and_to_the_node() {
    let logs = Logs::new();
    let log = logs.dir.job(&job()).unwrap();
    log.schedule(Level::Info, "scheduler:10", "started\nwith two lines");
    assert_eq!(logs.names(JOB), ["fate_flow_schedule.log"]);
    log.schedule(Level::Error, "scheduler:11", "failed");
    log.audit(Level::Info, "api:5", "stop by alice");
    log.sql(Level::Debug, "metadata:7", "update job");
    log.detect(Level::Warning, "node:9", "no sign of life");

    let line = |level, place, message| {
        format!("[{level}] [2026-11-22 08:20:31,014] [{JOB}] [{}] - [{place}]: {message}", thread())
    };
    let schedule = [
        line("INFO", "scheduler:10", "started"),
        line("INFO", "scheduler:10", "with two lines"),
        line("ERROR", "scheduler:11", "failed"),
    ];
    assert_eq!(logs.lines(&format!("{JOB}/fate_flow_schedule.log")), schedule);
    assert_eq!(logs.lines(&format!("{JOB}/fate_flow_schedule_error.log")), schedule[2..]);
    assert_eq!(logs.lines(&format!("{JOB}/fate_flow_audit.log")), [line("INFO", "api:5", "stop by alice")]);
    assert_eq!(logs.lines(&format!("{JOB}/fate_flow_sql.log")), [line("DEBUG", "metadata:7", "update job")]);
    assert_eq!(logs.lines(&format!("{JOB}/fate_flow_detect.log")), [line("WARNING", "node:9", "no sign of life")]);

    assert_eq!(logs.lines("fate_flow/fate_flow_schedule.log"), schedule);
    assert_eq!(logs.lines("fate_flow/fate_flow_database.log").len(), 1);
    assert_eq!(logs.lines("fate_flow/ERROR.log"), schedule[2..]);
    assert_eq!(logs.lines("fate_flow/stat.log").len(), 6);
    logs.dir.sync(&job()).unwrap();
    assert_eq!(logs.dir.inner.handles.len(), 0);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let logs = Logs::new();
    for id in ["", "..", "../../etc", "20261122082031014000/", "x", "2026112208203101400012345678"] {
        assert!(matches!(logs.dir.job(&JobId(id.into())), Err(LogError::Name { what: "job", .. })), "{id}");
        let mut bad = attempt("a", 0);
        bad.task.job = JobId(id.into());
        assert!(logs.dir.attempt(&bad, 1).is_err(), "{id}");
    }
    for component in ["", "..", "a/b", "/etc", "a\0", "a b", "é"] {
        let result = logs.dir.attempt(&attempt(component, 0), 1);
        assert!(matches!(result, Err(LogError::Name { what: "component", .. })), "{component:?}");
    }
    assert!(logs.names("").is_empty());
}

#[test]
fn what_comes_too_fast_is_dropped_and_the_last_line_says_so() {
    let logs = Logs::new();
    let limits = LogLimits { lines_per_second: 1, ..LogLimits::bytes(100_000) };
    let log = logs.dir.attempt_within(&attempt("a", 0), limits).unwrap();
    (0..20).for_each(|n| log.line(Level::Info, Stream::Log, &format!("line {n}")));
    assert_eq!((log.dropped(), log.last_lines(1).len()), (12, 1));
    drop(log);
    let lines = logs.lines(&format!("{FOLDER}/a/stat.log"));
    assert_eq!(lines.len(), 9, "{lines:?}");
    assert!(lines[8].contains("12 lines came too fast"), "{lines:?}");
}
