//! A job as one file, to be looked at without the node and given to others: its page, and what each of its tasks put
//! out, with the style sheet in it. Not for: pages of a node (`layout`), in which no style may stand.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets;
use crate::format;
use crate::layout::Frame;
use crate::view::View;

/// What only a node can answer, and what only script moves.
const HIDDEN: &str =
    "form, button, .crumbs, .pager, .dag-buttons, .dag-help, #job-actions { display: none !important; }";

/// What a task put out.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name of the task.
    pub name: String,
    /// What its page shows.
    pub body: Markup,
}

/// What the file is made of.
#[derive(Clone, Debug)]
pub struct Report<'r> {
    /// The job's page.
    pub page: &'r Frame,
    /// What its tasks put out.
    pub parts: &'r [Part],
    /// Tasks of which there is nothing here, as there are too many.
    pub left_out: usize,
    /// Where the node is: there all links lead.
    pub node: &'r str,
    /// When this was, ms since the epoch.
    pub now_ms: i64,
}

/// The file.
pub fn file(view: &View, report: &Report<'_>) -> String {
    let style = assets::asset("board.css").map_or("", |asset| asset.text);
    let document = html! {
        (DOCTYPE)
        html lang=(view.lang.as_str()) data-theme=(view.theme.as_str()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (report.page.title) " · Parcae" }
                style { (PreEscaped(style)) (PreEscaped(HIDDEN)) }
            }
            body {
                main.wide {
                    p.hint {
                        (view.t("Saved from ", "保存自 ")) a href="/" { (report.node) } " · " (format::time(report.now_ms))
                    }
                    (report.page.body)
                    @for part in report.parts {
                        section { h2 { (part.name) } (part.body) }
                    }
                    @if report.left_out > 0 {
                        p.warning { (view.t("Tasks that are left out: ", "省略的任务数：")) (report.left_out) }
                    }
                }
            }
        }
    };
    absolute(&document.into_string(), report.node)
}

/// Links of pages lead to the node. Texts have no quotation marks of their own: nothing else looks like one.
fn absolute(page: &str, node: &str) -> String {
    let node = html! { (node) }.into_string();
    page.replace(" href=\"/", &format!(" href=\"{node}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_needs_no_node() {
        let page = Frame::new("Job", html! { h1 { "1 <2" } a href="/jobs/1" { "x" } });
        let parts = [Part { name: "lr_0".into(), body: html! { p { " href=\"/no/link" } } }];
        let report = Report { page: &page, parts: &parts, left_out: 3, node: "http://a\"b", now_ms: 0 };
        let file = file(&View::default(), &report);
        assert!(file.contains("<a href=\"http://a&quot;b/jobs/1\">x</a>"), "{file}");
        assert!(file.contains("1 &lt;2") && file.contains("lr_0") && file.contains(" href=&quot;/no/link"), "{file}");
        assert!(file.contains("left out: 3") && !file.contains("<script") && !file.contains("<link"), "{file}");
    }
}
