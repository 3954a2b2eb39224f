//! Which images may be pushed to a node: rules of its configuration about signatures and digests. Not for: what an
//! image may do (`given`), whether it can run (`runtime`).

use std::collections::BTreeMap;

use parcae_domain::tenant::TenantId;
use serde::Serialize;

use crate::signing::{DetachedSignature, PublicKey};

/// Which images may be pushed. One that any of the rules lets in may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComponentsPolicy {
    /// Images without a signature may.
    pub unsigned: bool,
    /// Images with these digests may, signed or not.
    pub digests: Vec<String>,
    /// Images that one of these keys has signed may: public keys, base64, by name.
    pub keys: BTreeMap<String, String>,
    /// What holds for some tenants in the place of all that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tenants: BTreeMap<TenantId, ComponentsPolicy>,
}

impl Default for ComponentsPolicy {
    fn default() -> ComponentsPolicy {
        ComponentsPolicy { unsigned: true, digests: Vec::new(), keys: BTreeMap::new(), tenants: BTreeMap::new() }
    }
}

impl ComponentsPolicy {
    /// Everything that is wrong with it, for who configures a node.
    pub fn faults(&self) -> Vec<String> {
        let of_tenants = self.tenants.iter().flat_map(|(tenant, policy)| {
            let place = format!("components_policy.tenants.{tenant}");
            policy.own_faults().into_iter().map(move |fault| fault.replace("components_policy", &place))
        });
        self.own_faults().into_iter().chain(of_tenants).collect()
    }

    fn own_faults(&self) -> Vec<String> {
        let keys = self.keys.iter().filter_map(|(name, key)| {
            let why = PublicKey::parse(key).err()?;
            Some(format!("components_policy.keys.{name} = {key:?}: {why}"))
        });
        let whole = |digest: &str| digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        let digests = self.digests.iter().filter(|digest| !whole(plain(digest)));
        let digests = digests.map(|digest| {
            let want = "expected 64 hex digits, with or without sha256:";
            format!("components_policy.digests: {digest:?} is no digest: {want}")
        });
        keys.chain(digests).collect()
    }

    /// Whether an image may come in for a tenant, and the name of the key that signed it; the rule that keeps it out,
    /// otherwise.
    pub(crate) fn admit_for(
        &self,
        tenant: &TenantId,
        digest: &str,
        signature: Option<&DetachedSignature>,
    ) -> Result<Option<String>, String> {
        let Some(own) = self.tenants.get(tenant) else { return self.admit(digest, signature) };
        let place = format!("components_policy.tenants.{tenant}");
        own.admit(digest, signature).map_err(|why| why.replace("components_policy", &place))
    }

    fn admit(&self, digest: &str, signature: Option<&DetachedSignature>) -> Result<Option<String>, String> {
        let listed = self.digests.iter().any(|other| plain(other).eq_ignore_ascii_case(digest));
        match signature.map(|signature| self.signer(digest, signature)) {
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(why)) if !listed => Err(why),
            _ if listed || self.unsigned => Ok(None),
            _ => Err(format!("components_policy, rule unsigned: the image has no signature; {}", self.cure(digest))),
        }
    }

    /// Name of the key that made a signature.
    fn signer(&self, digest: &str, signature: &DetachedSignature) -> Result<String, String> {
        if signature.digest != digest {
            let other = &signature.digest;
            return Err(format!("the signature is of another image: of {other:?}, and this one is {digest}"));
        }
        let mut keys = self.keys.iter().filter_map(|(name, key)| Some((name, PublicKey::parse(key).ok()?)));
        let Some((name, key)) = keys.find(|(_, key)| key.id() == signature.key) else {
            let id = &signature.key;
            let cure = self.cure(digest);
            return Err(format!("components_policy, rule keys: key {id} of the signature is not one of them; {cure}"));
        };
        if signature.is_of(&key) {
            Ok(name.clone())
        } else {
            let cure = "sign the image anew";
            Err(format!("the signature is wrong: key {name} did not make it for this image and description; {cure}"))
        }
    }

    fn cure(&self, digest: &str) -> String {
        let listed = format!("the operator can put digest {digest} on components_policy.digests of the configuration");
        let names: Vec<&str> = self.keys.keys().map(String::as_str).collect();
        if names.is_empty() {
            return format!("{listed}, or a public key under components_policy.keys");
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
        let open = ComponentsPolicy::default();
        let signed = lab.sign(&image, &said());
        assert_eq!(open.admit(&image, None), Ok(None));
        assert!(open.admit(&image, Some(&signed)).unwrap_err().contains("rule keys"));
        let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
        let strict = ComponentsPolicy { unsigned: false, keys, ..ComponentsPolicy::default() };
        assert_eq!(strict.admit(&image, Some(&signed)), Ok(Some("lab".into())));
        let refused = strict.admit(&image, None).unwrap_err();
        assert!(refused.contains("rule unsigned") && refused.contains("one of the keys lab"), "{refused}");
        let foreign = strict.admit(&image, Some(&stranger.sign(&image, &said()))).unwrap_err();
        assert!(foreign.contains("rule keys") && foreign.contains(&stranger.id()), "{foreign}");
        let other = strict.admit(&digest(b"other"), Some(&signed)).unwrap_err();
        assert!(other.contains("of another image"), "{other}");
        let forged = DetachedSignature { description: digest(b"x"), ..signed };
        assert!(strict.admit(&image, Some(&forged)).unwrap_err().contains("the signature is wrong"));
        let listed = ComponentsPolicy { digests: vec![format!("sha256:{}", image.to_uppercase())], ..strict };
        assert_eq!(listed.admit(&image, None), Ok(None));
        assert!(listed.admit(&digest(b"other"), None).is_err());
    }

    #[test]
    fn a_tenant_may_have_rules_of_its_own() {
        let (lab, image) = (SecretKey::draw().unwrap(), digest(b"image"));
        let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
        let strict = ComponentsPolicy { unsigned: false, keys, ..ComponentsPolicy::default() };
        let bank: TenantId = "bank".parse().unwrap();
        let tenants = BTreeMap::from([(bank.clone(), strict.clone())]);
        let policy = ComponentsPolicy { tenants, ..ComponentsPolicy::default() };
        assert_eq!(policy.admit_for(&TenantId::default(), &image, None), Ok(None));
        let refused = policy.admit_for(&bank, &image, None).unwrap_err();
        assert!(refused.contains("components_policy.tenants.bank, rule unsigned"), "{refused}");
        assert_eq!(policy.admit_for(&bank, &image, Some(&lab.sign(&image, &said()))), Ok(Some("lab".into())));
        let broken = ComponentsPolicy { digests: vec!["abc".into()], ..strict };
        let policy = ComponentsPolicy { tenants: BTreeMap::from([(bank, broken)]), ..ComponentsPolicy::default() };
        assert!(policy.faults()[0].starts_with("components_policy.tenants.bank.digests"), "{:?}", policy.faults());
    }

    #[test]
    fn faults_are_told() {
        let keys = BTreeMap::from([("lab".to_owned(), "hush".to_owned())]);
        let policy =
            ComponentsPolicy { unsigned: false, digests: vec!["abc".into()], keys, ..ComponentsPolicy::default() };
        let faults = policy.faults().join("\n");
        assert!(faults.contains("components_policy.keys.lab") && faults.contains("\"abc\" is no digest"), "{faults}");
        assert!(ComponentsPolicy::default().faults().is_empty());
    }
}
