//! `parcae upload`: a CSV file becomes a table. Not for: how the file is read (the upload component).

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};
use parcae_api::job::SubmitData;
use serde_json::{Map, Value, json};

use crate::{
    Done, UsageError,
    args::Upload,
    client::{Client, ClientError},
    output::Output,
    submit::read_json,
    watch,
};

/// Partitions of a table when nothing else is said.
const PARTITIONS: i64 = 16;

/// Uploads a file and waits until it is a table.
pub(crate) fn run(client: &Client, args: &Upload, output: Output) -> anyhow::Result<Done> {
    let (conf, path) = conf(args)?;
    let mut file = File::open(&path).map_err(|e| UsageError(format!("{}: {e}", path.display())))?;
    let len = file.metadata()?.len();
    let taken = send(client, &conf, &path, &mut file, len, output)?;
    let ended = watch::wait(client, &taken.job_id, &format!("reading {}", path.display()), output)?;
    let table = format!("{}.{}", text(&conf, "namespace"), text(&conf, "table_name"));
    let json = json!({
        "job_id": taken.job_id, "status": ended.job.f_status, "namespace": conf["namespace"],
        "table_name": conf["table_name"], "failures": ended.failures(),
    });
    output.result(&json, || match ended.is_success() {
        true => format!("table {table}"),
        false => format!("no table {table}"),
    })?;
    Ok(if ended.is_success() { Done::Well } else { Done::JobFailed })
}

/// Sends a file, with a bar on a terminal.
pub(crate) fn send(
    client: &Client,
    conf: &Value,
    path: &Path,
    content: &mut dyn Read,
    len: u64,
    output: Output,
) -> Result<SubmitData, ClientError> {
    let name = path.file_name().map_or_else(|| "upload".to_owned(), |name| name.to_string_lossy().into_owned());
    let bar = if output.has_bar() { ProgressBar::new(len) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("sending {msg} [{bar:30}] {bytes} of {total_bytes}, {bytes_per_sec}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_message(name.clone());
    let sent = client.upload(conf, &name, &mut bar.wrap_read(content));
    bar.finish_and_clear();
    sent
}

fn text<'a>(conf: &'a Value, key: &str) -> &'a str {
    conf.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The conf, and the file that it means: what was typed wins over the conf file.
fn conf(args: &Upload) -> Result<(Value, PathBuf), UsageError> {
    let mut conf = match &args.conf {
        None => Map::new(),
        Some(file) => match read_json(file)? {
            Value::Object(conf) => conf,
            _ => return Err(UsageError(format!("{}: must be a JSON object", file.display()))),
        },
    };
    if let Some(name) = conf.remove("name") {
        conf.entry("table_name").or_insert(name);
    }
    let mut typed = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            conf.insert(key.to_owned(), value);
        }
    };
    typed("namespace", args.namespace.clone().map(Value::from));
    typed("table_name", args.name.clone().map(Value::from));
    typed("partition", args.partition.map(Value::from));
    typed("id_delimiter", args.id_delimiter.clone().map(Value::from));
    typed("head", (args.head || args.no_head).then(|| Value::from(i64::from(args.head))));
    typed("drop", args.drop.then(|| Value::from(1)));
    typed("file", args.file.as_ref().map(|file| Value::from(file.display().to_string())));
    conf.entry("partition").or_insert_with(|| PARTITIONS.into());
    conf.entry("head").or_insert_with(|| 1.into());
    let conf = Value::Object(conf);
    if text(&conf, "file").is_empty() {
        return Err(UsageError("no file: name one, or put its path under \"file\" in the conf".into()));
    }
    let path = PathBuf::from(text(&conf, "file"));
    Ok((conf, path))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    fn conf_of(line: &str) -> Value {
        match Args::try_parse_from(line.split_whitespace()).unwrap().command {
            Command::Upload(upload) => conf(&upload).unwrap().0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_typed_becomes_a_conf() {
        let all = "parcae upload a.csv --namespace n --name t --no-head --partition 4 --id-delimiter ; --drop";
        let want = json!({"namespace": "n", "table_name": "t", "partition": 4, "id_delimiter": ";", "head": 0,
            "drop": 1, "file": "a.csv"});
        assert_eq!(conf_of(all), want);
        let least = conf_of("parcae upload a.csv --namespace n --name t");
        assert_eq!((&least["partition"], &least["head"], least.get("drop")), (&json!(16), &json!(1), None));
    }
}
