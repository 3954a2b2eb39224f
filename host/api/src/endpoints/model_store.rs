//! Endpoints about models that are kept: archives, migration, tags, checkpoints, and what a node does not do with
//! models. Not for: how the document is put together (`document`), deployment (`models`).

use super::*;
use crate::{
    model_archive::{
        Checkpoint, CheckpointEntry, CheckpointRequest, ExportRequest, ImportData, ImportForm, MigrateRequest,
    },
    model_use::{ServingRequest, UnofferedRequest},
    tag::{ModelTagRequest, TagListRequest, TagRequest, TaggedModels, Tags},
};

const WRONG: (&str, &str) = ("400", "Arguments are missing or not right.");

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    [archives(), tags(), not_offered()].into_iter().flatten().collect()
}

fn archives() -> Vec<Endpoint> {
    vec![
        Endpoint {
            methods: BOTH,
            path: "/v1/model/export",
            summary: "The model of a party as a zip archive, which model/import takes at another node.",
            input: Input::Json(shape::<ExportRequest>()),
            output: Output::File {
                media: "application/zip",
                instead: &[WRONG, ("404", "No such model."), ("503", "The node could not do it; its log says why.")],
            },
        },
        Endpoint {
            methods: POST,
            path: "/v1/model/import",
            summary: "Stores the model of an archive.",
            input: Input::Form(shape::<ImportForm>()),
            output: Output::EnvelopeOr(
                Data::One(shape::<ImportData>()),
                &[
                    ("400", "The form or the archive is not as it should be."),
                    ("409", "The model is there already."),
                    ("503", "The node could not do it; its log says why."),
                ],
            ),
        },
        json::<MigrateRequest>(
            "/v1/model/migrate",
            "Copies a model to other parties; `data` has retcodes by role and party, in `detail` with words.",
            Data::Any,
        ),
        json::<CheckpointRequest>(
            "/v1/checkpoint/list",
            "Checkpoints of a component by step.",
            Data::Many(shape::<CheckpointEntry>()),
        )
        .or(&[WRONG]),
        json::<CheckpointRequest>(
            "/v1/checkpoint/get",
            "One checkpoint with what it holds.",
            Data::One(shape::<Checkpoint>()),
        )
        .or(&[WRONG, ("404", "No such checkpoint.")]),
    ]
}

fn tags() -> Vec<Endpoint> {
    let tags = || Data::One(shape::<Tags>());
    vec![
        json::<TagRequest>("/v1/model/tag/create", "Makes a tag.", Data::None),
        json::<TagRequest>(
            "/v1/model/tag/retrieve",
            "Tags whose name contains a text, or, with `with_model`, the models that have one.",
            Data::Either(shape::<Tags>(), shape::<TaggedModels>()),
        ),
        json::<TagRequest>("/v1/model/tag/update", "Renames a tag and replaces its description.", Data::None),
        json::<TagRequest>("/v1/model/tag/destroy", "Removes a tag; models that have it stay.", Data::None),
        json::<TagListRequest>("/v1/model/tag/list", "All tags.", tags()),
        json::<ModelTagRequest>("/v1/model/model_tag/create", "Gives a tag to a version of a model.", Data::None),
        json::<ModelTagRequest>("/v1/model/model_tag/remove", "Takes a tag from a version of a model.", Data::None),
        json::<ModelTagRequest>("/v1/model/model_tag/retrieve", "The tags of a version of a model.", tags()),
    ]
}

fn not_offered() -> Vec<Endpoint> {
    let refused = |path| json::<UnofferedRequest>(path, "Refused; the message says what to use instead.", Data::None);
    vec![
        json::<ServingRequest>(
            "/v1/model/load",
            "Refused: there is no FATE-Serving; `data` has retcodes by role and party, in `detail` with words.",
            Data::Any,
        ),
        json::<ServingRequest>("/v1/model/bind", "Refused: there is no FATE-Serving.", Data::None),
        refused("/v1/model/store"),
        refused("/v1/model/restore"),
        refused("/v1/model/homo/convert"),
        refused("/v1/model/homo/deploy"),
        refused("/v1/component/hetero/merge"),
        refused("/v1/component/woe_array/extract"),
        refused("/v1/component/woe_array/merge"),
    ]
}
