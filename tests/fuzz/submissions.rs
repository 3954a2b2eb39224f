//! DSL and conf of jobs, damaged: each is refused with faults that can be printed, or is a plan that a database can
//! keep.

use parcae_domain::tenant::TenantId;
use parcae_dsl::{Faults, JobPlan, Modules, Submission};
use parcae_tests::images;
use serde_json::Value;

use crate::random::Random;
use crate::{corpus, fuzz, json, mutate};

/// What is said of a submission: each fault on a line of its own, and nothing that a terminal would obey.
fn check_faults(faults: &Faults) {
    let said = faults.to_string();
    assert!(!said.is_empty(), "{faults:?}");
    let odd = said.chars().find(|c| c.is_control() && *c != '\n');
    assert!(odd.is_none(), "what is said holds {odd:?}: {said:?}");
}

/// What a plan has to hold.
fn check_plan(plan: &JobPlan, dsl: &Value, conf: &Value) {
    let mut places = plan.order.clone();
    places.sort_unstable();
    assert!(places.iter().copied().eq(0..plan.components.len()), "{:?}", plan.order);
    let (mut seen, parties) = (vec![false; places.len()], plan.parties());
    for place in &plan.order {
        let component = &plan.components[*place];
        assert!(component.upstream.iter().all(|above| seen[*above]), "{} runs too early", component.name);
        assert!(!component.parties.is_empty() && component.parties.iter().all(|party| parties.contains(party)));
        assert!(component.parties.iter().all(|party| component.parameters.contains_key(party)), "{}", component.name);
        seen[*place] = true;
    }
    assert!(parties.contains(&plan.initiator));
    let kept = serde_json::to_string(plan).unwrap();
    let read: JobPlan = serde_json::from_str(&kept).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), kept);
    assert!(parcae_dsl::initiator_conf(plan, conf).is_object());
    assert!(parcae_dsl::runtime_conf_on_party(plan, conf).is_object());
    let names: Vec<String> = plan.components.iter().map(|component| component.name.clone()).collect();
    if let Err(faults) = parcae_dsl::predict_dsl(dsl, &names) {
        check_faults(&faults);
    }
    let _ = parcae_dsl::used_models(dsl);
}

/// Checks a submission as a node does; true when it is a plan.
fn submit(dsl: &Value, conf: &Value) -> bool {
    let catalog = images();
    let checked = Modules::of(&*catalog, &TenantId::default_tenant(), |modules| {
        parcae_dsl::check(&Submission { dsl, conf }, modules)
    });
    match &checked {
        Ok(plan) => check_plan(plan, dsl, conf),
        Err(faults) => check_faults(faults),
    }
    for read in [parcae_dsl::upload_job, parcae_dsl::download_job, parcae_dsl::writer_job] {
        if let Err(faults) = read(conf) {
            check_faults(&faults);
        }
    }
    if let Err(faults) = parcae_dsl::updated_conf(conf, dsl.get("components"), conf.get("job_parameters")) {
        check_faults(&faults);
    }
    checked.is_ok()
}

fn invented(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut text = random.pick(seeds).clone();
    if random.once_in(8) {
        let other = random.pick(seeds);
        mutate::bytes(random, &mut text, other);
        return text;
    }
    json::damaged(random, &text).unwrap_or(text)
}

#[test]
fn submissions() {
    let seeds = corpus::of("submissions");
    fuzz(
        "submissions",
        |random| invented(random, &seeds),
        |bytes| match serde_json::from_slice(bytes) {
            Ok(Value::Array(pair)) if pair.len() >= 2 => submit(&pair[0], &pair[1]),
            Ok(other) => submit(&other, &other),
            Err(_) => false,
        },
    );
}
