//! The loop that owns a site: it takes jobs on, asks the scheduler, commits, and then acts. Not for: HTTP (`server`), wasm
//! (`runtime`), deciding (`scheduler`).
//!
//! `node` is the handle that others hold. `submit` takes jobs on; `mailbox` is the loop; `commit` writes what it decided;
//! `attempts` starts and stops attempts, each with a `world`; `saved` keeps what they trained, `deploy` makes it ready for
//! the jobs that `predict` prepares; `restore` goes on after a restart; `queries` and
//! `products` answer.

pub mod about;
mod archive;
mod attempts;
mod audit;
mod bell;
mod bind;
mod checkpointing;
mod checkpoints;
mod clean;
mod commit;
pub mod deploy;
mod export;
mod files;
mod given;
mod images;
mod inherit;
mod keys;
mod leftovers;
mod listing;
mod mailbox;
mod migrate;
pub mod model_info;
pub mod model_query;
mod node;
mod options;
mod origin;
mod plan;
mod policy;
mod predict;
mod products;
mod queries;
mod registry;
mod reports;
mod rerun;
mod restore;
mod saved;
mod serving;
pub mod signing;
mod site;
mod submit;
mod table_names;
mod tags;
mod transfer;
mod update;
mod validate;
mod versions;
pub mod view;
mod world;

pub use archive::{ImportRequest, Imported, MAX_ARCHIVE_BYTES, ModelArchive};
pub use bind::FileBinding;
pub use checkpoints::{CheckpointPartView, CheckpointView};
pub use clean::{Cleaned, CleanedTable, Leftovers};
pub use images::{ComponentImage, ModuleGrants};
pub use listing::{JobSearch, Page};
pub use migrate::{MigrateRequest, Migrated, Roles};
pub use node::{Node, Parts};
pub use options::{Options, default_grants};
pub use parcae_metadata::{Tag, TaggedModel};
pub use policy::ComponentsPolicy;
pub use registry::{Push, Pushed};
pub use reports::{DataView, TaskReport};
pub use rerun::Rerun;
pub use serving::ServableModel;
pub use table_names::ComponentTables;
pub use transfer::ExportRefused;
pub use update::UpdatedParameters;
pub use view::NodeError;
