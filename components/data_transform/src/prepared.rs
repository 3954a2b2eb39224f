//! What a table needs to be converted row by row, made from its header, its statistics or a model; and the conversion. Not for:
//! what a cell comes to; each input format has a parser of its own.

use parcae_sdk::{
    Result, input_error,
    tables::{Page, Schema},
};
use serde_json::{Map, Value, json};

use crate::{
    dense,
    imputer::Filled,
    input::{Input, each_row},
    kinds::Kind,
    model::Model,
    output::{Builder, Shape},
    parameters::Parameters,
    recorded::Recorded,
    sparse, tags,
};

/// Most features: a page must fit into the limits of a node.
pub const MAX_FEATURES: usize = 100_000;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Context {
    /// Name of the component, for messages.
    pub component: String,
    /// Role and party: `guest_9999`.
    party: String,
}

impl Context {
    /// The attempt of a party.
    pub fn new(component: &str, role: &str, party: u64) -> Context {
        Context { component: component.to_owned(), party: format!("{role}_{party}") }
    }

    /// Names for features that other parties may see.
    pub fn anonymous(&self, features: usize) -> Vec<String> {
        (0..features).map(|i| format!("{}_x{i}", self.party)).collect()
    }

    /// The name for the label that other parties may see.
    pub fn anonymous_label(&self) -> String {
        format!("{}_y", self.party)
    }
}

/// Reads the rows of one input format.
pub trait Parser {
    /// Adds a row to a page, without ending it.
    fn row(&mut self, key: &str, cells: &[&str], out: &mut Builder) -> Result<()>;
}

/// A conversion.
pub struct Prepared {
    /// Names of the features.
    pub header: Vec<String>,
    /// Their names for other parties.
    pub anonymous_header: Vec<String>,
    /// The label's name for other parties.
    pub anonymous_label: String,
    /// Columns of the output.
    pub shape: Shape,
    /// What separates the cells of a row.
    pub delimiter: String,
    /// What was filled in for missing values.
    pub missing: Option<Filled>,
    /// What outliers were replaced by.
    pub outlier: Option<Filled>,
    /// Reads rows.
    pub parser: Box<dyn Parser>,
}

/// Prepares the conversion of a table, like the one that a model was made from or from scratch.
pub fn prepare(
    context: &Context,
    input: &dyn Input,
    parameters: &Parameters,
    recorded: &Recorded,
    model: Option<&Model>,
) -> Result<Prepared> {
    let component = &context.component;
    let prepared = match parameters.input_format.as_str() {
        "dense" => dense::prepare(context, input, parameters, recorded, model)?,
        format if !recorded.raw => {
            let message = format!("{component}: input_format is {format}, but the table is parsed already; use dense");
            return Err(input_error(message));
        }
        "sparse" | "svmlight" => sparse::prepare(context, input, parameters, recorded, model)?,
        "tag" => tags::prepare(context, input, parameters, recorded, model)?,
        other => {
            return Err(input_error(format!(
                "{component}: input_format {other:?} is unknown; give dense, sparse or tag"
            )));
        }
    };
    prepared.shape.definitions(component)?;
    Ok(prepared)
}

/// Converts a table; hands out its pages.
pub fn convert(
    input: &dyn Input,
    parameters: &Parameters,
    prepared: &mut Prepared,
    write: &mut dyn FnMut(&Page) -> Result<()>,
) -> Result<()> {
    let mut builder = Builder::new(&prepared.shape, parameters.sparse_output());
    let parser = &mut prepared.parser;
    each_row(input, &prepared.delimiter, &mut |key, cells| {
        parser.row(key, cells, &mut builder)?;
        match builder.end_row() {
            true => write(&builder.take()),
            false => Ok(()),
        }
    })?;
    match builder.rows() {
        0 => Ok(()),
        _ => write(&builder.take()),
    }
}

impl Prepared {
    /// The schema of the output.
    pub fn schema(&self, component: &str, parameters: &Parameters) -> Result<Schema> {
        let mut extra = Map::new();
        extra.insert("sid".into(), json!(self.shape.sid));
        extra.insert("header".into(), json!(self.header));
        extra.insert("anonymous_header".into(), json!(self.anonymous_header));
        if let Some((name, _)) = &self.shape.label {
            extra.insert("label_name".into(), json!(name));
            extra.insert("anonymous_label".into(), json!(self.anonymous_label));
        }
        if let Some(name) = &self.shape.match_id {
            extra.insert("match_id_name".into(), json!(name));
        }
        extra.insert("data_type".into(), json!(parameters.data_type));
        extra.insert("output_format".into(), json!(parameters.output_format));
        Ok(Schema { columns: self.shape.definitions(component)?, extra: Value::Object(extra).to_string() })
    }
}

/// The names for other parties: the model's, if it has one for each feature.
pub fn anonymous_header(context: &Context, features: usize, model: Option<&Model>) -> Vec<String> {
    match model.map(|model| &model.param.anonymous_header) {
        Some(known) if known.len() == features => known.clone(),
        _ => context.anonymous(features),
    }
}

/// The kind of the features of sparse rows and tags: numbers.
pub fn number_kind(component: &str, parameters: &Parameters) -> Result<Kind> {
    match Kind::of(component, "data_type", &parameters.data_type)? {
        Kind::Text => {
            let format = &parameters.input_format;
            Err(input_error(format!(
                "{component}: data_type str is for dense rows; give int or float64 with input_format {format}"
            )))
        }
        kind => Ok(kind),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::{input::tests::Memory, output::tests::rows, recorded::tests::lines};

    /// Converts rows of text; gives the names of columns and the cells.
    pub fn run(
        parameters: &Parameters,
        extra: Value,
        text: &[(&str, &str)],
        model: Option<&Model>,
    ) -> Result<(Prepared, Vec<Vec<String>>)> {
        let recorded = lines(extra);
        let parameters = match model {
            Some(model) => parameters.clone().with_model(model),
            None => parameters.clone(),
        };
        let parameters = parameters.with_meta(&recorded.meta);
        let context = Context::new("data_transform_0", "guest", 9999);
        let input = Memory::of(text);
        let mut prepared = prepare(&context, &input, &parameters, &recorded, model)?;
        let mut all = Vec::new();
        convert(&input, &parameters, &mut prepared, &mut |page| {
            all.extend(rows(page));
            Ok(())
        })?;
        Ok((prepared, all))
    }

    #[test]
    fn schema_of_the_output() {
        let parameters = Parameters { with_label: true, ..Parameters::default() };
        let extra = json!({ "sid": "id", "header": "y,x0", "meta": {} });
        let (prepared, _) = run(&parameters, extra, &[("a", "1,2")], None).unwrap();
        let schema = prepared.schema("data_transform_0", &parameters).unwrap();
        let names: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["id", "y", "x0"]);
        let extra: Value = serde_json::from_str(&schema.extra).unwrap();
        let expected = json!({
            "sid": "id", "header": ["x0"], "anonymous_header": ["guest_9999_x0"], "label_name": "y",
            "anonymous_label": "guest_9999_y", "data_type": "float64", "output_format": "dense",
        });
        assert_eq!(extra, expected);
    }

    #[test]
    fn unknown_formats() {
        let parameters = Parameters { input_format: "csv".into(), ..Parameters::default() };
        let extra = json!({ "sid": "id", "header": "x0", "meta": {} });
        let message = run(&parameters, extra, &[("a", "1")], None).err().map(|e| e.message).unwrap_or_default();
        assert!(message.contains("input_format \"csv\" is unknown"));
    }
}
