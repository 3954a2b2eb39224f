//! The board's pages of tables and models: lists that are searched, rows that are paged, files to keep, deleting and
//! deploying. Not for: what a task put out (`board_task`).

use std::fmt::Write;

use parcae_domain::{status::Status, tenant::Scope};
use parcae_tests::{
    Site, breast,
    http::{Raw, Served, list},
    pages::{has, page, text},
};
use serde_json::json;

const SCRIPT: &str = "<script>alert(1)</script>";
const FORM: &str = "application/x-www-form-urlencoded";
const MODEL: &str = "guest-9999%23host-10000%23model";

/// Posts a form, and goes where its answer leads.
fn post(served: &Served, path: &str, fields: &str) -> Raw {
    served.send("POST", path, &[("Content-Type", FORM)], fields.as_bytes())
}

fn upload(served: &Served, name: &str, csv: &str) {
    let view = served.site.upload(name, csv);
    assert_eq!(view.status, Status::Success, "{}", served.site.errors(&view.job.0));
}

fn table(name: &str) -> String {
    format!("/table?namespace=experiment&name={name}")
}

#[test]
fn tables_are_listed_searched_and_sorted() {
    let served = Served::new();
    has(&page(&served, "/tables"), &["There are no tables yet.", "href=\"/upload\""]);
    upload(&served, "small", "id,x0\na,1\n");
    upload(&served, "large", "id,x0\na,1\nb,2\nc,3\n");
    let all = page(&served, "/tables");
    has(&all, &[&table("small").replace('&', "&amp;"), &table("large").replace('&', "&amp;"), "upload"]);
    let place = |page: &str, name: &str| page.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("{name}: {page}"));
    let by_rows = page(&served, "/tables?sort=rows");
    assert!(place(&by_rows, "small") < place(&by_rows, "large"), "{by_rows}");
    let by_rows = page(&served, "/tables?sort=-rows");
    assert!(place(&by_rows, "large") < place(&by_rows, "small"), "{by_rows}");
    let found = page(&served, "/tables?q=LARG&origin=upload");
    assert!(found.contains(">large</a>") && !found.contains(">small</a>"), "{found}");
    // Columns are those of the file, though an uploaded table keeps its lines as they are.
    upload(&served, "broad", "id,a,b,c,d,e,f,g,h,i,j,k\nx,1,2,3,4,5,6,7,8,9,10,11\n");
    has(&page(&served, "/tables?q=broad"), &["<td class=\"num\">12</td>"]);
    has(&page(&served, &table("broad")), &["<dt>Columns</dt><dd>12</dd>"]);
    let none = page(&served, "/tables?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    assert!(none.contains("No table is like that.") && !none.contains("<script>alert"), "{none}");
    for odd in ["?page=99999999999999999999", "?page=500", "?sort=nosuch", "?origin=nosuch", "?q=%27%3B%25&page=-1"] {
        page(&served, &format!("/tables{odd}"));
    }
}

#[test]
fn rows_and_columns_are_paged_and_cells_are_texts() {
    let served = Served::new();
    let rows: String = (0..120).fold("id,x0\n".to_owned(), |mut text, row| {
        writeln!(text, "k{row},{SCRIPT}").unwrap();
        text
    });
    upload(&served, "long", &rows);
    let first = page(&served, &table("long"));
    has(&first, &["<strong>120</strong> rows", ">k0</td>", ">k49</td>", "&lt;script&gt;alert(1)&lt;/script&gt;"]);
    assert!(!first.contains(">k50</td>") && !first.contains("<script>alert"), "{first}");
    let last = page(&served, &format!("{}&from=117", table("long")));
    has(&last, &[">k100</td>", ">k119</td>", "rel=\"prev\"", "<th class=\"num\" scope=\"row\">101</th>"]);
    assert!(!last.contains("rel=\"next\""), "{last}");
    let names: Vec<String> = (0..45).map(|at| format!("x{at}")).collect();
    let cells = ["7"; 45].join(",");
    upload(&served, "wide", &format!("id,{}\nkey,{cells}\n", names.join(",")));
    let wide = page(&served, &format!("{}&columns=3", table("wide")));
    has(&wide, &["Columns 41–45 of 45", ">x44</th>", ">key</td>"]);
    assert!(!wide.contains(">x39</th>"), "{wide}");
    for odd in ["&from=18446744073709551615", "&from=-1&columns=0", "&columns=18446744073709551615"] {
        page(&served, &format!("{}{odd}", table("wide")));
    }
    let csv = served.get("/table/data.csv?namespace=experiment&name=long");
    let named = "attachment; filename=\"experiment_long.csv\"";
    assert!(csv.status == 200 && csv.disposition.starts_with(named), "{csv:?}");
    assert_eq!(text(&csv), rows);
}

#[test]
fn a_table_is_deleted_and_what_is_not_there_is_not_found() {
    let served = Served::new();
    upload(&served, "t", "id,x0\na,1\n");
    has(&page(&served, &table("t")), &["action=\"/table/delete\"", "data-ask=", "It was made of no other table"]);
    let answer = post(&served, "/table/delete", "namespace=experiment&name=t");
    assert_eq!(answer.status, 200, "it leads to the list: {}", text(&answer));
    assert!(text(&answer).contains("There are no tables yet."), "{}", text(&answer));
    assert_eq!(post(&served, "/table/delete", "namespace=experiment&name=t").status, 404);
    let missing = ["/table", "/table?name=t", "/table/data.csv", "/model", "/model?id=x", "/model?id=x&version=y"];
    let more = ["/model/archive.zip?id=x&version=y", "/model/archive.zip?id=x&version=y&role=guest&party=9999"];
    for path in missing.into_iter().chain(more).map(str::to_owned).chain([table("t")]) {
        let raw = served.get(&path);
        assert!(raw.status == 404 && raw.content_type.starts_with("text/html"), "{path}: {}", text(&raw));
    }
    assert_eq!(post(&served, "/model/deploy", "id=x&version=y").status, 404);
}

#[test]
fn where_a_table_comes_from_and_who_read_it_is_shown() {
    let served = Served::new();
    upload(&served, "t", "id,x0\na,1\n");
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let reader = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": reader}});
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    has(&page(&served, &table("t")), &[&format!("href=\"/jobs/{job}\"")]);
    let made = served.data(
        "tracking/component/output/data/table",
        json!({"job_id": job, "role": "guest",
        "party_id": "9999", "component_name": "reader_0"}),
    );
    let part = |key: &str| made[0][key].as_str().unwrap();
    let path = format!("/table?namespace={}&name={}", part("table_namespace"), part("table_name"));
    has(&page(&served, &path), &["experiment / t", "reader", &format!("href=\"/jobs/{job}\"")]);
}

#[test]
fn a_model_is_found_taken_apart_and_deployed() {
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    has(&page(&served, "/models"), &["There are no models yet."]);
    let (dsl, conf) = breast::quick_job();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    served.data("model/model_tag/create", json!({"job_id": job, "tag_name": "<b>best"}));

    let all = page(&served, "/models");
    has(&all, &[&job, "guest 9999", "host 10000", "&lt;b&gt;best", "trained"]);
    assert_eq!(page(&served, "/models?q=BEST&role=guest&kind=trained").matches("data-row").count(), 1);
    assert!(page(&served, "/models?kind=deployed").contains("No model is like that."));
    let path = format!("/model?id={MODEL}&version={job}&role=guest&party=9999");
    let shown = page(&served, &format!("{path}&component=data_transform_0"));
    has(&shown, &["DataTransformParam", "action=\"/model/deploy\"", "host 10000", &format!("href=\"/jobs/{job}\"")]);
    has(&page(&served, &format!("{path}&component=nosuch")), &["This component saved nothing."]);
    assert_eq!(served.get(&path.replace("guest&", "arbiter&")).status, 404);

    let zip = served.get(&format!("/model/archive.zip?id={MODEL}&version={job}&role=guest&party=9999"));
    assert_eq!((zip.status, zip.content_type.as_str(), &zip.bytes[..2]), (200, "application/zip", &b"PK"[..]));

    let fields = format!("id={MODEL}&version={job}&role=guest&party=9999");
    let deployed = text(&post(&served, "/model/deploy", &fields));
    has(&deployed, &["To predict with it", "Deployed from", &job]);
    assert!(!deployed.contains("action=\"/model/deploy\""), "a deployed model is not deployed again");
    let rows = served.data("model/query", json!({"model_id": breast::QUICK_MODEL, "role": "guest"}));
    let versions: Vec<&str> = list(&rows).iter().map(|row| row["f_model_version"].as_str().unwrap()).collect();
    let new = versions.into_iter().find(|version| *version != job).unwrap();
    has(&page(&served, &path), &["Deployed versions", &format!("version={new}")]);
    assert_eq!(page(&served, "/models?kind=deployed&role=host").matches("data-row").count(), 1);
    // What is deployed already is no trained model: why it cannot be is said on a page.
    let again = post(&served, "/model/deploy", &fields.replace(&job, new));
    assert!(again.status == 409 && text(&again).contains("the model was not deployed"), "{}", text(&again));
}

#[test]
fn tables_and_models_of_another_tenant_look_like_none() {
    let served = Served::new();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Submit));
    for name in ["breast_hetero_guest", "breast_hetero_host"] {
        alpha.upload("experiment", name, &breast::file(&format!("{name}.csv")));
    }
    let (dsl, conf) = breast::quick_job();
    let job = alpha.submit(&dsl, &conf);
    assert_eq!(alpha.wait(&job, "guest", 9999), "success", "{}", served.site.errors(&job));
    let get = |path: &str| bravo.send("GET", path, "text/plain", b"");
    let same = |path: String, there: &str, nowhere: &str| {
        assert_eq!(alpha.send("GET", &path, "text/plain", b"").status, 200, "{path}");
        let (foreign, none) = (get(&path), get(&path.replace(there, nowhere)));
        assert_eq!((foreign.status, none.status), (404, 404), "{path}");
        assert_eq!(text(&foreign).replace(there, nowhere), text(&none), "{path}");
    };
    for path in ["/table?", "/table/data.csv?"] {
        let path = format!("{path}namespace=experiment&name=breast_hetero_guest");
        same(path, "breast_hetero_guest", "nosuch");
    }
    let nowhere = format!("2020{}", &job[4..]);
    for path in ["/model?", "/model/archive.zip?"] {
        same(format!("{path}id={MODEL}&version={job}&role=guest&party=9999"), &job, &nowhere);
    }
    assert!(text(&get("/tables")).contains("There are no tables yet."));
    assert!(text(&get("/models")).contains("There are no models yet."));
    let delete = bravo.send("POST", "/table/delete", FORM, b"namespace=experiment&name=breast_hetero_guest");
    assert_eq!(delete.status, 404);
    let deploy = bravo.send("POST", "/model/deploy", FORM, format!("id={MODEL}&version={job}").as_bytes());
    assert_eq!(deploy.status, 404);
}
