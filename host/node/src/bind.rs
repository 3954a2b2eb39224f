//! Binding: data that are on the site already get a name. A file is loaded by a job, whose end is asked for; a table of
//! the node gets a second name. Not for: waiting, which files may be read, engines that the node does not have
//! (`server`).

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use parcae_domain::{id::JobId, status::Status};
use parcae_metadata::{DataTable, DeletedTable, TableOrigin, TaskFilter};
use serde_json::{Value, json};

use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;
use crate::world::OUTPUT_NAMESPACE;

/// Longest first line of a file that is compared with names that were given, bytes.
const LONGEST_LINE: u64 = 16 << 20;

/// A file that is to become a table.
#[derive(Clone, Debug)]
pub struct FileBinding {
    /// FATE's upload configuration of it.
    pub upload: Value,
    /// Where it is, in the user's words: `{"path": ...}`.
    pub address: Value,
    /// Name of its key column, if it was given.
    pub id_column: Option<String>,
    /// Names of the other columns, separated by commas, if they were given.
    pub feature_column: Option<String>,
}

/// What came of a second name.
enum Alias {
    Done(Option<DeletedTable>),
    NoSource,
    Disabled,
    Exists,
}

impl Tenant<'_> {
    /// Begins to load a file into a table: the job that does it, whose end `bind_result` tells.
    pub fn begin_bind(&self, binding: &FileBinding, file: &Path) -> Result<JobId, NodeError> {
        let mut upload = binding.upload.clone();
        with_names(&mut upload, binding, file)?;
        let (dsl, conf) =
            parcae_dsl::bind_job(&upload, &binding.address).map_err(|faults| NodeError::Invalid(faults.to_string()))?;
        let made = &conf["component_parameters"]["role"]["local"]["0"][parcae_dsl::BIND_COMPONENT];
        let text = |key: &str| made[key].as_str().unwrap_or_default();
        let (namespace, name) = (text("namespace"), text("name"));
        let there = self.site.store.table(self.name(), namespace, name).map_err(store)?;
        if there.is_some() && made["destroy"] != true {
            return Err(exists(namespace, name));
        }
        let job = self.next_job_id();
        let files = self.site.files(&job);
        let loaded = files
            .take_upload(file, true)
            .map_err(|e| NodeError::Internal(format!("bound file: {e}")))
            .and_then(|()| self.take_on(&job, &dsl, &conf));
        if loaded.is_err() {
            files.drop_all();
        }
        loaded?;
        Ok(job)
    }

    /// What came of a file that a job loads: none while it does, an error unless it ended well.
    pub fn bind_result(&self, job: &JobId) -> Option<Result<(), NodeError>> {
        let status = match self.site.store.job(job) {
            Ok(Some(row)) => row.status,
            Ok(None) => return Some(Err(NodeError::Internal(format!("job {job} is not in the store")))),
            Err(error) => return Some(Err(store(error))),
        };
        match status {
            Status::Success => Some(Ok(())),
            status if status.is_end() => Some(Err(self.not_loaded(job, status))),
            _ => None,
        }
    }

    /// Gives a table a second name; both share the rows. `address` is kept as the user gave it.
    pub fn bind_table(
        &self,
        (namespace, name): (&str, &str),
        (from_namespace, from_name): (&str, &str),
        address: &Value,
        replace: bool,
    ) -> Result<(), NodeError> {
        if namespace.starts_with(OUTPUT_NAMESPACE) {
            let text = format!("namespaces that begin with {OUTPUT_NAMESPACE} are the node's own: choose another one");
            return Err(NodeError::Invalid(text));
        }
        if (namespace, name) == (from_namespace, from_name) {
            return Err(NodeError::Invalid(format!("table {name} of namespace {namespace} cannot be bound to itself")));
        }
        let naming = self.site.naming();
        let bound = self.site.store.commit(|tx| {
            let Some(source) = tx.table(self.name(), from_namespace, from_name)? else { return Ok(Alias::NoSource) };
            if source.disabled {
                return Ok(Alias::Disabled);
            }
            if !replace && tx.table(self.name(), namespace, name)?.is_some() {
                return Ok(Alias::Exists);
            }
            let alias = DataTable {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                origin: TableOrigin::TableBind,
                job: None,
                extra: json!({"address": address}),
                ..source
            };
            tx.forget_table_sources(self.name(), namespace, name)?;
            Ok(Alias::Done(tx.put_table(&alias)?))
        });
        drop(naming);
        let source = format!("table {from_name} of namespace {from_namespace}");
        match bound.map_err(store)? {
            Alias::Done(Some(replaced)) if !replaced.still_used => self.site.remove_file(&replaced.file).map_err(store),
            Alias::Done(_) => Ok(()),
            Alias::Exists => Err(exists(namespace, name)),
            Alias::NoSource => Err(NodeError::NotFound(format!("{source} does not exist: upload it first"))),
            Alias::Disabled => Err(NodeError::Invalid(format!("{source} is disabled: enable it first"))),
        }
    }

    fn not_loaded(&self, job: &JobId, status: Status) -> NodeError {
        let filter = TaskFilter { jobs: vec![job.clone()], ..TaskFilter::default() };
        let rows = self.site.store.party_tasks(&filter).unwrap_or_default();
        let why = rows.iter().find_map(|row| row.message.lines().next().filter(|line| !line.is_empty()));
        let why = why.unwrap_or("its log says why");
        NodeError::Invalid(format!("the file was not loaded, job {job} ended with {status}: {why}"))
    }
}

fn exists(namespace: &str, name: &str) -> NodeError {
    NodeError::Exists(format!("table {name} of namespace {namespace} exists: pass drop to replace it"))
}

/// Compares names of columns that were given with the file's header, or has them recorded for a file that has none.
fn with_names(upload: &mut Value, binding: &FileBinding, file: &Path) -> Result<(), NodeError> {
    let wrong = |text: String| Err(NodeError::Invalid(text));
    let (id, features) = match (binding.id_column.as_deref(), binding.feature_column.as_deref()) {
        (None, None) => return Ok(()),
        (None, Some(_)) => return wrong("feature_column is there without id_column: name the key, too".into()),
        (Some(id), features) => (id.trim(), features),
    };
    if upload["extend_sid"] == 1 {
        return wrong("extend_sid makes the keys, so that no column is the key: leave id_column out".into());
    }
    let of_meta = upload.pointer("/meta/delimiter").filter(|_| upload["with_meta"] == 1).and_then(Value::as_str);
    let delimiter = of_meta.or_else(|| upload["id_delimiter"].as_str()).filter(|text| !text.is_empty()).unwrap_or(",");
    let delimiter = delimiter.to_owned();
    let line = first_line(file)?;
    let found: Vec<&str> = line.split(delimiter.as_str()).map(str::trim).collect();
    let features: Option<Vec<&str>> = features.map(|names| names.split(',').map(str::trim).collect());
    let wanted: Vec<&str> = std::iter::once(id).chain(features.iter().flatten().copied()).collect();
    if upload["head"] == 1 {
        let same = if features.is_some() { found == wanted } else { found.first() == wanted.first() };
        return if same { Ok(()) } else { wrong(other_names(&found, &wanted)) };
    }
    let Some(features) = features else {
        return wrong("the file has no header, and id_column names one column of it: give feature_column, too".into());
    };
    if found.len() != wanted.len() {
        let (cells, names) = (found.len(), wanted.len());
        return wrong(format!(
            "the first line of the file has {cells} cells, id_column and feature_column have {names} names; columns \
             are separated by {delimiter:?}: id_delimiter says otherwise"
        ));
    }
    if !upload["schema"].is_object() {
        upload["schema"] = json!({});
    }
    upload["schema"]["sid"] = id.into();
    upload["schema"]["header"] = features.join(&delimiter).into();
    Ok(())
}

fn other_names(found: &[&str], wanted: &[&str]) -> String {
    let shown = |names: &[&str]| -> String {
        let first: Vec<&str> = names.iter().take(20).copied().collect();
        first.join(",").chars().take(200).collect()
    };
    let (found, wanted) = (shown(found), shown(wanted));
    format!(
        "the first line of the file has {found:?} where id_column and feature_column say {wanted:?}; the key is the \
         first column: leave both out to take the names of the file, or set head to 0 when its first line is a row"
    )
}

/// The first line of a file, without byte order mark and white space at its end.
fn first_line(file: &Path) -> Result<String, NodeError> {
    let failed = |e: std::io::Error| NodeError::Internal(format!("bound file: {e}"));
    let mut bytes = Vec::new();
    BufReader::new(File::open(file).map_err(failed)?)
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut bytes)
        .map_err(failed)?;
    Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str, upload: Value, id: Option<&str>, features: Option<&str>) -> Result<Value, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.csv");
        std::fs::write(&file, text).unwrap();
        let (id_column, feature_column) = (id.map(str::to_owned), features.map(str::to_owned));
        let mut made = upload.clone();
        let binding = FileBinding { upload, address: Value::Null, id_column, feature_column };
        with_names(&mut made, &binding, &file).map(|()| made["schema"].clone()).map_err(|e| e.to_string())
    }

    #[test]
    fn names_are_compared_with_a_header() {
        let head = json!({"head": 1});
        let text = "\u{feff}id,y, x0\r\na,1,2\n";
        assert_eq!(named(text, head.clone(), Some("id"), Some("y,x0")), Ok(Value::Null));
        assert_eq!(named(text, head.clone(), Some("id"), None), Ok(Value::Null));
        assert_eq!(named(text, head.clone(), None, None), Ok(Value::Null));
        assert!(named(text, head.clone(), Some("y"), None).unwrap_err().contains("the key is the first column"));
        assert!(named(text, head.clone(), Some("id"), Some("x0,y")).unwrap_err().contains("\"id,y,x0\""));
        assert!(named(text, head, None, Some("y,x0")).unwrap_err().contains("name the key"));
        assert!(named(text, json!({"head": 1, "extend_sid": 1}), Some("id"), None).is_err());
    }

    #[test]
    fn a_file_without_a_header_gets_names() {
        let bare = json!({"head": 0, "id_delimiter": ";", "schema": {"owner": "bank"}});
        let schema = named("a;1;2\n", bare.clone(), Some("id"), Some("y, x0")).unwrap();
        assert_eq!(schema, json!({"owner": "bank", "sid": "id", "header": "y;x0"}));
        assert!(named("a;1\n", bare.clone(), Some("id"), Some("y,x0")).unwrap_err().contains("2 cells"));
        assert!(named("a;1\n", bare, Some("id"), None).unwrap_err().contains("feature_column"));
    }
}
