//! Attempts in processes of their own: the second wall around strangers' components, and one that can be killed. The node
//! starts a worker, hands it the compiled image and a socket, and serves what it asks for; the worker runs the component
//! in the same sandbox that threads have. Every message of a worker is looked at as if the component had broken out of the
//! engine: the node answers out of a `State` of its own, so that each request passes the checks that an import passes.
//! Not for: the sandbox itself (`sandbox`, `state`, one file an interface).
//!
//! Node: `run` is one attempt, `workers` starts processes and keeps some waiting, `warden` watches over them, `served`
//! answers, `ending` finds words for how one ended. Worker: `worker` is its `main`, `remote` is the `World` that it sees.
//! Both: `request` and `reply` are the messages, made of `pieces` and `bytes`; `socket` carries them; `code` is the image.

mod bytes;
mod code;
pub mod confine;
mod ending;
#[cfg(target_os = "linux")]
mod filter;
mod inherited;
mod leash;
mod pieces;
mod read;
mod remote;
mod reply;
mod request;
mod rounds;
mod run;
mod served;
mod socket;
mod tables;
mod warden;
mod worker;
mod workers;

#[cfg(test)]
mod tests;

pub(crate) use code::Code;
pub(crate) use inherited::give_up;
pub use read::read_message;
pub(crate) use run::run;
pub use worker::{TableOpener, WORKER_COMMAND, worker_command};
pub(crate) use workers::Processes;
