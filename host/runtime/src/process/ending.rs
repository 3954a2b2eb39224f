//! Words for how an attempt in a process ended. Not for: deciding that it does (`run`, `warden`).

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use parcae_domain::{
    attempt::Attempt,
    limit::{Limits, NodeLimits},
    outcome::Outcome,
    text::printable,
};

use crate::tenants::TENANT_MEMORY;

/// Longest text of a worker, characters.
const TEXT: usize = 16_000;

/// Signals by their numbers, which are the same on all processors that the node is built for.
const KILL: i32 = 9;
const XCPU: i32 = 24;
const SYS: i32 = 31;
const NAMES: [(i32, &str); 8] = [
    (4, "SIGILL"),
    (5, "SIGTRAP"),
    (6, "SIGABRT"),
    (7, "SIGBUS"),
    (8, "SIGFPE"),
    (11, "SIGSEGV"),
    (15, "SIGTERM"),
    (25, "SIGXFSZ"),
];

/// The outcome of a worker that died without having told how its component ended.
pub(super) fn of_death(status: Option<ExitStatus>, said: &str, attempt: &Attempt) -> Outcome {
    let Some(status) = status else { return of_breach("that it hears nothing any more") };
    match status.signal() {
        None => trapped(&format!("its process ended by itself ({status})"), said),
        Some(KILL) => {
            let why = "its process was killed, and not by this node: perhaps the machine had no memory left";
            trapped(why, said)
        }
        Some(XCPU) => {
            let message = format!("{} s of processor time are allowed", attempt.limits.cpu_seconds);
            Outcome::Limit { limit: "cpu_seconds".into(), message }
        }
        Some(SYS) => Outcome::Denied {
            message: "its process made a system call that no component can need, and was ended by the kernel".into(),
        },
        Some(number) => {
            let named = NAMES.into_iter().find(|(signal, _)| *signal == number);
            let name = named.map_or_else(|| format!("signal {number}"), |(_, name)| name.to_owned());
            trapped(&format!("its process died of {name}"), said)
        }
    }
}

fn trapped(what: &str, said: &str) -> Outcome {
    let said = printable(said, TEXT);
    Outcome::Trapped { message: if said.is_empty() { what.to_owned() } else { format!("{what}: {said}") } }
}

/// The outcome of a worker that did what no component can do.
pub(super) fn of_breach(what: &str) -> Outcome {
    let what = printable(what, 400);
    trapped(&format!("its process said or did what no component can make it say or do ({what}), and was killed"), "")
}

/// What a worker said, as one line of the node's own log.
pub(super) fn line(said: &str) -> String {
    printable(said, TEXT).replace(['\n', '\t'], " | ")
}

/// True for a limit that there is: its name becomes part of the node's figures.
fn is_limit(name: &str) -> bool {
    name == TENANT_MEMORY || Limits::ALL.iter().chain(NodeLimits::ALL).any(|limit| limit.name == name)
}

/// An outcome that a worker tells, without anything that people should not see or only the node decides.
pub(super) fn told(outcome: Outcome) -> Outcome {
    let tame = |text: String| printable(&text, TEXT);
    match outcome {
        Outcome::Success => Outcome::Success,
        Outcome::Failed { kind, message } => Outcome::Failed { kind, message: tame(message) },
        Outcome::Trapped { message } => Outcome::Trapped { message: tame(message) },
        Outcome::Limit { limit, message } if is_limit(&limit) => Outcome::Limit { limit, message: tame(message) },
        Outcome::Limit { .. } => of_breach("a limit that does not exist"),
        Outcome::Denied { message } => Outcome::Denied { message: tame(message) },
        Outcome::Node { message } => Outcome::Node { message: tame(message) },
        Outcome::Deadline { .. } | Outcome::Canceled => of_breach("that it was stopped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_tells_is_tamed() {
        let told = told(Outcome::Trapped { message: format!("\u{1b}[31m{}", "x".repeat(100_000)) });
        let Outcome::Trapped { message } = told else { panic!("{told:?}") };
        assert!(message.len() < 20_000 && !message.contains('\u{1b}'));
        assert_eq!(super::told(Outcome::Canceled), of_breach("that it was stopped"));
        assert_eq!(super::told(Outcome::Success), Outcome::Success);
        let limit = |name: &str| Outcome::Limit { limit: name.into(), message: "m".into() };
        assert_eq!(super::told(limit("memory_bytes")), limit("memory_bytes"));
        assert_eq!(super::told(limit("of its own")), of_breach("a limit that does not exist"));
        assert_eq!(line("one\ntwo\u{1b}"), "one | two\u{fffd}");
    }
}
