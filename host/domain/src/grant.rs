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
    /// The real wall clock; without it time stands still at the epoch.
    Clock,
    /// Randomness of the operating system; without it WASI's randomness is drawn from the attempt's seed.
    Randomness,
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
