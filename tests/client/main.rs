//! Programs of others from PyPI against whole nodes: FATE's own client, not patched (the command line `flow`,
//! `flow_sdk` and `pipeline`), each test one Python script of this folder with a node of its own; and schemathesis. Not
//! for: what can be shown without them (`suite`).

mod desk;
mod schemathesis;
mod venv;

use parcae_server::{Options, Secret};
use parcae_tests::{Site, http::Served};

use crate::desk::Desk;

/// Key and secret of the client that the guarded node knows.
const CLIENT: (&str, &str) = ("desk-7", "a secret, only for tests");

/// Runs a script against a fresh node that answers everybody.
fn run(script: &str) {
    let served = Served::new();
    if let Some(desk) = Desk::new(&served, None) {
        desk.run(script);
    }
}

#[test]
fn every_command_of_flow_is_accounted_for() {
    run("inventory.py");
}

#[test]
fn commands_about_jobs_and_components() {
    run("cli_job.py");
}

#[test]
fn commands_about_data_and_tables() {
    run("cli_data.py");
}

#[test]
fn commands_about_models_tags_and_checkpoints() {
    run("cli_model.py");
}

#[test]
fn commands_about_the_site() {
    run("cli_site.py");
}

#[test]
fn the_commands_that_test_an_installation() {
    run("cli_test.py");
}

#[test]
fn every_method_of_the_sdk() {
    run("sdk.py");
}

#[test]
fn a_pipeline_trains_and_predicts() {
    run("pipe_train.py");
}

#[test]
fn pipelines_in_the_other_modes_of_training() {
    run("pipe_modes.py");
}

#[test]
fn a_pipeline_predicts_from_a_checkpoint() {
    run("pipe_checkpoint.py");
}

#[test]
fn the_older_command_line() {
    run("older.py");
}

/// The node knows one client: every request has to be signed.
#[test]
fn signed_requests() {
    let (key, secret) = CLIENT;
    let clients = [(key.to_owned(), Secret::new(secret).into())].into();
    let served = Served::with(Site::new(), Options { clients, ..Options::default() });
    if let Some(desk) = Desk::new(&served, Some(CLIENT)) {
        desk.run("signed.py");
    }
}
