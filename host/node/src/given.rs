//! What modules were given beyond the contract. The configuration gives by module, to what came with it; to a pushed
//! image the operator gives by its digest, so that nothing that is pushed has what another was trusted with. Not for: what
//! modules ask for (their descriptions).

use parcae_domain::{
    descriptor::Module,
    grant::{self, Grant},
    port::Offer,
    tenant::TenantId,
};
use parcae_dsl::{ComponentPlan, JobPlan};
use parcae_metadata::StoreError;

use crate::queries::store;
use crate::site::Site;
use crate::tenant::Tenant;
use crate::view::NodeError;

impl Site {
    /// The image that takes the place of one that is gone.
    pub(crate) fn substitute(&self, module: &str) -> Option<Offer> {
        self.catalog.module(&TenantId::default_tenant(), module, None).filter(|offer| offer.origin.is_operators())
    }

    /// What a module of an image was given.
    pub(crate) fn given(&self, tenant: &TenantId, image: &str, module: &Module) -> Result<Vec<Grant>, StoreError> {
        if module.grants.is_empty() {
            return Ok(Vec::new());
        }
        // One that is gone has nothing: the configuration gives to what came with the node.
        if self.catalog.origin(tenant, image).is_some_and(|origin| origin.is_operators()) {
            return Ok(self.options.grants.get(&module.name).cloned().unwrap_or_default());
        }
        let mut given = self.store.image_grants(tenant.as_str(), image)?;
        Ok(given.remove(&module.name).unwrap_or_default())
    }

    /// What a module of an image asks for and was given.
    pub(crate) fn in_force(&self, tenant: &TenantId, image: &str, module: &Module) -> Vec<Grant> {
        let given = self.given(tenant, image, module).unwrap_or_default();
        grant::decide(&module.grants, &given).granted
    }

    /// How the operator gives a module of an image all that it asks for.
    pub(crate) fn cure(&self, tenant: &TenantId, image: &str, module: &Module) -> String {
        if self.catalog.origin(tenant, image).is_none_or(|origin| origin.is_operators()) {
            return "this node does not give them: its operator can, under [grants] of its configuration".into();
        }
        cure(image, module)
    }
}

/// How the operator gives a module of a pushed image all that it asks for.
pub(crate) fn cure(image: &str, module: &Module) -> String {
    let call = serde_json::json!({"module": module.name, "grants": module.grants});
    let names: Vec<&str> = module.grants.iter().map(|grant| grant.as_str()).collect();
    format!(
        "this image was not granted them: its operator can, with POST /v1/components/{image}/grants {call}, or `parcae \
         component grant {image} {}={}`",
        module.name,
        names.join(",")
    )
}

impl Tenant<'_> {
    /// Grants that were not given are known before anything starts: why a job is refused.
    pub(crate) fn refusal(&self, plan: &JobPlan) -> Result<Option<String>, NodeError> {
        let mut lacking: Vec<String> = Vec::new();
        let mut cures: Vec<String> = Vec::new();
        for component in &plan.components {
            let ComponentPlan { name, module, image, .. } = component;
            let given = self.site.given(self.id(), image, module).map_err(store)?;
            let missing = grant::decide(&module.grants, &given).missing;
            if missing.is_empty() {
                continue;
            }
            let names: Vec<&str> = missing.iter().map(|grant| grant.as_str()).collect();
            lacking.push(format!("{name}: module {} asks for {}", module.name, names.join(", ")));
            let cure = self.site.cure(self.id(), image, module);
            if !cures.contains(&cure) {
                cures.push(cure);
            }
        }
        Ok((!lacking.is_empty()).then(|| format!("{}; {}", lacking.join("; "), cures.join("; "))))
    }
}
