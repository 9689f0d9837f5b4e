//! MQTT over WebSocket: on the MQTT port and on the HTTP port, for pages of known origins and for programs.

use badgecast_domain::access::Role;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::{
    wire::connect_packet,
    world::{Engine, PATIENCE, World},
};

crate::stories! {
    a_badge_is_served_over_websocket_on_either_port
    pages_of_foreign_origins_stay_outside_on_either_port
    what_is_upgraded_is_capped_and_ends_with_the_server
}

type Socket = WebSocketStream<TcpStream>;

/// Shakes hands on this port; the status of a refusal.
async fn open(port: u16, origin: Option<&str>, protocol: &str) -> Result<Socket, u16> {
    let mut request = format!("ws://127.0.0.1:{port}/mqtt").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_str(protocol).unwrap());
    if let Some(origin) = origin {
        headers.insert("origin", HeaderValue::from_str(origin).unwrap());
    }
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    match client_async(request, socket).await {
        Ok((socket, response)) => {
            assert_eq!(response.headers()["sec-websocket-protocol"], "mqtt");
            Ok(socket)
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

fn ports(world: &World) -> [u16; 2] {
    [world.running.mqtt.port(), world.running.http.port()]
}

async fn hear(socket: &mut Socket) -> Vec<u8> {
    let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("nothing was said");
    message.expect("it ended").unwrap().into_data().to_vec()
}

async fn a_badge_is_served_over_websocket_on_either_port(engine: Engine) {
    let world = World::open(engine).await;
    for port in ports(&world) {
        let (badge, _, token) = world.device().await;
        let mut socket = open(port, None, "mqtt").await.unwrap();
        socket.send(Message::binary(connect_packet(&badge.to_string(), &token))).await.unwrap();
        assert_eq!(hear(&mut socket).await, [0x20, 2, 0, 0]);
        socket.send(Message::binary(b"\x82\x0f\0\x01\0\x0av1/me/show\x01".to_vec())).await.unwrap();
        assert_eq!(hear(&mut socket).await, [0x90, 3, 0, 1, 1]);
        let manager = world.manager().await;
        manager.put(&format!("/api/v1/badges/{badge}/display"), json!({ "text": "Hello" })).await.is(200);
        let show = hear(&mut socket).await;
        assert_eq!(show[0], 0x32);
        assert!(String::from_utf8_lossy(&show).contains(&badge.to_string()));
        // A revoked badge's connection ends here as anywhere.
        manager.post(&format!("/api/v1/badges/{badge}/revoke"), json!({})).await;
        let over = async { while let Some(Ok(_)) = socket.next().await {} };
        tokio::time::timeout(PATIENCE, over).await.expect("the connection goes on");
    }
    world.close().await;
}

async fn pages_of_foreign_origins_stay_outside_on_either_port(engine: Engine) {
    let world = World::open(engine).await;
    let own = world.url("");
    for port in ports(&world) {
        for origin in ["https://evil.example", "null", "https://panel.example"] {
            assert_eq!(open(port, Some(origin), "mqtt").await.err(), Some(403), "{port} {origin}");
        }
        assert!(open(port, Some(&own), "mqtt").await.is_ok());
        assert_eq!(open(port, None, "amqp").await.err(), Some(400));
    }
    let refused = world.nobody().get("/mqtt").await.is(400);
    assert!(refused.text("/detail").contains("WebSocket"));
    // A page of a registered client may.
    let client = json!({
        "name": "Panel", "grants": ["authorization_code"], "scopes": "badges:read",
        "redirect_uris": ["https://panel.example/back"], "origins": ["https://panel.example"],
    });
    let client = world.person(Role::Admin).await.post("/api/v1/clients", client).await.is(201);
    for port in ports(&world) {
        let may = async || open(port, Some("https://panel.example"), "mqtt").await.ok().map(drop);
        world.until("the page being let in", may).await;
    }
    world.person(Role::Admin).await.delete(&format!("/api/v1/clients/{}", client.text("/id"))).await.is(204);
    for port in ports(&world) {
        let refused = async || open(port, Some("https://panel.example"), "mqtt").await.err();
        assert_eq!(world.until("the page being refused", refused).await, 403);
    }
    world.close().await;
}

async fn what_is_upgraded_is_capped_and_ends_with_the_server(engine: Engine) {
    let world = World::with(engine, |config| config.door.max_waiting_per_address = 3).await;
    let [_, port] = ports(&world);
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(open(port, None, "mqtt").await.unwrap());
    }
    assert_eq!(open(port, None, "mqtt").await.err(), Some(503));
    drop(waiting.pop());
    let again = async || open(port, None, "mqtt").await.ok();
    waiting.push(world.until("a place", again).await);
    let (badge, _, token) = world.device().await;
    let mut last = waiting.pop().unwrap();
    last.send(Message::binary(connect_packet(&badge.to_string(), &token))).await.unwrap();
    assert_eq!(hear(&mut last).await, [0x20, 2, 0, 0]);
    let metrics = world.nobody().get("/metrics").await.body.to_string();
    assert!(metrics.contains("closed_too_many_of_address"), "{metrics}");
    world.close().await;
    while let Some(Ok(_)) = last.next().await {}
}
