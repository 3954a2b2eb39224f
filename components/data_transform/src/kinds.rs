//! Types of columns as FATE names them. Not for: missing values.

use parcae_sdk::{
    Failure, input_error,
    tables::{DataType, Values},
};

use crate::number;

const SHOWN_CHARACTERS: usize = 100;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `float`, `float64`.
    Float,
    /// `int`, `int64`, `long`.
    Int,
    /// `str`.
    Text,
}

impl Kind {
    /// The kind that a name stands for.
    pub fn named(name: &str) -> Option<Kind> {
        match name.to_lowercase().as_str() {
            "float" | "float32" | "float64" | "double" => Some(Kind::Float),
            "int" | "int32" | "int64" | "long" => Some(Kind::Int),
            "str" | "string" => Some(Kind::Text),
            _ => None,
        }
    }

    /// The kind, or an error that names the parameter.
    pub fn of(component: &str, parameter: &str, name: &str) -> parcae_sdk::Result<Kind> {
        Kind::named(name).ok_or_else(|| {
            input_error(format!("{component}: {parameter} is {name:?}; give int, int64, long, float, float64 or str"))
        })
    }

    /// A cell as a number, if it is one of this kind; NaN stands for a missing value.
    pub fn number(self, text: &str) -> Option<f64> {
        match self {
            Kind::Float => number::float(text),
            Kind::Int => {
                let value = number::float(text)?;
                (value.is_nan() || value.fract() == 0.0).then_some(value)
            }
            Kind::Text => None,
        }
    }

    /// How the kind is called in messages.
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Float => "a number",
            Kind::Int => "a whole number",
            Kind::Text => "a text",
        }
    }

    /// How a feature of this kind is stored: numbers as doubles.
    pub fn stored_feature(self) -> DataType {
        match self {
            Kind::Text => DataType::Text,
            Kind::Float | Kind::Int => DataType::Float64,
        }
    }

    /// How a label of this kind is stored.
    pub fn stored_label(self) -> DataType {
        match self {
            Kind::Text => DataType::Text,
            Kind::Float => DataType::Float64,
            Kind::Int => DataType::Int64,
        }
    }

    /// The kind of a column that is parsed already.
    pub fn of_column(data_type: DataType) -> Kind {
        match data_type {
            DataType::Text => Kind::Text,
            DataType::Float64 => Kind::Float,
            DataType::Int64 | DataType::Boolean => Kind::Int,
        }
    }
}

/// A label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Label<'c> {
    /// Of an `int` label.
    Int(i64),
    /// Of a `float` label.
    Float(f64),
    /// Of a `str` label.
    Text(&'c str),
}

impl<'c> Label<'c> {
    /// Reads a label; a float label must be a number, not NaN.
    pub fn read(kind: Kind, text: &'c str) -> Option<Label<'c>> {
        match kind {
            Kind::Int => number::int(text).map(Label::Int),
            Kind::Float => number::float(text).filter(|value| !value.is_nan()).map(Label::Float),
            Kind::Text => Some(Label::Text(text)),
        }
    }

    /// An empty column for labels of a kind.
    pub fn column(kind: Kind) -> Values {
        match kind {
            Kind::Int => Values::Int64(Vec::new()),
            Kind::Float => Values::Float64(Vec::new()),
            Kind::Text => Values::Text(parcae_sdk::texts([])),
        }
    }
}

/// The error of a cell that cannot be read.
pub fn bad_cell(component: &str, column: &str, key: &str, text: &str, wanted: &str, cure: &str) -> Failure {
    let text = shown(text);
    input_error(format!("{component}: column {column} of row {key} is {text}, not {wanted}; {cure}"))
}

/// A text for a message, quoted and cut.
pub fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types() {
        assert_eq!(Kind::named("float64"), Some(Kind::Float));
        assert_eq!(Kind::named("LONG"), Some(Kind::Int));
        assert_eq!(Kind::named("str"), Some(Kind::Text));
        assert!(
            Kind::of("data_transform_0", "data_type", "date").unwrap_err().message.contains("data_type is \"date\"")
        );
    }

    #[test]
    fn cells_of_a_kind() {
        assert_eq!(Kind::Float.number(" 1.5"), Some(1.5));
        assert_eq!((Kind::Int.number("3.0"), Kind::Int.number("3.5"), Kind::Int.number("a")), (Some(3.0), None, None));
        assert!(Kind::Float.number("nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn labels() {
        assert_eq!(Label::read(Kind::Int, "1.0"), Some(Label::Int(1)));
        assert_eq!(Label::read(Kind::Float, "2"), Some(Label::Float(2.0)));
        assert_eq!(Label::read(Kind::Text, " a"), Some(Label::Text(" a")));
        assert_eq!((Label::read(Kind::Int, ""), Label::read(Kind::Float, "nan")), (None, None));
    }
}
