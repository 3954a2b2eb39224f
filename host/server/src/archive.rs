//! Files as answers: archives that are put together in a temporary file without a name, which vanishes with the answer,
//! and are then streamed. Nothing is held in memory. Not for: what is in them (`download`).

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, Write},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use tokio_util::io::ReaderStream;

/// A tar archive, packed with gzip, as Python's `tarfile` opens it with `r:gz`.
pub(crate) struct Archive {
    builder: tar::Builder<GzEncoder<BufWriter<File>>>,
    now: u64,
}

/// A file that is complete, and its bytes.
pub(crate) struct Finished {
    file: File,
    len: u64,
}

impl Archive {
    /// Begins an archive in a folder.
    pub(crate) fn begin(folder: &Path) -> io::Result<Archive> {
        let file = BufWriter::new(tempfile::tempfile_in(folder)?);
        let builder = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Ok(Archive { builder, now })
    }

    /// Adds a file of `len` bytes. A source that has become longer is cut, one that has become shorter is filled up: a
    /// log may change while it is read, and the archive must stay one.
    pub(crate) fn add(&mut self, name: &Path, len: u64, source: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(len);
        header.set_mode(0o644);
        header.set_mtime(self.now);
        self.builder.append_data(&mut header, name, source.chain(io::repeat(b'\n')).take(len))
    }

    /// Ends the archive.
    pub(crate) fn finish(self) -> io::Result<Finished> {
        let packed = self.builder.into_inner()?.finish()?;
        let mut file = packed.into_inner().map_err(io::IntoInnerError::into_error)?;
        let len = file.stream_position()?;
        file.rewind()?;
        Ok(Finished { file, len })
    }
}

/// A temporary file that is written once and then read from its beginning: its length is known before it is packed.
pub(crate) fn spool<E: From<io::Error>>(
    folder: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(u64, File), E> {
    let mut out = BufWriter::new(tempfile::tempfile_in(folder)?);
    write(&mut out)?;
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let len = file.stream_position()?;
    file.rewind()?;
    Ok((len, file))
}

/// An archive as an answer.
pub(crate) fn tar_response(name: &str, archive: Finished) -> Response {
    let stream = ReaderStream::with_capacity(tokio::fs::File::from_std(archive.file), 64 << 10);
    let mut response = attachment(name, "application/x-tar", Body::from_stream(stream));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(archive.len));
    response
}

/// A file as an answer.
pub(crate) fn attachment(name: &str, media: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename={}", plain(name));
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    response
}

/// A name that is nothing but a name, for it may come from a request.
fn plain(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    name.chars().take(200).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn an_archive_stays_one_when_files_change() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::begin(folder.path()).unwrap();
        archive.add(Path::new("guest/9999/INFO.log"), 4, &b"line and more"[..]).unwrap();
        archive.add(Path::new("short.log"), 6, &b"abc"[..]).unwrap();
        let mut finished = archive.finish().unwrap();
        assert_eq!(finished.file.metadata().unwrap().len(), finished.len);
        let mut entries = tar::Archive::new(GzDecoder::new(&mut finished.file));
        let files: Vec<(String, String)> = entries
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (entry.path().unwrap().display().to_string(), text)
            })
            .collect();
        assert_eq!(files, [("guest/9999/INFO.log".into(), "line".into()), ("short.log".into(), "abc\n\n\n".into())]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn names_from_requests_are_made_harmless() {
        assert_eq!(plain("summary_reader_0.json"), "summary_reader_0.json");
        assert_eq!(plain("../a b\r\n\"x\""), ".._a_b___x_");
    }
}
