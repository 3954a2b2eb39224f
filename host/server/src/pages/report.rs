//! A job as one file: its page at a party and what its tasks put out there, for who looks at it without the node. Not
//! for: the page itself (`job`), what one task put out (`task`).

use axum::{extract::Path, http::HeaderMap, routing::get};
use parcae_board::{
    View, Who,
    report::{self, Part, Report},
};
use parcae_domain::tenant::Scope;
use parcae_node::Tenant;

use super::{
    job,
    task::{Place, output},
};
use crate::{
    lookup::now_ms,
    pages::{Form, Oops, Shown, Visit, download},
    router::Route,
};

/// Most tasks that the file has outputs of, and bytes after which there are no more of them.
const TASKS: usize = 200;
const BYTES: usize = 32 << 20;

pub(crate) fn routes() -> Vec<Route> {
    vec![("/jobs/{job}/{role}/{party}/report.html", get(file))]
}

async fn file(visit: Visit, Path(at): Path<(String, String, String)>, headers: HeaderMap) -> Shown {
    let (address, view) = (visit.app.address(&headers), reader(&visit.view));
    let (name, text) = visit.ask_large(move |node| written(node, &view, &at, &address)).await?;
    // A style sheet stands in it, so that it is never shown as a page of the node.
    Ok(download(&name, "application/octet-stream", text))
}

/// One who only looks: what a file cannot do is not offered in it.
fn reader(view: &View) -> View {
    let who = view.who.clone().map(|who| Who { scope: Scope::Read, can_log_out: false, ..who });
    View { who, ..view.clone() }
}

/// Name and text of the file.
fn written(
    node: &Tenant<'_>,
    view: &View,
    (id, role, party): &(String, String, String),
    address: &str,
) -> Result<(String, String), Oops> {
    let found = job::find(node, id, role, party)?;
    let (mut parts, mut bytes, mut left_out) = (Vec::new(), 0, 0);
    let curves = Form::of("curve=all");
    for task in found.own_tasks() {
        if parts.len() == TASKS || bytes > BYTES {
            left_out += 1;
            continue;
        }
        let place = Place { job: id.clone(), party: found.job.party, component: task.component.clone() };
        let body = output(node, view, &place, (&found.job, task), &curves)?;
        bytes += body.0.len();
        parts.push(Part { name: task.component.clone(), body });
    }
    let page = found.frame(view);
    let report = Report { page: &page, parts: &parts, left_out, node: address, now_ms: now_ms() };
    Ok((format!("job_{id}_{role}_{party}.html"), report::file(view, &report)))
}
