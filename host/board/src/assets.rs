//! The style sheet and the scripts, within the binary. A link to one has its hash, so that browsers may keep it for ever.
//! Not for: sending them (`server`).

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// A file for browsers.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name: `board.css`.
    pub name: &'static str,
    /// Its content type.
    pub media: &'static str,
    /// What is in it.
    pub text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// One style sheet out of a file for each part of the board.
const STYLE: &str = concat!(
    include_str!("../assets/base.css"),
    include_str!("../assets/lists.css"),
    include_str!("../assets/job.css"),
    include_str!("../assets/task.css"),
    include_str!("../assets/chart.css"),
    include_str!("../assets/module.css"),
    include_str!("../assets/log.css"),
    include_str!("../assets/submit.css"),
);

/// All files.
pub const ASSETS: &[Asset] = &[
    Asset { name: "board.css", media: CSS, text: STYLE },
    Asset { name: "icon.svg", media: SVG, text: include_str!("../assets/icon.svg") },
    Asset { name: "board.js", media: JS, text: include_str!("../assets/board.js") },
    Asset { name: "entry.js", media: JS, text: include_str!("../assets/entry.js") },
    Asset { name: "job.js", media: JS, text: include_str!("../assets/job.js") },
    Asset { name: "chart.js", media: JS, text: include_str!("../assets/chart.js") },
    Asset { name: "log.js", media: JS, text: include_str!("../assets/log.js") },
    Asset { name: "submit.js", media: JS, text: include_str!("../assets/submit.js") },
    Asset { name: "task.js", media: JS, text: include_str!("../assets/task.js") },
    Asset { name: "upload.js", media: JS, text: include_str!("../assets/upload.js") },
];

/// The file of that name.
pub fn asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    ASSETS.iter().for_each(|asset| hash.update(asset.text));
    hash.finalize()[..6].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

/// Where the file of that name is.
pub fn url(name: &str) -> String {
    format!("/assets/{name}?v={}", *VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asks_another_origin_or_needs_inline_code() {
        for Asset { name, text, .. } in ASSETS {
            for word in ["eval(", "new Function", "innerHTML", "setAttribute(\"style\"", "cssText"] {
                assert!(!text.contains(word), "{name} has {word}");
            }
            let foreign = text
                .match_indices("://")
                .filter(|(at, _)| !text[..*at].ends_with("http") || !text[*at..].starts_with("://www.w3.org/"));
            assert_eq!(foreign.count(), 0, "{name} names another origin");
        }
    }

    #[test]
    fn files_have_links() {
        assert!(asset("board.css").is_some() && asset("../Cargo.toml").is_none());
        assert!(url("board.js").starts_with("/assets/board.js?v="));
    }
}
