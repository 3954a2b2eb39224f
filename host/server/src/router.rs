//! Which path goes where. Every path may end with a slash; unknown ones, and wrong methods, get an envelope, too. Not
//! for: what is answered.

use std::sync::Arc;

use axum::{
    Router,
    http::Method,
    middleware,
    routing::{MethodRouter, get, post},
};
use parcae_node::Node;

use crate::{
    access,
    answer::Refusal,
    download, info, job, list, log, query,
    state::{App, Options},
    table, tracking, upload,
};

/// All paths, answered by `node`.
pub fn router(node: Arc<Node>, options: Options) -> Router {
    let routes = jobs().chain(tables()).chain(components()).chain(nodes());
    routes
        .fold(Router::<App>::new(), |router, (path, handlers)| {
            router.route(path, handlers.clone()).route(&format!("{path}/"), handlers)
        })
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn(access::guard))
        .with_state(App { node, options: Arc::new(options) })
}

type Route = (&'static str, MethodRouter<App>);

fn jobs() -> impl Iterator<Item = Route> {
    [
        ("/v1/job/submit", post(job::submit)),
        ("/v1/job/query", post(query::jobs)),
        ("/v1/job/task/query", post(query::tasks)),
        ("/v1/job/stop", post(job::stop)),
        ("/v1/job/config", post(job::config)),
        ("/v1/job/list/job", post(list::jobs)),
        ("/v1/job/list/task", post(list::tasks)),
        ("/v1/job/log/download", post(download::logs)),
    ]
    .into_iter()
}

fn tables() -> impl Iterator<Item = Route> {
    [
        ("/v1/data/upload", post(upload::upload)),
        ("/v1/data/upload/history", post(table::history)),
        ("/v1/data/{verb}", post(unknown_verb)),
        ("/v1/table/table_info", post(table::info)),
        ("/v1/table/delete", post(table::delete)),
    ]
    .into_iter()
}

fn components() -> impl Iterator<Item = Route> {
    [
        ("/v1/tracking/component/list", post(tracking::list)),
        ("/v1/tracking/component/parameters", post(tracking::parameters)),
        ("/v1/tracking/component/metrics", post(tracking::metric_names)),
        ("/v1/tracking/component/metric/all", post(tracking::metrics)),
        ("/v1/tracking/component/summary/download", post(tracking::summary)),
        ("/v1/tracking/component/output/model", post(tracking::model)),
        ("/v1/tracking/component/output/data/table", post(tracking::tables)),
        ("/v1/tracking/component/output/data/download", get(download::data).post(download::data)),
    ]
    .into_iter()
}

fn nodes() -> impl Iterator<Item = Route> {
    [
        ("/v1/version/get", post(info::version)),
        ("/v1/info/version", post(info::version)),
        ("/v1/server/version/get", post(info::server_version)),
        ("/v1/log/size", post(log::size)),
        ("/v1/log/cat", post(log::cat)),
        ("/v1/limits", get(info::limits)),
        ("/v1/components", get(info::components)),
        ("/openapi.json", get(info::openapi)),
        ("/healthz", get(info::health)),
    ]
    .into_iter()
}

async fn unknown_path() -> Refusal {
    Refusal::exception("<NotFound '404: Not Found'>")
}

async fn wrong_method(method: Method) -> Refusal {
    tracing::debug!(%method, "wrong method");
    Refusal::exception("<MethodNotAllowed '405: Method Not Allowed'>")
}

async fn unknown_verb() -> Refusal {
    Refusal::status(400, "no such path below data: there are data/upload and data/upload/history")
}
