//! Text of strangers, made fit for messages and terminals. Not for: what the messages say (everything).

/// Text of a stranger for people: at most so many characters, and none that a terminal obeys.
pub fn printable(text: &str, chars: usize) -> String {
    let obeyed = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || turns(c);
    text.chars().take(chars).map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// True for what makes text run the other way, so that it reads as something else.
pub fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        let text = "a\u{1b}[31m\0\u{202e}\r\nb\tc\u{9b}";
        assert_eq!(printable(text, 100), "a\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}\nb\tc\u{fffd}");
        assert_eq!(printable("größer", 3), "grö");
    }
}
