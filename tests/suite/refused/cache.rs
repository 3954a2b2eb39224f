//! Compiled code that somebody put in the place of what the node keeps: it is not looked at, the image is compiled
//! again, and the node's log says so.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use parcae_domain::{port::Catalog, tenant::TenantId};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::made::{Said, SaidModule};
use tempfile::TempDir;

/// What the log says.
const CHANGED: &str = "compiled code was changed by somebody: it is compiled again";

/// Lines of the node's own log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Accepts an image as a node does that starts with this cache; what its log says meanwhile.
fn add(cache: &Path, image: &[u8]) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(log, || {
        let settings = Settings { cache: Some(cache.to_owned()), ..Settings::default() };
        Images::new(start(settings).unwrap()).add(image).unwrap();
    });
    let said = lines.0.lock().unwrap().clone();
    String::from_utf8(said).unwrap()
}

/// The one file of compiled code in a cache.
fn compiled(cache: &Path) -> PathBuf {
    let files = fs::read_dir(cache).unwrap().map(|file| file.unwrap().path());
    let compiled: Vec<PathBuf> = files.filter(|file| !file.ends_with("key")).collect();
    assert_eq!(compiled.len(), 1, "{compiled:?}");
    compiled[0].clone()
}

fn image() -> Vec<u8> {
    Said::default().build()
}

#[test]
fn changed_code_is_compiled_again() {
    let cache = TempDir::new().unwrap();
    assert_eq!(add(cache.path(), &image()), "");
    let file = compiled(cache.path());
    let good = fs::read(&file).unwrap();
    assert_eq!(add(cache.path(), &image()), "", "what was kept is good");
    // In the code of authentication, at the beginning of the code, in its middle and at its end.
    for at in [0, 32, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        let said = add(cache.path(), &image());
        assert!(said.contains(CHANGED) && said.contains("WARN"), "byte {at}: {said:?}");
        assert_ne!(fs::read(&file).unwrap(), bad, "byte {at} is still there");
        assert_eq!(add(cache.path(), &image()), "", "it was kept again");
    }
}

#[test]
fn code_that_is_cut_is_compiled_again() {
    let cache = TempDir::new().unwrap();
    add(cache.path(), &image());
    let file = compiled(cache.path());
    let good = fs::read(&file).unwrap();
    for len in [0, 31, 32, good.len() - 1] {
        fs::write(&file, &good[..len]).unwrap();
        add(cache.path(), &image());
        assert_eq!(fs::read(&file).unwrap().len(), good.len(), "{len} bytes were left");
    }
}

#[test]
fn code_of_another_node_or_of_another_image_is_compiled_again() {
    let (cache, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    add(cache.path(), &image());
    add(other.path(), &image());
    let file = compiled(cache.path());
    let foreign = fs::read(compiled(other.path())).unwrap();
    fs::write(&file, &foreign).unwrap();
    assert!(add(cache.path(), &image()).contains(CHANGED), "the key is another node's");
    assert_ne!(fs::read(&file).unwrap(), foreign);

    let more = TempDir::new().unwrap();
    fs::copy(cache.path().join("key"), more.path().join("key")).unwrap();
    add(more.path(), &Said::but(|said| said.modules.push(SaidModule::named("Other"))).build());
    fs::copy(compiled(more.path()), &file).unwrap();
    assert!(add(cache.path(), &image()).contains(CHANGED), "the code is another image's");
}

#[test]
fn a_key_that_is_damaged_is_made_anew() {
    let cache = TempDir::new().unwrap();
    add(cache.path(), &image());
    fs::write(cache.path().join("key"), "short").unwrap();
    assert!(add(cache.path(), &image()).contains(CHANGED));
    assert_eq!(fs::read(cache.path().join("key")).unwrap().len(), 32);
    assert_eq!(add(cache.path(), &image()), "");
}

#[test]
#[cfg(unix)]
fn a_key_that_others_may_know_is_made_anew() {
    use std::os::unix::fs::PermissionsExt;
    let cache = TempDir::new().unwrap();
    add(cache.path(), &image());
    let file = cache.path().join("key");
    let known = fs::read(&file).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(add(cache.path(), &image()).contains(CHANGED));
    assert_ne!(fs::read(&file).unwrap(), known);
    assert_eq!(add(cache.path(), &image()), "");
}

#[test]
fn code_of_a_pushed_image_is_its_tenants_and_goes_with_it() {
    let cache = TempDir::new().unwrap();
    let settings = Settings { cache: Some(cache.path().to_owned()), ..Settings::default() };
    let images = Images::new(start(settings).unwrap());
    let [bank, lab] = ["bank", "lab"].map(|name| name.parse::<TenantId>().unwrap());
    // Beside the key.
    let kept = || fs::read_dir(cache.path()).unwrap().count() - 1;
    let digest = images.accept(&bank, &image()).unwrap().digest;
    assert!(images.publish(&bank, &digest));
    assert_eq!((kept(), images.has(&lab, &digest)), (1, false));
    images.accept(&lab, &image()).unwrap();
    assert_eq!(kept(), 2, "it was compiled anew, or the time would tell that another tenant has it");
    assert!(images.publish(&lab, &digest));
    images.forget(&bank, &digest);
    assert_eq!((kept(), images.has(&bank, &digest), images.has(&lab, &digest)), (1, false, true));
    images.forget(&lab, &digest);
    assert_eq!(kept(), 0);
    assert!(images.accept(&lab, &Said::but(|said| said.name = vec![]).build()).is_err());
    assert_eq!(kept(), 0, "what was refused stays on the disk");
}
