//! The contract only grows: whatever was released in `tests/contract/` is still in `wit/` as it was, and a component
//! that was built for it then is still accepted and runs. Not for: whether `wit/` can be read at all (the build).
//!
//! A release adds a folder with a copy of `wit/` and a component. What fails here breaks components of others: it needs
//! a new version of the contract beside the old one, not a change of the test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parcae_domain::{port::Catalog, status::Status, tenant::TenantId};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{Site, example};
use serde_json::Value;
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

/// Everything that others rely on, each by its path and written out: `func tables.create`, `record types.party`.
type Items = BTreeMap<String, String>;

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Folders of released contracts.
fn releases() -> Vec<PathBuf> {
    let releases = std::fs::read_dir(folder("contract")).unwrap().map(|entry| entry.unwrap().path());
    let releases: Vec<PathBuf> = releases.filter(|path| path.is_dir()).collect();
    assert!(!releases.is_empty());
    releases
}

fn read(folder: &Path) -> Items {
    let mut resolve = Resolve::default();
    resolve.push_dir(folder).unwrap_or_else(|e| panic!("{}: {e:#}", folder.display()));
    items(&resolve)
}

fn items(resolve: &Resolve) -> Items {
    let mut items = Items::new();
    for (_, interface) in resolve.interfaces.iter() {
        let Some(name) = &interface.name else { continue };
        items.insert(format!("interface {name}"), String::new());
        for (function, about) in &interface.functions {
            items.insert(format!("func {name}.{function}"), signature(resolve, about));
        }
        for (name_of_type, id) in &interface.types {
            items.insert(format!("type {name}.{name_of_type}"), definition(resolve, *id));
        }
    }
    for (_, world) in resolve.worlds.iter() {
        for (side, list) in [("import", &world.imports), ("export", &world.exports)] {
            for (key, item) in list {
                let name = unversioned(&resolve.name_world_key(key));
                items.insert(format!("{side} {}.{name}", world.name), world_item(resolve, item));
            }
        }
    }
    items
}

fn world_item(resolve: &Resolve, item: &WorldItem) -> String {
    match item {
        WorldItem::Interface { id, .. } => {
            format!("interface {}", unversioned(&resolve.id_of(*id).unwrap_or_default()))
        }
        WorldItem::Function(function) => signature(resolve, function),
        WorldItem::Type { id, .. } => definition(resolve, *id),
    }
}

/// A name whose version may grow: `parcae:component/log`.
fn unversioned(name: &str) -> String {
    name.split('@').next().unwrap_or_default().to_owned()
}

/// Parameters by name, for languages that pass them so, and the result.
fn signature(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, reference(resolve, &param.ty))).collect();
    let result = function.result.as_ref().map(|ty| format!(" -> {}", reference(resolve, ty)));
    format!("{}({}){}", kind(function), params.join(", "), result.unwrap_or_default())
}

/// What kind of function, without the resource, which its name has: `Method(Id { .. })` is `Method`.
fn kind(function: &Function) -> String {
    let kind = format!("{:?}", function.kind);
    kind.split('(').next().unwrap_or_default().to_owned()
}

/// What a type consists of, to its last field and case.
fn definition(resolve: &Resolve, id: TypeId) -> String {
    let of = |ty: &Type| reference(resolve, ty);
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            let fields: Vec<String> = record.fields.iter().map(|f| format!("{}: {}", f.name, of(&f.ty))).collect();
            format!("record {{ {} }}", fields.join(", "))
        }
        TypeDefKind::Variant(variant) => {
            let case = |name: &str, ty: Option<&Type>| format!("{name}({})", ty.map(of).unwrap_or_default());
            let cases: Vec<String> = variant.cases.iter().map(|c| case(&c.name, c.ty.as_ref())).collect();
            format!("variant {{ {} }}", cases.join(", "))
        }
        TypeDefKind::Enum(all) => {
            let cases: Vec<&str> = all.cases.iter().map(|case| case.name.as_str()).collect();
            format!("enum {{ {} }}", cases.join(", "))
        }
        TypeDefKind::Flags(all) => {
            let flags: Vec<&str> = all.flags.iter().map(|flag| flag.name.as_str()).collect();
            format!("flags {{ {} }}", flags.join(", "))
        }
        TypeDefKind::Resource => "resource".to_owned(),
        TypeDefKind::Type(ty) => of(ty),
        _ => composed(resolve, id),
    }
}

/// A type where it is used: by the name and the interface that define it, or written out when it has no name.
fn reference(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else { return format!("{ty:?}") };
    let about = &resolve.types[*id];
    match (&about.kind, &about.name, &about.owner) {
        // What another interface defines and this one uses.
        (TypeDefKind::Type(Type::Id(other)), _, _) => reference(resolve, &Type::Id(*other)),
        (_, Some(name), TypeOwner::Interface(owner)) => {
            format!("{}.{name}", resolve.interfaces[*owner].name.as_deref().unwrap_or_default())
        }
        (_, Some(name), _) => name.clone(),
        (_, None, _) => composed(resolve, *id),
    }
}

fn composed(resolve: &Resolve, id: TypeId) -> String {
    let of = |ty: &Type| reference(resolve, ty);
    let some = |ty: Option<&Type>| ty.map_or_else(|| "_".to_owned(), |ty| reference(resolve, ty));
    match &resolve.types[id].kind {
        TypeDefKind::List(ty) => format!("list<{}>", of(ty)),
        TypeDefKind::Option(ty) => format!("option<{}>", of(ty)),
        TypeDefKind::Result(result) => format!("result<{}, {}>", some(result.ok.as_ref()), some(result.err.as_ref())),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(of).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Handle(Handle::Own(id)) => format!("own<{}>", of(&Type::Id(*id))),
        TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", of(&Type::Id(*id))),
        other => panic!("the contract has a type that this test does not know yet: {other:?}"),
    }
}

/// What was there and is not as it was, and what components that were built before do not export.
fn broken(released: &Items, now: &Items) -> Vec<String> {
    let world = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let worlds: BTreeSet<String> = released.keys().map(|path| world(path)).collect();
    let new = now.keys().filter(|path| path.starts_with("export ") && !released.contains_key(*path));
    let wanted = new.filter(|path| worlds.contains(&world(path)));
    let changes = released.iter().filter_map(|(path, was)| match now.get(path) {
        None => Some(format!("{path} is gone")),
        Some(is) if is != was => Some(format!("{path} was {was}, and is {is}")),
        Some(_) => None,
    });
    changes.chain(wanted.map(|path| format!("{path} is new: older components lack it"))).collect()
}

#[test]
fn the_contract_only_grows() {
    let now = read(&folder("../wit"));
    for release in releases() {
        let released = read(&release);
        assert!(released.len() > 100, "{} has {} items", release.display(), released.len());
        let broken = broken(&released, &now);
        assert!(broken.is_empty(), "{} is not what it was:\n{}", release.display(), broken.join("\n"));
    }
}

/// A small contract, changed.
fn small(change: impl Fn(String) -> String) -> Items {
    let text = "package a:b@0.1.0;
        interface words {
            enum role { guest, host }
            record party { role: role, id: u64 }
            variant error { lost(string) }
        }
        interface tables {
            use words.{error, party};
            resource table { rows: func() -> u64; }
            open: func(name: string) -> result<table, error>;
            owner: func(about: borrow<table>) -> option<party>;
        }
        world component { import tables; export run: func(module: string) -> list<u8>; }";
    let mut resolve = Resolve::default();
    resolve.push_source("small.wit", &change(text.to_owned())).unwrap();
    items(&resolve)
}

/// What `wkg wit build` makes of it, and what `wkg` publishes.
#[test]
fn the_contract_is_a_package_for_registries() {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder("../wit")).unwrap();
    let name = &resolve.packages[package].name;
    assert_eq!((name.namespace.as_str(), name.name.as_str()), ("parcae", "component"));
    assert!(name.version.is_some(), "a package without a version cannot be published");
    let binary = wit_component::encode(&resolve, package, false).unwrap();
    let DecodedWasm::WitPackage(again, id) = decode(&binary).unwrap() else { panic!("no package of WIT") };
    assert_eq!((&again.packages[id].name, items(&again)), (name, items(&resolve)));
}

#[test]
fn what_is_added_breaks_nothing() {
    let released = small(|text| text);
    for (old, new) in [
        ("enum role", "/// What a party does.\n enum role"),
        ("interface tables {", "interface tables { close: func();"),
        ("rows: func() -> u64;", "rows: func() -> u64; pages: func() -> u32;"),
        ("interface words {", "interface words { record more { a: u8 }"),
        ("interface words {", "interface log { write: func(); } interface words {"),
        ("import tables;", "import words; import tables;"),
        ("world component", "world other { export go: func(); } world component"),
    ] {
        assert_eq!(broken(&released, &small(|text| text.replacen(old, new, 1))), [""; 0], "{new}");
    }
}

#[test]
fn what_is_changed_is_told() {
    let released = small(|text| text);
    for (old, new, told) in [
        ("guest, host", "guest, host, arbiter", "type words.role was enum { guest, host }, and is enum { guest, "),
        ("guest, host", "host, guest", "type words.role was"),
        ("id: u64", "id: u32", "type words.party was record { role: words.role, id: U64 }, and is"),
        ("id: u64", "id: u64, name: string", "type words.party was"),
        ("role: role, id: u64", "id: u64, role: role", "type words.party was"),
        ("lost(string)", "lost(u8)", "type words.error was"),
        ("lost(string)", "lost(string), other", "type words.error was"),
        ("name: string", "title: string", "func tables.open was"),
        ("name: string", "name: string, new: bool", "func tables.open was"),
        ("result<table, error>", "result<table>", "func tables.open was"),
        ("rows: func() -> u64;", "", "func tables.[method]table.rows is gone"),
        ("rows: func()", "rows: static func()", "func tables.[method]table.rows is gone"),
        ("owner: func(about: borrow<table>)", "owner: func(about: table)", "func tables.owner was"),
        ("export run: func", "export start: func", "export component.run is gone"),
        ("list<u8>", "list<u16>", "export component.run was Freestanding(module: String) -> list<U8>, and is"),
        ("import tables;", "", "is gone"),
        ("export run:", "export stop: func(); export run:", "export component.stop is new"),
    ] {
        let broken = broken(&released, &small(|text| text.replacen(old, new, 1)));
        assert!(broken.iter().any(|line| line.contains(told)), "{old} -> {new}: {broken:?}");
    }
}

/// Images of the catalog that the job needs, and one from a file.
fn images(wasm: &Path) -> Arc<Images> {
    let images = Images::new(start(Settings::default()).unwrap());
    for name in ["upload", "reader", "data_transform"] {
        images.add(parcae_catalog::get(name).unwrap()).unwrap();
    }
    let added = images.add(&std::fs::read(wasm).unwrap());
    added.unwrap_or_else(|e| panic!("{} is not accepted any more: {e}", wasm.display()));
    Arc::new(images)
}

fn job_file(name: &str) -> String {
    std::fs::read_to_string(example("components/c-bucketise/job").join(name)).unwrap()
}

#[test]
fn a_component_of_every_release_runs() {
    for release in releases() {
        let images = images(&release.join("bucketise.wasm"));
        assert!(images.module(&TenantId::default_tenant(), "Bucketise", None).is_some());
        let site = Site::of(images, |_| ());
        for name in ["guest", "host"] {
            let csv = job_file(&format!("{name}.csv"));
            let (job, taken) = site.begin_upload(name, &csv, serde_json::json!({"namespace": "bucketise"}));
            taken.unwrap();
            assert_eq!(site.wait(&job).status, Status::Success, "{}", site.errors(&job));
        }
        let read = |name: &str| serde_json::from_str::<Value>(&job_file(name)).unwrap();
        site.succeed(&read("dsl.json"), &read("conf.json"));
    }
}
