//! When each component of a job ran at a party: a lane for each, a bar for each attempt. Not for: what ran (`tasks`,
//! the same as a table).

use maud::{Markup, html};
use parcae_domain::status::Status;
use parcae_node::view::TaskView;

use super::{Scene, dsl::Component};
use crate::format;
use crate::parts::{status_word, task_url};

/// Height of a lane; the style sheet has it, too.
const LANE: f64 = 30.0;
/// Height of a bar.
const BAR: f64 = 16.0;
/// Height of the axis.
const AXIS: f64 = 26.0;
/// How much of the width the whole time takes, of 100: the rest is for words behind the last bar.
const WIDTH: f64 = 86.0;
/// Width of the shortest bar, so that it can be seen.
const SHORTEST: f64 = 0.3;
/// Most steps between the ticks of the axis.
const MOST_STEPS: i64 = 9;
/// Most attempts of a component that have bars: the last ones.
const MOST_BARS: usize = 50;
/// Distances of ticks, ms.
const STEPS: [i64; 24] = [
    1, 5, 10, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    1_200_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

/// Some time, on a picture that is as wide as the page has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    /// Where it begins, ms since the epoch.
    from: i64,
    /// How long it is, ms.
    length: i64,
}

impl Scale {
    /// For spans of time.
    fn of(spans: &[(i64, i64)]) -> Option<Scale> {
        let from = spans.iter().map(|span| span.0).min()?;
        let length = spans.iter().map(|span| span.1).max()?.saturating_sub(from).max(1);
        Some(Scale { from, length })
    }

    /// Where a time is, in percent of the picture.
    fn x(&self, ms: i64) -> f64 {
        hundredths(ms.saturating_sub(self.from) as f64 / self.length as f64 * WIDTH)
    }

    /// Times after the beginning that have ticks.
    fn ticks(&self) -> Vec<i64> {
        let day = 86_400_000;
        let step = STEPS.into_iter().find(|step| self.length / step <= MOST_STEPS);
        let step = step.unwrap_or_else(|| (self.length / MOST_STEPS / day + 1).saturating_mul(day));
        (0..=self.length / step).map(|tick| tick * step).collect()
    }
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// The timeline.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    if scene.components.is_empty() {
        return html! {};
    }
    let lanes: Vec<(&Component<'_>, Vec<&TaskView>)> = scene
        .components
        .iter()
        .filter(|component| scene.here(component.name).is_some())
        .map(|component| (component, attempts(scene, component.name)))
        .collect();
    let now = scene.page.now_ms;
    let bars = lanes.iter().flat_map(|(_, attempts)| attempts);
    let spans: Vec<(i64, i64)> = bars.filter_map(|task| Some((task.start_ms?, task.end_ms.unwrap_or(now)))).collect();
    html! {
        section.card #job-timeline data-live aria-labelledby="timeline-title" {
            h2 #timeline-title { (scene.t("Timeline", "时间线")) }
            @match Scale::of(&spans) {
                Some(scale) => { (picture(scene, &lanes, &scale)) }
                None => { p.soft { (scene.t("It begins when the first component starts here.", "首个组件在本方开始运行后显示。")) } }
            }
        }
    }
}

/// The attempts of a component here, as far as they have started, oldest first.
fn attempts<'p>(scene: &Scene<'p>, component: &str) -> Vec<&'p TaskView> {
    let own = scene.page.attempts.iter().filter(|task| task.component == component && task.start_ms.is_some());
    let mut own: Vec<&TaskView> = own.collect();
    own.sort_by_key(|task| task.version);
    own.split_off(own.len().saturating_sub(MOST_BARS))
}

fn picture(scene: &Scene<'_>, lanes: &[(&Component<'_>, Vec<&TaskView>)], scale: &Scale) -> Markup {
    let height = AXIS + LANE * lanes.len() as f64;
    let label =
        scene.t("When each component ran; the table of tasks has the same", "各组件的运行时间；任务表含有相同信息");
    html! {
        div.gantt {
            ul.gantt-names {
                @for (component, _) in lanes {
                    li { a href=(task_url(scene.id(), scene.party(), component.name)) title=(component.name) {
                        (component.name) } }
                }
            }
            div.scroll.gantt-lanes tabindex="0" role="region" aria-label=(scene.t("Timeline", "时间线")) {
                svg role="img" aria-label=(label) width="100%" height=(height) {
                    (patterns())
                    @for tick in scale.ticks() {
                        @let x = format!("{}%", scale.x(scale.from + tick));
                        line.tick-line x1=(x) x2=(x) y1=(AXIS) y2=(height) {}
                        text.tick x=(x) dx="4" y="16" { (format::duration(tick)) }
                    }
                    @for (place, (_, attempts)) in lanes.iter().enumerate() {
                        @let top = AXIS + LANE * place as f64 + (LANE - BAR) / 2.0;
                        @for task in attempts { (bar(scene, task, scale, top)) }
                        @if let Some(last) = attempts.last() { (words(scene, last, attempts.len(), scale, top)) }
                    }
                }
            }
        }
    }
}

/// States are told apart by patterns, too.
fn patterns() -> Markup {
    html! {
        defs {
            pattern #gantt-failed width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                path.hatch d="M0 0V7" {}
            }
            pattern #gantt-canceled width="6" height="6" patternUnits="userSpaceOnUse" {
                circle.dot cx="3" cy="3" r="1.3" {}
            }
        }
    }
}

fn bar(scene: &Scene<'_>, task: &TaskView, scale: &Scale, top: f64) -> Markup {
    let Some(start) = task.start_ms else { return html! {} };
    let end = task.end_ms.unwrap_or(scene.page.now_ms);
    let (left, width) = (scale.x(start), hundredths((scale.x(end) - scale.x(start)).max(SHORTEST)));
    let (left, width) = (format!("{left}%"), format!("{width}%"));
    let pattern = match task.party_status {
        Status::Failed | Status::Timeout => Some("url(#gantt-failed)"),
        Status::Canceled => Some("url(#gantt-canceled)"),
        _ => None,
    };
    html! {
        g class={ "bar " (task.party_status.as_str()) } {
            title {
                (task.component) " · " (scene.t("run", "运行")) " " (task.version + 1) " · "
                (status_word(scene.view, task.party_status)) " · " (format::duration(end - start))
            }
            rect.fill x=(left) y=(top) width=(width) height=(BAR) rx="4" {}
            @if let Some(pattern) = pattern {
                rect x=(left) y=(top) width=(width) height=(BAR) rx="4" fill=(pattern) {}
            }
        }
    }
}

/// What stands behind the last bar of a lane.
fn words(scene: &Scene<'_>, last: &TaskView, runs: usize, scale: &Scale, top: f64) -> Markup {
    let end = last.end_ms.unwrap_or(scene.page.now_ms);
    let time = last.start_ms.map(|start| format::duration(end - start)).unwrap_or_default();
    html! {
        text.after x={ (scale.x(end).max(SHORTEST)) "%" } dx="8" y=(top + BAR - 4.0) {
            (time)
            @if last.party_status != Status::Success { " · " (status_word(scene.view, last.party_status)) }
            @if runs > 1 { " · ×" (runs) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_time_is_in_sight() {
        assert_eq!(Scale::of(&[]), None);
        let even = Scale::of(&[(1_000, 2_000), (2_000, 3_000)]).unwrap();
        assert_eq!((even.from, even.length), (1_000, 2_000));
        assert_eq!((even.x(1_000), even.x(2_000), even.x(3_000)), (0.0, WIDTH / 2.0, WIDTH));
        assert_eq!(Scale::of(&[(0, 1), (0, i64::MAX)]).unwrap().x(i64::MAX), WIDTH);
        assert_eq!(Scale::of(&[(5, 5)]).unwrap().length, 1);
    }

    #[test]
    fn ticks_are_round_and_few() {
        let scale = |length| Scale { from: 0, length };
        assert_eq!(scale(3_000).ticks(), [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000]);
        assert_eq!(scale(3_600_000 * 10).ticks().len(), 6, "one every two hours");
        for length in [1, 999, 86_400_000 * 365, i64::MAX] {
            let ticks = scale(length).ticks();
            assert!((1..=10).contains(&ticks.len()), "{length}: {ticks:?}");
        }
    }
}
