//! A node that an example is pushed to while it runs, and the example's job on it: as an author and then a data
//! scientist would do it, over HTTP. Not for: building the example (`workshop`), what has to come out (`main`).

use std::{sync::Arc, time::Instant};

use parcae_runtime::Images;
use parcae_tests::{
    Site, example,
    http::{Served, list},
    nothing::start_seconds,
    own_images,
};
use serde_json::{Value, json};

use crate::{
    sheet::Sheet,
    workshop::{Example, say, turn},
};

/// Attempts of which the middle one is the time that a start takes.
const STARTS: usize = 21;

/// What a job of an example reads.
pub struct Input {
    /// Namespace of the table.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The file, below `examples/`.
    pub file: &'static str,
}

/// An example whose job has run.
pub struct Ran {
    served: Served,
    /// The job.
    job: String,
    /// Name of the example's component in the DSL.
    component: String,
}

/// Builds an example, pushes it to a fresh node and runs its job. None when it cannot be built here.
pub fn ran(example: &Example, inputs: &[Input]) -> Option<Ran> {
    let turn = turn();
    let wasm = example.built(&turn)?;
    let images = own_images(&[]);
    let served = Served::of(Site::of(images.clone(), |_| ()));
    let module = push(&served, &wasm);
    for input in inputs {
        upload(&served, input);
    }
    let read = |name: &str| -> Value {
        serde_json::from_str(&text(&format!("components/{}/job/{name}", example.folder))).unwrap()
    };
    let (dsl, conf) = (read("dsl.json"), read("conf.json"));
    let of_module = |(_, spec): &(&String, &Value)| spec["module"] == module;
    let component = dsl["components"].as_object().unwrap().iter().find(of_module).unwrap().0.clone();
    let begun = Instant::now();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let seconds = begun.elapsed().as_secs_f64();
    say(&format!("{module}: its job of {} components took {seconds:.2} s", keys(&dsl["components"])));
    start(&images, &module);
    Some(Ran { served, job, component })
}

fn text(path: &str) -> String {
    std::fs::read_to_string(example(path)).unwrap()
}

fn keys(object: &Value) -> usize {
    object.as_object().map_or(0, serde_json::Map::len)
}

/// Pushes a component, with all the grants that it asks for; the name of its first module.
fn push(served: &Served, wasm: &[u8]) -> String {
    let begun = Instant::now();
    let headers = [("Content-Type", "application/wasm")];
    let (status, answer) = served.send("POST", "/v1/components", &headers, wasm).answer();
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{answer}");
    let (seconds, pushed) = (begun.elapsed().as_secs_f64(), &answer["data"]);
    for module in list(&pushed["modules"]) {
        if !list(&module["missing"]).is_empty() {
            let path = format!("components/{}/grants", pushed["digest"].as_str().unwrap());
            served.data(&path, json!({"module": module["name"], "grants": module["asked"]}));
        }
    }
    let module = pushed["modules"][0]["name"].as_str().unwrap().to_owned();
    say(&format!(
        "{module}: {} bytes, compiled or taken from the cache in {} ms, ready {seconds:.2} s after the push began",
        wasm.len(),
        pushed["compile_ms"]
    ));
    module
}

/// Says how long a start takes.
fn start(images: &Arc<Images>, module: &str) {
    let micros = start_seconds(images, module, STARTS) * 1e6;
    say(&format!("{module}: an attempt that finds no input takes {micros:.0} us (the middle one of {STARTS})"));
}

fn upload(served: &Served, input: &Input) {
    let Input { namespace, name, file } = input;
    let conf = json!({"file": file, "head": 1, "partition": 4, "namespace": namespace, "table_name": name});
    let (_, answer) = served.upload(&conf, text(file).as_bytes());
    assert_eq!(answer["retcode"], 0, "{answer}");
    let job = answer["jobId"].as_str().unwrap();
    let row = served.wait(job, "local", 0);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(job));
}

impl Ran {
    /// What the component put out at a party; none when that has no rows.
    pub fn output(&self, role: &str, party: u64) -> Option<Sheet> {
        let answer = self.served.download("tracking/component/output/data/download", self.about(role, party));
        if answer.status == 210 {
            return None;
        }
        Some(Sheet::of(&String::from_utf8(answer.files()["data.csv"].clone()).unwrap()))
    }

    /// Its summary at a party.
    pub fn summary(&self, role: &str, party: u64) -> Value {
        self.served.data("tracking/component/summary/download", self.about(role, party))
    }

    /// Points of one of its series at a party.
    pub fn series(&self, role: &str, party: u64, namespace: &str, name: &str) -> Vec<(String, f64)> {
        let all = self.served.data("tracking/component/metric/all", self.about(role, party));
        let points = list(&all[namespace][name]["data"]).iter();
        points.map(|point| (point[0].as_str().unwrap().to_owned(), point[1].as_f64().unwrap())).collect()
    }

    fn about(&self, role: &str, party: u64) -> Value {
        json!({"job_id": self.job, "role": role, "party_id": party, "component_name": self.component})
    }
}
