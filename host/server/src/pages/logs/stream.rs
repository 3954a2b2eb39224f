//! Lines as they come: the file is looked at four times a second, and what is new is sent with the number of its last
//! line, so that a browser that was cut off goes on where it was. Not for: lines that somebody scrolls to (`lines`).

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::{Path, RawQuery},
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use parcae_domain::id::JobId;
use parcae_logs::{LogDir, LogError, LogFile, LogKey, LogPage};
use serde_json::json;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    task::spawn_blocking,
    time::{Instant, sleep, sleep_until},
};

use super::{
    Asked, At, LINE, about,
    about::{has_ended, job_at},
    lines::written,
    shown,
};
use crate::{
    live::{Change, Live},
    pages::{Form, Oops, Visit, let_out},
    shares::Share,
    state::FOLLOWERS,
};

/// How long one stream lasts; browsers open the next one, for which the key is looked at again.
const STREAM: Duration = Duration::from_secs(300);
/// Pause between two looks at the file.
const LOOK: Duration = Duration::from_millis(250);
/// Pause between two looks at the lengths of the other logs.
const COUNT: Duration = Duration::from_secs(2);
/// Pause between two questions whether the job has ended, though no news of it came.
const ASK: Duration = Duration::from_secs(10);
/// Lines that are sent together.
const TOGETHER: u64 = 200;
/// Bytes of another log that are looked at only to say how many lines it has.
const COUNTED: u64 = 1 << 20;

/// Lines from `from` on, or from behind the one that the browser had last: events `lines`; `counts` with how many lines
/// there are in this log and those beside it; `again` when the log has become shorter; `end` when the job has ended and
/// all was sent.
pub(super) async fn stream(
    visit: Visit,
    Path(at): Path<At>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Oops> {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let asked = Asked::of(&at, &query)?;
    let which = asked.clone();
    let about = visit.ask(move |node| about(node, &which)).await?;
    let place = visit.app.followers.try_take(&visit.app.caller.tenant);
    let too_many = || Oops::new(503, format!("{} logs are being followed already: close some", FOLLOWERS.1));
    let place = place.ok_or_else(too_many)?;
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse::<u64>().ok());
    let last = number(headers.get("last-event-id").and_then(|id| id.to_str().ok()));
    let sent = last.unwrap_or_else(|| number(query.get("from")).unwrap_or(1).saturating_sub(1));
    let now = Instant::now();
    let until = let_out(visit.app.clone(), headers);
    let tail = Tail {
        files: about.files(),
        job: about.job.job.clone(),
        logs: about.logs,
        key: about.key,
        live: visit.app.live.clone(),
        changes: visit.app.live.changes(),
        has_news: true,
        visit,
        asked,
        sent,
        counts: BTreeMap::new(),
        until: now + STREAM,
        count_at: now,
        ask_at: now,
        is_over: false,
        is_done: false,
        _place: place,
    };
    let events = stream::unfold(tail, |tail| async move {
        let (event, tail) = tail.next().await?;
        Some((Ok::<_, Infallible>(event), tail))
    });
    Ok(Sse::new(events.take_until(until))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response())
}

/// A log that somebody follows.
struct Tail {
    visit: Visit,
    asked: Asked,
    job: JobId,
    logs: LogDir,
    key: LogKey,
    files: Vec<(LogFile, LogKey)>,
    live: Arc<Live>,
    changes: Receiver<Change>,
    /// Something of the job may have changed since it was asked for.
    has_news: bool,
    /// Number of the line that was sent last.
    sent: u64,
    /// What was said last of how many lines there are.
    counts: BTreeMap<&'static str, u64>,
    until: Instant,
    count_at: Instant,
    ask_at: Instant,
    /// Nothing will be written any more.
    is_over: bool,
    /// That was said.
    is_done: bool,
    _place: Share,
}

impl Tail {
    /// What to send next, once there is something; none when the stream ends.
    async fn next(mut self) -> Option<(Event, Tail)> {
        if self.is_done {
            return None;
        }
        loop {
            // Asked before the file is looked at: what was written until the end is seen then.
            self.ask().await?;
            let page = self.read().await.ok()?;
            if page.total < self.sent {
                self.sent = 0;
                let event = Event::default().event("again").id("0").data(json!({"total": page.total}).to_string());
                return Some((event, self));
            }
            if let Some(last) = page.lines.last().map(|line| line.number) {
                self.sent = last;
                let (first, total) = (page.lines.first().map_or(1, |line| line.number), page.total);
                let data = written(&shown(page, None), first, total).to_string();
                return Some((Event::default().event("lines").id(last.to_string()).data(data), self));
            }
            if let Some(event) = self.count().await {
                return Some((event, self));
            }
            if self.is_over {
                self.is_done = true;
                return Some((Event::default().event("end").data("{}"), self));
            }
            self.wait().await?;
        }
    }

    /// Lines behind those that were sent.
    async fn read(&self) -> Result<LogPage, LogError> {
        let (logs, key, first) = (self.logs.clone(), self.key.clone(), self.sent.saturating_add(1));
        let read = spawn_blocking(move || logs.page(&key, Some(first), TOGETHER, LINE));
        // The runtime stops: so does the stream.
        read.await.unwrap_or_else(|_| Ok(LogPage::default()))
    }

    /// Asks whether the job has ended, when that may be; none when it is gone.
    async fn ask(&mut self) -> Option<()> {
        let now = Instant::now();
        if self.is_over || now < self.ask_at && !self.has_news {
            return Some(());
        }
        (self.ask_at, self.has_news) = (now + ASK, false);
        let Asked { job, party, .. } = self.asked.clone();
        let job = self.visit.ask(move |node| job_at(node, &job, party)).await.ok()?;
        self.is_over = has_ended(&job);
        Some(())
    }

    /// How many lines there are now in each log, when that is another number than was said last.
    async fn count(&mut self) -> Option<Event> {
        let now = Instant::now();
        if now < self.count_at && !self.is_over {
            return None;
        }
        self.count_at = now + COUNT;
        let (logs, files) = (self.logs.clone(), self.files.clone());
        let counted = spawn_blocking(move || {
            let lines = |(file, key): &(LogFile, LogKey)| {
                let lines = logs.outline(key, COUNTED).ok()?.lines?;
                Some((file.as_str(), lines))
            };
            files.iter().filter_map(lines).collect::<BTreeMap<&'static str, u64>>()
        });
        let counts = counted.await.ok()?;
        if counts == self.counts {
            return None;
        }
        let event = Event::default().event("counts").data(json!(counts).to_string());
        self.counts = counts;
        Some(event)
    }

    /// Waits until it is time to look again; none when the stream is to end.
    async fn wait(&mut self) -> Option<()> {
        let look = sleep(LOOK);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = &mut look => return Some(()),
                () = sleep_until(self.until) => return None,
                () = self.live.closed() => return None,
                change = self.changes.recv() => match change {
                    Ok(change) => self.has_news |= change.job == self.job,
                    // Some were missed.
                    Err(RecvError::Lagged(_)) => self.has_news = true,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}
