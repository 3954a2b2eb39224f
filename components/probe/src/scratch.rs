//! Behaviours of `ProbeScratch`, which asks for a scratch directory and for many messages: use as it is meant, and
//! every way to more than the quota. Each wants the directory empty. Not for: a component without the grant (`wasi`).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
};

use parcae_sdk::{Result, failed, federation, info};

use crate::{Behaviour, Request, behaviour};

/// The behaviours; `amount` is the quota in bytes, or in files.
pub static ALL: [Behaviour; 8] = [
    behaviour("scratch_use", "success: files and folders do what they do anywhere, and nothing else is there", usual),
    behaviour("scratch_full", "success: files together never have more than `amount` bytes", full_of_files),
    behaviour("scratch_grow", "success: one file never has more than `amount` bytes, however it grows", grow),
    behaviour("scratch_swap", "success: what is renamed over or removed counts until it is closed", swap),
    behaviour("scratch_many", "success: no more than `amount` files and folders are made", many),
    behaviour("scratch_open", "success: some files can be open at once, and not endlessly many", open),
    behaviour("scratch_deep", "success: `amount` folders, each in the other, are left behind", deep),
    behaviour("volume", "success: `amount` messages of 64 KiB are sent", volume),
];

/// Where the directory is.
const ROOT: &str = "/scratch";
/// `ENOSPC` as WASI has it; and `EIO`, which is all that the C library tells of a stream that failed.
const FULL: [i32; 2] = [51, 29];

fn path(name: &str) -> String {
    format!("{ROOT}/{name}")
}

/// Something that has to go well.
fn must<T>(what: &str, got: io::Result<T>) -> Result<T> {
    got.map_err(|error| failed(format!("{what}: {error}")))
}

/// Something for which there must be no room.
fn full<T>(what: &str, got: io::Result<T>) -> Result<()> {
    match got {
        Err(error) if error.raw_os_error().is_some_and(|number| FULL.contains(&number)) => Ok(()),
        Err(error) => Err(failed(format!("expected another error: {what}: {error}"))),
        Ok(_) => Err(failed(format!("expected an error: {what}"))),
    }
}

/// Something that must not be possible.
fn refused<T>(what: &str, got: io::Result<T>) -> Result<()> {
    match got {
        Err(error) => {
            info!("{what}: {error}");
            Ok(())
        }
        Ok(_) => Err(failed(format!("expected an error: {what}"))),
    }
}

fn write(name: &str, bytes: u64) -> io::Result<File> {
    let mut file = File::create(path(name))?;
    let block = [7; 4096];
    let mut left = bytes;
    while left > 0 {
        let part = left.min(block.len() as u64);
        file.write_all(&block[..part as usize])?;
        left -= part;
    }
    Ok(file)
}

fn length(name: &str) -> Result<u64> {
    Ok(must("length", fs::metadata(path(name)))?.len())
}

fn usual(_: &Request) -> Result<()> {
    must("folder", fs::create_dir(path("folder")))?;
    must("write", fs::write(path("folder/a"), "one\n"))?;
    let mut file = must("open to append", OpenOptions::new().append(true).open(path("folder/a")))?;
    must("append", file.write_all(b"two\n"))?;
    must("sync", file.sync_all())?;
    must("rename", fs::rename(path("folder/a"), path("b")))?;
    let mut file = must("open", OpenOptions::new().read(true).write(true).open(path("b")))?;
    let mut text = String::new();
    must("read", file.read_to_string(&mut text))?;
    must("seek", file.seek(SeekFrom::Start(0)))?;
    must("write in place", file.write_all(b"ONE"))?;
    let text = text + &must("read again", fs::read_to_string(path("b")))?;
    let names = must("list", fs::read_dir(ROOT))?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    if text != "one\ntwo\nONE\ntwo\n" || names != ["b", "folder"] {
        return Err(failed(format!("expected other files: {text:?} in {names:?}")));
    }
    refused("hard link", fs::hard_link(path("b"), path("c")))?;
    for beyond in ["/", "/etc/passwd", "/scratch/../etc/passwd", "/scratch/folder/../../b", "b", "/tmp"] {
        refused(&format!("look at {beyond}"), fs::metadata(beyond))?;
        refused(&format!("make {beyond}"), File::create(beyond))?;
    }
    must("remove folder", fs::remove_dir(path("folder")))?;
    must("remove file", fs::remove_file(path("b")))
}

fn full_of_files(request: &Request) -> Result<()> {
    let each = request.amount / 8 + 1;
    for at in 0..7 {
        must("a file that fits", write(&format!("f{at}"), each))?;
    }
    full("a file too many", write("f7", each))?;
    let lengths = (0..8).map(|at| length(&format!("f{at}"))).collect::<Result<Vec<u64>>>()?;
    let sum: u64 = lengths.iter().sum();
    if sum > request.amount {
        return Err(failed(format!("expected at most {} bytes: {lengths:?}", request.amount)));
    }
    for at in 0..8 {
        must("remove", fs::remove_file(path(&format!("f{at}"))))?;
    }
    must("all the room again", write("whole", request.amount))?;
    info!("{} of {sum} bytes", length("whole")?);
    Ok(())
}

fn grow(request: &Request) -> Result<()> {
    let most = request.amount;
    let file = must("make", write("a", 0))?;
    full("longer than there is room", file.set_len(most + 1))?;
    must("as long as there is room", file.set_len(most))?;
    must("cut", file.set_len(0))?;
    let append = || OpenOptions::new().append(true).open(path("a"));
    let (mut one, mut other) = (must("append", append())?, must("append twice", append())?);
    let block = vec![7; (most / 4) as usize];
    for _ in 0..2 {
        must("append", one.write_all(&block))?;
        must("append through the other", other.write_all(&block))?;
    }
    full("append beyond", one.write_all(&[7; 8]))?;
    full("append beyond through the other", other.write_all(&[7; 8]))?;
    let mut behind = must("open", OpenOptions::new().write(true).open(path("a")))?;
    must("overwrite", behind.write_all(&block))?;
    must("seek", behind.seek(SeekFrom::Start(most * 1000)))?;
    full("write far behind the end", behind.write_all(b"x"))?;
    must("seek", behind.seek(SeekFrom::Start(u64::MAX >> 1)))?;
    refused("write where no file reaches", behind.write_all(b"x"))?;
    must("empty again", File::create(path("a")))?;
    must("another takes the room", write("b", most))?;
    let (a, b) = (length("a")?, length("b")?);
    if (a, b) == (0, most) { Ok(()) } else { Err(failed(format!("expected other lengths: {a}, {b}"))) }
}

fn swap(request: &Request) -> Result<()> {
    let half = request.amount / 2;
    must("one half", write("a", half))?;
    must("the other half", write("b", half))?;
    must("rename over", fs::rename(path("a"), path("b")))?;
    must("the half that came free", write("a", half))?;
    full("more", write("c", half))?;
    must("remove", fs::remove_file(path("c")))?;
    let open = must("open", File::open(path("a")))?;
    must("remove what is open", fs::remove_file(path("a")))?;
    full("it counts still", write("c", half))?;
    must("remove", fs::remove_file(path("c")))?;
    drop(open);
    must("it is gone", write("c", half))?;
    let open = must("open", File::open(path("b")))?;
    must("rename over what is open", fs::rename(path("c"), path("b")))?;
    full("both count", write("d", half))?;
    drop(open);
    must("truncated by opening", File::create(path("b")))?;
    must("all but nothing", write("d", half))?;
    Ok(())
}

fn many(request: &Request) -> Result<()> {
    for at in 0..request.amount {
        let name = path(&format!("n{at}"));
        if at % 2 == 0 { must("file", File::create(name).map(drop))? } else { must("folder", fs::create_dir(name))? }
    }
    full("a file more", File::create(path("more")))?;
    full("a folder more", fs::create_dir(path("more")))?;
    must("open what is there", File::create(path("n0")))?;
    must("remove a folder", fs::remove_dir(path("n1")))?;
    must("a file in its place", File::create(path("more")))?;
    full("another", fs::create_dir(path("still more")))
}

fn open(_: &Request) -> Result<()> {
    let mut all = vec![must("make", write("a", 1))?];
    loop {
        match File::open(path("a")) {
            Ok(file) if all.len() < 100_000 => all.push(file),
            Ok(_) => return Err(failed("expected an end of files that are open")),
            Err(error) => {
                info!("{} open files, then: {error}", all.len());
                return if all.len() > 50 { Ok(()) } else { Err(failed("expected more open files")) };
            }
        }
    }
}

fn deep(request: &Request) -> Result<()> {
    // What is as deep as all others together has them moved into it.
    must("folder", fs::create_dir(path("d")))?;
    for _ in 1..request.amount {
        must("folder", fs::create_dir(path("e")))?;
        must("move", fs::rename(path("d"), path("e/d")))?;
        must("move", fs::rename(path("e"), path("d")))?;
    }
    info!("{} folders deep", request.amount);
    Ok(())
}

fn volume(request: &Request) -> Result<()> {
    let body = vec![7; 64 << 10];
    for _ in 0..request.amount {
        for party in request.others()? {
            federation::push(party, "volume", &body)?;
        }
    }
    // Nobody takes messages of one that has ended.
    for party in request.others()? {
        federation::push(party, "done", &[])?;
    }
    for party in request.others()? {
        federation::pull(party, "done")?;
    }
    info!("{} messages are sent", request.amount);
    Ok(())
}
