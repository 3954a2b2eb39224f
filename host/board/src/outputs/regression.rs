//! To come.

use maud::Markup;

use super::Outputs;
use crate::view::View;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(_view: &View, _outputs: &Outputs<'_>) -> Option<Markup> {
    None
}
