//! What a module may do beyond the contract: asked for by its description, given by the node's configuration, decided by
//! one pure function. Not for: limits (`limit`).

use serde::{Deserialize, Serialize};

/// Something beyond the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// Read the one file that was uploaded with the job.
    UploadedFile,
    /// Open a table of its tenant by namespace and name.
    OpenTable,
    /// Make a table of its tenant by namespace and name.
    PublishTable,
    /// Put one file out on the site's disk, below a folder that the operator allows.
    ExportFile,
    /// The real wall clock; without it time stands still at the epoch.
    Clock,
    /// Randomness of the operating system; without it WASI's randomness is drawn from the attempt's seed.
    Randomness,
    /// A directory of the attempt's own for files that go when it ends.
    Scratch,
    /// Messages up to the limit `edge_bytes`; without it a module that did not come with the node has less.
    MessageVolume,
}

impl Grant {
    /// All that there are.
    pub const ALL: [Grant; 8] = [
        Grant::UploadedFile,
        Grant::OpenTable,
        Grant::PublishTable,
        Grant::ExportFile,
        Grant::Clock,
        Grant::Randomness,
        Grant::Scratch,
        Grant::MessageVolume,
    ];

    /// Its name, as descriptions and configurations have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Grant::UploadedFile => "uploaded-file",
            Grant::OpenTable => "open-table",
            Grant::PublishTable => "publish-table",
            Grant::ExportFile => "export-file",
            Grant::Clock => "clock",
            Grant::Randomness => "randomness",
            Grant::Scratch => "scratch",
            Grant::MessageVolume => "message-volume",
        }
    }
}

impl std::fmt::Display for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no grant's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no grant {0:?}; there are {all}", all = Grant::ALL.map(Grant::as_str).join(", "))]
pub struct UnknownGrant(String);

impl std::str::FromStr for Grant {
    type Err = UnknownGrant;

    fn from_str(name: &str) -> Result<Grant, UnknownGrant> {
        Grant::ALL.into_iter().find(|grant| grant.as_str() == name).ok_or_else(|| UnknownGrant(name.to_owned()))
    }
}

/// The grants in force for an attempt: what the description asks for *and* the node's configuration gives. Anything
/// asked for and not given is in `missing`, and the attempt does not start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// In force.
    pub granted: Vec<Grant>,
    /// Asked for, not given.
    pub missing: Vec<Grant>,
}

/// Decides what a module gets.
pub fn decide(asked: &[Grant], given: &[Grant]) -> Decision {
    let (granted, missing) = asked.iter().partition(|grant| given.contains(grant));
    Decision { granted, missing }
}
