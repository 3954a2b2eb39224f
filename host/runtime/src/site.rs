//! Interface `site`: what a module may do beyond its ports, each call under its grant. Not for: giving grants (`domain`).

use parcae_domain::grant::Grant;
use wasmtime::component::Resource;

use crate::generated::parcae::component::{site, tables, types::Error};
use crate::state::{Answer, State, limit_error};
use crate::tables::{OpenTable, OpenWriter, Target, check_new};

/// Longest name or namespace of a table, bytes.
const NAME_BYTES: usize = 1024;

fn check_name(namespace: &str, name: &str) -> Result<(), Error> {
    let odd = |text: &str| text.is_empty() || text.len() > NAME_BYTES || text.chars().any(char::is_control);
    if odd(namespace) || odd(name) {
        return Err(Error::Invalid(format!("a table's namespace and name must be 1 to {NAME_BYTES} printable bytes")));
    }
    Ok(())
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
}
