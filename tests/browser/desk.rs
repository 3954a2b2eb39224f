//! A served node with a user before it who has a key and a browser. Not for: what the user does.

use parcae_domain::tenant::Scope;
use parcae_node::accounts::KeyKind;
use parcae_tests::{Site, http::Served};

use crate::{chromium::Chromium, page::Page};

/// The node, the browser, and the page that is open.
pub struct Desk {
    /// What the user looks at.
    pub page: Page,
    /// The node.
    pub served: Served,
    /// The secret of the user's key.
    pub key: String,
    _chromium: Chromium,
}

impl Desk {
    /// One with a key of a scope at a fresh node; none where there is no browser.
    pub fn new(scope: Scope) -> Option<Desk> {
        let chromium = Chromium::start()?;
        let served = Served::of(Site::new());
        let key = served.make_key("default", KeyKind::Bearer, scope, None).secret;
        Some(Desk { page: chromium.page(), served, key, _chromium: chromium })
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.served.address())
    }

    /// Goes to a path.
    pub fn go(&mut self, path: &str) {
        let url = self.url(path);
        self.page.go(&url);
    }

    /// Logs in, and is led to the page that was asked for.
    pub fn log_in(&mut self, path: &str) {
        self.go(path);
        let key = self.key.clone();
        self.page.fill("#key", &key);
        self.page.leaving(|page| page.press("Enter"));
    }

    /// Nothing was complained of until now.
    pub fn is_calm(&mut self, where_: &str) {
        let complaints = self.page.complaints();
        assert!(complaints.is_empty(), "{where_}: the console complains:\n{}", complaints.join("\n"));
    }

    /// Marks the page, so that one sees whether it was loaded anew.
    pub fn mark(&mut self) {
        self.page.eval("window.marked = true");
    }

    /// It is the page that was marked.
    pub fn is_marked(&mut self) {
        assert_eq!(self.page.eval("window.marked === true"), true, "the page was loaded anew");
    }
}
