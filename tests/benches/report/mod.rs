//! What all benches share: when they measure, and how a figure stands against its target. Not for: measuring.

#![allow(dead_code, reason = "each bench needs its share")]

/// Whether this is `cargo bench`; says so when it is not.
pub fn is_wanted() -> bool {
    let wanted = std::env::args().any(|argument| argument == "--bench");
    if !wanted {
        println!("nothing measured: run with cargo bench");
    }
    wanted
}

/// The middle one of several figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A target that a figure has to stay below, and whether it does.
pub fn below(figure: f64, target: f64, unit: &str) -> String {
    let word = if figure < target { "met" } else { "missed" };
    format!("target: < {target} {unit}, {word}")
}
