//! A host's side of training. It brings features, sees neither labels nor which rows of a masked batch count. Not for:
//! prediction ([`crate::predict`]).

use parcae_sdk::{Result, info, input_error};

use crate::{
    batches::Plan,
    learned::{Learned, Single},
    link::Link,
    matrix::Matrix,
    precision::{self, SCALE, WEIGHT_BITS, WEIGHTED_FEATURE_BITS},
    rows::Rows,
    scene::{Given, Scene},
    secret::Secret,
    taylor,
    watch::Best,
    weights::Weights,
    wire,
};

/// Trains one model, or one a class when the guest has more than two.
pub fn fit<'a, L: Link>(scene: &Scene<'a, L>, key: &'a L::Key, given: &Given<'a>) -> Result<Learned> {
    let settings = scene.settings;
    settings.check_hosts(scene.cast.hosts.len(), scene.component)?;
    settings.check_validation(given.validate.is_some(), scene.component)?;
    let count = scene.class_count()?;
    let train = aligned(scene, "sample_ids", given.train, &given.train.header)?;
    let validate = match given.validate.filter(|_| settings.validation.is_some()) {
        Some(rows) => Some(aligned(scene, "validate_ids", rows, &given.train.header)?),
        None => None,
    };
    let models = if count > 2 { count } else { 1 };
    if given.start.is_some_and(|start| start.singles.len() != models) {
        return Err(input_error(format!(
            "{}: the model to start from was trained for other classes",
            given.train.what
        )));
    }
    let classes = if count > 2 { (0..count as i64).collect() } else { Vec::new() };
    let mut learned = Learned { header: given.train.header.clone(), classes, singles: Vec::new() };
    for index in 0..models {
        let start = given.start.map(|start| &start.singles[index]);
        let inner = scene.class(index, models);
        let training = Training::new(inner, key, &train, validate.as_ref(), &given.train.header, start)?;
        let single = training.run(start, &learned)?;
        learned.singles.push(single);
    }
    Ok(learned)
}

/// The features of the guest's rows, in the guest's order.
fn aligned<L: Link>(scene: &Scene<'_, L>, what: &str, rows: &Rows, header: &[String]) -> Result<Matrix> {
    let ids = scene.link.pull_ids(scene.cast.guest, &scene.tag(what))?;
    Ok(rows.ordered(header)?.gather(&rows.positions(&ids)?))
}

/// Training of one binary model.
struct Training<'s, 'a, L: Link> {
    scene: Scene<'a, L>,
    key: &'s L::Key,
    train: &'s Matrix,
    validate: Option<&'s Matrix>,
    header: &'s [String],
    plan: Plan,
    weights: Weights,
}

impl<'s, 'a, L: Link> Training<'s, 'a, L> {
    fn new(
        scene: Scene<'a, L>,
        key: &'s L::Key,
        train: &'s Matrix,
        validate: Option<&'s Matrix>,
        header: &'s [String],
        start: Option<&Single>,
    ) -> Result<Training<'s, 'a, L>> {
        let settings = scene.settings;
        let first = start.map_or(0, |single| single.epochs);
        let counts = scene.counts(scene.cast.guest, "batch_info", 7)?;
        let plan = Plan::agreed(&counts, Some(train.rows()), first, settings, scene.component)?;
        let weights = match start {
            Some(single) => single.weights(false),
            None => {
                let mut secret = Secret::new(scene.link.secret()?, 0);
                Weights::start(settings, train.columns(), false, &mut secret)
            }
        };
        Ok(Training { scene, key, train, validate, header, plan, weights })
    }

    /// Trains; `before` is what was learned of earlier classes.
    fn run(mut self, start: Option<&Single>, before: &Learned) -> Result<Single> {
        self.check_mask()?;
        let settings = self.scene.settings;
        let mut best = Best::new(settings.validation.as_ref());
        let converged = start.is_some_and(|single| single.converged);
        let mut trained = Single { epochs: self.plan.first, converged, ..Single::default() };
        let mut stop = None;
        for epoch in self.plan.first..settings.max_iter {
            for index in 0..self.plan.layout.count {
                self.batch(epoch, index)?;
            }
            trained.converged = self.scene.converged(epoch)?;
            trained.epochs = epoch + 1;
            info!("epoch {epoch} done{}", if trained.converged { ": converged" } else { "" });
            self.push_scores(epoch)?;
            if let Some(verdict) = self.scene.verdict(epoch)? {
                best.note(&verdict, epoch, &self.weights);
                stop = verdict.stop;
            }
            let now = || Single { weights: self.weights.values.clone(), ..trained.clone() };
            self.scene.checkpoint(epoch, before, now)?;
            self.scene.progress(epoch + 1);
            if trained.converged || stop.is_some() {
                break;
            }
        }
        if let Some((epoch, weights)) = best.take(stop) {
            (trained.best, self.weights) = (Some(epoch), weights);
        }
        trained.weights = self.weights.values;
        Ok(trained)
    }

    /// A masked batch must have more rows than this party has features: with fewer its gradient would determine rows.
    fn check_mask(&self) -> Result<()> {
        let layout = &self.plan.layout;
        if !layout.is_masked() {
            return Ok(());
        }
        let columns = self.train.columns();
        let needed = if layout.masked > columns { 0 } else { columns as u64 + 1 };
        self.scene.tell(&[self.scene.cast.guest], "batch_validate_info", &wire::counts(&[needed]))?;
        if needed == 0 {
            return Ok(());
        }
        Err(input_error(format!(
            "{}: a masked batch has {} rows, but {columns} features need {needed}; raise batch_size or masked_rate, or set \
             masked_rate to 0",
            self.scene.component, layout.masked
        )))
    }

    /// The positions of a batch's rows; none when it holds all rows.
    fn rows(&self, epoch: usize, index: usize) -> Result<Option<Vec<u32>>> {
        let layout = &self.plan.layout;
        if layout.is_whole() {
            return Ok(None);
        }
        if !layout.mutable {
            return Ok(Some(layout.consecutive(index)));
        }
        let tag = self.scene.at("batch_data_index", epoch, index);
        let body = self.scene.link.pull(self.scene.cast.guest, &tag)?;
        wire::read_positions(&body, Some(layout.sent(index)), layout.rows, &tag).map(Some)
    }

    fn batch(&mut self, epoch: usize, index: usize) -> Result<()> {
        let link = self.scene.link;
        let gathered = self.rows(epoch, index)?.map(|rows| self.train.gather(&rows));
        let x = gathered.as_ref().unwrap_or(self.train);
        let z = self.weights.scores(x);
        let forward = taylor::forward(&z);
        let tag = |what: &str| self.scene.at(what, epoch, index);
        let (guest, arbiter) = (self.scene.cast.guest, self.scene.cast.arbiter);
        link.push_vector(guest, &tag("host_forward_dict"), &link.encrypt(self.key, &forward, SCALE)?)?;
        self.push_loss(epoch, index, &z)?;
        let size = self.plan.layout.size(index) as f64;
        let penalty = self.scene.settings.regular.gradient(&self.weights.values);
        let mut plain: Vec<f64> = penalty.iter().map(|p| size * p).collect();
        if !self.is_centralised() {
            plain.iter_mut().zip(x.sums(&forward)).for_each(|(plain, own)| *plain += own);
        }
        let precision = self.scene.settings.precision;
        let features: Vec<f64> = x.values().iter().map(|v| precision::feature(*v, precision)).collect();
        let (scale, bits) = self.fore_scale();
        let fore = self.scene.vector(guest, &tag("fore_gradient"), self.key, z.len(), scale)?;
        let sums = link.weighted_sums(&fore, &features, x.columns(), bits)?;
        link.push_vector(arbiter, &tag("host_gradient"), &link.add_plain(&sums, &plain)?)?;
        let delta = self.scene.numbers(arbiter, &tag("host_optim_gradient"), self.weights.coordinates())?;
        self.weights.apply(&delta, &self.scene.settings.regular, epoch, self.header)
    }

    fn is_centralised(&self) -> bool {
        self.plan.is_centralised(self.scene.cast.hosts.len())
    }

    /// Scale of the fore gradient, and bits of the features that it is multiplied with.
    fn fore_scale(&self) -> (u32, u32) {
        if self.plan.weighted {
            (SCALE + WEIGHT_BITS, WEIGHTED_FEATURE_BITS)
        } else {
            (SCALE, precision::feature_bits(self.scene.settings.precision))
        }
    }

    /// Sends this party's part of the loss: one number, or row by row where the guest must leave out decoys or weigh rows. With
    /// several hosts there is no loss.
    fn push_loss(&self, epoch: usize, index: usize, z: &[f64]) -> Result<()> {
        if self.scene.cast.hosts.len() > 1 {
            return Ok(());
        }
        let (link, guest) = (self.scene.link, self.scene.cast.guest);
        let size = self.plan.layout.size(index) as f64;
        let penalty = size * self.scene.settings.regular.loss(&self.weights.values);
        let squares = taylor::squares(z);
        let push = |what: &str, values: &[f64]| {
            let values = link.encrypt(self.key, values, SCALE)?;
            link.push_vector(guest, &self.scene.at(what, epoch, index), &values)
        };
        if self.is_centralised() {
            push("host_loss_regular", &[penalty])?;
            return push("loss_intermediate", &squares);
        }
        push("loss_intermediate", &[squares.iter().sum::<f64>() + penalty])
    }

    /// Sends this party's part of the scores, in plain as prediction does, at the end of an epoch with validation.
    fn push_scores(&self, epoch: usize) -> Result<()> {
        if self.scene.settings.validation.as_ref().is_none_or(|plan| !plan.frequency.includes(epoch)) {
            return Ok(());
        }
        for (name, x) in [("train", Some(self.train)), ("validate", self.validate)] {
            if let Some(x) = x {
                let tag = self.scene.tag(&format!("host_prob.{name}.{epoch}"));
                self.scene.link.push(self.scene.cast.guest, &tag, &wire::numbers(&self.weights.scores(x)))?;
            }
        }
        Ok(())
    }
}
