//! Arguments and answers about what tables are used for: switching them off, where they come from, who reads them, a look at
//! their rows; and jobs that put tables out. Not for: what a table is (`table`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    arguments::{ArgumentError, Arguments},
    loose::{LooseId, LooseInt},
    table::TableKey,
};

/// Arguments of `table/disable` and `table/enable`: which tables; at least one key must be there.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TableSelection {
    /// Their namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Another key for their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where they come from: `upload`, `reader`, `output`, `table_bind`, `writer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

impl Arguments for TableSelection {
    const REQUIRED: &'static [&'static str] = &[];
}

impl TableSelection {
    /// The same, or what is missing: all tables are never meant.
    pub fn checked(mut self) -> Result<TableSelection, ArgumentError> {
        self.table_name = self.table_name.or(self.name.take());
        match self.namespace.is_none() && self.table_name.is_none() && self.origin.is_none() {
            true => Err(ArgumentError::Missing(vec!["namespace", "table_name"])),
            false => Ok(self),
        }
    }
}

/// A table that another one was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParentTable {
    /// Its name.
    pub parent_table_name: String,
    /// Its namespace.
    pub parent_table_namespace: String,
    /// Name of what that was made of in the end.
    pub source_table_name: String,
    /// Namespace of what that was made of in the end.
    pub source_table_namespace: String,
}

/// Jobs that read a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrackedJobs {
    /// How many.
    pub count: usize,
    /// Their ids.
    pub job: Vec<String>,
}

/// Arguments of `table/list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TableListRequest {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party.
    #[serde(default)]
    #[schema(required = true)]
    pub role: String,
    /// The party.
    #[serde(default)]
    #[schema(required = true)]
    pub party_id: LooseId,
}

impl Arguments for TableListRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "role", "party_id"];
}

/// What a component reads and puts out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComponentTables {
    /// Of a reader `table`, as its parameters say; of others `data`: tables by component and name, `reader_0.data`.
    pub input: Map<String, Value>,
    /// Tables by name in the DSL.
    pub output: Map<String, Value>,
}

/// Arguments of `table/preview`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PreviewRequest {
    /// The table's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_name: Option<String>,
    /// Another key for its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rows to show, at most 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LooseInt>,
}

impl Arguments for PreviewRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

impl PreviewRequest {
    /// Which table.
    pub fn table(&self) -> TableKey {
        let PreviewRequest { namespace, table_name, name, .. } = self.clone();
        TableKey { table_name, name, namespace }
    }
}

/// The first rows of a table, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Names of the columns.
    pub header: Vec<String>,
    /// The rows.
    pub data: Vec<Vec<String>>,
}

/// A job that writes a table to a file on the server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct DownloadConf {
    /// The table's namespace.
    pub namespace: String,
    /// Its name.
    pub table_name: String,
    /// Path of the file, below `local` in the node's data folder or below its `export_folder`; nothing may be there.
    pub output_path: String,
    /// What separates the columns; as the table was uploaded when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
}

/// A job that copies a table.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct WriterConf {
    /// The table's namespace.
    pub namespace: String,
    /// Its name.
    pub table_name: String,
    /// Namespace of the copy.
    pub output_namespace: String,
    /// Name of the copy.
    pub output_name: String,
    /// 1 = replace a table of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<i64>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn all_tables_are_never_meant() {
        let read = |body| read::<TableSelection>(body).unwrap().checked().map_err(|e| e.to_string());
        let missing = "required arguments are missing: namespace,table_name";
        assert_eq!(read(json!({"conf_path": "x"})).unwrap_err(), missing);
        assert_eq!(read(json!({"name": "t"})).unwrap().table_name.as_deref(), Some("t"));
        assert!(read(json!({"origin": "upload"})).is_ok());
    }
}
