//! Words that signed requests carried: each client may use one once, so that a request that somebody else has read
//! cannot be sent again. Kept as long as the request could be taken, in memory, with a bound. Not for: signatures
//! (`signature`).

use std::collections::HashMap;

/// Words of one client that are kept at once; as many requests can it send within two minutes.
const MOST: usize = 200_000;
/// How often those that are no longer needed are dropped, ms.
const DROP_EVERY: i64 = 10_000;

/// Words of requests that were taken.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    /// Words by client, with the time until which the request could be sent again.
    until_ms: HashMap<String, HashMap<String, i64>>,
    drop_at_ms: i64,
}

/// Why a word is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another request had it.
    Seen,
    /// There are too many.
    Full,
}

impl Nonces {
    /// Takes a client's word for a request that is not taken any more after `until_ms`.
    pub(crate) fn take(&mut self, client: &str, word: &str, until_ms: i64, now_ms: i64) -> Result<(), Refused> {
        if now_ms >= self.drop_at_ms {
            self.until_ms.retain(|_, words| {
                words.retain(|_, until_ms| *until_ms >= now_ms);
                !words.is_empty()
            });
            self.drop_at_ms = now_ms.saturating_add(DROP_EVERY);
        }
        let words = self.until_ms.entry(client.to_owned()).or_default();
        if words.get(word).is_some_and(|until_ms| *until_ms >= now_ms) {
            return Err(Refused::Seen);
        }
        if words.len() >= MOST {
            return Err(Refused::Full);
        }
        words.insert(word.to_owned(), until_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_once() {
        let mut nonces = Nonces::default();
        assert_eq!(nonces.take("a", "n", 100, 40), Ok(()));
        assert_eq!(nonces.take("a", "n", 150, 90), Err(Refused::Seen));
        assert_eq!(nonces.take("a", "n", 160, 100), Err(Refused::Seen));
        assert_eq!(nonces.take("b", "n", 160, 100), Ok(()));
        // The request could not be sent again now: the word is free.
        assert_eq!(nonces.take("a", "n", 200, 101), Ok(()));
        assert_eq!(nonces.take("a", "n", 200, 102), Err(Refused::Seen));
    }

    #[test]
    fn they_are_dropped_and_bounded() {
        let mut nonces = Nonces::default();
        for word in 0..MOST {
            assert_eq!(nonces.take("a", &word.to_string(), 60_000, 1), Ok(()));
        }
        assert_eq!(nonces.take("a", "one more", 60_000, 2), Err(Refused::Full));
        assert_eq!(nonces.take("b", "one more", 60_000, 2), Ok(()), "one client does not use up what others have");
        assert_eq!(nonces.take("a", "one more", 200_000, 60_001), Ok(()));
        assert_eq!((nonces.until_ms.len(), nonces.until_ms["a"].len()), (1, 1));
    }
}
