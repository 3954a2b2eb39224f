//! A job's components as FATE-Board draws them: which there are, where they stand, and what they read from each other.
//! Not for: the graph of our own pages (`board`).

use std::collections::BTreeMap;

use parcae_api::{board::PartyJobRequest, fate_board::code};
use parcae_node::view::{Filter, JobView, TaskView};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    job_info::job_at,
    state::App,
};

/// The component that stands for the model of a predict job.
const PIPELINE: &str = "pipeline";

/// The graph of a job at a party.
pub(super) async fn dependencies(app: App, Asked(request): Asked<PartyJobRequest>) -> Handled {
    let graph = app.ask(move |node| {
        let job = job_at(node, &request).map_err(|refusal| Refusal::code(code::NO_JOB, &refusal.said().1))?;
        let tasks = node.tasks(&Filter { jobs: Some(vec![job.job.to_string()]), ..Filter::default() })?;
        Ok(Value::Object(full(&job, &tasks)))
    });
    Answer::data(graph.await?)
}

/// Everything.
pub(super) fn full(job: &JobView, tasks: &[TaskView]) -> Map<String, Value> {
    let mut graph = states(job, tasks);
    let own = own(job, tasks);
    let (mut modules, mut needs, mut reads) = (Map::new(), Map::new(), Map::new());
    for (name, spec) in components(job) {
        modules.insert(name.clone(), spec.get("module").cloned().unwrap_or_default());
        // What does not run at this party is drawn as what is not to run.
        let skipped = |task: &&TaskView| task.parameters.get("need_run") == Some(&Value::Bool(false));
        let runs = own.get(name.as_str()).is_some_and(|task| !skipped(task));
        needs.insert(name.clone(), runs.into());
        let wires = wires(job, spec);
        if !wires.is_empty() {
            reads.insert(name.clone(), wires.into());
        }
    }
    graph.insert("component_module".into(), modules.into());
    graph.insert("component_need_run".into(), needs.into());
    graph.insert("dependencies".into(), reads.into());
    graph
}

/// What changes while a job runs.
pub(super) fn states(job: &JobView, tasks: &[TaskView]) -> Map<String, Value> {
    let own = own(job, tasks);
    let state = |name: &String| match own.get(name.as_str()) {
        Some(task) => {
            let mut state = json!({"component_name": name, "status": task.party_status.as_str()});
            if let Some(start) = task.start_ms {
                state["time"] = start.into();
            }
            state
        }
        None => json!({"component_name": name}),
    };
    let list: Vec<Value> = components(job).map(|(name, _)| state(name)).collect();
    Map::from_iter([("component_list".to_owned(), list.into())])
}

fn components(job: &JobView) -> impl Iterator<Item = (&String, &Value)> {
    job.dsl.get("components").and_then(Value::as_object).into_iter().flatten()
}

/// Tasks at the job's party, by component.
fn own<'t>(job: &JobView, tasks: &'t [TaskView]) -> BTreeMap<&'t str, &'t TaskView> {
    let own = tasks.iter().filter(|task| task.party == job.party);
    own.map(|task| (task.component.as_str(), task)).collect()
}

/// What a component reads: from which, through which input, and which of the outputs there.
fn wires(job: &JobView, spec: &Value) -> Vec<Value> {
    let mut made = Vec::new();
    for (kind, given) in spec.get("input").and_then(Value::as_object).into_iter().flatten() {
        match (kind.as_str(), given) {
            ("data", Value::Object(by_port)) => {
                for (port, references) in by_port {
                    made.extend(references_of(references).filter_map(|text| wire(job, text, port, "data")));
                }
            }
            ("model" | "isometric_model", references) => {
                made.extend(references_of(references).filter_map(|text| wire(job, text, "model", "model")));
            }
            ("cache", references) => {
                made.extend(references_of(references).filter_map(|text| wire(job, text, "cache", "cache")));
            }
            _ => {}
        }
    }
    made
}

fn references_of(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str();
    let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

/// One connection; none from the model of a predict job, which is no component.
fn wire(job: &JobView, reference: &str, port: &str, kind: &str) -> Option<Value> {
    let (from, output) = reference.split_once('.')?;
    if from == PIPELINE {
        return None;
    }
    let outputs = job.dsl.get("components")?.get(from)?.pointer(&format!("/output/{kind}")).and_then(Value::as_array);
    let place = outputs.and_then(|all| all.iter().position(|name| name == output)).unwrap_or(0);
    Some(json!({"component_name": from, "type": port, "up_output_info": [kind, place]}))
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};

    use super::*;
    use crate::rows::tests::job;

    #[test]
    fn components_and_what_they_read() {
        let mut job = job("202611212240299893180", Party::new(Role::Guest, 9999));
        job.dsl = json!({"components": {
            "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "split_0": {"module": "Split", "input": {"data": {"data": ["reader_0.data"]}},
                "output": {"data": ["train", "test"], "model": ["model"]}},
            "lr_0": {"module": "HeteroLR", "input": {
                "data": {"train_data": "split_0.train", "validate_data": ["split_0.test"]},
                "model": ["split_0.model", "pipeline.lr_0.model"], "strange": 7}},
        }});
        let graph = Value::Object(full(&job, &[]));
        let data = |port: &str, place: usize| json!({"component_name": "split_0", "type": port, "up_output_info": ["data", place]});
        let model = json!({"component_name": "split_0", "type": "model", "up_output_info": ["model", 0]});
        assert_eq!(graph["dependencies"]["lr_0"], json!([data("train_data", 0), data("validate_data", 1), model]));
        assert!(graph["dependencies"].get("reader_0").is_none());
        assert_eq!(graph["component_list"][0], json!({"component_name": "reader_0"}));
        assert_eq!(graph["component_module"]["lr_0"], "HeteroLR");
        assert_eq!(graph["component_need_run"]["lr_0"], false, "there is no task of it at this party");
        job.dsl = json!([1]);
        assert_eq!(Value::Object(states(&job, &[])), json!({"component_list": []}));
    }
}
