//! One who visits a served site with a browser: keeps the cookie of a session, sees every answer as it comes, and opens
//! sockets. Not for: FATE's clients (`http`), keys that are sent with each request (`accounts`), a real browser.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tungstenite::{ClientRequestBuilder, Message, WebSocket, http::Uri, stream::MaybeTlsStream};
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response},
};

use crate::http::Served;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Largest answer that is read, bytes.
const MAX_ANSWER: u64 = 256 << 20;
/// The cookie of a session.
const SESSION: &str = "parcae_session";

/// A visitor.
pub struct Visitor<'s> {
    served: &'s Served,
    agent: Agent,
    /// What the browser keeps, once there is a session.
    pub session: Option<String>,
    /// Headers that go with every request.
    pub headers: Vec<(String, String)>,
}

/// What the visitor is answered.
#[derive(Clone, Debug)]
pub struct Seen {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub bytes: Vec<u8>,
    headers: HeaderMap,
}

/// A socket.
pub struct Socket(WebSocket<MaybeTlsStream<TcpStream>>);

impl Served {
    /// One who has no session yet.
    pub fn visitor(&self) -> Visitor<'_> {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None);
        let agent: Agent = config.timeout_global(Some(PATIENCE)).build().into();
        Visitor { served: self, agent, session: None, headers: Vec::new() }
    }

    /// One who has logged in with a key.
    #[track_caller]
    pub fn logged_in(&self, key: &str) -> Visitor<'_> {
        let mut visitor = self.visitor();
        let seen = visitor.log_in(key, "");
        assert_eq!(seen.status, 303, "{}", seen.text());
        visitor
    }
}

impl Visitor<'_> {
    /// Fills in the page to log in at.
    pub fn log_in(&mut self, key: &str, next: &str) -> Seen {
        let seen = self.post("/login", &[("key", key), ("next", next)]);
        self.keep(&seen);
        seen
    }

    /// Keeps the session that an answer begins, or forgets the one that it ends.
    pub fn keep(&mut self, seen: &Seen) {
        let all = seen.headers.get_all("set-cookie").into_iter().filter_map(|text| text.to_str().ok());
        let mut pairs = all.filter_map(|text| text.split(';').next()?.split_once('='));
        if let Some((_, id)) = pairs.find(|(name, _)| *name == SESSION) {
            self.session = (!id.is_empty()).then(|| id.to_owned());
        }
    }

    /// Goes to a page.
    pub fn get(&self, target: &str) -> Seen {
        self.send("GET", target, "", b"")
    }

    /// Sends a form.
    pub fn post(&self, target: &str, fields: &[(&str, &str)]) -> Seen {
        self.send("POST", target, "application/x-www-form-urlencoded", form(fields).as_bytes())
    }

    /// Sends JSON, as scripts do.
    pub fn json(&self, method: &str, target: &str, body: &Value) -> Seen {
        self.send(method, target, "application/json", body.to_string().as_bytes())
    }

    /// Sends anything.
    pub fn send(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> Seen {
        let url = format!("http://{}{target}", self.served.address());
        let request = match method {
            "GET" => self.agent.get(url).force_send_body(),
            "PUT" => self.agent.put(url),
            _ => self.agent.post(url),
        };
        let request = request.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        let request = if kind.is_empty() { request } else { request.header("Content-Type", kind) };
        let request = self.own().into_iter().fold(request, |request, (name, value)| request.header(name, value));
        Seen::of(request.send(body))
    }

    /// Opens a socket, or says what was answered instead: an HTTP status, and words.
    pub fn socket(&self, target: &str) -> Result<Socket, (u16, String)> {
        let uri: Uri = format!("ws://{}{target}", self.served.address()).parse().expect("an address");
        let request = ClientRequestBuilder::new(uri);
        let request = self.own().into_iter().fold(request, |request, (name, value)| request.with_header(name, value));
        match tungstenite::connect(request) {
            Ok((socket, _)) => {
                if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
                    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
                }
                Ok(Socket(socket))
            }
            Err(tungstenite::Error::Http(response)) => {
                let words = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
                Err((response.status().as_u16(), words.into_owned()))
            }
            Err(error) => panic!("{target}: {error}"),
        }
    }

    fn own(&self) -> Vec<(String, String)> {
        let cookie = self.session.iter().map(|id| ("Cookie".to_owned(), format!("theme=1; {SESSION}={id}")));
        self.headers.iter().cloned().chain(cookie).collect()
    }
}

/// Fields of a form, encoded.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Seen {
    fn of(sent: Result<Response<Body>, ureq::Error>) -> Seen {
        let mut response = sent.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().expect("a whole answer");
        assert_ne!(status, 500, "{}", String::from_utf8_lossy(&bytes));
        Seen { status, bytes, headers }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.bytes) {
            Ok(value) => value,
            Err(error) => panic!("HTTP {}, no JSON ({error}): {}", self.status, self.text()),
        }
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Socket {
    /// Says something.
    pub fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).expect("the server listens");
    }

    /// Says something to who may have left; whether it could be sent.
    pub fn try_say(&mut self, text: &str) -> bool {
        self.0.send(Message::text(text)).is_ok()
    }

    /// The next text; none once the socket is closed.
    pub fn hear(&mut self) -> Option<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "nothing was said for two minutes");
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("nothing was said for two minutes")
                }
                Err(_) => return None,
            }
        }
    }

    /// All texts until the socket is closed.
    pub fn all(mut self) -> Vec<String> {
        std::iter::from_fn(|| self.hear()).collect()
    }

    /// The next text as JSON.
    #[track_caller]
    pub fn hear_json(&mut self) -> Value {
        let text = self.hear().expect("the socket is open");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("no JSON ({e}): {text}"))
    }
}
