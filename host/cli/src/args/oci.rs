//! What can be typed about components in OCI registries: `parcae component pull` and `publish`. Not for: the other
//! commands (`args`), what a reference may look like (`component::oci`).

use std::path::PathBuf;

use clap::Args as Group;

// `parcae component pull`.
#[derive(Debug, Group)]
pub(crate) struct Pull {
    /// What to fetch: ghcr.io/lab/score:0.1.0; the tag is `latest` when absent; a digest, @sha256:..., pins it.
    #[arg(value_name = "REGISTRY/NAME[:TAG][@sha256:DIGEST]")]
    pub(crate) reference: String,
    /// File to write; the last part of the name with .wasm, in this folder, when absent.
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

// `parcae component publish`.
#[derive(Debug, Group)]
pub(crate) struct Publish {
    /// The component, a .wasm file.
    pub(crate) wasm: PathBuf,
    /// Where to put it: ghcr.io/lab/score:0.1.0.
    #[arg(value_name = "REGISTRY/NAME:TAG")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) registry: RegistryOptions,
}

// How to speak to a registry, and as whom.
#[derive(Debug, Default, Group)]
pub(crate) struct RegistryOptions {
    /// Speak http rather than https (or =false: https); when absent, http is spoken on this machine only.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) plain_http: Option<bool>,
    /// Log in under this name; when absent, as `docker login` has left it in its config.json, else as nobody.
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    pub(crate) username: Option<String>,
    /// Read the password, or a token, from the standard input.
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::args::{Args, Command, Component};

    #[test]
    fn registries_are_spoken_to_as_it_is_typed() {
        let parse = |line: &str| Args::try_parse_from(format!("parcae component {line}").split_whitespace());
        let plain = |line: &str| match parse(line).unwrap().command {
            Command::Component(Component::Pull(pull)) => pull.registry.plain_http,
            other => panic!("{other:?}"),
        };
        assert_eq!(plain("pull a.b/c:1 -o c.wasm"), None);
        assert_eq!(plain("pull --plain-http a.b/c:1"), Some(true));
        assert_eq!(plain("pull a.b/c:1 --plain-http=false"), Some(false));
        assert!(parse("publish c.wasm a.b/c:1 --username lab --password-stdin").is_ok());
        assert!(parse("publish c.wasm a.b/c:1 --username lab").is_err());
        assert!(parse("publish c.wasm a.b/c:1 --password-stdin").is_err());
        assert!(parse("publish c.wasm").is_err());
    }
}
