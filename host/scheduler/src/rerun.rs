//! Which tasks of an ended job run again. Not for: putting it into the queue (`job`).

use crate::job::Job;

/// For each task, whether it runs again: everything that did not end well; with `force` also what did, from the named
/// components on, or all of it when none is named; and always everything that reads what these make.
pub fn choose(job: &Job, components: Option<&[String]>, force: bool) -> Vec<bool> {
    let mut chosen: Vec<bool> = job
        .tasks
        .iter()
        .map(|task| {
            let named = components.is_none_or(|names| names.contains(&task.id.component));
            !task.status.is_good() || (force && named)
        })
        .collect();
    // One round is enough for tasks in topological order.
    loop {
        let mut grown = false;
        for (i, task) in job.spec.tasks.iter().enumerate() {
            if !chosen[i] && task.upstream.iter().any(|up| chosen.get(*up) == Some(&true)) {
                chosen[i] = true;
                grown = true;
            }
        }
        if !grown {
            return chosen;
        }
    }
}
