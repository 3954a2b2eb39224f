//! Models: the list of all, and what there is to know of each. Not for: what a module's model means (`outputs`).

use parcae_domain::party::Party;

use crate::parts::encoded;

pub mod list;
pub mod one;

/// Page of the model of a party.
pub fn model_url(id: &str, version: &str, party: Party) -> String {
    format!("/model?{}", query(id, version, party))
}

/// What names the model of a party in a query.
fn query(id: &str, version: &str, party: Party) -> String {
    let (id, version) = (encoded(id), encoded(version));
    format!("id={id}&version={version}&role={}&party={}", party.role, party.id)
}
