//! How results look: text for people, JSON for machines. Not for: progress (`watch`).

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use parcae_domain::text::printable;
use serde::Serialize;

/// How results look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    is_json: bool,
    is_terminal: bool,
}

impl Output {
    /// JSON when that was asked for.
    pub(crate) fn new(is_json: bool) -> Output {
        Output { is_json, is_terminal: std::io::stderr().is_terminal() }
    }

    /// True when a machine reads.
    pub(crate) fn is_json(self) -> bool {
        self.is_json
    }

    /// True when a progress bar would be seen.
    pub(crate) fn has_bar(self) -> bool {
        self.is_terminal && !self.is_json
    }

    /// Prints a result, one way or the other.
    pub(crate) fn result(self, json: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let text = if self.is_json { serde_json::to_string_pretty(json)? } else { text() };
        self.line(&text)
    }

    /// Prints a line for people; a machine does not get it.
    pub(crate) fn say(self, text: &str) {
        if !self.is_json {
            eprintln!("{}", self.tamed(text));
        }
    }

    /// Prints a line. Fails when nobody reads any more.
    pub(crate) fn line(self, text: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", self.tamed(text))?;
        Ok(out.flush()?)
    }

    /// Prints why a command failed.
    pub(crate) fn error(self, error: &anyhow::Error) {
        if self.is_json {
            eprintln!("{}", serde_json::json!({ "error": format!("{error:#}") }));
        } else {
            eprintln!("parcae: {}", self.tamed(&format!("{error:#}")));
        }
    }

    /// Without anything that a terminal obeys: much of it was said by components and by servers. Machines get it as it is.
    fn tamed(self, text: &str) -> Cow<'_, str> {
        if self.is_json { Cow::Borrowed(text) } else { Cow::Owned(printable(text, usize::MAX)) }
    }
}

/// Rows as columns of equal width, the first row being their names.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &[String], at: usize| row.get(at).cloned().unwrap_or_default();
    let width = |at| rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = widths.iter().copied().enumerate().map(|(at, width)| format!("{:width$}", cell(row, at)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_nothing_that_a_terminal_obeys() {
        let said = |is_json| Output { is_json, is_terminal: true }.tamed("a\n\u{1b}[31mb").into_owned();
        assert_eq!([said(false), said(true)], ["a\n\u{fffd}[31mb", "a\n\u{1b}[31mb"]);
    }

    #[test]
    fn columns_line_up() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = [row(&["a", "bb", "c"]), row(&["äää", "b"])];
        assert_eq!(columns(&rows), "a    bb  c\näää  b");
    }
}
