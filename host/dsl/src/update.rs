//! A job's conf with other parameters (`job/parameter/update`). Not for: checking them, which `check` does with the
//! whole conf.

use serde_json::Value;

use crate::{
    fault::{Collector, Faults},
    read::{Object, object},
    schema::merge,
};

/// What stays as it is, whatever an update says: the job trains this model, or predicts with it.
const KEPT: [&str; 3] = ["job_type", "model_id", "model_version"];

/// The stored conf of a job with other parameters: `component_parameters` are put on top of what is there, deep;
/// `job_parameters.common`, where it is given, takes the place of what is there, except for the model. What is left out
/// of it has its default again, as FATE has it.
///
/// # Errors
///
/// What is no object.
pub fn updated_conf(conf: &Value, components: Option<&Value>, job: Option<&Value>) -> Result<Value, Faults> {
    let mut faults = Collector::default();
    let mut given = Object::new();
    for (key, value) in [("component_parameters", components), ("job_parameters", job)] {
        given.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    let components = object(&given, "component_parameters", "component_parameters", None, &mut faults).cloned();
    let job = object(&given, "job_parameters", "job_parameters", None, &mut faults);
    let common = job.and_then(|job| object(job, "common", "job_parameters.common", None, &mut faults)).cloned();
    faults.finish()?;
    let mut made = conf.as_object().cloned().unwrap_or_default();
    if let Some(components) = components {
        merge(entry(&mut made, "component_parameters"), &components);
    }
    if let Some(mut common) = common {
        let all = entry(&mut made, "job_parameters");
        for key in KEPT {
            common.remove(key);
            let kept = all.get("common").and_then(|common| common.get(key));
            common.extend(kept.map(|kept| (key.to_owned(), kept.clone())));
        }
        all.insert("common".into(), Value::Object(common));
    }
    Ok(Value::Object(made))
}

/// The object of that name, which is made where there is none.
fn entry<'a>(object: &'a mut Object, name: &str) -> &'a mut Object {
    let value = object.entry(name).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Object::new());
    }
    value.as_object_mut().expect("it was made an object")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::updated_conf;

    #[test]
    fn components_are_merged_and_the_job_keeps_its_model() {
        let conf = json!({"dsl_version": 2,
            "component_parameters": {"common": {"a": {"x": {"y": 1, "z": 2}, "w": [1]}}},
            "job_parameters": {"common": {"task_cores": 2, "auto_retries": 3, "model_id": "m", "job_type": "predict"}}});
        let components = json!({"common": {"a": {"x": {"y": 5}, "w": []}}, "role": {"guest": {"0": {"a": {"v": 1}}}}});
        let job = json!({"common": {"task_cores": 8, "model_id": "n"}});
        let made = updated_conf(&conf, Some(&components), Some(&job)).unwrap();
        let merged = json!({"a": {"x": {"y": 5, "z": 2}, "w": []}});
        assert_eq!(made["component_parameters"]["common"], merged);
        assert_eq!(made["component_parameters"]["role"], json!({"guest": {"0": {"a": {"v": 1}}}}));
        let common = json!({"task_cores": 8, "model_id": "m", "job_type": "predict"});
        assert_eq!((&made["job_parameters"]["common"], &made["dsl_version"]), (&common, &json!(2)));
        assert_eq!(updated_conf(&conf, None, Some(&json!({"role": {}}))).unwrap(), conf);
        let faults = updated_conf(&conf, Some(&json!([])), Some(&json!({"common": 1}))).unwrap_err();
        assert_eq!(faults.list.len(), 2, "{faults}");
    }
}
