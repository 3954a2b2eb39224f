//! `parcae audit`: the audit log of a data folder, checked and shown; and the lines of what other commands do to a data
//! folder. Not for: what requests leave in it (`server`).

use std::{os::unix::fs::MetadataExt, path::Path};

use anyhow::anyhow;
use parcae_domain::tenant::TenantId;
use parcae_logs::{AUDIT_FOLDER, AuditEntry, AuditFilter, AuditLine, Verdict, audit_lines};
use parcae_node::{audit_act, audit_verify};

use crate::{
    Done, UsageError,
    args::{Audit, AuditLines, DataFolder, Settings, Tenant},
    output::{Output, columns},
    tenant::told,
};

/// Carries out what was typed.
pub(crate) fn run(command: &Audit, output: Output) -> anyhow::Result<Done> {
    match command {
        Audit::Verify(folder) => verify(folder, output),
        Audit::Show(lines) => show(lines, output),
    }
}

fn verify(folder: &DataFolder, output: Output) -> anyhow::Result<Done> {
    let report = audit_verify(&folder.data).map_err(told)?;
    output.result(&report, || match &report.fault {
        None => {
            let head = &report.head;
            format!("{} lines hold; the last one is number {}, hash {}", report.lines, head.seq, head.hash)
        }
        // An end that was cut off is no line.
        Some(fault) if fault.line == 0 => format!("{}: {}\n{} lines hold", fault.file, fault.reason, report.lines),
        Some(fault) => {
            format!("line {} of {}: {}\n{} lines before it hold", fault.line, fault.file, fault.reason, report.lines)
        }
    })?;
    match report.fault {
        None => Ok(Done::Well),
        Some(_) => Err(anyhow!("the audit log was changed, or its disk lost something")),
    }
}

fn show(wanted: &AuditLines, output: Output) -> anyhow::Result<Done> {
    let folder = wanted.folder.data.join(AUDIT_FOLDER);
    if !folder.is_dir() {
        let text = format!("--data {}: there is no audit log", wanted.folder.data.display());
        return Err(UsageError(text).into());
    }
    let tenant = wanted.tenant.as_ref().map(ToString::to_string);
    let since = wanted.since.clone();
    let filter = AuditFilter { from: wanted.from, limit: wanted.limit, tenant, since, ..AuditFilter::default() };
    let lines = audit_lines(&folder, &filter)?;
    output.result(&lines, || {
        let head = ["NUMBER", "TIME", "TENANT", "WHO", "FROM", "WHAT", "OBJECT", "VERDICT"].map(str::to_owned).to_vec();
        columns(&std::iter::once(head).chain(lines.iter().map(row)).collect::<Vec<_>>())
    })?;
    Ok(Done::Well)
}

fn row(line: &AuditLine) -> Vec<String> {
    let AuditEntry { tenant, who, peer, what, object, verdict, code, words } = &line.entry;
    let verdict = match verdict {
        Verdict::Allowed => verdict.as_str().to_owned(),
        Verdict::Refused | Verdict::Failed => format!("{} ({code}): {words}", verdict.as_str()),
    };
    let cells = [&line.time, tenant, who, peer, what, object, &verdict];
    // What a client sent is no command to a terminal.
    let plain = |text: &&String| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    std::iter::once(line.seq.to_string()).chain(cells.iter().map(plain)).collect()
}

/// A key that a command made or found, and whose it is.
#[derive(Debug, Default)]
pub(crate) struct AboutKey {
    /// Its id.
    pub(crate) id: String,
    /// Its tenant.
    pub(crate) tenant: String,
}

/// Carries out a command that is about tenants, and leaves a line of what was done, or could not be done.
pub(crate) fn noted(command: &Tenant, run: impl FnOnce(&mut AboutKey) -> anyhow::Result<Done>) -> anyhow::Result<Done> {
    let mut about = AboutKey::default();
    let done = run(&mut about);
    let Some(Act { what, tenant, object, data }) = act(command, &about) else { return done };
    let (verdict, code, words) = match &done {
        Ok(_) => (Verdict::Allowed, 0, String::new()),
        Err(error) => (Verdict::Failed, 1, format!("{error:#}")),
    };
    let entry = AuditEntry {
        tenant,
        who: "cli".into(),
        peer: process(),
        what: format!("parcae tenant {what}"),
        object,
        verdict,
        code,
        words,
    };
    match audit_act(data, entry) {
        Err(error) if done.is_ok() => Err(anyhow!("it is done, but the audit log does not say so: {error}")),
        // Where there is no data folder nothing was done.
        _ => done,
    }
}

/// What a command changes.
struct Act<'c> {
    what: &'static str,
    tenant: String,
    object: String,
    data: &'c Path,
}

/// None when it changes nothing.
fn act<'c>(command: &'c Tenant, about: &AboutKey) -> Option<Act<'c>> {
    let of = |what, tenant: &TenantId, folder| (what, tenant.to_string(), String::new(), folder);
    let set = |what, settings: &'c Settings| {
        let changes: Vec<String> = settings.changes.iter().map(ToString::to_string).collect();
        (what, settings.name.to_string(), changes.join(" "), &settings.folder)
    };
    let (what, tenant, object, folder): (&'static str, String, String, &DataFolder) = match command {
        Tenant::Create(one) => of("create", &one.name, &one.folder),
        Tenant::Disable(one) => of("disable", &one.name, &one.folder),
        Tenant::Enable(one) => of("enable", &one.name, &one.folder),
        Tenant::Key(new) => {
            let id = if about.id.is_empty() { String::new() } else { format!("id={} ", about.id) };
            ("key", new.name.to_string(), format!("{id}scope={}", new.scope), &new.folder)
        }
        Tenant::Revoke { key, folder } => ("revoke", about.tenant.clone(), format!("id={key}"), folder),
        Tenant::Quota(settings) if !settings.changes.is_empty() => set("quota", settings),
        Tenant::Limit(settings) if !settings.changes.is_empty() => set("limit", settings),
        Tenant::List(_) | Tenant::Keys(_) | Tenant::Quota(_) | Tenant::Limit(_) => return None,
    };
    Some(Act { what, tenant, object, data: &folder.data })
}

/// This process and its user, as the system knows them.
fn process() -> String {
    let user = std::fs::metadata("/proc/self").map(|process| format!(" of user {}", process.uid())).unwrap_or_default();
    format!("process {}{user}", std::process::id())
}
