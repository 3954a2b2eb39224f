//! The nouns of Parcae (ids, parties, statuses, pages, descriptions, limits) and the ports through which its parts
//! meet. Not for: I/O, async, HTTP, SQL, wasm. Everything here is plain data and a few pure functions.

pub mod attempt;
pub mod defaults;
pub mod descriptor;
pub mod draws;
pub mod grant;
pub mod id;
pub mod image;
pub mod isolation;
pub mod limit;
pub mod limit_sources;
pub mod outcome;
pub mod page;
pub mod party;
pub mod pool;
pub mod port;
pub mod price;
pub mod quota;
pub mod schema;
pub mod status;
pub mod tenant;
pub mod text;
pub mod usage;
