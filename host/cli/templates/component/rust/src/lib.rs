//! The component `{{name}}`: parties tell each other how many rows they have, and the guest shows the numbers.
//! Replace it with an algorithm of your own. Not for: anything that needs files, sockets or the time; there are none
//! in here.

use std::collections::BTreeMap;

use parcae_sdk::{
    Component, Description, Module, Party, Port, PortKind, Result, Role, Task, failed, federation, info, input_error,
    metrics::{self, Point, Scalar},
    parameters::{integer, object},
    tables,
};
use serde::Deserialize;
use serde_json::json;

/// The component.
pub struct {{Module}};

parcae_sdk::component!({{Module}});

/// The parameters, as the schema below says them. The node checked them and filled in what was left out.
#[derive(Deserialize)]
struct Parameters {
    minimum: u64,
}

impl Component for {{Module}} {
    fn description() -> Description {
        let port = |help: &str| Port {
            name: "data".into(),
            kind: PortKind::Data,
            optional: false,
            many: false,
            help: help.into(),
        };
        let schema = object([("minimum", integer(0, 1_000_000_000, 1, "fewest rows that a party must have"))]);
        let module = Module {
            name: "{{Module}}".into(),
            aliases: Vec::new(),
            summary: "Parties tell each other how many rows they have.".into(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Guest, Role::Host],
            inputs: vec![port("Any table.")],
            outputs: vec![port("The same table.")],
            parameters: schema.to_string(),
            grants: Vec::new(),
        };
        Description {
            name: "{{name}}".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Parties tell each other how many rows they have.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let parameters: Parameters = task.parameters()?;
        let table = task.input("data")?;
        let counts = exchange(task, table.rows())?;
        check(&counts, parameters.minimum).map_err(|why| input_error(format!("{}: {why}", task.component)))?;
        tables::forward("data", &table)?;
        if task.me.role == Role::Guest { report(&counts) } else { Ok(()) }
    }
}

/// Tells every other party our number of rows, and hears theirs.
fn exchange(task: &Task, rows: u64) -> Result<BTreeMap<String, u64>> {
    let others = || task.parties.iter().copied().filter(|party| *party != task.me);
    for party in others() {
        federation::push(party, "rows", &rows.to_le_bytes())?;
    }
    let mut counts = BTreeMap::from([(name_of(task.me), rows)]);
    for party in others() {
        let body = federation::pull(party, "rows")?;
        let bytes = body.try_into().map_err(|_| failed(format!("{} sent no number", name_of(party))))?;
        counts.insert(name_of(party), u64::from_le_bytes(bytes));
    }
    Ok(counts)
}

/// Complains about the first party that has too few rows.
fn check(counts: &BTreeMap<String, u64>, minimum: u64) -> std::result::Result<(), String> {
    match counts.iter().find(|(_, rows)| **rows < minimum) {
        Some((party, rows)) => Err(format!("{party} has {rows} rows, parameter minimum asks for {minimum}")),
        None => Ok(()),
    }
}

/// What people see: a series of metrics, a summary, a line in the log.
fn report(counts: &BTreeMap<String, u64>) -> Result<()> {
    let point = |(party, rows): (&String, &u64)| Point {
        key: Scalar::Text(party.clone()),
        value: Scalar::Number(*rows as f64),
    };
    metrics::append("{{name}}", "rows", &counts.iter().map(point).collect::<Vec<_>>())?;
    metrics::describe("{{name}}", "rows", "ROWS", &json!({ "unit_name": "party", "curve_name": "rows" }).to_string())?;
    metrics::summary(&json!({ "rows": counts }).to_string())?;
    info!("rows: {counts:?}");
    Ok(())
}

/// `host_10000`.
fn name_of(party: Party) -> String {
    format!("{}_{}", party.role, party.id)
}

#[cfg(test)]
mod tests {
    use parcae_sdk::{
        Column, Frame,
        tables::{Meaning, Values},
        testing::Job,
        texts,
    };

    use super::*;

    /// A job of a guest and a host, each with so many rows. `cargo test` runs both as threads, without a node.
    fn job(guest_rows: usize, host_rows: usize) -> Job {
        Job::new::<{{Module}}>("{{Module}}")
            .party(Role::Guest, 9999, |party| party.input("data", table(guest_rows)))
            .party(Role::Host, 10000, |party| party.input("data", table(host_rows)))
    }

    fn table(rows: usize) -> Frame {
        let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
        let ids = Values::Text(texts(ids.iter().map(String::as_str)));
        Frame::new(vec![Column::new("id", Meaning::Id, ids)])
    }

    #[test]
    fn the_guest_learns_all_numbers_of_rows() {
        let outcome = job(5, 4).run().succeeded();
        assert_eq!(outcome.guest().summary, json!({ "rows": { "guest_9999": 5, "host_10000": 4 } }));
        assert_eq!(outcome.of(Role::Host, 10000).output("data").rows(), 4);
    }

    #[test]
    fn too_few_rows_end_the_job() {
        let outcome = job(5, 2).parameters(json!({ "minimum": 3 })).run();
        let failure = outcome.guest().failure().unwrap();
        assert!(failure.message.contains("host_10000 has 2 rows, parameter minimum asks for 3"), "{failure:?}");
    }

    #[test]
    fn parties_with_few_rows_are_named() {
        let counts = BTreeMap::from([("guest_9999".to_owned(), 5), ("host_10000".to_owned(), 2)]);
        assert_eq!(check(&counts, 2), Ok(()));
        assert_eq!(check(&counts, 3), Err("host_10000 has 2 rows, parameter minimum asks for 3".to_owned()));
    }
}
