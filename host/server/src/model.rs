//! Models: finding and deploying them, and the DSL and the conf that predict with them. Not for: archives and tags of
//! models.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use parcae_api::{
    Envelope,
    loose::LooseId,
    model::{DeployData, DeployRequest, ModelRow, PartyResult, PredictRequest},
    retcode,
};
use parcae_domain::party::Party;
use parcae_node::{
    NodeError,
    deploy::{self, Deployed},
    model_query::{ModelSearch, ModelView},
};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    archive::attachment,
    body::Asked,
    rows::date,
    state::App,
    tracking::indented,
};

/// Deploys a trained model.
pub(crate) async fn deploy(State(app): State<App>, Asked(request): Asked<DeployRequest>) -> Handled {
    let wanted = deploy::DeployRequest {
        components: request.components(),
        dsl: request.inference_dsl(),
        checkpoints: request.checkpoints(),
        model_id: request.model_id,
        model_version: request.model_version.0,
    };
    let deployed = app.ask(move |node| match node.deploy(&wanted) {
        Err(NodeError::NotFound(text)) => Err(Refusal::status(404, &text)),
        other => Ok(other?),
    });
    let deployed = deployed.await?;
    let well = deployed.parties.iter().all(|(_, result)| result.is_ok());
    let data = to_value(deploy_data(deployed))?;
    if well {
        return Ok(Answer(Envelope::success().with_data(data)));
    }
    // FATE's pipeline shows the data of a deployment that failed.
    Err(Refusal::envelope(Envelope::failure(retcode::ARGUMENT_ERROR, "failed").with_data(data)))
}

fn deploy_data(deployed: Deployed) -> DeployData {
    let (mut detail, mut codes) = (BTreeMap::<_, BTreeMap<_, _>>::new(), BTreeMap::<_, BTreeMap<_, _>>::new());
    for (Party { role, id }, result) in deployed.parties {
        let what = format!("deploy model of role {role} {id}");
        let (retcode, retmsg) = match result {
            Ok(()) => (retcode::SUCCESS, format!("{what} success")),
            Err(why) => (retcode::EXCEPTION_ERROR, format!("{what} failed: {why}")),
        };
        detail.entry(role.to_string()).or_default().insert(id.to_string(), PartyResult { retcode, retmsg });
        codes.entry(role.to_string()).or_default().insert(id.to_string(), retcode);
    }
    DeployData { model_id: deployed.model_id, model_version: deployed.model_version, detail, codes }
}

/// The DSL that predicts with a model, in an envelope or as a file.
pub(crate) async fn predict_dsl(
    State(app): State<App>,
    Asked(request): Asked<PredictRequest>,
) -> Result<Response, Refusal> {
    let (model, filename) = model_to_predict(&app, request).await?;
    answer_or_file(model.info.inference_dsl, filename)
}

/// A conf to predict with a model, for users to fill in; in an envelope or as a file.
pub(crate) async fn predict_conf(
    State(app): State<App>,
    Asked(request): Asked<PredictRequest>,
) -> Result<Response, Refusal> {
    let (model, filename) = model_to_predict(&app, request).await?;
    answer_or_file(model.predict_conf(), filename)
}

async fn model_to_predict(app: &App, request: PredictRequest) -> Result<(ModelView, Option<String>), Refusal> {
    let PredictRequest { model_id, model_version: LooseId(version), filename } = request;
    let none = Refusal::status(210, &format!("there is no model {model_id} of version {version}"));
    let found = app.ask(move |node| Ok(node.model_to_predict(&model_id, &version)?)).await?;
    Ok((found.ok_or(none)?, filename))
}

fn answer_or_file(value: Value, filename: Option<String>) -> Result<Response, Refusal> {
    match filename {
        None => Ok(Answer::data(value)?.into_response()),
        Some(name) => Ok(attachment(&name, "application/json", Body::from(indented(&value)?))),
    }
}

/// Rows of models.
pub(crate) async fn query(State(app): State<App>, Asked(request): Asked<Map<String, Value>>) -> Handled {
    let search = ModelSearch {
        model_id: single(&request, "model_id"),
        model_version: single(&request, "model_version"),
        ..ModelSearch::default()
    };
    let models = app.ask(move |node| Ok(node.models(&search)?)).await?;
    let mut rows = Vec::new();
    for model in models {
        let Value::Object(row) = to_value(row(model))? else { continue };
        if matches(&row, &request) {
            rows.push(only(row, &request));
        }
    }
    if rows.is_empty() {
        let envelope = Envelope::failure(retcode::EXCEPTION_ERROR, "Query model info failed, cannot find model.");
        return Err(Refusal::envelope(envelope.with_data(Value::Array(Vec::new()))));
    }
    Ok(Answer::data(rows)?.message("Query model info from db success."))
}

/// A filter that is one text.
fn single(request: &Map<String, Value>, key: &str) -> Option<String> {
    request.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// True when every column that the request names has the value, or one of the values, that it gives.
fn matches(row: &Map<String, Value>, request: &Map<String, Value>) -> bool {
    let same = |column: &Value, wanted: &Value| {
        column == wanted || text(column).is_some_and(|column| Some(column) == text(wanted))
    };
    request.iter().all(|(key, wanted)| match (row.get(&format!("f_{key}")), wanted) {
        (None, _) => true,
        (Some(column), Value::Array(any)) => column == wanted || any.iter().any(|wanted| same(column, wanted)),
        (Some(column), wanted) => same(column, wanted),
    })
}

/// Texts and whole numbers as text: clients send ids either way.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The columns that are asked for; unknown ones are skipped.
fn only(mut row: Map<String, Value>, request: &Map<String, Value>) -> Map<String, Value> {
    let columns = request.get("query_filters").and_then(Value::as_array).filter(|columns| !columns.is_empty());
    if let Some(columns) = columns {
        let is_asked = |column: &str| columns.iter().any(|name| name.as_str() == column.strip_prefix("f_"));
        row.retain(|column, _| is_asked(column));
    }
    row
}

fn row(model: ModelView) -> ModelRow {
    let ModelView { key, job, info, bytes, created_ms, updated_ms } = model;
    ModelRow {
        f_role: key.party.role.to_string(),
        f_party_id: key.party.id.to_string(),
        f_roles: serde_json::to_value(&info.roles).unwrap_or_default(),
        f_job_id: job,
        f_model_id: key.model_id,
        f_model_version: key.model_version,
        f_size: bytes.div_ceil(1024),
        f_initiator_role: info.initiator.role.to_string(),
        f_initiator_party_id: info.initiator.party_id.to_string(),
        f_runtime_conf: info.runtime_conf,
        f_train_dsl: info.train_dsl,
        f_train_runtime_conf: info.train_runtime_conf,
        f_runtime_conf_on_party: info.runtime_conf_on_party,
        f_inference_dsl: info.inference_dsl,
        f_fate_version: info.fate_version,
        f_parent: info.parent,
        f_parent_info: info.parent_info,
        f_loaded_times: info.loaded_times,
        f_imported: u8::from(info.imported),
        f_archive_sha256: info.archive_sha256,
        f_archive_from_ip: info.archive_from_ip,
        f_create_time: created_ms,
        f_create_date: date(created_ms),
        f_update_time: updated_ms,
        f_update_date: date(updated_ms),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn columns_filter_and_other_keys_do_not() {
        let row = object(json!({"f_role": "guest", "f_party_id": "9999", "f_parent": true, "f_size": 3}));
        let is = |request: Value| matches(&row, &object(request));
        assert!(is(json!({"role": "guest", "party_id": 9999, "local": {"role": "host"}, "description": "x"})));
        assert!(is(json!({"party_id": ["10000", "9999"], "parent": true, "size": "3"})));
        assert!(!is(json!({"party_id": "10000"})) && !is(json!({"parent": false})) && !is(json!({"role": []})));
    }

    #[test]
    fn columns_are_chosen() {
        let row = object(json!({"f_role": "guest", "f_size": 3}));
        let chosen = only(row.clone(), &object(json!({"query_filters": ["size", "description"]})));
        assert_eq!(chosen, object(json!({"f_size": 3})));
        assert_eq!(only(row.clone(), &object(json!({"query_filters": []}))), row);
    }
}
