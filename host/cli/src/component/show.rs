//! An account of a local run as text for people. Not for: collecting it (`account`).

use parcae_domain::port::Level;

use super::account::{Account, PartyDone, Progress, by_model, shown};
use crate::{args::LogLevel, output::columns};

/// Points of a series that are shown.
const POINTS: usize = 8;
/// Columns of a table that are shown.
const COLUMNS: usize = 8;
/// Letters of a cell that are shown.
const CELL: usize = 24;

/// The whole account.
pub(super) fn text(account: &Account, level: LogLevel) -> String {
    let mut parts = vec![head(account), parties(account), edges(account)];
    parts.extend(account.parties.iter().map(|party| details(party, level)));
    if !account.failures.is_empty() {
        parts.push(format!("failed\n{}", indented(&account.failures.join("\n"))));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn head(account: &Account) -> String {
    let digest = account.image.get(..12).unwrap_or(&account.image);
    let mut text = format!(
        "{} of {} {} (sha256:{digest}): {}",
        account.module, account.component, account.version, account.status
    );
    if !account.grants.is_empty() {
        text +=
            &format!("\nit asks for {}, and has it here; on a node the operator decides", account.grants.join(", "));
    }
    match account.fault.as_ref().map(|fault| (&fault.fault, &fault.hit)) {
        Some((fault, Some(hit))) => text += &format!("\nfault {fault} hit {hit}"),
        Some((fault, None)) => text += &format!("\nfault {fault} hit nothing: the module sent too few messages"),
        None => {}
    }
    text
}

fn parties(account: &Account) -> String {
    let row = |party: &PartyDone| {
        let time = match party.time_ms {
            Some(ms) => format!("{} s, {} s of it waiting for messages", seconds(ms), seconds(party.waited_ms)),
            None => "did not run".to_owned(),
        };
        let memory = party.peak_memory_bytes.map(|bytes| format!("at most {} of memory", size(bytes)));
        vec![party.party.clone(), party.status.clone(), time, memory.unwrap_or_default()]
    };
    columns(&account.parties.iter().map(row).collect::<Vec<_>>())
}

fn edges(account: &Account) -> String {
    let row = |edge: &super::account::EdgeSeen| {
        vec![format!("{} -> {}", edge.from, edge.to), count(edge.messages, "message"), size(edge.bytes)]
    };
    if account.edges.is_empty() {
        return "no messages".to_owned();
    }
    columns(&account.edges.iter().map(row).collect::<Vec<_>>())
}

fn details(party: &PartyDone, least: LogLevel) -> String {
    let mut text = Vec::new();
    let wanted = |level: &str| rank(level) >= Some(level_of(least));
    text.extend(
        party.log.iter().filter(|line| wanted(&line.level)).map(|line| format!("{:<8} {}", line.level, line.text)),
    );
    if let Some(Progress { done, of, what }) = &party.progress {
        let of = if *of > 0 { format!(" of {of}") } else { String::new() };
        text.push(format!("progress {done}{of} {what}").trim_end().to_owned());
    }
    for curve in &party.metrics {
        let kind = if curve.metric_type.is_empty() { String::new() } else { format!(" ({})", curve.metric_type) };
        text.push(format!("metric   {}.{}{kind}: {}", curve.namespace, curve.name, shown(&curve.points, POINTS)));
    }
    text.extend(party.summary.iter().map(|summary| format!("summary  {summary}")));
    for table in &party.outputs {
        let (high, wide) = (count(table.rows, "row"), count(table.columns.len() as u64, "column"));
        text.push(format!("output   {}: {high}, {wide}", table.name));
        let mut rows = vec![cells(&table.columns)];
        rows.extend(table.first_rows.iter().map(|row| cells(row)));
        text.push(indented(&columns(&rows)));
    }
    text.extend(party.missing.iter().map(|name| format!("output   {name}: it ended without making this table")));
    for (model, parts) in by_model(&party.models) {
        let parts: Vec<String> = parts.iter().map(|part| format!("{} ({})", part.name, size(part.bytes))).collect();
        text.push(format!("model    {model}: {}", parts.join(", ")));
    }
    if text.is_empty() {
        return String::new();
    }
    format!("{}\n{}", party.party, indented(&text.join("\n")))
}

/// The first cells of a row, each cut.
fn cells(row: &[String]) -> Vec<String> {
    let cut = |cell: &String| {
        if cell.chars().count() <= CELL {
            return cell.clone();
        }
        cell.chars().take(CELL - 1).chain(['…']).collect()
    };
    let mut cells: Vec<String> = row.iter().take(COLUMNS).map(cut).collect();
    if row.len() > COLUMNS {
        cells.push("...".to_owned());
    }
    cells
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn rank(level: &str) -> Option<Level> {
    match level {
        "debug" => Some(Level::Debug),
        "info" => Some(Level::Info),
        "warning" => Some(Level::Warning),
        "error" => Some(Level::Error),
        _ => None,
    }
}

fn level_of(level: LogLevel) -> Level {
    match level {
        LogLevel::Debug => Level::Debug,
        LogLevel::Info => Level::Info,
        LogLevel::Warning => Level::Warning,
        LogLevel::Error => Level::Error,
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}

/// A number of things: `1 row`, `2 rows`.
fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_240 => count(bytes, "byte"),
        10_240..10_485_760 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_came_and_a_table_that_was_not_made_are_told() {
        let party = PartyDone {
            party: "host/2".into(),
            status: "success".into(),
            error: String::new(),
            time_ms: Some(5),
            waited_ms: 0,
            peak_memory_bytes: None,
            progress: Some(Progress { done: 3, of: 30, what: "iterations".into() }),
            log: Vec::new(),
            metrics: Vec::new(),
            summary: None,
            outputs: Vec::new(),
            missing: vec!["data".into()],
            models: Vec::new(),
        };
        let expected = "host/2\n  progress 3 of 30 iterations\n  output   data: it ended without making this table";
        assert_eq!(details(&party, LogLevel::Error), expected);
    }

    #[test]
    fn sizes_times_and_cells_are_short() {
        assert_eq!([size(1), size(12), size(20 << 10), size(30 << 20)], ["1 byte", "12 bytes", "20 KiB", "30 MiB"]);
        assert_eq!([seconds(7), seconds(12_345)], ["0.00", "12.34"]);
        let row: Vec<String> = (0..10).map(|n| format!("{n}{}", "x".repeat(30))).collect();
        let cells = cells(&row);
        assert_eq!(cells.len(), COLUMNS + 1);
        assert!(cells.iter().all(|cell| cell.chars().count() <= CELL), "{cells:?}");
        assert!(rank("warning") >= Some(level_of(LogLevel::Info)) && rank("debug") < Some(level_of(LogLevel::Info)));
    }
}
