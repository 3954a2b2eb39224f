//! Filling in missing values and replacing outliers: which value a column gets. As in FATE, outliers are looked for after
//! missing values were filled in, so that a value that was filled in can be an outlier too. Not for: going over the rows.

use parcae_sdk::{Result, input_error};
use serde_json::Value;

use crate::{
    kinds::{Kind, bad_cell},
    matcher::{self, Matcher, is_blank},
    number::{float, repr},
    parameters::Parameters,
};

/// Where the value comes from that is filled in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// 0.
    Zero,
    /// Smallest value of the column.
    Least,
    /// Largest value of the column.
    Most,
    /// Mean of the column.
    Mean,
    /// A parameter.
    Given,
}

/// One of the two: missing values or outliers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Which cells.
    pub matcher: Matcher,
    /// Method as it was named; "" = none.
    pub strategy: String,
    method: Method,
    value: Value,
    parameter: &'static str,
}

/// What went in the place of some cells, feature by feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filled {
    /// The values that were looked for.
    pub looked_for: Vec<String>,
    /// Method as it was named; "" = none.
    pub strategy: String,
    /// The value that a feature got.
    pub texts: Vec<String>,
    /// Share of its rows that got it.
    pub ratios: Vec<f64>,
}

/// Both rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Missing values.
    pub missing: Option<Rule>,
    /// Outliers.
    pub outlier: Option<Rule>,
    /// Cells that become missing values because nothing is filled in for them.
    pub unknown: Option<Matcher>,
}

impl Rules {
    /// What the parameters ask for.
    pub fn of(component: &str, parameters: &Parameters) -> Result<Rules> {
        let rule = |on: bool, list: &Option<Vec<Value>>, strategy: &Option<String>, value: &Value, parameter| {
            if !on {
                return Ok(None);
            }
            let strategy = strategy.clone().unwrap_or_default();
            let method = match strategy.as_str() {
                "" => Method::Zero,
                "min" => Method::Least,
                "max" => Method::Most,
                "mean" => Method::Mean,
                "designated" => Method::Given,
                other => {
                    let message =
                        format!("{component}: method {other:?} is unknown; give min, max, mean, designated or null");
                    return Err(input_error(message));
                }
            };
            let matcher = Matcher::of(list.as_deref());
            Ok(Some(Rule { matcher, strategy, method, value: value.clone(), parameter }))
        };
        let p = parameters;
        let missing =
            rule(p.missing_fill, &p.missing_impute, &p.missing_fill_method, &p.default_value, "default_value")?;
        let outlier = rule(
            p.outlier_replace,
            &p.outlier_impute,
            &p.outlier_replace_method,
            &p.outlier_replace_value,
            "outlier_replace_value",
        )?;
        let unknown = match (&missing, &p.missing_impute) {
            (None, Some(list)) => Some(Matcher::of(Some(list))),
            _ => None,
        };
        Ok(Rules { missing, outlier, unknown })
    }
}

impl Rule {
    /// True when the values of a column must be looked at.
    fn needs_values(&self) -> bool {
        matches!(self.method, Method::Least | Method::Most | Method::Mean)
    }

    fn check_length(&self, component: &str, columns: usize) -> Result<()> {
        match (&self.value, self.method) {
            (Value::Array(list), Method::Given) if list.len() != columns => {
                let (parameter, n) = (self.parameter, list.len());
                Err(input_error(format!(
                    "{component}: {parameter} has {n} values, but there are {columns} features; give one for each"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The value for a column, as text.
    fn value(&self, component: &str, column: usize, name: &str, seen: &Moments) -> Result<String> {
        let given = match (&self.value, self.method) {
            (_, Method::Zero) => return Ok("0".to_owned()),
            (Value::Array(list), Method::Given) => list.get(column).unwrap_or(&Value::Null),
            (one, Method::Given) => one,
            _ if seen.count == 0 => {
                let strategy = &self.strategy;
                return Err(input_error(format!(
                    "{component}: column {name} has no value to take the {strategy} of; use the method designated for it"
                )));
            }
            (_, Method::Least) => return Ok(repr(seen.least)),
            (_, Method::Most) => return Ok(repr(seen.most)),
            (_, Method::Mean) => return Ok(repr(seen.sum / seen.count as f64)),
        };
        match given {
            Value::Number(_) | Value::String(_) => Ok(matcher::text(given)),
            other => {
                let parameter = self.parameter;
                Err(input_error(format!(
                    "{component}: {parameter} for column {name} is {other}; give a number or a text"
                )))
            }
        }
    }
}

/// Statistics of some values.
#[derive(Clone, Copy, Debug)]
struct Moments {
    count: u64,
    sum: f64,
    least: f64,
    most: f64,
}

impl Moments {
    const NONE: Moments = Moments { count: 0, sum: 0.0, least: f64::INFINITY, most: f64::NEG_INFINITY };

    fn add(&mut self, value: f64, times: u64) {
        self.count += times;
        self.sum += value * times as f64;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }
}

#[derive(Clone, Copy, Debug)]
struct Tally {
    seen: u64,
    missing: u64,
    outliers: u64,
    /// All values that are not missing.
    all: Moments,
    /// Those that are no outliers.
    rest: Moments,
}

/// Goes over the cells of a table to find the values for its columns.
pub struct Fitter<'r> {
    rules: &'r Rules,
    component: &'r str,
    columns: &'r [(String, Kind)],
    tallies: Vec<Tally>,
    wants_all: bool,
    wants_rest: bool,
}

impl<'r> Fitter<'r> {
    /// For features of these names and kinds.
    pub fn new(component: &'r str, rules: &'r Rules, columns: &'r [(String, Kind)]) -> Result<Fitter<'r>> {
        for rule in [&rules.missing, &rules.outlier].into_iter().flatten() {
            rule.check_length(component, columns.len())?;
        }
        let none = Tally { seen: 0, missing: 0, outliers: 0, all: Moments::NONE, rest: Moments::NONE };
        Ok(Fitter {
            rules,
            component,
            columns,
            tallies: vec![none; columns.len()],
            wants_all: rules.missing.as_ref().is_some_and(Rule::needs_values),
            wants_rest: rules.outlier.as_ref().is_some_and(Rule::needs_values),
        })
    }

    /// Looks at a cell.
    pub fn add(&mut self, column: usize, key: &str, text: &str) -> Result<()> {
        let tally = &mut self.tallies[column];
        tally.seen += 1;
        if self.rules.missing.as_ref().is_some_and(|rule| rule.matcher.matches(text)) {
            tally.missing += 1;
            return Ok(());
        }
        let outlier = self.rules.outlier.as_ref().is_some_and(|rule| rule.matcher.matches(text));
        tally.outliers += u64::from(outlier);
        let wants_rest = self.wants_rest && !outlier;
        let unknown = self.rules.unknown.as_ref().is_some_and(|list| list.matches(text));
        if !(self.wants_all || wants_rest) || unknown || is_blank(text) {
            return Ok(());
        }
        let Some(value) = float(text) else {
            let name = &self.columns[column].0;
            let cure = "correct the data, name the value in missing_impute, or use the method designated";
            return Err(bad_cell(self.component, name, key, text, "a number", cure));
        };
        if value.is_nan() {
            return Ok(());
        }
        if self.wants_all {
            tally.all.add(value, 1);
        }
        if wants_rest {
            tally.rest.add(value, 1);
        }
        Ok(())
    }

    /// The values for missing cells and for outliers of a table of `rows` rows; cells that were never shown are missing.
    pub fn finish(mut self, rows: u64) -> Result<(Option<Filled>, Option<Filled>)> {
        for tally in &mut self.tallies {
            tally.missing += rows.saturating_sub(tally.seen);
        }
        let missing = match &self.rules.missing {
            Some(rule) => Some(self.fill(rule, rows, |tally| (tally.missing, tally.all))?),
            None => None,
        };
        let outlier = match &self.rules.outlier {
            Some(rule) => {
                for (tally, text) in self.tallies.iter_mut().zip(missing.iter().flat_map(|filled| &filled.texts)) {
                    if rule.matcher.matches(text) {
                        tally.outliers += tally.missing;
                    } else if let Some(value) = float(text).filter(|v| !v.is_nan() && tally.missing > 0) {
                        tally.rest.add(value, tally.missing);
                    }
                }
                Some(self.fill(rule, rows, |tally| (tally.outliers, tally.rest))?)
            }
            None => None,
        };
        Ok((missing, outlier))
    }

    fn fill(&self, rule: &Rule, rows: u64, of: fn(&Tally) -> (u64, Moments)) -> Result<Filled> {
        let looked_for = rule.matcher.texts().to_vec();
        let mut filled = Filled { looked_for, strategy: rule.strategy.clone(), ..Filled::default() };
        for (index, ((name, _), tally)) in self.columns.iter().zip(&self.tallies).enumerate() {
            let (count, moments) = of(tally);
            filled.texts.push(rule.value(self.component, index, name, &moments)?);
            filled.ratios.push(if rows == 0 { 0.0 } else { count as f64 / rows as f64 });
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fit(parameters: &Parameters, column: &[&str]) -> Result<(Option<Filled>, Option<Filled>)> {
        let rules = Rules::of("data_transform_0", parameters)?;
        let columns = [("x0".to_owned(), Kind::Float)];
        let mut fitter = Fitter::new("data_transform_0", &rules, &columns)?;
        for (row, text) in column.iter().enumerate() {
            fitter.add(0, &format!("k{row}"), text)?;
        }
        fitter.finish(column.len() as u64)
    }

    fn missing(method: Option<&str>, value: Value) -> Parameters {
        Parameters {
            missing_fill: true,
            missing_fill_method: method.map(str::to_owned),
            default_value: value,
            ..Parameters::default()
        }
    }

    #[test]
    fn methods() {
        let column = ["1", "", "4", "none", "-2"];
        for (method, text) in
            [(None, "0"), (Some("min"), "-2.0"), (Some("max"), "4.0"), (Some("mean"), "1.0"), (Some("designated"), "7")]
        {
            let filled = fit(&missing(method, json!(7)), &column).unwrap().0.unwrap();
            assert_eq!((filled.texts, filled.ratios), (vec![text.to_owned()], vec![0.4]), "{method:?}");
        }
        let filled = fit(&missing(Some("designated"), json!(["a"])), &column).unwrap().0.unwrap();
        assert_eq!((filled.texts, filled.strategy.as_str()), (vec!["a".to_owned()], "designated"));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |parameters: &Parameters, column: &[&str]| fit(parameters, column).unwrap_err().message;
        let wrong = missing(Some("designated"), json!([1, 2]));
        assert!(message(&wrong, &["1"]).contains("default_value has 2 values, but there are 1 features"));
        assert!(
            message(&missing(Some("mean"), json!(0)), &["", ""]).contains("column x0 has no value to take the mean of")
        );
        let text = message(&missing(Some("max"), json!(0)), &["1", "abc"]);
        assert!(text.contains("column x0 of row k1 is \"abc\", not a number"), "{text}");
        assert!(
            message(&missing(Some("designated"), Value::Null), &["1"]).contains("default_value for column x0 is null")
        );
        assert!(message(&missing(Some("median"), json!(0)), &["1"]).contains("method \"median\""));
    }

    #[test]
    fn outliers_are_looked_for_after_filling() {
        let parameters = Parameters {
            outlier_replace: true,
            outlier_replace_method: Some("mean".into()),
            outlier_impute: Some(vec![json!(-9999)]),
            ..missing(Some("designated"), json!(4))
        };
        let (filled, replaced) = fit(&parameters, &["1", "", "-9999.0", "1", ""]).unwrap();
        assert_eq!(filled.unwrap().ratios, [0.4]);
        // (1 + 4 + 1 + 4) / 4
        let replaced = replaced.unwrap();
        assert_eq!((replaced.texts, replaced.ratios), (vec!["2.5".to_owned()], vec![0.2]));
    }

    #[test]
    fn a_filled_value_can_be_an_outlier() {
        let parameters = Parameters {
            outlier_replace: true,
            outlier_replace_method: Some("max".into()),
            outlier_impute: Some(vec![json!(0)]),
            ..missing(None, json!(0))
        };
        let (_, replaced) = fit(&parameters, &["", "3", "0", "5"]).unwrap();
        assert_eq!(replaced.map(|r| (r.texts, r.ratios)), Some((vec!["5.0".to_owned()], vec![0.5])));
    }

    #[test]
    fn values_known_as_missing_are_left_out_without_filling() {
        let parameters = Parameters {
            missing_impute: Some(vec![json!(-1)]),
            outlier_replace: true,
            outlier_replace_method: Some("min".into()),
            outlier_impute: Some(vec![json!(100)]),
            ..Parameters::default()
        };
        let (filled, replaced) = fit(&parameters, &["-1", "100", "3", "NA", "nan"]).unwrap();
        assert_eq!((filled, replaced.map(|r| r.texts)), (None, Some(vec!["3.0".to_owned()])));
    }
}
