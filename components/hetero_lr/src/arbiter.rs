//! The arbiter's side of training: it holds the key, turns gradients into steps, knows the loss and decides when training has
//! converged. It sees every gradient in plain, but neither ids nor features. Not for: data, of which it has none.

use parcae_sdk::{Party, Result, info, input_error};

use crate::{
    batches::{Layout, Plan},
    converge::Convergence,
    learned::{Learned, Single},
    link::Link,
    optimizer::Optimizer,
    scene::{Cast, Scene},
    watch::Best,
    wire,
};

/// Trains one model, or one a class when the guest has more than two.
pub fn fit<L: Link>(scene: &Scene<'_, L>, pair: &L::Pair, start: Option<&Learned>) -> Result<Learned> {
    scene.settings.check_hosts(scene.cast.hosts.len(), scene.component)?;
    let count = scene.class_count()?;
    let models = if count > 2 { count } else { 1 };
    if start.is_some_and(|start| start.singles.len() != models) {
        return Err(input_error(format!("{}: the model to start from was trained for other classes", scene.component)));
    }
    let classes = if count > 2 { (0..count as i64).collect() } else { Vec::new() };
    let mut learned = Learned { header: Vec::new(), classes, singles: Vec::new() };
    for index in 0..models {
        let start = start.map(|start| &start.singles[index]);
        let single = Training::new(scene.class(index, models), pair, start)?.run(start, &learned)?;
        learned.singles.push(single);
    }
    Ok(learned)
}

/// Training of one binary model.
struct Training<'s, 'a, L: Link> {
    scene: Scene<'a, L>,
    pair: &'s L::Pair,
    key: L::Key,
    layout: Layout,
    first: usize,
    optimizer: Optimizer,
    /// Coordinates of each party: the hosts in the order of the job, then the guest. Set by the first batch.
    lengths: Vec<usize>,
}

impl<'s, 'a, L: Link> Training<'s, 'a, L> {
    fn new(scene: Scene<'a, L>, pair: &'s L::Pair, start: Option<&Single>) -> Result<Training<'s, 'a, L>> {
        let settings = scene.settings;
        let first = start.map_or(0, |single| single.epochs);
        let counts = scene.counts(scene.cast.guest, "batch_info", 7)?;
        let plan = Plan::agreed(&counts, None, first, settings, scene.component)?;
        let optimizer = Optimizer::new(settings.optimizer, settings.rate);
        let key = scene.link.public(pair);
        Ok(Training { scene, pair, key, layout: plan.layout, first, optimizer, lengths: Vec::new() })
    }

    /// Trains; `before` is what was learned of earlier classes.
    fn run(mut self, start: Option<&Single>, before: &Learned) -> Result<Single> {
        let settings = self.scene.settings;
        let mut convergence = Convergence::new(settings.early_stop, settings.tol);
        let mut best = Best::new(settings.validation.as_ref());
        let mut trained = Single { epochs: self.first, ..Single::default() };
        if let Some(start) = start {
            (trained.losses, trained.converged) = (start.losses.clone(), start.converged);
        }
        if let Some(series) = &self.scene.series {
            self.scene.link.begin_loss(series)?;
        }
        let mut stop = None;
        for epoch in self.first..settings.max_iter {
            let (steps, loss) = self.epoch(epoch)?;
            self.note(epoch, loss, &mut trained)?;
            trained.converged = convergence.is_reached(loss, &steps);
            trained.epochs = epoch + 1;
            let flag = [u8::from(trained.converged)];
            self.scene.tell(&self.scene.cast.owners(), &format!("converge_flag.{epoch}"), &flag)?;
            if let Some(verdict) = self.scene.verdict(epoch)? {
                best.note(&verdict, epoch, &());
                stop = verdict.stop;
            }
            self.scene.checkpoint(epoch, before, || trained.clone())?;
            self.scene.progress(epoch + 1);
            if trained.converged || stop.is_some() {
                break;
            }
        }
        trained.best = best.take(stop).map(|(epoch, ())| epoch);
        Ok(trained)
    }

    /// All batches of an epoch: the sum of their steps, and the mean of their losses when there is one.
    fn epoch(&mut self, epoch: usize) -> Result<(Vec<f64>, Option<f64>)> {
        let has_loss = self.scene.cast.hosts.len() == 1;
        let mut steps: Vec<f64> = Vec::new();
        let mut losses = 0.0;
        for index in 0..self.layout.count {
            let step = self.step(epoch, index)?;
            steps.resize(step.len(), 0.0);
            steps.iter_mut().zip(&step).for_each(|(sum, step)| *sum += step);
            if has_loss {
                losses += self.loss(epoch, index)?;
            }
        }
        Ok((steps, has_loss.then(|| losses / self.layout.count as f64)))
    }

    fn note(&self, epoch: usize, loss: Option<f64>, trained: &mut Single) -> Result<()> {
        let Some(loss) = loss else {
            info!("epoch {epoch} is done");
            return Ok(());
        };
        info!("epoch {epoch}: loss {loss:.6}");
        trained.losses.push(loss);
        match &self.scene.series {
            Some(series) => self.scene.link.loss(series, epoch, loss),
            None => Ok(()),
        }
    }

    /// Gradients in, steps out.
    fn step(&mut self, epoch: usize, index: usize) -> Result<Vec<f64>> {
        let size = self.layout.size(index) as f64;
        let cast = self.scene.cast;
        let mut sums = Vec::new();
        let mut lengths = Vec::new();
        for (party, name) in parties(cast, "host_gradient", "guest_gradient") {
            let tag = self.scene.at(name, epoch, index);
            let vector = self.scene.link.pull_vector(party, &tag, &self.key)?;
            let part = self.scene.link.decrypt(self.pair, &vector)?;
            lengths.push(part.len());
            sums.extend(part);
        }
        if self.lengths.is_empty() {
            self.lengths = lengths;
        } else if self.lengths != lengths {
            let before = &self.lengths;
            return Err(wire::peer_error(format!(
                "gradients of {lengths:?} coordinates came, {before:?} were expected"
            )));
        }
        sums.iter_mut().for_each(|sum| *sum /= size);
        let step = self.optimizer.step(&sums, epoch);
        let mut from = 0;
        let names = parties(cast, "host_optim_gradient", "guest_optim_gradient");
        for ((party, name), length) in names.into_iter().zip(&self.lengths) {
            let tag = self.scene.at(name, epoch, index);
            self.scene.link.push(party, &tag, &wire::numbers(&step[from..from + length]))?;
            from += length;
        }
        Ok(step)
    }

    fn loss(&self, epoch: usize, index: usize) -> Result<f64> {
        let tag = self.scene.at("loss", epoch, index);
        let vector = self.scene.link.pull_vector(self.scene.cast.guest, &tag, &self.key)?;
        match self.scene.link.decrypt(self.pair, &vector)?.as_slice() {
            [sum] => Ok(sum / self.layout.size(index) as f64),
            other => Err(wire::peer_error(format!("{tag}: one ciphertext was expected, {} came", other.len()))),
        }
    }
}

/// The parties whose gradients make up the whole, in its order, each with the name of a message.
fn parties<'n>(cast: &Cast, host: &'n str, guest: &'n str) -> Vec<(Party, &'n str)> {
    cast.hosts.iter().map(|party| (*party, host)).chain([(cast.guest, guest)]).collect()
}
