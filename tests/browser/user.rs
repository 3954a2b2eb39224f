//! What users do at the board, one after the other, in a real browser: each change comes without the page being loaded
//! anew. Not for: how pages look (`pages`).

use parcae_domain::tenant::Scope;
use parcae_tests::{breast, example};
use serde_json::{Value, json};

use crate::desk::Desk;

#[test]
fn one_comes_in_with_a_key_only() {
    let Some(mut desk) = Desk::new(Scope::Submit) else { return };
    desk.go("/jobs?status=failed");
    assert!(desk.page.path().starts_with("/login?next="), "{}", desk.page.path());
    desk.page.fill("#key", "parcae_wrong_wrong");
    desk.page.leaving(|page| page.click("main button.primary"));
    desk.page.wait_for("[role=alert]");
    // The console says that the answer was 401, as it should be.
    desk.page.complaints();
    let key = desk.key.clone();
    desk.page.fill("#key", &key);
    desk.page.leaving(|page| page.press("Enter"));
    assert_eq!(desk.page.path(), "/jobs?status=failed");
    desk.page.click("details.settings summary");
    desk.page.leaving(|page| page.click("button[name=lang][value=zh]"));
    desk.page.wait_for_text("作业");
    desk.page.press("?");
    desk.page.wait_for("#keys[open]");
    desk.is_calm("logged in");
    desk.page.eval("document.querySelector('#keys').close()");
    desk.page.click("details.settings summary");
    desk.page.leaving(|page| page.click("form[action='/logout'] button"));
    desk.go("/jobs");
    assert!(desk.page.path().starts_with("/login"), "{}", desk.page.path());
}

/// DSL and conf of a job that computes until somebody stops it.
fn spinning() -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": 0},
        "role": {"local": [0]},
        "job_parameters": {"common": {"task_cores": 1}},
        "component_parameters": {"common": {"probe_0": {"behaviour": "spin"}}}
    });
    (dsl, conf)
}

/// Writes into an editor of the page, over what stood there.
fn write(desk: &mut Desk, field: &str, value: &Value) {
    let text = serde_json::to_string_pretty(value).expect("JSON");
    desk.page.fill(&format!("textarea[name={field}]"), &text);
}

#[test]
fn upload_submit_watch_and_compare() {
    let Some(mut desk) = Desk::new(Scope::Submit) else { return };
    desk.log_in("/upload");
    for (role, file) in [("guest", "breast_hetero_guest"), ("host", "breast_hetero_host")] {
        desk.go("/upload");
        desk.page.choose("input[type=file]", &example(&format!("hetero_lr/{file}.csv")).canonicalize().expect(role));
        desk.page.wait_for_text("x0");
        desk.page.fill("input[name=namespace]", "experiment");
        desk.page.fill("input[name=name]", file);
        desk.is_calm("before the upload");
        desk.page.leaving(|page| page.click("main form button[type=submit].primary"));
        desk.page.until("document.querySelector('main .status.success')");
    }
    desk.is_calm("uploaded");

    let (dsl, mut conf) = breast::job();
    let mut jobs = Vec::new();
    for rate in [0.15, 0.05] {
        conf["component_parameters"]["common"]["hetero_lr_0"]["learning_rate"] = rate.into();
        desk.go("/submit");
        write(&mut desk, "dsl", &dsl);
        write(&mut desk, "conf", &conf);
        desk.page.leaving(|page| page.click("main form button[type=submit].primary"));
        desk.page.wait_for_text("hetero_lr_0");
        desk.mark();
        let ended = desk.page.eval("document.querySelectorAll('#graph a.node.success').length");
        assert!(ended.as_u64().is_some_and(|ended| ended < 5), "nothing is left to watch: {ended} have ended");
        desk.page.until("!document.querySelector('main .status.running, main .status.waiting')");
        desk.page.until("document.querySelectorAll('#graph a.node.success').length === 5");
        desk.is_marked();
        let path = desk.page.path();
        jobs.push(path.split('/').nth(2).expect("the job's id").to_owned());
    }
    desk.is_calm("trained");

    let job = &jobs[0];
    desk.go(&format!("/jobs/{job}/guest/9999/tasks/evaluation_0"));
    desk.page.wait_for_text("AUC");
    desk.page.wait_for("figure svg");
    desk.go(&format!("/jobs/{job}/guest/9999/tasks/hetero_lr_0"));
    desk.page.until("/intercept/i.test(document.body.innerText)");
    // Who has the loss is the arbiter.
    desk.go(&format!("/jobs/{job}/arbiter/10000/tasks/hetero_lr_0"));
    desk.page.wait_for("figure svg");
    desk.go(&format!("/compare?job={job}&job={}", jobs[1]));
    desk.page.wait_for_text("learning_rate");
    desk.page.wait_for("figure svg");
    desk.is_calm("compared");

    desk.go(&format!("/jobs/{job}/guest/9999/logs/hetero_lr_0"));
    desk.page.wait_for_text("hetero_lr");
    desk.page.press("/");
    desk.page.call("Input.insertText", json!({"text": "epoch 1"}));
    desk.page.press("Enter");
    desk.page.wait_for("mark");
    desk.is_calm("searched");
}

#[test]
fn a_job_is_watched_stopped_and_run_again() {
    let Some(mut desk) = Desk::new(Scope::Submit) else { return };
    desk.log_in("/running");
    desk.mark();
    desk.page.until("document.documentElement.dataset.live === 'on'");
    let (dsl, conf) = spinning();
    let job = desk.served.site.submit(&dsl, &conf);
    desk.page.wait_for_text(&job);
    desk.is_marked();

    desk.go(&format!("/jobs/{job}/local/0"));
    desk.page.wait_for(".status.running");
    desk.mark();
    desk.page.click(&format!("form[action='/jobs/{job}/stop'] button"));
    desk.page.wait_for("#ask[open]");
    desk.page.leaving(|page| page.click("#ask button[value=yes]"));
    desk.page.wait_for(".status.canceled");
    desk.is_calm("stopped");
    desk.page.click(&format!("form[action='/jobs/{job}/rerun'] button"));
    desk.page.until("document.querySelector('#ask[open]') || document.querySelector('.status.running')");
    desk.page.eval("document.querySelector('#ask[open] button[value=yes]')?.click()");
    desk.page.wait_for(".status.running");
    desk.mark();
    desk.served
        .site
        .node
        .default_tenant()
        .stop(&job, parcae_domain::status::Status::Canceled)
        .expect("the job is there");
    desk.page.wait_for(".status.canceled");
    desk.is_marked();
    desk.is_calm("run again");
}

#[test]
fn a_log_grows_while_one_looks() {
    let Some(mut desk) = Desk::new(Scope::Submit) else { return };
    breast::upload(&desk.served.site);
    let (dsl, conf) = breast::job();
    desk.log_in("/running");
    let job = desk.served.site.submit(&dsl, &conf);
    desk.go(&format!("/jobs/{job}/guest/9999/logs/hetero_lr_0"));
    desk.mark();
    assert!(!desk.page.text().contains("epoch 20 done"), "nothing is left to follow");
    desk.page.wait_for_text("epoch 2 done");
    desk.page.wait_for_text("epoch 20 done");
    desk.page.wait_for_text("attempt ended: success");
    desk.is_marked();
    desk.is_calm("followed");
    // A link to a line leads there.
    desk.go(&format!("/jobs/{job}/guest/9999/logs/hetero_lr_0?line=3#L3"));
    desk.page.wait_for_text("epoch 1 done");
    desk.page.press("/");
    desk.page.call("Input.insertText", json!({"text": "EPOCH 7 "}));
    desk.page.press("Enter");
    desk.page.until("document.querySelector('mark')?.textContent === 'epoch 7 '");
    desk.is_calm("searched");
}
