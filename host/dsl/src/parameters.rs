//! Parameters of each component at each party: merged, filled in with defaults, checked against the module's schema. Not
//! for: where the conf says them (`overrides`), how faults of a schema read (`schema_fault`).

use std::collections::BTreeMap;

use jsonschema::{PatternOptions, Validator};
use parcae_domain::{descriptor::Module, party::Party, price::price};
use serde_json::Value;

use crate::{
    components::Node,
    fault::Collector,
    header::Header,
    overrides::Overrides,
    read::Object,
    roles::parties,
    schema::{fill, merge},
    schema_fault::{MAX_FOUND, Scope},
};

/// Parameters by party.
pub(crate) type ByParty = BTreeMap<Party, Value>;

/// Largest compiled pattern of a schema, bytes. Patterns come from images: they match in linear time.
const PATTERN_BYTES: usize = 1 << 20;
/// Steps that checking all parameters of a submission may take.
const STEPS: u64 = 10_000_000;
/// Steps up to which it is told what is wrong: each may find a fault.
const TOLD_STEPS: u64 = 100_000;
/// Stands for the schema of a module that has none.
static ANYTHING: Value = Value::Bool(true);

/// The parameters of all components, in their order. Faults are complete; values are of use only without any.
pub(crate) fn read(conf: &Object, nodes: Option<&[Node<'_>]>, header: &Header, faults: &mut Collector) -> Vec<ByParty> {
    let overrides = Overrides::read(conf, nodes, header, faults);
    let (nodes, mut left) = (nodes.unwrap_or_default(), STEPS);
    nodes.iter().map(|node| of_component(node, &overrides, header, &mut left, faults)).collect()
}

fn of_component(
    node: &Node<'_>,
    overrides: &Overrides<'_>,
    header: &Header,
    left: &mut u64,
    faults: &mut Collector,
) -> ByParty {
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
        let value = at_party((node.name, module), &validator, overrides, (party, place), left, faults);
        values.insert(party, value);
    }
    values
}

fn at_party(
    (component, module): (&str, &Module),
    validator: &Validator,
    overrides: &Overrides<'_>,
    (party, place): (Party, usize),
    left: &mut u64,
    faults: &mut Collector,
) -> Value {
    if *left == 0 {
        return Value::Null;
    }
    let layers = overrides.layers(component, party, place);
    let mut merged = Object::new();
    for layer in &layers {
        merge(&mut merged, layer.value);
    }
    let filled = fill(&module.parameters, merged);
    let scope = Scope { component, module, party, place, layers: &layers, filled: &filled };
    let Some(steps) = price(&module.parameters, &module.parameters, &filled, *left) else {
        // Nor is there anything left for other parties, and it is said once.
        *left = 0;
        let message = format!("too much to check with the schema of {}: give fewer and shorter values", module.name);
        faults.add(Some(component), scope.key(&[]), message);
        return Value::Null;
    };
    *left -= steps;
    if validator.is_valid(&filled) {
        return filled;
    }
    if steps > TOLD_STEPS {
        let message =
            format!("not what the schema of {} allows, and too much to say where: try a few values", module.name);
        faults.add(Some(component), scope.key(&[]), message);
        return filled;
    }
    let errors = validator.iter_errors(&filled).take(MAX_FOUND);
    let mut found: Vec<_> = errors.flat_map(|error| scope.faults(&error)).collect();
    // The validator's order follows the schema's keywords: sorted, the text does not change with them.
    found.sort_by(|a, b| a.key.cmp(&b.key));
    for fault in found {
        faults.push(fault);
    }
    filled
}
