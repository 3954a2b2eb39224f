//! Arguments and answers about the components of a node: images that are pushed, listed, granted something and removed.
//! Not for: what components put out (`tracking`), FATE's list of modules (`board`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::arguments::Arguments;

/// Header with the signature of an image, as JSON on one line.
pub const SIGNATURE_HEADER: &str = "X-Parcae-Signature";

/// A component of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComponentRow {
    /// SHA-256 of its image, in hex.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SPDX expression of its licence.
    pub licence: String,
    /// One sentence.
    pub summary: String,
    /// `builtin`, `folder` or `pushed`.
    pub origin: String,
    /// Size of the image, bytes.
    pub bytes: u64,
    /// False when it was pushed and could not be taken up at the last start.
    pub loaded: bool,
    /// Why it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// Parties that do not take it, by their ids, and the rule of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_by: BTreeMap<String, String>,
    /// Its modules, and what each may do.
    pub modules: Vec<ComponentModule>,
    /// When it was pushed, ms since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<i64>,
    /// The client that pushed it, where the node knows its clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_by: Option<String>,
    /// Name of the key that signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// A module of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComponentModule {
    /// Its name in a DSL.
    pub name: String,
    /// True when jobs that name no provider run it.
    pub default: bool,
    /// What it asks for beyond the contract.
    pub asked: Vec<String>,
    /// What of that it was given.
    pub granted: Vec<String>,
    /// What of that it was not given; until then jobs that run it are refused.
    pub missing: Vec<String>,
    /// How the operator gives it what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

/// A component with all that it says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ComponentDetail {
    /// What the node knows of it.
    #[serde(flatten)]
    pub row: ComponentRow,
    /// Its description: modules with roles, ports and schemas of their parameters.
    pub description: Value,
}

/// What came of a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PushedComponent {
    /// The component.
    #[serde(flatten)]
    pub row: ComponentRow,
    /// False when the same image was there before.
    pub new: bool,
    /// Time that compiling took, ms.
    pub compile_ms: u64,
}

/// Arguments of `components/{component}/grants`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct GrantRequest {
    /// Module of the component.
    #[serde(default)]
    #[schema(required = true)]
    pub module: String,
    /// All that it is given, of what it asks for (`asked`): `open-table`, `clock`, ... An empty list takes everything
    /// back.
    #[serde(default)]
    #[schema(required = true)]
    pub grants: Vec<String>,
}

impl Arguments for GrantRequest {
    const REQUIRED: &'static [&'static str] = &["module", "grants"];
}
