//! What there is to know of tables, deleting them, and the history of uploads. Not for: their rows (`download`).

use std::collections::BTreeMap;

use axum::extract::State;
use parcae_api::{
    loose::LooseInt,
    retcode,
    table::{HistoryRequest, TableInfo, TableKey, TableName, UploadHistory, UploadInfo, UploadRecord},
};
use parcae_domain::schema::{Meaning, Schema};
use parcae_node::{
    Node, NodeError,
    view::{Filter, TableView, TaskView},
};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// Component of an upload job.
const UPLOAD: &str = "upload_0";

/// What there is to know of a table; one that is not there is no error.
pub(crate) async fn info(State(app): State<App>, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, name) = key.parts()?;
    let info = app.ask(move |node| {
        let table = node.table(&namespace, &name)?;
        Ok(table.map_or_else(|| TableInfo::absent(&namespace, &name), shown))
    });
    Answer::data(info.await?)
}

fn shown(table: TableView) -> TableInfo {
    let address = json!({
        "connector_name": null, "home": null, "name": table.name, "namespace": table.namespace, "storage_type": "LMDB",
    });
    TableInfo {
        address: Some(address),
        count: Some(table.rows),
        enable: !table.disabled,
        exist: 1,
        extend_sid: table.schema.sid() == "extend_sid",
        origin: Some(table.origin),
        partition: Some(table.partitions),
        schema: Some(fate_schema(&table.schema)),
        namespace: table.namespace,
        table_name: table.name,
    }
}

/// A schema as FATE keeps it: of an uploaded table `header` is the text that stood in the file, of others a list of
/// what is neither key nor label.
fn fate_schema(schema: &Schema) -> Value {
    let mut all: Map<String, Value> = schema.extra.clone();
    all.insert("sid".into(), schema.sid().into());
    let is_raw = schema.names(Meaning::Raw).next().is_some();
    if is_raw {
        all.entry("header").or_insert_with(|| "".into());
    } else {
        let special = [Meaning::Id, Meaning::MatchId, Meaning::Label, Meaning::Weight];
        let rest = schema.columns.iter().filter(|column| !special.contains(&column.meaning));
        all.insert("header".into(), rest.map(|column| column.name.clone()).collect::<Vec<_>>().into());
        for (key, meaning) in [("label_name", Meaning::Label), ("weight_name", Meaning::Weight)] {
            if let Some(name) = schema.names(meaning).next() {
                all.insert(key.into(), name.into());
            }
        }
        let match_ids: Vec<Value> = schema.names(Meaning::MatchId).map(Value::from).collect();
        if !match_ids.is_empty() {
            all.insert("match_id_name".into(), match_ids.into());
        }
    }
    all.entry("meta").or_insert_with(|| json!({}));
    Value::Object(all)
}

/// Deletes a table.
pub(crate) async fn delete(State(app): State<App>, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, table_name) = key.parts()?;
    let deleted = app.ask(move |node| match node.delete_table(&namespace, &table_name) {
        Err(NodeError::NotFound(_)) => Err(Refusal::code(retcode::ARGUMENT_ERROR, "no find table")),
        other => Ok(other.map(|()| TableName { namespace, table_name })?),
    });
    Answer::data(deleted.await?)
}

/// Uploads that succeeded and whose table is still there, the newest first.
pub(crate) async fn history(State(app): State<App>, Asked(request): Asked<HistoryRequest>) -> Handled {
    let history = app.ask(move |node| find_history(node, &request)).await?;
    Answer::data(history)
}

fn find_history(node: &Node, request: &HistoryRequest) -> Result<UploadHistory, Refusal> {
    let filter = Filter {
        jobs: request.job_id.clone().map(|id| vec![id.0]),
        statuses: Some(vec!["success".into()]),
        components: Some(vec![UPLOAD.into()]),
        ..Filter::default()
    };
    let mut tasks = node.tasks(&filter)?;
    tasks.sort_by(|a, b| b.created_ms.cmp(&a.created_ms).then_with(|| b.job.cmp(&a.job)));
    let limit = match request.limit {
        Some(LooseInt(limit)) if limit > 0 => usize::try_from(limit).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let mut history = Vec::new();
    for task in tasks {
        if history.len() == limit {
            break;
        }
        if let Some(record) = record(node, &task)? {
            history.push(BTreeMap::from([(task.job.to_string(), record)]));
        }
    }
    Ok(history)
}

fn record(node: &Node, task: &TaskView) -> Result<Option<UploadRecord>, Refusal> {
    let text = |key: &str| task.parameters.get(key).and_then(Value::as_str);
    let (Some(namespace), Some(name)) = (text("namespace"), text("name").or_else(|| text("table_name"))) else {
        return Ok(None);
    };
    let Some(table) = node.table(namespace, name)? else { return Ok(None) };
    let jobs = node.jobs(&Filter { jobs: Some(vec![task.job.to_string()]), ..Filter::default() })?;
    Ok(Some(UploadRecord {
        notes: jobs.first().map(|job| job.description.clone()).unwrap_or_default(),
        schema: fate_schema(&table.schema),
        upload_info: UploadInfo {
            namespace: table.namespace,
            partition: table.partitions,
            table_name: table.name,
            upload_count: table.rows,
        },
    }))
}

#[cfg(test)]
mod tests {
    use parcae_domain::schema::{ColumnDef, DataType};

    use super::*;

    fn schema(columns: &[(&str, Meaning)], extra: Value) -> Schema {
        let def = |(name, meaning): &(&str, Meaning)| ColumnDef {
            name: (*name).to_owned(),
            data_type: DataType::Text,
            meaning: *meaning,
        };
        Schema { columns: columns.iter().map(def).collect(), extra: extra.as_object().cloned().unwrap_or_default() }
    }

    #[test]
    fn an_uploaded_tables_schema_is_fates() {
        // Answer of a FATE-Flow 1.11 server for `breast_hetero_host`, shortened.
        let raw = schema(&[("id", Meaning::Id), ("line", Meaning::Raw)], json!({"header": "x0,x1", "meta": {}}));
        assert_eq!(fate_schema(&raw), json!({"header": "x0,x1", "meta": {}, "sid": "id"}));
    }

    #[test]
    fn a_parsed_tables_header_is_a_list() {
        let columns = [("id", Meaning::Id), ("y", Meaning::Label), ("x0", Meaning::Feature), ("x1", Meaning::Feature)];
        let parsed = schema(&columns, json!({"header": "y,x0,x1"}));
        assert_eq!(fate_schema(&parsed), json!({"header": ["x0", "x1"], "label_name": "y", "meta": {}, "sid": "id"}));
    }
}
