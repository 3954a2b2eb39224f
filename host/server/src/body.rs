//! Bodies of requests as JSON, whatever their content type says. Not for: uploads (`upload`), which are never held in
//! memory.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use futures_util::StreamExt;
use parcae_api::arguments::{Arguments, read};
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// Largest body that is read as JSON, bytes.
pub(crate) const MAX_JSON: usize = 64 << 20;

/// Bytes beyond that which are read and thrown away, so that the client gets an answer rather than a broken connection.
const MAX_SKIPPED: usize = 1 << 30;

/// Arguments of an endpoint, from the body.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: Arguments> FromRequest<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Asked<T>, Refusal> {
        let body = json(request.into_body()).await?;
        Ok(Asked(read(body)?))
    }
}

/// A body as JSON: an empty one is an empty object, one that is not JSON is null.
pub(crate) async fn json(body: Body) -> Result<Value, Refusal> {
    let bytes = collect(body).await?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// Reads on, so that the client gets an answer rather than a broken connection.
pub(crate) async fn skip(body: Body) {
    let (mut chunks, mut skipped) = (body.into_data_stream(), 0);
    while let Some(Ok(chunk)) = chunks.next().await {
        skipped += chunk.len();
        if skipped > MAX_SKIPPED {
            break;
        }
    }
}

/// A body as it came.
pub(crate) async fn collect(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut skipped) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| Refusal::exception(&format!("the body broke off: {e}")))?;
        if skipped == 0 && bytes.len() + chunk.len() <= MAX_JSON {
            bytes.extend_from_slice(&chunk);
            continue;
        }
        bytes = Vec::new();
        skipped += chunk.len();
        if skipped > MAX_SKIPPED {
            break;
        }
    }
    if skipped > 0 {
        let limit = MAX_JSON >> 20;
        return Err(Refusal::exception(&format!(
            "the body is larger than {limit} MiB, the most that is read as JSON; files go to data/upload as \
             multipart/form-data"
        )));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn anything_is_read_as_json() {
        let read = async |text: &'static str| json(Body::from(text)).await.unwrap();
        assert_eq!(read("").await, json!({}));
        assert_eq!(read(" \n").await, json!({}));
        assert_eq!(read("{\"a\": 1}").await, json!({"a": 1}));
        assert_eq!(read("notjson").await, Value::Null);
        assert_eq!(read("\u{0}").await, Value::Null);
    }

    #[tokio::test]
    async fn too_much_is_refused_with_words() {
        let refused = json(Body::from(vec![b' '; MAX_JSON + 1])).await.unwrap_err();
        assert!(format!("{refused:?}").contains("larger than 64 MiB"));
        assert!(json(Body::from(vec![b' '; MAX_JSON])).await.is_ok());
    }
}
