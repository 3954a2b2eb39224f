//! What a job was submitted with: DSL and conf, to read and to keep. Not for: how it went.

use maud::{Markup, html};
use serde_json::Value;

use super::Scene;

/// Most bytes of a document that are shown; the file has all of it.
const MOST_SHOWN: usize = 200_000;

/// DSL and conf.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    let job = scene.page.job;
    let part = job.party != job.initiator;
    html! {
        section.card aria-labelledby="setting-title" {
            h2 #setting-title { (scene.t("Submitted as", "提交内容")) }
            (document(scene, "dsl", "DSL", &job.dsl))
            (document(scene, "conf", scene.t("Runtime conf", "运行配置"), scene.page.conf))
            @if part {
                p.hint { (scene.t("Of the conf, a party sees what holds for all parties and for itself.",
                    "对于运行配置，参与方只能看到通用部分和自己的部分。")) }
            }
        }
    }
}

fn document(scene: &Scene<'_>, name: &str, title: &str, value: &Value) -> Markup {
    let text = pretty(value);
    let shown = cut(&text);
    let id = format!("setting-{name}");
    html! {
        details.job-document id=(id) {
            summary { (title) }
            div.row.apart {
                span.hint {
                    @if shown.len() < text.len() {
                        (scene.t("The beginning; the file has all of it.", "仅显示开头；完整内容请下载。"))
                    }
                }
                a.button.small href={ (scene.url()) "/" (name) ".json" } download { (scene.t("Download", "下载")) }
            }
            pre tabindex="0" role="region" aria-label=(title) { (shown) }
        }
    }
}

/// JSON as people read it.
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

/// The beginning of a text.
fn cut(text: &str) -> &str {
    let mut end = MOST_SHOWN.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_documents_are_cut_between_letters() {
        let text = "参".repeat(MOST_SHOWN);
        assert_eq!(cut(&text).len(), MOST_SHOWN - MOST_SHOWN % 3);
        assert_eq!(cut("short"), "short");
    }
}
