//! Cores: how many there are, who has them, and why none are left behind. Not for: giving them out (the scheduler).

use parcae_api::{
    job::JobKey,
    site::{EngineRow, JobCores, Resources, ReturnedCores},
};
use parcae_node::about;
use serde_json::json;

use crate::{
    answer::{Answer, Handled},
    body::Asked,
    rows::date,
    state::App,
};

/// Cores of the node, and the jobs that have them.
pub(crate) async fn query(app: App) -> Handled {
    let found = app.ask(|node| Ok(node.resources()?)).await?;
    Answer::data(resources(&found))
}

/// A job has its cores while it runs and no longer: nothing has to be given back.
pub(crate) async fn give_back(app: App, Asked(request): Asked<JobKey>) -> Handled {
    let held = app.ask(move |node| Ok(node.held_cores(request.job_id.as_str())?)).await?;
    let in_use = held.iter().any(|at| at.in_use);
    let rows: Vec<ReturnedCores> = held.iter().map(returned).collect();
    let message = if in_use {
        "the job runs, and keeps its cores until it has ended; job/stop ends it"
    } else {
        "the job has no cores: nothing was to be returned"
    };
    Answer::data(rows).map(|answer| answer.message(message))
}

fn returned(held: &about::HeldCores) -> ReturnedCores {
    ReturnedCores {
        job_id: held.job.to_string(),
        role: held.party.role.to_string(),
        party_id: held.party.id.to_string(),
        resource_in_use: held.in_use,
        resource_return_status: false,
    }
}

fn resources(found: &about::Resources) -> Resources {
    let job = |held: &about::HeldCores| JobCores {
        job_id: held.job.to_string(),
        role: held.party.role.to_string(),
        party_id: held.party.id.to_string(),
        core: held.cores,
        memory: 0,
    };
    Resources {
        computing_engine_resource: EngineRow {
            f_cores: found.cores,
            f_create_date: date(found.opened_ms),
            f_create_time: found.opened_ms,
            f_engine_config: json!({"cores_per_node": found.cores, "nodes": 1}),
            f_engine_entrance: "fate_on_standalone".into(),
            f_engine_name: "STANDALONE".into(),
            f_engine_type: "computing".into(),
            f_memory: 0,
            f_nodes: 1,
            f_remaining_cores: found.free,
            f_remaining_memory: 0,
            f_update_date: date(found.changed_ms),
            f_update_time: found.changed_ms,
        },
        use_resource_job: found.jobs.iter().map(job).collect(),
    }
}
