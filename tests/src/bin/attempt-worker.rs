//! What `parcae` is to a node whose tests run in another program: compiles images, runs attempts. Not for: anything else.

use std::process::ExitCode;

use parcae_runtime::{COMPILE_COMMAND, WORKER_COMMAND, compile_command, worker_command};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();
    let ended = match command.as_str() {
        COMPILE_COMMAND => compile_command(&arguments),
        WORKER_COMMAND => worker_command(&arguments, parcae_tables::open_descriptor),
        other => Err(format!("{other:?} is neither {COMPILE_COMMAND} nor {WORKER_COMMAND}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
