//! schemathesis from PyPI: requests made from the OpenAPI document, right ones and wrong ones, and whether the answers
//! are what the document says. Not for: what is in the answers (`suite`).

use std::{path::Path, process::Command, sync::OnceLock};

use parcae_domain::status::Status;
use parcae_tests::{Site, breast, http::Served};
use serde_json::json;

use crate::{
    desk::PROXIES,
    venv::{Recipe, Venv},
};

static SCHEMATHESIS: Recipe = Recipe {
    what: "schemathesis",
    folder: "schemathesis-4.32.5",
    packages: &["schemathesis==4.32.5", "hypothesis==6.170.15"],
    imports: "import schemathesis.cli",
    pythons: &["3.11", "3.12", "3.13"],
};
/// The last one is of `hooks.py`.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      node_did_not_fail";
/// Requests of its own making for each operation, beside those that cover its arguments one by one.
const EXAMPLES: &str = "25";
/// Fewer requests than that were none worth the name.
const LEAST: usize = 4000;

fn venv() -> Option<&'static Venv> {
    static VENV: OnceLock<Result<Venv, String>> = OnceLock::new();
    SCHEMATHESIS.kept(&VENV)
}

#[test]
fn answers_are_what_the_document_says() {
    let Some(venv) = venv() else { return };
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    let (dsl, conf) = breast::quick_job();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    // Names of things that are there, for the hooks.
    let known = json!({
        "job_id": job, "role": "guest", "party_id": "9999", "component_name": "data_transform_0",
        "model_id": breast::QUICK_MODEL, "model_version": job, "namespace": "experiment",
        "table_name": "breast_hetero_guest", "name": "breast_hetero_guest", "tag_name": "t", "log_type": "partyInfo",
        "connector_info": {"host": "x"}, "address": {"path": "absent.csv"}
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(venv.python());
    command.current_dir(folder.path()).arg(venv.script("schemathesis"));
    command.args(["run", &format!("http://{}/openapi.json", served.address()), "--checks", CHECKS]);
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--workers", "2"]);
    command.args(["--generation-deterministic", "--continue-on-failure", "--warnings", "off", "--no-color"]);
    command.env("SCHEMATHESIS_HOOKS", "hooks").env("PARCAE_KNOWN", known.to_string());
    command.env("PYTHONPATH", Path::new(env!("CARGO_MANIFEST_DIR")).join("client/schemathesis"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONHOME").env("NO_PROXY", "*");
    for name in PROXIES {
        command.env_remove(name);
    }
    let output = command.output().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}\n{errors}", output.status);
    let requests = said.lines().find_map(|line| line.trim().split_once(" generated")?.0.parse::<usize>().ok());
    assert!(requests.is_some_and(|requests| requests >= LEAST), "too few requests: {said}");
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.site.upload("after", "id,x\n1,2\n").status, Status::Success);
}
