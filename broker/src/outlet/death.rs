//! What happens when the outlet's router is killed on purpose.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use badgecast_domain::{
    display::Panel,
    id::{BadgeId, ClientId, OrganizationId, TokenId},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};

use crate::{
    Broker, Desk, Entrance, Gate, Settings,
    desk::shows::now,
    gate::{Admitted, Credentials, Line, Member, NotStored, Refusal, Said, Who},
};

/// Lets everyone in: ids that are badges as badges, others as integrations.
struct House(OrganizationId);

impl Gate for House {
    async fn admit(&self, who: Credentials) -> Result<Admitted, Refusal> {
        let who = match who.client_id.parse() {
            Ok(badge) => {
                Who::Badge(Member { badge, panel: Panel::P11x44, groups: Vec::new(), tags: Vec::new() })
            }
            Err(_) => Who::Integration { client: ClientId::new() },
        };
        let expires_at = now().plus(Duration::from_secs(3_600));
        Ok(Admitted { who, organization: self.0, token: TokenId::new(), expires_at })
    }

    async fn renew(&self, _: &Admitted, _: &str) -> Result<Admitted, Refusal> {
        Err(Refusal::NotAuthorized)
    }

    async fn heard(&self, _: Line, _: Said) -> Result<(), NotStored> {
        Ok(())
    }

    fn came(&self, _: Line) {}

    fn went(&self, _: Line) {}
}

async fn connect(port: u16, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let mut packet = vec![0x10, 12 + id.len() as u8, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0];
    packet.extend([0, id.len() as u8]);
    packet.extend(id.as_bytes());
    stream.write_all(&packet).await.unwrap();
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await.unwrap();
    assert_eq!(connack, [0x20, 2, 0, 0]);
    stream
}

/// The payload of the next message at QoS 0.
async fn message(stream: &mut TcpStream) -> String {
    let read = async {
        let first = stream.read_u8().await.unwrap();
        assert_eq!(first & 0xfe, 0x30);
        let low = usize::from(stream.read_u8().await.unwrap());
        let length =
            (low & 127) + if low > 127 { usize::from(stream.read_u8().await.unwrap()) << 7 } else { 0 };
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let topic = usize::from(body[1]);
        String::from_utf8(body.split_off(2 + topic)).unwrap()
    };
    timeout(Duration::from_secs(5), read).await.unwrap()
}

async fn ping(stream: &mut TcpStream) {
    stream.write_all(&[0xc0, 0]).await.unwrap();
    let mut pong = [0; 2];
    timeout(Duration::from_secs(1), stream.read_exact(&mut pong)).await.unwrap().unwrap();
    assert_eq!(pong, [0xd0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outlet_is_back_in_two_seconds_with_what_it_retained_and_no_badge_notices() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (desk, organization) = (Desk::default(), OrganizationId::new());
    let entrances = vec![Entrance::mqtt(listener)];
    let broker = Broker::open(entrances, Settings::default(), desk.clone(), Arc::new(House(organization)));

    let id = BadgeId::new();
    let mut badge = connect(port, &id.to_string()).await;
    let mut reader = connect(port, "dashboard").await;
    let filter = format!("v1/orgs/{organization}/badges/#");
    let mut subscribe = vec![0x82, 5 + filter.len() as u8, 0, 1, 0, filter.len() as u8];
    subscribe.extend(filter.as_bytes());
    subscribe.push(0);
    reader.write_all(&subscribe).await.unwrap();
    let mut suback = [0; 5];
    reader.read_exact(&mut suback).await.unwrap();
    assert!(message(&mut reader).await.contains("true"));
    desk.tell_display(organization, id, Some(b"before"));
    assert_eq!(message(&mut reader).await, "before");

    desk.outlet().kill();
    let killed = Instant::now();
    for _ in 0..20 {
        ping(&mut badge).await;
    }
    // Presence and display again: the new router is fed from what was kept.
    let mut again = [message(&mut reader).await, message(&mut reader).await];
    assert!(killed.elapsed() < Duration::from_secs(2), "{:?}", killed.elapsed());
    again.sort_unstable();
    assert_eq!(again[0], "before");
    desk.tell_display(organization, id, Some(b"after"));
    assert_eq!(message(&mut reader).await, "after");
    ping(&mut badge).await;
    assert_eq!(desk.figures().outlet_restarts, 1);
    broker.close().await;
}
