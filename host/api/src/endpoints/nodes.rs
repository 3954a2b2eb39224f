//! Endpoints about the node itself: versions, logs, limits. Not for: how the document is put together (`document`).

use super::*;
use crate::{node, quota, usage};

/// What may stand in the query of `audit`.
const AUDIT: &[(&str, &str)] = &[
    ("from", "From the line with this number on; the last lines, when absent."),
    ("limit", "At most so many lines; 100, and never more than 1,000."),
    ("tenant", "Only lines of this tenant."),
    ("since", "Not before this time, in UTC: `2026-03-01T12:00`."),
];

const FIGURES_GONE: Statuses = &[("503", "They cannot be read now.")];

const UNREADY: Statuses = &[("503", "It cannot, and why.")];

const UNKNOWN: Statuses = &[("404", "No such module.")];

/// Whose limits are asked for.
const LIMITS_OF: &[(&str, &str)] = &[
    ("job_id", "A job; without one, what holds before a job is named."),
    ("component", "A component of it."),
    ("role", "Role of a party that runs it."),
    ("party_id", "That party."),
    ("version", "Which run of the component, from 0."),
];

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
        queried(
            "/v1/limits",
            "Limits by name: what is configured, what is in force, what is used, and who decided.",
            LIMITS_OF,
            Data::Inline(shape::<usage::Limits>()),
        ),
        queried(
            "/v1/usage",
            "What the tenant's attempts used, by the days on which they ended, and those that run.",
            &[("from", "First day, `2026-11-21` in UTC, or ms since the epoch."), ("to", "Last day, likewise.")],
            Data::One(shape::<usage::TenantUsage>()),
        ),
        get(
            "/v1/jobs/{job}/usage",
            "What the attempts of a job used, under which limits.",
            Output::Envelope(Data::Many(shape::<usage::AttemptUsage>())),
        ),
        queried(
            "/v1/audit",
            "Lines of the audit log: all of them for scope admin, else those of one's own tenant.",
            AUDIT,
            Data::Any,
        ),
        get(
            "/metrics",
            "Figures of the node, as Prometheus reads them.",
            Output::File { media: "text/plain; version=0.0.4; charset=utf-8", instead: FIGURES_GONE },
        ),
        get("/readyz", "Whether the node can take work on.", Output::EnvelopeOr(Data::None, UNREADY)),
        get(
            "/v1/quotas",
            "What one's own tenant uses of its quotas.",
            Output::Envelope(Data::Many(shape::<quota::QuotaRow>())),
        ),
        get(
            "/v1/jobs/{job}/waiting",
            "Why a job does not start or go on; empty when nothing keeps it.",
            Output::Envelope(Data::One(shape::<quota::WaitingRow>())),
        ),
        get("/openapi.json", "This document.", Output::Plain(Data::Any)),
        get("/healthz", "Whether the node is there.", Output::Plain(Data::One(shape::<node::Health>()))),
    ]
}
