//! The conf of a predict job: which deployed model it names, what it takes over from the training, and the template that
//! users fill in. Not for: the DSL of a predict job (`deploy`, `deployed`).

use parcae_domain::party::{Party, PartyId};
use serde_json::{Value, json};

use crate::{
    address::Address,
    fault::{Collector, Fault, Faults},
    header,
    job_parameters::{self, JobType},
    read::{Object, party_id},
    schema::merge,
};

/// Job parameters of the training that say nothing about a job that predicts.
const OF_TRAINING: [&str; 2] = ["inheritance_info", "roles"];

/// The model that a predict job uses, as its conf names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelUse {
    /// Who leads the job: its half of the model says what runs.
    pub initiator: Party,
    /// Name of the model.
    pub model_id: String,
    /// Version of the deployed model.
    pub model_version: String,
}

/// The model that a conf names; none for a job that does not predict.
///
/// # Errors
///
/// What is wrong with the parties and the job parameters of a predict job.
pub fn model_use(conf: &Value) -> Result<Option<ModelUse>, Faults> {
    let job_type = conf.pointer("/job_parameters/common/job_type").and_then(Value::as_str);
    let Some(conf) = conf.as_object().filter(|_| job_type == Some(JobType::Predict.as_str())) else { return Ok(None) };
    let mut faults = Collector::default();
    let header = header::read(conf, &mut faults);
    let parameters = job_parameters::read(conf, &mut faults);
    let Some(initiator) = header.initiator else { return Err(faults.into_faults()) };
    faults.finish()?;
    let model_version = parameters.model_version.unwrap_or_default();
    Ok(Some(ModelUse { initiator, model_id: parameters.model_id, model_version }))
}

/// The conf that a predict job runs with: that of the training for the components of the predict DSL, and on top of it
/// what the job's own conf says. What a party was given goes with it, wherever it stands in its role's list now.
///
/// # Errors
///
/// Parties that did not take part in the training.
pub fn predict_conf(train: &Value, predict: &Value, dsl: &Value) -> Result<Value, Faults> {
    let mut faults = Collector::default();
    let none = Object::new();
    let (train, given) = (train.as_object().unwrap_or(&none), predict.as_object().unwrap_or(&none));
    let places = places(train, given, &mut faults);
    faults.finish()?;
    let components = dsl.get("components").and_then(Value::as_object).unwrap_or(&none);
    let deployed = |component: &str| components.contains_key(component);
    let lasting = |parameter: &str| !OF_TRAINING.contains(&parameter);
    let mut made = given.clone();
    let section = |name: &str, keep: &dyn Fn(&str) -> bool| Section::of(name, train, given).merged(&places, keep);
    made.insert("component_parameters".into(), section("component_parameters", &deployed));
    let mut job = section("job_parameters", &lasting);
    if let Some(common) = job.get_mut("common").and_then(Value::as_object_mut) {
        common.remove("inheritance_info");
        with_cores(common);
    }
    made.insert("job_parameters".into(), job);
    Ok(Value::Object(made))
}

/// The rows of jobs keep the cores of a task in another place than confs give them.
fn with_cores(common: &mut Object) {
    let kept = common.get("adaptation_parameters").and_then(|kept| kept.get("request_task_cores")).cloned();
    if let Some(cores) = kept.filter(Value::is_u64)
        && !common.contains_key("task_cores")
    {
        common.insert("task_cores".into(), cores);
    }
}

/// A conf for users to fill in: the parties and job parameters of the training, and a table for each reader of each
/// guest and host.
pub fn predict_conf_template(train: &Value, dsl: &Value, model_id: &str, model_version: &str) -> Value {
    let components = dsl.get("components").and_then(Value::as_object).into_iter().flatten();
    let is_reader = |spec: &Value| {
        spec.get("module").and_then(Value::as_str).is_some_and(|module| module.eq_ignore_ascii_case("Reader"))
    };
    let readers = components.filter(|(_, spec)| is_reader(spec)).map(|(name, _)| name).enumerate();
    let table = |i: usize| {
        let (name, namespace) = (format!("name_to_be_filled_{i}"), format!("namespace_to_be_filled_{i}"));
        json!({"table": {"name": name, "namespace": namespace}})
    };
    let to_fill: Object = readers.map(|(i, reader)| (reader.clone(), table(i))).collect();
    let mut roles = Object::new();
    for role in ["guest", "host"] {
        let parties = train.pointer(&format!("/role/{role}")).and_then(Value::as_array).map(Vec::len);
        if let Some(parties) = parties {
            let filled = (0..parties).map(|place| (place.to_string(), Value::Object(to_fill.clone())));
            roles.insert(role.into(), Value::Object(filled.collect()));
        }
    }
    let mut job = train.get("job_parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut common = job.get("common").and_then(Value::as_object).cloned().unwrap_or_default();
    for (key, value) in [("model_id", model_id), ("model_version", model_version), ("job_type", "predict")] {
        common.insert(key.into(), value.into());
    }
    job.insert("common".into(), Value::Object(common));
    json!({
        "dsl_version": 2,
        "role": train.get("role").cloned().unwrap_or_else(|| json!({})),
        "initiator": train.get("initiator").cloned().unwrap_or_else(|| json!({})),
        "job_parameters": job,
        "component_parameters": {"role": roles},
    })
}

/// For each role of a predict job, where its parties stood in the training's list.
type Places = Vec<(String, Vec<usize>)>;

fn places(train: &Object, given: &Object, faults: &mut Collector) -> Places {
    let mut made = Places::new();
    let roles = |conf: &Object, role: &str| ids(conf.get("role").and_then(|roles| roles.get(role)));
    for role in given.get("role").and_then(Value::as_object).into_iter().flatten().map(|(role, _)| role) {
        let (now, then) = (roles(given, role), roles(train, role));
        let strange: Vec<PartyId> = now.iter().copied().filter(|id| !then.contains(id)).collect();
        if strange.is_empty() {
            let place = |id: &PartyId| then.iter().position(|known| known == id);
            made.push((role.clone(), now.iter().filter_map(place).collect()));
        } else {
            let message = format!("expected {role} parties that took part in the training {then:?}, found {strange:?}");
            faults.push(Fault::new(None, format!("role.{role}"), message));
        }
    }
    made
}

fn ids(list: Option<&Value>) -> Vec<PartyId> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(party_id).collect()
}

/// `component_parameters` or `job_parameters` of both confs.
struct Section<'a> {
    train: Option<&'a Value>,
    given: Option<&'a Value>,
}

/// True for what a check has nothing to say about: objects, and what is not there.
fn is_sound(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_object() || value.is_null())
}

impl<'a> Section<'a> {
    fn of(name: &str, train: &'a Object, given: &'a Object) -> Section<'a> {
        Section { train: train.get(name), given: given.get(name) }
    }

    fn part(&self, name: &str) -> Section<'a> {
        Section { train: self.train.and_then(|v| v.get(name)), given: self.given.and_then(|v| v.get(name)) }
    }

    /// Both together; what is faulty in the predict conf stays as it is, for the check to name it.
    fn merged(&self, places: &Places, keep: &dyn Fn(&str) -> bool) -> Value {
        if let Some(faulty) = self.given.filter(|_| !is_sound(self.given)) {
            return faulty.clone();
        }
        let mut made = self.given.and_then(Value::as_object).cloned().unwrap_or_default();
        let common = self.part("common");
        if is_sound(common.given) {
            made.insert("common".into(), Value::Object(common.common(keep)));
        }
        let role = self.part("role");
        if is_sound(role.given) {
            made.insert("role".into(), Value::Object(role.roles(places, keep)));
        }
        Value::Object(made)
    }

    fn common(&self, keep: &dyn Fn(&str) -> bool) -> Object {
        let mut made = picked(self.train, keep);
        put_on(&mut made, self.given);
        made
    }

    fn roles(&self, places: &Places, keep: &dyn Fn(&str) -> bool) -> Object {
        let mut made = Object::new();
        for (role, before) in places {
            let part = self.part(role);
            let parties = part.parties(before, keep);
            if !parties.is_empty() && is_sound(part.given) {
                made.insert(role.clone(), Value::Object(parties));
            }
        }
        // Roles that are faulty, or have no party.
        for (role, value) in self.given.and_then(Value::as_object).into_iter().flatten() {
            if !value.is_object() || places.iter().all(|(known, _)| known != role) {
                made.insert(role.clone(), value.clone());
            }
        }
        made
    }

    /// What each party of a role is given, by its place in the predict job; `before` has those of the training.
    fn parties(&self, before: &[usize], keep: &dyn Fn(&str) -> bool) -> Object {
        let entries = |value: Option<&'a Value>| value.and_then(Value::as_object).into_iter().flatten();
        let is_for = |key: &str, place: usize| Address::parse(key).is_some_and(|address| address.is_for(place));
        let mut made = Object::new();
        for (now, then) in before.iter().enumerate() {
            let mut party = Object::new();
            for (_, value) in entries(self.train).filter(|(key, _)| is_for(key, *then)) {
                merge(&mut party, &picked(Some(value), keep));
            }
            for (_, value) in entries(self.given).filter(|(key, _)| is_for(key, now)) {
                put_on(&mut party, Some(value));
            }
            if !party.is_empty() {
                made.insert(now.to_string(), Value::Object(party));
            }
        }
        for (key, value) in entries(self.given) {
            let address = Address::parse(key).filter(|address| address.beyond(before.len()).is_empty());
            if address.is_none() || !is_sound(Some(value)) {
                made.insert(key.clone(), value.clone());
            }
        }
        made
    }
}

fn picked(value: Option<&Value>, keep: &dyn Fn(&str) -> bool) -> Object {
    let all = value.and_then(Value::as_object).into_iter().flatten();
    all.filter(|(key, _)| keep(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Puts what a predict conf says on what the training said. A reader's table is named as a whole: by its name, or by the
/// job that made it.
fn put_on(base: &mut Object, over: Option<&Value>) {
    let Some(over) = over.and_then(Value::as_object) else { return };
    for (component, _) in over.iter().filter(|(_, value)| value.get("table").is_some()) {
        if let Some(Value::Object(under)) = base.get_mut(component) {
            under.remove("table");
        }
    }
    merge(base, over);
}
