//! The deterministic profile: the same job gives the same outputs, byte by byte. Time stands still, and what would be
//! random follows from the content of the job. Not for: how time and randomness are withheld (`runtime`).
//!
//! Two things follow from the content: the seed, which all parties of a task share as they always do, and with a secret
//! of this node the key of draws that no other party may know. Ids of jobs are no content.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use parcae_domain::{attempt::Attempt, draws::DrawKey, outcome::Outcome};
use parcae_dsl::{JobPlan, JobType};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::options::Options;

/// What the log of an attempt says of it.
pub(crate) const WORDS: &str = "deterministic: the clock stands still and randomness follows from the content of the \
                                job, whatever was granted; numbers that are none have one form";
/// Name of the file with the secret of the node.
const SECRET: &str = "draws.key";

/// Makes an attempt deterministic where the node or the job asks for it.
pub(crate) fn settle(attempt: &mut Attempt, plan: &JobPlan, options: &Options) -> Result<(), Outcome> {
    if !options.deterministic && !plan.parameters.deterministic {
        return Ok(());
    }
    let broken = |e: io::Error| Outcome::Node { message: format!("{SECRET}: {e}") };
    let content = content(plan, &attempt.id.task.component).map_err(|e| broken(e.into()))?;
    let [a, b, c, d, e, f, g, h, ..] = content;
    attempt.seed = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    let whose = [attempt.tenant.to_string(), attempt.id.party.to_string()];
    attempt.draws = Some(draws(&secret(&options.data).map_err(broken)?, &content, &whose));
    attempt.deterministic = true;
    Ok(())
}

/// A digest of what a job is asked to do, and of which of its components does it.
fn content(plan: &JobPlan, component: &str) -> Result<[u8; 32], serde_json::Error> {
    // A train job names its model after itself.
    let model = match plan.parameters.job_type {
        JobType::Train => None,
        JobType::Predict => Some((&plan.parameters.model_id, &plan.parameters.model_version)),
    };
    let job = json!({
        "roles": plan.roles, "initiator": plan.initiator, "components": plan.components, "model": model,
        "component": component,
    });
    Ok(Sha256::digest(serde_json::to_vec(&job)?).into())
}

/// A tenant that asks for the same job as another draws apart, as each party does.
fn draws(secret: &[u8; 32], content: &[u8; 32], [tenant, party]: &[String; 2]) -> DrawKey {
    let digest = Sha256::new().chain_update(secret).chain_update(content);
    DrawKey(digest.chain_update(tenant).chain_update("/").chain_update(party).finalize().into())
}

/// The secret of a node, drawn when it is asked for the first time.
fn secret(data: &Path) -> io::Result<[u8; 32]> {
    let file = data.join(SECRET);
    let stands = || -> io::Result<[u8; 32]> {
        let bytes = std::fs::read(&file)?;
        bytes.try_into().map_err(|_| io::Error::other("it does not hold 32 bytes; remove it to have another drawn"))
    };
    match stands() {
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        other => return other,
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|e| io::Error::other(e.to_string()))?;
    // Readable for its owner only, and there whole or not at all.
    let mut new = tempfile::NamedTempFile::new_in(data)?;
    new.write_all(&secret)?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(&file) {
        Ok(_) => Ok(secret),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => stands(),
        Err(e) => Err(e.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_node_stays() {
        let folder = tempfile::tempdir().unwrap();
        let first = secret(folder.path()).unwrap();
        assert_eq!(secret(folder.path()).unwrap(), first);
        let other = tempfile::tempdir().unwrap();
        assert_ne!(secret(other.path()).unwrap(), first);
        std::fs::write(folder.path().join(SECRET), "short").unwrap();
        assert!(secret(folder.path()).unwrap_err().to_string().contains("32 bytes"));
    }

    #[test]
    fn parties_and_tenants_draw_apart() {
        let of = |secret, tenant: &str, party: &str| draws(&[secret; 32], &[7; 32], &[tenant.into(), party.into()]);
        let first = of(1, "bank", "guest_1");
        assert!(first == of(1, "bank", "guest_1") && first != of(1, "lab", "guest_1"));
        assert!(first != of(1, "bank", "host_1") && first != of(2, "bank", "guest_1"));
    }
}
