//! To come.

use crate::router::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
