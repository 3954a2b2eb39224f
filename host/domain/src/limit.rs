//! Limits of attempts, jobs and the node: each has a name, a unit, words, and one place that enforces it. Not for:
//! enforcing them (`runtime`, and the node's `World`), who may lower them (`limit_sources`).

use serde::{Deserialize, Serialize};

/// Largest image of a component, bytes.
pub const IMAGE_BYTES: usize = 64 << 20;

/// What a limit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// One run of a module at one party.
    Attempt,
    /// One job.
    Job,
    /// The whole node: only its operator sets it.
    Node,
}

/// What there is to know of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LimitInfo {
    /// `memory_bytes`.
    pub name: &'static str,
    /// `bytes`.
    pub unit: &'static str,
    /// What it bounds, in a sentence.
    pub what: &'static str,
    /// What it is about.
    pub per: Per,
}

/// A number of a limit.
trait Number: Copy {
    fn wide(self) -> u64;
    fn narrow(number: u64) -> Self;
}

impl Number for u64 {
    fn wide(self) -> u64 {
        self
    }

    fn narrow(number: u64) -> u64 {
        number
    }
}

impl Number for u32 {
    fn wide(self) -> u64 {
        u64::from(self)
    }

    fn narrow(number: u64) -> u32 {
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

/// A struct of limits, with its defaults and what there is to know of each in one place.
macro_rules! limits {
    (
        $(#[$outer:meta])*
        pub struct $name:ident {
            $($(#[doc = $what:literal])+ $field:ident: $number:ty = $default:expr, $unit:literal, $per:ident;)+
        }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $what])+ pub $field: $number,)+
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)+ }
            }
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [LimitInfo] = &[$(LimitInfo {
                name: stringify!($field),
                unit: $unit,
                what: concat!($($what),+).trim_ascii(),
                per: Per::$per,
            },)+];

            /// The one of that name.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name {
                    $(stringify!($field) => Some(self.$field.wide()),)+
                    _ => None,
                }
            }

            /// Sets the one of that name, to what its type can hold; false when there is none.
            pub fn set(&mut self, name: &str, number: u64) -> bool {
                match name {
                    $(stringify!($field) => self.$field = Number::narrow(number),)+
                    _ => return false,
                }
                true
            }
        }
    };
}

limits! {
    /// What one attempt may use, and the job that it belongs to.
    pub struct Limits {
        /// Linear memory, summed over all memories of the attempt.
        memory_bytes: u64 = 512 << 20, "bytes", Attempt;
        /// Linear memories.
        memories: u32 = 8, "count", Attempt;
        /// Stack of wasm code.
        stack_bytes: u64 = 1 << 20, "bytes", Node;
        /// Tables of wasm code.
        tables: u32 = 64, "count", Attempt;
        /// Elements of those tables, summed.
        table_elements: u64 = 100_000, "count", Attempt;
        /// Core instances.
        instances: u32 = 64, "count", Attempt;
        /// Objects that the node holds for the attempt (tables, writers, keys, ciphertexts).
        handles: u32 = 10_000, "count", Attempt;
        /// Bytes behind those objects: ciphertexts, keys.
        handle_bytes: u64 = 1 << 30, "bytes", Attempt;
        /// Bytes from the component in one call.
        call_bytes: u64 = 64 << 20, "bytes", Attempt;
        /// Processor time of the attempt, its cryptography included.
        cpu_seconds: u64 = 259_200, "seconds", Attempt;
        /// Wall-clock time of the attempt.
        run_seconds: u64 = 259_200, "seconds", Attempt;
        /// Time that one pull waits for a peer.
        peer_seconds: u64 = 3_600, "seconds", Attempt;
        /// Time that a job may wait for its start.
        queued_seconds: u64 = 604_800, "seconds", Job;
        /// Time that a job may take from its submission to its end; a job asks for less with `timeout`.
        total_seconds: u64 = 315_360_000, "seconds", Job;
        /// Bytes written to the attempt's logs, standard output and error included.
        log_bytes: u64 = 8 << 20, "bytes", Attempt;
        /// Lines a second of those logs, after a burst of as many as eight seconds have.
        log_lines_per_second: u64 = 20_000, "lines a second", Attempt;
        /// Bytes a second of those logs, after a burst of as many as eight seconds have.
        log_bytes_per_second: u64 = 1 << 20, "bytes a second", Attempt;
        /// Bytes of messages to one party.
        edge_bytes: u64 = 4 << 30, "bytes", Attempt;
        /// Bytes of messages to one party, for modules that did not come with the node and lack grant `message-volume`.
        edge_bytes_ungranted: u64 = 256 << 20, "bytes", Node;
        /// Messages to one party.
        edge_messages: u64 = 10_000_000, "messages", Attempt;
        /// Bytes of tables that the attempt writes.
        table_bytes: u64 = 100 << 30, "bytes", Attempt;
        /// Rows of tables that the attempt writes.
        table_rows: u64 = 10_000_000_000, "rows", Attempt;
        /// Rows of one page.
        page_rows: u32 = 1 << 20, "rows", Attempt;
        /// Bytes of one page.
        page_bytes: u64 = 64 << 20, "bytes", Attempt;
        /// Metric series.
        metric_series: u32 = 1_000, "count", Attempt;
        /// Points of all series.
        metric_points: u32 = 1_000_000, "count", Attempt;
        /// Bytes of all model parts; those of checkpoints are counted by themselves, up to the same number.
        model_bytes: u64 = 256 << 20, "bytes", Attempt;
        /// Checkpoints of models.
        checkpoints: u32 = 10_000, "count", Attempt;
        /// Bytes of the file that the attempt puts out on the site's disk.
        export_bytes: u64 = 64 << 30, "bytes", Attempt;
        /// Bytes of files in the scratch directory, for modules with grant `scratch`.
        scratch_bytes: u64 = 1 << 30, "bytes", Attempt;
        /// Files and directories in the scratch directory.
        scratch_files: u32 = 10_000, "count", Attempt;
        /// Bytes of randomness in one call.
        random_bytes: u64 = 64 << 10, "bytes", Attempt;
        /// Bytes of randomness in all calls.
        random_total_bytes: u64 = 1 << 30, "bytes", Attempt;
    }
}

limits! {
    /// What the node as a whole gives, whoever asks.
    pub struct NodeLimits {
        /// Memory of all attempts together.
        memory_pool_bytes: u64 = 4 << 30, "bytes", Node;
        /// Attempts that run at a time.
        attempts: u32 = 1_000, "count", Node;
        /// Bytes of a component's image.
        image_bytes: u64 = IMAGE_BYTES as u64, "bytes", Node;
        /// Processor time for compiling one image.
        compile_seconds: u64 = 120, "seconds", Node;
        /// Memory for compiling one image.
        compile_memory_bytes: u64 = 4 << 30, "bytes", Node;
        /// Bytes of all texts of a component's description.
        descriptor_bytes: u64 = 4 << 20, "bytes", Node;
        /// Time that a component may take to describe itself.
        describe_seconds: u64 = 1, "seconds", Node;
        /// Linear memory of a component that describes itself.
        describe_memory_bytes: u64 = 64 << 20, "bytes", Node;
    }
}

/// Says where a limit of that name is set which is not known in some other place; none when there is no such limit.
pub fn set_elsewhere(name: &str) -> Option<String> {
    let has = |limits: &[LimitInfo]| limits.iter().any(|info| info.name == name);
    let tables = [("limits", has(Limits::ALL)), ("node_limits", has(NodeLimits::ALL))];
    let (table, _) = tables.into_iter().find(|(_, has)| *has)?;
    Some(format!("{name} is set under [{table}] of the node's configuration"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_node_are_set_in_its_configuration() {
        assert!(set_elsewhere("stack_bytes").is_some_and(|text| text.contains("[limits]")));
        assert!(set_elsewhere("attempts").is_some_and(|text| text.contains("[node_limits]")));
        assert_eq!(set_elsewhere("colour"), None);
    }

    #[test]
    fn names_lead_to_numbers_and_back() {
        let mut limits = Limits::default();
        for info in Limits::ALL {
            assert!(limits.get(info.name).is_some_and(|number| number > 0), "{}", info.name);
            assert!(!info.what.is_empty() && info.what.ends_with('.') && !info.what.starts_with(' '), "{info:?}");
        }
        assert!(limits.set("page_rows", u64::MAX) && limits.set("log_bytes", 7));
        assert_eq!((limits.page_rows, limits.log_bytes), (u32::MAX, 7));
        assert!(!limits.set("log", 1) && limits.get("log").is_none());
    }

    #[test]
    fn no_name_stands_for_two() {
        let both = Limits::ALL.iter().chain(NodeLimits::ALL);
        let mut names: Vec<&str> = both.map(|info| info.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        let json = serde_json::to_value(Limits::default()).unwrap();
        assert_eq!(json.as_object().unwrap().len(), Limits::ALL.len());
    }
}
