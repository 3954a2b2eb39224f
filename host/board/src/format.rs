//! Times, durations, sizes and numbers as people read them. Not for: words in a language.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

/// A time, ms since the epoch, in the node's time zone: `2026-11-22 10:51:27`, with the zone when one points at it.
pub fn time(ms: i64) -> Markup {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return html! { "-" } };
    let local = at.to_zoned(TimeZone::system());
    html! {
        time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) title=(local.strftime("%Y-%m-%d %H:%M:%S%.3f %Z")) {
            (local.strftime("%Y-%m-%d %H:%M:%S"))
        }
    }
}

/// The same where there may be none.
pub fn time_or_none(ms: Option<i64>) -> Markup {
    ms.map_or_else(|| html! { "–" }, time)
}

/// A duration in ms: `340 ms`, `8.2 s`, `3:07`, `1:02:03`, `2 d 03:00:00`.
pub fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    let (seconds, minutes, hours) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    if ms < 1_000 {
        format!("{ms} ms")
    } else if minutes == 0 {
        format!("{seconds}.{} s", ms % 1_000 / 100)
    } else if hours == 0 {
        format!("{minutes}:{:02}", seconds % 60)
    } else if hours < 24 {
        format!("{hours}:{:02}:{:02}", minutes % 60, seconds % 60)
    } else {
        format!("{} d {:02}:{:02}:{:02}", hours / 24, hours % 24, minutes % 60, seconds % 60)
    }
}

/// Bytes: `512 B`, `1.4 KiB`, `3.0 GiB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let (mut scaled, mut unit) = (count as f64 / 1024.0, 0);
    while scaled >= 1023.95 && unit + 1 < UNITS.len() {
        (scaled, unit) = (scaled / 1024.0, unit + 1);
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// A whole number with thin spaces between thousands: `1 234 567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for at in (first..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push('\u{2009}');
        }
        text.push_str(&digits[at..at + 3]);
    }
    text
}

/// A number with at most six digits that tell something: `0.979518`, `1.2e-9`, `45678.9`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    if value == 0.0 {
        return "0".into();
    }
    let size = value.abs();
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.5e}");
    }
    let whole = size.log10().floor().max(0.0) as usize + 1;
    let text = format!("{value:.*}", 6_usize.saturating_sub(whole.min(5)).max(if size < 1.0 { 6 } else { 1 }));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let shown = [0, 340, 8_240, 187_000, 3_723_000, 183_600_000].map(duration);
        assert_eq!(shown, ["0 ms", "340 ms", "8.2 s", "3:07", "1:02:03", "2 d 03:00:00"]);
    }

    #[test]
    fn sizes_and_numbers_are_short() {
        assert_eq!([0, 1023, 1434, 1 << 20, 3 << 30].map(bytes), ["0 B", "1023 B", "1.4 KiB", "1.0 MiB", "3.0 GiB"]);
        assert_eq!([7, 1234, 1_234_567].map(count), ["7", "1\u{2009}234", "1\u{2009}234\u{2009}567"]);
        let shown = [0.979_518_2, 1.0, -0.25, 45_678.9, 1.2e-9, f64::NAN].map(number);
        assert_eq!(shown, ["0.979518", "1", "-0.25", "45678.9", "1.20000e-9", "NaN"]);
    }
}
