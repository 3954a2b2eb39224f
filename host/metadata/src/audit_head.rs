//! The end of the audit log, kept apart from it, so that lines that were cut off are missed; and whether the store can
//! be written. Not for: the lines (`logs`).

use rusqlite::params;

use crate::error::StoreError;
use crate::sql::{count, to_int};
use crate::store::{Store, Tx};

impl Store {
    /// Number and hash of the last line that was reported.
    pub fn audit_head(&self) -> Result<Option<(u64, String)>, StoreError> {
        let sql = "SELECT seq, hash FROM audit_head WHERE id = 0";
        self.read(|db| db.row(None, sql, [], |row| Ok((count(row, "seq")?, row.get("hash")?))))
    }

    /// Writes something that changes nothing: an error when the disk or the file does not let it.
    pub fn try_write(&self) -> Result<(), StoreError> {
        self.commit(|tx| {
            tx.db.execute(None, "INSERT OR IGNORE INTO audit_head (id, seq, hash) VALUES (0, 0, '')", [])?;
            tx.db.execute(None, "UPDATE audit_head SET seq = seq WHERE id = 0", [])?;
            Ok(())
        })
    }
}

impl Tx<'_> {
    /// Keeps the number and the hash of the last line; one that is further stays.
    pub fn set_audit_head(&self, seq: u64, hash: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit_head (id, seq, hash) VALUES (0, ?1, ?2) \
            ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash \
            WHERE excluded.seq > audit_head.seq";
        self.db.execute(None, sql, params![to_int(seq), hash])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("a.sqlite")).unwrap();
        assert_eq!(store.audit_head().unwrap(), None);
        store.try_write().unwrap();
        assert_eq!(store.audit_head().unwrap(), Some((0, String::new())));
        for (seq, hash) in [(2, "b"), (1, "a")] {
            store.commit(|tx| tx.set_audit_head(seq, hash)).unwrap();
        }
        assert_eq!(store.audit_head().unwrap(), Some((2, "b".into())));
    }
}
