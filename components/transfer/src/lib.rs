//! The components `Download` and `Writer`: the first writes a table to a file on the site's disk, the second copies a table
//! to another name. Not for: stores outside the node.

mod download;
mod layout;
mod text;
mod writer;

use parcae_sdk::{Component, Description, Result, Task, failed};

/// The component.
pub struct Transfer;

parcae_sdk::component!(Transfer);

impl Component for Transfer {
    fn description() -> Description {
        Description {
            name: "transfer".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Writes tables to files, and copies them.".into(),
            modules: vec![download::module(), writer::module()],
        }
    }

    fn run(module: &str, task: &Task) -> Result<()> {
        match module {
            download::NAME => download::run(task),
            writer::NAME => writer::run(task),
            other => Err(failed(format!("{}: this component has no module {other}", task.component))),
        }
    }
}
