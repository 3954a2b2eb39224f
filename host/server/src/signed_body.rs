//! What of a body a client has signed: JSON as it is, the fields of a form, nothing of a file. The body comes through
//! whole for the handler. Not for: whether the signature is right (`signature`).

use std::{io, path::Path};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Uri},
};
use futures_util::StreamExt;
use multer::Multipart;
use parcae_api::signature::form_piece;
use parcae_domain::tenant::TenantId;
use parcae_node::MAX_ARCHIVE_BYTES;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::{fs::File, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;

use crate::{answer::Refusal, body, model_form::MAX_FIELDS, shares::Shares, signature::refused, upload::boundary};

/// Form with nothing but a file, which is not signed.
const UPLOAD: &str = "/v1/data/upload";
/// Form with fields, which are signed, and a file, which is not.
const IMPORT: &str = "/v1/model/import";
/// Largest form of an import, bytes: its file, and its fields.
const MAX_FORM: u64 = MAX_ARCHIVE_BYTES + (8 << 20);
/// Largest field of it, bytes.
const MAX_FIELD: usize = 64 << 10;
/// Largest sum of its fields, with their names, bytes.
const MAX_FIELDS_BYTES: usize = 1 << 20;
/// Largest body that may count as nothing, bytes.
const MAX_NOTHING: usize = 4096;
/// Bytes that are read from a file at once.
const BLOCK: usize = 64 << 10;

/// Stands in the extensions of an upload of which only path, query and headers are signed: a field of its form is of
/// unknown origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldsUnsigned;

/// What of a body is signed.
pub(crate) struct SignedBody {
    /// Body and form as they may have been signed; any will do.
    pub(crate) pieces: Vec<(Bytes, String)>,
    /// The body, whole.
    pub(crate) body: Body,
    /// There is a form whose fields are not signed.
    pub(crate) fields_unsigned: bool,
}

impl SignedBody {
    /// Reads a tenant's body as far as that is needed. `folder` is for forms, which may be large, and `spools` for how
    /// many of them are received at once.
    pub(crate) async fn read(
        uri: &Uri,
        headers: &HeaderMap,
        (tenant, body): (&TenantId, Body),
        (folder, spools): (&Path, &Shares),
    ) -> Result<SignedBody, Refusal> {
        let path = uri.path().trim_end_matches('/');
        if [UPLOAD, IMPORT].contains(&path)
            && let Some(boundary) = boundary(headers)?
        {
            if path == UPLOAD {
                return Ok(upload(body));
            }
            let _share = spools.take(tenant).await;
            return import(body, boundary, folder).await;
        }
        let bytes = Bytes::from(body::collect(tenant, body).await?);
        let mut pieces = vec![(bytes.clone(), String::new())];
        // FATE's command line signs `{}`, its SDK nothing.
        if bytes.len() <= MAX_NOTHING && counts_as_nothing(&bytes) {
            pieces.push((Bytes::new(), String::new()));
        }
        Ok(SignedBody { pieces, body: Body::from(bytes), fields_unsigned: false })
    }
}

fn upload(body: Body) -> SignedBody {
    SignedBody { pieces: vec![(Bytes::new(), String::new())], body, fields_unsigned: true }
}

async fn import(body: Body, boundary: String, folder: &Path) -> Result<SignedBody, Refusal> {
    let [first, again] = spool(body, folder).await?;
    let fields = fields(first, boundary).await?;
    Ok(SignedBody { pieces: vec![(Bytes::new(), form_piece(&fields))], body: again, fields_unsigned: false })
}

/// A body that can be read twice, from a file that vanishes after that.
async fn spool(body: Body, folder: &Path) -> Result<[Body; 2], Refusal> {
    let failed = |e: io::Error| Refusal::internal(&format!("receiving a form: {e}"));
    let named = NamedTempFile::new_in(folder).map_err(failed)?;
    let mut file = File::from_std(named.reopen().map_err(failed)?);
    let (mut chunks, mut len) = (body.into_data_stream(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| Refusal::exception(&format!("the form broke off: {e}")))?;
        len += chunk.len() as u64;
        if len > MAX_FORM {
            return Err(refused(&format!("the form is larger than {} MiB", MAX_FORM >> 20)));
        }
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    // Each reads at a place of its own, and needs no name any more.
    let files = [named.reopen().map_err(failed)?, named.reopen().map_err(failed)?];
    Ok(files.map(|file| Body::from_stream(ReaderStream::with_capacity(File::from_std(file), BLOCK))))
}

/// The fields of a form that are no files, each name once: the signature covers only the first of a name.
async fn fields(form: Body, boundary: String) -> Result<Vec<(String, String)>, Refusal> {
    let broken = |e: multer::Error| refused(&format!("the form cannot be read: {e}"));
    let mut form = Multipart::new(form.into_data_stream(), boundary);
    let mut fields: Vec<(String, String)> = Vec::new();
    let (mut parts, mut sum) = (0, 0);
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        parts += 1;
        // The file, and its path at the client, are no fields.
        if parts > MAX_FIELDS + 2 {
            return Err(refused(&format!("the form has more than {MAX_FIELDS} fields")));
        }
        if field.file_name().is_some() {
            continue;
        }
        let name = field.name().unwrap_or_default().to_owned();
        sum += name.len();
        if fields.iter().any(|(other, _)| *other == name) {
            return Err(refused(&format!("field {name:?} stands in the form twice, and is signed once")));
        }
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            value.extend_from_slice(&chunk);
            sum += chunk.len();
            if sum > MAX_FIELDS_BYTES {
                return Err(refused(&format!("the fields of the form are larger than {} KiB", MAX_FIELDS_BYTES >> 10)));
            }
            if value.len() > MAX_FIELD {
                return Err(refused(&format!("field {name:?} of the form is larger than {} KiB", MAX_FIELD >> 10)));
            }
        }
        fields.push((name, String::from_utf8_lossy(&value).into_owned()));
    }
    Ok(fields)
}

/// JSON that FATE-Flow takes for no JSON at all: empty, null, zero, or none.
fn counts_as_nothing(body: &[u8]) -> bool {
    match serde_json::from_slice(body).unwrap_or(Value::Null) {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(keys) => keys.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_takes_for_false_is_nothing() {
        for nothing in ["", " ", "{}", "{ }", "[]", "null", "0", "0.0", "\"\"", "false", "no JSON", "{\"a\": NaN}"] {
            assert!(counts_as_nothing(nothing.as_bytes()), "{nothing}");
        }
        for something in ["{\"a\": null}", "[0]", "1", "\" \"", "true"] {
            assert!(!counts_as_nothing(something.as_bytes()), "{something}");
        }
    }
}
