//! Fields of forms that pages post. Not for: files (`submit`), JSON (`body`).

use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use crate::{
    audited::Witness,
    body::{collect_up_to, sender},
    pages::Oops,
    queried::decoded,
};

/// Largest form, bytes.
const LARGEST: usize = 8 << 20;
/// Largest form of who need not say who they are, bytes.
const SMALL: usize = 32 << 10;
/// Most fields of a form or a query: each takes far more memory than the two bytes that it may have.
const FIELDS: usize = 10_000;

/// Fields of a form, or of a query, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Those of a text as in a query: `a=1&b=x+y`; no more of them than a form may have.
    pub(crate) fn of(text: &str) -> Form {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(FIELDS);
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        Form(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    /// The first field of a name; an empty one is as if it were not there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields().find(|(its_name, value)| *its_name == name && !value.is_empty()).map(|(_, value)| value)
    }

    /// All of them, as names and values.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.fields().filter(|(its_name, _)| *its_name == name).map(|(_, value)| value).collect()
    }

    /// The field of a name that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<&str, Oops> {
        self.get(name).ok_or_else(|| Oops::new(400, format!("field {name} of the form is missing")))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Oops;

    async fn from_request(request: Request, _state: &S) -> Result<Form, Oops> {
        received(request, LARGEST).await
    }
}

/// A form that anybody may send, who has no key as well.
pub(crate) struct SmallForm(pub(crate) Form);

impl<S: Send + Sync> FromRequest<S> for SmallForm {
    type Rejection = Oops;

    async fn from_request(request: Request, _state: &S) -> Result<SmallForm, Oops> {
        Ok(SmallForm(received(request, SMALL).await?))
    }
}

async fn received(request: Request, most: usize) -> Result<Form, Oops> {
    let witness = request.extensions().get::<Witness>().cloned().unwrap_or_default();
    let tenant = sender(&request);
    let bytes = collect_up_to(&tenant, request.into_body(), most).await?;
    let too_much = |what: &str| Oops::new(413, format!("the form has more than {what}, the most that are read"));
    let bytes = bytes.ok_or_else(|| too_much(&format!("{most} bytes")))?;
    if bytes.iter().filter(|byte| **byte == b'&').count() >= FIELDS {
        return Err(too_much(&format!("{FIELDS} fields")));
    }
    let form = Form::of(&String::from_utf8_lossy(&bytes));
    let fields = form.0.iter().map(|(name, value)| (name.clone(), Value::String(value.clone())));
    witness.objects(&Value::Object(fields.collect::<Map<_, _>>()));
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_texts() {
        let form = Form::of("a=1&a=2&b=x%20y+z&c=&d&%E4%BD%9C=%ff");
        assert_eq!(form.all("a"), ["1", "2"]);
        assert_eq!((form.get("b"), form.get("c"), form.get("d")), (Some("x y z"), None, None));
        assert_eq!(form.get("作"), Some("\u{fffd}"));
        assert!(form.need("c").unwrap_err().words.contains("field c"));
        assert_eq!(Form::of(&"a&".repeat(2 * FIELDS)).fields().count(), FIELDS);
    }
}
