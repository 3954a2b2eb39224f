//! Numbers as Python prints them, because clients parse what FATE wrote. Not for: JSON.

/// `repr` of a Python float: the shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16.
pub fn repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `str` of a Python dictionary of texts to floats: `{'0': 0.25, '1': 0.75}`.
pub fn dictionary<'a>(pairs: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("'{key}': {}", repr(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Right-hand sides printed by Python 3.
    #[test]
    fn floats() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (6.723700430200097e-6, "6.723700430200097e-06"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-2.5e-300, "-2.5e-300"),
            (0.9999932762995698, "0.9999932762995698"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, wanted) in cases {
            assert_eq!(repr(value), wanted);
        }
    }

    #[test]
    fn dictionaries() {
        assert_eq!(dictionary([("0", 0.25), ("1", 0.75)]), "{'0': 0.25, '1': 0.75}");
    }
}
