//! Lines for the attempt's logs: `info!("{} rows", n)`. In native tests they go to standard error, and to the outcome
//! of the job. Not for: numbers and curves ([`metrics`](crate::metrics)).

#[doc(inline)]
pub use crate::bindings::parcae::component::log::Level;

/// Writes a line.
pub fn log(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    crate::bindings::parcae::component::log::write(level, message);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::log(level, message);
}

/// Writes a line for the author of the component.
#[macro_export]
macro_rules! debug { ($($arg:tt)*) => { $crate::log($crate::Level::Debug, &format!($($arg)*)) } }

/// Writes a line for whoever follows the task.
#[macro_export]
macro_rules! info { ($($arg:tt)*) => { $crate::log($crate::Level::Info, &format!($($arg)*)) } }

/// Writes a line that is worth a look.
#[macro_export]
macro_rules! warning { ($($arg:tt)*) => { $crate::log($crate::Level::Warning, &format!($($arg)*)) } }

/// Writes a line that says why the attempt will fail.
#[macro_export]
macro_rules! error { ($($arg:tt)*) => { $crate::log($crate::Level::Error, &format!($($arg)*)) } }
