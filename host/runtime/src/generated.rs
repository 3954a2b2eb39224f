//! Bindings of the node's side, made from `wit/`. Not for: anything written by hand.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "component",
    imports: { default: trappable },
    with: {
        "parcae:component/tables.table": crate::tables::OpenTable,
        "parcae:component/tables.writer": crate::tables::OpenWriter,
        "parcae:component/he.key-pair": crate::he::Pair,
        "parcae:component/he.public-key": crate::he::Key,
        "parcae:component/he.encrypted": crate::he::Vector,
        "parcae:component/psi.blinder": crate::psi::OpenBlinder,
        "parcae:component/psi.rsa-signer": crate::psi::OpenSigner,
        "parcae:component/psi.rsa-blinder": crate::psi::OpenRsaBlinder,
    },
});
