//! How parties and roles are shown: `host 10000`, `host`. Not for: what they are (`wit/types.wit`).

use std::fmt;

use crate::{Party, Role};

impl fmt::Display for Role {
    /// The word on the wire: `guest`, `host`, `arbiter`, `local`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Guest => "guest",
            Role::Host => "host",
            Role::Arbiter => "arbiter",
            Role::Local => "local",
        })
    }
}

impl fmt::Display for Party {
    /// The role and the number: `host 10000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_are_shown_with_their_role() {
        let party = Party { role: Role::Host, id: 10_000 };
        assert_eq!(party.to_string(), "host 10000");
        assert_eq!(format!("{}_{}", party.role, party.id), "host_10000");
    }
}
