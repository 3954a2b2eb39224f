//! Every endpoint with what goes in and what comes out: the table from which the OpenAPI document is made. Not for: how
//! the document is put together (`document`).

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{HttpMethod, RefOr, schema::Schema},
};

mod accounts;
mod components;
mod jobs;
mod model_store;
mod models;
mod nodes;
mod site;
mod tables;

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
    /// One value of either type.
    Either(Shape, Shape),
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
    /// A form with a file, and fields of a type.
    Form(Shape),
    /// A file with its conf as the query string, or JSON.
    Upload(Shape),
    /// The image of a component, maybe with its signature.
    Image,
    /// Arguments in the query string, none of which must be there, and what each is.
    Query(&'static [(&'static str, &'static str)]),
}

/// Statuses other than 200 with what they mean; with them comes an envelope without data.
pub(crate) type Statuses = &'static [(&'static str, &'static str)];

/// What comes out.
pub(crate) enum Output {
    /// An envelope.
    Envelope(Data),
    /// An envelope, or another status.
    EnvelopeOr(Data, Statuses),
    /// JSON in an envelope, or bare as a file; or another status.
    EnvelopeOrFile(Statuses),
    /// A file, or an envelope that says why there is none; or another status.
    File { media: &'static str, instead: Statuses },
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

impl Endpoint {
    /// The same where clients look at the status.
    fn or(mut self, instead: Statuses) -> Endpoint {
        self.output = match self.output {
            Output::Envelope(data) => Output::EnvelopeOr(data, instead),
            other => other,
        };
        self
    }
}

const POST: &[HttpMethod] = &[HttpMethod::Post];
const GET: &[HttpMethod] = &[HttpMethod::Get];
const DELETE: &[HttpMethod] = &[HttpMethod::Delete];
const BOTH: &[HttpMethod] = &[HttpMethod::Get, HttpMethod::Post];

fn json<T: ToSchema>(path: &'static str, summary: &'static str, data: Data) -> Endpoint {
    let (input, output) = (Input::Json(shape::<T>()), Output::Envelope(data));
    Endpoint { methods: POST, path, summary, input, output }
}

/// An endpoint whose JSON comes as a file when `filename` says so.
fn json_or_file<T: ToSchema>(path: &'static str, summary: &'static str, instead: Statuses) -> Endpoint {
    let (input, output) = (Input::Json(shape::<T>()), Output::EnvelopeOrFile(instead));
    Endpoint { methods: POST, path, summary, input, output }
}

/// An endpoint that does not look at the body.
fn bare(path: &'static str, summary: &'static str, data: Data) -> Endpoint {
    Endpoint { methods: POST, path, summary, input: Input::None, output: Output::Envelope(data) }
}

fn get(path: &'static str, summary: &'static str, output: Output) -> Endpoint {
    Endpoint { methods: GET, path, summary, input: Input::None, output }
}

fn queried(
    path: &'static str,
    summary: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    data: Data,
) -> Endpoint {
    Endpoint { methods: GET, path, summary, input: Input::Query(arguments), output: Output::Envelope(data) }
}

/// All endpoints.
pub(crate) fn all() -> Vec<Endpoint> {
    let about_jobs = [jobs::all(), tables::all(), components::all(), models::all(), model_store::all()];
    let about_the_node = [nodes::all(), site::all(), accounts::all()];
    about_jobs.into_iter().chain(about_the_node).flatten().collect()
}
