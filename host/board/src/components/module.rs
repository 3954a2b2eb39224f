//! What a component says of one of its modules: roles, ports, parameters, and what it may do. Not for: the rest of its
//! page (`detail`).

use maud::{Markup, html};
use parcae_domain::{
    descriptor::{Module, Port},
    grant::Grant,
    limit_sources::LimitSet,
    party::Role,
    tenant::Scope,
};
use parcae_node::{ComponentImage, ModuleGrants};
use serde_json::Value;

use super::url;
use crate::parts::scrolling;
use crate::schema::{Kind, inner, kind, limits};
use crate::view::View;

/// Most parameters that are shown, and levels of groups.
const PARAMETERS: usize = 500;
const LEVELS: usize = 5;

/// Everything about a module.
pub(super) fn section(view: &View, image: &ComponentImage, module: &Module, set: Option<&LimitSet>) -> Markup {
    let grants = image.grants.iter().find(|grants| grants.module == module.name);
    let is_default = image.default_for.contains(&module.name);
    html! {
        section.card.about-module id=(format!("module-{}", module.name)) {
            h2 { (module.name) @if is_default { " " span.pill { (view.t("default", "默认")) } } }
            p { (module.summary) }
            (who(view, module))
            @if let Some(grants) = grants.filter(|grants| !grants.asked.is_empty()) { (granting(view, image, grants)) }
            (ports(view, view.t("Inputs", "输入"), &module.inputs))
            (ports(view, view.t("Outputs", "输出"), &module.outputs))
            (parameters(view, &module.parameters))
            @if let Some(set) = set.filter(|set| !set.is_empty()) {
                h3 { (view.t("Limits that this node sets for it", "此节点对它的限制")) }
                ul { @for (name, number) in set.iter() { li { code { (name) } " " (number) } } }
            }
        }
    }
}

fn who(view: &View, module: &Module) -> Markup {
    let list = |roles: &[Role]| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    html! {
        p.hint {
            (view.t("Runs at: ", "运行角色：")) (list(&module.roles))
            @if !module.needs.is_empty() { " · " (view.t("a job needs: ", "作业必须包含：")) (list(&module.needs)) }
            @if !module.aliases.is_empty() { " · " (view.t("also called: ", "别名：")) (module.aliases.join(", ")) }
        }
    }
}

/// What a grant lets a module do.
fn meaning(view: &View, grant: Grant) -> &'static str {
    match grant {
        Grant::UploadedFile => view.t("read the file that was uploaded with the job", "读取随作业上传的文件"),
        Grant::OpenTable => view.t("open any table of the tenant by its name", "按名称打开租户的任意数据表"),
        Grant::PublishTable => view.t("make tables of the tenant under a name", "以指定名称创建租户的数据表"),
        Grant::ExportFile => view.t("put a file out on the node's disk", "向节点磁盘导出文件"),
        Grant::Clock => view.t("read the real time", "读取真实时间"),
        Grant::Randomness => view.t("draw real random numbers", "使用系统随机数"),
        Grant::Scratch => view.t("have a folder of its own while it runs", "运行期间使用专属目录"),
        Grant::MessageVolume => {
            view.t("send as much to its peers as built-in components may", "与内置组件同等的通信量")
        }
    }
}

/// What it asks for and what it was given; a form for who may change that.
fn granting(view: &View, image: &ComponentImage, grants: &ModuleGrants) -> Markup {
    let is_changed_here = view.may(Scope::Operate) && !image.origin.is_operators();
    let has = |grant: &Grant| grants.granted.contains(grant);
    html! {
        h3 { (view.t("It asks for", "所需授权")) }
        @if is_changed_here {
            form.grants method="post" action=(format!("{}/grants", url(image))) {
                input type="hidden" name="module" value=(grants.module);
                fieldset {
                    legend.unseen { (view.t("Grants of ", "授权：")) (grants.module) }
                    @for grant in &grants.asked {
                        label.tick {
                            input type="checkbox" name="grant" value=(grant.as_str()) checked[has(grant)]; " "
                            code { (grant.as_str()) } " " span.soft { (meaning(view, *grant)) }
                        }
                    }
                }
                button type="submit" { (view.t("Give what is ticked", "授予所选")) }
            }
        } @else {
            ul.grants {
                @for grant in &grants.asked {
                    li {
                        code { (grant.as_str()) } " " span.soft { (meaning(view, *grant)) } " – "
                        @if has(grant) { "✓ " (view.t("given", "已授予")) }
                        @else { strong { "✗ " (view.t("not given", "未授予")) } }
                    }
                }
            }
        }
    }
}

fn ports(view: &View, title: &str, ports: &[Port]) -> Markup {
    let how = |port: &Port| {
        let words = [(port.optional, view.t("optional", "可选")), (port.many, view.t("several", "可多个"))];
        words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect::<Vec<_>>().join(", ")
    };
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (view.t("Name", "名称")) }
                th scope="col" { (view.t("Kind", "类型")) }
                th scope="col" { (view.t("How", "方式")) }
                th scope="col" { (view.t("What", "说明")) }
            } }
            tbody {
                @for port in ports {
                    tr {
                        th scope="row" { code { (port.name) } }
                        td { (port.kind.as_str()) }
                        td { (how(port)) }
                        td { (port.help) }
                    }
                }
            }
        }
    };
    html! { @if !ports.is_empty() { h3 { (title) } (scrolling(title, table)) } }
}

/// A parameter with its path.
struct Parameter<'s> {
    path: String,
    piece: &'s Value,
    is_group: bool,
}

fn parameters(view: &View, schema: &Value) -> Markup {
    let mut all = Vec::new();
    gather(schema, schema, "", LEVELS, &mut all);
    let title = view.t("Parameters", "参数");
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (view.t("Name", "名称")) }
                th scope="col" { (view.t("Allowed", "取值")) }
                th scope="col" { (view.t("Default", "默认")) }
                th scope="col" { (view.t("What", "说明")) }
            } }
            tbody { @for one in &all { (parameter(schema, one)) } }
        }
    };
    html! {
        @if !all.is_empty() {
            h3 { (title) }
            (scrolling(title, table))
            @if all.len() == PARAMETERS { p.hint { (view.t("There may be more.", "可能还有更多。")) } }
        }
    }
}

fn parameter(root: &Value, one: &Parameter<'_>) -> Markup {
    let said = inner(root, one.piece);
    let text = |key: &str| one.piece.get(key).or_else(|| said.get(key));
    let default = text("default").filter(|_| !one.is_group).map(Value::to_string);
    html! {
        tr {
            th scope="row" { code { (one.path) } }
            td { @if !one.is_group { (limits(root, one.piece)) } }
            td { @if let Some(default) = default { code { (default) } } }
            td { (text("description").and_then(Value::as_str).unwrap_or_default()) }
        }
    }
}

fn gather<'s>(root: &'s Value, schema: &'s Value, above: &str, levels: usize, all: &mut Vec<Parameter<'s>>) {
    let members = schema.get("properties").and_then(Value::as_object);
    for (name, piece) in members.into_iter().flatten() {
        if all.len() >= PARAMETERS {
            return;
        }
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        let said = inner(root, piece);
        let is_group = kind(said) == Kind::Group && levels > 0;
        all.push(Parameter { path: path.clone(), piece, is_group });
        if is_group {
            gather(root, said, &path, levels - 1, all);
        }
        if let Some(each) = said.get("items").filter(|_| levels > 0) {
            gather(root, inner(root, each), &format!("{path}[]"), levels - 1, all);
        }
    }
}
