//! Which tasks of an ended job run again. Not for: putting it into the queue (`job`).

use crate::spec::{JobSpec, JobState};

/// For each task of the specification, whether it runs again. Without names: what did not end well, with `force` all of
/// it. With names: these, however they ended. To either comes everything that reads what a chosen one makes, and what
/// did not end well of all that a chosen one reads.
pub fn rerun_choice(spec: &JobSpec, state: &JobState, components: Option<&[String]>, force: bool) -> Vec<bool> {
    let good: Vec<bool> = spec
        .tasks
        .iter()
        .map(|task| state.tasks.get(&task.component).is_some_and(|stored| stored.status.is_good()))
        .collect();
    let wanted = |(task, good): (&crate::spec::TaskSpec, &bool)| match components {
        Some(names) => names.contains(&task.component),
        None => force || !good,
    };
    let mut chosen: Vec<bool> = spec.tasks.iter().zip(&good).map(wanted).collect();
    while grow(spec, &good, &mut chosen) {}
    chosen
}

/// One step along the edges in both directions; false when there is nothing more to choose. What ended well has only
/// read what ended well, so that looking at direct neighbours is enough.
fn grow(spec: &JobSpec, good: &[bool], chosen: &mut [bool]) -> bool {
    let mut grown = false;
    for (i, task) in spec.tasks.iter().enumerate() {
        let upstream = || task.upstream.iter().copied().filter(|up| *up < spec.tasks.len());
        if !chosen[i] && upstream().any(|up| chosen[up]) {
            chosen[i] = true;
            grown = true;
        }
        if chosen[i] {
            for up in upstream().filter(|up| !good[*up]) {
                grown |= !chosen[up];
                chosen[up] = true;
            }
        }
    }
    grown
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parcae_domain::{
        id::JobId,
        party::{Party, Role},
        status::Status,
        tenant::TenantId,
    };

    use super::*;
    use crate::spec::{TaskSpec, TaskState};

    const GUEST: Party = Party { role: Role::Guest, id: 1 };

    /// Tasks by name, status and the places of those that they read from.
    fn chosen(tasks: &[(&str, Status, &[usize])], names: Option<&[&str]>, force: bool) -> String {
        let spec = |(name, _, upstream): &(&str, Status, &[usize])| TaskSpec {
            component: (*name).to_owned(),
            parties: vec![GUEST],
            upstream: upstream.to_vec(),
            need_run: vec![true],
        };
        let state = |(name, status, _): &(&str, Status, &[usize])| {
            let stored = TaskState { version: 0, status: *status, retries_left: 0, runs: 0, parties: BTreeMap::new() };
            ((*name).to_owned(), stored)
        };
        let job = JobSpec {
            id: JobId("j".into()),
            tenant: TenantId::default(),
            created_ms: 0,
            initiator: GUEST,
            tasks: tasks.iter().map(spec).collect(),
            task_parallelism: None,
            task_cores: 1,
            auto_retries: 0,
            auto_retry_delay_s: 0,
            timeout_s: 1,
            queued_s: 1,
        };
        let stored = JobState {
            status: Status::Failed,
            progress: 0,
            queued_ms: 0,
            start_ms: Some(0),
            stop: None,
            tasks: tasks.iter().map(state).collect(),
        };
        let names: Option<Vec<String>> = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let choice = rerun_choice(&job, &stored, names.as_deref(), force);
        let words = tasks.iter().zip(choice).filter(|(_, chosen)| *chosen).map(|((name, ..), _)| *name);
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_users_expect_runs_again() {
        use Status::{Failed, Success, Waiting};
        let job: &[(&str, Status, &[usize])] = &[
            ("a", Success, &[]),
            ("b", Failed, &[0]),
            ("c", Waiting, &[1]),
            ("d", Success, &[0]),
            ("e", Failed, &[]),
            ("f", Waiting, &[3, 4]),
        ];
        assert_eq!(chosen(job, None, false), "b c e f");
        assert_eq!(chosen(job, None, true), "a b c d e f");
        assert_eq!(chosen(job, Some(&["c"]), false), "b c", "what it needs comes with it");
        assert_eq!(chosen(job, Some(&["d"]), false), "d e f", "what cannot run without e brings e");
        assert_eq!(chosen(job, Some(&["a"]), true), "a b c d e f");
        let good: &[(&str, Status, &[usize])] = &[("a", Success, &[]), ("b", Status::Pass, &[0])];
        assert_eq!((chosen(good, None, false).as_str(), chosen(good, Some(&["b"]), false).as_str()), ("", "b"));
    }
}
