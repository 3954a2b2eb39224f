//! Arguments in the query string of what is got: read as those in a body are. Not for: uploads, whose query string is
//! often JSON (`upload_conf`).

use axum::{extract::FromRequestParts, http::request::Parts};
use parcae_api::arguments::{Arguments, read};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// Arguments of an endpoint, from the query string.
pub(crate) struct Queried<T>(pub(crate) T);

impl<S: Send + Sync, T: Arguments> FromRequestParts<S> for Queried<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Queried<T>, Refusal> {
        Ok(Queried(read(arguments(parts.uri.query().unwrap_or_default()))?))
    }
}

/// A text as it stands in a query.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Texts by name; one without a value is as if it were not there.
fn arguments(query: &str) -> Value {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let given = pairs.filter(|(_, value)| !value.is_empty());
    Value::Object(given.map(|(name, value)| (decoded(name), Value::String(decoded(value)))).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_texts() {
        assert_eq!(arguments("a=1&b=x%20y+z&c=&d&=&%zz=%ff"), json!({"a": "1", "b": "x y z", "%zz": "\u{fffd}"}));
        assert_eq!(arguments(""), json!({}));
    }
}
