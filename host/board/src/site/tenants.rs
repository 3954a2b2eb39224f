//! All tenants, for who administers the node. Not for: making and changing them (the command line, the API).

use std::collections::BTreeMap;

use maud::{Markup, html};
use parcae_node::accounts::TenantAccount;
use serde_json::Value;

use super::pages;
use crate::format::{count, time_or_none};
use crate::layout::Frame;
use crate::parts::{pager, scrolling};
use crate::view::View;

/// Tenants on a page.
pub const ON_A_PAGE: usize = 100;

/// A page of tenants.
#[derive(Clone, Debug)]
pub struct Tenants<'t> {
    /// Those of this page.
    pub tenants: &'t [TenantAccount],
    /// How many there are.
    pub all: usize,
    /// Which page, from 1.
    pub page: usize,
    /// Keys that work, by tenant.
    pub keys: &'t BTreeMap<String, u64>,
}

/// The page.
pub fn page(view: &View, of: &Tenants<'_>) -> Frame {
    let title = view.t("Tenants", "租户");
    let all = of.all.div_ceil(ON_A_PAGE) as u64;
    let body = html! {
        (pages(view))
        h1 { (title) }
        p { (count(of.all as u64)) " " (view.t(if of.all == 1 { "tenant" } else { "tenants" }, "个租户")) }
        (scrolling(title, table(view, of)))
        (pager(view, of.page as u64, all, |at| format!("/tenants?page={at}")))
        section.card {
            h2 { (view.t("Changing them", "管理租户")) }
            p { (view.t(
                "Tenants are made and changed at the command line of the node, or through the API:",
                "租户通过节点的命令行或接口创建与修改：",
            )) }
            pre { "parcae tenant create NAME\nparcae tenant key NAME\nparcae tenant --help" }
        }
    };
    Frame::new(title, body)
}

fn table(view: &View, of: &Tenants<'_>) -> Markup {
    let head = |words: &str| html! { th scope="col" { (words) } };
    html! {
        table.jobs {
            thead { tr {
                (head(view.t("Tenant", "租户")))
                (head(view.t("State", "状态")))
                th.num scope="col" { (view.t("Keys that work", "有效密钥")) }
                (head(view.t("Own quotas", "专属配额")))
                (head(view.t("Own limits", "专属限制")))
                (head(view.t("Made", "创建时间")))
            } }
            tbody { @for tenant in of.tenants { tr {
                td.mono { (tenant.name) }
                td data-label=(view.t("State", "状态")) {
                    @if tenant.disabled { strong.disabled { (view.t("disabled", "已停用")) } }
                    @else { (view.t("open", "启用")) }
                }
                td.num data-label=(view.t("Keys that work", "有效密钥")) {
                    (count(of.keys.get(&tenant.name).copied().unwrap_or(0)))
                }
                td.wrap data-label=(view.t("Own quotas", "专属配额")) { (numbers(&tenant.quotas)) }
                td.wrap data-label=(view.t("Own limits", "专属限制")) { (numbers(&tenant.limits)) }
                td.when data-label=(view.t("Made", "创建时间")) {
                    (time_or_none(Some(tenant.created_ms).filter(|at| *at > 0)))
                }
            } } }
        }
    }
}

/// Numbers by name.
fn numbers(of: &Value) -> Markup {
    let pairs: Vec<_> = of.as_object().into_iter().flatten().collect();
    html! {
        @if pairs.is_empty() { span.soft { "–" } }
        @for (name, number) in &pairs { div { code { (name) } " " (number.to_string()) } }
    }
}
