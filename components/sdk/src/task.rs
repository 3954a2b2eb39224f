//! The attempt: who it is, who takes part, its parameters and ports.

use serde::de::DeserializeOwned;

use crate::{
    Party, Result, Role, failed, input_error,
    tables::{self, Table},
};

/// Why there may be no table on a port.
const NO_TABLE: &str = "nothing is connected to it, or what is connected ended without making one";

/// The attempt.
#[derive(Clone, Debug)]
pub struct Task {
    /// Id of the job.
    pub job: String,
    /// Name of the component in the DSL: `hetero_lr_0`.
    pub component: String,
    /// Counts runs of the task from 0.
    pub attempt: u32,
    /// This party.
    pub me: Party,
    /// All parties that run this task, in the order of the job.
    pub parties: Vec<Party>,
    /// Parameters as JSON text.
    pub parameters: String,
    /// The same number at every party and attempt of the task.
    pub seed: u64,
}

impl Task {
    /// The attempt that this code runs in.
    #[cfg(target_arch = "wasm32")]
    pub fn current() -> Task {
        let c = crate::bindings::parcae::component::context::get();
        Task {
            job: c.job,
            component: c.component,
            attempt: c.attempt,
            me: c.self_,
            parties: c.parties,
            parameters: c.parameters,
            seed: c.seed,
        }
    }

    /// The attempt that this code runs in: the one of a [`testing::Job`](crate::testing::Job).
    ///
    /// # Panics
    /// Outside of one.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn current() -> Task {
        crate::testing::task()
    }

    /// The parameters as a type of the component's own. They were checked against the schema, so that this fails only where
    /// type and schema differ.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.parameters)
            .map_err(|e| input_error(format!("parameters of {}: {e}", self.component)))
    }

    /// All parties in a role.
    pub fn all(&self, role: Role) -> Vec<Party> {
        self.parties.iter().copied().filter(|p| p.role == role).collect()
    }

    /// The first party in a role; an error that names the role when there is none.
    pub fn one(&self, role: Role) -> Result<Party> {
        let found = self.parties.iter().copied().find(|p| p.role == role);
        found.ok_or_else(|| input_error(format!("{} needs a party in role {role}", self.component)))
    }

    /// The guest party.
    pub fn guest(&self) -> Result<Party> {
        self.one(Role::Guest)
    }

    /// The arbiter party.
    pub fn arbiter(&self) -> Result<Party> {
        self.one(Role::Arbiter)
    }

    /// All host parties.
    pub fn hosts(&self) -> Vec<Party> {
        self.all(Role::Host)
    }

    /// The tables on an input port; none when it is not connected.
    pub fn inputs(&self, port: &str) -> Result<Vec<Table>> {
        Ok(tables::input(port)?)
    }

    /// The only table on an input port, if it is connected.
    pub fn input_if_any(&self, port: &str) -> Result<Option<Table>> {
        let mut found = self.inputs(port)?;
        match found.len() {
            0 | 1 => Ok(found.pop()),
            n => Err(failed(format!("{}: {n} tables on port {port}, one expected", self.component))),
        }
    }

    /// The only table on an input port.
    pub fn input(&self, port: &str) -> Result<Table> {
        self.input_if_any(port)?
            .ok_or_else(|| input_error(format!("{}: input {port} has no table: {NO_TABLE}", self.component)))
    }
}
