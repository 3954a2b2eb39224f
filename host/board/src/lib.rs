//! The board's pages: functions from what a node shows to markup, with charts and graphs as SVG, the style sheet and a few
//! scripts. Everything is there without script, except what moves. Not for: asking the node, HTTP (`server`).
//!
//! `view` is what all pages know of who looks and how; `layout` is what stands around each; `parts` are the pieces that
//! they share; `chart` draws. Each page has a module of its own.

pub mod assets;
pub mod chart;
pub mod compare;
pub mod components;
pub mod data;
pub mod entry;
pub mod format;
pub mod grid;
pub mod job;
pub mod layout;
pub mod lists;
pub mod log;
pub mod models;
pub mod outputs;
pub mod parts;
pub mod report;
pub mod schema;
pub mod site;
pub mod submit;
pub mod task;
pub mod tree;
pub mod upload;
pub mod view;

pub use layout::Frame;
pub use maud::Markup;
pub use view::{Lang, Theme, View, Who};
