//! The requests to a registry (the distribution protocol of OCI), and logging in when it asks for that; it blocks. Not
//! for: what manifests hold (`artifact`), who somebody is (`login`).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Request, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, ResponseExt};

use super::artifact::{ACCEPTED, MANIFEST, digest_of};
use super::failure::{OciError, cure_of, said_by};
use super::login::{Challenge, Login, challenges};
use super::reference::{Reference, is_digest};

/// How long connecting, one step of reading or writing, and an answer may take.
const CONNECT: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(120);
/// Largest manifest and largest answer of other kinds, bytes.
const MANIFEST_BYTES: usize = 4 << 20;
const ANSWER_BYTES: usize = 1 << 20;
/// Header with the digest of a manifest that was asked for by its tag.
const DIGEST: &str = "docker-content-digest";
/// What content is sent as.
const BYTES: &str = "application/octet-stream";

/// What is done with a name in a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It is read.
    Pull,
    /// It is written.
    Publish,
}

/// A name in a registry.
pub(super) struct Registry {
    agent: Agent,
    /// `https://ghcr.io`
    base: String,
    /// As the user knows it.
    shown: String,
    name: String,
    access: Access,
    login: Option<Login>,
    /// Header of the same name, once the registry has asked for it.
    authorization: Option<String>,
}

/// A request, which may be sent twice.
struct Ask<'a> {
    method: &'static str,
    url: String,
    /// A header of the request.
    header: Option<(header::HeaderName, &'a str)>,
    body: Option<&'a [u8]>,
}

impl Registry {
    /// Nothing is sent yet.
    pub(super) fn new(reference: &Reference, plain: bool, access: Access, login: Option<Login>) -> Registry {
        let scheme = if plain { "http" } else { "https" };
        Registry {
            agent: agent(plain, reference.is_loopback()),
            base: format!("{scheme}://{}", reference.host()),
            shown: reference.registry.clone(),
            name: reference.name.clone(),
            access,
            login,
            authorization: None,
        }
    }

    /// A manifest by tag or digest, and what the registry says that it is.
    pub(super) fn manifest(&mut self, version: &str) -> Result<(Vec<u8>, String), OciError> {
        let url = self.url(&format!("manifests/{version}"));
        let header = Some((header::ACCEPT, ACCEPTED));
        let mut answer = self.ask(&Ask { method: "GET", url, header, body: None })?;
        self.expect(&mut answer, StatusCode::OK, &format!("manifest {version}"))?;
        let kind = text_of(&answer, header::CONTENT_TYPE.as_str());
        let kind = kind.split(';').next().unwrap_or_default().trim().to_owned();
        let manifest = self.read(&mut answer, MANIFEST_BYTES)?;
        let (wanted, found) = (text_of(&answer, DIGEST), digest_of(&manifest));
        if is_digest(wanted) && wanted != found {
            return Err(OciError::Changed { what: "the manifest", wanted: wanted.to_owned(), found });
        }
        Ok((manifest, kind))
    }

    /// Content by its digest, which must be the hash of what comes; it must have so many bytes.
    pub(super) fn blob(&mut self, digest: &str, bytes: usize) -> Result<Vec<u8>, OciError> {
        let url = self.url(&format!("blobs/{digest}"));
        let mut answer = self.ask(&Ask { method: "GET", url, header: None, body: None })?;
        self.expect(&mut answer, StatusCode::OK, &format!("content {digest}"))?;
        let content = self.read(&mut answer, bytes)?;
        let found = digest_of(&content);
        if found == digest {
            return Ok(content);
        }
        Err(OciError::Changed { what: "the component", wanted: digest.to_owned(), found })
    }

    /// Puts content into the registry, unless it is there.
    pub(super) fn put_blob(&mut self, content: &[u8]) -> Result<(), OciError> {
        let digest = digest_of(content);
        let url = self.url(&format!("blobs/{digest}"));
        if self.ask(&Ask { method: "HEAD", url, header: None, body: None })?.status() == StatusCode::OK {
            return Ok(());
        }
        let what = format!("content {digest}");
        let url = self.url("blobs/uploads/");
        let mut answer = self.ask(&Ask { method: "POST", url, header: None, body: Some(b"") })?;
        self.expect(&mut answer, StatusCode::ACCEPTED, &what)?;
        let place = text_of(&answer, header::LOCATION.as_str());
        let url = upload_url(&self.base, place, &digest).ok_or_else(|| OciError::Broken {
            registry: self.shown.clone(),
            cause: format!("it names {place:?} as the place for an upload"),
        })?;
        let header = Some((header::CONTENT_TYPE, BYTES));
        let mut answer = self.ask(&Ask { method: "PUT", url, header, body: Some(content) })?;
        self.expect(&mut answer, StatusCode::CREATED, &what)
    }

    /// Puts a manifest under a tag; all that it names must be there.
    pub(super) fn put_manifest(&mut self, tag: &str, manifest: &[u8]) -> Result<(), OciError> {
        let url = self.url(&format!("manifests/{tag}"));
        let header = Some((header::CONTENT_TYPE, MANIFEST));
        let mut answer = self.ask(&Ask { method: "PUT", url, header, body: Some(manifest) })?;
        self.expect(&mut answer, StatusCode::CREATED, &format!("manifest {tag}"))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v2/{}/{path}", self.base, self.name)
    }

    /// True for what the registry itself answers: storage elsewhere must not see a login, nor ask for one.
    fn is_own(&self, url: &str) -> bool {
        url.strip_prefix(self.base.as_str()).is_some_and(|path| path.starts_with('/'))
    }

    /// Sends a request, and once more when the registry wants to know first who asks.
    fn ask(&mut self, ask: &Ask<'_>) -> Result<Response<Body>, OciError> {
        let mut answer = self.send(ask)?;
        if answer.status() != StatusCode::UNAUTHORIZED || !self.is_own(&answer.get_uri().to_string()) {
            return Ok(answer);
        }
        let headers = answer.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let asked: Vec<Challenge> = headers.filter_map(|text| text.to_str().ok()).flat_map(challenges).collect();
        self.authorization = match self.authorize(&asked)? {
            Some(authorization) => Some(authorization),
            None => return Err(self.denied(&mut answer)),
        };
        self.send(ask)
    }

    fn send(&self, ask: &Ask<'_>) -> Result<Response<Body>, OciError> {
        let mut request = Request::builder().method(ask.method).uri(&ask.url);
        if let Some((name, value)) = &ask.header {
            request = request.header(name, *value);
        }
        if let Some(authorization) = self.authorization.as_ref().filter(|_| self.is_own(&ask.url)) {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let sent = match ask.body {
            Some(body) => request.body(body).map_err(ureq::Error::from).and_then(|request| self.agent.run(request)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|request| self.agent.run(request)),
        };
        sent.map_err(|e| unreachable(&ask.url, &e))
    }

    /// The header that answers what the registry asks for; none when there is nothing to answer it with.
    fn authorize(&self, asked: &[Challenge]) -> Result<Option<String>, OciError> {
        let bearer = asked.iter().find_map(|challenge| match challenge {
            Challenge::Bearer { realm, service } => Some((realm, service.as_deref())),
            Challenge::Basic => None,
        });
        match bearer {
            Some((realm, service)) => self.token(realm, service).map(Some),
            None if asked.contains(&Challenge::Basic) => Ok(self.login.as_ref().map(Login::basic)),
            None => Ok(None),
        }
    }

    /// Fetches a token from where the registry says.
    fn token(&self, realm: &str, service: Option<&str>) -> Result<String, OciError> {
        let broken = |cause: String| OciError::Broken { registry: self.shown.clone(), cause };
        let as_safe =
            realm.starts_with("https://") || (self.base.starts_with("http://") && realm.starts_with("http://"));
        if !as_safe {
            return Err(broken(format!("it has its tokens at {realm:?}, which is not https")));
        }
        let actions = match self.access {
            Access::Pull => "pull",
            Access::Publish => "pull,push",
        };
        let mut request = self.agent.get(realm).query("scope", format!("repository:{}:{actions}", self.name));
        if let Some(service) = service {
            request = request.query("service", service);
        }
        if let Some(login) = &self.login {
            request = request.header(header::AUTHORIZATION, login.basic());
        }
        let mut answer = request.call().map_err(|e| unreachable(realm, &e))?;
        if answer.status() != StatusCode::OK {
            return Err(self.denied(&mut answer));
        }
        let said: Value = serde_json::from_slice(&self.read(&mut answer, ANSWER_BYTES)?).unwrap_or_default();
        let token = ["token", "access_token"].into_iter().find_map(|key| said.get(key)?.as_str());
        let token = token.filter(|token| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()));
        token.map(|token| format!("Bearer {token}")).ok_or_else(|| broken("it gives no token that can be used".into()))
    }

    fn read(&self, answer: &mut Response<Body>, most: usize) -> Result<Vec<u8>, OciError> {
        // One more: reaching the limit is an error, too.
        answer.body_mut().with_config().limit(most as u64 + 1).read_to_vec().map_err(|e| {
            let cause = match e {
                ureq::Error::BodyExceedsLimit(_) => format!("it sends more than the {most} bytes that were due"),
                other => other.to_string(),
            };
            OciError::Broken { registry: self.shown.clone(), cause }
        })
    }

    /// An error when the registry has not done what it was asked.
    fn expect(&self, answer: &mut Response<Body>, wanted: StatusCode, what: &str) -> Result<(), OciError> {
        let status = answer.status();
        if status == wanted {
            return Ok(());
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(self.denied(answer)),
            StatusCode::NOT_FOUND => Err(OciError::Missing {
                registry: self.shown.clone(),
                name: self.name.clone(),
                what: what.to_owned(),
                said: self.said(answer),
            }),
            _ => Err(OciError::Refused {
                registry: self.shown.clone(),
                status: status.as_u16(),
                what: what.to_owned(),
                said: self.said(answer),
            }),
        }
    }

    fn said(&self, answer: &mut Response<Body>) -> String {
        said_by(&self.read(answer, ANSWER_BYTES).unwrap_or_default())
    }

    fn denied(&self, answer: &mut Response<Body>) -> OciError {
        let verb = if self.access == Access::Pull { "fetch" } else { "publish" };
        let (registry, name, said) = (self.shown.clone(), self.name.clone(), self.said(answer));
        match &self.login {
            Some(login) => OciError::Denied { registry, name, verb, username: login.username.clone(), said },
            None => OciError::Nobody { registry, name, verb, said },
        }
    }
}

/// A header of an answer; nothing when it is not there.
fn text_of<'a>(answer: &'a Response<Body>, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|text| text.to_str().ok()).unwrap_or_default()
}

fn unreachable(url: &str, error: &ureq::Error) -> OciError {
    let cause = error.to_string();
    let end = url.find("://").and_then(|at| url[at + 3..].find('/').map(|length| at + 3 + length));
    OciError::Unreachable { url: url[..end.unwrap_or(url.len())].to_owned(), cure: cure_of(&cause), cause }
}

fn agent(plain: bool, is_loopback: bool) -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .https_only(!plain)
        .max_redirects(5)
        .user_agent(concat!("parcae/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(STEP))
        .timeout_per_write(Some(STEP))
        .timeout_recv_response(Some(ANSWER))
        .tls_config(tls.build());
    // What is on this machine is not reached by way of another one.
    if is_loopback { config.proxy(None).build().into() } else { config.build().into() }
}

/// Where content is sent, of which the registry said so: a path of its own, or a whole URL.
fn upload_url(base: &str, place: &str, digest: &str) -> Option<String> {
    let is_whole = place.starts_with("https://") || place.starts_with("http://");
    let url = if place.starts_with('/') && !place.starts_with("//") {
        format!("{base}{place}")
    } else if is_whole {
        place.to_owned()
    } else {
        return None;
    };
    let sign = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{sign}digest={digest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str, plain: bool) -> Registry {
        Registry::new(&Reference::parse(text).unwrap(), plain, Access::Pull, None)
    }

    #[test]
    fn uploads_go_where_the_registry_says() {
        let url = |place: &str| upload_url("https://a.b", place, "sha256:1");
        assert_eq!(url("/v2/x?s=1").as_deref(), Some("https://a.b/v2/x?s=1&digest=sha256:1"));
        assert_eq!(url("https://c.d/x").as_deref(), Some("https://c.d/x?digest=sha256:1"));
        for nonsense in ["", "//c.d/x", "x", "file:///x"] {
            assert_eq!(url(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_login_is_for_the_registry_alone() {
        let registry = registry("a.b/score", false);
        assert_eq!(registry.url("blobs/x"), "https://a.b/v2/score/blobs/x");
        assert!(registry.is_own("https://a.b/v2/"));
        for url in ["http://a.b/v2/", "https://a.b.evil.org/v2/", "https://a.b:444/v2/", "https://a.b@evil.org/"] {
            assert!(!registry.is_own(url), "{url}");
        }
    }

    #[test]
    fn tokens_are_not_fetched_in_the_clear() {
        let registry = registry("a.b/score", false);
        let error = registry.token("http://a.b/token", None).unwrap_err().to_string();
        assert!(error.contains("not https"), "{error}");
        assert_eq!(registry.authorize(&[Challenge::Basic]).unwrap(), None);
        assert_eq!(registry.authorize(&[]).unwrap(), None);
    }
}
