//! Files that are damaged, cut off or made to do harm: always an error, never a panic, never a huge allocation.

use std::{path::Path, sync::Arc};

use parcae_domain::{
    page::Page,
    port::{PortError, Table},
};

use super::{Folder, page, read_all, schema};
use crate::footer::{self, TAIL_LEN};

/// A file of three small pages, its bytes, and its pages.
fn sample(folder: &Folder) -> (String, Vec<u8>, Vec<Page>) {
    let pages = vec![page(9, 1), page(0, 1), page(3, 2)];
    let file = folder.write(&schema(), 3, &pages).file;
    let bytes = std::fs::read(folder.path(&file)).unwrap();
    (file, bytes, pages)
}

/// Opens `bytes` as a table and reads everything.
fn read(folder: &Folder, file: &str, bytes: &[u8]) -> Result<Vec<Page>, PortError> {
    replace(&folder.path(file), bytes);
    let table: Arc<dyn Table> = folder.tables.open_table(file)?;
    read_all(&table)
}

fn replace(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn every_byte_counts() {
    let folder = Folder::new();
    let (file, bytes, pages) = sample(&folder);
    assert_eq!(read(&folder, &file, &bytes).unwrap(), pages);
    for at in 0..bytes.len() {
        for mask in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= mask;
            let result = read(&folder, &file, &damaged);
            assert!(matches!(&result, Err(PortError::Node(text)) if text.contains(&file)), "byte {at}: {result:?}");
        }
    }
}

#[test]
fn every_length_counts() {
    let folder = Folder::new();
    let (file, bytes, _) = sample(&folder);
    for len in 0..bytes.len() {
        let result = read(&folder, &file, &bytes[..len]);
        assert!(matches!(result, Err(PortError::Node(_))), "{len} bytes: {result:?}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(read(&folder, &file, &longer).is_err());
    let twice = [&bytes[..], &bytes[..]].concat();
    assert!(read(&folder, &file, &twice).is_err());
}

#[test]
fn a_file_cut_off_while_it_is_open() {
    let folder = Folder::new();
    let (file, bytes, _) = sample(&folder);
    let table = folder.tables.open_table(&file).unwrap();
    replace(&folder.path(&file), &bytes[..30]);
    assert!(matches!(read_all(&table), Err(PortError::Node(_))));
}

/// Everything before the footer, and the footer without its tail.
fn split(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (rest, tail) = bytes.split_last_chunk::<TAIL_LEN>().unwrap();
    let (_, len) = footer::decode_tail(tail).unwrap();
    let (data, body) = rest.split_at(rest.len() - len as usize);
    (data.to_vec(), body.to_vec())
}

#[test]
fn hostile_counts_are_refused() {
    let folder = Folder::new();
    let (file, bytes, pages) = sample(&folder);
    let (data, body) = split(&bytes);
    let reseal = |body: Vec<u8>| [data.clone(), footer::seal(body)].concat();
    assert_eq!(read(&folder, &file, &reseal(body.clone())).unwrap(), pages);

    let schema_len = u32::from_le_bytes(body[12..16].try_into().unwrap()) as usize;
    let page = 16 + schema_len;
    // Partitions; columns, pages and bytes of the schema; rows, length and flags of the first chunk.
    let wild = &WILD[..];
    let places = [(0, &WILD[..1]), (4, wild), (8, wild), (12, wild), (page, wild), (page + 4, wild)];
    for (at, numbers) in places {
        for number in numbers {
            let mut wild = body.clone();
            wild[at..at + 4].copy_from_slice(&number.to_le_bytes());
            let result = read(&folder, &file, &reseal(wild));
            assert!(matches!(result, Err(PortError::Node(_))), "{number} at {at}: {result:?}");
        }
    }
    let mut flags = body.clone();
    flags[page + 12] = 2;
    assert!(read(&folder, &file, &reseal(flags)).is_err());
    assert!(read(&folder, &file, &reseal(Vec::new())).is_err());
    assert!(read(&folder, &file, &reseal(body[..page].to_vec())).is_err());
}

const WILD: [u32; 5] = [0, 1, 0x7fff_ffff, 0xffff_fffe, 0xffff_ffff];

#[test]
fn a_footer_longer_than_the_file_is_refused() {
    let folder = Folder::new();
    let (file, bytes, _) = sample(&folder);
    for len in [u64::MAX, 1 << 62, (1 << 30) + 1, bytes.len() as u64, bytes.len() as u64 - 35] {
        let mut wild = bytes.clone();
        let at = wild.len() - 16;
        wild[at..at + 8].copy_from_slice(&len.to_le_bytes());
        assert!(matches!(read(&folder, &file, &wild), Err(PortError::Node(_))), "{len}");
    }
}

#[test]
fn footers_changed_at_random_never_panic() {
    let folder = Folder::new();
    let (file, bytes, _) = sample(&folder);
    let (data, body) = split(&bytes);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..3_000 {
        let mut wild = body.clone();
        for _ in 0..=random() % 3 {
            let at = (random() % wild.len() as u64) as usize;
            wild[at] = random().to_le_bytes()[3];
        }
        let _ = read(&folder, &file, &[data.clone(), footer::seal(wild)].concat());
    }
}
