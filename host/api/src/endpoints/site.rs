//! Endpoints about the site: what it offers, its cores, its settings, keys of others, templates. Not for: how the
//! document is put together (`document`).

use super::*;
use crate::{job, site};

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    [providers(), settings(), keys()].into_iter().flatten().collect()
}

/// One that reads nothing of its body.
fn bare(path: &'static str, summary: &'static str, data: Data) -> Endpoint {
    Endpoint { methods: POST, path, summary, input: Input::None, output: Output::Envelope(data) }
}

fn providers() -> Vec<Endpoint> {
    use site::{PermissionRequest, RegisterRequest, ServiceRequest};
    let off = "Permissions are switched off: retcode 100.";
    vec![
        bare("/v1/provider/get", "All providers, with their components and images.", Data::Any),
        bare("/v1/provider/{name}/get", "One provider; an unknown one is no data.", Data::Any),
        json::<RegisterRequest>(
            "/v1/provider/register",
            "Refused: components are WebAssembly files, which the node gets with --components.",
            Data::None,
        )
        .or(&[("400", "No such folder on the server.")]),
        bare("/v1/provider/update", "Refused.", Data::None),
        bare("/v1/provider/registry/get", "Refused.", Data::None),
        json::<PermissionRequest>("/v1/permission/grant", off, Data::None),
        json::<PermissionRequest>("/v1/permission/delete", off, Data::None),
        json::<PermissionRequest>("/v1/permission/query", off, Data::None),
        bare("/v1/service/registry", "Refused: the node calls no services.", Data::None),
        json::<ServiceRequest>("/v1/service/query", "Refused: the node calls no services.", Data::None),
    ]
}

fn settings() -> Vec<Endpoint> {
    let cluster = |path| {
        let refused = bare(path, "Refused, as by a standalone FATE-Flow.", Data::None);
        refused.or(&[("404", "Always: there is no such thing.")])
    };
    vec![
        bare("/v1/resource/query", "Cores, and the jobs that have them.", Data::One(shape::<site::Resources>())),
        json::<job::JobKey>(
            "/v1/resource/return",
            "Whether a job has cores; it keeps them to its end and no longer.",
            Data::Many(shape::<site::ReturnedCores>()),
        ),
        bare("/v1/server/reload", "Defaults of jobs; nothing is read again.", Data::Any),
        bare("/v1/server/config/job/default", "Defaults of jobs.", Data::Any),
        bare("/v1/server/get", "The same as server/service/get.", Data::Any),
        bare("/v1/server/service/get", "Addresses and switches, by section; no secrets.", Data::Any),
        bare("/v1/server/{name}/get", "One section; an unknown one is no data.", Data::Any),
        bare("/v1/server/service/{name}/get", "One section; an unknown one is no data.", Data::Any),
        bare("/v1/server/{name}/register", "Refused.", Data::None),
        bare("/v1/server/service/{name}/register", "Refused.", Data::None),
        bare("/v1/server/fateflow/info", "The servers that share the work: this one.", Data::Any),
        bare("/v1/info/common", "Address and version.", Data::Any),
        bare("/v1/info/fateboard", "Where jobs are watched.", Data::Any),
        cluster("/v1/info/eggroll"),
        cluster("/v1/info/mysql"),
        cluster("/v1/info/party/{id}"),
        cluster("/v1/info/party/{proxy}/{id}"),
    ]
}

fn keys() -> Vec<Endpoint> {
    use site::{KeyRequest, SaveKeyRequest, TemplateRequest};
    let text = || Data::Inline(shape::<String>());
    vec![
        json::<SaveKeyRequest>("/v1/key/public/save", "Keeps the public key of a site, PEM.", text()),
        json::<KeyRequest>("/v1/key/public/delete", "Removes the public key of a site.", Data::None),
        json::<KeyRequest>("/v1/key/query", "The public key of a site; none is no data.", text()),
        Endpoint {
            methods: POST,
            path: "/v1/template/download",
            summary: "An example: data, upload confs and a job, ready for FATE's command line.",
            input: Input::Json(shape::<TemplateRequest>()),
            output: Output::File { media: "application/x-tar", instead: &[] },
        },
    ]
}
