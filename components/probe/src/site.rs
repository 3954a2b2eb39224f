//! Reaching beyond the module's ports and grants. Not for: what the standard library reaches for (`wasi`).

use parcae_sdk::{
    Error, Frame, Result, models,
    models::Part,
    site,
    tables::{self, Meaning, Values},
    texts,
};

use crate::{
    Behaviour, Request, behaviour, pages,
    refusal::{refused, refused_as},
};

/// The behaviours.
pub static ALL: [Behaviour; 3] = [
    behaviour(
        "wrong_port",
        "success: ports that the module does not have, or of another kind, are refused",
        wrong_port,
    ),
    behaviour("no_grant", "success: every call of `site` is denied", no_grant),
    behaviour("open_foreign", "success: the table `namespace/name` of the text is denied", open_foreign),
];

fn wrong_port(request: &Request) -> Result<()> {
    let part = || [Part { name: "ProbeParam".to_owned(), json: "{}".to_owned(), bytes: Vec::new() }];
    for port in ["nonsense", "", "data2", "../data", "DATA"] {
        refused("input of a port that is not there", tables::input(port))?;
        refused("output of a port that is not there", tables::create(port, &pages::schema(), 1))?;
        refused("models of a port that is not there", models::load(port))?;
        refused("saving to a port that is not there", models::save(port, &part()))?;
        refused("a checkpoint of a port that is not there", models::save_checkpoint(port, 0, "epoch_0", &part()))?;
    }
    refused("a table on a model port", tables::create("model", &pages::schema(), 1))?;
    refused("a model on a data port", models::save("data", &part()))?;
    if let Some(table) = request.task.input_if_any("data")? {
        refused("passing a table on to a port that is not there", tables::forward("nonsense", &table))?;
        refused("passing a table on to a model port", tables::forward("model", &table))?;
    }
    // After all that the right port still works.
    let ids = Values::Text(texts(["a"]));
    Frame::new(vec![parcae_sdk::Column::new("id", Meaning::Id, ids)]).write("data")?;
    Ok(())
}

fn denied(error: &Error) -> bool {
    matches!(error, Error::Denied(_))
}

fn no_grant(_: &Request) -> Result<()> {
    let schema = pages::schema();
    refused_as("open_table", site::open_table("experiment", "breast"), denied)?;
    refused_as("publish_table", site::publish_table("experiment", "probe", &schema, 1, false), denied)?;
    refused_as("publish_table over another", site::publish_table("experiment", "probe", &schema, 1, true), denied)?;
    refused_as("uploaded_size", site::uploaded_size(), denied)?;
    refused_as("uploaded_read", site::uploaded_read(0, 16), denied)?;
    refused_as("export_begin", site::export_begin("probe.csv"), denied)?;
    refused_as("export_write", site::export_write(b"x"), denied)
}

fn open_foreign(request: &Request) -> Result<()> {
    let (namespace, name) = request.text.split_once('/').unwrap_or(("experiment", request.text));
    refused_as("open_table", site::open_table(namespace, name), denied)
}
