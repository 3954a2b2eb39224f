//! Which log a reader wants. What comes in is only text; what comes out is a path that stays in the folder. Not for:
//! whether the file exists (`read`), or whether the reader may see it (the server).

use parcae_domain::{
    id::{JobId, is_component_name},
    party::{Party, PartyId, Role},
};

use crate::{file::LogFile, rotate::SERVER_FOLDER};

/// Longest name of a folder or file in a key, bytes.
const MAX_SEGMENT: usize = 120;

/// What `log/size` and `log/cat` ask for, as it came in.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogQuery<'a> {
    /// `jobSchedule`, `jobScheduleError`, `party<Level>` or `component<Level>` with `Debug`, `Info`, `Warning` or `Error`.
    pub log_type: &'a str,
    /// The job.
    pub job_id: Option<&'a str>,
    /// `guest`, `host`, `arbiter` or `local`; for a party's and a component's logs.
    pub role: Option<&'a str>,
    /// Number of the party, in digits; for a party's and a component's logs.
    pub party_id: Option<&'a str>,
    /// Name of the component in the DSL; for its logs.
    pub component: Option<&'a str>,
}

/// Why there is no such log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A type of log that does not exist.
    #[error("unknown log type {0:?}")]
    Type(String),
    /// An argument that this type needs.
    #[error("log type {log_type} needs {argument}")]
    Missing {
        /// The type.
        log_type: String,
        /// Name of the argument.
        argument: &'static str,
    },
    /// An argument that cannot be one.
    #[error("{argument} {value:?} does not exist")]
    Argument {
        /// Name of the argument.
        argument: &'static str,
        /// What came in, cut to 80 characters.
        value: String,
    },
}

/// One log file: a path within the folder of logs, which holds no `..` and no link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogKey {
    path: String,
}

impl LogKey {
    /// The log that a query names.
    pub fn parse(query: &LogQuery<'_>) -> Result<LogKey, KeyError> {
        let log_type = query.log_type;
        let kind = Kind::parse(log_type).ok_or_else(|| KeyError::Type(cut(log_type)))?;
        let need = |argument, value: Option<_>| {
            value.ok_or_else(|| KeyError::Missing { log_type: log_type.to_owned(), argument })
        };
        let job = JobId(need("job_id", query.job_id)?.to_owned());
        let mut path = checked_job(&job)?.to_owned();
        if !matches!(kind, Kind::Job(_)) {
            let (role, party) = (need("role", query.role)?, need("party_id", query.party_id)?);
            let role: Role = role.parse().map_err(|_| bad("role", role))?;
            let party = parse_party(party).ok_or_else(|| bad("party_id", party))?;
            path = format!("{path}/{role}/{party}");
        }
        if matches!(kind, Kind::Component(_)) {
            let component = need("component_name", query.component)?;
            if !is_component_name(component) {
                return Err(bad("component_name", component));
            }
            path = format!("{path}/{component}");
        }
        let (Kind::Job(file) | Kind::Party(file) | Kind::Component(file)) = kind;
        Ok(LogKey { path: format!("{path}/{file}") })
    }

    /// A log of a job, of a party or of a component there, by what is in it.
    pub fn of(job: &JobId, party: Party, component: Option<&str>, file: LogFile) -> Result<LogKey, KeyError> {
        let mut path = checked_job(job)?.to_owned();
        if !LogFile::OF_JOB.contains(&file) {
            path = format!("{path}/{party}");
            if let Some(component) = component {
                if !is_component_name(component) {
                    return Err(bad("component_name", component));
                }
                path = format!("{path}/{component}");
            }
        }
        Ok(LogKey { path: format!("{path}/{}", file.name()) })
    }

    /// Any file of a job's logs, by its path within the job's folder: `guest/9999/hetero_lr_0/stdout.log`.
    pub fn job_file(job: &JobId, relative: &str) -> Result<LogKey, KeyError> {
        let segments = relative.split('/');
        if segments.clone().count() > 4 || !segments.clone().all(is_segment) {
            return Err(bad("file", relative));
        }
        Ok(LogKey { path: format!("{}/{relative}", checked_job(job)?) })
    }

    /// A file of the node's own logs: `fate_flow_stat.log`, `ERROR.log.2026-11-21`.
    pub fn server_file(name: &str) -> Result<LogKey, KeyError> {
        if is_segment(name) { Ok(LogKey { path: format!("{SERVER_FOLDER}/{name}") }) } else { Err(bad("file", name)) }
    }

    /// The path within the folder of logs.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Whose log, and its file.
enum Kind {
    Job(&'static str),
    Party(&'static str),
    Component(&'static str),
}

impl Kind {
    fn parse(log_type: &str) -> Option<Kind> {
        match log_type {
            "jobSchedule" => return Some(Kind::Job("fate_flow_schedule.log")),
            "jobScheduleError" => return Some(Kind::Job("fate_flow_schedule_error.log")),
            _ => {}
        }
        match log_type.strip_prefix("party") {
            Some(level) => level_file(level).map(Kind::Party),
            None => log_type.strip_prefix("component").and_then(level_file).map(Kind::Component),
        }
    }
}

fn level_file(level: &str) -> Option<&'static str> {
    match level {
        "Debug" => Some("DEBUG.log"),
        "Info" => Some("INFO.log"),
        "Warning" => Some("WARNING.log"),
        "Error" => Some("ERROR.log"),
        _ => None,
    }
}

fn checked_job(job: &JobId) -> Result<&str, KeyError> {
    if job.is_valid() { Ok(job.as_str()) } else { Err(bad("job_id", job.as_str())) }
}

/// A number as it stands in a path: digits only, no sign, no zero before it.
fn parse_party(text: &str) -> Option<PartyId> {
    text.parse::<PartyId>().ok().filter(|party| party.to_string() == text)
}

/// True for a name of a folder or file that logs may have: no separator, not hidden, not `..`.
fn is_segment(name: &str) -> bool {
    (1..=MAX_SEGMENT).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn bad(argument: &'static str, value: &str) -> KeyError {
    KeyError::Argument { argument, value: cut(value) }
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}
