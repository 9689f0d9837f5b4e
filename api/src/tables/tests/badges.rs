//! Badges, their claims and their groups.

use badgecast_domain::{
    access::Role,
    display::Panel,
    id::BadgeId,
    wire::{Hello, Telemetry},
};

use super::{
    super::{Error, Tx, badges, changes, claims, groups},
    World, on_both,
    world::{at, claimed, code_hash},
};

on_both! {
    async fn an_owner_has_one_badge_in_service(world: &World) {
        let (one, other) = (world.badge().await, world.badge().await);
        let ada = world.person("ada@clinic.example", Role::Receptionist).await;
        let give = async |badge| {
            let owned = badges::Update { owner: Some(Some(ada)), ..badges::Update::default() };
            world.database.write(async |tx: &Tx| badges::update(tx, &world.scope, badge, &owned, at(3)).await).await
        };
        assert_eq!(give(one).await.unwrap().owner, Some(ada));
        assert!(matches!(give(other).await, Err(Error::Conflict(_))));
        world.write(async |tx: &Tx| badges::retire(tx, &world.scope, one, at(4)).await).await;
        assert!(give(other).await.is_ok(), "a retired badge gives its owner free");
        let nobody = badges::Update { owner: Some(Some(badgecast_domain::id::UserId::new())), ..badges::Update::default() };
        let refused = world.database.write(async |tx: &Tx| badges::update(tx, &world.scope, other, &nobody, at(5)).await).await;
        assert!(matches!(refused, Err(Error::Invalid { pointer, .. }) if pointer == "/owner_id"));
    }

    async fn a_retired_badge_is_found_no_more_and_its_code_stays_taken(world: &World) {
        let badge = world.badge().await;
        world.write(async |tx: &Tx| badges::retire(tx, &world.scope, badge, at(4)).await).await;
        assert!(matches!(badges::find(world.database.read(), &world.scope, badge, at(5)).await, Err(Error::NotFound)));
        let all = badges::list(world.database.read(), &world.scope, &badges::Filter::default(), 10, at(5)).await.unwrap();
        assert!(all.is_empty());
    }

    async fn badges_are_found_by_name_code_tag_group_and_owner(world: &World) {
        let ada = world.person("ada@clinic.example", Role::Receptionist).await;
        let new = badges::New {
            name: Some("ÉTAGE front 100% desk".into()),
            owner: Some(ada),
            tags: vec!["ward 3".into()],
            panel: Panel::P12x48,
            ..badges::New::default()
        };
        let badge = world.write(async |tx: &Tx| badges::register(tx, &world.scope, new, at(0)).await).await;
        let others = world.badges(3).await;
        let group = world.write(async |tx: &Tx| groups::create(tx, &world.scope, "desk", at(1)).await).await.id;
        world.write(async |tx: &Tx| groups::add(tx, &world.scope, group, &[badge.id], at(2)).await).await;
        let found = async |filter: badges::Filter| {
            let rows = badges::list(world.database.read(), &world.scope, &filter, 10, at(3)).await.unwrap();
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        let filter = badges::Filter::default;
        for only in [
            badges::Filter { q: Some("FRONT".into()), ..filter() },
            badges::Filter { q: Some("étage".into()), ..filter() },
            badges::Filter { q: Some("100%".into()), ..filter() },
            badges::Filter { q: Some(badge.code.as_str().to_lowercase()), ..filter() },
            badges::Filter { tag: Some("ward 3".into()), ..filter() },
            badges::Filter { group: Some(group), ..filter() },
            badges::Filter { owner: Some(ada), ..filter() },
        ] {
            assert_eq!(found(only.clone()).await, [badge.id], "{only:?}");
        }
        assert_eq!(found(badges::Filter { q: Some("%".into()), ..filter() }).await, [badge.id], "a percent sign is one");
        assert_eq!(found(badges::Filter { after: Some(badge.id), ..filter() }).await, others);
        let row = badges::find(world.database.read(), &world.scope, badge.id, at(3)).await.unwrap();
        assert_eq!((row.groups, row.tags, row.panel), (vec![group], vec!["ward 3".to_owned()], Panel::P12x48));
    }

    async fn a_claim_code_works_until_the_first_token(world: &World) {
        let badge = world.unclaimed().await;
        let code = code_hash(badge);
        let redeem = async |code: [u8; 32], s| {
            world.write(async |tx: &Tx| claims::redeem(tx, &code, &claimed(), at(s)).await).await
        };
        let issue = async |code: [u8; 32]| {
            world.write(async |tx: &Tx| claims::issue(tx, &world.scope, badge, &code, at(60), at(0)).await).await;
        };
        assert_eq!(redeem(code, 1).await, None, "never issued");
        issue(code).await;
        assert_eq!(redeem(code, 60).await, None, "too late");
        let spend = async || world.write(async |tx: &Tx| claims::spend(tx, badge, at(5)).await).await;
        spend().await;
        let ours = Some((badge, world.organization));
        assert_eq!(redeem(code, 1).await, ours, "a token before the claim does not use it up");
        assert_eq!(redeem(code, 2).await, ours, "a lost answer may be asked for again");
        spend().await;
        assert_eq!(redeem(code, 6).await, None);
        issue([9; 32]).await;
        assert_eq!(redeem(code, 6).await, None);
        assert_eq!(redeem([9; 32], 6).await, ours);
        let row = badges::find(world.database.read(), &world.scope, badge, at(7)).await.unwrap();
        assert_eq!(row.claimed_at, Some(at(1)));
    }

    async fn revoking_a_badge_forgets_its_credentials_and_its_claim(world: &World) {
        let badge = world.badge().await;
        world.write(async |tx: &Tx| badges::revoke(tx, &world.scope, badge, at(4)).await).await;
        let again = world.write(async |tx: &Tx| claims::redeem(tx, &code_hash(badge), &claimed(), at(5)).await).await;
        assert_eq!(again, None);
    }

    async fn a_group_holds_badges_in_service_and_says_who_moved(world: &World) {
        let badges = world.badges(3).await;
        let stranger = world.stranger().await;
        let group = world.write(async |tx: &Tx| groups::create(tx, &world.scope, "desk", at(1)).await).await.id;
        let taken = world.database.write(async |tx: &Tx| groups::create(tx, &world.scope, "desk", at(1)).await).await;
        assert!(matches!(taken, Err(Error::Conflict(_))));
        world.write(async |tx: &Tx| groups::add(tx, &world.scope, group, &badges[..2], at(2)).await).await;
        world.write(async |tx: &Tx| groups::replace(tx, &world.scope, group, &badges[1..], at(3)).await).await;
        // Each badge was registered and claimed before: six changes. Then two were added, and one left as another came.
        let all = world.changes(changes::Cursor::default(), 11).await;
        let moved = |badge: &BadgeId| {
            all.iter().filter(|change| change.kind == changes::Kind::Member && change.subject == badge.uuid()).count()
        };
        assert_eq!(badges.iter().map(moved).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(groups::find(world.database.read(), &world.scope, group).await.unwrap().badges, 2);
        assert!(matches!(groups::find(world.database.read(), &stranger, group).await, Err(Error::NotFound)));
        let foreign = world.database.write(async |tx: &Tx| {
            groups::add(tx, &world.scope, group, &[BadgeId::new()], at(4)).await
        }).await;
        assert!(matches!(foreign, Err(Error::Invalid { pointer, .. }) if pointer == "/badges/0"));
        world.write(async |tx: &Tx| groups::dissolve(tx, &world.scope, group, at(5)).await).await;
        assert!(groups::list(world.database.read(), &world.scope, None, 10).await.unwrap().is_empty());
    }

    async fn a_badge_introduces_itself_and_measures(world: &World) {
        let badge = world.badge().await;
        let hello = Hello {
            model: Some("B1144\u{7}".into()),
            panel: Some(Panel::P12x48),
            firmware: Some(String::new()),
            max_bytes: Some(8_192),
            holds: vec![],
        };
        world.write(async |tx: &Tx| badges::introduce(tx, &world.scope, badge, &hello, at(5)).await).await;
        let telemetry = Telemetry { battery: Some(81.0), rssi: Some(f64::NAN), ..Telemetry::default() };
        world.write(async |tx: &Tx| badges::measured(tx, world.organization, badge, &telemetry, at(6)).await).await;
        let row = badges::find(world.database.read(), &world.scope, badge, at(7)).await.unwrap();
        assert_eq!((row.model.as_deref(), row.panel, row.firmware), (Some("B1144"), Panel::P12x48, None));
        assert_eq!(row.telemetry, Some(Telemetry { battery: Some(81.0), ..Telemetry::default() }));
        assert_eq!(row.last_seen_at, Some(at(6)));
    }
}
