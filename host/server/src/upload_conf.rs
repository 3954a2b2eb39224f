//! The conf of an upload, from wherever a client puts it: as JSON text that is the whole query string (FATE's clients),
//! as query arguments, or as fields of the form. Not for: whether the conf makes sense (the node checks it).

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::{answer::Refusal, queried::decoded};

/// The conf of an upload, as it came.
pub(crate) type Conf = Map<String, Value>;

/// Keys whose values are text even when they look like something else.
const TEXTS: [&str; 6] = ["table_name", "name", "namespace", "file", "id_delimiter", "conf_path"];

/// The conf in a query string, which is everything after the first `?` as it was sent. JSON is decoded once, and
/// neither `+` nor `=` nor `&` means anything in it.
pub(crate) fn from_query(raw: &str) -> Result<Conf, Refusal> {
    let text = percent_decode_str(raw).decode_utf8_lossy();
    if !text.trim_start().starts_with('{') {
        return Ok(arguments(raw));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(conf)) => Ok(conf),
        Ok(_) => Err(Refusal::exception("the query string is JSON, but no object")),
        Err(e) => Err(Refusal::exception(&format!(
            "the query string begins as JSON, but is none: {e}; clients cut it at #: use none in names and paths"
        ))),
    }
}

fn arguments(raw: &str) -> Conf {
    let pairs = raw.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decoded(key);
            let value = typed(&key, &decoded(value));
            (key, value)
        })
        .collect()
}

/// A value that came as text: numbers, truth values, objects and lists are what they look like.
pub(crate) fn typed(key: &str, text: &str) -> Value {
    if TEXTS.contains(&key) {
        return text.into();
    }
    match text {
        "True" => true.into(),
        "False" => false.into(),
        "None" => Value::Null,
        _ => match serde_json::from_str(text) {
            Ok(Value::String(_)) | Err(_) => text.into(),
            Ok(value) => value,
        },
    }
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use serde_json::json;

    use super::*;

    #[test]
    fn fates_client_sends_json() {
        // Query of a recorded `flow data upload`.
        let raw = "%7B%22file%22:%20%22/data/breast_hetero_guest.csv%22,%20%22table_name%22:%20%22breast_hetero_guest\
                   %22,%20%22namespace%22:%20%22experiment%22,%20%22head%22:%201,%20%22partition%22:%208,%20%22drop\
                   %22:%201%7D";
        let want = json!({"file": "/data/breast_hetero_guest.csv", "table_name": "breast_hetero_guest",
            "namespace": "experiment", "head": 1, "partition": 8, "drop": 1});
        assert_eq!(Value::Object(from_query(raw).unwrap()), want);
    }

    #[test]
    fn signs_in_json_mean_nothing() {
        let conf = json!({"namespace": "a=b&c+d", "table_name": "50%25 + 1", "id_delimiter": "&", "meta": {"x": "ä"}});
        let text = conf.to_string();
        let quoted = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        assert_eq!(Value::Object(from_query(&quoted).unwrap()), conf);
        // As `requests` quotes: these stay as they are.
        let raw = "%7B%22namespace%22:%20%22a=b&c+d%22,%20%22id_delimiter%22:%20%22;%22%7D";
        assert_eq!(Value::Object(from_query(raw).unwrap()), json!({"namespace": "a=b&c+d", "id_delimiter": ";"}));
        assert!(from_query("%7B%22namespace%22").is_err());
    }

    #[test]
    fn arguments_are_read_as_any_form() {
        let raw =
            "namespace=a%3Db%26c%2Bd&table_name=t+1&head=1&partition=4&extend_sid=True&meta=%7B%22a%22%3A1%7D&name=7";
        let want = json!({"namespace": "a=b&c+d", "table_name": "t 1", "head": 1, "partition": 4, "extend_sid": true,
            "meta": {"a": 1}, "name": "7"});
        assert_eq!(Value::Object(from_query(raw).unwrap()), want);
        assert_eq!(from_query("").unwrap(), Map::new());
    }
}
