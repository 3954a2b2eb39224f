//! Several classes: accuracy, and precision and recall of each class. Not for: the scores of classes (`ranked`, one class
//! against the rest).

use std::collections::BTreeMap;

use crate::report::Key;

/// Classes beyond this number are not padded in bars.
const MOST_BARS: u64 = 1000;

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its label.
    pub name: String,
    /// Share of right ones among the rows that are predicted to be of the class; 0 where there are none.
    pub precision: f64,
    /// Share of found ones among the rows of the class; 0 where there are none.
    pub recall: f64,
}

/// All classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    /// Share of right predictions.
    pub accuracy: f64,
    /// Every class that is a label or a prediction, numbers in their order, then texts.
    pub classes: Vec<Class>,
}

#[derive(Default)]
struct Tally {
    right: usize,
    labelled: usize,
    predicted: usize,
}

/// Compares labels with predicted classes; an entry a row, at least one.
pub fn measure(labels: &[String], predicted: &[String]) -> Classes {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut right = 0;
    for (label, prediction) in labels.iter().zip(predicted) {
        tallies.entry(label).or_default().labelled += 1;
        tallies.entry(prediction).or_default().predicted += 1;
        if label == prediction {
            tallies.entry(label).or_default().right += 1;
            right += 1;
        }
    }
    let ratio = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let class = |(name, tally): (&str, Tally)| Class {
        name: name.to_owned(),
        precision: ratio(tally.right, tally.predicted),
        recall: ratio(tally.right, tally.labelled),
    };
    let mut classes: Vec<Class> = tallies.into_iter().map(class).collect();
    let number = |class: &Class| class.name.parse::<f64>().unwrap_or(f64::INFINITY);
    classes.sort_by(|a, b| number(a).total_cmp(&number(b)));
    Classes { accuracy: ratio(right, labels.len()), classes }
}

impl Classes {
    /// Mean over classes.
    pub fn mean(&self, of: impl Fn(&Class) -> f64) -> f64 {
        self.classes.iter().map(of).sum::<f64>() / self.classes.len() as f64
    }

    /// A bar a class. Where all classes are small whole numbers, those that do not appear get a bar of 0, as in FATE.
    pub fn bars(&self, of: impl Fn(&Class) -> f64) -> Vec<(Key, f64)> {
        let numbers: Option<Vec<u64>> = self.classes.iter().map(|class| class.name.parse().ok()).collect();
        match numbers.and_then(|numbers| numbers.last().copied().map(|last| (numbers, last))) {
            Some((numbers, last)) if last < MOST_BARS => {
                let height =
                    |i: u64| numbers.iter().position(|number| *number == i).map_or(0.0, |at| of(&self.classes[at]));
                (0..=last).map(|i| (Key::Number(i as f64), height(i))).collect()
            }
            _ => self.classes.iter().map(|class| (Key::Text(class.name.clone()), of(class))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranked::tests::near;

    fn texts(values: impl Iterator<Item = usize>) -> Vec<String> {
        values.map(|value| value.to_string()).collect()
    }

    #[test]
    fn classes_are_scikit_learns() {
        let labels = texts((0..50).map(|i| (i * 7) % 4));
        let predicted = texts((0..50).map(|i| if i % 3 != 0 { (i * 7) % 4 } else { (i * 5) % 5 }));
        let got = measure(&labels, &predicted);
        near(got.accuracy, 0.76);
        let expected = [(0.52, 1.0), (1.0, 0.666667), (1.0, 0.666667), (1.0, 0.692308)];
        assert_eq!(got.classes.len(), 4);
        for (class, (precision, recall)) in got.classes.iter().zip(expected) {
            near(class.precision, precision);
            near(class.recall, recall);
        }
        near(got.mean(|class| class.precision), 0.88);
        near(got.mean(|class| class.recall), 0.75641);
    }

    #[test]
    fn numbers_come_in_their_order_and_gaps_are_padded() {
        let all = ["10", "2", "2"].map(str::to_owned);
        let got = measure(&all, &all);
        let names: Vec<&str> = got.classes.iter().map(|class| class.name.as_str()).collect();
        assert_eq!(names, ["2", "10"]);
        let bars = got.bars(|class| class.recall);
        assert_eq!((bars.len(), &bars[2], &bars[3]), (11, &(Key::Number(2.0), 1.0), &(Key::Number(3.0), 0.0)));
    }

    #[test]
    fn texts_are_bars_by_name() {
        let got = measure(&["a".to_owned(), "b".to_owned()], &["a".to_owned(), "c".to_owned()]);
        let bars = got.bars(|class| class.precision);
        let expected = [("a", 1.0), ("b", 0.0), ("c", 0.0)].map(|(name, height)| (Key::Text(name.to_owned()), height));
        assert_eq!(bars, expected);
    }
}
