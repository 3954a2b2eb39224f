//! Cross-validation: for each fold a whole training and two predictions. No model comes out of it. Not for: how rows are cut
//! ([`crate::folds`]).

use parcae_sdk::{Frame, Result, info, input_error};
use serde_json::{Map, Value, json};

use crate::{
    arbiter, folds, guest, host,
    learned::Learned,
    link::Link,
    mersenne::Mersenne,
    output, predict,
    predict::Predictions,
    rows::Rows,
    scene::{Given, Scene},
    scoring::{self, Metric},
    secret::Secret,
    settings::{Cross, History},
    wire,
};

/// What a party gets out of it.
pub struct Crossed {
    /// The history of all folds, if one is asked for.
    pub table: Option<Frame>,
    /// For each fold the metrics on training and on validation rows: known to the guest only.
    pub metrics: Vec<[Map<String, Value>; 2]>,
}

/// What rows are in a fold: `train` first.
const KINDS: [&str; 2] = ["train", "validate"];

/// The guest's side.
pub fn guest<L: Link>(scene: &Scene<'_, L>, key: &L::Key, rows: &Rows, plan: &Cross) -> Result<Crossed> {
    let count = rows.count();
    if count < plan.folds {
        return Err(input_error(format!("{}: {count} rows cannot be cut into {} folds", rows.what, plan.folds)));
    }
    scene.share_ids("cv.sample_ids", rows.ids())?;
    let mut tables = Vec::new();
    let mut metrics = Vec::with_capacity(plan.folds);
    for (index, fold) in cut(scene, plan, count)?.iter().enumerate() {
        info!("fold {index}: {} rows to learn from, {} to validate on", count - fold.len(), fold.len());
        scene.tell(&scene.cast.hosts, &format!("test_sid.{index}"), &wire::positions(fold))?;
        let parts = [rows.take(&folds::others(count, fold)), rows.take(fold)];
        let given = Given { train: &parts[0], validate: Some(&parts[1]), start: None };
        let learned = guest::fit(&scene.fold(index, plan.folds), key, &given)?;
        let mut both = [Map::new(), Map::new()];
        for ((kind, part), metrics) in KINDS.iter().zip(&parts).zip(&mut both) {
            let probabilities = predict::guest(&scene.within(&format!("predict_{kind}.{index}")), part, &learned)?;
            let found = Predictions::new(&probabilities, &learned, scene.settings.threshold);
            *metrics = measured(&found, part, &learned)?;
            info!("fold {index}, {kind}: {}", Value::Object(metrics.clone()));
            let suffix = format!("#fold{index}#{kind}");
            match plan.history {
                History::Score => tables.push(output::renamed(output::predictions(part, &found, kind), &suffix)),
                History::Instance => tables.push(output::renamed(output::instances(part), &suffix)),
                History::None => {}
            }
        }
        metrics.push(both);
    }
    Ok(Crossed { table: stacked(tables)?, metrics })
}

/// A host's side.
pub fn host<L: Link>(scene: &Scene<'_, L>, key: &L::Key, rows: &Rows, plan: &Cross) -> Result<Crossed> {
    let guest = scene.cast.guest;
    let ids = scene.link.pull_ids(guest, &scene.tag("cv.sample_ids"))?;
    let rows = rows.take(&rows.positions(&ids)?);
    let mut tables = Vec::new();
    for index in 0..plan.folds {
        let tag = scene.tag(&format!("test_sid.{index}"));
        let fold = wire::read_positions(&scene.link.pull(guest, &tag)?, None, rows.count(), &tag)?;
        if fold.is_empty() || fold.len() == rows.count() {
            return Err(wire::peer_error(format!("{tag}: a fold of {} of {} rows came", fold.len(), rows.count())));
        }
        let parts = [rows.take(&folds::others(rows.count(), &fold)), rows.take(&fold)];
        let given = Given { train: &parts[0], validate: Some(&parts[1]), start: None };
        let learned = host::fit(&scene.fold(index, plan.folds), key, &given)?;
        for (kind, part) in KINDS.iter().zip(&parts) {
            predict::host(&scene.within(&format!("predict_{kind}.{index}")), part, &learned)?;
            if plan.history == History::Instance {
                tables.push(output::renamed(output::instances(part), &format!("#fold{index}#{kind}")));
            }
        }
    }
    Ok(Crossed { table: stacked(tables)?, metrics: Vec::new() })
}

/// The arbiter's side: what each fold learned.
pub fn arbiter<L: Link>(scene: &Scene<'_, L>, pair: &L::Pair, plan: &Cross) -> Result<Vec<Learned>> {
    (0..plan.folds).map(|index| arbiter::fit(&scene.fold(index, plan.folds), pair, None)).collect()
}

/// The rows that validate in each fold.
fn cut<L: Link>(scene: &Scene<'_, L>, plan: &Cross, count: usize) -> Result<Vec<Vec<u32>>> {
    if !plan.shuffle {
        return Ok(folds::split(count, plan.folds, None));
    }
    if let Some(seed) = plan.seed {
        let mut source = Mersenne::new(seed);
        return Ok(folds::split(count, plan.folds, Some(&mut |order: &mut [u32]| source.shuffle(order))));
    }
    let mut source = Secret::new(scene.link.secret()?, 0);
    Ok(folds::split(count, plan.folds, Some(&mut |order: &mut [u32]| source.shuffle(order))))
}

/// The default metrics of predictions, rounded.
fn measured(found: &Predictions, rows: &Rows, learned: &Learned) -> Result<Map<String, Value>> {
    let labels = rows.labels()?;
    let pairs: Vec<(&str, f64)> = if learned.is_one_vs_rest() {
        scoring::multi(&labels, &found.classes).to_vec()
    } else {
        let positive: Vec<bool> = labels.iter().map(|label| *label == 1).collect();
        [Metric::Auc, Metric::Ks].map(|m| (m.name(), m.of(&positive, &found.scores, 0.5))).to_vec()
    };
    Ok(pairs.into_iter().map(|(name, value)| (name.to_owned(), json!(scoring::rounded(value)))).collect())
}

fn stacked(tables: Vec<Frame>) -> Result<Option<Frame>> {
    if tables.is_empty() { Ok(None) } else { output::stack(tables).map(Some) }
}
