//! What FATE-Flow does with other systems, and a node does not: each is refused with the reason and what to use
//! instead. Not for: anything that a node does.

use std::collections::BTreeMap;

use parcae_api::{
    Envelope,
    model_use::{ServingRequest, UnofferedRequest},
    retcode,
};
use parcae_domain::party::Role;
use parcae_node::{ServableModel, Tenant};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Handled, Refusal},
    body::Asked,
    state::App,
};

const NOT_DEPLOYED: &str = "Only deployed models could be used to execute process of loading. Please deploy model \
                            before loading.";
const NO_SERVING: &str = "this node does not publish models to FATE-Serving: predict with a job of job_type predict, \
                          or take the model out with model/export";

/// `model/load`: FATE-Serving.
pub(crate) async fn load(app: App, Asked(request): Asked<ServingRequest>) -> Handled {
    let refused = app.ask(move |node| load_refused(node, &request)).await?;
    Err(Refusal::envelope(refused))
}

fn load_refused(node: &Tenant<'_>, request: &ServingRequest) -> Result<Envelope, Refusal> {
    let models = servable(node, request)?;
    let mut by_role: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut detail: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut reason = NO_SERVING;
    for model in models.iter().filter(|model| model.party.role != Role::Arbiter) {
        let text = if model.is_deployed { NO_SERVING } else { NOT_DEPLOYED };
        if !model.is_deployed {
            reason = NOT_DEPLOYED;
        }
        let (role, id) = (model.party.role.as_str(), model.party.id.to_string());
        by_role.entry(role).or_default().insert(id.clone(), retcode::EXCEPTION_ERROR.into());
        let about = json!({"retcode": retcode::EXCEPTION_ERROR, "retmsg": text});
        detail.entry(role).or_default().insert(id, about);
    }
    let mut data = json!(by_role);
    data["detail"] = json!(detail);
    let envelope = Envelope::failure(retcode::ARGUMENT_ERROR, reason).with_data(data);
    Ok(envelope.with_job(node.operation_id()))
}

/// `model/bind`: FATE-Serving.
pub(crate) async fn bind(app: App, Asked(request): Asked<ServingRequest>) -> Handled {
    if request.service_id.as_ref().is_none_or(|id| id.as_str().is_empty()) {
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, "no service id"));
    }
    app.ask(move |node| servable(node, &request).map(|_| ())).await?;
    Err(Refusal::exception(NO_SERVING))
}

/// The models that are meant, one for each party.
fn servable(node: &Tenant<'_>, request: &ServingRequest) -> Result<Vec<ServableModel>, Refusal> {
    let parameters = &request.job_parameters;
    // FATE's clients put the parameters of all parties either under `common` or beside it.
    let common = parameters.get("common").and_then(Value::as_object).unwrap_or(parameters);
    let text = |key: &str| common.get(key).and_then(Value::as_str);
    let version = request.job_id.as_ref().map(|id| id.as_str()).or_else(|| text("model_version"));
    let Some(version) = version else {
        let missing = "required arguments are missing: job_id, or job_parameters with model_id and model_version";
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, missing));
    };
    let id = if request.job_id.is_some() { None } else { text("model_id") };
    let models = node.servable_models(id, version)?;
    if models.is_empty() {
        let unknown = format!(
            "Model with version {version} can not be found in database. Please check if the model version is valid."
        );
        return Err(Refusal::code(retcode::ARGUMENT_ERROR, &unknown));
    }
    Ok(models)
}

/// `model/store` and `model/restore`: models in MySQL, Redis or COS.
pub(crate) async fn storage(_: Asked<UnofferedRequest>) -> Handled {
    Err(Refusal::exception(
        "this node keeps models in its own data folder, and knows no other storage: take one out with model/export \
         (flow model export without --to-database), bring one in with model/import (flow model import without \
         --from-database)",
    ))
}

/// `model/homo/convert`: models of homogeneous federations for other frameworks.
pub(crate) async fn convert(_: Asked<UnofferedRequest>) -> Handled {
    Err(Refusal::exception(
        "this node has no homogeneous algorithms, so that there is no model to convert: take a model out with \
         model/export",
    ))
}

/// `model/homo/deploy`: KFServing.
pub(crate) async fn kfserving(_: Asked<UnofferedRequest>) -> Handled {
    Err(Refusal::exception(
        "this node does not deploy models to KFServing: predict with a job of job_type predict, or take the model out \
         with model/export",
    ))
}

/// `component/hetero/merge`: the halves of a model as one, in PMML.
pub(crate) async fn merge(_: Asked<UnofferedRequest>) -> Handled {
    Err(Refusal::exception(
        "this node does not merge the halves of a model into PMML: each party reads its own with \
         tracking/component/output/model, or takes it out with model/export",
    ))
}

/// `component/woe_array/extract` and `merge`: weights of evidence of binnings.
pub(crate) async fn woe_array(_: Asked<UnofferedRequest>) -> Handled {
    Err(Refusal::exception(
        "this node does not move WOE arrays between models: it has no binning; tracking/component/output/model shows \
         what a component has learned",
    ))
}
