//! Checkpoints of a training, epoch by epoch. Not for: the model that it ends with.

use std::cell::Cell;

use crate::{
    Error, Result,
    models::{self, Part},
    warning,
};

/// The checkpoints of an attempt. Training goes on without any once the node takes no more of them.
#[derive(Default)]
pub struct Checkpoints {
    full: Cell<bool>,
}

impl Checkpoints {
    /// Keeps the model as it is after `epoch`, counted from 0, under an output port.
    pub fn keep(&self, port: &str, epoch: usize, parts: &[Part]) -> Result<()> {
        if self.full.get() {
            return Ok(());
        }
        let step = u32::try_from(epoch).unwrap_or(u32::MAX);
        match models::save_checkpoint(port, step, &format!("epoch_{epoch}"), parts) {
            Err(Error::Limit(hit)) => {
                warning!("no checkpoints are kept from epoch {epoch} on: limit {}: {}", hit.name, hit.message);
                self.full.set(true);
                Ok(())
            }
            other => Ok(other?),
        }
    }
}
