//! What scripts ask about jobs: times of their tasks, where to watch them and where their logs are, tables that they
//! put out; and the DSL that predicts with what they trained. Not for: their rows (`query`, `list`), boards (`board`).

use axum::{
    body::Body,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use parcae_api::{
    board::{BoardUrls, DataViewRequest, DataViewRow, LogPath, PartyJobRequest, TaskReport},
    change::PredictDslRequest,
    job::JobKey,
    loose::AnyOf,
    retcode,
};
use parcae_node::{
    DataView, NodeError, Tenant,
    view::{Filter, JobView},
};
use serde_json::Value;

use crate::{
    answer::{Answer, Handled, Refusal},
    archive::attachment,
    body::Asked,
    rows::{date, elapsed},
    state::App,
    tracking::indented,
};

/// Times of a job's tasks at a party.
pub(crate) async fn report(app: App, Asked(request): Asked<PartyJobRequest>) -> Handled {
    let tasks = app.ask(move |node| {
        let job = job_at(node, &request)?;
        Ok(node.report(job.job.as_str(), job.party)?)
    });
    let report = tasks.await?.into_iter().map(|task| TaskReport {
        component_name: task.component,
        elapsed: elapsed(task.start_ms, task.end_ms),
        end_time: task.end_ms,
        index: task.depth,
        start_time: task.start_ms,
        status: task.status.to_string(),
    });
    Answer::data(report.collect::<Vec<_>>())
}

/// Where to watch a job: at each of its parties, or at the one that is named.
pub(crate) async fn urls(app: App, headers: HeaderMap, Asked(request): Asked<PartyJobRequest>) -> Handled {
    let jobs = app.ask(move |node| jobs_at(node, &request)).await?;
    one_of(&jobs)?;
    Answer::data(BoardUrls { board_url: jobs.iter().map(|job| app.board_url(&headers, &job.job, job.party)).collect() })
}

/// Where the logs of a job are.
pub(crate) async fn log_path(app: App, Asked(request): Asked<JobKey>) -> Handled {
    let request = PartyJobRequest { job_id: request.job_id, ..PartyJobRequest::default() };
    let logs_directory = app.ask(move |node| {
        let job = job_at(node, &request)?.job;
        Ok(node.data_folder().join("logs").join(job.as_str()).display().to_string())
    });
    Answer::data(LogPath { logs_directory: logs_directory.await? })
}

/// Rows of a job, at all its parties or at one.
fn jobs_at(node: &Tenant<'_>, request: &PartyJobRequest) -> Result<Vec<JobView>, Refusal> {
    let filter = Filter {
        jobs: Some(vec![request.job_id.0.clone()]),
        roles: request.role.clone().map(|role| vec![role]),
        parties: request.party_id.clone().map(|id| vec![id.0]),
        ..Filter::default()
    };
    Ok(node.jobs(&filter)?)
}

/// The row of the initiator, or any other; none is an error.
fn one_of(jobs: &[JobView]) -> Result<JobView, Refusal> {
    let job = jobs.iter().find(|job| job.party == job.initiator).or_else(|| jobs.first());
    job.cloned().ok_or_else(|| Refusal::code(retcode::ARGUMENT_ERROR, "find job failed"))
}

/// Row of a job at the party that is meant: the initiator unless role and party are given.
pub(crate) fn job_at(node: &Tenant<'_>, request: &PartyJobRequest) -> Result<JobView, Refusal> {
    one_of(&jobs_at(node, request)?)
}

/// Tables that the tasks of a job put out.
pub(crate) async fn data_views(app: App, Asked(request): Asked<DataViewRequest>) -> Handled {
    let texts = |any: &Option<AnyOf>| any.as_ref().map(AnyOf::texts);
    let filter = Filter {
        jobs: Some(request.job_id.texts()),
        roles: texts(&request.role),
        parties: texts(&request.party_id),
        components: texts(&request.component_name),
        ..Filter::default()
    };
    let found = app.ask(move |node| match node.data_views(&filter) {
        Err(NodeError::NotFound(_)) => Ok(Vec::new()),
        other => Ok(other?),
    });
    let rows: Vec<DataViewRow> = found.await?.into_iter().map(data_view).collect();
    if rows.is_empty() {
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, "find data view failed"));
    }
    Answer::data(rows)
}

fn data_view(view: DataView) -> DataViewRow {
    DataViewRow {
        f_create_date: date(view.created_ms),
        f_create_time: view.created_ms,
        f_data_name: view.data_name,
        f_description: String::new(),
        f_job_id: view.job.to_string(),
        f_party_id: view.party.id.to_string(),
        f_role: view.party.role.to_string(),
        f_table_name: view.name,
        f_table_namespace: view.namespace,
        f_task_id: format!("{}_{}", view.job, view.component),
        f_task_version: view.version,
        f_update_date: date(view.updated_ms),
        f_update_time: view.updated_ms,
        f_component_name: view.component,
    }
}

/// The DSL that predicts with some components of a trained one, in an envelope or as a file.
pub(crate) async fn predict_dsl(app: App, Asked(request): Asked<PredictDslRequest>) -> Result<Response, Refusal> {
    let filename = request.filename.clone();
    let dsl = app.ask(move |node| {
        let refused = |text: &str| Refusal::status(210, &format!("DSL generating failed: {text}"));
        let (train_dsl, components) = trained(&request).map_err(|text| refused(&text))?;
        node.generate_dsl(&train_dsl, &components).map_err(|error| refused(&error.to_string()))
    });
    let dsl = dsl.await?;
    match filename {
        None => Ok(Answer::data(dsl)?.into_response()),
        Some(name) => Ok(attachment(&name, "application/json", Body::from(indented(&dsl)?))),
    }
}

/// The trained DSL and the components that are wanted of it, or what is wrong with them.
fn trained(request: &PredictDslRequest) -> Result<(Value, Vec<String>), String> {
    if let Some(version) = request.version.as_ref().filter(|version| version.as_str() != "2") {
        return Err(format!("version: expected 2, found {:?}", version.as_str()));
    }
    let dsl = match &request.train_dsl {
        None => return Err("train_dsl: missing: expected a DSL".into()),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|e| format!("train_dsl: no JSON: {e}"))?,
        Some(other) => other.clone(),
    };
    let components = names(request.cpn_str.as_ref())?;
    if components.is_empty() {
        return Err("cpn_str: missing: expected names of components".into());
    }
    Ok((dsl, components))
}

/// A list of names; or a text of names with commas between them, with or without brackets around.
fn names(given: Option<&Value>) -> Result<Vec<String>, String> {
    let trimmed = |name: &str| name.trim().to_owned();
    match given {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => {
            let text = text.trim().trim_start_matches('[').trim_end_matches(']');
            Ok(text.split(',').map(trimmed).filter(|name| !name.is_empty()).collect())
        }
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(trimmed).ok_or_else(|| format!("cpn_str: expected a name, found {item}")))
            .collect(),
        Some(other) => Err(format!("cpn_str: expected names of components, found {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_come_as_text_or_list() {
        let read = |value: Value| names(Some(&value));
        let want = Ok(vec!["a_0".to_owned(), "b_0".to_owned()]);
        assert_eq!(read(json!("a_0,b_0")), want);
        assert_eq!(read(json!(" [a_0, \n b_0] ")), want);
        assert_eq!(read(json!(["a_0", " b_0"])), want);
        assert_eq!(read(json!(", ,")), Ok(vec![]));
        assert!(read(json!([1])).is_err() && read(json!({})).is_err());
    }
}
