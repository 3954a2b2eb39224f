//! What is recorded beside a table, as FATE does: `sid`, `header`, `meta`, and with meta the place of label, match ids and
//! features. Beyond FATE it has `id_delimiter`, which separates the cells of the stored lines. Not for: the table's columns.

use parcae_sdk::{Result, input_error};
use serde_json::{Map, Value, json};

use crate::{meta::Meta, parameters::Parameters};

/// Key column of tables whose keys are made.
pub const MADE_SID: &str = "extend_sid";

/// The recorded schema, and what loading needs of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Name of the key column; "" without a header.
    pub sid: String,
    /// What separates the columns.
    pub delimiter: String,
    /// Rows have one cell a column.
    pub dense: bool,
    /// The recorded schema.
    pub extra: Map<String, Value>,
}

/// Makes the recorded schema of a file with this header line.
pub fn record(component: &str, parameters: &Parameters, header_line: Option<&str>) -> Result<Recorded> {
    let delimiter = parameters.delimiter().to_owned();
    let meta = match parameters.with_meta {
        true => Some(Meta::complete(component, &parameters.meta, &delimiter, parameters.extend_sid)?),
        false => None,
    };
    let (sid, header) = match (header_line, parameters.extend_sid) {
        (None, false) => ("", ""),
        (None, true) => (MADE_SID, ""),
        (Some(line), true) => (MADE_SID, line),
        (Some(line), false) => line.split_once(delimiter.as_str()).unwrap_or((line, "")),
    };
    let sid = sid.trim().to_owned();
    let mut extra = Map::new();
    extra.insert("sid".into(), json!(sid));
    extra.insert("header".into(), json!(header));
    extra.insert("meta".into(), json!({}));
    let dense = meta.as_ref().is_none_or(Meta::is_dense);
    if let Some(meta) = &meta {
        extra.insert("meta".into(), Value::Object(meta.0.clone()));
        if dense && header_line.is_some() {
            place_columns(component, &names(header, &delimiter), meta, &mut extra)?;
        }
    }
    extra.insert("id_delimiter".into(), json!(delimiter));
    for (name, value) in &parameters.schema {
        if extra.get(name).is_none_or(|known| known == "") {
            extra.insert(name.clone(), value.clone());
        }
    }
    // A file without a header may have been told the name of its key.
    let sid = extra.get("sid").and_then(Value::as_str).map_or(sid, |told| told.trim().to_owned());
    Ok(Recorded { sid, delimiter, dense, extra })
}

fn names(header: &str, delimiter: &str) -> Vec<String> {
    match header {
        "" => Vec::new(),
        _ => header.split(delimiter).map(|name| name.trim().to_owned()).collect(),
    }
}

/// Takes label and match ids out of the header and records where everything stands.
fn place_columns(component: &str, names: &[String], meta: &Meta, extra: &mut Map<String, Value>) -> Result<()> {
    let mut indexes = Map::new();
    let mut taken = Vec::new();
    if meta.flag("with_match_id") {
        let list = meta.id_list();
        let places = match list.is_empty() {
            true if names.is_empty() => return Err(no_column(component, "a match id", names)),
            true => vec![0],
            false => {
                list.iter().map(|id| find(component, names, id, "meta.id_list")).collect::<Result<Vec<usize>>>()?
            }
        };
        let name = match list.is_empty() {
            true => json!(names[0]),
            false => json!(list),
        };
        extra.insert("match_id_name".into(), name);
        indexes.insert("match_id_index".into(), json!(places));
        taken.extend(places);
    }
    if meta.flag("with_label") {
        let place = find(component, names, meta.text("label_name"), "meta.label_name")?;
        extra.insert("label_name".into(), json!(names[place]));
        extra.insert("anonymous_label".into(), json!("y"));
        indexes.insert("label_index".into(), json!(place));
        taken.push(place);
    }
    let features: Vec<usize> = (0..names.len()).filter(|i| !taken.contains(i)).collect();
    let header: Vec<&str> = features.iter().map(|i| names[*i].as_str()).collect();
    let anonymous: Vec<String> = (0..features.len()).map(|i| format!("x{i}")).collect();
    extra.insert("header".into(), json!(header));
    extra.insert("anonymous_header".into(), json!(anonymous));
    indexes.insert("header_index".into(), json!(features));
    extra.insert("original_index_info".into(), Value::Object(indexes));
    Ok(())
}

/// Where a column stands; its name in another case is good enough when no other column has it.
fn find(component: &str, names: &[String], wanted: &str, parameter: &str) -> Result<usize> {
    let exact = names.iter().position(|name| name == wanted);
    let alike = || names.iter().position(|name| name.to_lowercase() == wanted.to_lowercase());
    exact.or_else(alike).ok_or_else(|| no_column(component, &format!("{parameter} {wanted}"), names))
}

fn no_column(component: &str, what: &str, names: &[String]) -> parcae_sdk::Failure {
    let shown: Vec<&str> = names.iter().take(30).map(String::as_str).collect();
    let (shown, n) = (shown.join(", "), names.len());
    input_error(format!("{component}: the header has no column for {what}; it has {n} behind the key: {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(given: Value, header: Option<&str>) -> Result<Value> {
        let parameters: Parameters = serde_json::from_value(given).unwrap();
        let mut extra = record("upload_0", &parameters, header)?.extra;
        assert!(extra.remove("id_delimiter").is_some());
        Ok(Value::Object(extra))
    }

    /// The schemas that a FATE 1.11.2 server answered with.
    #[test]
    fn golden_without_meta() {
        let plain = recorded(json!({}), Some("id,y,x0,x1")).unwrap();
        assert_eq!(plain, json!({ "sid": "id", "header": "y,x0,x1", "meta": {} }));
        let headless = recorded(json!({ "head": 0 }), None).unwrap();
        assert_eq!(headless, json!({ "sid": "", "header": "", "meta": {} }));
        let made = recorded(json!({ "extend_sid": true }), Some("id,y,x0")).unwrap();
        assert_eq!(made, json!({ "sid": "extend_sid", "header": "id,y,x0", "meta": {} }));
    }

    #[test]
    fn golden_with_meta() {
        let given = json!({ "with_meta": true, "meta": { "with_label": true, "label_name": "y" } });
        let found = recorded(given, Some("id,y,x0")).unwrap();
        let meta = json!({
            "delimiter": ",", "input_format": "dense", "tag_with_value": false, "tag_value_delimiter": ":",
            "with_match_id": false, "id_range": 0, "data_type": "float64", "with_label": true, "label_name": "y",
            "label_type": "int",
        });
        let expected = json!({
            "sid": "id", "header": ["x0"], "label_name": "y", "meta": meta, "anonymous_header": ["x0"],
            "anonymous_label": "y", "original_index_info": { "header_index": [1], "label_index": 0 },
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn golden_with_match_ids() {
        let given = json!({ "extend_sid": true, "with_meta": true, "meta": { "with_label": true, "id_list": ["id"] } });
        let found = recorded(given, Some("id,y,x0,x1")).unwrap();
        assert_eq!((&found["sid"], &found["header"]), (&json!("extend_sid"), &json!(["x0", "x1"])));
        assert_eq!(found["match_id_name"], json!(["id"]));
        let indexes = json!({ "match_id_index": [0], "label_index": 1, "header_index": [2, 3] });
        assert_eq!(found["original_index_info"], indexes);
        assert_eq!(found["meta"]["with_match_id"], json!(true));
    }

    #[test]
    fn label_and_match_id_must_be_there() {
        let given = json!({ "with_meta": true, "meta": { "with_label": true, "label_name": "target" } });
        let message = recorded(given, Some("id,y,x0")).unwrap_err().message;
        assert!(message.contains("meta.label_name target; it has 2 behind the key: y, x0"), "{message}");
        let given = json!({ "with_meta": true, "meta": { "with_label": true, "label_name": "Y" } });
        assert_eq!(recorded(given, Some("id,y,x0")).unwrap()["label_name"], "y");
    }

    #[test]
    fn sparse_files_keep_their_header_text() {
        let given = json!({ "head": 0, "with_meta": true, "meta": { "input_format": "svmlight", "delimiter": " " } });
        let parameters: Parameters = serde_json::from_value(given).unwrap();
        let found = record("upload_0", &parameters, None).unwrap();
        assert!(!found.dense);
        assert_eq!((found.delimiter.as_str(), &found.extra["header"]), (" ", &json!("")));
    }

    #[test]
    fn further_entries_do_not_replace_what_is_known() {
        let given = json!({ "schema": { "owner": "bank", "sid": "key" } });
        let found = recorded(given, Some("id,y")).unwrap();
        assert_eq!((&found["owner"], &found["sid"]), (&json!("bank"), &json!("id")));
        let given = json!({ "head": 0, "schema": { "sid": "key", "header": "y,x0" } });
        let parameters: Parameters = serde_json::from_value(given).unwrap();
        let found = record("upload_0", &parameters, None).unwrap();
        assert_eq!((found.sid.as_str(), &found.extra["header"]), ("key", &json!("y,x0")));
    }
}
