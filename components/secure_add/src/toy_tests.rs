//! The toy job with both parties in this process. Not for: shares and masks by themselves (their own tests).

use parcae_sdk::{Party, Role, testing::Job};
use serde_json::{Value, json};

use crate::SecureAdd;

const GUEST: Party = Party { role: Role::Guest, id: 9999 };
const HOST: Party = Party { role: Role::Host, id: 10_000 };

fn job(parameters: Value) -> Job {
    Job::new::<SecureAdd>("SecureAddExample").parameters(parameters).party(GUEST.role, GUEST.id, |party| party).party(
        HOST.role,
        HOST.id,
        |party| party,
    )
}

#[test]
fn guest_and_host_learn_the_right_sum() {
    for parameters in [json!({}), json!({ "seed": 123, "partition": 4, "data_num": 10 })] {
        let numbers = parameters["data_num"].as_u64().unwrap_or(1000);
        let outcome = job(parameters).run().succeeded();
        let said = format!("success to calculate secure_sum, it is {:?}", 2.0 * numbers as f64);
        assert!(outcome.guest().logged(&said), "{:?}", outcome.guest().log);
    }
}

#[test]
fn parts_travel_in_as_many_pages_as_asked_for() {
    let outcome = job(json!({ "partition": 4 })).run().succeeded();
    // The number of parts and four pages; the host's sum beside them.
    assert_eq!((outcome.messages(GUEST, HOST), outcome.messages(HOST, GUEST)), (5, 6));
}

#[test]
fn parties_with_other_numbers_are_told_both() {
    let outcome = job(json!({})).party(Role::Host, 10_001, |party| party).run();
    let failure = outcome.guest().failure().unwrap();
    assert!(failure.message.contains("the job has 2; leave one in role.host"), "{failure:?}");
    let uneven = Job::new::<SecureAdd>("SecureAddExample")
        .party(GUEST.role, GUEST.id, |party| party.parameters(json!({ "data_num": 10 })))
        .party(HOST.role, HOST.id, |party| party)
        .run();
    // Who looks first says so; the other one may only see that its partner went away.
    let said = uneven.failures().join("\n");
    assert!(said.contains("at the other party; give both the same"), "{said}");
}
