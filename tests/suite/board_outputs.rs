//! Task pages of a real job of HeteroLR and Evaluation: what each module put out, as people see it. Not for: what is
//! computed (`hetero_lr`), the rest of the page of a task (`board_task`).

use parcae_domain::party::{Party, Role};
use parcae_tests::{breast, http::Served, merge};
use serde_json::json;

/// The example's job, briefly trained; its id.
fn trained(served: &Served) -> String {
    breast::upload(&served.site);
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 3}));
    served.site.succeed(&dsl, &conf)
}

fn page(served: &Served, path: &str) -> String {
    let raw = served.send("GET", path, &[("Accept", "text/html"), ("Accept-Language", "en")], b"");
    assert_eq!(raw.status, 200, "{path}: {}", String::from_utf8_lossy(&raw.bytes));
    String::from_utf8(raw.bytes).unwrap()
}

#[test]
fn evaluation_and_regression_are_drawn() {
    let served = Served::new();
    let job = trained(&served);
    let task = |party: &str, component: &str| format!("/jobs/{job}/{party}/tasks/{component}");
    let party = Party::new(Role::Guest, 9999);
    let summary = served.site.node.default_tenant().summary(&job, "evaluation_0", party).unwrap().unwrap();
    let auc = summary["hetero_lr_0"]["train"]["auc"].as_f64().unwrap();
    assert!(auc > 0.9, "{summary}");

    let evaluation = page(&served, &task("guest/9999", "evaluation_0"));
    let auc = auc.to_string();
    for part in ["AUC", &auc, "id=\"curve-roc\"", "data-name=\"train (AUC", "by chance", "id=\"confusion\""] {
        assert!(evaluation.contains(part), "{part} is not in {evaluation}");
    }
    assert!(evaluation.contains("threshold 0.") && evaluation.contains("<details"), "{evaluation}");
    let all = page(&served, &format!("{}?curve=all", task("guest/9999", "evaluation_0")));
    for kind in ["roc", "ks", "lift", "gain", "pr", "accuracy"] {
        assert!(all.contains(&format!("id=\"curve-{kind}\"")), "{kind} is not in {all}");
    }
    assert!(!all.contains("no values to draw") && !all.contains(" style="), "{all}");

    let guest = page(&served, &task("guest/9999", "hetero_lr_0"));
    assert!(guest.contains("<dt>Iterations</dt><dd>3</dd>") && guest.contains("Intercept"), "{guest}");
    assert!(guest.contains("<th scope=\"row\">x0</th>") && guest.contains("weight-bar"), "{guest}");
    let arbiter = page(&served, &task("arbiter/10000", "hetero_lr_0"));
    assert!(arbiter.contains("data-name=\"loss\"") && arbiter.contains("data-points=\"0 0.693147"), "{arbiter}");
}

#[test]
fn any_query_is_answered() {
    let served = Served::new();
    let job = trained(&served);
    for query in [
        "curve=%3Cscript%3E&threshold=-1&matrix=x&quantile=%ff&quantiles=2&moved=z",
        "class=9&step=1&weights.page=99999999999999999999&weights.sort=-77&weights.find=%00",
    ] {
        for component in ["evaluation_0", "hetero_lr_0", "intersection_0", "reader_0"] {
            let shown = page(&served, &format!("/jobs/{job}/guest/9999/tasks/{component}?{query}"));
            assert!(!shown.contains("<script>"), "{shown}");
        }
    }
}
