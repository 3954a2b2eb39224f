//! Answers about what jobs made: tables, metrics, summaries, models. Not for: jobs and tasks themselves (`queries`).

use std::sync::Arc;

use parcae_domain::{
    descriptor::PortKind,
    id::{AttemptId, TaskId},
    party::Party,
    port::{PortError, Table},
};
use parcae_dsl::JobType;
use parcae_metadata::{ComponentModel, DataTable, ModelFilter, ModelKey, PartEntry, Store, StoreError};
use serde_json::Value;

use crate::predict;
use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::{ModelPartView, NodeError, OutputTable, Series, TableView};

fn port(error: PortError) -> NodeError {
    match error {
        PortError::NotFound(message) => NodeError::NotFound(message),
        other => NodeError::Internal(other.to_string()),
    }
}

/// Bytes of a part's JSON, and values in it, that are looked at in a page.
const SEEN: (u64, usize) = (16 << 20, 500_000);
/// Values of a model that are answered at once: three bytes of text become a hundred in memory.
const ANSWERED: usize = 5_000_000;

/// About how many values there are in a JSON text.
fn values(json: &str) -> usize {
    json.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

/// Parts as they are looked at; JSON that is too large for that is null.
pub(crate) fn seen_parts(store: &Store, filter: &ModelFilter) -> Result<Vec<ModelPartView>, StoreError> {
    let (longest, most) = SEEN;
    let view = |part: PartEntry| {
        let json = part.json.filter(|json| values(json) <= most);
        let json = json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or(Value::Null);
        ModelPartView { alias: part.alias, name: part.name, json, bytes: part.bytes }
    };
    Ok(store.part_entries(filter, longest)?.into_iter().map(view).collect())
}

/// What components saved, part by part.
fn part_views(models: Vec<ComponentModel>) -> Vec<ModelPartView> {
    let parts = models.into_iter().flat_map(|model| {
        let alias = model.alias;
        model.parts.into_iter().map(move |part| ModelPartView {
            alias: alias.clone(),
            bytes: (part.json.len() + part.bytes.len()) as u64,
            json: serde_json::from_str(&part.json).unwrap_or(Value::Null),
            name: part.name,
        })
    });
    parts.collect()
}

fn view(table: DataTable) -> TableView {
    TableView {
        namespace: table.namespace,
        name: table.name,
        rows: table.file.rows,
        partitions: table.file.partitions,
        bytes: table.file.bytes,
        schema: table.file.schema,
        origin: table.origin.as_str().to_owned(),
        address: table.extra.get("address").cloned(),
        disabled: table.disabled,
        job: table.job,
        created_ms: table.created_ms,
    }
}

impl Tenant<'_> {
    /// The table of that name.
    pub fn table(&self, namespace: &str, name: &str) -> Result<Option<TableView>, NodeError> {
        Ok(self.site.store.table(self.name(), namespace, name).map_err(store)?.map(view))
    }

    /// The rows of the table of that name.
    pub fn open_table(&self, namespace: &str, name: &str) -> Result<Arc<dyn Table>, NodeError> {
        let found = self.site.store.table(self.name(), namespace, name).map_err(store)?;
        let found =
            found.ok_or_else(|| NodeError::NotFound(format!("there is no table {name} of namespace {namespace}")))?;
        self.site.tables.open_table(&found.file.file).map_err(port)
    }

    /// Deletes the table of that name; its rows go with the last name that they have.
    pub fn delete_table(&self, namespace: &str, name: &str) -> Result<(), NodeError> {
        let deleted = self.site.store.commit(|tx| tx.delete_table(self.name(), namespace, name)).map_err(store)?;
        let deleted =
            deleted.ok_or_else(|| NodeError::NotFound(format!("there is no table {name} of namespace {namespace}")))?;
        if !deleted.still_used {
            self.site.remove_file(&deleted.file).map_err(port)?;
        }
        Ok(())
    }

    fn task_of(&self, job: &str, component: &str, party: Party) -> Result<TaskId, NodeError> {
        let task = TaskId { job: self.own_job(job)?, component: component.to_owned() };
        match self.site.store.party_task(&task, party).map_err(store)? {
            Some(_) => Ok(task),
            None => Err(NodeError::NotFound(format!("job {job} has no task {component} at {party}"))),
        }
    }

    /// Tables that a party task made, in the order of its ports.
    pub fn outputs(&self, job: &str, component: &str, party: Party) -> Result<Vec<OutputTable>, NodeError> {
        let task = self.task_of(job, component, party)?;
        let found = self.site.store.outputs(&task.job, Some(component), Some(party)).map_err(store)?;
        let mut outputs = Vec::new();
        for output in found.into_iter().filter(|o| o.kind == PortKind::Data) {
            let table = match self.open_table(&output.namespace, &output.name) {
                // Deleted since.
                Err(NodeError::NotFound(_)) => continue,
                other => other?,
            };
            outputs.push(OutputTable {
                data_name: output.data_name,
                namespace: output.namespace,
                name: output.name,
                table,
            });
        }
        Ok(outputs)
    }

    /// Series of a party task.
    pub fn metrics(&self, job: &str, component: &str, party: Party) -> Result<Vec<Series>, NodeError> {
        let task = self.task_of(job, component, party)?;
        let found = self.site.store.metrics(&task, party).map_err(store)?;
        let series = found.into_iter().map(|s| Series {
            namespace: s.namespace,
            name: s.name,
            metric_type: s.metric_type,
            extra: s.extra.as_object().cloned().unwrap_or_default(),
            points: s.points,
        });
        Ok(series.collect())
    }

    /// Summary of a party task.
    pub fn summary(&self, job: &str, component: &str, party: Party) -> Result<Option<Value>, NodeError> {
        let task = self.task_of(job, component, party)?;
        self.site.store.summary(&task, party).map_err(store)
    }

    /// Model parts of a party task; of a predict job that saved none those that it used. Refused when they have too many
    /// values to be in memory at once.
    pub fn model(&self, job: &str, component: &str, party: Party) -> Result<Vec<ModelPartView>, NodeError> {
        let models = self.of_models(job, component, party, |filter| self.site.store.component_models(filter))?;
        let all: usize = models.iter().flat_map(|model| &model.parts).map(|part| values(&part.json)).sum();
        if all > ANSWERED {
            let text = format!("the model has more than {ANSWERED} values, the most that are answered: export it");
            return Err(NodeError::Invalid(text));
        }
        Ok(part_views(models))
    }

    /// The same for who looks at it: of JSON that is too large for a page there is only the size, and null.
    pub fn model_seen(&self, job: &str, component: &str, party: Party) -> Result<Vec<ModelPartView>, NodeError> {
        self.of_models(job, component, party, |filter| seen_parts(&self.site.store, filter))
    }

    /// The same as texts of JSON, however large: alias, name and text of each part.
    pub fn model_texts(
        &self,
        job: &str,
        component: &str,
        party: Party,
    ) -> Result<Vec<(String, String, String)>, NodeError> {
        let models = self.of_models(job, component, party, |filter| self.site.store.component_models(filter))?;
        let texts = models.into_iter().flat_map(|model| {
            let alias = model.alias;
            model.parts.into_iter().map(move |part| (alias.clone(), part.name, part.json))
        });
        Ok(texts.collect())
    }

    /// What is found of the model of a party task, or of those that a predict job used.
    fn of_models<T>(
        &self,
        job: &str,
        component: &str,
        party: Party,
        find: impl Fn(&ModelFilter) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, NodeError> {
        let task = self.task_of(job, component, party)?;
        let plan = self.site.plan(&task.job).map_err(NodeError::Internal)?;
        let key = ModelKey {
            tenant: self.name().to_owned(),
            party,
            model_id: plan.parameters.model_id.clone(),
            model_version: task.job.0.clone(),
        };
        let filter = ModelFilter { component: Some(component.to_owned()), ..ModelFilter::of(&key) };
        let mut models = find(&filter).map_err(store)?;
        if models.is_empty() && plan.parameters.job_type == JobType::Predict {
            let at = AttemptId { task: task.clone(), version: 0, party };
            for filter in predict::sources(self.id(), &plan, &at) {
                models.extend(find(&filter).map_err(store)?);
            }
        }
        Ok(models)
    }
}
