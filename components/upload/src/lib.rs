//! The component `Upload`: loads the file that came with the job into a table of the tenant. It splits each line at the first
//! delimiter into key and rest and stores the rest as it is. Not for: giving columns types; that is DataTransform's.
//!
//! The file is read in pieces, so that memory grows with the number of rows only by the hashes that find duplicate keys
//! (about 11 to 16 bytes a row).

mod delimiter;
mod keys;
mod lines;
mod load;
mod meta;
mod pages;
mod parameters;
mod rows;
mod schema;

use parcae_sdk::{
    Component, Description, Error, Failure, Grant, Module, Result, Role, Task, info, input_error, metrics, site,
    tables::{ColumnDefinition, DataType, Meaning, Page, Schema, Writer},
    warning,
};
use serde_json::{Value, json};

use crate::{
    delimiter::Delimiter,
    keys::hash,
    lines::Source,
    load::{Cells, KeyRule, PIECE_BYTES, Plan, Sink},
    parameters::Parameters,
    schema::Recorded,
};

/// The component.
pub struct Upload;

parcae_sdk::component!(Upload);

impl Component for Upload {
    fn description() -> Description {
        let module = Module {
            name: "Upload".into(),
            aliases: Vec::new(),
            summary: "Loads the uploaded file into a table under a namespace and a name.".into(),
            roles: vec![Role::Local],
            needs: vec![Role::Local],
            inputs: Vec::new(),
            outputs: Vec::new(),
            parameters: parameters::schema().to_string(),
            grants: vec![Grant::UploadedFile.into(), Grant::PublishTable.into()],
        };
        Description {
            name: "upload".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Loads text files into tables.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let parameters = task.parameters::<Parameters>()?.checked(&task.component)?;
        let mut file = Uploaded::open(&task.component)?;
        let header = match parameters.head {
            true => Some(load::header_line(&mut file, &task.component, parameters.delimiter(), PIECE_BYTES)?),
            false => None,
        };
        let recorded = schema::record(&task.component, &parameters, header.as_deref())?;
        let plan = plan(task, &parameters, &recorded, header.as_deref())?;
        let schema = table_schema(&task.component, &recorded)?;
        let (namespace, name) = (parameters.namespace.as_str(), parameters.name.as_str());
        let mut begin = || -> Result<Box<dyn Sink>> {
            Ok(Box::new(Published(site::publish_table(
                namespace,
                name,
                &schema,
                parameters.partition,
                parameters.replace,
            )?)))
        };
        let loaded = load::load(&mut file, &plan, &mut begin, &mut |done, of| metrics::progress(done, of, "bytes"))?;
        if loaded.superseded > 0 {
            let n = loaded.superseded;
            warning!("{n} rows have a key that a later line has again; the last line of a key counts");
        }
        info!("{} rows in table {namespace}.{name}", loaded.rows);
        report(namespace, name, &recorded, parameters.partition, &loaded)
    }
}

fn report(namespace: &str, name: &str, recorded: &Recorded, partitions: u32, loaded: &load::Loaded) -> Result<()> {
    let count = metrics::Point {
        key: metrics::Scalar::Text("count".into()),
        value: metrics::Scalar::Number(loaded.rows as f64),
    };
    metrics::append("upload", "data_access", &[count])?;
    metrics::describe("upload", "data_access", "UPLOAD", &json!({ "name": "upload" }).to_string())?;
    let summary = json!({
        "table_name": name,
        "namespace": namespace,
        "partition": partitions,
        "count": loaded.rows,
        "superseded": loaded.superseded,
        "schema": recorded.extra,
    });
    Ok(metrics::summary(&summary.to_string())?)
}

fn plan(task: &Task, parameters: &Parameters, recorded: &Recorded, header: Option<&str>) -> Result<Plan> {
    let delimiter = Delimiter::new(&recorded.delimiter)
        .ok_or_else(|| input_error(format!("{}: the delimiter is empty; give id_delimiter", task.component)))?;
    let cells = match (recorded.dense, header) {
        (false, _) => Cells::Free,
        (true, Some(line)) => Cells::AsHeader(delimiter.cells(line.as_bytes())),
        (true, None) if parameters.with_meta => Cells::AsFirstRow { guess: false },
        (true, None) => Cells::AsFirstRow { guess: true },
    };
    let keys = match (parameters.extend_sid, parameters.auto_increasing_sid) {
        (false, _) => KeyRule::FirstCell,
        (true, true) => KeyRule::Made(String::new()),
        (true, false) => KeyRule::Made(key_prefix(task)),
    };
    Ok(Plan {
        component: task.component.clone(),
        delimiter,
        head: parameters.head,
        cells,
        keys,
        seed: task.seed,
        piece_bytes: PIECE_BYTES,
    })
}

/// 32 hexadecimal digits for generated keys: the same for every attempt of a task, another one for every job.
fn key_prefix(task: &Task) -> String {
    format!("{:016x}{:016x}", hash(task.job.as_bytes(), task.seed), hash(task.component.as_bytes(), !task.seed))
}

fn table_schema(component: &str, recorded: &Recorded) -> Result<Schema> {
    let key = match recorded.sid.as_str() {
        "" => "id",
        sid => sid,
    };
    if key.chars().any(char::is_control) {
        let message =
            format!("{component}: the name of the key column holds control characters: {key:?}; correct the header");
        return Err(input_error(message));
    }
    let rest = if key == "raw" { "raw_line" } else { "raw" };
    let column = |name: &str, meaning| ColumnDefinition { name: name.to_owned(), data_type: DataType::Text, meaning };
    Ok(Schema {
        columns: vec![column(key, Meaning::Id), column(rest, Meaning::Raw)],
        extra: Value::Object(recorded.extra.clone()).to_string(),
    })
}

/// The uploaded file.
struct Uploaded {
    size: u64,
}

impl Uploaded {
    fn open(component: &str) -> Result<Uploaded> {
        let size = site::uploaded_size().map_err(|error| match error {
            Error::NotFound(m) => {
                input_error(format!("{component}: there is no file to load: {m}; send it with the upload"))
            }
            other => Failure::from(other),
        })?;
        match size {
            0 => Err(input_error(format!("{component}: the file is empty; upload a file with at least one row"))),
            size => Ok(Uploaded { size }),
        }
    }
}

impl Source for Uploaded {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, offset: u64, len: u32) -> Result<Vec<u8>> {
        Ok(site::uploaded_read(offset, len)?)
    }
}

/// The table that is being made.
struct Published(Writer);

impl Sink for Published {
    fn append(&mut self, page: &Page) -> Result<()> {
        Ok(self.0.append(page)?)
    }

    fn finish(self: Box<Self>) -> Result<u64> {
        Ok(self.0.finish()?)
    }
}
