//! Every page of the board after a trained model: no serious fault of accessibility, nothing wider than the window of a
//! phone, nothing that the console complains of; with PARCAE_PICTURES a picture of each. Not for: what users do (`user`).

use std::path::{Path, PathBuf};

use parcae_domain::tenant::Scope;
use parcae_tests::breast;

use crate::{axe, desk::Desk};

/// Names and paths of the pages; `{job}` and `{other}` are jobs that have ended, `{failed}` one that failed.
const PAGES: &[(&str, &str)] = &[
    ("running", "/running"),
    ("jobs", "/jobs"),
    ("jobs_none", "/jobs?q=nothing-like-this"),
    ("job", "/jobs/{job}/guest/9999"),
    ("job_host", "/jobs/{job}/host/10000"),
    ("job_failed", "/jobs/{failed}"),
    ("task_lr", "/jobs/{job}/guest/9999/tasks/hetero_lr_0"),
    ("task_evaluation", "/jobs/{job}/guest/9999/tasks/evaluation_0"),
    ("task_reader", "/jobs/{job}/guest/9999/tasks/reader_0"),
    ("task_transform", "/jobs/{job}/guest/9999/tasks/data_transform_0"),
    ("task_intersection", "/jobs/{job}/guest/9999/tasks/intersection_0"),
    ("task_parameters", "/jobs/{job}/guest/9999/tasks/hetero_lr_0?tab=parameters"),
    ("task_data", "/jobs/{job}/guest/9999/tasks/intersection_0?tab=data"),
    ("task_model", "/jobs/{job}/guest/9999/tasks/hetero_lr_0?tab=model"),
    ("task_log", "/jobs/{job}/guest/9999/tasks/hetero_lr_0?tab=log"),
    ("task_attempts", "/jobs/{job}/guest/9999/tasks/hetero_lr_0?tab=attempts"),
    ("log_job", "/jobs/{job}/guest/9999/logs/-"),
    ("log_task", "/jobs/{job}/guest/9999/logs/hetero_lr_0"),
    ("log_search", "/jobs/{job}/guest/9999/logs/hetero_lr_0?q=epoch"),
    ("compare", "/compare?job={job}&job={other}"),
    ("submit", "/submit"),
    ("upload", "/upload"),
    ("components", "/components"),
    ("component", "/components/hetero_lr"),
    ("tables", "/tables"),
    ("table", "/table?namespace=experiment&name=breast_hetero_guest"),
    ("models", "/models"),
    ("site", "/site"),
    ("audit", "/audit"),
    ("tokens", "/tokens"),
    ("tenants", "/tenants"),
    ("trouble", "/jobs/202601010000000000000"),
];

/// How the pages are looked at: name, width, height, theme.
const LOOKS: &[(&str, u32, u32, &str)] =
    &[("light", 1440, 900, "light"), ("dark", 1440, 900, "dark"), ("phone", 375, 800, "light")];

/// Trains twice with other parameters, and once with a table that is not there.
fn with_jobs(desk: &mut Desk) -> [String; 3] {
    let site = &desk.served.site;
    breast::upload(site);
    let (dsl, conf) = breast::job();
    let job = site.succeed(&dsl, &conf);
    let mut otherwise = conf.clone();
    otherwise["component_parameters"]["common"]["hetero_lr_0"]["learning_rate"] = 0.05.into();
    otherwise["component_parameters"]["common"]["hetero_lr_0"]["max_iter"] = 3.into();
    let other = site.succeed(&dsl, &otherwise);
    let mut wrong = conf;
    wrong["component_parameters"]["role"]["guest"]["0"]["reader_0"]["table"]["name"] = "nobody_has_it".into();
    let failed = site.run(&dsl, &wrong).job.0;
    [job, other, failed]
}

fn pictures() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("PARCAE_PICTURES")?);
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    Some(folder)
}

#[test]
fn every_page_can_be_used_by_everybody() {
    let Some(mut desk) = Desk::new(Scope::Admin) else { return };
    let axe = axe::script();
    let [job, other, failed] = with_jobs(&mut desk);
    let mut faults = Vec::new();
    let folder = pictures();
    let mut look = |desk: &mut Desk, name: &str, how: &str| {
        let here = format!("{name} ({how})");
        faults.extend(desk.page.complaints().into_iter().map(|words| format!("{here}: {words}")));
        if let Some(script) = &axe {
            faults.extend(axe::faults(&mut desk.page, script).into_iter().map(|words| format!("{here}: {words}")));
        }
        let wider = desk.page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if wider.as_i64().is_none_or(|wider| wider > 0) {
            faults.push(format!("{here}: {wider} pixels wider than the window"));
        }
        if let Some(folder) = &folder {
            desk.page.picture(&Path::new(folder).join(format!("{name}_{how}.png")));
        }
    };
    desk.go("/login");
    look(&mut desk, "login", "light");
    desk.log_in("/running");
    for (how, width, height, theme) in LOOKS {
        desk.page.size(*width, *height);
        desk.page.prefer(theme);
        for (name, path) in PAGES {
            let path = path.replace("{job}", &job).replace("{other}", &other).replace("{failed}", &failed);
            desk.go(&path);
            let status = desk.page.eval("performance.getEntriesByType('navigation')[0].responseStatus");
            let awaited = if *name == "trouble" { 404 } else { 200 };
            assert_eq!(status, awaited, "{path}: {}", desk.page.text());
            if *name == "trouble" {
                // The console says that it is not there, as it should.
                desk.page.complaints();
            }
            look(&mut desk, name, how);
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
