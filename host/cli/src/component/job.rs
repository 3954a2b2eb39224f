//! From a case and the module's description to a job that any node would run: a Reader and a DataTransform for each
//! input port, then the module. Not for: reading the case (`case`), running the job (`site`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use parcae_domain::{
    descriptor::{Module, PortKind},
    party::Role,
};
use serde_json::{Map, Value, json};

use super::case::{Case, Layers};
use crate::{UsageError, faults::nearest};

/// Namespace of the uploaded tables.
pub(super) const NAMESPACE: &str = "case";
/// A column of this name is the label, unless the case says otherwise.
const LABEL: &str = "y";
/// Roles at which tables come into a job.
const READING: [Role; 2] = [Role::Guest, Role::Host];

/// What is submitted.
#[derive(Debug)]
pub(super) struct Job {
    /// The module's component in the DSL.
    pub(super) component: String,
    /// Files to upload, by the name of the table.
    pub(super) uploads: BTreeMap<String, PathBuf>,
    /// The DSL.
    pub(super) dsl: Value,
    /// The conf.
    pub(super) conf: Value,
}

impl Job {
    /// The job of a case; `image` is the digest of the component that offers the module.
    pub(super) fn of(case: &Case, module: &Module, image: &str) -> Result<Job, UsageError> {
        let mut faults = Vec::new();
        let ports = ports(case, module, &mut faults);
        let tables = tables(case, module, &ports, &mut faults);
        if !faults.is_empty() {
            return Err(UsageError(format!(
                "the case does not fit module {}:\n  {}",
                module.name,
                faults.join("\n  ")
            )));
        }
        let component = component_name(&module.name);
        let parameters = parameters(case, &component, &ports, &tables);
        let uploads = tables.into_iter().map(|((.., name), file)| (name, file)).collect();
        Ok(Job { dsl: dsl(case, module, image, &component, &ports), conf: conf(case, parameters), component, uploads })
    }
}

/// Role, place in the role, port and name of a table, with its file.
type Tables = BTreeMap<(Role, usize, String, String), PathBuf>;

/// Ports that the case gives tables for, in the module's order.
fn ports(case: &Case, module: &Module, faults: &mut Vec<String>) -> Vec<String> {
    let data = module.inputs.iter().filter(|port| port.kind == PortKind::Data);
    let known: Vec<&str> = data.clone().map(|port| port.name.as_str()).collect();
    let mut given = BTreeSet::new();
    for (role, parties) in &case.inputs {
        if !READING.contains(role) {
            faults.push(format!("inputs.{role}: tables come into a job at guest and host only"));
        }
        for port in parties.iter().flat_map(|files| files.keys()) {
            if given.insert(port.as_str()) && !known.contains(&port.as_str()) {
                let near = nearest(port, known.iter().copied()).map(|near| format!("; did you mean {near}?"));
                let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let near = near.unwrap_or_default();
                faults.push(format!("inputs.{role}.{port}: no such port; data inputs of the module: {list}{near}"));
            }
        }
    }
    for port in data.filter(|port| !port.optional && !given.contains(port.name.as_str())) {
        faults.push(format!("inputs: the module needs port {}: give each guest and host a CSV file for it", port.name));
    }
    known.into_iter().filter(|port| given.contains(port)).map(str::to_owned).collect()
}

/// A table for each port at each guest and host: a Reader runs at all of them.
fn tables(case: &Case, module: &Module, ports: &[String], faults: &mut Vec<String>) -> Tables {
    let mut tables = Tables::new();
    for port in ports {
        let files = |role: &Role, at: usize| case.inputs.get(role)?.get(at)?.get(port);
        let any = READING.iter().find_map(|role| case.inputs.get(role)?.iter().find_map(|files| files.get(port)));
        for (role, ids) in case.roles.iter().filter(|(role, _)| READING.contains(role)) {
            for (at, id) in ids.iter().enumerate() {
                let name = format!("{role}_{at}_{port}");
                match (files(role, at), any) {
                    (Some(file), _) => drop(tables.insert((*role, at, port.clone(), name), file.clone())),
                    // Nobody reads it there.
                    (None, Some(other)) if !module.roles.contains(role) => {
                        tables.insert((*role, at, port.clone(), name), other.clone());
                    }
                    (None, _) => faults.push(format!(
                        "inputs.{role}: {role}/{id} has no file for port {port}; a wire of a job is there for all its \
                         parties: give it one, too"
                    )),
                }
            }
        }
    }
    tables
}

fn dsl(case: &Case, module: &Module, image: &str, component: &str, ports: &[String]) -> Value {
    let mut components = Map::new();
    let mut data = Map::new();
    for (at, port) in ports.iter().enumerate() {
        let mut from = reader(at);
        components.insert(from.clone(), json!({ "module": "Reader", "output": { "data": ["data"] } }));
        if case.transform.is_some() {
            let input = json!({ "data": { "data": [format!("{from}.data")] } });
            from = transform(at);
            let made = json!({ "module": "DataTransform", "input": input, "output": { "data": ["data"] } });
            components.insert(from.clone(), made);
        }
        data.insert(port.clone(), json!([format!("{from}.data")]));
    }
    let names = |kind: PortKind| -> Vec<&str> {
        module.outputs.iter().filter(|port| port.kind == kind).map(|port| port.name.as_str()).collect()
    };
    let mut output = Map::new();
    for kind in [PortKind::Data, PortKind::Model] {
        let names = names(kind);
        if !names.is_empty() && (kind == PortKind::Data || case.model) {
            output.insert(kind.as_str().to_owned(), json!(names));
        }
    }
    let mut spec = json!({ "module": module.name, "provider": format!("sha256:{image}"), "output": output });
    if !data.is_empty() {
        spec["input"] = json!({ "data": data });
    }
    components.insert(component.to_owned(), spec);
    json!({ "components": components })
}

fn conf(case: &Case, parameters: Value) -> Value {
    // The case has at least one party in each of its roles, and the guest comes first.
    let initiator = case.roles.iter().next().map(|(role, ids)| json!({ "role": role, "party_id": ids[0] }));
    let roles: Map<String, Value> = case.roles.iter().map(|(role, ids)| (role.to_string(), json!(ids))).collect();
    json!({
        "dsl_version": 2, "initiator": initiator, "role": roles,
        "job_parameters": { "common": { "job_type": "train" } }, "component_parameters": parameters,
    })
}

fn parameters(case: &Case, component: &str, ports: &[String], tables: &Tables) -> Value {
    let mut common = Map::new();
    common.insert(component.to_owned(), case.parameters.common.clone().into());
    for at in 0..ports.len() {
        if let Some(layers) = &case.transform {
            common.insert(transform(at), layers.common.clone().into());
        }
    }
    let mut by_role = Map::new();
    for (role, ids) in &case.roles {
        let mut parties = Map::new();
        for place in 0..ids.len() {
            let mut own = Map::new();
            own.extend(case.parameters.by_role.get(role).map(|more| (component.to_owned(), more.clone().into())));
            for ((.., port, name), file) in tables.iter().filter(|((r, p, ..), _)| r == role && *p == place) {
                let at = ports.iter().position(|other| other == port).unwrap_or_default();
                own.insert(reader(at), json!({ "table": { "namespace": NAMESPACE, "name": name } }));
                if let Some(layers) = &case.transform {
                    own.insert(transform(at), transform_at(layers, *role, file));
                }
            }
            parties.insert(place.to_string(), own.into());
        }
        by_role.insert(role.to_string(), parties.into());
    }
    json!({ "common": common, "role": by_role })
}

/// What DataTransform is told at one party: a column `y` is the label, unless the case speaks of labels itself.
fn transform_at(layers: &Layers, role: Role, file: &Path) -> Value {
    let mut own = layers.by_role.get(&role).cloned().unwrap_or_default();
    if !own.contains_key("with_label") && !layers.common.contains_key("with_label") {
        own.insert("with_label".into(), has_label(file).into());
    }
    own.into()
}

/// True when the header of a CSV file has the column of the label, behind the key.
fn has_label(file: &Path) -> bool {
    let mut header = String::new();
    let read = File::open(file).and_then(|file| BufReader::new(file).read_line(&mut header));
    read.is_ok() && header.trim_end().split(',').skip(1).any(|name| name.trim().eq_ignore_ascii_case(LABEL))
}

fn reader(at: usize) -> String {
    format!("reader_{at}")
}

fn transform(at: usize) -> String {
    format!("data_transform_{at}")
}

/// The name that a module's component has in a DSL: `CreditScore` becomes `credit_score_0`.
fn component_name(module: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for letter in module.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
        before = letter;
    }
    // A module's name has at most 100 letters, and so has a component's.
    name.truncate(98);
    name + "_0"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use parcae_domain::descriptor::Port;

    use super::*;

    fn module(roles: &[Role], ports: &[&str]) -> Module {
        let port = |kind: PortKind, name: &str| Port {
            name: name.into(),
            kind,
            optional: false,
            many: false,
            help: String::new(),
        };
        Module {
            name: "CreditScore".into(),
            aliases: vec![],
            summary: String::new(),
            roles: roles.to_vec(),
            needs: vec![],
            inputs: ports.iter().map(|name| port(PortKind::Data, name)).collect(),
            outputs: vec![port(PortKind::Data, "data"), port(PortKind::Model, "model")],
            parameters: json!({}),
            grants: vec![],
        }
    }

    fn case(inputs: &[(Role, &str, &Path)]) -> Case {
        let mut by_role: BTreeMap<Role, Vec<BTreeMap<String, PathBuf>>> = BTreeMap::new();
        for (role, port, file) in inputs {
            let files = by_role.entry(*role).or_insert_with(|| vec![BTreeMap::new()]);
            files[0].insert((*port).to_owned(), file.to_path_buf());
        }
        Case {
            module: "CreditScore".into(),
            roles: BTreeMap::from([(Role::Guest, vec![9999]), (Role::Host, vec![10000])]),
            inputs: by_role,
            transform: Some(Layers::default()),
            parameters: Layers::default(),
            model: true,
        }
    }

    #[test]
    fn a_job_reads_types_and_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (guest, host) = (folder.path().join("guest.csv"), folder.path().join("host.csv"));
        fs::write(&guest, "id,Y,x\n1,0,2\n").unwrap();
        fs::write(&host, "id,x\n1,2\n").unwrap();
        let case = case(&[(Role::Guest, "data", guest.as_path()), (Role::Host, "data", host.as_path())]);
        let job = Job::of(&case, &module(&READING, &["data"]), "ab12").unwrap();
        assert_eq!(job.component, "credit_score_0");
        let spec = &job.dsl["components"]["credit_score_0"];
        assert_eq!(spec["input"]["data"]["data"], json!(["data_transform_0.data"]));
        assert_eq!(spec["output"], json!({"data": ["data"], "model": ["model"]}));
        let parameters = |path: &str| job.conf.pointer(&format!("/component_parameters/role/{path}")).unwrap().clone();
        assert_eq!(parameters("guest/0/reader_0/table/name"), "guest_0_data");
        assert_eq!(parameters("guest/0/data_transform_0/with_label"), true);
        assert_eq!(parameters("host/0/data_transform_0/with_label"), false);
        assert_eq!(job.conf["initiator"], json!({"role": "guest", "party_id": 9999}));
        assert_eq!(job.uploads["host_0_data"], host);
    }

    #[test]
    fn what_does_not_fit_the_module_is_told_at_once() {
        let file = Path::new("x.csv");
        let wrong = case(&[(Role::Guest, "dta", file), (Role::Arbiter, "data", file)]);
        let said = Job::of(&wrong, &module(&READING, &["data", "test_data"]), "ab12").unwrap_err().to_string();
        for part in ["inputs.guest.dta: no such port", "mean data?", "inputs.arbiter:", "needs port test_data"] {
            assert!(said.contains(part), "{part} is not in\n{said}");
        }
        let lacks = case(&[(Role::Guest, "data", file)]);
        let said = Job::of(&lacks, &module(&READING, &["data"]), "ab12").unwrap_err().to_string();
        assert!(said.contains("host/10000 has no file for port data"), "{said}");
        let alone = Job::of(&lacks, &module(&[Role::Guest], &["data"]), "ab12").unwrap();
        assert_eq!(alone.uploads.len(), 2);
    }

    #[test]
    fn components_are_named_after_their_modules() {
        let names = ["CreditScore", "HeteroLR", "K", "Sum2Of"].map(component_name);
        assert_eq!(names, ["credit_score_0", "hetero_lr_0", "k_0", "sum2_of_0"]);
    }
}
