//! Guest and host: each keeps one part of its numbers and gives the other away, adds up what it has, and the guest
//! learns the sum of both sums. `flow test toy` shows the guest's lines that contain `secure_add_guest`. Not for: how
//! parts travel (`wire`).

use parcae_sdk::{Party, Result, Task, failed, federation, info, input_error};

use crate::{
    Params,
    masks::{self, Masks},
    shares, wire,
};

/// Every number of both parties.
const NUMBER: f64 = 1.0;

/// Tags of the messages, as in FATE.
const GUEST_SHARE: &str = "guest_share";
const HOST_SHARE: &str = "host_share";
const HOST_SUM: &str = "host_sum";

fn say(side: &str, text: &str) {
    info!("secure_add_{side}: {text}");
}

/// The two parties; an error that names the cure when there are more hosts.
fn cast(task: &Task) -> Result<(Party, Party)> {
    match task.hosts().as_slice() {
        [host] => Ok((task.guest()?, *host)),
        hosts => Err(input_error(format!(
            "{}: SecureAddExample adds the numbers of a guest and one host, the job has {}; leave one in role.host",
            task.component,
            hosts.len()
        ))),
    }
}

/// This party's numbers, split: what stays and what is given away.
fn split(params: &Params, numbers: &[u64], side: u8) -> Result<(Vec<u64>, Vec<u64>)> {
    let mut masks = Masks::new(masks::key(params.seed, side)?);
    Ok(shares::split(numbers, || masks.draw()))
}

fn numbers(params: &Params) -> Vec<u64> {
    vec![shares::fixed(NUMBER); params.data_num as usize]
}

/// The guest's side.
pub fn guest(task: &Task) -> Result<()> {
    say("guest", "begin to init parameters of secure add example guest");
    let params: Params = task.parameters()?;
    let (_, host) = cast(task)?;
    say("guest", "begin to make guest data");
    let own = numbers(&params);
    say("guest", "split data into two random parts");
    let (stays, goes) = split(&params, &own, 0)?;
    say("guest", "share one random part data to host");
    wire::push(host, GUEST_SHARE, &goes, params.partition as usize)?;
    say("guest", "get share of one random part data from host");
    let came = wire::pull(host, HOST_SHARE, own.len())?;
    say("guest", "begin to get sum of guest and host");
    let guest_sum = shares::sum(&stays, &came);
    say("guest", "receive host sum from guest");
    let host_sum = wire::element(&federation::pull(host, HOST_SUM)?, HOST_SUM)?;
    let sum = shares::number(guest_sum.wrapping_add(host_sum));
    let expected = 2.0 * NUMBER * own.len() as f64;
    if sum != expected {
        return Err(failed(format!("{}: the sum is {sum:?}, {expected:?} was expected", task.component)));
    }
    say("guest", &format!("success to calculate secure_sum, it is {sum:?}"));
    Ok(())
}

/// The host's side.
pub fn host(task: &Task) -> Result<()> {
    say("host", "begin to init parameters of secure add example host");
    let params: Params = task.parameters()?;
    let (guest, _) = cast(task)?;
    say("host", "begin to make host data");
    let own = numbers(&params);
    say("host", "split data into two random parts");
    let (stays, goes) = split(&params, &own, 1)?;
    say("host", "share one random part data to guest");
    wire::push(guest, HOST_SHARE, &goes, params.partition as usize)?;
    say("host", "get share of one random part data from guest");
    let came = wire::pull(guest, GUEST_SHARE, own.len())?;
    say("host", "begin to get sum of host and guest");
    let sum = shares::sum(&stays, &came);
    say("host", "send host sum to guest");
    Ok(federation::push(guest, HOST_SUM, &sum.to_le_bytes())?)
}
