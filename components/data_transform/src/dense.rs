//! Dense rows: one cell a column. Not for: which cell is what, see `layout`; what is filled in, see `imputer`.

use std::collections::HashMap;

use parcae_sdk::{Failure, Result, input_error, warning};

use crate::{
    imputer::{Filled, Fitter, Rules},
    input::{Input, each_row},
    kinds::{Kind, Label, bad_cell},
    layout::{LabelPlace, Layout, some_of},
    matcher::is_blank,
    model::Model,
    number::float,
    output::{Builder, Shape},
    parameters::Parameters,
    prepared::{Context, Parser, Prepared, anonymous_header},
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
    let layout = Layout::of(component, parameters, recorded, model.is_some())?;
    let rules = Rules::of(component, parameters)?;
    let places: Vec<(usize, String)> = match model {
        Some(model) => aligned(component, &model.param.header, &layout.features)?,
        None => layout.features.clone(),
    };
    let features = kinds(component, parameters, &places)?;
    let (missing, outlier) = match model {
        Some(model) => model.filled(component)?,
        None => fit(component, input, &layout, &rules, &places, &features)?,
    };
    let columns = columns(component, &rules, &places, &features, &missing, &outlier)?;
    let header: Vec<String> = places.into_iter().map(|(_, name)| name).collect();
    let shape = Shape {
        sid: recorded.sid.clone(),
        match_id: layout.match_id.as_ref().map(|(_, name)| name.clone()),
        label: layout.label.as_ref().map(|label| (label.name.clone(), label.kind)),
        features,
    };
    let parser = DenseParser {
        component: component.to_owned(),
        cells: layout.cells,
        match_id: layout.match_id.as_ref().map(|(at, _)| *at),
        label: layout.label.clone(),
        columns,
        rules,
    };
    Ok(Prepared {
        anonymous_header: anonymous_header(context, header.len(), model),
        anonymous_label: context.anonymous_label(),
        header,
        shape,
        delimiter: layout.delimiter,
        missing,
        outlier,
        parser: Box::new(parser),
    })
}

/// The features of a model in its order, found among those of a table.
fn aligned(component: &str, wanted: &[String], features: &[(usize, String)]) -> Result<Vec<(usize, String)>> {
    let at: HashMap<&str, usize> = features.iter().map(|(at, name)| (name.as_str(), *at)).collect();
    let missing: Vec<String> = wanted.iter().filter(|name| !at.contains_key(name.as_str())).cloned().collect();
    if !missing.is_empty() {
        let shown = some_of(&missing);
        return Err(input_error(format!("{component}: the table lacks columns that the model was made with: {shown}")));
    }
    Ok(wanted.iter().filter_map(|name| Some((*at.get(name.as_str())?, name.clone()))).collect())
}

/// Name and kind of the features.
fn kinds(component: &str, parameters: &Parameters, places: &[(usize, String)]) -> Result<Vec<(String, Kind)>> {
    let usual = Kind::of(component, "data_type", &parameters.data_type)?;
    let mut single = HashMap::new();
    for (name, kind) in parameters.exclusive_data_type.iter().flatten() {
        if !places.iter().any(|(_, column)| column.to_lowercase() == name.to_lowercase()) {
            warning!("exclusive_data_type names column {name}, which is not a feature of this table");
        }
        single.insert(name.to_lowercase(), Kind::of(component, &format!("exclusive_data_type of {name}"), kind)?);
    }
    let kind = |name: &str| single.get(&name.to_lowercase()).copied().unwrap_or(usual);
    Ok(places.iter().map(|(_, name)| (name.clone(), kind(name))).collect())
}

fn fit(
    component: &str,
    input: &dyn Input,
    layout: &Layout,
    rules: &Rules,
    places: &[(usize, String)],
    features: &[(String, Kind)],
) -> Result<(Option<Filled>, Option<Filled>)> {
    if rules.missing.is_none() && rules.outlier.is_none() {
        return Ok((None, None));
    }
    let mut fitter = Fitter::new(component, rules, features)?;
    let mut rows = 0;
    each_row(input, &layout.delimiter, &mut |key, cells| {
        check_cells(component, layout.cells, key, cells)?;
        rows += 1;
        places.iter().enumerate().try_for_each(|(feature, (at, _))| fitter.add(feature, key, cells[*at]))
    })?;
    fitter.finish(rows)
}

/// What a cell is replaced by.
struct Replacement {
    text: String,
    number: f64,
}

/// A feature.
struct Column {
    at: usize,
    name: String,
    kind: Kind,
    missing: Option<Replacement>,
    outlier: Option<Replacement>,
}

fn columns(
    component: &str,
    rules: &Rules,
    places: &[(usize, String)],
    features: &[(String, Kind)],
    missing: &Option<Filled>,
    outlier: &Option<Filled>,
) -> Result<Vec<Column>> {
    let replacement = |filled: Option<&Filled>, index: usize, kind: Kind, name: &str| -> Result<Option<Replacement>> {
        let Some(text) = filled.and_then(|filled| filled.texts.get(index)) else { return Ok(None) };
        let number = match kind {
            Kind::Text => f64::NAN,
            _ => float(text).ok_or_else(|| not_a_number(component, name, text))?,
        };
        Ok(Some(Replacement { text: text.clone(), number }))
    };
    let mut all = Vec::with_capacity(places.len());
    for (index, ((at, name), (_, kind))) in places.iter().zip(features).enumerate() {
        let filled = replacement(missing.as_ref(), index, *kind, name)?;
        let is_outlier = |r: &Replacement| rules.outlier.as_ref().is_some_and(|rule| rule.matcher.matches(&r.text));
        let missing = match filled.as_ref().is_some_and(is_outlier) {
            true => replacement(outlier.as_ref(), index, *kind, name)?,
            false => filled,
        };
        let outlier = replacement(outlier.as_ref(), index, *kind, name)?;
        all.push(Column { at: *at, name: name.clone(), kind: *kind, missing, outlier });
    }
    Ok(all)
}

fn not_a_number(component: &str, name: &str, text: &str) -> Failure {
    input_error(format!("{component}: {text:?} is to be filled in column {name}, which holds numbers; give a number"))
}

fn check_cells(component: &str, expected: usize, key: &str, cells: &[&str]) -> Result<()> {
    if cells.len() == expected || (expected == 0 && cells == [""]) {
        return Ok(());
    }
    let found = cells.len();
    Err(input_error(format!(
        "{component}: row {key} has {found} cells behind its key, the header has {expected}; check the row and delimitor"
    )))
}

struct DenseParser {
    component: String,
    cells: usize,
    match_id: Option<usize>,
    label: Option<LabelPlace>,
    columns: Vec<Column>,
    rules: Rules,
}

impl Parser for DenseParser {
    fn row(&mut self, key: &str, cells: &[&str], out: &mut Builder) -> Result<()> {
        check_cells(&self.component, self.cells, key, cells)?;
        let label = match &self.label {
            Some(place) => Some(Label::read(place.kind, cells[place.at]).ok_or_else(|| {
                let wanted = place.kind.wanted();
                bad_cell(
                    &self.component,
                    &place.name,
                    key,
                    cells[place.at],
                    wanted,
                    "correct the label, or set label_type",
                )
            })?),
            None => None,
        };
        out.start(key, self.match_id.map(|at| cells[at]), label);
        for (index, column) in self.columns.iter().enumerate() {
            let text = cells[column.at];
            match (self.replaced(column, text), column.kind) {
                (Some(other), Kind::Text) => out.word(index, &other.text),
                (Some(other), _) => out.number(index, other.number),
                (None, Kind::Text) => out.word(index, text),
                (None, _) => out.number(index, self.number(column, key, text)?),
            }
        }
        Ok(())
    }
}

impl DenseParser {
    fn replaced<'c>(&self, column: &'c Column, text: &str) -> Option<&'c Replacement> {
        if self.rules.missing.as_ref().is_some_and(|rule| rule.matcher.matches(text)) {
            return column.missing.as_ref();
        }
        self.rules.outlier.as_ref().filter(|rule| rule.matcher.matches(text)).and(column.outlier.as_ref())
    }

    fn number(&self, column: &Column, key: &str, text: &str) -> Result<f64> {
        if self.rules.unknown.as_ref().is_some_and(|list| list.matches(text)) {
            return Ok(f64::NAN);
        }
        match column.kind.number(text) {
            Some(value) => Ok(value),
            None if is_blank(text) => Ok(f64::NAN),
            None => {
                let cure =
                    "correct the data, name the value in missing_impute, or set data_type or exclusive_data_type";
                Err(bad_cell(&self.component, &column.name, key, text, column.kind.wanted(), cure))
            }
        }
    }
}

#[cfg(test)]
#[path = "dense_tests.rs"]
mod tests;
