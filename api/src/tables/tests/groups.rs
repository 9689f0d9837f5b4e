use badgecast_domain::{announcement::Audience, receipt::State};

use super::{
    super::{Tx, groups, receipts},
    World, on_both,
    world::at,
};

on_both! {
    async fn the_receipts_of_a_group_are_those_of_its_members(world: &World) {
        let badges = world.badges(6).await;
        let group = world.write(async |tx: &Tx| groups::create(tx, &world.scope, "desk", at(1)).await).await.id;
        world.write(async |tx: &Tx| groups::add(tx, &world.scope, group, &badges[..4], at(2)).await).await;
        world.node(&badges[2..]).await;
        let said = world.announce(Audience::All).await;
        let acks = [world.ack(said.id, badges[0], State::Shown, 12), world.ack(said.id, badges[1], State::Refused, 12),
            world.ack(said.id, badges[4], State::Shown, 12)];
        world.write(async |tx: &Tx| receipts::store(tx, &acks).await).await;
        let counted = async |now| {
            let mut counted = receipts::of_group(world.database.read(), &said, group, now).await.unwrap();
            counted.sort_unstable();
            counted
        };
        assert_eq!(counted(at(20)).await, [(State::Sent, 2), (State::Refused, 1), (State::Shown, 1)]);
        let over = counted(at(1_000)).await;
        let all = |state| over.iter().filter(|(one, _)| *one == state).map(|(_, badges)| badges).sum::<u64>();
        assert_eq!((all(State::Expired), all(State::Shown)), (3, 1), "{over:?}");
        world.write(async |tx: &Tx| groups::remove(tx, &world.scope, group, badges[0], at(21)).await).await;
        assert_eq!(counted(at(22)).await, [(State::Sent, 2), (State::Refused, 1)], "who left is no member");
    }
}
