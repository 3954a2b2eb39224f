//! The component `DataTransform` (also offered as `DataIO`): makes typed columns from the stored lines of uploaded tables. Not
//! for: algorithms that learn.
//!
//! Rows go through page by page; what is kept of a table are statistics of its columns, when values are to be filled in.

mod dense;
mod imputer;
mod input;
mod kinds;
mod layout;
mod matcher;
mod model;
mod number;
mod output;
mod parameters;
mod prefix;
mod prepared;
mod recorded;
mod sparse;
mod tags;

use parcae_sdk::{
    Component, Description, Module, Port, PortKind, Result, Role, Task, failed, info, input_error, metrics, models,
    tables::{self, Page, Table},
};

use crate::{
    input::{Block, Input},
    model::Model,
    parameters::Parameters,
    prepared::Context,
    recorded::Recorded,
};

/// The component.
pub struct DataTransform;

parcae_sdk::component!(DataTransform);

impl Component for DataTransform {
    fn description() -> Description {
        Description {
            name: "data_transform".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Makes typed columns from the text of uploaded rows.".into(),
            modules: vec![
                module("DataTransform", "Makes typed columns from the text of uploaded rows."),
                module("DataIO", "The older name of DataTransform."),
            ],
        }
    }

    fn run(module: &str, task: &Task) -> Result<()> {
        let parameters = task.parameters::<Parameters>()?.lowered();
        let table = task.input("data")?;
        if !parameters.need_run {
            info!("need_run is false: the table passes unchanged");
            return Ok(tables::forward("data", &table)?);
        }
        let rows = table.rows();
        if rows == 0 {
            let component = &task.component;
            return Err(input_error(format!(
                "{component}: the input table is empty; check what the component before it makes"
            )));
        }
        let recorded = Recorded::of(&table.schema());
        let model = load_model(task)?;
        let parameters = match &model {
            Some(model) => parameters.with_model(model),
            None => parameters,
        };
        let parameters = parameters.with_meta(&recorded.meta);
        let context = Context::new(&task.component, &task.me.role.to_string(), task.me.id);
        let partitions = table.partitions();
        let input = Pages { read: recorded.read.clone(), raw: recorded.raw, table };
        let mut prepared = prepared::prepare(&context, &input, &parameters, &recorded, model.as_ref())?;
        let schema = prepared.schema(&task.component, &parameters)?;
        let writer = tables::create("data", &schema, partitions)?;
        prepared::convert(&input, &parameters, &mut prepared, &mut |page: &Page| Ok(writer.append(page)?))?;
        let written = writer.finish()?;
        if written != rows {
            return Err(failed(format!("{}: {rows} rows came in, {written} went out", task.component)));
        }
        info!("{rows} rows, {} features", prepared.header.len());
        if model.is_none()
            && let Some(summary) = model::summary(&prepared)
        {
            metrics::summary(&summary.to_string())?;
        }
        let saved = model::save(&parameters, &prepared, model.as_ref());
        models::save("model", &parts(module, &saved))?;
        Ok(())
    }
}

fn module(name: &str, summary: &str) -> Module {
    let port = |kind, name: &str, optional, help: &str| Port {
        name: name.into(),
        kind,
        optional,
        many: false,
        help: help.into(),
    };
    Module {
        name: name.into(),
        aliases: Vec::new(),
        summary: summary.into(),
        roles: vec![Role::Guest, Role::Host],
        needs: vec![],
        inputs: vec![
            port(PortKind::Data, "data", false, "Rows as they were uploaded."),
            port(
                PortKind::Model,
                "model",
                true,
                "A model of this component, to treat new rows like those it was made from.",
            ),
        ],
        outputs: vec![
            port(PortKind::Data, "data", false, "Rows with typed columns: label, match id, features."),
            port(PortKind::Model, "model", true, "Names of columns, values that were filled in."),
        ],
        parameters: parameters::schema().to_string(),
        grants: Vec::new(),
    }
}

fn load_model(task: &Task) -> Result<Option<Model>> {
    let Some(found) = models::load("model")?.into_iter().next() else { return Ok(None) };
    let part =
        |suffix: &str| found.parts.iter().find(|part| part.name.ends_with(suffix)).map(|part| part.json.as_str());
    let (Some(meta), Some(param)) = (part("Meta"), part("Param")) else {
        let from = &found.component;
        return Err(input_error(format!("{}: the model of {from} is not a model of DataTransform", task.component)));
    };
    Ok(Some(Model::parse(&task.component, meta, param)?))
}

fn parts(module: &str, model: &Model) -> Vec<models::Part> {
    let part = |suffix: &str, json: String| models::Part { name: format!("{module}{suffix}"), json, bytes: Vec::new() };
    vec![part("Meta", model.meta_json()), part("Param", model.param_json())]
}

/// The input table.
struct Pages {
    table: Table,
    read: Vec<u32>,
    raw: bool,
}

impl Input for Pages {
    fn pages(&self) -> u32 {
        self.table.pages()
    }

    fn read(&self, index: u32) -> Result<Block> {
        let of = self.table.pages();
        metrics::progress(u64::from(index), u64::from(of), "pages");
        Block::of(self.table.read_page(index, &self.read)?, self.raw)
    }
}
