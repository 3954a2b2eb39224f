//! To come.

use maud::{Markup, html};

use super::Lines;
use crate::view::View;

pub(super) fn draw(_view: &View, chart: &Lines) -> Markup {
    html! { figure id=(chart.id) { figcaption { (chart.title) } } }
}
