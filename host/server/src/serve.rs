//! Serves the API on a socket until told to stop. Not for: opening the socket or deciding who may reach it (`cli`).

use std::{io, sync::Arc, time::Duration};

use parcae_node::Node;
use tokio::net::TcpListener;

use crate::{router::router, state::Options};

/// How long requests that are under way may take once the server is to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Serves until `shutdown` is done, and then what is under way for a few seconds more. Fails when the operating system
/// refuses the socket.
pub async fn serve(
    listener: TcpListener,
    node: Arc<Node>,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        // Nobody listens any more when the server has failed already.
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, router(node, options)).with_graceful_shutdown(shutdown);
    let patience = async move {
        match stopped.await {
            Ok(()) => tokio::time::sleep(LAST_REQUESTS).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server.into_future() => served,
        () = patience => Ok(()),
    }
}
