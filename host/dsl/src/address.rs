//! Which parties of a role a part of the conf is for: `"0"`, `"0|1"` or `"all"`. Not for: the parts themselves.

/// Parties of a role, by their place in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Each of them.
    All,
    /// Those at these places.
    At(Vec<usize>),
}

impl Address {
    /// Reads a key; none for keys that are no address (the toy test sends component names in their place).
    pub(crate) fn parse(key: &str) -> Option<Address> {
        if key == "all" {
            return Some(Address::All);
        }
        key.split('|').map(place).collect::<Option<Vec<usize>>>().map(Address::At)
    }

    /// True when the party at this place is meant.
    pub(crate) fn is_for(&self, place: usize) -> bool {
        match self {
            Address::All => true,
            Address::At(places) => places.contains(&place),
        }
    }

    /// The places that no party has.
    pub(crate) fn beyond(&self, parties: usize) -> Vec<usize> {
        match self {
            Address::All => Vec::new(),
            Address::At(places) => places.iter().copied().filter(|place| *place >= parties).collect(),
        }
    }
}

/// Places are compared as texts upstream: `00` is not `0`.
fn place(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn keys_are_places_or_nothing() {
        assert_eq!(Address::parse("all"), Some(Address::All));
        assert_eq!(Address::parse("0"), Some(Address::At(vec![0])));
        assert_eq!(Address::parse("0|12"), Some(Address::At(vec![0, 12])));
        for other in ["", "|", "0|", "00", "a", "0|a", "-1", "secure_add_example_0", "ALL"] {
            assert_eq!(Address::parse(other), None, "{other}");
        }
    }

    #[test]
    fn places_name_parties() {
        let some = Address::At(vec![0, 2]);
        assert!(some.is_for(0) && !some.is_for(1) && Address::All.is_for(7));
        assert_eq!(some.beyond(2), [2]);
    }
}
