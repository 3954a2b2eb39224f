//! A party's table as training and prediction see it: rows in the order of their ids as text, features checked and in a
//! matrix. Not for: writing tables ([`crate::output`]).

use std::borrow::Cow;
use std::cmp::Ordering;

use parcae_sdk::{
    Column, Frame, Result, Text, input_error,
    tables::{Meaning, Texts, Values},
    texts,
};

use crate::{matrix::Matrix, precision, wire};

/// Largest feature.
const LARGEST: f64 = 1e8;

/// A table, sorted by id.
#[derive(Clone, Debug)]
pub struct Rows {
    /// What it is, for errors: `hetero_lr_0, train_data`.
    pub what: String,
    /// Id, match ids and label: what goes into outputs.
    pub known: Vec<Column>,
    /// Names of the features.
    pub header: Vec<String>,
    /// The features.
    pub features: Matrix,
    /// Partitions of the table.
    pub partitions: u32,
    weights: Option<Vec<f64>>,
}

impl Rows {
    /// From a table; `what` names it in errors.
    pub fn new(frame: &Frame, what: &str) -> Result<Rows> {
        let order = frame.sorted_rows();
        if order.is_empty() {
            return Err(input_error(format!("{what}: the table has no rows; check the intersection before it")));
        }
        let kept = |m: Meaning| matches!(m, Meaning::Id | Meaning::MatchId | Meaning::Label);
        let known: Vec<Column> = frame.columns.iter().filter(|c| kept(c.definition.meaning)).cloned().collect();
        let mut header = Vec::new();
        let mut features = Vec::new();
        for column in frame.of(Meaning::Feature) {
            header.push(column.definition.name.clone());
            features.push(sorted(&checked(column, frame, what)?, &order));
        }
        if header.is_empty() {
            let cure = "run DataTransform before it, and give this party at least one feature";
            return Err(input_error(format!("{what}: the table has no feature columns; {cure}")));
        }
        let weights = frame.of(Meaning::Weight).next();
        let weights = weights.map(|column| checked(column, frame, what)).transpose()?;
        let rows = Rows {
            what: what.to_owned(),
            known: Frame::new(known).take(&order).columns,
            features: Matrix::new(order.len(), features),
            header,
            partitions: frame.partitions,
            weights: weights.map(|w| sorted(&w, &order)),
        };
        let ids = rows.ids();
        match (1..rows.count()).find(|row| ids.at(row - 1) == ids.at(*row)) {
            Some(row) => Err(input_error(format!("{what}: id {} occurs twice", ids.at(row)))),
            None => Ok(rows),
        }
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.features.rows()
    }

    /// The ids, ascending.
    pub fn ids(&self) -> &Texts {
        match &self.known[0].values {
            Values::Text(ids) => ids,
            _ => unreachable!("the first column of a table is its key, which is text"),
        }
    }

    /// Some rows, in the order given.
    pub fn take(&self, rows: &[u32]) -> Rows {
        let order: Vec<usize> = rows.iter().map(|row| *row as usize).collect();
        Rows {
            what: self.what.clone(),
            known: Frame::new(self.known.clone()).take(&order).columns,
            header: self.header.clone(),
            features: self.features.gather(rows),
            partitions: self.partitions,
            weights: self.weights.as_ref().map(|w| sorted(w, &order)),
        }
    }

    /// The positions of another party's ids, which must ascend and all be here.
    pub fn positions(&self, wanted: &Texts) -> Result<Vec<u32>> {
        let ids = self.ids();
        if (1..wanted.count()).any(|i| wanted.at(i - 1) >= wanted.at(i)) {
            return Err(wire::peer_error(format!("{}: the guest's ids must ascend, each once", self.what)));
        }
        let mut positions = Vec::with_capacity(wanted.count());
        let (mut row, mut missing) = (0, 0);
        for index in 0..wanted.count() {
            let id = wanted.at(index);
            while row < self.count() && ids.at(row).cmp(id) == Ordering::Less {
                row += 1;
            }
            if row < self.count() && ids.at(row) == id {
                positions.push(row as u32);
            } else {
                missing += 1;
            }
        }
        if missing > 0 {
            let all = wanted.count();
            let text =
                format!("{missing} of the {all} ids of the guest's table are not in this one; run Intersection first");
            return Err(input_error(format!("{}: {text}", self.what)));
        }
        Ok(positions)
    }

    /// The features in the order of a model's header; columns that the model does not know are left out.
    pub fn ordered(&self, header: &[String]) -> Result<Cow<'_, Matrix>> {
        if self.header == header {
            return Ok(Cow::Borrowed(&self.features));
        }
        let place = |name: &String| {
            let found = self.header.iter().position(|have| have == name);
            found.ok_or_else(|| {
                input_error(format!("{}: column {name}, which the model was trained with, is missing", self.what))
            })
        };
        let columns = header.iter().map(place).collect::<Result<Vec<usize>>>()?;
        Ok(Cow::Owned(self.features.columns_of(&columns)))
    }

    /// The label of each row.
    pub fn labels(&self) -> Result<Vec<i64>> {
        let label = self.known.iter().find(|c| c.definition.meaning == Meaning::Label);
        let label = label.ok_or_else(|| {
            let cure = "set with_label and label_name in the guest's DataTransform";
            input_error(format!("{}: the guest's table has no label; {cure}", self.what))
        })?;
        let wrong = |row: usize, value: String| {
            let name = &label.definition.name;
            let id = self.ids().at(row);
            input_error(format!("{}: label {name} of id {id} is {value}; labels must be whole numbers", self.what))
        };
        if let Some(row) = (0..self.count()).find(|row| !label.is_valid(*row)) {
            return Err(wrong(row, "missing".to_owned()));
        }
        let whole = |x: f64| x.fract() == 0.0 && x.abs() < 9e15;
        match &label.values {
            Values::Int64(values) => Ok(values.clone()),
            Values::Boolean(values) => Ok(values.iter().map(|v| i64::from(*v)).collect()),
            Values::Float64(values) => match values.iter().position(|x| !whole(*x)) {
                None => Ok(values.iter().map(|x| *x as i64).collect()),
                Some(row) => Err(wrong(row, values[row].to_string())),
            },
            Values::Text(values) => Err(wrong(0, format!("the text {:?}", values.at(0)))),
        }
    }

    /// The weights of the rows, if there are any, scaled to a mean of 1 and rounded to what a ciphertext is multiplied with.
    pub fn sample_weights(&self) -> Result<Option<Vec<f64>>> {
        let Some(weights) = &self.weights else { return Ok(None) };
        if let Some(row) = weights.iter().position(|w| *w < 0.0) {
            let id = self.ids().at(row);
            return Err(input_error(format!(
                "{}: the weight of id {id} is {}; weights must not be negative",
                self.what, weights[row]
            )));
        }
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        if mean <= 0.0 {
            return Err(input_error(format!("{}: the weights of all rows are 0", self.what)));
        }
        Ok(Some(weights.iter().map(|w| precision::grid(w / mean, precision::WEIGHT_BITS)).collect()))
    }
}

/// Row numbers as a table of another order sees them.
fn sorted(values: &[f64], order: &[usize]) -> Vec<f64> {
    order.iter().map(|row| values[*row]).collect()
}

/// The numbers of a column; missing, infinite and huge ones are errors that name the row.
fn checked(column: &Column, frame: &Frame, what: &str) -> Result<Vec<f64>> {
    let numbers = column.numbers().map_err(|e| input_error(format!("{what}: {}", e.message)))?;
    let bad = |x: &f64| !x.is_finite() || x.abs() > LARGEST;
    let Some(row) = numbers.iter().position(bad) else { return Ok(numbers) };
    let place = format!("{what}: column {} of id {}", column.definition.name, frame.ids().at(row));
    let value = numbers[row];
    Err(input_error(if value.is_nan() {
        format!("{place} has no value; fill missing values with DataTransform (missing_fill)")
    } else {
        format!("{place} is {value}; at most {LARGEST:e} is allowed, scale the features with FeatureScale")
    }))
}

/// Texts of ids with something behind each, such as `#fold0#train`.
pub fn suffixed(ids: &Texts, suffix: &str) -> Texts {
    let all: Vec<String> = (0..ids.count()).map(|row| format!("{}{suffix}", ids.at(row))).collect();
    texts(all.iter().map(String::as_str))
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
