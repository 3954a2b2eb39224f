//! To come.

use maud::{Markup, html};

use super::Bars;
use crate::view::View;

pub(super) fn draw(_view: &View, chart: &Bars) -> Markup {
    html! { figure id=(chart.id) { figcaption { (chart.title) } } }
}
