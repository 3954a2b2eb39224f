//! Removing what the tasks of a job made: output tables and metrics, of all of them or of some. Not for: the files of
//! the tables (crate `tables`), models.

use parcae_domain::{
    id::JobId,
    party::{Party, PartyId, Role},
};

use crate::error::StoreError;
use crate::outputs::{OutputData, read_output};
use crate::sql::{Conditions, party};
use crate::store::Tx;
use crate::tables::DeletedTable;

/// Which attempts of a job; `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct AttemptFilter {
    /// Of this component.
    pub component: Option<String>,
    /// At parties in this role.
    pub role: Option<Role>,
    /// At this party.
    pub party_id: Option<PartyId>,
    /// Of earlier versions than this.
    pub before_version: Option<u32>,
}

/// An output that was removed.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletedOutput {
    /// What it was.
    pub output: OutputData,
    /// Its table; none when that had been deleted before.
    pub table: Option<DeletedTable>,
}

/// A series that was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedSeries {
    /// Its component.
    pub component: String,
    /// Its party.
    pub party: Party,
    /// `train`.
    pub namespace: String,
    /// `loss`.
    pub name: String,
}

impl AttemptFilter {
    fn conditions(&self, job: &JobId) -> Conditions {
        let mut c = Conditions::default();
        c.equal("job", job.0.clone());
        c.one_of("component", self.component.clone());
        c.one_of("role", self.role.map(|role| role.to_string()));
        c.one_of("party_id", self.party_id.map(|id| id.to_string()));
        c.between("version", (None, self.before_version.map(|version| i64::from(version) - 1)));
        c
    }
}

impl Tx<'_> {
    /// Removes outputs with their tables.
    pub fn delete_outputs(
        &self,
        tenant: &str,
        job: &JobId,
        filter: &AttemptFilter,
    ) -> Result<Vec<DeletedOutput>, StoreError> {
        let c = filter.conditions(job);
        let sql = format!(
            "SELECT job, component, version, role, party_id, kind, data_name, position, namespace, name \
             FROM output_data{} ORDER BY component, version, role, party_id, position",
            c.sql()
        );
        let found = self.db.rows(Some(job), &sql, c.values(), read_output)?;
        let mut deleted = Vec::with_capacity(found.len());
        for output in found {
            let table = self.delete_table(tenant, &output.namespace, &output.name)?;
            deleted.push(DeletedOutput { output, table });
        }
        self.db.execute(Some(job), &format!("DELETE FROM output_data{}", c.sql()), c.values())?;
        Ok(deleted)
    }

    /// Removes metrics.
    pub fn delete_series(&self, job: &JobId, filter: &AttemptFilter) -> Result<Vec<DeletedSeries>, StoreError> {
        let c = filter.conditions(job);
        let sql = format!(
            "SELECT component, role, party_id, namespace, name FROM metric_series{} \
             ORDER BY component, role, party_id, id",
            c.sql()
        );
        let deleted = self.db.rows(Some(job), &sql, c.values(), |row| {
            Ok(DeletedSeries {
                component: row.get("component")?,
                party: party(row)?,
                namespace: row.get("namespace")?,
                name: row.get("name")?,
            })
        })?;
        self.db.execute(Some(job), &format!("DELETE FROM metric_series{}", c.sql()), c.values())?;
        Ok(deleted)
    }
}
