//! Arguments of endpoints whose clients look at the HTTP status: what is wrong with them answers with status 400. Not
//! for: all other endpoints (`body`).

use axum::extract::{FromRequest, Request};
use parcae_api::arguments::{ArgumentError, Arguments, read};

use crate::{answer::Refusal, body};

/// Arguments from the body.
pub(crate) struct Strict<T>(pub(crate) T);

impl<S: Send + Sync, T: Arguments + Send + 'static> FromRequest<S> for Strict<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Strict<T>, Refusal> {
        let tenant = body::sender(&request);
        body::json_as(&tenant, request.into_body(), read).await?.map(Strict).map_err(wrong)
    }
}

/// Status 400 for arguments that are not right.
pub(crate) fn wrong(error: ArgumentError) -> Refusal {
    Refusal::status(400, &error.to_string())
}
