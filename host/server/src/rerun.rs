//! Jobs that were taken on are changed: run again, given other parameters, cleaned up, described. Not for: submitting
//! and stopping them (`job`).

use std::collections::BTreeMap;

use parcae_api::{
    arguments::ArgumentError,
    change::{
        CleanRequest, Cleaned, CleanedMetric, CleanedTable, NotesRequest, ParameterRequest, RerunRequest,
        UpdatedParameters,
    },
    loose::{AnyOf, LooseId},
    retcode,
};
use parcae_domain::party::{PartyId, Role, UnknownRole};
use parcae_node::{Leftovers, NodeError, Rerun};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// Longest description of a job, in bytes.
const MAX_NOTES: usize = 64 << 10;

/// Runs an ended job again. When this is answered, `job/query` shows it as waiting or further.
pub(crate) async fn rerun(app: App, Asked(request): Asked<RerunRequest>) -> Handled {
    run_again(&app, request).await
}

/// The same for who has read the request.
pub(crate) async fn run_again(app: &App, request: RerunRequest) -> Handled {
    let names = request.component_name.as_ref().map(AnyOf::texts).unwrap_or_default();
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let force = request.force.is_some_and(|force| force.0 != 0);
    let done = app.ask(move |node| {
        let names = (!names.is_empty()).then_some(names.as_slice());
        node.rerun(request.job_id.as_str(), names, force).map_err(refused)
    });
    Ok(Answer::empty().message(match done.await? {
        Rerun::Queued(_) => "rerun job success",
        Rerun::Nothing => "rerun job success: no component has to run again, as all of them ended well",
    }))
}

/// Gives a job other parameters.
pub(crate) async fn parameters(app: App, Asked(request): Asked<ParameterRequest>) -> Handled {
    let updated = app.ask(move |node| {
        let (components, job) = (request.component_parameters.as_ref(), request.job_parameters.as_ref());
        node.update_parameters(request.job_id.as_str(), components, job).map_err(refused)
    });
    let updated = updated.await?;
    Answer::data(UpdatedParameters {
        component_parameters: updated.component_parameters,
        components: Vec::new(),
        job_parameters: updated.job_parameters,
    })
}

/// A job that is not there has a code of its own, and so has one that cannot be changed so.
fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::NotFound(text) => Refusal::code(retcode::DATA_ERROR, &text),
        NodeError::Invalid(text) => Refusal::code(retcode::OPERATING_ERROR, &text),
        other => other.into(),
    }
}

/// Cancels all jobs that wait: 0 for each.
pub(crate) async fn clean_queue(app: App) -> Handled {
    let jobs = app.ask(|node| Ok(node.clean_queue()?)).await?;
    let canceled: BTreeMap<String, i32> = jobs.into_iter().map(|job| (job.0, retcode::SUCCESS)).collect();
    Answer::data(canceled)
}

/// Removes output tables and metrics of an ended job.
pub(crate) async fn clean(app: App, Asked(request): Asked<CleanRequest>) -> Handled {
    let whose = Leftovers {
        component: request.component_name.clone(),
        role: request.role.as_deref().map(role).transpose()?,
        party_id: request.party_id.as_ref().map(party_id).transpose()?,
    };
    let cleaned = app.ask(move |node| node.clean(request.job_id.as_str(), &whose).map_err(not_found_or_busy));
    Answer::data(shown(cleaned.await?))
}

fn not_found_or_busy(error: NodeError) -> Refusal {
    match error {
        NodeError::NotFound(text) => Refusal::code(retcode::ARGUMENT_ERROR, &text),
        other => refused(other),
    }
}

fn role(word: &str) -> Result<Role, ArgumentError> {
    word.parse().map_err(|e: UnknownRole| ArgumentError::Value { key: "role".into(), fault: e.to_string() })
}

fn party_id(id: &LooseId) -> Result<PartyId, ArgumentError> {
    let fault =
        || ArgumentError::Value { key: "party_id".into(), fault: format!("{:?} is not a whole number", id.as_str()) };
    id.party().ok_or_else(fault)
}

fn shown(cleaned: parcae_node::Cleaned) -> Cleaned {
    let tables = cleaned.tables.into_iter().map(|table| CleanedTable {
        component_name: table.component,
        data_name: table.data_name,
        party_id: table.party.id.to_string(),
        role: table.party.role.to_string(),
        table_name: table.name,
        table_namespace: table.namespace,
        task_version: table.version,
    });
    let metrics = cleaned.metrics.into_iter().map(|(component, party, namespace, name)| CleanedMetric {
        component_name: component,
        metric_name: name,
        metric_namespace: namespace,
        party_id: party.id.to_string(),
        role: party.role.to_string(),
    });
    Cleaned { metrics: metrics.collect(), tables: tables.collect() }
}

/// Refuses a description that is too long.
pub(crate) fn check_notes(notes: &str) -> Result<(), Refusal> {
    if notes.len() <= MAX_NOTES {
        return Ok(());
    }
    let text = format!("argument notes: {} bytes, more than {MAX_NOTES}", notes.len());
    Err(Refusal::code(retcode::ARGUMENT_ERROR, &text))
}

/// Describes a job.
pub(crate) async fn describe(app: App, Asked(request): Asked<NotesRequest>) -> Handled {
    let notes = request.notes.unwrap_or_default();
    check_notes(&notes)?;
    let mut wanted = Map::new();
    wanted.insert("job_id".into(), Value::from(request.job_id.0.clone()));
    wanted.extend(request.role.map(|role| ("role".to_owned(), Value::from(role))));
    wanted.extend(request.party_id.map(|id| ("party_id".to_owned(), Value::from(id.0))));
    app.ask(move |node| {
        if crate::query::find_jobs(node, &wanted)?.is_empty() {
            return Err(Refusal::code(retcode::ARGUMENT_ERROR, "find job failed"));
        }
        node.describe(request.job_id.as_str(), &notes).map_err(not_found_or_busy)
    })
    .await?;
    Ok(Answer::empty())
}
