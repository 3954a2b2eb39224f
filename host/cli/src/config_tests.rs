//! What a configuration file may say, and how faults are told.

use super::*;

fn read(text: &str) -> Result<Config, Faults> {
    let (mut config, mut faults) = (Config::default(), Faults::default());
    config.take(toml::from_str(text).unwrap(), &mut faults);
    config.check(&mut faults);
    faults.into_result().map(|()| config)
}

#[test]
fn a_file_says_what_is_in_force() {
    let text = "data = \"/srv/parcae\"\nlisten = \"localhost:9000\"\ncores = 2\n\n[limits]\nrun_seconds = 60\n\n\
                [grants]\nMine = [\"clock\"]\n";
    let config = read(text).unwrap();
    assert_eq!(config.data, Path::new("/srv/parcae"));
    assert_eq!(config.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(config.limits, Limits { run_seconds: 60, ..Limits::default() });
    assert_eq!(config.grants["Mine"], [Grant::Clock]);
    assert_eq!(config.grants["Reader"], [Grant::OpenTable]);
}

#[test]
fn folders_of_users_must_be_there() {
    let config = read("export_folder = \"/\"\n").unwrap();
    assert_eq!(config.export_folder.as_deref(), Some(Path::new("/")));
    let refused = read("export_folder = \"/no/such/folder\"\nlocal_uploads = 1\n").unwrap_err().to_string();
    assert!(refused.contains("export_folder \"/no/such/folder\": no such folder"), "{refused}");
    assert!(refused.contains("local_uploads = 1: must be a folder, as text"), "{refused}");
}

#[test]
fn what_is_built_in_fits() {
    let refused = read("[node_limits]\nimage_bytes = 50000\n").unwrap_err().to_string();
    assert!(refused.contains("node_limits.image_bytes = 50000: must be at least "), "{refused}");
    assert!(read("[node_limits]\nimage_bytes = 33554432\n").is_ok());
}

#[test]
fn what_is_printed_can_be_read() {
    let config = Config { public_url: Some("https://fate.example".into()), ..Config::default() };
    let printed = config.to_toml().unwrap();
    assert_eq!(read(&printed).unwrap(), config, "{printed}");
}

#[test]
fn all_faults_are_told_at_once() {
    let text = "listn = \"x\"\nlisten = \"0.0.0.0\"\ncores = 0\ncolour = 1\n[limits]\nmemory = 1\nrun_seconds = -1\n\
                page_rows = 5000000000\n[grants]\nMine = [\"everything\"]\n";
    let faults = read(text).unwrap_err().to_string();
    for part in [
        "has 8 faults",
        "listn: no such setting; did you mean listen?",
        "listen \"0.0.0.0\": must be an address and a port",
        "cores = 0: must be at least 1",
        "colour: no such setting; there are data, listen",
        "limits.memory: no such limit",
        "limits.run_seconds = -1: must be a whole number above 0",
        "limits: a number is too large",
        "grants.Mine = [\"everything\"]: must be a list of uploaded-file",
    ] {
        assert!(faults.contains(part), "{part:?} is not in:\n{faults}");
    }
}

#[test]
fn an_address_that_others_reach_must_be_wanted() {
    let checked = |text: &str, has_keys: bool| read(text).unwrap().check_who_asks(has_keys);
    let refused = checked("listen = \"0.0.0.0:9380\"", false).unwrap_err().to_string();
    assert!(refused.contains("has 1 fault\n") && refused.contains("allow_open = true"), "{refused}");
    assert!(refused.contains("parcae tenant key"), "{refused}");
    assert!(checked("listen = \"0.0.0.0:9380\"\nallow_open = true", false).is_ok());
    assert!(checked("listen = \"[::1]:9380\"", false).is_ok());
    // Whoever reaches it must be one of these.
    assert!(checked("listen = \"0.0.0.0:9380\"\n[clients]\nlab = \"hush\"", false).is_ok());
    assert!(checked("listen = \"0.0.0.0:9380\"", true).is_ok());
    assert!(checked("listen = \"0.0.0.0:9380\"\naccounts = true", false).is_ok());
}

#[test]
fn secrets_are_not_printed() {
    let config = read("[clients]\nlab = \"hush\"").unwrap();
    let printed = config.to_toml().unwrap();
    assert!(printed.contains("lab = ") && !printed.contains("hush"), "{printed}");
    assert!(!format!("{config:?}").contains("hush"));
    assert!(read(&printed).unwrap_err().to_string().contains("clients.lab: its secret was left out"));
}

#[test]
fn what_is_typed_wins() {
    let typed = Serve { listen: Some("127.0.0.1:1".into()), data: Some("/tmp/x".into()), ..Serve::default() };
    let mut config = Config::default();
    config.take_typed(&typed, &mut Faults::default());
    assert_eq!((config.listen.port(), config.data.as_path()), (1, Path::new("/tmp/x")));
}
