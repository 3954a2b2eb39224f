//! Tables on disk: a folder of immutable files of columnar pages, written once, checked whenever they are read. Not for:
//! names and owners of tables (`metadata`), limits (the node wraps the writer).

mod chunk;
mod dir;
mod error;
mod footer;
mod reader;
mod rows;
mod sink;
pub mod text;
mod writer;

pub use dir::{Removed, TableDir};
pub use error::TableError;
pub use reader::open_descriptor;
pub use rows::rows_as_text;

#[cfg(test)]
mod tests;
