//! Numbers, texts and lists as bytes, little end first, lengths before lists. What is read may come from an enemy: nothing is
//! allocated that the bytes at hand do not fill. Not for: what the bytes mean (`pieces`).

/// Bytes that make no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) String);

/// What was read, unless it makes no sense.
pub(crate) type Read<T> = Result<T, Broken>;

/// Something that makes no sense.
pub(crate) fn broken<T>(what: &str) -> Read<T> {
    Err(Broken(what.to_owned()))
}

/// Bytes that are written.
#[derive(Default)]
pub(crate) struct Out(pub(crate) Vec<u8>);

impl Out {
    pub(crate) fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    pub(crate) fn bool(&mut self, is: bool) {
        self.u8(u8::from(is));
    }

    pub(crate) fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn f64(&mut self, number: f64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(crate) fn len(&mut self, len: usize) {
        self.u64(len as u64);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.len(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A list of numbers of so many bytes each.
    pub(crate) fn numbers<T: Copy, const N: usize>(&mut self, numbers: &[T], bytes: impl Fn(T) -> [u8; N]) {
        self.len(numbers.len());
        let at = self.0.len();
        self.0.resize(at + numbers.len() * N, 0);
        let (cells, _) = self.0[at..].as_chunks_mut::<N>();
        for (cell, number) in cells.iter_mut().zip(numbers) {
            *cell = bytes(*number);
        }
    }
}

/// Bytes that are read.
pub(crate) struct In<'a>(pub(crate) &'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        match self.0.split_at_checked(len) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => broken("it ends too early"),
        }
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        match self.0.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(*taken)
            }
            None => broken("it ends too early"),
        }
    }

    pub(crate) fn u8(&mut self) -> Read<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => broken("neither true nor false"),
        }
    }

    pub(crate) fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn f64(&mut self) -> Read<f64> {
        self.array().map(f64::from_le_bytes)
    }

    pub(crate) fn len(&mut self) -> Read<usize> {
        usize::try_from(self.u64()?).map_err(|_| Broken("a length beyond all memory".to_owned()))
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let len = self.len()?;
        self.take(len)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Broken("a text that is not UTF-8".to_owned()))
    }

    pub(crate) fn string(&mut self) -> Read<String> {
        self.text().map(str::to_owned)
    }

    /// A list of numbers of so many bytes each.
    pub(crate) fn numbers<T, const N: usize>(&mut self, number: impl Fn([u8; N]) -> T) -> Read<Vec<T>> {
        let Some(len) = self.len()?.checked_mul(N) else { return broken("a length beyond all memory") };
        let (cells, _) = self.take(len)?.as_chunks::<N>();
        Ok(cells.iter().map(|cell| number(*cell)).collect())
    }

    /// A list; its elements take bytes, so that a length alone allocates nothing.
    pub(crate) fn list<T>(&mut self, mut each: impl FnMut(&mut In<'a>) -> Read<T>) -> Read<Vec<T>> {
        let len = self.len()?;
        if len > self.0.len() {
            return broken("a list that is longer than its bytes");
        }
        let mut list = Vec::new();
        for _ in 0..len {
            list.push(each(self)?);
        }
        Ok(list)
    }

    /// Nothing is left.
    pub(crate) fn end(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { broken("bytes behind its end") }
    }
}
