//! The parameters of DataTransform: their JSON Schema, and what a model or the recorded meta of a table makes of them. Not for:
//! using them.

use std::collections::BTreeMap;

use parcae_sdk::parameters::{any, boolean, object, one_of, or_null, text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::Model;

const FORMATS: [&str; 8] = ["dense", "sparse", "svmlight", "tag", "DENSE", "SPARSE", "SVMLIGHT", "TAG"];
const TYPES: [&str; 12] =
    ["int", "int64", "long", "float", "float64", "str", "INT", "INT64", "LONG", "FLOAT", "FLOAT64", "STR"];
const METHODS: [&str; 8] = ["min", "max", "mean", "designated", "MIN", "MAX", "MEAN", "DESIGNATED"];

/// JSON Schema of the parameters.
pub fn schema() -> Value {
    let list = |help: &str| or_null(json!({ "type": "array", "description": help }));
    let filler = |help: &str| any(json!({ "type": ["number", "string", "array", "null"] }), json!(0), help);
    let method = |help: &str| or_null(one_of(&METHODS, "designated", help));
    let delimiter = |default: &str, help: &str| any(json!({ "type": "string", "minLength": 1 }), json!(default), help);
    let types = json!({ "type": "object", "additionalProperties": { "type": "string" }, "description": "types of single columns: {\"x3\": \"int\"}" });
    object([
        (
            "input_format",
            one_of(
                &FORMATS,
                "dense",
                "dense: one cell a column; sparse: index:value (libsvm); tag: tags, with or without values",
            ),
        ),
        ("delimitor", delimiter(",", "what separates the cells of a row")),
        ("data_type", one_of(&TYPES, "float64", "type of the features")),
        ("exclusive_data_type", or_null(types)),
        ("tag_with_value", boolean(false, "tags are written tag:value")),
        ("tag_value_delimitor", delimiter(":", "what separates a tag from its value")),
        ("missing_fill", boolean(false, "fill in missing values")),
        ("default_value", filler("value for the method designated; a list has one for each feature")),
        ("missing_fill_method", method("what to fill in; null = 0")),
        ("missing_impute", list("values that count as missing; null = empty, none, null, na, nan")),
        ("outlier_replace", boolean(false, "replace outliers")),
        ("outlier_replace_method", method("what to replace outliers by; null = 0")),
        ("outlier_impute", list("values that count as outliers; null = the list for missing values")),
        ("outlier_replace_value", filler("value for the method designated; a list has one for each feature")),
        ("with_label", boolean(false, "rows have a label")),
        ("label_name", text("y", "column of the label; compared without case")),
        ("label_type", one_of(&TYPES, "int", "type of the label")),
        (
            "output_format",
            one_of(&["dense", "sparse", "DENSE", "SPARSE"], "dense", "sparse: values below 1e-8 become 0"),
        ),
        ("need_run", boolean(true, "false = pass the table unchanged")),
        ("with_match_id", boolean(false, "rows have an id to match on beside their key")),
        ("match_id_name", text("", "column of the match id; needed when there are several")),
        (
            "match_id_index",
            any(json!({ "type": "integer", "minimum": 0 }), json!(0), "which of the id columns, from 0"),
        ),
    ])
}

/// What to do with a table.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default)]
#[allow(missing_docs, reason = "the schema above describes each")]
pub struct Parameters {
    pub input_format: String,
    pub delimitor: String,
    pub data_type: String,
    pub exclusive_data_type: Option<BTreeMap<String, String>>,
    pub tag_with_value: bool,
    pub tag_value_delimitor: String,
    pub missing_fill: bool,
    pub default_value: Value,
    pub missing_fill_method: Option<String>,
    pub missing_impute: Option<Vec<Value>>,
    pub outlier_replace: bool,
    pub outlier_replace_method: Option<String>,
    pub outlier_impute: Option<Vec<Value>>,
    pub outlier_replace_value: Value,
    pub with_label: bool,
    pub label_name: String,
    pub label_type: String,
    pub output_format: String,
    pub need_run: bool,
    pub with_match_id: bool,
    pub match_id_name: String,
    pub match_id_index: usize,
    /// Number of id columns of sparse rows and tags; from recorded meta only, 0 = one if there is any.
    #[serde(skip)]
    pub id_range: usize,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            input_format: "dense".to_owned(),
            delimitor: ",".to_owned(),
            data_type: "float64".to_owned(),
            exclusive_data_type: None,
            tag_with_value: false,
            tag_value_delimitor: ":".to_owned(),
            missing_fill: false,
            default_value: json!(0),
            missing_fill_method: None,
            missing_impute: None,
            outlier_replace: false,
            outlier_replace_method: None,
            outlier_impute: None,
            outlier_replace_value: json!(0),
            with_label: false,
            label_name: "y".to_owned(),
            label_type: "int".to_owned(),
            output_format: "dense".to_owned(),
            need_run: true,
            with_match_id: false,
            match_id_name: String::new(),
            match_id_index: 0,
            id_range: 0,
        }
    }
}

impl Parameters {
    /// Words in lower case.
    pub fn lowered(mut self) -> Parameters {
        for word in [&mut self.input_format, &mut self.data_type, &mut self.label_type, &mut self.output_format] {
            *word = word.to_lowercase();
        }
        for method in [&mut self.missing_fill_method, &mut self.outlier_replace_method].into_iter().flatten() {
            *method = method.to_lowercase();
        }
        self
    }

    /// As the table was treated that a model was made from.
    pub fn with_model(mut self, model: &Model) -> Parameters {
        let meta = &model.meta;
        self.input_format = meta.input_format.clone();
        self.delimitor = meta.delimitor.clone();
        self.data_type = meta.data_type.clone();
        self.exclusive_data_type = (!meta.exclusive_data_type.is_empty()).then(|| meta.exclusive_data_type.clone());
        self.tag_with_value = meta.tag_with_value;
        self.tag_value_delimitor = meta.tag_value_delimitor.clone();
        self.with_label = meta.with_label;
        if meta.with_label {
            self.label_name = meta.label_name.clone();
            self.label_type = meta.label_type.clone();
        }
        self.output_format = meta.output_format.clone();
        self.with_match_id = meta.with_match_id;
        let texts = |list: &[String]| list.iter().map(|text| json!(text)).collect::<Vec<Value>>();
        let method = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        self.missing_fill = meta.imputer_meta.is_imputer;
        self.missing_fill_method = method(&meta.imputer_meta.strategy);
        if self.missing_fill {
            self.missing_impute = Some(texts(&meta.imputer_meta.missing_value));
        }
        self.outlier_replace = meta.outlier_meta.is_outlier;
        self.outlier_replace_method = method(&meta.outlier_meta.strategy);
        if self.outlier_replace {
            self.outlier_impute = Some(texts(&meta.outlier_meta.outlier_value));
        }
        self
    }

    /// As the meta says that was recorded with the table; it knows best how its rows are written.
    pub fn with_meta(mut self, meta: &Map<String, Value>) -> Parameters {
        if meta.is_empty() {
            return self;
        }
        let word = |name: &str| meta.get(name).and_then(Value::as_str).map(str::to_owned);
        let flag = |name: &str| meta.get(name).and_then(Value::as_bool).unwrap_or(false);
        self.input_format = word("input_format").unwrap_or_else(|| "dense".to_owned()).to_lowercase();
        self.delimitor = word("delimiter").unwrap_or_else(|| ",".to_owned());
        self.data_type = word("data_type").unwrap_or(self.data_type).to_lowercase();
        self.exclusive_data_type = meta.get("exclusive_data_type").and_then(Value::as_object).map(types);
        self.tag_with_value = flag("tag_with_value");
        self.tag_value_delimitor = word("tag_value_delimiter").unwrap_or_else(|| ":".to_owned());
        self.with_label = flag("with_label");
        self.label_name = word("label_name").unwrap_or(self.label_name);
        self.label_type = word("label_type").unwrap_or(self.label_type).to_lowercase();
        self.with_match_id = flag("with_match_id");
        self.id_range = meta.get("id_range").and_then(Value::as_u64).unwrap_or(0) as usize;
        self
    }

    /// Values below 1e-8 become 0.
    pub fn sparse_output(&self) -> bool {
        self.output_format == "sparse"
    }
}

fn types(given: &Map<String, Value>) -> BTreeMap<String, String> {
    given.iter().filter_map(|(name, kind)| Some((name.clone(), kind.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_schema_and_type_agree() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        let defaults: Map<String, Value> =
            properties.iter().map(|(name, p)| (name.clone(), p.get("default").cloned().unwrap())).collect();
        let read: Parameters = serde_json::from_value(Value::Object(defaults)).unwrap();
        assert_eq!(read, Parameters::default());
        assert_eq!(properties.len(), 22);
    }

    #[test]
    fn words_are_lowered() {
        let given = json!({ "input_format": "TAG", "missing_fill_method": "MEAN", "label_type": "Int" });
        let read = serde_json::from_value::<Parameters>(given).unwrap().lowered();
        assert_eq!((read.input_format.as_str(), read.label_type.as_str()), ("tag", "int"));
        assert_eq!(read.missing_fill_method.as_deref(), Some("mean"));
    }

    #[test]
    fn recorded_meta_goes_before_parameters() {
        let given = Parameters { missing_fill: true, with_label: true, ..Parameters::default() };
        let meta = json!({ "input_format": "sparse", "delimiter": " ", "with_label": false, "data_type": "int", "id_range": 2 });
        let found = given.clone().with_meta(meta.as_object().unwrap());
        assert!(!found.with_label && found.missing_fill);
        assert_eq!((found.input_format.as_str(), found.delimitor.as_str(), found.id_range), ("sparse", " ", 2));
        assert_eq!(given.clone().with_meta(&Map::new()), given);
    }
}
