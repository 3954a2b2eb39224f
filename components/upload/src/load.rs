//! Loading a file: one pass, and a second one only when a key came twice. Not for: what stands in the recorded schema.

use std::fmt::Write;

use parcae_sdk::{Result, info, input_error, tables::Page};

use crate::{
    delimiter::Delimiter,
    keys::Keys,
    lines::{Line, Source, each_line, first_line},
    pages::PageBuilder,
    rows::{Rows, clean},
};

/// Bytes that are read at once.
pub const PIECE_BYTES: u32 = 1 << 20;

/// How many cells a line must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cells {
    /// Any number.
    Free,
    /// As many as the header.
    AsHeader(usize),
    /// As many as the first row; with `guess` any number when that row looks like libsvm or tags with values.
    AsFirstRow {
        /// Look at the first row.
        guess: bool,
    },
}

/// Where keys come from.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyRule {
    /// The first cell.
    FirstCell,
    /// This text followed by the number of the row, from 0.
    Made(String),
}

/// How to load a file.
pub struct Plan {
    /// Name of the component, for messages.
    pub component: String,
    /// What separates columns.
    pub delimiter: Delimiter,
    /// The first line is a header.
    pub head: bool,
    /// Cells of a line.
    pub cells: Cells,
    /// Keys of rows.
    pub keys: KeyRule,
    /// Seed of the hash of keys.
    pub seed: u64,
    /// Bytes that are read at once.
    pub piece_bytes: u32,
}

/// A table that is being made.
pub trait Sink {
    /// Adds a page.
    fn append(&mut self, page: &Page) -> Result<()>;
    /// Ends the table; returns the number of rows.
    fn finish(self: Box<Self>) -> Result<u64>;
}

/// What was loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loaded {
    /// Rows of the table.
    pub rows: u64,
    /// Rows of the file that a later row with the same key replaced.
    pub superseded: u64,
}

/// The header of a file, trimmed.
pub fn header_line<S: Source>(source: &mut S, component: &str, delimiter: &str, piece_bytes: u32) -> Result<String> {
    let bytes = first_line(source, component, piece_bytes)?.unwrap_or_default();
    let delimiter = Delimiter::new(delimiter)
        .ok_or_else(|| input_error(format!("{component}: the delimiter is empty; give id_delimiter")))?;
    let line = clean(component, &Line { number: 1, bytes: &bytes, plain: false }, &delimiter)?;
    match line.is_empty() {
        true => Err(input_error(format!(
            "{component}: line 1 is empty where the header should be; with no header set head to 0"
        ))),
        false => Ok(String::from_utf8_lossy(line).into_owned()),
    }
}

/// Loads a file into the table that `begin` begins. `begin` is called a second time, after the first table was dropped, when
/// rows have to be left out. `progress` gets bytes done and the size of the file.
pub fn load<S: Source>(
    source: &mut S,
    plan: &Plan,
    begin: &mut dyn FnMut() -> Result<Box<dyn Sink>>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Loaded> {
    let mut keys = Keys::new(plan.seed);
    let mut duty = match plan.keys {
        KeyRule::FirstCell => Duty::Watch(&mut keys),
        KeyRule::Made(_) => Duty::Nothing,
    };
    let first = pass(source, plan, &mut duty, begin()?, progress)?;
    if first.read == 0 {
        let cause = if plan.head { "a header but no rows" } else { "no rows" };
        return Err(input_error(format!(
            "{}: the file has {cause}; upload a file with at least one row",
            plan.component
        )));
    }
    if let Some(sink) = first.sink {
        return Ok(Loaded { rows: sink.finish()?, superseded: 0 });
    }
    info!("some keys come more than once: the file is read a second time to keep the last row of each");
    let second = pass(source, plan, &mut Duty::Skip(&keys), begin()?, progress)?;
    let rows = match second.sink {
        Some(sink) => sink.finish()?,
        None => 0,
    };
    Ok(Loaded { rows, superseded: second.read - second.kept })
}

/// What a pass does with keys.
enum Duty<'k> {
    Nothing,
    Watch(&'k mut Keys),
    Skip(&'k Keys),
}

/// What a pass came to.
struct Pass {
    /// Rows read.
    read: u64,
    /// Rows that were not skipped.
    kept: u64,
    /// The table, unless a key came twice while it was watched.
    sink: Option<Box<dyn Sink>>,
}

fn pass<S: Source>(
    source: &mut S,
    plan: &Plan,
    duty: &mut Duty<'_>,
    sink: Box<dyn Sink>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Pass> {
    let size = source.size();
    let mut rows = Rows::new(plan);
    let mut page = PageBuilder::new();
    let mut made = String::new();
    let mut done = Pass { read: 0, kept: 0, sink: Some(sink) };
    each_line(source, &plan.component, plan.piece_bytes, progress, |line| {
        let Some(row) = rows.read(line)? else { return Ok(()) };
        let number = done.read;
        done.read += 1;
        let key = match &plan.keys {
            KeyRule::FirstCell => row.key,
            KeyRule::Made(prefix) => {
                made.clear();
                // Writing to a String cannot fail.
                let _ = write!(made, "{prefix}{number}");
                made.as_bytes()
            }
        };
        match &mut *duty {
            Duty::Nothing => {}
            Duty::Watch(keys) => {
                if number == 0 {
                    keys.expect(size / (line.bytes.len() as u64 + 1));
                }
                if keys.see(key, number) {
                    done.sink = None;
                }
            }
            Duty::Skip(keys) if keys.superseded(key, number) => return Ok(()),
            Duty::Skip(_) => {}
        }
        done.kept += 1;
        let Some(sink) = &mut done.sink else { return Ok(()) };
        page.push(key, row.rest);
        if page.is_full() {
            sink.append(&page.take())?;
        }
        Ok(())
    })?;
    if let Some(sink) = &mut done.sink
        && page.rows() > 0
    {
        sink.append(&page.take())?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use parcae_sdk::{Text, tables::Values};

    use super::*;
    use crate::lines::tests::Memory;

    type Table = Rc<RefCell<Vec<(String, String)>>>;

    struct Kept(Table);

    impl Sink for Kept {
        fn append(&mut self, page: &Page) -> Result<()> {
            let (Values::Text(keys), Values::Text(rests)) = (&page.columns[0].values, &page.columns[1].values) else {
                panic!("texts expected");
            };
            for row in 0..page.rows as usize {
                self.0.borrow_mut().push((keys.at(row).to_owned(), rests.at(row).to_owned()));
            }
            Ok(())
        }
        fn finish(self: Box<Self>) -> Result<u64> {
            Ok(self.0.borrow().len() as u64)
        }
    }

    fn run(text: &str, keys: KeyRule, cells: Cells, head: bool) -> (Result<Loaded>, Vec<(String, String)>, usize) {
        let plan = Plan {
            component: "upload_0".into(),
            delimiter: Delimiter::new(",").unwrap(),
            head,
            cells,
            keys,
            seed: 5,
            piece_bytes: 16,
        };
        let table: Table = Rc::default();
        let mut begun = 0;
        let mut begin = || -> Result<Box<dyn Sink>> {
            begun += 1;
            table.borrow_mut().clear();
            Ok(Box::new(Kept(table.clone())))
        };
        let loaded = load(&mut Memory(text.as_bytes().to_vec()), &plan, &mut begin, &mut |_, _| {});
        let rows = table.borrow().clone();
        (loaded, rows, begun)
    }

    fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn one_pass_without_duplicates() {
        let text = "id,y,x\n1,0,2\n2,1,3\n";
        let (loaded, rows, begun) = run(text, KeyRule::FirstCell, Cells::AsHeader(3), true);
        assert_eq!(loaded.unwrap(), Loaded { rows: 2, superseded: 0 });
        assert_eq!((rows, begun), (pairs(&[("1", "0,2"), ("2", "1,3")]), 1));
    }

    #[test]
    fn the_last_of_a_key_wins() {
        let text = "id,x\na,1\nb,2\na,3\nc,4\na,5";
        let (loaded, rows, begun) = run(text, KeyRule::FirstCell, Cells::AsHeader(2), true);
        assert_eq!(loaded.unwrap(), Loaded { rows: 3, superseded: 2 });
        assert_eq!((rows, begun), (pairs(&[("b", "2"), ("c", "4"), ("a", "5")]), 2));
    }

    #[test]
    fn made_keys_count_from_zero() {
        let (loaded, rows, _) = run("id,x\n7,1\n7,2\n", KeyRule::Made("f".into()), Cells::AsHeader(2), true);
        assert_eq!(loaded.unwrap().rows, 2);
        assert_eq!(rows, pairs(&[("f0", "7,1"), ("f1", "7,2")]));
    }

    #[test]
    fn files_without_rows() {
        let fails = |text: &str, head| run(text, KeyRule::FirstCell, Cells::Free, head).0.unwrap_err().message;
        assert!(fails("id,x\n\n", true).contains("a header but no rows"));
        assert!(fails("\n\n", false).contains("no rows"));
        assert!(fails("", false).contains("no rows"));
    }

    #[test]
    fn header_is_trimmed() {
        let read = |text: &str| header_line(&mut Memory(text.as_bytes().to_vec()), "upload_0", ",", 4);
        assert_eq!(read("\u{feff}id,y,x0 \r\n1,2,3").unwrap(), "id,y,x0");
        assert!(read("\r\n1,2").unwrap_err().message.contains("line 1 is empty"));
    }

    #[test]
    fn many_pages() {
        let text: String = (0..20_000).map(|i| format!("{i},{}\n", i * 2)).collect();
        let (loaded, rows, _) = run(&text, KeyRule::FirstCell, Cells::AsFirstRow { guess: true }, false);
        assert_eq!(loaded.unwrap().rows, 20_000);
        assert_eq!(rows[19_999], ("19999".to_owned(), "39998".to_owned()));
    }
}
