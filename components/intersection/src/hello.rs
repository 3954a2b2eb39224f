//! The first message of a session: what each party was asked to do. Different salts or hashes would end in an empty
//! intersection that looks like a result, therefore parties compare before they begin. Not for: acting on it.

use parcae_sdk::{Party, Result, federation, input_error};
use serde_json::{Map, Value, json};

use crate::{Job, params::Plan, wire::blame};

const TAG: &str = "plan";
const MOST_BYTES: usize = 64 << 10;

/// What this party says.
fn words(plan: &Plan, match_ids: bool) -> Map<String, Value> {
    let mut all = match serde_json::to_value(plan) {
        Ok(Value::Object(all)) => all,
        _ => Map::new(),
    };
    all.insert("match_ids".to_owned(), json!(match_ids));
    all
}

/// The first thing in which two parties differ, as a sentence.
fn difference(mine: &Map<String, Value>, theirs: &Map<String, Value>, me: &str, them: &str) -> Option<String> {
    let name = mine.keys().chain(theirs.keys()).find(|name| mine.get(*name) != theirs.get(*name))?;
    let cure = "give both parties the same value under component_parameters.common";
    let show = |value: Option<&Value>| value.map_or_else(|| "not known".to_owned(), Value::to_string);
    Some(match name.as_str() {
        "match_ids" => {
            let has =
                |all: &Map<String, Value>| if all.get("match_ids") == Some(&json!(true)) { "has" } else { "has no" };
            format!(
                "the table of {me} {} match ids and that of {them} {} match ids: give all parties tables with match ids, or none",
                has(mine),
                has(theirs)
            )
        }
        "salt" => format!("salt differs between {me} and {them}: {cure}"),
        _ => format!("{name} is {} at {me} and {} at {them}: {cure}", show(mine.get(name)), show(theirs.get(name))),
    })
}

/// Tells another party.
pub fn send(job: &Job, to: Party) -> Result<()> {
    let words = Value::Object(words(&job.plan, job.match_ids)).to_string();
    Ok(federation::push(to, TAG, words.as_bytes())?)
}

/// Waits for another party's words and compares.
pub fn check(job: &Job, from: Party) -> Result<()> {
    let bytes = federation::pull(from, TAG)?;
    let theirs: Map<String, Value> = match bytes.len() {
        0..=MOST_BYTES => serde_json::from_slice(&bytes).map_err(|e| blame(from, TAG, e))?,
        n => return Err(blame(from, TAG, format!("{n} bytes"))),
    };
    let mine = words(&job.plan, job.match_ids);
    match difference(&mine, &theirs, &job.task.me.to_string(), &from.to_string()) {
        None => Ok(()),
        Some(text) => Err(input_error(format!("{}: {text}", job.task.component))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Params;

    fn said(json: &str, match_ids: bool) -> Map<String, Value> {
        let (plan, _) = serde_json::from_str::<Params>(json).unwrap().plan().unwrap();
        words(&plan, match_ids)
    }

    #[test]
    fn equal_plans_do_not_differ() {
        assert_eq!(difference(&said("{}", true), &said("{}", true), "a", "b"), None);
    }

    #[test]
    fn a_difference_is_named_and_a_salt_is_not_shown() {
        let text = difference(&said("{}", false), &said(r#"{"intersect_method": "dh"}"#, false), "guest 1", "host 2");
        assert!(text.is_some_and(|t| t.contains("intersect_method is \"rsa\" at guest 1 and \"dh\" at host 2")));
        let text = difference(&said("{}", false), &said(r#"{"rsa_params": {"salt": "hidden"}}"#, false), "a", "b");
        assert!(text.is_some_and(|t| t.contains("salt") && !t.contains("hidden")));
    }

    #[test]
    fn a_mixture_of_match_ids_is_refused() {
        let text = difference(&said("{}", true), &said("{}", false), "guest 1", "host 2");
        assert!(text.is_some_and(|t| t.contains("guest 1 has match ids") && t.contains("host 2 has no match ids")));
    }

    #[test]
    fn words_of_another_version_differ() {
        let mut theirs = said("{}", false);
        theirs.insert("bloom".to_owned(), json!(1));
        assert!(difference(&said("{}", false), &theirs, "a", "b").is_some_and(|t| t.contains("bloom")));
    }
}
