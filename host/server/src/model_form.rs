//! The form that brings the archive of a model: fields, and one file. FATE's client sends a field named `file`, too,
//! with the path that the file has at the client: a part is the file when it has a file name. Not for: uploads of data
//! (`upload`).

use std::{fs::File, io};

use axum::{body::Body, extract::Request, http::header};
use futures_util::StreamExt;
use multer::{Field, Multipart};
use parcae_node::MAX_ARCHIVE_BYTES;
use serde_json::{Map, Value};
use tokio::io::AsyncWriteExt;

use crate::{answer::Refusal, state::App};

/// Largest field that is no file, bytes.
const MAX_FIELD: usize = 64 << 10;
/// Most fields that are no files.
pub(crate) const MAX_FIELDS: usize = 100;
/// Bytes that are gathered before they are written.
const BLOCK: usize = 1 << 20;

/// What a form brought.
pub(crate) struct Received {
    /// Its fields.
    pub(crate) fields: Map<String, Value>,
    /// Its file; it vanishes when it is closed.
    pub(crate) file: File,
}

/// Receives a form to its end, even when it is refused: the client would see a broken connection otherwise.
pub(crate) async fn receive(app: &App, request: Request) -> Result<Received, Refusal> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|text| multer::parse_boundary(text).ok());
    let body = request.into_body();
    let Some(boundary) = boundary else {
        skip(body).await;
        return Err(no_file());
    };
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let read = fields(app, &mut form).await;
    // What is left of a form that was refused.
    while let Ok(Some(_)) = form.next_field().await {}
    let (fields, file) = read?;
    Ok(Received { fields, file: file.ok_or_else(no_file)? })
}

fn no_file() -> Refusal {
    Refusal::status(400, "no archive was sent: send multipart/form-data with the archive as the file part file")
}

async fn skip(body: Body) {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
}

fn broke_off(error: multer::Error) -> Refusal {
    Refusal::status(400, &format!("the form broke off, and nothing of it was kept: {error}"))
}

async fn fields(app: &App, form: &mut Multipart<'_>) -> Result<(Map<String, Value>, Option<File>), Refusal> {
    let (mut fields, mut file) = (Map::new(), None);
    while let Some(mut field) = form.next_field().await.map_err(broke_off)? {
        let name = field.name().unwrap_or_default().to_owned();
        match (field.file_name().is_some(), name.as_str()) {
            (true, "file") if file.is_none() => file = Some(store(app, &mut field).await?),
            (true, "file") => return Err(Refusal::status(400, "the form has two files named file: send one")),
            (true, _) => {
                let text = format!("the form has a file named {name:?}: the archive must be named file");
                return Err(Refusal::status(400, &text));
            }
            // The path of the file at the client.
            (false, "file") => {}
            (false, _) if fields.len() < MAX_FIELDS => {
                let text = short_text(&mut field).await?;
                fields.insert(name, text.into());
            }
            (false, _) => return Err(Refusal::status(400, "the form has more than 100 fields")),
        }
    }
    Ok((fields, file))
}

async fn store(app: &App, field: &mut Field<'_>) -> Result<File, Refusal> {
    let failed = |e: io::Error| {
        tracing::error!("an archive could not be received: {e}");
        Refusal::status(503, "the node could not receive the archive; its log says why")
    };
    let file = app.ask(move |node| tempfile::tempfile_in(node.upload_folder()).map_err(failed)).await?;
    let mut out = tokio::io::BufWriter::with_capacity(BLOCK, tokio::fs::File::from_std(file));
    let mut left = MAX_ARCHIVE_BYTES;
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        let bytes = chunk.len() as u64;
        if bytes > left {
            return Err(Refusal::status(400, "the archive is larger than 1 GiB, the most that is taken"));
        }
        left -= bytes;
        out.write_all(&chunk).await.map_err(failed)?;
    }
    out.flush().await.map_err(failed)?;
    Ok(out.into_inner().into_std().await)
}

async fn short_text(field: &mut Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        if bytes.len() + chunk.len() > MAX_FIELD {
            return Err(Refusal::status(400, "a field of the form is larger than 64 KiB and has no filename"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
