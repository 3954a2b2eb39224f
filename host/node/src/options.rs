//! How a node is set up. Not for: reading a configuration file (`cli`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use parcae_domain::{grant::Grant, limit::Limits};

use crate::policy::ComponentsPolicy;

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of everything that the node keeps.
    pub data: PathBuf,
    /// Cores that jobs may use.
    pub cores: u32,
    /// Limits of every attempt.
    pub limits: Limits,
    /// Folder below which modules that may put files out on the disk do so, beside `local` in the data folder.
    pub export_folder: Option<PathBuf>,
    /// What modules may do beyond the contract, by module; a description that asks for more is refused.
    /// Those of pushed images are not given here, but by their digest.
    pub grants: BTreeMap<String, Vec<Grant>>,
    /// Which images may be pushed.
    pub policy: ComponentsPolicy,
}

impl Options {
    /// A node in a folder, with defaults: all cores, and the grants that loading, reading, copying and putting out tables need.
    pub fn new(data: impl Into<PathBuf>) -> Options {
        let cores = std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX));
        Options {
            data: data.into(),
            cores,
            limits: Limits::default(),
            export_folder: None,
            grants: default_grants(),
            policy: ComponentsPolicy::default(),
        }
    }
}

/// What a node gives unless its configuration says otherwise.
pub fn default_grants() -> BTreeMap<String, Vec<Grant>> {
    BTreeMap::from([
        ("Upload".to_owned(), vec![Grant::UploadedFile, Grant::PublishTable]),
        ("Reader".to_owned(), vec![Grant::OpenTable]),
        ("Download".to_owned(), vec![Grant::OpenTable, Grant::ExportFile]),
        ("Writer".to_owned(), vec![Grant::OpenTable, Grant::PublishTable]),
    ])
}
