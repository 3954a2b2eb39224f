//! Endpoints about deploying models. Not for: how the document is put together (`document`), models that are kept
//! (`model_store`).

use super::*;
use crate::model;

const NO_MODEL: Statuses = &[("210", "No such model.")];

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    vec![
        json::<model::DeployRequest>(
            "/v1/model/deploy",
            "Deploys a trained model. Retcode 101: `data` says what stood in the way.",
            Data::One(shape::<model::DeployData>()),
        )
        .or(&[("404", "No such model.")]),
        json::<model::ModelQuery>(
            "/v1/model/query",
            "Rows of models (`ModelRow`), all columns or some; none is retcode 100.",
            Data::Any,
        ),
        json_or_file::<model::PredictRequest>(
            "/v1/model/get/predict/dsl",
            "The DSL that predicts with a model.",
            NO_MODEL,
        ),
        json_or_file::<model::PredictRequest>(
            "/v1/model/get/predict/conf",
            "A conf to predict with a model, to be filled in.",
            NO_MODEL,
        ),
    ]
}
