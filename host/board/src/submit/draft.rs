//! What stands in the two editors, and what is wrong with it and where. Not for: checking it (`node`), how it is shown
//! (`page`).

use parcae_domain::descriptor::Module;
use parcae_node::Fault;
use serde_json::Value;

use super::place::Place;

/// Longest text of an editor, bytes.
pub const LONGEST: usize = 2 << 20;
/// Faults whose places are looked up; more have none.
const PLACED: usize = 100;

/// One of the two documents of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The components.
    Dsl,
    /// Parties and parameters.
    Conf,
}

impl Document {
    /// Name of the field, and id of the editor.
    pub fn as_str(self) -> &'static str {
        match self {
            Document::Dsl => "dsl",
            Document::Conf => "conf",
        }
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// In which document, where that is known.
    pub at: Option<(Document, Place)>,
    /// What it is about: a path, or nothing.
    pub key: String,
    /// What was expected and what was found.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

impl Told {
    /// Words that belong to no place.
    pub fn words(message: impl Into<String>) -> Told {
        Told { message: message.into(), ..Told::default() }
    }
}

/// What was found out about what stands in the editors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// All that is wrong.
    pub faults: Vec<Told>,
    /// What is odd but no fault.
    pub warnings: Vec<String>,
    /// Tables that the conf names and that are not there: namespace and name.
    pub missing: Vec<(String, String)>,
    /// The components, when both texts are JSON.
    pub read: Option<Read>,
}

/// What the texts mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The components in their order, each with its module where there is one of that name.
    pub components: Vec<(String, Option<Module>)>,
    /// The conf.
    pub conf: Value,
}

/// What stands in the two editors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The DSL.
    pub dsl: String,
    /// The conf.
    pub conf: String,
}

impl Draft {
    /// Of texts as a browser sends them.
    pub fn of(dsl: &str, conf: &str) -> Draft {
        Draft { dsl: dsl.replace("\r\n", "\n"), conf: conf.replace("\r\n", "\n") }
    }

    /// Of documents.
    pub fn of_values(dsl: &Value, conf: &Value) -> Draft {
        Draft { dsl: format!("{dsl:#}"), conf: format!("{conf:#}") }
    }

    /// True when nobody has written anything.
    pub fn is_empty(&self) -> bool {
        self.dsl.trim().is_empty() && self.conf.trim().is_empty()
    }

    /// DSL and conf; all that is no JSON otherwise. Without a DSL there is an empty one, as jobs that predict have it.
    pub fn read(&self) -> Result<(Value, Value), Vec<Told>> {
        let dsl = if self.dsl.trim().is_empty() { "{}" } else { &self.dsl };
        match (read(Document::Dsl, dsl), read(Document::Conf, &self.conf)) {
            (Ok(dsl), Ok(conf)) => Ok((dsl, conf)),
            (dsl, conf) => Err([dsl.err(), conf.err()].into_iter().flatten().collect()),
        }
    }

    /// Faults with their places.
    pub fn placed(&self, faults: &[Fault]) -> Vec<Told> {
        let told = |(at, fault): (usize, &Fault)| Told {
            at: if at < PLACED { self.place(&fault.key) } else { None },
            key: fault.key.clone(),
            message: fault.message.clone(),
            hint: fault.hint.clone(),
        };
        faults.iter().enumerate().map(told).collect()
    }

    /// Where a path leads to. Paths of the DSL begin with its components; what neither text has is missing in the conf.
    fn place(&self, key: &str) -> Option<(Document, Place)> {
        let first = key.split('.').next().unwrap_or_default();
        if first.is_empty() {
            return None;
        }
        let dsl = || Place::of_path(&self.dsl, key).map(|place| (Document::Dsl, place));
        let conf = || Place::of_path(&self.conf, key).map(|place| (Document::Conf, place));
        let start = |document| (document, Place { line: 1, column: 1 });
        match first {
            "components" | "dsl" => dsl().or(Some(start(Document::Dsl))),
            _ => conf().or_else(dsl).or(Some(start(Document::Conf))),
        }
    }
}

fn read(document: Document, text: &str) -> Result<Value, Told> {
    let key = document.as_str().to_owned();
    if text.len() > LONGEST {
        let message = format!("has {} bytes, {LONGEST} are read here: send it with `parcae submit`", text.len());
        return Err(Told { key, message, ..Told::default() });
    }
    serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let at = Some((document, Place::of_error(text, &error)));
        Told { at, key, message: format!("no JSON: {words}"), hint: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_says_so_in_both_texts() {
        let told = Draft::of("{\r\n \"components\": }", "").read().unwrap_err();
        let line = |told: &Told| told.at.map(|(at, place)| (at, place.line));
        let seen: Vec<_> = told.iter().map(|told| (told.key.as_str(), line(told))).collect();
        assert_eq!(seen, [("dsl", Some((Document::Dsl, 2))), ("conf", Some((Document::Conf, 1)))]);
        assert_eq!(Draft::of(" ", "{}").read().unwrap().0, serde_json::json!({}));
    }

    #[test]
    fn faults_find_their_document() {
        let draft = Draft::of("{\"components\": {}, \"provider\": 1}", "{\n\"role\": {}}");
        let fault = |key: &str| Fault::new(None, key, "m");
        let faults = ["components.a", "role.guest", "initiator", "provider", ""].map(fault);
        let line = |told: &Told| told.at.map(|(at, place)| (at, place.line));
        let at: Vec<_> = draft.placed(&faults).iter().map(line).collect();
        let (dsl, conf) = (Some((Document::Dsl, 1)), Some((Document::Conf, 2)));
        assert_eq!(at, [dsl, conf, Some((Document::Conf, 1)), dsl, None]);
    }
}
