//! Endpoints about components, and about what they put out. Not for: how the document is put together (`document`).

use super::*;
use crate::{board, component, job, tracking};

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    registry().into_iter().chain(put_out()).chain(for_boards()).collect()
}

fn put_out() -> Vec<Endpoint> {
    use tracking::{ComponentKey, OutputRequest};
    let names = Data::Inline(shape::<tracking::MetricNames>());
    let series = Data::Inline(shape::<tracking::Metrics>());
    vec![
        json::<job::JobKey>(
            "/v1/tracking/component/list",
            "Components of a job, in the order of the DSL.",
            Data::One(shape::<tracking::ComponentNames>()),
        ),
        json::<ComponentKey>(
            "/v1/tracking/component/parameters",
            "Parameters of a component.",
            Data::One(shape::<tracking::ComponentParameters>()),
        ),
        json::<ComponentKey>("/v1/tracking/component/metrics", "Names of a component's series, by namespace.", names),
        json::<ComponentKey>(
            "/v1/tracking/component/metric/all",
            "A component's series, by namespace and name.",
            series,
        ),
        json_or_file::<tracking::SummaryRequest>(
            "/v1/tracking/component/summary/download",
            "Summary of a component.",
            &[("210", "It has none.")],
        ),
        json::<ComponentKey>(
            "/v1/tracking/component/output/model",
            "Model of a component, as protobuf's JSON mapping; `meta` is a `ModelMeta`.",
            Data::Any,
        ),
        json::<OutputRequest>(
            "/v1/tracking/component/output/data/table",
            "Tables that a component put out.",
            Data::Many(shape::<tracking::OutputTable>()),
        ),
        Endpoint {
            methods: BOTH,
            path: "/v1/tracking/component/output/data/download",
            summary: "Tables that a component put out, as CSV; no such task is status 200 with retcode 100.",
            input: Input::Json(shape::<OutputRequest>()),
            output: Output::File { media: "application/x-tar", instead: &[("210", "The component has no data.")] },
        },
    ]
}

fn for_boards() -> Vec<Endpoint> {
    vec![
        json::<board::MetricDeleteRequest>(
            "/v1/tracking/component/metric/delete",
            "Removes all metrics of a job.",
            Data::Any,
        ),
        json::<tracking::ComponentKey>(
            "/v1/tracking/component/output/data",
            "First 100 rows of the tables that a component put out; `meta` has their `names`, `header` and `total`.",
            Data::Any,
        ),
        json::<board::MetricRequest>(
            "/v1/tracking/component/metric_data",
            "Points of one series; `meta` says what it is.",
            Data::Any,
        ),
        json::<board::PartyJobRequest>(
            "/v1/tracking/job/data_view",
            "A job at a glance.",
            Data::One(shape::<board::JobView>()),
        ),
        bare("/v1/component/get", "All modules.", Data::Inline(shape::<board::Components>())),
        bare("/v1/component/{name}/get", "One module.", Data::One(shape::<board::ComponentInfo>())),
        json::<board::ValidateRequest>("/v1/component/validate", "Whether parameters suit a module.", Data::None)
            .or(&[("400", "They do not, or arguments are missing.")]),
    ]
}

/// Components themselves.
fn registry() -> Vec<Endpoint> {
    use component::{ComponentDetail, ComponentRow, GrantRequest, PushedComponent};
    let row = || Output::Envelope(Data::One(shape::<ComponentRow>()));
    vec![
        get("/v1/components", "All components.", Output::Envelope(Data::Many(shape::<ComponentRow>()))),
        Endpoint {
            methods: POST,
            path: "/v1/components",
            summary: "Pushes a component: checked, compiled and kept; its modules serve jobs at once.",
            input: Input::Image,
            output: Output::Envelope(Data::One(shape::<PushedComponent>())),
        },
        get(
            "/v1/components/{name}",
            "One component, by digest, `name:version`, or a name that only one has; `description` is all that it says.",
            Output::Envelope(Data::One(shape::<ComponentDetail>())),
        ),
        Endpoint {
            methods: DELETE,
            path: "/v1/components/{name}",
            summary: "Removes a pushed component that no unfinished job runs.",
            input: Input::None,
            output: row(),
        },
        get(
            "/v1/components/{name}/wasm",
            "The image of a pushed component.",
            Output::File {
                media: "application/wasm",
                instead: &[("400", "The name is that of several."), ("404", "No such pushed component.")],
            },
        ),
        Endpoint {
            methods: POST,
            path: "/v1/components/{name}/grants",
            summary: "Gives a module of a pushed component what it asks for beyond the contract.",
            input: Input::Json(shape::<GrantRequest>()),
            output: row(),
        },
    ]
}
