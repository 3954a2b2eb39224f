//! Arguments and answers about what components put out: metrics, summaries, models, tables. Not for: the files of a
//! download (`server`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// A component of a job at a party; without role and party the initiator is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ComponentKey {
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// The component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
}

impl Arguments for ComponentKey {
    const REQUIRED: &'static [&'static str] = &["job_id", "component_name"];
}

/// Arguments of `tracking/component/output/data/download`, and, without `limit` and `head`, of `output/data/table`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct OutputRequest {
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
    /// The component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
    /// Most rows of each table; -1 = all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LooseInt>,
    /// 0 leaves the line with the names of the columns out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<LooseInt>,
}

impl Arguments for OutputRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "role", "party_id", "component_name"];
}

/// Arguments of `tracking/component/summary/download`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SummaryRequest {
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
    /// The component.
    #[serde(default)]
    #[schema(required = true)]
    pub component_name: String,
    /// When given, the summary comes as a file of this name rather than in an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

impl Arguments for SummaryRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "role", "party_id", "component_name"];
}

/// Names of a job's components, in the order of the DSL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComponentNames {
    /// The names.
    pub components: Vec<String>,
}

/// Parameters of a component at a party.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComponentParameters {
    /// With defaults filled in.
    #[serde(rename = "ComponentParam")]
    pub component_param: Value,
    /// Module: `HeteroLR`.
    pub module: String,
}

/// Names of the series of a component, by namespace.
pub type MetricNames = BTreeMap<String, Vec<String>>;

/// Series of a component, by namespace and name.
pub type Metrics = BTreeMap<String, BTreeMap<String, Series>>;

/// One series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Series {
    /// Points `[key, value]`, sorted by key; both are numbers or text.
    #[schema(value_type = Vec<Vec<Value>>)]
    pub data: Vec<(Value, Value)>,
    /// `name` and `metric_type`, and more by type: `unit_name`, `curve_name`, `thresholds`.
    pub meta: Value,
}

/// What belongs to the model of `tracking/component/output/model`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelMeta {
    /// JSON of the model's `*Meta` part.
    pub meta_data: Value,
    /// Module that made it.
    pub module_name: String,
}

/// A table that a component put out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutputTable {
    /// Name in the DSL: `data`.
    pub data_name: String,
    /// Name under which it is kept.
    pub table_name: String,
    /// Namespace under which it is kept.
    pub table_namespace: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn series_look_as_fates() {
        // Answer of a FATE-Flow 1.11 server for `intersection_0`.
        let golden = json!({"train": {"intersection": {
            "data": [["input_match_id_count", 569], ["intersect_rate", 1.0]],
            "meta": {"intersect_method": "rsa", "metric_type": "INTERSECTION", "name": "intersection"}}}});
        let metrics: Metrics = serde_json::from_value(golden.clone()).unwrap();
        assert_eq!(metrics["train"]["intersection"].data[0].1, json!(569));
        assert_eq!(serde_json::to_value(metrics).unwrap(), golden);
    }

    #[test]
    fn parameters_look_as_fates() {
        let golden = json!({"ComponentParam": {"_name": "Reader#reader_0"}, "module": "Reader"});
        let parameters: ComponentParameters = serde_json::from_value(golden.clone()).unwrap();
        assert_eq!(serde_json::to_value(parameters).unwrap(), golden);
    }
}
