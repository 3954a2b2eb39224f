//! The walls around a worker process: what is left to it once it holds everything that it needs. A component that
//! breaks out of the engine finds a process that opens no file, reaches no network, starts nothing, makes no new code
//! and belongs to nobody's terminal. Not for: which calls of the kernel are left (`filter`), the sandbox inside
//! (`engine`).
//!
//! Called on the one thread that the process has, after its socket, its inputs, the image's compiled code and its
//! scratch folder are open and mapped: code that is loaded later would need executable pages, which nobody gets any
//! more.

use std::fmt;
use std::path::PathBuf;
use std::sync::Once;

/// Memory that the program itself may have beside what its attempt was given: threads' stacks, pages on their way,
/// bytes.
#[cfg(target_os = "linux")]
const OWN_BYTES: u64 = 512 << 20;

/// What a worker is left with.
#[derive(Clone, Debug)]
pub struct Confinement {
    /// Private memory for the attempt: linear memories, what is behind handles, and what crosses at a time; bytes.
    /// A backstop: the sandbox's own limits are to be reached first.
    pub memory_bytes: u64,
    /// Processor time of the whole process, seconds; none = as much as it likes.
    pub cpu_seconds: Option<u64>,
    /// Files that may be open at a time.
    pub open_files: u64,
    /// The only folder whose files it opens.
    pub scratch: Option<Scratch>,
}

/// A folder for files of the attempt's own.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// Where it is.
    pub folder: PathBuf,
    /// Largest file in it, bytes.
    pub file_bytes: u64,
}

/// How much of what Landlock is asked for the kernel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landlock {
    /// Files, network, signals and abstract sockets.
    Full,
    /// Files, but not all of the rest.
    Partial,
    /// Nothing.
    Missing,
}

/// Which walls stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confined {
    /// Files, and more.
    pub landlock: Landlock,
    /// Calls of the kernel.
    pub seccomp: bool,
}

impl Confined {
    /// As one byte, for the node.
    pub fn code(self) -> u8 {
        let landlock = match self.landlock {
            Landlock::Missing => 0,
            Landlock::Partial => 1,
            Landlock::Full => 2,
        };
        landlock | if self.seccomp { 4 } else { 0 }
    }

    /// What a byte says; none when it says nothing.
    pub fn from_code(code: u8) -> Option<Confined> {
        let landlock = match code & 3 {
            0 => Landlock::Missing,
            1 => Landlock::Partial,
            2 => Landlock::Full,
            _ => return None,
        };
        (code < 8).then_some(Confined { landlock, seccomp: code & 4 != 0 })
    }

    /// What the kernel does not do, with the cure; none when all walls stand.
    pub fn lacking(self) -> Option<&'static str> {
        match (self.landlock, self.seccomp) {
            (Landlock::Full, true) => None,
            (Landlock::Partial, true) => {
                Some("its landlock knows no network or no signals, which seccomp keeps closed instead; Linux 6.12 does")
            }
            (Landlock::Missing, true) => Some("it has no landlock: seccomp alone closes files; Linux 5.13 has it"),
            (Landlock::Missing, false) => Some(
                "it has neither landlock nor seccomp: a component that breaks out of the engine has all rights of the \
                 node; run the node on Linux 5.13 or newer, outside of containers that take them away",
            ),
            (_, false) => Some("it has no seccomp: a component that breaks out of the engine can still call all of it"),
        }
    }
}

impl fmt::Display for Confined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let landlock = match self.landlock {
            Landlock::Full => "full",
            Landlock::Partial => "partial",
            Landlock::Missing => "missing",
        };
        write!(f, "landlock {landlock}, seccomp {}", if self.seccomp { "on" } else { "missing" })
    }
}

/// Tells the node's log once which walls its workers stand behind; a warning when one is missing.
pub fn tell(confined: Confined) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| match confined.lacking() {
        None => tracing::info!("worker processes are confined: {confined}"),
        Some(lacking) => tracing::warn!("workers are confined as far as the kernel goes ({confined}): {lacking}"),
    });
}

#[cfg(target_os = "linux")]
pub use linux::confine;

/// Only Linux has the walls.
#[cfg(not(target_os = "linux"))]
pub fn confine(_wanted: &Confinement) -> Result<Confined, String> {
    Ok(Confined { landlock: Landlock::Missing, seccomp: false })
}

#[cfg(target_os = "linux")]
mod linux {
    //! The walls that Linux has.

    use ::landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetStatus, Scope,
    };
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, setsid};
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

    use super::{Confined, Confinement, Landlock, OWN_BYTES, Scratch};
    use crate::process::filter;

    /// The newest rights that are asked for; an older kernel does what it knows of them.
    const RIGHTS: ABI = ABI::V6;

    /// Puts up the walls around this process; there is no way back. Called on its only thread, before any code of a
    /// component runs. An error means that the process must not run one.
    pub fn confine(wanted: &Confinement) -> Result<Confined, String> {
        one_thread()?;
        // Where the machine runs out of memory, the kernel is to take this process and not the node.
        let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
        // Without a trace, which would look for files.
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
        // No terminal, and no signals that are meant for the node's group; an error says that it has its own already.
        let _ = setsid();
        let failed = |what: &'static str| move |e: rustix::io::Errno| format!("{what}: {e}");
        set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed("memory cannot be closed to debuggers"))?;
        limits(wanted)?;
        set_no_new_privs(true).map_err(failed("no_new_privs cannot be set"))?;
        let none = CapabilitySets {
            effective: CapabilitySet::empty(),
            permitted: CapabilitySet::empty(),
            inheritable: CapabilitySet::empty(),
        };
        set_capabilities(None, none).map_err(failed("capabilities cannot be dropped"))?;
        let landlock = files(wanted.scratch.as_ref())?;
        if landlock == Landlock::Missing && wanted.scratch.is_some() {
            return Err("a scratch folder needs landlock (Linux 5.13), which this kernel does not have".into());
        }
        let seccomp = filter::install(wanted.scratch.is_some())?;
        Ok(Confined { landlock, seccomp })
    }

    /// Landlock and dropped capabilities hold for the thread that asks, and for those that it starts later.
    fn one_thread() -> Result<(), String> {
        let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
        if threads > 1 {
            return Err(format!("{threads} threads run already; a worker is confined while it has one"));
        }
        Ok(())
    }

    /// Limits that the kernel keeps. Not the number of processes, which counts all of the user's, nor the address
    /// space, of which the engine reserves far more than it uses.
    fn limits(wanted: &Confinement) -> Result<(), String> {
        let file_bytes = wanted.scratch.as_ref().map_or(0, |scratch| scratch.file_bytes);
        let memory = wanted.memory_bytes.saturating_add(OWN_BYTES);
        let limits = [
            // Private memory that can be written; what is only reserved does not count.
            (Resource::Data, memory),
            (Resource::Core, 0),
            (Resource::Memlock, 0),
            (Resource::Msgqueue, 0),
            (Resource::Fsize, file_bytes),
            (Resource::Nofile, wanted.open_files),
        ];
        limits.into_iter().try_for_each(|(what, most)| at_most(what, most, most))?;
        // The node counts the same time and is to be first; at the first number comes SIGXCPU, at the second SIGKILL.
        let cpu = wanted.cpu_seconds.map(|seconds| (seconds.saturating_add(2), seconds.saturating_add(4)));
        cpu.map_or(Ok(()), |(soft, hard)| at_most(Resource::Cpu, soft, hard))
    }

    fn at_most(what: Resource, soft: u64, hard: u64) -> Result<(), String> {
        let highest = getrlimit(what).maximum;
        let within = |number: u64| Some(highest.map_or(number, |highest| highest.min(number)));
        let limit = Rlimit { current: within(soft), maximum: within(hard) };
        setrlimit(what, limit).map_err(|e| format!("the limit {what:?} cannot be set to {soft}: {e}"))
    }

    fn files(scratch: Option<&Scratch>) -> Result<Landlock, String> {
        let status = restrict(scratch).map_err(|e| format!("landlock: {e}"))?;
        Ok(if status.ruleset == RulesetStatus::FullyEnforced {
            Landlock::Full
        } else if status.ruleset == RulesetStatus::PartiallyEnforced {
            Landlock::Partial
        } else {
            Landlock::Missing
        })
    }

    fn restrict(scratch: Option<&Scratch>) -> Result<RestrictionStatus, Box<dyn std::error::Error>> {
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(RIGHTS))?
            .handle_access(AccessNet::from_all(RIGHTS))?
            .scope(Scope::from_all(RIGHTS))?
            .create()?;
        if let Some(scratch) = scratch {
            let read = AccessFs::ReadFile | AccessFs::ReadDir;
            let change = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::Refer;
            let make = AccessFs::MakeReg | AccessFs::MakeDir | AccessFs::RemoveFile | AccessFs::RemoveDir;
            rules = rules.add_rule(PathBeneath::new(PathFd::new(&scratch.folder)?, read | change | make))?;
        }
        Ok(rules.restrict_self()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_are_told_in_a_byte() {
        for landlock in [Landlock::Full, Landlock::Partial, Landlock::Missing] {
            for seccomp in [true, false] {
                let confined = Confined { landlock, seccomp };
                assert_eq!(Confined::from_code(confined.code()), Some(confined));
                assert_eq!(confined.lacking().is_none(), landlock == Landlock::Full && seccomp, "{confined}");
            }
        }
        let unknown: Vec<u8> = (0..=u8::MAX).filter(|code| Confined::from_code(*code).is_none()).collect();
        assert_eq!(unknown.len(), 250, "six bytes mean something");
    }
}
