//! Components made by hand, in the text format of WebAssembly and byte by byte: what no tool would make, and what says
//! of itself whatever a test wants. Not for: components that compute something (`components/`).

use std::fmt::Write;

/// Types of the contract that `describe` and `run` mention.
pub const TYPES: &str = r#"
  (type $role0 (enum "guest" "host" "arbiter" "local"))
  (export $role "role" (type $role0))
  (type $port-kind0 (enum "data" "model" "isometric-model" "cache"))
  (export $port-kind "port-kind" (type $port-kind0))
  (type $port0 (record (field "name" string) (field "kind" $port-kind) (field "optional" bool) (field "many" bool)
    (field "help" string)))
  (export $port "port" (type $port0))
  (type $module0 (record (field "name" string) (field "aliases" (list string)) (field "summary" string)
    (field "roles" (list $role)) (field "needs" (list $role)) (field "inputs" (list $port))
    (field "outputs" (list $port)) (field "parameters" string) (field "grants" (list string))))
  (export $module "module" (type $module0))
  (type $description0 (record (field "name" string) (field "version" string) (field "licence" string)
    (field "summary" string) (field "modules" (list $module))))
  (export $description "description" (type $description0))
  (type $kind0 (enum "input" "peer" "transient" "other"))
  (export $kind "failure-kind" (type $kind0))
  (type $failure0 (record (field "kind" $kind) (field "message" string)))
  (export $failure "failure" (type $failure0))
"#;

/// Exports of the world, from an instance `$i`.
pub const EXPORTS: &str = r#"
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "describe" (core func $describe))
  (alias core export $i "run" (core func $run))
  (func (export "describe") (result $description) (canon lift (core func $describe) (memory $memory)))
  (func (export "run") (param "module" string) (result (result (error $failure)))
    (canon lift (core func $run) (memory $memory) (realloc $realloc)))
"#;

/// Bytes of a page of a memory.
const PAGE: usize = 65_536;
/// Bytes of a description where `describe` returns it.
const DESCRIPTION: usize = 40;

/// The parts of a component by hand; what is empty is left out.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Fields of the component, before everything else: imports.
    pub imports: &'a str,
    /// Imports of its core module.
    pub core_imports: &'a str,
    /// What is given to the core module for them.
    pub with: &'a str,
    /// Fields of the core module: its memory, exported as `memory`, and more.
    pub fields: &'a str,
    /// Code of `describe`, which returns where in the memory the description is.
    pub describe: &'a str,
    /// Code of `run`, which returns where in the memory the result is; a zero there says that all is well.
    pub run: &'a str,
    /// Code of the function that finds room for what the node hands in.
    pub realloc: &'a str,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        Parts {
            imports: "",
            core_imports: "",
            with: "",
            fields: r#"(memory (export "memory") 2)"#,
            describe: "(i32.const 0)",
            run: "unreachable",
            realloc: "(i32.const 65536)",
        }
    }
}

impl Parts<'_> {
    /// The text of the component.
    pub fn text(&self) -> String {
        let Parts { imports, core_imports, with, fields, describe, run, realloc } = self;
        format!(
            r#"(component {imports}
  (core module $m {core_imports}
    {fields}
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) {realloc})
    (func (export "describe") (result i32) {describe})
    (func (export "run") (param i32 i32) (result i32) {run}))
  (core instance $i (instantiate $m {with}))
  {TYPES}{EXPORTS})"#
        )
    }

    /// The component.
    pub fn build(&self) -> Vec<u8> {
        wat(&self.text())
    }
}

/// What a text in WebAssembly's text format means; panics when it means nothing.
pub fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// A component whose `describe` returns what begins at 0 in a memory that holds these bytes; its `run` does nothing.
pub fn holding(memory: &[u8]) -> Vec<u8> {
    reallocating(memory, None)
}

/// The same with other code that finds room for what the node hands in.
pub fn reallocating(memory: &[u8], realloc: Option<&str>) -> Vec<u8> {
    let mut data = String::with_capacity(memory.len() * 3);
    for byte in memory {
        // Writing to a string never fails.
        let _ = write!(data, "\\{byte:02x}");
    }
    let pages = memory.len() / PAGE + 2;
    let free = (pages - 1) * PAGE;
    let fields = format!(r#"(memory (export "memory") {pages}) (data (i32.const 0) "{data}")"#);
    let (room, run) = (format!("(i32.const {free})"), format!("(i32.const {})", free + PAGE / 2));
    Parts { fields: &fields, run: &run, realloc: realloc.unwrap_or(&room), ..Parts::default() }.build()
}

/// What a component says of itself: texts of any bytes, lists of any length.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its name.
    pub name: Vec<u8>,
    /// Its version.
    pub version: Vec<u8>,
    /// Its licence.
    pub licence: Vec<u8>,
    /// What it is.
    pub summary: Vec<u8>,
    /// What it offers.
    pub modules: Vec<SaidModule>,
}

/// What it says of a module.
#[derive(Clone, Debug)]
pub struct SaidModule {
    /// Its name.
    pub name: Vec<u8>,
    /// Its other names.
    pub aliases: Vec<Vec<u8>>,
    /// What it is.
    pub summary: Vec<u8>,
    /// Numbers of roles.
    pub roles: Vec<u8>,
    /// Numbers of roles that must be there.
    pub needs: Vec<u8>,
    /// What it reads.
    pub inputs: Vec<SaidPort>,
    /// What it makes.
    pub outputs: Vec<SaidPort>,
    /// The schema of its parameters.
    pub parameters: Vec<u8>,
    /// What it asks for.
    pub grants: Vec<Vec<u8>>,
}

/// What it says of a port.
#[derive(Clone, Debug)]
pub struct SaidPort {
    /// Its name.
    pub name: Vec<u8>,
    /// Number of its kind.
    pub kind: u8,
    /// What it is for.
    pub help: Vec<u8>,
}

impl Default for Said {
    fn default() -> Said {
        let [name, version, licence] = [&b"made"[..], b"0.1.0", b"Apache-2.0"].map(<[u8]>::to_vec);
        Said { name, version, licence, summary: vec![], modules: vec![SaidModule::named("Made")] }
    }
}

impl SaidModule {
    /// A module in role local, without ports and parameters.
    pub fn named(name: &str) -> SaidModule {
        SaidModule {
            name: name.as_bytes().to_vec(),
            aliases: vec![],
            summary: vec![],
            roles: vec![3],
            needs: vec![],
            inputs: vec![],
            outputs: vec![],
            parameters: b"{}".to_vec(),
            grants: vec![],
        }
    }
}

impl SaidPort {
    /// A port for data.
    pub fn named(name: &str) -> SaidPort {
        SaidPort { name: name.as_bytes().to_vec(), kind: 0, help: vec![] }
    }
}

impl Said {
    /// A good description, changed.
    pub fn but(change: impl FnOnce(&mut Said)) -> Said {
        let mut said = Said::default();
        change(&mut said);
        said
    }

    /// A memory with the description at its beginning, as the canonical ABI has it.
    pub fn memory(&self) -> Vec<u8> {
        let mut memory = Memory(vec![0; DESCRIPTION]);
        let texts = [&self.name, &self.version, &self.licence, &self.summary].map(|text| memory.text(text));
        let modules: Vec<Vec<u8>> = self.modules.iter().map(|module| memory.module(module)).collect();
        let modules = memory.list(&modules);
        let Memory(mut bytes) = memory;
        for (at, pair) in texts.iter().chain([&modules]).enumerate() {
            bytes[at * 8..at * 8 + 8].copy_from_slice(pair);
        }
        bytes
    }

    /// The component that says so.
    pub fn build(&self) -> Vec<u8> {
        holding(&self.memory())
    }
}

/// A memory that is filled from its beginning. A text or a list is a pair: where it is, and how long it is.
struct Memory(Vec<u8>);

impl Memory {
    fn pair(&mut self, bytes: &[u8], len: usize) -> [u8; 8] {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let [at, len] = [self.0.len(), len].map(|n| u32::try_from(n).expect("a memory by hand is small").to_le_bytes());
        self.0.extend_from_slice(bytes);
        let mut pair = [0; 8];
        pair[..4].copy_from_slice(&at);
        pair[4..].copy_from_slice(&len);
        pair
    }

    fn text(&mut self, text: &[u8]) -> [u8; 8] {
        self.pair(text, text.len())
    }

    fn list<T: AsRef<[u8]>>(&mut self, items: &[T]) -> [u8; 8] {
        let bytes: Vec<u8> = items.iter().flat_map(|item| item.as_ref().iter().copied()).collect();
        self.pair(&bytes, items.len())
    }

    fn texts(&mut self, texts: &[Vec<u8>]) -> [u8; 8] {
        let pairs: Vec<[u8; 8]> = texts.iter().map(|text| self.text(text)).collect();
        self.list(&pairs)
    }

    fn ports(&mut self, ports: &[SaidPort]) -> [u8; 8] {
        let ports: Vec<Vec<u8>> = ports
            .iter()
            .map(|port| [&self.text(&port.name)[..], &[port.kind, 0, 0, 0], &self.text(&port.help)[..]].concat())
            .collect();
        self.list(&ports)
    }

    fn module(&mut self, said: &SaidModule) -> Vec<u8> {
        [
            self.text(&said.name),
            self.texts(&said.aliases),
            self.text(&said.summary),
            self.text(&said.roles),
            self.text(&said.needs),
            self.ports(&said.inputs),
            self.ports(&said.outputs),
            self.text(&said.parameters),
            self.texts(&said.grants),
        ]
        .concat()
    }
}
