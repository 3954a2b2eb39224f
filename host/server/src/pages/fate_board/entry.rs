//! Logging in and out as FATE-Board's front end does it: the password is an API key, which comes encrypted. Not for:
//! the page to log in at (`home`), checking keys (`gate`).

use axum::{
    extract::{FromRequest, Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use parcae_api::retcode;
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    audited::{Said, Witness},
    body::{collect_up_to, sender},
    pages::Form,
    sessions::set_cookie,
    state::Shared,
};

/// Largest body of such a request, bytes.
const LARGEST: usize = 32 << 10;

/// Fields that were sent as JSON or as a form: front ends differ.
pub(super) struct Sent(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Sent, Refusal> {
        let witness = request.extensions().get::<Witness>().cloned().unwrap_or_default();
        let tenant = sender(&request);
        let bytes = collect_up_to(&tenant, request.into_body(), LARGEST).await?;
        let bytes = bytes.ok_or_else(|| Refusal::exception(&format!("the body has more than {LARGEST} bytes")))?;
        let fields = fields(&bytes);
        witness.objects(&Value::Object(fields.clone()));
        Ok(Sent(fields))
    }
}

fn fields(bytes: &[u8]) -> Map<String, Value> {
    if let Ok(Value::Object(fields)) = serde_json::from_slice(bytes) {
        return fields;
    }
    let form = Form::of(&String::from_utf8_lossy(bytes));
    form.fields().map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// What to encrypt a password with.
pub(super) async fn key(State(shared): State<Shared>) -> Handled {
    Answer::data(shared.fate_board.keys.public().await?)
}

/// Begins a session: true, or false when name and key do not belong together or are not known.
pub(super) async fn login(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Sent(fields): Sent,
) -> Result<Response, Refusal> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().trim();
    // What cannot be opened goes the way of a wrong key: how it was wrong is nobody's business.
    let token = shared.fate_board.keys.opened(text("password")).await.unwrap_or_default();
    match shared.gate.log_in_as(&headers, text("username"), token.trim()).await {
        Ok((id, caller)) => {
            let mut response = Answer::data(true)?.into_response();
            response.headers_mut().insert(header::SET_COOKIE, set_cookie(Some(&id), shared.options.tls.is_some()));
            response.extensions_mut().insert(caller);
            Ok(response)
        }
        Err(refusal) => match refusal.said() {
            (code @ retcode::AUTHENTICATION_ERROR, words) => {
                let mut response = Answer::data(false)?.into_response();
                response.extensions_mut().insert(Said::words(code, &words));
                Ok(response)
            }
            _ => Err(refusal),
        },
    }
}

/// Ends the session.
pub(super) async fn logout(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    shared.gate.log_out(&headers);
    let mut response = Answer::empty().into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(None, shared.options.tls.is_some()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_as_json_or_as_a_form() {
        let name = |bytes: &[u8]| fields(bytes).get("username").and_then(Value::as_str).map(str::to_owned);
        assert_eq!(name(b"{\"username\": \"bank\"}").as_deref(), Some("bank"));
        assert_eq!(name(b"password=x%2B&username=bank").as_deref(), Some("bank"));
        assert_eq!(fields(b"password=x%2By")["password"], "x+y");
        assert_eq!(name(b"[1]"), None);
        assert_eq!(name(b"\xff"), None);
    }
}
