//! What a job in a native test came to, party by party. Not for: running it (`job`).

use std::collections::BTreeMap;
use std::mem;

use serde_json::Value;

use super::world::World;
use crate::{Failure, Frame, Level, Party, Result, Role, metrics::Point, models::Part};

/// What a job came to.
#[derive(Debug)]
pub struct Outcome {
    /// The parties in the order of the job: guests, hosts, arbiters.
    pub parties: Vec<PartyOutcome>,
    /// Messages from one party to another; edges without any are left out.
    pub edges: Vec<Edge>,
}

/// What one party's attempt came to. Of an attempt that failed there are logs, metrics and checkpoints only, as on a
/// node.
#[derive(Debug)]
pub struct PartyOutcome {
    /// The party.
    pub party: Party,
    /// What `run` returned; a panic is a failure, too.
    pub result: Result<()>,
    /// Tables on output ports.
    pub outputs: BTreeMap<String, Frame>,
    /// Tables of the tenant that it made, by namespace and name.
    pub published: BTreeMap<(String, String), Frame>,
    /// Saved models by output port.
    pub models: BTreeMap<String, Vec<Part>>,
    /// Checkpoints, by port and step.
    pub checkpoints: Vec<Checkpoint>,
    /// Series of metrics by namespace and name.
    pub metrics: BTreeMap<(String, String), Series>,
    /// The summary; null without one.
    pub summary: Value,
    /// The last progress: done, of, what.
    pub progress: Option<(u64, u64, String)>,
    /// Lines of the log.
    pub log: Vec<(Level, String)>,
    /// The file that it put out.
    pub exported: Option<Exported>,
}

/// A series of metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Its type, such as `LOSS`; empty when it was not described.
    pub metric_type: String,
    /// What its description says beside the type.
    pub extra: Value,
    /// Its points.
    pub points: Vec<Point>,
}

/// A model as it was after a step of its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The output port.
    pub port: String,
    /// The step as a number.
    pub step_index: u32,
    /// The step in words.
    pub step_name: String,
    /// The model.
    pub parts: Vec<Part>,
}

/// A file that was put out.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// Where.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Messages from one party to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Who sent them.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// How many.
    pub messages: u64,
    /// Their bytes, about what they would have on the wire.
    pub bytes: u64,
}

impl Outcome {
    /// The same, when all parties succeeded.
    ///
    /// # Panics
    /// Names every party that failed, and why.
    #[track_caller]
    pub fn succeeded(self) -> Outcome {
        let failures = self.failures();
        assert!(failures.is_empty(), "the job failed:\n  {}", failures.join("\n  "));
        self
    }

    /// Parties that failed, each with its message: `host 10000: ...`.
    pub fn failures(&self) -> Vec<String> {
        let failed = |one: &PartyOutcome| one.failure().map(|failure| format!("{}: {}", one.party, failure.message));
        self.parties.iter().filter_map(failed).collect()
    }

    /// What one party came to.
    ///
    /// # Panics
    /// When the job has no such party.
    #[track_caller]
    pub fn of(&self, role: Role, id: u64) -> &PartyOutcome {
        let party = Party { role, id };
        let Some(found) = self.parties.iter().find(|one| one.party == party) else { panic!("the job has no {party}") };
        found
    }

    /// What the guest came to.
    ///
    /// # Panics
    /// When the job has no guest.
    #[track_caller]
    pub fn guest(&self) -> &PartyOutcome {
        let is_guest = |one: &&PartyOutcome| one.party.role == Role::Guest;
        let Some(found) = self.parties.iter().find(is_guest) else { panic!("the job has no guest") };
        found
    }

    /// Messages from one party to another.
    pub fn messages(&self, from: Party, to: Party) -> u64 {
        self.edges.iter().find(|edge| edge.from == from && edge.to == to).map_or(0, |edge| edge.messages)
    }
}

impl PartyOutcome {
    /// Of a party whose attempt ended, or did not begin.
    pub(super) fn of(party: Party, result: Result<()>, world: Option<&World>) -> PartyOutcome {
        let kept = world.map(|world| mem::take(&mut *world.kept())).unwrap_or_default();
        let mut outcome = PartyOutcome {
            party,
            result,
            outputs: kept.outputs.into_iter().map(|(port, stored)| (port, stored.frame())).collect(),
            published: kept.published.into_iter().map(|(name, stored)| (name, stored.frame())).collect(),
            models: kept.models,
            checkpoints: kept.checkpoints.into_values().collect(),
            metrics: kept.series,
            summary: kept.summary,
            progress: kept.progress,
            log: kept.log,
            exported: kept.exported,
        };
        if outcome.result.is_err() {
            outcome.outputs.clear();
            outcome.published.clear();
            outcome.models.clear();
            outcome.exported = None;
        }
        outcome
    }

    /// Why it failed; none when it succeeded.
    pub fn failure(&self) -> Option<&Failure> {
        self.result.as_ref().err()
    }

    /// The table on an output port.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn output(&self, port: &str) -> &Frame {
        let Some(found) = self.outputs.get(port) else {
            panic!("{} made no table on output {port}: {:?}", self.party, self.result)
        };
        found
    }

    /// A series of metrics.
    ///
    /// # Panics
    /// When there is no such series.
    #[track_caller]
    pub fn metric(&self, namespace: &str, name: &str) -> &Series {
        let Some(found) = self.metrics.get(&(namespace.to_owned(), name.to_owned())) else {
            panic!("{} has no metric {namespace}.{name}: {:?}", self.party, self.result)
        };
        found
    }

    /// True when a line of the log contains a text.
    pub fn logged(&self, text: &str) -> bool {
        self.log.iter().any(|(_, line)| line.contains(text))
    }
}
