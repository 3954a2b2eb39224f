//! Arguments about data outside tables that get a name, and about stores outside the node. Not for: uploads (`table`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{arguments::Arguments, loose::LooseInt};

/// Partitions of a bound file that says nothing of them.
const PARTITIONS: i64 = 10;

/// Arguments of `table/bind` and `table/add`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct BindRequest {
    /// What `address` leads to: `PATH`, `LOCALFS`, `FILE` for a CSV file on the server, `STANDALONE`, `EGGROLL`, `LMDB` for
    /// a table of this node that gets a second name.
    #[serde(default)]
    #[schema(required = true)]
    pub engine: String,
    /// `{"path": ...}` of a file, `{"name": ..., "namespace": ...}` of a table.
    #[serde(default)]
    #[schema(required = true)]
    pub address: Value,
    /// Namespace that it gets.
    #[serde(default)]
    #[schema(required = true)]
    pub namespace: String,
    /// Name that it gets.
    #[serde(default)]
    #[schema(required = true)]
    pub name: String,
    /// 1 = replace a table of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<LooseInt>,
    /// Number of partitions, 1 to 1023.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partitions: Option<LooseInt>,
    /// 1 = the first line is a header, 0 = it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<LooseInt>,
    /// What separates the columns; a comma when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_delimiter: Option<String>,
    /// Name of the key, which is the first column.
    #[serde(alias = "id_name", skip_serializing_if = "Option::is_none")]
    pub id_column: Option<String>,
    /// Names of the other columns, separated by commas.
    #[serde(alias = "feature_name", skip_serializing_if = "Option::is_none")]
    pub feature_column: Option<String>,
    /// 1 = make ids rather than take the first column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_sid: Option<LooseInt>,
    /// 1 = made ids count up from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_increasing_sid: Option<LooseInt>,
    /// 1 = `meta` says how lines look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_meta: Option<LooseInt>,
    /// How lines look, as for an upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// More that is kept beside the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

impl Arguments for BindRequest {
    const REQUIRED: &'static [&'static str] = &["engine", "address", "namespace", "name"];
}

impl BindRequest {
    /// True when a table of that name is to be replaced.
    pub fn replaces(&self) -> bool {
        self.drop.is_some_and(|drop| drop.0 > 0)
    }

    /// The configuration of the upload that loads the file.
    pub fn upload(&self, file: &str) -> Value {
        json!({
            "file": file,
            "namespace": self.namespace,
            "table_name": self.name,
            "head": self.head.map_or(1, |head| head.0),
            "partition": self.partitions.map_or(PARTITIONS, |partitions| partitions.0),
            "id_delimiter": self.id_delimiter,
            "drop": i64::from(self.replaces()),
            "extend_sid": self.extend_sid,
            "auto_increasing_sid": self.auto_increasing_sid,
            "with_meta": self.with_meta,
            "meta": self.meta,
            "schema": self.schema,
        })
    }
}

/// Arguments of `table/connector/create`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ConnectorRequest {
    /// Its name.
    #[serde(default)]
    #[schema(required = true)]
    pub connector_name: String,
    /// What it is: `MYSQL`.
    #[serde(default)]
    #[schema(required = true)]
    pub engine: String,
    /// How to reach it, an object; passwords are not kept.
    #[serde(default)]
    #[schema(required = true)]
    pub connector_info: Value,
}

impl Arguments for ConnectorRequest {
    const REQUIRED: &'static [&'static str] = &["connector_name", "engine", "connector_info"];
}

/// Arguments of `table/connector/query`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ConnectorKey {
    /// Its name.
    #[serde(default)]
    #[schema(required = true)]
    pub connector_name: String,
}

impl Arguments for ConnectorKey {
    const REQUIRED: &'static [&'static str] = &["connector_name"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::read;

    #[test]
    fn a_binding_is_an_upload_with_defaults() {
        let body = json!({"engine": "PATH", "namespace": "n", "name": "t", "address": {"path": "a.csv"}, "drop": true,
            "head": false, "id_name": "id", "conf_path": "c"});
        let request: BindRequest = read(body).unwrap();
        let upload = request.upload("a.csv");
        assert_eq!((&upload["head"], &upload["partition"], &upload["drop"]), (&json!(0), &json!(10), &json!(1)));
        assert_eq!((request.id_column.as_deref(), &upload["meta"]), (Some("id"), &Value::Null));
        let missing = read::<BindRequest>(json!({"engine": "PATH", "name": "t"})).unwrap_err();
        assert_eq!(missing.to_string(), "required arguments are missing: address,namespace");
    }
}
