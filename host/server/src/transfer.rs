//! `data/download` and `data/writer`: jobs that put a table out as a file of the server, and that copy one. Not for: downloads
//! to the client (`download`, `table_use`), what the jobs do (the component).

use axum::http::HeaderMap;
use parcae_api::{Envelope, job::UploadFailure, retcode};
use parcae_domain::{
    id::JobId,
    party::{Party, Role},
};
use parcae_node::{ExportRefused, NodeError, view::Submitted};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body::Asked,
    job::refused_text,
    state::App,
};

/// Engines that mean the node itself.
const OWN: [&str; 3] = ["STANDALONE", "EGGROLL", "LMDB"];

/// Writes a table to a file.
pub(crate) async fn download(app: App, headers: HeaderMap, Asked(conf): Asked<Map<String, Value>>) -> Handled {
    must_have(&conf, &["namespace", "output_path"])?;
    let path = conf.get("output_path").and_then(Value::as_str).unwrap_or_default().to_owned();
    let taken = app.ask(move |node| {
        match node.check_export(&path) {
            Ok(()) => {}
            Err(ExportRefused::Taken(text)) => return Err(Refusal::exception(&text)),
            Err(ExportRefused::Forbidden(text)) => {
                let text = format!(
                    "{text}; without the operator, take the rows out of a job that reads the table, with `flow \
                     component output-data`"
                );
                return Err(Refusal::code(retcode::PERMISSION_ERROR, &text));
            }
        }
        Ok(node.download(&Value::Object(conf)))
    });
    let (job, taken) = taken.await?;
    answer(&app, &headers, &job, taken)
}

/// Copies a table to another name.
pub(crate) async fn writer(app: App, headers: HeaderMap, Asked(conf): Asked<Map<String, Value>>) -> Handled {
    must_have(&conf, &["namespace"])?;
    if let Some(text) = is_outside(&conf) {
        return Err(Refusal::exception(&text));
    }
    must_have(&conf, &["output_namespace", "output_name"])?;
    let (job, taken) = app.ask(move |node| Ok(node.copy_table(&Value::Object(conf)))).await?;
    answer(&app, &headers, &job, taken)
}

/// The table's name, under either key, and more; FATE-Flow misses keys with retcode 100.
fn must_have(conf: &Map<String, Value>, keys: &[&str]) -> Result<(), Refusal> {
    let missing = keys.iter().copied().filter(|key| !conf.contains_key(*key));
    let no_name = !["table_name", "name"].iter().any(|key| conf.contains_key(*key));
    let missing: Vec<&str> = missing.chain(no_name.then_some("table_name")).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Refusal::exception(&format!("required arguments are missing: {}", missing.join(",")))),
    }
}

/// Why a copy cannot be written that is to go to a store outside the node.
fn is_outside(conf: &Map<String, Value>) -> Option<String> {
    let engine = conf.get("storage_engine").filter(|engine| {
        !engine.as_str().is_some_and(|name| OWN.iter().any(|own| own.eq_ignore_ascii_case(name.trim())))
    });
    let what = match (engine, conf.get("address")) {
        (Some(Value::String(engine)), _) => format!("storage_engine {engine}"),
        (Some(_), _) => "storage_engine".to_owned(),
        (None, Some(_)) => "address".to_owned(),
        (None, None) => return None,
    };
    Some(format!(
        "{what}: this node does not write to stores outside of it; name the copy with output_namespace and \
         output_name, or put the table out as a file with data/download"
    ))
}

/// The envelope is a success even when the job was not taken on; its data tell.
fn answer(app: &App, headers: &HeaderMap, job: &JobId, taken: Result<Submitted, NodeError>) -> Handled {
    let data = match taken {
        Ok(taken) => to_value(app.submit_data(headers, &taken))?,
        Err(error) => to_value(UploadFailure {
            board_url: app.board_url(headers, job, Party::new(Role::Local, 0)),
            code: retcode::OPERATING_ERROR,
            job_id: job.to_string(),
            message: refused_text(error),
        })?,
    };
    Ok(Answer(Envelope::success().with_data(data).with_job(job.to_string())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conf(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |value| format!("{:?}", must_have(&conf(value), &["namespace", "output_path"]).unwrap_err());
        assert!(missing(json!({})).contains("missing: namespace,output_path,table_name"));
        assert!(must_have(&conf(json!({"namespace": "n", "name": "t"})), &["namespace"]).is_ok());
    }

    #[test]
    fn stores_outside_are_refused() {
        let outside = |value| is_outside(&conf(value));
        assert!(outside(json!({"storage_engine": "MYSQL", "address": {}})).unwrap().contains("storage_engine MYSQL"));
        assert!(outside(json!({"address": {"path": "/x"}})).unwrap().contains("data/download"));
        assert_eq!(outside(json!({"storage_engine": "standalone", "output_name": "x"})), None);
        assert_eq!(outside(json!({})), None);
    }
}
