//! Components whose results a new job takes over from an earlier one (`inheritance_info`): whether it may, and copying
//! them. Not for: running anything again (`rerun`).

use std::collections::BTreeMap;

use parcae_domain::{
    descriptor::PortKind,
    id::{AttemptId, JobId, TaskId},
    party::Party,
    status::Status,
};
use parcae_dsl::{ComponentPlan, Fault, Faults, JobPlan, JobType, suggest};
use parcae_metadata::{ComponentModel, DataTable, ModelFilter, OutputData, PartyTaskUpdate, StoreError, StoredJob, Tx};
use parcae_scheduler::{Event, JobSpec, JobState, PartyState, TaskState};
use serde_json::Value;

use crate::commit::model_key;
use crate::queries::store;
use crate::site::now_ms;
use crate::tenant::Tenant;
use crate::view::NodeError;
use crate::world::OUTPUT_NAMESPACE;

const JOB: &str = "job_parameters.common.inheritance_info.job_id";
const LIST: &str = "job_parameters.common.inheritance_info.component_list";
/// What of a component's DSL says what it does.
const SPEC: [&str; 3] = ["module", "input", "output"];

/// What a job takes over.
pub(crate) struct Inheritance {
    /// The earlier job.
    from: JobId,
    tasks: Vec<Inherited>,
}

/// A task that is not run.
struct Inherited {
    component: String,
    /// Version in the earlier job.
    version: u32,
    /// Status there, by party.
    parties: BTreeMap<Party, Status>,
    outputs: Vec<(OutputData, DataTable)>,
    models: Vec<ComponentModel>,
}

/// Both jobs, while they are compared.
struct Comparison<'a> {
    dsl: &'a Value,
    plan: &'a JobPlan,
    old_dsl: &'a Value,
    old_plan: &'a JobPlan,
    old: &'a StoredJob,
    list: &'a [String],
}

impl Tenant<'_> {
    /// What a job is to take over; all reasons why it cannot, in one text. To be called by who holds `changing`.
    pub(crate) fn inheritance(&self, dsl: &Value, plan: &JobPlan) -> Result<Option<Inheritance>, NodeError> {
        let Some((from, list)) = wanted(plan).map_err(|fault| refused(vec![fault]))? else { return Ok(None) };
        let absent = |_| refused(vec![Fault::new(None, JOB, format!("there is no job {from:?}"))]);
        let id = self.own_job(&from).map_err(absent)?;
        let row = self.site.store.job(&id).map_err(store)?;
        let stored = self.site.store.stored_job(&id).map_err(store)?;
        let (Some(row), Some(stored)) = (row, stored) else { return Err(absent(NodeError::NotFound(from.clone()))) };
        if !stored.status.is_end() {
            let text = format!("job {id} is {}: wait for its end, or stop it", stored.status);
            return Err(refused(vec![Fault::new(None, JOB, text)]));
        }
        let old_plan = self.site.plan(&id).map_err(NodeError::Internal)?;
        if old_plan.roles != plan.roles {
            let text = format!("expected the parties of job {id}, {:?}, found {:?}", old_plan.roles, plan.roles);
            return Err(refused(vec![Fault::new(None, JOB, text)]));
        }
        if [plan, &*old_plan].iter().any(|plan| plan.parameters.job_type != JobType::Train) {
            let text = format!("expected two jobs that train, this one and {id}");
            return Err(refused(vec![Fault::new(None, JOB, text)]));
        }
        let both = Comparison { dsl, plan, old_dsl: &row.dsl, old_plan: &old_plan, old: &stored, list: &list };
        let (mut tasks, mut faults) = (Vec::new(), Vec::new());
        for name in &list {
            match both.component(name) {
                Ok(version) => tasks.push(self.inherited(&both, name, version)?),
                Err(fault) => faults.push(fault),
            }
        }
        faults.extend(tasks.iter().filter(|task| is_bare(task, plan, &list)).map(|task| {
            let text = format!("the tables that it put out in job {id} were removed");
            Fault::new(Some(&task.component), LIST, text)
        }));
        if faults.is_empty() { Ok(Some(Inheritance { from: id, tasks })) } else { Err(refused(faults)) }
    }

    /// What a task of the earlier job made.
    fn inherited(&self, both: &Comparison<'_>, name: &str, version: u32) -> Result<Inherited, NodeError> {
        let job = &both.old.id;
        let stored = both.old.tasks.iter().find(|task| task.component == name);
        let parties = stored.into_iter().flat_map(|task| &task.parties).map(|p| (p.party, p.status)).collect();
        let mut outputs = Vec::new();
        for output in self.site.store.outputs(job, Some(name), None).map_err(store)? {
            let table = self.site.store.table(self.name(), &output.namespace, &output.name).map_err(store)?;
            outputs.extend(table.map(|table| (output, table)));
        }
        let mut models = Vec::new();
        for party in both.old_plan.component(name).into_iter().flat_map(|component| &component.parties) {
            let task = TaskId { job: job.clone(), component: name.to_owned() };
            let key = model_key(self.id(), both.old_plan, &AttemptId { task, version, party: *party });
            let filter = ModelFilter { component: Some(name.to_owned()), ..ModelFilter::of(&key) };
            models.extend(self.site.store.component_models(&filter).map_err(store)?);
        }
        Ok(Inherited { component: name.to_owned(), version, parties, outputs, models })
    }
}

/// Job and components that a conf names; none when it names nothing.
fn wanted(plan: &JobPlan) -> Result<Option<(String, Vec<String>)>, Fault> {
    let Some(info) = plan.parameters.extra.get("inheritance_info").and_then(Value::as_object) else { return Ok(None) };
    let given = |key: &str| info.get(key).filter(|value| !value.is_null());
    let (job, list) = match (given("job_id"), given("component_list")) {
        (None, None) => return Ok(None),
        (Some(Value::String(job)), Some(Value::Array(list))) => (job, list),
        (Some(Value::String(_)), _) => return Err(Fault::new(None, LIST, "expected list of names of components")),
        _ => return Err(Fault::new(None, JOB, "expected text: the id of an earlier job")),
    };
    let names = list.iter().map(|name| name.as_str().map(str::to_owned));
    let Some(mut names) = names.collect::<Option<Vec<String>>>() else {
        return Err(Fault::new(None, LIST, "expected list of names of components"));
    };
    names.sort_unstable();
    names.dedup();
    Ok((!names.is_empty()).then(|| (job.clone(), names)))
}

fn refused(list: Vec<Fault>) -> NodeError {
    NodeError::Invalid(Faults { list }.to_string())
}

/// A task without a table, of which another one that is to run reads some.
fn is_bare(task: &Inherited, plan: &JobPlan, list: &[String]) -> bool {
    let reads = |component: &ComponentPlan| {
        let mut inputs = component.inputs.iter();
        inputs.any(|input| input.kind == PortKind::Data && input.from_component == task.component)
    };
    let mut others = plan.components.iter().filter(|component| !list.contains(&component.name));
    task.outputs.is_empty() && others.any(reads)
}

impl Comparison<'_> {
    /// The version of a component to take over; or what is in the way of it.
    fn component(&self, name: &str) -> Result<u32, Fault> {
        let job = &self.old.id;
        let fault = |text: String| Fault::new(Some(name), LIST, text);
        let Some(new) = self.plan.component(name) else {
            return Err(fault("no such component in the DSL".into()).hint(meant(name, self.plan)));
        };
        let Some(old) = self.old_plan.component(name) else {
            return Err(fault(format!("job {job} has no such component")).hint(meant(name, self.old_plan)));
        };
        let spec = |dsl: &Value, key: &str| dsl.pointer(&format!("/components/{name}/{key}")).cloned();
        if let Some(key) = SPEC.into_iter().find(|key| spec(self.dsl, key) != spec(self.old_dsl, key)) {
            return Err(fault(format!("its {key} differs from the one in the DSL of job {job}")));
        }
        if let Some(text) = other_parameters(new, old) {
            return Err(fault(format!("its parameters differ from those in job {job}: {text}")));
        }
        let mut upstream = new.upstream.iter().map(|place| &self.plan.components[*place].name);
        if let Some(missing) = upstream.find(|up| !self.list.contains(*up)) {
            return Err(fault(format!("it reads from {missing}, which is not in the list")));
        }
        match self.old.tasks.iter().find(|task| task.component == name) {
            Some(task) if task.status.is_good() => Ok(task.version),
            Some(task) => Err(fault(format!("it is {} in job {job}, not success", task.status))),
            None => Err(fault(format!("it never ran in job {job}"))),
        }
    }
}

/// The component of a plan that was meant, in words.
fn meant(name: &str, plan: &JobPlan) -> Option<String> {
    suggest(name, plan.components.iter().map(|component| component.name.as_str()))
}

/// The first parameter that differs at some party, in words.
fn other_parameters(new: &ComponentPlan, old: &ComponentPlan) -> Option<String> {
    if new.parties != old.parties {
        return Some("other parties run it".into());
    }
    let nothing = serde_json::Map::new();
    new.parameters.iter().find_map(|(party, here)| {
        let there = old.parameters.get(party)?;
        if here == there {
            return None;
        }
        let (a, b) = (here.as_object().unwrap_or(&nothing), there.as_object().unwrap_or(&nothing));
        let key = a.keys().chain(b.keys()).find(|key| a.get(*key) != b.get(*key));
        Some(format!("{} at {party}", key.map_or("all", String::as_str)))
    })
}

impl Inheritance {
    /// Copies everything to a job that was just created, in its transaction.
    pub(crate) fn copy(&self, tx: &Tx<'_>, job: &JobId, plan: &JobPlan) -> Result<(), StoreError> {
        self.tasks.iter().try_for_each(|task| self.copy_task(tx, job, plan, task))
    }

    fn copy_task(&self, tx: &Tx<'_>, job: &JobId, plan: &JobPlan, task: &Inherited) -> Result<(), StoreError> {
        let new = TaskId { job: job.clone(), component: task.component.clone() };
        let at = |party: Party| AttemptId { task: new.clone(), version: 0, party };
        for (output, table) in &task.outputs {
            let namespace = format!("{OUTPUT_NAMESPACE}{new}_0");
            // The rows may have been deleted meanwhile, and their file with them.
            let there = tx.file_is_used(&table.file.file)?;
            if !there {
                return Err(StoreError::NotFound(format!("table {} of {}", output.name, output.namespace)));
            }
            tx.put_table(&DataTable { namespace: namespace.clone(), job: Some(job.clone()), ..table.clone() })?;
            tx.put_output(&OutputData { attempt: at(output.attempt.party), namespace, ..output.clone() })?;
        }
        for model in &task.models {
            let Ok(tenant) = model.key.tenant.parse() else {
                return Err(StoreError::NotFound(format!("tenant {:?}", model.key.tenant)));
            };
            let key = model_key(&tenant, plan, &at(model.key.party));
            tx.put_component_model(&ComponentModel { key, version: 0, ..model.clone() })?;
        }
        let old = TaskId { job: self.from.clone(), component: task.component.clone() };
        let now = now_ms();
        for (party, status) in &task.parties {
            let from = AttemptId { task: old.clone(), version: task.version, party: *party };
            tx.copy_metrics(&from, &at(*party))?;
            let update = PartyTaskUpdate {
                status: *status,
                message: String::new(),
                start_ms: Some(now),
                end_ms: Some(now),
                elapsed_ms: Some(0),
            };
            tx.update_party_task(&at(*party), &update)?;
        }
        tx.update_task(&new, 0, Status::Success)
    }

    /// What the scheduler is told of the job: some of its tasks have ended well before it began.
    pub(crate) fn event(&self, spec: JobSpec) -> Event {
        let task = |task: &Inherited| {
            let parties = task.parties.iter();
            let parties = parties.map(|(party, status)| (*party, PartyState { status: *status, start_ms: None }));
            let state = TaskState {
                version: 0,
                status: Status::Success,
                retries_left: spec.auto_retries,
                runs: 0,
                parties: parties.collect(),
            };
            (task.component.clone(), state)
        };
        let state = JobState {
            status: Status::Waiting,
            progress: 0,
            queued_ms: spec.created_ms,
            start_ms: None,
            stop: None,
            tasks: self.tasks.iter().map(task).collect(),
        };
        Event::Restored { spec, state }
    }

    /// What is taken over, for the job's log.
    pub(crate) fn words(&self) -> String {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.component.as_str()).collect();
        format!("results of {} are taken over from job {}", names.join(", "), self.from)
    }
}
