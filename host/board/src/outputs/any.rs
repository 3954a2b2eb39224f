//! To come.

use maud::{Markup, html};

use super::Outputs;
use crate::view::View;

/// What any task put out.
pub fn show(_view: &View, _outputs: &Outputs<'_>) -> Markup {
    html! {}
}
