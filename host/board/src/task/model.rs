//! Parts of a model as trees of JSON, with a bound on each. Not for: what they mean (`outputs`), whole models
//! (`models`).

use maud::{Markup, html};
use parcae_node::view::ModelPartView;

use crate::format;
use crate::parts::nothing;
use crate::tree::tree;
use crate::view::View;

/// Most lines of a part.
const MOST: usize = 400;

/// The parts, and where the whole of them is.
pub fn show(view: &View, parts: &[ModelPartView], download: &str) -> Markup {
    html! {
        @if parts.is_empty() {
            (nothing(view.t("No model is kept of this task.", "该任务没有保存模型。"), html! {
                p { (view.t("One appears once a task that trains has ended.", "训练任务结束后会显示模型。")) }
            }))
        } @else {
            div.row.apart {
                p.hint { (parts.len()) (view.t(" parts, ", " 个部分，"))
                    (format::bytes(parts.iter().map(|part| part.bytes).sum())) }
                a.button.small href=(download) { (view.t("Download as JSON", "下载 JSON")) }
            }
            (list(view, parts))
        }
    }
}

/// The parts alone.
pub fn list(view: &View, parts: &[ModelPartView]) -> Markup {
    html! {
        @for (at, part) in parts.iter().enumerate() {
            details.card id={ "part-" (at) } open[parts.len() <= 2] {
                summary { strong { (part.name) } " " span.hint { (part.alias) ", " (format::bytes(part.bytes)) } }
                @if part.json.is_null() {
                    p.hint { (view.t("This part is too large for a page: download it.", "该部分过大，无法在页面中显示，请下载查看。")) }
                } @else { (tree(view, &part.json, MOST, None)) }
            }
        }
    }
}
