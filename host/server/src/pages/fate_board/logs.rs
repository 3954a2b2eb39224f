//! FATE-Board's socket for logs: the client asks how many lines there are, and for lines. Not for: the log viewer of
//! our own pages (`pages::logs`), reading logs (`log`).

use axum::{
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use parcae_api::{
    loose::{LooseId, LooseInt},
    node::LogRequest,
};
use parcae_node::Tenant;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    answer::Refusal,
    log::{lines_of, size_of},
    pages::fate_board::sockets::{Line, Upgrade, open as open_socket},
    state::App,
};

/// Lines of one answer.
const LINES: i64 = 1_000;
/// Bytes of one answer, about.
const BYTES: usize = 4 << 20;
/// The name of what is no component: the log of the whole job.
const WHOLE_JOB: &str = "default";
/// Logs of a job, in the order in which their sizes are told.
const OF_JOB: [&str; 6] = ["jobSchedule", "jobError", "partyError", "partyWarning", "partyInfo", "partyDebug"];
/// The log of a component. A size that is told beside it would be taken for it.
const OF_COMPONENT: [&str; 1] = ["componentInfo"];
/// What is said of a job that is not there, before the socket ends.
const NO_JOB: &str = "there is no such job";

/// Whose logs.
#[derive(Clone, Debug)]
struct Place {
    job: String,
    role: String,
    party: String,
    component: String,
}

/// What a client asks.
#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(rename = "type")]
    kind: String,
    begin: Option<LooseInt>,
    end: Option<LooseInt>,
}

/// Job, role, party and component in a path, which may be no text.
type At = Result<Path<(String, String, String, String)>, PathRejection>;

/// Opens the socket.
pub(super) async fn open(app: App, at: At, headers: HeaderMap, upgrade: Upgrade) -> Result<Response, Refusal> {
    let (job, role, party, component) = at.map(|Path(at)| at).unwrap_or_default();
    let place = Place { job, role, party, component };
    open_socket(app, headers, upgrade, move |line| talk(line, place))
}

async fn talk(mut line: Line, place: Place) {
    let job = place.job.clone();
    if !line.app().ask(move |node| Ok(node.own_job(&job).is_ok())).await.unwrap_or(false) {
        let _ = line.say(NO_JOB.into()).await;
        return line.end().await;
    }
    while let Some(text) = line.hear().await {
        // Two quotation marks keep the connection open; what else is no wish is not answered either.
        let Ok(wish) = serde_json::from_str::<Wish>(&text) else { continue };
        let place = place.clone();
        let answer = line.app().ask(move |node| place.answer(node, &wish)).await;
        if let Ok(Some(answer)) = answer
            && !line.say(answer.to_string()).await
        {
            return;
        }
    }
    line.end().await;
}

impl Place {
    /// What a wish is answered with; some are with nothing.
    fn answer(&self, node: &Tenant<'_>, wish: &Wish) -> Result<Option<Value>, Refusal> {
        if wish.kind == "logSize" {
            return Ok(Some(Value::Object(self.sizes(node)?)));
        }
        if !OF_JOB.contains(&wish.kind.as_str()) && !OF_COMPONENT.contains(&wish.kind.as_str()) {
            return Ok(None);
        }
        let begin = wish.begin.map_or(1, |begin| begin.0.max(1));
        let end = wish.end.map_or(i64::MAX, |end| end.0).min(begin.saturating_add(LINES - 1));
        if begin > end {
            return Ok(None);
        }
        let request = LogRequest { begin: Some(LooseInt(begin)), end: Some(LooseInt(end)), ..self.request(&wish.kind) };
        let mut room = BYTES;
        let lines = lines_of(node, &request)?.into_iter().take_while(|line| {
            let has_room = room > 0;
            room = room.saturating_sub(line.content.len());
            has_room
        });
        let lines: Vec<Value> = lines.map(|line| json!({"lineNum": line.line_num, "content": line.content})).collect();
        // The front end looks at the first of them, whether there is one or not.
        Ok((!lines.is_empty()).then(|| json!({"type": wish.kind, "data": lines})))
    }

    fn sizes(&self, node: &Tenant<'_>) -> Result<Map<String, Value>, Refusal> {
        let kinds: &[&str] = if self.component == WHOLE_JOB { &OF_JOB } else { &OF_COMPONENT };
        let size = |kind: &&str| -> Result<(String, Value), Refusal> {
            Ok(((*kind).to_owned(), Value::from(size_of(node, &self.request(kind))?)))
        };
        kinds.iter().map(size).collect()
    }

    fn request(&self, kind: &str) -> LogRequest {
        let log_type = if kind == "jobError" { "jobScheduleError" } else { kind };
        LogRequest {
            log_type: log_type.to_owned(),
            job_id: LooseId(self.job.clone()),
            role: Some(self.role.clone()),
            party_id: Some(LooseId(self.party.clone())),
            component_name: Some(self.component.clone()),
            ..LogRequest::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_and_the_rest_is_not() {
        let read = |text: &str| serde_json::from_str::<Wish>(text).ok().map(|wish| (wish.kind, wish.end));
        assert_eq!(read("{\"type\":\"logSize\",\"instanceId\":\"x\"}"), Some(("logSize".into(), None)));
        let range = "{\"type\":\"partyInfo\",\"begin\":\"180\",\"end\":230,\"instanceId\":null}";
        assert_eq!(read(range), Some(("partyInfo".into(), Some(LooseInt(230)))));
        assert_eq!([read("\"\""), read(""), read("[]"), read("{}")], [None, None, None, None]);
    }

    #[test]
    fn the_error_log_has_another_name_there() {
        let part = || "1".to_owned();
        let place = Place { job: part(), role: part(), party: part(), component: part() };
        assert_eq!(place.request("jobError").log_type, "jobScheduleError");
        assert_eq!(place.request("partyInfo").log_type, "partyInfo");
    }
}
