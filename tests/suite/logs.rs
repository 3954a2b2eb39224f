//! Files that a job leaves for people: its logs, their names and how their lines look, and its DSL and confs. Not for:
//! the archive of all logs (`http`), limits of logs (`parcae-logs`).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use parcae_domain::status::Status;
use parcae_tests::http::{Served, keys, list};
use serde_json::{Value, json};

/// DSL and conf of a job that reads a table.
fn reader() -> (Value, Value) {
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    (dsl, conf(json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}}})))
}

fn conf(components: Value) -> Value {
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": components}})
}

/// A site on which a job has read a table; its id.
fn read() -> (Served, String) {
    let served = Served::new();
    assert_eq!(served.site.upload("t", "id,y,x0\na,1,0.5\nb,0,1.5\n").status, Status::Success);
    let (dsl, conf) = reader();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (served, job)
}

/// A site on which a job has failed with some words; its id.
fn failed(words: &str) -> (Served, String) {
    let served = Served::new();
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let (job, row) = served.run(&dsl, &conf(json!({"probe_0": {"behaviour": "fail_other", "text": words}})));
    assert_eq!(row["f_status"], "failed");
    (served, job)
}

/// Texts of all files below a folder, by their path within it.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let (mut found, mut open) = (BTreeMap::new(), vec![PathBuf::new()]);
    while let Some(relative) = open.pop() {
        for entry in fs::read_dir(folder.join(&relative)).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = relative.join(entry.file_name());
            if entry.file_type().expect("a type").is_dir() {
                open.push(path);
            } else {
                found.insert(path.display().to_string(), fs::read_to_string(entry.path()).expect("text"));
            }
        }
    }
    found
}

fn logs(served: &Served, job: &str) -> BTreeMap<String, String> {
    texts(&served.site.folder().join("logs").join(job))
}

/// What a line says.
#[derive(Debug)]
struct Line<'a> {
    level: &'a str,
    owner: &'a str,
    place: &'a str,
    message: &'a str,
}

/// `[INFO] [2026-11-22 08:20:31,014] [<job>] [<process>:<thread>] - [<place>]: <message>`; none for anything else.
fn cut(line: &str) -> Option<Line<'_>> {
    let (level, rest) = line.strip_prefix('[')?.split_once("] [")?;
    let (stamp, rest) = rest.split_once("] [")?;
    let (owner, rest) = rest.split_once("] [")?;
    let (thread, rest) = rest.split_once("] - [")?;
    let (place, message) = rest.split_once("]: ")?;
    let pattern = "0000-00-00 00:00:00,000";
    let sign = |byte: u8| if byte.is_ascii_digit() { '0' } else { char::from(byte) };
    let (process, name) = thread.split_once(':')?;
    let is_right = ["DEBUG", "INFO", "WARNING", "ERROR"].contains(&level)
        && stamp.bytes().map(sign).eq(pattern.chars())
        && process == std::process::id().to_string()
        && !name.is_empty()
        && !place.is_empty();
    is_right.then_some(Line { level, owner, place, message })
}

fn lines(text: &str) -> Vec<Line<'_>> {
    text.lines().map(|line| cut(line).unwrap_or_else(|| panic!("not a line of a log: {line}"))).collect()
}

#[test]
fn every_line_of_a_jobs_logs_looks_as_fates() {
    let (served, job) = read();
    let found = logs(&served, &job);
    for file in ["fate_flow_schedule.log", "fate_flow_audit.log", "fate_flow_sql.log"] {
        assert!(found.contains_key(file), "no {file} among {:?}", found.keys());
    }
    for (name, text) in &found {
        let lines = lines(text);
        assert!(text.ends_with('\n') && lines.iter().all(|line| line.owner == job), "{name}: {text}");
        let level = name.rsplit('/').next().and_then(|file| file.strip_suffix(".log"));
        if let Some(level) = level.filter(|level| ["DEBUG", "INFO", "WARNING", "ERROR"].contains(level)) {
            assert!(lines.iter().all(|line| line.level == level), "{name}: {text}");
        }
    }
}

#[test]
fn the_schedule_log_begins_with_what_was_submitted() {
    let (served, job) = read();
    let text = logs(&served, &job).remove("fate_flow_schedule.log").unwrap();
    let lines = lines(&text);
    let body = lines[0].message.strip_prefix(&format!("submit job, job_id {job}, body ")).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let (dsl, conf) = reader();
    assert_eq!(body, json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    let parameters = lines[1].message.strip_prefix("job parameters: ").unwrap();
    let parameters: Value = serde_json::from_str(parameters).unwrap();
    assert_eq!(parameters["common"]["model_version"], job);
    let said = |words: &str| lines.iter().position(|line| line.message.contains(words));
    let course = ["job starts", "task reader_0 version 0 starts", "task reader_0 version 0 at guest/9999: success"];
    let places: Vec<_> = course.iter().map(|words| said(words).unwrap_or_else(|| panic!("{words}: {text}"))).collect();
    assert!(places.is_sorted() && Some(places[2]) < said("job ends: success"), "{text}");
}

#[test]
fn calls_between_parties_and_statements_are_logged() {
    let (served, job) = read();
    let found = logs(&served, &job);
    let audit = &found["fate_flow_audit.log"];
    let task = format!("/v1/party/{job}/reader_0/{job}_reader_0/0/guest/9999/start ");
    for path in [format!("/v1/party/{job}/guest/9999/create "), task] {
        assert!(lines(audit).iter().any(|line| line.message.contains(&path)), "{path}: {audit}");
    }
    let sql = lines(&found["fate_flow_sql.log"]);
    for line in &sql {
        let time = line.message.strip_suffix(" ms]").and_then(|rest| rest.rsplit_once(" ["));
        let took = time.and_then(|(_, took)| took.parse::<f64>().ok());
        assert!(took.is_some_and(|ms| ms >= 0.0), "{line:?}");
    }
    for statement in ["INSERT INTO job ", "INSERT INTO party_task ", "UPDATE party_task SET status"] {
        assert!(sql.iter().any(|line| line.message.starts_with(statement)), "{statement}");
    }
}

#[test]
fn components_have_a_file_for_each_level_that_was_written() {
    let (served, job) = read();
    let found = logs(&served, &job);
    let of = |name: &str| found.get(name).map_or(0, |text| text.lines().count());
    let info = lines(&found["guest/9999/reader_0/INFO.log"]);
    assert!(info.iter().any(|line| line.message.contains("2 rows of table experiment.t")), "{info:?}");
    assert!(info.iter().all(|line| line.place == "reader_0.0:log"), "{info:?}");
    let levels = ["DEBUG", "INFO", "WARNING", "ERROR"].map(|level| format!("guest/9999/reader_0/{level}.log"));
    let all: usize = levels.iter().map(|name| of(name)).sum();
    assert_eq!(all, of("guest/9999/reader_0/stat.log"));
    // One component ran at this party, so that the party's logs are those of the component.
    assert_eq!(found["guest/9999/INFO.log"], found["guest/9999/reader_0/INFO.log"]);
    let errors: Vec<_> = found.keys().filter(|name| name.to_ascii_lowercase().contains("error")).collect();
    assert!(errors.is_empty(), "a job that went well has {errors:?}");
    let own = texts(&served.site.folder().join("logs/fate_flow"));
    for file in ["fate_flow_schedule.log", "fate_flow_audit.log", "fate_flow_database.log", "stat.log", "INFO.log"] {
        assert!(own.get(file).is_some_and(|text| text.contains(&job)), "the node's {file}");
    }
}

#[test]
fn errors_have_files_and_addresses_are_hidden_from_readers() {
    let (served, job) = failed("peer 10.1.2.3 is gone");
    let found = logs(&served, &job);
    for file in ["guest/9999/ERROR.log", "guest/9999/probe_0/ERROR.log"] {
        let text = found.get(file).unwrap_or_else(|| panic!("no {file} among {:?}", found.keys()));
        assert!(text.contains("peer 10.1.2.3 is gone"), "{file}: {text}");
    }
    let schedule = lines(&found["fate_flow_schedule_error.log"]);
    assert!(schedule.iter().any(|line| line.message.contains("task probe_0 failed")), "{schedule:?}");
    let key = json!({"log_type": "partyError", "job_id": job, "role": "guest", "party_id": "9999"});
    let shown = served.data("log/cat", key);
    let words = |line: &Value| line["content"].as_str().unwrap_or_default().to_owned();
    let hidden = list(&shown).iter().any(|line| words(line).ends_with("peer xxx.xxx.xxx.xxx is gone"));
    assert!(hidden && !shown.to_string().contains("10.1.2.3"), "{shown}");
}

#[test]
fn logs_are_read_by_line() {
    let (served, job) = read();
    let text = logs(&served, &job).remove("fate_flow_schedule.log").unwrap();
    let key = json!({"log_type": "jobSchedule", "job_id": job});
    assert_eq!(served.data("log/size", key.clone())["size"], text.lines().count());
    let mut part = key.clone();
    part["begin"] = json!(2);
    part["end"] = json!(3);
    let shown = served.data("log/cat", part);
    let numbers: Vec<_> = list(&shown).iter().map(|line| line["line_num"].as_u64().unwrap()).collect();
    assert_eq!((numbers, keys(&shown[0])), (vec![2, 3], vec!["content", "line_num"]));
    assert_eq!(shown[0]["content"], text.lines().nth(1).unwrap());
    assert_eq!(list(&served.data("log/cat", key)).len(), text.lines().count());
    let absent = json!({"log_type": "componentError", "job_id": job, "role": "guest", "party_id": "9999",
        "component_name": "reader_0"});
    assert_eq!(served.data("log/cat", absent.clone()), json!([]));
    assert_eq!(served.data("log/size", absent), json!({"size": 0}));
    for wrong in ["passwd", "partyInfo", "../../parcae.sqlite"] {
        assert_eq!(served.refused("log/cat", json!({"log_type": wrong, "job_id": job})).0, 100, "{wrong}");
    }
}

#[test]
fn dsl_and_confs_stand_beside_the_job() {
    let (served, job) = read();
    let found = texts(&served.site.folder().join("jobs").join(&job));
    let json_of = |name: &str| -> Value {
        let text = found.get(name).unwrap_or_else(|| panic!("no {name} among {:?}", found.keys()));
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let (dsl, conf) = reader();
    assert_eq!(json_of("job_dsl.json"), dsl);
    assert_eq!(json_of("pipeline_dsl.json")["components"]["reader_0"]["module"], "Reader");
    assert_eq!(json_of("train_runtime_conf.json"), json!({}));
    let runtime = json_of("job_runtime_conf.json");
    assert_eq!(runtime["component_parameters"], conf["component_parameters"]);
    assert_eq!(runtime["job_parameters"]["common"]["model_version"], job);
    // At a party the parameters of the job are flat.
    assert_eq!(json_of("guest/9999/job_runtime_on_party_conf.json")["job_parameters"]["model_version"], job);
    // The answer to a submission names these files.
    let (_, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    let data = &answer["data"];
    let named = ["dsl_path", "runtime_conf_path", "runtime_conf_on_party_path", "train_runtime_conf_path"];
    for key in named.into_iter().chain(["pipeline_dsl_path", "logs_directory"]) {
        let path = Path::new(data[key].as_str().unwrap_or_default());
        assert!(path.starts_with(served.site.folder()) && path.exists(), "{key}: {answer}");
    }
    served.wait(answer["jobId"].as_str().unwrap(), "guest", 9999);
}
