//! Deploys a trained model: a new version of it that predicts, with the DSL for that and the models of the components
//! that it needs, at every party or at none. Not for: running it (`predict`).

mod known;

use std::collections::BTreeSet;

use parcae_domain::party::{Party, Role};
use parcae_metadata::{Checkpoint, ModelEntry, ModelKey, StoreError};
use serde_json::{Map, Value};

use crate::archive::model_key;
use crate::deploy::known::Known;
use crate::model_info::ModelInfo;
use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// What is to be deployed.
#[derive(Clone, Debug, Default)]
pub struct DeployRequest {
    /// Name of the trained model.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
    /// The components that are to predict; all of them when this is empty and no DSL is given.
    pub components: Vec<String>,
    /// The predict DSL rather than a list of components: an object, or its text.
    pub dsl: Option<Value>,
    /// Components whose model is to be that of a checkpoint: `step_index` or `step_name` by component.
    pub checkpoints: Map<String, Value>,
}

/// A model that was deployed, or why it was not.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Name of the model.
    pub model_id: String,
    /// The new version.
    pub model_version: String,
    /// Every party of the model, and what stood in the way there. Unless all is well nothing was deployed.
    pub parties: Vec<(Party, Result<(), String>)>,
}

/// Each party with what came of it, or what stood in the way.
type ByParty<T> = Vec<(Party, Result<T, String>)>;

/// The half of a party.
struct Child {
    from: ModelKey,
    to: ModelKey,
    info: ModelInfo,
    components: Vec<String>,
    checkpoints: Vec<Checkpoint>,
}

impl Tenant<'_> {
    /// Deploys a trained model.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such model; everything else is said party by party.
    pub fn deploy(&self, request: &DeployRequest) -> Result<Deployed, NodeError> {
        let DeployRequest { model_id, model_version, .. } = request;
        saved::settle(&self.site, self.id(), model_version).map_err(store)?;
        let now_known = || Known::of(&self.site.store, self.id(), model_id, model_version);
        let known = now_known().map_err(store)?;
        let found = &known.models;
        let missing = || NodeError::NotFound(format!("there is no model {model_id} of version {model_version}"));
        let parties = match found.values().next().ok_or_else(missing)?.parties() {
            none if none.is_empty() => found.keys().copied().collect(),
            all => all,
        };
        let trained = Trained { node: *self, request, version: self.next_job_id().0, known: &known };
        let federated = parties.into_iter().filter(|party| party.role != Role::Local);
        let half = |party: Party| -> Result<_, NodeError> { Ok((party, trained.child(party, found.get(&party))?)) };
        let halves = federated.map(half).collect::<Result<Vec<_>, NodeError>>()?;
        let parties = self.keep_children(halves, || Ok(now_known()? == known))?;
        Ok(Deployed { model_id: model_id.clone(), model_version: trained.version, parties })
    }

    /// All halves in one transaction, if all are well and what they were made from is still so.
    fn keep_children(
        &self,
        halves: ByParty<Child>,
        is_same: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<ByParty<()>, NodeError> {
        if let Some((bad, _)) = halves.iter().find(|(_, half)| half.is_err()) {
            let left = format!("not deployed here, as it cannot be at {} {}", bad.role, bad.id);
            return Ok(halves.into_iter().map(|(party, half)| (party, half.and(Err(left.clone())))).collect());
        }
        let (parties, children): (Vec<Party>, Vec<Child>) =
            halves.into_iter().filter_map(|(party, half)| Some((party, half.ok()?))).unzip();
        let stored = self.site.store.commit(|tx| {
            // Nobody writes but this transaction, so that what is read now is what is stored.
            if !is_same()? {
                return Ok(false);
            }
            for Child { from, to, info, components, checkpoints } in &children {
                tx.copy_component_models(from, to, components)?;
                checkpoints.iter().try_for_each(|checkpoint| tx.copy_checkpoint_to_model(checkpoint, to))?;
                tx.put_model(to, None, &info.to_value())?;
            }
            Ok(true)
        });
        let changed = "the model was changed meanwhile, as by a rerun of its job: deploy it again".to_owned();
        let result = if stored.map_err(store)? { Ok(()) } else { Err(changed) };
        Ok(parties.into_iter().map(|party| (party, result.clone())).collect())
    }
}

/// A deployment under way.
struct Trained<'a> {
    node: Tenant<'a>,
    request: &'a DeployRequest,
    /// The new version.
    version: String,
    /// The model at all its parties.
    known: &'a Known,
}

impl Trained<'_> {
    /// The half of a party, or why it cannot be deployed.
    fn child(&self, party: Party, info: Option<&ModelInfo>) -> Result<Result<Child, String>, NodeError> {
        let DeployRequest { model_id, model_version, .. } = self.request;
        let Some(info) = info else {
            let message = format!("there is no model of version {model_version} at {} {}", party.role, party.id);
            return Ok(Err(format!("{message}: import it there first")));
        };
        if let Some(status) = self.known.unended() {
            let why = format!("job {model_version} is {status} and makes this model anew");
            return Ok(Err(format!("{why}: wait for its end, then deploy")));
        }
        if info.is_deployed() {
            let parent = info.parent_info.get("parent_model_version").and_then(Value::as_str).unwrap_or("unknown");
            let cure = format!("deploy the trained model, of version {parent}");
            return Ok(Err(format!("version {model_version} was deployed already: {cure}")));
        }
        let dsl = match self.inference_dsl(info) {
            Ok(dsl) => dsl,
            Err(why) => return Ok(Err(why)),
        };
        let used: BTreeSet<String> = match self.used(&dsl, info) {
            Ok(used) => used,
            Err(why) => return Ok(Err(why)),
        };
        let from = model_key(self.node.id(), party, model_id, model_version);
        let checkpoints = match self.checkpoints(&from, &used)? {
            Ok(checkpoints) => checkpoints,
            Err(why) => return Ok(Err(why)),
        };
        let parent = [("parent_model_id", model_id), ("parent_model_version", model_version)];
        let info = ModelInfo {
            parent: None,
            parent_info: parent.into_iter().map(|(key, value)| (key.to_owned(), value.as_str().into())).collect(),
            inference_dsl: parcae_dsl::with_code_paths(&dsl, party.role),
            loaded_times: 0,
            imported: false,
            archive_sha256: None,
            archive_from_ip: None,
            ..info.clone()
        };
        let to = model_key(self.node.id(), party, model_id, &self.version);
        Ok(Ok(Child { from, to, info, components: used.into_iter().collect(), checkpoints }))
    }

    /// What is to run.
    fn inference_dsl(&self, info: &ModelInfo) -> Result<Value, String> {
        let DeployRequest { components, dsl, .. } = self.request;
        let given = match dsl {
            Some(Value::String(text)) => {
                Some(serde_json::from_str::<Value>(text).map_err(|e| format!("dsl: expected JSON: {e}"))?)
            }
            other => other.clone(),
        };
        let Some(dsl) = given else {
            let all = info.train_dsl.get("components").and_then(Value::as_object).into_iter().flatten();
            let all: Vec<String> = all.map(|(name, _)| name.clone()).collect();
            let listed = if components.is_empty() { &all } else { components };
            return parcae_dsl::predict_dsl(&info.train_dsl, listed).map_err(|faults| faults.to_string());
        };
        if !components.is_empty() {
            return Err("cpn_list is given together with a predict DSL: give one of them".into());
        }
        let catalog = &self.node.site.catalog;
        let tenant = self.node.id();
        let is_module = |name: &str| catalog.module(tenant, name, None).is_some();
        let checked = parcae_dsl::check_predict_dsl(&dsl, &info.train_dsl, &is_module, &catalog.module_names(tenant));
        checked.map(|()| dsl).map_err(|faults| faults.to_string())
    }

    /// The components of the training whose models the DSL needs; each has saved one somewhere, unless it was skipped.
    fn used(&self, dsl: &Value, info: &ModelInfo) -> Result<BTreeSet<String>, String> {
        let mut used = BTreeSet::new();
        for (component, alias) in parcae_dsl::used_models(dsl) {
            let of_model = |entry: &ModelEntry| entry.component == component && entry.alias == alias;
            let saved = self.known.entries.iter().any(of_model);
            if !saved && !is_skipped(&info.train_runtime_conf, &component) {
                return Err(format!(
                    "{component} saved no model {alias:?}: in job {} it did not end well, or cross-validated only; leave \
                     it out of what is deployed, or train again",
                    self.request.model_version
                ));
            }
            used.insert(component);
        }
        Ok(used)
    }

    /// The checkpoints that take the place of models. A party that has no model of a component needs none.
    fn checkpoints(
        &self,
        from: &ModelKey,
        used: &BTreeSet<String>,
    ) -> Result<Result<Vec<Checkpoint>, String>, NodeError> {
        let mut chosen = Vec::new();
        for (component, wanted) in &self.request.checkpoints {
            if !used.contains(component) {
                let what = format!("components_checkpoint.{component}: no model of this component is deployed");
                return Ok(Err(format!("{what}; name one of those that are, or leave it out")));
            }
            let Some(step) = Step::read(wanted) else {
                let what = format!("components_checkpoint.{component}: expected step_index or step_name");
                return Ok(Err(format!("{what}, found {wanted}")));
            };
            if !self.known.entries.iter().any(|entry| entry.key == *from && entry.component == *component) {
                continue;
            }
            let kept = self.node.site.store.checkpoints(from, Some(component)).map_err(store)?;
            let steps: Vec<String> = kept.iter().map(|c| format!("{}#{}", c.step_index, c.step_name)).collect();
            match kept.into_iter().find(|checkpoint| step.is(checkpoint)) {
                Some(checkpoint) => chosen.push(checkpoint),
                None => return Ok(Err(no_step(component, wanted, &steps))),
            }
        }
        Ok(Ok(chosen))
    }
}

/// Most steps that a message names.
const MAX_NAMED: usize = 20;

fn no_step(component: &str, wanted: &Value, steps: &[String]) -> String {
    let there = if steps.is_empty() {
        "it kept none: train with callback ModelCheckpoint".to_owned()
    } else {
        format!("there are {}", steps[..steps.len().min(MAX_NAMED)].join(", "))
    };
    format!("components_checkpoint.{component}: no checkpoint {wanted} here; {there}")
}

/// Which checkpoint of a component.
enum Step {
    Index(u64),
    Name(String),
}

impl Step {
    fn read(wanted: &Value) -> Option<Step> {
        match (wanted.get("step_index"), wanted.get("step_name")) {
            (Some(Value::Number(index)), _) => index.as_u64().map(Step::Index),
            (Some(Value::String(index)), _) => index.trim().parse().ok().map(Step::Index),
            (None | Some(Value::Null), Some(Value::String(name))) => Some(Step::Name(name.clone())),
            _ => None,
        }
    }

    fn is(&self, checkpoint: &Checkpoint) -> bool {
        match self {
            Step::Index(index) => u64::from(checkpoint.step_index) == *index,
            Step::Name(name) => checkpoint.step_name == *name,
        }
    }
}

/// True when a conf says of a component, for some party, that it is not to run.
fn is_skipped(conf: &Value, component: &str) -> bool {
    let object = |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let skips = |of: &Value| of.get(component).and_then(|given| given.get("need_run")) == Some(&Value::Bool(false));
    let roles = object(conf.pointer("/component_parameters/role"));
    let common = conf.pointer("/component_parameters/common");
    common.is_some_and(skips) || roles.values().any(|parties| object(Some(parties)).values().any(skips))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn components_may_be_skipped_for_some() {
        let some = json!({"component_parameters": {"role": {"host": {"0": {"dt_0": {"need_run": false}}}}}});
        let all = json!({"component_parameters": {"common": {"dt_0": {"need_run": false}}}});
        assert!(is_skipped(&some, "dt_0") && is_skipped(&all, "dt_0"));
        assert!(!is_skipped(&some, "lr_0") && !is_skipped(&json!(null), "dt_0"));
    }

    #[test]
    fn steps_have_a_number_or_a_name() {
        assert!(matches!(Step::read(&json!({"step_index": 3})), Some(Step::Index(3))));
        assert!(matches!(Step::read(&json!({"step_index": "3"})), Some(Step::Index(3))));
        assert!(matches!(Step::read(&json!({"step_name": "epoch_3"})), Some(Step::Name(name)) if name == "epoch_3"));
        for none in [json!({}), json!(3), json!({"step_index": -1}), json!({"step_name": 3}), json!(null)] {
            assert!(Step::read(&none).is_none(), "{none}");
        }
    }
}
