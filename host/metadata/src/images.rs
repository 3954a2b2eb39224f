//! Images of components that were pushed, and what each was granted. Not for: their bytes.

use std::collections::BTreeMap;

use parcae_domain::{descriptor::Descriptor, grant::Grant, id::JobId};
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::sql::{count, job_id, json, to_int, to_json};
use crate::store::{Store, Tx};

/// An image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Who may run it.
    pub tenant: String,
    /// SHA-256 of its bytes in hex.
    pub digest: String,
    /// What it says of itself; name and version are among it.
    pub descriptor: Descriptor,
    /// Where it comes from: `pushed`.
    pub origin: String,
    /// Its size, bytes.
    pub bytes: u64,
    /// The signature that came with it, as text.
    pub signature: Option<String>,
    /// Name of the key that made the signature.
    pub signed_by: Option<String>,
    /// The client that pushed it; empty when the node does not ask who its clients are.
    pub pushed_by: String,
    /// When it was stored, ms since the epoch. Ignored by `put_image`.
    pub created_ms: i64,
}

/// What the modules of an image were granted, by module.
pub type ImageGrants = BTreeMap<String, Vec<Grant>>;

const SELECT: &str = "SELECT tenant, digest, descriptor, origin, bytes, signature, signed_by, pushed_by, created_ms \
    FROM image";
const INSERT: &str = "INSERT INTO image (tenant, digest, name, version, descriptor, origin, bytes, signature, signed_by, \
    pushed_by, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE \
    SET name = excluded.name, version = excluded.version, descriptor = excluded.descriptor, \
    origin = excluded.origin, bytes = excluded.bytes, signature = excluded.signature, \
    signed_by = excluded.signed_by, pushed_by = excluded.pushed_by";
/// Jobs that have not ended and run an image.
const USERS: &str = "SELECT DISTINCT t.job AS job FROM task AS t JOIN job AS j ON j.id = t.job \
    WHERE t.image = ?2 AND t.latest = 1 AND j.tenant = ?1 AND j.status IN ('waiting', 'running') ORDER BY t.job";

impl Store {
    /// All images of a tenant, by name, the oldest first.
    pub fn images(&self, tenant: &str) -> Result<Vec<Image>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 ORDER BY name, created_ms, digest");
        self.read(|db| db.rows(None, &sql, params![tenant], read_image))
    }

    /// All images of all tenants, the oldest first.
    pub fn all_images(&self) -> Result<Vec<Image>, StoreError> {
        let sql = format!("{SELECT} ORDER BY created_ms, digest, tenant");
        self.read(|db| db.rows(None, &sql, [], read_image))
    }

    /// The image of this digest.
    pub fn image(&self, tenant: &str, digest: &str) -> Result<Option<Image>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 AND digest = ?2");
        self.read(|db| db.row(None, &sql, params![tenant, digest], read_image))
    }

    /// What the modules of an image were granted.
    pub fn image_grants(&self, tenant: &str, digest: &str) -> Result<ImageGrants, StoreError> {
        let sql = "SELECT module, grants FROM image_grant WHERE tenant = ?1 AND digest = ?2";
        let rows = self.read(|db| db.rows(None, sql, params![tenant, digest], read_grants))?;
        Ok(rows.into_iter().collect())
    }
}

impl Tx<'_> {
    /// Stores an image. One that is there already keeps its time.
    pub fn put_image(&self, image: &Image) -> Result<(), StoreError> {
        let Image { tenant, digest, descriptor, origin, bytes, signature, signed_by, pushed_by, .. } = image;
        let Descriptor { name, version, .. } = descriptor;
        let said = to_json(descriptor);
        let values = params![
            tenant,
            digest,
            name,
            version,
            said,
            origin,
            to_int(*bytes),
            signature,
            signed_by,
            pushed_by,
            self.now_ms
        ];
        self.db.execute(None, INSERT, values)?;
        Ok(())
    }

    /// Removes an image with its grants; false when there is none of this digest.
    pub fn delete_image(&self, tenant: &str, digest: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM image WHERE tenant = ?1 AND digest = ?2";
        Ok(self.db.execute(None, sql, params![tenant, digest])? > 0)
    }

    /// Jobs of a tenant that have not ended and run this image.
    pub fn jobs_with_image(&self, tenant: &str, digest: &str) -> Result<Vec<JobId>, StoreError> {
        self.db.rows(None, USERS, params![tenant, digest], |row| job_id(row, "job"))
    }

    /// Replaces what a module of an image was granted. The image must be there.
    pub fn put_image_grants(
        &self,
        tenant: &str,
        digest: &str,
        module: &str,
        grants: &[Grant],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO image_grant (tenant, digest, module, grants, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
            ON CONFLICT DO UPDATE SET grants = excluded.grants, updated_ms = excluded.updated_ms";
        self.db.execute(None, sql, params![tenant, digest, module, to_json(&grants), self.now_ms])?;
        Ok(())
    }
}

fn read_image(row: &Row<'_>) -> rusqlite::Result<Image> {
    Ok(Image {
        tenant: row.get("tenant")?,
        digest: row.get("digest")?,
        descriptor: json(row, "descriptor")?,
        origin: row.get("origin")?,
        bytes: count(row, "bytes")?,
        signature: row.get("signature")?,
        signed_by: row.get("signed_by")?,
        pushed_by: row.get("pushed_by")?,
        created_ms: row.get("created_ms")?,
    })
}

fn read_grants(row: &Row<'_>) -> rusqlite::Result<(String, Vec<Grant>)> {
    Ok((row.get("module")?, json(row, "grants")?))
}
