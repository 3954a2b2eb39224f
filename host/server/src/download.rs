//! Downloads: all logs of a job, and the tables that a component put out, each as one archive. Not for: how tables look
//! in it (`csv`), how it is sent (`archive`).

use std::{fs::File, io, path::Path};

use axum::response::Response;
use parcae_api::{arguments::party, job::JobKey, tracking::OutputRequest};
use parcae_domain::{id::JobId, party::Party, text::printable};
use parcae_node::{Tenant, view::OutputTable};

use crate::{
    answer::Refusal,
    archive::{Archive, Finished, spool, tar_response},
    body::Asked,
    csv::{CsvError, Layout},
    state::App,
};

/// All logs of a job, with paths relative to its folder.
pub(crate) async fn logs(app: App, Asked(request): Asked<JobKey>) -> Result<Response, Refusal> {
    let name = format!("job_{}_log.tar.gz", request.job_id.as_str());
    let archive = app.ask_long(move |node| pack_logs(node, JobId(request.job_id.0))).await?;
    Ok(tar_response(&name, archive))
}

fn pack_logs(node: &Tenant<'_>, job: JobId) -> Result<Finished, Refusal> {
    let absent = || Refusal::status(404, &format!("no logs of job {}", printable(job.as_str(), 40)));
    if !job.is_valid() {
        return Err(absent());
    }
    let logs = node.logs_of(job.as_str()).ok_or_else(absent)?;
    let files = logs.files(&job).map_err(|e| Refusal::internal(&e.to_string()))?;
    if files.is_empty() {
        return Err(absent());
    }
    let failed = |e: io::Error| Refusal::internal(&format!("packing the logs of job {job}: {e}"));
    let mut archive = Archive::begin(&node.upload_folder()).map_err(failed)?;
    for log in files {
        let source = match File::open(&log.absolute) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(failed)?,
        };
        archive.add(&log.relative, log.bytes, source).map_err(failed)?;
    }
    archive.finish().map_err(failed)
}

/// Tables that a component put out, as CSV with a description beside each.
pub(crate) async fn data(app: App, Asked(request): Asked<OutputRequest>) -> Result<Response, Refusal> {
    let party = party(&request.role, &request.party_id)?;
    let (job, component) = (request.job_id.as_str(), &request.component_name);
    let name = format!("job_{job}_{component}_{}_{}_output_data.tar.gz", party.role, party.id);
    let archive = app.ask_long(move |node| pack_tables(node, &request, party)).await?;
    Ok(tar_response(&name, archive))
}

fn pack_tables(node: &Tenant<'_>, request: &OutputRequest, party: Party) -> Result<Finished, Refusal> {
    let no_data = || Refusal::status(210, "no data");
    let limit = match request.limit.map_or(-1, |limit| limit.0) {
        0 => return Err(no_data()),
        limit => u64::try_from(limit).ok(),
    };
    let with_names = request.head.is_none_or(|head| head.0 != 0);
    let mut outputs = node.outputs(request.job_id.as_str(), &request.component_name, party)?;
    outputs.retain(|output| output.table.rows() > 0);
    if outputs.is_empty() {
        return Err(no_data());
    }
    let folder = node.upload_folder();
    let failed = |e: CsvError| Refusal::internal(&format!("packing the data of {}: {e}", request.component_name));
    let mut archive = Archive::begin(&folder).map_err(|e| failed(e.into()))?;
    for output in outputs {
        add_table(&mut archive, &folder, &output, limit, with_names).map_err(failed)?;
    }
    archive.finish().map_err(|e| failed(e.into()))
}

/// Adds a table and its description to an archive.
pub(crate) fn add_table(
    archive: &mut Archive,
    folder: &Path,
    output: &OutputTable,
    limit: Option<u64>,
    with_names: bool,
) -> Result<(), CsvError> {
    let layout = Layout::of(&*output.table)?;
    let (len, csv) = spool(folder, |out| layout.write(&*output.table, limit, with_names, out))?;
    archive.add(Path::new(&format!("{}.csv", output.data_name)), len, csv)?;
    let meta = layout.meta();
    Ok(archive.add(Path::new(&format!("{}.meta", output.data_name)), meta.len() as u64, meta.as_bytes())?)
}
