//! Components in a few hundred bytes: any name, version, module and roles. Not for: how they are made by hand
//! (`parcae_tests::made`), components that misbehave (`probe`).

use parcae_tests::made::{Parts, Said, SaidModule};

/// Role guest, as the contract numbers roles.
const GUEST: u8 = 0;
/// Role host.
pub const HOST: u8 = 1;

/// A component.
#[derive(Clone, Copy, Debug)]
pub struct Toy {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its one module.
    pub module: &'static str,
    /// What the module asks for.
    pub grants: &'static [&'static str],
    /// Who runs it, as the contract numbers roles.
    pub roles: &'static [u8],
    /// Runs until it is stopped, rather than doing nothing.
    pub spins: bool,
}

/// The usual one.
pub const TOY: Toy = Toy { name: "toy", version: "0.1.0", module: "Toy", grants: &[], roles: &[GUEST], spins: false };

impl Toy {
    /// Its image.
    pub fn image(&self) -> Vec<u8> {
        let module = SaidModule {
            roles: self.roles.to_vec(),
            grants: self.grants.iter().map(|grant| grant.as_bytes().to_vec()).collect(),
            ..SaidModule::named(self.module)
        };
        let said = Said::but(|said| {
            said.name = self.name.as_bytes().to_vec();
            said.version = self.version.as_bytes().to_vec();
            said.modules = vec![module];
        });
        if !self.spins {
            return said.build();
        }
        let data: String = said.memory().iter().map(|byte| format!("\\{byte:02x}")).collect();
        let fields = format!(r#"(memory (export "memory") 2) (data (i32.const 0) "{data}")"#);
        Parts { fields: &fields, run: "(loop $l (br $l)) (i32.const 0)", ..Parts::default() }.build()
    }
}
