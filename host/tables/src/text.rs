//! Values as text, the way FATE's files show them: numbers as Python's `repr` prints them. Not for: parsing.

use std::{borrow::Cow, fmt::Write};

use parcae_domain::page::{Column, Values};

/// A value as text: empty where there is none, `1` and `0` for truth values, `float` for floating point. Empty beyond the
/// last row, too.
pub fn cell(column: &Column, row: usize) -> Cow<'_, str> {
    if !column.is_valid(row) {
        return Cow::Borrowed("");
    }
    match &column.values {
        Values::Text { .. } => Cow::Borrowed(column.values.text_at(row).unwrap_or("")),
        Values::F64(values) => values.get(row).map_or(Cow::Borrowed(""), |value| Cow::Owned(float(*value))),
        Values::I64(values) => values.get(row).map_or(Cow::Borrowed(""), |value| Cow::Owned(value.to_string())),
        Values::Bool(values) => Cow::Borrowed(values.get(row).map_or("", |value| if *value == 0 { "0" } else { "1" })),
    }
}

/// The shortest text that reads back as `value`, as Python's `repr`: `1.0`, `1e-07`, `1e+16`, `nan`, `-inf`.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    // Rust prints the shortest digits that read back, as Python does, but writes them out differently.
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').expect("`{:e}` of a finite number has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is a small integer");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replacen('.', "", 1);
    let mut out = String::with_capacity(24);
    out.push_str(sign);
    match exponent {
        -4..=-1 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', (-exponent - 1).unsigned_abs() as usize));
            out.push_str(&digits);
        }
        0..16 => push_plain(&mut out, &digits, exponent.unsigned_abs() as usize + 1),
        _ => {
            out.push_str(mantissa);
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(out, "e{sign}{:02}", exponent.unsigned_abs()).expect("a string takes everything");
        }
    }
    out
}

/// Digits with the point after the first `whole` of them.
fn push_plain(out: &mut String, digits: &str, whole: usize) {
    match digits.split_at_checked(whole) {
        Some((before, after)) => {
            out.push_str(before);
            out.push('.');
            out.push_str(if after.is_empty() { "0" } else { after });
        }
        None => {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
            out.push_str(".0");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits, and what Python 3's `repr` says of them.
    const REPR: &[(u64, &str)] = &[
        (0x0000_0000_0000_0000, "0.0"),
        (0x8000_0000_0000_0000, "-0.0"),
        (0x3ff0_0000_0000_0000, "1.0"),
        (0xbff0_0000_0000_0000, "-1.0"),
        (0x4024_0000_0000_0000, "10.0"),
        (0x4059_0000_0000_0000, "100.0"),
        (0x3fb9_9999_9999_999a, "0.1"),
        (0x3fc9_9999_9999_999a, "0.2"),
        (0x3fd3_3333_3333_3334, "0.30000000000000004"),
        (0x3fd5_5555_5555_5555, "0.3333333333333333"),
        (0x3fe5_5555_5555_5555, "0.6666666666666666"),
        (0x3f1a_36e2_eb1c_432d, "0.0001"),
        (0x3ee4_f8b5_88e3_68f1, "1e-05"),
        (0x3f1a_3637_1ea5_31a8, "9.999e-05"),
        (0x3e7a_d7f2_9abc_af48, "1e-07"),
        (0x3e84_21f5_f40d_8376, "1.5e-07"),
        (0x40fe_240c_9fbe_76c9, "123456.789"),
        (0x430c_6bf5_2634_0000, "1000000000000000.0"),
        (0x4341_c379_37e0_8000, "1e+16"),
        (0x4341_c379_37e0_7fff, "9999999999999998.0"),
        (0x4345_eddb_25e0_4800, "1.2345e+16"),
        (0x4376_3457_85d8_a000, "1e+17"),
        (0x437b_69b4_ba63_0f35, "1.2345678901234568e+17"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x4480_f0cf_064d_d592, "1e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x54b2_49ad_2594_c37d, "1e+100"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x0010_0000_0000_0000, "2.2250738585072014e-308"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x4009_21fb_5444_2d18, "3.141592653589793"),
        (0x4005_bf0a_8b14_5769, "2.718281828459045"),
        (0x7ff0_0000_0000_0000, "inf"),
        (0xfff0_0000_0000_0000, "-inf"),
        (0x3fe0_0000_0000_0000, "0.5"),
        (0x3fd0_0000_0000_0000, "0.25"),
        (0xbf50_624d_d2f1_a9fc, "-0.001"),
        (0x3f20_2e4b_6ce5_dc68, "0.00012345"),
        (0x3d30_0000_0000_0000, "5.684341886080802e-14"),
        (0x4340_0000_0000_0000, "9007199254740992.0"),
        (0x4011_6666_6666_6666, "4.35"),
        (0x3eb0_c6f7_a0b5_ed8d, "1e-06"),
        (0x4132_d687_0000_0000, "1234567.0"),
        (0x42a6_74e7_9c5f_e500, "12345678901234.5"),
        (0x43e0_0000_0000_0000, "9.223372036854776e+18"),
        (0x0000_0000_0000_0003, "1.5e-323"),
        (0xbdde_3c8f_d606_ea4d, "-1.1e-10"),
        (0x447c_7e83_209e_90b2, "8.41e+21"),
        (0x3f83_74bc_6a7e_f9db, "0.0095"),
        (0xf2a7_4de4_52e6_b438, "-1.989032661366619e+244"),
        (0x6513_270e_269e_0d37, "7.761117632285041e+178"),
        (0x0c5c_7fd0_a6a3_a450, "3.980498358697587e-249"),
        (0xd23f_0824_128b_2f33, "-1.5432835417340557e+88"),
        (0x1818_e811_892f_902b, "1.3647584518757569e-192"),
        (0x9531_985d_5d9d_c9f8, "-1.3701135617873088e-206"),
        (0xe8e2_5d94_0ed9_0475, "-1.7160537630466207e+197"),
        (0x36f6_75cc_81e7_4ef5, "6.294675241195386e-44"),
        (0x1600_a35a_0999_50d8, "1.0613447212142254e-202"),
        (0x6b0d_549b_6f03_675a, "4.708325160387546e+207"),
        (0x3d9c_1724_11e2_0b8f, "6.387016158513563e-12"),
        (0x8d11_6ece_1738_f7d9, "-9.973130378568733e-246"),
    ];

    #[test]
    fn floats_look_as_in_python() {
        for (bits, want) in REPR {
            assert_eq!(float(f64::from_bits(*bits)), *want, "bits {bits:016x}");
        }
        assert_eq!(float(f64::NAN), "nan");
        assert_eq!(float(-f64::NAN), "nan");
    }

    #[test]
    fn floats_read_back() {
        // A linear congruential generator over all bit patterns.
        let mut bits = 1u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let text = float(value);
                assert_eq!(text.parse::<f64>().unwrap().to_bits(), bits, "{text}");
            }
        }
    }

    #[test]
    fn cells_of_every_type() {
        let column = |values| Column { validity: Some(vec![0b01]), values };
        let cells = |column: Column| [0, 1, 2].map(|row| cell(&column, row).into_owned());
        assert_eq!(cells(column(Values::text(["a", ""]))), ["a", "", ""]);
        assert_eq!(cells(column(Values::F64(vec![2.0, 0.0]))), ["2.0", "", ""]);
        assert_eq!(cells(column(Values::I64(vec![i64::MIN, 0]))), ["-9223372036854775808", "", ""]);
        assert_eq!(cells(column(Values::Bool(vec![1, 0]))), ["1", "", ""]);
        let full = Column { validity: None, values: Values::Bool(vec![0, 1]) };
        assert_eq!(cells(full), ["0", "1", ""]);
    }
}
