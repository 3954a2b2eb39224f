//! What a line of an uploaded file may look like: trimming, text encoding, number of cells, key. Not for: pages.
//!
//! An empty line at the end of a file is fine; an empty line before a row is an error, because it is more often lost data than
//! meant.

use memchr::memchr;
use parcae_sdk::{Failure, Result, input_error};

use crate::{
    delimiter::Delimiter,
    lines::Line,
    load::{Cells, KeyRule, Plan},
};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const SHOWN_CHARACTERS: usize = 200;

/// A row; both borrow from its line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'l> {
    /// The first cell; empty when keys are made.
    pub key: &'l [u8],
    /// What stands behind it; the whole line when keys are made.
    pub rest: &'l [u8],
}

/// The rule for the number of cells of the lines to come.
enum Expected {
    Free,
    LikeFirst { guess: bool },
    Exactly { cells: usize, which: &'static str },
}

/// Makes rows of lines.
pub struct Rows<'p> {
    plan: &'p Plan,
    expected: Expected,
    blank: Option<u64>,
}

impl<'p> Rows<'p> {
    /// For the lines of one pass.
    pub fn new(plan: &'p Plan) -> Rows<'p> {
        let expected = match plan.cells {
            Cells::Free => Expected::Free,
            Cells::AsHeader(cells) => Expected::Exactly { cells, which: "header" },
            Cells::AsFirstRow { guess } => Expected::LikeFirst { guess },
        };
        Rows { plan, expected, blank: None }
    }

    /// The row of a line; none for the header and for empty lines.
    pub fn read<'l>(&mut self, line: Line<'l>) -> Result<Option<Row<'l>>> {
        let component = &self.plan.component;
        let bytes = clean(component, &line, &self.plan.delimiter)?;
        if bytes.is_empty() {
            self.blank.get_or_insert(line.number);
            return Ok(None);
        }
        if let Some(blank) = self.blank {
            return Err(input_error(format!(
                "{component}: line {blank} is empty; remove it, or upload the file that was meant"
            )));
        }
        if self.plan.head && line.number == 1 {
            return Ok(None);
        }
        self.check_cells(line.number, bytes)?;
        if matches!(self.plan.keys, KeyRule::Made(_)) {
            return Ok(Some(Row { key: &[], rest: bytes }));
        }
        let (key, rest) = self.plan.delimiter.split(bytes);
        if key.trim_ascii().is_empty() {
            let (number, shown) = (line.number, shown(bytes));
            return Err(input_error(format!(
                "{component}: line {number} has an empty key: {shown}; the first cell must name the row (or use extend_sid)"
            )));
        }
        Ok(Some(Row { key, rest }))
    }

    fn check_cells(&mut self, number: u64, bytes: &[u8]) -> Result<()> {
        let delimiter = &self.plan.delimiter;
        match self.expected {
            Expected::Free => Ok(()),
            Expected::LikeFirst { guess } => {
                let cells = delimiter.cells(bytes);
                self.expected = match guess && looks_sparse(bytes, delimiter) {
                    true => Expected::Free,
                    false => Expected::Exactly { cells, which: "first row" },
                };
                Ok(())
            }
            Expected::Exactly { cells, which } => match delimiter.cells(bytes) {
                found if found == cells => Ok(()),
                found => Err(wrong_cells(self.plan, number, bytes, found, cells, which)),
            },
        }
    }
}

/// A line without byte order mark and trailing white space, checked to be UTF-8 without NUL. A tab that separates columns is
/// kept, since cells at the end may be empty.
pub fn clean<'l>(component: &str, line: &Line<'l>, delimiter: &Delimiter) -> Result<&'l [u8]> {
    let mut bytes = line.bytes;
    if line.number == 1 {
        bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    }
    let kept = delimiter.bytes().last().copied().filter(|last| *last == b'\t');
    while let Some((last, before)) = bytes.split_last() {
        if !last.is_ascii_whitespace() || kept == Some(*last) {
            break;
        }
        bytes = before;
    }
    if line.plain {
        return Ok(bytes);
    }
    let number = line.number;
    if let Some(at) = memchr(0, bytes) {
        let column = at + 1;
        return Err(input_error(format!(
            "{component}: line {number} has a NUL byte at position {column}; upload text (UTF-8), not a binary file"
        )));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        let column = error.valid_up_to() + 1;
        return Err(input_error(format!(
            "{component}: line {number} is not UTF-8 at byte {column}: {}; convert the file to UTF-8",
            shown(bytes)
        )));
    }
    Ok(bytes)
}

/// True when the last cell of a row is `name:number`, as in libsvm lines and in tags with values: such rows have as many cells
/// as they like.
fn looks_sparse(bytes: &[u8], delimiter: &Delimiter) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(separator) = std::str::from_utf8(delimiter.bytes()) else { return false };
    let last = text.rsplit(separator).next().unwrap_or_default();
    let cells = delimiter.cells(bytes);
    let token = last.split_once(':');
    cells > 1 && token.is_some_and(|(name, value)| !name.is_empty() && value.trim().parse::<f64>().is_ok())
}

fn wrong_cells(plan: &Plan, number: u64, bytes: &[u8], found: usize, expected: usize, which: &str) -> Failure {
    let (component, shown) = (&plan.component, shown(bytes));
    let separator = String::from_utf8_lossy(plan.delimiter.bytes()).into_owned();
    input_error(format!(
        "{component}: line {number} has {found} cells, the {which} has {expected}: {shown}; every line needs one cell a column, \
         separated by {separator:?} (sparse files and tags: set with_meta and meta.input_format)"
    ))
}

/// A line for a message, cut at 200 characters.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(head: bool, cells: Cells) -> Plan {
        Plan {
            component: "upload_0".into(),
            delimiter: Delimiter::new(",").unwrap(),
            head,
            cells,
            keys: KeyRule::FirstCell,
            seed: 1,
            piece_bytes: 64,
        }
    }

    fn read(plan: &Plan, lines: &[&[u8]]) -> Result<Vec<(String, String)>> {
        let mut rows = Rows::new(plan);
        let mut all = Vec::new();
        for (i, bytes) in lines.iter().enumerate() {
            let line = Line { number: i as u64 + 1, bytes, plain: false };
            if let Some(row) = rows.read(line)? {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                all.push((text(row.key), text(row.rest)));
            }
        }
        Ok(all)
    }

    fn message(plan: &Plan, lines: &[&[u8]]) -> String {
        read(plan, lines).unwrap_err().message
    }

    #[test]
    fn rows_of_a_dense_file() {
        let plan = plan(true, Cells::AsHeader(3));
        let rows = read(&plan, &[b"\xef\xbb\xbfid,y,x\r", b"1,0,2.5\r", "é,,x \t".as_bytes(), b"", b"  "]).unwrap();
        assert_eq!(rows, [("1".to_owned(), "0,2.5".to_owned()), ("é".to_owned(), ",x".to_owned())]);
    }

    #[test]
    fn cells_are_counted_and_shown() {
        let plan = plan(true, Cells::AsHeader(3));
        let text = message(&plan, &[b"id,y,x", b"1,2,3", b"2,5"]);
        assert!(text.starts_with("upload_0: line 3 has 2 cells, the header has 3: \"2,5\"; "), "{text}");
        let long = [b"9,".as_slice(), &[b'x'; 500]].concat();
        let text = message(&plan, &[b"id,y,x", &long]);
        assert!(text.contains(&format!("\"9,{}\"...", "x".repeat(198))), "{text}");
    }

    #[test]
    fn first_row_rules_without_header() {
        let plan = plan(false, Cells::AsFirstRow { guess: true });
        assert_eq!(read(&plan, &[b"1,2,3", b"2,3,4"]).unwrap().len(), 2);
        assert!(message(&plan, &[b"1,2,3", b"2,3"]).contains("the first row has 3"));
        assert_eq!(read(&plan, &[b"1,0,0:1.5,7:2", b"2,1", b"3,0,1:2"]).unwrap().len(), 3);
        assert_eq!(read(&plan, &[b"1,a:1.5", b"2,a:1,b:2"]).unwrap().len(), 2);
        let strict = self::plan(false, Cells::AsFirstRow { guess: false });
        assert!(message(&strict, &[b"1,0:2", b"2,0:1,1:2"]).contains("line 2 has 3 cells, the first row has 2"));
    }

    #[test]
    fn bad_lines_are_named() {
        let plan = plan(true, Cells::Free);
        assert!(message(&plan, &[b"id,x", b"1,2", b"", b"", b"3,4"]).contains("line 3 is empty"));
        assert!(message(&plan, &[b"id,x", b",2"]).contains("line 2 has an empty key"));
        assert!(message(&plan, &[b"id,x", b"1,\xff"]).contains("line 2 is not UTF-8 at byte 3"));
        assert!(message(&plan, &[b"id,x", b"1,\0"]).contains("line 2 has a NUL byte at position 3"));
    }

    #[test]
    fn tabs_that_separate_are_kept() {
        let mut plan = plan(true, Cells::AsHeader(3));
        plan.delimiter = Delimiter::new("\t").unwrap();
        assert_eq!(read(&plan, &[b"id\ty\tx", b"1\t2\t\r"]).unwrap(), [("1".to_owned(), "2\t".to_owned())]);
    }

    #[test]
    fn made_keys_leave_the_line_whole() {
        let mut plan = plan(true, Cells::AsHeader(2));
        plan.keys = KeyRule::Made(String::new());
        assert_eq!(read(&plan, &[b"id,x", b"7,8"]).unwrap(), [(String::new(), "7,8".to_owned())]);
    }
}
