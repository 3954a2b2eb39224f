//! What can be typed about tenants and their keys: `parcae tenant ...`. Not for: the other commands (`args`).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as Group, Subcommand};
use parcae_domain::tenant::{Scope, TenantId};

/// Milliseconds of the units of a time.
const UNITS: [(char, i64); 4] = [('s', 1_000), ('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];

// `parcae tenant`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Make a tenant.
    Create(OneTenant),
    /// List the tenants of a node.
    List(DataFolder),
    /// Make a key of a tenant, and show it this once.
    Key(NewKey),
    /// List the keys of a tenant, without their secrets.
    Keys(OneTenant),
    /// Revoke a key: it is refused from now on.
    Revoke {
        /// Id of the key.
        key: String,
        #[command(flatten)]
        folder: DataFolder,
    },
    /// Change what a tenant may use of the node; without changes, show it.
    Quota(Settings),
    /// Change limits of a tenant's attempts; without changes, show them.
    Limit(Settings),
    /// Refuse a tenant's keys: what it has stays, and what runs goes on.
    Disable(OneTenant),
    /// Take a tenant's keys again.
    Enable(OneTenant),
}

// Whose tenants they are.
#[derive(Debug, Group)]
pub(crate) struct DataFolder {
    /// Data folder of the node, which may run.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}

// A tenant.
#[derive(Debug, Group)]
pub(crate) struct OneTenant {
    /// Name of the tenant.
    pub(crate) name: TenantId,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
}

// `parcae tenant key`.
#[derive(Debug, Group)]
pub(crate) struct NewKey {
    /// Name of the tenant; `default` is always there.
    pub(crate) name: TenantId,
    /// How far it reaches: read, submit, operate or admin; each includes those before it.
    #[arg(long, default_value = "submit")]
    pub(crate) scope: Scope,
    /// What its owner calls it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) label: String,
    /// How long it holds: a number with s, m, h or d, such as 90d; for good, when absent.
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<Lifetime>,
    /// Make an app key with a secret for FATE's clients, which sign with it, rather than a key that is sent.
    #[arg(long)]
    pub(crate) signing: bool,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
}

// `parcae tenant quota` and `limit`.
#[derive(Debug, Group)]
pub(crate) struct Settings {
    /// Name of the tenant.
    pub(crate) name: TenantId,
    /// Numbers by name; `none` takes one back.
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) changes: Vec<Setting>,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
}

/// How long a key holds, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime(pub(crate) i64);

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Lifetime, String> {
        let wrong = || "expected a whole number above 0 with s, m, h or d, such as 90d".to_owned();
        let unit = text.chars().last().ok_or_else(wrong)?;
        let (_, ms) = UNITS.into_iter().find(|(letter, _)| *letter == unit).ok_or_else(wrong)?;
        let number = text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok());
        let number = number.filter(|number| *number > 0).ok_or_else(wrong)?;
        Ok(Lifetime(i64::from(number) * ms))
    }
}

/// A number by name, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: String,
    /// The number; `none` takes it back.
    pub(crate) number: Option<u64>,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "{}={number}", self.name),
            None => write!(f, "{}=none", self.name),
        }
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Setting, String> {
        let wrong = || "expected NAME=NUMBER, or NAME=none, such as memory_bytes=1000000000".to_owned();
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let number = if value == "none" { None } else { Some(value.parse().map_err(|_| wrong())?) };
        Ok(Setting { name: name.trim().to_owned(), number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_settings_are_read() {
        let time = |text: &str| text.parse::<Lifetime>().map(|time| time.0);
        assert_eq!((time("90d"), time("30s")), (Ok(7_776_000_000), Ok(30_000)));
        for wrong in ["", "d", "90", "0d", "-1d", "1w", "1.5h", "99999999999d"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
        let read = |text: &str| text.parse::<Setting>().map(|setting| (setting.name, setting.number));
        assert_eq!(read("images=5"), Ok(("images".into(), Some(5))));
        assert_eq!(read("images=none"), Ok(("images".into(), None)));
        assert!(["images=5", "images=none"].iter().all(|text| text.parse::<Setting>().unwrap().to_string() == *text));
        assert!(read("images").is_err() && read("images=-1").is_err() && read("images=").is_err());
    }
}
