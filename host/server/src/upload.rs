//! `data/upload`: receives a file, however large, into a temporary file that vanishes unless the node takes it over.
//! Not for: where the conf stands in a request (`upload_conf`), files that are on the server already (`upload_local`).

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use multer::{Field, Multipart};
use parcae_api::{Envelope, job::UploadFailure, retcode};
use parcae_domain::{
    id::JobId,
    party::{Party, Role},
};
use parcae_node::{NodeError, view::Submitted};
use serde_json::Value;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body,
    job::refused_text,
    model_form::MAX_FIELDS,
    signed_body::FieldsUnsigned,
    state::App,
    upload_conf::{Conf, from_query, typed},
    upload_local::local_file,
};

/// Largest sum of a form's fields that are no files, with their names, bytes.
const MAX_FIELDS_BYTES: usize = 1 << 20;
/// Bytes that are gathered before they are written.
const BLOCK: usize = 1 << 20;
/// Keys without which there is no upload.
const REQUIRED: [&str; 3] = ["namespace", "head", "partition"];

/// Where the file is.
pub(crate) enum Source {
    /// Received; vanishes unless it is kept.
    Received(TempPath),
    /// On the server before, and stays.
    Local(PathBuf),
}

/// Uploads a file as a table.
pub(crate) async fn upload(app: App, request: Request) -> Handled {
    let headers = request.headers().clone();
    let conf = from_query(request.uri().query().unwrap_or_default());
    let boundary = boundary(&headers);
    let fields_unsigned = request.extensions().get::<FieldsUnsigned>().is_some();
    let body = request.into_body();
    let (conf, received) = match (conf, boundary) {
        (Err(refusal), _) | (_, Err(refusal)) => {
            body::skip(body).await;
            return Err(refusal);
        }
        (Ok(conf), Ok(Some(boundary))) => {
            // What of the body is left when it is refused is read by who wraps the handlers.
            receive(&app, conf, Multipart::new(body.into_data_stream(), boundary), fields_unsigned).await?
        }
        (Ok(conf), Ok(None)) => (with_body(conf, body::json(&app.caller.tenant, body).await?)?, None),
    };
    let missing: Vec<_> = REQUIRED.into_iter().filter(|key| conf.get(*key).is_none_or(Value::is_null)).collect();
    let has_name = ["table_name", "name"].into_iter().any(|key| conf.get(key).is_some_and(Value::is_string));
    if !missing.is_empty() || !has_name {
        let names = missing.into_iter().chain((!has_name).then_some("table_name")).collect::<Vec<_>>();
        return Err(Refusal::exception(&format!("required arguments are missing: {}", names.join(","))));
    }
    let source = match received {
        Some(path) => Source::Received(path),
        None => Source::Local(local_file(&app, &conf).await?),
    };
    take_on(&app, &headers, conf, source).await
}

/// The boundary of a form; `None` when the body is none.
pub(crate) fn boundary(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(None);
    }
    let wrong = |e: multer::Error| Refusal::exception(&format!("the content type is not as it should be: {e}"));
    multer::parse_boundary(content_type).map(Some).map_err(wrong)
}

fn with_body(mut conf: Conf, body: Value) -> Result<Conf, Refusal> {
    match body {
        Value::Object(body) => conf.extend(body),
        _ => return Err(Refusal::exception("the body is neither multipart/form-data nor a JSON object")),
    }
    Ok(conf)
}

/// Receives a form: its fields become keys of the conf that has not got them, its file a temporary one.
pub(crate) async fn receive(
    app: &App,
    mut conf: Conf,
    mut form: Multipart<'_>,
    fields_unsigned: bool,
) -> Result<(Conf, Option<TempPath>), Refusal> {
    let (mut file, mut fields, mut left) = (None, 0, MAX_FIELDS_BYTES);
    while let Some(mut field) = form.next_field().await.map_err(broke_off)? {
        if field.file_name().is_some() {
            if file.is_some() {
                return Err(Refusal::exception("the form has two files: send one"));
            }
            file = Some(store(app, &mut field).await?);
            continue;
        }
        if fields_unsigned {
            let text = "authentication failed: fields of the form are not signed; the conf belongs into the query";
            return Err(Refusal::code(retcode::AUTHENTICATION_ERROR, text));
        }
        fields += 1;
        if fields > MAX_FIELDS {
            return Err(Refusal::exception(&format!("the form has more than {MAX_FIELDS} fields")));
        }
        let key = field.name().unwrap_or_default().to_owned();
        left = left.saturating_sub(key.len());
        let text = short_text(&mut field, &mut left).await?;
        if !conf.contains_key(&key) {
            let value = typed(&key, &text);
            conf.insert(key, value);
        }
    }
    Ok((conf, file))
}

fn broke_off(error: multer::Error) -> Refusal {
    Refusal::exception(&format!("the upload broke off, and nothing of it was kept: {error}"))
}

async fn store(app: &App, field: &mut Field<'_>) -> Result<TempPath, Refusal> {
    let no_room = |e: io::Error| Refusal::internal(&format!("storing an upload: {e}"));
    let new = |folder: &Path| tempfile::Builder::new().prefix("upload-").tempfile_in(folder);
    let named = app.ask(move |node| new(&node.upload_folder()).map_err(no_room)).await?;
    let (file, path) = named.into_parts();
    let mut out = tokio::io::BufWriter::with_capacity(BLOCK, tokio::fs::File::from_std(file));
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        out.write_all(&chunk).await.map_err(no_room)?;
    }
    out.flush().await.map_err(no_room)?;
    out.get_ref().sync_all().await.map_err(no_room)?;
    Ok(path)
}

/// The text of a field; `left` is how many bytes fields may still have.
async fn short_text(field: &mut Field<'_>, left: &mut usize) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        if chunk.len() > *left {
            let text = "the fields of the form are larger than 1 MiB; a file needs a filename, so that it is one";
            return Err(Refusal::exception(text));
        }
        *left -= chunk.len();
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Hands a file to the node: the job that makes a table of it, or why there is none.
pub(crate) async fn begin(
    app: &App,
    conf: Conf,
    source: Source,
) -> Result<(JobId, Result<Submitted, NodeError>), Refusal> {
    let conf = Value::Object(conf);
    app.ask(move |node| {
        let taken = match &source {
            Source::Received(path) => node.upload(&conf, path, false),
            Source::Local(path) => node.upload(&conf, path, true),
        };
        // What was received and not taken over vanishes here.
        drop(source);
        Ok(taken)
    })
    .await
}

async fn take_on(app: &App, headers: &HeaderMap, conf: Conf, source: Source) -> Handled {
    let text = |key: &str| conf.get(key).and_then(Value::as_str).map(str::to_owned);
    let (namespace, table_name) = (text("namespace"), text("table_name").or_else(|| text("name")));
    let (job, taken) = begin(app, conf, source).await?;
    let data = match taken {
        Err(NodeError::Exists(text)) => return Err(Refusal::exception(&text)),
        Err(error) => to_value(UploadFailure {
            board_url: app.board_url(headers, &job, Party::new(Role::Local, 0)),
            code: retcode::OPERATING_ERROR,
            job_id: job.to_string(),
            message: refused_text(error),
        })?,
        Ok(taken) => {
            let mut data = app.submit_data(headers, &taken);
            (data.namespace, data.table_name) = (namespace, table_name);
            to_value(data)?
        }
    };
    Ok(Answer(Envelope::success().with_data(data).with_job(job.to_string())))
}
