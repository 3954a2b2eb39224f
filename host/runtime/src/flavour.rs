//! Flavours of engines: what code is made for. Each flavour has compiled code of its own. Not for: settings that are the
//! same in all of them (`engine`).

use parcae_domain::attempt::{Attempt, Isolation};

/// What code is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flavour {
    /// On a thread code asks now and then whether it is to stop; in a process of its own, which can be killed, it does
    /// not, and is faster.
    pub(crate) isolation: Isolation,
    /// Results that may be any NaN are always the same one.
    pub(crate) deterministic: bool,
}

impl Flavour {
    /// What components describe themselves in, and most run in.
    pub(crate) const THREAD: Flavour = Flavour { isolation: Isolation::Thread, deterministic: false };
    /// What strangers' components run in.
    pub(crate) const PROCESS: Flavour = Flavour { isolation: Isolation::Process, deterministic: false };
    /// All, each in its place (see `place`).
    pub(crate) const ALL: [Flavour; 4] = [
        Flavour::THREAD,
        Flavour::PROCESS,
        Flavour { isolation: Isolation::Thread, deterministic: true },
        Flavour { isolation: Isolation::Process, deterministic: true },
    ];

    /// The one that an attempt runs in.
    pub(crate) fn of(attempt: &Attempt) -> Flavour {
        Flavour { isolation: attempt.isolation, deterministic: attempt.deterministic }
    }

    /// Where it stands in `ALL`.
    pub(crate) fn place(self) -> usize {
        usize::from(self.isolation == Isolation::Process) + 2 * usize::from(self.deterministic)
    }

    /// Its name, as the compiler is told it.
    pub(crate) fn name(self) -> &'static str {
        ["thread", "process", "thread-deterministic", "process-deterministic"][self.place()]
    }

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Flavour> {
        Flavour::ALL.into_iter().find(|flavour| flavour.name() == name)
    }

    /// Under which name the cache keeps the code of an image.
    pub(crate) fn key(self, digest: &str) -> String {
        if self == Flavour::THREAD { digest.to_owned() } else { format!("{digest}-{}", self.name()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flavour_has_its_place_its_name_and_its_code() {
        for (place, flavour) in Flavour::ALL.into_iter().enumerate() {
            assert_eq!((flavour.place(), Flavour::named(flavour.name())), (place, Some(flavour)));
        }
        assert_eq!(Flavour::named("threads"), None);
        let mut keys = Flavour::ALL.map(|flavour| flavour.key("abc")).to_vec();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 4);
    }
}
