//! The end of a task's log. Not for: reading all of it (`crate::log`).

use maud::{Markup, html};
use parcae_node::view::TaskView;

use super::log_of;
use crate::parts::nothing;
use crate::view::View;

/// The last lines of the log, with their numbers.
pub fn show(view: &View, task: &TaskView, lines: &[(u64, String)]) -> Markup {
    let url = log_of(task);
    html! {
        div.row.apart {
            p.hint {
                @if let Some((number, _)) = lines.last() {
                    (view.t("The end of it, up to line ", "日志末尾，至第 ")) (number) (view.t("", " 行"))
                }
            }
            a.button.small href=(url) { (view.t("Open the log", "打开日志")) }
        }
        @if lines.is_empty() {
            (nothing(view.t("Nothing was logged yet.", "暂无日志。"), html! {}))
        } @else {
            pre.log-end tabindex="0" aria-label=(view.t("Last lines of the log", "日志末尾")) {
                @for (number, line) in lines {
                    a.line-number href={ (url) "?line=" (number) "#L" (number) } { (number) }
                    " " (line) "\n"
                }
            }
        }
    }
}
