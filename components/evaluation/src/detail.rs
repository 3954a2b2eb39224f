//! Reads `predict_detail`: the text of a Python dictionary from class to score, `{'0': 0.34, '1': 0.66}`. Not for: anything
//! else that Python can write.

/// Pairs of class and score in the order of the text; `None` where it is not such a dictionary.
pub fn parse(text: &str) -> Option<Vec<(String, f64)>> {
    let mut cursor = Cursor { rest: text };
    let mut pairs = Vec::new();
    cursor.take('{')?;
    if cursor.take('}').is_some() {
        return Some(pairs);
    }
    loop {
        let key = cursor.key()?;
        cursor.take(':')?;
        pairs.push((key, cursor.number()?));
        if cursor.take(',').is_none() {
            cursor.take('}')?;
            return cursor.rest.trim().is_empty().then_some(pairs);
        }
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }

    fn key(&mut self) -> Option<String> {
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else {
            let end = rest.find(':')?;
            self.rest = &rest[end..];
            return Some(rest[..end].trim().to_owned());
        };
        let inside = &rest[1..];
        let mut key = String::new();
        let mut letters = inside.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => key.push(letters.next()?.1),
                _ if letter == quote => {
                    self.rest = &inside[at + 1..];
                    return Some(key);
                }
                _ => key.push(letter),
            }
        }
        None
    }

    fn number(&mut self) -> Option<f64> {
        let rest = self.rest.trim_start();
        let end = rest.find([',', '}'])?;
        self.rest = &rest[end..];
        rest[..end].trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read() {
        let pairs = parse("{'0': 0.34, '1': 0.66}").unwrap();
        assert_eq!(pairs, [("0".to_owned(), 0.34), ("1".to_owned(), 0.66)]);
        assert_eq!(parse("{\"a\":1e-05}").unwrap(), [("a".to_owned(), 1e-5)]);
        assert_eq!(parse("{0: 1, 1: 0}").unwrap(), [("0".to_owned(), 1.0), ("1".to_owned(), 0.0)]);
        assert_eq!(parse(r"{'it\'s, {odd}': 0.5}").unwrap(), [("it's, {odd}".to_owned(), 0.5)]);
        assert!(parse("{}").unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_not() {
        for text in ["", "0.5", "{'0': }", "{'0': 1", "{'0' 1}", "{'0: 1}", "{'0': 1} x", "{'0': 1,}", "{'\\"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
