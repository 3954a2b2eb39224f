//! What is known of the input table: its columns, and the schema that Upload recorded. Not for: what to do with it.

use parcae_sdk::tables::{ColumnDefinition, Meaning, Schema};
use serde_json::{Map, Value};

/// The names of the cells of stored lines.
#[derive(Clone, Debug, PartialEq)]
pub enum Header {
    /// The file had none.
    None,
    /// The line behind the key, not split.
    Line(String),
    /// Split, label and match ids in their place.
    Names(Vec<String>),
}

/// What is known of the input table.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Name of the key column.
    pub sid: String,
    /// Rows are stored lines; otherwise they are parsed columns.
    pub raw: bool,
    /// Indexes of the columns to read; the key is the first.
    pub read: Vec<u32>,
    /// The columns to read behind the key; for parsed tables.
    pub columns: Vec<ColumnDefinition>,
    /// The recorded `meta`; empty when there is none.
    pub meta: Map<String, Value>,
    /// Names of the cells of a stored line.
    pub header: Header,
    /// Where the label stands, if recorded.
    pub label: Option<usize>,
    /// Where match ids stand, if recorded.
    pub match_ids: Vec<usize>,
    /// What separates the cells of stored lines.
    pub id_delimiter: String,
}

impl Recorded {
    /// Looks at a schema.
    pub fn of(schema: &Schema) -> Recorded {
        let extra: Map<String, Value> = serde_json::from_str(&schema.extra).unwrap_or_default();
        let sid = schema.columns.first().map(|c| c.name.clone()).unwrap_or_default();
        let position = schema.columns.iter().position(|c| c.meaning == Meaning::Raw);
        let id_delimiter = extra.get("id_delimiter").and_then(Value::as_str).unwrap_or(",").to_owned();
        let mut found = Recorded {
            sid,
            raw: position.is_some(),
            read: vec![0],
            columns: Vec::new(),
            meta: Map::new(),
            header: Header::None,
            label: None,
            match_ids: Vec::new(),
            id_delimiter,
        };
        match position {
            Some(index) => {
                found.read.push(index as u32);
                found.meta = extra.get("meta").and_then(Value::as_object).cloned().unwrap_or_default();
                found.read_header(&extra);
            }
            None => found.take_columns(schema),
        }
        found
    }

    /// Columns of a parsed table; weights are not features and stay behind.
    fn take_columns(&mut self, schema: &Schema) {
        for (index, column) in schema.columns.iter().enumerate().skip(1) {
            if column.meaning != Meaning::Weight {
                self.read.push(index as u32);
                self.columns.push(column.clone());
            }
        }
        let at =
            |wanted: Meaning| self.columns.iter().enumerate().filter(move |(_, c)| c.meaning == wanted).map(|(i, _)| i);
        self.label = at(Meaning::Label).next();
        self.match_ids = at(Meaning::MatchId).collect();
        self.header = Header::Names(self.columns.iter().map(|c| c.name.clone()).collect());
    }

    fn read_header(&mut self, extra: &Map<String, Value>) {
        let names = texts(extra.get("header"));
        let indexes = extra.get("original_index_info").filter(|indexes| indexes.is_object());
        self.header = match (extra.get("header"), indexes) {
            (Some(Value::String(line)), _) => {
                let keyless = extra.get("sid").and_then(Value::as_str).unwrap_or_default().is_empty();
                if line.is_empty() && keyless { Header::None } else { Header::Line(line.clone()) }
            }
            (Some(Value::Array(_)), None) => Header::Names(names),
            (Some(Value::Array(_)), Some(indexes)) => {
                let features = places(&indexes["header_index"]);
                let labels = places(&indexes["label_index"]);
                let ids = places(&indexes["match_id_index"]);
                let named = features.into_iter().zip(names);
                let named = named.chain(labels.iter().copied().zip(texts(extra.get("label_name"))));
                let mut named: Vec<(usize, String)> =
                    named.chain(ids.iter().copied().zip(texts(extra.get("match_id_name")))).collect();
                named.sort();
                self.label = labels.first().copied();
                self.match_ids = ids;
                Header::Names(named.into_iter().map(|(_, name)| name).collect())
            }
            _ => Header::None,
        };
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn places(value: &Value) -> Vec<usize> {
    let place = |value: &Value| value.as_u64().map(|n| n as usize);
    match value {
        Value::Array(all) => all.iter().filter_map(place).collect(),
        one => place(one).into_iter().collect(),
    }
}

#[cfg(test)]
pub mod tests {
    use parcae_sdk::tables::DataType;
    use serde_json::json;

    use super::*;

    /// A table of stored lines.
    pub fn lines(extra: Value) -> Recorded {
        let column = |name: &str, meaning| ColumnDefinition { name: name.into(), data_type: DataType::Text, meaning };
        let columns = vec![column("id", Meaning::Id), column("raw", Meaning::Raw)];
        Recorded::of(&Schema { columns, extra: extra.to_string() })
    }

    #[test]
    fn header_of_a_file_without_meta() {
        let found = lines(json!({ "sid": "id", "header": "y,x0", "meta": {}, "id_delimiter": ";" }));
        assert_eq!((found.header, found.id_delimiter.as_str()), (Header::Line("y,x0".into()), ";"));
        assert_eq!((found.raw, found.read), (true, vec![0, 1]));
        assert_eq!(lines(json!({ "sid": "", "header": "", "meta": {} })).header, Header::None);
        assert_eq!(lines(json!({ "sid": "id", "header": "", "meta": {} })).header, Header::Line(String::new()));
    }

    #[test]
    fn columns_stand_in_the_order_of_the_file() {
        let found = lines(json!({
            "sid": "extend_sid", "header": ["x0", "x1"], "label_name": "y", "match_id_name": ["id"],
            "meta": { "delimiter": "," },
            "original_index_info": { "header_index": [1, 3], "label_index": 2, "match_id_index": [0] },
        }));
        assert_eq!(found.header, Header::Names(vec!["id".into(), "x0".into(), "y".into(), "x1".into()]));
        assert_eq!((found.label, found.match_ids), (Some(2), vec![0]));
    }

    #[test]
    fn parsed_tables_name_their_columns() {
        let column = |name: &str, data_type, meaning| ColumnDefinition { name: name.into(), data_type, meaning };
        let columns = vec![
            column("id", DataType::Text, Meaning::Id),
            column("w", DataType::Float64, Meaning::Weight),
            column("y", DataType::Int64, Meaning::Label),
            column("x0", DataType::Float64, Meaning::Feature),
        ];
        let found = Recorded::of(&Schema { columns, extra: "{}".into() });
        assert_eq!((found.raw, found.read, found.label), (false, vec![0, 2, 3], Some(0)));
        assert_eq!(found.header, Header::Names(vec!["y".into(), "x0".into()]));
    }
}
