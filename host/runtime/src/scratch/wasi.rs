//! WASI's files over the scratch directory. What changes what is there is counted, links are refused, and nothing waits
//! for the disk; the rest is WASI's own, which keeps to the directory. Not for: counting (`ledger`).

use std::fs::File;
use std::sync::Arc;

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::{preopens, types::ErrorCode};
use wasmtime_wasi::p2::bindings::sync::{filesystem::types, io::streams};
use wasmtime_wasi::p2::{FsError, FsResult};

use super::NAME;
use super::stream::{Reader, Writer};
use crate::state::State;

impl State {
    fn scratch_file(&self, fd: &Resource<Descriptor>) -> FsResult<Arc<File>> {
        match self.handles.get(fd)? {
            Descriptor::File(file) => Ok(file.file.clone()),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor.into()),
        }
    }

    /// What stands at a path, to be looked at later whatever happens to the path; none when nothing does.
    fn scratch_entry(&self, fd: &Resource<Descriptor>, path: &str) -> FsResult<Option<OwnedFd>> {
        let Descriptor::Dir(dir) = self.handles.get(fd)? else { return Ok(None) };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&*dir.dir, path, flags, Mode::empty()).ok())
    }

    /// Closes what was seen at a path, after it was counted that it may have lost its name.
    fn scratch_unnamed(&self, seen: Option<OwnedFd>) {
        if let Some(seen) = seen {
            self.scratch.ledger.unnamed(&seen);
        }
    }
}

impl preopens::Host for State {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let Some(folder) = self.scratch.folder()? else { return Ok(Vec::new()) };
        let folder = self.handles.push(Descriptor::Dir(folder.clone()))?;
        self.scratch.ledger.opened_directory();
        Ok(vec![(folder, NAME.to_owned())])
    }
}

impl types::Host for State {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<types::ErrorCode> {
        types::Host::convert_error_code(&mut self.filesystem(), error)
    }

    fn filesystem_error_code(&mut self, error: Resource<streams::Error>) -> wasmtime::Result<Option<types::ErrorCode>> {
        types::Host::filesystem_error_code(&mut self.filesystem(), error)
    }
}

impl types::HostDescriptor for State {
    fn advise(&mut self, fd: Resource<Descriptor>, _: u64, _: u64, _: types::Advice) -> FsResult<()> {
        self.scratch_file(&fd).map(drop)
    }

    // Nothing here outlives the attempt, and a disk may take its time.
    fn sync_data(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.handles.get(&fd)?;
        Ok(())
    }

    fn sync(&mut self, fd: Resource<Descriptor>) -> FsResult<()> {
        self.handles.get(&fd)?;
        Ok(())
    }

    fn get_flags(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorFlags> {
        types::HostDescriptor::get_flags(&mut self.filesystem(), fd)
    }

    fn get_type(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorType> {
        types::HostDescriptor::get_type(&mut self.filesystem(), fd)
    }

    fn set_size(&mut self, fd: Resource<Descriptor>, size: u64) -> FsResult<()> {
        let file = self.scratch_file(&fd)?;
        self.scratch.ledger.fits(&file, size)?;
        let set = types::HostDescriptor::set_size(&mut self.filesystem(), fd, size);
        self.scratch.ledger.settle(&file);
        set
    }

    fn set_times(
        &mut self,
        fd: Resource<Descriptor>,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        types::HostDescriptor::set_times(&mut self.filesystem(), fd, accessed, modified)
    }

    fn read(&mut self, fd: Resource<Descriptor>, len: u64, offset: u64) -> FsResult<(Vec<u8>, bool)> {
        types::HostDescriptor::read(&mut self.filesystem(), fd, len, offset)
    }

    fn write(&mut self, fd: Resource<Descriptor>, bytes: Vec<u8>, offset: u64) -> FsResult<u64> {
        let file = self.scratch_file(&fd)?;
        let end = offset.checked_add(bytes.len() as u64).ok_or(ErrorCode::FileTooLarge)?;
        self.scratch.ledger.fits(&file, end)?;
        let written = types::HostDescriptor::write(&mut self.filesystem(), fd, bytes, offset);
        self.scratch.ledger.settle(&file);
        written
    }

    fn read_directory(&mut self, fd: Resource<Descriptor>) -> FsResult<Resource<types::DirectoryEntryStream>> {
        types::HostDescriptor::read_directory(&mut self.filesystem(), fd)
    }

    fn create_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        self.scratch.ledger.room()?;
        types::HostDescriptor::create_directory_at(&mut self.filesystem(), fd, path)?;
        self.scratch.ledger.made_directory();
        Ok(())
    }

    fn stat(&mut self, fd: Resource<Descriptor>) -> FsResult<types::DescriptorStat> {
        types::HostDescriptor::stat(&mut self.filesystem(), fd)
    }

    fn stat_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: types::PathFlags,
        path: String,
    ) -> FsResult<types::DescriptorStat> {
        types::HostDescriptor::stat_at(&mut self.filesystem(), fd, flags, path)
    }

    fn set_times_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: types::PathFlags,
        path: String,
        accessed: types::NewTimestamp,
        modified: types::NewTimestamp,
    ) -> FsResult<()> {
        types::HostDescriptor::set_times_at(&mut self.filesystem(), fd, flags, path, accessed, modified)
    }

    fn link_at(
        &mut self,
        _: Resource<Descriptor>,
        _: types::PathFlags,
        _: String,
        _: Resource<Descriptor>,
        _: String,
    ) -> FsResult<()> {
        Err(ErrorCode::NotPermitted.into())
    }

    fn symlink_at(&mut self, _: Resource<Descriptor>, _: String, _: String) -> FsResult<()> {
        Err(ErrorCode::NotPermitted.into())
    }

    fn open_at(
        &mut self,
        fd: Resource<Descriptor>,
        path_flags: types::PathFlags,
        path: String,
        open_flags: types::OpenFlags,
        flags: types::DescriptorFlags,
    ) -> FsResult<Resource<Descriptor>> {
        self.scratch.ledger.hands()?;
        if open_flags.contains(types::OpenFlags::CREATE) && self.scratch_entry(&fd, &path)?.is_none() {
            self.scratch.ledger.room()?;
        }
        let files = &mut self.filesystem();
        let opened = types::HostDescriptor::open_at(files, fd, path_flags, path, open_flags, flags)?;
        match self.handles.get(&opened)? {
            // One that is not counted must not be there: its length would not be, either.
            Descriptor::File(file) => self.scratch.ledger.opened(&file.file).map_err(FsError::trap)?,
            Descriptor::Dir(_) => self.scratch.ledger.opened_directory(),
        }
        Ok(opened)
    }

    fn drop(&mut self, fd: Resource<Descriptor>) -> wasmtime::Result<()> {
        match self.handles.get(&fd)? {
            Descriptor::File(file) => self.scratch.ledger.closing(&file.file),
            Descriptor::Dir(_) => self.scratch.ledger.closed_directory(),
        }
        types::HostDescriptor::drop(&mut self.filesystem(), fd)
    }

    fn readlink_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<String> {
        types::HostDescriptor::readlink_at(&mut self.filesystem(), fd, path)
    }

    fn remove_directory_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        types::HostDescriptor::remove_directory_at(&mut self.filesystem(), fd, path)?;
        self.scratch.ledger.removed_directory();
        Ok(())
    }

    fn rename_at(
        &mut self,
        fd: Resource<Descriptor>,
        old_path: String,
        new_fd: Resource<Descriptor>,
        new_path: String,
    ) -> FsResult<()> {
        let replaced = self.scratch_entry(&new_fd, &new_path)?;
        types::HostDescriptor::rename_at(&mut self.filesystem(), fd, old_path, new_fd, new_path)?;
        self.scratch_unnamed(replaced);
        Ok(())
    }

    fn unlink_file_at(&mut self, fd: Resource<Descriptor>, path: String) -> FsResult<()> {
        let removed = self.scratch_entry(&fd, &path)?;
        types::HostDescriptor::unlink_file_at(&mut self.filesystem(), fd, path)?;
        self.scratch_unnamed(removed);
        Ok(())
    }

    fn read_via_stream(&mut self, fd: Resource<Descriptor>, offset: u64) -> FsResult<Resource<streams::InputStream>> {
        let Descriptor::File(file) = self.handles.get(&fd)? else { return Err(ErrorCode::IsDirectory.into()) };
        let reader = Reader::new(file.file.clone(), &self.scratch.ledger, offset)?;
        let reader: streams::InputStream = Box::new(reader);
        Ok(self.handles.push(reader)?)
    }

    fn write_via_stream(&mut self, fd: Resource<Descriptor>, offset: u64) -> FsResult<Resource<streams::OutputStream>> {
        let writer = Writer::new(self.scratch_file(&fd)?, &self.scratch.ledger, Some(offset))?;
        let writer: streams::OutputStream = Box::new(writer);
        Ok(self.handles.push(writer)?)
    }

    fn append_via_stream(&mut self, fd: Resource<Descriptor>) -> FsResult<Resource<streams::OutputStream>> {
        let writer = Writer::new(self.scratch_file(&fd)?, &self.scratch.ledger, None)?;
        let writer: streams::OutputStream = Box::new(writer);
        Ok(self.handles.push(writer)?)
    }

    fn is_same_object(&mut self, a: Resource<Descriptor>, b: Resource<Descriptor>) -> wasmtime::Result<bool> {
        types::HostDescriptor::is_same_object(&mut self.filesystem(), a, b)
    }

    fn metadata_hash(&mut self, fd: Resource<Descriptor>) -> FsResult<types::MetadataHashValue> {
        types::HostDescriptor::metadata_hash(&mut self.filesystem(), fd)
    }

    fn metadata_hash_at(
        &mut self,
        fd: Resource<Descriptor>,
        flags: types::PathFlags,
        path: String,
    ) -> FsResult<types::MetadataHashValue> {
        types::HostDescriptor::metadata_hash_at(&mut self.filesystem(), fd, flags, path)
    }
}

impl types::HostDirectoryEntryStream for State {
    fn read_directory_entry(
        &mut self,
        entries: Resource<types::DirectoryEntryStream>,
    ) -> FsResult<Option<types::DirectoryEntry>> {
        types::HostDirectoryEntryStream::read_directory_entry(&mut self.filesystem(), entries)
    }

    fn drop(&mut self, entries: Resource<types::DirectoryEntryStream>) -> wasmtime::Result<()> {
        types::HostDirectoryEntryStream::drop(&mut self.filesystem(), entries)
    }
}
