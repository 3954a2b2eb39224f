//! Which log a request is about, whether who asks has it, and what is beside it. Not for: its lines.

use parcae_board::log::{Find, LogTab, LogView, Outcome};
use parcae_domain::{
    party::{Party, PartyId, Role},
    status::Status,
};
use parcae_logs::{LogDir, LogError, LogFile, LogKey};
use parcae_node::{
    Tenant,
    view::{Filter, JobView},
};

use crate::{
    answer::Refusal,
    pages::{Form, Oops},
};

/// Bytes of a log that are looked at only to say how many lines it has.
const COUNTED: u64 = 32 << 20;

/// Job, role, party and component, as a path has them.
pub(super) type At = (String, String, String, String);

/// What a request asks for, as far as that can be said without the node.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) job: String,
    pub(super) party: Party,
    /// None for the logs of job and party as a whole.
    pub(super) component: Option<String>,
    pub(super) file: LogFile,
    pub(super) find: Find,
}

/// A log that is there for who asks.
pub(super) struct About {
    pub(super) job: JobView,
    pub(super) component: Option<String>,
    pub(super) components: Vec<String>,
    pub(super) file: LogFile,
    pub(super) logs: LogDir,
    pub(super) key: LogKey,
}

impl Asked {
    /// What path and query say.
    pub(super) fn of((job, role, party, component): &At, query: &Form) -> Result<Asked, Oops> {
        let role: Role = role.parse().map_err(|_| Oops::no_page())?;
        let id = party.parse::<PartyId>().ok().filter(|id| id.to_string() == *party).ok_or_else(Oops::no_page)?;
        let component = Some(component.clone()).filter(|component| component != "-");
        let file = match query.get("level") {
            Some(word) => LogFile::of(word).filter(|file| {
                let of_component = LogFile::OF_COMPONENT.contains(file);
                let of_whole = LogFile::OF_JOB.contains(file) || LogFile::OF_PARTY.contains(file);
                if component.is_some() { of_component } else { of_whole }
            }),
            None => Some(if component.is_some() { LogFile::Stat } else { LogFile::Schedule }),
        };
        let file = file.ok_or_else(|| Oops::not_found("there is no log of that level here"))?;
        let find = Find {
            text: query.get("q").unwrap_or_default().to_owned(),
            with_case: query.get("case").is_some(),
            is_regex: query.get("re").is_some(),
        };
        Ok(Asked { job: job.clone(), party: Party::new(role, id), component, file, find })
    }
}

/// Finds the log, if job, party and component are there for this tenant.
pub(super) fn about(node: &Tenant<'_>, asked: &Asked) -> Result<About, Oops> {
    let job = job_at(node, &asked.job, asked.party)?;
    let components = match node.components(&asked.job) {
        Ok(components) => components,
        // A job that was refused has no plan, and logs all the same.
        Err(_) if asked.component.is_none() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if let Some(component) = &asked.component
        && !components.contains(component)
    {
        return Err(Oops::not_found(format!("job {} has no such component", job.job)));
    }
    let logs = node.logs_of(&asked.job).ok_or_else(Oops::no_page)?.clone();
    let key = LogKey::of(&job.job, asked.party, asked.component.as_deref(), asked.file);
    let key = key.map_err(|error| Oops::not_found(error.to_string()))?;
    Ok(About { job, component: asked.component.clone(), components, file: asked.file, logs, key })
}

/// A job as one of its parties sees it.
pub(super) fn job_at(node: &Tenant<'_>, job: &str, party: Party) -> Result<JobView, Oops> {
    let id = node.own_job(job)?;
    let filter = Filter {
        jobs: Some(vec![job.to_owned()]),
        roles: Some(vec![party.role.to_string()]),
        parties: Some(vec![party.id.to_string()]),
        limit: Some(1),
        ..Filter::default()
    };
    let row = node.jobs(&filter)?.into_iter().next();
    row.ok_or_else(|| Oops::not_found(format!("job {id} has no such party")))
}

/// Whether nothing will be written any more.
pub(super) fn has_ended(job: &JobView) -> bool {
    let is_cleaned_up = !job.tag.is_empty();
    job.status.is_end() && is_cleaned_up
}

impl About {
    /// The logs beside this one, and itself, each with its key.
    pub(super) fn files(&self) -> Vec<(LogFile, LogKey)> {
        let files: Vec<LogFile> = match self.component {
            Some(_) => LogFile::OF_COMPONENT.to_vec(),
            None => LogFile::OF_JOB.into_iter().chain(LogFile::OF_PARTY).collect(),
        };
        let key = |file| LogKey::of(&self.job.job, self.job.party, self.component.as_deref(), file).ok();
        files.into_iter().filter_map(|file| Some((file, key(file)?))).collect()
    }

    fn tabs(&self) -> Result<Vec<LogTab>, Oops> {
        let mut tabs = Vec::new();
        for (file, key) in self.files() {
            let outline = self.logs.outline(&key, COUNTED).map_err(failed)?;
            if outline.bytes > 0 || !file.is_rare() || file == self.file {
                let of_job = LogFile::OF_JOB.contains(&file);
                tabs.push(LogTab { word: file.as_str(), of_job, bytes: outline.bytes, lines: outline.lines });
            }
        }
        Ok(tabs)
    }

    /// The page, but for its lines and what was searched for.
    pub(super) fn view(&self) -> Result<LogView, Oops> {
        let parties = |(role, ids): &(Role, Vec<PartyId>)| {
            let role = *role;
            ids.iter().map(move |id| Party::new(role, *id)).collect::<Vec<Party>>()
        };
        Ok(LogView {
            job: self.job.job.to_string(),
            party: self.job.party,
            component: self.component.clone(),
            components: self.components.clone(),
            parties: self.job.roles.iter().flat_map(parties).collect(),
            logs: self.tabs()?,
            level: self.file.as_str(),
            lines: Vec::new(),
            total: 0,
            count: 0,
            focus: None,
            find: Find::default(),
            outcome: Outcome::Quiet,
            is_running: matches!(self.job.status, Status::Waiting | Status::Running),
        })
    }

    /// Address of a line, with what was searched for.
    pub(super) fn line_url(&self, asked: &Asked, line: u64, lines: Option<u64>) -> String {
        let component = self.component.as_deref().unwrap_or("-");
        let path = parcae_board::parts::log_url(self.job.job.as_str(), self.job.party, component);
        let lines = lines.map_or_else(String::new, |lines| format!("&lines={lines}"));
        format!("{path}?level={}{lines}&line={line}{}#L{line}", self.file.as_str(), asked.find.query())
    }

    /// Name of the file for who keeps it.
    pub(super) fn file_name(&self, asked: &Asked) -> String {
        let Party { role, id } = asked.party;
        let (job, word) = (&self.job.job, self.file.as_str());
        match &self.component {
            Some(component) => format!("{job}_{role}_{id}_{component}_{word}.log"),
            None if LogFile::OF_JOB.contains(&self.file) => format!("{job}_{word}.log"),
            None => format!("{job}_{role}_{id}_{word}.log"),
        }
    }
}

/// The operating system refused: why goes to the node's log.
pub(super) fn failed(error: LogError) -> Oops {
    Refusal::internal(&error.to_string()).into()
}
