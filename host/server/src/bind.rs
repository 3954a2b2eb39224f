//! `table/bind`: data that are on the site already get a name. `table/connector/*`: descriptions of stores, which are kept and
//! shown. Not for: loading and naming (the node), which files may be read (`upload_local`).

use std::time::Duration;

use parcae_api::{
    bind::{BindRequest, ConnectorKey, ConnectorRequest},
    retcode,
    table::TableName,
};
use parcae_node::{FileBinding, NodeError, Tenant};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
    upload_local::allowed_file,
};

/// Words in keys of a connector whose values are not kept.
const SECRETS: [&str; 4] = ["pass", "secret", "token", "key"];
/// How long the answer to a binding waits for the rows.
const LOADING: Duration = Duration::from_secs(600);
/// How often it looks whether they are there: at first, and in the end.
const LOOK: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(250)];

/// What an engine means here.
enum Engine {
    /// Files of the server.
    Files,
    /// Tables of the node.
    Tables,
    /// Something outside the node.
    Outside,
}

fn engine(name: &str) -> Engine {
    match name.trim().to_ascii_uppercase().as_str() {
        "PATH" | "LOCALFS" | "FILE" => Engine::Files,
        "STANDALONE" | "EGGROLL" | "LMDB" => Engine::Tables,
        _ => Engine::Outside,
    }
}

/// Loads a file of the server into a table, or gives a table a second name.
pub(crate) async fn bind(app: App, Asked(request): Asked<BindRequest>) -> Handled {
    if !request.address.is_object() {
        let text = "argument address: expected an object, such as {\"path\": \"data.csv\"}";
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, text));
    }
    for (key, value) in [("namespace", &request.namespace), ("name", &request.name)] {
        if value.is_empty() {
            return Err(Refusal::code(retcode::ARGUMENT_ERROR, &format!("argument {key}: is empty")));
        }
    }
    let bound = TableName { namespace: request.namespace.clone(), table_name: request.name.clone() };
    match engine(&request.engine) {
        Engine::Files => bind_file(&app, request).await?,
        Engine::Tables => app.ask(move |node| bind_table(node, &request)).await?,
        Engine::Outside => {
            return Err(Refusal::exception(&format!(
                "engine {:?}: this node holds its tables itself and does not read from stores outside of it; write the \
                 data to a CSV file and upload it with data/upload, or bind the file with engine PATH",
                request.engine
            )));
        }
    }
    Answer::data(bound)
}

/// A text in the address that must be there.
fn of_address(request: &BindRequest, key: &str) -> Result<String, Refusal> {
    let text = request.address.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let absent = || Refusal::exception(&format!("address of engine {}: {key} is missing", request.engine));
    text.map(str::to_owned).ok_or_else(absent)
}

async fn bind_file(app: &App, request: BindRequest) -> Result<(), Refusal> {
    let path = of_address(&request, "path")?;
    let file = allowed_file(app, path.clone()).await?;
    let binding = FileBinding {
        upload: numbers(request.upload(&path)),
        address: json!({"connector_name": null, "path": path}),
        id_column: request.id_column.clone(),
        feature_column: request.feature_column,
    };
    let job = app.ask(move |node| node.begin_bind(&binding, &file).map_err(refused)).await?;
    let ([mut pause, most], end) = (LOOK, Instant::now() + LOADING);
    loop {
        let asked = job.clone();
        if let Some(result) = app.ask(move |node| Ok(node.bind_result(&asked))).await? {
            return result.map_err(refused);
        }
        if Instant::now() >= end {
            let text = format!("the file is still being loaded, by job {job}, which goes on: look at job/query");
            return Err(Refusal::exception(&text));
        }
        // A client that leaves ends this.
        sleep(pause).await;
        pause = (pause * 2).min(most);
    }
}

/// Switches as the upload's configuration has them: what is on is 1.
fn numbers(mut upload: Value) -> Value {
    for key in ["extend_sid", "auto_increasing_sid", "with_meta"] {
        if let Some(number) = upload[key].as_i64() {
            upload[key] = i64::from(number > 0).into();
        }
    }
    upload
}

fn bind_table(node: &Tenant<'_>, request: &BindRequest) -> Result<(), Refusal> {
    let source = (of_address(request, "namespace")?, of_address(request, "name")?);
    let address = json!({
        "connector_name": null, "home": null, "name": source.1, "namespace": source.0, "storage_type": "LMDB",
    });
    let target = (request.namespace.as_str(), request.name.as_str());
    node.bind_table(target, (source.0.as_str(), source.1.as_str()), &address, request.replaces()).map_err(refused)
}

/// FATE-Flow answers everything that goes wrong with an address with retcode 100.
fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::Invalid(text) => Refusal::exception(&text),
        other => other.into(),
    }
}

/// Keeps the description of a store.
pub(crate) async fn create_connector(app: App, Asked(request): Asked<ConnectorRequest>) -> Handled {
    let mut info = request.connector_info;
    if !info.is_object() {
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, "argument connector_info: expected an object"));
    }
    if request.connector_name.is_empty() {
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, "argument connector_name: is empty"));
    }
    // Nothing here connects to a store, so that nothing needs its password.
    without_secrets(&mut info);
    app.ask(move |node| Ok(node.put_connector(&request.connector_name, &request.engine, &info)?)).await?;
    Ok(Answer::empty())
}

/// Empties every value, however deep, whose key says that it is secret.
fn without_secrets(value: &mut Value) {
    match value {
        Value::Object(pairs) => {
            for (key, value) in pairs.iter_mut() {
                let key = key.to_lowercase();
                if SECRETS.iter().any(|word| key.contains(word)) {
                    *value = "".into();
                } else {
                    without_secrets(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_secrets),
        _ => {}
    }
}

/// The description of a store; of one that is not there, nothing.
pub(crate) async fn query_connector(app: App, Asked(request): Asked<ConnectorKey>) -> Handled {
    let found = app.ask(move |node| Ok(node.connector(&request.connector_name)?)).await?;
    Answer::data(found.map_or_else(|| json!({}), |connector| connector.info))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_emptied_however_deep_they_are() {
        let mut info = json!({
            "user": "fate", "PASSWD": "x", "port": 3306, "nodes": [{"host": "db", "accessKey": {"id": 1}}, 7],
            "auth": {"Token": ["x"], "client_secret": 5, "realm": "r"},
        });
        without_secrets(&mut info);
        let kept = json!({
            "user": "fate", "PASSWD": "", "port": 3306, "nodes": [{"host": "db", "accessKey": ""}, 7],
            "auth": {"Token": "", "client_secret": "", "realm": "r"},
        });
        assert_eq!(info, kept);
    }
}
