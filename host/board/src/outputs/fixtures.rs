//! Outputs of modules in FATE's shapes, what must be seen of each, and that nothing breaks when they are odd. Not for:
//! charts.

use parcae_domain::party::{Party, Role};
use parcae_domain::port::Scalar;
use parcae_node::view::{ModelPartView, Series};
use serde_json::{Value, json};

use super::{Outputs, json as read, show};
use crate::view::{Lang, View};

/// Fixtures by name.
const ALL: [(&str, &str); 26] = [
    ("reader", include_str!("fixtures/reader.json")),
    ("upload", include_str!("fixtures/upload.json")),
    ("writer", include_str!("fixtures/writer.json")),
    ("intersection", include_str!("fixtures/intersection.json")),
    ("data_transform", include_str!("fixtures/data_transform.json")),
    ("imputation", include_str!("fixtures/imputation.json")),
    ("scale", include_str!("fixtures/scale.json")),
    ("statistics", include_str!("fixtures/statistics.json")),
    ("union", include_str!("fixtures/union.json")),
    ("sample", include_str!("fixtures/sample.json")),
    ("split", include_str!("fixtures/split.json")),
    ("label_transform", include_str!("fixtures/label_transform.json")),
    ("one_hot", include_str!("fixtures/one_hot.json")),
    ("weights", include_str!("fixtures/weights.json")),
    ("loader", include_str!("fixtures/loader.json")),
    ("positive", include_str!("fixtures/positive.json")),
    ("binning", include_str!("fixtures/binning.json")),
    ("binning_many", include_str!("fixtures/binning_many.json")),
    ("binning_homo", include_str!("fixtures/binning_homo.json")),
    ("selection", include_str!("fixtures/selection.json")),
    ("psi", include_str!("fixtures/psi.json")),
    ("pearson", include_str!("fixtures/pearson.json")),
    ("secure_boost", include_str!("fixtures/secure_boost.json")),
    ("homo_boost", include_str!("fixtures/homo_boost.json")),
    ("leaves", include_str!("fixtures/leaves.json")),
    ("kmeans", include_str!("fixtures/kmeans.json")),
];

const NETWORK: &str = include_str!("fixtures/network.json");

fn scalar(value: &Value) -> Scalar {
    value.as_f64().map_or_else(|| Scalar::Text(read::text(value)), Scalar::Number)
}

fn series(one: &Value) -> Series {
    let points = read::list(&one["points"]).iter().map(|point| (scalar(&point[0]), scalar(&point[1])));
    Series {
        namespace: read::text(&one["namespace"]),
        name: read::text(&one["name"]),
        metric_type: read::text(&one["type"]),
        extra: one["extra"].as_object().cloned().unwrap_or_default(),
        points: points.collect(),
    }
}

/// The page of a fixture.
fn page(view: &View, fixture: &Value, chosen: &[(&str, &str)]) -> String {
    let role = fixture["role"].as_str().and_then(|role| role.parse().ok()).unwrap_or(Role::Guest);
    let metrics: Vec<Series> = read::list(&fixture["metrics"]).iter().map(series).collect();
    let parts = read::entries(&fixture["model"]).into_iter();
    let part = |(name, json): (&str, &Value)| ModelPartView {
        alias: "model".into(),
        name: name.into(),
        json: json.clone(),
        bytes: 1,
    };
    let model: Vec<ModelPartView> = parts.map(part).collect();
    let chosen: Vec<(String, String)> = chosen.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let outputs = Outputs {
        module: fixture["module"].as_str().unwrap_or_default(),
        party: Party::new(role, fixture["party"].as_u64().unwrap_or_default()),
        metrics: &metrics,
        model: &model,
        summary: Some(&fixture["summary"]).filter(|summary| !summary.is_null()),
        path: "/jobs/1/guest/9999/tasks/m_0",
        chosen: &chosen,
    };
    show(view, &outputs).into_string()
}

fn fixture(name: &str) -> Value {
    let text = ALL.iter().find(|(its_name, _)| *its_name == name).map_or(NETWORK, |(_, text)| *text);
    serde_json::from_str(text).unwrap()
}

/// What people read on a page: no markup, single blanks.
fn words(page: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in page.chars() {
        match letter {
            '<' => {
                is_tag = true;
                text.push(' ');
            }
            '>' => is_tag = false,
            letter if !is_tag => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace('\u{2009}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What people read of a fixture.
fn seen(name: &str, chosen: &[(&str, &str)]) -> String {
    words(&page(&View::default(), &fixture(name), chosen))
}

#[track_caller]
fn has(text: &str, all: &[&str]) {
    for one in all {
        assert!(text.contains(one), "{one:?} is not in {text:?}");
    }
}

#[test]
fn modules_that_move_data_say_how_much() {
    let reader = seen("reader", &[]);
    has(&reader, &["Rows 1569", "Namespace experiment", "y guest_9999_y label 1, 0"]);
    has(&reader, &["x10 guest_9999_x1 feature 0.25, 0.5"]);
    assert!(reader.find("x2 guest").unwrap() < reader.find("x10 guest").unwrap(), "{reader}");
    has(&seen("upload", &[]), &["30000 rows uploaded", "same key 12", "Label y", "Match ids mid", "Separated by ;"]);
    has(&seen("writer", &[]), &["77 rows copied", "Namespace other", "Table copy"]);
    let both = seen("intersection", &[]);
    has(&both, &["412 / 569 ids of this party are in common (72.41 %)", "Not in common 157"]);
    has(&both, &["Method rsa", "Left join", "Rows in common 1234"]);
    let mut untold = fixture("intersection");
    untold["metrics"][0]["points"] = json!([["input_match_id_count", 569]]);
    untold["summary"]["intersect_num"] = json!(-1);
    untold["summary"]["intersect_rate"] = json!(-1);
    has(&words(&page(&View::default(), &untold, &[])), &["was not told", "Ids of this party 569"]);
}

#[test]
fn what_was_filled_in_stands_by_feature() {
    let transform = seen("data_transform", &[]);
    has(&transform, &["x0 guest_9999_x0 12.5 % 2.5 3 % 88.5", "x1 guest_9999_x1 0 % none – –"]);
    has(&transform, &["filled with mean", "\"NULL\""]);
    has(&seen("imputation", &[]), &["a max 40 % 7", "b designated 1 % 0.5", "Columns left as they are c"]);
    has(&seen("scale", &[]), &["x0 1 2 1.25 0.5", "x1 -1.5 3.25 0.125 1.75", "min-max", "Mode cap"]);
}

#[test]
fn statistics_have_pages_of_columns() {
    let first = seen("statistics", &[]);
    has(&first, &["sum mean standard deviation median", "x0 0.5 1.5 2.5", "x1 100.25 101.25"]);
    assert!(!first.contains("missing, share"), "{first}");
    has(&seen("statistics", &[("statistics.columns", "2")]), &["Column 25% 95% missing, share", "x0 10.5 11.5 25 %"]);
}

#[test]
fn counts_have_their_sums() {
    has(&seen("union", &[]), &["reader_0.data 100 reader_1.data 60 Put out 150", "10 rows had an id"]);
    has(&seen("sample", &[]), &["Label Rows drawn Rows there were", "0 20 212 1 30 357", "Rows drawn 50"]);
    let split = seen("split", &[]);
    has(&split, &["train 400 70.3 %", "all 569 100 %", "0 149 37 26 212", "Total 400 100 69 569", "Stratified"]);
    has(&seen("label_transform", &[]), &["bus 0 saab 1 van 2"]);
    has(&seen("one_hot", &[]), &["colour 2 2", "red colour_red 1 0 blue colour_blue 0 1"]);
    has(&seen("one_hot", &[("feature", "size")]), &["3 size_3 0 0 1"]);
    has(&seen("weights", &[]), &["Weights by class weight", "0 1.34 1 0.796"]);
    has(&seen("loader", &[]), &["Model version 202211221051271112330", "Component hetero_lr_0"]);
    has(&seen("positive", &[]), &["became positive 37"]);
    has(&seen("network", &[]), &["iteration 14", "Iterations done 20", "Converged no"]);
}

#[test]
fn bins_of_the_best_feature_are_open() {
    let binning = seen("binning", &[]);
    has(&binning, &["x0 guest_9999_x0 3 2.23 yes", "Bins of x1", "IV 3.23"]);
    has(&binning, &["x1 ≤ -0.5 0.31 -1.25 10 6.6 % 70 60.8 %"]);
    has(&binning, &["-0.5 < x1 ≤ 0.25", "x1 > 0.25 0.4 2.5 90"]);
    has(&seen("binning", &[("feature", "x0")]), &["Bins of x0", "x0 > 0.25 0.4 1.5 90"]);
    has(&seen("binning", &[("party", "host/10000")]), &["host_10000_x3 2 0.3 no", "bin 1 0.2 1.5 80 80 %"]);
    has(&seen("binning", &[("stage", "predict")]), &["x0 guest_9999_x0 3 10.23 yes"]);
    has(&seen("binning_many", &[("class", "1")]), &["x0 3 3.23 yes"]);
    has(&seen("binning_many", &[("class", "0"), ("party", "host/10000")]), &["h0 2 0.33 no"]);
    has(&seen("binning_homo", &[]), &["x0 2", "x0 ≤ 0.5", "x0 > 0.5"]);
}

#[test]
fn dropped_features_are_struck_through_and_say_why() {
    let selection = seen("selection", &[]);
    has(&selection, &["1 / 3 features were kept", "unique_value 3 → 2 iv_filter 2 → 1"]);
    has(&selection, &["x0 ✓ kept guest_9999_x0 0.9 4.5", "x1 ✕ dropped by unique_value – 0 –"]);
    has(&selection, &["x2 ✕ dropped by iv_filter – 0.5 0.03"]);
    let markup = page(&View::default(), &fixture("selection"), &[]);
    assert!(markup.contains("<s>x1</s>") && !markup.contains("<s>x0</s>"), "{markup}");
    let host = seen("selection", &[("party", "host/10000")]);
    has(&host, &["1 / 2 features were kept", "host_10000_x0 ✓ kept 2.25"]);
    has(&host, &["host_10000_x1 ✕ dropped by iv_filter 0.01"]);
}

#[test]
fn shifts_and_correlations_are_judged() {
    let psi = seen("psi", &[]);
    has(&psi, &["x1 0.375 moved much x0 0.04 stable", "Bins of x1", "x1<=0.25 30 % 60 % 0.25"]);
    let own = seen("pearson", &[]);
    has(&own, &["x0 x1 0.625 0.625", "x1 guest_9999_x1 17.25 nearly told by the others"]);
    let across = seen("pearson", &[("between", "across")]);
    has(&across, &["x0 host_10000_x1 -0.875 0.875 x1 host_10000_x0 0.3"]);
    has(&seen("pearson", &[("least", "0.9")]), &["No correlation is that strong"]);
}

#[test]
fn trees_are_drawn_as_far_as_the_party_knows_them() {
    let boost = seen("secure_boost", &[]);
    has(&boost, &["income ≤ 37.5", "split of host 10000", "yes, missing", "-0.4375"]);
    has(&boost, &["Trees 2", "Objective cross_entropy"]);
    has(&boost, &["#0 own split income ≤ 37.5 #1 #2 left guest 9999", "#4 leaf -2.25"]);
    has(&boost, &["income guest 9999 3 12.5 host_10000_x4 host 10000 2 40.25"]);
    has(&seen("secure_boost", &[("importance", "gain")]), &["host_10000_x4 host 10000 2 40.25 income guest 9999"]);
    let second = seen("secure_boost", &[("tree", "1")]);
    has(&second, &["0.875"]);
    assert!(!second.contains("income ≤"), "{second}");
    let homo = seen("homo_boost", &[("class", "1: saab"), ("tree", "1")]);
    has(&homo, &["length ≤ 14.5", "no, missing"]);
    has(&seen("leaves", &[]), &["3 columns from 2 trees", "#3 sbt_0_3 #4 sbt_0_4"]);
    has(&seen("leaves", &[("tree", "1")]), &["#1 sbt_1_1"]);
    let kmeans = seen("kmeans", &[]);
    has(&kmeans, &["Iterations 11", "Cluster 0 30 30 %", "Total 100 100 %", "x1 -3.5 8", "Converged yes"]);
}

#[test]
fn every_page_is_there_in_chinese_and_safe() {
    let chinese = View { lang: Lang::Zh, ..View::default() };
    for (name, text) in ALL {
        let fixture: Value = serde_json::from_str(text).unwrap();
        let shown = page(&chinese, &fixture, &[]);
        assert!(shown.chars().any(|letter| ('\u{4e00}'..'\u{9fff}').contains(&letter)), "{name}: {shown}");
        assert!(!shown.contains(" style="), "{name}: {shown}");
        let hostile: Value = serde_json::from_str(&text.replace("x0", "<script>x0")).unwrap();
        let shown = page(&chinese, &hostile, &[("feature", "<script>x0")]);
        assert!(!shown.contains("<script"), "{name}: {shown}");
    }
}

/// Paths of all values in a value.
fn paths(value: &Value, path: &str, all: &mut Vec<String>) {
    all.push(path.to_owned());
    for (key, inner) in read::entries(value) {
        paths(inner, &format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), all);
    }
    for (at, inner) in read::list(value).iter().enumerate() {
        paths(inner, &format!("{path}/{at}"), all);
    }
}

#[test]
fn odd_models_break_nothing() {
    let odd = [
        json!(null),
        json!(-1),
        json!("7"),
        json!(1e308),
        json!([]),
        json!({}),
        json!([[null, { "a": -1 }, "x"], 3]),
        json!({ "x0": { "cluster": [1], "tree": [{}] }, "0": "NaN" }),
        json!("é\u{0}"),
        json!(true),
    ];
    let chosen = [("bins.page", "0"), ("feature", "x1"), ("tree", "7"), ("class", "1"), ("between", "across")];
    for (name, text) in ALL.iter().chain(&[("network", NETWORK)]) {
        let whole: Value = serde_json::from_str(text).unwrap();
        let mut all = Vec::new();
        for part in ["model", "metrics", "summary"] {
            paths(&whole[part], &format!("/{part}"), &mut all);
        }
        for (at, path) in all.iter().enumerate() {
            let mut broken = whole.clone();
            let place = broken.pointer_mut(path).unwrap_or_else(|| panic!("{name}: {path}"));
            // Arrays lose an item, too: those beside them are then longer.
            if let Some(items) = place.as_array_mut().filter(|items| items.len() > 1 && at % 2 == 0) {
                items.pop();
            } else {
                *place = odd[(at * 7 + name.len()) % odd.len()].clone();
            }
            page(&View::default(), &broken, &[]);
            page(&View::default(), &broken, &chosen);
        }
    }
}
