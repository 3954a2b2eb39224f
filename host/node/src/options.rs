//! How a node is set up. Not for: reading a configuration file (`cli`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use parcae_domain::{
    attempt::IsolationPolicy,
    grant::Grant,
    limit::{Limits, NodeLimits},
    limit_sources::LimitSet,
    quota::Quotas,
    tenant::TenantId,
};

use crate::policy::ComponentsPolicy;
use crate::spans::SpanSink;

/// How a node is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of everything that the node keeps.
    pub data: PathBuf,
    /// Cores that jobs may use.
    pub cores: u32,
    /// Limits of every attempt.
    pub limits: Limits,
    /// Quotas of tenants that have none of their own.
    pub quotas: Quotas,
    /// Limits of the node as a whole; the sandbox keeps those of its own.
    pub node_limits: NodeLimits,
    /// Lower limits for attempts of some components: by module, by name or `name:version`, or by digest of the image.
    pub component_limits: BTreeMap<String, LimitSet>,
    /// Folder below which modules that may put files out on the disk do so, beside `local` in the data folder.
    pub export_folder: Option<PathBuf>,
    /// What modules may do beyond the contract, by module; a description that asks for more is refused.
    /// Those of pushed images are not given here, but by their digest.
    pub grants: BTreeMap<String, Vec<Grant>>,
    /// Which images may be pushed.
    pub policy: ComponentsPolicy,
    /// Which components run in processes of their own.
    pub isolation: IsolationPolicy,
    /// The same job gives the same outputs, whether it asks for that or not.
    pub deterministic: bool,
    /// Takes what jobs did and when; nobody wants to know, otherwise.
    pub spans: Option<SpanSink>,
}

/// Folder below the data folder, or a tenant's part of it, whose files users name by their path.
const LOCAL: &str = "local";

impl Options {
    /// Where a tenant's files of the site's disk are that users name by their path.
    pub(crate) fn local_folder(&self, tenant: &TenantId) -> PathBuf {
        if *tenant == TenantId::default_tenant() {
            return self.data.join(LOCAL);
        }
        self.data.join("tenants").join(tenant.as_str()).join(LOCAL)
    }

    /// A node in a folder, with defaults: all cores, and the grants that loading, reading, copying and putting out tables need.
    pub fn new(data: impl Into<PathBuf>) -> Options {
        let cores = std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX));
        Options {
            data: data.into(),
            cores,
            limits: Limits::default(),
            quotas: Quotas::default(),
            node_limits: NodeLimits::default(),
            component_limits: BTreeMap::new(),
            export_folder: None,
            grants: default_grants(),
            policy: ComponentsPolicy::default(),
            isolation: IsolationPolicy::default(),
            deterministic: false,
            spans: None,
        }
    }
}

/// What a node gives unless its configuration says otherwise.
pub fn default_grants() -> BTreeMap<String, Vec<Grant>> {
    BTreeMap::from([
        ("Upload".to_owned(), vec![Grant::UploadedFile, Grant::PublishTable]),
        ("Reader".to_owned(), vec![Grant::OpenTable]),
        ("Download".to_owned(), vec![Grant::OpenTable, Grant::ExportFile]),
        ("Writer".to_owned(), vec![Grant::OpenTable, Grant::PublishTable]),
    ])
}
