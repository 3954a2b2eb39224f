//! The loop that owns a site: it takes jobs on, asks the scheduler, commits, and then acts. Not for: HTTP (`server`), wasm
//! (`runtime`), deciding (`scheduler`).
//!
//! `node` is the handle that others hold. `submit` takes jobs on; `mailbox` is the loop; `commit` writes what it decided;
//! `attempts` starts and stops attempts, each with a `world`; `restore` goes on after a restart; `queries` and
//! `products` answer.

mod attempts;
mod audit;
mod bell;
mod commit;
mod files;
mod mailbox;
mod node;
mod options;
mod plan;
mod products;
mod queries;
mod restore;
mod site;
mod submit;
pub mod view;
mod world;

pub use node::{Node, Parts};
pub use options::{Options, default_grants};
pub use view::NodeError;
