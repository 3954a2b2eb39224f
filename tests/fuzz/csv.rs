//! Files that users upload, damaged: the reader refuses them with words, or makes a table that holds what they hold and
//! comes out again as a file. Most are read by the component natively; now and then one goes through a whole node.

use parcae_sdk::{
    Frame, Role, Text,
    tables::{Texts, Values},
    testing::{Job, Outcome},
};
use parcae_tests::http::Served;
use parcae_upload::Upload;
use serde_json::{Value, json};

use crate::random::Random;
use crate::{check_words, corpus, fuzz, mutate};

/// What separates cells.
const DELIMITERS: [&str; 4] = [",", "\t", "::", "ä"];
/// Of so many files one goes through a node, too.
const THROUGH_A_NODE: u8 = 64;

/// How a file is to be read: the bits of its first byte.
#[derive(Clone, Copy)]
struct Reading(u8);

impl Reading {
    fn bit(self, bit: u8) -> bool {
        self.0 & (1 << bit) != 0
    }

    fn head(self) -> bool {
        !self.bit(0)
    }

    fn delimiter(self) -> &'static str {
        DELIMITERS[usize::from((self.0 >> 1) & 3)]
    }

    fn makes_keys(self) -> bool {
        self.bit(3)
    }

    fn parameters(self) -> Value {
        json!({
            "namespace": "fuzz", "name": "t", "head": u8::from(self.head()), "partition": 3,
            "id_delimiter": self.delimiter(), "extend_sid": self.makes_keys(), "auto_increasing_sid": self.bit(4),
            "drop": true
        })
    }
}

/// Reads a file natively: the table, unless it was refused.
fn read(parameters: Value, file: &[u8]) -> Option<Frame> {
    let job = Job::new::<Upload>("Upload").party(Role::Local, 0, |party| party.uploaded(file)).parameters(parameters);
    let Outcome { mut parties, .. } = job.run();
    let party = parties.pop().unwrap();
    if let Some(failure) = party.failure() {
        assert!(!failure.message.starts_with("panicked"), "{}", failure.message);
        check_words(&failure.message);
        return None;
    }
    let (name, frame) = party.published.into_iter().next().unwrap();
    assert_eq!(name, ("fuzz".to_owned(), "t".to_owned()));
    Some(frame)
}

/// Texts of a column.
fn column(frame: &Frame, at: usize) -> &Texts {
    match &frame.columns[at].values {
        Values::Text(texts) => texts,
        _ => panic!("a column that is no text: {:?}", frame.columns[at].definition.name),
    }
}

/// What holds for every table that is made of a file.
fn check(reading: Reading, file: &[u8], frame: &Frame) {
    let lines = file.split(|byte| *byte == b'\n').count();
    assert!((1..=lines).contains(&frame.rows()), "{} rows of {lines} lines", frame.rows());
    let keys = column(frame, 0);
    let mut all: Vec<&str> = (0..frame.rows()).map(|row| keys.at(row)).collect();
    assert!(all.iter().all(|key| !key.trim_ascii().is_empty()), "a row without a key");
    all.sort_unstable();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "a key stands twice");
    if !reading.makes_keys() {
        again(reading, frame);
    }
}

/// Written as a file without a header, and read again, the table has the same rows.
fn again(reading: Reading, frame: &Frame) {
    let (keys, rest) = (column(frame, 0), column(frame, 1));
    let rows = || (0..frame.rows()).map(move |row| (keys.at(row), rest.at(row)));
    let cells = |rest: &str| rest.matches(reading.delimiter()).count();
    // A row of a key alone, a mark at the beginning of a file, and another row that comes first may mean something
    // else.
    let odd =
        |(key, text): (&str, &str)| text.is_empty() || key.starts_with('\u{feff}') || cells(text) != cells(rest.at(0));
    if rows().any(odd) {
        return;
    }
    let file: String = rows().map(|(key, rest)| format!("{key}{}{rest}\n", reading.delimiter())).collect();
    let parameters = Reading(reading.0 | 1).parameters();
    let second = read(parameters, file.as_bytes()).unwrap_or_else(|| panic!("its own rows are refused: {file:?}"));
    assert_eq!(second.rows(), frame.rows(), "{file:?}");
    for (row, (key, rest)) in rows().enumerate() {
        assert_eq!((column(&second, 0).at(row), column(&second, 1).at(row)), (key, rest), "{file:?}");
    }
}

/// Uploads a file to a node, which must make the same of it, and downloads the table.
fn through_a_node(served: &Served, reading: Reading, file: &[u8], rows: Option<usize>) {
    let mut conf = reading.parameters();
    conf["file"] = json!("t.csv");
    conf["table_name"] = json!("t");
    let (_, answer) = served.upload(&conf, file);
    assert_eq!((&answer["retcode"], &answer["data"]["code"]), (&json!(0), &json!(0)), "{answer}");
    let ended = served.wait(answer["jobId"].as_str().unwrap(), "local", 0);
    let wanted = if rows.is_some() { "success" } else { "failed" };
    assert_eq!(ended["f_status"], wanted, "{rows:?} rows natively");
    if let Some(rows) = rows {
        let name = json!({"namespace": "fuzz", "table_name": "t"});
        let files = served.get_with_body("table/download", name).files();
        let lines = files["table.csv"].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines, rows + 1, "lines of the table as a file, with its header");
    }
}

fn invented(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut file = random.pick(seeds).clone();
    let other = random.pick(seeds);
    if random.once_in(4) {
        file.extend_from_slice(other);
    }
    if !random.once_in(10) {
        mutate::bytes(random, &mut file, other);
    }
    // How it is to be read, mostly as it was meant, and whether it goes through a node.
    let how = if random.once_in(3) { random.byte() } else { 0 };
    [vec![how, random.byte()], file].concat()
}

#[test]
fn csv() {
    let (served, seeds) = (Served::new(), corpus::of("csv"));
    fuzz(
        "csv",
        |random| invented(random, &seeds),
        |bytes| {
            let Some(([how, node], file)) = bytes.split_first_chunk::<2>() else { return false };
            let reading = Reading(*how);
            let read = read(reading.parameters(), file);
            if let Some(frame) = &read {
                check(reading, file, frame);
            }
            if node.is_multiple_of(THROUGH_A_NODE) && !file.is_empty() {
                through_a_node(&served, reading, file, read.as_ref().map(Frame::rows));
            }
            read.is_some()
        },
    );
}
