//! Which image runs a component: what DSL and conf say of it, and what is refused.

use parcae_domain::{descriptor::Module, image::Provider, party::Role, port::Offer};
use parcae_dsl::{JobPlan, Modules, Submission};
use serde_json::{Value, json};

use crate::catalog::offer;

fn module(name: &str) -> Module {
    Module {
        name: name.into(),
        aliases: vec![],
        summary: String::new(),
        roles: vec![Role::Guest, Role::Host],
        needs: vec![],
        inputs: vec![],
        outputs: vec![],
        parameters: Value::Null,
        grants: vec![],
    }
}

/// Both components offer `Sum`; `Gone` has an image, but no default one.
fn offers() -> Vec<Offer> {
    let from = |name: &str, component: &str, version: &str| offer(component, version, module(name));
    vec![
        from("Sum", "built_in", "0.1.0"),
        from("Other", "built_in", "0.1.0"),
        from("Sum", "summer", "1.0.0"),
        from("Gone", "summer", "1.0.0"),
    ]
}

fn check(dsl: &Value, conf: &Value) -> Result<JobPlan, String> {
    let offers = offers();
    let find = |name: &str, provider: Option<&str>| {
        let provider = provider.map_or(Provider::Default, Provider::parse);
        let meant = |offer: &Offer| match provider {
            Provider::Default => name != "Gone",
            Provider::Digest(digits) => offer.image.starts_with(digits),
            Provider::Named { name, version } => {
                offer.component == name && version.is_none_or(|version| offer.version == version)
            }
        };
        offers.iter().find(|offer| offer.module.name == name && meant(offer)).cloned()
    };
    let names = ["Sum".to_owned(), "Other".to_owned(), "Gone".to_owned()];
    let providers = |name: &str| {
        let of = offers.iter().filter(|offer| offer.module.name == name);
        of.map(|offer| format!("{}:{}", offer.component, offer.version)).collect::<Vec<String>>()
    };
    let modules = Modules { find: &find, names: &names, providers: &providers };
    parcae_dsl::check(&Submission { dsl, conf }, &modules).map_err(|faults| faults.to_string())
}

fn conf(provider: Value) -> Value {
    json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000]}, "provider": provider
    })
}

fn dsl(provider: Value) -> Value {
    json!({"components": {"sum_0": {"module": "Sum", "provider": provider}, "other_0": {"module": "Other"}}})
}

fn image(dsl: &Value, conf: &Value) -> String {
    check(dsl, conf)
        .unwrap_or_else(|faults| panic!("{faults}"))
        .component("sum_0")
        .expect("the DSL has it")
        .image
        .clone()
}

#[test]
fn the_image_that_is_meant_is_planned() {
    let nothing = conf(Value::Null);
    for text in [json!(null), json!(""), json!("fate"), json!("fate@1.11.2"), json!("built_in")] {
        assert_eq!(image(&dsl(text.clone()), &nothing), "built_in-0.1.0", "{text}");
    }
    for text in ["summer", "summer:1.0.0", "summer@1.0.0"] {
        assert_eq!(image(&dsl(json!(text)), &nothing), "summer-1.0.0", "{text}");
        let common = conf(json!({"common": {"sum_0": text}}));
        assert_eq!(image(&dsl(json!("fate")), &common), "summer-1.0.0", "{text}");
        let mut global = dsl(Value::Null);
        global["provider"] = json!(text);
        // `Other` has no such provider, and stays with its own.
        assert_eq!(image(&global, &nothing), "summer-1.0.0", "{text}");
    }
    let same = conf(json!({"role": {"guest": {"0": {"sum_0": "summer"}}, "host": {"0": {"sum_0": "summer:1.0.0"}}}}));
    assert_eq!(image(&dsl(Value::Null), &same), "summer-1.0.0");
    let unknown = check(&dsl(Value::Null), &conf(json!({"common": {"sum_1": "summer"}}))).unwrap();
    assert!(unknown.warnings.iter().any(|text| text.contains("provider.common.sum_1")), "{:?}", unknown.warnings);
}

#[test]
fn providers_that_are_not_there_are_refused() {
    let nothing = conf(Value::Null);
    let refused = |dsl: &Value, conf: &Value, parts: &[&str]| {
        let faults = check(dsl, conf).unwrap_err();
        parts.iter().for_each(|part| assert!(faults.contains(part), "{part:?} is not in {faults}"));
    };
    let own = ["components.sum_0.provider", "module Sum has no provider \"summer:2\"", "summer:1.0.0"];
    refused(&dsl(json!("summer:2")), &nothing, &own);
    refused(&dsl(json!(7)), &nothing, &["expected name of a provider, found 7"]);
    let common = conf(json!({"common": {"sum_0": "nobody"}}));
    refused(&dsl(Value::Null), &common, &["provider.common.sum_0", "no provider \"nobody\""]);
    let apart = conf(json!({"role": {"guest": {"0": {"sum_0": "summer"}}, "host": {"0": {"sum_0": "built_in"}}}}));
    refused(&dsl(Value::Null), &apart, &["provider.role.host.0.sum_0", "run the same image"]);
    let guests = conf(json!({"role": {"guest": {"0": {"sum_0": "summer"}}}}));
    refused(&dsl(json!("built_in")), &guests, &["the same image"]);
    let mut global = dsl(Value::Null);
    global["provider"] = json!("nobody:1");
    refused(&global, &nothing, &["provider: no module of the DSL has a provider \"nobody:1\""]);
    let gone = json!({"components": {"gone_0": {"module": "Gone"}}});
    refused(&gone, &nothing, &["module Gone has no default provider", "under [providers]", "summer:1.0.0"]);
    let named = json!({"components": {"gone_0": {"module": "Gone", "provider": "summer"}}});
    assert!(check(&named, &nothing).is_ok());
}

#[test]
fn plans_of_earlier_versions_are_read() {
    let plan = check(&dsl(Value::Null), &conf(Value::Null)).unwrap();
    let mut stored = serde_json::to_value(&plan).unwrap();
    stored["components"][0].as_object_mut().unwrap().remove("image");
    let read: JobPlan = serde_json::from_value(stored).unwrap();
    assert_eq!((read.components[0].image.as_str(), &read.components[1]), ("", &plan.components[1]));
}
