//! The list of models, one row for each party that has a half. Not for: one of them (`one`).

use maud::{Markup, html};
use parcae_domain::party::Role;
use parcae_node::ModelLine;

use super::model_url;
use crate::format::{bytes, count, time};
use crate::layout::Frame;
use crate::parts::{encoded, nothing, pager, party_words, scrolling};
use crate::view::View;

/// What is listed, and how it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Models<'l> {
    /// The models of this page.
    pub lines: &'l [ModelLine],
    /// How many there are altogether.
    pub all: u64,
    /// What id, version or a tag has in it; empty for any.
    pub search: &'l str,
    /// `trained`, `deployed`, or empty for both.
    pub kind: &'l str,
    /// A role, or empty for any.
    pub role: &'l str,
    /// `created`, `model_id`, with `-` before it for highest first.
    pub sort: &'l str,
    /// Which page, from 1.
    pub page: u64,
    /// How many there are.
    pub pages: u64,
}

/// The page.
pub fn page(view: &View, models: &Models<'_>) -> Frame {
    let title = view.t("Models", "模型");
    let body = html! {
        div.head { h1 { (title) } }
        (search(view, models))
        @if models.lines.is_empty() {
            (none(view, models))
        } @else {
            p.hint { (count(models.all)) (view.many(models.all, " model, at one party", " models, counted at each party", " 个模型（按参与方计）")) }
            (scrolling(title, list(view, models)))
            (pager(view, models.page, models.pages, |at| url(models, models.sort, at)))
        }
    };
    Frame::new(title, body)
}

fn url(models: &Models<'_>, sort: &str, page: u64) -> String {
    let mut query = format!("/models?sort={}", encoded(sort));
    for (name, value) in [("q", models.search), ("kind", models.kind), ("role", models.role)] {
        if !value.is_empty() {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    if page > 1 {
        query.push_str(&format!("&page={page}"));
    }
    query
}

fn search(view: &View, models: &Models<'_>) -> Markup {
    let kinds = [
        ("", view.t("all models", "全部模型")),
        ("trained", view.t("trained here", "本节点训练")),
        ("deployed", view.t("deployed or imported", "已部署或导入")),
    ];
    html! {
        form.search.row method="get" action="/models" role="search" {
            label.unseen for="model-search" { (view.t("Search models", "搜索模型")) }
            input #model-search type="search" name="q" value=(models.search) data-search
                placeholder=(view.t("Id, version or tag", "标识、版本或标签"));
            label.unseen for="model-kind" { (view.t("Kind", "类别")) }
            select #model-kind name="kind" {
                @for (kind, words) in kinds { option value=(kind) selected[kind == models.kind] { (words) } }
            }
            label.unseen for="model-role" { (view.t("Role", "角色")) }
            select #model-role name="role" {
                option value="" { (view.t("any role", "全部角色")) }
                @for role in Role::ALL { option value=(role) selected[role.as_str() == models.role] { (role) } }
            }
            input type="hidden" name="sort" value=(models.sort);
            button { (view.t("Search", "搜索")) }
            @if !models.search.is_empty() || !models.kind.is_empty() || !models.role.is_empty() {
                a href="/models" { (view.t("Show all", "显示全部")) }
            }
        }
    }
}

fn none(view: &View, models: &Models<'_>) -> Markup {
    if models.search.is_empty() && models.kind.is_empty() && models.role.is_empty() {
        let cure = view
            .t("A job that trains leaves one for each of its parties.", "训练作业结束后，每个参与方都会保留一个模型。");
        return nothing(
            view.t("There are no models yet.", "还没有模型。"),
            html! {
                p { (cure) }
                p { a href="/jobs" { (view.t("Look at the jobs", "查看作业")) } }
            },
        );
    }
    nothing(
        view.t("No model is like that.", "没有符合条件的模型。"),
        html! {
            a href="/models" { (view.t("Show all", "显示全部")) }
        },
    )
}

/// A head that sorts: by what is sorted already it turns the order round.
fn sorting(models: &Models<'_>, by: &str, words: &str) -> Markup {
    let (descending, now) = models.sort.strip_prefix('-').map_or((false, models.sort), |sort| (true, sort));
    let is_here = now == by;
    let sort = if is_here && descending { by.to_owned() } else { format!("-{by}") };
    let state = is_here.then_some(if descending { "descending" } else { "ascending" });
    html! {
        th scope="col" aria-sort=[state] {
            a href=(url(models, &sort, 1)) { (words) @if is_here { (if descending { " ↓" } else { " ↑" }) } }
        }
    }
}

fn list(view: &View, models: &Models<'_>) -> Markup {
    html! {
        table {
            thead { tr {
                (sorting(models, "model_id", view.t("Model", "模型")))
                th scope="col" { (view.t("Party", "参与方")) }
                th scope="col" { (view.t("Kind", "类别")) }
                th scope="col" { (view.t("Tags", "标签")) }
                th.num scope="col" { (view.t("Size", "大小")) }
                (sorting(models, "created", view.t("Saved", "保存时间")))
            } }
            tbody { @for line in models.lines { (row(view, line)) } }
        }
    }
}

fn row(view: &View, line: &ModelLine) -> Markup {
    let key = &line.key;
    html! {
        tr {
            th scope="row" {
                a data-row href=(model_url(&key.model_id, &key.model_version, key.party)) { (key.model_id) } br;
                span.hint.mono { (key.model_version) }
            }
            td.party { (party_words(key.party)) }
            td { (kind(view, line.deployed, line.imported)) }
            td { (tags(&line.tags)) }
            td.num { (bytes(line.bytes)) }
            td.when { (time(line.created_ms)) }
        }
    }
}

/// Trained, deployed, and whether it came out of an archive.
pub(super) fn kind(view: &View, deployed: bool, imported: bool) -> Markup {
    html! {
        @if deployed { (view.t("deployed", "已部署")) } @else { (view.t("trained", "训练")) }
        @if imported { " " span.badge { (view.t("imported", "导入")) } }
    }
}

fn tags(tags: &[String]) -> Markup {
    html! { @for tag in tags { span.badge { (tag) } " " } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_turn_the_order_round() {
        let models = Models { kind: "trained", sort: "-created", ..Models::default() };
        let shown = sorting(&models, "created", "Saved").into_string();
        assert!(shown.contains("/models?sort=created&amp;kind=trained") && shown.contains("descending"), "{shown}");
        assert!(sorting(&models, "model_id", "Model").into_string().contains("sort=-model_id"));
    }
}
