//! Endpoints about the node itself: versions, logs, limits. Not for: how the document is put together (`document`).

use super::*;
use crate::node;

const UNKNOWN: Statuses = &[("404", "No such module.")];

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    use node::{LogRequest, VersionRequest};
    let versions = || Data::Inline(shape::<node::Versions>());
    vec![
        json::<VersionRequest>("/v1/version/get", "One version, FATE's unless told otherwise.", versions()).or(UNKNOWN),
        json::<VersionRequest>("/v1/info/version", "The same as version/get.", versions()).or(UNKNOWN),
        json::<VersionRequest>("/v1/server/version/get", "All versions, or one.", versions()).or(UNKNOWN),
        json::<LogRequest>("/v1/log/size", "Lines of a log.", Data::One(shape::<node::LogSize>())),
        json::<LogRequest>(
            "/v1/log/cat",
            "Lines of a log, from `begin` to `end`.",
            Data::Many(shape::<node::LogLine>()),
        ),
        get("/v1/limits", "Limits of one attempt, by name.", Output::Envelope(Data::Any)),
        get("/openapi.json", "This document.", Output::Plain(Data::Any)),
        get("/healthz", "Whether the node is there.", Output::Plain(Data::One(shape::<node::Health>()))),
    ]
}
