//! Uploading a file from the browser: a form as every browser sends it, received as `data/upload` receives one; and a
//! look at the beginning of a file before. Not for: the table that comes of it (`data`).

use axum::{
    extract::{RawQuery, Request},
    response::{Html, IntoResponse},
};
use multer::Multipart;
use parcae_board::{
    parts::job_url,
    upload::{self as look, DELIMITERS, LONGEST_PREVIEW, Preview},
};
use parcae_node::NodeError;
use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    audited::{Said, Witness},
    body,
    job::refused_text,
    pages::{Form, Oops, Shown, Visit, go},
    signed_body::FieldsUnsigned,
    upload::{Source, begin, boundary, receive},
    upload_conf::Conf,
};

/// The form, with what the address says of the table.
pub(super) async fn page(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let text = |key: &str| query.get(key).unwrap_or_default().to_owned();
    let form = look::Form { namespace: text("namespace"), name: text("name"), ..look::Form::default() };
    visit.show(&look::page(&visit.view, &form, None))
}

/// Receives the form, and goes on at the page of the job that makes the table; or shows the form again.
pub(super) async fn upload(visit: Visit, request: Request) -> Shown {
    let witness = request.extensions().get::<Witness>().cloned().unwrap_or_default();
    let mut form = look::Form { head: false, ..look::Form::default() };
    match taken(&visit, &witness, request, &mut form).await {
        Ok(page) => go(&page),
        Err(refused) => {
            // What was typed stays, except the file, which a browser gives to nobody twice.
            let mut response = visit.show_as(refused.status, &look::page(&visit.view, &form, Some(&refused.words)))?;
            response.extensions_mut().insert(Said::words(i32::from(refused.status), &refused.words));
            Ok(response)
        }
    }
}

async fn taken(visit: &Visit, witness: &Witness, request: Request, form: &mut look::Form) -> Result<String, Oops> {
    let app = &visit.app;
    let unsigned = request.extensions().get::<FieldsUnsigned>().is_some();
    let found = boundary(request.headers()).map_err(told)?;
    let Some(found) = found else {
        body::skip(request.into_body()).await;
        return Err(Oops::new(400, "send the form of this page, with a file"));
    };
    let parts = Multipart::new(request.into_body().into_data_stream(), found);
    let (fields, file) = receive(app, Conf::new(), parts, unsigned).await.map_err(told)?;
    *form = typed(&fields);
    witness.objects(&json!({"namespace": form.namespace, "table_name": form.name}));
    let Some(file) = file.filter(|file| std::fs::metadata(file).is_ok_and(|about| about.len() > 0)) else {
        return Err(Oops::new(400, "no file was chosen, or it is empty: choose one with at least one row"));
    };
    let (job, taken) = begin(app, conf(form)?, Source::Received(file)).await.map_err(told)?;
    witness.objects(&json!({"job_id": job.to_string()}));
    match taken {
        Ok(taken) => Ok(job_url(job.as_str(), taken.initiator)),
        Err(NodeError::Internal(why)) => Err(Refusal::internal(&why).into()),
        Err(NodeError::Exists(_)) => Err(Oops::new(409, exists(form))),
        Err(other) => Err(Oops::new(400, refused_text(other))),
    }
}

fn exists(form: &look::Form) -> String {
    let look::Form { name, namespace, .. } = form;
    format!("table {name} of namespace {namespace} is there already: tick that it is replaced, or take another name")
}

/// What was wrong with how the form came: the user can send it again.
fn told(refusal: Refusal) -> Oops {
    let (code, words) = refusal.said();
    let oops = Oops::from(refusal);
    // Code 100 is what a broken upload has, too.
    if code == parcae_api::retcode::EXCEPTION_ERROR { Oops::new(400, words) } else { oops }
}

/// What the form says.
fn typed(fields: &Conf) -> look::Form {
    let text = |key: &str| match fields.get(key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    let raw = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ticked = |key: &str| fields.contains_key(key);
    look::Form {
        namespace: text("namespace"),
        name: text("name"),
        partitions: text("partitions"),
        head: ticked("head"),
        delimiter: text("delimiter"),
        other: raw("other"),
        label: text("label"),
        keys: ticked("keys"),
        replace: ticked("replace"),
    }
}

/// FATE's upload configuration of the form.
fn conf(form: &look::Form) -> Result<Conf, Oops> {
    let delimiter = delimiter(&form.delimiter, &form.other).ok_or_else(|| {
        Oops::new(400, "say what separates the columns: choose a delimiter, or type one beside \"other\"")
    })?;
    let mut conf = json!({
        "namespace": form.namespace, "table_name": form.name, "partition": form.partitions, "head": u8::from(form.head),
        "id_delimiter": delimiter, "drop": u8::from(form.replace),
    });
    if form.keys {
        conf["extend_sid"] = true.into();
    }
    if !form.label.is_empty() {
        if !form.head {
            return Err(Oops::new(400, "a label is named by the first line: tick that it names the columns"));
        }
        conf["with_meta"] = true.into();
        conf["meta"] = json!({"delimiter": delimiter, "with_label": true, "label_name": form.label});
    }
    match conf {
        Value::Object(conf) => Ok(conf),
        _ => Ok(Conf::new()),
    }
}

/// The delimiter of a word; of `other` what was typed.
fn delimiter<'f>(word: &str, other: &'f str) -> Option<&'f str> {
    let known = DELIMITERS.iter().find(|known| known.word == word).map(|known| known.text);
    known.or(Some(other).filter(|other| word == "other" && !other.is_empty()))
}

/// What the beginning of a file looks like: the body; how it is read stands in the query.
pub(super) async fn preview(visit: Visit, RawQuery(query): RawQuery, request: Request) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let bytes = axum::body::to_bytes(request.into_body(), LONGEST_PREVIEW).await;
    let bytes = bytes.map_err(|_| Oops::new(413, format!("send the first {LONGEST_PREVIEW} bytes of the file")))?;
    let said = query.get("delimiter").and_then(|word| delimiter(word, query.get("other").unwrap_or_default()));
    let head = query.get("head").map(|word| word == "1");
    let preview = Preview::of(&bytes, query.get("whole").is_some(), said, head, query.get("keys").is_some());
    Ok(Html(look::preview(&visit.view, &preview).into_string()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &Value) -> look::Form {
        typed(fields.as_object().unwrap())
    }

    #[test]
    fn fields_become_fates_conf() {
        let said =
            json!({"namespace": "n", "name": " 7 ", "partitions": 4, "head": 1, "delimiter": "tab", "label": "y"});
        let want = json!({"namespace": "n", "table_name": "7", "partition": "4", "head": 1, "id_delimiter": "\t",
            "drop": 0, "with_meta": true, "meta": {"delimiter": "\t", "with_label": true, "label_name": "y"}});
        assert_eq!(Value::Object(conf(&form(&said)).unwrap()), want);
        let other = json!({"name": "t", "delimiter": "other", "other": "||", "keys": 1, "replace": 1});
        let made = conf(&form(&other)).unwrap();
        let seen = (&made["id_delimiter"], &made["extend_sid"], &made["drop"]);
        assert_eq!(seen, (&json!("||"), &json!(true), &json!(1)));
        assert!(conf(&form(&json!({"delimiter": "other"}))).unwrap_err().words.contains("what separates"));
        let headless = json!({"delimiter": "comma", "label": "y"});
        assert!(conf(&form(&headless)).unwrap_err().words.contains("first line"));
    }
}
