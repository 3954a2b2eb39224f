//! The node's configuration: one TOML file, then what was typed. Unknown keys are refused, and all faults are told at
//! once, each with its cure. Not for: what the settings do (`wire`, `serve`).

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use parcae_domain::{
    attempt::IsolationPolicy,
    grant::Grant,
    limit::{IMAGE_BYTES, Limits, NodeLimits},
    limit_sources::LimitSet,
    quota::Quotas,
};
use parcae_node::ComponentsPolicy;
use parcae_server::Client;
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

use crate::{
    args::Serve,
    clients,
    faults::{Faults, nearest},
    limit_settings, push_policy, quotas,
    serving::{self, Serving},
};

/// Names of all settings.
const KEYS: [&str; 25] = [
    "data",
    "listen",
    "allow_open",
    "cores",
    "isolation",
    "deterministic",
    "components",
    "public_url",
    "local_uploads",
    "export_folder",
    "memory_pool_bytes",
    "limits",
    "quotas",
    "node_limits",
    "component_limits",
    "grants",
    "providers",
    "components_policy",
    "clients",
    "accounts",
    "metrics_open",
    "connections",
    "connections_per_address",
    "otlp",
    "tls",
];

/// How a node is set up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// Folder of everything that the node keeps.
    pub data: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// May listen on an address that others can reach.
    pub allow_open: bool,
    /// Every request must say whose it is, also while there is no key yet.
    pub accounts: bool,
    /// Cores that jobs may use.
    pub cores: u32,
    /// Which components run in processes of their own: `auto` = all that did not come with the program.
    pub isolation: IsolationPolicy,
    /// Every job gives the same outputs when it runs again, byte by byte.
    pub deterministic: bool,
    /// Folder with components (*.wasm) beside the built-in ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components: Option<PathBuf>,
    /// Where users reach the node, if not where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Folder whose files `data/upload` may read with `use_local_data` 0, and `table/bind`, beside the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_uploads: Option<PathBuf>,
    /// Folder below which `data/download` may put files out, beside `local` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_folder: Option<PathBuf>,
    /// How the API is served and watched.
    #[serde(flatten)]
    pub serving: Serving,
    /// Limits of one attempt.
    pub limits: Limits,
    /// Limits of the node as a whole; `memory_pool_bytes` may stand alone, too.
    pub node_limits: NodeLimits,
    /// Lower limits for attempts of some components: by module, by name or `name:version`, or by digest of the image.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub component_limits: BTreeMap<String, LimitSet>,
    /// What each tenant may use that has no quota of its own.
    pub quotas: Quotas,
    /// What modules may do beyond the contract; those of pushed components are granted by digest, over HTTP.
    pub grants: BTreeMap<String, Vec<Grant>>,
    /// Which component serves a module when a job says nothing of it: its name, `name:version`, or a digest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub providers: BTreeMap<String, String>,
    /// Which components may be pushed.
    pub components_policy: ComponentsPolicy,
    /// Clients that sign, by their app keys; when there are any, every request must say whose it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "clients::hidden")]
    pub clients: BTreeMap<String, Client>,
}

impl Default for Config {
    fn default() -> Config {
        let node = parcae_node::Options::new("data");
        Config {
            data: node.data,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9380),
            allow_open: false,
            accounts: false,
            cores: node.cores,
            isolation: node.isolation,
            deterministic: node.deterministic,
            components: None,
            public_url: None,
            local_uploads: None,
            export_folder: None,
            serving: Serving::default(),
            limits: node.limits,
            quotas: node.quotas,
            node_limits: node.node_limits,
            component_limits: BTreeMap::new(),
            grants: node.grants,
            providers: BTreeMap::new(),
            components_policy: node.policy,
            clients: BTreeMap::new(),
        }
    }
}

impl Config {
    /// What is in force: defaults, then the file, then what was typed. All faults of all of them in one error.
    pub(crate) fn load(typed: &Serve) -> Result<Config, Faults> {
        let (mut config, mut faults) = (Config::default(), Faults::default());
        if let Some(file) = &typed.config {
            config.take_file(file, &mut faults);
        }
        config.take_typed(typed, &mut faults);
        config.check(&mut faults);
        faults.into_result()?;
        Ok(config)
    }

    /// The configuration as a file that says the same.
    pub(crate) fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    fn take_file(&mut self, file: &Path, faults: &mut Faults) {
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(e) => return faults.add(format!("--config {}: {e}", file.display())),
        };
        match toml::from_str::<Table>(&text) {
            Ok(table) => self.take(table, faults),
            Err(e) => faults.add(format!("--config {}: no TOML: {e}", file.display())),
        }
    }

    /// Takes over what a file says.
    fn take(&mut self, table: Table, faults: &mut Faults) {
        for (key, value) in table {
            match key.as_str() {
                "data" => set(&mut self.data, &key, value, "a folder, as text", faults),
                "listen" => match value.as_str() {
                    Some(text) => self.listen_on(text, "listen", faults),
                    None => faults.add(format!("listen = {value}: must be text, such as \"127.0.0.1:9380\"")),
                },
                "allow_open" => set(&mut self.allow_open, &key, value, "true or false", faults),
                "cores" => set(&mut self.cores, &key, value, "a whole number", faults),
                "isolation" => set(&mut self.isolation, &key, value, "\"auto\", \"thread\" or \"process\"", faults),
                "deterministic" => set(&mut self.deterministic, &key, value, "true or false", faults),
                "components" => set(&mut self.components, &key, value, "a folder, as text", faults),
                "public_url" => set(&mut self.public_url, &key, value, "a URL, as text", faults),
                "local_uploads" => set(&mut self.local_uploads, &key, value, "a folder, as text", faults),
                "export_folder" => set(&mut self.export_folder, &key, value, "a folder, as text", faults),
                "memory_pool_bytes" => {
                    set(&mut self.node_limits.memory_pool_bytes, &key, value, "bytes, a whole number", faults);
                }
                "limits" => limit_settings::read(&key, value, &mut self.limits, faults),
                "quotas" => quotas::read(value, &mut self.quotas, faults),
                "node_limits" => limit_settings::read(&key, value, &mut self.node_limits, faults),
                "component_limits" => limit_settings::read_components(value, &mut self.component_limits, faults),
                "grants" => self.take_grants(value, faults),
                "providers" => set(&mut self.providers, &key, value, "a table: MODULE = \"name:version\"", faults),
                "components_policy" => push_policy::read(value, &mut self.components_policy, faults),
                "clients" => clients::read(value, &mut self.clients, faults),
                "accounts" => set(&mut self.accounts, &key, value, "true or false", faults),
                key if serving::KEYS.contains(&key) => self.serving.take(key, value, faults),
                unknown => faults.add(no_such(unknown, "setting", KEYS)),
            }
        }
    }

    fn take_grants(&mut self, value: Value, faults: &mut Faults) {
        let Value::Table(wanted) = value else { return faults.add("grants: must be a table: [grants]") };
        for (module, value) in wanted {
            match value.clone().try_into::<Vec<Grant>>() {
                Ok(grants) => drop(self.grants.insert(module, grants)),
                Err(_) => {
                    let all = Grant::ALL.map(Grant::as_str).join(", ");
                    faults.add(format!("grants.{module} = {value}: must be a list of {all}"));
                }
            }
        }
    }

    fn take_typed(&mut self, typed: &Serve, faults: &mut Faults) {
        if let Some(data) = &typed.data {
            self.data.clone_from(data);
        }
        if let Some(components) = &typed.components {
            self.components = Some(components.clone());
        }
        self.allow_open |= typed.allow_open;
        if let Some(text) = &typed.listen {
            self.listen_on(text, "--listen", faults);
        }
    }

    fn listen_on(&mut self, text: &str, key: &str, faults: &mut Faults) {
        let address = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        match address.parse() {
            Ok(address) => self.listen = address,
            Err(_) => faults.add(format!("{key} {text:?}: must be an address and a port, such as 127.0.0.1:9380")),
        }
    }

    /// True when others can reach the address, and nothing says that they may without saying who they are.
    pub(crate) fn must_ask(&self) -> bool {
        !self.listen.ip().is_loopback() && !self.allow_open
    }

    /// Refuses an address that others can reach while nobody could say who they are; `has_keys` when tenants have keys.
    pub(crate) fn check_who_asks(&self, has_keys: bool) -> Result<(), Faults> {
        let mut faults = Faults::default();
        if self.must_ask() && !has_keys && !self.accounts && self.clients.is_empty() {
            faults.add(format!(
                "listen {}: others can reach this address, and the API asks nobody who they are, so that everybody \
                 who does could run jobs and read results; listen on 127.0.0.1; or make a key with `parcae tenant key \
                 default --scope admin --data {}`; or name clients and their secrets under [clients], whose requests \
                 must then be signed; or, when the network keeps others out, set allow_open = true (--allow-open)",
                self.listen,
                self.data.display()
            ));
        }
        faults.into_result()
    }

    /// What can be seen to be wrong before anything starts.
    pub(crate) fn check(&self, faults: &mut Faults) {
        self.serving.check(faults);
        if self.cores == 0 {
            faults.add("cores = 0: must be at least 1");
        }
        let bytes = self.node_limits.image_bytes;
        if bytes > IMAGE_BYTES as u64 {
            faults.add(format!("node_limits.image_bytes = {bytes}: must be at most {IMAGE_BYTES}"));
        }
        let largest = parcae_catalog::IMAGES.iter().map(|built| built.wasm.len() as u64).max().unwrap_or_default();
        if bytes < largest {
            let why = "the size of the largest built-in component";
            faults.add(format!("node_limits.image_bytes = {bytes}: must be at least {largest}, {why}"));
        }
        if self.data.as_os_str().is_empty() || self.data.is_file() {
            faults
                .add(format!("data {:?}: must be a folder; it is created if need be", self.data.display().to_string()));
        }
        for (key, folder) in [
            ("components", &self.components),
            ("local_uploads", &self.local_uploads),
            ("export_folder", &self.export_folder),
        ] {
            if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
                faults.add(format!("{key} {:?}: no such folder", folder.display().to_string()));
            }
        }
        if let Some(url) =
            self.public_url.as_ref().filter(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            faults.add(format!("public_url {url:?}: must begin with http:// or https://"));
        }
    }
}

pub(crate) fn set<T: DeserializeOwned>(to: &mut T, key: &str, value: Value, want: &str, faults: &mut Faults) {
    match value.clone().try_into() {
        Ok(value) => *to = value,
        Err(_) => faults.add(format!("{key} = {value}: must be {want}")),
    }
}

pub(crate) fn no_such<'a>(name: &str, what: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(last, known.iter().copied()) {
        Some(near) => format!("{name}: no such {what}; did you mean {near}?"),
        None => format!("{name}: no such {what}; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
#[path = "config_tests.rs"]
mod tests;
