//! How results look: text for people, JSON for machines. Not for: progress (`watch`).

use std::io::{IsTerminal, Write};

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
            eprintln!("{text}");
        }
    }

    /// Prints a line. Fails when nobody reads any more.
    pub(crate) fn line(self, text: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// Prints why a command failed.
    pub(crate) fn error(self, error: &anyhow::Error) {
        if self.is_json {
            eprintln!("{}", serde_json::json!({ "error": format!("{error:#}") }));
        } else {
            eprintln!("parcae: {error:#}");
        }
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
    fn columns_line_up() {
        let row = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let rows = [row(&["a", "bb", "c"]), row(&["äää", "b"])];
        assert_eq!(columns(&rows), "a    bb  c\näää  b");
    }
}
