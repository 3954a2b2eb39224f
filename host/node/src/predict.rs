//! Predict jobs: the deployed model that one names gives it DSL and conf, and the models that its components read. Not for:
//! deploying a model (`deploy`), what is the same for every job (`submit`).

use std::borrow::Cow;

use parcae_domain::{descriptor::PortKind, id::AttemptId, party::Party, tenant::TenantId};
use parcae_dsl::{Faults, JobPlan, JobType, ModelUse};
use parcae_metadata::{ModelFilter, ModelKey};
use serde_json::{Value, json};

use crate::archive::model_key;
use crate::commit;
use crate::model_info::ModelInfo;
use crate::plan::needs_run;
use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// What the inputs of a predict job call its model.
const PIPELINE: &str = "pipeline";

/// What a job is made of: as it was submitted, or for a predict job what its model makes of that.
pub(crate) struct Documents<'a> {
    /// The components.
    pub(crate) dsl: Cow<'a, Value>,
    /// Parties and parameters.
    pub(crate) conf: Cow<'a, Value>,
    /// Conf of the training that the model comes from; an empty object for a job that trains.
    pub(crate) train_conf: Value,
}

impl Tenant<'_> {
    /// The documents with which a submission is checked and run.
    pub(crate) fn documents<'a>(&self, dsl: &'a Value, conf: &'a Value) -> Result<Documents<'a>, NodeError> {
        let Some(used) = parcae_dsl::model_use(conf).map_err(invalid)? else {
            return Ok(Documents { dsl: Cow::Borrowed(dsl), conf: Cow::Borrowed(conf), train_conf: json!({}) });
        };
        let model = self.deployed_model(&used)?;
        let dsl = model.inference_dsl;
        let conf = parcae_dsl::predict_conf(&model.train_runtime_conf, conf, &dsl).map_err(invalid)?;
        Ok(Documents { dsl: Cow::Owned(dsl), conf: Cow::Owned(conf), train_conf: model.train_runtime_conf })
    }

    fn deployed_model(&self, used: &ModelUse) -> Result<ModelInfo, NodeError> {
        let ModelUse { initiator, model_id, model_version } = used;
        let wrong = |why: String| {
            let cure = "deploy it first with model/deploy (flow model deploy), and name the version that this gives";
            Err(NodeError::Invalid(format!("job_parameters.common.model_version: {why}: {cure}")))
        };
        let filter = ModelFilter::of(&model_key(self.id(), *initiator, model_id, model_version));
        let Some(saved) = self.site.store.models(&filter).map_err(store)?.into_iter().next() else {
            return wrong(format!("there is no model {model_id} of version {model_version} at {initiator}"));
        };
        let info = ModelInfo::of(&saved);
        if !info.is_deployed() {
            return wrong(format!("model {model_id} of version {model_version} was trained, but is not deployed"));
        }
        if info.inference_dsl.get("components").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
            return wrong(format!("model {model_id} of version {model_version} has no component that predicts"));
        }
        Ok(info)
    }

    /// Every party has the models that it is going to use.
    pub(crate) fn check_models(&self, plan: &JobPlan) -> Result<(), NodeError> {
        if plan.parameters.job_type != JobType::Predict {
            return Ok(());
        }
        let filter = ModelFilter {
            tenant: Some(self.name().to_owned()),
            model_id: Some(plan.parameters.model_id.clone()),
            model_version: plan.parameters.model_version.clone(),
            ..ModelFilter::default()
        };
        let entries = self.site.store.model_entries(&filter).map_err(store)?;
        let has = |party: Party, component: &str, alias: &str| {
            entries.iter().any(|e| e.key.party == party && e.component == component && e.alias == alias)
        };
        let mut missing = Vec::new();
        for component in &plan.components {
            for input in component.inputs.iter().filter(|input| input.from_component == PIPELINE) {
                let (from, alias) = input.from_output.split_once('.').unwrap_or((input.from_output.as_str(), ""));
                let runs = |party: &&Party| needs_run(component.parameters.get(*party));
                for party in component.parties.iter().filter(runs).filter(|party| !has(**party, from, alias)) {
                    let path = format!("components.{}.input.{}", component.name, input.kind.as_str());
                    let what = format!("the deployed model has no {from}.{alias} at {party}");
                    missing.push(format!("{}. {}: {path}: {what}", missing.len() + 1, component.name));
                }
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(NodeError::Invalid(missing.join("\n"))) }
    }
}

fn invalid(faults: Faults) -> NodeError {
    NodeError::Invalid(faults.to_string())
}

/// The component and the name of its output that a connection leads to: `pipeline` stands for the deployed model.
pub(crate) fn named<'a>(component: &'a str, name: &'a str) -> (&'a str, &'a str) {
    if component == PIPELINE { name.split_once('.').unwrap_or((component, name)) } else { (component, name) }
}

/// Where the model is kept that is connected to an attempt: with the deployed model, or with what the job itself made.
pub(crate) fn source(tenant: &TenantId, plan: &JobPlan, at: &AttemptId, component: &str) -> ModelKey {
    if component == PIPELINE { used(tenant, plan, at) } else { commit::model_key(tenant, plan, at) }
}

/// Where the models of components are kept that a component of a predict job reads, in the order of its inputs.
pub(crate) fn sources(tenant: &TenantId, plan: &JobPlan, at: &AttemptId) -> Vec<ModelFilter> {
    let inputs = plan.component(&at.task.component).map(|component| component.inputs.as_slice()).unwrap_or_default();
    let models = inputs.iter().filter(|input| input.kind == PortKind::Model && input.from_component == PIPELINE);
    let filter = |input: &parcae_dsl::Input| {
        let (component, alias) = named(&input.from_component, &input.from_output);
        let (component, alias) = (Some(component.to_owned()), Some(alias.to_owned()));
        ModelFilter { component, alias, ..ModelFilter::of(&used(tenant, plan, at)) }
    };
    models.map(filter).collect()
}

/// The deployed model that a predict job uses, at the party of an attempt.
fn used(tenant: &TenantId, plan: &JobPlan, at: &AttemptId) -> ModelKey {
    let model_version = plan.parameters.model_version.clone().unwrap_or_default();
    ModelKey { model_version, ..commit::model_key(tenant, plan, at) }
}

/// True for a connection to the deployed model of a predict job.
pub(crate) fn is_deployed(component: &str) -> bool {
    component == PIPELINE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipeline_stands_for_the_deployed_model() {
        assert_eq!(named("hetero_lr_0", "model"), ("hetero_lr_0", "model"));
        assert_eq!(named("pipeline", "hetero_lr_0.model"), ("hetero_lr_0", "model"));
        assert_eq!(named("pipeline", "odd"), ("pipeline", "odd"));
        assert!(is_deployed("pipeline") && !is_deployed("hetero_lr_0"));
    }
}
