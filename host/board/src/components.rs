//! The components of a node: the list with the form that pushes one, and what each says of itself. Not for: taking them
//! (`server`, `node`).

use maud::{Markup, html};
use parcae_domain::{image::Origin, isolation::Isolation, tenant::Scope};
use parcae_node::ComponentImage;

use crate::format;
use crate::layout::Frame;
use crate::parts::{encoded, nothing, scrolling};
use crate::view::View;

mod detail;
mod module;

pub use detail::{Detail, page};

/// A component as the list has it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The image.
    pub image: ComponentImage,
    /// Where its attempts run.
    pub isolation: Isolation,
}

/// Address of a component's page.
pub fn url(image: &ComponentImage) -> String {
    format!("/components/{}", encoded(&image.digest))
}

/// Where an image comes from, in words.
fn origin(view: &View, origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => view.t("built in", "内置"),
        Origin::Folder => view.t("node's folder", "节点目录"),
        Origin::Pushed => view.t("pushed", "已推送"),
    }
}

/// Where attempts run, in words.
fn isolation(view: &View, isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Thread => view.t("sandbox on a thread", "线程沙箱"),
        Isolation::Process => view.t("sandbox in a process of its own", "独立进程沙箱"),
    }
}

/// The beginning of a digest, and a button that copies the whole.
fn digest(view: &View, digest: &str) -> Markup {
    html! {
        span.hash {
            code title=(digest) { (digest.get(..12).unwrap_or(digest)) }
            " " button.small type="button" data-copy=(digest) data-copied=(view.t("Copied", "已复制"))
                aria-label=(view.t("Copy the digest", "复制摘要")) { (view.t("Copy", "复制")) }
        }
    }
}

/// All components; `module` is one that is looked for, `refusal` why the last push was refused.
pub fn list(view: &View, rows: &[Row], module: Option<&str>, refusal: Option<&str>) -> Frame {
    let title = view.t("Components", "组件");
    let label = view.t("Components", "组件");
    let body = html! {
        div.head {
            h1 { (title) }
            span.hint { (rows.len()) " " (view.t("components", "个组件")) }
        }
        @if let Some(words) = refusal { p.error role="alert" { (words) } }
        form.find method="get" action="/components" role="search" {
            label.unseen for="module" { (view.t("Module", "模块")) }
            input #module type="search" name="module" value=(module.unwrap_or_default()) data-search
                placeholder=(view.t("name of a module or component", "模块或组件名称"));
            button { (view.t("Find", "查找")) }
            @if module.is_some() { a.button href="/components" { (view.t("All", "全部")) } }
        }
        @if rows.is_empty() {
            (nothing(view.t("No component has such a name.", "没有匹配的组件。"),
                html! { a href="/components" { (view.t("All components", "全部组件")) } }))
        } @else {
            (scrolling(label, table(view, rows)))
        }
        @if view.may(Scope::Submit) { (push(view)) }
    };
    Frame::new(title, body)
}

fn table(view: &View, rows: &[Row]) -> Markup {
    html! {
        table.component-list {
            thead { tr {
                th scope="col" { (view.t("Component", "组件")) }
                th scope="col" { (view.t("Modules", "模块")) }
                th scope="col" { (view.t("From", "来源")) }
                th scope="col" { (view.t("Grants", "授权")) }
                th.num scope="col" { (view.t("Size", "大小")) }
                th scope="col" { (view.t("Digest", "摘要")) }
            } }
            tbody { @for row in rows { (line(view, row)) } }
        }
    }
}

fn line(view: &View, row: &Row) -> Markup {
    let Row { image, isolation: runs } = row;
    html! {
        tr {
            th scope="row" {
                a href=(url(image)) data-row { (image.descriptor.name) }
                " " span.soft { (image.descriptor.version) }
                @if image.left_out.is_some() { p.error { (view.t("not loaded", "未加载")) } }
            }
            td { (modules(view, image)) }
            td {
                (origin(view, image.origin)) br;
                span.hint { (isolation(view, *runs)) }
                @if let Some(key) = &image.signed_by { br; span.hint { (view.t("signed by ", "签名：")) (key) } }
            }
            td { (grants(view, image)) }
            td.num { (format::bytes(image.bytes)) }
            td { (digest(view, &image.digest)) }
        }
    }
}

fn modules(view: &View, image: &ComponentImage) -> Markup {
    html! {
        @for (at, module) in image.descriptor.modules.iter().enumerate() {
            @if at > 0 { ", " }
            code { (module.name) }
            @if image.default_for.contains(&module.name) {
                span.pill title=(view.t("Jobs that name no provider run it", "未指定提供者的作业使用它")) {
                    (view.t("default", "默认")) }
            }
        }
    }
}

fn grants(view: &View, image: &ComponentImage) -> Markup {
    let missing = image.grants.iter().map(|module| module.missing.len()).sum::<usize>();
    let granted = image.grants.iter().map(|module| module.granted.len()).sum::<usize>();
    html! {
        @if missing > 0 {
            span.pill.lacking { "! " (missing) " " (view.t("not given", "项未授予")) }
        } @else if granted > 0 {
            (granted) " " (view.t("given", "项已授予"))
        } @else {
            span.soft { (view.t("needs none", "无需")) }
        }
    }
}

fn push(view: &View) -> Markup {
    html! {
        section.card.push {
            h2 { (view.t("Push a component", "推送组件")) }
            p.hint {
                (view.t("A WebAssembly component, as ", "WebAssembly 组件，由 "))
                code { "parcae component build" }
                (view.t(" makes it. It is checked before anything of it runs; its modules serve jobs at once.",
                    " 生成。运行前会先检查；推送后即可在作业中使用。"))
            }
            form method="post" action="/components" enctype="multipart/form-data" {
                div.push-fields {
                    div {
                        label for="file" { (view.t("File .wasm", ".wasm 文件")) }
                        input #file type="file" name="file" required accept=".wasm,application/wasm";
                    }
                    div {
                        label for="signature" { (view.t("Signature, if there is one", "签名文件（可选）")) }
                        input #signature type="file" name="signature" accept=".sig,.json,application/json";
                    }
                }
                button.primary type="submit" { (view.t("Push", "推送")) }
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use parcae_domain::{
        descriptor::{Descriptor, Module, Port, PortKind},
        grant::Grant,
        party::Role,
    };
    use parcae_node::ModuleGrants;
    use serde_json::json;

    use super::*;
    use crate::view::Who;

    /// A component whose every text tries to be markup.
    pub(crate) fn image() -> ComponentImage {
        let text = || "<script>x</script>".to_owned();
        let port = Port { name: text(), kind: PortKind::Data, optional: true, many: true, help: text() };
        let parameters = json!({"properties": {"<b>": {"type": "integer", "default": "<i>", "minimum": 1,
            "description": "<u>", "enum": ["<s>"]}, "deep": {"properties": {"low": {"type": "string"}}}}});
        let module = Module {
            name: "Odd".into(),
            aliases: vec![text()],
            summary: text(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Host],
            inputs: vec![port.clone()],
            outputs: vec![port],
            parameters,
            grants: vec![Grant::Clock, Grant::OpenTable],
        };
        let grants = ModuleGrants {
            module: "Odd".into(),
            asked: vec![Grant::Clock, Grant::OpenTable],
            granted: vec![Grant::Clock],
            missing: vec![Grant::OpenTable],
        };
        ComponentImage {
            digest: "0123456789abcdef".repeat(4),
            descriptor: Descriptor {
                name: "odd".into(),
                version: "0.1.0".into(),
                licence: text(),
                summary: text(),
                modules: vec![module],
            },
            origin: Origin::Pushed,
            bytes: 2048,
            created_ms: Some(0),
            pushed_by: Some(text()),
            signed_by: Some(text()),
            left_out: None,
            refused_by: std::collections::BTreeMap::new(),
            default_for: vec!["Odd".into()],
            grants: vec![grants],
        }
    }

    pub(crate) fn view(scope: Scope) -> View {
        let who = Who { tenant: "bank".into(), scope, name: "k".into(), can_log_out: false };
        View { who: Some(who), ..View::default() }
    }

    #[test]
    fn the_list_says_what_each_lacks_and_offers_what_one_may() {
        let rows = [Row { image: image(), isolation: Isolation::Process }];
        let shown = list(&view(Scope::Submit), &rows, None, Some("<no>")).body.into_string();
        for words in ["1 not given", "&lt;no&gt;", "0123456789ab<"] {
            assert!(shown.contains(words), "{words} is not in {shown}");
        }
        assert!(shown.contains("multipart/form-data") && !shown.contains("<script>"), "{shown}");
        let read = list(&view(Scope::Read), &[], Some("x"), None).body.into_string();
        assert!(!read.contains("multipart/form-data") && read.contains("No component has such a name"), "{read}");
    }
}
