//! Interface `site`: what a module may do beyond its ports, each call under its grant. Not for: giving grants (`domain`).

use parcae_domain::grant::Grant;
use wasmtime::component::Resource;

use crate::generated::parcae::component::{site, tables, types::Error};
use crate::state::{Answer, State, limit_error};
use crate::tables::{OpenTable, OpenWriter, Target, check_new};

/// Longest name or namespace of a table, bytes.
const NAME_BYTES: usize = 1024;
/// Longest path of a file that is put out, bytes.
const PATH_BYTES: usize = 4096;

fn check_name(namespace: &str, name: &str) -> Result<(), Error> {
    let odd = |text: &str| text.is_empty() || text.len() > NAME_BYTES || text.chars().any(char::is_control);
    if odd(namespace) || odd(name) {
        return Err(Error::Invalid(format!("a table's namespace and name must be 1 to {NAME_BYTES} printable bytes")));
    }
    Ok(())
}

impl State {
    /// Counts bytes that are put out; wasmtime keeps `call_bytes`.
    fn check_export(&mut self, bytes: u64) -> Result<(), Error> {
        let most = self.attempt.limits.export_bytes;
        let all = self.used.export_bytes.saturating_add(bytes);
        if all > most {
            return Err(limit_error("export_bytes", format!("a file of {all} bytes, {most} are allowed")));
        }
        self.used.export_bytes = all;
        Ok(())
    }
}

impl site::Host for State {
    fn open_table(&mut self, namespace: String, name: String) -> Answer<Resource<OpenTable>> {
        let world = self.world()?;
        if let Err(e) = self.require(Grant::OpenTable).and_then(|()| check_name(&namespace, &name)) {
            return Ok(Err(e));
        }
        match self.answer(world.open_table(&namespace, &name))? {
            Ok(table) => self.hold_table(table),
            Err(e) => Ok(Err(e)),
        }
    }

    fn open_output(&mut self, job: String, component: String, data_name: String) -> Answer<Resource<OpenTable>> {
        let world = self.world()?;
        let checked = self.require(Grant::OpenTable).and_then(|()| check_name(&job, &component));
        if let Err(e) = checked.and_then(|()| check_name(&component, &data_name)) {
            return Ok(Err(e));
        }
        match self.answer(world.open_output(&job, &component, &data_name))? {
            Ok(table) => self.hold_table(table),
            Err(e) => Ok(Err(e)),
        }
    }

    fn publish_table(
        &mut self,
        namespace: String,
        name: String,
        schema: tables::Schema,
        partitions: u32,
        replace: bool,
    ) -> Answer<Resource<OpenWriter>> {
        let world = self.world()?;
        let named = self.require(Grant::PublishTable).and_then(|()| check_name(&namespace, &name));
        let schema = match named.and_then(|()| check_new(schema, partitions)) {
            Ok(schema) => schema,
            Err(e) => return Ok(Err(e)),
        };
        let writer = world.publish_table(&namespace, &name, &schema, partitions, replace);
        self.open_writer(writer, schema, Target::Published(namespace, name))
    }

    fn uploaded_size(&mut self) -> Answer<u64> {
        let world = self.world()?;
        match self.require(Grant::UploadedFile) {
            Ok(()) => self.answer(world.uploaded_size()),
            Err(e) => Ok(Err(e)),
        }
    }

    fn uploaded_read(&mut self, offset: u64, len: u32) -> Answer<Vec<u8>> {
        let world = self.world()?;
        let limit = self.attempt.limits.call_bytes;
        match self.require(Grant::UploadedFile) {
            Ok(()) if u64::from(len) > limit => {
                Ok(Err(limit_error("call_bytes", format!("{len} bytes in one call, {limit} are allowed"))))
            }
            Ok(()) => self.answer(world.uploaded_read(offset, len)),
            Err(e) => Ok(Err::<_, Error>(e)),
        }
    }

    fn export_begin(&mut self, path: String) -> Answer<()> {
        let world = self.world()?;
        let odd = path.is_empty() || path.len() > PATH_BYTES || path.chars().any(char::is_control);
        match self.require(Grant::ExportFile) {
            Ok(()) if odd => {
                Ok(Err(Error::Invalid(format!("the path of a file must have 1 to {PATH_BYTES} printable bytes"))))
            }
            Ok(()) => self.answer(world.export_begin(&path)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn export_write(&mut self, bytes: Vec<u8>) -> Answer<()> {
        let world = self.world()?;
        if let Err(e) = self.require(Grant::ExportFile).and_then(|()| self.check_export(bytes.len() as u64)) {
            return Ok(Err(e));
        }
        self.answer(world.export_write(&bytes))
    }
}
