//! What attempts used, there and back, and its sums. Not for: what is counted.

use std::time::Duration;

use parcae_domain::usage::{EdgeUse, Usage};
use parcae_metadata::{AttemptUsage, DAY_MS, DayUsage, Store};
use serde_json::json;

use crate::world::{GUEST, HOST, attempt, job_id, new_job, store};

fn used(n: u32, component: &str, tenant: &str, ended_ms: i64) -> AttemptUsage {
    let edge = EdgeUse { party: HOST, bytes_in: 3, messages_in: 1, bytes_out: 5, messages_out: 2 };
    let cpu = Duration::from_millis(1_500);
    let usage = Usage { cpu, bytes_out: 5, messages: 2, peak_memory_bytes: 7, edges: vec![edge], ..Usage::default() };
    AttemptUsage {
        attempt: attempt(&job_id(n), component, 0, GUEST),
        tenant: tenant.into(),
        isolation: "thread".into(),
        usage,
        limits: json!({"log_bytes": {"effective": 1, "source": "job"}}),
        ended_ms,
    }
}

fn put(store: &Store, row: &AttemptUsage) {
    store.commit(|tx| tx.put_usage(row)).unwrap();
}

#[test]
fn rows_come_back_and_days_are_summed_up() {
    let (_folder, store) = store();
    for n in 1..4 {
        store.create_job(&new_job(n)).unwrap();
    }
    let first = used(1, "reader_0", "a", 10 * DAY_MS);
    let second = used(1, "evaluation_0", "a", 10 * DAY_MS + 5);
    let (later, other) = (used(2, "reader_0", "a", 12 * DAY_MS), used(3, "reader_0", "b", 12 * DAY_MS));
    for row in [&first, &second, &later, &other] {
        put(&store, row);
    }
    assert_eq!(store.job_usage(&job_id(1)).unwrap(), [first.clone(), second]);
    assert_eq!(store.attempt_usage(&first.attempt).unwrap(), Some(first));
    assert_eq!(store.attempt_usage(&attempt(&job_id(1), "reader_0", 1, GUEST)).unwrap(), None);

    let days = store.usage_by_day("a", (None, None)).unwrap();
    let figures: Vec<_> = days.iter().map(|d| (d.day, d.jobs, d.attempts, d.cpu_ms, d.bytes_out)).collect();
    assert_eq!(figures, [(10, 1, 2, 3_000, 10), (12, 1, 1, 1_500, 5)]);
    assert_eq!(store.usage_by_day("a", (Some(11 * DAY_MS), None)).unwrap().len(), 1);
    let all = store.usage_of("a", (None, None)).unwrap();
    assert_eq!((all.jobs, all.attempts, all.messages, all.peak_memory_bytes), (2, 3, 6, 7));
    assert_eq!(store.usage_of("nobody", (None, None)).unwrap(), DayUsage::default());
}
