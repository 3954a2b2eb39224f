//! What tables are used for: switched off and on, where they come from, who reads them, their rows. Not for: what a table is
//! (`table`), binding (`bind`).

use axum::response::Response;
use parcae_api::{
    arguments::party,
    retcode,
    table::{TableKey, TableName},
    table_use::{ComponentTables, ParentTable, Preview, PreviewRequest, TableListRequest, TableSelection, TrackedJobs},
};
use parcae_node::{NodeError, Tenant, view::OutputTable};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    archive::{Archive, Finished, tar_response},
    body::Asked,
    csv::{CsvError, Layout},
    download::add_table,
    state::App,
};

/// Most rows of a preview.
const PREVIEW: u64 = 100;

/// Has readers refuse tables.
pub(crate) async fn disable(app: App, Asked(selection): Asked<TableSelection>) -> Handled {
    switch(&app, selection, true).await
}

/// Lets readers read tables again.
pub(crate) async fn enable(app: App, Asked(selection): Asked<TableSelection>) -> Handled {
    switch(&app, selection, false).await
}

async fn switch(app: &App, selection: TableSelection, disabled: bool) -> Handled {
    let TableSelection { namespace, table_name, origin, .. } = selection.checked()?;
    let switched = app.ask(move |node| {
        Ok(node.switch_tables(namespace.as_deref(), table_name.as_deref(), origin.as_deref(), disabled)?)
    });
    some(switched.await?)
}

/// Deletes all tables that are disabled.
pub(crate) async fn delete_disabled(app: App) -> Handled {
    some(app.ask(|node| Ok(node.delete_disabled_tables()?)).await?)
}

/// Names of tables; none is an error.
fn some(tables: Vec<(String, String)>) -> Handled {
    if tables.is_empty() {
        return Err(no_table());
    }
    let names = tables.into_iter().map(|(namespace, table_name)| TableName { namespace, table_name });
    Answer::data(names.collect::<Vec<_>>())
}

fn no_table() -> Refusal {
    Refusal::code(retcode::ARGUMENT_ERROR, "no find table")
}

/// Tables that a table was made of.
pub(crate) async fn tracking_source(app: App, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, name) = key.parts()?;
    let sources = app.ask(move |node| Ok(node.table_sources(&namespace, &name)?)).await?;
    let parents = sources.into_iter().map(|source| ParentTable {
        parent_table_name: source.parent.1,
        parent_table_namespace: source.parent.0,
        source_table_name: source.root.1,
        source_table_namespace: source.root.0,
    });
    Answer::data(parents.collect::<Vec<_>>())
}

/// Jobs that read a table.
pub(crate) async fn tracking_job(app: App, Asked(key): Asked<TableKey>) -> Handled {
    let (namespace, name) = key.parts()?;
    let job = app.ask(move |node| Ok(node.jobs_of_table(&namespace, &name)?)).await?;
    Answer::data(TrackedJobs { count: job.len(), job })
}

/// Tables that each component of a job reads and puts out.
pub(crate) async fn list(app: App, Asked(request): Asked<TableListRequest>) -> Handled {
    let party = party(&request.role, &request.party_id)?;
    let found = app.ask(move |node| match node.tables_of_job(request.job_id.as_str(), party) {
        Err(NodeError::NotFound(_)) => Err(Refusal::code(retcode::ARGUMENT_ERROR, "no find job")),
        other => Ok(other?),
    });
    let table = |(namespace, name): (String, String)| json!({"name": name, "namespace": namespace});
    let mut all = Map::new();
    for component in found.await? {
        let inputs: Map<String, Value> = component.inputs.into_iter().map(|(from, id)| (from, table(id))).collect();
        let mut input = Map::new();
        if !inputs.is_empty() {
            input.insert("data".into(), Value::Object(inputs));
        }
        input.extend(component.opens.map(|opens| ("table".to_owned(), opens)));
        let output = component.outputs.into_iter().map(|(name, id)| (name, table(id))).collect();
        all.insert(component.component, to_value(ComponentTables { input, output })?);
    }
    Answer::data(all)
}

/// The first rows of a table.
pub(crate) async fn preview(app: App, Asked(request): Asked<PreviewRequest>) -> Handled {
    let (namespace, name) = request.table().parts()?;
    let limit = request.limit.and_then(|limit| u64::try_from(limit.0).ok()).unwrap_or(PREVIEW).min(PREVIEW);
    let preview = app.ask(move |node| {
        let table = match node.open_table(&namespace, &name) {
            Err(NodeError::NotFound(_)) => return Err(no_table()),
            other => other?,
        };
        let failed = |e: parcae_domain::port::PortError| Refusal::internal(&format!("a look at table {name}: {e}"));
        let layout = Layout::of(&*table).map_err(failed)?;
        let data = layout.rows(&*table, limit).map_err(failed)?;
        Ok(Preview { header: layout.header, data })
    });
    Answer::data(preview.await?)
}

/// A table as CSV with a description beside it.
pub(crate) async fn download(app: App, Asked(key): Asked<TableKey>) -> Result<Response, Refusal> {
    let (namespace, name) = key.parts().map_err(|e| Refusal::status(400, &e.to_string()))?;
    let file = format!("table_{namespace}_{name}.tar.gz");
    let archive = app.ask_long(move |node| pack(node, namespace, name)).await?;
    Ok(tar_response(&file, archive))
}

fn pack(node: &Tenant<'_>, namespace: String, name: String) -> Result<Finished, Refusal> {
    let table = match node.open_table(&namespace, &name) {
        Err(NodeError::NotFound(text)) => return Err(Refusal::status(210, &text)),
        other => other?,
    };
    let folder = node.upload_folder();
    let why = format!("packing table {name}");
    let failed = |e: CsvError| Refusal::internal(&format!("{why}: {e}"));
    let mut archive = Archive::begin(&folder).map_err(|e| failed(e.into()))?;
    let output = OutputTable { data_name: "table".into(), namespace, name, table };
    add_table(&mut archive, &folder, &output, None, true).map_err(failed)?;
    archive.finish().map_err(|e| failed(e.into()))
}

/// Tables do not change.
pub(crate) async fn unchangeable() -> Refusal {
    Refusal::exception(
        "a table of this node does not change, and neither does its schema: upload it again with drop, and with the \
         meta and schema that it is to have",
    )
}
