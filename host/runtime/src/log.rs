//! Interface `log`: lines with a level. Not for: the limit on bytes, which the `World` keeps.

use parcae_domain::port::{Level, Stream};

use crate::generated::parcae::component::log;
use crate::state::State;

/// Most of one text that is written, bytes: a call must not take long, or a stop would not reach the attempt in it.
const TEXT_BYTES: usize = 64 << 10;

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warning => Level::Warning,
            log::Level::Error => Level::Error,
        };
        let (world, end) = (self.world()?, message.floor_char_boundary(TEXT_BYTES));
        world.log(level, Stream::Log, &message[..end]);
        if end < message.len() {
            world.log(level, Stream::Log, &format!("[cut: {} more bytes]", message.len() - end));
        }
        Ok(())
    }
}
