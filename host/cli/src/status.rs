//! `parcae status` and `parcae stop`. Not for: waiting (`watch`).

use serde_json::json;

use crate::{
    Done,
    client::Client,
    output::Output,
    report::components,
    watch::{Ended, initiator, is_end},
};

/// Shows where a job stands. A job that failed is no failure of the command.
pub(crate) fn run(client: &Client, job: &str, output: Output) -> anyhow::Result<Done> {
    let rows = client.job(job)?;
    let tasks = client.tasks(job)?;
    let json = json!({ "job": rows, "tasks": tasks });
    let Some(row) = initiator(rows) else { anyhow::bail!("the node at {} knows no job {job}", client.url()) };
    let order = client.components(job)?;
    let now = Ended { job: row, tasks };
    output.result(&json, || {
        let row = &now.job;
        let times = |date: &Option<String>| date.clone().unwrap_or_else(|| "-".to_owned());
        let head = format!(
            "job {}  {}  {}%  submitted {}  started {}  ended {}",
            row.f_job_id,
            row.f_status,
            row.f_progress,
            row.f_create_date,
            times(&row.f_start_date),
            times(&row.f_end_date)
        );
        let parts = [head, components(&order, &now.tasks), now.failures().join("\n")];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    })?;
    Ok(Done::Well)
}

/// Stops a job.
pub(crate) fn stop(client: &Client, job: &str, output: Output) -> anyhow::Result<Done> {
    if let Some(row) = initiator(client.job(job)?).filter(|row| is_end(&row.f_status)) {
        let text = || format!("job {job} has ended already: {}", row.f_status);
        output.result(&json!({ "job_id": job, "stopping": false, "status": row.f_status }), text)?;
        return Ok(Done::Well);
    }
    client.stop(job)?;
    output.result(&json!({ "job_id": job, "stopping": true }), || format!("job {job} is being stopped"))?;
    Ok(Done::Well)
}
