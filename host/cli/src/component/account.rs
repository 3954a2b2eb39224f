//! What came of a local run, party by party: how the module ended, what it said, made, sent and used. Machines get it
//! as it is. Not for: how it looks to people (`show`).

use std::collections::BTreeMap;

use parcae_domain::{
    descriptor::PortKind,
    id::{AttemptId, JobId, TaskId},
    party::Party,
    port::Scalar,
    status::Status,
};
use parcae_logs::LogKey;
use parcae_node::view::{JobView, Series, TaskView};
use parcae_tables::rows_as_text;
use serde::Serialize;
use serde_json::Value;

use super::site::{Site, reason};
use super::tap::{Fault, Seen};

/// Rows that are shown of a table.
const ROWS: u64 = 5;

/// What came of a run.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) module: String,
    pub(super) component: String,
    pub(super) version: String,
    /// Digest of the image.
    pub(super) image: String,
    /// Status of the job.
    pub(super) status: String,
    /// What the module asks for beyond the contract; here it has it all.
    pub(super) grants: Vec<String>,
    /// What went wrong on purpose.
    pub(super) fault: Option<FaultDone>,
    /// What failed, the module and what brings tables to it.
    pub(super) failures: Vec<String>,
    pub(super) edges: Vec<EdgeSeen>,
    pub(super) parties: Vec<PartyDone>,
}

/// A fault that was asked for.
#[derive(Debug, Serialize)]
pub(super) struct FaultDone {
    pub(super) fault: String,
    /// What it hit; none when the module sent too few messages.
    pub(super) hit: Option<String>,
}

/// Messages from one party to another.
#[derive(Debug, Serialize)]
pub(super) struct EdgeSeen {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

/// The module at one party.
#[derive(Debug, Serialize)]
pub(super) struct PartyDone {
    pub(super) party: String,
    pub(super) status: String,
    pub(super) error: String,
    /// From the making of the instance to its end; none when it did not run.
    pub(super) time_ms: Option<u64>,
    /// Of that, waiting for messages.
    pub(super) waited_ms: u64,
    pub(super) peak_memory_bytes: Option<u64>,
    /// How far it said that it is, the last time.
    pub(super) progress: Option<Progress>,
    pub(super) log: Vec<Line>,
    pub(super) metrics: Vec<Curve>,
    pub(super) summary: Option<Value>,
    pub(super) outputs: Vec<Made>,
    /// Outputs that are not optional, and that it ended well without: a module that reads them will fail.
    pub(super) missing: Vec<String>,
    pub(super) models: Vec<Part>,
}

/// How far a module is, in its own words.
#[derive(Debug, Serialize)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) of: u64,
    pub(super) what: String,
}

/// A line that the component wrote.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Line {
    pub(super) level: String,
    pub(super) text: String,
}

/// A series of metrics.
#[derive(Debug, Serialize)]
pub(super) struct Curve {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) metric_type: String,
    pub(super) points: Vec<(Value, Value)>,
}

/// A table that it put out.
#[derive(Debug, Serialize)]
pub(super) struct Made {
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) columns: Vec<String>,
    pub(super) first_rows: Vec<Vec<String>>,
}

/// A part of a model.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) model: String,
    pub(super) name: String,
    pub(super) bytes: u64,
}

impl Account {
    /// Of a job that has ended.
    pub(super) fn of(
        site: &Site,
        job: &JobView,
        component: &str,
        module: &str,
        fault: Option<Fault>,
    ) -> anyhow::Result<Account> {
        let (said, seen) = (&site.image.descriptor, site.tap.seen());
        let mut tasks = site.tasks(job.job.as_str())?;
        tasks.sort_by_key(|task| task.party);
        let failures = tasks.iter().filter(|task| !task.error_report.is_empty());
        let failure = |task: &TaskView| format!("{} at {}: {}", task.component, task.party, reason(&task.error_report));
        let failures = failures.map(failure).collect();
        let own = tasks.iter().filter(|task| task.component == component);
        let parties = own.map(|task| party(site, task, module, &seen)).collect::<anyhow::Result<_>>()?;
        let grants = said.module(module).map(|module| module.grants.clone()).unwrap_or_default();
        Ok(Account {
            module: module.to_owned(),
            component: said.name.clone(),
            version: said.version.clone(),
            image: site.image.digest.clone(),
            status: job.status.to_string(),
            grants: grants.iter().map(ToString::to_string).collect(),
            fault: fault.map(|fault| fault_done(fault, &seen)),
            failures,
            edges: edges(&seen),
            parties,
        })
    }

    /// True when the job ended well.
    pub(super) fn is_success(&self) -> bool {
        self.status == Status::Success.as_str()
    }
}

fn fault_done(fault: Fault, seen: &Seen) -> FaultDone {
    let hit = seen.hit.as_ref().map(|at| match fault {
        Fault::Delay(_) => "every message".to_owned(),
        _ => format!("the message {} -> {} with tag {:?}", at.from, at.to, at.tag),
    });
    FaultDone { fault: fault.to_string(), hit }
}

fn edges(seen: &Seen) -> Vec<EdgeSeen> {
    let edge = |((from, to), edge): (&(Party, Party), &super::tap::Edge)| EdgeSeen {
        from: from.to_string(),
        to: to.to_string(),
        messages: edge.messages,
        bytes: edge.bytes,
    };
    seen.edges.iter().map(edge).collect()
}

fn party(site: &Site, task: &TaskView, module: &str, seen: &Seen) -> anyhow::Result<PartyDone> {
    let (job, component, party) = (task.job.as_str(), task.component.as_str(), task.party);
    let id = TaskId { job: task.job.clone(), component: component.to_owned() };
    let used = site.used(&AttemptId { task: id, version: task.version, party });
    let node = &site.node;
    let models = node.default_tenant().model(job, component, party)?.into_iter();
    let outputs = outputs(site, job, component, party)?;
    let is_success = task.party_status == Status::Success;
    Ok(PartyDone {
        party: party.to_string(),
        status: task.party_status.to_string(),
        error: reason(&task.error_report).to_owned(),
        time_ms: used.as_ref().map(|used| millis(used.wall)),
        waited_ms: seen.waited.get(&party).copied().map(millis).unwrap_or_default(),
        peak_memory_bytes: used.as_ref().map(|used| used.peak_memory_bytes),
        progress: task.progress.clone().map(|(done, of, what)| Progress { done, of, what }),
        log: log(site, &task.job, component, party)?,
        metrics: node.default_tenant().metrics(job, component, party)?.into_iter().map(curve).collect(),
        summary: node.default_tenant().summary(job, component, party)?,
        missing: if is_success { missing(site, module, &outputs) } else { Vec::new() },
        outputs,
        models: models.map(|part| Part { model: part.alias, name: part.name, bytes: part.bytes }).collect(),
    })
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How the node says in the log how an attempt ended.
const ENDED: &str = "attempt ended: ";

/// What the component wrote, without what the node writes beside it.
fn log(site: &Site, job: &JobId, component: &str, party: Party) -> anyhow::Result<Vec<Line>> {
    let key = LogKey::job_file(job, &format!("{party}/{component}/stat.log"))?;
    let lines = site.node.logs().cat(&key, 1, u64::MAX)?;
    Ok(of_component(lines.iter().filter_map(|(_, line)| parsed(line)).collect()))
}

/// Without the line that names the image, and the end with all its lines.
fn of_component(mut lines: Vec<Line>) -> Vec<Line> {
    let end = lines.iter().rposition(|line| line.text.starts_with(ENDED));
    lines.truncate(end.unwrap_or(lines.len()));
    lines.retain(|line| !is_nodes(&line.text));
    lines
}

fn is_nodes(text: &str) -> bool {
    text.starts_with("module ") && text.contains(" runs, image ")
}

/// `[INFO] [2026-11-22 08:20:31,014] [<job>] [<thread>] - [<component>.0:log]: message`.
fn parsed(line: &str) -> Option<Line> {
    let (level, rest) = line.strip_prefix('[')?.split_once(']')?;
    let (_, text) = rest.split_once("]: ")?;
    Some(Line { level: level.to_ascii_lowercase(), text: text.to_owned() })
}

fn curve(series: Series) -> Curve {
    let Series { namespace, name, metric_type, points, .. } = series;
    let points = points.into_iter().map(|(key, value)| (scalar(key), scalar(value))).collect();
    Curve { namespace, name, metric_type, points }
}

/// Numbers that JSON cannot have become texts.
fn scalar(value: Scalar) -> Value {
    match value {
        Scalar::Number(number) if number.is_finite() => number.into(),
        Scalar::Number(number) => number.to_string().into(),
        Scalar::Text(text) => text.into(),
    }
}

fn outputs(site: &Site, job: &str, component: &str, party: Party) -> anyhow::Result<Vec<Made>> {
    let mut made = Vec::new();
    for output in site.node.default_tenant().outputs(job, component, party)? {
        let mut first_rows = Vec::new();
        rows_as_text::<parcae_domain::port::PortError>(&*output.table, Some(ROWS), &mut |cells| {
            first_rows.push(cells.iter().map(|cell| cell.clone().into_owned()).collect());
            Ok(())
        })?;
        let schema = output.table.schema();
        made.push(Made {
            name: output.data_name,
            rows: output.table.rows(),
            columns: schema.columns.iter().map(|column| column.name.clone()).collect(),
            first_rows,
        });
    }
    Ok(made)
}

/// The tables that a module must put out and are not among those made.
fn missing(site: &Site, module: &str, made: &[Made]) -> Vec<String> {
    let ports = site.image.descriptor.module(module).into_iter().flat_map(|module| &module.outputs);
    let wanted = ports.filter(|port| port.kind == PortKind::Data && !port.optional);
    let names = wanted.map(|port| port.name.clone());
    names.filter(|name| !made.iter().any(|table| table.name == *name)).collect()
}

/// Points of a series by key, for people.
pub(super) fn shown(points: &[(Value, Value)], most: usize) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = points.iter().take(most).map(|(key, value)| format!("{} = {}", plain(key), plain(value)));
    let mut text = pairs.collect::<Vec<_>>().join(", ");
    if points.len() > most {
        text += &format!(", and {} more", points.len() - most);
    }
    text
}

/// Parts of models, by the name of the model.
pub(super) fn by_model(parts: &[Part]) -> BTreeMap<&str, Vec<&Part>> {
    let mut models: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
    for part in parts {
        models.entry(&part.model).or_default().push(part);
    }
    models
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_lose_their_heads_and_keep_their_words() {
        let head = "[WARNING] [2026-11-22 08:20:31,014] [2026112208] [7:m_0/guest/1] - [m_0.0:log]: ";
        let line = parsed(&format!("{head}a [b]: c")).unwrap();
        assert_eq!(line, Line { level: "warning".into(), text: "a [b]: c".into() });
        assert!(parsed("half a line").is_none());
        assert!(is_nodes("module M runs, image ab") && !is_nodes("module M"));
    }

    #[test]
    fn the_end_is_told_once() {
        let line = |text: &str| Line { level: "info".into(), text: text.into() };
        let said = ["module M runs, image ab", "attempt ended: I said", "a", "attempt ended: it crashed", "  0: f"];
        let kept = of_component(said.map(line).to_vec());
        assert_eq!(kept, ["attempt ended: I said", "a"].map(line));
    }

    #[test]
    fn points_are_shown_up_to_a_number() {
        let points = [(json!("a"), json!(5.0)), (json!(1.0), json!("x")), (json!(2.0), json!(3.5))];
        assert_eq!(shown(&points, 2), "a = 5.0, 1.0 = x, and 1 more");
        assert_eq!(scalar(Scalar::Number(f64::NAN)), json!("NaN"));
    }
}
