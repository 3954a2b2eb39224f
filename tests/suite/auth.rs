//! Client authentication over HTTP: what FATE's two clients sign is taken, everything else is answered with retcode
//! 109, and nothing is taken twice. Not for: single pieces of a signature (`parcae-api`), the real client (`client`).

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use parcae_api::signature::{Pieces, form_piece};
use parcae_server::{Options, Secret};
use parcae_tests::{
    Site, breast,
    http::{Raw, Served, form, form_type, list, upload_path},
};
use serde_json::{Value, json};

const KEY: &str = "lab-1";
const SECRET: &str = "hush, a secret";
const JSON: &str = "application/json";

/// What a client signs, and how it says so.
struct Signed<'a> {
    target: &'a str,
    body: &'a [u8],
    form: &'a str,
    key: &'a str,
    secret: &'a str,
    timestamp: String,
    nonce: String,
}

impl<'a> Signed<'a> {
    /// As FATE's client does it, with a nonce that nobody had.
    fn new(target: &'a str, body: &'a [u8]) -> Signed<'a> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let nonce = format!("n-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Signed { target, body, form: "", key: KEY, secret: SECRET, timestamp: now_ms().to_string(), nonce }
    }

    fn signature(&self) -> String {
        let Signed { target, body, form, key: app_key, secret, timestamp, nonce } = self;
        Pieces { timestamp, nonce, app_key, target, body, form }.sign(&Secret::new(*secret))
    }

    /// Sends a body of a type to a target with these headers.
    fn send_to(&self, served: &Served, method: &str, target: &str, kind: &str, body: &[u8]) -> Raw {
        let signature = self.signature();
        let headers = [
            ("TIMESTAMP", self.timestamp.as_str()),
            ("NONCE", self.nonce.as_str()),
            ("APP_KEY", self.key),
            ("SIGNATURE", signature.as_str()),
            ("Content-Type", kind),
        ];
        served.send(method, target, &headers, body)
    }

    /// Sends what was signed.
    fn send(&self, served: &Served) -> Raw {
        self.send_to(served, "POST", self.target, JSON, self.body)
    }
}

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A node that knows two clients.
fn guarded() -> Served {
    let clients =
        [(KEY, SECRET), ("lab-2", "another")].map(|(key, secret)| (key.to_owned(), Secret::new(secret).into()));
    Served::with(Site::new(), Options { clients: BTreeMap::from(clients), ..Options::default() })
}

/// Retcode 109 in an envelope with status 200 and words that give nothing away.
#[track_caller]
fn refused(raw: &Raw, words: &str) {
    let (status, answer) = raw.answer();
    assert_eq!((status, &answer["retcode"]), (200, &json!(109)), "{answer}");
    let text = answer["retmsg"].as_str().unwrap();
    assert!(text.contains(words) && !text.contains(SECRET), "{words:?} is not in {text:?}");
    assert!(answer.get("data").is_none(), "{answer}");
}

#[track_caller]
fn data(raw: &Raw) -> Value {
    let (status, answer) = raw.answer();
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{answer}");
    answer["data"].clone()
}

#[test]
fn without_clients_nobody_signs() {
    let served = Served::new();
    assert_eq!(served.data("version/get", json!({}))["API"], "v1");
    let signed = Signed { key: "nobody", ..Signed::new("/v1/version/get", b"{}") };
    assert_eq!(data(&signed.send(&served))["API"], "v1");
}

#[test]
fn what_is_not_signed_is_refused_whatever_it_is() {
    let served = guarded();
    let all = ["version/get", "job/submit", "job/query", "job/log/download", "nope", "limits", "template/download", ""];
    for path in all {
        refused(&served.send("POST", &format!("/v1/{path}"), &[], b"{}"), "TIMESTAMP,NONCE,APP_KEY,SIGNATURE");
    }
    refused(&served.get("/v1/limits"), "headers are missing");
    refused(&served.get("/v1"), "headers are missing");
    refused(&served.get("/nope"), "headers are missing");
    let conf = json!({"file": "a.csv", "head": 1, "partition": 1, "namespace": "n", "table_name": "t"});
    let (status, answer) = served.upload(&conf, &b"id,x\na,1\n".repeat(100_000));
    assert_eq!((status, &answer["retcode"]), (200, &json!(109)), "{answer}");
    // Whether the node is there, and what it speaks, is no secret.
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(served.get("/openapi.json").json()["info"]["title"], "Parcae");
}

#[test]
fn both_clients_of_fate_are_understood() {
    let served = guarded();
    let body = br#"{"module": "FATE"}"#;
    assert_eq!(data(&Signed::new("/v1/version/get", body).send(&served))["FATE"], "1.11.2");
    assert_eq!(data(&Signed::new("/v1/version/get/", body).send(&served))["FATE"], "1.11.2");
    // The command line signs `{}`, the SDK nothing; and some requests have no body.
    let (empty, braces): (&[u8], &[u8]) = (b"", b"{}");
    for (signed, sent) in [(braces, braces), (empty, braces), (empty, empty)] {
        let target = "/v1/server/version/get";
        let raw = Signed::new(target, signed).send_to(&served, "POST", target, JSON, sent);
        assert_eq!(data(&raw)["API"], "v1");
    }
    // Other servers write the key's header with a hyphen.
    let signed = Signed::new("/v1/version/get", b"{}");
    let signature = signed.signature();
    let headers = [
        ("TIMESTAMP", signed.timestamp.as_str()),
        ("NONCE", signed.nonce.as_str()),
        ("APP-KEY", KEY),
        ("SIGNATURE", signature.as_str()),
    ];
    assert_eq!(data(&served.send("POST", "/v1/version/get", &headers, b"{}"))["API"], "v1");
    let other = Signed { key: "lab-2", secret: "another", ..Signed::new("/v1/version/get", b"{}") };
    assert_eq!(data(&other.send(&served))["API"], "v1");
    // A query string is signed as it was sent.
    let odd = Signed::new("/v1/version/get?a=%7B%22x%22:1,%20&b=%2b", b"{}");
    assert_eq!(data(&odd.send(&served))["API"], "v1");
    assert_eq!(Signed::new("/v1/nope", b"{}").send(&served).json()["retcode"], 100);
}

#[test]
fn what_was_changed_on_its_way_is_refused() {
    let served = guarded();
    let (target, body) = ("/v1/version/get?x=1", br#"{"module": "FATE"}"#);
    let wrong = "SIGNATURE is not right";
    let sent_to = |target: &str, body: &[u8]| {
        Signed::new("/v1/version/get?x=1", br#"{"module": "FATE"}"#).send_to(&served, "POST", target, JSON, body)
    };
    refused(&sent_to(target, br#"{"module": "JDK"}"#), wrong);
    refused(&sent_to(target, b"{}"), wrong);
    refused(&sent_to(target, b""), wrong);
    refused(&sent_to("/v1/version/get?x=2", body), wrong);
    refused(&sent_to("/v1/version/get", body), wrong);
    refused(&sent_to("/v1/info/version?x=1", body), wrong);
    // A body that says it is a form is read as JSON elsewhere, and must be signed.
    let unsigned = Signed::new("/v1/version/get", b"");
    refused(&unsigned.send_to(&served, "POST", "/v1/version/get", &form_type(), body), wrong);
    // A wrong secret and an unknown key look the same.
    let secret = Signed { secret: "guessed", ..Signed::new(target, body) }.send(&served);
    let key = Signed { key: "lab-3", ..Signed::new(target, body) }.send(&served);
    refused(&secret, wrong);
    assert_eq!(secret.json(), key.json());
    // Nor does the other's secret do.
    refused(&Signed { key: "lab-2", ..Signed::new(target, body) }.send(&served), wrong);
}

#[test]
fn old_and_early_requests_are_refused() {
    let served = guarded();
    for off in [-70_000, 70_000, -86_400_000] {
        let timestamp = (now_ms() + off).to_string();
        let signed = Signed { timestamp, ..Signed::new("/v1/version/get", b"{}") };
        refused(&signed.send(&served), "60 seconds off");
    }
    for timestamp in ["now", "1.5", "-", "1e12"].map(str::to_owned) {
        let signed = Signed { timestamp, ..Signed::new("/v1/version/get", b"{}") };
        refused(&signed.send(&served), "no whole number");
    }
    let near = (now_ms() + 30_000).to_string();
    let signed = Signed { timestamp: near, ..Signed::new("/v1/version/get", b"{}") };
    assert_eq!(data(&signed.send(&served))["API"], "v1");
    // A node does not know the nonces of what was sent before it was started.
    let timestamp = (now_ms() - 30_000).to_string();
    let signed = Signed { timestamp, ..Signed::new("/v1/version/get", b"{}") };
    refused(&signed.send(&served), "send the request again");
}

#[test]
fn a_request_that_was_read_by_others_cannot_be_sent_again() {
    let served = guarded();
    let signed = Signed::new("/v1/version/get", b"{}");
    assert_eq!(data(&signed.send(&served))["API"], "v1");
    refused(&signed.send(&served), "NONCE came before");
    // Nor can its nonce be used for another request of that client; those of others are theirs.
    let nonce = signed.nonce.clone();
    refused(&Signed { nonce: nonce.clone(), ..Signed::new("/v1/job/query", b"{}") }.send(&served), "NONCE came before");
    let other = Signed { nonce, key: "lab-2", secret: "another", ..Signed::new("/v1/version/get", b"{}") };
    assert_eq!(data(&other.send(&served))["API"], "v1");
}

/// The whole example is not needed: an upload, and its rows with a body in a GET.
#[test]
fn uploads_and_downloads_are_signed() {
    let served = guarded();
    let csv = breast::file("breast_hetero_guest.csv");
    let conf = json!({"file": "guest.csv", "head": 1, "partition": 4, "namespace": "experiment", "table_name": "t"});
    let target = format!("/v1/{}", upload_path(&conf));
    let whole = form("guest.csv", csv.as_bytes());
    let send = |signed: &Signed, body: &[u8]| signed.send_to(&served, "POST", &target, &form_type(), body);
    refused(&send(&Signed::new("/v1/data/upload", b""), &whole), "SIGNATURE is not right");
    // A field of the form is nobody's word: it could have been added on the way.
    let more = b"--parcae-tests-7d93b1\r\nContent-Disposition: form-data; name=\"drop\"\r\n\r\n1\r\n";
    refused(&send(&Signed::new(&target, b""), &[&more[..], &whole[..]].concat()), "not signed");
    let taken = data(&send(&Signed::new(&target, b""), &whole));
    let job = taken["job_id"].as_str().unwrap();
    served.site.wait(job);
    let body = json!({"job_id": job, "role": "local", "party_id": "0"}).to_string();
    let rows = data(&Signed::new("/v1/job/query", body.as_bytes()).send(&served));
    assert_eq!((list(&rows).len(), &rows[0]["f_status"]), (1, &json!("success")), "{}", served.site.errors(job));
    let path = "/v1/tracking/component/output/data/download";
    let body = json!({"job_id": job, "role": "local", "party_id": "0", "component_name": "upload_0"}).to_string();
    let signed = Signed::new(path, body.as_bytes());
    let raw = signed.send_to(&served, "GET", path, JSON, body.as_bytes());
    let text = String::from_utf8_lossy(&raw.bytes);
    assert!(!text.contains("authentication failed"), "a body in a GET is signed like any other: {text:.200}");
    let unsigned = Signed::new(path, b"").send_to(&served, "GET", path, JSON, body.as_bytes());
    refused(&unsigned, "SIGNATURE is not right");
}

#[test]
fn the_fields_of_an_import_are_signed() {
    let served = guarded();
    let (path, boundary) = ("/v1/model/import", "parcae-tests-7d93b1");
    let fields = [("model_id", "guest-1#model"), ("model_version", "1"), ("role", "guest"), ("party_id", "1")];
    let part = |(name, value): (&str, &str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let body: Vec<u8> = fields.iter().flat_map(|field| part(*field)).chain(form("model.zip", b"no zip")).collect();
    let pairs: Vec<(String, String)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let piece = form_piece(&pairs);
    let send = |form: &str, body: &[u8]| {
        Signed { form, ..Signed::new(path, b"") }.send_to(&served, "POST", path, &form_type(), body)
    };
    // What is in the file is looked at only after that; it is no model.
    let good = send(&piece, &body).json();
    assert!(good["retcode"] != 109 && good["retcode"] != 0, "{good}");
    refused(&send("", &body), "SIGNATURE is not right");
    refused(&send(&piece.replace("role=guest", "role=host"), &body), "SIGNATURE is not right");
    let added: Vec<u8> = part(("force_update", "1")).into_iter().chain(body.clone()).collect();
    refused(&send(&piece, &added), "SIGNATURE is not right");
    let twice: Vec<u8> = part(("role", "guest")).into_iter().chain(body).collect();
    refused(&send(&piece, &twice), "twice");
    refused(&send(&piece, b"no form"), "the form cannot be read");
}
