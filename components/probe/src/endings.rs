//! Attempts that end by themselves: well, or with each kind of failure. Not for: crashes (`crash`).

use parcae_sdk::{Failure, FailureKind, Result, info};

use crate::{Behaviour, Request, behaviour};

/// The behaviours.
pub static ALL: [Behaviour; 6] = [
    behaviour("none", "success", none),
    behaviour("fail_input", "failed, kind input, with the text", fail_input),
    behaviour("fail_peer", "failed, kind peer, with the text", fail_peer),
    behaviour("fail_transient", "failed, kind transient, with the text", fail_transient),
    behaviour("fail_other", "failed, kind other, with the text", fail_other),
    behaviour("succeed_after", "failed, kind transient, until attempt number `amount`, then success", succeed_after),
];

fn fail(request: &Request, kind: FailureKind) -> Result<()> {
    Err(Failure { kind, message: request.text.to_owned() })
}

fn none(_: &Request) -> Result<()> {
    info!("nothing to do");
    Ok(())
}

fn fail_input(request: &Request) -> Result<()> {
    fail(request, FailureKind::Input)
}

fn fail_peer(request: &Request) -> Result<()> {
    fail(request, FailureKind::Peer)
}

fn fail_transient(request: &Request) -> Result<()> {
    fail(request, FailureKind::Transient)
}

fn fail_other(request: &Request) -> Result<()> {
    fail(request, FailureKind::Other)
}

fn succeed_after(request: &Request) -> Result<()> {
    let attempt = u64::from(request.task.attempt);
    if attempt >= request.amount {
        info!("attempt {attempt} succeeds");
        return Ok(());
    }
    let message = format!("attempt {attempt} fails, attempt {} will succeed", request.amount);
    Err(Failure { kind: FailureKind::Transient, message })
}
