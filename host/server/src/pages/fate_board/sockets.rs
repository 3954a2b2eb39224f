//! What all sockets of FATE-Board have in common: how many there may be, what they take, and when they end by
//! themselves: with the server, with the session, and when nobody is there any more. Not for: what is said (`progress`,
//! `logs`).

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    http::HeaderMap,
    response::Response,
};
use futures_util::FutureExt;
use parcae_api::fate_board::code;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use crate::{answer::Refusal, shares::Share, state::App};

/// Longest message that is taken, bytes.
const LONGEST: usize = 64 << 10;
/// How long a client may take to take a message.
const TAKEN: Duration = Duration::from_secs(10);
/// How long a client may take to say farewell.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often it is looked whether client and session are still there.
const LOOK: Duration = Duration::from_secs(30);
/// A message has it looked at again, but not sooner than this.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A request for a socket, or for something else at its address.
pub(super) type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// An open socket.
pub(super) struct Line {
    socket: WebSocket,
    app: App,
    /// Of the request that opened it.
    headers: HeaderMap,
    looks: Interval,
    looked: Instant,
    /// It is time to look, or a look was given up.
    is_due: bool,
    /// Its place among all sockets.
    _place: Share,
}

/// Opens a socket, on which `talk` goes on.
pub(super) fn open<F, T>(app: App, headers: HeaderMap, upgrade: Upgrade, talk: F) -> Result<Response, Refusal>
where
    F: FnOnce(Line) -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let upgrade = upgrade.map_err(|_| Refusal::code(code::SERVLET, "this address is for a WebSocket"))?;
    let place = app.fate_board.sockets.take(&app.caller.tenant).now_or_never().flatten();
    let place = place.ok_or_else(|| Refusal::code(code::SYSTEM, "too many sockets are open: close some first"))?;
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST);
    Ok(upgrade.on_upgrade(move |socket| {
        let looked = Instant::now();
        let mut looks = interval_at(looked + LOOK, LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        talk(Line { socket, app, headers, looks, looked, is_due: false, _place: place })
    }))
}

impl Line {
    /// Who is at the other end, and the node that they ask.
    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// The next text that the client says; none once the socket is to end. Nothing is lost when this is given up.
    pub(super) async fn hear(&mut self) -> Option<String> {
        loop {
            if self.is_due {
                if !self.is_well(true).await {
                    return None;
                }
                self.is_due = false;
            }
            let heard = tokio::select! {
                heard = self.socket.recv() => heard?.ok()?,
                () = self.app.live.closed() => return None,
                _ = self.looks.tick() => {
                    self.is_due = true;
                    continue;
                }
            };
            match heard {
                Message::Text(text) => return self.is_well(false).await.then(|| text.as_str().to_owned()),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => {}
            }
        }
    }

    /// Whether the session holds, and, with `ping`, the connection does.
    async fn is_well(&mut self, ping: bool) -> bool {
        if !ping && self.looked.elapsed() < LOOK_AGAIN {
            return true;
        }
        self.looked = Instant::now();
        self.app.gate.holds(&self.headers, &self.app.caller).await.is_ok()
            && (!ping || self.send(Message::Ping(Bytes::new())).await)
    }

    /// Says something; false when nobody takes it.
    pub(super) async fn say(&mut self, text: String) -> bool {
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> bool {
        matches!(timeout(TAKEN, self.socket.send(message)).await, Ok(Ok(())))
    }

    /// Says that this is all.
    pub(super) async fn end(mut self) {
        if self.send(Message::Close(None)).await {
            // What is closed with words unread is closed as if it broke, and the client might miss the last ones.
            let _ = timeout(FAREWELL, async { while let Some(Ok(_)) = self.socket.recv().await {} }).await;
        }
    }
}
