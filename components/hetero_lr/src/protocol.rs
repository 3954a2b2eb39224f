//! Variants of the protocol against each other and against plain arithmetic. Not for: golden numbers ([`crate::golden`]).

use parcae_sdk::{
    Column, Frame,
    tables::{Meaning, Values},
};

use crate::{
    cross,
    fake::{Fake, Hub, Parts, Trained, breast, cast, train},
    learned::{Learned, Saved},
    link::Link,
    predict::{self, Predictions},
    rows::Rows,
    scene::Scene,
    settings::Settings,
    taylor,
};

/// Parameters of a training with plain gradient descent from zero and exact features, and more.
fn parameters(more: &str) -> String {
    format!(
        r#"{{"optimizer": "sgd", "max_iter": 6, "alpha": 0.01, "learning_rate": 0.15, "floating_point_precision": null,
            "init_param": {{"init_method": "zeros"}}{more}}}"#
    )
}

/// Guest and one host.
fn tables() -> (Rows, Vec<Rows>) {
    let (guest, host) = breast();
    (Rows::new(&guest, "guest").unwrap(), vec![Rows::new(&host, "host").unwrap()])
}

fn run(json: &str, guest: &Rows, hosts: &[Rows]) -> Trained {
    train(json, &Parts { guest, hosts, validate: false, start: None }).unwrap()
}

/// Weights of all parties: guest, intercept, hosts.
fn weights(trained: &Trained) -> Vec<f64> {
    let mut all = trained.guest.singles[0].weights.clone();
    all.push(trained.guest.singles[0].intercept);
    all.extend(trained.hosts.iter().flat_map(|host| host.singles[0].weights.clone()));
    all
}

fn close(got: &[f64], wanted: &[f64], tolerance: f64) {
    assert_eq!(got.len(), wanted.len());
    for (index, (a, b)) in got.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() < tolerance, "entry {index}: {a}, {b} was expected");
    }
}

/// Plain gradient descent on the Taylor loss with row weights, all rows at once: weights as [`weights`] has them, and losses.
fn oracle(guest: &Rows, host: &Rows, s: &[f64], epochs: usize) -> (Vec<f64>, Vec<f64>) {
    let y: Vec<f64> = guest.labels().unwrap().iter().map(|label| if *label == 1 { 1.0 } else { -1.0 }).collect();
    let (mut g, mut h, mut b) = (vec![0.0; guest.header.len()], vec![0.0; host.header.len()], 0.0);
    let (n, alpha, mut losses) = (y.len() as f64, 0.01, Vec::new());
    for epoch in 0..epochs {
        let more = host.features.scores(&h);
        let z: Vec<f64> = guest.features.scores(&g).iter().zip(more).map(|(a, c)| a + c + b).collect();
        let squares: f64 = g.iter().chain(&h).map(|w| w * w).sum();
        losses.push(taylor::own_loss(&z, &y, s) / n + 0.5 * alpha * squares);
        let d: Vec<f64> = taylor::half_gradient(&z, &y).iter().zip(s).map(|(d, s)| d * s).collect();
        let rate = 0.15 / (1.0 + epoch as f64).sqrt();
        let step = |w: &mut Vec<f64>, sums: Vec<f64>| {
            w.iter_mut().zip(sums).for_each(|(w, sum)| *w -= rate * (sum / n + alpha * *w));
        };
        step(&mut g, guest.features.sums(&d));
        step(&mut h, host.features.sums(&d));
        b -= rate * d.iter().sum::<f64>() / n;
    }
    g.push(b);
    g.extend(h);
    (g, losses)
}

#[test]
fn asynchronous_training_is_plain_gradient_descent() {
    let (guest, hosts) = tables();
    let (wanted, losses) = oracle(&guest, &hosts[0], &vec![1.0; guest.count()], 6);
    let trained = run(&parameters(""), &guest, &hosts);
    close(&weights(&trained), &wanted, 1e-10);
    close(&trained.arbiter.singles[0].losses, &losses, 1e-10);
    let quick = run(&parameters("").replace("null", "23"), &guest, &hosts);
    close(&weights(&quick), &wanted, 1e-8);
    close(&quick.arbiter.singles[0].losses, &losses, 1e-8);
}

#[test]
fn sample_weights_weigh_gradient_and_loss() {
    let (guest, host) = breast();
    let mut guest = guest;
    let column: Vec<f64> = (0..guest.rows()).map(|row| 1.0 + (row % 3) as f64).collect();
    guest.columns.push(Column::new("w", Meaning::Weight, Values::Float64(column)));
    let (guest, hosts) = (Rows::new(&guest, "guest").unwrap(), [Rows::new(&host, "host").unwrap()]);
    let s = guest.sample_weights().unwrap().unwrap();
    let (wanted, losses) = oracle(&guest, &hosts[0], &s, 6);
    let trained = run(&parameters(""), &guest, &hosts);
    close(&weights(&trained), &wanted, 1e-8);
    close(&trained.arbiter.singles[0].losses, &losses, 1e-8);
}

#[test]
fn several_hosts_are_one_host_cut_in_pieces() {
    let (guest, hosts) = tables();
    let rule = r#", "early_stop": "weight_diff""#;
    let one = run(&parameters(rule), &guest, &hosts);
    let frame = breast().1;
    let piece = |from: usize, to: usize| {
        let columns = frame.columns[..1].iter().chain(&frame.columns[1 + from..1 + to]).cloned().collect();
        Rows::new(&Frame::new(columns), "host").unwrap()
    };
    let three = run(&parameters(rule), &guest, &[piece(0, 5), piece(5, 6), piece(6, 20)]);
    close(&weights(&three), &weights(&one), 1e-10);
    assert!(three.arbiter.singles[0].losses.is_empty() && !one.arbiter.singles[0].losses.is_empty());
    let parts = Parts { guest: &guest, hosts: &[piece(0, 5), piece(5, 6)], validate: false, start: None };
    assert!(train(&parameters(""), &parts).unwrap_err().message.contains("weight_diff"));
}

#[test]
fn decoys_change_nothing() {
    let (guest, hosts) = tables();
    for strategy in ["full", "random"] {
        let json = |rate: u32| {
            parameters(&format!(r#", "batch_size": 100, "batch_strategy": "{strategy}", "masked_rate": {rate}"#))
        };
        let plain = run(&json(0), &guest, &hosts);
        let masked = run(&json(2), &guest, &hosts);
        close(&weights(&masked), &weights(&plain), 1e-10);
        close(&masked.arbiter.singles[0].losses, &plain.arbiter.singles[0].losses, 1e-10);
    }
}

#[test]
fn too_few_rows_for_a_hosts_features_are_refused() {
    let (guest, hosts) = tables();
    let json = parameters(r#", "batch_size": 10, "masked_rate": 0.5"#);
    let parts = Parts { guest: &guest, hosts: &hosts, validate: false, start: None };
    assert!(train(&json, &parts).unwrap_err().message.contains("21 are needed"));
}

#[test]
fn fixed_batches_and_every_optimizer_lower_the_loss() {
    let (guest, hosts) = tables();
    for optimizer in ["rmsprop", "adam", "adagrad", "nesterov_momentum_sgd"] {
        let more = r#", "batch_size": 200, "masked_rate": 0, "shuffle": false, "penalty": "L1""#;
        let json = parameters(more).replace("\"sgd\"", &format!("\"{optimizer}\"")).replace("0.15", "0.02");
        let trained = run(&json, &guest, &hosts);
        let losses = &trained.arbiter.singles[0].losses;
        assert!(losses[losses.len() - 1] < losses[0], "{optimizer}: {losses:?}");
        assert!(weights(&trained).iter().any(|w| *w != 0.0));
    }
}

/// Scores and cuts of a plaintext re-enactment: auc and ks grow until epoch 2 and fall from epoch 3 to 5.
#[test]
fn early_stopping_restores_the_best_epoch_everywhere() {
    let (guest, hosts) = tables();
    let callbacks =
        r#", "callback_param": {"callbacks": ["EarlyStopping"], "validation_freqs": 1, "early_stopping_rounds": 3}"#;
    let json = parameters(callbacks).replace("\"sgd\"", "\"rmsprop\"").replace("\"max_iter\": 6", "\"max_iter\": 30");
    let trained = train(&json, &Parts { guest: &guest, hosts: &hosts, validate: true, start: None }).unwrap();
    for learned in [&trained.guest, &trained.hosts[0], &trained.arbiter] {
        assert_eq!((learned.singles[0].best, learned.singles[0].epochs), (Some(2), 6));
    }
    let record = &trained.guest.singles[0].validation;
    assert_eq!(record["validate"]["auc"][2], 0.97952);
    assert_eq!(record["train"]["ks"].as_array().unwrap().len(), 6);
    let three = run(&json.replace("\"max_iter\": 30", "\"max_iter\": 3").replace(callbacks, ""), &guest, &hosts);
    close(&weights(&trained), &weights(&three), 1e-12);
    let blind = train(&json, &Parts { guest: &guest, hosts: &hosts, validate: false, start: None });
    assert!(blind.unwrap_err().message.contains("validate_data"));
}

/// Epochs of a party's checkpoints.
fn epochs(kept: &[(usize, Saved)]) -> Vec<usize> {
    kept.iter().map(|(epoch, _)| *epoch).collect()
}

#[test]
fn checkpoints_are_the_models_that_training_would_have_ended_with() {
    let (guest, hosts) = tables();
    let json = parameters(r#", "callback_param": {"callbacks": ["ModelCheckpoint"], "save_freq": 2}"#);
    let settings = Settings::parse(&json, "hetero_lr_0").unwrap();
    let all = run(&json, &guest, &hosts);
    assert!(all.checkpoints.iter().all(|kept| epochs(kept) == [0, 2, 4]));
    let shorter = run(&json.replace("\"max_iter\": 6", "\"max_iter\": 5"), &guest, &hosts);
    for (kept, learned) in all.checkpoints.iter().zip([&shorter.guest, &shorter.hosts[0], &shorter.arbiter]) {
        assert_eq!(kept[2].1[1], learned.parts(&settings)[1]);
    }
    assert!(run(&parameters(""), &guest, &hosts).checkpoints.iter().all(Vec::is_empty));
}

#[test]
fn checkpoints_go_on_until_an_early_stop() {
    let (guest, hosts) = tables();
    let callbacks = r#", "callback_param": {"callbacks": ["EarlyStopping", "ModelCheckpoint"], "validation_freqs": 1,
        "early_stopping_rounds": 3}"#;
    let json = parameters(callbacks).replace("\"sgd\"", "\"rmsprop\"").replace("\"max_iter\": 6", "\"max_iter\": 30");
    let settings = Settings::parse(&json, "hetero_lr_0").unwrap();
    let trained = train(&json, &Parts { guest: &guest, hosts: &hosts, validate: true, start: None }).unwrap();
    assert!(trained.checkpoints.iter().all(|kept| epochs(kept) == [0, 1, 2, 3, 4, 5]));
    // The best epoch's weights are the model, those of the last epoch the last checkpoint.
    let weights = |saved: &Saved| Learned::from_param(&saved[1].1, "m").unwrap().singles[0].weights.clone();
    let kept = &trained.checkpoints[0];
    let model = weights(&trained.guest.parts(&settings));
    assert_eq!(model, weights(&kept[2].1));
    assert_ne!(model, weights(&kept[5].1));
}

/// Predicts with one thread a party.
fn predicted(trained: &Trained, guest: &Rows, hosts: &[Rows]) -> Predictions {
    let settings = Settings::parse("{}", "hetero_lr_0").unwrap();
    let (hub, cast) = (Hub::default(), cast(hosts.len()));
    let (hub, cast, settings) = (&hub, &cast, &settings);
    std::thread::scope(|scope| {
        for (index, rows) in hosts.iter().enumerate() {
            scope.spawn(move || {
                let link = Fake::new(hub, cast.hosts[index]);
                predict::host(&Scene::new(&link, cast, settings, "hetero_lr_0"), rows, &trained.hosts[index]).unwrap();
            });
        }
        let link = Fake::new(hub, cast.guest);
        let found = predict::guest(&Scene::new(&link, cast, settings, "hetero_lr_0"), guest, &trained.guest).unwrap();
        Predictions::new(&found, &trained.guest, settings.threshold)
    })
}

#[test]
fn one_model_a_class() {
    let (mut guest, host) = breast();
    let Values::Float64(x) = &guest.columns[2].values else { panic!("a feature") };
    let classes: Vec<i64> = x
        .iter()
        .map(|x| {
            if *x < -0.6 {
                0
            } else if *x < 0.3 {
                1
            } else {
                2
            }
        })
        .collect();
    guest.columns[1].values = Values::Int64(classes);
    let (guest, hosts) = (Rows::new(&guest, "guest").unwrap(), vec![Rows::new(&host, "host").unwrap()]);
    let trained = run(&parameters("").replace("\"max_iter\": 6", "\"max_iter\": 20"), &guest, &hosts);
    assert_eq!(trained.guest.classes, [0, 1, 2]);
    assert_eq!((trained.hosts[0].singles.len(), trained.arbiter.singles.len(), trained.losses.len()), (3, 3, 0));
    let more = r#", "callback_param": {"callbacks": ["ModelCheckpoint"]}"#;
    for kept in run(&parameters(more), &guest, &hosts).checkpoints {
        // One for each epoch of the last class, each a whole model.
        assert_eq!(epochs(&kept), [0, 1, 2, 3, 4, 5]);
        assert_eq!(Learned::from_param(&kept[0].1[1].1, "m").unwrap().singles.len(), 3);
    }
    let found = predicted(&trained, &guest, &hosts);
    let labels = guest.labels().unwrap();
    let right = found.classes.iter().zip(&labels).filter(|(a, b)| a == b).count() as f64 / labels.len() as f64;
    assert!(right > 0.75, "accuracy {right}");
    let read = Learned::from_param(&trained.arbiter.param().to_string(), "m").unwrap();
    assert_eq!(read.singles, trained.arbiter.singles);
}

#[test]
fn prediction_finds_rows_by_id_and_columns_by_name() {
    let (guest, hosts) = tables();
    let trained = run(&parameters(""), &guest, &hosts);
    let whole = predicted(&trained, &guest, &hosts);
    let rows: Vec<u32> = vec![3, 100, 568];
    let mut shuffled = breast().1;
    shuffled.columns[1..].reverse();
    let part = predicted(&trained, &guest.take(&rows), &[Rows::new(&shuffled, "host").unwrap()]);
    let wanted: Vec<f64> = rows.iter().map(|row| whole.scores[*row as usize]).collect();
    close(&part.scores, &wanted, 1e-14);
}

#[test]
fn cross_validation_predicts_every_row_in_every_fold() {
    let (guest, hosts) = tables();
    let json = parameters(r#", "cv_param": {"need_cv": true, "n_splits": 3, "random_seed": 103}"#);
    let settings = Settings::parse(&json, "hetero_lr_0").unwrap();
    let plan = settings.cross.as_ref().unwrap();
    let (hub, cast) = (Hub::default(), cast(1));
    let (hub, cast, settings, host) = (&hub, &cast, &settings, &hosts[0]);
    let crossed = std::thread::scope(|scope| {
        scope.spawn(move || {
            let link = Fake::new(hub, cast.hosts[0]);
            let crossed = cross::host(&Scene::new(&link, cast, settings, "c"), &(), host, plan).unwrap();
            assert!(crossed.table.is_none());
        });
        scope.spawn(move || {
            let link = Fake::new(hub, cast.arbiter);
            let folds = cross::arbiter(&Scene::new(&link, cast, settings, "c"), &(), plan).unwrap();
            assert_eq!(folds.len(), 3);
            assert_eq!(link.losses.lock().unwrap()[6].0, "loss.1");
        });
        let link = Fake::new(hub, cast.guest);
        cross::guest(&Scene::new(&link, cast, settings, "c"), &(), &guest, plan).unwrap()
    });
    let table = crossed.table.unwrap();
    assert_eq!(table.rows(), 3 * guest.count());
    let keys = table.index();
    assert_eq!(keys.len(), table.rows());
    assert!(keys.contains_key("0#fold0#train") || keys.contains_key("0#fold0#validate"));
    assert_eq!(crossed.metrics.len(), 3);
    assert!(crossed.metrics.iter().all(|[_, validate]| validate["auc"].as_f64().unwrap() > 0.9));
}

#[test]
fn a_host_without_the_guests_rows_says_so() {
    let (guest, hosts) = tables();
    let some: Vec<u32> = (0..568).collect();
    let short = [hosts[0].take(&some)];
    let (hub, cast) = (Hub::default(), cast(1));
    let settings = Settings::parse("{}", "hetero_lr_0").unwrap();
    let link = Fake::new(&hub, cast.guest);
    link.push(cast.hosts[0], "predict_info", &1u64.to_le_bytes()).unwrap();
    link.push_ids(cast.hosts[0], "predict_ids", guest.ids()).unwrap();
    let learned = Learned { header: short[0].header.clone(), classes: Vec::new(), singles: vec![Default::default()] };
    let link = Fake::new(&hub, cast.hosts[0]);
    let failure = predict::host(&Scene::new(&link, &cast, &settings, "c"), &short[0], &learned).unwrap_err();
    assert!(failure.message.contains("1 of the 569 ids"), "{}", failure.message);
}
