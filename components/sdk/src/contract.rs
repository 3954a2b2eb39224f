//! The interfaces of the contract as modules. In a component they are calls of the node; on any other target the world
//! of a native test answers them. Not for: types that need no interface ([`crate::Party`], [`crate::Error`]).

/// Tables on the module's input and output ports, page by page; [`Frame`](crate::Frame) is easier where a table fits
/// into memory.
pub mod tables {
    #[doc(inline)]
    pub use crate::bindings::parcae::component::tables::{
        Column, ColumnDefinition, DataType, Meaning, Page, Schema, Texts, Values,
    };
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::tables::{Table, Writer, create, forward, input};
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::tables::{Table, Writer, create, forward, input};
}

/// Messages between the attempts of one task.
pub mod federation {
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::federation::{
        pull, pull_encrypted, pull_key, pull_page, push, push_encrypted, push_key, push_page,
    };
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::federation::{
        pull, pull_encrypted, pull_key, pull_page, push, push_encrypted, push_key, push_page,
    };
}

/// Models on the module's ports.
pub mod models {
    #[doc(inline)]
    pub use crate::bindings::parcae::component::models::{Model, Part};
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::models::{load, save, save_checkpoint};
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::models::{load, save, save_checkpoint};
}

/// Numbers and curves for the people who watch.
pub mod metrics {
    #[doc(inline)]
    pub use crate::bindings::parcae::component::metrics::{Point, Scalar};
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::metrics::{append, describe, progress, summary};
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::metrics::{append, describe, progress, summary};
}

/// What a module may do beyond its ports, each call under a [`Grant`](crate::Grant).
pub mod site {
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::site::{
        export_begin, export_write, open_output, open_table, publish_table, uploaded_read, uploaded_size,
    };
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::site::{
        export_begin, export_write, open_output, open_table, publish_table, uploaded_read, uploaded_size,
    };
}

/// Additively homomorphic encryption of vectors of numbers, by handles: the node computes. In native tests plain
/// numbers stand behind the handles, and nothing is encrypted.
pub mod he {
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::he::{Encrypted, KeyPair, PublicKey};
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::he::{Encrypted, KeyPair, PublicKey};
}

/// Private set intersection: ids are blinded so that two parties can compare them without seeing each other's. In
/// native tests a plain digest stands for each id, and nothing is private.
pub mod psi {
    #[cfg(target_arch = "wasm32")]
    pub use crate::bindings::parcae::component::psi::{Blinder, RsaBlinder, RsaSigner};
    #[doc(inline)]
    pub use crate::bindings::parcae::component::psi::{Group, IdHash, Tokens};
    #[cfg(not(target_arch = "wasm32"))]
    #[doc(inline)]
    pub use crate::testing::psi::{Blinder, RsaBlinder, RsaSigner};
}
