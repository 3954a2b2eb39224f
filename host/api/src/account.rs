//! Arguments and answers about tenants and their keys. Not for: who may ask for them (`scopes`), what quotas and
//! limits there are (`domain`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{arguments::Arguments, loose::LooseInt};

/// A tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TenantRow {
    /// Its name.
    pub name: String,
    /// Its keys are refused.
    pub disabled: bool,
    /// Its own quotas by name; the node's defaults stand for those that are not here.
    pub quotas: Value,
    /// Limits of its attempts by name; of each limit the smallest number counts that anybody says.
    pub limits: Value,
    /// When it was made, ms since the epoch; absent for one that was always there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
}

/// Arguments of `tenants`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TenantRequest {
    /// Name of the new tenant: small letters, digits, `-` and `_`.
    #[serde(default)]
    #[schema(required = true)]
    pub name: String,
}

impl Arguments for TenantRequest {
    const REQUIRED: &'static [&'static str] = &["name"];
}

/// Arguments of `tenants/{name}/quotas`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct QuotaRequest {
    /// Whole numbers by name of a quota; null takes a quota back.
    #[serde(default)]
    #[schema(required = true)]
    pub quotas: BTreeMap<String, Value>,
}

impl Arguments for QuotaRequest {
    const REQUIRED: &'static [&'static str] = &["quotas"];
}

/// Arguments of `tenants/{name}/limits`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct LimitRequest {
    /// Whole numbers by name of a limit; null takes a limit back.
    #[serde(default)]
    #[schema(required = true)]
    pub limits: BTreeMap<String, Value>,
}

impl Arguments for LimitRequest {
    const REQUIRED: &'static [&'static str] = &["limits"];
}

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KeyRow {
    /// Its id; that of a signing key is the app key of FATE's clients.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// `bearer` or `signing`.
    pub kind: String,
    /// What its owner calls it.
    pub label: String,
    /// `read`, `submit`, `operate` or `admin`.
    pub scope: String,
    /// When it was made, ms since the epoch.
    pub created: i64,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// When it was used last, about a minute exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<i64>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<i64>,
}

/// Arguments for a new key. No other keys are skipped: one that is not understood might have been its end.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// How far it reaches: `read`, `submit`, `operate` or `admin`, and at most as far as the key that asks for it.
    #[serde(default)]
    #[schema(required = true)]
    pub scope: String,
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// When it ends, ms since the epoch; never, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<LooseInt>,
    /// `bearer`, sent with each request, when absent; `signing` for FATE's clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl Arguments for KeyRequest {
    const REQUIRED: &'static [&'static str] = &["scope"];
}

/// A new key. Its secret is shown this once.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MadeKey {
    /// The key.
    #[serde(flatten)]
    pub row: KeyRow,
    /// A bearer's whole token, for the header `Authorization: Bearer`; of a signing key the secret key.
    pub secret: String,
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhoAmI {
    /// The tenant.
    pub tenant: String,
    /// How far the key reaches.
    pub scope: String,
    /// The key's id, or `anonymous` where the node asks nobody.
    pub name: String,
}

/// Numbers by name as an object.
pub fn object(numbers: BTreeMap<String, Value>) -> Map<String, Value> {
    numbers.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn null_takes_a_number_back() {
        let request = read::<QuotaRequest>(json!({"quotas": {"images": null, "weight": 2}})).unwrap();
        assert_eq!(Value::Object(object(request.quotas)), json!({"images": null, "weight": 2}));
        assert!(read::<QuotaRequest>(json!({"quotas": []})).is_err() && read::<LimitRequest>(json!({})).is_err());
    }
}
