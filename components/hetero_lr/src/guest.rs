//! The guest's side of training. It owns the labels, draws the batches, and leads. Not for: prediction ([`crate::predict`]).

mod batch;

use std::borrow::Cow;

use parcae_sdk::{Result, info, input_error, warning};
use serde_json::Value;

use crate::{
    batches::{Batch, Deck, Layout, Plan},
    learned::{Learned, Single},
    link::Link,
    matrix::Matrix,
    scene::{Given, Scene},
    secret::Secret,
    taylor,
    watch::{Best, Verdict, Watch},
    weights::Weights,
    wire,
};

/// Most classes.
const CLASSES: usize = 1000;

/// Trains one model, or one a class when there are more than two.
pub fn fit<'a, L: Link>(scene: &Scene<'a, L>, key: &'a L::Key, given: &Given<'a>) -> Result<Learned> {
    let settings = scene.settings;
    settings.check_hosts(scene.cast.hosts.len(), scene.component)?;
    settings.check_validation(given.validate.is_some(), scene.component)?;
    let labels = given.train.labels()?;
    let classes = classes(&labels, &given.train.what)?;
    let several = classes.len() > 2;
    scene.tell(&scene.cast.others(), "aggregate_classes", &wire::counts(&[classes.len() as u64]))?;
    scene.share_ids("sample_ids", given.train.ids())?;
    let validate = given.validate.filter(|_| settings.validation.is_some());
    if let Some(rows) = validate {
        scene.share_ids("validate_ids", rows.ids())?;
    }
    let s = given.train.sample_weights()?;
    let positives = if several { classes.clone() } else { vec![1] };
    if given.start.is_some_and(|start| start.singles.len() != positives.len()) {
        return Err(input_error(format!(
            "{}: the model to start from was trained for other classes",
            given.train.what
        )));
    }
    let classes = if several { classes } else { Vec::new() };
    let mut learned = Learned { header: given.train.header.clone(), classes, singles: Vec::new() };
    for (index, positive) in positives.iter().enumerate() {
        if several {
            info!("class {positive}, {} of {}", index + 1, positives.len());
        }
        let train = Side::new(Cow::Borrowed(&given.train.features), &labels, *positive, s.clone());
        let validate = match validate {
            Some(rows) => Some(Side::new(rows.ordered(&given.train.header)?, &rows.labels()?, *positive, None)),
            None => None,
        };
        let start = given.start.map(|start| &start.singles[index]);
        let (header, scene) = (&given.train.header, scene.class(index, positives.len()));
        let single = Training::new(scene, key, train, validate, header, start)?.run(start, &learned)?;
        learned.singles.push(single);
    }
    Ok(learned)
}

fn classes(labels: &[i64], what: &str) -> Result<Vec<i64>> {
    let mut classes = labels.to_vec();
    classes.sort_unstable();
    classes.dedup();
    match classes.as_slice() {
        [] | [_] => Err(input_error(format!("{what}: all labels are the same; two classes are needed"))),
        [a, b] if *a != 1 && *b != 1 => {
            Err(input_error(format!("{what}: the labels are {a} and {b}; of two classes the positive one must be 1")))
        }
        more if more.len() > CLASSES => {
            Err(input_error(format!("{what}: {} different labels; at most {CLASSES} classes are allowed", more.len())))
        }
        _ => Ok(classes),
    }
}

/// Rows with labels of +1 and -1.
struct Side<'a> {
    x: Cow<'a, Matrix>,
    y: Vec<f64>,
    s: Option<Vec<f64>>,
}

impl<'a> Side<'a> {
    fn new(x: Cow<'a, Matrix>, labels: &[i64], positive: i64, s: Option<Vec<f64>>) -> Side<'a> {
        let y = labels.iter().map(|label| if *label == positive { 1.0 } else { -1.0 }).collect();
        Side { x, y, s }
    }
}

/// Training of one binary model.
struct Training<'a, L: Link> {
    scene: Scene<'a, L>,
    key: &'a L::Key,
    train: Side<'a>,
    validate: Option<Side<'a>>,
    header: &'a [String],
    plan: Plan,
    weights: Weights,
}

impl<'a, L: Link> Training<'a, L> {
    fn new(
        scene: Scene<'a, L>,
        key: &'a L::Key,
        train: Side<'a>,
        validate: Option<Side<'a>>,
        header: &'a [String],
        start: Option<&Single>,
    ) -> Result<Training<'a, L>> {
        let settings = scene.settings;
        let layout = Layout::new(train.x.rows(), settings);
        let plan = Plan { layout, weighted: train.s.is_some(), first: start.map_or(0, |single| single.epochs) };
        let weights = match start {
            Some(single) => single.weights(settings.fit_intercept),
            None => {
                let mut secret = Secret::new(scene.link.secret()?, 0);
                Weights::start(settings, train.x.columns(), settings.fit_intercept, &mut secret)
            }
        };
        Ok(Training { scene, key, train, validate, header, plan, weights })
    }

    /// Trains; `before` is what was learned of earlier classes.
    fn run(mut self, start: Option<&Single>, before: &Learned) -> Result<Single> {
        let settings = self.scene.settings;
        let first = self.plan.first;
        self.announce()?;
        let mut deck = if self.plan.layout.mutable { Some(Deck::new(self.scene.link.secret()?)) } else { None };
        let mut watch = settings.validation.as_ref().map(Watch::new);
        let mut best = Best::new(settings.validation.as_ref());
        let mut trained = Single { epochs: first, converged: start.is_some_and(|s| s.converged), ..Single::default() };
        let mut stop = None;
        if first >= settings.max_iter {
            warning!("the model has {first} epochs and max_iter is {}: nothing is left to train", settings.max_iter);
        }
        for epoch in first..settings.max_iter {
            let batches = deck.as_mut().map_or_else(|| self.plan.layout.fixed(), |deck| deck.draw(&self.plan.layout));
            self.share(epoch, &batches)?;
            for (index, batch) in batches.into_iter().enumerate() {
                self.batch(epoch, index, batch)?;
            }
            trained.converged = self.scene.converged(epoch)?;
            trained.epochs = epoch + 1;
            info!("epoch {epoch} done{}", if trained.converged { ": converged" } else { "" });
            if let Some(verdict) = self.verdict(epoch, watch.as_mut())? {
                best.note(&verdict, epoch, &self.weights);
                stop = verdict.stop;
            }
            self.scene.checkpoint(epoch, before, || {
                let intercept = self.weights.intercept.unwrap_or(0.0);
                Single { weights: self.weights.values.clone(), intercept, ..trained.clone() }
            })?;
            self.scene.progress(epoch + 1);
            if trained.converged || stop.is_some() {
                info!(
                    "training ends after epoch {epoch}: {}",
                    if trained.converged { "converged" } else { "early stopping" }
                );
                break;
            }
        }
        if let Some((epoch, weights)) = best.take(stop) {
            info!("the weights of epoch {epoch} are the best");
            (trained.best, self.weights) = (Some(epoch), weights);
        }
        trained.validation = watch.map_or(Value::Null, |watch| watch.summary());
        trained.intercept = self.weights.intercept.unwrap_or(0.0);
        trained.weights = self.weights.values;
        Ok(trained)
    }

    /// Whether hosts get the whole fore gradient from the guest, and not only its half.
    fn is_centralised(&self) -> bool {
        self.plan.is_centralised(self.scene.cast.hosts.len())
    }

    fn has_loss(&self) -> bool {
        self.scene.cast.hosts.len() == 1
    }

    fn announce(&self) -> Result<()> {
        self.scene.tell(&self.scene.cast.others(), "batch_info", &wire::counts(&self.plan.to_counts()))?;
        if !self.plan.layout.is_masked() {
            return Ok(());
        }
        for host in &self.scene.cast.hosts {
            let needed = self.scene.counts(*host, "batch_validate_info", 1)?[0];
            if needed > 0 {
                let (id, masked) = (host.id, self.plan.layout.masked);
                return Err(input_error(format!(
                    "{}: a masked batch has {masked} rows, but host {id} has so many features that {needed} are needed; raise \
                     batch_size or masked_rate, or set masked_rate to 0",
                    self.scene.component
                )));
            }
        }
        Ok(())
    }

    /// Tells the hosts the rows of the epoch's batches unless they can cut them themselves.
    fn share(&self, epoch: usize, batches: &[Batch]) -> Result<()> {
        if !self.plan.layout.mutable {
            return Ok(());
        }
        for (index, batch) in batches.iter().enumerate() {
            let tag = self.scene.at("batch_data_index", epoch, index);
            let body = wire::positions(&batch.sent);
            self.scene.cast.hosts.iter().try_for_each(|host| self.scene.link.push(*host, &tag, &body))?;
        }
        Ok(())
    }

    /// Validates at the end of an epoch where the plan says so, and tells everybody what follows from it.
    fn verdict(&self, epoch: usize, watch: Option<&mut Watch<'_>>) -> Result<Option<Verdict>> {
        let (Some(plan), Some(watch)) = (&self.scene.settings.validation, watch) else { return Ok(None) };
        if !plan.frequency.includes(epoch) {
            return Ok(None);
        }
        let train = self.measure(epoch, "train", &self.train)?;
        let validate = self.validate.as_ref().map(|side| self.measure(epoch, "validate", side)).transpose()?;
        let verdict = watch.note(&train, validate.as_deref());
        self.scene.tell(&self.scene.cast.others(), &format!("validation_status.{epoch}"), &verdict.to_bytes())?;
        Ok(Some(verdict))
    }

    fn measure(&self, epoch: usize, name: &str, side: &Side<'_>) -> Result<Vec<f64>> {
        let settings = self.scene.settings;
        let mut z = self.weights.scores(&side.x);
        let tag = self.scene.tag(&format!("host_prob.{name}.{epoch}"));
        for host in &self.scene.cast.hosts {
            let more = self.scene.numbers(*host, &tag, z.len())?;
            z.iter_mut().zip(more).for_each(|(z, more)| *z += more);
        }
        let scores: Vec<f64> = z.into_iter().map(taylor::sigmoid).collect();
        let positive: Vec<bool> = side.y.iter().map(|y| *y > 0.0).collect();
        let metrics = settings.validation.iter().flat_map(|plan| &plan.metrics);
        let values: Vec<f64> = metrics.clone().map(|m| m.of(&positive, &scores, settings.threshold)).collect();
        let said: Vec<String> = metrics.zip(&values).map(|(m, v)| format!("{} {v:.6}", m.name())).collect();
        info!("epoch {epoch}, {name}: {}", said.join(", "));
        Ok(values)
    }
}
