//! The tasks of a job at a party as a table, in the order of the DSL: what the graph and the timeline show, in words.
//! Not for: one task (`task`).

use maud::{Markup, html};
use parcae_node::view::TaskView;

use super::{Scene, dsl::Component, party_words, percent};
use crate::format;
use crate::parts::{self, log_url, task_url};

/// The table.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    html! {
        section.card #job-tasks data-live aria-labelledby="tasks-title" {
            h2 #tasks-title { (scene.t("Tasks at ", "任务：")) (party_words(scene.party())) }
            @if scene.components.is_empty() {
                (parts::nothing(scene.t("The job has no components.", "该作业没有组件。"), html! {}))
            } @else {
                (parts::scrolling(scene.t("Tasks at this party", "本方的任务"), table(scene)))
            }
        }
    }
}

fn table(scene: &Scene<'_>) -> Markup {
    html! {
        table.dense {
            thead { tr {
                th scope="col" { (scene.t("Component", "组件")) }
                th scope="col" { (scene.t("Module", "模块")) }
                th scope="col" { (scene.t("Status", "状态")) }
                th scope="col" { (scene.t("Runs", "运行次数")) }
                th scope="col" { (scene.t("Started", "开始时间")) }
                th.num scope="col" { (scene.t("Duration", "时长")) }
                th scope="col" { (scene.t("Progress", "进度")) }
                th scope="col" { (scene.t("More", "更多")) }
            } }
            tbody {
                @for component in &scene.components {
                    @match scene.here(component.name) {
                        Some(task) => { (row(scene, task)) }
                        None => { (elsewhere(scene, component)) }
                    }
                }
            }
        }
    }
}

fn row(scene: &Scene<'_>, task: &TaskView) -> Markup {
    let (provider, version) = &task.provider;
    html! {
        tr {
            th.job-name scope="row" {
                a href=(task_url(scene.id(), task.party, &task.component)) data-row { (task.component) }
            }
            td { (task.module) br; span.soft { (provider) " " (version) } }
            td { (scene.stands(task)) }
            td {
                (task.version + 1)
                @if task.auto_retries > 0 && !task.party_status.is_end() {
                    span.soft { " · " (scene.t("retries left: ", "剩余重试：")) (task.auto_retries) }
                }
            }
            td { (format::time_or_none(task.start_ms)) }
            td.num { (scene.clock(task.start_ms, task.end_ms)) }
            td.job-how-far { (how_far(scene, task)) }
            td {
                div.row.job-more {
                    a href={ (task_url(scene.id(), task.party, &task.component)) "?tab=output" } {
                        (scene.t("Outputs", "输出")) }
                    a href=(log_url(scene.id(), task.party, &task.component)) { (scene.t("Log", "日志")) }
                    @if scene.may_rerun() { (scene.rerun_from(&task.component)) }
                }
            }
        }
    }
}

/// What a task says of its progress.
fn how_far(scene: &Scene<'_>, task: &TaskView) -> Markup {
    let Some((done, of, what)) = &task.progress else { return html! { "–" } };
    html! {
        @if let Some(percent) = percent(task).filter(|_| !task.party_status.is_end()) {
            (parts::progress(scene.t("Progress of the task", "任务进度"), percent))
        }
        span.soft {
            (format::count(*done)) @if *of > 0 { " / " (format::count(*of)) }
            @if !what.is_empty() { " " (what) }
        }
    }
}

/// The row of a component that does not run at this party.
fn elsewhere(scene: &Scene<'_>, component: &Component<'_>) -> Markup {
    let task = scene.anywhere(component.name);
    html! {
        tr.elsewhere {
            th.job-name scope="row" {
                @if let Some(task) = task {
                    a href=(task_url(scene.id(), task.party, component.name)) { (component.name) }
                } @else { (component.name) }
            }
            td { (task.map_or(component.module, |task| task.module.as_str())) }
            td colspan="6" {
                (scene.t("does not run at this party", "不在本方运行"))
                @if let Some(task) = task {
                    " · " (party_words(task.party)) " " (scene.stands(task))
                }
            }
        }
    }
}
