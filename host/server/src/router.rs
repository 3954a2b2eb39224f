//! Which path goes where. Every path may end with a slash; unknown ones, and wrong methods, get an envelope, too. Not
//! for: what is answered.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, Method},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post},
};
use parcae_node::Node;

use crate::{
    access, accounts,
    answer::Refusal,
    audit,
    audited::{self, Auditor},
    bind, board, component, download, gate,
    hosts::Hosts,
    info, job, job_info, key, list,
    live::Live,
    log,
    meters::{HttpMeters, measure},
    model, pages,
    pages::Oops,
    prometheus, provider, query, quota, ready, registry, rerun, resource, settings,
    state::{Options, Shared},
    table, table_use, template, tracking, transfer, upload, usage,
};

/// All paths, answered by `node`, which is asked under these names.
pub(crate) fn router(
    node: Arc<Node>,
    options: Options,
    hosts: Hosts,
    meters: Arc<HttpMeters>,
    live: Arc<Live>,
) -> Router {
    let is_open = options.metrics_open;
    let auditor = Arc::new(Auditor::new(node.clone()));
    let shared = Shared::new(node, options, meters.clone(), live);
    let gate = shared.gate.clone();
    let routed = routes()
        .chain(pages::routes())
        .fold(Router::<Shared>::new(), |router, (path, handlers)| {
            let routed = router.route(path, handlers.clone());
            if path.ends_with('/') { routed } else { routed.route(&format!("{path}/"), handlers) }
        })
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method);
    let routed = if is_open { routed } else { with_metrics(routed) };
    let gated = routed
        .layer(middleware::from_fn(audited::note_caller))
        .layer(middleware::from_fn_with_state(gate, gate::admit))
        .layer(middleware::from_fn(pages::fate_board::reshape))
        .layer(middleware::from_fn_with_state(shared.clone(), pages::dress));
    let gated = if is_open { with_metrics(gated) } else { gated };
    gated
        .layer(middleware::from_fn_with_state(Arc::new(hosts), access::guard))
        .layer(middleware::from_fn_with_state(auditor, audited::watch))
        .layer(middleware::from_fn_with_state(meters, measure))
        .with_state(shared)
}

/// What FATE-Flow says of a path that it does not have.
pub(crate) const NO_PATH: &str = "<NotFound '404: Not Found'>";
/// What it says of a path with another method.
pub(crate) const NO_METHOD: &str = "<MethodNotAllowed '405: Method Not Allowed'>";
/// The same for people: a browser comes here when it is led back to where a form was sent.
pub(crate) const NO_SUCH_VISIT: &str = "there is nothing to see at this address: it is where a form is sent to";

/// Beside the gate when anybody may read them, else behind it.
fn with_metrics(router: Router<Shared>) -> Router<Shared> {
    let metrics = get(prometheus::metrics).fallback(wrong_method);
    router.route("/metrics", metrics.clone()).route("/metrics/", metrics)
}

pub(crate) type Route = (&'static str, MethodRouter<Shared>);

fn routes() -> impl Iterator<Item = Route> {
    let about_models = models().chain(model_store());
    let about_jobs = jobs().chain(tables()).chain(components()).chain(about_models);
    about_jobs.chain(nodes()).chain(site()).chain(tenants())
}

fn tenants() -> impl Iterator<Item = Route> {
    [
        ("/v1/tenants", get(accounts::tenants).post(accounts::create)),
        ("/v1/tenants/{name}", get(accounts::tenant)),
        ("/v1/tenants/{name}/quotas", post(accounts::quotas)),
        ("/v1/tenants/{name}/limits", post(accounts::limits)),
        ("/v1/tenants/{name}/disable", post(accounts::disable)),
        ("/v1/tenants/{name}/enable", post(accounts::enable)),
        ("/v1/tenants/{name}/keys", get(accounts::keys).post(accounts::make_key)),
        ("/v1/tenants/{name}/keys/{id}", delete(accounts::revoke)),
        ("/v1/keys", get(accounts::own_keys).post(accounts::make_own_key)),
        ("/v1/keys/{id}", delete(accounts::revoke_own)),
        ("/v1/whoami", get(accounts::whoami)),
    ]
    .into_iter()
}

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
        ("/v1/job/rerun", post(rerun::rerun)),
        ("/v1/job/parameter/update", post(rerun::parameters)),
        ("/v1/job/clean/queue", post(rerun::clean_queue)),
        ("/v1/job/clean", post(rerun::clean)),
        ("/v1/job/update", post(rerun::describe)),
        ("/v1/job/report", post(job_info::report)),
        ("/v1/job/url/get", post(job_info::urls)),
        ("/v1/job/log/path", post(job_info::log_path)),
        ("/v1/job/dsl/generate", post(job_info::predict_dsl)),
        ("/v1/job/data/view/query", post(job_info::data_views)),
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
        ("/v1/data/download", post(transfer::download)),
        ("/v1/data/writer", post(transfer::writer)),
        ("/v1/table/bind", post(bind::bind)),
        ("/v1/table/add", post(bind::bind)),
        ("/v1/table/connector/create", post(bind::create_connector)),
        ("/v1/table/connector/query", post(bind::query_connector)),
        ("/v1/table/disable", post(table_use::disable)),
        ("/v1/table/enable", post(table_use::enable)),
        ("/v1/table/disable/delete", post(table_use::delete_disabled)),
        ("/v1/table/tracking/source", post(table_use::tracking_source)),
        ("/v1/table/tracking/job", post(table_use::tracking_job)),
        ("/v1/table/list", post(table_use::list)),
        ("/v1/table/preview", post(table_use::preview)),
        ("/v1/table/download", get(table_use::download).post(table_use::download)),
        ("/v1/table/schema/update", post(table_use::unchangeable)),
        ("/v1/table/schema/anonymous/migrate", post(table_use::unchangeable)),
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
        ("/v1/tracking/component/output/data", post(board::rows)),
        ("/v1/tracking/component/metric_data", post(board::metric)),
        ("/v1/tracking/component/metric/delete", post(board::delete_metrics)),
        ("/v1/tracking/job/data_view", post(board::job)),
        ("/v1/component/get", post(component::all)),
        ("/v1/component/{name}/get", post(component::one)),
        ("/v1/component/validate", post(component::validate)),
    ]
    .into_iter()
}

fn models() -> impl Iterator<Item = Route> {
    [
        ("/v1/model/deploy", post(model::deploy)),
        ("/v1/model/query", post(model::query)),
        ("/v1/model/get/predict/dsl", post(model::predict_dsl)),
        ("/v1/model/get/predict/conf", post(model::predict_conf)),
    ]
    .into_iter()
}

fn model_store() -> impl Iterator<Item = Route> {
    use crate::{checkpoint, model_archive, not_offered, tag};
    [
        ("/v1/model/export", get(model_archive::export).post(model_archive::export)),
        ("/v1/model/import", post(model_archive::import)),
        ("/v1/model/migrate", post(model_archive::migrate)),
        ("/v1/model/load", post(not_offered::load)),
        ("/v1/model/bind", post(not_offered::bind)),
        ("/v1/model/store", post(not_offered::storage)),
        ("/v1/model/restore", post(not_offered::storage)),
        ("/v1/model/homo/convert", post(not_offered::convert)),
        ("/v1/model/homo/deploy", post(not_offered::kfserving)),
        ("/v1/component/hetero/merge", post(not_offered::merge)),
        ("/v1/component/woe_array/extract", post(not_offered::woe_array)),
        ("/v1/component/woe_array/merge", post(not_offered::woe_array)),
        ("/v1/model/tag/create", post(tag::create)),
        ("/v1/model/tag/retrieve", post(tag::retrieve)),
        ("/v1/model/tag/update", post(tag::update)),
        ("/v1/model/tag/destroy", post(tag::destroy)),
        ("/v1/model/tag/list", post(tag::list)),
        ("/v1/model/model_tag/create", post(tag::tag_model)),
        ("/v1/model/model_tag/remove", post(tag::untag_model)),
        ("/v1/model/model_tag/retrieve", post(tag::of_model)),
        ("/v1/checkpoint/list", post(checkpoint::list)),
        ("/v1/checkpoint/get", post(checkpoint::get)),
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
        ("/v1/limits", get(usage::limits)),
        ("/v1/usage", get(usage::of_tenant)),
        ("/v1/jobs/{job}/usage", get(usage::of_job)),
        ("/v1/components", get(registry::list).post(registry::push)),
        ("/v1/components/{name}", get(registry::one).delete(registry::delete)),
        ("/v1/components/{name}/wasm", get(registry::wasm)),
        ("/v1/components/{name}/grants", post(registry::grant)),
        ("/v1/quotas", get(quota::own)),
        ("/v1/jobs/{job}/waiting", get(quota::waiting)),
        ("/openapi.json", get(info::openapi)),
        ("/healthz", get(info::health)),
        ("/readyz", get(ready::ready)),
        ("/v1/audit", get(audit::lines)),
    ]
    .into_iter()
}

fn site() -> impl Iterator<Item = Route> {
    [
        ("/v1/provider/get", post(provider::all)),
        ("/v1/provider/{name}/get", post(provider::one)),
        ("/v1/provider/register", post(provider::register)),
        ("/v1/provider/update", post(provider::update)),
        ("/v1/provider/registry/get", post(provider::registry)),
        ("/v1/permission/grant", post(provider::permission)),
        ("/v1/permission/delete", post(provider::permission)),
        ("/v1/permission/query", post(provider::permission)),
        ("/v1/service/registry", post(provider::register_service)),
        ("/v1/service/query", post(provider::service)),
        ("/v1/resource/query", post(resource::query)),
        ("/v1/resource/return", post(resource::give_back)),
        ("/v1/server/reload", post(settings::reload)),
        ("/v1/server/config/job/default", post(settings::job_defaults)),
        ("/v1/server/get", post(settings::sections)),
        ("/v1/server/service/get", post(settings::sections)),
        ("/v1/server/{name}/get", post(settings::section)),
        ("/v1/server/service/{name}/get", post(settings::section)),
        ("/v1/server/{name}/register", post(settings::register)),
        ("/v1/server/service/{name}/register", post(settings::register)),
        ("/v1/server/fateflow/info", post(settings::servers)),
        ("/v1/info/common", post(settings::common)),
        ("/v1/info/fateboard", post(settings::board)),
        ("/v1/info/eggroll", post(settings::eggroll)),
        ("/v1/info/mysql", post(settings::mysql)),
        ("/v1/info/party/{id}", post(settings::party)),
        ("/v1/info/party/{proxy}/{id}", post(settings::party)),
        ("/v1/key/public/save", post(key::save)),
        ("/v1/key/public/delete", post(key::delete)),
        ("/v1/key/query", post(key::query)),
        ("/v1/template/download", post(template::download)),
    ]
    .into_iter()
}

async fn unknown_path(headers: HeaderMap) -> Response {
    if pages::wants_page(&headers) {
        Oops::no_page().into_response()
    } else {
        Refusal::exception(NO_PATH).into_response()
    }
}

async fn wrong_method(method: Method, headers: HeaderMap) -> Response {
    tracing::debug!(%method, "wrong method");
    if pages::wants_page(&headers) {
        Oops::new(405, NO_SUCH_VISIT).into_response()
    } else {
        Refusal::exception(NO_METHOD).into_response()
    }
}

async fn unknown_verb() -> Refusal {
    Refusal::status(400, "no such path below data: there are upload, upload/history, download and writer")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that the document does not have would be for administrators only.
    #[test]
    fn every_path_is_in_the_document() {
        for (path, _) in routes().chain(pages::routes()) {
            // It refuses everything.
            assert!(gate::knows(path) || path == "/v1/data/{verb}", "{path} is not in the table of endpoints");
        }
    }
}
