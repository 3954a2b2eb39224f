//! FATE-Flow's HTTP API over the handle of a node: reads requests leniently, asks the node on threads that may block,
//! and answers in envelopes. It never answers with status 500 and never dies of a request. Not for: deciding anything
//! about jobs (`node`), the types of requests and answers (`api`).

mod access;
mod answer;
mod archive;
mod body;
mod csv;
mod download;
mod info;
mod job;
mod list;
mod log;
mod query;
mod router;
mod rows;
mod serve;
mod state;
mod table;
mod tracking;
mod upload;
mod upload_conf;
mod upload_local;

pub use router::router;
pub use serve::serve;
pub use state::Options;
