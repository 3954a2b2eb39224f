//! How far a key must reach for each page of the board, and for each call of FATE-Board's front end: one table. Not for:
//! what the document has (`scopes`).

use parcae_domain::tenant::Scope;

use crate::scopes::{Access, Denial, Operation};

/// Method, path, and the scope that is needed; none for what anybody may have.
type Row = (&'static str, &'static str, Option<Scope>);

const OPEN: Option<Scope> = None;
const READ: Option<Scope> = Some(Scope::Read);
const SUBMIT: Option<Scope> = Some(Scope::Submit);
const OPERATE: Option<Scope> = Some(Scope::Operate);
const ADMIN: Option<Scope> = Some(Scope::Admin);

/// Pages for people, and what their scripts ask.
#[rustfmt::skip]
const PAGES: &[Row] = &[
    ("GET", "/", READ),
    ("GET", "/index.html", OPEN),
    ("GET", "/assets/{name}", OPEN),
    ("GET", "/login", OPEN),
    ("POST", "/login", OPEN),
    ("POST", "/logout", OPEN),
    ("POST", "/preferences", OPEN),
    ("GET", "/live", READ),
    // Lists.
    ("GET", "/running", READ),
    ("GET", "/jobs", READ),
    // One job.
    ("GET", "/jobs/{job}", READ),
    ("GET", "/jobs/{job}/{role}/{party}", READ),
    ("GET", "/jobs/{job}/{role}/{party}/dsl.json", READ),
    ("GET", "/jobs/{job}/{role}/{party}/conf.json", READ),
    ("GET", "/jobs/{job}/{role}/{party}/report.html", READ),
    ("POST", "/jobs/{job}/stop", SUBMIT),
    ("POST", "/jobs/{job}/rerun", SUBMIT),
    ("POST", "/jobs/{job}/notes", SUBMIT),
    // One task.
    ("GET", "/jobs/{job}/{role}/{party}/tasks/{component}", READ),
    ("GET", "/jobs/{job}/{role}/{party}/tasks/{component}/data.csv", READ),
    ("GET", "/jobs/{job}/{role}/{party}/tasks/{component}/model.json", READ),
    // Logs; component `-` is the job's own.
    ("GET", "/jobs/{job}/{role}/{party}/logs/{component}", READ),
    ("GET", "/jobs/{job}/{role}/{party}/logs/{component}/lines", READ),
    ("GET", "/jobs/{job}/{role}/{party}/logs/{component}/search", READ),
    ("GET", "/jobs/{job}/{role}/{party}/logs/{component}/stream", READ),
    ("GET", "/jobs/{job}/{role}/{party}/logs/{component}/file", READ),
    ("GET", "/compare", READ),
    // Submitting.
    ("GET", "/submit", READ),
    ("POST", "/submit", SUBMIT),
    ("POST", "/submit/check", READ),
    ("GET", "/upload", READ),
    ("POST", "/upload", SUBMIT),
    ("POST", "/upload/preview", READ),
    // Components.
    ("GET", "/components", READ),
    ("POST", "/components", SUBMIT),
    ("GET", "/components/{name}", READ),
    ("POST", "/components/{name}/grants", OPERATE),
    ("POST", "/components/{name}/delete", OPERATE),
    // Tables and models.
    ("GET", "/tables", READ),
    ("GET", "/table", READ),
    ("GET", "/table/data.csv", READ),
    ("POST", "/table/delete", SUBMIT),
    ("GET", "/models", READ),
    ("GET", "/model", READ),
    ("POST", "/model/deploy", SUBMIT),
    ("GET", "/model/archive.zip", READ),
    // The site.
    ("GET", "/site", READ),
    ("GET", "/audit", OPERATE),
    ("GET", "/tokens", OPERATE),
    ("POST", "/tokens", OPERATE),
    ("POST", "/tokens/{id}/revoke", OPERATE),
    ("GET", "/tenants", ADMIN),
];

/// What FATE-Board's own front end calls.
#[rustfmt::skip]
const FATE_BOARD: &[Row] = &[
    ("POST", "/user/getKey", OPEN),
    ("POST", "/user/login", OPEN),
    ("POST", "/user/logout", OPEN),
    ("GET", "/job/query/status", READ),
    ("GET", "/job/query/{job}/{role}/{party}", READ),
    ("POST", "/job/query/page/new", READ),
    ("POST", "/job/query/fields", READ),
    ("PUT", "/job/update", SUBMIT),
    ("POST", "/job/v1/pipeline/job/stop", SUBMIT),
    ("POST", "/job/v1/rerun", SUBMIT),
    ("POST", "/job/componentCommand", READ),
    ("POST", "/job/download", READ),
    ("POST", "/job/tracking/job/data_view", READ),
    ("POST", "/v1/pipeline/dag/dependencies", READ),
    ("POST", "/v1/tracking/component/metric_data/batch", READ),
    ("GET", "/websocket/progress/{job}/{role}/{party}", READ),
    ("GET", "/log/new/{job}/{role}/{party}/{component}", READ),
];

/// All pages and calls of the board.
pub fn pages() -> impl Iterator<Item = Operation> {
    let operation = |denial| {
        move |(method, path, scope): &Row| Operation {
            method,
            path,
            access: scope.map_or(Access::Open, Access::Needs),
            denial,
        }
    };
    PAGES.iter().map(operation(Denial::Page)).chain(FATE_BOARD.iter().map(operation(Denial::Board)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_needs_more_than_reading() {
        let harmless = ["/login", "/logout", "/preferences", "/submit/check", "/upload/preview"];
        let posted = pages().filter(|page| page.method != "GET" && page.denial == Denial::Page);
        for page in posted.filter(|page| !harmless.contains(&page.path)) {
            assert!(matches!(page.access, Access::Needs(scope) if scope > Scope::Read), "{page:?}");
        }
    }
}
