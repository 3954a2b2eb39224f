//! Rows of tags: `tag` items that are there or not, or `tag:value` items, behind match id and label. The features are all tags of
//! the table in the order of their bytes. Not for: replacing outliers; FATE does not do that with tags either.

use std::collections::{BTreeSet, HashMap};

use parcae_sdk::{Failure, Result, input_error};

use crate::{
    imputer::{Filled, Fitter, Rules},
    input::{Input, each_row},
    kinds::{Kind, shown},
    matcher::is_blank,
    model::Model,
    number::float,
    output::{Builder, Shape},
    parameters::Parameters,
    prefix::Prefix,
    prepared::{Context, MAX_FEATURES, Parser, Prepared, anonymous_header, number_kind},
    recorded::Recorded,
};

/// Prepares the conversion.
pub fn prepare(
    context: &Context,
    input: &dyn Input,
    parameters: &Parameters,
    recorded: &Recorded,
    model: Option<&Model>,
) -> Result<Prepared> {
    let component = context.component.as_str();
    let kind = number_kind(component, parameters)?;
    let prefix = Prefix::of(component, parameters)?;
    let items = Items {
        component: component.to_owned(),
        skip: prefix.features,
        value_delimiter: parameters.tag_with_value.then(|| parameters.tag_value_delimitor.clone()),
    };
    let header: Vec<String> = match model {
        Some(model) => model.param.header.clone(),
        None => tags(input, &parameters.delimitor, &items)?,
    };
    let places: HashMap<String, usize> = header.iter().cloned().enumerate().map(|(at, tag)| (tag, at)).collect();
    let features: Vec<(String, Kind)> = header.iter().map(|tag| (tag.clone(), kind)).collect();
    // Only tags with values can lack one.
    let fill = Parameters {
        missing_fill: parameters.missing_fill && parameters.tag_with_value,
        outlier_replace: false,
        ..parameters.clone()
    };
    let rules = Rules::of(component, &fill)?;
    let missing = match (model, &rules.missing) {
        (_, None) => None,
        (Some(model), _) => model.filled(component)?.0,
        (None, _) => fit(component, input, &parameters.delimitor, &items, &places, &features, &rules)?,
    };
    let absent = absent(component, &header, missing.as_ref())?;
    let shape = Shape {
        sid: recorded.sid.clone(),
        match_id: prefix.match_id.as_ref().map(|(_, name)| name.clone()),
        label: prefix.label.as_ref().map(|(_, name, kind)| (name.clone(), *kind)),
        features,
    };
    let parser = TagParser { prefix, items, kind, rules, places, row: absent.clone(), absent };
    Ok(Prepared {
        anonymous_header: anonymous_header(context, header.len(), model),
        anonymous_label: context.anonymous_label(),
        header,
        shape,
        delimiter: parameters.delimitor.clone(),
        missing,
        outlier: None,
        parser: Box::new(parser),
    })
}

/// Which cells of a row are tags, and how they are written.
struct Items {
    component: String,
    skip: usize,
    value_delimiter: Option<String>,
}

impl Items {
    /// Hands tag and value of every item to `handle`; the value of a tag without one is "1".
    fn each<'c>(
        &self,
        key: &str,
        cells: &[&'c str],
        handle: &mut dyn FnMut(&'c str, &'c str) -> Result<()>,
    ) -> Result<()> {
        for cell in cells.iter().copied().skip(self.skip).filter(|cell| !cell.trim().is_empty()) {
            match &self.value_delimiter {
                None => handle(cell, "1")?,
                Some(delimiter) => match cell.split_once(delimiter.as_str()) {
                    Some((tag, value)) if !value.contains(delimiter.as_str()) => handle(tag, value)?,
                    _ => return Err(self.bad_item(key, cell, delimiter)),
                },
            }
        }
        Ok(())
    }

    fn bad_item(&self, key: &str, cell: &str, delimiter: &str) -> Failure {
        let (component, cell) = (&self.component, shown(cell));
        input_error(format!(
            "{component}: row {key} has {cell}, not tag{delimiter}value; check the row, delimitor, tag_with_value and tag_value_delimitor"
        ))
    }
}

/// All tags of a table, in order.
fn tags(input: &dyn Input, delimiter: &str, items: &Items) -> Result<Vec<String>> {
    let component = &items.component;
    let mut all: BTreeSet<String> = BTreeSet::new();
    each_row(input, delimiter, &mut |key, cells| {
        items.each(key, cells, &mut |tag, _| {
            if !all.contains(tag) {
                all.insert(tag.to_owned());
            }
            Ok(())
        })?;
        match all.len() > MAX_FEATURES {
            true => Err(input_error(format!(
                "{component}: more than {MAX_FEATURES} different tags; check delimitor and input_format"
            ))),
            false => Ok(()),
        }
    })?;
    match all.is_empty() {
        true => Err(input_error(format!("{component}: no row has a tag; check delimitor and input_format"))),
        false => Ok(all.into_iter().collect()),
    }
}

fn fit(
    component: &str,
    input: &dyn Input,
    delimiter: &str,
    items: &Items,
    places: &HashMap<String, usize>,
    features: &[(String, Kind)],
    rules: &Rules,
) -> Result<Option<Filled>> {
    let mut fitter = Fitter::new(component, rules, features)?;
    let mut rows = 0;
    each_row(input, delimiter, &mut |key, cells| {
        rows += 1;
        items.each(key, cells, &mut |tag, value| match places.get(tag) {
            Some(at) => fitter.add(*at, key, value),
            None => Ok(()),
        })
    })?;
    Ok(fitter.finish(rows)?.0)
}

/// The value of a tag that a row does not have.
fn absent(component: &str, header: &[String], missing: Option<&Filled>) -> Result<Vec<f64>> {
    let Some(filled) = missing else { return Ok(vec![0.0; header.len()]) };
    let number = |(tag, text): (&String, &String)| {
        let message = || input_error(format!("{component}: {text:?} is to be filled in for tag {tag}; give a number"));
        float(text).ok_or_else(message)
    };
    header.iter().zip(&filled.texts).map(number).collect()
}

struct TagParser {
    prefix: Prefix,
    items: Items,
    kind: Kind,
    rules: Rules,
    places: HashMap<String, usize>,
    absent: Vec<f64>,
    row: Vec<f64>,
}

impl Parser for TagParser {
    fn row(&mut self, key: &str, cells: &[&str], out: &mut Builder) -> Result<()> {
        let (match_id, label) = self.prefix.read(key, cells)?;
        let TagParser { items, kind, rules, places, absent, row, .. } = self;
        row.copy_from_slice(absent);
        items.each(key, cells, &mut |tag, text| {
            // Tags that the model does not know are left out.
            let Some(at) = places.get(tag).copied() else { return Ok(()) };
            let is_missing = rules.missing.as_ref().is_some_and(|rule| rule.matcher.matches(text));
            let is_unknown = rules.unknown.as_ref().is_some_and(|list| list.matches(text));
            row[at] = match kind.number(text) {
                _ if is_missing => absent[at],
                _ if is_unknown => f64::NAN,
                Some(value) => value,
                None if is_blank(text) => f64::NAN,
                None => {
                    let (component, text, wanted) = (&items.component, shown(text), kind.wanted());
                    let message =
                        format!("{component}: tag {tag} of row {key} is {text}, not {wanted}; correct the data");
                    return Err(input_error(message));
                }
            };
            Ok(())
        })?;
        out.start(key, match_id, label);
        row.iter().enumerate().for_each(|(index, value)| out.number(index, *value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{model, prepared::tests::run};

    fn parameters(with_value: bool) -> Parameters {
        Parameters {
            input_format: "tag".into(),
            delimitor: ";".into(),
            tag_with_value: with_value,
            ..Parameters::default()
        }
    }

    fn extra() -> serde_json::Value {
        json!({ "sid": "", "header": "", "meta": {} })
    }

    fn message(parameters: &Parameters, text: &[(&str, &str)]) -> String {
        run(parameters, extra(), text, None).err().map(|e| e.message).unwrap_or_default()
    }

    #[test]
    fn tags_are_sorted() {
        let (prepared, rows) =
            run(&parameters(false), extra(), &[("a", "c;a"), ("b", "ä;b;a"), ("c", "")], None).unwrap();
        assert_eq!(prepared.header, ["a", "b", "c", "ä"]);
        assert_eq!(rows, [vec!["a", "1", "0", "1", "0"], vec!["b", "1", "1", "0", "1"], vec!["c", "0", "0", "0", "0"]]);
    }

    #[test]
    fn tags_with_values() {
        let text = [("a", "x1:0.25;x0:-1"), ("b", "x0:3;x0:4")];
        let (_, rows) = run(&parameters(true), extra(), &text, None).unwrap();
        assert_eq!(rows, [vec!["a", "-1", "0.25"], vec!["b", "4", "0"]]);
    }

    #[test]
    fn absent_tags_are_filled_in() {
        let fill = Parameters { missing_fill: true, missing_fill_method: Some("mean".into()), ..parameters(true) };
        let text = [("a", "x0:1;x1:5"), ("b", "x0:3"), ("c", "x1:none")];
        let (prepared, rows) = run(&fill, extra(), &text, None).unwrap();
        assert_eq!(rows, [vec!["a", "1", "5"], vec!["b", "3", "5"], vec!["c", "2", "5"]]);
        let missing = prepared.missing.clone().unwrap();
        assert_eq!(missing.texts, ["2.0", "5.0"]);
        assert_eq!(missing.ratios, [1.0 / 3.0, 2.0 / 3.0]);
        let model = model::save(&fill, &prepared, None);
        let applied = run(&Parameters::default(), extra(), &[("d", "x9:1;x1:2")], Some(&model)).unwrap().1;
        assert_eq!(applied, [vec!["d", "2", "2"]]);
    }

    #[test]
    fn label_and_match_id_stand_first() {
        let both = Parameters { with_label: true, with_match_id: true, ..parameters(false) };
        let (_, rows) = run(&both, extra(), &[("k", "77;1;b;a")], None).unwrap();
        assert_eq!(rows, [vec!["k", "77", "1", "1", "1"]]);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(message(&parameters(true), &[("a", "x0")]).contains("row a has \"x0\", not tag:value"));
        assert!(message(&parameters(true), &[("a", "x0:1:2")]).contains("row a has \"x0:1:2\""));
        assert!(message(&parameters(true), &[("a", "x0:b")]).contains("tag x0 of row a is \"b\", not a number"));
        assert!(message(&parameters(false), &[("a", "")]).contains("no row has a tag"));
        let words = Parameters { data_type: "str".into(), ..parameters(false) };
        assert!(message(&words, &[("a", "b")]).contains("data_type str is for dense rows"));
    }
}
