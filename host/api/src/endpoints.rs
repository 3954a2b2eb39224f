//! Every endpoint with what goes in and what comes out: the table from which the OpenAPI document is made. Not for: how
//! the document is put together (`document`).

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{HttpMethod, RefOr, schema::Schema},
};

use crate::{job, node, rows, table, tracking};

/// A named type of the document.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) name: fn() -> Cow<'static, str>,
    pub(crate) schema: fn() -> RefOr<Schema>,
    pub(crate) references: fn(&mut Vec<(String, RefOr<Schema>)>),
}

fn shape<T: ToSchema>() -> Shape {
    Shape { name: <T as ToSchema>::name, schema: <T as PartialSchema>::schema, references: <T as ToSchema>::schemas }
}

/// What `data` of an envelope is.
pub(crate) enum Data {
    /// Nothing.
    None,
    /// JSON of no fixed form.
    Any,
    /// One value of a type.
    One(Shape),
    /// A list of values of a type.
    Many(Shape),
    /// A type without a name of its own: maps and lists of maps.
    Inline(Shape),
}

/// What goes in.
pub(crate) enum Input {
    /// Nothing.
    None,
    /// JSON, whatever the content type says.
    Json(Shape),
    /// A file with its conf as the query string, or JSON.
    Upload(Shape),
}

/// What comes out.
pub(crate) enum Output {
    /// An envelope.
    Envelope(Data),
    /// A file; on a status other than 200 an envelope without data.
    File { media: &'static str, instead: &'static [(&'static str, &'static str)] },
    /// JSON of a type, without an envelope.
    Plain(Data),
}

/// One endpoint.
pub(crate) struct Endpoint {
    pub(crate) methods: &'static [HttpMethod],
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) input: Input,
    pub(crate) output: Output,
}

const POST: &[HttpMethod] = &[HttpMethod::Post];
const GET: &[HttpMethod] = &[HttpMethod::Get];
const BOTH: &[HttpMethod] = &[HttpMethod::Get, HttpMethod::Post];

fn json<T: ToSchema>(path: &'static str, summary: &'static str, data: Data) -> Endpoint {
    let (input, output) = (Input::Json(shape::<T>()), Output::Envelope(data));
    Endpoint { methods: POST, path, summary, input, output }
}

fn get(path: &'static str, summary: &'static str, output: Output) -> Endpoint {
    Endpoint { methods: GET, path, summary, input: Input::None, output }
}

/// All endpoints.
pub(crate) fn all() -> Vec<Endpoint> {
    let mut all = jobs();
    all.extend(tables());
    all.extend(components());
    all.extend(nodes());
    all
}

fn jobs() -> Vec<Endpoint> {
    vec![
        json::<job::SubmitRequest>("/v1/job/submit", "Submits a job.", Data::One(shape::<job::SubmitData>())),
        json::<job::JobQuery>(
            "/v1/job/query",
            "Rows of jobs; none is an empty list.",
            Data::Many(shape::<rows::JobRow>()),
        ),
        json::<job::JobQuery>(
            "/v1/job/task/query",
            "Rows of tasks, the latest version of each; none is retcode 101.",
            Data::Many(shape::<rows::TaskRow>()),
        ),
        json::<job::StopRequest>("/v1/job/stop", "Stops a job; one that has ended stays as it is.", Data::None),
        json::<job::ConfigRequest>("/v1/job/config", "DSL and conf of a job.", Data::One(shape::<job::JobConfig>())),
        json::<job::ListRequest>("/v1/job/list/job", "A page of jobs.", Data::One(shape::<job::JobList>())),
        json::<job::ListRequest>("/v1/job/list/task", "A page of tasks.", Data::One(shape::<job::TaskList>())),
        Endpoint {
            methods: POST,
            path: "/v1/job/log/download",
            summary: "All logs of a job.",
            input: Input::Json(shape::<job::JobKey>()),
            output: Output::File { media: "application/x-tar", instead: &[("404", "No such job.")] },
        },
    ]
}

fn tables() -> Vec<Endpoint> {
    vec![
        Endpoint {
            methods: POST,
            path: "/v1/data/upload",
            summary: "Uploads a file as a table. Retcode 0: the file arrived; `data.code` 0: the job was taken on.",
            input: Input::Upload(shape::<table::UploadConf>()),
            output: Output::Envelope(Data::One(shape::<job::SubmitData>())),
        },
        json::<table::HistoryRequest>(
            "/v1/data/upload/history",
            "Uploads whose table is still there, newest first.",
            Data::Inline(shape::<table::UploadHistory>()),
        ),
        json::<table::TableKey>(
            "/v1/table/table_info",
            "What there is to know of a table; one that is not there has `exist` 0.",
            Data::One(shape::<table::TableInfo>()),
        ),
        json::<table::TableKey>("/v1/table/delete", "Deletes a table.", Data::One(shape::<table::TableName>())),
    ]
}

fn components() -> Vec<Endpoint> {
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
        json::<tracking::SummaryRequest>(
            "/v1/tracking/component/summary/download",
            "Summary of a component; status 210 when there is none.",
            Data::Any,
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

fn nodes() -> Vec<Endpoint> {
    use node::{LogRequest, VersionRequest};
    let versions = || Data::Inline(shape::<node::Versions>());
    vec![
        json::<VersionRequest>("/v1/version/get", "One version, FATE's unless told otherwise.", versions()),
        json::<VersionRequest>("/v1/info/version", "The same as version/get.", versions()),
        json::<VersionRequest>("/v1/server/version/get", "All versions, or one.", versions()),
        json::<LogRequest>("/v1/log/size", "Lines of a log.", Data::One(shape::<node::LogSize>())),
        json::<LogRequest>(
            "/v1/log/cat",
            "Lines of a log, from `begin` to `end`.",
            Data::Many(shape::<node::LogLine>()),
        ),
        get("/v1/limits", "Limits of one attempt, by name.", Output::Envelope(Data::Any)),
        get("/v1/components", "What each component says of itself.", Output::Envelope(Data::Any)),
        get("/openapi.json", "This document.", Output::Plain(Data::Any)),
        get("/healthz", "Whether the node is there.", Output::Plain(Data::One(shape::<node::Health>()))),
    ]
}
