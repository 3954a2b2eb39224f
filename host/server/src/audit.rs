//! `audit`: lines of the audit log, of all tenants for who administers the node, else of one's own. Not for: what is
//! written into it (`audited`), whether its chain holds (`cli`).

use parcae_api::{node::AuditQuery, retcode};
use parcae_domain::tenant::Scope;
use parcae_logs::{AuditFilter, AuditSince};
use parcae_node::MOST_AUDIT_LINES;

use crate::{
    answer::{Answer, Handled, Refusal},
    queried::Queried,
    state::App,
};

/// Lines when nobody says how many.
const SOME: usize = 100;

/// Lines of the audit log, the oldest first.
pub(crate) async fn lines(app: App, Queried(asked): Queried<AuditQuery>) -> Handled {
    let from = asked.from.map(|from| u64::try_from(from.0).unwrap_or(0));
    let limit = asked.limit.map_or(SOME, |limit| usize::try_from(limit.0).unwrap_or(0));
    let own = app.caller.tenant.as_str();
    let tenant = if app.caller.scope >= Scope::Admin {
        asked.tenant
    } else if asked.tenant.as_deref().is_none_or(|tenant| tenant == own) {
        Some(own.to_owned())
    } else {
        return Err(Refusal::code(retcode::PERMISSION_ERROR, "lines of other tenants need scope admin"));
    };
    let since = asked.since.as_deref().map(str::parse::<AuditSince>).transpose();
    let since = since.map_err(|e| Refusal::code(retcode::ARGUMENT_ERROR, &format!("argument since: {e}")))?;
    let filter = AuditFilter { from, limit: limit.min(MOST_AUDIT_LINES), tenant, since, ..AuditFilter::default() };
    Answer::data(app.ask_long(move |node| Ok(node.audit_lines(&filter)?)).await?)
}
