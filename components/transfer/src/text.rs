//! Values as text, the way FATE's files show them: numbers as Python's `repr` prints them. Not for: joining cells
//! (`layout`).

use std::borrow::Cow;

use parcae_sdk::{
    Text,
    tables::{Column, Values},
};

/// A value as text: empty where there is none, `1` and `0` for truth values.
pub fn cell(column: &Column, row: usize) -> Cow<'_, str> {
    if column.validity.as_ref().is_some_and(|bits| bits.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 0)) {
        return Cow::Borrowed("");
    }
    match &column.values {
        Values::Text(all) => Cow::Borrowed(all.at(row)),
        Values::Float64(all) => Cow::Owned(repr(all[row])),
        Values::Int64(all) => Cow::Owned(all[row].to_string()),
        Values::Boolean(all) => Cow::Borrowed(if all[row] == 0 { "0" } else { "1" }),
    }
}

/// The shortest text that reads back as the number, with an exponent below 1e-4 and from 1e16.
fn repr(value: f64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_in_python() {
        // Right-hand sides printed by Python 3.
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (-2.5e-300, "-2.5e-300"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, wanted) in cases {
            assert_eq!(repr(value), wanted);
        }
    }

    #[test]
    fn where_there_is_no_value_there_is_no_text() {
        let column = Column { validity: Some(vec![0b01]), values: Values::Boolean(vec![1, 1]) };
        assert_eq!([cell(&column, 0), cell(&column, 1)], ["1", ""]);
    }
}
