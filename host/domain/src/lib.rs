//! The nouns of Parcae (ids, parties, statuses, pages, descriptions, limits) and the ports through which its parts
//! meet. Not for: I/O, async, HTTP, SQL, wasm. Everything here is plain data and a few pure functions.

pub mod attempt;
pub mod descriptor;
pub mod grant;
pub mod id;
pub mod image;
pub mod limit;
pub mod outcome;
pub mod page;
pub mod party;
pub mod port;
pub mod schema;
pub mod status;
