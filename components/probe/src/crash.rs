//! Crashes, and using up processor, memory and stack. Not for: using up what the node holds (`handles`).

use std::hint::black_box;

use parcae_sdk::{Result, failed, info};

use crate::{Behaviour, Request, behaviour};

/// The behaviours.
pub static ALL: [Behaviour; 7] = [
    behaviour("panic", "trapped; the text of the panic is in the log", panic),
    behaviour("unreachable", "trapped", unreachable),
    behaviour("exit", "trapped: a component has no process to end, with whatever code", exit),
    behaviour("spin", "never ends: deadline run, or canceled within 100 ms of a stop", spin),
    behaviour("recurse", "trapped, or limit stack_bytes", recurse),
    behaviour("allocate", "limit memory_bytes, or trapped when memory does not grow", allocate),
    behaviour("allocate_amount", "success when `amount` bytes fit (1 MiB), else limit memory_bytes", allocate_amount),
];

fn panic(request: &Request) -> Result<()> {
    panic!("the probe panics: {}", request.text)
}

fn unreachable(_: &Request) -> Result<()> {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    std::process::abort();
}

fn exit(_: &Request) -> Result<()> {
    std::process::exit(3)
}

fn spin(_: &Request) -> Result<()> {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

/// Not a tail call, and nothing that a compiler turns into a loop.
#[inline(never)]
fn deeper(left: u64) -> u64 {
    if left == 0 { 1 } else { deeper(left - 1).rotate_left(7) ^ left }
}

fn recurse(request: &Request) -> Result<()> {
    let depth = request.amount_or(u64::MAX);
    info!("{depth} calls deep: {}", deeper(black_box(depth)));
    Ok(())
}

fn allocate(_: &Request) -> Result<()> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(vec![1; 1 << 20]);
        black_box(&all);
    }
}

fn allocate_amount(request: &Request) -> Result<()> {
    let bytes = request.amount_or(1 << 20);
    let mut all: Vec<u8> = Vec::new();
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    if let Err(error) = all.try_reserve_exact(size) {
        return Err(failed(format!("{bytes} bytes: {error}")));
    }
    all.resize(size, 1);
    info!("{} bytes are mine", black_box(&all).len());
    Ok(())
}
