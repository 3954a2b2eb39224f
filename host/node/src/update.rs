//! Other parameters for a job that was taken on. Not for: running it again (`rerun`).

use std::sync::Arc;

use parcae_domain::{
    id::{JobId, TaskId},
    image::Provider,
    party::Party,
    port::Level,
};
use parcae_dsl::{JobPlan, Modules, Submission};
use parcae_metadata::StoreError;
use serde_json::{Value, json};

use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// The parameters of a job as they are from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdatedParameters {
    /// `common`, and `role` where it was given.
    pub job_parameters: Value,
    /// `common` and `role`.
    pub component_parameters: Value,
}

impl Tenant<'_> {
    /// Gives a job other parameters, `component_parameters` on top of what it has and `job_parameters.common` in the
    /// place of it, except for the model. All of it is checked as at its submission, and nothing is stored unless it is
    /// right. Tasks that have not started follow the new ones, and so does a rerun. What the scheduler knows of a job
    /// that waits or runs (its `timeout`, `task_parallelism`, `task_cores`, `auto_retries`) stays until its rerun.
    pub fn update_parameters(
        &self,
        job: &str,
        components: Option<&Value>,
        parameters: Option<&Value>,
    ) -> Result<UpdatedParameters, NodeError> {
        let job = self.own_job(job)?;
        let _changing = self.changing();
        let missing = || NodeError::NotFound(format!("there is no job {job}"));
        let row = self.site.store.job(&job).map_err(store)?.ok_or_else(missing)?;
        let stored = self.site.store.stored_job(&job).map_err(store)?.ok_or_else(missing)?;
        let before: JobPlan = serde_json::from_value(stored.plan).map_err(store)?;
        let conf = parcae_dsl::updated_conf(&row.conf, components, parameters)
            .map_err(|faults| NodeError::Invalid(faults.to_string()))?;
        let plan = self.replanned(&job, &before, &row.dsl, &conf)?;
        let on_party = parcae_dsl::runtime_conf_on_party(&plan, &conf);
        let confs: Vec<(Party, Value)> = plan.parties().iter().map(|party| (*party, on_party.clone())).collect();
        let conf = parcae_dsl::initiator_conf(&plan, &conf);
        self.store_update(&job, Arc::new(plan), &conf, &confs, stored.status.is_end())?;
        if let Err(error) = self.site.files(&job).write_confs(&conf, &confs) {
            tracing::warn!(%job, "the updated conf could not be written beside the job: {error}");
        }
        self.site.schedule(&job, Level::Info, &format!("parameters updated: {}", conf["component_parameters"]));
        let or_empty = |value: &Value| if value.is_null() { json!({}) } else { value.clone() };
        Ok(UpdatedParameters {
            job_parameters: or_empty(&conf["job_parameters"]),
            component_parameters: or_empty(&conf["component_parameters"]),
        })
    }

    /// The plan for another conf: the same tasks with other parameters.
    fn replanned(&self, job: &JobId, before: &JobPlan, dsl: &Value, conf: &Value) -> Result<JobPlan, NodeError> {
        let catalog = &*self.site.catalog;
        // What was submitted is what runs, even when the default of a module is another one by now.
        let tenant = self.id();
        let find = |name: &str, provider: Option<&str>| {
            let found = catalog.module(tenant, name, provider)?;
            let is_default = provider.is_none_or(|text| Provider::parse(text) == Provider::Default);
            let planned = before.components.iter().find(|c| is_default && c.module.name == found.module.name);
            planned.and_then(|component| catalog.module(tenant, name, Some(&component.image))).or(Some(found))
        };
        let submission = Submission { dsl, conf };
        let check = |all: &Modules<'_>| parcae_dsl::check(&submission, &Modules { find: &find, ..*all });
        let mut plan = Modules::of(catalog, tenant, check).map_err(|faults| NodeError::Invalid(faults.to_string()))?;
        plan.parameters.model_id.clone_from(&before.parameters.model_id);
        plan.parameters.model_version.clone_from(&before.parameters.model_version);
        // The schemas have done their work, and are two thirds of a plan.
        plan.components.iter_mut().for_each(|component| component.module.parameters = Value::Null);
        let same_image = plan
            .components
            .iter()
            .zip(&before.components)
            .all(|(now, then)| then.image.is_empty() || now.image == then.image);
        if same_image && tasks(&plan) == tasks(before) && plan.order == before.order {
            return Ok(plan);
        }
        let text = format!("the modules of this node have changed since job {job} was submitted: submit it anew");
        Err(NodeError::Invalid(text))
    }

    fn store_update(
        &self,
        job: &JobId,
        plan: Arc<JobPlan>,
        conf: &Value,
        confs: &[(Party, Value)],
        ended: bool,
    ) -> Result<(), NodeError> {
        let kept = serde_json::to_value(&*plan).map_err(|e| NodeError::Internal(format!("plan: {e}")))?;
        let written = self.site.store.commit(|tx| {
            tx.set_job_conf(job, conf, &kept)?;
            confs.iter().try_for_each(|(party, conf)| tx.set_job_party_conf(job, *party, conf))?;
            tx.set_waiting_retries(job, plan.parameters.auto_retries)?;
            for component in &plan.components {
                let task = TaskId { job: job.clone(), component: component.name.clone() };
                for (party, parameters) in &component.parameters {
                    tx.set_waiting_parameters(&task, *party, parameters)?;
                }
            }
            // Within the transaction, so that no new version of a task comes between with the old parameters.
            if ended {
                self.site.forget_plan(job)
            } else {
                self.site.set_plan(job, plan.clone())
            }
            Ok::<(), StoreError>(())
        });
        if written.is_err() {
            self.site.forget_plan(job);
        }
        written.map_err(store)
    }
}

/// What makes up the tasks of a plan, without parameters and images.
fn tasks(plan: &JobPlan) -> Vec<(&str, &[Party], &[usize])> {
    let components = plan.components.iter();
    components.map(|c| (c.name.as_str(), c.parties.as_slice(), c.upstream.as_slice())).collect()
}
