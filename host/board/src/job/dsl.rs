//! Components of a DSL and how they are connected, as far as a picture of them needs it. Not for: checking a DSL
//! (`dsl`, the crate).

use std::collections::HashMap;

use serde_json::Value;

/// A component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Component<'d> {
    /// Its name: `hetero_lr_0`.
    pub(crate) name: &'d str,
    /// Its module: `HeteroLR`.
    pub(crate) module: &'d str,
    /// What it reads from other components.
    pub(crate) inputs: Vec<Input<'d>>,
}

/// What goes from one component to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Tables.
    Data,
    /// Models.
    Model,
    /// Caches.
    Cache,
}

/// A connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Input<'d> {
    /// Place of the component that it comes from.
    pub(crate) from: usize,
    /// What goes through it.
    pub(crate) kind: Kind,
    /// Name of the output there.
    pub(crate) output: &'d str,
}

impl Kind {
    /// Its class in pictures.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Data => "data",
            Kind::Model => "model",
            Kind::Cache => "cache",
        }
    }
}

/// The components of a DSL in this order, or in its own when there is none. Whatever is not as a DSL should be is
/// left out.
pub(crate) fn components<'d>(order: &'d [String], dsl: &'d Value) -> Vec<Component<'d>> {
    let specs = dsl.get("components").and_then(Value::as_object);
    let names: Vec<&str> = if order.is_empty() {
        specs.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    } else {
        order.iter().map(String::as_str).collect()
    };
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let component = |name: &'d str| {
        let spec = specs.and_then(|specs| specs.get(name));
        let module = spec.and_then(|spec| spec.get("module")).and_then(Value::as_str).unwrap_or_default();
        let input = spec.and_then(|spec| spec.get("input"));
        Component { name, module, inputs: input.map(|input| inputs(input, &places)).unwrap_or_default() }
    };
    names.into_iter().map(component).collect()
}

fn inputs<'d>(input: &'d Value, places: &HashMap<&str, usize>) -> Vec<Input<'d>> {
    let mut found = Vec::new();
    let mut add = |kind: Kind, references: &'d Value| {
        for text in texts(references) {
            let Some((component, output)) = text.split_once('.') else { continue };
            let Some(&from) = places.get(component) else { continue };
            let made = Input { from, kind, output };
            if !found.contains(&made) {
                found.push(made);
            }
        }
    };
    for (key, value) in input.as_object().into_iter().flatten() {
        match key.as_str() {
            // Data are told apart by their ports.
            "data" => value.as_object().into_iter().flatten().for_each(|(_, value)| add(Kind::Data, value)),
            "model" | "isometric_model" => add(Kind::Model, value),
            "cache" => add(Kind::Cache, value),
            _ => {}
        }
    }
    found
}

/// A text, or those of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let listed = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(listed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn connections_are_read_and_nonsense_is_left_out() {
        let dsl = json!({"components": {
            "a": {"module": "Reader"},
            "b": {"module": "B", "input": {
                "data": {"train_data": ["a.data", "a.data", "gone.data"], "validate_data": "a.more"},
                "isometric_model": ["pipeline.b.model", "a.model"], "cache": 7, "odd": ["a.x"]}},
            "c": 5}});
        let found = components(&[], &dsl);
        let seen: Vec<_> = found.iter().map(|component| (component.name, component.module)).collect();
        assert_eq!(seen, [("a", "Reader"), ("b", "B"), ("c", "")]);
        let input = |kind, output| Input { from: 0, kind, output };
        let want = [input(Kind::Data, "data"), input(Kind::Data, "more"), input(Kind::Model, "model")];
        assert_eq!(found[1].inputs, want);
        let order = ["b".to_owned(), "a".to_owned()];
        assert_eq!(components(&order, &dsl)[0].inputs[0].from, 1);
        assert!(components(&[], &json!([1])).is_empty());
    }
}
