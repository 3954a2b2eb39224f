//! What a board asks about jobs beside their rows: first rows of tables, single series, a job at a glance, and metrics
//! that are to go. Not for: what FATE's client asks of components (`tracking`).

use std::collections::BTreeMap;

use parcae_api::{
    Envelope,
    board::{JobView, MetricDeleteRequest, MetricRequest, PartyJobRequest, RowsMeta},
    tracking::ComponentKey,
};
use parcae_domain::{party::Party, port::Scalar};
use parcae_node::{
    LimitsOf, NodeError, Tenant,
    view::{Filter, JobView as View, Series, TaskView},
};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body::Asked,
    csv::Layout,
    job_info::job_at,
    state::App,
    tracking::{find_series, party_of, scalar, shown},
    usage,
};

/// Rows of a table that a board shows.
const FIRST_ROWS: u64 = 100;
/// The module whose metrics say how good a model is.
const EVALUATION: &str = "Evaluation";
/// Type of the series that has one number for each measure.
const EVALUATION_SUMMARY: &str = "EVALUATION_SUMMARY";

type ByRole<T> = BTreeMap<String, T>;
/// Tables by role, party and component.
type Datasets = ByRole<BTreeMap<String, BTreeMap<String, String>>>;
type Rows = Vec<Vec<String>>;

/// First rows of the tables that a component put out.
pub(crate) async fn rows(app: App, Asked(key): Asked<ComponentKey>) -> Handled {
    let (tables, meta) = app.ask(move |node| first_rows(node, &key)).await?;
    if tables.iter().all(Vec::is_empty) && tables.len() <= 1 {
        return Ok(Answer(Envelope::success().with_message("no data").with_data(json!([]))));
    }
    Ok(Answer(Envelope::success().with_data(to_value(tables)?).with_meta(to_value(meta)?)))
}

fn first_rows(node: &Tenant<'_>, key: &ComponentKey) -> Result<(Vec<Rows>, RowsMeta), Refusal> {
    let party = party_of(node, key)?;
    let mut meta = RowsMeta { header: Vec::new(), names: Vec::new(), total: Vec::new() };
    let mut tables = Vec::new();
    for output in node.outputs(key.job_id.as_str(), &key.component_name, party)? {
        let failed = |e| Refusal::internal(&format!("first rows of {}: {e}", key.component_name));
        let layout = Layout::of(&*output.table).map_err(failed)?;
        tables.push(layout.rows(&*output.table, FIRST_ROWS).map_err(failed)?);
        meta.header.push(layout.header);
        meta.names.push(output.data_name);
        meta.total.push(output.table.rows());
    }
    Ok((tables, meta))
}

/// One series.
pub(crate) async fn metric(app: App, Asked(request): Asked<MetricRequest>) -> Handled {
    let (namespace, name) = (request.metric_namespace, request.metric_name);
    let key = ComponentKey {
        job_id: request.job_id,
        role: request.role,
        party_id: request.party_id,
        component_name: request.component_name,
    };
    let all = app.ask(move |node| find_series(node, &key)).await?;
    let found = all.into_iter().find(|series| series.namespace == namespace && series.name == name);
    one_series(found)
}

/// A series, or that there is none.
pub(crate) fn one_series(found: Option<Series>) -> Handled {
    let Some(series) = found else {
        let none = Envelope::success().with_message("no data").with_data(json!([])).with_meta(json!({}));
        return Ok(Answer(none));
    };
    let series = shown(series);
    Ok(Answer(Envelope::success().with_data(to_value(series.data)?).with_meta(series.meta)))
}

/// Removes all metrics of a job. FATE's client also sends a date, which no server can do anything with.
pub(crate) async fn delete_metrics(app: App, Asked(request): Asked<MetricDeleteRequest>) -> Handled {
    let Some(job) = request.job_id else {
        let text = "metrics are deleted job by job: pass job_id (flow component metric-delete -j JOB)";
        return Err(Refusal::exception(text));
    };
    let id = job.0.clone();
    let deleted = app.ask(move |node| match node.delete_metrics(&id) {
        Err(NodeError::NotFound(_)) => Ok(false),
        other => Ok(other?),
    });
    let deleted = deleted.await?;
    Answer::data(format!("delete metrics of job {}: {deleted}", job.as_str()))
}

/// A job at a glance.
pub(crate) async fn job(app: App, Asked(request): Asked<PartyJobRequest>) -> Handled {
    let view = app.ask(move |node| {
        let job = job_at(node, &request)?;
        let filter = Filter { jobs: Some(vec![job.job.to_string()]), ..Filter::default() };
        let tasks = node.tasks(&filter)?;
        let of_job = LimitsOf { job: Some(job.job.to_string()), ..LimitsOf::default() };
        Ok(JobView {
            dataset: dataset(&job, &tasks),
            limits: usage::shown(node.limits_of(&of_job, false)?),
            model_summary: summary(node, &job, &tasks)?,
            partner: parties(&job, |party| party != job.party),
            roles: parties(&job, |party| sees(&job, party)),
        })
    });
    Answer::data(view.await?)
}

/// The initiator sees all parties, another one itself.
pub(crate) fn sees(job: &View, party: Party) -> bool {
    job.party == job.initiator || job.party == party
}

/// Some of a job's parties; roles without one are left out.
pub(crate) fn parties(job: &View, wanted: impl Fn(Party) -> bool) -> ByRole<Vec<u64>> {
    let mut made = ByRole::new();
    for (role, ids) in &job.roles {
        let ids: Vec<u64> = ids.iter().copied().filter(|id| wanted(Party::new(*role, *id))).collect();
        if !ids.is_empty() {
            made.insert(role.to_string(), ids);
        }
    }
    made
}

/// The tables that readers read, as far as the party may know.
pub(crate) fn dataset(job: &View, tasks: &[TaskView]) -> Datasets {
    let mut made = Datasets::new();
    for task in tasks.iter().filter(|task| sees(job, task.party)) {
        let text = |key: &str| task.parameters.pointer(&format!("/table/{key}")).and_then(Value::as_str);
        let (Some(namespace), Some(name)) = (text("namespace"), text("name")) else { continue };
        let of_party = made.entry(task.party.role.to_string()).or_default().entry(task.party.id.to_string());
        of_party.or_default().insert(task.component.clone(), format!("{namespace}.{name}"));
    }
    made
}

/// Numbers by name, by evaluated component, by kind of data.
type Scores = BTreeMap<String, BTreeMap<String, BTreeMap<String, Value>>>;

/// What evaluations say of the job's models at the party.
fn summary(node: &Tenant<'_>, job: &View, tasks: &[TaskView]) -> Result<Scores, Refusal> {
    let mut made: Scores = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.party == job.party && task.module == EVALUATION) {
        for series in node.metrics(job.job.as_str(), &task.component, job.party)? {
            if series.metric_type != EVALUATION_SUMMARY {
                continue;
            }
            let numbers = made.entry(series.namespace).or_default().entry(series.name).or_default();
            for (key, value) in series.points {
                let key = if let Scalar::Text(text) = key { text } else { scalar(key).to_string() };
                numbers.insert(key, scalar(value));
            }
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Role;

    use super::*;
    use crate::rows::tests::job;

    #[test]
    fn the_initiator_sees_all_and_others_themselves() {
        let id = "202611212240299893180";
        let guest = job(id, Party::new(Role::Guest, 9999));
        let host = job(id, Party::new(Role::Host, 10000));
        let shown = |job: &View| {
            let partner = parties(job, |party| party != job.party);
            json!([parties(job, |party| sees(job, party)), partner])
        };
        let all = json!({"guest": [9999], "host": [10000], "arbiter": [10000]});
        assert_eq!(shown(&guest), json!([all, {"host": [10000], "arbiter": [10000]}]));
        assert_eq!(shown(&host), json!([{"host": [10000]}, {"guest": [9999], "arbiter": [10000]}]));
    }
}
