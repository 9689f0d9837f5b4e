use badgecast_domain::{access::Role, receipt::State};

use super::{
    super::{
        Error, Tx, badges, display_history,
        displays::{self, Ack},
        layers,
    },
    World, on_both,
    world::at,
};

on_both! {
    async fn an_owner_changes_their_own_display_and_no_other(world: &World) {
        let (own, other) = (world.badge().await, world.badge().await);
        let ada = world.person("ada@clinic.example", Role::Receptionist).await;
        let owned = badges::Update { owner: Some(Some(ada)), ..badges::Update::default() };
        world.write(async |tx: &Tx| badges::update(tx, &world.scope, own, &owned, at(3)).await).await;
        let scope = world.owner(ada);
        assert!(displays::find(world.database.read(), &scope, own).await.unwrap().is_none(), "never set");
        assert_eq!(world.display(&scope, own, "Ada").await.unwrap().revision, 1);
        assert_eq!(world.display(&scope, own, "Ada L.").await.unwrap().revision, 2);
        assert!(matches!(world.display(&scope, other, "Ada").await, Err(Error::NotFound)));
        assert!(matches!(displays::find(world.database.read(), &scope, other).await, Err(Error::NotFound)));
        assert_eq!(badges::owned(world.database.read(), &scope, at(4)).await.unwrap().id, own);
        let stranger = world.stranger().await;
        assert!(matches!(world.display(&stranger, own, "x").await, Err(Error::NotFound)));
    }

    async fn a_badge_comes_further_with_a_revision_and_never_back(world: &World) {
        let badge = world.badge().await;
        world.display(&world.scope, badge, "one").await.unwrap();
        let ack = |revision, state, s| Ack {
            organization: world.organization,
            badge,
            revision,
            state,
            crc: None,
            reason: None,
            at: at(s),
        };
        let store = async |acks: &[Ack]| world.write(async |tx: &Tx| displays::store(tx, acks).await).await;
        let state = async || displays::find(world.database.read(), &world.scope, badge).await.unwrap().unwrap();
        assert_eq!(state().await.state, State::Pending);
        store(&[ack(1, State::Held, 6), ack(1, State::Shown, 7)]).await;
        assert_eq!((state().await.state, state().await.shown_at), (State::Shown, Some(at(7))));
        store(&[ack(1, State::Shown, 9)]).await;
        assert_eq!(state().await.shown_at, Some(at(7)), "the first light counts");
        store(&[ack(2, State::Shown, 9)]).await;
        assert_eq!(state().await.state, State::Shown, "a revision that was never given is ignored");
        world.display(&world.scope, badge, "two").await.unwrap();
        assert_eq!(state().await.state, State::Pending);
        store(&[ack(2, State::Held, 10), ack(1, State::Shown, 11)]).await;
        assert_eq!(state().await.state, State::Held);
    }

    async fn what_was_said_before_is_kept_for_a_while(world: &World) {
        let badge = world.badge().await;
        let ada = world.person("ada@clinic.example", Role::Manager).await;
        let hers = world.owner(ada);
        let owned = badges::Update { owner: Some(Some(ada)), ..badges::Update::default() };
        world.write(async |tx: &Tx| badges::update(tx, &world.scope, badge, &owned, at(3)).await).await;
        for text in ["Ada", "Back soon", "Ada"] {
            world.display(&hers, badge, text).await.unwrap();
        }
        world.display(&world.scope, badge, "Reception").await.unwrap();
        let db = world.database.read();
        let before = async |revision| {
            let found = display_history::before(db, &hers, badge, revision).await.unwrap();
            found.map(|(revision, document)| (revision, document.plain_text()))
        };
        assert_eq!(before(4).await, Some((3, "Ada".to_owned())));
        assert_eq!(before(1).await, None);
        let used = display_history::put_by(db, &hers, badge, ada).await.unwrap();
        let used: Vec<String> = used.iter().map(|document| document.plain_text()).collect();
        assert_eq!(used, ["Ada", "Back soon"], "each once, the latest first, and nobody else's");
        let stranger = world.stranger().await;
        assert!(display_history::before(db, &stranger, badge, 9).await.unwrap().is_none());
        for n in 0..50 {
            world.display(&world.scope, badge, &n.to_string()).await.unwrap();
        }
        assert_eq!(before(14).await, None, "the oldest are forgotten");
        assert!(before(17).await.is_some());
    }

    async fn layers_are_asked_for_a_slice_of_badges(world: &World) {
        let badges = world.badges(3).await;
        world.display(&world.scope, badges[1], "Ada").await.unwrap();
        let tagged = badges::Update { tags: Some(vec!["b".into(), "a".into()]), ..badges::Update::default() };
        world.write(async |tx: &Tx| badges::update(tx, &world.scope, badges[1], &tagged, at(3)).await).await;
        let unclaimed = world.unclaimed().await;
        let asked = [badges[0], badges[1], unclaimed];
        let holders = layers::own_of(world.database.read(), &asked).await.unwrap();
        assert_eq!(holders.iter().map(|holder| holder.member.badge).collect::<Vec<_>>(), badges[..2]);
        assert_eq!(holders[1].member.tags, ["a", "b"]);
        assert_eq!(holders[1].own.as_ref().unwrap().document.plain_text(), "Ada");
        assert!(holders[0].own.is_none());
        assert!(layers::own_of(world.database.read(), &[]).await.unwrap().is_empty());
    }
}
