//! Why a task waits, and why it failed. Not for: what it runs and put out.

use maud::{Markup, html};
use parcae_domain::status::Status;
use parcae_node::view::TaskView;
use serde_json::Value;

use super::{TaskPage, log_of, own_url};
use crate::parts::{party_words, status};
use crate::view::View;

/// Why it waits, or why it failed.
pub(super) fn show(view: &View, page: &TaskPage<'_>) -> Markup {
    let task = page.task;
    html! {
        div #task-why data-live {
            @match task.party_status {
                Status::Waiting if page.job.status.is_end() => {
                    p.hint { (view.t(
                        "It did not run: the job ended before its turn came.",
                        "未运行：作业在轮到该任务之前已结束。",
                    )) }
                }
                Status::Waiting => { (waits(view, page)) }
                Status::Failed | Status::Timeout | Status::Canceled => { (failed(view, task)) }
                Status::Pass => {
                    p.hint { (view.t(
                        "It did not run, as need_run is false: what came in went through.",
                        "未运行（need_run 为 false）：输入原样通过。",
                    )) }
                }
                Status::Running | Status::Success => {}
            }
        }
    }
}

fn waits(view: &View, page: &TaskPage<'_>) -> Markup {
    html! {
        div.warning role="status" {
            @if !page.waiting_for.is_empty() {
                p { (view.t("The job waits: ", "作业等待中：")) (page.waiting_for) }
            } @else if page.before.is_empty() {
                p { (view.t(
                    "It waits for its turn: what it reads is there.",
                    "等待调度：所需输入已就绪。",
                )) }
            } @else {
                p { (view.t("It waits for these tasks:", "等待以下任务：")) }
                ul.plain {
                    @for other in page.before {
                        li { a href=(own_url(other)) { (other.component) " · " (party_words(other.party)) } " "
                            (status(view, other.party_status)) }
                    }
                }
            }
        }
    }
}

/// The first line of what a task reports stands out; the rest, as a backtrace, opens.
fn failed(view: &View, task: &TaskView) -> Markup {
    let report = task.error_report.trim();
    let (first, rest) = report.split_once('\n').unwrap_or((report, ""));
    html! {
        @if !report.is_empty() {
            div.error role="alert" {
                (first)
                @if !rest.is_empty() {
                    details #task-backtrace {
                        summary { (view.t("Everything that it reports", "完整错误报告")) }
                        pre { (rest) }
                    }
                }
            }
        }
        p.hint { a href={ (log_of(task)) "?level=error" } { (view.t("Errors in the log", "日志中的错误")) } }
    }
}

/// Names of the components that one reads from, as its DSL says.
pub fn upstream(dsl: &Value, component: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let inputs = dsl.get("components").and_then(|all| all.get(component)).and_then(|node| node.get("input"));
    let mut open: Vec<&Value> = inputs.into_iter().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(entries) => open.extend(entries.values()),
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                let name = text.split('.').next().unwrap_or_default();
                if !name.is_empty() && name != "pipeline" && !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
            _ => {}
        }
    }
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_component_reads_from_stands_in_its_dsl() {
        let dsl = json!({"components": {"lr_0": {"input": {
            "data": {"train_data": ["b_0.data"], "validate_data": ["a_0.data", "b_0.test"]},
            "model": ["pipeline.lr_0.model"], "odd": 7}}}});
        assert_eq!(upstream(&dsl, "lr_0"), ["a_0", "b_0"]);
        assert!(upstream(&dsl, "nosuch").is_empty() && upstream(&json!([1]), "lr_0").is_empty());
    }
}
