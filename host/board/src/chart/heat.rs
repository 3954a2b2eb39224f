//! To come.

use maud::{Markup, html};

use super::Heat;
use crate::view::View;

pub(super) fn draw(_view: &View, chart: &Heat) -> Markup {
    html! { figure id=(chart.id) { figcaption { (chart.title) } } }
}
