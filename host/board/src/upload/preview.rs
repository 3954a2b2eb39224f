//! The beginning of a file as `Upload` will read it: lines cut at each delimiter, quotes or not. What separates the
//! columns and whether the first line names them is guessed where it is not said. Not for: whole files (the component).

use std::collections::HashSet;

/// Bytes of a file that are looked at.
pub const LONGEST_PREVIEW: usize = 64 << 10;
/// Rows, columns and letters of a cell that are shown.
const ROWS: usize = 10;
const COLUMNS: usize = 100;
const LETTERS: usize = 80;
/// Lines by which the delimiter is guessed.
const GUESSED: usize = 20;
/// Most oddities of one sort that are told.
const TOLD: usize = 3;

/// What may separate columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter {
    /// Its word in the form.
    pub word: &'static str,
    /// Itself.
    pub text: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
}

/// Those that have a word, the likeliest first.
pub const DELIMITERS: &[Delimiter] = &[
    Delimiter { word: "comma", text: ",", en: "comma ,", zh: "逗号 ," },
    Delimiter { word: "semicolon", text: ";", en: "semicolon ;", zh: "分号 ;" },
    Delimiter { word: "tab", text: "\t", en: "tab", zh: "制表符" },
    Delimiter { word: "bar", text: "|", en: "bar |", zh: "竖线 |" },
    Delimiter { word: "space", text: " ", en: "space", zh: "空格" },
];

/// Something odd about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A line that is no UTF-8, or has a NUL.
    NotText(usize),
    /// A line with another number of cells.
    Uneven {
        /// Counts from 1.
        line: usize,
        /// Its cells.
        cells: usize,
        /// Those of the lines before it.
        expected: usize,
    },
    /// An empty line before others.
    Blank(usize),
    /// A line whose first cell is empty.
    NoKey(usize),
    /// A key that was there before.
    Again {
        /// Counts from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// Cells have quotation marks.
    Quotes,
    /// Nothing is separated.
    OneColumn,
    /// Two columns have this name.
    Names(String),
    /// The file begins with a byte order mark.
    Mark,
}

/// The beginning of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// What separates its columns.
    pub delimiter: String,
    /// The first line names them.
    pub head: bool,
    /// Their names, or numbers; the first ones.
    pub columns: Vec<String>,
    /// How many there are.
    pub columns_in_all: usize,
    /// The first rows, as many cells each as there are columns.
    pub rows: Vec<Vec<String>>,
    /// What looks odd.
    pub odd: Vec<Oddity>,
    /// Bytes that were looked at.
    pub bytes: u64,
}

impl Preview {
    /// Of the beginning of a file, or of a `whole` one. `keys` are made, not read.
    pub fn of(bytes: &[u8], whole: bool, delimiter: Option<&str>, head: Option<bool>, keys: bool) -> Preview {
        let bytes = &bytes[..bytes.len().min(LONGEST_PREVIEW)];
        let mut made = Preview { bytes: bytes.len() as u64, ..Preview::default() };
        let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        made.odd.extend((rest.len() < bytes.len()).then_some(Oddity::Mark));
        let mut lines: Vec<&[u8]> = rest.split(|byte| *byte == b'\n').collect();
        // The last one may go on, or is what stands behind the last line end.
        if lines.len() > 1 && (!whole || lines.last().is_some_and(|last| last.is_empty())) {
            lines.pop();
        }
        let is_text = |line: &[u8]| !line.contains(&0) && std::str::from_utf8(line).is_ok();
        // One line alone may have been cut within a letter.
        if let Some(at) = lines.iter().position(|&line| !is_text(line)).filter(|_| lines.len() > 1 || whole) {
            made.odd.push(Oddity::NotText(at + 1));
        }
        let lines: Vec<String> = lines.into_iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        made.delimiter = delimiter.filter(|text| !text.is_empty()).map_or_else(|| guessed(&lines), str::to_owned);
        let lines: Vec<&str> = lines.iter().map(|line| trimmed(line, &made.delimiter)).collect();
        made.head = head.unwrap_or_else(|| names_columns(&lines, &made.delimiter));
        made.lay_out(&lines);
        made.look(&lines, keys);
        made
    }

    /// Word of the delimiter in the form.
    pub fn word(&self) -> &'static str {
        DELIMITERS.iter().find(|known| known.text == self.delimiter).map_or("other", |known| known.word)
    }

    fn lay_out(&mut self, lines: &[&str]) {
        let cells = |line: &str| -> Vec<String> {
            line.split(self.delimiter.as_str()).take(COLUMNS).map(|cell| cut(cell.trim())).collect()
        };
        let first = lines.iter().find(|line| !line.is_empty()).copied().unwrap_or_default();
        self.columns_in_all = first.split(self.delimiter.as_str()).count();
        let rows = lines.iter().copied().skip(usize::from(self.head)).filter(|line| !line.is_empty());
        let rows: Vec<Vec<String>> = rows.take(ROWS).map(&cells).collect();
        let columns = match self.head {
            true => cells(first),
            false => (1..=self.columns_in_all.min(COLUMNS)).map(|number| number.to_string()).collect(),
        };
        let wide = columns.len();
        self.rows = rows
            .into_iter()
            .map(|mut row| {
                row.resize(wide, String::new());
                row
            })
            .collect();
        self.columns = columns;
    }

    fn look(&mut self, lines: &[&str], keys: bool) {
        let expected = self.columns_in_all;
        let (mut told, mut seen, mut blank) = ([0; 4], HashSet::new(), None);
        let mut found = Vec::new();
        let mut tell = |sort: usize, oddity: Oddity| {
            told[sort] += 1;
            if told[sort] <= TOLD {
                found.push(oddity);
            }
        };
        for (number, line) in (1..).zip(lines) {
            if line.is_empty() {
                blank = blank.or(Some(number));
                continue;
            }
            if let Some(at) = blank.take() {
                tell(0, Oddity::Blank(at));
            }
            if number == 1 && self.head {
                continue;
            }
            let cells = line.split(self.delimiter.as_str()).count();
            if cells != expected {
                tell(1, Oddity::Uneven { line: number, cells, expected });
            }
            let key = line.split(self.delimiter.as_str()).next().unwrap_or_default();
            if keys {
                continue;
            }
            if key.trim().is_empty() {
                tell(2, Oddity::NoKey(number));
            } else if !seen.insert(key) {
                tell(3, Oddity::Again { line: number, key: cut(key) });
            }
        }
        self.odd.append(&mut found);
        if lines.iter().any(|line| line.contains('"')) {
            self.odd.push(Oddity::Quotes);
        }
        if expected == 1 && !keys {
            self.odd.push(Oddity::OneColumn);
        }
        let mut names = HashSet::new();
        let again = self.columns.iter().find(|name| !names.insert(name.as_str())).cloned();
        self.odd.extend(again.map(Oddity::Names));
    }
}

/// A line without what stands at its end; a tab that separates columns stays.
fn trimmed<'l>(line: &'l str, delimiter: &str) -> &'l str {
    let keeps_tab = delimiter.ends_with('\t');
    line.trim_end_matches(|c: char| c.is_ascii_whitespace() && !(keeps_tab && c == '\t'))
}

fn cut(cell: &str) -> String {
    if cell.chars().count() <= LETTERS {
        return cell.to_owned();
    }
    cell.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// The delimiter that cuts all of the first lines into the same number of cells, the more the better; else a comma.
fn guessed(lines: &[String]) -> String {
    let full = lines.iter().map(|line| line.trim_end()).filter(|line| !line.is_empty());
    let looked: Vec<&str> = full.take(GUESSED).collect();
    let rate = |delimiter: &Delimiter| {
        let mut counts = looked.iter().map(|line| line.matches(delimiter.text).count());
        let first = counts.next().unwrap_or_default();
        let same = counts.all(|count| count == first);
        (same && first > 0, first)
    };
    // The first of the best.
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| rate(delimiter));
    best.filter(|best| rate(best).1 > 0).unwrap_or(&DELIMITERS[0]).text.to_owned()
}

/// Whether the first line names columns: none of its cells is empty or a number.
fn names_columns(lines: &[&str], delimiter: &str) -> bool {
    let is_number = |cell: &str| cell.trim().trim_matches('"').parse::<f64>().is_ok();
    let Some(first) = lines.iter().find(|line| !line.is_empty()) else { return true };
    let first: Vec<&str> = first.split(delimiter).collect();
    !first.iter().any(|cell| is_number(cell)) && first.iter().all(|cell| !cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Preview {
        Preview::of(text.as_bytes(), true, None, None, false)
    }

    #[test]
    fn delimiters_and_headers_are_guessed() {
        let seen = |text: &str| {
            let preview = of(text);
            (preview.word(), preview.head, preview.columns_in_all)
        };
        assert_eq!(seen("id,y,x\n1,0,2.5\n2,1,3\n"), ("comma", true, 3));
        assert_eq!(seen("id;y\n1;0,5\n2;1,25\n"), ("semicolon", true, 2));
        assert_eq!(seen("1\t2\t\n3\t4\t\n"), ("tab", false, 3));
        assert_eq!(seen("a|b|c\r\n1|2|3\r\n"), ("bar", true, 3));
        assert_eq!(seen("u1,a b,3\nu2,c d,4"), ("comma", false, 3));
        assert_eq!(seen("alone\n"), ("comma", true, 1));
        assert_eq!(seen(""), ("comma", true, 1));
        let told = Preview::of(b"1||2\n", true, Some("||"), Some(false), false);
        assert_eq!((told.word(), told.rows), ("other", vec![vec!["1".to_owned(), "2".to_owned()]]));
    }

    #[test]
    fn what_looks_odd_is_told() {
        assert_eq!(of("\u{feff}id,x\n1,2\n").columns, ["id", "x"]);
        assert_eq!(of("\u{feff}id,x\n1,2\n").odd, [Oddity::Mark]);
        let uneven = Preview::of(b"id,x\n1,2,3\n4\n\n,5\n4,6\n", true, Some(","), Some(true), false);
        let want = [
            Oddity::Uneven { line: 2, cells: 3, expected: 2 },
            Oddity::Uneven { line: 3, cells: 1, expected: 2 },
            Oddity::Blank(4),
            Oddity::NoKey(5),
            Oddity::Again { line: 6, key: "4".into() },
        ];
        assert_eq!(uneven.odd, want);
        assert_eq!(uneven.rows[0], ["1", "2"]);
        assert!(of("id,x\n\"a,b\",1\n").odd.contains(&Oddity::Quotes));
        assert!(of("id,x,x\n1,2,3\n").odd.contains(&Oddity::Names("x".into())));
        assert!(Preview::of(b"id,x\n\xff,1\n", true, None, None, false).odd.contains(&Oddity::NotText(2)));
    }

    #[test]
    fn a_line_that_was_cut_is_left_out() {
        let preview = Preview::of("id,x\n1,2\n3,é".as_bytes(), false, None, None, false);
        assert_eq!((preview.rows.len(), preview.odd), (1, vec![]));
        let wide = format!("id,{}\n1", "x,".repeat(5_000));
        let preview = of(&wide);
        assert_eq!((preview.columns.len(), preview.columns_in_all), (COLUMNS, 5_002));
        assert_eq!(Preview::of(&vec![b'x'; 1 << 20], false, None, None, false).bytes, LONGEST_PREVIEW as u64);
    }
}
