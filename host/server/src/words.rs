//! Refusals quote what was sent, and what was sent may be megabytes. Not for: what they say (everything).

/// Longest word, in letters.
const WORD: usize = 200;
/// Longest text, in bytes.
const TEXT: usize = 16 << 10;

/// A text for a user: words that go on and on are cut, and so is the text.
pub(crate) fn cut(text: String) -> String {
    if text.len() <= WORD {
        return text;
    }
    let (mut short, mut letters) = (String::with_capacity(text.len().min(TEXT + 8)), 0);
    for letter in text.chars() {
        letters = if letter.is_whitespace() { 0 } else { letters + 1 };
        if short.len() >= TEXT {
            short.push('…');
            break;
        }
        match letters {
            ..=WORD => short.push(letter),
            _ if letters == WORD + 1 => short.push('…'),
            _ => {}
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_and_long_texts_are_cut() {
        let plain = format!("there is no job {}", "7".repeat(200));
        assert_eq!(cut(plain.clone()), plain);
        let long = cut(format!("there is no job {}: look at job/query", "ä".repeat(5_000_000)));
        assert_eq!(long, format!("there is no job {}… look at job/query", "ä".repeat(200)));
        let many = cut("ab ".repeat(1_000_000));
        assert!(many.len() < TEXT + 8 && many.ends_with('…'));
    }
}
