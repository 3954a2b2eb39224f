//! What a handler leaves of a body is read and thrown away: a server that answers and closes while the client still
//! sends breaks the connection, and the client sees no answer. Not for: how much a handler reads (`body`).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::Request,
};
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::oneshot,
    time::{Sleep, sleep},
};

use crate::body;

/// How long a client may take for the next piece of a body.
const NEXT_PIECE: Duration = Duration::from_secs(60);
/// How long a client may be waited for in all before its body has to come at the least rate.
const SLOW: Duration = Duration::from_secs(60);
/// That rate, bytes a second.
const LEAST_RATE: u64 = 512;

/// What is left of a body once nobody reads it any more.
pub(crate) struct Rest(oneshot::Receiver<BodyDataStream>);

/// A body that hands over what is left of it when it is dropped.
struct Watched {
    body: Option<BodyDataStream>,
    left: Option<oneshot::Sender<BodyDataStream>>,
    /// Goes off when the client has sent nothing for too long.
    silence: Option<Pin<Box<Sleep>>>,
    pace: Pace,
}

impl Watched {
    fn new(body: BodyDataStream, left: Option<oneshot::Sender<BodyDataStream>>) -> Watched {
        Watched { body: Some(body), left, silence: None, pace: Pace::default() }
    }
}

/// How fast a client sends; what the node does meanwhile does not count.
#[derive(Debug, Default)]
struct Pace {
    bytes: u64,
    waited: Duration,
    waits_since: Option<Instant>,
}

impl Pace {
    fn wait(&mut self, now: Instant) {
        self.waits_since.get_or_insert(now);
    }

    /// Whether it is too slow, now that so many bytes came.
    fn came(&mut self, bytes: usize, now: Instant) -> bool {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.waited += self.waits_since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.waited > SLOW && self.bytes < self.waited.as_secs().saturating_mul(LEAST_RATE)
    }
}

/// The same request, and, once it was dropped, what is left of its body.
pub(crate) fn watch(request: Request) -> (Request, Rest) {
    let (parts, body) = request.into_parts();
    let (left, rest) = oneshot::channel();
    let body =
        if body.is_end_stream() { body } else { Body::from_stream(Watched::new(body.into_data_stream(), Some(left))) };
    (Request::from_parts(parts, body), Rest(rest))
}

impl Rest {
    /// Reads it, and throws it away.
    pub(crate) async fn skip(mut self) {
        if let Ok(rest) = self.0.try_recv() {
            body::skip(Body::from_stream(Watched::new(rest, None))).await;
        }
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = body.poll_next_unpin(context);
        if polled.is_pending() {
            self.pace.wait(Instant::now());
            let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(NEXT_PIECE)));
            if silence.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.body = None;
            let error = io::Error::new(io::ErrorKind::TimedOut, "nothing came for a minute");
            return Poll::Ready(Some(Err(axum::Error::new(error))));
        }
        self.silence = None;
        let bytes = if let Poll::Ready(Some(Ok(piece))) = &polled { piece.len() } else { 0 };
        if bytes > 0 && self.pace.came(bytes, Instant::now()) {
            self.body = None;
            let error = io::Error::new(io::ErrorKind::TimedOut, "it came too slowly: 512 bytes a second are expected");
            return Poll::Ready(Some(Err(axum::Error::new(error))));
        }
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let (Some(body), Some(left)) = (self.body.take(), self.left.take()) {
            // Nobody wants it when the request was given up.
            let _ = left.send(body);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// A request of three chunks, and how many of them were read.
    fn request() -> (Request, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let chunks = futures_util::stream::iter([b"one".as_slice(), b"two", b"three"]).map(move |chunk| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, axum::Error>(Bytes::from_static(chunk))
        });
        (Request::new(Body::from_stream(chunks)), read)
    }

    #[tokio::test]
    async fn what_is_left_is_read() {
        let (unread, read) = request();
        let (unread, rest) = watch(unread);
        drop(unread);
        assert_eq!(read.load(Ordering::Relaxed), 0);
        rest.skip().await;
        assert_eq!(read.load(Ordering::Relaxed), 3);

        let (begun, read) = request();
        let (begun, rest) = watch(begun);
        let mut chunks = begun.into_body().into_data_stream();
        assert_eq!(chunks.next().await.unwrap().unwrap(), "one");
        drop(chunks);
        rest.skip().await;
        assert_eq!(read.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn what_was_read_is_not_waited_for() {
        let (whole, _) = request();
        let (whole, rest) = watch(whole);
        assert_eq!(body::collect(&Default::default(), whole.into_body()).await.unwrap(), b"onetwothree");
        rest.skip().await;
        let (empty, rest) = watch(Request::new(Body::empty()));
        assert!(empty.into_body().is_end_stream());
        rest.skip().await;
    }

    #[test]
    fn who_sends_a_byte_now_and_then_is_too_slow() {
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let mut slow = Pace::default();
        slow.wait(at(0));
        assert!(!slow.came(1, at(50)));
        slow.wait(at(50));
        assert!(slow.came(1, at(100)));
        // What the node does with a piece is none of the client's time.
        let mut waits_for_node = Pace::default();
        waits_for_node.wait(at(0));
        assert!(!waits_for_node.came(1, at(1)) && !waits_for_node.came(1, at(1_000)));
        let mut fast = Pace::default();
        fast.wait(at(0));
        assert!(!fast.came(1 << 20, at(59)));
        fast.wait(at(59));
        assert!(!fast.came(1, at(110)));
    }
}
