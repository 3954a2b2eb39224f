//! Reads prediction tables: labels and scores of some rows, as truth values, numbers or classes. Errors name the table, the
//! row and the cure. Not for: measuring.

use std::collections::HashMap;

use parcae_sdk::{
    Column, Failure, Frame, Result, Text, input_error,
    tables::{Meaning, Values},
};
use serde_json::Value;

use crate::detail;

/// The label that counts as positive.
#[derive(Clone, Debug, PartialEq)]
pub enum Positive {
    /// A number; texts that read like it count too.
    Number(f64),
    /// A text.
    Text(String),
}

impl Positive {
    /// From the parameter.
    pub fn from_json(value: &Value) -> Positive {
        match value {
            Value::Bool(yes) => Positive::Number(f64::from(u8::from(*yes))),
            Value::String(text) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Positive::Number(number),
                _ => Positive::Text(text.clone()),
            },
            _ => Positive::Number(value.as_f64().unwrap_or(1.0)),
        }
    }

    /// The class as it is written in `predict_detail`.
    pub fn class(&self) -> String {
        match self {
            Positive::Number(number) => number_text(*number),
            Positive::Text(text) => text.clone(),
        }
    }

    fn is(&self, column: &Column, row: usize) -> bool {
        match self {
            Positive::Number(wanted) => number(column, row) == Some(*wanted),
            Positive::Text(wanted) => matches!(&column.values, Values::Text(all) if all.at(row) == wanted),
        }
    }
}

/// A whole number without a point, any other as short as it can be read back.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{}", number as i64) } else { format!("{number}") }
}

/// Two spellings of one number are one class.
fn class_text(text: &str) -> String {
    match text.trim().parse::<f64>() {
        Ok(number) if number.is_finite() => number_text(number),
        _ => text.to_owned(),
    }
}

fn number(column: &Column, row: usize) -> Option<f64> {
    if !column.is_valid(row) {
        return None;
    }
    let number = match &column.values {
        Values::Float64(all) => all[row],
        Values::Int64(all) => all[row] as f64,
        Values::Boolean(all) => f64::from(all[row]),
        Values::Text(all) => all.at(row).trim().parse().ok()?,
    };
    number.is_finite().then_some(number)
}

fn class(column: &Column, row: usize) -> Option<String> {
    if !column.is_valid(row) {
        return None;
    }
    Some(match &column.values {
        Values::Int64(all) => all[row].to_string(),
        Values::Float64(all) => number_text(all[row]),
        Values::Boolean(all) => all[row].to_string(),
        Values::Text(all) => class_text(all.at(row)),
    })
}

/// Scores of one class against the rest.
pub struct OneVsRest {
    /// The class.
    pub class: String,
    /// Whether each row is of the class.
    pub labels: Vec<bool>,
    /// Score of the class in each row.
    pub scores: Vec<f64>,
}

/// A prediction table.
pub struct Predictions<'a> {
    frame: &'a Frame,
    producer: &'a str,
    label: &'a Column,
    result: &'a Column,
    score: &'a Column,
    detail: &'a Column,
    kind: &'a Column,
}

impl<'a> Predictions<'a> {
    /// Finds the columns; an error names the table and those that it lacks.
    pub fn new(frame: &'a Frame, producer: &'a str) -> Result<Predictions<'a>> {
        let named = |name: &str| frame.columns.iter().find(|column| column.definition.name == name);
        let label = named("label").or_else(|| frame.of(Meaning::Label).next());
        let rest = ["predict_result", "predict_score", "predict_detail", "type"].map(named);
        let (Some(label), [Some(result), Some(score), Some(detail), Some(kind)]) = (label, rest) else {
            return Err(input_error(format!(
                "Evaluation: the table of {producer} on input data is not a prediction table: it lacks one of the columns \
                 label, predict_result, predict_score, predict_detail, type; connect the output data of a model"
            )));
        };
        if !matches!(detail.values, Values::Text(_)) || !matches!(kind.values, Values::Text(_)) {
            return Err(input_error(format!(
                "Evaluation: columns predict_detail and type of {producer} have to be texts"
            )));
        }
        Ok(Predictions { frame, producer, label, result, score, detail, kind })
    }

    /// Rows of each type (`train`, `validate`, `predict`), in the order in which the types appear.
    pub fn parts(&self) -> Vec<(String, Vec<usize>)> {
        let Values::Text(kinds) = &self.kind.values else { return Vec::new() };
        let mut parts: Vec<(String, Vec<usize>)> = Vec::new();
        let mut last = 0;
        for row in 0..self.frame.rows() {
            let kind = kinds.at(row);
            if parts.get(last).is_none_or(|(name, _)| name != kind) {
                last = parts.iter().position(|(name, _)| name == kind).unwrap_or(parts.len());
                if last == parts.len() {
                    parts.push((kind.to_owned(), Vec::new()));
                }
            }
            parts[last].1.push(row);
        }
        parts
    }

    fn wrong(&self, row: usize, column: &Column, what: &str) -> Failure {
        let (name, key) = (&column.definition.name, self.frame.ids().at(row));
        input_error(format!("Evaluation: table of {}, row {key}, column {name}: {what}", self.producer))
    }

    fn number(&self, column: &Column, row: usize) -> Result<f64> {
        number(column, row).ok_or_else(|| self.wrong(row, column, "there is no finite number"))
    }

    fn class(&self, column: &Column, row: usize) -> Result<String> {
        class(column, row).ok_or_else(|| self.wrong(row, column, "there is no value"))
    }

    fn detail(&self, row: usize) -> Result<Vec<(String, f64)>> {
        let Values::Text(all) = &self.detail.values else { return Ok(Vec::new()) };
        detail::parse(all.at(row)).ok_or_else(|| self.wrong(row, self.detail, "this is not a dictionary of scores"))
    }

    /// Which rows are positive, and the score of the positive class. `predict_score` is the score of class 1; for any other
    /// positive label its own score counts where `predict_detail` has one.
    pub fn positives(&self, rows: &[usize], positive: &Positive) -> Result<(Vec<bool>, Vec<f64>)> {
        let wanted = positive.class();
        let mut scores = Vec::with_capacity(rows.len());
        for row in rows {
            if !self.label.is_valid(*row) {
                return Err(self.wrong(*row, self.label, "there is no label"));
            }
            let of_class = match positive {
                Positive::Number(1.0) => None,
                _ => self.detail(*row)?.into_iter().find(|(class, _)| class_text(class) == wanted),
            };
            let score = match of_class {
                Some((_, score)) if score.is_finite() => score,
                Some(_) => return Err(self.wrong(*row, self.detail, "a score is not finite")),
                None => self.number(self.score, *row)?,
            };
            scores.push(score);
        }
        Ok((rows.iter().map(|row| positive.is(self.label, *row)).collect(), scores))
    }

    /// Labels and predictions as numbers.
    pub fn numbers(&self, rows: &[usize]) -> Result<(Vec<f64>, Vec<f64>)> {
        let labels = rows.iter().map(|row| self.number(self.label, *row)).collect::<Result<_>>()?;
        let scores = rows.iter().map(|row| self.number(self.score, *row)).collect::<Result<_>>()?;
        Ok((labels, scores))
    }

    /// Labels and predicted classes.
    pub fn classes(&self, rows: &[usize]) -> Result<(Vec<String>, Vec<String>)> {
        let labels = rows.iter().map(|row| self.class(self.label, *row)).collect::<Result<_>>()?;
        let results = rows.iter().map(|row| self.class(self.result, *row)).collect::<Result<_>>()?;
        Ok((labels, results))
    }

    /// The scores of each class that `predict_detail` names.
    pub fn one_vs_rest(&self, rows: &[usize]) -> Result<Vec<OneVsRest>> {
        let mut all: Vec<OneVsRest> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        for (done, row) in rows.iter().enumerate() {
            let label = self.class(self.label, *row)?;
            let scores = self.detail(*row)?;
            for (class, score) in scores {
                let class = class_text(&class);
                let at = *index.entry(class.clone()).or_insert(all.len());
                if at == all.len() {
                    all.push(OneVsRest { class: class.clone(), labels: Vec::new(), scores: Vec::new() });
                }
                if all[at].scores.len() != done || !score.is_finite() {
                    let what = "its classes are not those of the other rows, or a score is not finite";
                    return Err(self.wrong(*row, self.detail, what));
                }
                all[at].labels.push(label == class);
                all[at].scores.push(score);
            }
            if all.iter().any(|one| one.scores.len() != done + 1) {
                return Err(self.wrong(*row, self.detail, "a class of the other rows is missing"));
            }
        }
        Ok(all)
    }
}

#[cfg(test)]
pub mod tests;
