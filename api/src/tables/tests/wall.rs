use badgecast_domain::id::BadgeId;

use super::{
    super::{
        Tx, groups,
        wall::{self, Count},
    },
    World, on_both,
    world::at,
};

on_both! {
    async fn what_wants_somebody_comes_first_and_is_counted_beyond_what_is_drawn(world: &World) {
        let badges = world.badges(6).await;
        world.node(&badges[2..]).await;
        let (db, scope, now) = (world.database.read(), &world.scope, at(20));
        let count = wall::count(db, scope, None, now).await.unwrap();
        assert_eq!(count, Count { badges: 6, connected: 4 });
        let troubled: Vec<BadgeId> = vec![badges[1], badges[3], badges[4], badges[5]];
        let first = wall::first(db, scope, None, &troubled, 2, now).await.unwrap();
        assert_eq!(first, [badges[1], badges[3]]);
        let all = wall::first(db, scope, None, &troubled[..1], 6, now).await.unwrap();
        assert_eq!(all[..2], [badges[1], badges[0]]);
        assert_eq!(wall::connected_among(db, scope, None, &troubled, now).await.unwrap(), 3);
        assert_eq!(wall::connected_among(db, scope, None, &[], now).await.unwrap(), 0);
        let group = world.write(async |tx: &Tx| groups::create(tx, scope, "desk", at(1)).await).await.id;
        world.write(async |tx: &Tx| groups::add(tx, scope, group, &badges[3..5], at(2)).await).await;
        assert_eq!(wall::connected_among(db, scope, Some(group), &troubled, now).await.unwrap(), 2);
        let stranger = world.stranger().await;
        assert_eq!(wall::connected_among(db, &stranger, None, &troubled, now).await.unwrap(), 0);
    }
}
