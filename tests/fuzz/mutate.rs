//! Damages bytes: any bytes, and WebAssembly so that what is around the damage still fits. Not for: what is tried with
//! them (the targets).

use crate::random::Random;

/// Numbers that are wrong more often than others.
const NUMBERS: [u32; 12] = [0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0xffff_ffff];
/// How deep modules are looked for in components.
const DEPTH: usize = 3;
/// Bytes of magic and version.
const HEADER: usize = 8;
/// Sections of a component that hold a module or a component.
const NESTED: [u8; 2] = [1, 4];

/// Damages bytes in a few places.
pub fn bytes(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=random.below(3) {
        one(random, bytes, other);
    }
}

fn one(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(bytes.len());
    let len = random.below(16.min(bytes.len() - at) + 1);
    match random.below(8) {
        _ if bytes.is_empty() => bytes.extend(random.bytes(8)),
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.byte(),
        2 => {
            bytes.drain(at..at + len);
        }
        3 => {
            let again = bytes[at..at + len].to_vec();
            bytes.splice(at..at, again);
        }
        4 => {
            let new = random.bytes(len);
            bytes.splice(at..at, new);
        }
        5 if random.once_in(4) => bytes.truncate(at),
        6 if bytes.len() - at >= 4 => bytes[at..at + 4].copy_from_slice(&random.pick(&NUMBERS).to_le_bytes()),
        _ => {
            let from = random.below(other.len());
            let piece = &other[from..other.len().min(from + random.below(64))];
            let end = bytes.len().min(at + piece.len());
            bytes.splice(at..end, piece.iter().copied());
        }
    }
}

/// Damages a component or a module: whole sections, or the bytes in one, at any depth.
pub fn wasm(random: &mut Random, image: &[u8], other: &[u8]) -> Vec<u8> {
    nested(random, image, other, DEPTH)
}

fn nested(random: &mut Random, image: &[u8], other: &[u8], depth: usize) -> Vec<u8> {
    let mut damaged = image.to_vec();
    let Some(mut sections) = sections(image).filter(|sections| !sections.is_empty()) else {
        bytes(random, &mut damaged, other);
        return damaged;
    };
    let at = random.below(sections.len());
    match random.below(12) {
        0 => bytes(random, &mut damaged, other),
        1 => {
            sections.remove(at);
        }
        2 => sections.insert(random.below(sections.len()), sections[at].clone()),
        3 => {
            let other = random.below(sections.len());
            sections.swap(at, other);
        }
        4 => sections[at].0 = random.byte() % 16,
        5 => {
            if let Some(theirs) = self::sections(other).filter(|theirs| !theirs.is_empty()) {
                sections[at] = random.pick(&theirs).clone();
            }
        }
        _ => {
            let (id, inner) = &mut sections[at];
            if depth > 0 && NESTED.contains(id) {
                *inner = nested(random, inner, other, depth - 1);
            } else {
                bytes(random, inner, other);
            }
        }
    }
    if damaged != image { damaged } else { joined(&image[..HEADER], &sections) }
}

type Section = (u8, Vec<u8>);

/// The sections behind the header; none when they are not whole.
fn sections(image: &[u8]) -> Option<Vec<Section>> {
    let mut rest = image.get(HEADER..)?;
    let mut sections = Vec::new();
    while let Some((id, behind)) = rest.split_first() {
        let (len, behind) = length(behind)?;
        let (inner, behind) = behind.split_at_checked(len)?;
        sections.push((*id, inner.to_vec()));
        rest = behind;
    }
    Some(sections)
}

/// A length of up to five bytes, seven bits each.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    for (at, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((length, &bytes[at + 1..]));
        }
    }
    None
}

fn joined(header: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut image = header.to_vec();
    for (id, inner) in sections {
        image.push(*id);
        let mut rest = inner.len();
        while rest >= 0x80 {
            image.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        image.push(rest.to_le_bytes()[0]);
        image.extend_from_slice(inner);
    }
    image
}

#[test]
fn sections_come_apart_and_together() {
    let image = parcae_catalog::get("reader").unwrap();
    let apart = sections(image).unwrap();
    assert!(apart.len() > 3);
    // A tool may have written a length with more bytes than it needs.
    let together = joined(&image[..HEADER], &apart);
    assert_eq!(sections(&together).unwrap(), apart);
    assert!(together.len() <= image.len());
    let mut random = Random::new(1);
    let differ = (0..100).filter(|_| wasm(&mut random, image, image) != image).count();
    assert!(differ > 80, "{differ} of 100 are damaged");
}
