//! What a table looks like: its columns and what each means. Not for: its values (`page`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    /// UTF-8 text.
    Text,
    /// 64-bit floating point.
    F64,
    /// 64-bit signed integer.
    I64,
    /// True or false.
    Bool,
}

impl DataType {
    /// Its name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            DataType::Text => "text",
            DataType::F64 => "float64",
            DataType::I64 => "int64",
            DataType::Bool => "boolean",
        }
    }
}

/// What a column means to an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// The key of a row; a table has exactly one, and it is the first column.
    Id,
    /// The id that parties match on when the key is generated.
    MatchId,
    /// What a model learns to predict.
    Label,
    /// Weight of the row.
    Weight,
    /// An input of a model.
    Feature,
    /// A whole line of a file, not parsed yet.
    Raw,
    /// Anything else: scores, types.
    Other,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDef {
    /// Name, printable, unique in its table.
    pub name: String,
    /// How it is stored.
    pub data_type: DataType,
    /// What it means.
    pub meaning: Meaning,
}

/// The columns of a table, and what FATE carries beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// The columns; the first is the key.
    pub columns: Vec<ColumnDef>,
    /// More, as FATE names it: `header` (text of an uploaded header), `meta`, `content_type`, `id_delimiter`.
    pub extra: Map<String, Value>,
}

/// Most columns that a table may have.
pub const MAX_COLUMNS: usize = 65_536;
/// Longest name of a column, in bytes.
pub const MAX_COLUMN_NAME: usize = 1_024;
/// Largest `extra` of a schema, in bytes of JSON.
pub const MAX_SCHEMA_EXTRA: usize = 8 << 20;

/// Why a schema is refused.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The key is missing or not in its place.
    #[error("the first column must be the only one that means id, and be text")]
    Key,
    /// Too many columns.
    #[error("{0} columns, more than {MAX_COLUMNS}")]
    TooManyColumns(usize),
    /// A name that is empty, too long or not printable.
    #[error("column {0} has a name that is empty, longer than {MAX_COLUMN_NAME} bytes or not printable: {1:?}")]
    Name(usize, String),
    /// Two columns with one name.
    #[error("two columns are named {0:?}")]
    Duplicate(String),
    /// Too much beside the columns.
    #[error("{0} bytes beside the columns, more than {MAX_SCHEMA_EXTRA}")]
    Extra(usize),
}

impl Schema {
    /// Checks a schema that came from outside.
    pub fn check(&self) -> Result<(), SchemaError> {
        if self.columns.len() > MAX_COLUMNS {
            return Err(SchemaError::TooManyColumns(self.columns.len()));
        }
        let ids = self.columns.iter().filter(|c| c.meaning == Meaning::Id).count();
        match self.columns.first() {
            Some(c) if ids == 1 && c.meaning == Meaning::Id && c.data_type == DataType::Text => {}
            _ => return Err(SchemaError::Key),
        }
        let mut seen = std::collections::HashSet::new();
        for (i, column) in self.columns.iter().enumerate() {
            let name = &column.name;
            // A file without a header has a key without a name.
            let empty = name.is_empty() && i > 0;
            if empty || name.len() > MAX_COLUMN_NAME || name.chars().any(char::is_control) {
                return Err(SchemaError::Name(i, name.chars().take(80).collect()));
            }
            if !seen.insert(name) {
                return Err(SchemaError::Duplicate(name.clone()));
            }
        }
        let extra = Value::Object(self.extra.clone()).to_string().len();
        if extra > MAX_SCHEMA_EXTRA {
            return Err(SchemaError::Extra(extra));
        }
        Ok(())
    }

    /// Name of the key column.
    pub fn sid(&self) -> &str {
        self.columns.first().map_or("", |c| c.name.as_str())
    }

    /// Names of the columns that mean `meaning`, in order.
    pub fn names(&self, meaning: Meaning) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(move |c| c.meaning == meaning).map(|c| c.name.as_str())
    }
}
