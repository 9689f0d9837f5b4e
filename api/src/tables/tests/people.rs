use badgecast_domain::access::Role;

use super::{
    super::{Error, Tx, badges, people},
    World, on_both,
    world::at,
};

on_both! {
    async fn people_are_found_by_email_in_any_case_and_by_part_of_their_name(world: &World) {
        let ada = world.person("Ada@Clinic.example", Role::Receptionist).await;
        world.person("bo_b@clinic.example", Role::Manager).await;
        let (person, hash) = people::by_email(world.database.read(), "ADA@clinic.example").await.unwrap().unwrap();
        assert_eq!((person.id, person.role, hash), (ada, Role::Receptionist, None));
        assert!(people::by_email(world.database.read(), "eve@clinic.example").await.unwrap().is_none());
        let among = async |part, among| people::search(world.database.read(), &world.scope, (part, among), None, 10).await.unwrap();
        let search = async |part| among(part, people::Among::InService).await;
        assert_eq!(search("aDa").await.len(), 1);
        assert_eq!(search("o_b").await.len(), 1);
        let update = people::Update { name: Some("Élodie ŚWIĘTA".into()), ..people::Update::default() };
        world.write(async |tx: &Tx| people::update(tx, &world.scope, ada, &update, at(1)).await).await;
        assert_eq!(search("élo").await.len(), 1);
        assert_eq!(search("ŚwiĘ").await.len(), 1);
        assert_eq!(search("a_a").await.len(), 0, "an underscore is one");
        assert_eq!(search("").await.len(), 2);
        let disabled = people::Update { disabled: Some(true), ..people::Update::default() };
        world.write(async |tx: &Tx| people::update(tx, &world.scope, ada, &disabled, at(2)).await).await;
        assert_eq!(search("").await.len(), 1, "who is disabled is given no badge");
        assert_eq!(among("élo", people::Among::Everyone).await.len(), 1);
    }

    async fn an_email_is_one_persons_in_the_whole_installation(world: &World) {
        world.person("ada@clinic.example", Role::Receptionist).await;
        let stranger = world.stranger().await;
        let new = people::New {
            email: "ADA@clinic.example".to_owned().try_into().unwrap(),
            name: "Eve".into(),
            role: Role::Admin,
            password_hash: None,
        };
        let taken = world.database.write(async |tx: &Tx| people::create(tx, &stranger, new, at(1)).await).await;
        assert!(matches!(taken, Err(Error::Conflict(_))));
    }

    async fn the_last_admin_stays_one(world: &World) {
        let ada = world.person("ada@clinic.example", Role::Admin).await;
        let update = async |id, update: people::Update| {
            world.database.write(async |tx: &Tx| people::update(tx, &world.scope, id, &update, at(2)).await).await
        };
        let demoted = people::Update { role: Some(Role::Manager), ..people::Update::default() };
        let disabled = people::Update { disabled: Some(true), ..people::Update::default() };
        assert!(matches!(update(ada, demoted.clone()).await, Err(Error::Conflict(_))));
        assert!(matches!(update(ada, disabled.clone()).await, Err(Error::Conflict(_))));
        world.person("bob@clinic.example", Role::Admin).await;
        assert_eq!(update(ada, demoted).await.unwrap().role, Role::Manager);
        let before = people::find(world.database.read(), &world.scope, ada).await.unwrap();
        let after = update(ada, disabled).await.unwrap();
        assert!(after.disabled_at.is_some() && after.updated_at > before.updated_at);
    }

    async fn who_is_disabled_owns_no_badge_any_more(world: &World) {
        let ada = world.person("ada@clinic.example", Role::Receptionist).await;
        let new = badges::New { owner: Some(ada), ..badges::New::default() };
        let badge = world.write(async |tx: &Tx| badges::register(tx, &world.scope, new, at(1)).await).await.id;
        let disabled = people::Update { disabled: Some(true), ..people::Update::default() };
        world.write(async |tx: &Tx| people::update(tx, &world.scope, ada, &disabled, at(2)).await).await;
        let row = badges::find(world.database.read(), &world.scope, badge, at(3)).await.unwrap();
        assert_eq!(row.owner, None);
        let stranger = world.stranger().await;
        assert!(matches!(people::find(world.database.read(), &stranger, ada).await, Err(Error::NotFound)));
    }
}
