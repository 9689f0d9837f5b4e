//! Stock rumqttd: the crate's own broker with its own listener, nothing of ours around it.

use rumqttd::{Broker, Config};
use serde_json::json;

pub(crate) fn serve(size: usize) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config: Config = serde_json::from_value(json!({
        "id": 0,
        "router": {
            "id": 0,
            "max_connections": 2 * size + 10,
            "max_outgoing_packet_count": 200,
            "max_segment_size": 104_857_600,
            "max_segment_count": 10,
        },
        "v4": { "1": {
            "name": "v4-1",
            "listen": format!("127.0.0.1:{port}"),
            "next_connection_delay_ms": 0,
            "connections": {
                "connection_timeout_ms": 60_000,
                "max_payload_size": 20_480,
                "max_inflight_count": 100,
                "dynamic_filters": true,
            },
        } },
    }))
    .unwrap();
    let mut broker = Broker::new(config);
    let started = std::thread::spawn(move || broker.start().unwrap());
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    println!("{port}");
    started.join().unwrap();
}
