//! Typed columns, page by page. Not for: the whole table; a page goes out as soon as it is full.

use parcae_sdk::{
    PAGE_ROWS, Result, input_error,
    tables::{Column, ColumnDefinition, DataType, Meaning, Page, Texts, Values},
    texts,
};

use crate::kinds::{Kind, Label};

/// Smallest value that sparse output keeps (FATE's FLOAT_ZERO).
const FLOAT_ZERO: f64 = 1e-8;
/// Bytes of numbers after which a page of a wide table is full.
const PAGE_BYTES: usize = 4 << 20;

/// The columns of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Key column.
    pub sid: String,
    /// Match id column.
    pub match_id: Option<String>,
    /// Label column.
    pub label: Option<(String, Kind)>,
    /// Feature columns.
    pub features: Vec<(String, Kind)>,
}

impl Shape {
    /// The columns; an error when a name is empty, unprintable or comes twice.
    pub fn definitions(&self, component: &str) -> Result<Vec<ColumnDefinition>> {
        let column = |name: &str, data_type, meaning| ColumnDefinition { name: name.to_owned(), data_type, meaning };
        let mut all = vec![column(&self.sid, DataType::Text, Meaning::Id)];
        all.extend(self.match_id.iter().map(|name| column(name, DataType::Text, Meaning::MatchId)));
        all.extend(self.label.iter().map(|(name, kind)| column(name, kind.stored_label(), Meaning::Label)));
        all.extend(self.features.iter().map(|(name, kind)| column(name, kind.stored_feature(), Meaning::Feature)));
        let mut known = std::collections::HashSet::new();
        for (at, column) in all.iter().enumerate() {
            let name = column.name.as_str();
            let problem = if name.is_empty() {
                "has an empty name"
            } else if name.chars().any(char::is_control) {
                "has a name with control characters"
            } else if !known.insert(name) {
                "has the name of another column"
            } else {
                continue;
            };
            let message = format!(
                "{component}: column {} of the output, {name:?}, {problem}; correct the header of the file",
                at + 1
            );
            return Err(input_error(message));
        }
        drop(known);
        Ok(all)
    }
}

enum Feature {
    Numbers { values: Vec<f64>, missing: Vec<u32> },
    Words(Texts),
}

/// A page that grows row by row: `start`, then every feature once, then `end_row`.
pub struct Builder {
    kinds: Vec<Kind>,
    with_match_id: bool,
    label_kind: Option<Kind>,
    sparse: bool,
    full_rows: usize,
    rows: usize,
    keys: Texts,
    match_ids: Texts,
    labels: Values,
    features: Vec<Feature>,
}

impl Builder {
    /// An empty page. With `sparse` values below 1e-8 become 0.
    pub fn new(shape: &Shape, sparse: bool) -> Builder {
        let kinds: Vec<Kind> = shape.features.iter().map(|(_, kind)| *kind).collect();
        let label_kind = shape.label.as_ref().map(|(_, kind)| *kind);
        Builder {
            with_match_id: shape.match_id.is_some(),
            label_kind,
            sparse,
            full_rows: (PAGE_BYTES / (8 * kinds.len().max(1))).clamp(16, PAGE_ROWS),
            rows: 0,
            keys: texts([]),
            match_ids: texts([]),
            labels: Label::column(label_kind.unwrap_or(Kind::Int)),
            features: kinds.iter().map(|kind| empty(*kind)).collect(),
            kinds,
        }
    }

    /// Begins a row.
    pub fn start(&mut self, key: &str, match_id: Option<&str>, label: Option<Label<'_>>) {
        push(&mut self.keys, key);
        push(&mut self.match_ids, match_id.unwrap_or_default());
        match (&mut self.labels, label) {
            (Values::Int64(all), Some(Label::Int(value))) => all.push(value),
            (Values::Float64(all), Some(Label::Float(value))) => all.push(value),
            (Values::Text(all), Some(Label::Text(value))) => push(all, value),
            _ => {}
        }
    }

    /// Adds the value of a feature of numbers; NaN is a missing value.
    pub fn number(&mut self, feature: usize, value: f64) {
        let Feature::Numbers { values, missing } = &mut self.features[feature] else { return };
        if value.is_nan() {
            missing.push(self.rows as u32);
            values.push(0.0);
        } else if self.sparse && value.abs() < FLOAT_ZERO {
            values.push(0.0);
        } else {
            values.push(value);
        }
    }

    /// Adds the value of a feature of texts.
    pub fn word(&mut self, feature: usize, value: &str) {
        if let Feature::Words(all) = &mut self.features[feature] {
            push(all, value);
        }
    }

    /// Ends a row; true when the page is full.
    pub fn end_row(&mut self) -> bool {
        self.rows += 1;
        self.rows >= self.full_rows || self.keys.bytes.len() >= PAGE_BYTES
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The page; leaves an empty one.
    pub fn take(&mut self) -> Page {
        let rows = std::mem::take(&mut self.rows);
        let plain = |values| Column { validity: None, values };
        let mut columns = vec![plain(Values::Text(std::mem::replace(&mut self.keys, texts([]))))];
        let match_ids = std::mem::replace(&mut self.match_ids, texts([]));
        if self.with_match_id {
            columns.push(plain(Values::Text(match_ids)));
        }
        if let Some(kind) = self.label_kind {
            columns.push(plain(std::mem::replace(&mut self.labels, Label::column(kind))));
        }
        for (feature, kind) in self.features.iter_mut().zip(&self.kinds) {
            columns.push(match std::mem::replace(feature, empty(*kind)) {
                Feature::Numbers { values, missing } => {
                    Column { validity: validity(rows, &missing), values: Values::Float64(values) }
                }
                Feature::Words(all) => plain(Values::Text(all)),
            });
        }
        Page { rows: rows as u32, columns }
    }
}

fn empty(kind: Kind) -> Feature {
    match kind {
        Kind::Text => Feature::Words(texts([])),
        Kind::Float | Kind::Int => Feature::Numbers { values: Vec::new(), missing: Vec::new() },
    }
}

fn push(texts: &mut Texts, text: &str) {
    texts.bytes.extend_from_slice(text.as_bytes());
    texts.offsets.push(texts.bytes.len() as u32);
}

/// One bit a row, 0 where a value is missing; nothing when none is.
fn validity(rows: usize, missing: &[u32]) -> Option<Vec<u8>> {
    if missing.is_empty() {
        return None;
    }
    let mut bits = vec![0xff; rows.div_ceil(8)];
    if let (Some(last), used @ 1..) = (bits.last_mut(), rows % 8) {
        *last = (1 << used) - 1;
    }
    for row in missing {
        bits[*row as usize / 8] &= !(1 << (row % 8));
    }
    Some(bits)
}

#[cfg(test)]
pub mod tests {
    use parcae_sdk::Text;

    use super::*;

    /// The cells of a page as text, row by row; `?` = missing.
    pub fn rows(page: &Page) -> Vec<Vec<String>> {
        let cell = |column: &Column, row: usize| match (&column.validity, &column.values) {
            (Some(bits), _) if bits[row / 8] >> (row % 8) & 1 == 0 => "?".to_owned(),
            (_, Values::Text(all)) => all.at(row).to_owned(),
            (_, Values::Float64(all)) => all[row].to_string(),
            (_, Values::Int64(all)) => all[row].to_string(),
            (_, Values::Boolean(all)) => all[row].to_string(),
        };
        (0..page.rows as usize).map(|row| page.columns.iter().map(|column| cell(column, row)).collect()).collect()
    }

    fn shape() -> Shape {
        Shape {
            sid: "id".into(),
            match_id: Some("phone".into()),
            label: Some(("y".into(), Kind::Int)),
            features: vec![("x0".into(), Kind::Float), ("x1".into(), Kind::Text)],
        }
    }

    #[test]
    fn columns_are_filled_in_order() {
        let mut builder = Builder::new(&shape(), true);
        for (key, value, word) in [("a", 2.5, "u"), ("b", f64::NAN, ""), ("c", 1e-9, "w")] {
            builder.start(key, Some("123"), Some(Label::Int(1)));
            builder.number(0, value);
            builder.word(1, word);
            assert!(!builder.end_row());
        }
        let page = builder.take();
        assert_eq!(page.columns[3].validity, Some(vec![0b101]));
        assert_eq!(
            rows(&page),
            [vec!["a", "123", "1", "2.5", "u"], vec!["b", "123", "1", "?", ""], vec!["c", "123", "1", "0", "w"],]
        );
        assert_eq!((builder.rows(), builder.take().rows), (0, 0));
    }

    #[test]
    fn wide_tables_have_short_pages() {
        let features = (0..100_000).map(|i| (format!("x{i}"), Kind::Float)).collect();
        let wide = Shape { match_id: None, label: None, features, ..shape() };
        assert_eq!((Builder::new(&wide, false).full_rows, Builder::new(&shape(), false).full_rows), (16, PAGE_ROWS));
    }

    #[test]
    fn bits_behind_the_last_row_are_zero() {
        assert_eq!(validity(8, &[7]), Some(vec![0b0111_1111]));
        assert_eq!(validity(10, &[0, 9]), Some(vec![0b1111_1110, 0b01]));
        assert_eq!(validity(3, &[]), None);
    }

    #[test]
    fn names_are_checked() {
        let message = |change: fn(&mut Shape)| {
            let mut shape = shape();
            change(&mut shape);
            shape.definitions("data_transform_0").unwrap_err().message
        };
        assert!(message(|s| s.features[0].0 = "id".into()).contains("\"id\", has the name of another column"));
        assert!(message(|s| s.features[1].0 = String::new()).contains("has an empty name"));
        assert!(message(|s| s.features[1].0 = "a\tb".into()).contains("control characters"));
        assert_eq!(shape().definitions("data_transform_0").unwrap().len(), 5);
    }
}
