//! Takes a zip file apart that anybody may have made: only members of the layout, each once, none larger than allowed,
//! all whole. Nothing is written to the disk, and nothing is believed that can be counted. Not for: what the members
//! mean (`content`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use parcae_domain::text::printable;
use sha2::{Digest, Sha256};
use zip::read::{ArchiveOffset, Config};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use crate::archive::layout::Member;
use crate::archive::{MAX_ARCHIVE_BYTES, hexadecimal};

/// Most members, folders included.
const MAX_MEMBERS: u16 = 10_000;
/// Largest directory of members, bytes.
const MAX_DIRECTORY: u32 = 8 << 20;
/// Bytes of the record at the end of every zip file.
const END: usize = 22;
/// How that record begins.
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
/// Folders of the layout.
const FOLDERS: [&str; 4] = ["define", "variables", "run_parameters", "checkpoint"];

/// Longest text about an archive, characters.
const LONGEST: usize = 4_000;

/// Why an archive is not taken. The text may quote what is in it; as it is shown, it holds nothing that a terminal obeys.
#[derive(Debug, thiserror::Error)]
#[error("{}", printable(.0, LONGEST))]
pub(crate) struct Refused(pub(crate) String);

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Refused {
        Refused(format!("the archive cannot be read: {error}"))
    }
}

impl From<ZipError> for Refused {
    fn from(error: ZipError) -> Refused {
        let cure = "it was cut off, changed on its way, or is none that FATE or Parcae wrote: export it again";
        Refused(format!("the archive is not whole ({error}); {cure}"))
    }
}

/// Members of an archive with what they hold.
pub(crate) type Members = BTreeMap<Member, Vec<u8>>;

/// SHA-256 of a whole file.
pub(crate) fn digest(mut file: &File) -> io::Result<String> {
    file.rewind()?;
    let mut sha256 = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hexadecimal(&sha256.finalize())),
            read => sha256.update(&block[..read]),
        }
    }
}

/// Members of an archive of which none is larger than `largest` bytes.
pub(crate) fn unpack(file: &File, largest: u64) -> Result<Members, Refused> {
    check_end(file)?;
    // Nothing stands before the first member, so that every reader of zip files sees the same ones.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut zip = ZipArchive::with_config(config, file)?;
    if zip.len() > usize::from(MAX_MEMBERS) {
        return Err(too_many());
    }
    zip.validate_header_consistency()?;
    let mut members = Members::new();
    let mut left = MAX_ARCHIVE_BYTES;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let declared = entry.size();
        if entry.is_dir() && declared == 0 && is_folder(&name) {
            continue;
        }
        let is_plain = !entry.encrypted() && !entry.is_symlink() && !entry.is_dir();
        let is_known = matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated);
        let member = Member::parse(&name).filter(|_| is_plain && is_known).ok_or_else(|| foreign(&name))?;
        check_size(&name, declared, largest, left)?;
        let bytes = read(&mut entry, &name, declared)?;
        left = left.saturating_sub(declared);
        if members.insert(member, bytes).is_some() {
            return Err(Refused(format!("the archive has the member {name:?} twice")));
        }
    }
    Ok(members)
}

/// Looks at the end of the file, before anything is made as large as it says.
fn check_end(mut file: &File) -> Result<(), Refused> {
    let bytes = file.metadata()?.len();
    if bytes > MAX_ARCHIVE_BYTES {
        return Err(Refused("the archive is larger than 1 GiB, the most that is taken".into()));
    }
    let no_archive = "the file is no whole zip archive: it was cut off, or is something else; export it again";
    let cut = || Refused(no_archive.into());
    let Some(start) = bytes.checked_sub(END as u64) else { return Err(cut()) };
    let mut end = [0; END];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut end)?;
    let short = |at: usize| u16::from_le_bytes([end[at], end[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]);
    let (members, directory, offset) = (short(10), long(12), long(16));
    if end[..4] != END_SIGNATURE || short(20) != 0 || u64::from(offset) + u64::from(directory) != start {
        return Err(cut());
    }
    if members > MAX_MEMBERS || directory > MAX_DIRECTORY {
        return Err(too_many());
    }
    file.rewind()?;
    Ok(())
}

fn check_size(name: &str, declared: u64, largest: u64, left: u64) -> Result<(), Refused> {
    if declared > largest {
        return Err(Refused(format!(
            "the member {name:?} has {declared} bytes unpacked; {largest} are allowed: raise limit model_bytes, if you \
             trust the archive"
        )));
    }
    if declared > left {
        return Err(Refused("the archive has more than 1 GiB unpacked, the most that is taken".into()));
    }
    Ok(())
}

/// Reads a member, but not more than it says it has; its check sum is compared at its end.
fn read(entry: &mut impl Read, name: &str, declared: u64) -> Result<Vec<u8>, Refused> {
    let broken =
        |e: io::Error| Refused(format!("the member {name:?} of the archive is damaged ({e}): export it again"));
    let mut bytes = Vec::new();
    entry.by_ref().take(declared.saturating_add(1)).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 != declared {
        return Err(Refused(format!(
            "the member {name:?} is not as long as the archive says: it is damaged or a trap"
        )));
    }
    Ok(bytes)
}

fn too_many() -> Refused {
    Refused(format!("the archive has more than {MAX_MEMBERS} members, the most that is taken"))
}

fn foreign(name: &str) -> Refused {
    let name: String = name.chars().take(200).collect();
    Refused(format!("the archive has the member {name:?}, which does not belong into the archive of a model"))
}

/// A folder of the layout: FATE's archives have them as members of their own.
fn is_folder(name: &str) -> bool {
    let segment = |text: &str| {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"_-.#:".contains(&b);
        !text.is_empty() && text != "." && text != ".." && text.bytes().all(good)
    };
    let Some(path) = name.strip_suffix('/') else { return false };
    path.split('/').all(segment) && path.split('/').next().is_some_and(|first| FOLDERS.contains(&first))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const LARGEST: u64 = 1 << 20;

    fn packed(members: &[(&str, &[u8])]) -> File {
        let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
        for (name, bytes) in members {
            if name.ends_with('/') {
                zip.add_directory(*name, SimpleFileOptions::default()).unwrap();
                continue;
            }
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap()
    }

    fn fault(members: &[(&str, &[u8])]) -> String {
        unpack(&packed(members), LARGEST).unwrap_err().to_string()
    }

    #[test]
    fn members_of_the_layout_come_out_whole() {
        let file = packed(&[("define/", b""), ("define/define_meta.yaml", b"a"), ("parcae.json", b"{}")]);
        let members = unpack(&file, LARGEST).unwrap();
        assert_eq!(members, Members::from([(Member::Manifest, b"{}".into()), (Member::DefineMeta, b"a".into())]));
    }

    #[test]
    fn nothing_else_is_taken() {
        for name in ["../parcae.json", "/parcae.json", "a\\b", "other.txt", "variables/data/a/b/..", "other/", "../"] {
            assert!(fault(&[(name, b"")]).contains("does not belong"), "{name}");
        }
        let bomb = vec![0; 2 << 20];
        assert!(fault(&[("parcae.json", &bomb)]).contains("model_bytes"));
    }

    #[test]
    fn what_was_cut_off_is_refused_at_every_length() {
        let file = packed(&[("parcae.json", b"{\"format\": 1}"), ("import_model.json", b"{}")]);
        let mut whole = Vec::new();
        (&file).rewind().unwrap();
        (&file).read_to_end(&mut whole).unwrap();
        for length in 0..whole.len() {
            let mut cut = tempfile::tempfile().unwrap();
            cut.write_all(&whole[..length]).unwrap();
            assert!(unpack(&cut, LARGEST).is_err(), "{length} of {}", whole.len());
        }
    }
}
