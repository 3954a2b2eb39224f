//! A page of the browser: goes to addresses, does what a user does, waits until something is to be seen, and keeps whatever
//! the console complained of. Not for: starting the browser (`chromium`).

use std::{
    collections::VecDeque,
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// One page.
pub struct Page {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    session: String,
    next: u64,
    events: VecDeque<Value>,
    complaints: Vec<String>,
}

impl Page {
    /// Opens an empty one in the browser that listens there.
    pub fn open(at: &str) -> Page {
        let (socket, _) = tungstenite::connect(at).expect("the browser's socket");
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        }
        let (session, next) = (String::new(), 0);
        let mut page = Page { socket, session, next, events: VecDeque::new(), complaints: Vec::new() };
        let target = page.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        page.session = text(&page.call("Target.attachToTarget", attach)["sessionId"]);
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.size(1440, 900);
        page
    }

    /// Calls the browser, and gives what it answers.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.try_call(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn try_call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({"id": id, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(message.to_string())).expect("the browser listens");
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
            self.heard(message);
        }
    }

    fn read(&mut self) -> Value {
        loop {
            match self.socket.read().expect("the browser answers within a minute") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(_) => panic!("the browser has closed its socket"),
                _ => {}
            }
        }
    }

    fn heard(&mut self, event: Value) {
        let params = &event["params"];
        let complaint = match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                Some(format!("exception: {} {}", details["text"], details["exception"]["description"]))
            }
            "Runtime.consoleAPICalled" if params["type"] == "error" || params["type"] == "warning" => {
                Some(format!("console: {}", params["args"]))
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" || params["entry"]["source"] == "security" => {
                Some(format!("log: {} {}", params["entry"]["text"], params["entry"]["url"]))
            }
            _ => None,
        };
        self.complaints.extend(complaint);
        self.events.push_back(event);
    }

    /// What the console complained of since this was asked: errors, exceptions, breaches of the policy.
    pub fn complaints(&mut self) -> Vec<String> {
        // What happened until now has been told before this is answered.
        self.eval("1");
        std::mem::take(&mut self.complaints)
    }

    /// Goes to an address and waits until its page is loaded.
    pub fn go(&mut self, url: &str) {
        self.events.clear();
        let gone = self.call("Page.navigate", json!({"url": url}));
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.loaded();
    }

    /// Waits until a page is loaded.
    pub fn loaded(&mut self) {
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read();
            self.heard(event);
        }
        self.events.clear();
        self.until("document.readyState === 'complete'");
    }

    /// Does something that leads to another page, and waits for it.
    pub fn leaving(&mut self, act: impl FnOnce(&mut Page)) {
        self.events.clear();
        act(self);
        self.loaded();
    }

    /// The value of an expression in the page; promises are waited for.
    pub fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", asked);
        let failed = answer.get("exceptionDetails");
        assert!(failed.is_none(), "{expression}: {}", failed.unwrap_or(&Value::Null));
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true in the page; also across a change of pages.
    pub fn until(&mut self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        let look = format!(
            "new Promise((done) => {{ const end = Date.now() + 1000; const look = () => {{ \
             let good = false; try {{ good = Boolean({expression}); }} catch {{}} \
             if (good || Date.now() > end) done(good); else setTimeout(look, 20); }}; look(); }})"
        );
        loop {
            let asked = json!({"expression": look, "awaitPromise": true, "returnByValue": true});
            // An error says that the page has changed meanwhile.
            let answer = self.try_call("Runtime.evaluate", asked);
            if answer["result"]["result"]["value"] == true {
                return;
            }
            let late = Instant::now() >= end;
            assert!(!late, "after a minute it does not hold: {expression}\n{}\n{:?}", self.text(), self.complaints);
        }
    }

    /// Waits until an element is there.
    pub fn wait_for(&mut self, selector: &str) {
        self.until(&format!("document.querySelector({})", json!(selector)));
    }

    /// Waits until the page has a text to be seen.
    pub fn wait_for_text(&mut self, words: &str) {
        self.until(&format!("document.body.innerText.includes({})", json!(words)));
    }

    /// What there is to read on the page.
    pub fn text(&mut self) -> String {
        text(&self.eval("document.body ? document.body.innerText : ''"))
    }

    /// Path, query and fragment.
    pub fn path(&mut self) -> String {
        text(&self.eval("location.pathname + location.search + location.hash"))
    }

    /// Clicks on the first element that fits, as the mouse does.
    pub fn click(&mut self, selector: &str) {
        self.wait_for(selector);
        let found = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        );
        let at = self.eval(&found);
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let buttons = if kind == "mouseMoved" { 0 } else { 1 };
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({"type": kind, "x": at[0], "y": at[1], "button": button, "buttons": buttons,
                               "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Writes into a field what a user types there, over what stood there.
    pub fn fill(&mut self, selector: &str, words: &str) {
        self.wait_for(selector);
        self.eval(&format!(
            "(() => {{ const e = document.querySelector({}); e.focus(); e.select?.(); }})()",
            json!(selector)
        ));
        self.call("Input.insertText", json!({"text": words}));
    }

    /// Presses a key.
    pub fn press(&mut self, key: &str) {
        let text = if key.chars().count() == 1 {
            key
        } else if key == "Enter" {
            "\r"
        } else {
            ""
        };
        let code = if key == "Enter" { 13 } else { 0 };
        let event = |kind: &str| json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", event("keyDown"));
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}));
    }

    /// Chooses a file in a form.
    pub fn choose(&mut self, selector: &str, file: &Path) {
        let document = self.call("DOM.getDocument", json!({}));
        let node = json!({"nodeId": document["root"]["nodeId"], "selector": selector});
        let node = self.call("DOM.querySelector", node)["nodeId"].clone();
        self.call("DOM.setFileInputFiles", json!({"files": [file], "nodeId": node}));
    }

    /// Sets the size of the window.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// What the system of the user prefers: `dark`, `light`.
    pub fn prefer(&mut self, theme: &str) {
        let feature = json!({"features": [{"name": "prefers-color-scheme", "value": theme},
                                          {"name": "prefers-reduced-motion", "value": "reduce"}]});
        self.call("Emulation.setEmulatedMedia", feature);
    }

    /// A picture of the whole page.
    pub fn picture(&mut self, file: &Path) {
        let taken = self.call("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true}));
        let bytes = STANDARD.decode(text(&taken["data"])).expect("base64");
        std::fs::write(file, bytes).expect("the picture is kept");
    }
}

/// A value that is a text.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
