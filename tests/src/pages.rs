//! Pages of the board as tests look at them: what holds for each, and what one says. Not for: browsers (`browser`).

use crate::http::{Raw, Served};

/// What an answer says, as text.
pub fn text(raw: &Raw) -> String {
    String::from_utf8_lossy(&raw.bytes).into_owned()
}

/// A page that must be there.
#[track_caller]
pub fn page(served: &Served, path: &str) -> String {
    let raw = served.get(path);
    let page = text(&raw);
    assert!(raw.status == 200 && raw.content_type.starts_with("text/html"), "{path}: HTTP {}: {page}", raw.status);
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "inline code of {path} would be refused");
    assert_eq!(page.matches("<h1").count(), 1, "{path} has not one heading");
    page
}

/// A page says all of this.
#[track_caller]
pub fn has(page: &str, wanted: &[&str]) {
    for words in wanted {
        assert!(page.contains(words), "{words:?} is missing in\n{page}");
    }
}
