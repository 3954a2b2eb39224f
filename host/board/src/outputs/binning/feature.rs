//! The bins of a feature: range, WOE, information value, how many rows of which label, as a table and as two charts.
//! Not for: choosing the feature.

use maud::{Markup, html};
use serde_json::Value;

use super::valued;
use crate::chart::{self, Axis, Bars, Values};
use crate::format;
use crate::grid::{Cell, Column, Grid, Row};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What is known of the bins.
struct Bins {
    ranges: Vec<String>,
    iv: Vec<f64>,
    woe: Vec<f64>,
    events: Vec<f64>,
    event_rates: Vec<f64>,
    others: Vec<f64>,
    other_rates: Vec<f64>,
    metric: Vec<f64>,
}

impl Bins {
    fn of(view: &View, feature: &str, bins: &Value) -> Bins {
        let of = |key: &str| json::numbers(&bins[key]);
        Bins {
            ranges: ranges(view, feature, bins, count(bins)),
            iv: of("ivArray"),
            woe: of("woeArray"),
            events: of("eventCountArray"),
            event_rates: of("eventRateArray"),
            others: of("nonEventCountArray"),
            other_rates: of("nonEventRateArray"),
            metric: of("optimalMetricArray"),
        }
    }

    /// A column for each bin, not finite where there is nothing.
    fn full(&self, values: &[f64]) -> Vec<f64> {
        (0..self.ranges.len()).map(|at| values.get(at).copied().unwrap_or(f64::NAN)).collect()
    }

    /// Share of events among the rows of each bin.
    fn shares(&self) -> Vec<f64> {
        let share = |(events, others): (f64, f64)| match events + others {
            all if all > 0.0 => events / all,
            _ => f64::NAN,
        };
        self.full(&self.events).into_iter().zip(self.full(&self.others)).map(share).collect()
    }
}

/// How many bins there are.
pub fn count(bins: &Value) -> usize {
    let told = json::whole(&bins["binNums"]).unwrap_or_default().min(10_000) as usize;
    let arrays = ["woeArray", "ivArray", "eventCountArray", "splitPoints", "binAnonymous"];
    let longest = arrays.iter().map(|key| json::list(&bins[*key]).len()).max().unwrap_or_default();
    if longest > 0 { longest } else { told }
}

/// Ranges of the bins, closed at the right; the bin behind the last is of missing values.
fn ranges(view: &View, feature: &str, bins: &Value, count: usize) -> Vec<String> {
    let points = json::numbers(&bins["splitPoints"]);
    let anonymous = json::list(&bins["binAnonymous"]);
    if points.is_empty() {
        let name = |at: usize| match anonymous.get(at).map(json::text) {
            Some(text) if !text.is_empty() => text,
            _ => format!("{} {}", view.t("bin", "箱"), at + 1),
        };
        return (0..count).map(name).collect();
    }
    let last = points.len() - 1;
    let range = |at: usize| match at {
        at if at > last => view.t("missing", "缺失").to_owned(),
        0 if last == 0 => view.t("all", "全部").to_owned(),
        0 => format!("{feature} ≤ {}", format::number(points[0])),
        at if at == last => format!("{feature} > {}", format::number(points[at - 1])),
        at => format!("{} < {feature} ≤ {}", format::number(points[at - 1]), format::number(points[at])),
    };
    (0..count).map(range).collect()
}

/// The bins of a feature.
pub fn show(view: &View, outputs: &Outputs<'_>, feature: &str, bins: &Value) -> Markup {
    let iv = json::number(&bins["iv"]).filter(|_| !json::list(&bins["ivArray"]).is_empty());
    let bins = Bins::of(view, feature, bins);
    html! {
        @if let Some(iv) = iv { p { (valued(view, iv)) } }
        @if bins.woe.is_empty() && bins.events.is_empty() {
            p.hint { (view.t(
                "What the bins tell of the label is known to the guest only.",
                "分箱与标签的关系只有发起方知道。",
            )) }
        }
        (counts(view, &bins))
        (weights(view, &bins))
        (table(view, &bins).show(view, outputs))
    }
}

fn table<'g>(view: &'g View, bins: &Bins) -> Grid<'g> {
    let number = |en: &'static str, zh: &'static str| Column::number(view.t(en, zh));
    let all = [
        (number("IV", "IV"), &bins.iv, false),
        (number("WOE", "WOE"), &bins.woe, false),
        (number("Events", "正例数"), &bins.events, false),
        (number("Events, of all events", "正例占比"), &bins.event_rates, true),
        (number("Others", "负例数"), &bins.others, false),
        (number("Others, of all others", "负例占比"), &bins.other_rates, true),
        (number("Measure of the cut", "切分指标"), &bins.metric, false),
    ];
    let known: Vec<(Column, &Vec<f64>, bool)> = all.into_iter().filter(|(_, values, _)| !values.is_empty()).collect();
    let row = |(at, range): (usize, &String)| {
        let cell = |(_, values, is_share): &(Column, &Vec<f64>, bool)| {
            let value = values.get(at).copied();
            if *is_share { Cell::share(value) } else { Cell::number(value) }
        };
        Row::from(std::iter::once(Cell::text(range.as_str())).chain(known.iter().map(cell)).collect::<Vec<_>>())
    };
    let rows = bins.ranges.iter().enumerate().map(row).collect();
    let first = Column::text(view.t("Bin", "分箱"));
    let columns = std::iter::once(first).chain(known.iter().map(|(column, _, _)| column.clone())).collect();
    Grid { name: "bin", label: view.t("Bins", "分箱"), columns, rows, ..Grid::default() }
}

fn counts(view: &View, bins: &Bins) -> Markup {
    if bins.events.is_empty() && bins.others.is_empty() {
        return html! {};
    }
    let chart = Bars {
        id: "bin-counts".into(),
        title: view.t("Rows by bin and label", "各分箱的标签分布").into(),
        categories: bins.ranges.clone(),
        x: view.t("bin", "分箱").into(),
        y: Axis { label: view.t("rows", "行数").into(), range: None },
        bars: vec![
            Values { name: view.t("events", "正例").into(), values: bins.full(&bins.events) },
            Values { name: view.t("others", "负例").into(), values: bins.full(&bins.others) },
        ],
        stacked: true,
        ..Bars::default()
    };
    chart::bars(view, &chart)
}

fn weights(view: &View, bins: &Bins) -> Markup {
    if bins.woe.is_empty() {
        return html! {};
    }
    let shares = bins.shares();
    let has_shares = shares.iter().any(|share| share.is_finite());
    let line = Values { name: view.t("events, of the rows of the bin", "箱内正例占比").into(), values: shares };
    let chart = Bars {
        id: "bin-woe".into(),
        title: view.t("Weight of evidence by bin", "各分箱的证据权重 WOE").into(),
        categories: bins.ranges.clone(),
        x: view.t("bin", "分箱").into(),
        y: Axis { label: "WOE".into(), range: None },
        bars: vec![Values { name: "WOE".into(), values: bins.full(&bins.woe) }],
        stacked: false,
        lines: if has_shares { vec![line] } else { Vec::new() },
        y_right: if has_shares { view.t("share of events", "正例占比").into() } else { String::new() },
    };
    chart::bars(view, &chart)
}
