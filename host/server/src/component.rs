//! The modules that a DSL may name, in FATE's shape, and whether parameters suit them. Not for: what they say of
//! themselves (`registry`), what they put out (`tracking`).

use std::collections::BTreeSet;

use parcae_api::board::{ComponentInfo, Components, ValidateRequest};
use parcae_domain::port::Offer;
use parcae_node::NodeError;

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    provider::provider_of,
    settings::{Named, name_of},
    state::App,
};

/// All modules, by each of their names and by these in small letters.
pub(crate) async fn all(app: App) -> Handled {
    let (offers, all) = app.ask(|node| Ok((node.offers(), node.all_offers()))).await?;
    Answer::data(components(&offers, &all))
}

/// One module; an unknown one is nothing.
pub(crate) async fn one(app: App, name: Named) -> Handled {
    let (offers, all) = app.ask(|node| Ok((node.offers(), node.all_offers()))).await?;
    let (mut all, name) = (components(&offers, &all), name_of(name));
    Answer::data(all.remove(&name).or_else(|| all.remove(&name.to_lowercase())))
}

/// Modules with the providers that serve them without another word, and all that do.
fn components(offers: &[Offer], every: &[Offer]) -> Components {
    let mut all = Components::new();
    for offer in offers {
        let name = &offer.module.name;
        let same = every.iter().filter(|other| other.module.name == *name);
        let providers: BTreeSet<&str> = same.map(provider_of).collect();
        let alias: Vec<String> = std::iter::once(name).chain(&offer.module.aliases).cloned().collect();
        let keys: Vec<String> = alias.iter().flat_map(|name| [name.clone(), name.to_lowercase()]).collect();
        let info = ComponentInfo {
            alias,
            default_provider: provider_of(offer).to_owned(),
            support_provider: providers.into_iter().map(str::to_owned).collect(),
        };
        all.extend(keys.into_iter().map(|key| (key, info.clone())));
    }
    all
}

/// Checks parameters of a component against its module; what is wrong has status 400, as in FATE.
pub(crate) async fn validate(app: App, Asked(request): Asked<ValidateRequest>) -> Handled {
    let bad = |text: &str| Refusal::status(400, text);
    let missing: Vec<&str> = [
        (request.component_name.is_empty(), "component_name"),
        (request.component_module_name.is_empty(), "component_module_name"),
        (request.role.is_null(), "role"),
        (request.component_parameters.is_null(), "component_parameters"),
    ]
    .into_iter()
    .filter_map(|(is, key)| is.then_some(key))
    .collect();
    if !missing.is_empty() {
        return Err(bad(&format!("required arguments are missing: {}", missing.join(","))));
    }
    if let Some(version) = request.dsl_version.filter(|version| version.as_str() != "2") {
        return Err(bad(&format!("argument dsl_version: expected 2, found {:?}", version.as_str())));
    }
    let (component, module) = (request.component_name, request.component_module_name);
    let (role, parameters) = (request.role, request.component_parameters);
    app.ask(move |node| match node.validate(&component, &module, &role, &parameters) {
        Err(NodeError::Invalid(text)) => Err(Refusal::status(400, &text)),
        other => Ok(other?),
    })
    .await?;
    Ok(Answer::empty())
}

#[cfg(test)]
mod tests {
    use parcae_domain::{descriptor::Module, image::Origin};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn modules_stand_under_all_of_their_names() {
        let module = Module {
            name: "DataTransform".into(),
            aliases: vec!["DataIO".into()],
            summary: String::new(),
            roles: Vec::new(),
            needs: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            parameters: Value::Null,
            grants: Vec::new(),
        };
        let (image, component, version) = ("ab".into(), "c".into(), "0.1.0".into());
        let offer = Offer { image, component, version, origin: Origin::BuiltIn, module };
        let all = serde_json::to_value(components(std::slice::from_ref(&offer), std::slice::from_ref(&offer))).unwrap();
        let info = json!({"alias": ["DataTransform", "DataIO"], "default_provider": "fate",
            "support_provider": ["fate"]});
        let want = json!({"DataTransform": info, "datatransform": info, "DataIO": info, "dataio": info});
        assert_eq!(all, want);
    }
}
