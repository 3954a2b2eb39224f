//! The case of a local run: a JSON file that names a module, parties, sample tables and parameters. All that is wrong
//! with one is told at once, each with its key and its cure. Not for: whether it fits the module (`job`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use parcae_domain::party::{PartyId, Role};
use serde_json::{Map, Value};

use crate::{UsageError, faults::nearest};

/// What a case may say.
const KEYS: [&str; 7] = ["module", "roles", "inputs", "transform", "parameters", "role_parameters", "model"];

/// Files of one party, by input port.
pub(super) type Files = BTreeMap<String, PathBuf>;

/// A case.
#[derive(Debug)]
pub(super) struct Case {
    /// Module that is run.
    pub(super) module: String,
    /// Parties by role.
    pub(super) roles: BTreeMap<Role, Vec<PartyId>>,
    /// Files of each party of a role, in the order of `roles`.
    pub(super) inputs: BTreeMap<Role, Vec<Files>>,
    /// What gives the columns types; none = the module gets the lines as they are in the files.
    pub(super) transform: Option<Layers>,
    /// Parameters of the module.
    pub(super) parameters: Layers,
    /// The module's models are outputs of the job.
    pub(super) model: bool,
}

/// Parameters for all parties, and more for those of a role.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layers {
    /// For all.
    pub(super) common: Map<String, Value>,
    /// By role.
    pub(super) by_role: BTreeMap<Role, Map<String, Value>>,
}

impl Case {
    /// Reads a case; paths in it are relative to its folder.
    pub(super) fn read(file: &Path) -> Result<Case, UsageError> {
        let refused = |why: String| UsageError(format!("--case {}: {why}", file.display()));
        let text = fs::read_to_string(file).map_err(|e| refused(e.to_string()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        Case::parse(&text, folder).map_err(|faults| refused(faults.join("\n  ")))
    }

    fn parse(text: &str, folder: &Path) -> Result<Case, Vec<String>> {
        let value: Value = serde_json::from_str(text).map_err(|e| vec![format!("no JSON: {e}")])?;
        let Value::Object(given) = value else {
            return Err(vec!["must be an object: {\"module\": ..., \"roles\": {\"guest\": [9999]}, ...}".into()]);
        };
        let mut faults = Vec::new();
        for key in given.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            faults.push(match nearest(key, KEYS) {
                Some(near) => format!("{key}: no such key; did you mean {near}?"),
                None => format!("{key}: no such key; there are {}", KEYS.join(", ")),
            });
        }
        let given = Given { all: &given, folder };
        let roles = given.roles(&mut faults);
        let case = Case {
            module: given.module(&mut faults),
            inputs: given.inputs(&roles, &mut faults),
            transform: given.transform(&mut faults),
            parameters: Layers {
                common: given.object("parameters", &mut faults),
                by_role: given.role_parameters(&mut faults),
            },
            model: given.model(&mut faults),
            roles,
        };
        if faults.is_empty() { Ok(case) } else { Err(faults) }
    }
}

/// What was given, and where its paths begin.
struct Given<'a> {
    all: &'a Map<String, Value>,
    folder: &'a Path,
}

impl Given<'_> {
    /// A value that is there and not null.
    fn get(&self, key: &str) -> Option<&Value> {
        self.all.get(key).filter(|value| !value.is_null())
    }

    fn module(&self, faults: &mut Vec<String>) -> String {
        match self.get("module") {
            Some(Value::String(name)) if !name.is_empty() => return name.clone(),
            Some(other) => faults.push(format!("module = {other}: must be the name of a module of the component")),
            None => faults.push("module: missing; name a module of the component".into()),
        }
        String::new()
    }

    fn roles(&self, faults: &mut Vec<String>) -> BTreeMap<Role, Vec<PartyId>> {
        let wanted = "an object such as {\"guest\": [9999], \"host\": [10000]}";
        let roles = match self.get("roles") {
            Some(Value::Object(roles)) if !roles.is_empty() => roles,
            Some(other) => {
                faults.push(format!("roles = {other}: must be {wanted}"));
                return BTreeMap::new();
            }
            None => {
                faults.push(format!("roles: missing; must be {wanted}"));
                return BTreeMap::new();
            }
        };
        let mut found = BTreeMap::new();
        for (name, ids) in roles {
            let key = format!("roles.{name}");
            let Some(role) = role(name, &key, faults) else { continue };
            let list = ids.as_array().cloned().unwrap_or_else(|| vec![ids.clone()]);
            let list: Option<Vec<PartyId>> = list.iter().map(party_id).collect();
            match list.filter(|ids| !ids.is_empty()) {
                Some(ids) => drop(found.insert(role, ids)),
                None => faults.push(format!("{key} = {ids}: must be a list of party ids, which are whole numbers")),
            }
        }
        found
    }

    fn inputs(&self, roles: &BTreeMap<Role, Vec<PartyId>>, faults: &mut Vec<String>) -> BTreeMap<Role, Vec<Files>> {
        let mut found = BTreeMap::new();
        for (name, value) in self.object("inputs", faults) {
            let key = format!("inputs.{name}");
            let Some(role) = role(&name, &key, faults) else { continue };
            let parties = roles.get(&role).map_or(0, Vec::len);
            if parties == 0 {
                // Roles that are faulty themselves are not complained of twice.
                if !roles.is_empty() {
                    faults.push(format!("{key}: the case has no party in this role; name one under roles.{role}"));
                }
                continue;
            }
            let files = match &value {
                Value::Object(files) => vec![self.files(files, &key, faults); parties],
                Value::Array(list) if list.len() == parties && list.iter().all(Value::is_object) => {
                    let of = |(at, files): (usize, &Value)| {
                        let none = Map::new();
                        self.files(files.as_object().unwrap_or(&none), &format!("{key}[{at}]"), faults)
                    };
                    list.iter().enumerate().map(of).collect()
                }
                other => {
                    faults.push(format!(
                        "{key} = {other}: must be an object of ports and CSV files ({{\"data\": \"{role}.csv\"}}), or \
                         a list with one for each of the {parties} parties"
                    ));
                    continue;
                }
            };
            found.insert(role, files);
        }
        found
    }

    fn files(&self, given: &Map<String, Value>, key: &str, faults: &mut Vec<String>) -> Files {
        let mut files = Files::new();
        for (port, file) in given {
            let path = file.as_str().map(|file| self.folder.join(file));
            match path {
                Some(path) if path.is_file() => drop(files.insert(port.clone(), path)),
                Some(path) => faults.push(format!(
                    "{key}.{port}: there is no file {}; paths are relative to the folder of the case",
                    path.display()
                )),
                None => faults.push(format!("{key}.{port} = {file}: must be the path of a CSV file")),
            }
        }
        files
    }

    fn transform(&self, faults: &mut Vec<String>) -> Option<Layers> {
        match self.get("transform") {
            None | Some(Value::Bool(true)) => Some(Layers::default()),
            Some(Value::Bool(false)) => None,
            Some(Value::Object(given)) => {
                let mut layers = Layers::default();
                for (key, value) in given {
                    match (key.parse::<Role>(), value) {
                        (Ok(role), Value::Object(value)) => drop(layers.by_role.insert(role, value.clone())),
                        (Ok(_), other) => faults.push(format!("transform.{key} = {other}: must be an object")),
                        (Err(_), value) => drop(layers.common.insert(key.clone(), value.clone())),
                    }
                }
                Some(layers)
            }
            Some(other) => {
                faults.push(format!(
                    "transform = {other}: must be the parameters of DataTransform (those of one role under its name), \
                     or false, for the lines as they are"
                ));
                None
            }
        }
    }

    fn role_parameters(&self, faults: &mut Vec<String>) -> BTreeMap<Role, Map<String, Value>> {
        let mut found = BTreeMap::new();
        for (name, value) in self.object("role_parameters", faults) {
            let key = format!("role_parameters.{name}");
            let Some(role) = role(&name, &key, faults) else { continue };
            match value {
                Value::Object(parameters) => drop(found.insert(role, parameters)),
                other => faults.push(format!("{key} = {other}: must be an object of parameters")),
            }
        }
        found
    }

    fn model(&self, faults: &mut Vec<String>) -> bool {
        match self.get("model") {
            None | Some(Value::Bool(true)) => true,
            Some(Value::Bool(false)) => false,
            Some(other) => {
                faults.push(format!("model = {other}: must be true or false: are the module's models kept?"));
                true
            }
        }
    }

    fn object(&self, key: &str, faults: &mut Vec<String>) -> Map<String, Value> {
        match self.get(key) {
            Some(Value::Object(object)) => return object.clone(),
            Some(other) => faults.push(format!("{key} = {other}: must be an object")),
            None => {}
        }
        Map::new()
    }
}

fn role(name: &str, key: &str, faults: &mut Vec<String>) -> Option<Role> {
    let role = name.parse().ok();
    if role.is_none() {
        faults.push(format!("{key}: no such role; there are {}", Role::ALL.map(Role::as_str).join(", ")));
    }
    role
}

fn party_id(value: &Value) -> Option<PartyId> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Case, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for file in ["guest.csv", "host.csv"] {
            fs::write(folder.path().join(file), "id,x\n1,2\n").unwrap();
        }
        Case::parse(text, folder.path())
    }

    #[test]
    fn a_case_is_read() {
        let case = parse(
            r#"{"module": "M", "roles": {"host": [10000, "10001"], "guest": 9999}, "model": false, "transform":
               {"label_type": "float", "host": {"with_label": false}}, "parameters": {"n": 1},
               "role_parameters": {"guest": {"n": 2}},
               "inputs": {"guest": {"data": "guest.csv"}, "host": [{"data": "host.csv"}, {"data": "guest.csv"}]}}"#,
        )
        .unwrap();
        assert_eq!(case.roles[&Role::Host], [10000, 10001]);
        assert_eq!(case.roles[&Role::Guest], [9999]);
        assert!(case.inputs[&Role::Host][1]["data"].ends_with("guest.csv"));
        let transform = case.transform.unwrap();
        assert_eq!(transform.common["label_type"], "float");
        assert_eq!(transform.by_role[&Role::Host]["with_label"], false);
        assert_eq!(case.parameters.by_role[&Role::Guest]["n"], 2);
        assert!(!case.model);
        assert!(parse(r#"{"module": "M", "roles": {"guest": [1]}, "transform": false}"#).unwrap().transform.is_none());
    }

    #[test]
    fn faults_name_the_key_and_the_cure() {
        let faults = |text: &str| parse(text).unwrap_err().join("\n");
        let all = faults(
            r#"{"modul": "M", "roles": {"gast": [1], "host": ["x"]}, "inputs": {"guest": {"data": "guest.csv"}},
               "parameters": [], "transform": 3, "model": "yes", "role_parameters": {"host": 1}}"#,
        );
        for part in [
            "modul: no such key; did you mean mod",
            "module: missing",
            "roles.gast: no such role; there are guest",
            "roles.host = [\"x\"]: must be a list of party ids",
            "parameters = []: must be an object",
            "transform = 3: must be the parameters of DataTransform",
            "model = \"yes\": must be true or false",
            "role_parameters.host = 1: must be an object",
        ] {
            assert!(all.contains(part), "{part} is not in\n{all}");
        }
        let files = faults(
            r#"{"module": "M", "roles": {"guest": [1], "host": [2, 3]},
               "inputs": {"guest": {"data": "no.csv", "more": 1}, "arbiter": {}, "host": [{}]}}"#,
        );
        for part in [
            "inputs.guest.data: there is no file",
            "relative to the folder of the case",
            "inputs.guest.more = 1: must be the path",
            "inputs.arbiter: the case has no party in this role",
            "or a list with one for each of the 2 parties",
        ] {
            assert!(files.contains(part), "{part} is not in\n{files}");
        }
        assert!(faults("[1]").contains("must be an object"));
        assert!(faults("{").contains("no JSON"));
    }
}
