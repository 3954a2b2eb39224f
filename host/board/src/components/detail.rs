//! The page of a component: what the node knows of it, and each of its modules. Not for: the list (`components`).

use maud::{Markup, html};
use parcae_domain::{isolation::Isolation, limit_sources::LimitSet, tenant::Scope};
use parcae_node::ComponentImage;

use super::{digest, isolation, module, origin, url};
use crate::format;
use crate::layout::Frame;
use crate::parts::{action, encoded, facts};
use crate::view::View;

/// A component with all that its page shows.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The image.
    pub image: ComponentImage,
    /// Where its attempts run.
    pub isolation: Isolation,
    /// What the node's configuration says of its modules' limits, in their order.
    pub limits: Vec<LimitSet>,
    /// It was pushed a moment ago; true when it was not there before.
    pub pushed: Option<bool>,
    /// Its grants were changed a moment ago.
    pub granted: bool,
}

/// The page.
pub fn page(view: &View, detail: &Detail) -> Frame {
    let Detail { image, limits, .. } = detail;
    let said = &image.descriptor;
    let body = html! {
        p.crumbs { a href="/components" { (view.t("Components", "组件")) } " › " (said.name) }
        div.head {
            h1 { (said.name) " " span.soft { (said.version) } }
            (actions(view, image))
        }
        (news(view, detail))
        @if let Some(why) = &image.left_out {
            p.error {
                (view.t("It could not be taken up at the last start. Push it again, or remove it: ",
                    "上次启动时未能加载。请重新推送或删除："))
                (why)
            }
        }
        @for (party, why) in &image.refused_by {
            p.error { (view.t("Not taken by party ", "不接受该组件的参与方：")) (party) ": " (why) }
        }
        p { (said.summary) }
        section.card { (about(view, detail)) }
        @for (at, one) in said.modules.iter().enumerate() {
            (module::section(view, image, one, limits.get(at)))
        }
    };
    Frame::new(format!("{} {}", said.name, said.version), body)
}

fn actions(view: &View, image: &ComponentImage) -> Markup {
    let question = view.t("Remove this component from the node?", "从节点删除此组件？");
    html! {
        @if !image.origin.is_operators() {
            div.row {
                a.button href=(format!("/v1/components/{}/wasm", encoded(&image.digest))) download {
                    (view.t("Download", "下载")) }
                @if view.may(Scope::Operate) {
                    (action(&format!("{}/delete", url(image)), &[], "danger", view.t("Remove", "删除"), Some(question)))
                }
            }
        }
    }
}

/// What has just been done to it.
fn news(view: &View, detail: &Detail) -> Markup {
    let lacks = detail.image.grants.iter().any(|module| !module.missing.is_empty());
    let pushed = detail.pushed.map(|is_new| match is_new {
        true => view.t("Pushed: its modules serve jobs now.", "推送成功，模块现已可用。"),
        false => view.t("The same component was here already.", "相同的组件已存在。"),
    });
    let granted = detail.granted.then(|| view.t("The grants are as ticked.", "授权已更新。"));
    let done = pushed.into_iter().chain(granted);
    html! {
        @for words in done { p.fine role="status" { "✓ " (words) } }
        @if lacks && !detail.image.origin.is_operators() {
            p.warning {
                (view.t("It asks for more than it was given: until then jobs that run it are refused. ",
                    "部分授权尚未授予，运行它的作业会被拒绝。"))
                @if view.may(Scope::Operate) { (view.t("Tick below what it may do.", "请在下方勾选允许的操作。")) }
                @else { (view.t("Ask who operates this node.", "请联系节点管理员。")) }
            }
        }
    }
}

fn about(view: &View, detail: &Detail) -> Markup {
    let Detail { image, isolation: runs, .. } = detail;
    let none = || html! { span.soft { "–" } };
    let text = |text: &Option<String>| text.as_ref().map_or_else(none, |text| html! { (text) });
    facts([
        (view.t("Digest, SHA-256", "摘要（SHA-256）"), digest(view, &image.digest)),
        (view.t("From", "来源"), html! { (origin(view, image.origin)) }),
        (view.t("Runs in a", "运行于"), html! { (isolation(view, *runs)) }),
        (view.t("Size", "大小"), html! { (format::bytes(image.bytes)) }),
        (view.t("Licence", "许可证"), html! { (image.descriptor.licence) }),
        (view.t("Signed by", "签名者"), text(&image.signed_by)),
        (view.t("Pushed by", "推送者"), text(&image.pushed_by)),
        (view.t("Pushed", "推送时间"), format::time_or_none(image.created_ms)),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{image, view};
    use super::*;

    fn shown(scope: Scope) -> String {
        let limits = vec![LimitSet::from_iter([("memory_bytes".to_owned(), 7)])];
        let (isolation, pushed) = (Isolation::Process, Some(true));
        let detail = Detail { image: image(), isolation, limits, pushed, granted: false };
        page(&view(scope), &detail).body.into_string()
    }

    #[test]
    fn what_a_component_says_is_text() {
        let page = shown(Scope::Operate);
        for raw in ["<script>", "<b>", "<i>", "<u>", "<s>"] {
            assert!(!page.contains(raw), "{raw}: {page}");
        }
        let wanted =
            ["&lt;script&gt;x", "open-table", "memory_bytes", "deep.low", "optional", "guest, host", "/wasm\""];
        for words in wanted {
            assert!(page.contains(words), "{words} is not in {page}");
        }
    }

    #[test]
    fn operators_alone_grant_and_remove() {
        assert!(shown(Scope::Operate).contains("/delete\"") && shown(Scope::Operate).contains("name=\"grant\""));
        assert!(!shown(Scope::Submit).contains("/delete\"") && !shown(Scope::Submit).contains("name=\"grant\""));
    }
}
