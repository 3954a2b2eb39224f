//! What is wrong with a submission: where, what was expected, what was found, how to mend it; and the list that collects
//! all of it. Not for: finding faults (the readers do).

use std::{
    collections::HashSet,
    fmt::{self, Write as _},
};

use serde::{Deserialize, Serialize};

use crate::nearest::suggest;

/// Most faults that are listed; more are counted.
const MAX_FAULTS: usize = 500;

/// One thing that is wrong. Displays as `component: key: message; hint`, always on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fault {
    /// The component that it is about, if it is about one.
    pub component: Option<String>,
    /// Path in the conf (`component_parameters.common.hetero_lr_0.max_iter`) or in the DSL (`components.reader_0.module`).
    pub key: String,
    /// What was expected and what was found.
    pub message: String,
    /// How to mend it: the nearest known name, or the known names.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault without a hint.
    pub fn new(component: Option<&str>, key: impl Into<String>, message: impl Into<String>) -> Fault {
        Fault { component: component.map(str::to_owned), key: key.into(), message: message.into(), hint: None }
    }

    /// The same fault with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Fault {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if let Some(component) = &self.component {
            write!(text, "{component}: ")?;
        }
        write!(text, "{}: {}", self.key, self.message)?;
        if let Some(hint) = &self.hint {
            write!(text, "; {hint}")?;
        }
        // Keys come from outside: a line end in one of them must not look like another fault.
        for c in text.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Everything that is wrong with a submission; never empty. Displays as numbered lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", numbered(.list))]
pub struct Faults {
    /// The faults, in the order in which the documents are read.
    pub list: Vec<Fault>,
}

fn numbered(list: &[Fault]) -> String {
    let lines: Vec<String> = list.iter().enumerate().map(|(i, fault)| format!("{}. {fault}", i + 1)).collect();
    lines.join("\n")
}

/// Collects faults and warnings while a submission is read; each is kept once.
#[derive(Default)]
pub(crate) struct Collector {
    list: Vec<Fault>,
    seen: HashSet<Fault>,
    more: usize,
    warnings: Vec<String>,
    warned: HashSet<String>,
}

impl Collector {
    /// Keeps a fault.
    pub(crate) fn push(&mut self, fault: Fault) {
        if self.list.len() >= MAX_FAULTS {
            self.more += 1;
        } else if self.seen.insert(fault.clone()) {
            self.list.push(fault);
        }
    }

    /// Keeps a fault without a hint.
    pub(crate) fn add(&mut self, component: Option<&str>, key: impl Into<String>, message: impl Into<String>) {
        self.push(Fault::new(component, key, message));
    }

    /// Keeps a fault about a name that is not among `known`, and hints at the nearest of them.
    pub(crate) fn unknown<'k>(&mut self, fault: Fault, name: &str, known: impl IntoIterator<Item = &'k str>) {
        // Distances cost more than anything else here: none for faults that are not listed anyway.
        let hint = if self.list.len() < MAX_FAULTS { suggest(name, known) } else { None };
        self.push(fault.hint(hint));
    }

    /// Keeps a warning.
    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        let text = text.into();
        if self.warnings.len() < MAX_FAULTS && self.warned.insert(text.clone()) {
            self.warnings.push(text);
        }
    }

    /// How many faults there are by now.
    pub(crate) fn count(&self) -> usize {
        self.list.len() + self.more
    }

    /// The faults.
    pub(crate) fn into_faults(mut self) -> Faults {
        if self.more > 0 {
            self.list.push(Fault::new(None, "more", format!("{} more faults are not listed", self.more)));
        }
        Faults { list: self.list }
    }

    /// The warnings, or the faults if there are any.
    pub(crate) fn finish(self) -> Result<Vec<String>, Faults> {
        if self.count() > 0 { Err(self.into_faults()) } else { Ok(self.warnings) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Collector, Fault, Faults, MAX_FAULTS};

    #[test]
    fn faults_are_numbered_lines() {
        let faults = Faults {
            list: vec![
                Fault::new(None, "role", "missing"),
                Fault::new(Some("a_0"), "components.a_0.mod\nule", "unknown").hint("did you mean \"A\"?".to_owned()),
            ],
        };
        assert_eq!(
            faults.to_string(),
            "1. role: missing\n2. a_0: components.a_0.mod\\nule: unknown; did you mean \"A\"?"
        );
    }

    #[test]
    fn equal_faults_are_kept_once_and_too_many_are_counted() {
        let mut faults = Collector::default();
        for i in 0..MAX_FAULTS + 3 {
            faults.add(None, format!("k{i}"), "m");
            faults.add(None, "k0", "m");
        }
        let list = faults.into_faults().list;
        assert_eq!(list.len(), MAX_FAULTS + 1);
        assert_eq!(list.iter().filter(|f| f.key == "k0").count(), 1);
        assert!(list[MAX_FAULTS].message.contains("more faults"));
    }
}
