//! Public keys of other sites. Not for: what makes a text a key (the node).

use parcae_api::{
    loose::LooseId,
    retcode,
    site::{KeyRequest, SaveKeyRequest},
};
use parcae_domain::party::PartyId;

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// Keeps the public key of a site.
pub(crate) async fn save(app: App, Asked(request): Asked<SaveKeyRequest>) -> Handled {
    let party = party(&request.party_id)?;
    let replaced = app.ask(move |node| Ok(node.save_key(party, &request.key)?)).await?;
    Answer::data(if replaced { "update success" } else { "save success" })
}

/// The key of a site; none is nothing.
pub(crate) async fn query(app: App, Asked(request): Asked<KeyRequest>) -> Handled {
    let party = party(&request.party_id)?;
    let key = app.ask(move |node| Ok(node.site_key(party, request.key_name.as_deref())?)).await?;
    Answer::data(key)
}

/// Removes the public key of a site, if there is one.
pub(crate) async fn delete(app: App, Asked(request): Asked<KeyRequest>) -> Handled {
    let party = party(&request.party_id)?;
    app.ask(move |node| Ok(node.delete_key(party)?)).await?;
    Ok(Answer::empty())
}

fn party(id: &LooseId) -> Result<PartyId, Refusal> {
    let text = || format!("argument party_id: {:?} is not a whole number", id.as_str());
    id.party().ok_or_else(|| Refusal::code(retcode::ARGUMENT_ERROR, &text()))
}
