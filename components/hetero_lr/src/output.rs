//! Output tables: predictions, and rows of cross-validation. Not for: computing them.

use parcae_sdk::{
    Column, Frame, Result, Text, failed,
    tables::{Meaning, Texts, Values},
    texts,
};

use crate::{
    predict::Predictions,
    rows::{Rows, suffixed},
};

/// A predict table: key, match ids, label, predict_result, predict_score, predict_detail, type.
pub fn predictions(rows: &Rows, found: &Predictions, kind: &str) -> Frame {
    let count = rows.count();
    let of = |meaning: Meaning| rows.known.iter().filter(move |c| c.definition.meaning == meaning).cloned();
    let mut columns: Vec<Column> = of(Meaning::Id).chain(of(Meaning::MatchId)).collect();
    let unknown = || {
        let mut column = Column::new("label", Meaning::Label, Values::Int64(vec![0; count]));
        column.valid = Some(vec![false; count]);
        column
    };
    let mut label = of(Meaning::Label).next().unwrap_or_else(unknown);
    "label".clone_into(&mut label.definition.name);
    columns.push(label);
    let mut add = |name: &str, values: Values| columns.push(Column::new(name, Meaning::Other, values));
    add("predict_result", Values::Int64(found.classes.clone()));
    add("predict_score", Values::Float64(found.scores.clone()));
    add("predict_detail", Values::Text(texts(found.details.iter().map(String::as_str))));
    add("type", Values::Text(texts(std::iter::repeat_n(kind, count))));
    let mut frame = Frame::new(columns);
    frame.extra.insert("content_type".to_owned(), "predict_result".into());
    frame.partitions = rows.partitions;
    frame
}

/// A table of rows as they were read: key, match ids, label, features.
pub fn instances(rows: &Rows) -> Frame {
    let features = rows.header.iter().zip(rows.features.by_column());
    let features = features.map(|(name, x)| Column::new(name, Meaning::Feature, Values::Float64(x.to_vec())));
    let mut frame = Frame::new(rows.known.iter().cloned().chain(features).collect());
    frame.partitions = rows.partitions;
    frame
}

/// The same table with something behind each key.
pub fn renamed(mut frame: Frame, suffix: &str) -> Frame {
    let keys = suffixed(frame.ids(), suffix);
    frame.columns[0].values = Values::Text(keys);
    frame
}

/// Predictions on training rows above those on validation rows; ids that are in both get `#validate` behind them in the
/// second, because the keys of a table are unique.
pub fn union(train: Frame, mut validate: Frame) -> Result<Frame> {
    let known = train.index();
    let ids = validate.ids();
    let key = |id: &str| if known.contains_key(id) { format!("{id}#validate") } else { id.to_owned() };
    let keys: Vec<String> = (0..validate.rows()).map(|row| key(ids.at(row))).collect();
    validate.columns[0].values = Values::Text(texts(keys.iter().map(String::as_str)));
    stack(vec![train, validate])
}

/// Tables of the same columns, one above the other.
pub fn stack(frames: Vec<Frame>) -> Result<Frame> {
    let mut frames = frames.into_iter();
    let mut all = frames.next().ok_or_else(|| failed("there are no tables to put together"))?;
    for frame in frames {
        let before = all.rows();
        let more = frame.rows();
        for (column, below) in all.columns.iter_mut().zip(frame.columns) {
            append(column, below, before, more)?;
        }
    }
    Ok(all)
}

fn append(column: &mut Column, below: Column, before: usize, more: usize) -> Result<()> {
    match (&mut column.values, below.values) {
        (Values::Text(all), Values::Text(more)) => append_texts(all, &more),
        (Values::Float64(all), Values::Float64(more)) => all.extend(more),
        (Values::Int64(all), Values::Int64(more)) => all.extend(more),
        (Values::Boolean(all), Values::Boolean(more)) => all.extend(more),
        _ => {
            let name = &column.definition.name;
            return Err(failed(format!(
                "column {name} has two types; give train_data and validate_data labels of one type"
            )));
        }
    }
    if column.valid.is_some() || below.valid.is_some() {
        let valid = column.valid.get_or_insert_with(|| vec![true; before]);
        valid.extend(below.valid.unwrap_or_else(|| vec![true; more]));
    }
    Ok(())
}

fn append_texts(all: &mut Texts, more: &Texts) {
    let base = all.bytes.len() as u32;
    all.bytes.extend_from_slice(&more.bytes);
    all.offsets.extend(more.offsets.iter().skip(1).map(|offset| offset + base));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learned::Learned;

    fn rows(ids: &[&str], label: bool) -> Rows {
        let mut columns = vec![Column::new("id", Meaning::Id, Values::Text(texts(ids.iter().copied())))];
        if label {
            columns.push(Column::new("y", Meaning::Label, Values::Int64(vec![1; ids.len()])));
        }
        columns.push(Column::new("x0", Meaning::Feature, Values::Float64(vec![0.5; ids.len()])));
        Rows::new(&Frame::new(columns), "t").unwrap()
    }

    fn table(ids: &[&str], label: bool, kind: &str) -> Frame {
        let found = Predictions::new(&[vec![0.75; ids.len()]], &Learned::default(), 0.5);
        predictions(&rows(ids, label), &found, kind)
    }

    #[test]
    fn predict_tables_have_fates_columns() {
        let table = table(&["a", "b"], true, "train");
        let names: Vec<&str> = table.columns.iter().map(|c| c.definition.name.as_str()).collect();
        assert_eq!(names, ["id", "label", "predict_result", "predict_score", "predict_detail", "type"]);
        assert_eq!(table.extra["content_type"], "predict_result");
        assert_eq!(table.columns[1].values, Values::Int64(vec![1, 1]));
        assert_eq!(table.columns[5].values, Values::Text(texts(["train", "train"])));
    }

    #[test]
    fn an_unknown_label_is_missing() {
        assert_eq!(table(&["a"], false, "predict").columns[1].valid, Some(vec![false]));
    }

    #[test]
    fn unions_keep_keys_unique() {
        let all = union(table(&["a", "b"], true, "train"), table(&["b", "c"], false, "validate")).unwrap();
        assert_eq!(all.ids(), &texts(["a", "b", "b#validate", "c"]));
        assert_eq!(all.columns[1].valid, Some(vec![true, true, false, false]));
        assert_eq!(all.columns[5].values, Values::Text(texts(["train", "train", "validate", "validate"])));
    }

    #[test]
    fn instances_keep_features() {
        let frame = renamed(instances(&rows(&["a"], true)), "#fold0#train");
        assert_eq!(frame.ids(), &texts(["a#fold0#train"]));
        assert_eq!(frame.columns[2].values, Values::Float64(vec![0.5]));
    }
}
