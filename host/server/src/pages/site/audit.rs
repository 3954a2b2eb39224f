//! `/audit`: lines of the audit log, the newest first; of all tenants for who administers the node, else of one's own.
//! Not for: the log over the API (`crate::audit`).

use axum::extract::RawQuery;
use parcae_board::site::audit::{self, Asked, Line, Log};
use parcae_domain::tenant::Scope;
use parcae_logs::{AuditFilter, AuditLine, AuditSince, Verdict};

use crate::pages::{Form, Shown, Visit};

/// Lines of a page.
const ON_A_PAGE: usize = 50;

pub(super) async fn lines(visit: Visit, RawQuery(raw): RawQuery) -> Shown {
    let form = Form::of(raw.as_deref().unwrap_or_default());
    let text = |name: &str| form.get(name).unwrap_or_default().trim().chars().take(100).collect::<String>();
    let number = |name: &str| form.get(name).and_then(|number| number.parse::<u64>().ok());
    let is_admin = visit.view.may(Scope::Admin);
    let tenant = if is_admin { text("tenant") } else { String::new() };
    let asked = Asked { since: text("since"), tenant, verdict: text("verdict") };
    let since = Some(asked.since.as_str()).filter(|since| !since.is_empty()).map(str::parse::<AuditSince>);
    let since = match since.transpose() {
        Ok(since) => since,
        Err(why) => {
            let wrong = Some(format!("since: {why}"));
            return visit.show_as(400, &audit::page(&visit.view, &Log { asked, wrong, ..Log::default() }));
        }
    };
    let own = || Some(visit.app.caller.tenant.to_string());
    let filter = AuditFilter {
        tenant: if is_admin { Some(asked.tenant.clone()).filter(|tenant| !tenant.is_empty()) } else { own() },
        since,
        verdict: verdict(&asked.verdict),
        // One more than are shown says that there are more.
        limit: ON_A_PAGE + 1,
        ..AuditFilter::default()
    };
    let (before, after) = (number("before"), number("after"));
    let filter = match after {
        Some(after) => AuditFilter { from: Some(after.saturating_add(1)), ..filter },
        None => AuditFilter { before, ..filter },
    };
    let found = visit.app.ask_long(move |node| Ok(node.audit_lines(&filter)?)).await?;
    let (is_more, lines) = cut(found, after.is_some());
    let (is_older, is_newer) = if after.is_some() { (true, is_more) } else { (is_more, before.is_some()) };
    let log = Log { asked, lines, is_older, is_newer, wrong: None };
    visit.show(&audit::page(&visit.view, &log))
}

fn verdict(word: &str) -> Option<Verdict> {
    [Verdict::Allowed, Verdict::Refused, Verdict::Failed].into_iter().find(|verdict| verdict.as_str() == word)
}

/// Whether there are more than a page has, and those of the page, the newest first. They come the oldest first; from a
/// line on, those nearest to it count, else the newest.
fn cut(mut found: Vec<AuditLine>, from: bool) -> (bool, Vec<Line>) {
    let is_more = found.len() > ON_A_PAGE;
    if is_more && from {
        found.truncate(ON_A_PAGE);
    }
    (is_more, found.into_iter().rev().take(ON_A_PAGE).map(line).collect())
}

fn line(of: AuditLine) -> Line {
    let AuditLine { seq, time, entry, .. } = of;
    Line {
        seq,
        time,
        tenant: entry.tenant,
        who: entry.who,
        peer: entry.peer,
        what: entry.what,
        object: entry.object,
        verdict: entry.verdict.as_str(),
        code: entry.code,
        words: entry.words,
    }
}

#[cfg(test)]
mod tests {
    use parcae_logs::AuditEntry;

    use super::*;

    #[test]
    fn a_page_is_cut_at_the_end_that_is_far() {
        let lines = |count: u64| -> Vec<AuditLine> {
            let of = |seq| AuditLine {
                seq,
                time: String::new(),
                entry: AuditEntry::default(),
                prev: String::new(),
                hash: String::new(),
            };
            (1..=count).map(of).collect()
        };
        let ends = |(more, lines): (bool, Vec<Line>)| (more, lines.first().map(|l| l.seq), lines.last().map(|l| l.seq));
        assert_eq!(ends(cut(lines(51), false)), (true, Some(51), Some(2)));
        assert_eq!(ends(cut(lines(51), true)), (true, Some(50), Some(1)));
        assert_eq!(ends(cut(lines(3), true)), (false, Some(3), Some(1)));
        assert_eq!(ends(cut(lines(0), false)), (false, None, None));
    }
}
