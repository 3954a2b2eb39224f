//! A host party: serves the guest's session, then keeps the rows that the guest says are in common. Not for: the two
//! protocols (`blinded`, `signed`).

use parcae_sdk::{Failure, Frame, Party, Result, federation, info, warning};

use crate::{
    Job, blinded,
    guest::{CARDINALITY, COMMON},
    hello,
    id_map::IdMap,
    output,
    params::Method,
    report::Report,
    signed,
    tokens::to_positions,
    wire::{Incoming, blame},
};

/// Runs the host's side.
pub fn run(job: &Job) -> Result<()> {
    let guest = job.task.guest()?;
    hello::send(job, guest)?;
    hello::check(job, guest)?;
    if job.match_ids && job.units.repeated() > 0 {
        warning!("{} match ids have several rows here: the row with the least key counts", job.units.repeated());
    }
    let names = &job.units.names;
    let order = match job.plan.intersect_method {
        Method::Rsa => signed::serve(guest, &job.plan, names)?,
        Method::Dh | Method::Ecdh => blinded::serve(guest, &job.plan, names)?,
    };
    let mut report = Report { units: job.units.count(), matched: None, samples: None };
    if job.plan.cardinality_only {
        if job.plan.sync_cardinality {
            report.matched = Some(cardinality(guest, order.len())?);
        }
        return report.publish(job);
    }
    let table = if !job.plan.sync_intersect_ids {
        info!("{guest} does not tell which rows are in common (sync_intersect_ids is false): the output is empty");
        job.frame.take(&[])
    } else if job.match_ids {
        let map = IdMap::receive(guest, order.len(), job.plan.left_join())?;
        report.matched = Some(units_in(&map));
        report.samples = Some(map.positions.iter().filter(|position| **position >= 0).count());
        expand(job, &order, map)
    } else {
        let rows = common(job, guest, &order)?;
        report.matched = Some(rows.len());
        job.frame.take(&rows)
    };
    if let Some(matched) = report.matched {
        info!("{matched} of {} ids are in common", report.units);
        if matched == 0 {
            warning!("nothing is in common: check that all parties' ids are of one kind and written alike");
        }
    }
    let table = if job.params.only_output_key { output::keys_only(table) } else { table };
    table.write("data")?;
    report.publish(job)
}

/// The number that the guest tells.
fn cardinality(guest: Party, units: usize) -> Result<usize> {
    let bytes = federation::pull(guest, CARDINALITY)?;
    let wrong = |_| -> Failure { blame(guest, CARDINALITY, format!("{} bytes where 8 were expected", bytes.len())) };
    let number = u64::from_le_bytes(<[u8; 8]>::try_from(bytes.as_slice()).map_err(wrong)?);
    match usize::try_from(number) {
        Ok(number) if number <= units => Ok(number),
        _ => Err(blame(guest, CARDINALITY, format!("{number} of {units}"))),
    }
}

/// Rows that the guest says are in common, in the order of their keys.
fn common(job: &Job, guest: Party, order: &[u32]) -> Result<Vec<usize>> {
    let tokens = Incoming::open(guest, COMMON)?.of_width(4)?.ascending().all()?;
    let mut units = Vec::new();
    for position in to_positions(&tokens) {
        match order.get(position as usize) {
            Some(unit) => units.push(*unit as usize),
            None => return Err(blame(guest, COMMON, format!("position {position} of {}", order.len()))),
        }
    }
    // Units are in the order of their keys.
    units.sort_unstable();
    Ok(units.into_iter().flat_map(|unit| job.units.rows(unit).iter().copied()).collect())
}

/// Number of own units in the guest's pairs, which come in the order of positions.
fn units_in(map: &IdMap) -> usize {
    let mut positions: Vec<i64> = map.positions.iter().copied().filter(|position| *position >= 0).collect();
    positions.sort_unstable();
    positions.dedup();
    positions.len()
}

/// One row for each of the guest's keys, in their order.
fn expand(job: &Job, order: &[u32], map: IdMap) -> Frame {
    let row = |position: &i64| {
        let unit = usize::try_from(*position).ok().and_then(|position| order.get(position))?;
        job.units.rows(*unit as usize).first().copied()
    };
    let rows: Vec<Option<usize>> = map.positions.iter().map(row).collect();
    output::by_key(&output::gather(&job.frame, &rows, map.keys))
}
