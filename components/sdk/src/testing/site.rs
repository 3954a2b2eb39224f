//! Interface `site` in native tests: the tenant's tables and files are those that the test gave. Not for: where files
//! may lie on a real site.

use std::sync::Arc;

use super::{
    outcome::Exported,
    tables::{Stored, Table, Target, Writer},
    world::{World, current},
};
use crate::{Error, Grant, tables::Schema};

/// Longest name or namespace of a table, bytes.
const NAME_BYTES: usize = 1024;
/// Longest path of a file that is put out, bytes.
const PATH_BYTES: usize = 4096;

fn granted(grant: Grant) -> Result<Arc<World>, Error> {
    let world = current()?;
    world.require(grant)?;
    Ok(world)
}

fn is_odd(text: &str, most: usize) -> bool {
    text.is_empty() || text.len() > most || text.chars().any(char::is_control)
}

fn check_name(namespace: &str, name: &str) -> Result<(), Error> {
    if is_odd(namespace, NAME_BYTES) || is_odd(name, NAME_BYTES) {
        return Err(Error::Invalid(format!("a table's namespace and name must be 1 to {NAME_BYTES} printable bytes")));
    }
    Ok(())
}

fn opened(stored: Option<&Arc<Stored>>, missing: impl FnOnce() -> String) -> Result<Table, Error> {
    stored.map(Table::of).ok_or_else(|| Error::NotFound(missing()))
}

/// Opens a table of the tenant. Grant `open-table`.
pub fn open_table(namespace: &str, name: &str) -> Result<Table, Error> {
    let world = granted(Grant::OpenTable)?;
    check_name(namespace, name)?;
    opened(world.ready.tables.get(&(namespace.to_owned(), name.to_owned())), || {
        format!("table {name} of namespace {namespace} does not exist: upload it first")
    })
}

/// Opens a table that this party has as an output of a component of an earlier job of the tenant. Grant `open-table`.
pub fn open_output(job: &str, component: &str, data_name: &str) -> Result<Table, Error> {
    let world = granted(Grant::OpenTable)?;
    check_name(job, component)?;
    check_name(component, data_name)?;
    opened(world.ready.outputs.get(&(job.to_owned(), component.to_owned(), data_name.to_owned())), || {
        format!("job {job} has no output {data_name} of {component} at {}", world.task().me)
    })
}

/// Begins a table of the tenant; it appears under its name when the attempt succeeds. Unless `replace`, a table of that
/// name must not be there. Grant `publish-table`.
pub fn publish_table(
    namespace: &str,
    name: &str,
    schema: &Schema,
    partitions: u32,
    replace: bool,
) -> Result<Writer, Error> {
    let world = granted(Grant::PublishTable)?;
    check_name(namespace, name)?;
    if !replace && world.ready.tables.contains_key(&(namespace.to_owned(), name.to_owned())) {
        let message = format!("table {name} of namespace {namespace} exists: drop it to replace it");
        return Err(Error::Exists(message));
    }
    Writer::begin(schema, partitions, Target::Published(namespace.to_owned(), name.to_owned()))
}

fn uploaded(world: &World) -> Result<&[u8], Error> {
    let missing = || Error::NotFound("no file was uploaded with this job".into());
    world.ready.uploaded.as_deref().ok_or_else(missing)
}

/// Size of the uploaded file, bytes. Grant `uploaded-file`.
pub fn uploaded_size() -> Result<u64, Error> {
    let world = granted(Grant::UploadedFile)?;
    Ok(uploaded(&world)?.len() as u64)
}

/// Reads the uploaded file; fewer than `len` bytes only at its end. Grant `uploaded-file`.
pub fn uploaded_read(offset: u64, len: u32) -> Result<Vec<u8>, Error> {
    let world = granted(Grant::UploadedFile)?;
    let file = uploaded(&world)?;
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
    let to = from.saturating_add(len as usize).min(file.len());
    Ok(file[from..to].to_vec())
}

/// Begins the one file that this attempt puts out on the site's disk. It appears under its name when the attempt
/// succeeds, and never takes the place of another. Grant `export-file`.
pub fn export_begin(path: &str) -> Result<(), Error> {
    let world = granted(Grant::ExportFile)?;
    if is_odd(path, PATH_BYTES) {
        return Err(Error::Invalid(format!("the path of a file must have 1 to {PATH_BYTES} printable bytes")));
    }
    let mut kept = world.kept();
    if kept.exported.is_some() {
        return Err(Error::Exists("this attempt has begun a file already, and may put out one".into()));
    }
    kept.exported = Some(Exported { path: path.to_owned(), bytes: Vec::new() });
    Ok(())
}

/// Adds bytes to the end of that file. Grant `export-file`.
pub fn export_write(bytes: &[u8]) -> Result<(), Error> {
    let world = granted(Grant::ExportFile)?;
    match &mut world.kept().exported {
        Some(file) => file.bytes.extend_from_slice(bytes),
        None => return Err(Error::Invalid("no file was begun: call export_begin first".into())),
    }
    Ok(())
}
