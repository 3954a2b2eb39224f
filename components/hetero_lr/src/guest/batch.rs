//! One batch of the guest's training. Not for: epochs.
//!
//! In the order in which others wait for it (s are sample weights, 1 without any; sums go over the rows that count):
//! 1. *asynchronous* (one host, no decoys, no sample weights): send [half d] to the host, while the host sends [f];
//!    *centralised* (otherwise): once the hosts' [f] are there, send them [s d] = s (half d + sum of [f]), decoys between.
//! 2. Of [f] the weighted sums with s x, s and the loss weights; add what is known in plain; send the gradient's *sum* with
//!    batch size times the penalty's gradient to the arbiter, which divides by the batch size after it decrypted.
//! 3. With one host: add the host's part of the loss, send it to the arbiter.
//! 4. Take the arbiter's step.

use parcae_sdk::{Result, input_error};

use super::Training;
use crate::{
    batches::Batch,
    link::Link,
    matrix::Matrix,
    precision::{self, SCALE, WEIGHT_BITS},
    taylor,
};

/// One batch and what is known of it in plain.
struct Step {
    epoch: usize,
    index: usize,
    batch: Batch,
    x: Matrix,
    s: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    half: Vec<f64>,
}

impl<L: Link> Training<'_, L> {
    pub(super) fn batch(&mut self, epoch: usize, index: usize, batch: Batch) -> Result<()> {
        let step = self.step(epoch, index, batch);
        let decoys = self.hand_out(&step)?;
        let forward = self.forward(&step)?;
        let forward = self.hand_back(&step, forward, decoys)?;
        let sums = self.sums(&step, &forward)?;
        self.push_gradient(&step, &sums)?;
        if self.has_loss() {
            self.push_loss(&step, &sums)?;
        }
        let tag = self.scene.at("guest_optim_gradient", epoch, index);
        let delta = self.scene.numbers(self.scene.cast.arbiter, &tag, self.weights.coordinates())?;
        self.weights.apply(&delta, &self.scene.settings.regular, epoch, self.header)
    }

    fn step(&self, epoch: usize, index: usize, batch: Batch) -> Step {
        let rows = batch.rows();
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row as usize]).collect::<Vec<f64>>();
        let x = if self.plan.layout.is_whole() { Matrix::clone(&self.train.x) } else { self.train.x.gather(&rows) };
        let s = self.train.s.as_deref().map_or_else(|| vec![1.0; rows.len()], pick);
        let y = pick(&self.train.y);
        let z = self.weights.scores(&x);
        let half = taylor::half_gradient(&z, &y);
        Step { epoch, index, batch, x, s, y, z, half }
    }

    /// What the hosts can have before they sent anything; returns the decoys, which are encrypted while waiting.
    fn hand_out(&self, step: &Step) -> Result<Option<L::Vector>> {
        let link = self.scene.link;
        if !self.is_centralised() {
            let half = link.encrypt(self.key, &step.half, SCALE)?;
            self.push_fore_gradient(step, &half)?;
            return Ok(None);
        }
        let decoys = step.batch.sent.len() - step.batch.real.len();
        let scale = if self.plan.weighted { SCALE + WEIGHT_BITS } else { SCALE };
        if decoys == 0 { Ok(None) } else { link.encrypt(self.key, &vec![0.0; decoys], scale).map(Some) }
    }

    /// The sum of all hosts' forwards, decoys included.
    fn forward(&self, step: &Step) -> Result<L::Vector> {
        let tag = self.scene.at("host_forward_dict", step.epoch, step.index);
        let mut sum: Option<L::Vector> = None;
        for host in &self.scene.cast.hosts {
            let forward = self.scene.vector(*host, &tag, self.key, step.batch.sent.len(), SCALE)?;
            sum = Some(match sum {
                Some(sum) => self.scene.link.add(&sum, &forward)?,
                None => forward,
            });
        }
        sum.ok_or_else(|| input_error(format!("{}: a host is needed", self.scene.component)))
    }

    /// Sends the hosts the whole fore gradient where they need it; returns the forwards of the rows that count.
    fn hand_back(&self, step: &Step, forward: L::Vector, decoys: Option<L::Vector>) -> Result<L::Vector> {
        if !self.is_centralised() {
            return Ok(forward);
        }
        let link = self.scene.link;
        let real = match &decoys {
            Some(_) => link.select(&forward, &step.batch.real)?,
            None => forward,
        };
        let mut fore = link.add_plain(&real, &step.half)?;
        if self.plan.weighted {
            fore = link.multiply_plain(&fore, &step.s, WEIGHT_BITS)?;
        }
        if let Some(decoys) = decoys {
            fore = link.select(&link.concat(&fore, &decoys)?, &step.batch.order())?;
        }
        self.push_fore_gradient(step, &fore)?;
        Ok(real)
    }

    fn push_fore_gradient(&self, step: &Step, fore: &L::Vector) -> Result<()> {
        let tag = self.scene.at("fore_gradient", step.epoch, step.index);
        self.scene.cast.hosts.iter().try_for_each(|host| self.scene.link.push_vector(*host, &tag, fore))
    }

    fn bits(&self) -> u32 {
        precision::feature_bits(self.scene.settings.precision)
    }

    /// Weighted sums of the forwards: one a feature, one for the intercept, then the limbs of the loss.
    fn sums(&self, step: &Step, forward: &L::Vector) -> Result<L::Vector> {
        let settings = self.scene.settings;
        let mut weights: Vec<f64> = Vec::with_capacity(step.s.len() * (self.weights.coordinates() + 2));
        for column in step.x.by_column() {
            weights.extend(column.iter().zip(&step.s).map(|(x, s)| s * precision::feature(*x, settings.precision)));
        }
        let mut columns = self.weights.coordinates();
        if self.weights.intercept.is_some() {
            weights.extend(&step.s);
        }
        if self.has_loss() {
            let cross = taylor::cross_weights(&step.z, &step.y, &step.s);
            for limb in precision::limbs(&cross, self.bits()) {
                weights.extend(limb);
                columns += 1;
            }
        }
        self.scene.link.weighted_sums(forward, &weights, columns, self.bits())
    }

    fn push_gradient(&self, step: &Step, sums: &L::Vector) -> Result<()> {
        let link = self.scene.link;
        let half: Vec<f64> = step.half.iter().zip(&step.s).map(|(half, s)| half * s).collect();
        let size = step.s.len() as f64;
        let penalty = self.scene.settings.regular.gradient(&self.weights.values);
        let mut plain: Vec<f64> = step.x.sums(&half).iter().zip(penalty).map(|(sum, p)| sum + size * p).collect();
        if self.weights.intercept.is_some() {
            plain.push(half.iter().sum());
        }
        let own: Vec<u32> = (0..plain.len() as u32).collect();
        let gradient = link.add_plain(&link.select(sums, &own)?, &plain)?;
        let tag = self.scene.at("guest_gradient", step.epoch, step.index);
        link.push_vector(self.scene.cast.arbiter, &tag, &gradient)
    }

    /// Sends the sum of the loss over the batch, penalties times batch size included. Plain numbers are added where the scale
    /// is lowest, which leaves them the most room.
    fn push_loss(&self, step: &Step, sums: &L::Vector) -> Result<()> {
        let link = self.scene.link;
        let size = step.s.len() as f64;
        let own =
            taylor::own_loss(&step.z, &step.y, &step.s) + size * self.scene.settings.regular.loss(&self.weights.values);
        let mut loss = self.host_loss(step, own)?;
        let first = self.weights.coordinates();
        for limb in first..link.count(sums) {
            let mut part = link.select(sums, &[limb as u32])?;
            if limb > first {
                part = link.multiply_plain(&part, &[(-f64::from(self.bits())).exp2()], self.bits())?;
            }
            loss = link.add(&loss, &part)?;
        }
        let tag = self.scene.at("loss", step.epoch, step.index);
        link.push_vector(self.scene.cast.arbiter, &tag, &loss)
    }

    /// The host's part of the loss plus `own`.
    fn host_loss(&self, step: &Step, own: f64) -> Result<L::Vector> {
        let link = self.scene.link;
        let host = self.scene.cast.hosts[0];
        let tag = |what: &str| self.scene.at(what, step.epoch, step.index);
        if !self.is_centralised() {
            let loss = self.scene.vector(host, &tag("loss_intermediate"), self.key, 1, SCALE)?;
            return link.add_plain(&loss, &[own]);
        }
        let rows = step.batch.sent.len();
        let penalty = self.scene.vector(host, &tag("host_loss_regular"), self.key, 1, SCALE)?;
        let squares = self.scene.vector(host, &tag("loss_intermediate"), self.key, rows, SCALE)?;
        let mut weights = vec![0.0; rows];
        step.batch.real.iter().zip(&step.s).for_each(|(row, s)| weights[*row as usize] = *s);
        let squares = link.weighted_sums(&squares, &weights, 1, WEIGHT_BITS)?;
        link.add(&link.add_plain(&penalty, &[own])?, &squares)
    }
}
