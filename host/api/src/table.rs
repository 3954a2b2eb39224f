//! Arguments and answers about tables and uploads. Not for: tables that components put out (`tracking`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// What is to be uploaded. The node skips keys that it does not know and checks the rest itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct UploadConf {
    /// Name of the table.
    pub table_name: String,
    /// Its namespace.
    pub namespace: String,
    /// The file's name at the client; with `use_local_data` 0 its path on the server.
    pub file: String,
    /// 1 = the first line is a header, 0 = it is not.
    pub head: i64,
    /// Number of partitions, 1 to 1023.
    pub partition: i64,
    /// What separates the columns; a comma when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_delimiter: Option<String>,
    /// 1 = replace a table of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<i64>,
    /// 0 = the file is on the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_local_data: Option<i64>,
    /// Make ids rather than take the first column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_sid: Option<bool>,
    /// Made ids count up from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_increasing_sid: Option<bool>,
    /// `meta` says how lines look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_meta: Option<bool>,
    /// How lines look: `delimiter`, `with_label`, `label_name`, `with_match_id` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// A table by its name; `name` is another name of `table_name`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TableKey {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Another key for its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl Arguments for TableKey {
    const REQUIRED: &'static [&'static str] = &[];
}

impl TableKey {
    /// Namespace and name, or what is missing of them.
    pub fn parts(self) -> Result<(String, String), crate::arguments::ArgumentError> {
        match (self.namespace, self.table_name.or(self.name)) {
            (Some(namespace), Some(name)) => Ok((namespace, name)),
            (namespace, name) => {
                let absent = [(namespace.is_none(), "namespace"), (name.is_none(), "table_name")];
                let missing = absent.into_iter().filter_map(|(is, key)| is.then_some(key)).collect();
                Err(crate::arguments::ArgumentError::Missing(missing))
            }
        }
    }
}

/// A table's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub table_name: String,
}

/// What there is to know of a table. Of one that does not exist: `exist` 0 and nulls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TableInfo {
    /// Where it is kept.
    pub address: Option<Value>,
    /// Rows.
    pub count: Option<u64>,
    /// Readers may read it.
    pub enable: bool,
    /// 1 = it is there.
    pub exist: u8,
    /// Its ids were made rather than taken from the file.
    pub extend_sid: bool,
    /// Its namespace.
    pub namespace: String,
    /// `upload`, `reader`, `output` or `table_bind`.
    pub origin: Option<String>,
    /// Number of partitions.
    pub partition: Option<u32>,
    /// `sid`, `header` and more, as FATE describes a table.
    pub schema: Option<Value>,
    /// Its name.
    pub table_name: String,
}

impl TableInfo {
    /// A table that is not there.
    pub fn absent(namespace: &str, table_name: &str) -> TableInfo {
        TableInfo {
            address: None,
            count: Some(0),
            enable: true,
            exist: 0,
            extend_sid: false,
            namespace: namespace.to_owned(),
            origin: None,
            partition: None,
            schema: None,
            table_name: table_name.to_owned(),
        }
    }
}

/// Arguments of `data/upload/history`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct HistoryRequest {
    /// Most uploads to list; 0 = all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LooseInt>,
    /// Only this job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<LooseId>,
}

impl Arguments for HistoryRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Uploads, newest first: objects with one key, the job's id.
pub type UploadHistory = Vec<BTreeMap<String, UploadRecord>>;

/// An upload that succeeded and whose table is still there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UploadRecord {
    /// Description of the job.
    pub notes: String,
    /// Of the table, as in `TableInfo`.
    pub schema: Value,
    /// What was uploaded.
    pub upload_info: UploadInfo,
}

/// What was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadInfo {
    /// Namespace of the table.
    pub namespace: String,
    /// Its partitions.
    pub partition: u32,
    /// Its name.
    pub table_name: String,
    /// Its rows.
    pub upload_count: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn an_absent_table_looks_as_fates() {
        let golden = json!({"address": null, "count": 0, "enable": true, "exist": 0, "extend_sid": false,
            "namespace": "experiment", "origin": null, "partition": null, "schema": null, "table_name": "nosuch"});
        assert_eq!(serde_json::to_value(TableInfo::absent("experiment", "nosuch")).unwrap(), golden);
    }

    #[test]
    fn both_keys_name_a_table() {
        let parts = |body| read::<TableKey>(body).unwrap().parts().map_err(|e| e.to_string());
        assert_eq!(parts(json!({"namespace": "n", "name": "t"})), Ok(("n".into(), "t".into())));
        assert_eq!(parts(json!({"namespace": "n", "table_name": "a", "name": "b"})), Ok(("n".into(), "a".into())));
        assert_eq!(
            parts(json!({"role": "guest"})).unwrap_err(),
            "required arguments are missing: namespace,table_name"
        );
    }
}
