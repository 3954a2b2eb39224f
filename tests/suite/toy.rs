//! The toy job, sent as `flow test toy` sends it, and read back as it does. Not for: stopping and running it again.

use parcae_tests::{http::Served, merge};
use serde_json::{Value, json};

/// What the guest's log says, in this order.
const LINES: [&str; 8] = [
    "begin to init parameters of secure add example guest",
    "begin to make guest data",
    "split data into two random parts",
    "share one random part data to host",
    "get share of one random part data from host",
    "begin to get sum of guest and host",
    "receive host sum from guest",
    "success to calculate secure_sum, it is 2000.0",
];

/// The request of `flow test toy -gid 9999 -hid 10000`: party ids as text, and the host's parameters without its place.
fn request() -> Value {
    json!({
        "job_runtime_conf": {
            "dsl_version": 2,
            "job_parameters": {
                "common": {"task_cores": 2},
                "role": {"guest": {"0": {"user": ""}}, "host": {"0": {"user": ""}}}
            },
            "role": {"guest": ["9999"], "host": ["10000"]},
            "component_parameters": {
                "role": {
                    "guest": {"0": {"secure_add_example_0": {"seed": 123}}},
                    "host": {"secure_add_example_0": {"seed": 321}}
                },
                "common": {"secure_add_example_0": {"partition": 4, "data_num": 1000}}
            },
            "initiator": {"role": "guest", "party_id": "9999"}
        },
        "job_dsl": {"components": {"secure_add_example_0": {"module": "SecureAddExample"}}}
    })
}

/// Submits, and waits; the job, and its row at the guest.
fn run(served: &Served, request: Value) -> (String, Value) {
    let (status, answer) = served.post("job/submit", request);
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{answer}");
    let job = answer["jobId"].as_str().expect("the id of the job").to_owned();
    let row = served.wait(&job, "guest", 9999);
    (job, row)
}

#[test]
fn the_toy_job_adds_up_and_says_so() {
    let served = Served::new();
    let (job, _) = run(&served, request());
    let rows = served.data("job/query", json!({"job_id": job, "role": "guest", "party_id": "9999"}));
    assert_eq!(rows[0]["f_status"], "success", "{}", served.site.errors(&job));
    let files = served.download("job/log/download", json!({"job_id": job})).files();
    let text = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
    let guest = text("guest/9999/INFO.log");
    let shown: Vec<&str> = guest.lines().filter(|line| line.contains("secure_add_guest")).collect();
    assert_eq!(shown.len(), LINES.len(), "{guest}");
    for (line, words) in shown.iter().zip(LINES) {
        assert!(line.ends_with(&format!("secure_add_guest: {words}")), "{line}");
    }
    assert!(text("host/10000/INFO.log").contains("secure_add_host: send host sum to guest"));
    let tasks = served.tasks(&job);
    assert_eq!(tasks.len(), 2);
    assert!(tasks.iter().all(|task| task["f_component_module"] == "SecureAddExample"), "{tasks:?}");
}

#[test]
fn secret_parts_and_other_numbers_add_up_too() {
    let served = Served::new();
    let mut request = request();
    let parameters = &mut request["job_runtime_conf"]["component_parameters"];
    parameters["role"] = json!({});
    merge(&mut parameters["common"]["secure_add_example_0"], json!({"partition": 3, "data_num": 70_001}));
    let (job, row) = run(&served, request);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
}

#[test]
fn what_does_not_go_together_fails_by_name() {
    let served = Served::new();
    let mut uneven = request();
    let guest = &mut uneven["job_runtime_conf"]["component_parameters"]["role"]["guest"]["0"];
    guest["secure_add_example_0"]["data_num"] = json!(10);
    let (job, row) = run(&served, uneven);
    assert_eq!(row["f_status"], "failed");
    let errors = served.site.errors(&job);
    // Who notices first stops the other.
    let noticed = ["data_num is 10 here and 1000 at", "data_num is 1000 here and 10 at"];
    assert!(noticed.iter().any(|words| errors.contains(words)), "{errors}");
    let mut many = request();
    many["job_runtime_conf"]["role"]["host"] = json!(["10000", "10001"]);
    let (job, row) = run(&served, many);
    assert_eq!(row["f_status"], "failed");
    assert!(served.site.errors(&job).contains("a guest and one host, the job has 2"), "{}", served.site.errors(&job));
}
