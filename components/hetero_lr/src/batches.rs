//! How an epoch is cut into batches, and which decoys hide a batch from the hosts. Rows are positions in the order of their
//! ids as text. Not for: ids themselves.

use parcae_sdk::{Result, input_error};

use crate::{
    secret::Secret,
    settings::{Settings, Strategy},
};

/// The plan of all batches; every party makes the same from the number of rows and the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Rows of the training table.
    pub rows: usize,
    /// Rows of a full batch that count.
    pub batch: usize,
    /// Batches of an epoch.
    pub count: usize,
    /// Rows that a host computes for a full batch, decoys included.
    pub masked: usize,
    /// Whether every epoch has other batches.
    pub mutable: bool,
}

impl Layout {
    /// From the parameters. All rows in one batch need neither shuffling nor decoys.
    pub fn new(rows: usize, settings: &Settings) -> Layout {
        let Some(batch) = settings.batch_size.filter(|batch| *batch < rows) else {
            return Layout { rows, batch: rows, count: 1, masked: rows, mutable: false };
        };
        let masked = ((1.0 + settings.masked_rate) * batch as f64).round_ties_even() as usize;
        let masked = masked.clamp(batch, rows);
        match settings.strategy {
            Strategy::Random => Layout { rows, batch, count: 1, masked, mutable: true },
            Strategy::Full => {
                let mutable = settings.shuffle || masked > batch;
                Layout { rows, batch, count: rows.div_ceil(batch), masked, mutable }
            }
        }
    }

    /// Whether one batch holds all rows.
    pub fn is_whole(&self) -> bool {
        self.batch == self.rows
    }

    /// Whether decoys hide which rows count.
    pub fn is_masked(&self) -> bool {
        self.masked > self.batch
    }

    /// Rows of batch `index` that count; the last may be short.
    pub fn size(&self, index: usize) -> usize {
        self.batch.min(self.rows - index * self.batch)
    }

    /// Rows that a host computes for batch `index`.
    pub fn sent(&self, index: usize) -> usize {
        if self.is_masked() { self.masked } else { self.size(index) }
    }

    /// The batches when they are the same in every epoch: consecutive rows.
    pub fn fixed(&self) -> Vec<Batch> {
        (0..self.count).map(|index| Batch::plain(self.consecutive(index))).collect()
    }

    /// The rows of batch `index` when batches are the same in every epoch.
    pub fn consecutive(&self, index: usize) -> Vec<u32> {
        let from = index * self.batch;
        (from as u32..(from + self.size(index)) as u32).collect()
    }
}

/// What the guest announces of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// How an epoch is cut.
    pub layout: Layout,
    /// Whether rows have weights.
    pub weighted: bool,
    /// The first epoch: not 0 after a warm start.
    pub first: usize,
}

impl Plan {
    /// For a message: the layout's five counts, weighted, first epoch.
    pub fn to_counts(&self) -> Vec<u64> {
        let Layout { rows, batch, count, masked, mutable } = self.layout;
        let sizes = [rows, batch, count, masked].map(|n| n as u64);
        let flags = [u64::from(mutable), u64::from(self.weighted), self.first as u64];
        sizes.into_iter().chain(flags).collect()
    }

    /// From the guest's message, which must be what this party makes of its own parameters and model; `rows` is what it
    /// knows of their number.
    pub fn agreed(
        counts: &[u64],
        rows: Option<usize>,
        first: usize,
        settings: &Settings,
        component: &str,
    ) -> Result<Plan> {
        let announced = counts.first().copied().unwrap_or(0).clamp(1, u64::from(u32::MAX)) as usize;
        let layout = Layout::new(rows.unwrap_or(announced), settings);
        let plan = Plan { layout, weighted: counts.get(5) == Some(&1), first };
        if plan.to_counts() == counts {
            return Ok(plan);
        }
        Err(input_error(format!(
            "{component}: the guest announces rows, batches and first epoch {counts:?}, this party makes {:?} of its \
             parameters and model; give all parties the same parameters, and models of one training",
            plan.to_counts()
        )))
    }

    /// Whether hosts get the whole fore gradient from the guest, and not only its half.
    pub fn is_centralised(&self, hosts: usize) -> bool {
        self.layout.is_masked() || self.weighted || hosts > 1
    }
}

/// One batch as the guest knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Positions that the hosts compute, ascending: their order says nothing about which are decoys.
    pub sent: Vec<u32>,
    /// Which of `sent` count, ascending indexes into it.
    pub real: Vec<u32>,
}

impl Batch {
    fn plain(sent: Vec<u32>) -> Batch {
        let real = (0..sent.len() as u32).collect();
        Batch { sent, real }
    }

    /// Positions that count.
    pub fn rows(&self) -> Vec<u32> {
        self.real.iter().map(|index| self.sent[*index as usize]).collect()
    }

    /// Where each of `sent` stands in the list "all that count, then all decoys".
    pub fn order(&self) -> Vec<u32> {
        let mut order = vec![u32::MAX; self.sent.len()];
        for (rank, index) in self.real.iter().enumerate() {
            order[*index as usize] = rank as u32;
        }
        let decoys = order.iter_mut().filter(|slot| **slot == u32::MAX);
        for (decoy, slot) in (self.real.len() as u32..).zip(decoys) {
            *slot = decoy;
        }
        order
    }
}

/// Draws the batches of epochs. Rows and decoys come from independent streams, so that masking changes nothing but what the
/// hosts see.
pub struct Deck {
    rows: Secret,
    decoys: Secret,
}

impl Deck {
    /// From a key that nobody else knows.
    pub fn new(key: [u8; 32]) -> Deck {
        Deck { rows: Secret::new(key, 0), decoys: Secret::new(key, 1) }
    }

    /// The batches of one epoch.
    pub fn draw(&mut self, layout: &Layout) -> Vec<Batch> {
        let mut order: Vec<u32> = (0..layout.rows as u32).collect();
        self.rows.shuffle(&mut order);
        (0..layout.count).map(|index| self.batch(layout, index, &order)).collect()
    }

    fn batch(&mut self, layout: &Layout, index: usize, order: &[u32]) -> Batch {
        let (from, size) = (index * layout.batch, layout.size(index));
        let mut marked: Vec<(u32, bool)> = order[from..from + size].iter().map(|row| (*row, true)).collect();
        let decoys = layout.sent(index) - size;
        let rest = |i: usize| order[if i < from { i } else { i + size }];
        marked.extend(self.decoys.some(decoys, layout.rows - size).into_iter().map(|i| (rest(i), false)));
        marked.sort_unstable();
        let real = marked.iter().enumerate().filter(|(_, (_, counts))| *counts).map(|(i, _)| i as u32).collect();
        Batch { sent: marked.into_iter().map(|(row, _)| row).collect(), real }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, "hetero_lr_0").unwrap()
    }

    #[test]
    fn a_full_batch_is_neither_shuffled_nor_masked() {
        for batch in [-1, 569, 5000] {
            let layout = Layout::new(569, &settings(&format!(r#"{{"batch_size": {batch}, "masked_rate": 5}}"#)));
            assert_eq!(layout, Layout { rows: 569, batch: 569, count: 1, masked: 569, mutable: false });
            assert!(layout.is_whole() && !layout.is_masked());
        }
    }

    #[test]
    fn batches_without_shuffle_are_consecutive() {
        let layout = Layout::new(25, &settings(r#"{"batch_size": 10, "masked_rate": 0, "shuffle": false}"#));
        assert_eq!((layout.count, layout.mutable), (3, false));
        let batches = layout.fixed();
        assert_eq!(batches[2].rows(), [20, 21, 22, 23, 24]);
        assert_eq!(batches[2].order(), [0, 1, 2, 3, 4]);
        assert_eq!(layout.sent(2), 5);
    }

    #[test]
    fn masking_forces_shuffling_and_hides_the_size_of_the_last_batch() {
        let layout = Layout::new(100, &settings(r#"{"batch_size": 30, "masked_rate": 1, "shuffle": false}"#));
        assert!(layout.mutable && layout.is_masked());
        let batches = Deck::new([1; 32]).draw(&layout);
        let mut seen: Vec<u32> = batches.iter().flat_map(Batch::rows).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<u32>>());
        for (index, batch) in batches.iter().enumerate() {
            assert_eq!((batch.sent.len(), batch.real.len()), (60, layout.size(index)));
            assert!(batch.sent.windows(2).all(|pair| pair[0] < pair[1]));
            let mut order = batch.order();
            let firsts: Vec<u32> = batch.real.iter().map(|i| order[*i as usize]).collect();
            assert_eq!(firsts, (0..batch.real.len() as u32).collect::<Vec<u32>>());
            order.sort_unstable();
            assert_eq!(order, (0..60).collect::<Vec<u32>>());
        }
    }

    #[test]
    fn masking_does_not_change_which_rows_count() {
        let plain = Layout::new(100, &settings(r#"{"batch_size": 30, "masked_rate": 0}"#));
        let masked = Layout::new(100, &settings(r#"{"batch_size": 30, "masked_rate": 5}"#));
        let (mut a, mut b) = (Deck::new([9; 32]), Deck::new([9; 32]));
        for _ in 0..3 {
            let rows = |batches: Vec<Batch>| batches.iter().map(Batch::rows).collect::<Vec<_>>();
            assert_eq!(rows(a.draw(&plain)), rows(b.draw(&masked)));
        }
    }

    #[test]
    fn parties_must_agree() {
        let settings = settings(r#"{"batch_size": 30, "masked_rate": 1}"#);
        let plan = Plan { layout: Layout::new(100, &settings), weighted: true, first: 5 };
        let counts = plan.to_counts();
        assert_eq!(counts, [100, 30, 4, 60, 1, 1, 5]);
        assert_eq!(Plan::agreed(&counts, Some(100), 5, &settings, "c").unwrap(), plan);
        assert_eq!(Plan::agreed(&counts, None, 5, &settings, "c").unwrap(), plan);
        assert!(Plan::agreed(&counts, Some(99), 5, &settings, "c").is_err());
        assert!(Plan::agreed(&counts, None, 0, &settings, "c").unwrap_err().message.contains("same parameters"));
        assert!(Plan::agreed(&[u64::MAX; 7], None, 0, &settings, "c").is_err());
        assert!(Plan::agreed(&[], None, 0, &settings, "c").is_err());
        assert!(plan.is_centralised(1));
    }

    #[test]
    fn random_batches_are_one_an_epoch() {
        let text = r#"{"batch_size": 30, "masked_rate": 1, "batch_strategy": "random"}"#;
        let layout = Layout::new(100, &settings(text));
        assert_eq!((layout.count, layout.masked, layout.mutable), (1, 60, true));
        assert_eq!(Deck::new([1; 32]).draw(&layout)[0].real.len(), 30);
    }
}
