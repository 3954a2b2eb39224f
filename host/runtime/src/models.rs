//! Interface `models`: models on the module's ports. Not for: keeping them (`World`).

use parcae_domain::{
    descriptor::{Port, PortKind},
    port::ModelPart,
};
use serde_json::Value;

use crate::convert::part_out;
use crate::generated::parcae::component::{models, types::Error};
use crate::metrics::JSON_BYTES;
use crate::state::{Answer, State, limit_error};

/// Longest name of a part, bytes.
const NAME_BYTES: usize = 200;
/// Most parts of a model.
const PARTS: usize = 1000;

fn is_model(port: &Port) -> bool {
    matches!(port.kind, PortKind::Model | PortKind::IsometricModel | PortKind::Cache)
}

impl State {
    fn check_parts(&mut self, parts: &[models::Part]) -> Result<(), Error> {
        if parts.len() > PARTS {
            return Err(Error::Invalid(format!("a model of {} parts; {PARTS} are allowed", parts.len())));
        }
        self.used.model_bytes += parts.iter().map(|p| (p.json.len() + p.bytes.len()) as u64).sum::<u64>();
        let limit = self.attempt.limits.model_bytes;
        if self.used.model_bytes > limit {
            return Err(limit_error("model_bytes", format!("{limit} bytes of models are allowed")));
        }
        for part in parts {
            let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.';
            if part.name.is_empty() || part.name.len() > NAME_BYTES || !part.name.bytes().all(good) {
                let message = format!(
                    "name of a model part {:?}: letters, digits, `_`, `-`, `.`, at most {NAME_BYTES}",
                    part.name
                );
                return Err(Error::Invalid(message));
            }
            if part.json.len() > JSON_BYTES {
                let (name, bytes) = (&part.name, part.json.len());
                let message = format!("json of model part {name} has {bytes} bytes, {JSON_BYTES} are allowed");
                return Err(limit_error("call_bytes", message));
            }
            if !matches!(serde_json::from_str(&part.json), Ok(Value::Object(_))) {
                return Err(Error::Invalid(format!("json of model part {} is not a JSON object", part.name)));
            }
        }
        Ok(())
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
        let found = world.models(&port).map(|found| {
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
        if !self.attempt.module.outputs.iter().any(|p| p.name == port && is_model(p)) {
            return Ok(Err(Error::NotFound(format!(
                "module {} has no output {port} for models",
                self.attempt.module.name
            ))));
        }
        if let Err(e) = self.check_parts(&parts) {
            return Ok(Err(e));
        }
        let parts = parts.into_iter().map(|p| ModelPart { name: p.name, json: p.json, bytes: p.bytes }).collect();
        self.answer(world.save_model(&port, parts))
    }
}
