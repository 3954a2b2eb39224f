//! What there is to know of the model of one party, and what can be done with it. Not for: the list of all (`list`).

use maud::{Markup, html};
use parcae_domain::tenant::Scope;
use parcae_node::{ModelEntry, ModelLine, model_query::ModelView, view::ModelPartView};
use serde_json::Value;

use super::{list::kind, model_url, query};
use crate::format::{bytes, time};
use crate::layout::Frame;
use crate::parts::{action, encoded, facts, nothing, party_words, scrolling};
use crate::task::model;
use crate::tree::{copy, tree};
use crate::view::View;

/// Most lines of a DSL or a conf.
const MOST: usize = 3_000;

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct ModelPage<'p> {
    /// The model of the party.
    pub model: &'p ModelView,
    /// Words that people gave to its version.
    pub tags: &'p [String],
    /// What its components saved.
    pub contents: &'p [ModelEntry],
    /// The component whose parts are shown, and the parts.
    pub parts: Option<(&'p str, &'p [ModelPartView])>,
    /// The same version at the other parties.
    pub elsewhere: &'p [ModelLine],
    /// Versions that were deployed from it.
    pub deployed: &'p [ModelLine],
    /// The job that trained it, when it is still there.
    pub has_job: bool,
}

/// The page.
pub fn page(view: &View, page: &ModelPage<'_>) -> Frame {
    let key = &page.model.key;
    let body = html! {
        nav.crumbs aria-label=(view.t("Where this is", "位置")) {
            a href="/models" { (view.t("Models", "模型")) } " › "
            (key.model_id) " › " (key.model_version) " › " (party_words(key.party))
        }
        div.head {
            h1 { (key.model_id) }
            (buttons(view, page))
        }
        section.card {
            (facts(about(view, page)))
            @if !page.elsewhere.is_empty() {
                div.row {
                    span.hint { (view.t("The same version at:", "同一版本的其他参与方：")) }
                    @for other in page.elsewhere {
                        @let key = &other.key;
                        a href=(model_url(&key.model_id, &key.model_version, key.party)) { (party_words(key.party)) }
                    }
                }
            }
        }
        (contents(view, page))
        (deployed(view, page))
        (to_predict(view, page.model))
    };
    Frame { scripts: &["task.js"], ..Frame::new(key.model_id.clone(), body) }
}

fn buttons(view: &View, page: &ModelPage<'_>) -> Markup {
    let key = &page.model.key;
    let (role, party) = (key.party.role.to_string(), key.party.id.to_string());
    let fields = [
        ("id", key.model_id.as_str()),
        ("version", key.model_version.as_str()),
        ("role", role.as_str()),
        ("party", party.as_str()),
    ];
    let question = view.t(
        "Deploy this model at all its parties? Predict jobs can use the new version.",
        "在所有参与方部署该模型？预测作业可使用新版本。",
    );
    html! {
        div.row {
            a.button href={ "/model/archive.zip?" (query(&key.model_id, &key.model_version, key.party)) } {
                (view.t("Download archive", "下载归档"))
            }
            @if !page.model.info.is_deployed() && view.may(Scope::Submit) {
                (action("/model/deploy", &fields, "primary", view.t("Deploy", "部署"), Some(question)))
            }
        }
    }
}

fn about(view: &View, page: &ModelPage<'_>) -> Vec<(&'static str, Markup)> {
    let (key, info) = (&page.model.key, &page.model.info);
    let job = page.model.job.as_str();
    let job = html! {
        @if page.has_job { a.mono href={ "/jobs/" (encoded(job)) } { (job) } } @else { span.mono { (job) } }
    };
    let roles: Vec<String> = info.parties().iter().map(|party| party_words(*party)).collect();
    let mut rows = vec![
        (view.t("Version", "版本"), html! { span.mono { (key.model_version) } }),
        (view.t("Party", "参与方"), html! { (party_words(key.party)) }),
        (view.t("Kind", "类别"), kind(view, info.is_deployed(), info.imported)),
        (view.t("All parties", "全部参与方"), html! { (roles.join(", ")) }),
        (view.t("Job", "作业"), job),
        (view.t("Size", "大小"), html! { (bytes(page.model.bytes)) }),
        (view.t("Saved", "保存时间"), time(page.model.created_ms)),
        (view.t("Last changed", "最近修改"), time(page.model.updated_ms)),
    ];
    if !page.tags.is_empty() {
        let tags = html! { @for tag in page.tags { span.badge { (tag) } " " } };
        rows.push((view.t("Tags", "标签"), tags));
    }
    let parent = |name: &str| info.parent_info.get(name).and_then(Value::as_str);
    if let (Some(id), Some(version)) = (parent("parent_model_id"), parent("parent_model_version")) {
        let link = html! { a.mono href=(model_url(id, version, key.party)) { (version) } };
        rows.push((view.t("Deployed from", "部署自"), link));
    }
    if let Some(digest) = &info.archive_sha256 {
        rows.push((view.t("SHA-256 of its archive", "归档 SHA-256"), html! { span.mono { (digest) } }));
    }
    rows
}

/// Components with what each saved; the parts of one of them.
fn contents(view: &View, page: &ModelPage<'_>) -> Markup {
    let key = &page.model.key;
    let own = model_url(&key.model_id, &key.model_version, key.party);
    html! {
        h2 { (view.t("Components", "组件")) }
        @if page.contents.is_empty() {
            (nothing(view.t("No component saved anything in it.", "没有组件保存内容。"), html! {}))
        } @else {
            (scrolling(view.t("Components", "组件"), html! {
                table {
                    thead { tr {
                        th scope="col" { (view.t("Component", "组件")) }
                        th scope="col" { (view.t("Module", "模块")) }
                        th scope="col" { (view.t("Saved as", "保存为")) }
                        th.num scope="col" { (view.t("Size", "大小")) }
                    } }
                    tbody {
                        @for entry in page.contents {
                            tr {
                                th scope="row" {
                                    a data-row href={ (own) "&component=" (encoded(&entry.component)) "#parts" } {
                                        (entry.component)
                                    }
                                }
                                td { (entry.module) }
                                td { (entry.alias) }
                                td.num { (bytes(entry.bytes)) }
                            }
                        }
                    }
                }
            }))
        }
        @if let Some((component, parts)) = page.parts {
            section #parts {
                h2 { (view.t("Parts of ", "组成部分：")) (component) }
                @if parts.is_empty() {
                    (nothing(view.t("This component saved nothing.", "该组件没有保存内容。"), html! {}))
                } @else {
                    (model::list(view, parts))
                }
            }
        }
    }
}

/// Versions that were deployed from this one.
fn deployed(view: &View, page: &ModelPage<'_>) -> Markup {
    html! {
        @if !page.model.info.is_deployed() {
            h2 { (view.t("Deployed versions", "已部署版本")) }
            @if page.deployed.is_empty() {
                p.hint { (view.t(
                    "None yet. A deployed version is what predict jobs use.",
                    "暂无。预测作业使用已部署的版本。",
                )) }
            } @else {
                ul.plain {
                    @for line in page.deployed {
                        @let key = &line.key;
                        @let url = model_url(&key.model_id, &key.model_version, key.party);
                        li {
                            a.mono href=(url) { (key.model_version) }
                            " " span.hint { (time(line.created_ms)) }
                        }
                    }
                }
            }
        }
    }
}

/// What predicts with it.
fn to_predict(view: &View, model: &ModelView) -> Markup {
    html! {
        @if model.info.is_deployed() {
            h2 { (view.t("To predict with it", "用于预测")) }
            (json(view, "predict-dsl", view.t("Predict DSL", "预测 DSL"), &model.info.inference_dsl))
            (json(view, "predict-conf", view.t("Conf, to be filled in", "预测配置模板"), &model.predict_conf()))
        } @else {
            (json(view, "train-dsl", view.t("DSL that trained it", "训练 DSL"), &model.info.train_dsl))
        }
    }
}

fn json(view: &View, id: &str, words: &str, value: &Value) -> Markup {
    html! {
        details.card id=(id) {
            summary { strong { (words) } }
            p { (copy(view, value)) }
            (tree(view, value, MOST, None))
        }
    }
}
