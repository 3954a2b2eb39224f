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
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parcae_api::{
    retcode,
    scopes::{Access, Operation, operations},
};
use parcae_domain::tenant::Scope;
use parcae_node::Node;

use crate::{
    answer::Refusal,
    audited::Witness,
    bearer::{self, Bearers},
    caller::Caller,
    lookup::{Lookup, now_ms},
    signature::Verifier,
    state::Options,
};

/// Lets requests in.
pub(crate) struct Gate {
    operations: Operations,
    lookup: Arc<Lookup>,
    bearers: Bearers,
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
    /// A path of the document with another method.
    Method,
    /// A path that is not in the document.
    Nothing,
}

impl Operations {
    fn new() -> Operations {
        Operations(operations().into_iter().map(|it| ((it.method, it.path), it)).collect())
    }

    fn wanted(&self, method: &Method, path: Option<&str>) -> Wanted {
        let Some(path) = path.map(|path| path.trim_end_matches('/')) else { return Wanted::Nothing };
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        match self.0.get(&(method, path)) {
            Some(operation) => Wanted::Operation(*operation),
            None if self.0.keys().any(|(_, its_path)| *its_path == path) => Wanted::Method,
            None => Wanted::Nothing,
        }
    }
}

impl Wanted {
    fn is_open(self) -> bool {
        matches!(self, Wanted::Operation(Operation { access: Access::Open, .. }))
    }

    fn has_status(self) -> bool {
        matches!(self, Wanted::Operation(Operation { has_status: true, .. }))
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
            Wanted::Method => Some(Refusal::exception("<MethodNotAllowed '405: Method Not Allowed'>")),
            Wanted::Nothing => Some(Refusal::exception("<NotFound '404: Not Found'>")),
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
    let (mut request, caller) = match gate.caller(request, wanted).await {
        Ok(known) => known,
        Err(refusal) => return denied(refusal, wanted),
    };
    if let Some(refusal) = wanted.refusal(&caller, path.is_some()) {
        if let Some(witness) = request.extensions().get::<Witness>() {
            witness.caller(&caller);
        }
        return denied(refusal, wanted);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn denied(refusal: Refusal, wanted: Wanted) -> Response {
    if !wanted.has_status() {
        return refusal.into_response();
    }
    let mut response = refusal.into_status().into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
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
        let token = bearer::token(request.headers()).map(str::to_owned);
        match token {
            Some(token) => {
                let caller = self.bearers.caller(&self.lookup, &token, now_ms()).await?;
                Ok((request, caller))
            }
            None => self.verifier.admit(request, now_ms()).await,
        }
    }

    /// Whether the node asks who sends a request. Once it does, it goes on: keys that were revoked count.
    async fn asks(&self) -> Result<bool, Refusal> {
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
    operations().iter().any(|operation| operation.path == path)
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
        assert!(refused(Method::PUT, Some("/v1/of/tomorrow"), Scope::Operate).unwrap().contains("NotFound"));
        assert_eq!(refused(Method::PUT, Some("/v1/of/tomorrow"), Scope::Admin), None);
        assert_eq!(refused(Method::POST, None, Scope::Read), None, "the router says that there is nothing");
    }

    #[test]
    fn what_is_open_and_what_has_a_status() {
        let operations = Operations::new();
        let wanted = |path: &str| operations.wanted(&Method::GET, Some(path));
        assert!(wanted("/healthz").is_open() && wanted("/openapi.json/").is_open() && !wanted("/v1/limits").is_open());
        assert!(wanted("/v1/components/{name}/wasm").has_status() && !wanted("/v1/components").has_status());
        assert!(!wanted("/v1/table/download").has_status(), "FATE's clients look into an envelope");
    }
}
