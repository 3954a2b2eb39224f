//! Images that were damaged: the loader refuses them with words, or takes them with a description that can be kept.

use parcae_domain::{port::Catalog, tenant::TenantId};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::made::{Parts, Said, SaidModule, SaidPort, wat};

use crate::{check_words, fuzz, mutate};

/// Small images that are taken, and some that nearly are.
fn seeds() -> Vec<Vec<u8>> {
    let busy = r#"(memory (export "memory") 2) (table 4 funcref) (global (mut i32) (i32.const 7))
        (elem (i32.const 0) func $f) (data (i32.const 1024) "\01\02\03")
        (func $f (result i32) (local i32 i64 f64 v128)
          (block $b (loop $l (br_if $b (i32.eqz (local.get 0))) (br $l)))
          (drop (i64x2.splat (i64.const 1))) (i32.add (call_indirect (result i32) (i32.const 0)) (i32.const 1)))"#;
    let said = Said::but(|said| {
        let port = SaidPort::named("data");
        let parameters = br#"{"type":"object","properties":{"a":{"type":"integer","default":1}}}"#.to_vec();
        let aliases = vec![b"other".to_vec()];
        let ports = (vec![port.clone()], vec![port]);
        let module = SaidModule { aliases, parameters, inputs: ports.0, outputs: ports.1, ..SaidModule::named("More") };
        said.modules.push(module);
    });
    let imports = r#"(import "parcae:component/log@0.1.0" (instance
        (type (enum "debug" "info" "warning" "error")) (export "level" (type (eq 0)))
        (export "write" (func (param "level" 1) (param "message" string)))))"#;
    vec![
        Said::default().build(),
        said.build(),
        Parts { fields: busy, ..Parts::default() }.build(),
        Parts { imports, ..Parts::default() }.build(),
        wat("(component (component (core module (func))) (type (record (field \"a\" (list u8)))))"),
        include_bytes!("../contract/0.1.0/bucketise.wasm").to_vec(),
    ]
}

#[test]
fn loader() {
    let images = Images::new(start(Settings::default()).unwrap());
    let (small, large) = (seeds(), ["reader", "upload"].map(|name| parcae_catalog::get(name).unwrap()));
    fuzz(
        "loader",
        |random| {
            let large = *random.pick(&large);
            let other = random.pick(&small);
            let image: &[u8] = if random.once_in(50) { large } else { random.pick(&small).as_slice() };
            let mut image = mutate::wasm(random, image, other);
            while random.once_in(2) {
                image = mutate::wasm(random, &image, other);
            }
            image
        },
        |bytes| taken(&images, bytes),
    );
}

/// Offers an image; true when it was taken. It does not stay.
pub fn taken(images: &Images, bytes: &[u8]) -> bool {
    match images.accept(&TenantId::default_tenant(), bytes) {
        Err(said) => {
            check_words(&said);
            false
        }
        Ok(accepted) => {
            images.forget(&TenantId::default_tenant(), &accepted.digest);
            let kept = serde_json::to_string(&accepted.descriptor).unwrap();
            assert_eq!(serde_json::from_str::<serde_json::Value>(&kept).unwrap()["name"], accepted.descriptor.name);
            let read: parcae_domain::descriptor::Descriptor = serde_json::from_str(&kept).unwrap();
            assert_eq!(read.modules.len(), accepted.descriptor.modules.len());
            true
        }
    }
}
