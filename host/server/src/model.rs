//! Models: finding and deploying them, and the DSL and the conf that predict with them. Not for: archives and tags of
//! models.

use std::collections::BTreeMap;

use axum::{
    body::Body,
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
    NodeError, Tenant,
    deploy::{self, Deployed},
    model_query::{ModelSearch, ModelView},
};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    archive::attachment,
    body::Asked,
    few::{ROWS_TO_SEE, check_rows},
    rows::date,
    state::App,
    tracking::indented,
};

/// Deploys a trained model.
pub(crate) async fn deploy(app: App, Asked(request): Asked<DeployRequest>) -> Handled {
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
pub(crate) async fn predict_dsl(app: App, Asked(request): Asked<PredictRequest>) -> Result<Response, Refusal> {
    let (model, filename) = model_to_predict(&app, request).await?;
    answer_or_file(model.info.inference_dsl, filename)
}

/// A conf to predict with a model, for users to fill in; in an envelope or as a file.
pub(crate) async fn predict_conf(app: App, Asked(request): Asked<PredictRequest>) -> Result<Response, Refusal> {
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
pub(crate) async fn query(app: App, Asked(request): Asked<Map<String, Value>>) -> Handled {
    let rows = app.ask(move |node| find_models(node, &request)).await?;
    if rows.is_empty() {
        let envelope = Envelope::failure(retcode::EXCEPTION_ERROR, "Query model info failed, cannot find model.");
        return Err(Refusal::envelope(envelope.with_data(Value::Array(Vec::new()))));
    }
    Ok(Answer(Envelope::success().with_data(Value::Array(rows))).message("Query model info from db success."))
}

fn find_models(node: &Tenant<'_>, request: &Map<String, Value>) -> Result<Vec<Value>, Refusal> {
    let search = ModelSearch {
        roles: any_of(request, "role"),
        party_ids: any_of(request, "party_id"),
        model_ids: any_of(request, "model_id"),
        model_versions: any_of(request, "model_version"),
        limit: Some(ROWS_TO_SEE),
    };
    let models = node.models(&search)?;
    check_rows(models.len(), "name model_id or model_version, or role and party_id")?;
    let mut rows = Vec::new();
    for model in models {
        let Value::Object(row) = to_value(light(row(model), request))? else { continue };
        if matches(&row, request) {
            rows.push(Value::Object(only(row, request)));
        }
    }
    Ok(rows)
}

/// What a column may be, as text; what is no text and no number it never is.
fn any_of(request: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
    Some(match request.get(key)? {
        Value::Array(any) => any.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    })
}

/// A row without the large columns that are neither asked for nor compared.
fn light(mut row: ModelRow, request: &Map<String, Value>) -> ModelRow {
    let Some(asked) = columns(request) else { return row };
    let large = [
        ("runtime_conf", &mut row.f_runtime_conf),
        ("runtime_conf_on_party", &mut row.f_runtime_conf_on_party),
        ("train_runtime_conf", &mut row.f_train_runtime_conf),
        ("train_dsl", &mut row.f_train_dsl),
        ("inference_dsl", &mut row.f_inference_dsl),
    ];
    for (name, column) in large {
        if !request.contains_key(name) && !asked.iter().any(|asked| asked == name) {
            *column = Value::Null;
        }
    }
    row
}

/// Names of the columns that are asked for; none = all.
fn columns(request: &Map<String, Value>) -> Option<&Vec<Value>> {
    request.get("query_filters").and_then(Value::as_array).filter(|columns| !columns.is_empty())
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
    if let Some(columns) = columns(request) {
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
    fn what_the_store_can_compare_is_handed_to_it() {
        let request = object(json!({"role": "guest", "party_id": [9999, "1", true], "model_id": {}, "x": 1}));
        let any = |key| any_of(&request, key);
        assert_eq!(any("role"), Some(vec!["guest".to_owned()]));
        assert_eq!(any("party_id"), Some(vec!["9999".to_owned(), "1".to_owned()]));
        assert_eq!((any("model_id"), any("model_version")), (Some(Vec::new()), None));
    }

    #[test]
    fn columns_are_chosen() {
        let row = object(json!({"f_role": "guest", "f_size": 3}));
        let chosen = only(row.clone(), &object(json!({"query_filters": ["size", "description"]})));
        assert_eq!(chosen, object(json!({"f_size": 3})));
        assert_eq!(only(row.clone(), &object(json!({"query_filters": []}))), row);
    }
}
