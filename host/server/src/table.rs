//! What there is to know of tables, deleting them, and the history of uploads. Not for: their rows (`download`).

use std::collections::BTreeMap;

use parcae_api::{
    loose::LooseId,
    retcode,
    table::{HistoryRequest, TableInfo, TableKey, TableName, UploadHistory, UploadInfo, UploadRecord},
};
use parcae_domain::schema::{Meaning, Schema};
use parcae_node::{NodeError, Tenant, view::TableView};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// What there is to know of a table; one that is not there is no error.
pub(crate) async fn info(app: App, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, name) = key.parts()?;
    let info = app.ask(move |node| {
        let table = node.table(&namespace, &name)?;
        Ok(table.map_or_else(|| TableInfo::absent(&namespace, &name), shown))
    });
    Answer::data(info.await?)
}

fn shown(table: TableView) -> TableInfo {
    let own = || {
        json!({
            "connector_name": null, "home": null, "name": table.name, "namespace": table.namespace,
            "storage_type": "LMDB",
        })
    };
    TableInfo {
        address: Some(table.address.clone().unwrap_or_else(own)),
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
pub(crate) async fn delete(app: App, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, table_name) = key.parts()?;
    let deleted = app.ask(move |node| match node.delete_table(&namespace, &table_name) {
        Err(NodeError::NotFound(_)) => Err(Refusal::code(retcode::ARGUMENT_ERROR, "no find table")),
        other => Ok(other.map(|()| TableName { namespace, table_name })?),
    });
    Answer::data(deleted.await?)
}

/// Uploads that succeeded and whose table is still there, the newest first.
pub(crate) async fn history(app: App, Asked(request): Asked<HistoryRequest>) -> Handled {
    let history = app.ask(move |node| find_history(node, &request)).await?;
    Answer::data(history)
}

fn find_history(node: &Tenant<'_>, request: &HistoryRequest) -> Result<UploadHistory, Refusal> {
    let limit = request.limit.filter(|limit| limit.0 > 0).and_then(|limit| u32::try_from(limit.0).ok());
    let job = request.job_id.as_ref().map(LooseId::as_str);
    let history = node.uploads(job, limit)?.into_iter().map(|upload| {
        let record = UploadRecord {
            notes: upload.description,
            schema: fate_schema(&upload.schema),
            upload_info: UploadInfo {
                namespace: upload.namespace,
                partition: upload.partitions,
                table_name: upload.name,
                upload_count: upload.rows,
            },
        };
        BTreeMap::from([(upload.job.to_string(), record)])
    });
    Ok(history.collect())
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
