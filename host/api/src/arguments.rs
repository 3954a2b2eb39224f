//! Reading a request's JSON: lenient as FATE-Flow is (keys that nobody knows are skipped, null is absent), exact in
//! what it says when something is missing. Not for: what the arguments of each endpoint are (the modules by topic).

use parcae_domain::party::{Party, Role};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    loose::{LooseId, kind},
    retcode,
};

/// Arguments of an endpoint.
pub trait Arguments: DeserializeOwned {
    /// Keys that must be there and not null.
    const REQUIRED: &'static [&'static str];
}

/// Arguments of which every key counts: filters by any column.
impl Arguments for Map<String, Value> {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Why arguments are refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// The body is something else than an object.
    #[error("the body must be a JSON object, found {0}")]
    NotAnObject(&'static str),
    /// Keys that must be there are not.
    #[error("required arguments are missing: {}", .0.join(","))]
    Missing(Vec<&'static str>),
    /// A value of the wrong kind.
    #[error("argument {key}: {fault}")]
    Value {
        /// Its key.
        key: String,
        /// What is wrong.
        fault: String,
    },
}

impl ArgumentError {
    /// The return code that FATE-Flow gives.
    pub fn retcode(&self) -> i32 {
        match self {
            ArgumentError::NotAnObject(_) => retcode::EXCEPTION_ERROR,
            ArgumentError::Missing(_) | ArgumentError::Value { .. } => retcode::ARGUMENT_ERROR,
        }
    }
}

/// Reads the arguments of an endpoint.
pub fn read<T: Arguments>(body: Value) -> Result<T, ArgumentError> {
    let mut object = match body {
        Value::Object(object) => object,
        other => return Err(ArgumentError::NotAnObject(kind(&other))),
    };
    object.retain(|_, value| !value.is_null());
    let missing: Vec<_> = T::REQUIRED.iter().copied().filter(|key| !object.contains_key(*key)).collect();
    if !missing.is_empty() {
        return Err(ArgumentError::Missing(missing));
    }
    match <T as Deserialize>::deserialize(&object) {
        Ok(arguments) => Ok(arguments),
        Err(error) => {
            let key = culprit::<T>(&object).unwrap_or_default();
            Err(ArgumentError::Value { key, fault: error.to_string() })
        }
    }
}

/// The key without which the arguments can be read: serde does not say where it stumbled.
fn culprit<T: Arguments>(object: &Map<String, Value>) -> Option<String> {
    // No endpoint knows that many, and each costs a copy of all.
    if object.len() > 64 {
        return None;
    }
    let readable_without = |key: &&String| {
        let mut others = object.clone();
        others.remove(key.as_str());
        <T as Deserialize>::deserialize(&others).is_ok()
    };
    object.keys().find(readable_without).cloned()
}

/// A role and a party id as clients send them, as a party.
pub fn party(role: &str, id: &LooseId) -> Result<Party, ArgumentError> {
    let wrong = |key: &str, fault: String| ArgumentError::Value { key: key.to_owned(), fault };
    let role: Role = role.parse().map_err(|e: parcae_domain::party::UnknownRole| wrong("role", e.to_string()))?;
    let id = id.party().ok_or_else(|| wrong("party_id", format!("{:?} is not a whole number", id.as_str())))?;
    Ok(Party::new(role, id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::loose::LooseInt;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Example {
        #[serde(default)]
        job_id: LooseId,
        #[serde(default)]
        role: String,
        limit: Option<LooseInt>,
    }

    impl Arguments for Example {
        const REQUIRED: &'static [&'static str] = &["job_id", "role"];
    }

    #[test]
    fn unknown_keys_are_skipped_and_null_is_absent() {
        let body = json!({"job_id": 7, "role": "guest", "limit": null, "local": {"role": "guest"}, "conf_path": "x"});
        assert_eq!(read::<Example>(body).unwrap(), Example { job_id: "7".into(), role: "guest".into(), limit: None });
    }

    #[test]
    fn faults_are_named() {
        let error = |body| read::<Example>(body).unwrap_err();
        let missing = error(json!({"job_id": null}));
        assert_eq!(missing.to_string(), "required arguments are missing: job_id,role");
        assert_eq!(missing.retcode(), 101);
        let kind = error(json!({"job_id": "1", "role": "guest", "limit": []}));
        assert_eq!(kind.to_string(), "argument limit: expected a whole number, found a list");
        let body = error(Value::Null);
        assert_eq!((body.to_string().as_str(), body.retcode()), ("the body must be a JSON object, found null", 100));
    }

    #[test]
    fn party_zero_is_a_party() {
        assert_eq!(party("local", &"0".into()).unwrap(), Party::new(Role::Local, 0));
        assert_eq!(
            party("guest", &"x".into()).unwrap_err().to_string(),
            "argument party_id: \"x\" is not a whole number"
        );
        assert!(party("boss", &"1".into()).unwrap_err().to_string().contains("unknown role \"boss\""));
    }
}
