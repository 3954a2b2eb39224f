//! The site for who runs work on it, and for who runs it: what is under way and used, who did what, keys, tenants. Not
//! for: jobs (`lists`, `job`).

use maud::Markup;
use parcae_domain::tenant::Scope;

use crate::parts::tabs;
use crate::view::View;

pub mod audit;
mod limits;
pub mod overview;
mod quotas;
pub mod tenants;
pub mod tokens;
mod usage;
pub(crate) mod words;

/// The pages of the site that who looks may see.
fn pages(view: &View) -> Markup {
    let path = view.here.split('?').next().unwrap_or_default().trim_end_matches('/');
    let all = [
        ("/site", view.t("Site", "站点"), Scope::Read),
        ("/tokens", view.t("Keys", "密钥"), Scope::Operate),
        ("/audit", view.t("Audit log", "审计日志"), Scope::Operate),
        ("/tenants", view.t("Tenants", "租户"), Scope::Admin),
    ];
    let seen = all.into_iter().filter(|(_, _, scope)| view.may(*scope));
    let is_here = |url: &str| path == url || path.strip_prefix(url).is_some_and(|rest| rest.starts_with('/'));
    tabs(view.t("Pages of the site", "站点页面"), seen.map(|(url, words, _)| (url.to_owned(), words, is_here(url))))
}
