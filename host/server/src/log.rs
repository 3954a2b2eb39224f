//! `log/size` and `log/cat`: logs line by line, for who follows a job. Not for: all of them at once (`download`).

use parcae_api::node::{LogLine, LogRequest, LogSize};
use parcae_logs::{LogError, LogKey, LogQuery, mask_addresses};
use parcae_node::Tenant;

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// Length of a log.
pub(crate) async fn size(app: App, Asked(request): Asked<LogRequest>) -> Handled {
    let size = app.ask(move |node| size_of(node, &request)).await?;
    Answer::data(LogSize { size })
}

/// Lines that a log has; none when there is no such job.
pub(crate) fn size_of(node: &Tenant<'_>, request: &LogRequest) -> Result<u64, Refusal> {
    let key = key(request)?;
    match node.logs_of(request.job_id.as_str()) {
        Some(logs) => logs.size(&key).map_err(failed),
        None => Ok(0),
    }
}

/// Lines of a log; addresses in them are hidden.
pub(crate) async fn cat(app: App, Asked(request): Asked<LogRequest>) -> Handled {
    let lines = app.ask(move |node| lines_of(node, &request)).await?;
    Answer::data(lines)
}

/// The lines of a log that are asked for.
pub(crate) fn lines_of(node: &Tenant<'_>, request: &LogRequest) -> Result<Vec<LogLine>, Refusal> {
    let key = key(request)?;
    let line = |number: Option<i64>, instead: u64| number.map_or(instead, |n| u64::try_from(n).unwrap_or(0));
    let begin = line(request.begin.map(|begin| begin.0), 1);
    let end = line(request.end.map(|end| end.0), u64::MAX);
    let lines = match node.logs_of(request.job_id.as_str()) {
        Some(logs) => logs.cat(&key, begin, end).map_err(failed)?,
        None => Vec::new(),
    };
    let shown = |(line_num, text): (u64, String)| LogLine { content: mask_addresses(&text).into_owned(), line_num };
    Ok(lines.into_iter().map(shown).collect())
}

fn key(request: &LogRequest) -> Result<LogKey, Refusal> {
    let query = LogQuery {
        log_type: &request.log_type,
        job_id: Some(request.job_id.as_str()),
        role: request.role.as_deref(),
        party_id: request.party_id.as_ref().map(|id| id.as_str()),
        component: request.component_name.as_deref(),
    };
    LogKey::parse(&query).map_err(|e| Refusal::exception(&e.to_string()))
}

fn failed(error: LogError) -> Refusal {
    Refusal::internal(&error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_name_a_file() {
        let request = |log_type: &str| LogRequest {
            log_type: log_type.into(),
            job_id: "202611212240531266170".into(),
            role: Some("guest".into()),
            party_id: Some("9999".into()),
            component_name: Some("reader_0".into()),
            ..LogRequest::default()
        };
        let path = |log_type: &str| key(&request(log_type)).map(|key| key.path().to_owned());
        assert_eq!(path("partyInfo").unwrap(), "202611212240531266170/guest/9999/INFO.log");
        assert_eq!(path("componentError").unwrap(), "202611212240531266170/guest/9999/reader_0/ERROR.log");
        assert!(path("passwd").is_err());
    }
}
