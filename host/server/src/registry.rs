//! `components`: images are pushed, listed, looked at, granted something and removed. Not for: receiving one
//! (`image_body`), FATE's view of the same (`provider`, `component`).

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use parcae_api::{
    component::{ComponentDetail, ComponentModule, ComponentRow, GrantRequest, PushedComponent},
    retcode,
};
use parcae_domain::grant::Grant;
use parcae_node::{ComponentImage, ModuleGrants, NodeError, Push, Pushed};
use tokio_util::io::ReaderStream;

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    archive::attachment,
    body::Asked,
    image_body::{self, Received},
    settings::{Named, name_of},
    state::App,
};

/// Refusals of what is asked about components.
pub(crate) fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::NotFound(text) => Refusal::code(retcode::DATA_ERROR, &text),
        NodeError::Exists(text) => Refusal::code(retcode::OPERATING_ERROR, &text),
        other => other.into(),
    }
}

/// Takes the image that comes with a request.
pub(crate) async fn take(app: &App, request: Request) -> Result<Pushed, Refusal> {
    let by = app.caller.key().unwrap_or_default().to_owned();
    let Received { image, signature } = image_body::receive(app, request).await?;
    app.ask_push(move |node| node.push_component(&image.read()?, &Push { signature, by }).map_err(refused)).await
}

/// Takes an image.
pub(crate) async fn push(app: App, request: Request) -> Handled {
    let pushed = take(&app, request).await?;
    Answer::data(PushedComponent { row: row(&pushed.image), new: pushed.is_new, compile_ms: pushed.compile_ms })
}

/// All components.
pub(crate) async fn list(app: App) -> Handled {
    let images = app.ask(|node| node.component_images().map_err(refused)).await?;
    Answer::data(images.iter().map(row).collect::<Vec<_>>())
}

/// One component with its description.
pub(crate) async fn one(app: App, name: Named) -> Handled {
    let name = name_of(name);
    let image = app.ask(move |node| node.component_image(&name).map_err(refused)).await?;
    Answer::data(ComponentDetail { row: row(&image), description: to_value(&image.descriptor)? })
}

/// The image itself; what is not there has status 404.
pub(crate) async fn wasm(app: App, name: Named) -> Result<Response, Refusal> {
    let name = name_of(name);
    let (image, file) = app
        .ask(move |node| {
            node.component_file(&name).map_err(|error| match error {
                NodeError::NotFound(text) => Refusal::status(404, &text),
                NodeError::Invalid(text) | NodeError::Exists(text) => Refusal::status(400, &text),
                NodeError::Internal(why) => {
                    tracing::error!(why, "an image could not be sent");
                    Refusal::status(503, "the node failed to do this; its log says why")
                }
            })
        })
        .await?;
    let name = format!("{}-{}.wasm", image.descriptor.name, image.descriptor.version);
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file), 64 << 10);
    let mut response = attachment(&name, "application/wasm", axum::body::Body::from_stream(stream));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(image.bytes));
    Ok(response)
}

/// Gives a module what it asks for.
pub(crate) async fn grant(
    app: App,
    name: Named,
    Asked(GrantRequest { module, grants }): Asked<GrantRequest>,
) -> Handled {
    let wrong = |e: parcae_domain::grant::UnknownGrant| {
        Refusal::code(retcode::ARGUMENT_ERROR, &format!("argument grants: {e}"))
    };
    let grants: Vec<Grant> =
        grants.iter().map(|name| name.parse::<Grant>()).collect::<Result<_, _>>().map_err(wrong)?;
    let name = name_of(name);
    let image = app.ask(move |node| node.grant_component(&name, &module, &grants).map_err(refused)).await?;
    Answer::data(row(&image))
}

/// Removes a component.
pub(crate) async fn delete(app: App, name: Named) -> Handled {
    let name = name_of(name);
    let image = app.ask(move |node| node.delete_component(&name).map_err(refused)).await?;
    Answer::data(row(&image))
}

fn row(image: &ComponentImage) -> ComponentRow {
    let said = &image.descriptor;
    ComponentRow {
        digest: image.digest.clone(),
        name: said.name.clone(),
        version: said.version.clone(),
        licence: said.licence.clone(),
        summary: said.summary.clone(),
        origin: image.origin.as_str().to_owned(),
        bytes: image.bytes,
        loaded: image.left_out.is_none(),
        left_out: image.left_out.clone(),
        refused_by: image.refused_by.iter().map(|(party, why)| (party.to_string(), why.clone())).collect(),
        modules: image.grants.iter().map(|module| module_row(image, module)).collect(),
        created: image.created_ms,
        pushed_by: image.pushed_by.clone(),
        signed_by: image.signed_by.clone(),
    }
}

fn module_row(image: &ComponentImage, module: &ModuleGrants) -> ComponentModule {
    let names = |grants: &[Grant]| grants.iter().map(ToString::to_string).collect();
    ComponentModule {
        name: module.module.clone(),
        default: image.default_for.contains(&module.module),
        asked: names(&module.asked),
        granted: names(&module.granted),
        missing: names(&module.missing),
        cure: module.cure(image),
    }
}
