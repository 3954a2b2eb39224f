//! When training has converged. Not for: early stopping by validation ([`crate::watch`]).

/// What is compared with the tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The change of the loss from epoch to epoch.
    Diff,
    /// The loss.
    Abs,
    /// The length of all steps of an epoch together.
    WeightDiff,
}

impl Rule {
    /// FATE's name.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Diff => "diff",
            Rule::Abs => "abs",
            Rule::WeightDiff => "weight_diff",
        }
    }
}

/// The decision of the arbiter at the end of each epoch.
pub struct Convergence {
    rule: Rule,
    tolerance: f64,
    last: Option<f64>,
}

impl Convergence {
    /// Before the first epoch.
    pub fn new(rule: Rule, tolerance: f64) -> Convergence {
        Convergence { rule, tolerance, last: None }
    }

    /// Whether an epoch with this mean loss (none with several hosts) and these steps, summed over its batches, is the last.
    pub fn is_reached(&mut self, loss: Option<f64>, steps: &[f64]) -> bool {
        let before = std::mem::replace(&mut self.last, loss);
        match self.rule {
            Rule::Diff => loss.zip(before).is_some_and(|(now, before)| (now - before).abs() < self.tolerance),
            Rule::Abs => loss.is_some_and(|now| now <= self.tolerance),
            Rule::WeightDiff => steps.iter().map(|s| s * s).sum::<f64>().sqrt() < self.tolerance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diff_needs_two_epochs() {
        let mut rule = Convergence::new(Rule::Diff, 0.1);
        assert!(!rule.is_reached(Some(1.0), &[]));
        assert!(!rule.is_reached(Some(0.5), &[]));
        assert!(rule.is_reached(Some(0.45), &[]));
    }

    #[test]
    fn abs_and_weight_diff() {
        let mut abs = Convergence::new(Rule::Abs, 0.1);
        assert!(!abs.is_reached(Some(0.11), &[]));
        assert!(abs.is_reached(Some(0.1), &[]));
        let mut steps = Convergence::new(Rule::WeightDiff, 0.5);
        assert!(!steps.is_reached(None, &[0.3, 0.4]));
        assert!(steps.is_reached(None, &[0.3, 0.3]));
    }
}
