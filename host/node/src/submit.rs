//! Takes jobs on: checks DSL and conf, stores the job with all its tasks in one transaction, and tells the loop. A job that was
//! answered with success is in the store. Not for: running it.

use std::path::Path;
use std::sync::PoisonError;

use parcae_domain::{id::JobId, party::Party, port::Level, status::Status};
use parcae_dsl::{Faults, JobPlan, JobType, Modules, Submission};
use parcae_metadata::{NewJob, NewJobParty, NewPartyTask, NewTask};
use parcae_scheduler::Event;
use serde_json::{Value, json};

use crate::acceptance;
use crate::audit;
use crate::inherit::Inheritance;
use crate::mailbox::Mail;
use crate::plan::{bounded, job_spec};
use crate::predict::Documents;
use crate::site::now_ms;
use crate::tenant::Tenant;
use crate::view::{NodeError, Submitted};

/// Gives out job ids: date and time with microseconds, then a digit that counts.
#[derive(Debug, Default)]
pub(crate) struct JobIds {
    last: String,
    count: u32,
}

impl JobIds {
    pub(crate) fn next(&mut self) -> JobId {
        let stamp = jiff::Zoned::now().strftime("%Y%m%d%H%M%S%6f").to_string();
        // Never the same twice, and never going back, even if the clock does.
        if stamp > self.last {
            self.last = stamp;
            self.count = 0;
        } else {
            self.count += 1;
        }
        JobId(format!("{}{}", self.last, self.count))
    }
}

impl Tenant<'_> {
    /// Takes a job on. The id is given out even when the job is refused.
    pub fn submit(&self, dsl: &Value, conf: &Value) -> (JobId, Result<Submitted, NodeError>) {
        let job = self.next_job_id();
        let taken = self.take_on(&job, dsl, conf);
        if taken.is_err() {
            self.site.files(&job).drop_all();
        }
        (job, taken)
    }

    /// Takes an uploaded file on: `file` is moved into the job (or stays, with `keep`), `config` is FATE's upload
    /// configuration.
    pub fn upload(&self, config: &Value, file: &Path, keep: bool) -> (JobId, Result<Submitted, NodeError>) {
        let job = self.next_job_id();
        let taken = self.take_upload(&job, config, file, keep);
        if taken.is_err() {
            self.site.files(&job).drop_all();
        }
        (job, taken)
    }

    fn take_upload(&self, job: &JobId, config: &Value, file: &Path, keep: bool) -> Result<Submitted, NodeError> {
        let (dsl, conf) = parcae_dsl::upload_job(config).map_err(|faults| NodeError::Invalid(faults.to_string()))?;
        let made = &conf["component_parameters"]["role"]["local"]["0"]["upload_0"];
        let text = |key: &str| made[key].as_str().unwrap_or_default();
        let (name, drop) = (text("name"), made["destroy"] == true);
        let there = self.site.store.table(self.name(), text("namespace"), name).map_err(internal)?;
        if there.is_some() && !drop {
            let message = format!("table {name} of namespace {} exists: pass drop to replace it", text("namespace"));
            return Err(NodeError::Exists(message));
        }
        self.check_tables()?;
        let files = self.site.files(job);
        files.take_upload(file, keep).map_err(|e| NodeError::Internal(format!("uploaded file: {e}")))?;
        self.take_on(job, &dsl, &conf)
    }

    pub(crate) fn take_on(&self, job: &JobId, dsl: &Value, conf: &Value) -> Result<Submitted, NodeError> {
        let documents = self.documents(dsl, conf)?;
        let (dsl, conf) = (&*documents.dsl, &*documents.conf);
        // What is checked stays until the job is stored.
        let _images = self.components.used();
        let plan = self.planned(dsl, conf).map_err(|faults| NodeError::Invalid(faults.to_string()))?;
        // The earlier job stays as it is until its results are copied.
        let _changing = plan.parameters.extra.contains_key("inheritance_info").then(|| self.changing());
        let inherited = self.admitted(dsl, &plan)?;
        let plan = with_model_version(plan, job);
        self.store_job(job, &documents, &plan, inherited.as_ref())?;
        Ok(Submitted {
            job: job.clone(),
            model_id: plan.parameters.model_id.clone(),
            model_version: plan.parameters.model_version.clone().unwrap_or_default(),
            initiator: plan.initiator,
            logs_directory: self.site.options.data.join("logs").join(job.as_str()),
            job_directory: self.site.files(job).folder().to_owned(),
            warnings: plan.warnings,
        })
    }

    /// The plan of a job, or all that is wrong with its documents.
    pub(crate) fn planned(&self, dsl: &Value, conf: &Value) -> Result<JobPlan, Faults> {
        let submission = Submission { dsl, conf };
        let checked = Modules::of(&*self.site.catalog, self.id(), |modules| parcae_dsl::check(&submission, modules));
        checked.map_err(|mut faults| {
            if let Err(error) = acceptance::explain(&self.site, self.id(), dsl, &mut faults) {
                tracing::warn!("which images are left out cannot be read: {error}");
            }
            faults
        })
    }

    /// What else a plan must have: the consent of its parties, models, results of an earlier job (which it gives), grants,
    /// quotas.
    pub(crate) fn admitted(&self, dsl: &Value, plan: &JobPlan) -> Result<Option<Inheritance>, NodeError> {
        acceptance::of_plan(&self.site, self.id(), plan)?;
        self.check_models(plan)?;
        let inherited = self.inheritance(dsl, plan)?;
        if let Some(refused) = self.refusal(plan)? {
            return Err(NodeError::Invalid(refused));
        }
        self.check_quotas(plan)?;
        Ok(inherited)
    }

    fn store_job(
        &self,
        job: &JobId,
        documents: &Documents<'_>,
        plan: &JobPlan,
        inherited: Option<&Inheritance>,
    ) -> Result<(), NodeError> {
        let Documents { dsl, conf, train_conf } = documents;
        let runtime_conf = parcae_dsl::initiator_conf(plan, conf);
        let on_party = parcae_dsl::runtime_conf_on_party(plan, conf);
        let parties = plan.parties();
        let confs: Vec<(Party, Value)> = parties.iter().map(|p| (*p, on_party.clone())).collect();
        let files = self.site.files(job);
        let all: Vec<String> = plan.components.iter().map(|c| c.name.clone()).collect();
        let pipeline = match plan.parameters.job_type {
            JobType::Train => parcae_dsl::predict_dsl(dsl, &all).unwrap_or_else(|_| (**dsl).clone()),
            JobType::Predict => (**dsl).clone(),
        };
        files
            .write(dsl, &runtime_conf, train_conf, &pipeline, &confs)
            .map_err(|e| NodeError::Internal(format!("files of job {job}: {e}")))?;
        let created_ms = now_ms();
        let body = json!({ "job_dsl": dsl, "job_runtime_conf": conf });
        self.site.schedule(job, Level::Info, &format!("submit job, job_id {job}, body {body}"));
        self.site.schedule(job, Level::Info, &format!("job parameters: {}", runtime_conf["job_parameters"]));
        if let Some(inherited) = inherited {
            self.site.schedule(job, Level::Info, &inherited.words());
        }
        let new = self.new_job(job, documents, &runtime_conf, plan, &confs, created_ms)?;
        // Once the row can be seen, somebody may ask to stop the job: the loop must hear of the job first.
        let mailbox = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_queue()?;
        let created = self.site.store.commit(|tx| {
            tx.create_job(&new)?;
            inherited.map_or(Ok(()), |inherited| inherited.copy(tx, job, plan))
        });
        created.map_err(internal)?;
        let spec = bounded(&self.site, job_spec(job, self.id(), created_ms, plan), plan);
        let event = match inherited {
            Some(inherited) => inherited.event(spec),
            None => Event::Submitted(spec),
        };
        let _ = mailbox.send(Mail::Event(event));
        drop(mailbox);
        self.site.bell.ring_for([job]);
        for party in parties {
            audit::party_call(&self.site, job, plan.initiator, party, "create");
        }
        Ok(())
    }

    fn new_job(
        &self,
        job: &JobId,
        documents: &Documents<'_>,
        conf: &Value,
        plan: &JobPlan,
        confs: &[(Party, Value)],
        created_ms: i64,
    ) -> Result<NewJob, NodeError> {
        let tasks = plan.order.iter().map(|place| {
            let component = &plan.components[*place];
            let parties = component.parties.iter().map(|party| NewPartyTask {
                party: *party,
                parameters: component.parameters.get(party).cloned().unwrap_or(Value::Null),
            });
            NewTask {
                component: component.name.clone(),
                module: component.module.name.clone(),
                image: component.image.clone(),
                retries_left: plan.parameters.auto_retries,
                parties: parties.collect(),
            }
        });
        Ok(NewJob {
            id: job.clone(),
            initiator: plan.initiator,
            tenant: self.name().to_owned(),
            status: Status::Waiting,
            tag: String::new(),
            name: String::new(),
            description: String::new(),
            notes: String::new(),
            roles: Value::Object(plan.role_order.iter().map(|r| (r.to_string(), json!(plan.roles[r]))).collect()),
            dsl: (*documents.dsl).clone(),
            conf: conf.clone(),
            train_conf: documents.train_conf.clone(),
            plan: serde_json::to_value(plan).map_err(|e| NodeError::Internal(format!("plan: {e}")))?,
            created_ms,
            parties: confs.iter().map(|(party, conf)| NewJobParty { party: *party, conf: conf.clone() }).collect(),
            tasks: tasks.collect(),
        })
    }
}

fn internal(error: impl std::fmt::Display) -> NodeError {
    NodeError::Internal(format!("store: {error}"))
}

/// What is trained is versioned by the job that trains it.
fn with_model_version(mut plan: JobPlan, job: &JobId) -> JobPlan {
    plan.parameters.model_version.get_or_insert_with(|| job.0.clone());
    // The schemas have done their work, and are two thirds of a plan.
    plan.components.iter_mut().for_each(|c| c.module.parameters = Value::Null);
    plan
}
