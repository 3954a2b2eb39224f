//! What goes into the audit log of the requests: each that may change something, with its objects and how it was
//! answered, and each that was refused. A change is answered once its line is on the disk. Not for: reading the log
//! (`audit`), who may do what (`api`).

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parcae_api::{
    Envelope, retcode,
    scopes::{Access, everything},
    signature::APP_KEY,
};
use parcae_domain::tenant::Scope;
use parcae_logs::{AuditEntry, Verdict};
use parcae_node::Node;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{answer::Refusal, caller::Caller, connections::Peer};

/// Keys of requests and answers that name what is acted upon.
const OBJECTS: [&str; 18] = [
    "job_id",
    "tenant",
    "namespace",
    "name",
    "table_name",
    "component_name",
    "module",
    "model_id",
    "model_version",
    "tag_name",
    "party_id",
    "role",
    "digest",
    "id",
    "label",
    "scope",
    "server_name",
    "service_name",
];
/// Letters of the value of one.
const LONGEST: usize = 100;
/// Refusals that have a line each, at once; who is refused without end fills no disk.
const REFUSALS: f64 = 1_000.0;
/// And then how many in a second.
const REFUSALS_PER_SECOND: f64 = 10.0;

/// Writes the lines of a server.
pub(crate) struct Auditor {
    node: Arc<Node>,
    /// Operations that may change something: method and path.
    changing: HashSet<(&'static str, &'static str)>,
    refusals: Mutex<Refusals>,
}

/// How many refusals may have a line of their own.
struct Refusals {
    left: f64,
    looked: Instant,
    without_line: u64,
}

/// What is found out about a request on its way in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    caller: Option<Caller>,
    objects: Vec<String>,
}

impl Witness {
    /// Who sends it; also when it is then refused.
    pub(crate) fn caller(&self, caller: &Caller) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).caller = Some(caller.clone());
    }

    /// What it is about, from its body or its answer.
    pub(crate) fn objects(&self, value: &Value) {
        let found = OBJECTS.iter().filter_map(|key| Some((key, word(value.get(key)?)?)));
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, word) in found {
            let object = format!("{key}={word}");
            if !seen.objects.contains(&object) {
                seen.objects.push(object);
            }
        }
    }
}

/// What an answer says, beside the answer.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    retcode: i32,
    words: String,
    objects: Value,
}

impl Said {
    /// Of an answer that is no envelope.
    pub(crate) fn words(code: i32, words: &str) -> Said {
        Said { retcode: code, words: words.to_owned(), objects: Value::Null }
    }

    /// Of an envelope, as it is sent.
    pub(crate) fn of(envelope: &Envelope) -> Said {
        let data = envelope.data.as_ref();
        let named = OBJECTS.iter().filter_map(|key| Some(((*key).to_owned(), word(data?.get(key)?)?)));
        let job = envelope.job_id.iter().map(|job| ("job_id".to_owned(), job.clone()));
        let objects = Value::Object(named.chain(job).map(|(key, word)| (key, Value::String(word))).collect());
        // As FATE does, an upload that could not begin succeeds, and says within its data what failed.
        let inner = data.and_then(|data| i32::try_from(data.get("code")?.as_i64()?).ok()).filter(|code| *code != 0);
        match inner {
            Some(code) if envelope.retcode == 0 => {
                let words = data.and_then(|data| data.get("message")?.as_str()).unwrap_or_default();
                Said { retcode: code, words: words.to_owned(), objects }
            }
            _ => Said { retcode: envelope.retcode, words: envelope.retmsg.clone(), objects },
        }
    }
}

fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text.chars().take(LONGEST).collect())
}

/// Tells the witness who was found to send the request: innermost, where that is known.
pub(crate) async fn note_caller(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>().cloned();
    if let (Some(witness), Some(caller)) = (extensions.get::<Witness>(), &caller) {
        witness.caller(caller);
    }
    let mut response = next.run(request).await;
    // For pages that say what went wrong, and to whom.
    if let Some(caller) = caller.filter(|_| response.extensions().get::<Caller>().is_none()) {
        response.extensions_mut().insert(caller);
    }
    response
}

/// Wraps everything.
pub(crate) async fn watch(State(auditor): State<Arc<Auditor>>, mut request: Request, next: Next) -> Response {
    let witness = Witness::default();
    request.extensions_mut().insert(witness.clone());
    let act = Act::of(auditor, witness, &request);
    act.answered(next.run(request).await).await
}

/// A request that is under way. One whose client leaves has its line, too, when it may have changed something.
struct Act {
    auditor: Arc<Auditor>,
    witness: Witness,
    entry: AuditEntry,
    changes: bool,
    is_over: bool,
}

impl Auditor {
    /// For a node.
    pub(crate) fn new(node: Arc<Node>) -> Auditor {
        let changes = |access| matches!(access, Access::Needs(scope) if scope > Scope::Read);
        let changing = everything().into_iter().filter(|it| it.method != "GET" && changes(it.access));
        let changing = changing.map(|it| (it.method, it.path)).collect();
        let refusals = Mutex::new(Refusals { left: REFUSALS, looked: Instant::now(), without_line: 0 });
        Auditor { node, changing, refusals }
    }

    /// Whether one more refusal has a line, and how many before it had none.
    fn may_tell(&self) -> Option<u64> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.may_tell(Instant::now())
    }
}

impl Refusals {
    fn may_tell(&mut self, now: Instant) -> Option<u64> {
        let rested = now.saturating_duration_since(self.looked).as_secs_f64();
        (self.left, self.looked) = ((self.left + rested * REFUSALS_PER_SECOND).min(REFUSALS), now);
        if self.left < 1.0 {
            self.without_line += 1;
            return None;
        }
        self.left -= 1.0;
        Some(std::mem::take(&mut self.without_line))
    }
}

impl Act {
    fn of(auditor: Arc<Auditor>, witness: Witness, request: &Request) -> Act {
        let path = request.uri().path().trim_end_matches('/');
        let pattern = request.extensions().get::<MatchedPath>().map(|path| path.as_str().trim_end_matches('/'));
        let method = method_word(request.method());
        let changes = pattern.is_some_and(|pattern| auditor.changing.contains(&(method, pattern)));
        let peer = request.extensions().get::<Peer>().map(|peer| peer.0.to_string()).unwrap_or_default();
        let object = if pattern == Some(path) { String::new() } else { path.to_owned() };
        let entry = AuditEntry {
            who: claimed(request.headers()),
            peer,
            what: format!("{} {}", request.method(), pattern.unwrap_or("(no such path)")),
            object,
            ..AuditEntry::default()
        };
        Act { auditor, witness, entry, changes, is_over: false }
    }

    /// The answer, once there is a line of what was done.
    async fn answered(mut self, response: Response) -> Response {
        self.is_over = true;
        let (status, said) = (response.status().as_u16(), response.extensions().get::<Said>());
        let (code, words) = match said {
            Some(said) if status == 200 => (i64::from(said.retcode), said.words.clone()),
            Some(said) => (i64::from(status), said.words.clone()),
            // A form of the board that was done leads to another page.
            None => (if matches!(status, 200 | 303) { 0 } else { i64::from(status) }, String::new()),
        };
        if let Some(said) = said {
            self.witness.objects(&said.objects);
        }
        if let Some(caller) = response.extensions().get::<Caller>() {
            self.witness.caller(caller);
        }
        let verdict = verdict(code);
        if verdict == Verdict::Refused {
            if let Some(before) = self.auditor.may_tell() {
                let more = format!("; {before} refusals before it have no line");
                let words = if before > 0 { words + &more } else { words };
                self.auditor.node.trail().append(self.line(verdict, code, words), |_| ());
            }
            return response;
        }
        if !self.changes {
            return response;
        }
        let words = if verdict == Verdict::Allowed { String::new() } else { words };
        match self.written(verdict, code, words).await {
            Ok(()) => response,
            Err(why) => {
                tracing::error!(why, "a request has no line in the audit log");
                let text = "what was asked for may be done, but the audit log cannot be written";
                Refusal::exception(text).into_response()
            }
        }
    }

    async fn written(&self, verdict: Verdict, code: i64, words: String) -> Result<(), String> {
        let (written, waits) = oneshot::channel();
        self.auditor.node.trail().append(self.line(verdict, code, words), move |result| {
            // Nobody waits when the client has left.
            let _ = written.send(result);
        });
        waits.await.unwrap_or_else(|_| Err("the audit log is closed".into()))
    }

    fn line(&self, verdict: Verdict, code: i64, words: String) -> AuditEntry {
        let seen = self.witness.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entry = AuditEntry { verdict, code, words, ..self.entry.clone() };
        if let Some(caller) = &seen.caller {
            (entry.tenant, entry.who) = (caller.tenant.to_string(), caller.name.clone());
        }
        let objects = std::iter::once(entry.object).filter(|object| !object.is_empty());
        entry.object = objects.chain(seen.objects.iter().cloned()).collect::<Vec<_>>().join(" ");
        entry
    }
}

impl Drop for Act {
    fn drop(&mut self) {
        if self.changes && !self.is_over {
            let words = "its client left before it was answered; what was asked for may be done".to_owned();
            self.auditor.node.trail().append(self.line(Verdict::Failed, -1, words), |_| ());
        }
    }
}

/// As the table of operations has it.
fn method_word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" | "HEAD" => "GET",
        "DELETE" => "DELETE",
        "PUT" => "PUT",
        _ => "POST",
    }
}

fn verdict(code: i64) -> Verdict {
    let refused = [retcode::PERMISSION_ERROR, retcode::AUTHENTICATION_ERROR].map(i64::from);
    match code {
        0 => Verdict::Allowed,
        401 | 403 | 429 => Verdict::Refused,
        code if refused.contains(&code) => Verdict::Refused,
        _ => Verdict::Failed,
    }
}

/// Who the request says that it comes from, which nobody has checked. Never a secret.
fn claimed(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer parcae_"));
    let bearer = bearer.and_then(|token| token.split_once('_')).map(|(id, _)| id);
    let app_key = || text(APP_KEY).or_else(|| text("app-key"));
    match bearer.or_else(app_key) {
        Some(id) => format!("unchecked:{}", id.chars().take(LONGEST).collect::<String>()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_named_and_secrets_are_not() {
        let witness = Witness::default();
        witness.objects(&json!({"job_id": 7, "name": "x".repeat(200), "secret": "hush", "role": ["guest"]}));
        witness.objects(&json!({"job_id": "7"}));
        let objects = witness.0.lock().unwrap().objects.clone();
        assert_eq!(objects, ["job_id=7".to_owned(), format!("name={}", "x".repeat(100))]);
        let header = |name: &'static str, text: &'static str| {
            claimed(&HeaderMap::from_iter([(name.parse::<header::HeaderName>().unwrap(), text.parse().unwrap())]))
        };
        assert_eq!(header("authorization", "Bearer parcae_k1_hush_hush"), "unchecked:k1");
        assert_eq!(header("authorization", "Bearer hush"), "");
        assert_eq!(header("app-key", "lab"), "unchecked:lab");
    }

    #[test]
    fn a_failure_within_an_answer_is_one() {
        let said = |code: i32| {
            let data = Some(json!({"code": code, "job_id": "7", "message": "no room"}));
            Said::of(&Envelope { retcode: 0, retmsg: "success".into(), data, job_id: None, meta: None })
        };
        assert_eq!((said(103).retcode, said(103).words.as_str()), (103, "no room"));
        assert_eq!((said(0).retcode, said(0).objects), (0, json!({"job_id": "7"})));
    }

    #[test]
    fn refusals_without_end_have_few_lines() {
        let now = Instant::now();
        let mut refusals = Refusals { left: REFUSALS, looked: now, without_line: 0 };
        let told = (0..5_000).filter(|_| refusals.may_tell(now).is_some()).count();
        assert_eq!(told, 1_000);
        assert_eq!(refusals.may_tell(now + Duration::from_millis(110)), Some(4_000));
        assert_eq!(refusals.may_tell(now + Duration::from_millis(110)), None);
    }

    #[test]
    fn answers_are_told_apart() {
        let verdicts = [0, 100, 108, 109, 401, 404].map(verdict);
        let (allowed, refused, failed) = (Verdict::Allowed, Verdict::Refused, Verdict::Failed);
        assert_eq!(verdicts, [allowed, failed, refused, refused, refused, failed]);
    }
}
