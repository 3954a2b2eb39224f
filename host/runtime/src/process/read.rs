//! Reading what a worker says without a worker: for tests that throw damaged messages at it. Not for: serving attempts
//! (`run`), whether a request may be made (`served`).

use super::request::Request;

/// Reads a message, and writes it again: its kind and its bytes; or why it makes no sense.
pub fn read_message(kind: u8, body: &[u8]) -> Result<(u8, Vec<u8>), String> {
    let request = Request::decode(kind, body).map_err(|broken| broken.to_string())?;
    Ok(request.encode())
}
