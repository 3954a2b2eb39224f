//! Bodies of requests as JSON, whatever their content type says. Not for: uploads (`upload`), which are never held in
//! memory.

use std::{sync::LazyLock, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use futures_util::StreamExt;
use parcae_api::arguments::{Arguments, read};
use parcae_domain::tenant::TenantId;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::{
    answer::Refusal,
    audited::Witness,
    caller::Caller,
    shares::{Share, Shares},
};

/// Largest body that is read as JSON, bytes.
pub(crate) const MAX_JSON: usize = 32 << 20;
/// Largest body that is held in memory as it came, bytes: images of components are signed as a whole.
const MAX_WHOLE: usize = 64 << 20;

/// Bytes beyond that which are read and thrown away, so that the client gets an answer rather than a broken connection.
const MAX_SKIPPED: usize = 1 << 30;
/// Bodies over this are read on a thread of their own: others would wait. Bytes.
const LARGE: usize = 1 << 20;
/// Most commas and brackets of a large body: three bytes of text become a hundred in memory.
const MAX_PIECES: usize = 2_000_000;
/// Bytes of bodies that are in memory at once, together; one tenant has half of them.
const IN_FLIGHT: usize = 256 << 20;
/// What of them is counted: a body takes one place for so many bytes, and a small one none.
const PLACE: usize = 64 << 10;
/// How long a body waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

static PLACES: LazyLock<Shares> = LazyLock::new(|| Shares::new(IN_FLIGHT / PLACE, IN_FLIGHT / PLACE / 2));

/// Arguments of an endpoint, from the body.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: Arguments + Send + 'static> FromRequest<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Asked<T>, Refusal> {
        let witness = request.extensions().get::<Witness>().cloned().unwrap_or_default();
        let tenant = sender(&request);
        let read = move |value: Value| {
            witness.objects(&value);
            read(value)
        };
        Ok(Asked(json_as(&tenant, request.into_body(), read).await??))
    }
}

/// Whose request it is.
pub(crate) fn sender(request: &Request) -> TenantId {
    request.extensions().get::<Caller>().map(|caller| caller.tenant.clone()).unwrap_or_default()
}

/// A body as JSON: an empty one is an empty object, one that is not JSON is null.
pub(crate) async fn json(tenant: &TenantId, body: Body) -> Result<Value, Refusal> {
    json_as(tenant, body, |value| value).await
}

/// What is made of a body that is JSON, or is taken for it.
pub(crate) async fn json_as<T: Send + 'static>(
    tenant: &TenantId,
    body: Body,
    make: impl FnOnce(Value) -> T + Send + 'static,
) -> Result<T, Refusal> {
    let gathered = gather(tenant, body, MAX_JSON).await?;
    let Gathered { bytes, places } = gathered.ok_or_else(|| too_long(MAX_JSON))?;
    if bytes.len() <= LARGE {
        return Ok(make(parse(&bytes)));
    }
    let made = tokio::task::spawn_blocking(move || {
        let pieces = bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        let made = (pieces <= MAX_PIECES).then(|| make(parse(&bytes)));
        drop(places);
        made
    });
    let made = made.await.map_err(|e| Refusal::internal(&format!("a body could not be read: {e}")))?;
    let refused = || Refusal::exception(&format!("the body has more than {MAX_PIECES} values, the most that are read"));
    made.ok_or_else(refused)
}

fn parse(bytes: &[u8]) -> Value {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Value::Object(Map::new());
    }
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
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
pub(crate) async fn collect(tenant: &TenantId, body: Body) -> Result<Vec<u8>, Refusal> {
    collect_up_to(tenant, body, MAX_WHOLE).await?.ok_or_else(|| too_long(MAX_WHOLE))
}

/// The same of at most so many bytes; none when there are more.
pub(crate) async fn collect_up_to(tenant: &TenantId, body: Body, most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(gather(tenant, body, most).await?.map(|gathered| gathered.bytes))
}

fn too_long(most: usize) -> Refusal {
    let limit = most >> 20;
    Refusal::exception(&format!(
        "the body is larger than {limit} MiB, the most that is read at once; files go to data/upload as \
         multipart/form-data"
    ))
}

/// What has come of a body.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    places: Option<Share>,
}

/// A body that has at most so many bytes.
async fn gather(tenant: &TenantId, body: Body, most: usize) -> Result<Option<Gathered>, Refusal> {
    let mut chunks = body.into_data_stream();
    let (mut gathered, mut refused, mut skipped) = (Gathered::default(), None, 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|e| Refusal::exception(&format!("the body broke off: {e}")))?;
        if refused.is_none() {
            match gathered.add(tenant, &chunk, most).await {
                Ok(true) => continue,
                Ok(false) => refused = Some(Ok(None)),
                Err(refusal) => refused = Some(Err(refusal)),
            }
            gathered = Gathered::default();
        }
        skipped += chunk.len();
        if skipped > MAX_SKIPPED {
            break;
        }
    }
    refused.unwrap_or(Ok(Some(gathered)))
}

impl Gathered {
    /// False when it would be too long.
    async fn add(&mut self, tenant: &TenantId, chunk: &[u8], most: usize) -> Result<bool, Refusal> {
        let len = self.bytes.len() + chunk.len();
        if len > most {
            return Ok(false);
        }
        let taken = self.places.as_ref().map_or(0, Share::places);
        let wanted = u32::try_from((len / PLACE).saturating_sub(taken)).unwrap_or(u32::MAX);
        if wanted > 0 {
            let Ok(Some(more)) = timeout(PATIENCE, PLACES.take_many(tenant, wanted)).await else {
                return Err(Refusal::exception("the node reads too many large requests at once: send it again later"));
            };
            match &mut self.places {
                Some(places) => places.add(more),
                None => self.places = Some(more),
            }
        }
        self.bytes.extend_from_slice(chunk);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn as_json(body: Body) -> Result<Value, Refusal> {
        json(&TenantId::default(), body).await
    }

    #[tokio::test]
    async fn anything_is_read_as_json() {
        let read = async |text: &'static str| as_json(Body::from(text)).await.unwrap();
        assert_eq!(read("").await, json!({}));
        assert_eq!(read(" \n").await, json!({}));
        assert_eq!(read("{\"a\": 1}").await, json!({"a": 1}));
        assert_eq!(read("notjson").await, Value::Null);
        assert_eq!(read("\u{0}").await, Value::Null);
    }

    #[tokio::test]
    async fn too_much_is_refused_with_words() {
        let refused = as_json(Body::from(vec![b' '; MAX_JSON + 1])).await.unwrap_err();
        assert!(format!("{refused:?}").contains("larger than 32 MiB"));
        assert!(as_json(Body::from(vec![b' '; MAX_JSON])).await.is_ok());
    }

    #[tokio::test]
    async fn many_values_are_not_even_read() {
        let body = |pieces: usize| Body::from(format!("[{}{{}}]", "[],".repeat(pieces / 2)));
        let refused = as_json(body(MAX_PIECES)).await.unwrap_err();
        assert!(format!("{refused:?}").contains("more than 2000000 values"), "{refused:?}");
        assert_eq!(as_json(body(MAX_PIECES / 4)).await.unwrap().as_array().map(Vec::len), Some(MAX_PIECES / 8 + 1));
        let text = format!("{{\"a\": \"{}\"}}", "x".repeat(LARGE));
        assert!(as_json(Body::from(text)).await.unwrap()["a"].is_string());
    }
}
