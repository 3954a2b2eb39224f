//! What stands before the features of sparse rows and tags: match ids, then the label. Not for: the features.

use parcae_sdk::{Result, input_error};

use crate::{
    kinds::{Kind, Label, bad_cell},
    parameters::Parameters,
};

const MATCH_ID: &str = "match_id";

/// The first cells of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Prefix {
    component: String,
    /// Index and column of the match id.
    pub match_id: Option<(usize, String)>,
    /// Index, column and kind of the label.
    pub label: Option<(usize, String, Kind)>,
    /// Index of the first feature.
    pub features: usize,
}

/// Match id and label of a row.
pub type Head<'c> = (Option<&'c str>, Option<Label<'c>>);

impl Prefix {
    /// What the parameters say.
    pub fn of(component: &str, parameters: &Parameters) -> Result<Prefix> {
        let mut features = 0;
        let mut match_id = None;
        if parameters.with_match_id {
            let ids = parameters.id_range.max(1);
            let at = parameters.match_id_index;
            if at >= ids {
                return Err(input_error(format!("{component}: match_id_index is {at}, but rows have {ids} match ids")));
            }
            let name = match parameters.match_id_name.as_str() {
                "" => MATCH_ID,
                name => name,
            };
            match_id = Some((at, name.to_owned()));
            features += ids;
        }
        let mut label = None;
        if parameters.with_label {
            let kind = Kind::of(component, "label_type", &parameters.label_type)?;
            label = Some((features, parameters.label_name.clone(), kind));
            features += 1;
        }
        Ok(Prefix { component: component.to_owned(), match_id, label, features })
    }

    /// Reads match id and label.
    pub fn read<'c>(&self, key: &str, cells: &[&'c str]) -> Result<Head<'c>> {
        let (found, wanted) = (cells.len(), self.features);
        if found < wanted {
            return Err(input_error(format!(
                "{}: row {key} has {found} cells, but match ids and label need {wanted}; check the row and delimitor",
                self.component
            )));
        }
        let match_id = self.match_id.as_ref().map(|(at, _)| cells[*at]);
        let label = match &self.label {
            Some((at, name, kind)) => Some(Label::read(*kind, cells[*at]).ok_or_else(|| {
                let cure = "correct the label, set label_type, or set with_label to false for rows without a label";
                bad_cell(&self.component, name, key, cells[*at], kind.wanted(), cure)
            })?),
            None => None,
        };
        Ok((match_id, label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn match_ids_stand_before_the_label() {
        let parameters = Parameters {
            with_match_id: true,
            match_id_index: 1,
            id_range: 2,
            with_label: true,
            ..Parameters::default()
        };
        let prefix = Prefix::of("data_transform_0", &parameters).unwrap();
        assert_eq!(prefix.features, 3);
        let head = prefix.read("k", &["id", "phone", "1", "0:2"]).unwrap();
        assert_eq!(head, (Some("phone"), Some(Label::Int(1))));
        assert!(prefix.read("k", &["id", "phone"]).unwrap_err().message.contains("row k has 2 cells"));
        assert!(prefix.read("k", &["id", "phone", "0:1"]).unwrap_err().message.contains("column y of row k"));
        let beyond = Parameters { match_id_index: 2, ..parameters };
        assert!(Prefix::of("data_transform_0", &beyond).unwrap_err().message.contains("match_id_index is 2"));
    }
}
