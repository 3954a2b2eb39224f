//! The life cycle of an attempt: reads ports, does the work of its role, writes outputs. Not for: mathematics or the protocol.

use parcae_sdk::{
    Frame, Result, Role, Task, failed, info, input_error, metrics, models,
    tables::{self, Table},
    warning,
};
use serde_json::{Map, Value, json};

use crate::{
    arbiter, cross, guest, host,
    learned::{self, Learned},
    link::Link,
    node::{self, Node},
    output,
    ports::{Wired, Work},
    predict::{self, Predictions},
    rows::Rows,
    scene::{Cast, Given, Scene},
    settings::{Cross, Settings},
    wire,
};

/// Runs one attempt of HeteroLR.
pub fn run(task: &Task) -> Result<()> {
    let settings = Settings::parse(&task.parameters, &task.component)?;
    let cast = Cast::of(task)?;
    let node = Node::default();
    let scene = Scene::new(&node, &cast, &settings, &task.component);
    if !models::load("isometric_model")?.is_empty() {
        warning!("{}: isometric_model is not used by HeteroLR", task.component);
    }
    match task.me.role {
        Role::Guest => as_guest(task, &scene),
        Role::Host => as_host(task, &scene),
        Role::Arbiter => as_arbiter(&scene),
        Role::Local => Err(failed(format!("{}: role local takes no part in HeteroLR", task.component))),
    }
}

/// The input ports of a guest or a host.
struct Ports {
    train: Option<Table>,
    validate: Option<Table>,
    test: Option<Table>,
    eval: Option<Table>,
    model: Option<Learned>,
}

impl Ports {
    fn open(task: &Task) -> Result<Ports> {
        Ok(Ports {
            train: task.input_if_any("train_data")?,
            validate: task.input_if_any("validate_data")?,
            test: task.input_if_any("test_data")?,
            eval: task.input_if_any("eval_data")?,
            model: load_model(&task.component)?,
        })
    }

    fn work(&self, scene: &Scene<'_, Node>) -> Result<Work> {
        let wired = Wired {
            train: self.train.is_some(),
            validate: self.validate.is_some(),
            test: self.test.is_some(),
            eval: self.eval.is_some(),
            model: self.model.is_some(),
        };
        let decided = Work::decide(wired, scene.settings.cross.is_some());
        decided.map_err(|why| input_error(format!("{}: {why}", scene.component)))
    }

    /// The rows to train on, and those to validate on.
    fn to_train(&self, scene: &Scene<'_, Node>) -> Result<(Rows, Option<Rows>)> {
        let train = read(self.train.as_ref(), scene, "train_data")?;
        let validate = match (&self.validate, &self.eval) {
            (Some(table), _) => Some(read(Some(table), scene, "validate_data")?),
            (None, Some(table)) => Some(read(Some(table), scene, "eval_data")?),
            (None, None) => None,
        };
        Ok((train, validate))
    }

    fn to_predict(&self, scene: &Scene<'_, Node>) -> Result<Rows> {
        match &self.test {
            Some(table) => read(Some(table), scene, "test_data"),
            None => read(self.eval.as_ref(), scene, "eval_data"),
        }
    }

    fn model(&self, scene: &Scene<'_, Node>) -> Result<&Learned> {
        let missing = || input_error(format!("{}: nothing is connected to input model", scene.component));
        self.model.as_ref().ok_or_else(missing)
    }
}

fn read(table: Option<&Table>, scene: &Scene<'_, Node>, port: &str) -> Result<Rows> {
    let what = format!("{}, {port}", scene.component);
    let table = table.ok_or_else(|| input_error(format!("{what}: nothing is connected")))?;
    Rows::new(&Frame::read(table)?, &what)
}

fn load_model(component: &str) -> Result<Option<Learned>> {
    let Some(model) = models::load("model")?.pop() else { return Ok(None) };
    let what = format!("{component}: the model of {}", model.component);
    let part = model.parts.iter().find(|part| part.name == learned::PARAM);
    let part =
        part.ok_or_else(|| input_error(format!("{what} is not one of HeteroLR: it has no {}", learned::PARAM)))?;
    Learned::from_param(&part.json, &what).map(Some)
}

fn save_model(settings: &Settings, learned: &Learned) -> Result<()> {
    Ok(models::save("model", &node::parts(&learned.parts(settings)))?)
}

/// Shows on the board where a warm start began.
fn note_start(start: Option<&Learned>) -> Result<()> {
    let Some(single) = start.and_then(|start| start.singles.first()) else { return Ok(()) };
    info!("training goes on from epoch {}", single.epochs);
    metrics::describe("train", "init_iter", "init_iter", r#"{"unit_name": "iters"}"#)?;
    let key = metrics::Scalar::Text("init_iter".to_owned());
    let value = metrics::Scalar::Number(single.epochs as f64);
    Ok(metrics::append("train", "init_iter", &[metrics::Point { key, value }])?)
}

fn cross_plan<'a>(scene: &Scene<'a, Node>) -> Result<&'a Cross> {
    scene
        .settings
        .cross
        .as_ref()
        .ok_or_else(|| failed(format!("{}: cv_param.need_cv is not set here", scene.component)))
}

fn write(table: &Frame) -> Result<()> {
    let writer = tables::create("data", &table.schema(), table.partitions)?;
    table.write_to(writer).map(|_| ())
}

fn as_guest(task: &Task, scene: &Scene<'_, Node>) -> Result<()> {
    let ports = Ports::open(task)?;
    let work = ports.work(scene)?;
    scene.tell(&scene.cast.others(), "work", &work.to_bytes())?;
    match work {
        Work::Train { .. } => train_guest(&ports, scene),
        Work::Cross => {
            let key = scene.link.pull_key(scene.cast.arbiter, "paillier_pubkey")?;
            let rows = ports.to_train(scene)?.0;
            let crossed = cross::guest(scene, &key, &rows, cross_plan(scene)?)?;
            publish(scene.component, &crossed.metrics)?;
            crossed.table.map_or(Ok(()), |table| write(&table))
        }
        Work::Predict => {
            let table = predicted(scene, &ports.to_predict(scene)?, ports.model(scene)?, "predict")?;
            write(&table)
        }
    }
}

fn train_guest(ports: &Ports, scene: &Scene<'_, Node>) -> Result<()> {
    let (train, validate) = ports.to_train(scene)?;
    let start = ports.model.as_ref().map(|model| model.for_header(&train.header, scene.component)).transpose()?;
    note_start(start.as_ref())?;
    let key = scene.link.pull_key(scene.cast.arbiter, "paillier_pubkey")?;
    let given = Given { train: &train, validate: validate.as_ref(), start: start.as_ref() };
    let learned = guest::fit(scene, &key, &given)?;
    save_model(scene.settings, &learned)?;
    metrics::summary(&learned.summary().to_string())?;
    let mut table = predicted(scene, &train, &learned, "train")?;
    if let Some(rows) = &validate {
        table = output::union(table, predicted(scene, rows, &learned, "validate")?)?;
    }
    write(&table)
}

fn predicted(scene: &Scene<'_, Node>, rows: &Rows, learned: &Learned, kind: &str) -> Result<Frame> {
    let probabilities = predict::guest(&scene.within(&format!("predict_{kind}")), rows, learned)?;
    Ok(output::predictions(rows, &Predictions::new(&probabilities, learned, scene.settings.threshold), kind))
}

/// Publishes the metrics of a cross-validation: one series a fold, `<component>.<fold>`.
fn publish(component: &str, folds: &[[Map<String, Value>; 2]]) -> Result<()> {
    let mut summary = Map::new();
    for (index, [train, validate]) in folds.iter().enumerate() {
        let name = format!("{component}.{index}");
        for (namespace, found) in [("train", train), ("validate", validate)] {
            metrics::describe(namespace, &name, "EVALUATION_SUMMARY", "{}")?;
            let point = |(name, value): (&String, &Value)| metrics::Point {
                key: metrics::Scalar::Text(name.clone()),
                value: metrics::Scalar::Number(value.as_f64().unwrap_or(f64::NAN)),
            };
            metrics::append(namespace, &name, &found.iter().map(point).collect::<Vec<_>>())?;
        }
        summary.insert(format!("fold_{index}"), json!({ "train": train, "validate": validate }));
    }
    Ok(metrics::summary(&Value::Object(summary).to_string())?)
}

/// What the guest does; an error where this party's ports are wired for something else.
fn agreed(scene: &Scene<'_, Node>, own: Option<Work>) -> Result<Work> {
    let tag = scene.tag("work");
    let bytes = scene.link.pull(scene.cast.guest, &tag)?;
    let work = Work::from_bytes(&bytes).ok_or_else(|| wire::peer_error(format!("{tag}: not a kind of work")))?;
    match own {
        Some(own) if own != work => Err(input_error(format!(
            "{}: the guest is to do {work:?}, this party {own:?}; connect the same ports and give all parties the same cv_param",
            scene.component
        ))),
        _ => Ok(work),
    }
}

fn as_host(task: &Task, scene: &Scene<'_, Node>) -> Result<()> {
    let ports = Ports::open(task)?;
    let work = agreed(scene, Some(ports.work(scene)?))?;
    match work {
        Work::Train { .. } => train_host(&ports, scene),
        Work::Cross => {
            let key = scene.link.pull_key(scene.cast.arbiter, "paillier_pubkey")?;
            let rows = ports.to_train(scene)?.0;
            let crossed = cross::host(scene, &key, &rows, cross_plan(scene)?)?;
            crossed.table.map_or(Ok(()), |table| write(&table))
        }
        Work::Predict => {
            predict::host(&scene.within("predict_predict"), &ports.to_predict(scene)?, ports.model(scene)?)
        }
    }
}

fn train_host(ports: &Ports, scene: &Scene<'_, Node>) -> Result<()> {
    let (train, validate) = ports.to_train(scene)?;
    let start = ports.model.as_ref().map(|model| model.for_header(&train.header, scene.component)).transpose()?;
    note_start(start.as_ref())?;
    let key = scene.link.pull_key(scene.cast.arbiter, "paillier_pubkey")?;
    let given = Given { train: &train, validate: validate.as_ref(), start: start.as_ref() };
    let learned = host::fit(scene, &key, &given)?;
    save_model(scene.settings, &learned)?;
    metrics::summary(&learned.summary().to_string())?;
    predict::host(&scene.within("predict_train"), &train, &learned)?;
    match &validate {
        Some(rows) => predict::host(&scene.within("predict_validate"), rows, &learned),
        None => Ok(()),
    }
}

fn as_arbiter(scene: &Scene<'_, Node>) -> Result<()> {
    let work = agreed(scene, None)?;
    if work == Work::Predict {
        info!("prediction needs no arbiter");
        return Ok(());
    }
    let pair = scene.link.generate(scene.settings.key_bits)?;
    let key = scene.link.public(&pair);
    scene.cast.owners().into_iter().try_for_each(|party| scene.link.push_key(party, "paillier_pubkey", &key))?;
    if work == Work::Cross {
        let folds = cross::arbiter(scene, &pair, cross_plan(scene)?)?;
        let each = folds.iter().enumerate().map(|(index, fold)| (format!("fold_{index}"), fold.loss_summary()));
        return Ok(metrics::summary(&Value::Object(each.collect()).to_string())?);
    }
    let start = load_model(scene.component)?.filter(|_| matches!(work, Work::Train { warm: true, .. }));
    if start.is_none() && matches!(work, Work::Train { warm: true, .. }) {
        return Err(input_error(format!(
            "{}: the guest starts from a model, but this party has none",
            scene.component
        )));
    }
    note_start(start.as_ref())?;
    let learned = arbiter::fit(scene, &pair, start.as_ref())?;
    save_model(scene.settings, &learned)?;
    Ok(metrics::summary(&learned.loss_summary().to_string())?)
}
