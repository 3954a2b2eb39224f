//! `template/download`: the project's example as an archive, with confs that FATE's command line can use where it
//! unpacks them. Not for: making the example's data (`examples/`).

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{body::Body, extract::Request, response::Response};
use parcae_domain::tenant::TenantId;
use serde_json::Value;

use crate::{
    answer::Refusal,
    archive::{Archive, Finished, tar_response},
    body,
    state::App,
};

const GUEST_CSV: &[u8] = include_bytes!("../../../examples/hetero_lr/breast_hetero_guest.csv");
const HOST_CSV: &[u8] = include_bytes!("../../../examples/hetero_lr/breast_hetero_host.csv");
const UPLOAD_GUEST: &str = include_str!("../../../examples/hetero_lr/upload_guest.json");
const UPLOAD_HOST: &str = include_str!("../../../examples/hetero_lr/upload_host.json");
const DSL: &str = include_str!("../../../examples/hetero_lr/job_dsl.json");
const CONF: &str = include_str!("../../../examples/hetero_lr/job_conf.json");

/// Folder of the data.
const DATA: &str = "fate_examples/data";
/// Folder of the upload confs.
const UPLOAD: &str = "fateflow_examples/upload";
/// Folder of the job.
const JOB: &str = "fateflow_examples/hetero_lr";
/// Longest output path that confs are made for, bytes.
const MAX_PATH: usize = 4096;

/// The archive. `min_data` would leave out large data sets, of which there are none.
pub(crate) async fn download(app: App, request: Request) -> Result<Response, Refusal> {
    let asked = arguments(&app.caller.tenant, request.into_body()).await;
    let unpacked_at = asked.get("output_path").and_then(Value::as_str).filter(|path| path.len() <= MAX_PATH);
    let files = files(Path::new(unpacked_at.unwrap_or_default()));
    let failed = |e: io::Error| Refusal::internal(&format!("packing the templates: {e}"));
    let packed = app.ask(move |node| pack(&node.upload_folder(), &files).map_err(failed)).await?;
    Ok(tar_response("template.tar.gz", packed))
}

/// Nothing that is asked for is worth a refusal, which this client would take for the archive.
async fn arguments(tenant: &TenantId, body: Body) -> Value {
    body::json(tenant, body).await.unwrap_or_default()
}

fn pack(folder: &Path, files: &[(String, Vec<u8>)]) -> io::Result<Finished> {
    let mut archive = Archive::begin(folder)?;
    for (name, content) in files {
        archive.add(Path::new(name), content.len() as u64, content.as_slice())?;
    }
    archive.finish()
}

/// Files by name, for a client that unpacks them in a folder.
fn files(unpacked_at: &Path) -> Vec<(String, Vec<u8>)> {
    let files: [(&str, &str, Vec<u8>); 7] = [
        ("fateflow_examples", "README.md", readme(unpacked_at).into_bytes()),
        (DATA, "breast_hetero_guest.csv", GUEST_CSV.to_vec()),
        (DATA, "breast_hetero_host.csv", HOST_CSV.to_vec()),
        (UPLOAD, "upload_guest.json", upload_conf(UPLOAD_GUEST, unpacked_at).into_bytes()),
        (UPLOAD, "upload_host.json", upload_conf(UPLOAD_HOST, unpacked_at).into_bytes()),
        (JOB, "job_dsl.json", DSL.as_bytes().to_vec()),
        (JOB, "job_conf.json", CONF.as_bytes().to_vec()),
    ];
    files.into_iter().map(|(folder, name, content)| (format!("{folder}/{name}"), content)).collect()
}

/// An upload conf of the example, with the file where the client has it.
fn upload_conf(text: &str, unpacked_at: &Path) -> String {
    let Ok(Value::Object(mut conf)) = serde_json::from_str(text) else { return text.to_owned() };
    let file = conf.get("file").and_then(Value::as_str).map(PathBuf::from).unwrap_or_default();
    let name = file.file_name().map(PathBuf::from).unwrap_or_default();
    let file = unpacked_at.join(DATA).join(name).display().to_string();
    conf.insert("file".into(), file.into());
    serde_json::to_string_pretty(&conf).map_or_else(|_| text.to_owned(), |pretty| pretty + "\n")
}

fn readme(unpacked_at: &Path) -> String {
    let at = |folder: &str, file: &str| unpacked_at.join(folder).join(file).display().to_string();
    format!(
        "# Vertical logistic regression on the breast cancer data\n\n\
         The guest (9999) has ten measurements and the diagnosis, the host (10000) twenty more measurements of the\n\
         same patients. From the folder in which `flow template download` was called:\n\n\
         ```\n\
         flow data upload -c {}\n\
         flow data upload -c {}\n\
         flow job submit -d {} -c {}\n\
         ```\n",
        at(UPLOAD, "upload_guest.json"),
        at(UPLOAD, "upload_host.json"),
        at(JOB, "job_dsl.json"),
        at(JOB, "job_conf.json"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn confs_name_the_files_where_they_are_unpacked() {
        for (at, want) in [("/srv/x", "/srv/x/"), ("./here/", "./here/"), ("", "")] {
            let files = files(Path::new(at));
            let conf = files.iter().find(|(name, _)| name == "fateflow_examples/upload/upload_guest.json").unwrap();
            let conf: Value = serde_json::from_slice(&conf.1).unwrap();
            assert_eq!(conf["file"], format!("{want}fate_examples/data/breast_hetero_guest.csv"));
            assert_eq!((&conf["namespace"], &conf["head"]), (&json!("experiment"), &json!(1)));
        }
    }

    #[tokio::test]
    async fn arguments_are_never_in_the_way() {
        assert_eq!(arguments(&TenantId::default(), Body::from("{\"min_data\": 1}")).await["min_data"], 1);
        assert_eq!(arguments(&TenantId::default(), Body::from("no JSON")).await, Value::Null);
    }
}
