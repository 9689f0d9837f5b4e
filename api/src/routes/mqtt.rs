//! MQTT over WebSocket on the HTTP port: the request is upgraded here, and its bytes go to the badges' door.

use std::net::SocketAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    rt,
    web::{Bytes, Data, Payload},
};
use badgecast_broker::{BadUpgrade, SideDoor};
use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf};

use crate::{House, auth::peer, problem::Problem};

/// Bytes that wait between the HTTP server and the door, in either direction.
const BETWEEN: usize = 4 * 1024;

pub async fn upgrade(
    house: Data<House>,
    door: Data<SideDoor>,
    request: HttpRequest,
    mut said: Payload,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let answer = house.origins.judge(headers).map_err(|refused| match refused {
        BadUpgrade::Origin => Problem::not_allowed(refused.to_string()),
        BadUpgrade::Handshake => Problem::bad_request(refused.to_string()),
    })?;
    let address = peer::address(&request, &house.config.trusted_proxies);
    let peer = SocketAddr::new(address, request.peer_addr().map_or(0, |peer| peer.port()));
    let (ours, doors) = tokio::io::duplex(BETWEEN);
    if !door.receive(doors, peer) {
        return Err(Problem::unavailable("Too many connections are being opened; try again"));
    }
    let (heard, mut speak) = tokio::io::split(ours);
    // Ends with either side: the client's bytes end, or the door takes no more.
    rt::spawn(async move {
        while let Some(Ok(bytes)) = said.next().await {
            if speak.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = speak.shutdown().await;
    });
    let mut response = HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS);
    response.upgrade("websocket").insert_header((header::CACHE_CONTROL, "no-store"));
    for header in answer {
        response.insert_header(header);
    }
    Ok(response.streaming(futures_util::stream::unfold(heard, next)))
}

async fn next(mut heard: ReadHalf<DuplexStream>) -> Option<(Result<Bytes, Problem>, ReadHalf<DuplexStream>)> {
    let mut chunk = vec![0; BETWEEN];
    let count = heard.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
    chunk.truncate(count);
    Some((Ok(chunk.into()), heard))
}
