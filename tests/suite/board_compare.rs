//! The page that compares jobs, of real ones. Not for: its markup alone (`parcae-board`).

use parcae_tests::{breast, http::Served, merge};
use serde_json::json;

fn page(served: &Served, query: &str) -> String {
    let path = format!("/compare?{query}");
    let raw = served.send("GET", &path, &[("Accept", "text/html"), ("Accept-Language", "en")], b"");
    assert_eq!(raw.status, 200, "{path}: {}", String::from_utf8_lossy(&raw.bytes));
    String::from_utf8(raw.bytes).unwrap()
}

#[test]
fn two_jobs_are_compared() {
    let served = Served::new();
    breast::upload(&served.site);
    let trained = |epochs: u32, rate: f64| {
        let (dsl, mut conf) = breast::job();
        let changed = json!({"max_iter": epochs, "learning_rate": rate});
        merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], changed);
        served.site.succeed(&dsl, &conf)
    };
    let (one, other) = (trained(2, 0.15), trained(3, 0.25));
    let both = page(&served, &format!("job={one}&job={other}&job={one}"));
    for part in [
        "learning_rate",
        "<code>0.15</code>",
        "<code>0.25</code>",
        "aria-label=\"differs\"",
        "experiment / breast_hetero_guest",
        "data-name=\"A (AUC",
        "data-name=\"B (AUC",
        "data-name=\"A · hetero_lr_0\"",
        "★ best",
    ] {
        assert!(both.contains(part), "{part} is not in {both}");
    }
    assert!(!both.contains("<th scope=\"row\">penalty"), "they do not differ in it: {both}");
    assert!(page(&served, &format!("job={one}&job={other}&all=1")).contains("<th scope=\"row\">penalty"));
    let host = page(&served, &format!("job={one}&job={other}&role=host&party=10000"));
    assert!(host.contains("breast_hetero_host") && !host.contains("breast_hetero_guest"), "{host}");

    let nobody = page(&served, &format!("job={one}&job=209901010000000000000&job=%3Cb%3E&role=guest&party=9999"));
    assert!(nobody.contains("there is no job 209901010000000000000"), "{nobody}");
    assert!(nobody.contains("&lt;b&gt;") && !nobody.contains("<b>"), "{nobody}");
    assert!(page(&served, &format!("job={one}&role=guest&party=1")).contains("has no party guest/1"));
}

#[test]
fn no_job_and_too_many_are_said() {
    let served = Served::new();
    assert!(page(&served, "").contains("No job is chosen yet"));
    let many: Vec<String> = (0..12).map(|at| format!("job={at}")).collect();
    assert!(page(&served, &many.join("&")).contains("left out: 4"));
}
