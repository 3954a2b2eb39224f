//! `meta`, which says at upload time what columns mean: its entries and their defaults. Not for: applying it to a header, see
//! `schema`.

use parcae_sdk::{Result, input_error};
use serde_json::{Map, Value, json};

use crate::parameters::truth;

/// All entries with their defaults; `null` is left out of what is recorded.
fn defaults(delimiter: &str) -> Map<String, Value> {
    let all = json!({
        "delimiter": delimiter,
        "input_format": "dense",
        "tag_with_value": false,
        "tag_value_delimiter": ":",
        "with_match_id": false,
        "id_list": null,
        "id_range": 0,
        "exclusive_data_type": null,
        "data_type": "float64",
        "with_label": false,
        "label_name": "y",
        "label_type": "int",
    });
    all.as_object().cloned().unwrap_or_default()
}

/// Checked entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta(pub Map<String, Value>);

impl Meta {
    /// Fills in defaults (`delimiter` for the entry of that name), forces match ids when keys are made, and leaves out what says
    /// nothing: nulls, and the label's name and type without a label.
    pub fn complete(component: &str, given: &Map<String, Value>, delimiter: &str, extend_sid: bool) -> Result<Meta> {
        let mut entries = defaults(delimiter);
        for (name, value) in given {
            if !entries.contains_key(name) {
                let known: Vec<&str> = entries.keys().map(String::as_str).collect();
                let known = known.join(", ");
                return Err(input_error(format!("{component}: meta has no entry {name}; known entries: {known}")));
            }
            entries.insert(name.clone(), value.clone());
        }
        for flag in ["tag_with_value", "with_match_id", "with_label"] {
            let on = entries.get(flag).is_some_and(truth);
            entries.insert(flag.to_owned(), json!(on));
        }
        if extend_sid {
            entries.insert("with_match_id".to_owned(), json!(true));
        }
        entries.retain(|_, value| !value.is_null());
        let meta = Meta(entries);
        meta.check(component)?;
        let mut entries = meta.0;
        if !entries.get("with_label").is_some_and(truth) {
            entries.retain(|name, _| name != "label_name" && name != "label_type");
        }
        Ok(Meta(entries))
    }

    /// A text entry, or "".
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(truth)
    }

    /// The names of `id_list`.
    pub fn id_list(&self) -> Vec<String> {
        let list = self.0.get("id_list").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    /// Rows have one cell a column.
    pub fn is_dense(&self) -> bool {
        self.text("input_format") == "dense"
    }

    fn check(&self, component: &str) -> Result<()> {
        let fail = |name: &str, wanted: &str| {
            let found = self.0.get(name).cloned().unwrap_or(Value::Null);
            Err(input_error(format!("{component}: meta.{name} is {found}; give {wanted}")))
        };
        if self.text("delimiter").is_empty() {
            return fail("delimiter", "a text of at least one character");
        }
        if !["dense", "sparse", "svmlight", "tag"].contains(&self.text("input_format")) {
            return fail("input_format", "dense, sparse, svmlight or tag");
        }
        if self.text("tag_value_delimiter").is_empty() {
            return fail("tag_value_delimiter", "a text of at least one character");
        }
        let texts_only = |list: &Value| list.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        if self.0.get("id_list").is_some_and(|list| !texts_only(list)) {
            return fail("id_list", "a list of column names, or null");
        }
        if self.0.get("id_range").is_some_and(|range| range.as_u64().is_none()) {
            return fail("id_range", "a whole number from 0");
        }
        if self.0.get("exclusive_data_type").is_some_and(|types| !types.is_object()) {
            return fail("exclusive_data_type", "an object of column name and type, or null");
        }
        if self.flag("with_label") && self.text("label_name").is_empty() {
            return fail("label_name", "the name of the label column");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(given: Value, extend_sid: bool) -> Result<Meta> {
        Meta::complete("upload_0", given.as_object().unwrap(), ",", extend_sid)
    }

    #[test]
    fn nulls_and_an_unused_label_are_left_out() {
        let meta = complete(json!({}), false).unwrap();
        assert_eq!(
            Value::Object(meta.0),
            json!({
                "delimiter": ",", "input_format": "dense", "tag_with_value": false, "tag_value_delimiter": ":",
                "with_match_id": false, "id_range": 0, "data_type": "float64", "with_label": false,
            })
        );
    }

    #[test]
    fn a_label_is_kept_and_made_keys_force_match_ids() {
        let meta = complete(json!({ "with_label": true, "id_list": ["id"] }), true).unwrap();
        assert_eq!((meta.text("label_name"), meta.text("label_type")), ("y", "int"));
        assert!(meta.flag("with_match_id") && meta.is_dense());
        assert_eq!(meta.id_list(), ["id"]);
    }

    #[test]
    fn mistakes_are_named() {
        let message = |given| complete(given, false).unwrap_err().message;
        assert!(message(json!({ "delimitor": "," })).contains("meta has no entry delimitor"));
        assert!(message(json!({ "input_format": "csv" })).contains("meta.input_format is \"csv\""));
        assert!(message(json!({ "id_list": "id" })).contains("meta.id_list"));
        assert!(message(json!({ "delimiter": "" })).contains("meta.delimiter"));
    }
}
