//! Which requests are taken for a client's, and which are not.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method},
};

use super::*;

const NOW: i64 = 1_700_000_000_000;
const FORM: &str = "multipart/form-data; boundary=b";

fn verifier() -> Verifier {
    with_secret("sec")
}

fn with_secret(secret: &str) -> Verifier {
    opened_at(NOW - 1, secret)
}

fn opened_at(opened_ms: i64, secret: &str) -> Verifier {
    let clients = BTreeMap::from([("ak".to_owned(), Secret::new(secret).into())]);
    Verifier::new(clients, None, std::env::temp_dir(), opened_ms)
}

/// A request whose signature covers a body and a form as they are given here.
fn signed(target: &str, content_type: &str, body: &str, signed_body: &str, form: &str, nonce: &str) -> Request {
    let timestamp = NOW.to_string();
    let pieces = Pieces { timestamp: &timestamp, nonce, app_key: "ak", target, body: signed_body.as_bytes(), form };
    let signature = pieces.sign(&Secret::new("sec"));
    let headers = [
        ("TIMESTAMP", timestamp.as_str()),
        ("NONCE", nonce),
        ("APP_KEY", "ak"),
        ("SIGNATURE", signature.as_str()),
        ("content-type", content_type),
    ];
    let base = Request::builder().method(Method::POST).uri(target);
    let request = headers.into_iter().fold(base, |request, (name, value)| request.header(name, value));
    request.body(Body::from(body.to_owned())).unwrap()
}

fn json(body: &str, signed_body: &str) -> Request {
    signed("/v1/job/query", "application/json", body, signed_body, "", "n")
}

/// The body of a request that is let through, or why it is not.
async fn admitted(verifier: &Verifier, request: Request) -> Result<String, String> {
    match verifier.admit(request, NOW).await {
        Ok((request, caller)) => {
            let body = body::collect(&caller.tenant, request.into_body()).await.unwrap();
            Ok(String::from_utf8(body).unwrap())
        }
        Err(refusal) => Err(format!("{refusal:?}")),
    }
}

#[tokio::test]
async fn a_body_is_signed_and_comes_through_whole() {
    let taken = async |request| admitted(&verifier(), request).await;
    assert_eq!(taken(json("{\"a\": 1}", "{\"a\": 1}")).await.unwrap(), "{\"a\": 1}");
    // Both of FATE's clients.
    assert_eq!(taken(json("{}", "{}")).await.unwrap(), "{}");
    assert_eq!(taken(json("{}", "")).await.unwrap(), "{}");
    assert_eq!(taken(json("", "")).await.unwrap(), "");
    let one = "{\"a\": 1}";
    for (body, signed_body) in [(one, ""), (one, "{\"a\": 2}"), (one, "{\"a\":1}"), ("", "x")] {
        let refused = taken(json(body, signed_body)).await.unwrap_err();
        assert!(refused.contains("retcode: 109") && refused.contains("SIGNATURE is not right"), "{refused}");
    }
}

#[tokio::test]
async fn a_request_is_taken_once() {
    let verifier = verifier();
    admitted(&verifier, json("{}", "{}")).await.unwrap();
    let again = admitted(&verifier, json("{}", "{}")).await.unwrap_err();
    assert!(again.contains("NONCE came before"), "{again}");
    // One that is refused does not use its word up.
    let other = |signed_body: &'static str| signed("/v1/a", "", "{\"a\": 1}", signed_body, "", "n2");
    admitted(&verifier, other("no")).await.unwrap_err();
    admitted(&verifier, other("{\"a\": 1}")).await.unwrap();
}

#[tokio::test]
async fn what_was_sent_before_the_node_was_started_is_refused() {
    let refused = admitted(&opened_at(NOW + 1, "sec"), json("{}", "{}")).await.unwrap_err();
    assert!(refused.contains("retcode: 109") && refused.contains("send the request again"), "{refused}");
    admitted(&opened_at(NOW, "sec"), json("{}", "{}")).await.unwrap();
}

#[tokio::test]
async fn large_bodies_are_not_taken_for_nothing() {
    let nothing = |len: usize| format!("{{{}}}", " ".repeat(len - 2));
    let taken = async |body: &str| admitted(&verifier(), json(body, "")).await.is_ok();
    assert!(taken(&nothing(4096)).await);
    assert!(!taken(&nothing(4097)).await);
}

#[tokio::test]
async fn a_form_has_few_fields() {
    let field =
        |at: usize, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"f{at}\"\r\n\r\n{value}\r\n");
    let refused = async |count: usize, value: &str| {
        let form = (0..count).map(|at| field(at, value)).collect::<String>() + "--b--\r\n";
        admitted(&verifier(), signed("/v1/model/import", FORM, &form, "", "no", "n")).await.unwrap_err()
    };
    assert!(refused(100, "x").await.contains("SIGNATURE is not right"));
    assert!(refused(5000, "x").await.contains("more than 100 fields"));
    assert!(refused(50, &"x".repeat(30_000)).await.contains("larger than 1024 KiB"));
}

#[tokio::test]
async fn the_target_is_signed_as_it_was_sent() {
    let taken = async |sign: &str, send: &str| {
        let mut request = signed(sign, "", "", "", "", "n");
        *request.uri_mut() = send.parse().unwrap();
        admitted(&verifier(), request).await.is_ok()
    };
    assert!(taken("/v1/a%23b?x=%7B%22a%22:1", "/v1/a%23b?x=%7B%22a%22:1").await);
    assert!(taken("/v1/a", "/v1/a?").await);
    assert!(!taken("/v1/a", "/v1/a/").await);
    assert!(!taken("/v1/a?x=1", "/v1/a?x=2").await);
    assert!(!taken("/v1/a%23", "/v1/a%2B").await);
}

#[tokio::test]
async fn forms_are_signed_by_their_fields_where_they_have_some() {
    let field =
        |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"m\"\r\n\r\nPK\r\n--b--\r\n";
    let form = field("model_id", "a#b") + &field("force_update", "0") + file;
    let import = |body: &str, form: &str| signed("/v1/model/import", FORM, body, "", form, "n");
    let right = "force_update=0&model_id=a%23b";
    assert_eq!(admitted(&verifier(), import(&form, right)).await.unwrap(), form);
    for wrong in ["", "force_update=1&model_id=a%23b", "force_update=0&model_id=a#b"] {
        assert!(admitted(&verifier(), import(&form, wrong)).await.is_err(), "{wrong}");
    }
    let twice = field("model_id", "a#b") + &field("model_id", "c") + &field("force_update", "0") + file;
    assert!(admitted(&verifier(), import(&twice, right)).await.unwrap_err().contains("twice"));
    assert!(admitted(&verifier(), import("no form", right)).await.unwrap_err().contains("cannot be read"));
    // An upload's form is not read here; its handler is told so.
    let upload = |target: &str| signed(target, FORM, file, "", "", "n");
    let Ok((request, caller)) = verifier().admit(upload("/v1/data/upload"), NOW).await else { panic!("refused") };
    assert_eq!((caller.name.as_str(), caller.tenant.as_str()), ("ak", "default"));
    assert!(request.extensions().get::<FieldsUnsigned>().is_some());
    // Other paths read any body as JSON: it must be signed as such.
    assert!(admitted(&verifier(), signed("/v1/job/submit", FORM, "{\"a\": 1}", "", "", "n")).await.is_err());
}

#[test]
fn headers_are_looked_at() {
    let now = NOW.to_string();
    let all = [("TIMESTAMP", now.as_str()), ("NONCE", "n"), ("APP-KEY", "ak"), ("SIGNATURE", "s")];
    let headers = |change: &[(&str, &str)]| {
        let pairs: BTreeMap<&str, &str> = all.into_iter().chain(change.iter().copied()).collect();
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
            .collect::<HeaderMap>()
    };
    let read = |change: &[(&str, &str)]| Claim::read(&headers(change), NOW).map_err(|refusal| format!("{refusal:?}"));
    assert_eq!(read(&[]).unwrap().app_key, "ak");
    assert_eq!(read(&[("APP-KEY", ""), ("APP_KEY", "ak2")]).unwrap().app_key, "ak2");
    let missing = read(&[("NONCE", ""), ("SIGNATURE", "")]).unwrap_err();
    assert!(missing.contains("missing: NONCE,SIGNATURE;"), "{missing}");
    for near in [NOW - 60_000, NOW + 60_000] {
        assert_eq!(read(&[("TIMESTAMP", &near.to_string())]).unwrap().sent_ms, near);
    }
    for far in [NOW - 60_001, NOW + 60_001, i64::MIN, 0] {
        assert!(read(&[("TIMESTAMP", &far.to_string())]).unwrap_err().contains("60 seconds off"), "{far}");
    }
    for none in ["now", "1.5", "99999999999999999999"] {
        assert!(read(&[("TIMESTAMP", none)]).unwrap_err().contains("no whole number"), "{none}");
    }
    assert!(read(&[("NONCE", &"n".repeat(MAX_NONCE + 1))]).unwrap_err().contains("longer"));
}

#[tokio::test]
async fn keys_and_secrets_that_are_wrong_look_the_same() {
    let mut stranger = json("{}", "{}");
    stranger.headers_mut().insert("app_key", HeaderValue::from_static("somebody"));
    let stranger = admitted(&verifier(), stranger).await.unwrap_err();
    assert_eq!(stranger, admitted(&with_secret("other"), json("{}", "{}")).await.unwrap_err());
}
