//! What components put out: names, parameters, metrics, summaries, models, tables. Not for: files (`download`).

use std::collections::BTreeMap;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use parcae_api::{
    Envelope,
    arguments::party,
    job::JobKey,
    retcode,
    tracking::{
        ComponentKey, ComponentNames, ComponentParameters, MetricNames, Metrics, ModelMeta, OutputRequest, OutputTable,
        Series, SummaryRequest,
    },
};
use parcae_domain::{party::Party, port::Scalar};
use parcae_node::{NodeError, Tenant, view};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    archive::attachment,
    body::Asked,
    job::find_job,
    state::App,
};

/// Names of a job's components, in the order of the DSL.
pub(crate) async fn list(app: App, Asked(request): Asked<JobKey>) -> Handled {
    let components = app.ask(move |node| Ok(node.components(request.job_id.as_str())?)).await?;
    Answer::data(ComponentNames { components })
}

/// Parameters of a component.
pub(crate) async fn parameters(app: App, Asked(key): Asked<ComponentKey>) -> Handled {
    let task = app.ask(move |node| find_task(node, &key, party_of(node, &key)?)).await?;
    let task = task.ok_or_else(|| Refusal::code(retcode::ARGUMENT_ERROR, "can not found component parameters"))?;
    Answer::data(ComponentParameters { component_param: task.parameters, module: task.module })
}

/// Names of a component's series.
pub(crate) async fn metric_names(app: App, Asked(key): Asked<ComponentKey>) -> Handled {
    let mut names = MetricNames::new();
    for series in app.ask_large(move |node| find_series(node, &key)).await? {
        names.entry(series.namespace).or_default().push(series.name);
    }
    metric_answer(&names, names.is_empty())
}

/// A component's series.
pub(crate) async fn metrics(app: App, Asked(key): Asked<ComponentKey>) -> Handled {
    let mut metrics = Metrics::new();
    for series in app.ask_large(move |node| find_series(node, &key)).await? {
        let of_namespace: &mut BTreeMap<_, _> = metrics.entry(series.namespace.clone()).or_default();
        of_namespace.insert(series.name.clone(), shown(series));
    }
    metric_answer(&metrics, metrics.is_empty())
}

fn metric_answer(data: impl Serialize, is_empty: bool) -> Handled {
    let answer = Answer::data(data)?;
    Ok(if is_empty { answer.message("no data") } else { answer })
}

/// Nothing is known of a task that does not exist.
pub(crate) fn find_series(node: &Tenant<'_>, key: &ComponentKey) -> Result<Vec<view::Series>, Refusal> {
    let Ok(party) = party_of(node, key) else { return Ok(Vec::new()) };
    match node.metrics(key.job_id.as_str(), &key.component_name, party) {
        Err(NodeError::NotFound(_)) => Ok(Vec::new()),
        other => Ok(other?),
    }
}

/// A series as FATE shows it.
pub(crate) fn shown(series: view::Series) -> Series {
    let mut meta = series.extra;
    // A component may say the name that is shown, as the reader does.
    meta.entry("name").or_insert_with(|| series.name.into());
    meta.insert("metric_type".into(), series.metric_type.into());
    let data = series.points.into_iter().map(|(key, value)| (scalar(key), scalar(value))).collect();
    Series { data, meta: Value::Object(meta) }
}

/// Whole numbers look as such; those that JSON does not have are null.
pub(crate) fn scalar(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => text.into(),
        // Beyond 2^53 a float is no exact whole number any more.
        Scalar::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        Scalar::Number(number) => number.into(),
    }
}

/// Summary of a component, in an envelope or as a file.
pub(crate) async fn summary(app: App, Asked(request): Asked<SummaryRequest>) -> Result<Response, Refusal> {
    let none =
        || Refusal::status(210, "No component summary found, please check if arguments are specified correctly.");
    let party = party(&request.role, &request.party_id)?;
    let (job, component) = (request.job_id.0, request.component_name);
    let found = app.ask(move |node| match node.summary(&job, &component, party) {
        Err(NodeError::NotFound(_)) => Ok(None),
        other => Ok(other?),
    });
    let summary = found.await?.ok_or_else(none)?;
    match request.filename {
        None => Ok(Answer::data(summary)?.into_response()),
        Some(name) => Ok(attachment(&name, "application/json", Body::from(indented(&summary)?))),
    }
}

/// As Python's `json.dump(..., indent=4)`.
pub(crate) fn indented(value: &Value) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut text, format);
    value.serialize(&mut writer).map_err(|e| Refusal::internal(&format!("a summary cannot be written: {e}")))?;
    Ok(text)
}

/// Model of a component; without one an empty object.
pub(crate) async fn model(app: App, Asked(key): Asked<ComponentKey>) -> Handled {
    let (parts, module) = app.ask_large(move |node| find_model(node, &key)).await?;
    let part = |ending: &str| parts.iter().find(|part| part.name.ends_with(ending)).map(|part| part.json.clone());
    match part("Param") {
        None => Ok(Answer(Envelope::success().with_message("no data").with_data(json!({})))),
        Some(param) => {
            let meta = ModelMeta { meta_data: part("Meta").unwrap_or_else(|| json!({})), module_name: module };
            Ok(Answer(Envelope::success().with_data(param).with_meta(to_value(meta)?)))
        }
    }
}

fn find_model(node: &Tenant<'_>, key: &ComponentKey) -> Result<(Vec<view::ModelPartView>, String), Refusal> {
    let party = party_of(node, key)?;
    let parts = node.model(key.job_id.as_str(), &key.component_name, party)?;
    let module = find_task(node, key, party)?.map(|task| task.module).unwrap_or_default();
    Ok((parts, module))
}

/// Tables that a component put out.
pub(crate) async fn tables(app: App, Asked(request): Asked<OutputRequest>) -> Handled {
    let none = || Refusal::exception("No found table, please check if the parameters are correct");
    let party = party(&request.role, &request.party_id)?;
    let (job, component) = (request.job_id.0, request.component_name);
    let outputs = app.ask(move |node| match node.outputs(&job, &component, party) {
        Err(NodeError::NotFound(_)) => Ok(Vec::new()),
        other => Ok(other?),
    });
    let outputs: Vec<OutputTable> = outputs
        .await?
        .into_iter()
        .map(|output| OutputTable {
            data_name: output.data_name,
            table_name: output.name,
            table_namespace: output.namespace,
        })
        .collect();
    if outputs.is_empty() { Err(none()) } else { Answer::data(outputs) }
}

/// The party that is meant: the job's initiator unless role and party are given.
pub(crate) fn party_of(node: &Tenant<'_>, key: &ComponentKey) -> Result<Party, Refusal> {
    match (&key.role, &key.party_id) {
        (Some(role), Some(id)) => Ok(party(role, id)?),
        _ => Ok(find_job(node, key.job_id.as_str())?.initiator),
    }
}

fn find_task(node: &Tenant<'_>, key: &ComponentKey, party: Party) -> Result<Option<view::TaskView>, Refusal> {
    let filter = view::Filter {
        jobs: Some(vec![key.job_id.0.clone()]),
        roles: Some(vec![party.role.to_string()]),
        parties: Some(vec![party.id.to_string()]),
        components: Some(vec![key.component_name.clone()]),
        ..view::Filter::default()
    };
    Ok(node.tasks(&filter)?.into_iter().next())
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn series_become_fates() {
        let series = view::Series {
            namespace: "train".into(),
            name: "loss".into(),
            metric_type: "LOSS".into(),
            extra: Map::from_iter([("unit_name".to_owned(), json!("iters"))]),
            points: vec![
                (Scalar::Number(0.0), Scalar::Number(0.693)),
                (Scalar::Number(1.0), Scalar::Number(f64::NAN)),
                (Scalar::Text("auc".into()), Scalar::Number(1.0)),
            ],
        };
        let shown = serde_json::to_value(shown(series)).unwrap();
        let meta = json!({"unit_name": "iters", "name": "loss", "metric_type": "LOSS"});
        assert_eq!(shown, json!({"data": [[0, 0.693], [1, null], ["auc", 1]], "meta": meta}));
    }

    #[test]
    fn files_are_indented_as_pythons() {
        assert_eq!(indented(&json!({"a": [1]})).unwrap(), b"{\n    \"a\": [\n        1\n    ]\n}");
    }
}
