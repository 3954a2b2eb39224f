//! Logs of the node: files, rotation, and the layer for `tracing`.

use std::{
    fs::{self, File},
    time::SystemTime,
};

use parcae_domain::port::Level;
use tracing_subscriber::layer::SubscriberExt;

use super::{JOB, Logs, at, open, thread};
use crate::{AttemptLog, JobLog, LogDir, ServerFile, ServerLayer, ServerLog};

#[test]
fn a_line_goes_to_its_type_its_level_and_all() {
    let logs = Logs::new();
    let server = logs.dir.server();
    server.write(ServerFile::Access, Level::Info, None, "server:1", "POST /v1/job/submit 200");
    server.write(ServerFile::Stat, Level::Warning, Some(JOB), "node:2", "slow");
    let access =
        format!("[INFO] [2026-11-22 08:20:31,014] [Server] [{}] - [server:1]: POST /v1/job/submit 200", thread());
    assert_eq!(logs.lines("fate_flow/fate_flow_access.log"), [access.as_str()]);
    assert_eq!(logs.lines("fate_flow/INFO.log"), [access.as_str()]);
    assert!(logs.lines("fate_flow/fate_flow_stat.log")[0].contains(&format!("[{JOB}]")));
    assert_eq!(logs.lines("fate_flow/stat.log").len(), 2);
    assert_eq!(
        logs.names("fate_flow"),
        ["INFO.log", "WARNING.log", "fate_flow_access.log", "fate_flow_stat.log", "stat.log"]
    );
}

#[test]
fn files_are_rotated_by_day_and_fourteen_are_kept() {
    let logs = Logs::new();
    let server = logs.dir.server();
    for day in 1..=20 {
        *logs.now.lock().unwrap() = at(day);
        for line in 1..=2 {
            server.write(ServerFile::Stat, Level::Info, None, "node:1", &format!("day {day} line {line}"));
        }
    }
    for file in ["fate_flow_stat.log", "stat.log", "INFO.log"] {
        let mut want: Vec<String> = (6..20).map(|day| format!("{file}.2026-11-{day:02}")).collect();
        want.insert(0, file.to_owned());
        let mut names = logs.names("fate_flow");
        names.retain(|name| name.starts_with(file));
        assert_eq!(names, want);
    }
    let old = logs.lines("fate_flow/INFO.log.2026-11-19");
    assert!(old.len() == 2 && old[1].ends_with("day 19 line 2"), "{old:?}");
    assert_eq!(logs.lines("fate_flow/INFO.log").len(), 2);
    assert_eq!(logs.dir.lost(), 0);
}

#[test]
fn a_clock_set_back_loses_nothing() {
    let logs = Logs::new();
    let server = logs.dir.server();
    for day in [20, 21, 20, 21, 22] {
        *logs.now.lock().unwrap() = at(day);
        server.write(ServerFile::Audit, Level::Info, None, "node:1", &format!("day {day}"));
    }
    assert_eq!(logs.lines("fate_flow/fate_flow_audit.log").len(), 1);
    assert_eq!(logs.lines("fate_flow/fate_flow_audit.log.2026-11-21").len(), 3);
    assert_eq!(logs.lines("fate_flow/fate_flow_audit.log.2026-11-20").len(), 1);

    // A day that has been moved away already is not overwritten.
    fs::write(logs.path("fate_flow/fate_flow_audit.log.2026-11-22"), "precious\n").unwrap();
    *logs.now.lock().unwrap() = at(23);
    server.write(ServerFile::Audit, Level::Info, None, "node:1", "day 23");
    assert_eq!(logs.lines("fate_flow/fate_flow_audit.log").len(), 2);
    assert_eq!(logs.read("fate_flow/fate_flow_audit.log.2026-11-22"), "precious\n");
}

#[test]
fn a_node_that_starts_on_another_day_rotates() {
    let logs = Logs::new();
    logs.dir.server().write(ServerFile::Stat, Level::Info, None, "node:1", "before");
    for name in logs.names("fate_flow") {
        let file = File::options().write(true).open(logs.path(&format!("fate_flow/{name}"))).unwrap();
        file.set_modified(SystemTime::from(at(22).timestamp())).unwrap();
    }
    *logs.now.lock().unwrap() = at(25);
    let again = open(logs.path(""), &logs.now);
    again.server().write(ServerFile::Stat, Level::Info, None, "node:1", "after");
    assert!(logs.read("fate_flow/stat.log.2026-11-22").ends_with("before\n"));
    assert_eq!(logs.lines("fate_flow/stat.log").len(), 1);

    // And one that starts again on the same day goes on.
    for name in ["stat.log", "INFO.log", "fate_flow_stat.log"] {
        let file = File::options().write(true).open(logs.path(&format!("fate_flow/{name}"))).unwrap();
        file.set_modified(SystemTime::from(at(25).timestamp())).unwrap();
    }
    let again = open(logs.path(""), &logs.now);
    again.server().write(ServerFile::Stat, Level::Info, None, "node:1", "later");
    assert_eq!(logs.lines("fate_flow/stat.log").len(), 2);
}

#[test]
fn events_become_lines() {
    let logs = Logs::new();
    let subscriber = tracing_subscriber::registry().with(logs.dir.layer());
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!(target: "parcae::access", status = 200, path = "/v1\x1b[2J", "request");
        let span = tracing::info_span!("attempt", job = JOB, role = "guest", party = tracing::field::Empty);
        let _guard = span.enter();
        span.record("party", 9999);
        tracing::warn!(waited_seconds = 3, "peer is late");
        tracing::error!(target: "parcae::schedule", job = %"x", "several\nlines");
        tracing::trace!(target: "parcae::database", "begin");
        tracing::debug!(target: "parcae::detect", "look");
        tracing::debug!(target: "parcae::audit", "who");
    });
    let line = |file: &str| logs.lines(&format!("fate_flow/{file}")).remove(0);

    let access = line("fate_flow_access.log");
    assert!(access.starts_with("[INFO] [2026-11-22 08:20:31,014] [Server] ["), "{access}");
    assert!(access.ends_with("]: request status=200 path=/v1\\x1b[2J"), "{access}");
    assert!(access.contains(&format!(" - [{}:", module_path!())), "{access}");

    let stat = line("fate_flow_stat.log");
    assert!(stat.starts_with(&format!("[WARNING] [2026-11-22 08:20:31,014] [{JOB}] [")), "{stat}");
    assert!(stat.ends_with("]: peer is late role=guest party=9999 waited_seconds=3"), "{stat}");

    let schedule = logs.lines("fate_flow/fate_flow_schedule.log");
    assert!(schedule[0].contains("] [x] [") && schedule[0].ends_with("]: several"), "{schedule:?}");
    assert!(schedule[1].ends_with("]: lines role=guest party=9999"), "{schedule:?}");
    for file in ["fate_flow_database.log", "fate_flow_detect.log", "fate_flow_audit.log"] {
        assert!(line(file).starts_with("[DEBUG]"));
    }
    assert_eq!(logs.lines("fate_flow/stat.log").len(), 7);
}

#[test]
fn what_is_handed_out_can_cross_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<LogDir>();
    shared::<JobLog>();
    shared::<AttemptLog>();
    shared::<ServerLog>();
    shared::<ServerLayer>();
}
