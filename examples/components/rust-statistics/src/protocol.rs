//! What the parties send each other. The guest encrypts the standard scores of its label; a host sums them, weighted
//! by the scores of each of its columns, without seeing one; the guest decrypts sums, which are correlations. Not
//! for: arithmetic (`numbers`), tables of results (`lib`).

use parcae_sdk::{
    Column, Frame, Party, Result, Task, federation,
    he::{Encrypted, KeyPair},
    info, input_error, metrics,
    tables::Meaning,
};
use serde::{Deserialize, Serialize};

use crate::{
    Correlation, Parameters,
    numbers::{check_sum, correlation, standardise},
};

/// Bits behind the point of encrypted scores and of weights.
const PRECISION: u32 = 40;

/// What a guest says before it sends ciphertexts.
#[derive(Serialize, Deserialize)]
struct Hello {
    rows: usize,
    keys: u64,
}

/// A column and its scores.
struct Scored {
    name: String,
    scores: Vec<f64>,
}

/// The guest's part: correlations of all columns of all parties.
pub fn guest(task: &Task, frame: &Frame, parameters: &Parameters) -> Result<Vec<Correlation>> {
    let component = &task.component;
    let no_label =
        || input_error(format!("{component}: the table has no label; let a DataTransform before it make one"));
    let label = frame.label().ok_or_else(no_label)?;
    let rows = frame.sorted_rows();
    let label = scores_of(label, &rows)?
        .ok_or_else(|| input_error(format!("{component}: all values of the label are alike")))?;
    let pair = KeyPair::generate("paillier", parameters.key_bits)?;
    let key = pair.public();
    let encrypted = key.encrypt(&label, PRECISION)?;
    let hello = to_json(&Hello { rows: rows.len(), keys: keys_of(frame, &rows) });
    for host in task.hosts() {
        federation::push(host, "hello", &hello)?;
        federation::push_key(host, "key", &key)?;
        federation::push_encrypted(host, "label", &encrypted)?;
    }
    info!("the label of {} rows is on its way, encrypted with {} bits", rows.len(), key.bits());
    let me = party_name(task.me);
    let own = scored(frame, &rows, false, &me)?;
    let mut found: Vec<_> =
        own.iter().map(|c| Correlation::new(&me, &c.name, correlation(&c.scores, &label))).collect();
    let hosts = task.hosts();
    for (done, host) in hosts.iter().enumerate() {
        found.extend(of_host(*host, &pair, &key)?);
        metrics::progress(done as u64 + 1, hosts.len() as u64, "hosts");
    }
    Ok(found)
}

/// What a host sends back.
fn of_host(host: Party, pair: &KeyPair, key: &parcae_sdk::he::PublicKey) -> Result<Vec<Correlation>> {
    let names: Vec<String> = from_json(host, &federation::pull(host, "columns")?)?;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let values = pair.decrypt(&federation::pull_encrypted(host, "sums", key)?)?;
    if values.len() != names.len() {
        return Err(input_error(format!(
            "{} sent {} sums for {} columns",
            party_name(host),
            values.len(),
            names.len()
        )));
    }
    let party = party_name(host);
    Ok(names.iter().zip(values).map(|(name, value)| Correlation::new(&party, name, value)).collect())
}

/// A host's part. It learns how many rows there are, and nothing of the label.
pub fn host(task: &Task, frame: &Frame, parameters: &Parameters) -> Result<()> {
    let guest = task.guest()?;
    let rows = frame.sorted_rows();
    let hello: Hello = from_json(guest, &federation::pull(guest, "hello")?)?;
    if hello.rows != rows.len() || hello.keys != keys_of(frame, &rows) {
        let component = &task.component;
        return Err(input_error(format!(
            "{component}: guest and {} hold different rows; put an Intersection before it",
            party_name(task.me)
        )));
    }
    let key = federation::pull_key(guest, "key")?;
    let label = federation::pull_encrypted(guest, "label", &key)?;
    let columns = scored(frame, &rows, parameters.anonymous, &party_name(task.me))?;
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    federation::push(guest, "columns", &to_json(&names))?;
    if !columns.is_empty() {
        federation::push_encrypted(guest, "sums", &sums(&label, &columns)?)?;
    }
    info!("{} columns correlated with a label that nobody here has seen", columns.len());
    Ok(())
}

/// Correlations, under encryption.
fn sums(label: &Encrypted, columns: &[Scored]) -> Result<Encrypted> {
    let rows = f64::from(label.len());
    let weights: Vec<f64> = columns.iter().flat_map(|c| c.scores.iter().map(|score| score / rows)).collect();
    Ok(label.weighted_sums(&weights, columns.len() as u32, PRECISION)?)
}

/// The features that have any spread.
fn scored(frame: &Frame, rows: &[usize], anonymous: bool, party: &str) -> Result<Vec<Scored>> {
    let mut found = Vec::new();
    for (index, column) in frame.of(Meaning::Feature).enumerate() {
        let name = if anonymous { format!("{party}_x{index}") } else { column.definition.name.clone() };
        match scores_of(column, rows)? {
            Some(scores) => found.push(Scored { name, scores }),
            None => info!("column {} is left out: all its values are alike", column.definition.name),
        }
    }
    Ok(found)
}

fn scores_of(column: &Column, rows: &[usize]) -> Result<Option<Vec<f64>>> {
    let values = column.numbers()?;
    Ok(standardise(&rows.iter().map(|row| values[*row]).collect::<Vec<_>>()))
}

fn keys_of(frame: &Frame, rows: &[usize]) -> u64 {
    check_sum(rows.iter().map(|row| parcae_sdk::text_of(frame.ids(), *row)))
}

/// `host_10000`.
pub fn party_name(party: Party) -> String {
    format!("{}_{}", party.role, party.id)
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

fn from_json<'a, T: Deserialize<'a>>(from: Party, bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|e| input_error(format!("what {} sent makes no sense: {e}", party_name(from))))
}
