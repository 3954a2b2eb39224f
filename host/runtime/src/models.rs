//! Interface `models`: models on the module's ports. Not for: keeping them (`World`).

use parcae_domain::{
    descriptor::{Port, PortKind},
    port::{Model, ModelPart, PortError},
};

use crate::convert::part_out;
use crate::generated::parcae::component::{models, types::Error};
use crate::json::check_object;
use crate::state::{Answer, State, limit_error};

/// Longest name of a part, bytes.
const NAME_BYTES: usize = 200;
/// Most parts of a model.
const PARTS: usize = 1000;
/// Longest name of a checkpoint's step, bytes.
const STEP_BYTES: usize = 200;

fn is_model(port: &Port) -> bool {
    matches!(port.kind, PortKind::Model | PortKind::IsometricModel | PortKind::Cache)
}

fn few(parts: &[models::Part]) -> Result<(), Error> {
    if parts.len() > PARTS {
        return Err(Error::Invalid(format!("a model of {} parts; {PARTS} are allowed", parts.len())));
    }
    Ok(())
}

fn bytes_of(parts: &[models::Part]) -> u64 {
    parts.iter().map(|p| (p.json.len() + p.bytes.len()) as u64).sum()
}

/// Models that come in, unless they are more than a call may hand over.
fn bounded(found: Vec<Model>, limit: u64) -> Result<Vec<Model>, PortError> {
    let parts = found.iter().flat_map(|model| &model.parts);
    let bytes: u64 = parts.map(|part| (part.json.len() + part.bytes.len()) as u64).sum();
    if bytes > limit {
        let message = format!("models of {bytes} bytes on one port, {limit} are allowed");
        return Err(PortError::Limit("call_bytes".into(), message));
    }
    Ok(found)
}

fn check_part(part: &models::Part) -> Result<(), Error> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.';
    if part.name.is_empty() || part.name.len() > NAME_BYTES || !part.name.bytes().all(good) {
        let name = &part.name;
        let message = format!("name of a model part {name:?}: letters, digits, `_`, `-`, `.`, at most {NAME_BYTES}");
        return Err(Error::Invalid(message));
    }
    check_object(&part.json, &format!("json of model part {}", part.name)).map(|_| ())
}

fn parts_in(parts: Vec<models::Part>) -> Vec<ModelPart> {
    parts.into_iter().map(|p| ModelPart { name: p.name, json: p.json, bytes: p.bytes }).collect()
}

impl State {
    fn check_parts(&mut self, parts: &[models::Part]) -> Result<(), Error> {
        few(parts)?;
        self.used.model_bytes = self.used.model_bytes.saturating_add(bytes_of(parts));
        let limit = self.attempt.limits.model_bytes;
        if self.used.model_bytes > limit {
            return Err(limit_error("model_bytes", format!("{limit} bytes of models are allowed")));
        }
        self.check_each(parts)
    }

    /// JSON of a model can be long: who is stopped does not read it to its end.
    fn check_each(&self, parts: &[models::Part]) -> Result<(), Error> {
        parts
            .iter()
            .try_for_each(|part| if self.stop.reason().is_some() { Err(Error::Canceled) } else { check_part(part) })
    }

    fn check_checkpoint(&mut self, step_name: &str, parts: &[models::Part]) -> Result<(), Error> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.#:".contains(&b);
        if step_name.is_empty() || step_name.len() > STEP_BYTES || !step_name.bytes().all(good) {
            let shown: String = step_name.chars().take(STEP_BYTES).collect();
            let message = format!(
                "name of a checkpoint's step {shown:?}: letters, digits, `-`, `_`, `.`, `#`, `:`, at most {STEP_BYTES}"
            );
            return Err(Error::Invalid(message));
        }
        few(parts)?;
        self.check_each(parts)?;
        let most = self.attempt.limits.checkpoints;
        if self.used.checkpoints >= most {
            return Err(limit_error("checkpoints", format!("{most} checkpoints are allowed")));
        }
        let limit = self.attempt.limits.model_bytes;
        let bytes = self.used.checkpoint_bytes.saturating_add(bytes_of(parts));
        if bytes > limit {
            return Err(limit_error("model_bytes", format!("{limit} bytes of checkpoints are allowed")));
        }
        self.used.checkpoints += 1;
        self.used.checkpoint_bytes = bytes;
        Ok(())
    }

    /// An error unless the module has this output for models.
    fn model_output(&self, port: &str) -> Result<(), Error> {
        let module = &self.attempt.module;
        if module.outputs.iter().any(|p| p.name == port && is_model(p)) {
            return Ok(());
        }
        Err(Error::NotFound(format!("module {} has no output {port} for models", module.name)))
    }
}

impl models::Host for State {
    fn load(&mut self, port: String) -> Answer<Vec<models::Model>> {
        let world = self.world()?;
        if !self.attempt.module.inputs.iter().any(|p| p.name == port && is_model(p)) {
            return Ok(Err(Error::NotFound(format!(
                "module {} has no input {port} for models",
                self.attempt.module.name
            ))));
        }
        let limit = self.attempt.limits.call_bytes;
        let found = world.models(&port).and_then(|found| bounded(found, limit)).map(|found| {
            let out = found.into_iter().map(|m| models::Model {
                component: m.component,
                alias: m.alias,
                parts: m.parts.into_iter().map(part_out).collect(),
            });
            out.collect()
        });
        self.answer(found)
    }

    fn save(&mut self, port: String, parts: Vec<models::Part>) -> Answer<()> {
        let world = self.world()?;
        if let Err(e) = self.model_output(&port).and_then(|()| self.check_parts(&parts)) {
            return Ok(Err(e));
        }
        self.answer(world.save_model(&port, parts_in(parts)))
    }

    fn save_checkpoint(
        &mut self,
        port: String,
        step_index: u32,
        step_name: String,
        parts: Vec<models::Part>,
    ) -> Answer<()> {
        let world = self.world()?;
        if let Err(e) = self.model_output(&port).and_then(|()| self.check_checkpoint(&step_name, &parts)) {
            return Ok(Err(e));
        }
        self.answer(world.save_checkpoint(&port, step_index, &step_name, parts_in(parts)))
    }
}
