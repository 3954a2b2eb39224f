//! Which images may be pushed to a node, and which of them parties take: rules of its configuration about signatures and
//! digests. Not for: asking the parties of a job (`acceptance`), what an image may do (`given`), whether it can run
//! (`runtime`).

use std::collections::BTreeMap;

use parcae_domain::{party::PartyId, tenant::TenantId};
use serde::Serialize;

use crate::signing::{DetachedSignature, PublicKey};

/// Where the policy stands in the configuration.
const PLACE: &str = "components_policy";

/// Which images come in, and which of them parties take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ComponentsPolicy {
    /// What holds for tenants that are not named.
    #[serde(flatten)]
    pub own: TenantPolicy,
    /// What holds for some tenants.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<TenantId, TenantPolicy>,
}

/// What holds for a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TenantPolicy {
    /// Which images may be pushed.
    #[serde(flatten)]
    pub push: Rules,
    /// Which of these parties take, by the id of the party; one that is not named takes all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parties: BTreeMap<PartyId, Rules>,
}

/// Rules about images: one that any of them lets in comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    /// Images without a signature do.
    pub unsigned: bool,
    /// Images with these digests do, signed or not.
    pub digests: Vec<String>,
    /// Images that one of these keys has signed do: public keys, base64, by name.
    pub keys: BTreeMap<String, String>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { unsigned: true, digests: Vec::new(), keys: BTreeMap::new() }
    }
}

impl ComponentsPolicy {
    /// Everything that is wrong with it, for who configures a node.
    pub fn faults(&self) -> Vec<String> {
        let of_tenants = self.tenants.iter().map(|(tenant, policy)| (of_tenant(tenant), policy));
        let mut faults = Vec::new();
        for (place, policy) in std::iter::once((PLACE.to_owned(), &self.own)).chain(of_tenants) {
            faults.extend(policy.push.faults(&place));
            faults.extend(policy.parties.iter().flat_map(|(party, rules)| rules.faults(&of_party(&place, *party))));
        }
        faults
    }

    /// Whether an image may come in for a tenant, and the name of the key that signed it; the rule that keeps it out,
    /// otherwise.
    pub(crate) fn admit(
        &self,
        tenant: &TenantId,
        digest: &str,
        signature: Option<&DetachedSignature>,
    ) -> Result<Option<String>, String> {
        let (place, rules) = match self.tenants.get(tenant) {
            Some(policy) => (of_tenant(tenant), &policy.push),
            None => (PLACE.to_owned(), &self.own.push),
        };
        let admitted = rules.admit(&place, digest, signature);
        // A key that a party trusts says who signed, and lets in nobody who could not come without a signature.
        match signature.and_then(|signature| self.party_signer(tenant, digest, signature)) {
            Some(name) if rules.unsigned || admitted == Ok(None) => Ok(Some(name)),
            _ => admitted,
        }
    }

    /// Parties with rules in the jobs of a tenant: the tenant's own, and the node's.
    fn parties(&self, tenant: &TenantId) -> impl Iterator<Item = (&PartyId, &Rules)> {
        let of_tenant = self.tenants.get(tenant).map(|policy| &policy.parties);
        of_tenant.into_iter().chain([&self.own.parties]).flatten()
    }

    /// Name of the key that made a signature, among those that parties trust in the jobs of a tenant.
    fn party_signer(&self, tenant: &TenantId, digest: &str, signature: &DetachedSignature) -> Option<String> {
        self.parties(tenant).find_map(|(party, rules)| rules.signer(&of_party(PLACE, *party), digest, signature).ok())
    }

    /// Parties that do not take an image in the jobs of a tenant, and the rule of each.
    pub(crate) fn refusals(
        &self,
        tenant: &TenantId,
        digest: &str,
        signature: Option<&DetachedSignature>,
    ) -> BTreeMap<PartyId, String> {
        let refusal = |party: PartyId| Some((party, self.party(tenant, party)?.refusal(digest, signature)?));
        self.parties(tenant).filter_map(|(party, _)| refusal(*party)).collect()
    }

    /// The rules that a party has in the jobs of a tenant: the tenant's for it, else the node's.
    pub(crate) fn party(&self, tenant: &TenantId, party: PartyId) -> Option<PartyRules<'_>> {
        if let Some(rules) = self.tenants.get(tenant).and_then(|policy| policy.parties.get(&party)) {
            return Some(PartyRules { place: of_party(&of_tenant(tenant), party), rules });
        }
        let rules = self.own.parties.get(&party)?;
        Some(PartyRules { place: of_party(PLACE, party), rules })
    }
}

/// The rules of a party.
pub(crate) struct PartyRules<'a> {
    place: String,
    rules: &'a Rules,
}

impl PartyRules<'_> {
    /// The rule that keeps an image out, if one does.
    pub(crate) fn refusal(&self, digest: &str, signature: Option<&DetachedSignature>) -> Option<String> {
        self.rules.admit(&self.place, digest, signature).err()
    }
}

fn of_tenant(tenant: &TenantId) -> String {
    format!("{PLACE}.tenants.{tenant}")
}

fn of_party(place: &str, party: PartyId) -> String {
    format!("{place}.parties.{party}")
}

impl Rules {
    fn faults(&self, place: &str) -> Vec<String> {
        let keys = self.keys.iter().filter_map(|(name, key)| {
            let why = PublicKey::parse(key).err()?;
            Some(format!("{place}.keys.{name} = {key:?}: {why}"))
        });
        let whole = |digest: &str| digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        let digests = self.digests.iter().filter(|digest| !whole(plain(digest)));
        let digests = digests.map(|digest| {
            format!("{place}.digests: {digest:?} is no digest: expected 64 hex digits, with or without sha256:")
        });
        keys.chain(digests).collect()
    }

    /// Whether an image comes in, and the name of the key that signed it.
    fn admit(
        &self,
        place: &str,
        digest: &str,
        signature: Option<&DetachedSignature>,
    ) -> Result<Option<String>, String> {
        let listed = self.digests.iter().any(|other| plain(other).eq_ignore_ascii_case(digest));
        match signature.map(|signature| self.signer(place, digest, signature)) {
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(why)) if !listed => Err(why),
            _ if listed || self.unsigned => Ok(None),
            _ => Err(format!("{place}, rule unsigned: the image has no signature; {}", self.cure(place, digest))),
        }
    }

    /// Name of the key that made a signature.
    fn signer(&self, place: &str, digest: &str, signature: &DetachedSignature) -> Result<String, String> {
        if signature.digest != digest {
            let other = &signature.digest;
            return Err(format!("the signature is of another image: of {other:?}, and this one is {digest}"));
        }
        let mut keys = self.keys.iter().filter_map(|(name, key)| Some((name, PublicKey::parse(key).ok()?)));
        let Some((name, key)) = keys.find(|(_, key)| key.id() == signature.key) else {
            let id = &signature.key;
            let cure = self.cure(place, digest);
            return Err(format!("{place}, rule keys: key {id} of the signature is not one of them; {cure}"));
        };
        if signature.is_of(&key) {
            Ok(name.clone())
        } else {
            let cure = "sign the image anew";
            Err(format!("the signature is wrong: key {name} did not make it for this image and description; {cure}"))
        }
    }

    fn cure(&self, place: &str, digest: &str) -> String {
        if self.unsigned {
            return "push it without its signature, which is not asked for here".to_owned();
        }
        let listed = format!("the operator can put digest {digest} on {place}.digests of the configuration");
        let names: Vec<&str> = self.keys.keys().map(String::as_str).collect();
        if names.is_empty() {
            return format!("{listed}, or a public key under {place}.keys");
        }
        let keys = names.join(", ");
        format!("sign it with `parcae component sign app.wasm --key FILE` and one of the keys {keys}; or {listed}")
    }
}

fn plain(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use parcae_domain::descriptor::Descriptor;

    use super::*;
    use crate::signing::{SecretKey, digest};

    fn said() -> Descriptor {
        let (name, version, licence) = ("a".to_owned(), "1".to_owned(), String::new());
        Descriptor { name, version, licence, summary: String::new(), modules: vec![] }
    }

    #[test]
    fn any_rule_lets_an_image_in() {
        let (lab, stranger, image) = (SecretKey::draw().unwrap(), SecretKey::draw().unwrap(), digest(b"image"));
        let open = Rules::default();
        let signed = lab.sign(&image, &said());
        assert_eq!(open.admit(PLACE, &image, None), Ok(None));
        assert!(open.admit(PLACE, &image, Some(&signed)).unwrap_err().contains("rule keys"));
        let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
        let strict = Rules { unsigned: false, keys, ..Rules::default() };
        assert_eq!(strict.admit(PLACE, &image, Some(&signed)), Ok(Some("lab".into())));
        let refused = strict.admit(PLACE, &image, None).unwrap_err();
        assert!(refused.contains("rule unsigned") && refused.contains("one of the keys lab"), "{refused}");
        let foreign = strict.admit(PLACE, &image, Some(&stranger.sign(&image, &said()))).unwrap_err();
        assert!(foreign.contains("rule keys") && foreign.contains(&stranger.id()), "{foreign}");
        let other = strict.admit(PLACE, &digest(b"other"), Some(&signed)).unwrap_err();
        assert!(other.contains("of another image"), "{other}");
        let forged = DetachedSignature { description: digest(b"x"), ..signed };
        assert!(strict.admit(PLACE, &image, Some(&forged)).unwrap_err().contains("the signature is wrong"));
        let listed = Rules { digests: vec![format!("sha256:{}", image.to_uppercase())], ..strict };
        assert_eq!(listed.admit(PLACE, &image, None), Ok(None));
        assert!(listed.admit(PLACE, &digest(b"other"), None).is_err());
    }

    #[test]
    fn a_tenant_may_have_rules_of_its_own() {
        let (lab, image) = (SecretKey::draw().unwrap(), digest(b"image"));
        let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
        let strict = Rules { unsigned: false, keys, ..Rules::default() };
        let bank: TenantId = "bank".parse().unwrap();
        let of_bank = |push: Rules| {
            let tenants = BTreeMap::from([(bank.clone(), TenantPolicy { push, parties: BTreeMap::new() })]);
            ComponentsPolicy { tenants, ..ComponentsPolicy::default() }
        };
        let policy = of_bank(strict.clone());
        assert_eq!(policy.admit(&TenantId::default(), &image, None), Ok(None));
        let refused = policy.admit(&bank, &image, None).unwrap_err();
        assert!(refused.contains("components_policy.tenants.bank, rule unsigned"), "{refused}");
        assert_eq!(policy.admit(&bank, &image, Some(&lab.sign(&image, &said()))), Ok(Some("lab".into())));
        let policy = of_bank(Rules { digests: vec!["abc".into()], ..strict });
        assert!(policy.faults()[0].starts_with("components_policy.tenants.bank.digests"), "{:?}", policy.faults());
    }

    #[test]
    fn a_party_takes_what_its_rules_let_in() {
        let (bank, image) = ("bank".parse().unwrap(), digest(b"image"));
        let only = |digests: &[&str]| {
            let digests = digests.iter().map(|digest| (*digest).to_owned()).collect();
            Rules { unsigned: false, digests, ..Rules::default() }
        };
        let mut policy = ComponentsPolicy::default();
        policy.own.parties.insert(10000, only(&[]));
        let refusal = |policy: &ComponentsPolicy, tenant: &TenantId| {
            policy.party(tenant, 10000).and_then(|rules| rules.refusal(&image, None))
        };
        assert!(policy.party(&bank, 9999).is_none());
        let why = refusal(&policy, &bank).unwrap();
        assert!(why.contains("components_policy.parties.10000, rule unsigned") && why.contains(&image), "{why}");
        // A tenant's rules for a party come first; those for others do not touch it.
        policy.tenants.insert(bank.clone(), TenantPolicy::default());
        assert!(refusal(&policy, &bank).is_some());
        policy.tenants.get_mut(&bank).unwrap().parties.insert(10000, only(&[&image]));
        assert_eq!(refusal(&policy, &bank), None);
        assert!(refusal(&policy, &TenantId::default()).is_some());
        policy.own.parties.insert(1, only(&["x"]));
        assert!(policy.faults()[0].starts_with("components_policy.parties.1.digests"), "{:?}", policy.faults());
    }

    #[test]
    fn what_a_party_wants_signed_can_come_in() {
        let (lab, stranger, image) = (SecretKey::draw().unwrap(), SecretKey::draw().unwrap(), digest(b"image"));
        let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
        let mut policy = ComponentsPolicy::default();
        policy.own.parties.insert(10000, Rules { unsigned: false, keys, ..Rules::default() });
        let node = TenantId::default();
        let signed = lab.sign(&image, &said());
        assert_eq!(policy.admit(&node, &image, Some(&signed)), Ok(Some("lab".into())));
        assert_eq!(policy.party(&node, 10000).unwrap().refusal(&image, Some(&signed)), None);
        assert!(policy.admit(&node, &image, Some(&stranger.sign(&image, &said()))).is_err());
        assert!(policy.admit(&node, &digest(b"other"), Some(&signed)).is_err());
        // The node's own rules stand.
        policy.own.push.unsigned = false;
        assert!(policy.admit(&node, &image, Some(&signed)).unwrap_err().contains("rule keys"));
        policy.own.push.digests.push(image.clone());
        assert_eq!(policy.admit(&node, &image, Some(&signed)), Ok(Some("lab".into())));
    }

    #[test]
    fn faults_are_told() {
        let mut policy = ComponentsPolicy::default();
        assert!(policy.faults().is_empty());
        policy.own.push.keys.insert("lab".into(), "hush".into());
        policy.own.push.digests.push("abc".into());
        let faults = policy.faults().join("\n");
        assert!(faults.contains("components_policy.keys.lab") && faults.contains("\"abc\" is no digest"), "{faults}");
    }
}
