//! Limits in force, and who decided on each. Not for: quotas of a tenant (`quotas`), a job's own (`job`).

use maud::{Markup, html};
use parcae_domain::limit::Per;
use parcae_node::LimitView;

use super::words::{amount, limit, source};
use crate::parts::scrolling;
use crate::view::View;

/// Who can say something of a limit, as the node calls them.
const SOURCES: [&str; 2] = ["node", "tenant"];

/// A row for each limit.
pub(super) fn table(view: &View, limits: &[LimitView]) -> Markup {
    let plain = |words: &str| html! { th scope="col" { (words) } };
    let number = |words: &str| html! { th.num scope="col" { (words) } };
    let table = html! {
        table {
            thead { tr {
                (plain(view.t("Limit", "限制")))
                (plain(view.t("Of each", "适用于")))
                (number(view.t("Node says", "节点设定")))
                (number(view.t("Tenant says", "租户设定")))
                (number(view.t("In force", "生效值")))
                (plain(view.t("By", "来源")))
                (number(view.t("Used now", "当前用量")))
            } }
            tbody { @for limit in limits { (row(view, limit)) } }
        }
    };
    scrolling(view.t("Limits", "限制"), table)
}

fn row(view: &View, of: &LimitView) -> Markup {
    let per = match of.info.per {
        Per::Attempt => view.t("attempt", "单次执行"),
        Per::Job => view.t("job", "作业"),
        Per::Node => view.t("node", "节点"),
    };
    let some = |number: Option<u64>| number.map_or_else(|| "–".to_owned(), |number| amount(of.info.unit, number));
    html! {
        tr {
            th.wrap scope="row" { code { (of.info.name) } br; span.hint { (limit(view, &of.info)) } }
            td { (per) }
            @for who in SOURCES { td.num { (some(of.configured.get(who).copied())) } }
            td.num { strong { (amount(of.info.unit, of.effective)) } }
            td { (source(view, of.source)) }
            td.num { (some(of.used)) }
        }
    }
}
