//! What a validator finds in the parameters of a component, said so that a user can mend it: where it was set, what was
//! expected, what was found, which name was meant. Not for: finding it (`parameters`).

use jsonschema::{ValidationError, error::ValidationErrorKind};
use parcae_domain::{descriptor::Module, party::Party};
use serde_json::Value;

use crate::{
    fault::Fault,
    nearest::suggest,
    overrides::Layer,
    read::{Object, found},
    schema::{names, piece_at, value_at},
    words::{demand, describe},
};

/// Most unknown names of one object that are reported.
const MAX_UNKNOWN: usize = 50;
/// Most findings of the validator that are said in words.
pub(crate) const MAX_FOUND: usize = 1000;
/// Longest message of the validator itself, in characters.
const MAX_MESSAGE: usize = 200;

/// Parameters of one component at one party.
pub(crate) struct Scope<'s> {
    /// The component.
    pub(crate) component: &'s str,
    /// Its module.
    pub(crate) module: &'s Module,
    /// The party.
    pub(crate) party: Party,
    /// Its place in its role's list.
    pub(crate) place: usize,
    /// Where the conf says something of them.
    pub(crate) layers: &'s [Layer<'s>],
    /// The parameters with defaults.
    pub(crate) filled: &'s Value,
}

impl Scope<'_> {
    /// One finding of the validator as faults.
    pub(crate) fn faults(&self, error: &ValidationError<'_>) -> Vec<Fault> {
        let path = segments(error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                self.unknown(&path, unexpected.iter().map(String::as_str).collect())
            }
            ValidationErrorKind::FalseSchema => self.refused(&path),
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                vec![self.missing(path, name)]
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                match meant(error, context) {
                    Some(branch) => branch.iter().take(MAX_FOUND).flat_map(|error| self.faults(error)).collect(),
                    None => vec![self.wrong(error, &path)],
                }
            }
            _ => vec![self.wrong(error, &path)],
        }
    }

    fn unknown(&self, path: &[String], unexpected: Vec<&str>) -> Vec<Fault> {
        let schema = &self.module.parameters;
        let known = piece_at(schema, path).map(|piece| names(schema, piece)).unwrap_or_default();
        let fault = |name: &&str| {
            let mut at = path.to_vec();
            at.push((*name).to_owned());
            let message = format!("unknown parameter of {}", self.module.name);
            Fault::new(Some(self.component), self.key(&at), message).hint(suggest(name, known.iter().copied()))
        };
        let mut faults: Vec<Fault> = unexpected.iter().take(MAX_UNKNOWN).map(fault).collect();
        if let Some(more) = unexpected.len().checked_sub(MAX_UNKNOWN).filter(|more| *more > 0) {
            faults.push(Fault::new(Some(self.component), self.key(path), format!("{more} more unknown parameters")));
        }
        faults
    }

    /// A schema without properties refuses each of them; another may refuse one by `false`.
    fn refused(&self, path: &[String]) -> Vec<Fault> {
        let none = Object::new();
        let object = match path {
            [] => self.filled.as_object(),
            _ => self.filled.as_object().and_then(|filled| value_at(filled, path)).and_then(Value::as_object),
        };
        let schema = &self.module.parameters;
        let known = piece_at(schema, path).map(|piece| names(schema, piece)).unwrap_or_default();
        let names = object.unwrap_or(&none).keys().map(String::as_str);
        let unexpected: Vec<&str> = names.filter(|name| !known.contains(name)).collect();
        if unexpected.is_empty() {
            return vec![Fault::new(Some(self.component), self.key(path), "expected nothing here")];
        }
        self.unknown(path, unexpected)
    }

    fn missing(&self, mut path: Vec<String>, name: &str) -> Fault {
        path.push(name.to_owned());
        let schema = &self.module.parameters;
        let expected = piece_at(schema, &path).and_then(|piece| describe(schema, piece));
        let message = expected.map_or_else(|| "missing".to_owned(), |words| format!("missing: expected {words}"));
        Fault::new(Some(self.component), self.key(&path), message)
    }

    fn wrong(&self, error: &ValidationError<'_>, path: &[String]) -> Fault {
        let schema = &self.module.parameters;
        let described = piece_at(schema, path).and_then(|piece| describe(schema, piece));
        let choice = matches!(
            error.kind(),
            ValidationErrorKind::AnyOf { .. }
                | ValidationErrorKind::OneOfNotValid { .. }
                | ValidationErrorKind::OneOfMultipleValid { .. }
        );
        let expected = match (demand(error.kind()), described) {
            // The whole is more help than the one rule, if the rule is part of it.
            (Some(rule), Some(whole)) if whole.contains(&rule) => Some(whole),
            (Some(rule), _) => Some(rule),
            (None, whole) => whole.filter(|_| choice),
        };
        let message = match expected {
            Some(expected) => format!("expected {expected}, found {}", found(error.instance())),
            None => error.to_string().chars().take(MAX_MESSAGE).collect(),
        };
        Fault::new(Some(self.component), self.key(path), message)
    }

    /// Where the conf sets the value at a path, or the nearest object around it; else where it could.
    pub(crate) fn key(&self, path: &[String]) -> String {
        for depth in (1..=path.len()).rev() {
            let set = self.layers.iter().rev().find(|layer| value_at(layer.value, &path[..depth]).is_some());
            if let Some(layer) = set {
                return joined(&layer.path, path);
            }
        }
        let Scope { component, party, place, .. } = self;
        joined(&format!("component_parameters.role.{}.{place}.{component}", party.role), path)
    }
}

fn joined(start: &str, path: &[String]) -> String {
    std::iter::once(start).chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(".")
}

/// The names in a JSON pointer.
fn segments(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect()
}

/// The one branch of a choice that the value was meant for: it is of the branch's type, and something in it is wrong.
fn meant<'e>(
    error: &ValidationError<'_>,
    context: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e [ValidationError<'static>]> {
    let here = error.instance_path().as_str();
    let another = |inner: &ValidationError<'_>| {
        let kind = matches!(
            inner.kind(),
            ValidationErrorKind::Type { .. } | ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }
        );
        kind && inner.instance_path().as_str() == here
    };
    let mut fitting = context.iter().filter(|branch| !branch.is_empty() && !branch.iter().any(&another));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first.as_slice())
}
