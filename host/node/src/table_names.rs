//! Tables under their names: switched off and on, where they come from, which jobs read them and put them out; uploads and
//! connectors. Not for: their rows (`products`), giving names (`bind`).

use std::collections::HashMap;

use parcae_domain::{descriptor::PortKind, grant::Grant, party::Party};
use parcae_metadata::{Connector, TableFilter, TableId, TableOrigin, TableSource, UploadRow};
use serde_json::Value;

use crate::queries::{job_id, store};
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Tables of a component of a job at one party.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentTables {
    /// The component.
    pub component: String,
    /// Of a component that opens tables: parameter `table`.
    pub opens: Option<Value>,
    /// What is wired to it and there: `reader_0.data`, and the table.
    pub inputs: Vec<(String, TableId)>,
    /// What it put out: the name in the DSL, and the table.
    pub outputs: Vec<(String, TableId)>,
}

impl Tenant<'_> {
    /// Allows or forbids to read the tables of that namespace, name and origin (what is `None` does not matter); which they
    /// are.
    pub fn switch_tables(
        &self,
        namespace: Option<&str>,
        name: Option<&str>,
        origin: Option<&str>,
        disabled: bool,
    ) -> Result<Vec<TableId>, NodeError> {
        let origins = match origin.map(str::parse::<TableOrigin>).transpose() {
            Ok(origin) => origin.into_iter().collect(),
            // No table has an origin that does not exist.
            Err(_) => return Ok(Vec::new()),
        };
        let (namespace, name) = (namespace.map(str::to_owned), name.map(str::to_owned));
        let filter = TableFilter { namespace, name, origins, ..TableFilter::default() };
        self.site.store.commit(|tx| tx.set_tables_disabled(self.name(), &filter, disabled)).map_err(store)
    }

    /// Deletes all tables that are not to be read; which they were.
    pub fn delete_disabled_tables(&self) -> Result<Vec<TableId>, NodeError> {
        let deleted = self.site.store.commit(|tx| tx.delete_disabled_tables(self.name())).map_err(store)?;
        let mut names = Vec::with_capacity(deleted.len());
        for (name, table) in deleted {
            if !table.still_used {
                self.site.remove_file(&table.file).map_err(store)?;
            }
            names.push(name);
        }
        Ok(names)
    }

    /// The tables that a table was made of.
    pub fn table_sources(&self, namespace: &str, name: &str) -> Result<Vec<TableSource>, NodeError> {
        let sources = self.site.store.table_sources(self.name(), namespace, name).map_err(store)?;
        if sources.is_empty() {
            self.must_be_there(namespace, name)?;
        }
        Ok(sources)
    }

    /// The jobs that read a table, or what was made of it.
    pub fn jobs_of_table(&self, namespace: &str, name: &str) -> Result<Vec<String>, NodeError> {
        let jobs = self.site.store.jobs_of_table(self.name(), namespace, name).map_err(store)?;
        if jobs.is_empty() {
            self.must_be_there(namespace, name)?;
        }
        Ok(jobs.into_iter().map(|job| job.0).collect())
    }

    fn must_be_there(&self, namespace: &str, name: &str) -> Result<(), NodeError> {
        match self.site.store.table(self.name(), namespace, name).map_err(store)? {
            Some(_) => Ok(()),
            None => Err(NodeError::NotFound(format!("there is no table {name} of namespace {namespace}"))),
        }
    }

    /// Uploads that succeeded and whose table is still there, of all jobs or of one, the newest first; at most so many.
    pub fn uploads(&self, job: Option<&str>, limit: Option<u32>) -> Result<Vec<UploadRow>, NodeError> {
        let job = match job.map(job_id).transpose() {
            Ok(job) => job,
            Err(_) => return Ok(Vec::new()),
        };
        self.site.store.uploads(self.name(), job.as_ref(), limit).map_err(store)
    }

    /// Keeps a description of a store outside the node; one of that name is replaced.
    pub fn put_connector(&self, name: &str, engine: &str, info: &Value) -> Result<(), NodeError> {
        let connector = Connector { name: name.to_owned(), engine: engine.to_owned(), info: info.clone() };
        self.site.store.commit(|tx| tx.put_connector(self.name(), &connector)).map_err(store)
    }

    /// The description of that name.
    pub fn connector(&self, name: &str) -> Result<Option<Connector>, NodeError> {
        self.site.store.connector(self.name(), name).map_err(store)
    }

    /// Tables that each component of a job reads and puts out at a party, in the order of the DSL.
    pub fn tables_of_job(&self, job: &str, party: Party) -> Result<Vec<ComponentTables>, NodeError> {
        let job = self.own_job(job)?;
        let absent = || NodeError::NotFound(format!("there is no job {job} at {party}"));
        if self.site.store.job_at(&job, party).map_err(store)?.is_none() {
            return Err(absent());
        }
        let plan = self.site.plan(&job).map_err(|_| absent())?;
        let found = self.site.store.outputs(&job, None, Some(party)).map_err(store)?;
        let mut made: HashMap<&str, Vec<(String, TableId)>> = HashMap::new();
        for output in found.iter().filter(|output| output.kind == PortKind::Data) {
            let table = (output.namespace.clone(), output.name.clone());
            made.entry(&output.attempt.task.component).or_default().push((output.data_name.clone(), table));
        }
        let outputs_of = |component: &str| made.get(component).cloned().unwrap_or_default();
        let of_component = |component: &parcae_dsl::ComponentPlan| {
            let wired = component.inputs.iter().filter(|input| input.kind == PortKind::Data);
            let inputs = wired.filter_map(|input| {
                let all = outputs_of(&input.from_component);
                let (name, table) = all.into_iter().find(|(name, _)| *name == input.from_output)?;
                Some((format!("{}.{name}", input.from_component), table))
            });
            let opens = component.module.grants.contains(&Grant::OpenTable);
            let given = component.parameters.get(&party).map(|given| given["table"].clone());
            ComponentTables {
                component: component.name.clone(),
                opens: given.filter(|table| opens && !table.is_null()),
                inputs: inputs.collect(),
                outputs: outputs_of(&component.name),
            }
        };
        Ok(plan.components.iter().map(of_component).collect())
    }
}
