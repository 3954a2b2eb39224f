//! Parameters of each component at each party: merged, filled in with defaults, checked against the module's schema. Not
//! for: where the conf says them (`overrides`), how faults of a schema read (`schema_fault`).

use std::collections::BTreeMap;

use jsonschema::{PatternOptions, Validator};
use parcae_domain::{descriptor::Module, party::Party};
use serde_json::Value;

use crate::{
    components::Node,
    fault::Collector,
    header::Header,
    overrides::Overrides,
    read::Object,
    roles::parties,
    schema::{fill, merge},
    schema_fault::Scope,
};

/// Parameters by party.
pub(crate) type ByParty = BTreeMap<Party, Value>;

/// Largest compiled pattern of a schema, bytes. Patterns come from images: they match in linear time.
const PATTERN_BYTES: usize = 1 << 20;
/// Stands for the schema of a module that has none.
static ANYTHING: Value = Value::Bool(true);

/// The parameters of all components, in their order. Faults are complete; values are of use only without any.
pub(crate) fn read(conf: &Object, nodes: Option<&[Node<'_>]>, header: &Header, faults: &mut Collector) -> Vec<ByParty> {
    let overrides = Overrides::read(conf, nodes, header, faults);
    let nodes = nodes.unwrap_or_default();
    nodes.iter().map(|node| of_component(node, &overrides, header, faults)).collect()
}

fn of_component(node: &Node<'_>, overrides: &Overrides<'_>, header: &Header, faults: &mut Collector) -> ByParty {
    let mut values = ByParty::new();
    let Some(module) = node.module.as_deref() else { return values };
    let schema = if module.parameters.is_null() { &ANYTHING } else { &module.parameters };
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES);
    let validator = match jsonschema::options().with_pattern_options(patterns).build(schema) {
        Ok(validator) => validator,
        Err(error) => {
            let message = format!("the description of {} has a faulty parameter schema: {error}", module.name);
            faults.add(Some(node.name), format!("components.{}.module", node.name), message);
            return values;
        }
    };
    for (party, place) in parties(module, &header.roles) {
        let value = at_party(node.name, module, &validator, overrides, (party, place), faults);
        values.insert(party, value);
    }
    values
}

fn at_party(
    component: &str,
    module: &Module,
    validator: &Validator,
    overrides: &Overrides<'_>,
    (party, place): (Party, usize),
    faults: &mut Collector,
) -> Value {
    let layers = overrides.layers(component, party, place);
    let mut merged = Object::new();
    for layer in &layers {
        merge(&mut merged, layer.value);
    }
    let filled = fill(&module.parameters, merged);
    let scope = Scope { component, module, party, place, layers: &layers, filled: &filled };
    let mut found: Vec<_> = validator.iter_errors(&filled).flat_map(|error| scope.faults(&error)).collect();
    // The validator's order follows the schema's keywords: sorted, the text does not change with them.
    found.sort_by(|a, b| a.key.cmp(&b.key));
    for fault in found {
        faults.push(fault);
    }
    filled
}
