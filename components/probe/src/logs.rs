//! Logs: too many lines, lines that are too long, lines that act on a terminal or a page. Not for: metrics (`results`).

use std::io::Write;

use parcae_sdk::{Level, Result, info, log};

use crate::{Behaviour, Request, behaviour};

/// The behaviours.
pub static ALL: [Behaviour; 5] = [
    behaviour(
        "flood_log",
        "`amount` lines, without end for 0; beyond log_bytes they are dropped after one line that says so",
        flood_log,
    ),
    behaviour("flood_stdout", "the same through standard output", flood_stdout),
    behaviour("flood_stderr", "the same through standard error", flood_stderr),
    behaviour("ansi_log", "success; logs and pages show control characters as such and obey none", ansi_log),
    behaviour(
        "huge_log_line",
        "success; a line of `amount` bytes (16 MiB) is cut or dropped at log_bytes",
        huge_log_line,
    ),
];

/// What terminals, pages and readers of logs might obey.
pub const TRICKS: [&str; 12] = [
    "\u{1b}[2J\u{1b}[H clears the screen",
    "\u{1b}]0;another title\u{7} sets the title",
    "\u{1b}[8m is hidden \u{1b}[0m",
    "\u{9b}31m is red in one character",
    "rings \u{7}\u{7}",
    "goes back\u{8}\u{8}\u{8}\u{8}",
    "is seen\ris overwritten",
    "has a null \0 inside",
    "turns \u{202e}around",
    "breaks\u{2028}lines\u{85}twice",
    "<script>alert('probe')</script>",
    "%s %n {} {0} ${HOME} $(id) `id`",
];

fn repeat(amount: u64, mut line: impl FnMut(u64)) {
    let most = if amount == 0 { u64::MAX } else { amount };
    (0..most).for_each(&mut line);
}

fn flood_log(request: &Request) -> Result<()> {
    repeat(request.amount, |i| info!("line {i} of a flood that should stop at the limit"));
    Ok(())
}

fn flood_stdout(request: &Request) -> Result<()> {
    let mut out = std::io::stdout().lock();
    // A node that closes the stream may: the flood goes on.
    repeat(request.amount, |i| drop(writeln!(out, "line {i} of a flood that should stop at the limit")));
    Ok(())
}

fn flood_stderr(request: &Request) -> Result<()> {
    let mut err = std::io::stderr().lock();
    repeat(request.amount, |i| drop(writeln!(err, "line {i} of a flood that should stop at the limit")));
    Ok(())
}

fn ansi_log(_: &Request) -> Result<()> {
    for level in [Level::Debug, Level::Info, Level::Warning, Level::Error] {
        TRICKS.iter().for_each(|trick| log(level, trick));
    }
    let mut out = std::io::stdout().lock();
    TRICKS.iter().for_each(|trick| drop(writeln!(out, "{trick}")));
    // Not UTF-8, and no line end behind it.
    drop(out.write_all(&[0xff, 0xfe, b'x', 0xc3]));
    drop(out.flush());
    Ok(())
}

fn huge_log_line(request: &Request) -> Result<()> {
    let line = "x".repeat(request.amount_or(16 << 20) as usize);
    log(Level::Info, &line);
    Ok(())
}
