//! Serves the API on a socket until told to stop. Not for: opening the socket or deciding who may reach it (`cli`).

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use parcae_node::Node;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

use crate::{
    connections::{Connections, Peer},
    hosts::Hosts,
    live::Live,
    meters::HttpMeters,
    router::router,
    state::Options,
    tls::Tls,
};

/// How long requests that are under way may take once the server is to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// How long a connection may be without a whole head of a request; also between two requests.
const HEADS: Duration = Duration::from_secs(60);
/// Longest head of a request, bytes.
const LONGEST_HEAD: usize = 128 << 10;
/// Pause after a connection could not be taken: there are too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is done, and then what is under way for a few seconds more. Fails when the operating system
/// refuses the socket.
pub async fn serve(
    listener: TcpListener,
    node: Arc<Node>,
    options: Options,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let hosts = Hosts::new(listener.local_addr()?, options.public_url.as_deref());
    let (places, meters) = (Connections::new(options.connections), Arc::new(HttpMeters::default()));
    let tls = options.tls.clone().map(Tls::new).transpose()?;
    let renewing = tls.clone().map(|tls| tokio::spawn(tls.renew()));
    let (live, watcher) = Live::watch(&node)?;
    let service = TowerToHyperService::new(router(node, options, hosts, meters.clone(), live));
    let mut http = auto::Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADS).max_buf_size(LONGEST_HEAD);
    let connections = GracefulShutdown::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            taken = accept(&listener) => taken,
            () = &mut shutdown => break,
        };
        let Some(place) = places.take(peer.ip()) else {
            meters.turn_away();
            tracing::debug!(%peer, "a connection was turned away: there are too many");
            continue;
        };
        let (http, service, tls) = (http.clone(), service.clone(), tls.clone());
        let (watcher, open) = (connections.watcher(), meters.opened());
        tokio::spawn(async move {
            match tls {
                None => converse(&http, stream, peer, service, watcher).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => converse(&http, stream, peer, service, watcher).await,
                    Err(error) => tracing::debug!(%peer, "no TLS was agreed on: {error}"),
                },
            }
            drop((place, open));
        });
    }
    drop(listener);
    // Streams end, and with them what keeps connections open.
    drop(watcher);
    if let Some(renewing) = renewing {
        renewing.abort();
    }
    if tokio::time::timeout(LAST_REQUESTS, connections.shutdown()).await.is_err() {
        tracing::warn!("requests are cut off, as the server stops");
    }
    Ok(())
}

/// Answers the requests of one connection, which are told where they come from.
async fn converse<S>(
    http: &auto::Builder<TokioExecutor>,
    stream: S,
    peer: SocketAddr,
    service: TowerToHyperService<Router>,
    watcher: Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        service.call(request)
    });
    if let Err(error) = watcher.watch(http.serve_connection_with_upgrades(TokioIo::new(stream), service)).await {
        tracing::debug!("a connection ended early: {error}");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(taken) => return taken,
            Err(error) => {
                tracing::warn!("a connection could not be taken: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}
