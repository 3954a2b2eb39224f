//! The components that come with a node, as images. The build script builds each to wasm; nothing here knows what they do.
//! Not for: running them.

/// A component that comes with the node.
#[derive(Clone, Copy, Debug)]
pub struct Built {
    /// Name of its crate's folder: `hetero_lr`.
    pub name: &'static str,
    /// The component's bytes.
    pub wasm: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/images.rs"));

/// The image of one component.
pub fn get(name: &str) -> Option<&'static [u8]> {
    IMAGES.iter().chain(TEST_IMAGES).find(|built| built.name == name).map(|built| built.wasm)
}
