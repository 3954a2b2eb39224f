//! Files of a job below `jobs/<job>/`: DSL and confs as JSON, the uploaded file while it is needed. Not for: tables, logs.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use parcae_domain::{id::JobId, party::Party};
use serde_json::Value;

/// Makes a node's data folder, if need be: into a new one only its owner may look.
pub fn make_data_folder(data: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data)
}

/// Names of the job's documents, as FATE has them.
pub(crate) struct JobFiles(PathBuf);

impl JobFiles {
    /// The folder of a job below a node's data folder.
    pub(crate) fn new(data: &Path, job: &JobId) -> JobFiles {
        JobFiles(data.join("jobs").join(job.as_str()))
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// Where the uploaded file stands.
    pub(crate) fn upload(&self) -> PathBuf {
        self.0.join("fate_upload_tmp").join("upload")
    }

    /// Where it is noted which files attempts put out.
    pub(crate) fn exports(&self) -> PathBuf {
        self.0.join("exports")
    }

    /// Keeps DSL and conf of the job, the conf of the training that it predicts from, the DSL that predicts, and the conf
    /// of each party.
    pub(crate) fn write(
        &self,
        dsl: &Value,
        conf: &Value,
        train_conf: &Value,
        pipeline: &Value,
        on_party: &[(Party, Value)],
    ) -> io::Result<()> {
        self.put("job_dsl.json", dsl)?;
        self.put("job_runtime_conf.json", conf)?;
        self.put("train_runtime_conf.json", train_conf)?;
        self.put("pipeline_dsl.json", pipeline)?;
        for (party, conf) in on_party {
            self.put(&format!("{}/{}/job_runtime_on_party_conf.json", party.role, party.id), conf)?;
        }
        Ok(())
    }

    /// Keeps other confs of the job.
    pub(crate) fn write_confs(&self, conf: &Value, on_party: &[(Party, Value)]) -> io::Result<()> {
        self.put("job_runtime_conf.json", conf)?;
        for (party, conf) in on_party {
            self.put(&format!("{}/{}/job_runtime_on_party_conf.json", party.role, party.id), conf)?;
        }
        Ok(())
    }

    /// Takes over an uploaded file: renamed where the file system allows it, copied elsewhere.
    pub(crate) fn take_upload(&self, file: &Path, keep: bool) -> io::Result<()> {
        let to = self.upload();
        fs::create_dir_all(to.parent().unwrap_or(&self.0))?;
        let moved = if keep { fs::hard_link(file, &to) } else { fs::rename(file, &to) };
        moved.or_else(|_| fs::copy(file, &to).map(|_| ()))
    }

    /// Removes the uploaded file, which is not needed any more.
    pub(crate) fn drop_upload(&self) {
        let _ = fs::remove_dir_all(self.0.join("fate_upload_tmp"));
    }

    /// Removes everything of a job that was not taken on.
    pub(crate) fn drop_all(&self) {
        let _ = fs::remove_dir_all(&self.0);
    }

    fn put(&self, name: &str, value: &Value) -> io::Result<()> {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        fs::write(path, serde_json::to_vec_pretty(value)?)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_its_owner_looks_into_a_new_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        make_data_folder(&data).unwrap();
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
        // One that is there stays as it is.
        fs::set_permissions(&data, fs::Permissions::from_mode(0o750)).unwrap();
        make_data_folder(&data).unwrap();
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o750);
    }
}
