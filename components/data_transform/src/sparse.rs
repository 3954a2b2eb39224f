//! Sparse rows as in libsvm: `index:value` tokens, indexes from 0, behind match id and label. The features are `x0` to the
//! largest index. Not for: filling in values; what is not there is 0.

use parcae_sdk::{Failure, Result, input_error};

use crate::{
    input::{Input, each_row},
    kinds::{Kind, shown},
    model::Model,
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
    let delimiter = parameters.delimitor.clone();
    let header: Vec<String> = match model {
        Some(model) => model.param.header.clone(),
        None => (0..features(component, input, &delimiter, &prefix)?).map(|i| format!("x{i}")).collect(),
    };
    let shape = Shape {
        sid: recorded.sid.clone(),
        match_id: prefix.match_id.as_ref().map(|(_, name)| name.clone()),
        label: prefix.label.as_ref().map(|(_, name, kind)| (name.clone(), *kind)),
        features: header.iter().map(|name| (name.clone(), kind)).collect(),
    };
    let parser = SparseParser { component: component.to_owned(), prefix, kind, row: vec![0.0; header.len()] };
    Ok(Prepared {
        anonymous_header: anonymous_header(context, header.len(), model),
        anonymous_label: context.anonymous_label(),
        header,
        shape,
        delimiter,
        missing: None,
        outlier: None,
        parser: Box::new(parser),
    })
}

/// Number of features: the largest index and one.
fn features(component: &str, input: &dyn Input, delimiter: &str, prefix: &Prefix) -> Result<usize> {
    let mut features = 0;
    each_row(input, delimiter, &mut |key, cells| {
        for token in cells.iter().skip(prefix.features).filter(|token| !token.trim().is_empty()) {
            let (index, _) = parse(token).ok_or_else(|| bad_token(component, key, token))?;
            features = features.max(index + 1);
            if features > MAX_FEATURES {
                return Err(input_error(format!(
                    "{component}: row {key} has index {index}; indexes must be below {MAX_FEATURES}: number the features without gaps"
                )));
            }
        }
        Ok(())
    })?;
    match features {
        0 => Err(input_error(format!(
            "{component}: no row has a feature (index:value); check delimitor and input_format"
        ))),
        features => Ok(features),
    }
}

/// Index and value of a token.
fn parse(token: &str) -> Option<(usize, &str)> {
    let (index, value) = token.trim().split_once(':')?;
    Some((index.trim().parse().ok()?, value))
}

fn bad_token(component: &str, key: &str, token: &str) -> Failure {
    let token = shown(token);
    input_error(format!(
        "{component}: row {key} has {token}, not index:value with an index from 0; check the row, delimitor and with_label"
    ))
}

struct SparseParser {
    component: String,
    prefix: Prefix,
    kind: Kind,
    row: Vec<f64>,
}

impl Parser for SparseParser {
    fn row(&mut self, key: &str, cells: &[&str], out: &mut Builder) -> Result<()> {
        let (match_id, label) = self.prefix.read(key, cells)?;
        self.row.fill(0.0);
        for token in cells.iter().skip(self.prefix.features).filter(|token| !token.trim().is_empty()) {
            let (index, value) = parse(token).ok_or_else(|| bad_token(&self.component, key, token))?;
            let Some(place) = self.row.get_mut(index) else {
                let (component, most) = (&self.component, self.row.len().saturating_sub(1));
                return Err(input_error(format!(
                    "{component}: row {key} has index {index}, the model was made with indexes up to {most}; remove it from the row"
                )));
            };
            *place = self.kind.number(value).ok_or_else(|| {
                let (component, value, wanted) = (&self.component, shown(value), self.kind.wanted());
                input_error(format!(
                    "{component}: index {index} of row {key} is {value}, not {wanted}; correct the data"
                ))
            })?;
        }
        out.start(key, match_id, label);
        self.row.iter().enumerate().for_each(|(index, value)| out.number(index, *value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{model, prepared::tests::run};

    fn parameters() -> Parameters {
        Parameters { input_format: "sparse".into(), delimitor: " ".into(), with_label: true, ..Parameters::default() }
    }

    fn extra() -> serde_json::Value {
        json!({ "sid": "", "header": "", "meta": {} })
    }

    fn message(text: &[(&str, &str)], model: Option<&Model>) -> String {
        run(&parameters(), extra(), text, model).err().map(|e| e.message).unwrap_or_default()
    }

    #[test]
    fn tokens_find_their_columns() {
        let text = [("a", "1 0:0.5 2:3"), ("b", "0"), ("c", "1  1:1e-9 1:2 ")];
        let (prepared, rows) = run(&parameters(), extra(), &text, None).unwrap();
        assert_eq!(prepared.header, ["x0", "x1", "x2"]);
        assert_eq!(
            rows,
            [vec!["a", "1", "0.5", "0", "3"], vec!["b", "0", "0", "0", "0"], vec!["c", "1", "0", "2", "0"]]
        );
    }

    #[test]
    fn a_model_fixes_the_features() {
        let (prepared, _) = run(&parameters(), extra(), &[("a", "1 1:2")], None).unwrap();
        let model = model::save(&parameters(), &prepared, None);
        let rows = run(&Parameters::default(), extra(), &[("b", "0 0:7")], Some(&model)).unwrap().1;
        assert_eq!(rows, [vec!["b", "0", "7", "0"]]);
        assert!(
            message(&[("b", "0 2:1")], Some(&model))
                .contains("row b has index 2, the model was made with indexes up to 1")
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert!(message(&[("a", "1 x:2")], None).contains("row a has \"x:2\", not index:value"));
        assert!(message(&[("a", "1 5")], None).contains("row a has \"5\""));
        assert!(message(&[("a", "1 0:b")], None).contains("index 0 of row a is \"b\", not a number"));
        assert!(message(&[("a", "1 4000000:1")], None).contains("below 100000"));
        assert!(message(&[("a", "1")], None).contains("no row has a feature"));
        assert!(message(&[("a", "0:1 1:2")], None).contains("column y of row a is \"0:1\""));
    }
}
