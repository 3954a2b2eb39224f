//! The board in a real browser: somebody logs in, uploads, submits, watches, stops, runs again and compares; and every page
//! is looked at for faults of accessibility, in both themes and on a phone. Needs Chromium, and npm for axe-core; without
//! them it says so loudly. Not for: what single pages say (`suite`).

mod axe;
mod chromium;
mod desk;
mod page;
mod pages;
mod user;
