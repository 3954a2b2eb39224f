//! What an author of a component can type: `parcae component new`, `build` and `run`. Not for: the other commands
//! (`args`).

use std::path::PathBuf;

use clap::{Args as Group, ValueEnum};

use super::LogLevel;
use crate::component::Fault;

/// A language that components are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Rust, with the SDK.
    Rust,
    /// Python, through componentize-py.
    Python,
    /// JavaScript, through componentize-js.
    Js,
    /// C, through wit-bindgen and clang.
    C,
}

// `parcae component new`.
#[derive(Debug, Group)]
pub(crate) struct New {
    /// Name of the component: lower case letters, digits and `_`.
    pub(crate) name: String,
    /// Language that it is written in.
    #[arg(long, value_enum)]
    pub(crate) lang: Language,
    /// Folder of the project, new or empty; one of the component's name when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

// `parcae component run`.
#[derive(Debug, Group)]
pub(crate) struct RunCase {
    /// The component, a .wasm file.
    pub(crate) wasm: PathBuf,
    /// The case (JSON): module, roles, inputs, parameters; case.json of a new project shows one.
    #[arg(long, value_name = "FILE")]
    pub(crate) case: PathBuf,
    /// Goes wrong on purpose: drop:N loses the N-th message, duplicate:N has it arrive twice, stop:N stops the job at
    /// it (N is 1 when absent); delay:MS holds every message back (100 ms when absent).
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Option<Fault>,
    /// How long a party waits for a message, seconds; 60 when absent, 5 with --fault drop.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) peer_seconds: Option<u64>,
    /// How long a party may run, seconds: a loop without end ends, and what it logged until then is shown.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) run_seconds: u64,
    /// Folder that keeps compiled code from one run to the next; `parcae` in the user's cache (~/.cache) when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Show log lines from this level up.
    #[arg(long, value_enum, default_value_t = LogLevel::Info)]
    pub(crate) level: LogLevel,
}
