//! Interface `log`: lines with a level. Not for: the limit on bytes, which the `World` keeps.

use parcae_domain::port::{Level, Stream};

use crate::generated::parcae::component::log;
use crate::state::State;

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warning => Level::Warning,
            log::Level::Error => Level::Error,
        };
        self.world()?.log(level, Stream::Log, &message);
        Ok(())
    }
}
