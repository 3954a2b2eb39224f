//! The API key that this client sends with each request. Not for: signatures (`sign`), making keys (`tenant`).

use std::fmt;

use crate::UsageError;

/// Where the key is taken from when it is not typed.
const VARIABLE: &str = "PARCAE_API_KEY";

/// A key. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl From<String> for ApiKey {
    fn from(text: String) -> ApiKey {
        ApiKey(text)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

impl ApiKey {
    /// The key that was typed, or stands in the environment, if there is one; one that signs has typed something else.
    pub(crate) fn find(
        typed: Option<ApiKey>,
        signs: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<ApiKey>, UsageError> {
        let set = || variable(VARIABLE).filter(|text| !text.is_empty() && !signs).map(ApiKey);
        match typed.or_else(set) {
            Some(ApiKey(text)) if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(UsageError(format!("--api-key (or {VARIABLE}): must be one word, as `parcae tenant key` shows it")))
            }
            found => Ok(found),
        }
    }

    /// The header that sends it.
    pub(crate) fn header(&self) -> (&'static str, String) {
        ("authorization", format!("Bearer {}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_wins_over_the_environment() {
        let key = |text: &str| Some(ApiKey(text.to_owned()));
        let set = |name: &str| (name == VARIABLE).then(|| "parcae_b_c".to_owned());
        assert_eq!(ApiKey::find(key("parcae_a_b"), false, set).unwrap(), key("parcae_a_b"));
        assert_eq!(ApiKey::find(None, false, set).unwrap(), key("parcae_b_c"));
        assert_eq!(ApiKey::find(None, true, set).unwrap(), None);
        assert_eq!(ApiKey::find(None, false, |_| None).unwrap(), None);
        assert!(ApiKey::find(key("a b"), false, set).is_err());
        assert!(!format!("{:?}", key("hush")).contains("hush"));
    }
}
