//! Which cell of a dense row is what: match id, label, features. Not for: reading cells.

use parcae_sdk::{Failure, Result, input_error, warning};

use crate::{
    kinds::Kind,
    parameters::Parameters,
    recorded::{Header, Recorded},
};

const SHOWN_NAMES: usize = 30;

/// Where the label stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelPlace {
    /// Index of its cell.
    pub at: usize,
    /// Its column.
    pub name: String,
    /// Its type.
    pub kind: Kind,
}

/// The cells of a dense row.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// What separates them.
    pub delimiter: String,
    /// How many there are.
    pub cells: usize,
    /// Index and name of the match id.
    pub match_id: Option<(usize, String)>,
    /// The label.
    pub label: Option<LabelPlace>,
    /// Index and name of the features.
    pub features: Vec<(usize, String)>,
}

impl Layout {
    /// Finds out. Rows that a model is applied to may lack the label.
    pub fn of(component: &str, parameters: &Parameters, recorded: &Recorded, applied: bool) -> Result<Layout> {
        let (delimiter, names) = names(component, parameters, recorded)?;
        let label = label(component, parameters, recorded, &names, applied)?;
        let match_id = match_id(component, parameters, recorded, &names)?;
        let mut taken = recorded.match_ids.clone();
        taken.extend(label.as_ref().map(|label| label.at));
        taken.extend(match_id.as_ref().map(|(at, _)| *at));
        let features: Vec<(usize, String)> =
            names.iter().cloned().enumerate().filter(|(at, _)| !taken.contains(at)).collect();
        Ok(Layout { delimiter, cells: names.len(), match_id, label, features })
    }
}

/// What separates the cells, and their names.
fn names(component: &str, parameters: &Parameters, recorded: &Recorded) -> Result<(String, Vec<String>)> {
    let wanted = parameters.delimitor.as_str();
    match &recorded.header {
        Header::Names(names) => Ok((wanted.to_owned(), names.clone())),
        Header::Line(line) if line.is_empty() => Ok((wanted.to_owned(), Vec::new())),
        Header::Line(line) => {
            let mut delimiter = wanted;
            let stored = recorded.id_delimiter.as_str();
            if !stored.is_empty() && !line.contains(delimiter) && line.contains(stored) {
                warning!(
                    "delimitor {delimiter:?} is not in the header; the delimiter of the upload, {stored:?}, is used"
                );
                delimiter = stored;
            }
            Ok((delimiter.to_owned(), line.split(delimiter).map(|name| name.trim().to_owned()).collect()))
        }
        Header::None => Err(input_error(format!(
            "{component}: the table has no names of columns, which dense rows need; upload the file with a header line and head 1, \
             or set input_format to sparse or tag"
        ))),
    }
}

fn label(
    component: &str,
    parameters: &Parameters,
    recorded: &Recorded,
    names: &[String],
    applied: bool,
) -> Result<Option<LabelPlace>> {
    if !parameters.with_label {
        // A parsed table knows its label by itself.
        let parsed = recorded.label.filter(|_| !recorded.raw);
        return Ok(parsed.and_then(|at| {
            let column = recorded.columns.get(at)?;
            Some(LabelPlace { at, name: column.name.clone(), kind: Kind::of_column(column.data_type) })
        }));
    }
    let kind = Kind::of(component, "label_type", &parameters.label_type)?;
    let wanted = parameters.label_name.as_str();
    match recorded.label.or_else(|| find(names, wanted)) {
        Some(at) => Ok(names.get(at).map(|name| LabelPlace { at, name: name.clone(), kind })),
        None if applied => Ok(None),
        None => Err(no_column(component, "label_name", wanted, names)),
    }
}

fn match_id(
    component: &str,
    parameters: &Parameters,
    recorded: &Recorded,
    names: &[String],
) -> Result<Option<(usize, String)>> {
    let named = |at: usize| names.get(at).map(|name| (at, name.clone()));
    if !parameters.with_match_id {
        let parsed = recorded.match_ids.first().copied().filter(|_| !recorded.raw);
        return Ok(parsed.and_then(named));
    }
    let wanted = parameters.match_id_name.as_str();
    let ids = &recorded.match_ids;
    match (wanted.is_empty(), ids.as_slice()) {
        (false, []) => match find(names, wanted) {
            Some(at) => Ok(named(at)),
            None => Err(no_column(component, "match_id_name", wanted, names)),
        },
        (false, ids) => match ids.iter().copied().find(|at| names.get(*at).is_some_and(|name| name == wanted)) {
            Some(at) => Ok(named(at)),
            None => Err(no_column(component, "match_id_name", wanted, &pick(names, ids))),
        },
        (true, [one]) => Ok(named(*one)),
        (true, []) => named(parameters.match_id_index).map(Some).ok_or_else(|| {
            let (at, n) = (parameters.match_id_index, names.len());
            input_error(format!("{component}: match_id_index is {at}, but rows have {n} columns behind the key"))
        }),
        (true, several) => {
            let shown = pick(names, several).join(", ");
            Err(input_error(format!(
                "{component}: several columns hold match ids: {shown}; say which by match_id_name"
            )))
        }
    }
}

fn pick(names: &[String], places: &[usize]) -> Vec<String> {
    places.iter().filter_map(|at| names.get(*at).cloned()).collect()
}

/// Where a column stands; its name in another case is good enough when no other column has it.
fn find(names: &[String], wanted: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == wanted);
    exact.or_else(|| names.iter().position(|name| name.to_lowercase() == wanted.to_lowercase()))
}

fn no_column(component: &str, parameter: &str, wanted: &str, names: &[String]) -> Failure {
    let shown = some_of(names);
    input_error(format!("{component}: {parameter} is {wanted:?}, but the table has no such column; it has {shown}"))
}

/// Names for a message.
pub fn some_of(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN_NAMES).map(String::as_str).collect();
    let more =
        if names.len() > SHOWN_NAMES { format!(" and {} more", names.len() - SHOWN_NAMES) } else { String::new() };
    format!("{} columns: {}{more}", names.len(), shown.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::recorded::tests::lines;

    fn layout(parameters: Parameters, extra: serde_json::Value) -> Result<Layout> {
        let recorded = lines(extra);
        let parameters = parameters.with_meta(&recorded.meta);
        Layout::of("data_transform_0", &parameters, &recorded, false)
    }

    fn features(layout: &Layout) -> Vec<(usize, &str)> {
        layout.features.iter().map(|(at, name)| (*at, name.as_str())).collect()
    }

    #[test]
    fn label_by_name_without_case() {
        let parameters = Parameters { with_label: true, label_name: "Y".into(), ..Parameters::default() };
        let found = layout(parameters, json!({ "sid": "id", "header": "x0,y,x1", "meta": {} })).unwrap();
        assert_eq!(found.label, Some(LabelPlace { at: 1, name: "y".into(), kind: Kind::Int }));
        assert_eq!((features(&found), found.cells), (vec![(0, "x0"), (2, "x1")], 3));
    }

    #[test]
    fn a_missing_label_is_an_error_only_when_fitting() {
        let parameters = Parameters { with_label: true, ..Parameters::default() };
        let recorded = lines(json!({ "sid": "id", "header": "x0,x1", "meta": {} }));
        let message = Layout::of("data_transform_0", &parameters, &recorded, false).unwrap_err().message;
        assert!(
            message.contains("label_name is \"y\", but the table has no such column; it has 2 columns: x0, x1"),
            "{message}"
        );
        assert_eq!(Layout::of("data_transform_0", &parameters, &recorded, true).unwrap().label, None);
    }

    #[test]
    fn match_ids() {
        let with = |name: &str, index| Parameters {
            with_match_id: true,
            match_id_name: name.into(),
            match_id_index: index,
            ..Parameters::default()
        };
        let extra = json!({ "sid": "sid", "header": "id,x0,x1", "meta": {} });
        assert_eq!(layout(with("", 0), extra.clone()).unwrap().match_id, Some((0, "id".into())));
        assert_eq!(layout(with("x1", 0), extra.clone()).unwrap().match_id, Some((2, "x1".into())));
        assert!(layout(with("phone", 0), extra.clone()).is_err() && layout(with("", 3), extra).is_err());
        let two = json!({
            "sid": "extend_sid", "header": ["x0"], "match_id_name": ["id", "phone"],
            "meta": { "delimiter": ",", "with_match_id": true },
            "original_index_info": { "header_index": [1], "match_id_index": [0, 2] },
        });
        assert!(layout(with("", 0), two.clone()).unwrap_err().message.contains("id, phone; say which"));
        let found = layout(with("phone", 0), two).unwrap();
        assert_eq!((found.match_id.clone(), features(&found)), (Some((2, "phone".into())), vec![(1, "x0")]));
    }

    #[test]
    fn the_delimiter_of_the_upload_helps_out() {
        let found =
            layout(Parameters::default(), json!({ "sid": "id", "header": "y|x0", "meta": {}, "id_delimiter": "|" }));
        assert_eq!(found.unwrap().delimiter, "|");
        let headless = layout(Parameters::default(), json!({ "sid": "", "header": "", "meta": {} }));
        assert!(headless.unwrap_err().message.contains("head 1"));
    }
}
