//! Modules `Probe`, `ProbeExport` and `ProbeScratch`: misbehave on request, so that tests can see what a node does about
//! it. Each behaviour is a small function in a table, with the outcome that is expected of it. Never part of a normal
//! job. `Probe` has no grant; the others ask for some.
//!
//! A behaviour that has to be refused checks that it is: it ends well when every call came back with an error, and
//! fails with "expected an error" when one did not. Behaviours that never end by themselves are for limits, deadlines
//! and stops. `amount` says how much, how many or how often; 0 = the behaviour's own choice, or without end.

mod bench;
mod counts;
mod crash;
mod cryptography;
mod endings;
mod endless;
mod handles;
mod keeps;
mod logs;
mod messages;
#[cfg(test)]
mod native_tests;
mod pages;
mod refusal;
mod results;
mod schemas;
mod scratch;
mod site;
mod wasi;

use parcae_sdk::{
    Component, Description, Grant, Module, Party, Port, PortKind, Result, Role, Task, info, input_error,
    parameters::{integer, object, one_of, text},
};
use serde::Deserialize;

/// The component.
pub struct Probe;

/// What a behaviour may look at.
pub struct Request<'a> {
    /// The attempt.
    pub task: &'a Task,
    /// How much, how many or how often.
    pub amount: u64,
    /// Text to use.
    pub text: &'a str,
}

impl Request<'_> {
    /// The amount, or the behaviour's own choice.
    pub fn amount_or(&self, default: u64) -> u64 {
        if self.amount == 0 { default } else { self.amount }
    }

    /// The other parties of the task; an error when there are none.
    pub fn others(&self) -> Result<Vec<Party>> {
        let others: Vec<Party> = self.task.parties.iter().copied().filter(|party| *party != self.task.me).collect();
        if others.is_empty() {
            return Err(input_error("this behaviour needs a second party in the job"));
        }
        Ok(others)
    }
}

/// One behaviour.
pub struct Behaviour {
    /// Value of the parameter `behaviour`.
    pub name: &'static str,
    /// What a node is expected to make of it.
    pub outcome: &'static str,
    /// Does it.
    pub run: fn(&Request) -> Result<()>,
}

/// A row of a table of behaviours.
pub(crate) const fn behaviour(name: &'static str, outcome: &'static str, run: fn(&Request) -> Result<()>) -> Behaviour {
    Behaviour { name, outcome, run }
}

/// All behaviours.
pub fn behaviours() -> impl Iterator<Item = &'static Behaviour> {
    let groups: [&'static [Behaviour]; 13] = [
        &endings::ALL,
        &crash::ALL,
        &logs::ALL,
        &messages::ALL,
        &pages::ALL,
        &schemas::ALL,
        &handles::ALL,
        &results::ALL,
        &site::ALL,
        &wasi::ALL,
        &cryptography::ALL,
        &counts::ALL,
        &endless::ALL,
    ];
    groups.into_iter().flatten().chain(&bench::ALL)
}

#[derive(Deserialize)]
#[serde(default)]
struct Params {
    behaviour: String,
    amount: u64,
    role: String,
    text: String,
}

impl Default for Params {
    fn default() -> Params {
        Params { behaviour: "none".to_owned(), amount: 0, role: String::new(), text: String::new() }
    }
}

/// The modules beside `Probe`.
const EXPORT: &str = "ProbeExport";
const SCRATCH: &str = "ProbeScratch";

/// The behaviours of a module.
fn behaviours_of(module: &str) -> Vec<&'static Behaviour> {
    match module {
        EXPORT => keeps::ALL.iter().collect(),
        SCRATCH => scratch::ALL.iter().collect(),
        _ => behaviours().collect(),
    }
}

/// A module that does what its parameter `behaviour` says; nothing, or the first of its table, by default.
fn module(name: &str, summary: &str, grants: Vec<Grant>) -> Module {
    let names: Vec<&str> = behaviours_of(name).iter().map(|behaviour| behaviour.name).collect();
    let amount = "how much, how many or how often; 0 = the behaviour's own choice, or without end";
    let parameters = object([
        ("behaviour", one_of(&names, names.first().copied().unwrap_or("none"), "what to do")),
        ("amount", integer(0, 1 << 53, 0, amount)),
        ("role", one_of(&["", "guest", "host", "arbiter", "local"], "", "only this role misbehaves; empty = all")),
        ("text", text("", "text for the behaviours that use one")),
    ]);
    let port = |name: &str, kind: PortKind, help: &str| Port {
        name: name.to_owned(),
        kind,
        optional: true,
        many: false,
        help: help.to_owned(),
    };
    Module {
        name: name.to_owned(),
        aliases: Vec::new(),
        summary: summary.to_owned(),
        roles: vec![Role::Guest, Role::Host, Role::Arbiter, Role::Local],
        needs: vec![],
        inputs: vec![port("data", PortKind::Data, "a table to read")],
        outputs: vec![
            port("data", PortKind::Data, "what a behaviour writes"),
            port("model", PortKind::Model, "what a behaviour saves"),
        ],
        parameters: parameters.to_string(),
        grants: grants.into_iter().map(Into::into).collect(),
    }
}

impl Component for Probe {
    fn description() -> Description {
        let alone = "Does one of many things that a component should not do.";
        let export = "Does what a component should not do with checkpoints and with files of the site.";
        let scratch = "Does what a component should not do with files of its own.";
        Description {
            name: "probe".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            licence: "Apache-2.0".to_owned(),
            summary: "Misbehaves on request, for tests of the sandbox.".to_owned(),
            modules: vec![
                module("Probe", alone, Vec::new()),
                module(EXPORT, export, vec![Grant::ExportFile]),
                module(SCRATCH, scratch, vec![Grant::Scratch, Grant::MessageVolume]),
            ],
        }
    }

    fn run(module: &str, task: &Task) -> Result<()> {
        let params: Params = task.parameters()?;
        let role = task.me.role.to_string();
        if !params.role.is_empty() && params.role != role {
            info!("role {role} behaves well");
            return Ok(());
        }
        let known = behaviours_of(module);
        let Some(behaviour) = known.iter().find(|behaviour| behaviour.name == params.behaviour) else {
            return Err(input_error(format!("{module} has no behaviour {:?}", params.behaviour)));
        };
        info!("behaviour {}, expected: {}", behaviour.name, behaviour.outcome);
        (behaviour.run)(&Request { task, amount: params.amount, text: &params.text })
    }
}

parcae_sdk::component!(Probe);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn behaviours_have_names_of_their_own_and_an_outcome() {
        let mut names = HashSet::new();
        for behaviour in behaviours().chain(&keeps::ALL).chain(&scratch::ALL) {
            assert!(names.insert(behaviour.name), "{} twice", behaviour.name);
            assert!(!behaviour.outcome.is_empty(), "{}", behaviour.name);
        }
        assert!(names.contains("none"));
    }

    #[test]
    fn the_description_offers_every_behaviour() {
        let description = Probe::description();
        for (module, count) in
            description.modules.iter().zip([behaviours().count(), keeps::ALL.len(), scratch::ALL.len()])
        {
            let schema: serde_json::Value = serde_json::from_str(&module.parameters).unwrap();
            assert_eq!(schema["properties"]["behaviour"]["enum"].as_array().unwrap().len(), count);
        }
    }
}
