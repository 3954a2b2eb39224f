//! Logs of the node itself, in `fate_flow/`: each line goes to the file of its type, to `stat.log` and to the file of its
//! level. Not for: how a file is rotated (`rotate`).

use std::sync::{Arc, Mutex};

use jiff::Zoned;
use parcae_domain::port::Level;

use crate::{dir::Inner, handles::lock, line, rotate::Rotating};

/// A file of the node's logs, by type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerFile {
    /// `fate_flow_stat.log`: everything that has no other place.
    Stat,
    /// `fate_flow_schedule.log`.
    Schedule,
    /// `fate_flow_detect.log`.
    Detect,
    /// `fate_flow_access.log`.
    Access,
    /// `fate_flow_audit.log`.
    Audit,
    /// `fate_flow_database.log`.
    Database,
}

/// Logs of the node. Cheap to clone.
#[derive(Clone)]
pub struct ServerLog {
    inner: Arc<Inner>,
}

impl ServerLog {
    pub(crate) fn new(inner: Arc<Inner>) -> ServerLog {
        ServerLog { inner }
    }

    /// Writes a message, each line of it on its own. `job` stands where otherwise `Server` does; `place` is
    /// `module:line`.
    pub fn write(&self, file: ServerFile, level: Level, job: Option<&str>, place: &str, message: &str) {
        let now = (self.inner.clock)();
        let head = line::head(level, &line::stamp(&now), job.unwrap_or("Server"), place);
        for line in line::whole(&head, message) {
            self.inner.append_server(file, level, &now, &line);
        }
    }
}

/// All files of the node's logs.
pub(crate) struct ServerFiles {
    types: [Mutex<Rotating>; 6],
    stat: Mutex<Rotating>,
    levels: [Mutex<Rotating>; 4],
}

impl ServerFiles {
    /// Nothing is created before the first line.
    pub(crate) fn new() -> ServerFiles {
        let file = |name| Mutex::new(Rotating::new(name));
        ServerFiles {
            types: [
                file("fate_flow_stat.log"),
                file("fate_flow_schedule.log"),
                file("fate_flow_detect.log"),
                file("fate_flow_access.log"),
                file("fate_flow_audit.log"),
                file("fate_flow_database.log"),
            ],
            stat: file("stat.log"),
            levels: [file("DEBUG.log"), file("INFO.log"), file("WARNING.log"), file("ERROR.log")],
        }
    }

    fn of_type(&self, file: ServerFile) -> &Mutex<Rotating> {
        let [stat, schedule, detect, access, audit, database] = &self.types;
        match file {
            ServerFile::Stat => stat,
            ServerFile::Schedule => schedule,
            ServerFile::Detect => detect,
            ServerFile::Access => access,
            ServerFile::Audit => audit,
            ServerFile::Database => database,
        }
    }

    fn of_level(&self, level: Level) -> &Mutex<Rotating> {
        let [debug, info, warning, error] = &self.levels;
        match level {
            Level::Debug => debug,
            Level::Info => info,
            Level::Warning => warning,
            Level::Error => error,
        }
    }
}

impl Inner {
    /// Appends one whole line to the node's logs.
    pub(crate) fn append_server(&self, file: ServerFile, level: Level, now: &Zoned, line: &str) {
        for file in [self.server.of_type(file), &self.server.stat, self.server.of_level(level)] {
            self.count(lock(file).append(&self.dir, now, line));
        }
    }
}
