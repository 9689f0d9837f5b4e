//! Gateways speak for the badges assigned to them, and for no other.

use badgecast_broker::{
    Shows, Target,
    gate::{Member, Said},
};
use badgecast_domain::{
    announcement::Audience,
    display::Panel,
    id::{BadgeId, LayerId},
};

use crate::{
    house::{Seen, world},
    raw::{Hello, Raw, V5},
    showing::layer,
};

#[tokio::test]
async fn a_gateway_speaks_for_its_badges_and_no_other() {
    let mut world = world().await;
    let (gateway, one, two, foreign) = (BadgeId::new(), BadgeId::new(), BadgeId::new(), BadgeId::new());
    let id = gateway.to_string();
    let password = format!("gateway:{one},{two}");
    let (mut raw, _) = Raw::greet(world.port, &Hello::new(V5, &id, &password)).await;
    assert_eq!(world.seen().await, Seen::Came(gateway));
    let show = |badge: BadgeId| format!("v1/badges/{badge}/show");
    assert_eq!(raw.subscribe(&show(one), 1).await, [1]);
    assert_eq!(raw.subscribe(&show(foreign), 1).await, [0x87]);
    assert_eq!(raw.subscribe("v1/me/show", 1).await, [0x87]);
    assert_eq!(raw.subscribe("v1/badges/+/show", 1).await, [0x87]);
    assert_eq!(world.seen().await, Seen::Came(one));
    assert!(world.desk.holds(one) && !world.desk.holds(two));

    let all = Target::Audience(world.house.organization, &Audience::All);
    assert_eq!(world.desk.show(all, &Shows::same(layer(LayerId::new(), 1))), 1);
    let (topic, message, _) = raw.message().await;
    assert_eq!(topic, show(one));
    raw.acknowledge(message).await;

    raw.publish(&format!("v1/badges/{two}/hello"), 1, 5, b"{}").await;
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 5])));
    assert!(matches!(world.seen().await, Seen::Said(badge, Said::Hello(_)) if badge == two));
    raw.publish(&format!("v1/badges/{foreign}/hello"), 1, 6, b"{}").await;
    assert_eq!(raw.hear().await, Some((0x40, vec![0, 6, 0x87])));

    // One is taken from it, another is given to it, while it is connected.
    let member = |badge| Member { badge, panel: Panel::P11x44, groups: Vec::new(), tags: Vec::new() };
    world.desk.assign(gateway, vec![member(two), member(foreign)]);
    assert_eq!(world.seen().await, Seen::Went(one));
    assert_eq!(world.desk.show(Target::Badge(one), &Shows::same(layer(LayerId::new(), 1))), 0);
    assert_eq!(raw.subscribe(&show(foreign), 1).await, [1]);
    assert_eq!(raw.subscribe(&show(one), 1).await, [0x87]);
    assert_eq!(world.desk.show(Target::Badge(foreign), &Shows::same(layer(LayerId::new(), 1))), 1);
    assert_eq!(raw.message().await.0, show(foreign));
}
