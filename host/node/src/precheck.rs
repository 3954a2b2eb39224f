//! What a job would be refused for, without taking it on: everything that `submit` looks at before it stores anything.
//! Not for: taking jobs on (`submit`), parameters of one component (`validate`).

use parcae_domain::id::is_component_name;
use parcae_dsl::{Fault, Faults};
use serde_json::Value;

use crate::tenant::Tenant;
use crate::view::NodeError;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// All that is wrong; nothing when the job would be taken on.
    pub faults: Vec<Fault>,
    /// What is odd but no fault: obsolete keys.
    pub warnings: Vec<String>,
}

/// Why a job would not be taken on.
enum Wrong {
    /// Its documents have faults.
    Faults(Faults),
    /// Something else.
    Told(NodeError),
}

impl From<Faults> for Wrong {
    fn from(faults: Faults) -> Wrong {
        Wrong::Faults(faults)
    }
}

impl From<NodeError> for Wrong {
    fn from(error: NodeError) -> Wrong {
        Wrong::Told(error)
    }
}

impl Tenant<'_> {
    /// Checks DSL and conf as `submit` does, and stores nothing. An error only when the node itself failed.
    pub fn check(&self, dsl: &Value, conf: &Value) -> Result<Checked, NodeError> {
        let faults = match self.looked_at(dsl, conf) {
            Ok(warnings) => return Ok(Checked { faults: Vec::new(), warnings }),
            Err(Wrong::Faults(faults)) => faults.list,
            Err(Wrong::Told(NodeError::Internal(why))) => return Err(NodeError::Internal(why)),
            Err(Wrong::Told(NodeError::Invalid(text) | NodeError::NotFound(text) | NodeError::Exists(text))) => {
                told(&text)
            }
        };
        Ok(Checked { faults, warnings: Vec::new() })
    }

    fn looked_at(&self, dsl: &Value, conf: &Value) -> Result<Vec<String>, Wrong> {
        // Once more than needed: here its faults still say where they are.
        parcae_dsl::model_use(conf)?;
        let documents = self.documents(dsl, conf)?;
        let (dsl, conf) = (&*documents.dsl, &*documents.conf);
        let _images = self.components.used();
        let plan = self.planned(dsl, conf)?;
        self.admitted(dsl, &plan)?;
        self.check_queue()?;
        Ok(plan.warnings)
    }
}

/// Key and message of a fault that has a key.
fn placed(words: &str) -> Option<(&str, &str)> {
    words.split_once(": ").filter(|(key, _)| key.contains('.') && !key.contains(' '))
}

/// Faults that came as text, one a line: `1. component: key: message`, `1. key: message`, or words alone.
fn told(text: &str) -> Vec<Fault> {
    let fault = |line: &str| {
        let numbered = line.split_once(". ").filter(|(number, _)| number.parse::<u32>().is_ok());
        let words = numbered.map_or(line, |(_, words)| words);
        if let Some((component, rest)) = words.split_once(": ").filter(|(name, _)| is_component_name(name))
            && let Some((key, message)) = placed(rest)
        {
            return Fault::new(Some(component), key, message);
        }
        let (key, message) = placed(words).unwrap_or(("", words));
        Fault::new(None, key, message)
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_again_in_a_text() {
        let text = "1. role: missing\n\n12. job_parameters.common.model_version: there is no model: deploy it\n\
                    13. a_0: components.a_0.module: party host/1 does not take it: rule";
        let want = vec![
            Fault::new(None, "", "role: missing"),
            Fault::new(None, "job_parameters.common.model_version", "there is no model: deploy it"),
            Fault::new(Some("a_0"), "components.a_0.module", "party host/1 does not take it: rule"),
        ];
        assert_eq!(told(text), want);
        assert_eq!(told("e.g. a quota"), vec![Fault::new(None, "", "e.g. a quota")]);
    }
}
