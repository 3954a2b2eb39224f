//! `parcae demo`: a node in this process, two parties' data uploaded over HTTP, and a logistic regression trained on
//! both without either seeing the other's. Not for: anything that the other commands cannot do.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    Done,
    args::Demo,
    client::Client,
    config::Config,
    faults::Faults,
    output::Output,
    report::{components, quality},
    serve::Background,
    upload,
    watch::{self, Ended},
};

const GUEST_CSV: &[u8] = include_bytes!("../../../examples/hetero_lr/breast_hetero_guest.csv");
const HOST_CSV: &[u8] = include_bytes!("../../../examples/hetero_lr/breast_hetero_host.csv");
const DSL: &str = include_str!("../../../examples/hetero_lr/job_dsl.json");
const CONF: &str = include_str!("../../../examples/hetero_lr/job_conf.json");

/// Partitions of the uploaded tables.
const PARTITIONS: u32 = 4;

/// Runs the demonstration.
pub(crate) fn run(args: &Demo, output: Output) -> anyhow::Result<Done> {
    let config = config(args)?;
    output.say(&format!("a node starts in {}", config.data.display()));
    let node = Background::start(&config)?;
    let result = play(&node.url, &config.data, output);
    let stopped = node.stop();
    let done = result?;
    stopped?;
    Ok(done)
}

fn config(args: &Demo) -> Result<Config, Faults> {
    let data = args.data.clone().unwrap_or_else(|| {
        let now = jiff::Zoned::now().strftime("%Y%m%d-%H%M%S").to_string();
        PathBuf::from("data").join(format!("demo-{now}"))
    });
    let mut config = Config { data, components: args.components.clone(), ..Config::default() };
    // Any port that is free, of this machine only.
    config.listen.set_port(0);
    let mut faults = Faults::default();
    config.check(&mut faults);
    faults.into_result()?;
    Ok(config)
}

fn play(url: &str, data: &Path, output: Output) -> anyhow::Result<Done> {
    let client = Client::new(url)?;
    let dsl: Value = serde_json::from_str(DSL).context("the example's DSL")?;
    let conf: Value = serde_json::from_str(CONF).context("the example's conf")?;
    for (role, file, csv) in
        [("guest", "breast_hetero_guest.csv", GUEST_CSV), ("host", "breast_hetero_host.csv", HOST_CSV)]
    {
        let ended = upload_table(&client, &conf, role, (file, csv), output)?;
        if !ended.is_success() {
            output.say(&places(&ended, data));
            return Ok(Done::JobFailed);
        }
    }
    let taken = client.submit(dsl, conf)?;
    output.say(&format!("{url} takes on job {}", taken.job_id));
    let ended = watch::wait(&client, &taken.job_id, "training", output)?;
    tell(&client, &ended, data, output)?;
    Ok(if ended.is_success() { Done::Well } else { Done::JobFailed })
}

/// Uploads a party's file under the name that the job's conf expects.
fn upload_table(
    client: &Client,
    conf: &Value,
    role: &str,
    (file, csv): (&str, &[u8]),
    output: Output,
) -> anyhow::Result<Ended> {
    let table = reader_table(conf, role).with_context(|| format!("the example's conf names no table of the {role}"))?;
    let conf = json!({
        "file": file, "head": 1, "partition": PARTITIONS, "id_delimiter": ",", "drop": 1,
        "namespace": table["namespace"], "table_name": table["name"],
    });
    let mut content = csv;
    let taken = upload::send(client, &conf, Path::new(file), &mut content, csv.len() as u64, output)?;
    watch::wait(client, &taken.job_id, &format!("reading the {role}'s {file}"), output)
}

/// Namespace and name of the table that a role's reader reads.
fn reader_table<'a>(conf: &'a Value, role: &str) -> Option<&'a Value> {
    let parties = conf.pointer(&format!("/component_parameters/role/{role}"))?.as_object()?;
    let mut components = parties.values().filter_map(Value::as_object).flat_map(|components| components.values());
    components.find_map(|parameters| parameters.get("table"))
}

fn tell(client: &Client, ended: &Ended, data: &Path, output: Output) -> anyhow::Result<()> {
    let job = &ended.job.f_job_id;
    let (order, quality) = (client.components(job)?, quality(client, ended)?);
    let json = json!({
        "job_id": job, "status": ended.job.f_status, "elapsed_ms": ended.job.f_elapsed, "quality": quality,
        "failures": ended.failures(), "data": data, "logs": data.join("logs").join(job),
    });
    output.result(&json, || {
        let parts =
            [components(&order, &ended.tasks), quality.text(), ended.failures().join("\n"), places(ended, data)];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        format!("\n{}", parts.join("\n\n"))
    })
}

/// Where to look further.
fn places(ended: &Ended, data: &Path) -> String {
    let job = &ended.job.f_job_id;
    format!(
        "logs    {}\ntables  {}\nboard   parcae serve --data {}\n        then: http://127.0.0.1:9380/jobs/{job}, or parcae status {job}",
        data.join("logs").join(job).display(),
        data.join("tables").display(),
        data.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_as_the_demonstration_needs_it() {
        let conf: Value = serde_json::from_str(CONF).unwrap();
        let dsl: Value = serde_json::from_str(DSL).unwrap();
        for role in ["guest", "host"] {
            let table = reader_table(&conf, role).unwrap();
            assert!(table["name"].is_string() && table["namespace"].is_string(), "{role}: {table}");
        }
        assert!(dsl["components"].as_object().is_some_and(|components| !components.is_empty()));
        assert!(GUEST_CSV.starts_with(b"id,y,") && HOST_CSV.starts_with(b"id,"));
    }
}
