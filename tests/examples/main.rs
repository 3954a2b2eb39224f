//! The example components, each in its own language: built as their authors would build them, pushed to a node that
//! runs, and run in their own jobs, whose results are compared with plain numbers, value by value. Sizes and times are
//! printed. Not for: what a node refuses (`suite`), the projects that `parcae component new` makes (`host/cli/tests`).
//!
//! What cannot be built for want of a tool is skipped with a word, unless `CI` is set or `PARCAE_EXAMPLES=required`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod node;
mod plain;
mod sheet;
mod workshop;

use std::collections::{BTreeMap, BTreeSet};

use node::{Input, ran};
use serde_json::json;
use sheet::Sheet;
use workshop::Example;

const RUST: Example = Example {
    folder: "rust-statistics",
    wasm: "label_correlation.wasm",
    build: &["bash", "build.sh"],
    tools: "[ -d \"$(rustc --print target-libdir --target wasm32-wasip2)\" ] && cargo fetch --quiet --locked",
    needs: &["Cargo.toml", "components/sdk"],
};
const PYTHON: Example = Example {
    folder: "python-statistics",
    wasm: "table_statistics.wasm",
    build: &["bash", "build.sh"],
    tools: ".tools/bin/componentize-py --version",
    needs: &[],
};
const JS: Example = Example {
    folder: "js-expression",
    wasm: "column_expression.wasm",
    build: &["node", "build.mjs"],
    tools: "node --version && [ -e node_modules/.package-lock.json ]",
    needs: &[],
};
const C: Example = Example {
    folder: "c-bucketise",
    wasm: "bucketise.wasm",
    build: &["bash", "build.sh"],
    tools: ".tools/bin/python -m ziglang version && cargo fetch --quiet --locked --manifest-path tool/Cargo.toml",
    needs: &[],
};

const GUEST: &str = "hetero_lr/breast_hetero_guest.csv";
const HOST: &str = "hetero_lr/breast_hetero_host.csv";
const BREAST: [Input; 2] = [
    Input { namespace: "experiment", name: "breast_hetero_guest", file: GUEST },
    Input { namespace: "experiment", name: "breast_hetero_host", file: HOST },
];

#[track_caller]
fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{what} is {got}, expected {want}");
}

#[test]
fn rust_correlations_under_encryption_are_those_of_plain_numbers() {
    let Some(ran) = ran(&RUST, &BREAST) else { return };
    let (guest, host) = (Sheet::example(GUEST), Sheet::example(HOST));
    let label = guest.numbers("y");
    let mut want = BTreeMap::new();
    for (party, sheet) in [("guest_9999", &guest), ("host_10000", &host)] {
        for name in sheet.columns().filter(|name| *name != "y") {
            want.insert(format!("{party}.{name}"), plain::correlation(&label, &sheet.numbers(name)));
        }
    }
    assert_eq!(want.len(), 30);
    near("the strongest, as the example's page has it", want["guest_9999.x7"], -0.7936, 5e-5);
    let output = ran.output("guest", 9999).unwrap();
    assert_eq!(output.names, ["column", "correlation"]);
    let got = output.numbers("correlation");
    assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
    let summary = ran.summary("guest", 9999);
    let series = ran.series("guest", 9999, "correlation", "label");
    assert_eq!(series.len(), 30);
    for (name, want) in &want {
        near(name, got[name.as_str()], *want, 1e-9);
        near(name, summary["correlation"][name].as_f64().unwrap(), *want, 1e-9);
        near(name, series.iter().find(|point| point.0 == *name).unwrap().1, *want, 1e-9);
    }
    assert!(ran.output("host", 10000).is_none(), "a host learns nothing of the label");
}

#[test]
fn python_statistics_are_those_of_plain_numbers() {
    let Some(ran) = ran(&PYTHON, &BREAST) else { return };
    let rows = json!({"guest_9999": 569, "host_10000": 569});
    for (role, party, file) in [("guest", 9999, GUEST), ("host", 10000, HOST)] {
        let (sheet, output) = (Sheet::example(file), ran.output(role, party).unwrap());
        assert_eq!(output.names, ["column", "count", "missing", "mean", "std", "min", "q5", "q50", "q95", "max"]);
        assert_eq!(output.keys(), sheet.columns().collect::<Vec<_>>());
        let summary = ran.summary(role, party);
        assert_eq!(summary["rows"], rows);
        let means = ran.series(role, party, "statistics", "mean");
        assert_eq!(means.len(), output.keys().len());
        for column in sheet.columns() {
            let values: Vec<f64> = sheet.numbers(column).into_values().collect();
            let (mean, deviation) = plain::mean_and_deviation(&values);
            let quantile = |share: f64| plain::quantile(&values, share);
            for (name, want) in [
                ("count", 569.0),
                ("missing", 0.0),
                ("mean", mean),
                ("std", deviation),
                ("min", quantile(0.0)),
                ("q5", quantile(0.05)),
                ("q50", quantile(0.5)),
                ("q95", quantile(0.95)),
                ("max", quantile(1.0)),
            ] {
                let what = format!("{name} of {column} at {role}");
                near(&what, output.numbers(name)[column], want, 1e-12);
                near(&what, summary["columns"][column][name].as_f64().unwrap(), want, 1e-12);
            }
            near(column, means.iter().find(|point| point.0 == column).unwrap().1, mean, 1e-12);
        }
    }
}

#[test]
fn a_javascript_expression_makes_the_column_of_plain_numbers() {
    let Some(ran) = ran(&JS, &BREAST) else { return };
    let (guest, host) = (Sheet::example(GUEST), Sheet::example(HOST));
    let output = ran.output("guest", 9999).unwrap();
    assert_eq!(output.names, [guest.names.as_slice(), &["size".to_owned()]].concat());
    let [x0, x1, x2, got] =
        [("x0", &guest), ("x1", &guest), ("x2", &guest), ("size", &output)].map(|(name, sheet)| sheet.numbers(name));
    assert_eq!((got.len(), x0.len()), (569, 569));
    for (key, got) in &got {
        near(key, *got, plain::size(x0[key], x1[key], x2[key]), 1e-12);
    }
    assert!(got.values().any(|size| *size == 0.0) && got.values().any(|size| *size > 1.0));
    same(&guest, &output);
    let passed = ran.output("host", 10000).unwrap();
    assert_eq!(passed.names, host.names);
    same(&host, &passed);
    let expression = "if(x0 > 0, log(1 + x0), 0) * max(x1, x2) / 2";
    let want = json!({"column": "size", "expression": expression, "rows": 569, "missing": 0});
    assert_eq!(ran.summary("guest", 9999), want);
}

/// The columns of one table stand in another as they are.
fn same(of: &Sheet, there: &Sheet) {
    for name in of.columns() {
        assert_eq!(of.numbers(name), there.numbers(name), "{name}");
    }
}

#[test]
fn c_buckets_are_those_of_another_program() {
    let inputs = [
        Input { namespace: "bucketise", name: "guest", file: "components/c-bucketise/job/guest.csv" },
        Input { namespace: "bucketise", name: "host", file: "components/c-bucketise/job/host.csv" },
    ];
    let Some(ran) = ran(&C, &inputs) else { return };
    let (guest, host) = (Sheet::example(inputs[0].file), Sheet::example(inputs[1].file));
    let output = ran.output("guest", 9999).unwrap();
    assert_eq!(output.names, ["id", "y", "age", "branch_bucket"]);
    let (branches, got) = (guest.texts("branch"), output.texts("branch_bucket"));
    assert_eq!((branches.len(), got.len()), (60, 60));
    for (key, branch) in &branches {
        assert_eq!(got[key], plain::bucket("", branch, 8).to_string(), "bucket of {branch} of {key}");
    }
    assert_eq!(output.numbers("age"), guest.numbers("age"));
    let used: BTreeSet<&str> = got.into_values().collect();
    let want = json!({"rows": 60, "missing": 0, "buckets": 8, "used": used.len()});
    assert_eq!(ran.summary("guest", 9999), want);

    let output = ran.output("host", 10000).unwrap();
    let buckets: Vec<String> = (0..4).map(|bucket| format!("browser_{bucket}")).collect();
    assert_eq!(output.columns().skip(1).collect::<Vec<_>>(), buckets);
    assert_eq!(output.numbers("balance"), host.numbers("balance"));
    // An empty cell of a column of texts is an empty text, and has a bucket as any other.
    for (key, browser) in host.texts("browser") {
        let place = plain::bucket("parcae", browser, 4) as usize;
        for (bucket, name) in buckets.iter().enumerate() {
            let want = if bucket == place { "1" } else { "0" };
            assert_eq!(output.texts(name)[key], want, "{name} of {key}, {browser:?}");
        }
    }
}
