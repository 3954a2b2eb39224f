//! Providers: which components a node has, in FATE's shape, and registering one that is on the server; and what of FATE a
//! site has no use for: permissions and hooks. Not for: the modules' descriptions, pushing (`registry`).

use std::{collections::BTreeSet, fs::File, io::Read, path::Path};

use parcae_api::{
    node::version_of,
    retcode,
    site::{PermissionRequest, RegisterRequest, ServiceRequest},
};
use parcae_domain::{limit::IMAGE_BYTES, port::Offer};
use parcae_node::{NodeError, Push};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    settings::{Named, name_of},
    state::App,
    upload_local::allowed_file,
};

/// Modules that FATE-Flow itself provides; all others are FATE's.
pub(crate) const FLOW_MODULES: [&str; 9] =
    ["Upload", "Download", "Reader", "Writer", "ApiReader", "CacheLoader", "ModelLoader", "ModelStore", "ModelRestore"];

/// How components get into a node.
const CURE: &str = "components of this node are WebAssembly files: push the .wasm with `parcae component push`, or \
                    put it into a folder, and start the node with --components FOLDER";
/// What an image that is registered ends with.
const IMAGE: &str = ".wasm";
/// What is added to the name of an image for the file with its signature.
const SIGNATURE: &str = ".sig";
/// Longest file with a signature that is read, bytes.
const MAX_SIGNATURE: u64 = 64 << 10;

/// All providers.
pub(crate) async fn all(app: App) -> Handled {
    let (every, defaults) = app.ask(|node| Ok((node.all_offers(), node.offers()))).await?;
    Answer::data(providers(&every, &defaults))
}

/// One provider; an unknown one is nothing.
pub(crate) async fn one(app: App, name: Named) -> Handled {
    let (every, defaults) = app.ask(|node| Ok((node.all_offers(), node.offers()))).await?;
    Answer::data(providers(&every, &defaults).remove(&name_of(name)).unwrap_or(Value::Null))
}

/// Registers an image that is on the server; a folder with Python code is no component here.
pub(crate) async fn register(app: App, Asked(request): Asked<RegisterRequest>) -> Handled {
    if request.path.ends_with(IMAGE) {
        return register_image(&app, request).await;
    }
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

async fn register_image(app: &App, request: RegisterRequest) -> Handled {
    let file = allowed_file(app, request.path).await.map_err(|refusal| {
        let (code, text) = refusal.said();
        Refusal::code(code, &format!("{text}; `parcae component push FILE` sends one that is not on the server"))
    })?;
    let (name, version) = (request.name, request.version.0);
    let image = app.ask_push(move |node| {
        let broken = |e: std::io::Error| Refusal::internal(&format!("reading {}: {e}", file.display()));
        let size = file.metadata().map_err(broken)?.len();
        if size > IMAGE_BYTES as u64 {
            let cure = "`wasm-tools strip` takes out what is there for debuggers";
            let text = format!("image has {size} bytes, {IMAGE_BYTES} are allowed (image_bytes); {cure}");
            return Err(Refusal::code(retcode::OPERATING_ERROR, &text));
        }
        let bytes = std::fs::read(&file).map_err(broken)?;
        let mut beside = file.clone().into_os_string();
        beside.push(SIGNATURE);
        let signature = match File::open(&beside) {
            Ok(file) => {
                let mut text = String::new();
                file.take(MAX_SIGNATURE).read_to_string(&mut text).map_err(broken)?;
                Some(text)
            }
            Err(_) => None,
        };
        let push = Push { signature, by: String::new() };
        let failed = |error: NodeError| match error {
            NodeError::Internal(why) => Refusal::internal(&why),
            other => Refusal::code(retcode::OPERATING_ERROR, &other.to_string()),
        };
        Ok(node.push_component(&bytes, &push).map_err(failed)?.image)
    });
    let image = image.await?;
    let (own_name, own_version) = (image.descriptor.name, image.descriptor.version);
    let data = json!({"flow-server": {"name": own_name, "version": own_version, "digest": image.digest}});
    let answer = Answer::data(data)?;
    if (&own_name, &own_version) == (&name, &version) {
        return Ok(answer);
    }
    let text = format!("registered as provider {own_name} of version {own_version}, as the image calls itself");
    Ok(answer.message(&text))
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
                all is a matter of its tenants' keys: `parcae tenant key`";
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
                           told apart by their keys: `parcae tenant key`";

/// Name of the provider that FATE's clients see for a module of an image.
pub(crate) fn provider_of(offer: &Offer) -> &str {
    match offer.origin.is_operators() {
        true if FLOW_MODULES.contains(&offer.module.name.as_str()) => "fate_flow",
        true => "fate",
        false => &offer.component,
    }
}

/// Providers by name: FATE's, which are what came with the node, and each pushed component with its versions. The
/// default one is that which serves modules without another word, else the newest.
fn providers(offers: &[Offer], defaults: &[Offer]) -> Map<String, Value> {
    let mut made = Map::new();
    for (name, versioned) in [("fate", "FATE"), ("fate_flow", "FATEFlow")] {
        let own: Vec<&Offer> = offers.iter().filter(|o| o.origin.is_operators() && provider_of(o) == name).collect();
        let version = version_of(versioned).and_then(|mut versions| versions.remove(versioned)).unwrap_or_default();
        made.insert(name.to_owned(), json!({"default": {"version": version.clone()}, version: detail(&own)}));
    }
    for first in offers.iter().filter(|offer| !offer.origin.is_operators()) {
        let label = |o: &Offer| (o.component.clone(), o.version.clone());
        let same = |o: &&Offer| !o.origin.is_operators() && label(o) == label(first);
        let all: Vec<&Offer> = offers.iter().filter(same).collect();
        let provider = made.entry(first.component.clone()).or_insert_with(|| json!({}));
        // The newest comes last.
        provider["default"] = json!({"version": first.version});
        provider[first.version.as_str()] = detail(&all);
    }
    for offer in defaults.iter().filter(|offer| !offer.origin.is_operators()) {
        if let Some(provider) = made.get_mut(&offer.component) {
            provider["default"] = json!({"version": offer.version});
        }
    }
    made
}

/// One version of a provider.
fn detail(offers: &[&Offer]) -> Value {
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
    json!({"path": "", "python": "", "class_path": {}, "components": components, "images": images})
}

#[cfg(test)]
mod tests {
    use parcae_domain::{descriptor::Module, image::Origin};

    use super::*;

    fn offer(module: &str, aliases: &[&str]) -> Offer {
        Offer {
            image: "ab".into(),
            component: "c".into(),
            version: "0.1.0".into(),
            origin: Origin::BuiltIn,
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
        let providers = providers(&[offer("DataTransform", &["DataIO"]), offer("Reader", &[])], &[]);
        let fate = &providers["fate"];
        assert_eq!(fate["default"], json!({"version": "1.11.2"}));
        assert_eq!(fate["1.11.2"]["components"], json!(["dataio", "datatransform"]));
        let image = json!({"component": "c", "version": "0.1.0", "digest": "ab"});
        assert_eq!(fate["1.11.2"]["images"], json!({"DataTransform": image}));
        let flow = &providers["fate_flow"];
        assert_eq!(flow["default"], json!({"version": "1.11.1"}));
        assert_eq!(flow["1.11.1"]["components"], json!(["reader"]));
    }

    #[test]
    fn pushed_components_are_providers_of_their_own() {
        let origin = Origin::Pushed;
        let pushed = |version: &str| Offer { version: version.into(), origin, ..offer("HeteroLR", &[]) };
        let every = [offer("HeteroLR", &[]), pushed("0.2.0"), pushed("0.1.0")];
        let configured = super::providers(&every, &[pushed("0.2.0")]);
        assert_eq!(configured["c"]["default"], json!({"version": "0.2.0"}));
        let providers = providers(&every, &every[..1]);
        assert_eq!(providers["fate"]["1.11.2"]["components"], json!(["heterolr"]));
        let own = &providers["c"];
        assert_eq!(own["default"], json!({"version": "0.1.0"}));
        assert_eq!(own["0.2.0"]["images"]["HeteroLR"]["version"], "0.2.0");
        assert_eq!(providers.len(), 3);
    }
}
