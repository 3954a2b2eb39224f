//! Interface `models` in native tests. Not for: training epoch by epoch ([`crate::Checkpoints`]).

use super::{outcome::Checkpoint, pages::is_object, world::current};
use crate::{
    Error,
    models::{Model, Part},
};

/// Longest name of a part or a step, bytes.
const NAME_BYTES: usize = 200;
/// Most parts of a model.
const PARTS: usize = 1000;

/// The models on an input port (`model`, `isometric_model`), in the order of the DSL.
pub fn load(port: &str) -> Result<Vec<Model>, Error> {
    let world = current()?;
    world.model_port(true, port)?;
    let connected = world.ready.models.iter().filter(|(name, _)| name == port);
    Ok(connected.map(|(_, model)| model.clone()).collect())
}

/// Saves this party's model under an output port; a second call replaces the first.
pub fn save(port: &str, parts: &[Part]) -> Result<(), Error> {
    let world = current()?;
    world.model_port(false, port)?;
    check(parts)?;
    world.kept().models.insert(port.to_owned(), parts.to_vec());
    Ok(())
}

/// Keeps this party's model as it is after a step of its training, under an output port, even when the attempt fails
/// later. A second one of the same `step_index` replaces the first. `step_name`: 1 to 200 letters, digits or `-`, `_`,
/// `.`, `#`, `:`.
pub fn save_checkpoint(port: &str, step_index: u32, step_name: &str, parts: &[Part]) -> Result<(), Error> {
    let world = current()?;
    world.model_port(false, port)?;
    if !is_name(step_name, "-_.#:") {
        return Err(Error::Invalid(format!(
            "name of a checkpoint's step {step_name:?}: letters, digits, `-`, `_`, `.`, `#`, `:`, at most {NAME_BYTES}"
        )));
    }
    check(parts)?;
    let (step_name, parts) = (step_name.to_owned(), parts.to_vec());
    let checkpoint = Checkpoint { port: port.to_owned(), step_index, step_name, parts };
    world.kept().checkpoints.insert((port.to_owned(), step_index), checkpoint);
    Ok(())
}

fn check(parts: &[Part]) -> Result<(), Error> {
    if parts.len() > PARTS {
        return Err(Error::Invalid(format!("a model of {} parts; {PARTS} are allowed", parts.len())));
    }
    for Part { name, json, .. } in parts {
        if !is_name(name, "_-.") {
            return Err(Error::Invalid(format!(
                "name of a model part {name:?}: letters, digits, `_`, `-`, `.`, at most {NAME_BYTES}"
            )));
        }
        if !is_object(json) {
            return Err(Error::Invalid(format!("json of model part {name} is not a JSON object")));
        }
    }
    Ok(())
}

fn is_name(text: &str, more: &str) -> bool {
    let good = |letter: char| letter.is_ascii_alphanumeric() || more.contains(letter);
    (1..=NAME_BYTES).contains(&text.len()) && text.chars().all(good)
}
