//! How far a key must reach for each operation: one table, which the document shows and the server enforces. What
//! nobody has thought about is for operators. Not for: what a scope is (`domain`), who has a key (`server`).

use parcae_domain::tenant::Scope;
use utoipa::openapi::HttpMethod;

use crate::{
    endpoints::{Endpoint, Output, all},
    pages::pages,
};

/// What an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody may, without a key.
    Open,
    /// A key that reaches so far.
    Needs(Scope),
}

/// An operation: a method at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// With names in braces where a name stands.
    pub path: &'static str,
    /// What it asks for.
    pub access: Access,
    /// How somebody hears of it who may not.
    pub denial: Denial,
}

/// How somebody hears that they may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// In an envelope, with HTTP status 200.
    Envelope,
    /// In an envelope with HTTP status 401 without a key, and 403 with one that does not reach so far: other answers are
    /// no envelopes, and no client of FATE's asks for them.
    Status,
    /// With a page, the one to log in at when it is not known who asks.
    Page,
    /// As FATE-Board says it: `code` 10015.
    Board,
}

/// Paths that tell nothing about anybody.
const OPEN: &[&str] = &["/healthz", "/readyz", "/openapi.json"];

/// What is looked at with a POST.
const LOOKED_AT: &[&str] = &[
    "/v1/job/query",
    "/v1/job/task/query",
    "/v1/job/config",
    "/v1/job/list/job",
    "/v1/job/list/task",
    "/v1/job/log/download",
    "/v1/job/report",
    "/v1/job/url/get",
    "/v1/job/log/path",
    "/v1/job/dsl/generate",
    "/v1/job/data/view/query",
    "/v1/data/upload/history",
    "/v1/table/table_info",
    "/v1/table/connector/query",
    "/v1/table/tracking/source",
    "/v1/table/tracking/job",
    "/v1/table/list",
    "/v1/table/preview",
    "/v1/table/download",
    "/v1/tracking/component/list",
    "/v1/tracking/component/parameters",
    "/v1/tracking/component/metrics",
    "/v1/tracking/component/metric/all",
    "/v1/tracking/component/summary/download",
    "/v1/tracking/component/output/model",
    "/v1/tracking/component/output/data/table",
    "/v1/tracking/component/output/data/download",
    "/v1/tracking/component/output/data",
    "/v1/tracking/component/metric_data",
    "/v1/tracking/job/data_view",
    "/v1/component/get",
    "/v1/component/{name}/get",
    "/v1/component/validate",
    "/v1/model/query",
    "/v1/model/get/predict/dsl",
    "/v1/model/get/predict/conf",
    "/v1/model/export",
    "/v1/model/tag/retrieve",
    "/v1/model/tag/list",
    "/v1/model/model_tag/retrieve",
    "/v1/checkpoint/list",
    "/v1/checkpoint/get",
    "/v1/version/get",
    "/v1/info/version",
    "/v1/server/version/get",
    "/v1/log/size",
    "/v1/log/cat",
    "/v1/provider/get",
    "/v1/provider/{name}/get",
    "/v1/permission/query",
    "/v1/service/query",
    "/v1/resource/query",
    "/v1/resource/return",
    "/v1/server/config/job/default",
    "/v1/server/get",
    "/v1/server/service/get",
    "/v1/server/{name}/get",
    "/v1/server/service/{name}/get",
    "/v1/server/fateflow/info",
    "/v1/info/common",
    "/v1/info/fateboard",
    "/v1/info/eggroll",
    "/v1/info/mysql",
    "/v1/info/party/{id}",
    "/v1/info/party/{proxy}/{id}",
    "/v1/key/query",
    "/v1/template/download",
];

/// What changes nothing but what belongs to the tenant.
const SUBMITTED: &[&str] = &[
    "/v1/job/submit",
    "/v1/job/stop",
    "/v1/job/rerun",
    "/v1/job/parameter/update",
    "/v1/job/clean/queue",
    "/v1/job/clean",
    "/v1/job/update",
    "/v1/data/upload",
    "/v1/data/download",
    "/v1/data/writer",
    "/v1/table/delete",
    "/v1/table/bind",
    "/v1/table/add",
    "/v1/table/connector/create",
    "/v1/table/disable",
    "/v1/table/enable",
    "/v1/table/disable/delete",
    "/v1/table/schema/update",
    "/v1/table/schema/anonymous/migrate",
    "/v1/tracking/component/metric/delete",
    "/v1/components",
    "/v1/component/hetero/merge",
    "/v1/component/woe_array/extract",
    "/v1/component/woe_array/merge",
    "/v1/model/deploy",
    "/v1/model/import",
    "/v1/model/migrate",
    "/v1/model/load",
    "/v1/model/bind",
    "/v1/model/store",
    "/v1/model/restore",
    "/v1/model/homo/convert",
    "/v1/model/homo/deploy",
    "/v1/model/tag/create",
    "/v1/model/tag/update",
    "/v1/model/tag/destroy",
    "/v1/model/model_tag/create",
    "/v1/model/model_tag/remove",
];

/// What is got, and is about the whole node, or about keys.
const OPERATED: &[&str] = &["/v1/audit", "/v1/keys"];

/// What an operation asks for.
pub(crate) fn access(method: &HttpMethod, path: &str) -> Access {
    let is_get = *method == HttpMethod::Get;
    // Figures of the whole node tell each tenant of the others.
    let scope = if path == "/metrics" || path == "/v1/tenants" || path.starts_with("/v1/tenants/") {
        Scope::Admin
    } else if is_get && OPEN.contains(&path) {
        return Access::Open;
    } else if (is_get && !OPERATED.contains(&path)) || LOOKED_AT.contains(&path) {
        Scope::Read
    } else if *method == HttpMethod::Post && SUBMITTED.contains(&path) {
        Scope::Submit
    } else {
        Scope::Operate
    };
    Access::Needs(scope)
}

/// Whether an operation answers those who may not with an HTTP status rather than with an envelope and 200.
pub(crate) fn has_status(endpoint: &Endpoint) -> bool {
    let only_got = endpoint.methods == [HttpMethod::Get];
    let is_bare = matches!(endpoint.output, Output::File { .. } | Output::Plain(_));
    only_got && is_bare && access(&HttpMethod::Get, endpoint.path) != Access::Open
}

/// The word of a method.
pub(crate) fn word(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Delete => "DELETE",
        _ => "POST",
    }
}

/// All operations of the document.
pub fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for endpoint in all() {
        for method in endpoint.methods {
            let path = endpoint.path;
            let denial = if has_status(&endpoint) { Denial::Status } else { Denial::Envelope };
            found.push(Operation { method: word(method), path, access: access(method, path), denial });
        }
    }
    found
}

/// All that a node answers: the operations of the document, and the board's pages.
pub fn everything() -> Vec<Operation> {
    operations().into_iter().chain(pages()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_that_is_named_is_one() {
        let all = operations();
        let there = |path: &str| all.iter().any(|operation| operation.path == path);
        for path in LOOKED_AT.iter().chain(SUBMITTED).chain(&["/healthz", "/openapi.json", "/v1/keys"]) {
            assert!(there(path), "{path} is no path of the document");
        }
    }

    #[test]
    fn what_changes_the_site_is_for_operators() {
        let needs = |method: &'static str, path: &str| {
            let found = operations().into_iter().find(|it| it.method == method && it.path == path);
            found.unwrap_or_else(|| panic!("{method} {path}")).access
        };
        assert_eq!(needs("POST", "/v1/job/submit"), Access::Needs(Scope::Submit));
        assert_eq!(needs("POST", "/v1/job/query"), Access::Needs(Scope::Read));
        assert_eq!(needs("GET", "/v1/components"), Access::Needs(Scope::Read));
        assert_eq!(needs("POST", "/v1/components"), Access::Needs(Scope::Submit));
        for (method, path) in [
            ("POST", "/v1/components/{name}/grants"),
            ("DELETE", "/v1/components/{name}"),
            ("POST", "/v1/server/reload"),
            ("POST", "/v1/key/public/save"),
            ("POST", "/v1/provider/register"),
            ("GET", "/v1/keys"),
            ("DELETE", "/v1/keys/{id}"),
        ] {
            assert_eq!(needs(method, path), Access::Needs(Scope::Operate), "{method} {path}");
        }
        for operation in operations().iter().filter(|operation| operation.path.starts_with("/v1/tenants")) {
            assert_eq!(operation.access, Access::Needs(Scope::Admin), "{operation:?}");
        }
        let open = operations().into_iter().filter(|operation| operation.access == Access::Open);
        assert!(open.map(|operation| operation.path).all(|path| OPEN.contains(&path)));
        assert_eq!(access(&HttpMethod::Post, "/v1/of/tomorrow"), Access::Needs(Scope::Operate));
    }
}
