//! Facts of a job, the tables that it reads, and what people noted about it. Not for: how it stands (`head`).

use maud::{Markup, html};
use parcae_domain::{party::Party, tenant::Scope};
use parcae_node::view::TaskView;
use serde_json::Value;

use super::{Scene, party_words};
use crate::format;
use crate::parts::{self, encoded, job_url};

/// Most tables that are listed.
const MOST_TABLES: usize = 100;

/// Facts, tables and notes.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    html! {
        div.job-about {
            section.card #job-facts data-live aria-labelledby="facts-title" {
                h2 #facts-title { (scene.t("Summary", "概要")) }
                (facts(scene))
            }
            div.job-aside {
                section.card aria-labelledby="data-title" {
                    h2 #data-title { (scene.t("Data", "数据")) }
                    (data(scene))
                }
                (notes(scene))
            }
        }
    }
}

fn facts(scene: &Scene<'_>) -> Markup {
    let job = scene.page.job;
    let model = model(scene);
    let tenant = scene.view.who.as_ref().map(|who| who.tenant.as_str()).unwrap_or_default();
    let mut rows = vec![
        (scene.t("Submitted", "提交时间"), format::time(job.created_ms)),
        (scene.t("Started", "开始时间"), format::time_or_none(job.start_ms)),
        (scene.t("Ended", "结束时间"), format::time_or_none(job.end_ms)),
        (scene.t("Duration", "时长"), scene.clock(job.start_ms, job.end_ms)),
        (scene.t("This party", "本方"), html! { (party_words(job.party)) }),
        (
            scene.t("Initiator", "发起方"),
            html! {
                @if job.initiator == job.party { (party_words(job.initiator)) " (" (scene.t("this party", "本方")) ")" }
                @else { a href=(job_url(scene.id(), job.initiator)) { (party_words(job.initiator)) } }
            },
        ),
        (scene.t("Components", "组件数"), html! { (scene.components.len()) }),
        (scene.t("Cores", "核数"), html! { (job.cores) }),
        (scene.t("Tenant", "租户"), html! { (tenant) }),
    ];
    if let Some((name, shown)) = model {
        rows.push((name, shown));
    }
    parts::facts(rows)
}

/// The model that the job trains or uses.
fn model<'s>(scene: &Scene<'s>) -> Option<(&'s str, Markup)> {
    let conf = &scene.page.job.runtime_conf;
    let common = |key: &str| conf.pointer(&format!("/job_parameters/common/{key}")).and_then(Value::as_str);
    let id = common("model_id")?;
    let version = common("model_version").unwrap_or(scene.id());
    let Party { role, id: party } = scene.party();
    let url = format!("/model?id={}&version={}&role={role}&party={party}", encoded(id), encoded(version));
    let shown = html! {
        @if scene.page.has_model { a href=(url) { (id) } } @else { (id) }
        br;
        span.soft { (scene.t("version", "版本")) " " span.mono { (version) } }
    };
    Some((scene.view.t("Model", "模型"), shown))
}

/// A table that a job reads or makes.
struct Source<'t> {
    party: Party,
    component: &'t str,
    namespace: &'t str,
    name: &'t str,
    is_made: bool,
}

/// The initiator sees the tables of all parties, another one its own.
fn sources<'p>(scene: &Scene<'p>) -> Vec<Source<'p>> {
    let job = scene.page.job;
    let sees = |party: Party| job.party == job.initiator || party == job.party;
    let mut found = Vec::new();
    for party in scene.parties.iter().filter(|party| sees(**party)) {
        let tasks = scene.components.iter().filter_map(|component| scene.task(component.name, *party));
        found.extend(tasks.filter_map(source));
    }
    found
}

fn source(task: &TaskView) -> Option<Source<'_>> {
    let is_made = task.module == "Upload";
    let text = |key: &str| task.parameters.pointer(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let [namespace, name] = if is_made { ["/namespace", "/name"] } else { ["/table/namespace", "/table/name"] };
    let (namespace, name) = (text(namespace)?, text(name)?);
    Some(Source { party: task.party, component: &task.component, namespace, name, is_made })
}

fn data(scene: &Scene<'_>) -> Markup {
    let sources = sources(scene);
    if sources.is_empty() {
        return html! { p.soft { (scene.t("It reads no tables by name.", "该作业没有按名称读取数据表。")) } };
    }
    html! {
        (parts::scrolling(scene.t("Tables of the job", "作业的数据表"), html! {
            table.dense {
                thead { tr {
                    th scope="col" { (scene.t("Party", "参与方")) }
                    th scope="col" { (scene.t("Component", "组件")) }
                    th scope="col" { (scene.t("Table", "数据表")) }
                } }
                tbody { @for source in sources.iter().take(MOST_TABLES) { tr {
                    td { (party_words(source.party)) }
                    td { (source.component) @if source.is_made { span.soft { " → " } } }
                    td { a href={ "/table?namespace=" (encoded(source.namespace)) "&name=" (encoded(source.name)) } {
                        (source.namespace) "." (source.name) } }
                } } }
            }
        }))
        @if sources.len() > MOST_TABLES {
            p.soft { (scene.t("More: ", "其余：")) (sources.len() - MOST_TABLES) }
        }
    }
}

fn notes(scene: &Scene<'_>) -> Markup {
    let text = &scene.page.job.description;
    html! {
        section.card aria-labelledby="notes-title" {
            h2 #notes-title { (scene.t("Notes", "备注")) }
            div #job-notes data-live {
                @if text.is_empty() { p.soft { (scene.t("Nothing is noted yet.", "暂无备注。")) } }
                @else { p.job-notes { (text) } }
            }
            @if scene.view.may(Scope::Submit) {
                details {
                    summary { (scene.t("Edit", "编辑")) }
                    form method="post" action={ "/jobs/" (scene.id()) "/notes" } {
                        input type="hidden" name="next" value=(scene.url());
                        label for="notes" { (scene.t("Notes on this job", "该作业的备注")) }
                        // A browser drops the first line end of what stands in it.
                        textarea.job-edit #notes name="notes" rows="4" { "\n" (text) }
                        p { button.primary.small type="submit" { (scene.t("Save", "保存")) } }
                    }
                }
            }
        }
    }
}
