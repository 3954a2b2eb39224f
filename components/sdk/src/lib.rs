//! What a component author writes against. Not for: anything of the node.
//!
#![doc = include_str!("../README.md")]

#[doc(hidden)]
#[allow(missing_docs, clippy::all, unsafe_code, reason = "made by wit-bindgen from wit/, where the documentation is")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "component",
        pub_export_macro: true,
        export_macro_name: "export_world",
        default_bindings_module: "parcae_sdk::bindings",
        additional_derives: [Clone, PartialEq],
    });
}

mod checkpoints;
mod contract;
mod export;
mod failure;
mod frame;
mod grant;
mod logging;
pub mod parameters;
mod party;
mod task;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

#[doc(inline)]
pub use bindings::parcae::component::descriptor::{Description, Module, Port, PortKind};
#[doc(inline)]
pub use bindings::parcae::component::types::{Error, Failure, FailureKind, LimitReached, Party, Role};
pub use checkpoints::Checkpoints;
pub use contract::{federation, he, metrics, models, psi, site, tables};
pub use export::Export;
pub use failure::{Result, failed, input_error};
pub use frame::{Column, Frame, PAGE_ROWS, Text, text_of, texts};
pub use grant::Grant;
pub use logging::{Level, log};
pub use task::Task;

/// An algorithm component: what it is, and one attempt of one of its modules.
pub trait Component {
    /// Says what the component is.
    fn description() -> Description;
    /// Runs one attempt of `module`, one of the names in the description.
    fn run(module: &str, task: &Task) -> Result<()>;
}

/// Exports a type that implements [`Component`] from this crate's wasm.
#[macro_export]
macro_rules! component {
    ($component:ty) => {
        #[cfg(target_arch = "wasm32")]
        mod exported {
            struct World;
            impl $crate::bindings::Guest for World {
                fn describe() -> $crate::Description {
                    <$component as $crate::Component>::description()
                }
                fn run(module: String) -> $crate::Result<()> {
                    <$component as $crate::Component>::run(&module, &$crate::Task::current())
                }
            }
            use super::*;
            $crate::bindings::export_world!(World with_types_in $crate::bindings);
        }
    };
}
