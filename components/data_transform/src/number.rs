//! Numbers as Python reads and prints them. Not for: what counts as missing.

use std::borrow::Cow;

/// Most whole numbers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A number as Python's `float` reads it: surrounding white space, `1e5`, `inf`, `nan`, `1_000`.
pub fn float(text: &str) -> Option<f64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    joined(text.trim())?.parse().ok()
}

/// A whole number as Python's `int` reads it; a float without a fraction (`3.0`) is good too.
pub fn int(text: &str) -> Option<i64> {
    let plain = joined(text.trim())?;
    if let Ok(value) = plain.parse() {
        return Some(value);
    }
    let value: f64 = plain.parse().ok()?;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

/// The text without underscores, which may only stand between digits.
fn joined(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let proper = |at: usize| digit(at.checked_sub(1)) && digit(Some(at + 1));
    let all = (0..bytes.len()).filter(|at| bytes[*at] == b'_').all(proper);
    all.then(|| Cow::Owned(text.replace('_', "")))
}

/// A number as Python prints it: the fewest digits that read back as the same number, an exponent below 1e-4 and from 1e16 on.
pub fn repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        let text = value.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    let text = format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    match exponent.strip_prefix('-') {
        Some(small) => format!("{digits}e-{small:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_like_python() {
        for (text, value) in [
            ("1", 1.0),
            (" 2.5 ", 2.5),
            ("\t-3e-2\n", -0.03),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1e5", 1e5),
            ("1_000.5", 1000.5),
            ("inf", f64::INFINITY),
            (" -Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(float(text), Some(value), "{text:?}");
        }
        assert!(float("NaN").is_some_and(f64::is_nan) && float(" nan ").is_some_and(f64::is_nan));
        for text in ["", " ", "x", "1,5", "0x10", "1__0", "_1", "1_", "1 2", "--1", "e5", "."] {
            assert_eq!(float(text), None, "{text:?}");
        }
    }

    #[test]
    fn whole_numbers() {
        for (text, value) in [("7", 7), (" -3 ", -3), ("+5", 5), ("1_0", 10), ("3.0", 3), ("1e3", 1000)] {
            assert_eq!(int(text), Some(value), "{text:?}");
        }
        assert_eq!(int("9223372036854775807"), Some(i64::MAX));
        for text in ["", "3.5", "nan", "inf", "x", "1e300"] {
            assert_eq!(int(text), None, "{text:?}");
        }
    }

    /// What Python 3 prints.
    #[test]
    fn printed_like_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (123456.789, "123456.789"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-2.5e-7, "-2.5e-07"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(repr(value), text);
        }
    }
}
