//! `model/export`, `model/import` and `model/migrate`. Not for: what an archive looks like (the node knows), the form
//! that brings one (`model_form`).

use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use parcae_api::{
    Envelope,
    arguments::{ArgumentError, party, read},
    loose::{AnyOf, LooseId},
    model_archive::{ExportRequest, ImportData, ImportForm, MigrateRequest},
    retcode,
};
use parcae_domain::party::{Party, PartyId, Role};
use parcae_node::{ImportRequest, Migrated, ModelArchive, NodeError};
use serde_json::{Map, Value, json};
use tokio_util::io::ReaderStream;

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    model_form::{self, Received},
    state::App,
    strict::{Strict, wrong},
};

/// The client branches on the status: 400 for what is wrong with the request, 404 and 409 for what is there or is not.
fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::NotFound(text) => Refusal::status(404, &text),
        NodeError::Exists(text) => Refusal::status(409, &text),
        NodeError::Invalid(text) => Refusal::status(400, &text),
        NodeError::Internal(why) => {
            tracing::error!(why, "an archive of a model could not be made or stored");
            Refusal::status(503, "the node failed to do this; its log says why")
        }
    }
}

/// The model of a party as a file.
pub(crate) async fn export(app: App, Strict(request): Strict<ExportRequest>) -> Result<Response, Refusal> {
    let party = party(&request.role, &request.party_id).map_err(wrong)?;
    let archive = app
        .ask_long(move |node| {
            node.export_model(party, request.model_id.as_str(), request.model_version.as_str()).map_err(refused)
        })
        .await?;
    Ok(sent(archive))
}

/// FATE's client takes everything after `filename=` as the name: no quotes, nothing behind it.
fn sent(archive: ModelArchive) -> Response {
    let disposition = format!("attachment; filename={}", archive.name);
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(archive.file), 64 << 10);
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(archive.bytes));
    // Names of models are plain: the node stores no others.
    let disposition = HeaderValue::from_str(&disposition);
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition.unwrap_or(HeaderValue::from_static("attachment; filename=model.zip")),
    );
    response
}

/// Stores the model of an archive.
pub(crate) async fn import(app: App, request: Request) -> Handled {
    let Received { fields, file } = model_form::receive(&app, request).await?;
    let form: ImportForm = read(Value::Object(fields)).map_err(wrong)?;
    let request = ImportRequest {
        party: party(&form.role, &form.party_id).map_err(wrong)?,
        model_id: form.model_id.0,
        model_version: form.model_version.0,
        force: form.force_update.as_ref().is_some_and(is_true),
        hash: form.hash,
    };
    let asked = request.clone();
    let imported = app.ask_import(move |node| node.import_model(&asked, &file).map_err(refused)).await?;
    Answer::data(ImportData {
        job_id: imported.job.to_string(),
        role: request.party.role.to_string(),
        party_id: request.party.id.to_string(),
        model_id: request.model_id,
        model_version: request.model_version,
    })
}

/// Forms know only text.
fn is_true(text: &LooseId) -> bool {
    matches!(text.as_str().trim(), "1" | "true" | "True")
}

/// Copies a model to other parties.
pub(crate) async fn migrate(app: App, Asked(request): Asked<MigrateRequest>) -> Handled {
    let request = parcae_node::MigrateRequest {
        role: roles("role", &request.role)?,
        migrate_role: roles("migrate_role", &request.migrate_role)?,
        execute_party: roles("execute_party", &request.execute_party)?,
        migrate_initiator: party(&request.migrate_initiator.role, &request.migrate_initiator.party_id)?,
        model_id: request.model_id.0,
        model_version: request.model_version.0,
        unify_model_version: request.unify_model_version.map(|version| version.0).filter(|text| !text.is_empty()),
    };
    let (migrated, id) = app
        .ask(move |node| match node.migrate_model(&request) {
            // As FATE-Flow answers what is wrong with the roles.
            Err(NodeError::Invalid(text)) => Err(Refusal::exception(&text)),
            other => Ok((other?, node.operation_id())),
        })
        .await?;
    let failed = migrated.parties.iter().find_map(|(party, outcome)| Some((party, outcome.as_ref().err()?)));
    let envelope = match failed {
        None => Envelope::success(),
        Some((party, why)) => {
            let text = format!("failed at {} {}: {why}", party.role, party.id);
            Envelope::failure(retcode::ARGUMENT_ERROR, &text)
        }
    };
    let is_good = failed.is_none();
    let envelope = envelope.with_data(outcomes(&migrated)).with_job(id);
    if is_good { Ok(Answer(envelope)) } else { Err(Refusal::envelope(envelope)) }
}

/// Return codes by role and party, and in `detail` with words.
fn outcomes(migrated: &Migrated) -> Value {
    let Migrated { model_id, model_version, parties } = migrated;
    let (mut codes, mut detail): (Map<String, Value>, Map<String, Value>) = Default::default();
    for (Party { role, id }, outcome) in parties {
        let (code, text) = match outcome {
            Ok(()) => (
                retcode::SUCCESS,
                format!(
                    "Migrating model successfully. The configuration of model has been modified automatically. New \
                     model id is: {model_id}, model version is: {model_version}. Take it out with model/export."
                ),
            ),
            Err(why) => (retcode::EXCEPTION_ERROR, why.clone()),
        };
        let about = json!({"retcode": code, "retmsg": text});
        for (of_role, value) in [(&mut codes, json!(code)), (&mut detail, about)] {
            let of_role = of_role.entry(role.as_str()).or_insert_with(|| json!({}));
            of_role[id.to_string()] = value;
        }
    }
    codes.insert("detail".into(), detail.into());
    codes.into()
}

/// Parties by role as numbers.
fn roles(key: &str, given: &BTreeMap<String, AnyOf>) -> Result<parcae_node::Roles, ArgumentError> {
    let wrong = |fault: String| ArgumentError::Value { key: key.to_owned(), fault };
    let id = |id: &LooseId| id.party().ok_or_else(|| wrong(format!("{:?} is not a whole number", id.as_str())));
    let all = |ids: &AnyOf| ids.0.iter().map(id).collect::<Result<Vec<PartyId>, ArgumentError>>();
    let role = |text: &str| text.parse::<Role>().map_err(|e| wrong(e.to_string()));
    given.iter().map(|(name, ids)| Ok((role(name)?, all(ids)?))).collect()
}
