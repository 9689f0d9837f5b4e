//! A broadcast is written past the sessions: it never comes between the parts of what they write.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
};

use badgecast_broker::{Entrance, Settings, Shows, Target};
use badgecast_domain::{
    announcement::Audience,
    display::Effect,
    id::{BadgeId, LayerId},
    wire::{Picture, Show},
};
use socket2::SockRef;
use tokio::net::TcpSocket;

use crate::{
    house::{World, world, world_of},
    raw::{Hello, Raw, V4, V5},
    showing::layer,
};

/// Larger than the sockets of [`narrow_world`] hold at once.
const STRIP_BYTES: usize = 9_000;

/// A world whose sockets hold a few KB.
async fn narrow_world() -> World {
    let settings = Settings { packets_per_s: 10_000, bytes_per_s: 10_000_000, ..Settings::default() };
    world_of(settings, |listener| {
        SockRef::from(&listener).set_send_buffer_size(4_096).unwrap();
        Entrance::mqtt(listener)
    })
    .await
}

/// A client whose socket takes a few KB.
async fn narrow_listener(port: u16, level: u8, badge: BadgeId) -> Raw {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    let mut raw = Raw { stream, level };
    raw.say(&Hello::new(level, &badge.to_string(), "open").bytes()).await;
    assert_eq!(raw.hear().await.expect("a CONNACK").0, 0x20);
    assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
    raw
}

fn large(id: LayerId, revision: u64) -> Shows {
    let Show::Layer(mut large) = layer(id, revision) else { panic!("a layer") };
    large.messages = vec![Picture {
        strip: vec![0xa5; STRIP_BYTES],
        columns: 44,
        effect: Effect::Left,
        speed: 4,
        blink: false,
        border: false,
    }];
    Shows::same(Show::Layer(large))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn packets_stay_whole_when_sockets_are_narrow_and_sessions_speak_as_well() {
    const CLIENTS: usize = 6;
    const ENOUGH: usize = 300;
    let world = narrow_world().await;
    let layers: [LayerId; 3] = std::array::from_fn(|_| LayerId::new());
    let (heard, last) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(u64::MAX)));
    let mut clients = tokio::task::JoinSet::new();
    for at in 0..CLIENTS {
        let level = [V4, V5][at % 2];
        let mut raw = narrow_listener(world.port, level, BadgeId::new()).await;
        let (heard, last) = (Arc::clone(&heard), Arc::clone(&last));
        clients.spawn(async move {
            let (mut pings, mut newest) = (0_usize, [0; 3]);
            while pings > 0 || newest.iter().any(|revision| *revision < last.load(SeqCst)) {
                match raw.hear().await.expect("a packet") {
                    (0xd0, body) if body.is_empty() => pings -= 1,
                    (0x32, body) => {
                        let (id, show) = read(&body, level);
                        let at =
                            layers.iter().position(|layer| *layer == show.id()).expect("one of the layers");
                        assert!(show.revision() > newest[at], "the newest is never followed by an older");
                        newest[at] = show.revision();
                        heard.fetch_add(1, SeqCst);
                        // The answer to the ping is written by the session while the desk broadcasts.
                        let [high, low] = id.to_be_bytes();
                        raw.say(&[0xc0, 0, 0x40, 2, high, low]).await;
                        pings += 1;
                    }
                    (first, _) => panic!("{first:#04x} is no packet of this story"),
                }
            }
        });
    }
    let show = |revision| {
        for layer in layers {
            let all = Target::Audience(world.house.organization, &Audience::All);
            assert_eq!(world.desk.show(all, &large(layer, revision)), CLIENTS);
        }
    };
    let mut revision = 1;
    while heard.load(SeqCst) < CLIENTS * ENOUGH {
        show(revision);
        revision += 1;
        tokio::task::yield_now().await;
    }
    last.store(revision, SeqCst);
    show(revision);
    while let Some(done) = clients.join_next().await {
        done.unwrap();
    }
}

/// The packet identifier and the show of a PUBLISH.
fn read(body: &[u8], level: u8) -> (u16, Show) {
    let at = 2 + "v1/me/show".len();
    assert_eq!(&body[2..at], b"v1/me/show");
    let properties = if level == V5 { 1 + usize::from(body[at + 2]) } else { 0 };
    let show = serde_json::from_slice(&body[at + 2 + properties..]).expect("a whole show");
    (u16::from_be_bytes([body[at], body[at + 1]]), show)
}

#[tokio::test]
async fn a_broadcast_needs_no_runtime() {
    let world = world().await;
    let mut raw = Raw::listener(world.port, V4, BadgeId::new()).await;
    let (desk, organization) = (world.desk.clone(), world.house.organization);
    let shown = std::thread::spawn(move || {
        desk.show(Target::Audience(organization, &Audience::All), &Shows::same(layer(LayerId::new(), 1)))
    });
    let (_, id, _) = raw.message().await;
    raw.acknowledge(id).await;
    assert_eq!(shown.join().unwrap(), 1);
}

#[tokio::test]
async fn a_broadcast_waits_for_the_window_and_then_goes_on() {
    let world = world().await;
    let badge = BadgeId::new();
    let id = badge.to_string();
    let one = Hello { properties: &[0x21, 0, 1], ..Hello::new(V5, &id, "open") };
    let (mut raw, _) = Raw::greet(world.port, &one).await;
    assert_eq!(raw.subscribe("v1/me/show", 1).await, [1]);
    let layers = [LayerId::new(), LayerId::new(), LayerId::new()];
    for id in layers {
        let all = Target::Audience(world.house.organization, &Audience::All);
        assert_eq!(world.desk.show(all, &Shows::same(layer(id, 1))), 1);
    }
    for expected in layers {
        let (_, id, json) = raw.message().await;
        assert_eq!(serde_json::from_slice::<Show>(&json).unwrap().id(), expected);
        raw.acknowledge(id).await;
    }
    raw.ping().await;
    assert_eq!(world.desk.figures().shows_sent, 3);
}
