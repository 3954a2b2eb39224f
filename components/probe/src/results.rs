//! Metrics, summaries and models: too many, too large, malformed. Not for: tables (`pages`).

use parcae_sdk::{
    Result, info,
    metrics::{self, Point, Scalar},
    models::{self, Part},
};

use crate::{
    Behaviour, Request, behaviour,
    logs::TRICKS,
    refusal::{refused, until_limit},
};

/// The behaviours.
pub static ALL: [Behaviour; 6] = [
    behaviour("hostile_metrics", "success after error metric_series; `amount` series, endless for 0", hostile_metrics),
    behaviour(
        "flood_points",
        "success after error metric_points; `amount` times 1000 points, endless for 0",
        flood_points,
    ),
    behaviour(
        "odd_metrics",
        "success: names and values that act on nobody are kept as they are, or refused",
        odd_metrics,
    ),
    behaviour("huge_summary", "success after an error: a summary of `amount` bytes (32 MiB) is refused", huge_summary),
    behaviour("bad_summary", "success: summaries and metas that are no JSON object are refused", bad_summary),
    behaviour(
        "huge_model",
        "limit call_bytes, or trapped, or success after error model_bytes: a part of `amount` bytes (65 MiB)",
        huge_model,
    ),
];

fn point(key: f64, value: f64) -> Point {
    Point { key: Scalar::Number(key), value: Scalar::Number(value) }
}

fn hostile_metrics(request: &Request) -> Result<()> {
    let one = [point(0.0, 1.0)];
    until_limit("metric_series", request.amount, |i| metrics::append("train", &format!("series_{i}"), &one))
}

fn flood_points(request: &Request) -> Result<()> {
    until_limit("metric_points", request.amount, |i| {
        let points: Vec<Point> = (0..1000).map(|j| point((i * 1000 + j) as f64, 0.5)).collect();
        metrics::append("train", "flood", &points)
    })
}

fn odd_metrics(_: &Request) -> Result<()> {
    for name in TRICKS.iter().copied().chain(["", "../..", "a/b", "a.b"]) {
        let got =
            metrics::append("train", name, &[Point { key: Scalar::Text(name.to_owned()), value: Scalar::Number(1.0) }]);
        info!("a series of that name: {got:?}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, f64::MIN_POSITIVE] {
        let got = metrics::append("train", "values", &[point(value, value)]);
        info!("the value {value}: {got:?}");
    }
    metrics::progress(5, 3, "more than all");
    metrics::progress(u64::MAX, 0, TRICKS[0]);
    Ok(())
}

fn huge_summary(request: &Request) -> Result<()> {
    let text = format!("{{\"a\":\"{}\"}}", "x".repeat(request.amount_or(32 << 20) as usize));
    refused("a huge summary", metrics::summary(&text))
}

fn bad_summary(_: &Request) -> Result<()> {
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    for text in ["", "not json", "[1,2]", "1", "null", "{\"a\":", "{\"a\":NaN}", "{} {}", deep.as_str()] {
        refused("a summary that is no JSON object", metrics::summary(text))?;
        refused("metas that are no JSON object", metrics::describe("train", "loss", "LOSS", text))?;
    }
    Ok(())
}

fn huge_model(request: &Request) -> Result<()> {
    let bytes = vec![7; request.amount_or(65 << 20) as usize];
    let part = Part { name: "ProbeParam".to_owned(), json: "{}".to_owned(), bytes };
    refused("a huge model", models::save("model", &[part]))
}
