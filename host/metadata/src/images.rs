//! Images of components that a tenant may run. Not for: their bytes.

use parcae_domain::descriptor::Descriptor;
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::sql::{json, to_json};
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
    /// Where it comes from: `builtin`, a file, an address.
    pub origin: String,
    /// When it was stored, ms since the epoch. Ignored by `put_image`.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT tenant, digest, descriptor, origin, created_ms FROM image";

impl Store {
    /// All images of a tenant, by name, the oldest first.
    pub fn images(&self, tenant: &str) -> Result<Vec<Image>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 ORDER BY name, created_ms, digest");
        self.read(|db| db.rows(None, &sql, params![tenant], read_image))
    }

    /// The image of this digest.
    pub fn image(&self, tenant: &str, digest: &str) -> Result<Option<Image>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 AND digest = ?2");
        self.read(|db| db.row(None, &sql, params![tenant, digest], read_image))
    }
}

impl Tx<'_> {
    /// Stores an image. One that is there already keeps its time.
    pub fn put_image(&self, image: &Image) -> Result<(), StoreError> {
        let Image { tenant, digest, descriptor, origin, .. } = image;
        self.db.execute(
            None,
            "INSERT INTO image (tenant, digest, name, version, descriptor, origin, created_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE \
             SET name = excluded.name, version = excluded.version, descriptor = excluded.descriptor, \
             origin = excluded.origin",
            params![tenant, digest, descriptor.name, descriptor.version, to_json(descriptor), origin, self.now_ms,],
        )?;
        Ok(())
    }

    /// Removes an image; false when there is none of this digest.
    pub fn delete_image(&self, tenant: &str, digest: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM image WHERE tenant = ?1 AND digest = ?2";
        Ok(self.db.execute(None, sql, params![tenant, digest])? > 0)
    }
}

fn read_image(row: &Row<'_>) -> rusqlite::Result<Image> {
    Ok(Image {
        tenant: row.get("tenant")?,
        digest: row.get("digest")?,
        descriptor: json(row, "descriptor")?,
        origin: row.get("origin")?,
        created_ms: row.get("created_ms")?,
    })
}
