//! Where something stands in a JSON text: line and column of what a path leads to. Not for: reading JSON, or telling
//! whether a text is any (`serde_json`).

/// A place in a text; both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// The place of a byte.
    fn of_byte(text: &str, at: usize) -> Place {
        let before = text.get(..at).unwrap_or(text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line: before.matches('\n').count() + 1, column }
    }

    /// The place at which a text stopped being JSON.
    pub fn of_error(text: &str, error: &serde_json::Error) -> Place {
        let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
        let before = line.get(..error.column().saturating_sub(1)).map(|before| before.chars().count());
        Place { line: error.line().max(1), column: before.unwrap_or_else(|| line.chars().count()) + 1 }
    }

    /// The place of the last name on a path such as `components.reader_0.module` that a JSON text has; none when it has
    /// not even the first. Names may have dots in them, and places in lists are numbers.
    pub fn of_path(text: &str, path: &str) -> Option<Place> {
        let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
        let (mut rest, mut found) = (path, None);
        while !rest.is_empty() {
            scan.space();
            if !matches!(scan.peek(), Some(b'{' | b'[')) {
                break;
            }
            let Some(child) = scan.child(text, rest) else { break };
            (rest, found) = (child.rest, Some(child.begin));
            scan.at = child.value;
        }
        found.map(|at| Place::of_byte(text, at))
    }
}

/// A member of an object or a list that is on the path.
struct Child<'p> {
    /// Where its name begins; in a list, the value.
    begin: usize,
    /// Where its value begins.
    value: usize,
    /// What of the path lies below it.
    rest: &'p str,
}

/// Goes through a text that is JSON; one that is none only ends it early.
struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// The member with which a path goes on, of what begins here; the one with the longest name, and the last of these.
    fn child<'p>(&mut self, text: &str, path: &'p str) -> Option<Child<'p>> {
        let is_object = self.peek() == Some(b'{');
        let (mut best, mut index): (Option<Child<'p>>, usize) = (None, 0);
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                None | Some(b'}' | b']') => return best,
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let begin = self.at;
            let name = if is_object { self.name(text)? } else { index.to_string() };
            index += 1;
            let rest = path.strip_prefix(name.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('.'));
            if let Some(rest) = rest.map(|rest| rest.strip_prefix('.').unwrap_or(rest))
                && best.as_ref().is_none_or(|best| rest.len() <= best.rest.len())
            {
                best = Some(Child { begin, value: self.at, rest });
            }
            self.value();
        }
    }

    /// A name, and what stands between it and its value.
    fn name(&mut self, text: &str) -> Option<String> {
        let begin = self.at;
        if self.peek() != Some(b'"') {
            return None;
        }
        self.string();
        let name = serde_json::from_str(text.get(begin..self.at)?).ok()?;
        self.space();
        if self.peek() == Some(b':') {
            self.at += 1;
        }
        self.space();
        Some(name)
    }

    /// Past a text.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }

    /// Past a value.
    fn value(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return,
                Some(b'"') => self.string(),
                Some(byte) => {
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth == 0 => return,
                        b'}' | b']' => depth -= 1,
                        b',' if depth == 0 => return,
                        _ => {}
                    }
                    self.at += 1;
                    let goes_on = !matches!(byte, b'}' | b']');
                    if goes_on || depth > 0 {
                        continue;
                    }
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const TEXT: &str = r#"{
  "components": {
    "ä": 1, "reader_0": {"module": "R}\""},
    "a.b": {"x": [1, {"y": 2}]}
  }
}"#;

    #[test]
    fn paths_lead_to_places() {
        let at = |path: &str| Place::of_path(TEXT, path).map(|place| (place.line, place.column));
        assert_eq!(at("components"), Some((2, 3)));
        assert_eq!(at("components.reader_0"), Some((3, 13)));
        assert_eq!(at("components.reader_0.module"), Some((3, 26)));
        assert_eq!(at("components.a.b.x.1.y"), Some((4, 23)));
        // What is missing is missing in what is there.
        assert_eq!(at("components.reader_0.output.data"), Some((3, 13)));
        assert_eq!(at("initiator"), None);
    }

    #[test]
    fn odd_texts_end() {
        for text in ["", "{", "{\"a", "{\"a\":", "{a:1}", "[", "[,,", "{\"a\": \"\\", "1", "{\"a\":{}}}"] {
            let _ = Place::of_path(text, "a.b");
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        let text = "{\n  \"é\": 1,\n}";
        let error = serde_json::from_str::<Value>(text).unwrap_err();
        assert_eq!(Place::of_error(text, &error), Place { line: 3, column: 1 });
        let text = "{\"é\" 1}";
        let error = serde_json::from_str::<Value>(text).unwrap_err();
        assert_eq!(Place::of_error(text, &error), Place { line: 1, column: 6 });
    }
}
