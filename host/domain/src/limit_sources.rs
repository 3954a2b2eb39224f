//! Who lowers a limit: the node says what is most, and tenant, component and job may each say less. The smallest number
//! wins, whoever says it. Not for: what limits there are (`limit`), where what they say is kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limit::{LimitInfo, Limits, Per};

/// Who said the number that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Nobody: it is the one that every node begins with.
    Default,
    /// The node's configuration.
    Node,
    /// The tenant's account.
    Tenant,
    /// The node's configuration, for this component.
    Component,
    /// The job itself.
    Job,
}

impl Source {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Default => "default",
            Source::Node => "node",
            Source::Tenant => "tenant",
            Source::Component => "component",
            Source::Job => "job",
        }
    }
}

/// Some limits by name, as somebody wants them. Names that are not known are ignored where they come from a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LimitSet(BTreeMap<String, u64>);

/// Why some limits cannot be wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitFault {
    /// The whole is not what it must be.
    #[error("expected an object of names and numbers")]
    Form,
    /// No such limit, or one that only the whole node has.
    #[error("{0}: no such limit")]
    Unknown(String),
    /// Not a number of a limit: its name, and what stands there.
    #[error("{0}: expected a whole number above 0, found {1}")]
    Number(String, String),
}

impl LimitSet {
    /// Takes limits from JSON: an object of names and whole numbers above 0; null stands for none of them. All faults at
    /// once otherwise.
    pub fn read(value: &Value) -> Result<LimitSet, Vec<LimitFault>> {
        let none = serde_json::Map::new();
        let given = match value {
            Value::Null => &none,
            Value::Object(given) => given,
            _ => return Err(vec![LimitFault::Form]),
        };
        let (mut set, mut faults) = (LimitSet::default(), Vec::new());
        for (name, number) in given {
            match number.as_u64().filter(|number| *number > 0) {
                _ if !LimitSet::names().any(|known| known == name) => faults.push(LimitFault::Unknown(name.clone())),
                Some(number) => {
                    set.0.insert(name.clone(), number);
                }
                None => faults.push(LimitFault::Number(name.clone(), shown(number))),
            }
        }
        if faults.is_empty() { Ok(set) } else { Err(faults) }
    }

    /// Limits that a store kept: what is no limit or no number by now is left out, and the others count.
    pub fn stored(value: &Value) -> LimitSet {
        let all = value.as_object().into_iter().flatten();
        all.filter_map(|(name, number)| Some((name.clone(), number.as_u64()?))).collect()
    }

    /// Names that may stand in one: those of all limits but the node's own.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Limits::ALL.iter().filter(|info| info.per != Per::Node).map(|info| info.name)
    }

    /// The number for a limit.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }

    /// The numbers by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, number)| (name.as_str(), *number))
    }

    /// True when nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lowers to what another one says less of.
    pub fn lower(&mut self, other: &LimitSet) {
        for (name, number) in other.iter() {
            let mine = self.0.entry(name.to_owned()).or_insert(number);
            *mine = number.min(*mine);
        }
    }
}

impl FromIterator<(String, u64)> for LimitSet {
    fn from_iter<I: IntoIterator<Item = (String, u64)>>(numbers: I) -> LimitSet {
        LimitSet(numbers.into_iter().collect())
    }
}

/// The beginning of what was found, for a fault.
fn shown(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

/// All who may say something of limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The node: a number for each.
    pub node: Limits,
    /// The tenant.
    pub tenant: LimitSet,
    /// The component.
    pub component: LimitSet,
    /// The job.
    pub job: LimitSet,
}

/// The limits in force, and who decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effective {
    /// The limits.
    pub limits: Limits,
    /// Who said the number, by name.
    pub source: BTreeMap<&'static str, Source>,
}

impl Sources {
    /// What is in force: of each limit the smallest number that anybody says. Of equal ones the first decides: node,
    /// tenant, component, job.
    pub fn effective(&self) -> Effective {
        let usual = Limits::default();
        let (mut limits, mut source) = (self.node.clone(), BTreeMap::new());
        for info in Limits::ALL {
            let node = self.node.get(info.name).unwrap_or(0);
            let from_node = if usual.get(info.name) == Some(node) { Source::Default } else { Source::Node };
            let (mut least, mut decided) = (node, from_node);
            let asked =
                [(Source::Tenant, &self.tenant), (Source::Component, &self.component), (Source::Job, &self.job)];
            for (who, set) in asked {
                if let Some(number) = set.get(info.name).filter(|number| *number < least && info.per != Per::Node) {
                    (least, decided) = (number, who);
                }
            }
            limits.set(info.name, least);
            source.insert(info.name, decided);
        }
        Effective { limits, source }
    }

    /// What each says of one limit.
    pub fn of(&self, name: &str) -> BTreeMap<&'static str, u64> {
        let said = [
            ("node", self.node.get(name)),
            ("tenant", self.tenant.get(name)),
            ("component", self.component.get(name)),
            ("job", self.job.get(name)),
        ];
        said.into_iter().filter_map(|(who, number)| number.map(|number| (who, number))).collect()
    }
}

impl Effective {
    /// As a store keeps it.
    pub fn to_json(&self) -> Value {
        let entry = |info: &LimitInfo| {
            let decided = self.decided(info.name).as_str();
            (info.name.to_owned(), json!({"effective": self.limits.get(info.name), "source": decided}))
        };
        Value::Object(Limits::ALL.iter().map(entry).collect())
    }

    /// What a store kept; limits that it does not name are those that every node begins with.
    pub fn from_json(stored: &Value) -> Effective {
        let mut effective = Effective::default();
        for info in Limits::ALL {
            let Some(entry) = stored.get(info.name) else { continue };
            if let Some(number) = entry.get("effective").and_then(Value::as_u64) {
                effective.limits.set(info.name, number);
            }
            if let Ok(source) = Source::deserialize(&entry["source"]) {
                effective.source.insert(info.name, source);
            }
        }
        effective
    }

    /// Who decided a limit.
    pub fn decided(&self, name: &str) -> Source {
        self.source.get(name).copied().unwrap_or(Source::Default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(value: Value) -> LimitSet {
        LimitSet::read(&value).unwrap()
    }

    #[test]
    fn the_smallest_wins_whoever_says_it() {
        let sources = Sources {
            node: Limits { log_bytes: 500, ..Limits::default() },
            tenant: set(json!({"log_bytes": 900, "memory_bytes": 3_000_000, "handles": 7})),
            component: set(json!({"memory_bytes": 2_000_000, "handles": 7})),
            job: set(json!({"memory_bytes": 4_000_000, "page_rows": 5})),
        };
        let Effective { limits, source } = sources.effective();
        assert_eq!((limits.log_bytes, source["log_bytes"]), (500, Source::Node));
        assert_eq!((limits.memory_bytes, source["memory_bytes"]), (2_000_000, Source::Component));
        assert_eq!((limits.handles, source["handles"]), (7, Source::Tenant));
        assert_eq!((limits.page_rows, source["page_rows"]), (5, Source::Job));
        assert_eq!((limits.call_bytes, source["call_bytes"]), (Limits::default().call_bytes, Source::Default));
        let said = BTreeMap::from([("node", 500), ("tenant", 900)]);
        assert_eq!(sources.of("log_bytes"), said);
    }

    #[test]
    fn what_was_in_force_can_be_kept() {
        let sources = Sources { job: set(json!({"handles": 3})), ..Sources::default() };
        let effective = sources.effective();
        assert_eq!(Effective::from_json(&effective.to_json()), effective);
        assert_eq!(Effective::from_json(&json!({"gone": 1, "handles": 2})), Effective::default());
    }

    #[test]
    fn what_belongs_to_the_node_stays() {
        let stored = LimitSet::stored(&json!({"stack_bytes": 1, "gone": 1, "handles": "many"}));
        let sources = Sources { job: stored, ..Sources::default() };
        assert_eq!(sources.effective().limits, Limits::default());
        assert_eq!(LimitSet::read(&json!({"stack_bytes": 1})), Err(vec![LimitFault::Unknown("stack_bytes".into())]));
    }

    #[test]
    fn all_faults_are_told() {
        let faults = LimitSet::read(&json!({"a": 1, "log_bytes": 0, "handles": "many", "page_rows": -1})).unwrap_err();
        assert_eq!(faults.len(), 4);
        assert_eq!(faults[1].to_string(), "log_bytes: expected a whole number above 0, found 0");
        assert_eq!(LimitSet::read(&json!([])), Err(vec![LimitFault::Form]));
        assert_eq!(LimitSet::read(&Value::Null), Ok(LimitSet::default()));
    }

    #[test]
    fn the_lower_of_two_sets() {
        let mut one = set(json!({"handles": 5, "log_bytes": 9}));
        one.lower(&set(json!({"handles": 8, "log_bytes": 4, "page_rows": 1})));
        assert_eq!(one, set(json!({"handles": 5, "log_bytes": 4, "page_rows": 1})));
    }
}
