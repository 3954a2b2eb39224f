//! Files that are on the server already, for uploads with `use_local_data` 0 and for bindings: which may be read. Not for:
//! files that come with the request (`upload`).

use std::path::{Component, Path, PathBuf};

use parcae_api::{loose::LooseInt, retcode};
use parcae_domain::tenant::TenantId;
use serde_json::Value;

use crate::{answer::Refusal, state::App, upload_conf::Conf};

/// The file on the server that the conf names.
pub(crate) async fn local_file(app: &App, conf: &Conf) -> Result<PathBuf, Refusal> {
    let use_local =
        conf.get("use_local_data").cloned().and_then(|value| serde_json::from_value::<LooseInt>(value).ok());
    if use_local != Some(LooseInt(0)) {
        return Err(Refusal::exception(
            "no file came with the request: send it as multipart/form-data, or, for a file that is on the server, set \
             use_local_data to 0",
        ));
    }
    let file = conf.get("file").and_then(Value::as_str).unwrap_or_default().to_owned();
    allowed_file(app, file).await
}

/// A file on the server that may be read by its path: below `DATA/local`, or below the folder that is configured; for a
/// tenant beside the default one below a folder of its own alone.
pub(crate) async fn allowed_file(app: &App, file: String) -> Result<PathBuf, Refusal> {
    let is_default = app.caller.tenant == TenantId::default_tenant();
    let allowed = app.options.local_uploads.clone().filter(|_| is_default);
    app.ask(move |node| {
        let roots: Vec<PathBuf> = std::iter::once(node.local_folder()).chain(allowed).collect();
        find_local(&roots, &file)
    })
    .await
}

/// Whether a file exists is told only of files that may be read.
fn find_local(roots: &[PathBuf], file: &str) -> Result<PathBuf, Refusal> {
    let outside = || {
        let text = format!(
            "file {file:?} is not below `local` in the node's data folder, the only one whose files may be read by \
             their path; the node's operator can allow another folder with `local_uploads` in the node's configuration"
        );
        Refusal::code(retcode::PERMISSION_ERROR, &text)
    };
    let Some(first) = roots.first() else { return Err(outside()) };
    let path = first.join(file);
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    let real_roots: Vec<PathBuf> = roots.iter().filter_map(|root| root.canonicalize().ok()).collect();
    let is_below = |path: &Path, roots: &[PathBuf]| roots.iter().any(|root| path.starts_with(root));
    match path.canonicalize() {
        Ok(real) if is_below(&real, &real_roots) && real.is_file() => Ok(real),
        Ok(real) if is_below(&real, &real_roots) => Err(Refusal::exception(&format!("{file:?} is no file"))),
        Err(_) if !goes_up && is_below(&path, roots) => {
            Err(Refusal::exception(&format!("no file {file:?} on the server")))
        }
        _ => Err(outside()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_on_the_server_are_read_below_allowed_folders_only() {
        let data = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        fs::write(data.path().join("a.csv"), "1").unwrap();
        fs::write(other.path().join("b.csv"), "1").unwrap();
        let only = [data.path().to_owned()];
        let both = [data.path().to_owned(), other.path().to_owned()];
        let b = other.path().join("b.csv").display().to_string();
        let refused = |roots: &[PathBuf], file: &str| format!("{:?}", find_local(roots, file).unwrap_err());
        assert!(find_local(&only, "a.csv").unwrap().ends_with("a.csv"));
        assert!(find_local(&both, &b).is_ok());
        assert!(refused(&only, &b).contains("local_uploads"));
        assert!(refused(&only, "/no/such/file").contains("local_uploads"));
        assert!(refused(&only, "../x").contains("local_uploads"));
        assert!(refused(&only, "no.csv").contains("no file"));
        assert!(refused(&only, "").contains("is no file"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&b, data.path().join("link.csv")).unwrap();
            assert!(refused(&only, "link.csv").contains("local_uploads"));
        }
    }
}
