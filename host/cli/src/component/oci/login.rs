//! Who somebody is at a registry: typed, or left by `docker login`; and what a registry asks for. Not for: fetching
//! tokens (`registry`).

use std::{
    env, fs,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{UsageError, args::RegistryOptions};

/// Longest password or token that is read, bytes.
const LONGEST_PASSWORD: u64 = 64 << 10;
/// Docker's own registry among the logins of Docker.
const HUB: &str = "https://index.docker.io/v1/";

/// A name and a password. They are never shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) username: String,
    password: String,
}

impl Login {
    /// As it stands in a header.
    pub(super) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.username, self.password)))
    }

    /// From `name:password` in base64, as Docker keeps it.
    fn decode(text: &str) -> Option<Login> {
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (username, password) = text.split_once(':')?;
        // Docker pads with zeros.
        let password = password.trim_end_matches('\0');
        let login = Login { username: username.to_owned(), password: password.to_owned() };
        (!login.username.is_empty() && !login.password.is_empty()).then_some(login)
    }
}

/// The login for a registry: the one that was typed, else the one that Docker has.
pub(super) fn find(options: &RegistryOptions, registry: &str) -> anyhow::Result<Option<Login>> {
    if let Some(username) = &options.username {
        return typed(username, &mut std::io::stdin()).map(Some);
    }
    let Some(path) = docker_config() else { return Ok(None) };
    let text = match fs::read(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("Docker's configuration {}", path.display()))?,
    };
    let wrong = |e| UsageError(format!("Docker's configuration {} is no JSON: {e}", path.display()));
    let config: Value = serde_json::from_slice(&text).map_err(wrong)?;
    Ok(of_docker(&config, registry))
}

fn typed(username: &str, input: &mut dyn Read) -> anyhow::Result<Login> {
    let mut password = String::new();
    input.take(LONGEST_PASSWORD).read_to_string(&mut password).context("the password on the standard input")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains(['\r', '\n']) || username.is_empty() || username.contains(':') {
        return Err(UsageError(format!(
            "--username {username:?}: must be a name without `:`, and the standard input must be one line: the password"
        ))
        .into());
    }
    Ok(Login { username: username.to_owned(), password: password.to_owned() })
}

/// Where Docker keeps its logins.
fn docker_config() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|folder| !folder.is_empty());
    let home = || folder("HOME").map(|home| Path::new(&home).join(".docker"));
    Some(folder("DOCKER_CONFIG").map(PathBuf::from).or_else(home)?.join("config.json"))
}

/// The login for a registry in Docker's configuration.
fn of_docker(config: &Value, registry: &str) -> Option<Login> {
    let logins = config.get("auths")?.as_object()?;
    let of = |key: &str| key == HUB || bare(key) == "docker.io";
    let is_hub = of(registry) || bare(registry) == "index.docker.io";
    let is_meant = |key: &str| bare(key) == registry || (is_hub && of(key));
    let entry = logins.iter().find(|(key, _)| is_meant(key))?.1;
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match text("auth") {
        Some(auth) => Login::decode(auth),
        None => Some(Login { username: text("username")?.to_owned(), password: text("password")?.to_owned() }),
    }
}

/// `https://ghcr.io/v2/` is `ghcr.io`.
fn bare(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    key.split('/').next().unwrap_or(key)
}

/// How a registry wants to know who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token from somewhere else.
    Bearer {
        /// Where tokens are.
        realm: String,
        /// Who they are for.
        service: Option<String>,
    },
}

/// Reads the header `WWW-Authenticate`; what is not known is left out.
pub(super) fn challenges(header: &str) -> Vec<Challenge> {
    let known = |(scheme, parameters): (String, Vec<(String, String)>)| {
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        match scheme.as_str() {
            "basic" => Some(Challenge::Basic),
            "bearer" => Some(Challenge::Bearer { realm: get("realm")?, service: get("service") }),
            _ => None,
        }
    };
    schemes(header).into_iter().filter_map(known).collect()
}

/// Schemes with their parameters, names in small letters.
fn schemes(header: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return found;
        }
        let (word, after) = rest.split_at(rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len()));
        rest = match after.strip_prefix('=') {
            None => {
                found.push((word.to_ascii_lowercase(), Vec::new()));
                after
            }
            Some(after) => {
                let (value, after) = value(after);
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word.to_ascii_lowercase(), value));
                }
                after
            }
        };
    }
}

/// A value, in quotes or not, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
        return (value.to_owned(), after);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>| Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        };
        let hub = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"a:b:pull,c\"";
        assert_eq!(challenges(hub), [bearer("https://auth.docker.io/token", Some("registry.docker.io"))]);
        assert_eq!(challenges("Basic realm=\"a \\\"b\\\", c\""), [Challenge::Basic]);
        let both = [bearer("https://a/b", None), Challenge::Basic];
        assert_eq!(challenges("bearer Realm=https://a/b , BASIC realm=x"), both);
        for nonsense in ["", "Negotiate", "=,=", "Bearer", "Bearer realm", "\"", "Bearer service=\"x", "realm=\"x\""] {
            assert!(challenges(nonsense).is_empty(), "{nonsense}");
        }
    }

    #[test]
    fn what_docker_knows_is_found() {
        let auth = |text: &str| json!({"auth": STANDARD.encode(text)});
        let config = json!({"auths": {
            "ghcr.io": auth("lab:pass:word"),
            "https://r.example:5000/v2/": {"username": "u", "password": "p"},
            "https://index.docker.io/v1/": auth("hub:secret\0\0"),
            "helped.example": {}, "odd.example": {"auth": "%"}, "half.example": auth("lab:"),
        }});
        let found = |registry: &str| of_docker(&config, registry).map(|login| (login.username, login.password));
        let pair = |username: &str, password: &str| Some((username.to_owned(), password.to_owned()));
        assert_eq!(found("ghcr.io"), pair("lab", "pass:word"));
        assert_eq!(found("r.example:5000"), pair("u", "p"));
        assert_eq!(found("docker.io"), pair("hub", "secret"));
        for registry in ["helped.example", "odd.example", "half.example", "r.example", "other.example"] {
            assert_eq!(found(registry), None, "{registry}");
        }
        assert_eq!(of_docker(&json!({"credsStore": "desktop"}), "ghcr.io").map(|login| login.username), None);
    }

    #[test]
    fn a_password_is_one_line() {
        let login = |username: &str, mut text: &[u8]| typed(username, &mut text).map(|login| login.basic());
        assert_eq!(login("lab", b"secret\r\n").unwrap(), format!("Basic {}", STANDARD.encode("lab:secret")));
        let bad: [(&str, &[u8]); 5] = [("lab", b""), ("lab", b"a\nb"), ("l:b", b"a"), ("", b"a"), ("lab", b"\xff")];
        for (username, text) in bad {
            assert!(login(username, text).is_err(), "{username} {text:?}");
        }
    }
}
