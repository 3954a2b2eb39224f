//! The head of a job's page: how it stands, what can be done with it, and what is wrong with it. Not for: facts
//! (`about`).

use maud::{Markup, html};
use parcae_domain::{status::Status, tenant::Scope};
use parcae_node::view::TaskView;

use super::{Scene, party_words};
use crate::format;
use crate::parts::{self, log_url, task_url};

/// Most failed tasks of which the error is shown.
const MOST_FAILURES: usize = 12;
/// Most lines and letters of an error; its log has all of it.
const ERROR_LINES: usize = 8;
const ERROR_LETTERS: usize = 1_200;

/// The job's name, its state, and what can be done.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    let job = scene.page.job;
    html! {
        header.head {
            div {
                h1.row {
                    span { (scene.t("Job", "作业")) " " span.mono { (scene.id()) } }
                    button.small type="button" data-copy=(scene.id()) data-copied=(scene.t("Copied", "已复制"))
                        aria-label=(scene.t("Copy the id", "复制作业号")) { (scene.t("Copy", "复制")) }
                }
                div #job-state data-live {
                    div.row {
                        (parts::status(scene.view, job.status))
                        @if job.cancel_signal && !scene.has_ended() {
                            span.soft { (scene.t("is being stopped", "正在停止")) }
                        }
                        @if job.start_ms.is_some() {
                            span.soft { (scene.t("after", "用时")) " " (scene.clock(job.start_ms, job.end_ms)) }
                        }
                    }
                    @if !scene.has_ended() {
                        div.job-progress {
                            (parts::progress(scene.t("Progress of the job", "作业进度"), job.progress))
                            span.mono { (job.progress) " %" }
                        }
                    }
                }
            }
            div.row #job-actions data-live { (actions(scene)) }
        }
    }
}

fn actions(scene: &Scene<'_>) -> Markup {
    let (job, id) = (scene.page.job, scene.id());
    let next = scene.url();
    let (next, rerun) = (("next", next.as_str()), format!("/jobs/{id}/rerun"));
    let all = ("force", "1");
    let went_well = job.status == Status::Success;
    html! {
        @if !scene.has_ended() && !job.cancel_signal && scene.view.may(Scope::Submit) {
            (parts::action(&format!("/jobs/{id}/stop"), &[next], "danger", scene.t("Stop", "停止"),
                Some(scene.t("Stop this job at all its parties?", "停止该作业在所有参与方的运行？"))))
        }
        @if scene.may_rerun() && !went_well {
            (parts::action(&rerun, &[next], "primary", scene.t("Rerun", "重跑"),
                Some(scene.t("Run again what did not end well?", "重新运行未成功的部分？"))))
        }
        @if scene.may_rerun() {
            (parts::action(&rerun, &[next, all], "", scene.t("Rerun all", "全部重跑"),
                Some(scene.t("Run all components again? New outputs replace the old ones.",
                    "重新运行所有组件？新的输出将替换旧的输出。"))))
        }
        a.button href={ "/submit?from=" (id) } { (scene.t("Use as template", "以此新建")) }
        a.button href={ "/compare?job=" (id) } { (scene.t("Compare", "对比")) }
        a.button href=(log_url(id, scene.party(), "-")) { (scene.t("Log", "日志")) }
        a.button href={ (scene.url()) "/report.html" } download
            title=(scene.t("This page and all outputs as one file", "将本页与所有输出保存为一个文件")) {
            (scene.t("Save", "保存")) }
    }
}

/// Why the job does not go on, and what failed.
pub(super) fn trouble(scene: &Scene<'_>) -> Markup {
    html! {
        div #job-trouble data-live {
            @if !scene.page.waiting.is_empty() {
                p.warning role="status" {
                    strong { (scene.t("It waits: ", "等待原因：")) } (scene.page.waiting)
                }
            }
            (failures(scene))
        }
    }
}

fn failures(scene: &Scene<'_>) -> Markup {
    let is_bad = |task: &&TaskView| matches!(task.party_status, Status::Failed | Status::Timeout);
    let bad: Vec<&TaskView> = scene.page.tasks.iter().filter(is_bad).collect();
    if bad.is_empty() && !matches!(scene.page.job.status, Status::Failed | Status::Timeout) {
        return html! {};
    }
    html! {
        section.card.job-failures aria-labelledby="failures-title" {
            h2 #failures-title { (scene.t("What went wrong", "失败原因")) }
            @if bad.is_empty() {
                p { (scene.t("No task says why. ", "没有任务说明原因。"))
                    a href={ (log_url(scene.id(), scene.party(), "-")) "?level=error" } {
                        (scene.t("The job's log may", "请查看作业日志")) } }
            }
            @for task in bad.iter().take(MOST_FAILURES) { (failure(scene, task)) }
            @if bad.len() > MOST_FAILURES {
                p.soft { (scene.t("More that failed: ", "其他失败任务数：")) (bad.len() - MOST_FAILURES) }
            }
        }
    }
}

fn failure(scene: &Scene<'_>, task: &TaskView) -> Markup {
    let name = &task.component;
    html! {
        article.job-failure {
            h3.row {
                (parts::status(scene.view, task.party_status))
                a href=(task_url(scene.id(), task.party, name)) { (name) }
                span.soft { (scene.t("at", "于")) " " (party_words(task.party)) }
                @if let Some(end) = task.end_ms { span.soft { (format::time(end)) } }
            }
            @let words = beginning(&task.error_report);
            @if !words.is_empty() { p.error tabindex="0" { (words) } }
            div.row {
                a href={ (log_url(scene.id(), task.party, name)) "?level=error" } {
                    (scene.t("First error in the log", "日志中的首个错误")) }
                @if scene.may_rerun() { (scene.rerun_from(name)) }
            }
        }
    }
}

/// The first lines of a text.
fn beginning(text: &str) -> String {
    let text = text.trim();
    let mut kept: String = text.lines().take(ERROR_LINES).collect::<Vec<_>>().join("\n");
    if let Some((end, _)) = kept.char_indices().nth(ERROR_LETTERS) {
        kept.truncate(end);
    }
    if kept.len() < text.len() {
        kept.push_str(" …");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_cut_to_their_beginning() {
        assert_eq!(beginning(" one\ntwo \n"), "one\ntwo");
        let many = (0..100).map(|line| format!("line {line}\n")).collect::<String>();
        assert!(beginning(&many).ends_with("line 7 …"));
        let long = beginning(&"错".repeat(5_000));
        assert_eq!(long.chars().count(), ERROR_LETTERS + 2);
    }
}
