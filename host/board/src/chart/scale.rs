//! Numbers on an axis: where it begins and ends, its ticks, their words, and how a long curve is thinned down. Not for:
//! markup.

/// Points that a curve is drawn with at most.
pub(super) const MOST_POINTS: usize = 400;
/// Ticks of an axis at most.
const MOST_TICKS: f64 = 20.0;
/// Numbers that are larger leave no room to reckon in.
const LARGEST: f64 = 1e200;
/// Numbers that differ by less, in relation to their size, are the same on paper.
const SAME: f64 = 1e-9;

/// Whether a number has a place on an axis.
pub(super) fn is_drawable(value: f64) -> bool {
    value.is_finite() && value.abs() < LARGEST
}

/// A part of the numbers: from, to; `low` is less than `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Span {
    /// What values take up; some room around them where they are all the same, 0 to 1 where there are none.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Span {
        let widen = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let values = values.into_iter().filter(|value| is_drawable(*value));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), widen);
        if low > high {
            return Span { low: 0.0, high: 1.0 };
        }
        Span::given((low, high)).unwrap_or_else(|| {
            let size = low.abs().max(high.abs());
            let room = if size < 1.0 / LARGEST { 1.0 } else { size * 0.5 };
            Span { low: low - room, high: high + room }
        })
    }

    /// A range, if it is one that can be drawn over.
    pub(super) fn given((low, high): (f64, f64)) -> Option<Span> {
        let size = low.abs().max(high.abs());
        let is_wide = high - low > size * SAME && high - low > 1.0 / LARGEST;
        (is_drawable(low) && is_drawable(high) && is_wide).then_some(Span { low, high })
    }

    /// With 0 in it.
    pub(super) fn with_zero(self) -> Span {
        Span { low: self.low.min(0.0), high: self.high.max(0.0) }
    }

    /// To the next ticks outside of it.
    pub(super) fn to_ticks(self, about: usize) -> Span {
        let step = step(self, about);
        let low = (self.low / step + SAME).floor() * step;
        let high = (self.high / step - SAME).ceil() * step;
        Span::given((low, high)).unwrap_or(self)
    }
}

/// Numbers to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) span: Span,
    /// Place of `low`.
    pub(super) from: f64,
    /// Place of `high`.
    pub(super) to: f64,
}

impl Scale {
    /// Place of a number; far outside the span all places are the same.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value - self.span.low) / (self.span.high - self.span.low);
        self.from + share.clamp(-10.0, 11.0) * (self.to - self.from)
    }
}

/// Distance between ticks: 1, 2, 2.5 or 5 times a power of ten.
pub(super) fn step(span: Span, about: usize) -> f64 {
    let rough = (span.high - span.low) / about.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 2.5, 5.0].into_iter().find(|nice| rough / power <= nice + SAME);
    nice.unwrap_or(10.0) * power
}

/// Ticks of that distance within a span.
pub(super) fn ticks(span: Span, step: f64) -> Vec<f64> {
    let first = (span.low / step - 1e-6).ceil();
    let last = (span.high / step + 1e-6).floor();
    let count = (last - first).clamp(0.0, MOST_TICKS) as usize;
    let tick = |at: usize| (first + at as f64) * step;
    (0..=count).map(tick).map(|tick| if tick.abs() < step * 1e-6 { 0.0 } else { tick }).collect()
}

/// A tick in words, with as many digits as tell it from the next one.
pub(super) fn label(tick: f64, step: f64) -> String {
    let is_whole = |digits: &i32| {
        let scaled = step * 10f64.powi(*digits);
        scaled >= 0.5 && (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0)
    };
    if tick != 0.0 && (tick.abs() >= 1e6 || step < 1e-5) {
        let digits = tick.abs().log10().floor() - step.log10().floor() + 1.0;
        let text = format!("{tick:.*e}", digits.clamp(0.0, 12.0) as usize);
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let is_broken = mantissa.contains('.');
        let mantissa = if is_broken { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        return format!("{mantissa}e{power}");
    }
    let digits = (0..=8).find(is_whole).unwrap_or(8) as usize;
    format!("{tick:.digits$}")
}

/// Which points of a long curve are drawn: its ends, and the least and the greatest of each stretch, so that no peak is
/// lost.
pub(super) fn thinned(points: &[(f64, f64)], most: usize) -> Vec<usize> {
    if points.len() <= most.max(4) {
        return (0..points.len()).collect();
    }
    let stretches = (most - 2) / 2;
    let last = points.len() - 1;
    let mut kept = vec![0];
    for stretch in 0..stretches {
        let from = 1 + (last - 1) * stretch / stretches;
        let to = 1 + (last - 1) * (stretch + 1) / stretches;
        let by_height = |a: &usize, b: &usize| points[*a].1.total_cmp(&points[*b].1);
        let ends = ((from..to).min_by(by_height), (from..to).max_by(by_height));
        if let (Some(least), Some(greatest)) = ends {
            kept.push(least.min(greatest));
            if least != greatest {
                kept.push(least.max(greatest));
            }
        }
    }
    kept.push(last);
    kept
}

/// A place, in tenths.
pub(super) fn px(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        let span = Span { low, high };
        let step = step(span, 5);
        ticks(span, step).into_iter().map(|tick| label(tick, step)).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.0, 29.0), ["0", "10", "20"]);
        assert_eq!(labels(-1.0, 1.0), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.36, 0.46), ["0.36", "0.38", "0.40", "0.42", "0.44", "0.46"]);
        assert_eq!(labels(0.0, 4e7), ["0", "1e7", "2e7", "3e7", "4e7"]);
    }

    #[test]
    fn any_numbers_have_an_axis() {
        for values in [
            vec![],
            vec![f64::NAN, f64::INFINITY],
            vec![0.0],
            vec![-7.5, -7.5],
            vec![1e15, 1e15 + 0.1],
            vec![-1e199, 1e199],
            vec![1e-310, 2e-310],
            vec![1e-150, 3e-150],
        ] {
            let span = Span::of(values.clone()).to_ticks(5);
            assert!(span.low < span.high && span.low.is_finite() && span.high.is_finite(), "{values:?}: {span:?}");
            let step = step(span, 5);
            let ticks = ticks(span, step);
            assert!((2..=21).contains(&ticks.len()), "{values:?}: {ticks:?}");
            let mut labels: Vec<String> = ticks.iter().map(|tick| label(*tick, step)).collect();
            labels.dedup();
            assert_eq!(labels.len(), ticks.len(), "{values:?}: {labels:?}");
            let scale = Scale { span, from: 0.0, to: 100.0 };
            let places = values.iter().filter(|value| is_drawable(**value)).map(|value| scale.at(*value));
            assert!(places.into_iter().all(|place| (-0.01..=100.01).contains(&place)), "{values:?}");
        }
    }

    #[test]
    fn thinning_keeps_ends_and_peaks() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i), f64::from(i % 7))).collect();
        points[4_321].1 = 99.0;
        points[8_765].1 = -99.0;
        let kept = thinned(&points, MOST_POINTS);
        assert!(kept.len() <= MOST_POINTS && kept.windows(2).all(|pair| pair[0] < pair[1]));
        assert!([0, 4_321, 8_765, 9_999].iter().all(|at| kept.contains(at)));
        assert_eq!(thinned(&points[..3], MOST_POINTS), [0, 1, 2]);
    }
}
