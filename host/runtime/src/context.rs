//! Interface `context`: who the attempt is. Not for: anything that changes.

use crate::convert::party_out;
use crate::generated::parcae::component::{context, descriptor, types};
use crate::state::State;

impl types::Host for State {}

impl descriptor::Host for State {}

impl context::Host for State {
    fn get(&mut self) -> wasmtime::Result<context::Task> {
        self.world()?;
        let a = &self.attempt;
        Ok(context::Task {
            job: a.id.task.job.0.clone(),
            component: a.id.task.component.clone(),
            attempt: a.id.version,
            self_: party_out(a.id.party),
            parties: a.parties.iter().copied().map(party_out).collect(),
            parameters: a.parameters.to_string(),
            seed: a.seed,
        })
    }
}
