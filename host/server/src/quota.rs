//! `quotas` of one's own tenant, and `jobs/{job}/waiting`. Not for: setting quotas (`accounts`).

use parcae_api::quota::{QuotaRow, WaitingRow};

use crate::{
    answer::{Answer, Handled},
    settings::{Named, name_of},
    state::App,
};

/// What one's own tenant uses of its quotas.
pub(crate) async fn own(app: App) -> Handled {
    let uses = app.ask(|node| Ok(node.quota_use()?)).await?;
    let rows = uses.into_iter().map(|used| QuotaRow {
        name: used.name.to_owned(),
        unit: used.unit.to_owned(),
        what: used.what.to_owned(),
        quota: used.quota,
        used: used.used,
    });
    Answer::data(rows.collect::<Vec<_>>())
}

/// Why a job does not start or go on.
pub(crate) async fn waiting(app: App, job: Named) -> Handled {
    let job = name_of(job);
    let (job, waiting_for) = app.ask(move |node| Ok(node.waiting_for(&job)?)).await?;
    Answer::data(WaitingRow { job_id: job.to_string(), waiting_for })
}
