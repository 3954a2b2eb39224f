//! What the private draws of a deterministic attempt follow from. Not for: the seed that all parties of a task share
//! (`Attempt::seed`), drawing (`runtime`).

use std::fmt;

/// A key that only this node knows: who has it can repeat what the attempt drew in private. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DrawKey(pub [u8; 32]);

impl fmt::Debug for DrawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DrawKey(..)")
    }
}
