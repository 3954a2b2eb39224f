//! Images as a node keeps them: where one comes from, how a job names one, which names a component may have. Not for:
//! what an image says of itself (`descriptor`), its bytes.

use serde::{Deserialize, Serialize};

use crate::{descriptor::Descriptor, id::is_component_name};

/// Fewest hex digits of a digest that name an image.
const SHORTEST_DIGEST: usize = 12;
/// Hex digits of a whole digest.
const DIGEST: usize = 64;
/// Longest version of a component, bytes.
const LONGEST_VERSION: usize = 100;
/// Names that mean something else where a job names a provider.
const RESERVED: [&str; 5] = ["fate", "fate_flow", "fate_sql", "sha256", "builtin"];
/// Providers that FATE has: here they are the node itself.
const FATES: [&str; 3] = ["fate", "fate_flow", "fate_sql"];

/// Where an image comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It is part of the program.
    BuiltIn,
    /// The operator put it into the node's folder of components.
    Folder,
    /// It was pushed while the node ran.
    Pushed,
}

impl Origin {
    /// Its name: `builtin`, `folder`, `pushed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::BuiltIn => "builtin",
            Origin::Folder => "folder",
            Origin::Pushed => "pushed",
        }
    }

    /// True when it came with the program or its configuration: it is trusted as these are.
    pub fn is_operators(self) -> bool {
        self != Origin::Pushed
    }
}

/// An image that a node can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// SHA-256 of its bytes, in hex.
    pub digest: String,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Where it comes from.
    pub origin: Origin,
    /// Its size, bytes.
    pub bytes: u64,
    /// Time that compiling took, ms; next to nothing when the compiled code was there.
    pub compile_ms: u64,
}

/// Which image a job wants for a module: what stands as `provider` in DSL or conf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider<'a> {
    /// The node's own choice: nothing was said, or one of FATE's own providers, of any version.
    Default,
    /// The image whose digest begins so.
    Digest(&'a str),
    /// The image of a component, of one version or of any.
    Named {
        /// Name of the component.
        name: &'a str,
        /// Its version.
        version: Option<&'a str>,
    },
}

impl<'a> Provider<'a> {
    /// Reads what a job says: `name`, `name:version`, `name@version`, `sha256:<digest>`, at least 12 digits of a digest,
    /// or `fate`, `fate_flow` with or without a version.
    pub fn parse(text: &'a str) -> Provider<'a> {
        let text = text.trim();
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        if is_digest(digits) {
            return Provider::Digest(digits);
        }
        let (name, version) = match text.split_once([':', '@']) {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let is_default = text.is_empty() || FATES.contains(&name);
        if is_default { Provider::Default } else { Provider::Named { name, version } }
    }

    /// True when this image is meant; of the default provider the image alone cannot tell.
    pub fn is(&self, digest: &str, descriptor: &Descriptor) -> bool {
        match self {
            Provider::Default => false,
            Provider::Digest(digits) => {
                digest.get(..digits.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(digits))
            }
            Provider::Named { name, version } => {
                descriptor.name == *name && version.is_none_or(|version| descriptor.version == version)
            }
        }
    }
}

/// True for a digest, or enough of its beginning.
fn is_digest(text: &str) -> bool {
    (SHORTEST_DIGEST..=DIGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// True for a name that means something else where a job names a provider.
pub fn is_taken(name: &str) -> bool {
    RESERVED.contains(&name) || is_digest(name)
}

/// Whether a job can name a component by its name and version.
pub fn check_names(said: &Descriptor) -> Result<(), String> {
    let Descriptor { name, version, .. } = said;
    if !is_component_name(name) {
        return Err(format!("component name {name:?}: letters, digits, `_` and `-`, at most 100"));
    }
    if is_taken(name) {
        let why = "means something else where a job names a provider: take another";
        return Err(format!("component name {name:?} {why}"));
    }
    let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-');
    if version.is_empty() || version.len() > LONGEST_VERSION || !version.bytes().all(letters) {
        return Err(format!("version {version:?}: like 0.1.0; letters, digits, `.`, `_`, `+` and `-`, at most 100"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, version: &str) -> Descriptor {
        let (licence, summary) = (String::new(), String::new());
        Descriptor { name: name.into(), version: version.into(), licence, summary, modules: vec![] }
    }

    #[test]
    fn providers_are_read() {
        for text in ["", " ", "fate", "fate_flow", "fate@1.11.2", "fate_flow@1.11.1", "fate:1"] {
            assert_eq!(Provider::parse(text), Provider::Default, "{text}");
        }
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(Provider::parse(&format!("sha256:{digest}")), Provider::Digest(&digest));
        assert_eq!(Provider::parse("0123456789ab"), Provider::Digest("0123456789ab"));
        assert_eq!(Provider::parse("kmeans"), Provider::Named { name: "kmeans", version: None });
        let named = Provider::Named { name: "kmeans", version: Some("0.1.0") };
        assert_eq!([Provider::parse("kmeans:0.1.0"), Provider::parse("kmeans@0.1.0")], [named, named]);
        assert!(named.is(&digest, &said("kmeans", "0.1.0")) && !named.is(&digest, &said("kmeans", "0.2.0")));
        assert!(Provider::parse("0123456789AB").is(&digest, &said("a", "1")));
        // Neither names anything.
        for text in ["sha256:", "sha256:0123", "sha256:xyz", "@0.1.0"] {
            assert!(!Provider::parse(text).is(&digest, &said("kmeans", "0.1.0")), "{text}");
        }
    }

    #[test]
    fn names_can_stand_in_a_job() {
        assert!(check_names(&said("k-means_2", "1.0.0-rc.1+x")).is_ok());
        for name in ["", "a b", "a:b", "fate", "sha256", "0123456789ab", "größe"] {
            assert!(check_names(&said(name, "1")).unwrap_err().contains("component name"), "{name}");
        }
        for version in ["", "1 0", "1/2", "1:2"] {
            assert!(check_names(&said("a", version)).unwrap_err().contains("version"), "{version}");
        }
    }
}
