//! Several series of a component at once, as FATE-Board's front end asks for them. Not for: one of them (`board`).

use std::collections::HashMap;

use parcae_api::{
    fate_board::{SeriesRequest, code},
    tracking::ComponentKey,
};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    board::one_series,
    body::Asked,
    pages::fate_board::shape::whole,
    state::App,
    tracking::find_series,
};

/// Series that are asked for at once.
const MOST: usize = 1_000;

/// Series by namespace and name, each in an envelope; when one cannot be had, none is.
pub(super) async fn batch(app: App, Asked(request): Asked<SeriesRequest>) -> Handled {
    let SeriesRequest { job_id, role, party_id, component_name, metrics } = request;
    if metrics.values().map(Vec::len).sum::<usize>() > MOST {
        return Err(Refusal::code(code::PARAMETER, &format!("argument metrics: more than {MOST} names")));
    }
    let failed = |refusal: Refusal| Refusal::code(code::FLOW, &refusal.said().1);
    let key = ComponentKey { job_id, role, party_id, component_name };
    let found = app.ask_large(move |node| find_series(node, &key)).await.map_err(failed)?;
    let mut found: HashMap<(String, String), _> =
        found.into_iter().map(|series| ((series.namespace.clone(), series.name.clone()), series)).collect();
    let mut answer = Map::new();
    for (namespace, names) in metrics {
        let mut of_namespace = Map::new();
        for name in names {
            let Answer(envelope) = one_series(found.remove(&(namespace.clone(), name.clone()))).map_err(failed)?;
            // A name that is there twice has been answered.
            of_namespace.entry(name).or_insert_with(|| whole(&envelope));
        }
        answer.insert(namespace, Value::Object(of_namespace));
    }
    Answer::data(Value::Object(answer))
}
