//! FATE-Flow's HTTP API over the handle of a node: reads requests leniently, asks the node on threads that may block,
//! and answers in envelopes. It never answers with status 500 and never dies of a request. Not for: deciding anything
//! about jobs (`node`), the types of requests and answers (`api`).

mod access;
mod answer;
mod archive;
mod bind;
mod board;
mod body;
mod checkpoint;
mod component;
mod csv;
mod download;
mod drain;
mod few;
mod hosts;
mod image_body;
mod info;
mod job;
mod job_info;
mod key;
mod list;
mod log;
mod model;
mod model_archive;
mod model_form;
mod nonces;
mod not_offered;
mod provider;
mod query;
mod registry;
mod rerun;
mod resource;
mod router;
mod rows;
mod serve;
mod settings;
mod signature;
mod signed_body;
mod state;
mod strict;
mod table;
mod table_use;
mod tag;
mod template;
mod tracking;
mod transfer;
mod upload;
mod upload_conf;
mod upload_local;
mod words;

pub use parcae_api::signature::Secret;
pub use serve::serve;
pub use state::Options;
