//! What a task put out, as files to keep: a table as CSV, its model as JSON. They are written to a file without a name
//! first, and are then streamed. Not for: archives (`download`), pages of it (`task`).

use std::{collections::BTreeMap, fs::File};

use axum::{
    body::Body,
    extract::{Path, RawQuery},
    http::{HeaderValue, header},
    response::Response,
    routing::get,
};
use parcae_domain::port::Table;
use parcae_node::Tenant;
use serde_json::Value;
use tokio_util::io::ReaderStream;

use super::task::{Names, Place};
use crate::{
    answer::Refusal,
    archive::spool,
    csv::{CsvError, Layout},
    pages::{Form, Oops, Shown, Visit, download},
    router::Route,
    tracking::indented,
};

/// Bytes that are read at a time.
const BLOCK: usize = 64 << 10;
/// Longest model that is written in lines, as people read it, bytes.
const INDENTED: usize = 4 << 20;
pub(super) const CSV: &str = "text/csv; charset=utf-8";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/jobs/{job}/{role}/{party}/tasks/{component}/data.csv", get(csv)),
        ("/jobs/{job}/{role}/{party}/tasks/{component}/model.json", get(model)),
    ]
}

/// A table of the task: the one that is named, else the first.
async fn csv(visit: Visit, Path(names): Path<Names>, RawQuery(query): RawQuery) -> Shown {
    let place = Place::of(names)?;
    let query = Form::of(query.as_deref().unwrap_or_default());
    let (name, bytes, file) = visit.app.ask_long(move |node| Ok(chosen(node, &place, query.get("table")))).await??;
    Ok(stream(&name, CSV, bytes, file))
}

fn chosen(node: &Tenant<'_>, place: &Place, name: Option<&str>) -> Result<(String, u64, File), Oops> {
    let Place { job, party, component } = place;
    let outputs = node.outputs(job, component, *party)?;
    let output = outputs.into_iter().find(|output| name.is_none_or(|name| output.data_name == name));
    let output = output.ok_or_else(|| {
        let name = name.unwrap_or_default();
        Oops::not_found(format!("task {component} of job {job} at {party} has no table {name}"))
    })?;
    let (bytes, file) = written(node, &*output.table)?;
    Ok((format!("{job}_{component}_{}_{}_{}.csv", party.role, party.id, output.data_name), bytes, file))
}

/// A whole table as CSV, in a file without a name.
pub(super) fn written(node: &Tenant<'_>, table: &dyn Table) -> Result<(u64, File), Oops> {
    let failed = |e: CsvError| Oops::from(Refusal::internal(&format!("a table cannot be written as CSV: {e}")));
    let layout = Layout::of(table).map_err(|e| failed(e.into()))?.quoting();
    spool(&node.upload_folder(), |out| layout.write(table, None, true, out)).map_err(failed)
}

/// A file as an answer, read as fast as it is taken.
pub(super) fn stream(name: &str, media: &'static str, bytes: u64, file: File) -> Response {
    let body = Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), BLOCK));
    let mut response = download(name, media, body);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    response
}

/// All parts of the task's model: by the name in the DSL, then by their own.
async fn model(visit: Visit, Path(names): Path<Names>) -> Shown {
    let place = Place::of(names)?;
    let Place { job, party, component } = place.clone();
    let text = visit.app.ask_long(move |node| Ok(parts(node, &place))).await??;
    let name = format!("{job}_{component}_{}_{}_model.json", party.role, party.id);
    Ok(download(&name, "application/json", text))
}

fn parts(node: &Tenant<'_>, place: &Place) -> Result<Vec<u8>, Oops> {
    let Place { job, party, component } = place;
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (alias, name, json) in node.model_texts(job, component, *party)? {
        all.entry(alias).or_default().insert(name, json);
    }
    if all.is_empty() {
        return Err(Oops::not_found(format!("task {component} of job {job} at {party} has no model")));
    }
    let whole = object(all.into_iter().map(|(alias, parts)| (alias, object(parts))));
    // A large one is handed on as it is: as values it would take many times its length.
    let value = if whole.len() <= INDENTED { serde_json::from_str::<Value>(&whole).ok() } else { None };
    value.map_or_else(|| Ok(whole.into_bytes()), |value| Ok(indented(&value)?))
}

/// A JSON object of texts that are JSON themselves.
fn object(members: impl IntoIterator<Item = (String, String)>) -> String {
    let member = |(name, json): (String, String)| format!("{}: {json}", Value::String(name));
    let members: Vec<String> = members.into_iter().map(member).collect();
    format!("{{{}}}", members.join(",\n"))
}
