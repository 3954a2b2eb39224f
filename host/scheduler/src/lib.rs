//! Decides what happens to jobs: an event and a time go in (`Core::on`), changes to store and actions to carry out come
//! out. Not for: storing, starting, waiting, reading a clock or drawing a random number; the node does these.

mod admission;
mod check;
mod decision;
mod event;
mod job;
mod queue;
mod reactor;
mod rerun;
mod room;
mod share;
mod spec;
mod task;

pub use decision::{Action, Change, Decision, JobChange, LogLine, PartyTaskChange, TaskChange};
pub use event::Event;
pub use reactor::Core;
pub use rerun::rerun_choice;
pub use share::{Shares, TenantShare};
pub use spec::{JobSpec, JobState, PartyState, TaskSpec, TaskState};
