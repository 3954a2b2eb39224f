//! `parcae component publish` and `pull`, with the binary as users have it: against Debian's registry on this machine,
//! and against one by hand that does what no good registry does. Not for: the parts behind them (their own tests).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod by_hand;
mod debian;
mod desk;
mod odd;
mod round_trip;
mod to_node;
