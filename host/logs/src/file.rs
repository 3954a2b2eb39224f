//! The logs that a job, a party and a component have, by what is in them; their words in addresses, and their files. Not
//! for: where they are (`key`).

/// A log by what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogFile {
    /// What the scheduler did.
    Schedule,
    /// The errors of it.
    ScheduleError,
    /// What was found to be amiss.
    Detect,
    /// Who asked for what.
    Audit,
    /// Which SQL ran.
    Sql,
    /// What a component said, all levels.
    Stat,
    /// What a component or a party's components said, for their authors.
    Debug,
    /// The same, for whoever follows.
    Info,
    /// The same, worth a look.
    Warning,
    /// The same, errors.
    Error,
    /// What a component wrote to its standard output.
    Stdout,
    /// What a component wrote to its standard error.
    Stderr,
}

impl LogFile {
    /// The logs of a job.
    pub const OF_JOB: [LogFile; 5] =
        [LogFile::Schedule, LogFile::ScheduleError, LogFile::Detect, LogFile::Audit, LogFile::Sql];
    /// The logs of a party: of all its components together.
    pub const OF_PARTY: [LogFile; 4] = [LogFile::Error, LogFile::Warning, LogFile::Info, LogFile::Debug];
    /// The logs of a component at a party.
    pub const OF_COMPONENT: [LogFile; 7] = [
        LogFile::Stat,
        LogFile::Error,
        LogFile::Warning,
        LogFile::Info,
        LogFile::Debug,
        LogFile::Stdout,
        LogFile::Stderr,
    ];

    /// Its word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            LogFile::Schedule => "schedule",
            LogFile::ScheduleError => "schedule_error",
            LogFile::Detect => "detect",
            LogFile::Audit => "audit",
            LogFile::Sql => "sql",
            LogFile::Stat => "stat",
            LogFile::Debug => "debug",
            LogFile::Info => "info",
            LogFile::Warning => "warning",
            LogFile::Error => "error",
            LogFile::Stdout => "stdout",
            LogFile::Stderr => "stderr",
        }
    }

    /// The log of a word.
    pub fn of(word: &str) -> Option<LogFile> {
        LogFile::OF_JOB.into_iter().chain(LogFile::OF_COMPONENT).find(|file| file.as_str() == word)
    }

    /// Whether most jobs have none of it, so that it is not worth a mention while it is empty.
    pub fn is_rare(self) -> bool {
        matches!(self, LogFile::Detect | LogFile::Audit | LogFile::Sql | LogFile::Stdout | LogFile::Stderr)
    }

    /// Its file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            LogFile::Schedule => "fate_flow_schedule.log",
            LogFile::ScheduleError => "fate_flow_schedule_error.log",
            LogFile::Detect => "fate_flow_detect.log",
            LogFile::Audit => "fate_flow_audit.log",
            LogFile::Sql => "fate_flow_sql.log",
            LogFile::Stat => "stat.log",
            LogFile::Debug => "DEBUG.log",
            LogFile::Info => "INFO.log",
            LogFile::Warning => "WARNING.log",
            LogFile::Error => "ERROR.log",
            LogFile::Stdout => "stdout.log",
            LogFile::Stderr => "stderr.log",
        }
    }
}
