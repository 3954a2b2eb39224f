//! Endpoints about data: uploads, downloads, tables. Not for: how the document is put together (`document`).

use super::*;
use crate::{bind, job, table, table_use};

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    vec![
        Endpoint {
            methods: POST,
            path: "/v1/data/upload",
            summary: "Uploads a file as a table. Retcode 0: the file arrived; `data.code` 0: the job was taken on.",
            input: Input::Upload(shape::<table::UploadConf>()),
            output: Output::Envelope(taken()),
        },
        json::<table::HistoryRequest>(
            "/v1/data/upload/history",
            "Uploads whose table is still there, newest first.",
            Data::Inline(shape::<table::UploadHistory>()),
        ),
        json::<table::TableKey>(
            "/v1/table/table_info",
            "What there is to know of a table; one that is not there has `exist` 0.",
            Data::One(shape::<table::TableInfo>()),
        ),
        json::<table::TableKey>("/v1/table/delete", "Deletes a table.", Data::One(shape::<table::TableName>())),
    ]
    .into_iter()
    .chain(transfers())
    .chain(names())
    .chain(uses())
    .collect()
}

/// A job that was taken on, or not.
fn taken() -> Data {
    Data::Either(shape::<job::SubmitData>(), shape::<job::UploadFailure>())
}

fn transfers() -> Vec<Endpoint> {
    vec![
        json::<table_use::DownloadConf>(
            "/v1/data/download",
            "Writes a table as CSV to a file on the server. `data.code` 0: the job was taken on.",
            taken(),
        ),
        json::<table_use::WriterConf>(
            "/v1/data/writer",
            "Copies a table to another name. `data.code` 0: the job was taken on.",
            taken(),
        ),
    ]
}

fn names() -> Vec<Endpoint> {
    let bound = || Data::One(shape::<table::TableName>());
    let selected = || Data::Many(shape::<table::TableName>());
    vec![
        json::<bind::BindRequest>("/v1/table/bind", "Loads a file of the server, or names a table again.", bound()),
        json::<bind::BindRequest>("/v1/table/add", "The same as table/bind.", bound()),
        json::<table_use::TableSelection>("/v1/table/disable", "Has readers refuse tables.", selected()),
        json::<table_use::TableSelection>("/v1/table/enable", "Lets readers read tables again.", selected()),
        Endpoint {
            methods: POST,
            path: "/v1/table/disable/delete",
            summary: "Deletes all tables that are disabled.",
            input: Input::None,
            output: Output::Envelope(selected()),
        },
        json::<bind::ConnectorRequest>(
            "/v1/table/connector/create",
            "Keeps the description of a store; nothing here connects to it.",
            Data::None,
        ),
        json::<bind::ConnectorKey>("/v1/table/connector/query", "The description of a store, or `{}`.", Data::Any),
    ]
}

fn uses() -> Vec<Endpoint> {
    vec![
        json::<table::TableKey>(
            "/v1/table/tracking/source",
            "Tables that a table was made of.",
            Data::Many(shape::<table_use::ParentTable>()),
        ),
        json::<table::TableKey>(
            "/v1/table/tracking/job",
            "Jobs that read a table, or what was made of it.",
            Data::One(shape::<table_use::TrackedJobs>()),
        ),
        json::<table_use::TableListRequest>(
            "/v1/table/list",
            "Tables that each component of a job reads and puts out: `ComponentTables` by component.",
            Data::Any,
        ),
        json::<table_use::PreviewRequest>(
            "/v1/table/preview",
            "The first rows of a table.",
            Data::One(shape::<table_use::Preview>()),
        ),
        Endpoint {
            methods: BOTH,
            path: "/v1/table/download",
            summary: "A table, as CSV.",
            input: Input::Json(shape::<table::TableKey>()),
            output: Output::File {
                media: "application/x-tar",
                instead: &[("210", "There is no such table."), ("400", "It is not said which table.")],
            },
        },
        json::<table::TableKey>("/v1/table/schema/update", "Refused: tables do not change.", Data::None),
        json::<table::TableKey>("/v1/table/schema/anonymous/migrate", "Refused: tables do not change.", Data::None),
    ]
}
