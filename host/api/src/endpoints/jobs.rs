//! Endpoints about jobs and their tasks. Not for: how the document is put together (`document`).

use super::*;
use crate::{board, change, job, rows};

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
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
        json::<job::ListRequest>("/v1/job/list/job", "A page of jobs.", Data::One(shape::<job::JobList>()))
            .or(&[("400", "A role or a status that there is not.")]),
        json::<job::ListRequest>("/v1/job/list/task", "A page of tasks.", Data::One(shape::<job::TaskList>())),
        Endpoint {
            methods: POST,
            path: "/v1/job/log/download",
            summary: "All logs of a job.",
            input: Input::Json(shape::<job::JobKey>()),
            output: Output::File { media: "application/x-tar", instead: &[("404", "No such job.")] },
        },
        json::<change::RerunRequest>(
            "/v1/job/rerun",
            "Runs an ended job again; what ended well and is not chosen keeps its outputs.",
            Data::None,
        ),
        json::<change::ParameterRequest>(
            "/v1/job/parameter/update",
            "Gives a job other parameters: tasks that have not started, and a rerun, follow them.",
            Data::One(shape::<change::UpdatedParameters>()),
        ),
        bare("/v1/job/clean/queue", "Cancels all jobs that wait; 0 for each of them.", Data::Any),
        json::<change::CleanRequest>(
            "/v1/job/clean",
            "Removes output tables and metrics of an ended job.",
            Data::One(shape::<change::Cleaned>()),
        ),
        json::<change::NotesRequest>("/v1/job/update", "Describes a job.", Data::None),
        json::<board::PartyJobRequest>(
            "/v1/job/report",
            "Times of a job's tasks.",
            Data::Many(shape::<board::TaskReport>()),
        ),
        json::<board::PartyJobRequest>(
            "/v1/job/url/get",
            "Where to watch a job.",
            Data::One(shape::<board::BoardUrls>()),
        ),
        json::<job::JobKey>("/v1/job/log/path", "Where the logs of a job are.", Data::One(shape::<board::LogPath>())),
        json_or_file::<change::PredictDslRequest>(
            "/v1/job/dsl/generate",
            "The DSL that predicts with components of a trained one.",
            &[("210", "There can be none.")],
        ),
        json::<board::DataViewRequest>(
            "/v1/job/data/view/query",
            "Tables that the tasks of a job put out; none is retcode 101.",
            Data::Many(shape::<board::DataViewRow>()),
        ),
    ]
}
