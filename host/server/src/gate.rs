//! Who sends a request, and whether that one may: before any handler runs. A bearer's token counts first, then a
//! signature; at a node without accounts everybody may do everything. Not for: tokens (`bearer`), signatures
//! (`signature`), what belongs to whom (`node`).

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parcae_api::{
    retcode,
    scopes::{Access, Denial, Operation, everything},
    signature::SIGNATURE,
};
use parcae_domain::tenant::Scope;
use parcae_node::Node;

use crate::{
    answer::Refusal,
    audited::Witness,
    bearer::{self, Bearers},
    caller::Caller,
    lookup::{Lookup, caller, now_ms},
    pages::{self, fate_board},
    router::{NO_METHOD, NO_PATH, NO_SUCH_VISIT},
    sessions::{Session, Sessions},
    signature::{Verifier, refused},
    state::Options,
};

/// Lets requests in.
pub(crate) struct Gate {
    operations: Operations,
    lookup: Arc<Lookup>,
    bearers: Bearers,
    sessions: Sessions,
    verifier: Verifier,
    /// The node asks for keys, whether there are any or not.
    always: bool,
    /// There are keys: from now on the node asks for them.
    has_keys: AtomicBool,
}

/// Operations by method and path.
struct Operations(HashMap<(&'static str, &'static str), Operation>);

/// What a request is for.
#[derive(Clone, Copy)]
enum Wanted {
    /// An operation of the document.
    Operation(Operation),
    /// A path of the document with another method, and how refusals are told there.
    Method(Denial),
    /// A path that is not in the document.
    Nothing,
}

impl Operations {
    fn new() -> Operations {
        Operations(everything().into_iter().map(|it| ((it.method, it.path), it)).collect())
    }

    fn wanted(&self, method: &Method, path: Option<&str>) -> Wanted {
        let Some(path) = path.map(|path| if path == "/" { path } else { path.trim_end_matches('/') }) else {
            return Wanted::Nothing;
        };
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        match self.0.get(&(method, path)) {
            Some(operation) => Wanted::Operation(*operation),
            None => {
                let other = self.0.values().find(|operation| operation.path == path);
                other.map_or(Wanted::Nothing, |operation| Wanted::Method(operation.denial))
            }
        }
    }
}

impl Wanted {
    fn is_open(self) -> bool {
        matches!(self, Wanted::Operation(Operation { access: Access::Open, .. }))
    }

    fn denial(self) -> Denial {
        match self {
            Wanted::Operation(Operation { denial, .. }) | Wanted::Method(denial) => denial,
            Wanted::Nothing => Denial::Envelope,
        }
    }

    /// Why this one may not, though it is known who it is. What the document does not have is nobody's but an
    /// administrator's; others hear what the router would say.
    fn refusal(self, caller: &Caller, is_path: bool) -> Option<Refusal> {
        match self {
            Wanted::Operation(Operation { access: Access::Needs(needed), .. }) if caller.scope < needed => {
                Some(too_little(needed, caller.scope))
            }
            Wanted::Operation(_) => None,
            _ if caller.scope == Scope::Admin || !is_path => None,
            Wanted::Method(Denial::Page) => Some(Refusal::status(405, NO_SUCH_VISIT)),
            Wanted::Method(_) => Some(Refusal::exception(NO_METHOD)),
            Wanted::Nothing => Some(Refusal::exception(NO_PATH)),
        }
    }
}

/// Retcode 108.
pub(crate) fn too_little(needed: Scope, has: Scope) -> Refusal {
    let text = format!("permission denied: this needs scope {needed}, the key has {has}");
    Refusal::code(retcode::PERMISSION_ERROR, &text)
}

/// Wraps every handler.
pub(crate) async fn admit(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let wanted = gate.operations.wanted(request.method(), path.as_ref().map(MatchedPath::as_str));
    let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
    let (mut request, caller) = match gate.caller(request, wanted).await {
        Ok(known) => known,
        Err(refusal) => return denied(refusal, wanted, is_get),
    };
    if let Some(refusal) = wanted.refusal(&caller, path.is_some()) {
        if let Some(witness) = request.extensions().get::<Witness>() {
            witness.caller(&caller);
        }
        let mut response = denied(refusal, wanted, is_get);
        response.extensions_mut().insert(caller);
        return response;
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn denied(refusal: Refusal, wanted: Wanted, is_get: bool) -> Response {
    match wanted.denial() {
        Denial::Envelope => refusal.into_response(),
        Denial::Page => pages::denied(refusal, is_get),
        Denial::Board => fate_board::denied(&refusal),
        Denial::Status => {
            let mut response = refusal.into_status().into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

impl Gate {
    /// For a node.
    pub(crate) fn new(node: &Node, options: &Options) -> Gate {
        let lookup = Arc::new(Lookup::new(node.accounts()));
        let known = options.clients.clone();
        let verifier = Verifier::new(known, Some(lookup.clone()), node.upload_folder(), node.opened_ms());
        Gate {
            operations: Operations::new(),
            lookup,
            bearers: Bearers::new(),
            sessions: Sessions::default(),
            verifier,
            always: options.accounts || !options.clients.is_empty(),
            has_keys: AtomicBool::new(false),
        }
    }

    /// The request as it was, and who sent it.
    async fn caller(&self, request: Request, wanted: Wanted) -> Result<(Request, Caller), Refusal> {
        if wanted.is_open() {
            return Ok((request, Caller { scope: Scope::Read, ..Caller::anonymous() }));
        }
        if !self.asks().await? {
            return Ok((request, Caller::anonymous()));
        }
        if let Some(token) = bearer::token(request.headers()).map(str::to_owned) {
            let caller = self.bearers.caller(&self.lookup, &token, now_ms()).await?;
            return Ok((request, caller));
        }
        if let Some(session) = self.sessions.of(request.headers(), now_ms()) {
            let caller = self.logged_in(&session).await?;
            return Ok((request, caller));
        }
        if matches!(wanted.denial(), Denial::Page | Denial::Board) && !request.headers().contains_key(SIGNATURE) {
            return Err(refused("log in with an API key"));
        }
        self.verifier.admit(request, now_ms()).await
    }

    /// Who has a session: the key may have been revoked since.
    async fn logged_in(&self, session: &Session) -> Result<Caller, Refusal> {
        let again = || refused("the session has ended: log in again");
        let id = session.key.as_deref().ok_or_else(again)?;
        let key = self.lookup.key(id).await?.ok_or_else(again)?;
        match key.refusal(now_ms()) {
            Some(words) => Err(refused(words)),
            None => {
                self.lookup.note(id, now_ms());
                Ok(caller(&key))
            }
        }
    }

    /// Whether a request has a session, whoever's.
    pub(crate) fn has_session(&self, headers: &HeaderMap) -> bool {
        self.sessions.of(headers, now_ms()).is_some()
    }

    /// Begins a session for who has a key; at a node that asks for none, for anybody. What the browser keeps, and whose
    /// session it is. One that the request had before ends.
    pub(crate) async fn log_in(&self, headers: &HeaderMap, token: &str) -> Result<(String, Caller), Refusal> {
        let caller = if self.asks().await? {
            self.bearers.caller(&self.lookup, token, now_ms()).await?
        } else {
            Caller::anonymous()
        };
        self.sessions.end(headers);
        let id = self.sessions.begin(caller.key().map(str::to_owned), now_ms())?;
        Ok((id, caller))
    }

    /// The same for who also says a name: that of the key's tenant, or the key's id. Any other is wrong, whether there is
    /// somebody of that name or not; a node that asks for no keys takes all.
    pub(crate) async fn log_in_as(
        &self,
        headers: &HeaderMap,
        name: &str,
        token: &str,
    ) -> Result<(String, Caller), Refusal> {
        if self.asks().await? {
            let caller = self.bearers.caller(&self.lookup, token, now_ms()).await?;
            if !["", caller.tenant.as_str(), caller.name.as_str()].contains(&name) {
                return Err(refused("the user name is neither that of the key's tenant nor the key's id"));
            }
        }
        self.log_in(headers, token).await
    }

    /// Whether what let a request in would still do so: asked again and again for one that lasts.
    pub(crate) async fn holds(&self, headers: &HeaderMap, caller: &Caller) -> Result<(), Refusal> {
        if !self.asks().await? {
            return Ok(());
        }
        if let Some(token) = bearer::token(headers) {
            return self.bearers.caller(&self.lookup, token, now_ms()).await.map(drop);
        }
        if let Some(session) = self.sessions.of(headers, now_ms()) {
            return self.logged_in(&session).await.map(drop);
        }
        if !headers.contains_key(SIGNATURE) {
            return Err(refused("the session has ended: log in again"));
        }
        // Clients of the configuration are not among the keys, and last as long as the node.
        match self.lookup.key(&caller.name).await? {
            Some(key) => key.refusal(now_ms()).map_or(Ok(()), |words| Err(refused(words))),
            None => Ok(()),
        }
    }

    /// Ends the session of a request.
    pub(crate) fn log_out(&self, headers: &HeaderMap) {
        self.sessions.end(headers);
    }

    /// Whether the node asks who sends a request. Once it does, it goes on: keys that were revoked count.
    pub(crate) async fn asks(&self) -> Result<bool, Refusal> {
        if self.always || self.has_keys.load(Ordering::Acquire) {
            return Ok(true);
        }
        let has_keys = self.lookup.ask(|accounts| accounts.has_keys()).await?;
        self.has_keys.store(has_keys, Ordering::Release);
        Ok(has_keys)
    }
}

/// Whether a path is in the document, whatever the method.
#[cfg(test)]
pub(crate) fn knows(path: &str) -> bool {
    everything().iter().any(|operation| operation.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(scope: Scope) -> Caller {
        Caller { scope, ..Caller::anonymous() }
    }

    #[test]
    fn a_request_needs_what_the_document_says() {
        let operations = Operations::new();
        let refused = |method: Method, path: Option<&str>, scope: Scope| {
            let wanted = operations.wanted(&method, path);
            wanted.refusal(&caller(scope), path.is_some()).map(|refusal| format!("{refusal:?}"))
        };
        assert_eq!(refused(Method::POST, Some("/v1/job/query"), Scope::Read), None);
        assert_eq!(refused(Method::POST, Some("/v1/job/query/"), Scope::Read), None);
        let words = refused(Method::POST, Some("/v1/job/submit"), Scope::Read).unwrap();
        assert!(words.contains("retcode: 108") && words.contains("needs scope submit, the key has read"), "{words}");
        assert_eq!(refused(Method::POST, Some("/v1/job/submit"), Scope::Submit), None);
        assert!(refused(Method::GET, Some("/v1/tenants"), Scope::Operate).is_some());
        assert_eq!(refused(Method::GET, Some("/v1/tenants"), Scope::Admin), None);
        assert_eq!(refused(Method::HEAD, Some("/v1/limits"), Scope::Read), None);
        // A method or a path that the document does not have.
        assert!(refused(Method::GET, Some("/v1/job/submit"), Scope::Operate).unwrap().contains("MethodNotAllowed"));
        assert!(refused(Method::GET, Some("/jobs/{job}/stop"), Scope::Operate).unwrap().contains("405"));
        assert!(refused(Method::PUT, Some("/v1/of/tomorrow"), Scope::Operate).unwrap().contains("NotFound"));
        assert_eq!(refused(Method::PUT, Some("/v1/of/tomorrow"), Scope::Admin), None);
        assert_eq!(refused(Method::POST, None, Scope::Read), None, "the router says that there is nothing");
    }

    #[test]
    fn what_is_open_and_what_has_a_status() {
        let operations = Operations::new();
        let wanted = |path: &str| operations.wanted(&Method::GET, Some(path));
        assert!(wanted("/healthz").is_open() && wanted("/openapi.json/").is_open() && !wanted("/v1/limits").is_open());
        let denials = ["/v1/components/{name}/wasm", "/v1/components", "/jobs", "/job/query/status"].map(wanted);
        let known = [Denial::Status, Denial::Envelope, Denial::Page, Denial::Board];
        assert_eq!(denials.map(Wanted::denial), known);
        assert_eq!(wanted("/v1/table/download").denial(), Denial::Envelope, "FATE's clients look into an envelope");
    }
}
