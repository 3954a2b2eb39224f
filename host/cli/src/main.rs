//! The binary `parcae`. Not for: anything but handing over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    parcae_cli::run()
}
