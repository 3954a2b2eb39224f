//! Calls about the components of a node. Not for: what is printed of them (`component::shared`).

use std::time::Duration;

use parcae_api::component::{ComponentDetail, ComponentRow, GrantRequest, PushedComponent, SIGNATURE_HEADER};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;

use super::{Client, ClientError};

/// How long a node may take to check and compile an image.
const COMPILING: Duration = Duration::from_secs(600);

impl Client {
    /// Pushes an image; `signature` is what `sign` wrote.
    pub fn push_component(&self, image: &[u8], signature: Option<&str>) -> Result<PushedComponent, ClientError> {
        let request = self.request(&format!("{}/v1/components", self.url), image);
        let request = request.config().timeout_recv_response(Some(COMPILING)).build().content_type("application/wasm");
        // Headers have one line.
        let signature = signature.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let request = signature.iter().fold(request, |request, text| request.header(SIGNATURE_HEADER, text.as_str()));
        self.answer(request.send(image))
    }

    /// All components of the node.
    pub fn component_list(&self) -> Result<Vec<ComponentRow>, ClientError> {
        self.get("components")
    }

    /// One component with its description.
    pub fn component(&self, component: &str) -> Result<ComponentDetail, ClientError> {
        self.get(&format!("components/{}", segment(component)))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let url = format!("{}/v1/{path}", self.url);
        let headers = self.headers(&url, b"").into_iter();
        let request = headers.fold(self.agent.get(&url), |request, (name, value)| request.header(name, value));
        self.answer(request.call())
    }

    /// Gives a module of a component what it asks for.
    pub fn grant_component(&self, component: &str, request: &GrantRequest) -> Result<ComponentRow, ClientError> {
        self.post(&format!("components/{}/grants", segment(component)), request)
    }

    /// Removes a component.
    pub fn remove_component(&self, component: &str) -> Result<ComponentRow, ClientError> {
        let url = format!("{}/v1/components/{}", self.url, segment(component));
        let headers = self.headers(&url, b"").into_iter();
        let request = headers.fold(self.agent.delete(&url), |request, (name, value)| request.header(name, value));
        self.answer(request.call())
    }
}

/// A name as one part of a path.
fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}
