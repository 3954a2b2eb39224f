//! Pages of logs: some lines around one, found by its number or by a search, with links to all that is beside them; the
//! whole file. Not for: what a page looks like (`board::log`), what its script asks (`lines`, `stream`).

mod about;
mod lines;
mod stream;

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Path, RawQuery},
    http::{HeaderValue, header},
    routing::get,
};
use parcae_board::log::{self, Find, Line, LogView, Outcome};
use parcae_logs::{LogDir, LogKey, LogPage, Pattern, Search, level_of, mask_addresses};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::{
    pages::{Form, Oops, Shown, Visit, download, go},
    router::Route,
};

use about::{About, Asked, At, about, failed};

/// Most lines on a page.
const MOST_LINES: u64 = 1_000;
/// Bytes of a line on a page; one that stands alone is shown whole.
const LINE: usize = 4 << 10;
/// Bytes of a line that stands alone.
const ALONE: usize = 1 << 20;
/// Marks in a line.
const MARKS: usize = 100;
/// Bytes that one search looks at, and how long it may take.
const SEARCHED: (u64, Duration) = (4 << 30, Duration::from_millis(1_500));

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/jobs/{job}/{role}/{party}/logs/{component}", get(page)),
        ("/jobs/{job}/{role}/{party}/logs/{component}/lines", get(lines::lines)),
        ("/jobs/{job}/{role}/{party}/logs/{component}/search", get(lines::search)),
        ("/jobs/{job}/{role}/{party}/logs/{component}/stream", get(stream::stream)),
        ("/jobs/{job}/{role}/{party}/logs/{component}/file", get(file)),
    ]
}

/// What a search is to look at from a line on.
fn from(from: u64, forward: bool, most: usize) -> Search {
    let (bytes, time) = SEARCHED;
    Search { from, forward, most, bytes, time }
}

/// A pattern of what a query searches for; none when it searches for nothing.
fn pattern(find: &Find) -> Result<Option<Pattern>, String> {
    if find.text.is_empty() {
        return Ok(None);
    }
    Pattern::new(&find.text, find.with_case, find.is_regex).map(Some).map_err(|error| error.to_string())
}

/// Lines as they are shown: addresses hidden, marks where the pattern is.
fn shown(page: LogPage, pattern: Option<&Pattern>) -> Vec<Line> {
    let line = |line: parcae_logs::LogLine| {
        let text = mask_addresses(&line.text).into_owned();
        let marks = pattern.map_or_else(Vec::new, |pattern| pattern.ranges(&text, MARKS));
        Line { number: line.number, level: level_of(&text), more: line.more, marks, text }
    };
    page.lines.into_iter().map(line).collect()
}

/// What a page comes to.
enum Looked {
    /// The line that was wanted is elsewhere.
    At(String),
    Page(Box<LogView>),
}

async fn page(visit: Visit, Path(at): Path<At>, RawQuery(query): RawQuery) -> Shown {
    let query = query.unwrap_or_default();
    let looked = visit.ask_large(move |node| {
        let asked = Asked::of(&at, &Form::of(&query))?;
        let about = about(node, &asked)?;
        look(&about, &asked, &Form::of(&query))
    });
    match looked.await? {
        Looked::At(path) => go(&path),
        Looked::Page(page) => visit.show(&log::page(&visit.view, &page)),
    }
}

fn look(about: &About, asked: &Asked, query: &Form) -> Result<Looked, Oops> {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
    let count = number("lines").unwrap_or(log::PAGE).clamp(1, MOST_LINES);
    let (mut outcome, mut pattern) = (Outcome::Quiet, None);
    match self::pattern(&asked.find) {
        Ok(made) => pattern = made,
        Err(words) => outcome = Outcome::Refused(words),
    }
    let mut focus = number("line").map(|line| line.max(1));
    let sought = match (&pattern, query.get("dir"), query.get("first")) {
        (_, _, Some("error")) => Some(first_error(&about.logs, &about.key)?),
        (Some(pattern), Some(dir), _) => Some(next(about, pattern, dir != "prev", number("from"))?),
        _ => None,
    };
    match sought {
        Some(Ok(line)) => return Ok(Looked::At(about.line_url(asked, line, number("lines")))),
        Some(Err(why)) => (outcome, focus) = (why, focus.or(number("from").filter(|from| *from > 0))),
        None => {}
    }
    let first = number("top").or_else(|| focus.map(|line| line.saturating_sub(count / 3).max(1)));
    let bytes = if count == 1 { ALONE } else { LINE };
    let page = about.logs.page(&about.key, first, count, bytes).map_err(failed)?;
    // A line behind the end: the last ones are there.
    let page = if page.lines.is_empty() && page.total > 0 {
        about.logs.page(&about.key, None, count, bytes).map_err(failed)?
    } else {
        page
    };
    let total = page.total;
    let lines = shown(page, pattern.as_ref());
    let log = LogView { lines, total, count, focus, find: asked.find.clone(), outcome, ..about.view()? };
    Ok(Looked::Page(Box::new(log)))
}

/// The next line with what is searched for, behind or before one that is not looked at; or what to say instead.
fn next(about: &About, pattern: &Pattern, forward: bool, line: Option<u64>) -> Result<Result<u64, Outcome>, Oops> {
    let begin = match (forward, line) {
        (true, line) => line.unwrap_or(0).saturating_add(1),
        (false, line) => line.unwrap_or(u64::MAX).saturating_sub(1),
    };
    let found = about.logs.search(&about.key, pattern, &from(begin, forward, 1)).map_err(failed)?;
    Ok(match (found.lines.first(), found.go_on) {
        (Some(line), _) => Ok(*line),
        (None, Some(line)) => Err(Outcome::NotYet { forward, line }),
        (None, None) => Err(Outcome::Nowhere { forward }),
    })
}

fn first_error(logs: &LogDir, key: &LogKey) -> Result<Result<u64, Outcome>, Oops> {
    let Ok(pattern) = Pattern::new("^\\[ERROR\\] \\[", true, true) else { return Ok(Err(Outcome::NoError)) };
    let found = logs.search(key, &pattern, &from(1, true, 1)).map_err(failed)?;
    Ok(match (found.lines.first(), found.go_on) {
        (Some(line), _) => Ok(*line),
        (None, Some(line)) => Err(Outcome::NotYet { forward: true, line }),
        (None, None) => Err(Outcome::NoError),
    })
}

/// The whole file, as it is.
async fn file(visit: Visit, Path(at): Path<At>, RawQuery(query): RawQuery) -> Shown {
    let query = query.unwrap_or_default();
    let opened = visit.ask(move |node| {
        let asked = Asked::of(&at, &Form::of(&query))?;
        let about = about(node, &asked)?;
        let opened = about.logs.open_log(&about.key).map_err(failed)?;
        Ok((about.file_name(&asked), opened))
    });
    let (name, opened) = opened.await?;
    let Some((file, bytes)) = opened else { return Ok(download(&name, TEXT, Body::empty())) };
    // What comes meanwhile is not part of it.
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(bytes), 64 << 10);
    let mut response = download(&name, TEXT, Body::from_stream(stream));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    Ok(response)
}

const TEXT: &str = "text/plain; charset=utf-8";
