//! The command line: wires a node from its parts and serves it, or talks to one over HTTP. Not for: what a node does
//! (`node`), what its API looks like (`api`, `server`).
//!
//! `args` is what a user can type; each command has a file of its own; `config` and `wire` set a node up; `client` and
//! `watch` talk to one; `output` is how results look.

mod api_key;
mod args;
mod audit;
mod client;
mod clients;
mod component;
mod config;
mod demo;
mod faults;
mod limit_settings;
mod logs;
mod otlp;
mod output;
mod push_policy;
mod quotas;
mod report;
mod serve;
mod serving;
mod sign;
mod status;
mod submit;
mod tenant;
mod upload;
mod watch;
mod wire;

use std::process::ExitCode;

use clap::Parser;

pub use api_key::ApiKey;
pub use client::{Client, ClientError};
pub use config::Config;
pub use faults::Faults;
pub use otlp::Exporter;
pub use serving::{Serving, TlsSettings};
pub use sign::Signer;
pub use wire::open_node;

use args::{Args, Command};
use output::Output;

/// A job failed, or the command could not be carried out.
const FAILED: u8 = 1;
/// What the user typed, or a file that it names, is not right.
const USAGE: u8 = 2;

/// Something that the user typed, or a file that it names, is not right.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// How a command ended that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Well.
    Well,
    /// The job that it waited for did not end well.
    JobFailed,
}

/// Runs the command that was typed. The code is 0 when all went well, 1 when a job or the command failed, 2 when what
/// was typed is not right.
pub fn run() -> ExitCode {
    if let Some(code) = node_s_own() {
        return code;
    }
    let args = Args::parse();
    let output = Output::new(args.json);
    match carry_out(args, output) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::JobFailed) => ExitCode::from(FAILED),
        // Whoever reads has had enough: `parcae --json ... | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            let is_usage = error.is::<Faults>() || error.is::<UsageError>();
            ExitCode::from(if is_usage { USAGE } else { FAILED })
        }
    }
}

/// When a node started this process, to compile an image or to run an attempt: how that ended.
fn node_s_own() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let ended = match arguments.next()?.as_str() {
        parcae_runtime::COMPILE_COMMAND => parcae_runtime::compile_command(&arguments.collect::<Vec<_>>()),
        parcae_runtime::WORKER_COMMAND => {
            parcae_runtime::worker_command(&arguments.collect::<Vec<_>>(), parcae_tables::open_descriptor)
        }
        _ => return None,
    };
    Some(ended.map_or_else(
        |error| {
            eprintln!("{error}");
            ExitCode::from(FAILED)
        },
        |()| ExitCode::SUCCESS,
    ))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn carry_out(args: Args, output: Output) -> anyhow::Result<Done> {
    let (server, app_key, secret, api_key) = (args.server, args.app_key, args.secret_key, args.api_key);
    let ca = args.ca;
    let client = || -> Result<Client, UsageError> {
        let variable = |name: &str| std::env::var(name).ok();
        let key = ApiKey::find(api_key.clone(), app_key.is_some(), variable)?;
        let signer = match key {
            Some(_) => None,
            None => Signer::find(app_key.clone(), secret.clone(), variable)?,
        };
        Ok(Client::new(&server)?.trusting(ca.as_deref())?.signing(signer).with_key(key))
    };
    match args.command {
        Command::Serve(serve) => serve::run(&serve, output),
        Command::Upload(upload) => upload::run(&client()?, &upload, output),
        Command::Submit(submit) => submit::run(&client()?, &submit, output),
        Command::Status { job } => status::run(&client()?, &job, output),
        Command::Logs(logs) => logs::run(&client()?, &logs, output),
        Command::Stop { job } => status::stop(&client()?, &job, output),
        Command::Demo(demo) => demo::run(&demo, output),
        Command::Component(command) => component::run(&command, client, output),
        Command::Tenant(command) => audit::noted(&command, |about| tenant::run(&command, output, about)),
        Command::Audit(command) => audit::run(&command, output),
        Command::Openapi => {
            output.line(&parcae_api::openapi().to_pretty_json()?)?;
            Ok(Done::Well)
        }
    }
}
