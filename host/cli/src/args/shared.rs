//! What can be typed about components of a node: `parcae component push`, `list`, `grant`, `remove`, and about signatures:
//! `keygen`, `sign`. Not for: the other commands (`args`).

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args as Group;

use super::RegistryOptions;

/// What a module is granted: `Module=grant,grant`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModuleGrant {
    /// The module.
    pub(crate) module: String,
    /// All that it is given.
    pub(crate) grants: Vec<String>,
}

impl FromStr for ModuleGrant {
    type Err = String;

    fn from_str(text: &str) -> Result<ModuleGrant, String> {
        let Some((module, grants)) = text.split_once('=').filter(|(module, _)| !module.trim().is_empty()) else {
            return Err("expected MODULE=GRANT,GRANT, such as Score=clock,open-table".into());
        };
        let grants = grants.split(',').map(str::trim).filter(|grant| !grant.is_empty()).map(str::to_owned);
        Ok(ModuleGrant { module: module.trim().to_owned(), grants: grants.collect() })
    }
}

// `parcae component push`.
#[derive(Debug, Group)]
pub(crate) struct Push {
    /// The component: a .wasm file, or where it lies in an OCI registry, with a tag or a digest.
    #[arg(value_name = "WASM|REGISTRY/NAME:TAG")]
    pub(crate) wasm: PathBuf,
    /// Give a module what it asks for beyond the contract; may be repeated.
    #[arg(long = "grant", value_name = "MODULE=GRANT,...")]
    pub(crate) grants: Vec<ModuleGrant>,
    /// Its signature; the file beside it whose name has .sig added, when absent and there.
    #[arg(long, value_name = "FILE")]
    pub(crate) signature: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

// `parcae component grant`.
#[derive(Debug, Group)]
pub(crate) struct Give {
    /// The component: a digest, or NAME:VERSION.
    pub(crate) component: String,
    /// All that a module is given; nothing after the = takes everything back.
    #[arg(value_name = "MODULE=GRANT,...", required = true)]
    pub(crate) grants: Vec<ModuleGrant>,
}

// `parcae component keygen`.
#[derive(Debug, Group)]
pub(crate) struct Keygen {
    /// File for the secret key; it must not be there yet.
    #[arg(short = 'o', long = "output", value_name = "FILE", default_value = "parcae.key")]
    pub(crate) file: PathBuf,
}

// `parcae component sign`.
#[derive(Debug, Group)]
pub(crate) struct Sign {
    /// The component, a .wasm file; the signature is written beside it, with .sig added to the name.
    pub(crate) wasm: PathBuf,
    /// File with the secret key.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_read() {
        let read = |text: &str| text.parse::<ModuleGrant>();
        let want = ModuleGrant { module: "Score".into(), grants: vec!["clock".into(), "open-table".into()] };
        assert_eq!(read("Score=clock, open-table"), Ok(want));
        assert_eq!(read("Score=").unwrap().grants, Vec::<String>::new());
        assert!(read("Score").is_err() && read("=clock").is_err());
    }
}
