//! What holds of the audit log, and what is found out.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use super::*;

/// A log of five lines, and the head that was kept.
fn written() -> (tempfile::TempDir, AuditHead) {
    let folder = tempfile::tempdir().unwrap();
    let kept = Arc::new(Mutex::new(AuditHead::default()));
    let keep = kept.clone();
    let trail = AuditTrail::open(folder.path(), None, move |head| {
        *keep.lock().unwrap() = head.clone();
        Ok(())
    });
    let trail = trail.unwrap();
    for n in 0..5 {
        trail.append_and_wait(entry(n)).unwrap();
    }
    drop(trail);
    let head = kept.lock().unwrap().clone();
    (folder, head)
}

fn entry(n: i64) -> AuditEntry {
    let tenant = if n % 2 == 0 { "even" } else { "odd" };
    let what = "POST /v1/job/stop\n\"}".into();
    AuditEntry { tenant: tenant.into(), who: "lab".into(), what, code: n, ..AuditEntry::default() }
}

fn current(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("audit.jsonl")
}

fn fault(folder: &tempfile::TempDir, stored: &AuditHead) -> AuditFault {
    verify_audit(folder.path(), Some(stored)).unwrap().fault.expect("a fault is found")
}

#[test]
fn what_was_written_holds_and_is_read_back() {
    let (folder, head) = written();
    let report = verify_audit(folder.path(), Some(&head)).unwrap();
    assert_eq!((report.lines, report.files, report.fault), (5, 1, None));
    assert_eq!((report.head.seq, &report.head), (5, &head));
    let codes = |filter: AuditFilter| -> Vec<i64> {
        audit_lines(folder.path(), &filter).unwrap().into_iter().map(|line| line.entry.code).collect()
    };
    assert_eq!(codes(AuditFilter { limit: 2, ..AuditFilter::default() }), [3, 4]);
    assert_eq!(codes(AuditFilter { from: Some(2), limit: 2, ..AuditFilter::default() }), [1, 2]);
    assert_eq!(codes(AuditFilter { before: Some(4), limit: 2, ..AuditFilter::default() }), [1, 2]);
    let failed = AuditFilter { limit: 9, verdict: Some(Verdict::Failed), ..AuditFilter::default() };
    assert!(codes(failed.clone()).is_empty());
    assert_eq!(codes(AuditFilter { verdict: Some(Verdict::Allowed), ..failed }).len(), 5);
    let even = AuditFilter { limit: 9, tenant: Some("even".into()), ..AuditFilter::default() };
    assert_eq!(codes(even), [0, 2, 4]);
    assert!(codes(AuditFilter { limit: 9, since: "9999-01-01".parse().ok(), ..AuditFilter::default() }).is_empty());
}

#[test]
fn a_changed_a_missing_and_a_swapped_line_are_found() {
    let change = |how: &dyn Fn(&mut Vec<String>)| {
        let (folder, head) = written();
        let mut lines: Vec<String> = fs::read_to_string(current(&folder)).unwrap().lines().map(str::to_owned).collect();
        how(&mut lines);
        fs::write(current(&folder), lines.join("\n") + "\n").unwrap();
        fault(&folder, &head)
    };
    let changed = change(&|lines| lines[2] = lines[2].replace("\"code\":2", "\"code\":7"));
    assert_eq!((changed.line, changed.seq), (3, 3));
    assert!(changed.reason.contains("changed"), "{changed:?}");
    let missing = change(&|lines| drop(lines.remove(1)));
    assert!(missing.line == 2 && missing.reason.contains("missing"), "{missing:?}");
    assert_eq!(change(&|lines| lines.swap(0, 1)).line, 1);
    let twice = change(&|lines| lines.insert(2, lines[1].clone()));
    assert!(twice.line == 3 && twice.reason.contains("put in"), "{twice:?}");
    let cut = change(&|lines| lines.truncate(3));
    assert!(cut.seq == 4 && cut.reason.contains("cut off"), "{cut:?}");
}

#[test]
fn an_end_that_was_cut_off_stays_found_when_the_log_goes_on() {
    let (folder, head) = written();
    let text = fs::read_to_string(current(&folder)).unwrap();
    let kept: Vec<&str> = text.lines().take(3).collect();
    fs::write(current(&folder), kept.join("\n") + "\n").unwrap();
    let trail = AuditTrail::open(folder.path(), Some(head.clone()), |_| Ok(())).unwrap();
    trail.append_and_wait(entry(5)).unwrap();
    drop(trail);
    let found = fault(&folder, &head);
    assert!(found.line == 4 && found.reason.contains("it has number 6, and 4 is due"), "{found:?}");
}

#[test]
fn a_torn_line_goes_and_two_writers_make_one_chain() {
    let (folder, head) = written();
    let mut text = fs::read(current(&folder)).unwrap();
    text.extend_from_slice(b"{\"seq\":6,\"ti");
    fs::write(current(&folder), text).unwrap();
    assert_eq!(verify_audit(folder.path(), Some(&head)).unwrap().fault, None);
    let [one, other] = [0, 1].map(|_| AuditTrail::open(folder.path(), Some(head.clone()), |_| Ok(())).unwrap());
    for n in 0..3 {
        one.append_and_wait(entry(n)).unwrap();
        other.append_and_wait(entry(n)).unwrap();
    }
    let report = verify_audit(folder.path(), Some(&head)).unwrap();
    assert_eq!((report.lines, report.fault), (11, None));
}

#[test]
fn a_full_file_is_put_aside_and_the_chain_goes_on() {
    let (folder, head) = written();
    fs::rename(current(&folder), folder.path().join("audit-00000000000000000005.jsonl")).unwrap();
    let trail = AuditTrail::open(folder.path(), Some(head.clone()), |_| Ok(())).unwrap();
    trail.append_and_wait(entry(5)).unwrap();
    let report = verify_audit(folder.path(), Some(&head)).unwrap();
    assert_eq!((report.lines, report.files, report.fault), (6, 2, None));
    let last = audit_lines(folder.path(), &AuditFilter { limit: 2, ..AuditFilter::default() }).unwrap();
    assert_eq!(last.iter().map(|line| line.seq).collect::<Vec<_>>(), [5, 6]);
    for (before, seqs) in [(7, vec![5, 6]), (6, vec![4, 5]), (5, vec![3, 4]), (1, vec![])] {
        let filter = AuditFilter { before: Some(before), limit: 2, ..AuditFilter::default() };
        let found = audit_lines(folder.path(), &filter).unwrap();
        assert_eq!(found.iter().map(|line| line.seq).collect::<Vec<_>>(), seqs, "before {before}");
    }
}

#[test]
fn times_are_times() {
    for fits in ["2026-03-01", "2026-03-01T12", "2026-03-01T12:00:00.000Z"] {
        assert!(fits.parse::<AuditSince>().is_ok(), "{fits}");
    }
    for wrong in ["", "yesterday", "2026-03", "2026-03-01 12:00", "2026-03-01T12:00:00.000Zs", "1772366400"] {
        assert!(wrong.parse::<AuditSince>().is_err(), "{wrong}");
    }
}
