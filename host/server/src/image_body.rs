//! The image of a component as it comes in: as the body itself, or as the part `file` of a form, with its signature in a
//! header or as the part `signature`. It is received into a temporary file. Not for: what becomes of it (`registry`).

use std::fs::File;
use std::io::{self, Read, Seek};
use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::HeaderMap,
};
use futures_util::StreamExt;
use multer::{Field, Multipart};
use parcae_api::{component::SIGNATURE_HEADER, retcode};
use parcae_domain::limit::IMAGE_BYTES;
use tokio::{io::AsyncWriteExt, time::timeout};

use crate::{answer::Refusal, body, shares::Share, state::App, upload::boundary};

/// Longest signature, bytes.
const MAX_SIGNATURE: usize = 64 << 10;
/// Bytes that are gathered before they are written.
const BLOCK: usize = 1 << 20;
/// How long an image waits for a place, while others are received.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came.
pub(crate) struct Received {
    /// The image.
    pub(crate) image: Spooled,
    /// Its signature, as text.
    pub(crate) signature: Option<String>,
}

/// A file without a name, which vanishes when it is closed, and its place among those that are received.
pub(crate) struct Spooled {
    file: File,
    _place: Share,
}

impl Spooled {
    /// What is in it.
    pub(crate) fn read(mut self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        let read = self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes));
        read.map_err(|e| Refusal::internal(&format!("reading an image: {e}")))?;
        Ok(bytes)
    }
}

/// Receives an image to its end, even when it is refused: the client would see a broken connection otherwise.
pub(crate) async fn receive(app: &App, request: Request) -> Result<Received, Refusal> {
    let signature = in_header(request.headers());
    let boundary = boundary(request.headers()).map_err(|refusal| wrong(&refusal.said().1));
    let body = request.into_body();
    match (signature, boundary) {
        (Err(refusal), _) | (_, Err(refusal)) => {
            body::skip(body).await;
            Err(refusal)
        }
        (Ok(signature), Ok(Some(boundary))) => {
            let mut form = Multipart::new(body.into_data_stream(), boundary);
            let read = parts(app, &mut form, signature).await;
            // What is left of a form that was refused.
            while let Ok(Some(_)) = form.next_field().await {}
            read
        }
        (Ok(signature), Ok(None)) => Ok(Received { image: whole(app, body).await?, signature }),
    }
}

fn wrong(text: &str) -> Refusal {
    Refusal::code(retcode::ARGUMENT_ERROR, text)
}

fn in_header(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(SIGNATURE_HEADER) else { return Ok(None) };
    let text = value.to_str().map_err(|_| wrong(&format!("header {SIGNATURE_HEADER}: expected the signature as JSON")));
    text.map(|text| Some(text.to_owned()))
}

/// An image that is the whole body.
async fn whole(app: &App, body: Body) -> Result<Spooled, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut spool = Spool::begin(app).await?;
    while let Some(chunk) = chunks.next().await {
        spool.add(&chunk.map_err(|e| wrong(&format!("the body broke off, and nothing of it was kept: {e}")))?).await?;
    }
    spool.end().await
}

fn broke_off(error: multer::Error) -> Refusal {
    wrong(&format!("the form broke off, and nothing of it was kept: {error}"))
}

async fn parts(app: &App, form: &mut Multipart<'_>, mut signature: Option<String>) -> Result<Received, Refusal> {
    let mut image = None;
    while let Some(mut field) = form.next_field().await.map_err(broke_off)? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" if image.is_some() => return Err(wrong("the form has two parts named file: send one image")),
            "file" => image = Some(part(app, &mut field).await?),
            // A browser sends an empty one when no file was chosen.
            "signature" => match short_text(&mut field).await? {
                text if text.trim().is_empty() => {}
                text => signature = Some(text),
            },
            other => {
                let text = format!("the form has a part {other:?}: expected the image as file, and maybe signature");
                return Err(wrong(&text));
            }
        }
    }
    let image = image.ok_or_else(|| wrong("the form has no part named file: send the image as it"))?;
    Ok(Received { image, signature })
}

async fn part(app: &App, field: &mut Field<'_>) -> Result<Spooled, Refusal> {
    let mut spool = Spool::begin(app).await?;
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        spool.add(&chunk).await?;
    }
    spool.end().await
}

async fn short_text(field: &mut Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broke_off)? {
        if bytes.len() + chunk.len() > MAX_SIGNATURE {
            return Err(wrong("the part signature is larger than 64 KiB: send what `parcae component sign` wrote"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// An image while it is received.
struct Spool {
    out: tokio::io::BufWriter<tokio::fs::File>,
    bytes: usize,
    place: Share,
}

fn no_room(error: io::Error) -> Refusal {
    Refusal::internal(&format!("receiving an image: {error}"))
}

impl Spool {
    async fn begin(app: &App) -> Result<Spool, Refusal> {
        let Ok(Some(place)) = timeout(PATIENCE, app.received.take(&app.caller.tenant)).await else {
            let text = "the node receives too many images at once: push this one again when the others are there";
            return Err(Refusal::exception(text));
        };
        let file = app.ask(|node| tempfile::tempfile_in(node.upload_folder()).map_err(no_room)).await?;
        Ok(Spool { out: tokio::io::BufWriter::with_capacity(BLOCK, tokio::fs::File::from_std(file)), bytes: 0, place })
    }

    /// Adds a piece; what is too much is counted and not kept.
    async fn add(&mut self, chunk: &Bytes) -> Result<(), Refusal> {
        self.bytes = self.bytes.saturating_add(chunk.len());
        if self.bytes <= IMAGE_BYTES {
            self.out.write_all(chunk).await.map_err(no_room)?;
        }
        Ok(())
    }

    async fn end(mut self) -> Result<Spooled, Refusal> {
        match self.bytes {
            0 => return Err(wrong("no image came with the request: send the .wasm file as the body")),
            // In the words of the node.
            bytes if bytes > IMAGE_BYTES => {
                let cure = "`wasm-tools strip` takes out what is there for debuggers";
                return Err(wrong(&format!(
                    "image has {bytes} bytes, {IMAGE_BYTES} are allowed (image_bytes); {cure}"
                )));
            }
            _ => {}
        }
        self.out.flush().await.map_err(no_room)?;
        Ok(Spooled { file: self.out.into_inner().into_std().await, _place: self.place })
    }
}
