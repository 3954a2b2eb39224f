//! The page of a job at a party: how it goes, its graph, its tasks, when they ran, how it stands at the other
//! parties, what went between them, and what it was submitted with. Not for: its tasks' outputs (`task`), logs
//! (`log`).

use std::collections::HashMap;

use maud::{Markup, html};
use parcae_domain::{party::Party, status::Status, tenant::Scope};
use parcae_node::{
    AttemptUse, LimitView,
    view::{JobView, TaskView},
};
use serde_json::Value;

use crate::format;
use crate::layout::{Frame, Live};
use crate::parts::{self, job_url, party_words};
use crate::view::View;

mod about;
mod dsl;
mod graph;
mod head;
mod matrix;
mod setting;
mod shape;
mod tasks;
mod timeline;
mod used;

use dsl::Component;

/// What the page is made of.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    /// The job at the party whose page it is.
    pub job: &'p JobView,
    /// The job at all its parties.
    pub rows: &'p [JobView],
    /// Its components, in the order of the DSL.
    pub order: &'p [String],
    /// The latest version of each task at each party.
    pub tasks: &'p [TaskView],
    /// Every version of the tasks at this party.
    pub attempts: &'p [TaskView],
    /// Why it does not go on; empty when nothing keeps it.
    pub waiting: &'p str,
    /// What its attempts used.
    pub uses: &'p [AttemptUse],
    /// The limits in force.
    pub limits: &'p [LimitView],
    /// The conf, as far as the party may see it.
    pub conf: &'p Value,
    /// Whether its model is kept at the party.
    pub has_model: bool,
    /// The node's clock, ms since the epoch.
    pub now_ms: i64,
}

/// The page.
pub fn page(view: &View, page: &Page<'_>) -> Frame {
    let scene = Scene::new(view, page);
    let title = format!("{} {} · {}", view.t("Job", "作业"), page.job.job, page.job.party);
    let body = html! {
        (crumbs(&scene))
        (head::show(&scene))
        (party_tabs(&scene))
        (head::trouble(&scene))
        (about::show(&scene))
        (graph::show(&scene))
        (tasks::show(&scene))
        (timeline::show(&scene))
        (matrix::show(&scene))
        (used::show(&scene))
        (setting::show(&scene))
    };
    let live = Live::Job(page.job.job.to_string());
    Frame { scripts: &["job.js"], live, wide: true, ..Frame::new(title, body) }
}

/// What all parts of the page look at.
struct Scene<'p> {
    view: &'p View,
    page: &'p Page<'p>,
    components: Vec<Component<'p>>,
    /// All parties, by role as the conf has them.
    parties: Vec<Party>,
    tasks: HashMap<(&'p str, Party), &'p TaskView>,
}

impl<'p> Scene<'p> {
    fn new(view: &'p View, page: &'p Page<'p>) -> Scene<'p> {
        let has_row = |party: &Party| page.rows.iter().any(|row| row.party == *party);
        let all = page.job.roles.iter().flat_map(|(role, ids)| ids.iter().map(|id| Party::new(*role, *id)));
        Scene {
            view,
            page,
            components: dsl::components(page.order, &page.job.dsl),
            parties: all.filter(has_row).collect(),
            tasks: page.tasks.iter().map(|task| ((task.component.as_str(), task.party), task)).collect(),
        }
    }

    fn t<'t>(&self, en: &'t str, zh: &'t str) -> &'t str {
        self.view.t(en, zh)
    }

    fn id(&self) -> &'p str {
        self.page.job.job.as_str()
    }

    fn party(&self) -> Party {
        self.page.job.party
    }

    /// Path of this page.
    fn url(&self) -> String {
        job_url(self.id(), self.party())
    }

    /// A component's task at a party.
    fn task(&self, component: &str, party: Party) -> Option<&'p TaskView> {
        self.tasks.get(&(component, party)).copied()
    }

    /// A component's task here.
    fn here(&self, component: &str) -> Option<&'p TaskView> {
        self.task(component, self.party())
    }

    /// A component's task here, or else at the first party where it runs.
    fn anywhere(&self, component: &str) -> Option<&'p TaskView> {
        let elsewhere = || self.parties.iter().find_map(|party| self.task(component, *party));
        self.here(component).or_else(elsewhere)
    }

    fn has_ended(&self) -> bool {
        self.page.job.status.is_end()
    }

    /// How a task stands.
    fn stands(&self, task: &TaskView) -> Markup {
        parts::task_status(self.view, task.party_status, self.has_ended())
    }

    /// Whether the one who looks may have it run again.
    fn may_rerun(&self) -> bool {
        self.has_ended() && self.page.job.status != Status::Pass && self.view.may(Scope::Submit)
    }

    /// A button that has the job run again from a component.
    fn rerun_from(&self, component: &str) -> Markup {
        let question = match self.view.lang {
            crate::Lang::En => format!("Run {component} again, with all that reads from it?"),
            crate::Lang::Zh => format!("重新运行 {component} 以及所有读取其输出的组件？"),
        };
        let next = self.url();
        let fields = [("component", component), ("next", next.as_str())];
        let path = format!("/jobs/{}/rerun", self.id());
        parts::action(&path, &fields, "small", self.t("Rerun from here", "从此处重跑"), Some(&question))
    }

    /// How long something took, or has taken so far: a clock that script keeps running.
    fn clock(&self, start_ms: Option<i64>, end_ms: Option<i64>) -> Markup {
        match (start_ms, end_ms) {
            (Some(start), Some(end)) => html! { (format::duration(end - start)) },
            (Some(start), None) => {
                html! { span data-since=(start) { (format::duration(self.page.now_ms - start)) } }
            }
            (None, _) => html! { "–" },
        }
    }
}

/// Percent of what a task says of itself; none when it says nothing.
fn percent(task: &TaskView) -> Option<u8> {
    let (done, of, _) = task.progress.as_ref().filter(|(_, of, _)| *of > 0)?;
    u8::try_from(u128::from(*done) * 100 / u128::from(*of)).ok().map(|percent| percent.min(100))
}

fn crumbs(scene: &Scene<'_>) -> Markup {
    html! {
        nav.crumbs aria-label=(scene.t("Where this is", "当前位置")) data-now=(scene.page.now_ms) {
            a href="/jobs" { (scene.t("Jobs", "作业")) } " › "
            a href={ "/jobs/" (scene.id()) } { (scene.id()) } " › "
            span aria-current="page" { (party_words(scene.party())) }
        }
    }
}

/// The same page at the other parties.
fn party_tabs(scene: &Scene<'_>) -> Markup {
    if scene.parties.len() < 2 {
        return html! {};
    }
    html! {
        nav.tabs aria-label=(scene.t("Parties", "参与方")) {
            @for party in &scene.parties {
                a href=(job_url(scene.id(), *party)) aria-current=[(*party == scene.party()).then_some("page")] {
                    (party_words(*party))
                }
            }
        }
    }
}
