//! Who has logged in at the board: a cookie without meaning stands for a key until it is not used for hours, its owner
//! logs out, or the node stops. Whether the key still holds is looked up with every request. Not for: checking keys
//! (`bearer`).

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};

use crate::answer::Refusal;

/// Name of the cookie.
const COOKIE: &str = "parcae_session";
/// How long a session lasts that is not used, ms.
const IDLE: i64 = 12 * 3_600_000;
/// How long any lasts, ms.
const LONGEST: i64 = 7 * 24 * 3_600_000;
/// Sessions that are kept: beyond that the ones go that were not used for the longest time.
const MOST: usize = 10_000;
/// Sessions of one key that are kept, in the same way: who logs in again and again puts nobody else out.
const OF_A_KEY: usize = 100;

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// Id of the key; none of who logged in while the node asked nobody for one.
    pub(crate) key: Option<String>,
    began_ms: i64,
    used_ms: i64,
}

impl Sessions {
    /// Begins one; the text is what the browser keeps.
    pub(crate) fn begin(&self, key: Option<String>, now_ms: i64) -> Result<String, Refusal> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| Refusal::internal(&format!("randomness of a session: {e}")))?;
        let id = bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.lasts(now_ms));
        if all.values().filter(|session| session.key == key).count() >= OF_A_KEY {
            forget_oldest(&mut all, |session| session.key == key);
        } else if all.len() >= MOST {
            forget_oldest(&mut all, |_| true);
        }
        all.insert(id.clone(), Session { key, began_ms: now_ms, used_ms: now_ms });
        Ok(id)
    }

    /// The session of a request, which is used thereby.
    pub(crate) fn of(&self, headers: &HeaderMap, now_ms: i64) -> Option<Session> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get_mut(cookie(headers, COOKIE)?)?;
        if !session.lasts(now_ms) {
            return None;
        }
        session.used_ms = now_ms;
        Some(session.clone())
    }

    /// Ends that of a request.
    pub(crate) fn end(&self, headers: &HeaderMap) {
        if let Some(id) = cookie(headers, COOKIE) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        }
    }
}

/// Forgets the one of some that was not used for the longest time.
fn forget_oldest(all: &mut HashMap<String, Session>, is_one: impl Fn(&Session) -> bool) {
    let some = all.iter().filter(|(_, session)| is_one(session));
    if let Some(oldest) = some.min_by_key(|(_, session)| session.used_ms).map(|(id, _)| id.clone()) {
        all.remove(&oldest);
    }
}

impl Session {
    fn lasts(&self, now_ms: i64) -> bool {
        now_ms - self.used_ms < IDLE && now_ms - self.began_ms < LONGEST
    }
}

/// What makes a browser keep a session, or forget it when there is none.
pub(crate) fn set_cookie(id: Option<&str>, is_tls: bool) -> HeaderValue {
    let secure = if is_tls { "; Secure" } else { "" };
    let (id, age) = id.map_or(("", 0), |id| (id, LONGEST / 1_000));
    let text = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Whether a request comes with a session, be it one that has ended.
pub(crate) fn has_cookie(headers: &HeaderMap) -> bool {
    cookie(headers, COOKIE).is_some_and(|id| !id.is_empty())
}

/// The cookie of a name.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(its_name, _)| *its_name == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(id: &str) -> HeaderMap {
        let text = format!("other=1; {COOKIE}={id}; theme=dark");
        HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())])
    }

    #[test]
    fn a_session_ends() {
        let sessions = Sessions::default();
        let [first, other] = ["k1", "k2"].map(|key| sessions.begin(Some(key.into()), 0).unwrap());
        assert_ne!(first, other);
        assert_eq!(sessions.of(&with(&first), IDLE - 1).unwrap().key.as_deref(), Some("k1"));
        assert_eq!(sessions.of(&with(&first), 2 * IDLE - 2).unwrap().key.as_deref(), Some("k1"), "it was used");
        assert_eq!(sessions.of(&with(&other), IDLE), None);
        sessions.end(&with(&first));
        assert_eq!(sessions.of(&with(&first), 2 * IDLE - 2), None);
        assert_eq!(sessions.of(&with("x"), 0), None);
    }

    #[test]
    fn a_key_that_logs_in_for_ever_puts_out_only_itself() {
        let sessions = Sessions::default();
        let other = sessions.begin(Some("k2".into()), 0).unwrap();
        let all: Vec<String> = (1..=150).map(|at| sessions.begin(Some("k1".into()), at).unwrap()).collect();
        let kept = all.iter().map(|id| sessions.of(&with(id), 200).is_some());
        assert_eq!(kept.collect::<Vec<bool>>(), [vec![false; 50], vec![true; 100]].concat());
        assert!(sessions.of(&with(&other), 200).is_some());
    }

    #[test]
    fn none_lasts_for_ever() {
        let sessions = Sessions::default();
        let id = sessions.begin(None, 0).unwrap();
        let used = (1..=LONGEST / IDLE + 1).take_while(|n| sessions.of(&with(&id), n * (IDLE - 1)).is_some()).count();
        assert_eq!(i64::try_from(used).unwrap(), LONGEST / IDLE);
    }

    #[test]
    fn the_cookie_is_for_the_node_alone() {
        let text = |id, is_tls| set_cookie(id, is_tls).to_str().unwrap().to_owned();
        assert!(
            text(Some("a"), true).ends_with("; Secure") && text(Some("a"), false).contains("HttpOnly; SameSite=Lax")
        );
        assert!(text(None, false).contains("parcae_session=; ") && text(None, false).contains("Max-Age=0"));
    }
}
