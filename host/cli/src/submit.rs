//! `parcae submit`. Not for: what a DSL and a conf may say (the node checks them).

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{Done, UsageError, args::Submit, client::Client, output::Output, watch};

/// Submits a job, and waits for it if that is wanted.
pub(crate) fn run(client: &Client, args: &Submit, output: Output) -> anyhow::Result<Done> {
    let (dsl, conf) = (read_json(&args.dsl)?, read_json(&args.conf)?);
    let taken = client.submit(dsl, conf)?;
    if taken.message != "success" {
        output.say(&taken.message);
    }
    if !args.wait {
        output.result(&taken, || taken.job_id.clone())?;
        return Ok(Done::Well);
    }
    let ended = watch::wait(client, &taken.job_id, &format!("job {}", taken.job_id), output)?;
    let json = json!({ "job_id": taken.job_id, "status": ended.job.f_status, "failures": ended.failures() });
    output.result(&json, || taken.job_id.clone())?;
    Ok(if ended.is_success() { Done::Well } else { Done::JobFailed })
}

/// A JSON file that the user named.
pub(crate) fn read_json(file: &Path) -> Result<Value, UsageError> {
    let text = fs::read_to_string(file).map_err(|e| UsageError(format!("{}: {e}", file.display())))?;
    serde_json::from_str(&text).map_err(|e| UsageError(format!("{}: no JSON: {e}", file.display())))
}
