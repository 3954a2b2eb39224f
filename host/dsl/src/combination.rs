//! Which data ports of one component may be connected together. Not for: which ports there are (`wiring`).

use parcae_domain::descriptor::{Module, PortKind};

use crate::{
    fault::{Collector, Fault},
    job_parameters::JobType,
    plan::Input,
    wiring::to_feed,
};

/// Finds the combinations that FATE's components refuse: validation without training, training together with plain or
/// test data, testing without a model, `eval_data` together with validation or test data; and a module that reads data of
/// which no port is connected.
pub(crate) fn check(component: &str, module: &Module, inputs: &[Input], job_type: JobType, faults: &mut Collector) {
    nothing_connected(component, module, inputs, job_type, faults);
    let data = |name: &str| inputs.iter().any(|input| input.kind == PortKind::Data && input.port == name);
    let model = inputs.iter().any(|input| input.kind == PortKind::Model);
    let mut add = |port: &str, message: &str| {
        faults.add(Some(component), format!("components.{component}.input.data.{port}"), message);
    };
    let (train, validate, test) = (data("train_data"), data("validate_data"), data("test_data"));
    if validate && !train {
        add("validate_data", "expected train_data beside it, found none");
    }
    if train && data("data") {
        add("data", "expected train_data or data, found both");
    }
    if train && test {
        add("test_data", "expected train_data or test_data, found both");
    }
    if test && !train && !model {
        add("test_data", "expected a model beside it, found none");
    }
    if data("eval_data") && (validate || test) {
        let other = if validate { "validate_data" } else { "test_data" };
        add("eval_data", &format!("expected eval_data or {other}, found both"));
    }
}

fn nothing_connected(component: &str, module: &Module, inputs: &[Input], job_type: JobType, faults: &mut Collector) {
    let ports: Vec<&str> = module.inputs.iter().filter(|p| p.kind == PortKind::Data).map(|p| p.name.as_str()).collect();
    let required = module.inputs.iter().any(|p| p.kind == PortKind::Data && !p.optional);
    // A required port that is not connected is a fault of its own, and a single optional one may be left out; but of
    // several that stand for each other (train_data, test_data) one has to be there.
    if ports.len() < 2 || required || inputs.iter().any(|input| input.kind == PortKind::Data) {
        return;
    }
    let message = format!("expected one of {} to be connected, found none", ports.join(", "));
    let port = if ports.contains(&"test_data") { "test_data" } else { ports[0] };
    let fault = Fault::new(Some(component), format!("components.{component}.input.data"), message);
    faults.push(fault.hint(to_feed(port, job_type)));
}
