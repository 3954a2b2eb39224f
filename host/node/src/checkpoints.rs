//! Answers about checkpoints of models. Not for: saving them (`world`), making a model of one (`deploy`).

use parcae_domain::{party::Party, port::ModelPart};
use parcae_metadata::Checkpoint;
use sha1::{Digest, Sha1};

use crate::archive::{hexadecimal, model_key};
use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// A checkpoint of a component.
#[derive(Clone, Debug)]
pub struct CheckpointView {
    /// Which step.
    pub step_index: u32,
    /// Its name.
    pub step_name: String,
    /// When it was saved, UTC, as Python's `isoformat` has it.
    pub created: String,
    /// Its parts.
    pub parts: Vec<CheckpointPartView>,
}

/// A part of a checkpoint.
#[derive(Clone, Debug)]
pub struct CheckpointPartView {
    /// `HeteroLogisticRegressionParam`.
    pub name: String,
    /// What it holds: the bytes that the component saved, or, where it saved none, its JSON.
    pub content: Vec<u8>,
    /// SHA-1 of that.
    pub sha1: String,
}

impl Tenant<'_> {
    /// Checkpoints of a component at a party, in the order of their steps; none of a model that is not there.
    pub fn checkpoints(
        &self,
        party: Party,
        model_id: &str,
        model_version: &str,
        component: &str,
    ) -> Result<Vec<CheckpointView>, NodeError> {
        let key = model_key(self.id(), party, model_id, model_version);
        let found = self.site.store.checkpoints(&key, Some(component)).map_err(store)?;
        Ok(found.into_iter().map(view).collect())
    }
}

fn view(checkpoint: Checkpoint) -> CheckpointView {
    CheckpointView {
        step_index: checkpoint.step_index,
        step_name: checkpoint.step_name,
        created: iso_utc(checkpoint.created_ms),
        parts: checkpoint.parts.into_iter().map(part).collect(),
    }
}

fn part(part: ModelPart) -> CheckpointPartView {
    let content = if part.bytes.is_empty() { part.json.into_bytes() } else { part.bytes };
    CheckpointPartView { name: part.name, sha1: sha1(&content), content }
}

/// SHA-1 as hexadecimal digits; FATE names checkpoints' parts by it.
pub(crate) fn sha1(bytes: &[u8]) -> String {
    hexadecimal(&Sha1::digest(bytes))
}

/// A time as `2026-11-21T14:40:30.296000`.
pub(crate) fn iso_utc(ms: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_digests_are_pythons() {
        assert_eq!(iso_utc(1_795_300_830_296), "2026-11-21T22:40:30.296000");
        assert_eq!(sha1(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
