//! The OpenAPI document of the whole API, made from the table of endpoints and the types. Not for: serving it
//! (`server`) or printing it (`cli`).

use parcae_domain::tenant::Scope;
use utoipa::openapi::{
    Components, Content, HttpMethod, Info, License, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, Response,
    ResponseBuilder,
    extensions::ExtensionsBuilder,
    path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
    request_body::{RequestBody, RequestBodyBuilder},
    schema::{AllOfBuilder, AnyOfBuilder, Array, ComponentsBuilder, ObjectBuilder, Schema, SchemaType, Type},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use crate::{
    endpoints::{Data, Endpoint, Input, Output, Shape, Statuses, all},
    envelope::Envelope,
    job::UploadFailure,
    model::ModelRow,
    scopes::{Access, access, has_status},
    signature,
    tracking::ModelMeta,
};

const JSON: &str = "application/json";

const ABOUT: &str = "Federated-learning jobs over the HTTP API of FATE-Flow 1.11. Answers are envelopes with HTTP \
status 200 and a `retcode` (0 = success, 100 = anything without a code of its own, 101 = arguments or no such thing, \
102 = no such data, 103 = operation failed), unknown paths included; other statuses are used where FATE-Flow uses \
them, and come with an envelope, too. \
Bodies are read as JSON whatever their content type; unknown keys are skipped; ids are text or numbers; a trailing \
slash is allowed. Where the node has accounts, every request carries an API key as a bearer's token, or TIMESTAMP, \
NONCE, APP_KEY and SIGNATURE as FATE's clients send them, or is answered with retcode 109; `x-scope` says how far the \
key must reach (read, submit, operate, admin: each includes those before it), and one that does not is answered with \
retcode 108.";

/// The document of every endpoint.
pub fn openapi() -> OpenApi {
    let mut info = Info::new("Parcae", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let endpoints = all();
    let mut paths = Paths::new();
    for endpoint in &endpoints {
        for method in endpoint.methods {
            paths.add_path_operation(endpoint.path, vec![method.clone()], operation(endpoint, method));
        }
    }
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components(&endpoints))).build()
}

fn operation(endpoint: &Endpoint, method: &HttpMethod) -> Operation {
    let verb = match method {
        HttpMethod::Get => "get",
        HttpMethod::Delete => "delete",
        _ => "post",
    };
    let topic = endpoint.path.strip_prefix("/v1/");
    let words = topic.unwrap_or(endpoint.path).replace(['/', '.', '_', '{', '}'], " ");
    let id = std::iter::once(verb).chain(words.split_whitespace()).collect::<Vec<_>>().join("_");
    let tag = topic.and_then(|topic| topic.split('/').next()).unwrap_or("node");
    let base = OperationBuilder::new()
        .operation_id(Some(id))
        .tag(tag)
        .summary(Some(endpoint.summary))
        .request_body(request_body(&endpoint.input));
    let named = parameters(endpoint.path).chain(arguments(&endpoint.input));
    let base = named.fold(base, |base, parameter| base.parameter(parameter));
    let base = match access(method, endpoint.path) {
        Access::Open => base,
        Access::Needs(scope) => secured(base, scope),
    };
    let strangers = if has_status(endpoint) { STRANGERS } else { &[] };
    let answers = others(strangers).chain(responses(&endpoint.output));
    answers.fold(base, |base, (status, answer)| base.response(status, answer)).build()
}

/// What those who may not get of what comes without an envelope.
const STRANGERS: Statuses = &[("401", "No key, or a wrong one."), ("403", "The key does not reach so far.")];

/// Names of the headers that a signature takes.
const SIGNED: [&str; 4] = [signature::TIMESTAMP, signature::NONCE, signature::APP_KEY, signature::SIGNATURE];

/// A token, or a signature, or nothing of the kind at a node without accounts.
fn secured(base: OperationBuilder, scope: Scope) -> OperationBuilder {
    let none: [&str; 0] = [];
    let signed = SIGNED.into_iter().fold(SecurityRequirement::default(), |all, name| all.add(name, none));
    base.security(SecurityRequirement::new("bearer", none))
        .security(signed)
        .security(SecurityRequirement::default())
        .extensions(Some(ExtensionsBuilder::new().add("x-scope", scope.as_str()).build()))
}

/// The names in a path.
fn parameters(path: &str) -> impl Iterator<Item = ParameterBuilder> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True).schema(Some(text))
    })
}

/// What may stand in the query string.
fn arguments(input: &Input) -> impl Iterator<Item = ParameterBuilder> {
    let all: &'static [(&'static str, &'static str)] = if let Input::Query(all) = input { all } else { &[] };
    all.iter().map(|(name, about)| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let query = ParameterBuilder::new().name(*name).parameter_in(ParameterIn::Query);
        query.required(Required::False).description(Some(*about)).schema(Some(text))
    })
}

fn request_body(input: &Input) -> Option<RequestBody> {
    let typed = |shape: &Shape| Content::new(Some(reference(shape)));
    match input {
        Input::None | Input::Query(_) => None,
        Input::Image => Some(image_body()),
        Input::Json(shape) => Some(RequestBodyBuilder::new().content(JSON, typed(shape)).build()),
        Input::Form(shape) => {
            let file = ObjectBuilder::new().schema_type(Type::String).content_media_type("application/octet-stream");
            let file = ObjectBuilder::new().property("file", file).required("file");
            let form = AllOfBuilder::new().item(reference(shape)).item(file);
            Some(RequestBodyBuilder::new().content("multipart/form-data", Content::new(Some(form))).build())
        }
        Input::Upload(shape) => {
            let file = ObjectBuilder::new().schema_type(Type::String).content_media_type("application/octet-stream");
            let form = ObjectBuilder::new().property("file", file).required("file");
            let about = "Either multipart/form-data with one part `file`, and the conf as JSON text, percent-encoded, \
                         as the whole query string (or its keys as query arguments or form fields); or, for a file on \
                         the server, the conf as JSON with `use_local_data` 0.";
            let body = RequestBodyBuilder::new()
                .description(Some(about))
                .content("multipart/form-data", Content::new(Some(form)))
                .content(JSON, typed(shape));
            Some(body.build())
        }
    }
}

/// An image as the body, or in a form.
fn image_body() -> RequestBody {
    let file = || ObjectBuilder::new().schema_type(Type::String).content_media_type("application/wasm");
    let text = ObjectBuilder::new().schema_type(Type::String);
    let form = ObjectBuilder::new().property("file", file()).property("signature", text).required("file");
    let about = "The .wasm file, as the body or as the part `file` of a form; its signature, when it has one, in the \
                 header X-Parcae-Signature, or as the part `signature`: the file that `parcae component sign` wrote.";
    let body = RequestBodyBuilder::new()
        .description(Some(about))
        .content("application/wasm", Content::new(Some(file())))
        .content("multipart/form-data", Content::new(Some(form)));
    body.build()
}

fn responses(output: &Output) -> Vec<(&'static str, Response)> {
    match output {
        Output::Envelope(data) => vec![("200", response("An envelope.", JSON, envelope(data)))],
        Output::EnvelopeOr(data, instead) => {
            std::iter::once(("200", response("An envelope.", JSON, envelope(data)))).chain(others(instead)).collect()
        }
        Output::EnvelopeOrFile(instead) => {
            let bare = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            let either = AnyOfBuilder::new().item(envelope(&Data::None)).item(bare).into();
            let about = "An envelope, or, with `filename`, its data as a file.";
            std::iter::once(("200", response(about, JSON, either))).chain(others(instead)).collect()
        }
        Output::Plain(data) => vec![("200", response("JSON.", JSON, schema(data)))],
        Output::File { media, instead } => {
            let file = ObjectBuilder::new().schema_type(Type::String);
            let about = match *media {
                "application/zip" => "A zip archive, or an envelope that says why there is none.",
                "application/x-tar" => "A tar archive, packed with gzip, or an envelope that says why there is none.",
                _ => "A file, or an envelope that says why there is none.",
            };
            let found = ResponseBuilder::new()
                .description(about)
                .content(*media, Content::new(Some(file)))
                .content(JSON, Content::new(Some(envelope(&Data::None))))
                .build();
            std::iter::once(("200", found)).chain(others(instead)).collect()
        }
    }
}

fn others(instead: Statuses) -> impl Iterator<Item = (&'static str, Response)> {
    instead.iter().map(|(status, about)| (*status, response(about, JSON, envelope(&Data::None))))
}

fn response(about: &str, media: &str, schema: RefOr<Schema>) -> Response {
    ResponseBuilder::new().description(about).content(media, Content::new(Some(schema))).build()
}

fn reference(shape: &Shape) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name((shape.name)()))
}

/// The envelope, with its data described.
fn envelope(data: &Data) -> RefOr<Schema> {
    let plain = RefOr::Ref(Ref::from_schema_name("Envelope"));
    match data {
        Data::None => plain,
        data => AllOfBuilder::new().item(plain).item(ObjectBuilder::new().property("data", schema(data))).into(),
    }
}

fn schema(data: &Data) -> RefOr<Schema> {
    match data {
        Data::None | Data::Any => ObjectBuilder::new().schema_type(SchemaType::AnyValue).into(),
        Data::One(shape) => reference(shape),
        Data::Either(one, other) => AnyOfBuilder::new().item(reference(one)).item(reference(other)).into(),
        Data::Many(shape) => Array::new(reference(shape)).into(),
        Data::Inline(shape) => (shape.schema)(),
    }
}

fn components(endpoints: &[Endpoint]) -> Components {
    let mut references = Vec::new();
    for endpoint in endpoints {
        let input = match &endpoint.input {
            Input::None | Input::Image | Input::Query(_) => None,
            Input::Json(shape) | Input::Form(shape) | Input::Upload(shape) => Some(shape),
        };
        let output = match &endpoint.output {
            Output::Envelope(data) | Output::EnvelopeOr(data, _) | Output::Plain(data) => data,
            Output::EnvelopeOrFile(_) | Output::File { .. } => &Data::None,
        };
        let (named, other, inline) = match output {
            Data::None | Data::Any => (None, None, None),
            Data::One(shape) | Data::Many(shape) => (Some(shape), None, None),
            Data::Either(one, other) => (Some(one), Some(other), None),
            Data::Inline(shape) => (None, None, Some(shape)),
        };
        for shape in [input, named, other].into_iter().flatten() {
            references.push(((shape.name)().into_owned(), (shape.schema)()));
        }
        for shape in [input, named, other, inline].into_iter().flatten() {
            (shape.references)(&mut references);
        }
    }
    let schemes = ComponentsBuilder::new()
        .schemas_from_iter(references)
        .schema_from::<Envelope>()
        .schema_from::<ModelMeta>()
        .schema_from::<ModelRow>()
        .schema_from::<UploadFailure>();
    with_security(schemes).build()
}

/// The ways in which a request says whose it is.
fn with_security(base: ComponentsBuilder) -> ComponentsBuilder {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("parcae_ID_SECRET").build();
    let base = base.security_scheme("bearer", RefOr::T(SecurityScheme::Http(bearer)));
    SIGNED.into_iter().fold(base, |base, name| {
        let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
        base.security_scheme(name, RefOr::T(header))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::openapi;

    fn document() -> Value {
        serde_json::to_value(openapi()).unwrap()
    }

    /// The document in the repository is the one that the types give.
    #[test]
    fn golden() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        let renew = "renew it with: cargo run -p parcae-cli -- openapi > host/api/openapi.json";
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}; {renew}", file.display()));
        let golden: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("openapi.json: {e}; {renew}"));
        assert!(golden == document(), "openapi.json is not what the types give; look at the difference, and {renew}");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(object) => {
                    if let Some(Value::String(to)) = object.get("$ref") {
                        let pointer = to.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
                    }
                    open.extend(object.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = document();
        let paths = document["paths"].as_object().unwrap();
        let ids: Vec<_> = paths
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert!(ids.contains(&"get_tracking_component_output_data_download"));
        assert!(ids.contains(&"post_job_submit"));
    }
}
