//! `job/query` and `job/task/query`: rows by any of their columns. Not for: pages (`list`).

use std::{cmp::Ordering, collections::BTreeSet};

use parcae_api::{loose::AnyOf, retcode};
use parcae_domain::id::JobId;
use parcae_node::{Tenant, view::Filter};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    few::{ROWS_TO_SEE, check_rows},
    rows::{Jobs, job_row, object, task_row},
    state::App,
};

type Object = Map<String, Value>;

/// Rows of jobs; none is an empty list.
pub(crate) async fn jobs(app: App, Asked(body): Asked<Object>) -> Handled {
    let rows = app.ask(move |node| find_jobs(node, &body)).await?;
    Answer::data(rows)
}

/// Rows of tasks, the latest version of each; none is an error.
pub(crate) async fn tasks(app: App, Asked(body): Asked<Object>) -> Handled {
    let rows = app.ask(move |node| find_tasks(node, &body)).await?;
    if rows.is_empty() {
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, "find task failed"));
    }
    Answer::data(rows)
}

/// Rows of the jobs that a body selects.
pub(crate) fn find_jobs(node: &Tenant<'_>, body: &Object) -> Result<Vec<Object>, Refusal> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { statuses: any_of(body, "status")?, ..filter(body)? };
    let jobs = node.jobs(&filter)?;
    check_rows(jobs.len(), "name job_id, role, party_id or status, or ask job/list/job for pages")?;
    let rows = jobs.iter().map(|job| object(&job_row(job))).collect::<Result<Vec<_>, _>>()?;
    Ok(select(rows, body))
}

fn find_tasks(node: &Tenant<'_>, body: &Object) -> Result<Vec<Object>, Refusal> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    // The status that FATE filters by is the one over all parties: the rows are looked at for it.
    let tasks = node.tasks(&Filter { components: any_of(body, "component_name")?, ..filter(body)? })?;
    check_rows(tasks.len(), "name job_id, component_name, role or party_id, or ask job/list/task for pages")?;
    let jobs = jobs_of(node, tasks.iter().map(|task| &task.job))?;
    let rows = tasks.iter().map(|task| object(&task_row(task, &jobs))).collect::<Result<Vec<_>, _>>()?;
    Ok(select(rows, body))
}

/// The jobs of tasks.
pub(crate) fn jobs_of<'a>(node: &Tenant<'_>, ids: impl Iterator<Item = &'a JobId>) -> Result<Jobs, Refusal> {
    let ids: BTreeSet<&JobId> = ids.collect();
    if ids.is_empty() {
        return Ok(Jobs::new(Vec::new()));
    }
    let ids = ids.into_iter().map(ToString::to_string).collect();
    Ok(Jobs::new(node.jobs(&Filter { jobs: Some(ids), ..Filter::default() })?))
}

fn filter(body: &Object) -> Result<Filter, Refusal> {
    Ok(Filter {
        jobs: any_of(body, "job_id")?,
        roles: any_of(body, "role")?,
        parties: any_of(body, "party_id")?,
        limit: Some(ROWS_TO_SEE),
        ..Filter::default()
    })
}

fn any_of(body: &Object, key: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = body.get(key) else { return Ok(None) };
    let any: AnyOf = serde_json::from_value(value.clone())
        .map_err(|e| Refusal::code(retcode::ARGUMENT_ERROR, &format!("argument {key}: {e}")))?;
    Ok(Some(any.texts()))
}

/// The rows that the body wants, in the order that it wants. A body that names no column wants none.
fn select(rows: Vec<Object>, body: &Object) -> Vec<Object> {
    let mut rows: Vec<Object> = rows.into_iter().filter(|row| is_wanted(row, body)).collect();
    if let Some(column) = body.get("order_by").and_then(Value::as_str).map(|name| format!("f_{name}")) {
        rows.sort_by(|a, b| compare(a.get(&column), b.get(&column)));
        if body.get("reverse").is_some_and(is_true) {
            rows.reverse();
        }
    }
    rows
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_i64().is_some_and(|number| number != 0))
}

fn is_wanted(row: &Object, body: &Object) -> bool {
    let mut columns = body
        .iter()
        .filter_map(|(key, wanted)| row.get(&format!("f_{key}")).map(|value| (key, value, wanted)))
        .peekable();
    columns.peek().is_some() && columns.all(|(key, value, wanted)| fits(key, value, wanted))
}

/// Equal; or in a list; or, for numbers and dates, within a list of two bounds, of which null is open.
fn fits(key: &str, value: &Value, wanted: &Value) -> bool {
    let has_order = value.is_number() || key.ends_with("_time") || key.ends_with("_date");
    match wanted {
        Value::Array(bounds) if has_order && bounds.len() == 2 => {
            let at_least = bounds[0].is_null() || compare(Some(value), Some(&bounds[0])).is_ge();
            let at_most = bounds[1].is_null() || compare(Some(value), Some(&bounds[1])).is_le();
            !value.is_null() && at_least && at_most
        }
        Value::Array(items) => items.iter().any(|item| same(value, item)),
        one => same(value, one),
    }
}

/// 9999 and "9999" are the same, and so are true and 1.
fn same(a: &Value, b: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        other => other.to_string(),
    };
    text(a) == text(b)
}

/// Nothing and null first, then numbers, then text.
pub(crate) fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        None | Some(Value::Null) => 0,
        Some(Value::Bool(_) | Value::Number(_)) => 1,
        Some(_) => 2,
    };
    let number = |value: Option<&Value>| {
        value.map(|v| v.as_f64().unwrap_or_else(|| f64::from(u8::from(v == &Value::Bool(true)))))
    };
    let text = |value: Option<&Value>| value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    rank(a).cmp(&rank(b)).then_with(|| match rank(a) {
        0 => Ordering::Equal,
        1 => number(a).partial_cmp(&number(b)).unwrap_or(Ordering::Equal),
        _ => text(a).cmp(&text(b)),
    })
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};
    use serde_json::json;

    use super::*;
    use crate::rows::tests::job;

    fn rows() -> Vec<Object> {
        let party = |role, id| Party::new(role, id);
        [party(Role::Guest, 9999), party(Role::Host, 10000), party(Role::Arbiter, 10000)]
            .map(|party| object(&job_row(&job("202611212240299893180", party))).unwrap())
            .to_vec()
    }

    fn roles(body: Value) -> Vec<String> {
        let Value::Object(body) = body else { panic!("a body is an object") };
        select(rows(), &body).iter().map(|row| row["f_role"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn columns_filter() {
        assert_eq!(roles(json!({"party_id": 10000})), ["host", "arbiter"]);
        assert_eq!(roles(json!({"party_id": "10000", "role": ["guest", "host"]})), ["host"]);
        assert_eq!(roles(json!({"is_initiator": 1})), ["guest"]);
        assert_eq!(roles(json!({"progress": [50, null], "role": "guest"})), ["guest"]);
        assert_eq!(roles(json!({"progress": [null, 50]})), Vec::<String>::new());
        assert_eq!(roles(json!({"create_date": ["2026-01-01", null], "role": "host"})), ["host"]);
    }

    #[test]
    fn unknown_keys_do_not_count() {
        assert_eq!(roles(json!({"local": {"role": "host"}, "conf_path": "x"})), Vec::<String>::new());
        assert_eq!(roles(json!({"role": "host", "local": {"role": "guest"}, "component_name": "x"})), ["host"]);
    }

    #[test]
    fn rows_can_be_sorted() {
        assert_eq!(roles(json!({"cores": 4, "order_by": "role"})), ["arbiter", "guest", "host"]);
        assert_eq!(roles(json!({"cores": 4, "order_by": "role", "reverse": true})), ["host", "guest", "arbiter"]);
    }
}
