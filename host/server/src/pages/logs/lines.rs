//! What the viewer's script asks: lines by their numbers, and which lines have something. Not for: lines as they come
//! (`stream`).

use axum::{
    Json,
    extract::{Path, RawQuery},
    http::header,
    response::IntoResponse,
};
use parcae_board::log::Line;
use serde_json::{Map, Value, json};

use super::{ALONE, Asked, At, LINE, MOST_LINES, about, failed, from, pattern, shown};
use crate::pages::{Form, Oops, Shown, Visit};

/// Most lines that one search answers with.
const MOST_FOUND: usize = 10_000;

/// Lines with numbers from `from` to `to`.
pub(super) async fn lines(visit: Visit, Path(at): Path<At>, RawQuery(query): RawQuery) -> Shown {
    let answer = visit.ask(move |node| {
        let query = Form::of(query.as_deref().unwrap_or_default());
        let asked = Asked::of(&at, &query)?;
        let about = about(node, &asked)?;
        let pattern = pattern(&asked.find).map_err(|words| Oops::new(400, words))?;
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
        let first = number("from").unwrap_or(1).max(1);
        let count = number("to").unwrap_or(u64::MAX).saturating_add(1).saturating_sub(first).min(MOST_LINES);
        let bytes = if count == 1 { ALONE } else { LINE };
        let page = about.logs.page(&about.key, Some(first), count, bytes).map_err(failed)?;
        let total = page.total;
        Ok(written(&shown(page, pattern.as_ref()), first, total))
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer.await?)).into_response())
}

/// Lines for the script: `more` has the bytes that lines were cut by, `marks` where that is which was searched for, in
/// units of UTF-16 as script counts, each by the number of its line.
pub(super) fn written(lines: &[Line], first: u64, total: u64) -> Value {
    let (mut more, mut marks) = (Map::new(), Map::new());
    for line in lines {
        if line.more > 0 {
            more.insert(line.number.to_string(), json!(line.more));
        }
        if !line.marks.is_empty() {
            let units = |end: usize| line.text.get(..end).map_or(0, |text| text.encode_utf16().count());
            let ranges = line.marks.iter().map(|mark| json!([units(mark.start), units(mark.end)]));
            marks.insert(line.number.to_string(), ranges.collect());
        }
    }
    let first = lines.first().map_or(first, |line| line.number);
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    json!({"from": first, "total": total, "lines": texts, "more": more, "marks": marks})
}

/// Numbers of lines with what is searched for: `most` of them from line `from` on, or back from there when `dir` is
/// `prev`; `go_on` is where the search has not been yet.
pub(super) async fn search(visit: Visit, Path(at): Path<At>, RawQuery(query): RawQuery) -> Shown {
    let answer = visit.ask_large(move |node| {
        let query = Form::of(query.as_deref().unwrap_or_default());
        let asked = Asked::of(&at, &query)?;
        let about = about(node, &asked)?;
        let pattern = pattern(&asked.find).map_err(|words| Oops::new(400, words))?;
        let pattern = pattern.ok_or_else(|| Oops::new(400, "field q of the query is missing"))?;
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok());
        let forward = query.get("dir") != Some("prev");
        let begin = number("from").unwrap_or(if forward { 1 } else { u64::MAX });
        let most = number("most").and_then(|most| usize::try_from(most).ok()).unwrap_or(1).clamp(1, MOST_FOUND);
        let found = about.logs.search(&about.key, &pattern, &from(begin, forward, most)).map_err(failed)?;
        Ok(json!({"lines": found.lines, "go_on": found.go_on, "total": found.total}))
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer.await?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_counted_as_script_counts() {
        let line = |number, text: &str, marks| Line { number, level: None, text: text.into(), more: 0, marks };
        let marked = std::iter::once(7..8).collect();
        let cut = Line { more: 7, ..line(5, "𝄞模x", marked) };
        let answer = written(&[line(4, "", Vec::new()), cut], 4, 9);
        let want = json!({"from": 4, "total": 9, "lines": ["", "𝄞模x"], "more": {"5": 7}, "marks": {"5": [[3, 4]]}});
        assert_eq!(answer, want);
    }
}
