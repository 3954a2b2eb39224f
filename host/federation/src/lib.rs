//! Carries messages between the parties of a task. Here: `loopback`, for parties on one node. Not for: what the messages
//! mean (components), who may send (`runtime`).

mod loopback;

pub use loopback::Loopback;
