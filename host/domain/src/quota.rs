//! Quotas: what one tenant may use of a node, and how much of it weighs against the others. Not for: limits of one
//! attempt (`limit`), enforcing quotas (`scheduler`, `node`).

use serde::{Deserialize, Serialize};

/// Milliseconds of a day. Days are those of UTC, counted from 1970-01-01.
const DAY_MS: i64 = 86_400_000;

/// What there is to know of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaInfo {
    /// `concurrent_attempts`.
    pub name: &'static str,
    /// `attempts`.
    pub unit: &'static str,
    /// What it bounds, in a sentence.
    pub what: &'static str,
}

/// The quotas, with what there is to know of each in one place.
macro_rules! quotas {
    ($($(#[doc = $what:literal])+ $field:ident, $unit:literal;)+) => {
        /// What one tenant may use; what is none is not bounded, but by what the node has.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Quotas {
            $($(#[doc = $what])+ #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<u64>,)+
        }

        impl Quotas {
            /// All of them, in their order.
            pub const ALL: &'static [QuotaInfo] = &[$(QuotaInfo {
                name: stringify!($field),
                unit: $unit,
                what: concat!($($what),+).trim_ascii(),
            },)+];

            /// The one of that name; none when there is no such quota, or it is not bounded.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name {
                    $(stringify!($field) => self.$field,)+
                    _ => None,
                }
            }

            /// Sets the one of that name; false when there is none.
            pub fn set(&mut self, name: &str, number: Option<u64>) -> bool {
                match name {
                    $(stringify!($field) => self.$field = number,)+
                    _ => return false,
                }
                true
            }
        }
    };
}

quotas! {
    /// Attempts that run at a time: each party of a task is one.
    concurrent_attempts, "attempts";
    /// Jobs that wait for their start.
    queued_jobs, "jobs";
    /// Processor time of all attempts in a day of UTC.
    cpu_seconds_per_day, "seconds a day";
    /// Memory of all attempts together, with what the node holds for them.
    memory_bytes, "bytes";
    /// Tables that are stored.
    table_bytes, "bytes";
    /// Logs of attempts that are stored.
    log_bytes, "bytes";
    /// Messages between parties in a day of UTC.
    message_bytes_per_day, "bytes a day";
    /// Components that are pushed.
    images, "images";
    /// Images of those components.
    image_bytes, "bytes";
    /// Share of the node when several tenants want it, against the weights of the others; 1 where nothing is said.
    weight, "share";
}

impl Quotas {
    /// These, and where they say nothing what the node gives everybody.
    pub fn or(&self, defaults: &Quotas) -> Quotas {
        let mut merged = self.clone();
        for info in Quotas::ALL {
            merged.set(info.name, self.get(info.name).or_else(|| defaults.get(info.name)));
        }
        merged
    }
}

/// How much of a quota is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuotaUse {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it bounds, in a sentence.
    pub what: &'static str,
    /// What the tenant may use; none = it is not bounded.
    pub quota: Option<u64>,
    /// What it uses now.
    pub used: u64,
}

/// The day of UTC that a time belongs to, ms since the epoch.
pub fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// When the day after this one begins, ms since the epoch.
pub fn end_of(day: i64) -> i64 {
    day.saturating_add(1).saturating_mul(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_numbers_and_back() {
        let mut quotas = Quotas::default();
        for info in Quotas::ALL {
            assert_eq!(quotas.get(info.name), None);
            assert!(quotas.set(info.name, Some(7)), "{}", info.name);
            assert!(info.what.ends_with('.') && !info.what.starts_with(' '), "{info:?}");
        }
        let json = serde_json::to_value(&quotas).unwrap();
        assert_eq!(json.as_object().unwrap().len(), Quotas::ALL.len());
        assert_eq!(serde_json::from_value::<Quotas>(json).unwrap(), quotas);
        assert!(!quotas.set("colour", None));
    }

    #[test]
    fn a_tenants_own_quota_counts_before_that_of_everybody() {
        let own: Quotas = serde_json::from_value(serde_json::json!({"images": 2})).unwrap();
        let defaults = Quotas { images: Some(9), queued_jobs: Some(5), ..Quotas::default() };
        let both = own.or(&defaults);
        assert_eq!((both.images, both.queued_jobs, both.weight), (Some(2), Some(5), None));
        assert!(serde_json::from_value::<Quotas>(serde_json::json!({"imges": 2})).is_err());
    }

    #[test]
    fn days_begin_at_midnight_of_utc() {
        assert_eq!((day_of(0), day_of(DAY_MS - 1), day_of(DAY_MS), day_of(-1)), (0, 0, 1, -1));
        assert_eq!(end_of(day_of(5)), DAY_MS);
    }
}
