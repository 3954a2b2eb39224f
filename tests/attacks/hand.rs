//! Components by hand that are taken, and attack while they run, where an SDK is too polite to. Each has one module, in
//! role local, and an output `data`. Not for: images that no node takes (`refused`).
//!
//! Its memory is that of a module `$low` below it, four pages long: the description of the component is at 0, the name
//! of the module that runs at 65536, a result that says that all is well at 70000; room for what the node answers is
//! at 131072.

mod abi;
mod apis;
mod calls;
mod code;
mod handles;
mod wasi;

use std::fmt::Write;

use parcae_domain::{grant::Grant, status::Status};
use parcae_tests::made::{Parts, Said, SaidModule, SaidPort, wat};
use serde_json::{Value, json};

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Hand> {
    [code::ATTACKS, abi::ATTACKS, handles::ATTACKS, calls::ATTACKS, wasi::ATTACKS].into_iter().flatten()
}

/// What a component imports, or has beside its main module.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// Fields of the component, which define core functions.
    pub imports: &'static str,
    /// Names and types of those functions, under which the code calls them.
    pub functions: &'static [(&'static str, &'static str)],
}

/// A component by hand, and how its attempt must end.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// The name of its module, too.
    pub name: &'static str,
    /// How it ends.
    pub status: Status,
    /// What its error report or its log says.
    pub says: &'static [&'static str],
    limits: &'static [(&'static str, u64)],
    /// What it asks for, and gets.
    pub grants: &'static [Grant],
    uses: &'static [&'static Api],
    fields: &'static str,
    run: &'static str,
    returns: &'static str,
    realloc: &'static str,
    room: &'static str,
    post: &'static str,
}

impl Hand {
    const fn new(name: &'static str, run: &'static str, status: Status, says: &'static [&'static str]) -> Hand {
        Hand {
            name,
            status,
            says,
            limits: &[],
            grants: &[],
            uses: &[],
            fields: "",
            run,
            returns: "(i32.const 70000)",
            realloc: "(i32.const 65536)",
            room: "(i32.const 131072)",
            post: "",
        }
    }

    /// One whose attempt fails.
    const fn fails(name: &'static str, run: &'static str, says: &'static [&'static str]) -> Hand {
        Hand::new(name, run, Status::Failed, says)
    }

    /// One that does no harm.
    const fn well(name: &'static str, run: &'static str) -> Hand {
        Hand::new(name, run, Status::Success, &[])
    }

    /// One that would never end, and gets a second.
    const fn late(name: &'static str, run: &'static str) -> Hand {
        Hand::new(name, run, Status::Timeout, &["out of time: run deadline of 1 s"])
    }

    /// With lower limits.
    const fn limits(self, limits: &'static [(&'static str, u64)]) -> Hand {
        Hand { limits, ..self }
    }

    /// With grants.
    const fn grants(self, grants: &'static [Grant]) -> Hand {
        Hand { grants, ..self }
    }

    /// With imports.
    const fn uses(self, uses: &'static [&'static Api]) -> Hand {
        Hand { uses, ..self }
    }

    /// With more fields of its core module.
    const fn fields(self, fields: &'static str) -> Hand {
        Hand { fields, ..self }
    }

    /// With other code at the end of `run`, which returns where the result is.
    const fn returns(self, returns: &'static str) -> Hand {
        Hand { returns, ..self }
    }

    /// With other code that finds room for what `run` is given.
    const fn realloc(self, realloc: &'static str) -> Hand {
        Hand { realloc, ..self }
    }

    /// With other code that finds room for what the node answers.
    const fn room(self, room: &'static str) -> Hand {
        Hand { room, ..self }
    }

    /// With code that runs after the node has read the result.
    const fn post(self, post: &'static str) -> Hand {
        Hand { post, ..self }
    }

    /// Limits that its job asks for.
    pub fn job_limits(&self) -> Value {
        let second = (self.status == Status::Timeout).then_some(("run_seconds", 1));
        let limits = self.limits.iter().copied().chain(second);
        Value::Object(limits.map(|(name, number)| (name.to_owned(), json!(number))).collect())
    }

    /// The component.
    pub fn image(&self) -> Vec<u8> {
        wat(&self.text())
    }

    fn text(&self) -> String {
        let fields = format!(r#"(export "memory" (memory 0)) {} {}"#, self.description(), self.fields);
        let run = format!("{} {}", self.run, self.returns);
        let parts = |fields: &str| {
            let (imports, core_imports, with) = (self.imports(), self.core_imports(), self.with());
            let (imports, core_imports, with) = (imports.as_str(), core_imports.as_str(), with.as_str());
            Parts { imports, core_imports, with, fields, run: &run, realloc: self.realloc, ..Parts::default() }.text()
        };
        if self.post.is_empty() {
            return parts(&fields);
        }
        let lift = "(canon lift (core func $run) (memory $memory) (realloc $realloc)";
        let run = r#"(func (export "run") (param "module" string)"#;
        parts(&format!(r#"{fields} (func (export "post") (param i32) {})"#, self.post))
            .replace(run, &format!(r#"(alias core export $i "post" (core func $post)) {run}"#))
            .replace(lift, &format!("{lift} (post-return $post)"))
    }

    /// What it says of itself, as data at the beginning of the memory.
    fn description(&self) -> String {
        let module = SaidModule {
            outputs: vec![SaidPort::named("data")],
            grants: self.grants.iter().map(|grant| grant.as_str().as_bytes().to_vec()).collect(),
            ..SaidModule::named(self.name)
        };
        let said = Said::but(|said| {
            said.name = self.name.as_bytes().to_vec();
            said.modules = vec![module];
        });
        let mut data = String::from(r#"(data (i32.const 0) ""#);
        for byte in said.memory() {
            // Writing to a string never fails.
            let _ = write!(data, "\\{byte:02x}");
        }
        data + r#"")"#
    }

    fn imports(&self) -> String {
        let low = format!(
            r#"
  (core module $low (memory (export "memory") 4)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) {}))
  (core instance $low (instantiate $low))
  (alias core export $low "memory" (core memory $low))
  (alias core export $low "realloc" (core func $room))"#,
            self.room
        );
        self.uses.iter().fold(low, |all, api| all + api.imports)
    }

    fn functions(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.uses.iter().flat_map(|api| api.functions.iter().copied())
    }

    fn core_imports(&self) -> String {
        let memory = r#"(import "low" "memory" (memory 4))"#.to_owned();
        let import = |(name, of): (&str, &str)| format!(r#" (import "host" "{name}" (func ${name} {of}))"#);
        self.functions().fold(memory, |all, function| all + &import(function))
    }

    fn with(&self) -> String {
        let export = |(name, _): (&str, &str)| format!(r#"(export "{name}" (func ${name}))"#);
        let exports: String = self.functions().map(export).collect();
        format!(r#"(with "low" (instance $low)) (with "host" (instance {exports}))"#)
    }
}
