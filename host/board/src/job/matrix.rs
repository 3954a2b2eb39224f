//! Components by parties: how each stands at each party. Not for: one party's tasks (`tasks`).

use maud::{Markup, html};

use super::{Scene, party_words};
use crate::parts::{self, job_url, task_url};

/// The matrix, when there are several parties.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    if scene.parties.len() < 2 {
        return html! {};
    }
    html! {
        section.card #job-matrix data-live aria-labelledby="matrix-title" {
            h2 #matrix-title { (scene.t("Parties side by side", "各方对照")) }
            (parts::scrolling(scene.t("Components by parties", "各组件在各方的状态"), table(scene)))
        }
    }
}

fn table(scene: &Scene<'_>) -> Markup {
    html! {
        table.dense.job-matrix {
            thead { tr {
                th scope="col" { (scene.t("Component", "组件")) }
                @for party in &scene.parties {
                    th scope="col" {
                        @if *party == scene.party() { span { (party_words(*party)) " · " (scene.t("here", "本方")) } }
                        @else { a href=(job_url(scene.id(), *party)) { (party_words(*party)) } }
                    }
                }
            } }
            tbody {
                tr {
                    th scope="row" { (scene.t("The whole job", "整个作业")) }
                    @for party in &scene.parties {
                        td {
                            @if let Some(row) = scene.page.rows.iter().find(|row| row.party == *party) {
                                (parts::status(scene.view, row.status)) " "
                                span.soft { (scene.clock(row.start_ms, row.end_ms)) }
                            }
                        }
                    }
                }
                @for component in &scene.components {
                    tr {
                        th.job-name scope="row" { (component.name) }
                        @for party in &scene.parties {
                            td {
                                @match scene.task(component.name, *party) {
                                    Some(task) => {
                                        a.plain href=(task_url(scene.id(), *party, component.name)) {
                                            (scene.stands(task)) }
                                        " " span.soft { (scene.clock(task.start_ms, task.end_ms)) }
                                    }
                                    None => { span.soft title=(scene.t("does not run there", "不在该方运行")) { "–" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
