//! Quotas of a tenant with what is used of them. Not for: limits of one attempt (`limits`).

use maud::{Markup, html};
use parcae_domain::quota::QuotaUse;

use super::words::{amount, quota};
use crate::parts::scrolling;
use crate::view::View;

/// A row for each quota, with a bar where there is a bound.
pub(super) fn table(view: &View, uses: &[QuotaUse]) -> Markup {
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (view.t("Quota", "配额")) }
                th.num scope="col" { (view.t("Used", "已用")) }
                th.num scope="col" { (view.t("Of", "上限")) }
                th scope="col" { span.unseen { (view.t("Share", "占比")) } }
            } }
            tbody { @for used in uses { (row(view, used)) } }
        }
    };
    scrolling(view.t("Quotas", "配额"), table)
}

fn row(view: &View, of: &QuotaUse) -> Markup {
    html! {
        tr {
            th.wrap scope="row" { code { (of.name) } br; span.hint { (quota(view, of.name, of.what)) } }
            td.num { (amount(of.unit, of.used)) }
            td.num {
                @match of.quota {
                    Some(most) => { (amount(of.unit, most)) }
                    None => { span.soft { (view.t("no limit", "不限")) } }
                }
            }
            td.meter { @if let Some(most) = of.quota { (bar(of, most)) } }
        }
    }
}

fn bar(of: &QuotaUse, most: u64) -> Markup {
    let percent = percent(of.used, most);
    html! {
        progress class=[(percent >= 90).then_some("full")] max="100" value=(percent) aria-label=(of.name) {}
        span.hint { (percent) " %" }
    }
}

/// How much of a quota is used, at most 100.
fn percent(used: u64, most: u64) -> u64 {
    if used >= most { 100 } else { u64::try_from(u128::from(used) * 100 / u128::from(most)).unwrap_or(100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_more_than_all() {
        let pairs = [(0, 10), (5, 10), (11, 10), (0, 0), (u64::MAX - 1, u64::MAX)];
        let all = pairs.map(|(used, most)| percent(used, most));
        assert_eq!(all, [0, 50, 100, 100, 99]);
        let used = QuotaUse { name: "images", unit: "images", what: "Components.", quota: None, used: 3 };
        let shown = table(&View::default(), &[used, QuotaUse { quota: Some(3), ..used }]).into_string();
        assert!(shown.contains("no limit") && shown.matches("<progress").count() == 1, "{shown}");
    }
}
