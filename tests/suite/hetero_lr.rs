//! HeteroLR on the breast cancer data: whole jobs, real Paillier, all parties on one node, against the values of a plaintext
//! re-enactment.

use parcae_domain::{
    party::{Party, Role},
    port::Scalar,
};
use parcae_tests::{Site, breast, merge};
use serde_json::{Value, json};

const GUEST: Party = Party { role: Role::Guest, id: 9999 };
const ARBITER: Party = Party { role: Role::Arbiter, id: 10000 };

/// Losses of the first twenty epochs with rmsprop.
const LOSSES: [f64; 20] = [
    0.693147, 78.875554, 5.695061, 1.478556, 0.733014, 0.532544, 0.461097, 0.429008, 0.411559, 0.400570, 0.392887,
    0.387116, 0.382564, 0.378845, 0.375729, 0.373064, 0.370750, 0.368712, 0.366898, 0.365268,
];

/// A site with the two tables.
fn site() -> Site {
    let site = Site::new();
    breast::upload(&site);
    site
}

/// The example's job with other parameters of hetero_lr_0.
fn train(site: &Site, parameters: Value) -> String {
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], parameters);
    site.succeed(&dsl, &conf)
}

/// A single value of the evaluation.
fn metric(site: &Site, job: &str, name: &str) -> f64 {
    let series = site.node.default_tenant().metrics(job, "evaluation_0", GUEST).unwrap();
    let summary = series.iter().find(|s| s.metric_type == "EVALUATION_SUMMARY" && s.namespace == "train").unwrap();
    let point = summary.points.iter().find(|(key, _)| *key == Scalar::Text(name.into())).unwrap();
    let Scalar::Number(value) = point.1 else { panic!("{name} is no number") };
    value
}

/// Loss of each epoch, from the arbiter.
fn losses(site: &Site, job: &str) -> Vec<f64> {
    let series = site.node.default_tenant().metrics(job, "hetero_lr_0", ARBITER).unwrap();
    let loss = series.iter().find(|s| s.namespace == "train" && s.name == "loss").unwrap();
    let number = |s: &Scalar| if let Scalar::Number(n) = s { *n } else { f64::NAN };
    loss.points.iter().map(|(_, value)| number(value)).collect()
}

fn near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{got} where {want} was expected");
}

#[test]
fn thirty_epochs_of_rmsprop_give_the_golden_values() {
    let site = site();
    let job = train(&site, json!({"max_iter": 30}));
    near(metric(&site, &job, "auc"), 0.987448, 1e-6);
    near(metric(&site, &job, "ks"), 0.905066, 1e-6);
    let got = losses(&site, &job);
    assert_eq!(got.len(), 30);
    got.iter().zip(LOSSES).for_each(|(got, want)| near(*got, want, 1e-5));
    near(got[29], 0.354564, 1e-5);
}

#[test]
fn five_epochs_at_1024_and_at_2048_bits() {
    let site = site();
    for bits in [1024, 2048] {
        let job = train(&site, json!({"max_iter": 5, "encrypt_param": {"key_length": bits}}));
        near(metric(&site, &job, "auc"), 0.975186, 1e-6);
    }
}

#[test]
fn sgd_and_a_warm_start_from_it() {
    let site = site();
    let job = train(&site, json!({"max_iter": 30, "optimizer": "sgd"}));
    near(metric(&site, &job, "auc"), 0.992376, 1e-6);
    let (mut dsl, mut conf) = breast::job();
    let mut second = dsl["components"]["hetero_lr_0"].clone();
    second["input"]["model"] = json!(["hetero_lr_0.model"]);
    dsl["components"]["hetero_lr_1"] = second;
    dsl["components"]["evaluation_0"]["input"]["data"]["data"] = json!(["hetero_lr_1.data"]);
    let common = &mut conf["component_parameters"]["common"];
    merge(&mut common["hetero_lr_0"], json!({"max_iter": 5, "optimizer": "sgd"}));
    let first = common["hetero_lr_0"].clone();
    common["hetero_lr_1"] = first;
    common["hetero_lr_1"]["max_iter"] = json!(30);
    let warm = site.succeed(&dsl, &conf);
    near(metric(&site, &warm, "auc"), 0.992376, 1e-6);
    // It went on where the first one ended, and came to the same weights as in one go.
    let series = site.node.default_tenant().metrics(&warm, "hetero_lr_1", ARBITER).unwrap();
    let loss = series.iter().find(|s| s.namespace == "train" && s.name == "loss").unwrap();
    assert_eq!((loss.points.len(), &loss.points[0].0), (25, &Scalar::Number(5.0)));
    let (one, two) = (weights(&site, &job, "hetero_lr_0"), weights(&site, &warm, "hetero_lr_1"));
    assert_eq!(one.len(), 10);
    one.iter().zip(&two).for_each(|(one, two)| near(*one, *two, 1e-7));
}

/// What a party has learned: weights of its columns x0, x1, ..., and its intercept.
fn learned(site: &Site, job: &str, component: &str, party: Party) -> (Vec<f64>, f64) {
    let model = site.node.default_tenant().model(job, component, party).unwrap();
    let param = model.iter().find(|part| part.name.ends_with("Param")).unwrap();
    let weight = &param.json["weight"];
    let columns = 0..weight.as_object().unwrap().len();
    (columns.map(|c| weight[format!("x{c}")].as_f64().unwrap()).collect(), param.json["intercept"].as_f64().unwrap())
}

fn weights(site: &Site, job: &str, component: &str) -> Vec<f64> {
    learned(site, job, component, GUEST).0
}

/// Two epochs of gradient descent in the clear: weights of guest and host columns, then the intercept. Loss of FATE's Taylor
/// polynomial, L2 alpha 0.01 on weights, learning rate 1 and 1 / sqrt(2).
fn two_plain_epochs() -> Vec<f64> {
    let rows = |name: &str| -> Vec<Vec<f64>> {
        let text = breast::file(name);
        text.lines().skip(1).map(|l| l.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect()).collect()
    };
    let (guest, host) = (rows("breast_hetero_guest.csv"), rows("breast_hetero_host.csv"));
    let n = guest.len() as f64;
    let mut w = vec![0.0; guest[0].len() - 1 + host[0].len() + 1];
    for epoch in 0..2 {
        let mut gradient = vec![0.0; w.len()];
        for (guest, host) in guest.iter().zip(&host) {
            let x: Vec<f64> = guest[1..].iter().chain(host).copied().chain([1.0]).collect();
            let z: f64 = x.iter().zip(&w).map(|(x, w)| x * w).sum();
            let d = 0.25 * z - 0.5 * (2.0 * guest[0] - 1.0);
            gradient.iter_mut().zip(&x).for_each(|(g, x)| *g += d * x / n);
        }
        let last = w.len() - 1;
        (0..last).for_each(|i| gradient[i] += 0.01 * w[i]);
        w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= g / (1.0 + f64::from(epoch)).sqrt());
    }
    w
}

#[test]
fn federated_gradients_equal_plain_ones_within_1e_8_at_1024_and_at_2048_bits() {
    let site = site();
    let plain = two_plain_epochs();
    let host = Party { role: Role::Host, id: 10000 };
    for bits in [1024, 2048] {
        let job = train(
            &site,
            json!({"max_iter": 2, "optimizer": "sgd", "learning_rate": 1.0, "encrypt_param": {"key_length": bits}}),
        );
        let (mut got, intercept) = learned(&site, &job, "hetero_lr_0", GUEST);
        got.extend(learned(&site, &job, "hetero_lr_0", host).0);
        got.push(intercept);
        assert_eq!(got.len(), plain.len());
        got.iter().zip(&plain).for_each(|(got, plain)| near(*got, *plain, 1e-8));
    }
}
