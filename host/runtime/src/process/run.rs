//! One attempt in a process of its own, as the node's thread sees it: begin, serve, end. The process is gone when this
//! returns, whatever it has done, and its memory is back in the pool. Not for: answers (`served`), words (`ending`).

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use parcae_domain::{
    attempt::{Attempt, StopSignal},
    limit::Limits,
    outcome::Outcome,
    usage::Usage,
};

use super::code::Code;
use super::reply::{BEGIN, Begin};
use super::request::{Request, largest};
use super::served::{End, Service};
use super::socket::{Fault, NodeEnd};
use super::warden::Lease;
use super::workers::{NoWorker, Processes, Worker};
use super::{bytes::Broken, ending};
use crate::cpu::micros;
use crate::engine::Machine;
use crate::image::Image;
use crate::sandbox::stopped;
use crate::state::State;

/// Workers that may be gone before they have heard what to run.
const TRIES: usize = 3;
/// By how much a worker's own count of its time may be ahead of the kernel's, which counts in steps.
const STEP: Duration = Duration::from_millis(20);

/// Why the node no longer serves a worker.
pub(super) enum Over {
    /// It ended, or is to.
    End(End),
    /// It has closed its socket.
    Gone,
}

/// Runs an attempt in a process of its own.
pub(crate) fn run(machine: &Machine, image: &Image, state: State) -> Outcome {
    let (attempt, stop) = (state.attempt.clone(), state.stop.clone());
    let (mut worker, lease) = match begun(machine, image, &attempt, &stop) {
        Ok(begun) => begun,
        Err(outcome) => return outcome,
    };
    let mut service = Service::new(state, worker.pid.to_string());
    let over = serve(&mut worker.end, &mut service);
    // From here on nobody else ends it.
    let (died, breach) = (lease.died(), lease.breach());
    let asked = stop.reason().is_some() && !died;
    drop(lease);
    let (status, took) = worker.finish(matches!(over, Over::Gone) && !asked);
    let said = worker.said();
    if !said.is_empty() {
        tracing::warn!(attempt = %attempt.id, "its process said: {}", ending::line(&said));
    }
    let told = if let Over::End(End::Done(_, usage)) = &over { Some(&**usage) } else { None };
    count(&attempt, told, took, service.most_memory());
    if let Some(what) = breach {
        return ending::of_breach(&what);
    }
    match over {
        Over::End(End::Done(Outcome::Success, _)) => Outcome::Success,
        Over::End(End::Done(outcome, _)) if !asked => ending::told(outcome),
        Over::End(End::Broken(what)) => ending::of_breach(&what),
        Over::End(End::Halted(outcome)) if !died => outcome,
        _ if asked => stopped(&stop, &attempt),
        _ => ending::of_death(status, &said, &attempt),
    }
}

/// A worker that has been told what to run, and who watches over it; else how the attempt ends.
fn begun(
    machine: &Machine,
    image: &Image,
    attempt: &Arc<Attempt>,
    stop: &StopSignal,
) -> Result<(Worker, Lease), Outcome> {
    let none = |why| match why {
        NoWorker::Stopped => stopped(stop, attempt),
        NoWorker::Failed(why) => Outcome::Node { message: format!("no process for the attempt: {why}") },
    };
    machine.processes.check().map_err(none)?;
    let code = image.code(machine, attempt, stop)?;
    told_what_to_run(&machine.processes, &code, attempt, stop).map_err(none)
}

fn told_what_to_run(
    processes: &Processes,
    code: &Code,
    attempt: &Arc<Attempt>,
    stop: &StopSignal,
) -> Result<(Worker, Lease), NoWorker> {
    let begin = serde_json::to_vec(&Begin::of(attempt)).map_err(|e| NoWorker::Failed(e.to_string()))?;
    for _ in 0..TRIES {
        let mut worker = processes.take(stop)?;
        let lease = processes.watch(&worker, attempt, stop)?;
        if worker.end.send(BEGIN, &begin, &[code.descriptor()]).is_ok() {
            return Ok((worker, lease));
        }
        if lease.died() {
            return Err(NoWorker::Failed("it was killed before it had begun".into()));
        }
        if stop.reason().is_some() {
            return Err(NoWorker::Stopped);
        }
    }
    Err(NoWorker::Failed(format!("{TRIES} of them were gone before they had begun")))
}

impl From<End> for Over {
    fn from(end: End) -> Over {
        Over::End(end)
    }
}

impl From<Fault> for Over {
    fn from(fault: Fault) -> Over {
        match fault {
            Fault::Gone => Over::Gone,
            Fault::Broken(what) => Over::End(End::Broken(what)),
        }
    }
}

impl From<Broken> for Over {
    fn from(Broken(what): Broken) -> Over {
        Over::End(End::Broken(what))
    }
}

/// Answers a worker until there is nothing more to answer.
pub(super) fn serve(end: &mut NodeEnd, service: &mut Service) -> Over {
    let limits = service.state().attempt.limits.clone();
    loop {
        if let Err(over) = answer(end, service, &limits) {
            return over;
        }
        service.took();
    }
}

/// Answers one message. What it takes on its way is the worker's, who may never end one, or never read its answer.
fn answer(end: &mut NodeEnd, service: &mut Service, limits: &Limits) -> Result<(), Over> {
    let (len, kind) = end.head(|kind| largest(kind, limits))?;
    // As bytes, and as what they mean.
    let coming = service.room(len.saturating_mul(2))?;
    let request = Request::decode(kind, end.body(len)?)?;
    end.forget();
    let Some((reply, files)) = service.serve(request)? else { return Ok(()) };
    drop(coming);
    let (kind, body) = reply.encode();
    drop(reply);
    let _going = service.room(body.len() as u64)?;
    let descriptors: Vec<BorrowedFd<'_>> = files.iter().map(AsFd::as_fd).collect();
    end.send(kind, &body, &descriptors)?;
    Ok(())
}

/// Takes down what the attempt used: what the kernel and the node have counted, and of what the worker tells as much as can
/// be true.
fn count(attempt: &Attempt, told: Option<&Usage>, took: Option<Duration>, most_memory: u64) {
    let (usage, limits) = (&attempt.usage, &attempt.limits);
    usage.memory_bytes.set(0);
    let served = Duration::from_micros(usage.served_us.get());
    let known = took.map_or_else(|| Duration::from_micros(usage.thread_us.get()), |took| took + served);
    let Some(told) = told else {
        usage.thread_us.set(micros(known));
        usage.peak_memory_bytes.raise(most_memory.min(limits.memory_bytes));
        return;
    };
    let cpu = known.max(told.cpu.min(known + STEP));
    let crypto = told.crypto.min(cpu);
    usage.crypto_us.set(micros(crypto));
    usage.thread_us.set(micros(cpu - crypto));
    usage.peak_memory_bytes.raise(told.peak_memory_bytes.min(most_memory));
    usage.peak_handle_bytes.raise(told.peak_handle_bytes.min(limits.handle_bytes));
    usage.random_bytes.set(told.random_bytes.min(limits.random_total_bytes));
    usage.scratch_bytes.raise(told.scratch_bytes.min(limits.scratch_bytes));
    usage.scratch_files.raise(told.scratch_files.min(u64::from(limits.scratch_files)));
}
