//! What stands between an attempt and the node beside its sandbox: nothing more, or a process of its own. Not for: how
//! either runs (`runtime`).

use serde::{Deserialize, Serialize};

use crate::image::Origin;

/// Where an attempt runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// On a thread of the node: the sandbox is the only wall.
    #[default]
    Thread,
    /// In a process of its own, which may do next to nothing: a second wall, and one that can be killed.
    Process,
}

impl Isolation {
    /// Its name, as configurations and reports have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Isolation::Thread => "thread",
            Isolation::Process => "process",
        }
    }
}

impl std::fmt::Display for Isolation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a node chooses between the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IsolationPolicy {
    /// Components that came with the program run on threads, all others in processes.
    #[default]
    Auto,
    /// All run on threads.
    Thread,
    /// All run in processes.
    Process,
}

impl IsolationPolicy {
    /// Where components from there run.
    pub fn of(self, origin: Origin) -> Isolation {
        match self {
            IsolationPolicy::Thread => Isolation::Thread,
            IsolationPolicy::Process => Isolation::Process,
            IsolationPolicy::Auto if origin == Origin::BuiltIn => Isolation::Thread,
            IsolationPolicy::Auto => Isolation::Process,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_get_a_second_wall() {
        let of = |policy: IsolationPolicy| [Origin::BuiltIn, Origin::Folder, Origin::Pushed].map(|o| policy.of(o));
        assert_eq!(of(IsolationPolicy::Auto), [Isolation::Thread, Isolation::Process, Isolation::Process]);
        assert_eq!(of(IsolationPolicy::Thread), [Isolation::Thread; 3]);
        assert_eq!(of(IsolationPolicy::Process), [Isolation::Process; 3]);
    }
}
