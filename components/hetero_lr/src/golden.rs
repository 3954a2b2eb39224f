//! Trainings on the breast cancer data against numbers that a plaintext re-enactment of FATE's protocol gives. Not for:
//! protocol variants ([`crate::protocol`]).

#![expect(clippy::approx_constant, reason = "a loss that was measured, and happens to be ln 2")]

use crate::{
    fake::{Parts, Trained, breast, train},
    rows::Rows,
    scoring, taylor,
};

/// The example's tables as a guest and a host see them.
fn tables() -> (Rows, Rows) {
    let (guest, host) = breast();
    (Rows::new(&guest, "guest").unwrap(), Rows::new(&host, "host").unwrap())
}

fn parameters(optimizer: &str, epochs: usize) -> String {
    format!(
        r#"{{"optimizer": "{optimizer}", "max_iter": {epochs}, "alpha": 0.01, "learning_rate": 0.15,
            "init_param": {{"init_method": "zeros"}}}}"#
    )
}

fn run(optimizer: &str, epochs: usize, start: Option<&Trained>) -> Trained {
    let (guest, host) = tables();
    let parts = Parts { guest: &guest, hosts: &[host], validate: false, start };
    train(&parameters(optimizer, epochs), &parts).unwrap()
}

/// Labels and probabilities on the training rows.
fn scored(trained: &Trained) -> (Vec<bool>, Vec<f64>) {
    let (guest, host) = tables();
    let z = guest.features.scores(&trained.guest.singles[0].weights);
    let more = host.features.scores(&trained.hosts[0].singles[0].weights);
    let intercept = trained.guest.singles[0].intercept;
    let scores = z.iter().zip(more).map(|(g, h)| taylor::sigmoid(g + h + intercept)).collect();
    (guest.labels().unwrap().iter().map(|label| *label == 1).collect(), scores)
}

fn auc(trained: &Trained) -> f64 {
    let (positive, scores) = scored(trained);
    scoring::auc(&positive, &scores)
}

fn close(got: &[f64], wanted: &[f64], tolerance: f64) {
    for (index, (a, b)) in got.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() < tolerance, "entry {index}: {a}, {b} was expected");
    }
}

#[test]
fn rmsprop_for_5_epochs() {
    let trained = run("rmsprop", 5, None);
    close(&[auc(&trained), trained.guest.singles[0].intercept], &[0.975186, 0.510811], 1e-6);
}

#[test]
fn rmsprop_for_30_epochs() {
    let trained = run("rmsprop", 30, None);
    let (positive, scores) = scored(&trained);
    close(&[scoring::auc(&positive, &scores), scoring::ks(&positive, &scores)], &[0.987448, 0.905066], 1e-6);
    let (guest, host) = (&trained.guest.singles[0], &trained.hosts[0].singles[0]);
    assert_eq!((guest.epochs, guest.converged), (30, false));
    close(&[guest.intercept], &[0.509666], 1e-6);
    close(&guest.weights, &[-0.0341868, -0.16344468, -0.0363799, -0.02368071, -0.20507023], 1e-6);
    close(&host.weights, &[-0.00946531, -0.13370043, -0.0192948, -0.009952, -0.26096129], 1e-6);
    let losses = &trained.arbiter.singles[0].losses;
    let wanted = [
        0.693147, 78.875554, 5.695061, 1.478556, 0.733014, 0.532544, 0.461097, 0.429008, 0.411559, 0.400570, 0.392887,
        0.387116, 0.382564, 0.378845, 0.375729, 0.373064, 0.370750, 0.368712, 0.366898, 0.365268,
    ];
    close(losses, &wanted, 1e-5);
    close(&[losses[29]], &[0.354564], 1e-5);
    assert_eq!((losses.len(), trained.losses.len()), (30, 30));
    assert_eq!((trained.losses[3].0.as_str(), trained.losses[3].1), ("loss", 3));
}

#[test]
fn sgd_for_30_epochs_and_a_warm_start_after_5() {
    let whole = run("sgd", 30, None);
    close(&[auc(&whole), whole.guest.singles[0].intercept], &[0.992376, 0.154898], 1e-6);
    let wanted = [0.693147, 0.464282, 0.415216, 0.395432, 0.385044, 0.378654, 0.374278, 0.371040, 0.368503, 0.366429];
    close(&whole.arbiter.singles[0].losses, &wanted, 1e-5);
    close(&whole.arbiter.singles[0].losses[29..], &[0.349700], 1e-5);
    let first = run("sgd", 5, None);
    close(&[auc(&first)], &[0.987554], 1e-6);
    let second = run("sgd", 30, Some(&first));
    assert_eq!(second.guest.singles[0].epochs, 30);
    assert_eq!(second.arbiter.singles[0].losses.len(), 30);
    close(&second.guest.singles[0].weights, &whole.guest.singles[0].weights, 1e-12);
    close(&second.hosts[0].singles[0].weights, &whole.hosts[0].singles[0].weights, 1e-12);
    close(&second.arbiter.singles[0].losses, &whole.arbiter.singles[0].losses, 1e-12);
}
