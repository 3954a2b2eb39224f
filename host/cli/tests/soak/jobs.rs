//! The jobs of the soak: most do hardly anything, some compute, write, exchange messages, fail or are stopped. Not for:
//! submitting them (`drive`).

use serde_json::{Value, json};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Quiet,
    /// Puts a table of two rows out.
    Table,
    /// Calls the node for a while.
    Busy,
    /// Guest and host exchange messages, a page and ciphertexts.
    Pair,
    /// Fails by its own words.
    Fails,
    /// Runs until it is stopped.
    Stopped,
    /// Guest and host read tables and intersect them: components that came with the node.
    Intersects,
}

/// Of twenty jobs, one after the other.
const MIX: [Kind; 20] = {
    use Kind::{Busy, Fails, Intersects, Pair, Quiet, Stopped, Table};
    [
        Quiet, Table, Quiet, Pair, Quiet, Busy, Quiet, Fails, Quiet, Table, Quiet, Stopped, Quiet, Intersects, Quiet,
        Busy, Quiet, Pair, Quiet, Table,
    ]
};

/// Rows of the tables, by party.
const ROWS: u32 = 60;

impl Kind {
    /// Of a tenant's job, counted from 0.
    pub fn of(number: u64) -> Kind {
        MIX[usize::try_from(number % MIX.len() as u64).unwrap_or(0)]
    }

    /// How it has to end.
    pub fn ends(self) -> &'static str {
        match self {
            Kind::Fails => "failed",
            Kind::Stopped => "canceled",
            _ => "success",
        }
    }

    /// DSL and conf.
    pub fn job(self) -> (Value, Value) {
        match self {
            Kind::Quiet => alone("none", 0),
            Kind::Table => alone("bad_page_rows", 0),
            Kind::Busy => alone("bench_noop", 100_000),
            Kind::Fails => alone("fail_input", 0),
            Kind::Stopped => alone("spin", 0),
            Kind::Pair => pair(),
            Kind::Intersects => intersection(),
        }
    }
}

fn probe(behaviour: &str, amount: u64) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe", "output": {"data": ["data"]}}}});
    let conf = json!({
        "dsl_version": 2,
        "component_parameters": {"common": {"probe_0": {
            "behaviour": behaviour, "amount": amount, "text": "as it was asked to"
        }}}
    });
    (dsl, conf)
}

fn alone(behaviour: &str, amount: u64) -> (Value, Value) {
    let (dsl, mut conf) = probe(behaviour, amount);
    conf["initiator"] = json!({"role": "local", "party_id": 0});
    conf["role"] = json!({"local": [0]});
    (dsl, conf)
}

fn parties(conf: &mut Value) {
    conf["initiator"] = json!({"role": "guest", "party_id": 9999});
    conf["role"] = json!({"guest": [9999], "host": [10000]});
}

fn pair() -> (Value, Value) {
    let (dsl, mut conf) = probe("push_pull", 20);
    parties(&mut conf);
    (dsl, conf)
}

fn intersection() -> (Value, Value) {
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {
            "module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}
        },
        "intersection_0": {
            "module": "Intersection", "input": {"data": {"data": ["data_transform_0.data"]}},
            "output": {"data": ["data"]}
        }
    }});
    let table = |name: &str| json!({"table": {"namespace": "soak", "name": name}});
    let mut conf = json!({
        "dsl_version": 2,
        "component_parameters": {
            "common": {"data_transform_0": {"output_format": "dense"}},
            "role": {
                "guest": {"0": {
                    "reader_0": table("guest"),
                    "data_transform_0": {"with_label": true, "label_name": "y", "label_type": "int"}
                }},
                "host": {"0": {"reader_0": table("host"), "data_transform_0": {"with_label": false}}}
            }
        }
    });
    parties(&mut conf);
    (dsl, conf)
}

/// Tables that the jobs read: name and CSV.
pub fn tables() -> [(&'static str, String); 2] {
    let lines = |head: &str, line: &dyn Fn(u32) -> String| {
        let rows = (0..ROWS).map(line);
        std::iter::once(format!("{head}\n")).chain(rows).collect::<String>()
    };
    let guest = lines("id,y,x0", &|i| format!("u{i},{},{i}.5\n", i % 2));
    let host = lines("id,x1,x2", &|i| format!("u{},{i}.25,{}\n", i + 10, i * i));
    [("guest", guest), ("host", host)]
}
