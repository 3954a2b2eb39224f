//! The folder of table files. Names are made here, from randomness, and no name that comes in leaves the folder. Not for:
//! which table has which file (`metadata`).

use std::{
    collections::HashSet,
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use parcae_domain::{
    port::{PortError, Table, TableWriter},
    schema::Schema,
};

use crate::{error::TableError, reader::FileTable, writer::FileWriter};

const FINISHED: &str = ".table";
const UNFINISHED: &str = ".tmp";

/// A folder of immutable table files. Cheap to clone.
#[derive(Clone)]
pub struct TableDir {
    folder: Arc<Folder>,
}

/// What `TableDir::retain` deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Number of files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl TableDir {
    /// Opens the folder `path`, which is created if need be. Fails when the operating system refuses.
    pub fn open(path: &Path) -> Result<TableDir, TableError> {
        let failed = || TableError::io(format!("opening the folder of tables {}", path.display()));
        fs::create_dir_all(path).map_err(failed())?;
        let handle = File::open(path).map_err(failed())?;
        let dir = Dir::from_std_file(handle.try_clone().map_err(failed())?);
        dir.entries().map_err(failed())?;
        Ok(TableDir { folder: Arc::new(Folder { dir, handle }) })
    }

    /// Begins a table in a new file. `Invalid` when the schema does not hold or there are no partitions.
    pub fn create(&self, schema: &Schema, partitions: u32) -> Result<Box<dyn TableWriter>, PortError> {
        Ok(Box::new(FileWriter::begin(Arc::clone(&self.folder), schema, partitions)?))
    }

    /// Opens a finished table. It can be read from several threads at once, and stays readable when its file is removed
    /// meanwhile. `NotFound` when there is none or the name is not one that a writer gave out; `Node` when it is damaged.
    pub fn open_table(&self, file: &str) -> Result<Arc<dyn Table>, PortError> {
        let handle = self.folder.open(file)?;
        Ok(Arc::new(FileTable::open(file, handle)?))
    }

    /// Deletes a finished table. `NotFound` as for `open_table`.
    pub fn remove(&self, file: &str) -> Result<(), PortError> {
        if !is_table_name(file) {
            return Err(TableError::NotFound(file.to_owned()).into());
        }
        self.folder.remove(file).map_err(|e| not_found_or(file, "removing", e).into())
    }

    /// Deletes every table that is not in `keep`, and what a crash left of unfinished ones. Only for the start of a node,
    /// before anything is written: a table that is being written would go too. Files that this crate cannot have made
    /// stay.
    pub fn retain(&self, keep: &HashSet<String>) -> Result<Removed, TableError> {
        let failed = || TableError::io("clearing the folder of tables");
        let mut removed = Removed::default();
        for entry in self.folder.dir.entries().map_err(failed())? {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_ours(name) && !keep.contains(*name)) else { continue };
            let metadata = entry.metadata().map_err(failed())?;
            if !metadata.is_file() {
                continue;
            }
            self.folder.remove(name).map_err(TableError::io(format!("removing table file {name}")))?;
            removed.files += 1;
            removed.bytes += metadata.len();
        }
        Ok(removed)
    }
}

/// A file that was just created.
pub(crate) struct NewFile {
    /// Its name until it is finished.
    pub(crate) temporary: String,
    /// Its name from then on.
    pub(crate) file: String,
    /// The file, open for writing.
    pub(crate) handle: File,
}

/// The folder itself.
pub(crate) struct Folder {
    dir: Dir,
    handle: File,
}

impl Folder {
    /// Creates an unfinished file, which only the owner of the process may read.
    pub(crate) fn create(&self) -> Result<NewFile, TableError> {
        let mut random = [0u8; 16];
        getrandom::fill(&mut random)
            .map_err(|e| TableError::io("drawing a name for a table file")(io::Error::other(e.to_string())))?;
        let stem: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let temporary = format!("{stem}{UNFINISHED}");
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let handle = self
            .dir
            .open_with(&temporary, &options)
            .map_err(TableError::io(format!("creating table file {temporary}")))?
            .into_std();
        Ok(NewFile { temporary, file: format!("{stem}{FINISHED}"), handle })
    }

    fn open(&self, file: &str) -> Result<File, TableError> {
        if !is_table_name(file) {
            return Err(TableError::NotFound(file.to_owned()));
        }
        let handle = self.dir.open(file).map_err(|e| not_found_or(file, "opening", e))?;
        Ok(handle.into_std())
    }

    /// Gives a file its final name.
    pub(crate) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.dir.rename(from, &self.dir, to)
    }

    /// Deletes a file.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        self.dir.remove_file(name)
    }

    /// Waits until the disk has the names.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.handle.sync_all()
    }
}

fn not_found_or(file: &str, what: &str, error: io::Error) -> TableError {
    match error.kind() {
        io::ErrorKind::NotFound => TableError::NotFound(file.to_owned()),
        _ => TableError::io(format!("{what} table file {file}"))(error),
    }
}

/// True for the name of a finished table: 32 hexadecimal digits and `.table`.
fn is_table_name(name: &str) -> bool {
    name.strip_suffix(FINISHED).is_some_and(is_stem)
}

fn is_ours(name: &str) -> bool {
    is_table_name(name) || name.strip_suffix(UNFINISHED).is_some_and(is_stem)
}

fn is_stem(stem: &str) -> bool {
    stem.len() == 32 && stem.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
