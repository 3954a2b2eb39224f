//! What an attack is: what somebody tries on a node, and what must come of it. Not for: making it (`arena`).

use parcae_domain::{
    party::{Party, Role},
    status::Status,
};
use serde_json::{Value, json};

use crate::hand::Hand;
use crate::{hand, probe, refused, user};

/// Tenants that attack; the job that behaves well is of another.
pub static STRANGERS: [&str; 2] = ["mallory", "trudy"];
/// The tenant of the job that behaves well, and of what the operator's own components try.
pub const OWNER: &str = "default";
/// The party of jobs that have only one.
pub const LOCAL: Party = Party { role: Role::Local, id: 0 };
/// The party that is looked at where there are two.
pub const GUEST: Party = Party { role: Role::Guest, id: 9999 };

/// Something that somebody tries.
pub struct Attack {
    /// No two have the same.
    pub name: String,
    /// What counts as one attack, under whatever limits it is made.
    pub what: &'static str,
    /// The tenant that tries it.
    pub by: &'static str,
    /// What it is.
    pub tries: Tries,
    /// How it must end.
    pub status: Status,
    /// What the error report or the log must say.
    pub says: &'static [&'static str],
}

/// What is tried.
pub enum Tries {
    /// A job.
    Job(Job),
    /// A component is pushed, granted what it asks for, and run.
    Component(&'static Hand),
    /// A component is pushed that no node may take.
    Image(fn() -> Vec<u8>),
}

/// A job, and the task that is looked at.
pub struct Job {
    /// Its DSL.
    pub dsl: Value,
    /// Its conf.
    pub conf: Value,
    /// The component in the DSL that attacks.
    pub component: &'static str,
    /// The party that is looked at.
    pub party: Party,
}

/// A job of one component in role local.
pub fn alone(module: &str, parameters: Value, limits: Value) -> Job {
    let component = "attack_0";
    let dsl = json!({"components": {component: {"module": module}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": 0},
        "role": {"local": [0]},
        "job_parameters": {"common": {"task_cores": 1, "limits": limits}},
        "component_parameters": {"common": {component: parameters}}
    });
    Job { dsl, conf, component, party: LOCAL }
}

/// All attacks, those of a kind apart from each other, so that what takes long does not come all at once.
pub fn all() -> Vec<Attack> {
    let by_hand = hand::all().zip(STRANGERS.iter().cycle()).map(|(hand, &by)| Attack {
        name: hand.name.to_owned(),
        what: hand.name,
        by,
        tries: Tries::Component(hand),
        status: hand.status,
        says: hand.says,
    });
    let mut kinds = [by_hand.collect(), probe::all(), user::all(), refused::all()].map(Vec::into_iter);
    let mut mixed: Vec<Attack> = Vec::new();
    loop {
        let before = mixed.len();
        kinds.iter_mut().for_each(|kind| mixed.extend(kind.next()));
        if mixed.len() == before {
            return mixed;
        }
    }
}
