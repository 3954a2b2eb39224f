//! Which known name was meant: edit distance with a bound on what it costs. Not for: deciding whether a name is known.

/// Most names that are compared.
const MAX_KNOWN: usize = 300;
/// Longest name that is compared, in characters.
const MAX_LENGTH: usize = 64;
/// Most names that are listed when none is near.
const MAX_LISTED: usize = 12;

/// A hint for a name that is not known: the nearest known one, else the known ones if they are few.
pub fn suggest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().take(MAX_KNOWN).collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean {near:?}?"));
    }
    (1..=MAX_LISTED).contains(&known.len()).then(|| format!("known: {}", known.join(", ")))
}

/// The known name that differs least, if a third of the letters or less differ; case does not count.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wanted = letters(name)?;
    let most = (wanted.len() / 3).max(1);
    let mut best: Option<(usize, &'k str)> = None;
    for candidate in known.into_iter().take(MAX_KNOWN) {
        let Some(other) = letters(candidate) else { continue };
        if other.len().abs_diff(wanted.len()) > most {
            continue;
        }
        let far = distance(&wanted, &other);
        if far <= most && far < wanted.len() && best.is_none_or(|(least, _)| far < least) {
            best = Some((far, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = name.chars().take(MAX_LENGTH + 1).map(|c| c.to_ascii_lowercase()).collect();
    (1..=MAX_LENGTH).contains(&letters.len()).then_some(letters)
}

/// Letters to insert, delete, replace or swap with the next one (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (old[j] + 1).min(row[j - 1] + 1).min(old[j - 1] + replaced);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(older[j - 2] + 1);
            }
        }
        older = old;
        old = row;
    }
    old[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest, suggest};

    #[test]
    fn distances() {
        let far = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(far("max_iter", "max_iter"), 0);
        assert_eq!(far("max_itre", "max_iter"), 1);
        assert_eq!(far("max_itr", "max_iter"), 1);
        assert_eq!(far("kitten", "sitting"), 3);
        assert_eq!(far("", "ab"), 2);
    }

    #[test]
    fn the_nearest_name_is_meant() {
        let known = ["HeteroLR", "HeteroLinR", "Reader"];
        assert_eq!(nearest("HeterLR", known), Some("HeteroLR"));
        assert_eq!(nearest("heterolr", known), Some("HeteroLR"));
        assert_eq!(nearest("Evaluation", known), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"x".repeat(1000), known), None);
    }

    #[test]
    fn few_names_are_listed() {
        assert_eq!(suggest("redaer", ["reader"]).as_deref(), Some("did you mean \"reader\"?"));
        assert_eq!(suggest("nothing", ["a", "b"]).as_deref(), Some("known: a, b"));
        assert_eq!(suggest("nothing", []), None);
    }
}
