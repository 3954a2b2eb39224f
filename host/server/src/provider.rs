//! Providers: which components a node has, in FATE's shape, and why none is registered over HTTP; and what else of FATE
//! a site has no use for: permissions and hooks. Not for: the modules' descriptions (`components` of `info`).

use std::{collections::BTreeSet, path::Path};

use axum::extract::State;
use parcae_api::{
    node::version_of,
    retcode,
    site::{PermissionRequest, RegisterRequest, ServiceRequest},
};
use parcae_domain::port::Offer;
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    settings::{Named, name_of},
    state::App,
};

/// Modules that FATE-Flow itself provides; all others are FATE's.
pub(crate) const FLOW_MODULES: [&str; 9] =
    ["Upload", "Download", "Reader", "Writer", "ApiReader", "CacheLoader", "ModelLoader", "ModelStore", "ModelRestore"];

/// How components get into a node.
const CURE: &str = "components of this node are WebAssembly files: put the .wasm into a folder, and start the node \
                    with --components FOLDER";

/// All providers.
pub(crate) async fn all(State(app): State<App>) -> Handled {
    let offers = app.ask(|node| Ok(node.offers())).await?;
    Answer::data(providers(&offers))
}

/// One provider; an unknown one is nothing.
pub(crate) async fn one(State(app): State<App>, name: Named) -> Handled {
    let offers = app.ask(|node| Ok(node.offers())).await?;
    Answer::data(providers(&offers).remove(&name_of(name)).unwrap_or(Value::Null))
}

/// A folder with Python code is no component here.
pub(crate) async fn register(State(app): State<App>, Asked(request): Asked<RegisterRequest>) -> Handled {
    app.ask(move |_| {
        if !Path::new(&request.path).is_dir() {
            return Err(Refusal::status(
                400,
                &format!("path {:?}: no such folder on the server; {CURE}", request.path),
            ));
        }
        let text = format!("provider {:?} was not registered: code in Python is not run here; {CURE}", request.name);
        Err(Refusal::code(retcode::OPERATING_ERROR, &text))
    })
    .await
}

/// A provider is what its image is: there is nothing to update.
pub(crate) async fn update() -> Refusal {
    Refusal::code(retcode::OPERATING_ERROR, &format!("a provider cannot be updated over HTTP; {CURE}"))
}

/// FATE's registry of classes in Python.
pub(crate) async fn registry() -> Refusal {
    let text = "there is no registry of classes in Python; provider/get lists what this node offers";
    Refusal::code(retcode::OPERATING_ERROR, text)
}

/// Permissions are switched off, as in a FATE-Flow that was not told otherwise.
pub(crate) async fn permission(Asked(_): Asked<PermissionRequest>) -> Refusal {
    let text = "permissions of parties are not kept by this node: all parties of a job are on it; who may call it at \
                all is set under [clients] of its configuration";
    Refusal::exception(text)
}

/// Hooks: FATE-Flow would call somebody else's service.
pub(crate) async fn register_service() -> Refusal {
    Refusal::code(retcode::OPERATING_ERROR, NO_SERVICES)
}

/// No service was ever registered.
pub(crate) async fn service(Asked(_): Asked<ServiceRequest>) -> Refusal {
    Refusal::code(retcode::OPERATING_ERROR, NO_SERVICES)
}

const NO_SERVICES: &str = "services of others are not called by this node, so that none can be registered; clients are \
                           told apart by [clients] of its configuration";

/// Providers by name.
fn providers(offers: &[Offer]) -> Map<String, Value> {
    let (flow, fate): (Vec<&Offer>, Vec<&Offer>) =
        offers.iter().partition(|offer| FLOW_MODULES.contains(&offer.module.name.as_str()));
    [("fate", "FATE", fate), ("fate_flow", "FATEFlow", flow)]
        .into_iter()
        .map(|(name, module, offers)| (name.to_owned(), provider(module, &offers)))
        .collect()
}

/// A provider with its one version.
fn provider(versioned: &str, offers: &[&Offer]) -> Value {
    let version = version_of(versioned).and_then(|mut versions| versions.remove(versioned)).unwrap_or_default();
    let names = |offer: &Offer| -> Vec<String> {
        let names = std::iter::once(&offer.module.name).chain(&offer.module.aliases);
        names.map(|name| name.to_lowercase()).collect()
    };
    let components: BTreeSet<String> = offers.iter().copied().flat_map(names).collect();
    let images: Map<String, Value> = offers
        .iter()
        .map(|offer| {
            let image = json!({"component": offer.component, "version": offer.version, "digest": offer.image});
            (offer.module.name.clone(), image)
        })
        .collect();
    let detail = json!({"path": "", "python": "", "class_path": {}, "components": components, "images": images});
    json!({"default": {"version": version.clone()}, version: detail})
}

#[cfg(test)]
mod tests {
    use parcae_domain::descriptor::Module;

    use super::*;

    fn offer(module: &str, aliases: &[&str]) -> Offer {
        Offer {
            image: "ab".into(),
            component: "c".into(),
            version: "0.1.0".into(),
            module: Module {
                name: module.into(),
                aliases: aliases.iter().map(ToString::to_string).collect(),
                summary: String::new(),
                roles: Vec::new(),
                needs: Vec::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
                parameters: Value::Null,
                grants: Vec::new(),
            },
        }
    }

    #[test]
    fn modules_stand_with_their_providers() {
        let providers = providers(&[offer("DataTransform", &["DataIO"]), offer("Reader", &[])]);
        let fate = &providers["fate"];
        assert_eq!(fate["default"], json!({"version": "1.11.2"}));
        assert_eq!(fate["1.11.2"]["components"], json!(["dataio", "datatransform"]));
        let image = json!({"component": "c", "version": "0.1.0", "digest": "ab"});
        assert_eq!(fate["1.11.2"]["images"], json!({"DataTransform": image}));
        let flow = &providers["fate_flow"];
        assert_eq!(flow["default"], json!({"version": "1.11.1"}));
        assert_eq!(flow["1.11.1"]["components"], json!(["reader"]));
    }
}
