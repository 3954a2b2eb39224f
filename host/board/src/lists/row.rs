//! What lines of jobs show in every list: parties, times, clocks, what can be done. Not for: the lists.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};
use parcae_domain::{party::Role, status::Status, tenant::Scope};
use parcae_node::JobLine;

use crate::format::duration;
use crate::parts::{action, encoded};
use crate::view::View;

/// Word of a role.
pub(crate) fn role_word(view: &View, role: Role) -> &'static str {
    match role {
        Role::Guest => view.t("guest", "发起方 guest"),
        Role::Host => view.t("host", "合作方 host"),
        Role::Arbiter => view.t("arbiter", "仲裁方 arbiter"),
        Role::Local => view.t("local", "本地 local"),
    }
}

/// A time for a narrow column: without the year when that is this one; all of it when one points at it.
pub(crate) fn when(ms: Option<i64>, now_ms: i64) -> Markup {
    let local = |ms: i64| Timestamp::from_millisecond(ms).ok().map(|at| at.to_zoned(TimeZone::system()));
    let Some(at) = ms.and_then(local) else { return html! { "–" } };
    let is_this_year = local(now_ms).is_some_and(|now| now.year() == at.year());
    let shown = if is_this_year { "%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
    html! {
        time datetime=(at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ"))
            title=(at.strftime("%Y-%m-%d %H:%M:%S%.3f %Z")) { (at.strftime(shown)) }
    }
}

/// How long a job took, or has taken so far: a clock that goes on.
pub(crate) fn took(line: &JobLine, now_ms: i64) -> Markup {
    let Some(start) = line.start_ms else { return html! { "–" } };
    if line.status == Status::Running {
        return clock(start, now_ms);
    }
    let elapsed = line.elapsed_ms.or_else(|| line.end_ms.map(|end| end - start));
    html! { (elapsed.map_or_else(|| "–".to_owned(), duration)) }
}

/// A clock that has gone since then.
pub(crate) fn clock(since_ms: i64, now_ms: i64) -> Markup {
    html! { span.clock data-since=(since_ms) { (duration(now_ms - since_ms)) } }
}

/// All parties of a job: `guest 9999 · host 10000, 10001`.
pub(crate) fn parties(line: &JobLine) -> Markup {
    let ids = |ids: &[u64]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    html! {
        @for (at, (role, its)) in line.roles.iter().filter(|(_, ids)| !ids.is_empty()).enumerate() {
            @if at > 0 { span.soft { " · " } }
            span.party { span.soft { (role.as_str()) } " " (ids(its)) }
        }
    }
}

/// Ids of the other parties, sorted, each once.
pub(crate) fn partners(line: &JobLine) -> String {
    let all = line.roles.iter().flat_map(|(_, ids)| ids);
    let mut others: Vec<u64> = all.copied().filter(|id| *id != line.party.id).collect();
    others.sort_unstable();
    others.dedup();
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    if others.is_empty() { "–".to_owned() } else { others.join(", ") }
}

/// Stops a job that has not ended, runs one again that did not end well.
pub(crate) fn actions(view: &View, line: &JobLine) -> Markup {
    let job = line.job.as_str();
    let next = [("next", view.here.as_str())];
    let (stop, rerun) = (format!("/jobs/{}/stop", encoded(job)), format!("/jobs/{}/rerun", encoded(job)));
    let ask_stop = format!("{} {job}", view.t("Stop this job?", "要停止该作业吗？"));
    let ask_rerun = format!("{} {job}", view.t("Run what did not end well again?", "要重新运行未成功的部分吗？"));
    if !view.may(Scope::Submit) {
        return html! {};
    }
    match line.status {
        Status::Waiting | Status::Running if line.cancel_signal => {
            html! { span.soft { (view.t("stopping …", "正在停止…")) } }
        }
        Status::Waiting | Status::Running => {
            action(&stop, &next, "small danger", view.t("Stop", "停止"), Some(&ask_stop))
        }
        Status::Failed | Status::Canceled | Status::Timeout => {
            action(&rerun, &next, "small", view.t("Rerun", "重新运行"), Some(&ask_rerun))
        }
        Status::Success | Status::Pass => html! {},
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use parcae_domain::{id::JobId, party::Party};

    use super::*;
    use crate::view::Who;

    /// A job of three parties at the guest.
    pub(crate) fn line(status: Status) -> JobLine {
        let guest = Party::new(Role::Guest, 9999);
        JobLine {
            job: JobId("202611212240531266170".into()),
            party: guest,
            initiator: guest,
            roles: vec![(Role::Guest, vec![9999]), (Role::Host, vec![10000, 9998]), (Role::Arbiter, vec![10000])],
            status,
            progress: 40,
            description: "<b>night</b>".into(),
            cancel_signal: false,
            created_ms: 1_000,
            start_ms: Some(2_000),
            end_ms: status.is_end().then_some(5_500),
            elapsed_ms: None,
        }
    }

    /// One who may do so much.
    pub(crate) fn view(scope: Scope) -> View {
        let who = Who { tenant: "bank".into(), scope, name: "k1".into(), can_log_out: true };
        View { who: Some(who), here: "/jobs?page=2".into(), ..View::default() }
    }

    #[test]
    fn a_line_says_how_long_and_with_whom() {
        assert_eq!(took(&line(Status::Failed), 9_000).into_string(), "3.5 s");
        let running = took(&line(Status::Running), 9_000).into_string();
        assert!(running.contains("data-since=\"2000\"") && running.contains("7.0 s"), "{running}");
        assert_eq!(partners(&line(Status::Failed)), "9998, 10000");
    }

    #[test]
    fn what_one_may_not_do_is_not_offered() {
        let shown = |scope, status| actions(&view(scope), &line(status)).into_string();
        assert_eq!(shown(Scope::Read, Status::Running), "");
        let stop = shown(Scope::Submit, Status::Waiting);
        assert!(stop.contains("/jobs/202611212240531266170/stop") && stop.contains("value=\"/jobs?page=2\""), "{stop}");
        assert!(stop.contains("data-ask="), "{stop}");
        assert!(shown(Scope::Submit, Status::Failed).contains("/rerun"));
        assert_eq!(shown(Scope::Submit, Status::Success), "");
    }
}
