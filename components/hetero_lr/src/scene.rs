//! Where a piece of work stands: its parties, its parameters, its prefix of message tags and its share of the progress. Not
//! for: what is sent.

use parcae_sdk::{Party, Result, Task, tables::Texts};

use crate::{
    learned::{Learned, Single},
    link::Link,
    rows::Rows,
    settings::Settings,
    watch::Verdict,
    wire,
};

/// The parties of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Cast {
    /// Owns the labels.
    pub guest: Party,
    /// Bring more features, in the order of the job.
    pub hosts: Vec<Party>,
    /// Holds the key.
    pub arbiter: Party,
}

impl Cast {
    /// Of a task; an error when a role is missing.
    pub fn of(task: &Task) -> Result<Cast> {
        task.one(parcae_sdk::Role::Host)?;
        Ok(Cast { guest: task.guest()?, hosts: task.hosts(), arbiter: task.arbiter()? })
    }

    /// Everybody but the guest.
    pub fn others(&self) -> Vec<Party> {
        let mut others = self.hosts.clone();
        others.push(self.arbiter);
        others
    }

    /// Guest and hosts.
    pub fn owners(&self) -> Vec<Party> {
        let mut owners = vec![self.guest];
        owners.extend(&self.hosts);
        owners
    }
}

/// What a guest or a host brings to a training.
pub struct Given<'a> {
    /// Rows to learn from.
    pub train: &'a Rows,
    /// Rows to validate on, in the same columns.
    pub validate: Option<&'a Rows>,
    /// Where to start; its header is that of `train`.
    pub start: Option<&'a Learned>,
}

/// A piece of work: the whole task, a fold of it, the model of one class.
pub struct Scene<'a, L> {
    /// The outside.
    pub link: &'a L,
    /// The parties.
    pub cast: &'a Cast,
    /// The parameters.
    pub settings: &'a Settings,
    /// Name of the component in the job, for errors.
    pub component: &'a str,
    /// Name of its loss curve; none where FATE has none.
    pub series: Option<String>,
    /// Whether checkpoints of it make sense: a fold has no model, and a model of several classes is whole only when the
    /// last of them is trained.
    keeps: bool,
    flow: String,
    before: u64,
    total: u64,
}

impl<'a, L: Link> Scene<'a, L> {
    /// The whole task.
    pub fn new(link: &'a L, cast: &'a Cast, settings: &'a Settings, component: &'a str) -> Scene<'a, L> {
        let (series, flow) = (Some("loss".to_owned()), String::new());
        Scene { link, cast, settings, component, series, keeps: true, flow, before: 0, total: settings.max_iter as u64 }
    }

    /// The same with a longer prefix of tags.
    pub fn within(&self, name: &str) -> Scene<'a, L> {
        Scene {
            link: self.link,
            cast: self.cast,
            settings: self.settings,
            component: self.component,
            series: self.series.clone(),
            keeps: self.keeps,
            flow: format!("{}{name}.", self.flow),
            before: self.before,
            total: self.total,
        }
    }

    /// Training of fold `index` of `count`.
    pub fn fold(&self, index: usize, count: usize) -> Scene<'a, L> {
        let mut scene = self.part(&format!("train.{index}"), index, count);
        scene.series = Some(format!("loss.{index}"));
        scene.keeps = false;
        scene
    }

    /// Training of the model of class `index` of `count`; the only one when `count` is 1.
    pub fn class(&self, index: usize, count: usize) -> Scene<'a, L> {
        let mut scene = self.part(&format!("model_{index}"), index, count);
        if count > 1 {
            scene.series = None;
        }
        scene.keeps &= index + 1 == count;
        scene
    }

    fn part(&self, name: &str, index: usize, count: usize) -> Scene<'a, L> {
        let mut scene = self.within(name);
        scene.before = self.before * count as u64 + index as u64 * self.settings.max_iter as u64;
        scene.total = self.total * count as u64;
        scene
    }

    /// A message's tag.
    pub fn tag(&self, what: &str) -> String {
        format!("{}{what}", self.flow)
    }

    /// Tag of a message of one batch.
    pub fn at(&self, what: &str, epoch: usize, batch: usize) -> String {
        format!("{}{what}.{epoch}.{batch}", self.flow)
    }

    /// Says that `epochs` of this piece are done.
    pub fn progress(&self, epochs: usize) {
        self.link.progress((self.before + epochs as u64).min(self.total), self.total);
    }

    /// Keeps the model as it is after `epoch`, where that is asked for: `before` and what `single` knows now.
    pub fn checkpoint(&self, epoch: usize, before: &Learned, single: impl FnOnce() -> Single) -> Result<()> {
        let due = self.settings.save_every.is_some_and(|every| epoch.is_multiple_of(every));
        if !due || !self.keeps {
            return Ok(());
        }
        let mut learned = before.clone();
        learned.singles.push(single());
        self.link.checkpoint(epoch, &learned.parts(self.settings))
    }

    /// Sends the same bytes to several parties.
    pub fn tell(&self, to: &[Party], what: &str, body: &[u8]) -> Result<()> {
        let tag = self.tag(what);
        to.iter().try_for_each(|party| self.link.push(*party, &tag, body))
    }

    /// Sends ids to all hosts.
    pub fn share_ids(&self, what: &str, ids: &Texts) -> Result<()> {
        let tag = self.tag(what);
        self.cast.hosts.iter().try_for_each(|host| self.link.push_ids(*host, &tag, ids))
    }

    /// Waits for `len` numbers.
    pub fn numbers(&self, from: Party, tag: &str, len: usize) -> Result<Vec<f64>> {
        wire::read_numbers(&self.link.pull(from, tag)?, len, tag)
    }

    /// Waits for `len` counts.
    pub fn counts(&self, from: Party, what: &str, len: usize) -> Result<Vec<u64>> {
        let tag = self.tag(what);
        wire::read_counts(&self.link.pull(from, &tag)?, len, &tag)
    }

    /// Waits for the guest's number of classes.
    pub fn class_count(&self) -> Result<usize> {
        match self.counts(self.cast.guest, "aggregate_classes", 1)?.as_slice() {
            [count @ 2..=1000] => Ok(*count as usize),
            other => {
                Err(wire::peer_error(format!("aggregate_classes: 2 to 1000 classes were expected, {other:?} came")))
            }
        }
    }

    /// Waits for `len` ciphertexts at `scale`.
    pub fn vector(&self, from: Party, tag: &str, key: &L::Key, len: usize, scale: u32) -> Result<L::Vector> {
        let vector = self.link.pull_vector(from, tag, key)?;
        let (count, bits) = (self.link.count(&vector), self.link.scale(&vector));
        if (count, bits) == (len, scale) {
            return Ok(vector);
        }
        Err(wire::peer_error(format!(
            "{tag}: {len} ciphertexts at scale {scale} were expected, {count} at scale {bits} came"
        )))
    }

    /// Waits for the arbiter's word on convergence at the end of `epoch`.
    pub fn converged(&self, epoch: usize) -> Result<bool> {
        let tag = self.tag(&format!("converge_flag.{epoch}"));
        match self.link.pull(self.cast.arbiter, &tag)?.as_slice() {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(wire::peer_error(format!("{tag}: one byte, 0 or 1, was expected"))),
        }
    }
    /// Waits for the guest's verdict at the end of `epoch`; none when the plan has no validation there.
    pub fn verdict(&self, epoch: usize) -> Result<Option<Verdict>> {
        let Some(plan) = self.settings.validation.as_ref().filter(|plan| plan.frequency.includes(epoch)) else {
            return Ok(None);
        };
        let tag = self.tag(&format!("validation_status.{epoch}"));
        Verdict::from_bytes(&self.link.pull(self.cast.guest, &tag)?, plan.tracked, &tag).map(Some)
    }
}
