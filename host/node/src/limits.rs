//! Which limits are in force, and who said so: the node's configuration, the tenant's account, the node's configuration
//! for a component, the job. Not for: deciding between them (`domain::limit_sources`), enforcing them.

use std::collections::BTreeMap;

use parcae_domain::{
    descriptor::Module,
    grant::Grant,
    id::TaskId,
    image::Origin,
    limit::{LimitInfo, Limits, NodeLimits},
    limit_sources::{Effective, LimitSet, Source, Sources},
    party::Party,
    tenant::TenantId,
};
use parcae_dsl::JobPlan;
use parcae_metadata::StoreError;

use crate::node::Node;
use crate::queries::store;
use crate::site::Site;
use crate::tenant::Tenant;
use crate::usage::AttemptUse;
use crate::view::NodeError;

/// Whose limits are asked for; what is none fits all. All but the job go with a job.
#[derive(Clone, Debug, Default)]
pub struct LimitsOf {
    /// A job.
    pub job: Option<String>,
    /// A component of it.
    pub component: Option<String>,
    /// A role.
    pub role: Option<String>,
    /// A party's id.
    pub party: Option<String>,
    /// Which run of the component.
    pub version: Option<u32>,
}

/// A limit with everything that is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitView {
    /// Name, unit, and what it bounds.
    pub info: LimitInfo,
    /// What is said of it: by `node`, `tenant`, `component`, `job`.
    pub configured: BTreeMap<&'static str, u64>,
    /// What is in force: the smallest of these.
    pub effective: u64,
    /// Most that one of the attempts has used that were asked for; none where that is not counted.
    pub used: Option<u64>,
    /// Who decided.
    pub source: Source,
}

/// What is said of limits where no job is named yet.
fn of_tenant(site: &Site, tenant: &TenantId) -> Result<Sources, StoreError> {
    let account = site.store.tenant_account(tenant.as_str())?;
    let tenant = account.map(|account| LimitSet::stored(&account.limits)).unwrap_or_default();
    Ok(Sources { node: site.options.limits.clone(), tenant, ..Sources::default() })
}

/// What is said of limits for a job as a whole.
pub(crate) fn of_job(site: &Site, tenant: &TenantId, plan: &JobPlan) -> Result<Sources, StoreError> {
    let mut job = plan.parameters.limits.clone();
    job.lower(&LimitSet::from_iter([("total_seconds".to_owned(), plan.parameters.timeout)]));
    Ok(Sources { job, ..of_tenant(site, tenant)? })
}

/// What is said of limits for the attempts that run a module of an image in a job.
pub(crate) fn of_attempt(
    site: &Site,
    tenant: &TenantId,
    plan: &JobPlan,
    module: &Module,
    image: &str,
) -> Result<Sources, StoreError> {
    let mut component = of_component(site, tenant, module, image);
    if is_modest(site, tenant, module, image) {
        let bytes = site.options.limits.edge_bytes_ungranted;
        component.lower(&LimitSet::from_iter([("edge_bytes".to_owned(), bytes)]));
    }
    Ok(Sources { component, ..of_job(site, tenant, plan)? })
}

/// True for a module that did not come with the node and has no grant for many messages.
fn is_modest(site: &Site, tenant: &TenantId, module: &Module, image: &str) -> bool {
    let is_built_in = site.catalog.origin(tenant, image).is_none_or(|origin| origin == Origin::BuiltIn);
    !is_built_in && !site.in_force(tenant, image, module).contains(&Grant::MessageVolume)
}

/// What the configuration says of a component: under names of its module, its own name with or without a version, or
/// the digest of its image. All that fits counts.
fn of_component(site: &Site, tenant: &TenantId, module: &Module, image: &str) -> LimitSet {
    let configured = &site.options.component_limits;
    let mut set = LimitSet::default();
    if configured.is_empty() {
        return set;
    }
    let mut names = vec![module.name.clone(), image.to_owned(), format!("sha256:{image}")];
    names.extend(module.aliases.iter().cloned());
    if let Some(found) = site.catalog.images(tenant).into_iter().find(|found| found.digest == image) {
        names.push(format!("{}:{}", found.descriptor.name, found.descriptor.version));
        names.push(found.descriptor.name);
    }
    names.iter().filter_map(|name| configured.get(name)).for_each(|limits| set.lower(limits));
    set
}

impl Node {
    /// Limits of every attempt, before anybody lowers them.
    pub fn limits(&self) -> &Limits {
        &self.site.options.limits
    }
}

impl Tenant<'_> {
    /// What the node's configuration says of attempts that run a module of an image, beside what it says of all.
    pub fn module_limits(&self, module: &Module, image: &str) -> LimitSet {
        of_component(&self.site, self.id(), module, image)
    }

    /// Limits of the tenant's attempts, of a job's, or of one attempt, then those of the node; `whole` tells what all
    /// tenants use of those.
    pub fn limits_of(&self, of: &LimitsOf, whole: bool) -> Result<Vec<LimitView>, NodeError> {
        let (sources, uses) = self.asked(of)?;
        // What was in force for an attempt stays, whatever is configured by now.
        let last = uses.last().filter(|_| of.component.is_some()).map(|last| last.limits.clone());
        let effective = last.unwrap_or_else(|| sources.effective());
        let mut views: Vec<LimitView> =
            Limits::ALL.iter().map(|info| view(info, &sources, &effective, &uses)).collect();
        views.extend(self.site.node_limits(whole));
        Ok(views)
    }

    /// Everything that is said of the limits, and the attempts that have to do with them.
    fn asked(&self, of: &LimitsOf) -> Result<(Sources, Vec<AttemptUse>), NodeError> {
        let Some(job) = &of.job else {
            if of.component.is_some() || of.role.is_some() || of.party.is_some() || of.version.is_some() {
                let text = "component, role, party_id and version go with a job: pass job_id, too";
                return Err(NodeError::Invalid(text.into()));
            }
            return Ok((of_tenant(&self.site, self.id()).map_err(store)?, self.running_attempts()));
        };
        let job = self.own_job(job)?;
        let plan = self.site.plan(&job).map_err(NodeError::Internal)?;
        let sources = match &of.component {
            None => of_job(&self.site, self.id(), &plan).map_err(store)?,
            Some(name) => {
                let missing = || NodeError::NotFound(format!("job {job} has no component {name}"));
                let component = plan.component(name).ok_or_else(missing)?;
                if !component.parties.iter().any(|party| of.is_at(party)) {
                    let text = format!("component {name} of job {job} does not run at that role and party_id");
                    return Err(NodeError::NotFound(text));
                }
                let task = TaskId { job: job.clone(), component: name.clone() };
                let image = self.site.image(&task).map_err(NodeError::Internal)?;
                of_attempt(&self.site, self.id(), &plan, &component.module, &image).map_err(store)?
            }
        };
        let mut uses = self.job_usage(job.as_str())?;
        uses.retain(|used| fits(of, used));
        Ok((sources, uses))
    }
}

impl LimitsOf {
    /// True for a party that is asked for.
    fn is_at(&self, party: &Party) -> bool {
        self.role.as_ref().is_none_or(|role| role == party.role.as_str())
            && self.party.as_ref().is_none_or(|id| *id == party.id.to_string())
    }
}

fn fits(of: &LimitsOf, used: &AttemptUse) -> bool {
    let id = &used.attempt;
    of.component.as_ref().is_none_or(|component| *component == id.task.component)
        && of.is_at(&id.party)
        && of.version.is_none_or(|version| version == id.version)
}

fn view(info: &LimitInfo, sources: &Sources, effective: &Effective, uses: &[AttemptUse]) -> LimitView {
    LimitView {
        info: *info,
        configured: sources.of(info.name),
        effective: effective.limits.get(info.name).unwrap_or(0),
        used: uses.iter().filter_map(|used| used.usage.of_limit(info.name)).max(),
        source: effective.decided(info.name),
    }
}

impl Site {
    /// Limits of the node as a whole.
    fn node_limits(&self, whole: bool) -> impl Iterator<Item = LimitView> {
        let (limits, usual) = (&self.options.node_limits, NodeLimits::default());
        NodeLimits::ALL.iter().map(move |info| {
            let number = limits.get(info.name).unwrap_or(0);
            LimitView {
                info: *info,
                configured: BTreeMap::from([("node", number)]),
                effective: number,
                used: match info.name {
                    "memory_pool_bytes" if whole => Some(self.executor.load().memory_bytes),
                    "attempts" if whole => Some(self.running.count()),
                    _ => None,
                },
                source: if usual.get(info.name) == Some(number) { Source::Default } else { Source::Node },
            }
        })
    }
}
