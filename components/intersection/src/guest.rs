//! The guest party: a session with each host, then what all hosts have, then each host's share of it. Not for: the two
//! protocols (`blinded`, `signed`).

use parcae_sdk::{Party, Result, Text, federation, info, input_error, metrics, tables::Texts, texts, warning};

use crate::{
    Job, blinded, hello,
    id_map::{IdMap, MISSING},
    matching, output,
    params::{Method, Plan},
    report::Report,
    signed,
    tokens::from_positions,
    wire::send_all,
};

/// Tag of positions that a host is told.
pub const COMMON: &str = "intersect_ids";
/// Tag of the number that a host is told.
pub const CARDINALITY: &str = "cardinality";

enum Session {
    Blinded(blinded::Guest),
    Signed(signed::Guest),
}

impl Session {
    fn start(host: Party, plan: &Plan, names: &Texts) -> Result<Session> {
        Ok(match plan.intersect_method {
            Method::Rsa => Session::Signed(signed::Guest::start(host, plan, names)?),
            Method::Dh | Method::Ecdh => Session::Blinded(blinded::Guest::start(host, plan, names)?),
        })
    }

    fn finish(self) -> Result<Vec<Option<u32>>> {
        match self {
            Session::Blinded(guest) => guest.finish(),
            Session::Signed(guest) => guest.finish(),
        }
    }
}

/// The rows that the guest keeps, in the order of their keys.
struct Kept {
    rows: Vec<usize>,
    /// Unit of each row that is in common.
    units: Vec<Option<usize>>,
    keys: Texts,
}

/// Runs the guest's side.
pub fn run(job: &Job) -> Result<()> {
    let hosts = hosts(job)?;
    if job.plan.new_sample_id && !job.match_ids {
        warning!("new_sample_id has no effect without match ids: keys stay as they are");
    }
    let found = find(job, &hosts)?;
    let units = matching::common(&found);
    info!("{} of {} ids are in common", units.len(), job.units.count());
    if units.is_empty() {
        warning!("nothing is in common: check that all parties' ids are of one kind and written alike");
    }
    let mut report = Report { units: job.units.count(), matched: Some(units.len()), samples: None };
    if job.plan.cardinality_only {
        if job.plan.sync_cardinality {
            for host in &hosts {
                federation::push(*host, CARDINALITY, &(units.len() as u64).to_le_bytes())?;
            }
        }
        return report.publish(job);
    }
    let kept = keep(job, &units);
    if job.match_ids {
        report.samples = Some(units.iter().map(|unit| job.units.rows(*unit).len()).sum());
    }
    if job.plan.sync_intersect_ids {
        for (host, found) in hosts.iter().zip(&found) {
            tell(job, *host, found, &units, &kept)?;
        }
    }
    let rows: Vec<Option<usize>> = kept.rows.iter().map(|row| Some(*row)).collect();
    let table = output::gather(&job.frame, &rows, kept.keys);
    let table = if job.params.only_output_key { output::keys_only(table) } else { table };
    table.write("data")?;
    report.publish(job)
}

fn hosts(job: &Job) -> Result<Vec<Party>> {
    let (hosts, name) = (job.task.hosts(), &job.task.component);
    if hosts.is_empty() {
        return Err(input_error(format!("{name}: Intersection needs at least one host: add one to role in the conf")));
    }
    if hosts.len() > 1 && job.plan.cardinality_only && job.plan.intersect_method != Method::Rsa {
        return Err(input_error(format!(
            "{name}: cardinality_only with {} hosts needs cardinality_method rsa: with ecdh the guest does not see which ids a \
             host has and cannot say what all of them have",
            hosts.len()
        )));
    }
    Ok(hosts)
}

/// For each host, what it has of the guest's units. All sessions start before the first one ends, so that hosts work at the
/// same time.
fn find(job: &Job, hosts: &[Party]) -> Result<Vec<Vec<Option<u32>>>> {
    for host in hosts {
        hello::send(job, *host)?;
    }
    for host in hosts {
        hello::check(job, *host)?;
    }
    let mut sessions = Vec::new();
    for host in hosts {
        sessions.push(Session::start(*host, &job.plan, &job.units.names)?);
    }
    let mut found = Vec::new();
    for session in sessions {
        found.push(session.finish()?);
        metrics::progress(found.len() as u64, hosts.len() as u64, "hosts");
    }
    Ok(found)
}

/// Which rows stay, and under which keys.
fn keep(job: &Job, units: &[usize]) -> Kept {
    let frame = &job.frame;
    let mut unit_of = vec![None; frame.rows()];
    for unit in units {
        job.units.rows(*unit).iter().for_each(|row| unit_of[*row] = Some(*unit));
    }
    let mut rows: Vec<usize> = frame.sorted_rows();
    rows.retain(|row| job.plan.left_join() || unit_of[*row].is_some());
    let fresh = job.plan.new_sample_id && job.match_ids;
    if fresh {
        // In the order of match ids, so that fresh keys say nothing about the guest's own.
        rows.sort_by_key(|row| unit_of[*row].unwrap_or(usize::MAX));
    }
    let keys = if fresh {
        let made: Vec<String> = (0..rows.len()).map(|i| format!("{:016x}{i:010}", job.task.seed)).collect();
        texts(made.iter().map(String::as_str))
    } else {
        texts(rows.iter().map(|row| frame.ids().at(*row)))
    };
    Kept { units: rows.iter().map(|row| unit_of[*row]).collect(), rows, keys }
}

/// Tells a host which of its rows are in common, and with match ids the keys that they get.
fn tell(job: &Job, host: Party, found: &[Option<u32>], units: &[usize], kept: &Kept) -> Result<()> {
    if !job.match_ids {
        return send_all(host, COMMON, &from_positions(&matching::positions_of(units, found)));
    }
    let position = |unit: &Option<usize>| unit.and_then(|unit| found[unit]).map_or(MISSING, i64::from);
    let pairs = kept.units.iter().enumerate().map(|(row, unit)| (position(unit), kept.keys.at(row)));
    IdMap::new(pairs).send(host)
}
