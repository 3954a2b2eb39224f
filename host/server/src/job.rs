//! Submitting and stopping jobs, and what they were submitted with. Not for: rows of jobs (`query`, `list`), logs
//! (`download`).

use axum::http::HeaderMap;
use parcae_api::{
    Envelope,
    arguments::ArgumentError,
    job::{ConfigRequest, JobConfig, ModelInfo, StopRequest, SubmitRequest},
    retcode,
};
use parcae_domain::status::Status;
use parcae_node::{
    NodeError, Tenant,
    view::{Filter, JobView},
};
use serde_json::Value;

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body::Asked,
    state::App,
    words::cut,
};

/// Submits a job. The answer has the job's id even when it was not taken on.
pub(crate) async fn submit(app: App, headers: HeaderMap, Asked(request): Asked<SubmitRequest>) -> Handled {
    let conf = request.conf().ok_or(ArgumentError::Missing(vec!["job_runtime_conf"]))?;
    let dsl = request.dsl();
    let (job, taken) = app.ask(move |node| Ok(node.submit(&dsl, &conf))).await?;
    match taken {
        Ok(taken) => {
            let data = app.submit_data(&headers, &taken);
            let message = data.message.clone();
            Ok(Answer(Envelope::success().with_message(&message).with_data(to_value(data)?).with_job(job.to_string())))
        }
        Err(error) => {
            let text = refused_text(error);
            Err(Refusal::envelope(Envelope::failure(retcode::OPERATING_ERROR, &text).with_job(job.to_string())))
        }
    }
}

/// Why a job was not taken on; what failed within the node goes to its log.
pub(crate) fn refused_text(error: NodeError) -> String {
    match error {
        NodeError::Invalid(text) | NodeError::NotFound(text) | NodeError::Exists(text) => cut(text),
        NodeError::Internal(why) => {
            tracing::error!(why, "a job could not be taken on");
            "the node could not take the job on; its log says why".into()
        }
    }
}

/// Stops a job; one that has ended stays as it is.
pub(crate) async fn stop(app: App, Asked(request): Asked<StopRequest>) -> Handled {
    let status = stop_status(request.stop_status.as_deref())?;
    app.ask(move |node| match node.stop(request.job_id.as_str(), status) {
        Err(NodeError::NotFound(_)) => {
            Err(Refusal::code(retcode::DATA_ERROR, &format!("there is no job {:?}", request.job_id.as_str())))
        }
        other => Ok(other?),
    })
    .await?;
    Ok(Answer::empty().message("stop job on this party success; stop job on all party success"))
}

fn stop_status(word: Option<&str>) -> Result<Status, Refusal> {
    let Some(word) = word else { return Ok(Status::Canceled) };
    match word.parse() {
        Ok(status @ (Status::Canceled | Status::Failed | Status::Timeout)) => Ok(status),
        _ => {
            let text = format!("argument stop_status: {word:?} is none of canceled, failed, timeout");
            Err(Refusal::code(retcode::ARGUMENT_ERROR, &text))
        }
    }
}

/// DSL and conf of a job.
pub(crate) async fn config(app: App, Asked(request): Asked<ConfigRequest>) -> Handled {
    let config = app.ask(move |node| find_config(node, &request)).await?;
    Answer::data(config)
}

fn find_config(node: &Tenant<'_>, request: &ConfigRequest) -> Result<JobConfig, Refusal> {
    let filter = Filter {
        jobs: Some(vec![request.job_id.0.clone()]),
        roles: request.role.clone().map(|role| vec![role]),
        parties: request.party_id.clone().map(|id| vec![id.0]),
        ..Filter::default()
    };
    let jobs = node.jobs(&filter)?;
    let job = jobs.iter().find(|job| job.party == job.initiator).or_else(|| jobs.first());
    let job = job.ok_or_else(|| Refusal::code(retcode::ARGUMENT_ERROR, "find job failed"))?;
    Ok(JobConfig {
        dsl: job.dsl.clone(),
        job_id: job.job.to_string(),
        model_info: model_info(job),
        runtime_conf: job.runtime_conf.clone(),
        train_runtime_conf: job.train_runtime_conf.clone(),
    })
}

fn model_info(job: &JobView) -> ModelInfo {
    let common = |key: &str| job.runtime_conf.pointer(&format!("/job_parameters/common/{key}")).and_then(Value::as_str);
    ModelInfo {
        model_id: common("model_id").unwrap_or_default().to_owned(),
        model_version: common("model_version").unwrap_or(job.job.as_str()).to_owned(),
    }
}

/// The row of a job's initiator, or any other that is here.
pub(crate) fn find_job(node: &Tenant<'_>, job: &str) -> Result<JobView, Refusal> {
    let mut jobs = node.jobs(&Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() })?;
    let at = jobs.iter().position(|job| job.party == job.initiator).unwrap_or(0);
    if at < jobs.len() { Ok(jobs.swap_remove(at)) } else { Err(Refusal::exception(&format!("no job {job}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_stopped_with_a_status_that_ends_it() {
        assert_eq!(stop_status(None).unwrap(), Status::Canceled);
        assert_eq!(stop_status(Some("failed")).unwrap(), Status::Failed);
        assert!(stop_status(Some("running")).is_err());
        assert!(stop_status(Some("")).is_err());
    }
}
