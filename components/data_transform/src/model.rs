//! The model of DataTransform: how a table was treated, as FATE's clients and board read it. Loaded from the same JSON. Not for:
//! learning.

use std::collections::BTreeMap;

use parcae_sdk::{Result, input_error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{imputer::Filled, matcher, number::float, parameters::Parameters, prepared::Prepared};

/// What was asked for.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "the parameters of the same names are described in their schema")]
pub struct Meta {
    pub input_format: String,
    pub delimitor: String,
    pub data_type: String,
    pub exclusive_data_type: BTreeMap<String, String>,
    pub tag_with_value: bool,
    pub tag_value_delimitor: String,
    pub with_label: bool,
    pub label_name: String,
    pub label_type: String,
    pub output_format: String,
    pub imputer_meta: ImputerMeta,
    pub outlier_meta: OutlierMeta,
    pub need_run: bool,
    pub with_match_id: bool,
}

/// How missing values were filled in.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImputerMeta {
    /// They were.
    pub is_imputer: bool,
    /// Method; "" = 0.
    pub strategy: String,
    /// The values that counted as missing.
    pub missing_value: Vec<String>,
}

/// How outliers were replaced.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutlierMeta {
    /// They were.
    pub is_outlier: bool,
    /// Method; "" = 0.
    pub strategy: String,
    /// The values that counted as outliers.
    pub outlier_value: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Param {
    /// Names of the features.
    pub header: Vec<String>,
    /// Name of the key column.
    pub sid_name: String,
    /// Name of the label column.
    pub label_name: String,
    /// Values filled in and shares of rows, by feature.
    pub imputer_param: ImputerParam,
    /// Values that replaced outliers and shares of rows, by feature.
    pub outlier_param: OutlierParam,
    /// Names of the features for other parties.
    pub anonymous_header: Vec<String>,
}

/// By feature.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImputerParam {
    /// Value, as text.
    pub missing_replace_value: Map<String, Value>,
    /// Share of rows.
    pub missing_value_ratio: Map<String, Value>,
}

/// By feature.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OutlierParam {
    /// Value, as text.
    pub outlier_replace_value: Map<String, Value>,
    /// Share of rows.
    pub outlier_value_ratio: Map<String, Value>,
}

/// Both parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// What was asked for.
    pub meta: Meta,
    /// What was found.
    pub param: Param,
}

impl Model {
    /// Reads both parts.
    pub fn parse(component: &str, meta: &str, param: &str) -> Result<Model> {
        let broken = |error: serde_json::Error| {
            input_error(format!("{component}: the model cannot be read: {error}; make it again"))
        };
        let model = Model {
            meta: serde_json::from_str(meta).map_err(broken)?,
            param: serde_json::from_str(param).map_err(broken)?,
        };
        if model.meta.input_format.is_empty() || model.meta.delimitor.is_empty() {
            return Err(input_error(format!(
                "{component}: the model says nothing of how rows are written; make it again with need_run"
            )));
        }
        Ok(model)
    }

    /// The part for what was asked for.
    pub fn meta_json(&self) -> String {
        json!(self.meta).to_string()
    }

    /// The part for what was found.
    pub fn param_json(&self) -> String {
        json!(self.param).to_string()
    }

    /// What to fill in for missing values, and for outliers.
    pub fn filled(&self, component: &str) -> Result<(Option<Filled>, Option<Filled>)> {
        let of = |values: &Map<String, Value>, ratios: &Map<String, Value>, strategy: &str, looked_for: &[String]| {
            let mut filled =
                Filled { looked_for: looked_for.to_vec(), strategy: strategy.to_owned(), ..Filled::default() };
            for name in &self.param.header {
                let Some(value) = values.get(name) else {
                    let message =
                        format!("{component}: the model has no value to fill in column {name}; make it again");
                    return Err(input_error(message));
                };
                filled.texts.push(matcher::text(value));
                filled.ratios.push(ratios.get(name).and_then(Value::as_f64).unwrap_or(0.0));
            }
            Ok(filled)
        };
        let (meta, param) = (&self.meta.imputer_meta, &self.param.imputer_param);
        let missing = match meta.is_imputer {
            true => {
                Some(of(&param.missing_replace_value, &param.missing_value_ratio, &meta.strategy, &meta.missing_value)?)
            }
            false => None,
        };
        let (meta, param) = (&self.meta.outlier_meta, &self.param.outlier_param);
        let outlier = match meta.is_outlier {
            true => {
                Some(of(&param.outlier_replace_value, &param.outlier_value_ratio, &meta.strategy, &meta.outlier_value)?)
            }
            false => None,
        };
        Ok((missing, outlier))
    }
}

/// The model of a conversion. One that was applied stays as it is.
pub fn save(parameters: &Parameters, prepared: &Prepared, applied: Option<&Model>) -> Model {
    if let Some(model) = applied {
        return model.clone();
    }
    let label_name = match (&prepared.shape.label, parameters.with_label) {
        (Some((name, _)), true) => name.clone(),
        _ => String::new(),
    };
    let mut model = Model {
        meta: Meta {
            input_format: parameters.input_format.clone(),
            delimitor: prepared.delimiter.clone(),
            data_type: parameters.data_type.clone(),
            exclusive_data_type: parameters.exclusive_data_type.clone().unwrap_or_default(),
            tag_with_value: parameters.tag_with_value,
            tag_value_delimitor: parameters.tag_value_delimitor.clone(),
            with_label: parameters.with_label,
            label_name: label_name.clone(),
            label_type: if parameters.with_label { parameters.label_type.clone() } else { String::new() },
            output_format: parameters.output_format.clone(),
            imputer_meta: ImputerMeta::default(),
            outlier_meta: OutlierMeta::default(),
            need_run: parameters.need_run,
            with_match_id: parameters.with_match_id,
        },
        param: Param {
            header: prepared.header.clone(),
            sid_name: prepared.shape.sid.clone(),
            label_name,
            imputer_param: ImputerParam::default(),
            outlier_param: OutlierParam::default(),
            anonymous_header: prepared.anonymous_header.clone(),
        },
    };
    if let Some(filled) = &prepared.missing {
        let (strategy, missing_value) = (filled.strategy.clone(), filled.looked_for.clone());
        model.meta.imputer_meta = ImputerMeta { is_imputer: true, strategy, missing_value };
        model.param.imputer_param = ImputerParam {
            missing_replace_value: by_feature(&prepared.header, &filled.texts),
            missing_value_ratio: by_feature(&prepared.header, &filled.ratios),
        };
    }
    if let Some(filled) = &prepared.outlier {
        let (strategy, outlier_value) = (filled.strategy.clone(), filled.looked_for.clone());
        model.meta.outlier_meta = OutlierMeta { is_outlier: true, strategy, outlier_value };
        model.param.outlier_param = OutlierParam {
            outlier_replace_value: by_feature(&prepared.header, &filled.texts),
            outlier_value_ratio: by_feature(&prepared.header, &filled.ratios),
        };
    }
    model
}

/// The summary; nothing when nothing was filled in.
pub fn summary(prepared: &Prepared) -> Option<Value> {
    let values = |filled: &Filled| -> Map<String, Value> {
        // Numbers where they are some, as people expect.
        let shown = |text: &String| float(text).filter(|v| v.is_finite()).map_or_else(|| json!(text), |v| json!(v));
        prepared.header.iter().cloned().zip(filled.texts.iter().map(shown)).collect()
    };
    let mut summary = Map::new();
    if let Some(filled) = &prepared.missing {
        let info = json!({
            "missing_value": filled.looked_for,
            "missing_impute_value": values(filled),
            "missing_impute_rate": by_feature(&prepared.header, &filled.ratios),
        });
        summary.insert("missing_fill_info".into(), info);
    }
    if let Some(filled) = &prepared.outlier {
        let info = json!({
            "outlier_value": filled.looked_for,
            "outlier_replace_value": values(filled),
            "outlier_replace_rate": by_feature(&prepared.header, &filled.ratios),
        });
        summary.insert("outlier_replace_rate".into(), info);
    }
    (!summary.is_empty()).then(|| Value::Object(summary))
}

fn by_feature<T: Serialize>(header: &[String], values: &[T]) -> Map<String, Value> {
    header.iter().cloned().zip(values.iter().map(|value| json!(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prepared::tests::run;

    fn prepared(parameters: &Parameters) -> Prepared {
        let extra = json!({ "sid": "id", "header": "y,x0,x1", "meta": {} });
        run(parameters, extra, &[("a", "1,2,3"), ("b", "0,,5")], None).unwrap().0
    }

    /// As a FATE 1.11.2 server answered, but for `needRun` and `sidName`, which it leaves empty.
    #[test]
    fn golden_parts() {
        let parameters = Parameters { with_label: true, ..Parameters::default() };
        let prepared = prepared(&parameters);
        let model = save(&parameters, &prepared, None);
        let meta = json!({
            "dataType": "float64", "delimitor": ",", "exclusiveDataType": {},
            "imputerMeta": { "isImputer": false, "missingValue": [], "strategy": "" }, "inputFormat": "dense",
            "labelName": "y", "labelType": "int", "needRun": true,
            "outlierMeta": { "isOutlier": false, "outlierValue": [], "strategy": "" }, "outputFormat": "dense",
            "tagValueDelimitor": ":", "tagWithValue": false, "withLabel": true, "withMatchId": false,
        });
        assert_eq!(serde_json::from_str::<Value>(&model.meta_json()).unwrap(), meta);
        let param = json!({
            "anonymousHeader": ["guest_9999_x0", "guest_9999_x1"], "header": ["x0", "x1"],
            "imputerParam": { "missingReplaceValue": {}, "missingValueRatio": {} }, "labelName": "y",
            "outlierParam": { "outlierReplaceValue": {}, "outlierValueRatio": {} }, "sidName": "id",
        });
        assert_eq!(serde_json::from_str::<Value>(&model.param_json()).unwrap(), param);
        assert_eq!(summary(&prepared), None);
    }

    #[test]
    fn filled_values_survive() {
        let parameters = Parameters {
            with_label: true,
            missing_fill: true,
            missing_fill_method: Some("mean".into()),
            ..Parameters::default()
        };
        let prepared = prepared(&parameters);
        let model = save(&parameters, &prepared, None);
        assert_eq!(json!(model.param)["imputerParam"]["missingReplaceValue"], json!({ "x0": "2.0", "x1": "4.0" }));
        let read = Model::parse("data_transform_0", &model.meta_json(), &model.param_json()).unwrap();
        assert_eq!((&read, read.filled("data_transform_0").unwrap().0), (&model, prepared.missing.clone()));
        let summary = summary(&prepared).unwrap();
        assert_eq!(summary["missing_fill_info"]["missing_impute_rate"], json!({ "x0": 0.5, "x1": 0.0 }));
        assert_eq!(summary["missing_fill_info"]["missing_impute_value"]["x0"], json!(2.0));
    }

    #[test]
    fn a_broken_model_is_refused() {
        assert!(Model::parse("data_transform_0", "{}", "{}").is_err());
        assert!(Model::parse("data_transform_0", "[", "{}").unwrap_err().message.contains("cannot be read"));
    }
}
