//! The ports: traits through which the parts meet. Each stands here because two implementations stand: the real one and
//! a fake of the tests. Not for: data that travels through them (their own modules).

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::{
    attempt::{Attempt, StopSignal},
    descriptor::{Descriptor, Module},
    image::{Accepted, Origin},
    outcome::Outcome,
    page::Page,
    party::Party,
    schema::Schema,
    tenant::TenantId,
};

/// Why a port could not do what was asked. The text names the thing; the component gets it as it is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PortError {
    /// What was asked for does not make sense: bad page, port that the module does not have.
    #[error("{0}")]
    Invalid(String),
    /// No such thing.
    #[error("{0}")]
    NotFound(String),
    /// Something of that name is there already.
    #[error("{0}")]
    Exists(String),
    /// A limit was reached: its name, and what is in force.
    #[error("limit {0} reached: {1}")]
    Limit(String, String),
    /// The other party's attempt ended, or never came.
    #[error("{0}")]
    PeerGone(String),
    /// A deadline passed: which, and its seconds.
    #[error("{0} deadline of {1} s passed")]
    Deadline(String, u64),
    /// The attempt is being stopped.
    #[error("canceled")]
    Canceled,
    /// The node itself failed: disk full, file damaged.
    #[error("{0}")]
    Node(String),
}

/// A finished table, read page by page. Pages keep the order in which they were written.
pub trait Table: Send + Sync {
    /// Its columns.
    fn schema(&self) -> &Schema;
    /// Number of rows.
    fn rows(&self) -> u64;
    /// Number of pages.
    fn pages(&self) -> u32;
    /// Number of partitions: page i belongs to partition i modulo this.
    fn partitions(&self) -> u32;
    /// Reads some columns (indexes into the schema; empty = all) of page `index`.
    fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, PortError>;
    /// Rows of page `index`, before it is read; none where that is not known.
    fn page_rows(&self, _index: u32) -> Option<u32> {
        None
    }
    /// Bytes of those columns of a page, before it is read; 0 where that is not known.
    fn page_bytes(&self, _index: u32, _columns: &[u32]) -> u64 {
        0
    }
    /// Name of the file that holds it, without folder: what `TableFile` said.
    fn file(&self) -> &str;

    /// The open file that holds it, for a process that may read this table and nothing else; none when there is none.
    fn descriptor(&self) -> Option<File> {
        None
    }
}

/// A table being written. Dropped before `finish`, it leaves nothing behind.
pub trait TableWriter: Send {
    /// Adds a page that was checked against the schema.
    fn append(&mut self, page: &Page) -> Result<(), PortError>;
    /// Ends the table; it is durable when this returns.
    fn finish(self: Box<Self>) -> Result<TableFile, PortError>;
}

/// A finished table on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFile {
    /// Name of the file, without folder.
    pub file: String,
    /// Number of rows.
    pub rows: u64,
    /// Number of pages.
    pub pages: u32,
    /// Number of partitions.
    pub partitions: u32,
    /// Bytes on disk.
    pub bytes: u64,
    /// Its columns.
    pub schema: Schema,
}

/// What travels between two parties of a task.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Bytes that only the component understands.
    Bytes(Vec<u8>),
    /// A page, checked by the node that receives it.
    Page(Page),
    /// A public key, serialised by the node's cryptography.
    PublicKey(Vec<u8>),
    /// A vector of ciphertexts, serialised by the node's cryptography.
    Encrypted(Vec<u8>),
}

impl Message {
    /// Bytes that count against the limit of the edge.
    pub fn byte_len(&self) -> usize {
        match self {
            Message::Bytes(b) | Message::PublicKey(b) | Message::Encrypted(b) => b.len(),
            Message::Page(page) => page.byte_len(),
        }
    }

    /// What it is, for an error.
    pub fn kind(&self) -> &'static str {
        match self {
            Message::Bytes(_) => "bytes",
            Message::Page(_) => "a page",
            Message::PublicKey(_) => "a public key",
            Message::Encrypted(_) => "ciphertexts",
        }
    }
}

/// Where a message goes: everything but the tag is set by the node, so that no component can name another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// `<job>_<component>_<version>`: the federation session of one run of a task.
    pub session: String,
    /// Who sends.
    pub from: Party,
    /// Who receives.
    pub to: Party,
    /// The component's name for it.
    pub tag: String,
}

/// Carries messages between the parties of a task. Messages of one address arrive in the order in which they were sent.
pub trait Transport: Send + Sync {
    /// Sends; returns when the message is on its way.
    fn push(&self, address: &Address, message: Message) -> Result<(), PortError>;
    /// Waits for the next message; wakes at once when `stop` is given.
    fn pull(&self, address: &Address, deadline: Instant, stop: &StopSignal) -> Result<Message, PortError>;
    /// Says that a party's attempt has ended: who waits for it gets `PeerGone` once its messages are used up.
    fn leave(&self, session: &str, party: Party);
    /// Drops all messages of a session that has ended.
    fn close(&self, session: &str);
}

/// A named part of a model: JSON for people, bytes for machines.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelPart {
    /// `HeteroLogisticRegressionParam`, `...Meta`.
    pub name: String,
    /// JSON object, in protobuf's JSON mapping where FATE has a message for it.
    pub json: String,
    /// Anything; may be empty.
    pub bytes: Vec<u8>,
}

/// A model that came in through a port.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Component that made it.
    pub component: String,
    /// Name under which it did.
    pub alias: String,
    /// Its parts.
    pub parts: Vec<ModelPart>,
}

/// Key or value of a metric's point.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

/// How bad a line of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For the author.
    Debug,
    /// For whoever follows.
    Info,
    /// Worth a look.
    Warning,
    /// The attempt will probably fail.
    Error,
}

/// Where a line of a component came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// The `log` interface.
    Log,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Everything that one attempt can reach. The sandbox checks grants, sizes and shapes and then asks this; nothing else
/// of the node is within a component's reach. Made by the node for one attempt; by a fake in the sandbox's tests.
pub trait World: Send + Sync {
    /// Tables on an input port; none when it is not connected.
    fn inputs(&self, port: &str) -> Result<Vec<Arc<dyn Table>>, PortError>;
    /// Begins the table of an output port.
    fn create_output(&self, port: &str, schema: &Schema, partitions: u32) -> Result<Box<dyn TableWriter>, PortError>;
    /// Ends a table that was begun on an output port and makes it the port's.
    fn finish_output(&self, port: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError>;
    /// Passes a table on to an output port as it is, without copying.
    fn forward(&self, port: &str, table: &dyn Table) -> Result<(), PortError>;
    /// Models on an input port.
    fn models(&self, port: &str) -> Result<Vec<Model>, PortError>;
    /// Saves a model under an output port.
    fn save_model(&self, port: &str, parts: Vec<ModelPart>) -> Result<(), PortError>;
    /// Keeps a model under an output port as it is after a step of its training: at once, and however the attempt ends.
    /// A second one of the same step replaces the first.
    fn save_checkpoint(
        &self,
        port: &str,
        step_index: u32,
        step_name: &str,
        parts: Vec<ModelPart>,
    ) -> Result<(), PortError>;
    /// Adds points to a series.
    fn metric_points(&self, namespace: &str, name: &str, points: &[(Scalar, Scalar)]) -> Result<(), PortError>;
    /// Says what a series is: FATE's type (`LOSS`), and more as a JSON object.
    fn metric_meta(&self, namespace: &str, name: &str, metric_type: &str, extra: Value) -> Result<(), PortError>;
    /// Replaces the summary, a JSON object.
    fn summary(&self, summary: Value) -> Result<(), PortError>;
    /// Says how far the attempt is.
    fn progress(&self, done: u64, of: u64, what: &str);
    /// Memory that all attempts of the tenant may use together, bytes; none = as much as the node has.
    fn tenant_memory(&self) -> Option<u64> {
        None
    }
    /// Writes one line, without its end.
    fn log(&self, level: Level, stream: Stream, line: &str);
    /// Sends to another party of the task.
    fn push(&self, to: Party, tag: &str, message: Message) -> Result<(), PortError>;
    /// Waits for a message of another party of the task.
    fn pull(&self, from: Party, tag: &str) -> Result<Message, PortError>;
    /// Opens a table of the tenant (grant `open-table`).
    fn open_table(&self, namespace: &str, name: &str) -> Result<Arc<dyn Table>, PortError>;
    /// Opens an output of this party from an earlier job of the tenant (grant `open-table`).
    fn open_output(&self, job: &str, component: &str, data_name: &str) -> Result<Arc<dyn Table>, PortError>;
    /// Begins a table of the tenant (grant `publish-table`).
    fn publish_table(
        &self,
        namespace: &str,
        name: &str,
        schema: &Schema,
        partitions: u32,
        replace: bool,
    ) -> Result<Box<dyn TableWriter>, PortError>;
    /// Ends a table of the tenant; it appears under its name when the attempt succeeds.
    fn finish_published(&self, namespace: &str, name: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError>;
    /// Size of the uploaded file, bytes (grant `uploaded-file`).
    fn uploaded_size(&self) -> Result<u64, PortError>;
    /// Reads the uploaded file from `offset`; fewer bytes only at its end.
    fn uploaded_read(&self, offset: u64, len: u32) -> Result<Vec<u8>, PortError>;

    /// The uploaded file itself, for a process that may read it (grant `uploaded-file`); none when there is none.
    fn uploaded_file(&self) -> Option<File> {
        None
    }

    /// Begins the one file that the attempt puts out on the site's disk (grant `export-file`); it appears under its
    /// name when the attempt succeeds.
    fn export_begin(&self, path: &str) -> Result<(), PortError>;
    /// Adds bytes to that file.
    fn export_write(&self, bytes: &[u8]) -> Result<(), PortError>;
}

/// What all attempts of an executor use now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Linear memory, bytes.
    pub memory_bytes: u64,
    /// What there is for it, bytes.
    pub memory_pool_bytes: u64,
}

/// Runs attempts. Blocks until the attempt has ended, whatever the component does, and never panics.
pub trait Executor: Send + Sync {
    /// Runs one attempt to its end, or until `stop`.
    fn run(&self, attempt: &Attempt, world: Arc<dyn World>, stop: &StopSignal) -> Outcome;

    /// What all attempts use now; nothing, where nobody counts.
    fn load(&self) -> Load {
        Load::default()
    }

    /// Memory that the attempts of a tenant have now, with what is held for them; nothing, where nobody counts.
    fn memory_of(&self, _tenant: &TenantId) -> u64 {
        0
    }
}

/// A module that an image of the node offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Digest of the image, SHA-256 in hex.
    pub image: String,
    /// Name of the component: `hetero_lr`.
    pub component: String,
    /// Its version.
    pub version: String,
    /// Where the image comes from.
    pub origin: Origin,
    /// The module's description.
    pub module: Module,
}

/// The images of a node, by what they offer.
pub trait Catalog: Send + Sync {
    /// The image that serves a module, by name or alias. Without a provider, and with one of FATE's, that is the module's
    /// default one; with another it is the image that the provider names (see `image::Provider`).
    fn module(&self, tenant: &TenantId, name: &str, provider: Option<&str>) -> Option<Offer>;
    /// All images of the operator's and of a tenant, the oldest first.
    fn images(&self, tenant: &TenantId) -> Vec<Accepted>;
    /// Takes an image of a tenant through everything that is asked of one, also one that others have: nobody is to tell
    /// from the time that it takes. It serves nothing before it is published. Why it was refused, otherwise.
    fn accept(&self, tenant: &TenantId, bytes: &[u8]) -> Result<Accepted, String>;
    /// Has an image serve jobs of a tenant that was accepted; false when there is none.
    fn publish(&self, tenant: &TenantId, digest: &str) -> bool;
    /// Takes an image that was accepted or pushed from a tenant; attempts that run keep it to their end.
    fn forget(&self, tenant: &TenantId, digest: &str);
    /// Where the image with this digest comes from; none when it is not there for the tenant.
    fn origin(&self, tenant: &TenantId, digest: &str) -> Option<Origin>;
    /// Names of all modules that a tenant can use, for an error that lists them.
    fn module_names(&self, tenant: &TenantId) -> Vec<String>;

    /// True when the image with this digest is there for the tenant.
    fn has(&self, tenant: &TenantId, digest: &str) -> bool {
        self.origin(tenant, digest).is_some()
    }

    /// All descriptions that a tenant can see.
    fn descriptors(&self, tenant: &TenantId) -> Vec<Descriptor> {
        self.images(tenant).into_iter().map(|image| image.descriptor).collect()
    }

    /// All modules that a tenant can use, the oldest image first.
    fn offers(&self, tenant: &TenantId) -> Vec<Offer> {
        let of = |image: Accepted| {
            let Accepted { digest, descriptor: Descriptor { name, version, modules, .. }, origin, .. } = image;
            let offer = move |module| {
                let (image, component, version) = (digest.clone(), name.clone(), version.clone());
                Offer { image, component, version, origin, module }
            };
            modules.into_iter().map(offer)
        };
        self.images(tenant).into_iter().flat_map(of).collect()
    }
}
