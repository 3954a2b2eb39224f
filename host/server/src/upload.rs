//! `data/upload`: receives a file, however large, into a temporary file that vanishes unless the node takes it over, or
//! names one that is on the server already. Not for: where the conf stands in a request (`upload_conf`).

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header},
};
use futures_util::StreamExt;
use multer::{Field, Multipart};
use parcae_api::{Envelope, job::UploadFailure, loose::LooseInt, retcode};
use parcae_domain::party::{Party, Role};
use parcae_node::NodeError;
use serde_json::{Map, Value};
use tempfile::TempPath;
use tokio::io::AsyncWriteExt;

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body,
    job::refused_text,
    state::App,
    upload_conf::{from_query, typed},
};

/// Largest field of a form that is no file, bytes.
const MAX_FIELD: usize = 1 << 20;
/// Bytes that are gathered before they are written.
const BLOCK: usize = 1 << 20;
/// Keys without which there is no upload.
const REQUIRED: [&str; 3] = ["namespace", "head", "partition"];

/// Where the file is.
enum Source {
    /// Received; vanishes unless it is kept.
    Received(TempPath),
    /// On the server before, and stays.
    Local(PathBuf),
}

/// Uploads a file as a table.
pub(crate) async fn upload(State(app): State<App>, request: Request) -> Handled {
    let headers = request.headers().clone();
    let conf = from_query(request.uri().query().unwrap_or_default());
    let boundary = boundary(&headers);
    let body = request.into_body();
    let (conf, received) = match (conf, boundary) {
        (Err(refusal), _) | (_, Err(refusal)) => {
            skip(body).await;
            return Err(refusal);
        }
        (Ok(conf), Ok(Some(boundary))) => receive(&app, conf, body, boundary).await?,
        (Ok(conf), Ok(None)) => (with_body(conf, body::json(body).await?)?, None),
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
fn boundary(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(None);
    }
    let wrong = |e: multer::Error| Refusal::exception(&format!("the content type is not as it should be: {e}"));
    multer::parse_boundary(content_type).map(Some).map_err(wrong)
}

/// Reads on, so that the client gets an answer rather than a broken connection.
async fn skip(body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
}

fn with_body(mut conf: Map<String, Value>, body: Value) -> Result<Map<String, Value>, Refusal> {
    match body {
        Value::Object(body) => conf.extend(body),
        _ => return Err(Refusal::exception("the body is neither multipart/form-data nor a JSON object")),
    }
    Ok(conf)
}

type Conf = Map<String, Value>;

async fn receive(app: &App, mut conf: Conf, body: Body, boundary: String) -> Result<(Conf, Option<TempPath>), Refusal> {
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let mut file = None;
    while let Some(mut field) = form.next_field().await.map_err(broke_off)? {
        if field.file_name().is_some() {
            // A second file replaces the first, which vanishes.
            file = Some(store(app, &mut field).await?);
            continue;
        }
        let key = field.name().unwrap_or_default().to_owned();
        let text = short_text(&mut field).await?;
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

async fn short_text(field: &mut Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        if bytes.len() + chunk.len() > MAX_FIELD {
            let text = "a field of the form is larger than 1 MiB and has no filename, so that it is no file";
            return Err(Refusal::exception(text));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The file on the server that the conf names: below the node's data folder, or below the folder that is configured.
async fn local_file(app: &App, conf: &Map<String, Value>) -> Result<PathBuf, Refusal> {
    let use_local =
        conf.get("use_local_data").cloned().and_then(|value| serde_json::from_value::<LooseInt>(value).ok());
    if use_local != Some(LooseInt(0)) {
        return Err(Refusal::exception(
            "no file came with the request: send it as multipart/form-data, or, for a file that is on the server, set \
             use_local_data to 0",
        ));
    }
    let file = conf.get("file").and_then(Value::as_str).unwrap_or_default().to_owned();
    let allowed = app.options.local_uploads.clone();
    app.ask(move |node| {
        let roots: Vec<PathBuf> = std::iter::once(node.data_folder().to_owned()).chain(allowed).collect();
        find_local(&roots, &file)
    })
    .await
}

/// Whether a file exists is told only of files that may be read.
fn find_local(roots: &[PathBuf], file: &str) -> Result<PathBuf, Refusal> {
    let outside = || {
        let text = format!(
            "file {file:?} is not below the node's data folder, the only one that uploads with use_local_data 0 may read; \
             the node's operator can allow another folder with `local_uploads` in the node's configuration"
        );
        Refusal::code(retcode::PERMISSION_ERROR, &text)
    };
    let Some(first) = roots.first() else { return Err(outside()) };
    let path = first.join(file);
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    let real_roots: Vec<PathBuf> = roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
    let is_below = |path: &Path, roots: &[PathBuf]| roots.iter().any(|root| path.starts_with(root));
    match path.canonicalize() {
        Ok(real) if is_below(&real, &real_roots) && real.is_file() => Ok(real),
        Ok(real) if is_below(&real, &real_roots) => Err(Refusal::exception(&format!("{file:?} is no file"))),
        Err(_) if !goes_up && is_below(&path, roots) => {
            Err(Refusal::exception(&format!("no file {file:?} on the server")))
        }
        _ => Err(outside()),
    }
}

async fn take_on(app: &App, headers: &HeaderMap, conf: Conf, source: Source) -> Handled {
    let text = |key: &str| conf.get(key).and_then(Value::as_str).map(str::to_owned);
    let (namespace, table_name) = (text("namespace"), text("table_name").or_else(|| text("name")));
    let conf = Value::Object(conf);
    let (job, taken) = app
        .ask(move |node| {
            let taken = match &source {
                Source::Received(path) => node.upload(&conf, path, false),
                Source::Local(path) => node.upload(&conf, path, true),
            };
            // What was received and not taken over vanishes here.
            drop(source);
            Ok(taken)
        })
        .await?;
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_on_the_server_are_read_below_allowed_folders_only() {
        let data = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        fs::write(data.path().join("a.csv"), "1").unwrap();
        fs::write(other.path().join("b.csv"), "1").unwrap();
        let only = [data.path().to_owned()];
        let both = [data.path().to_owned(), other.path().to_owned()];
        let b = other.path().join("b.csv").display().to_string();
        let refused = |roots: &[PathBuf], file: &str| format!("{:?}", find_local(roots, file).unwrap_err());
        assert!(find_local(&only, "a.csv").unwrap().ends_with("a.csv"));
        assert!(find_local(&both, &b).is_ok());
        assert!(refused(&only, &b).contains("local_uploads"));
        assert!(refused(&only, "/no/such/file").contains("local_uploads"));
        assert!(refused(&only, "../x").contains("local_uploads"));
        assert!(refused(&only, "no.csv").contains("no file"));
        assert!(refused(&only, "").contains("is no file"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&b, data.path().join("link.csv")).unwrap();
            assert!(refused(&only, "link.csv").contains("local_uploads"));
        }
    }
}
