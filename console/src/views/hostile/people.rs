//! People, what opens doors, the trail and the settings.

use badgecast_domain::access::Role;

use super::{AT, choice, everyone, forms, text};
use crate::views::{
    Access, Audit, AuditFilter, AuditRow, ClientRow, Door, KeyRow, MadeSecret, NewPerson, People, PersonPage,
    PersonRow, SessionRow, Setting, Settings, Verdict, whole::tame,
};

fn person(disabled: bool) -> PersonRow {
    PersonRow {
        id: "1".to_owned(),
        name: text(),
        email: text(),
        role: Role::Auditor,
        disabled,
        badge: Some("B-7K2M".to_owned()),
    }
}

#[test]
fn people_and_one_of_them() {
    everyone(|frame, _| {
        let new = NewPerson { email: text(), name: text(), role: None, error: Some("Too short.".to_owned()) };
        let list = People {
            frame,
            rows: vec![person(false), person(true)],
            q: text(),
            next: Some("/people?after=1".to_owned()),
            new,
            key: "k".to_owned(),
        };
        let html = tame(&list);
        assert!(html.contains("value=\"receptionist\" checked"), "the least is offered");
        for (own, disabled, ends) in [(false, false, "disable"), (false, true, "enable"), (true, false, "")] {
            let page = PersonPage {
                frame,
                person: person(disabled),
                created_at: AT,
                own,
                badge: Some(choice()),
                error: Some("This is the last admin.".to_owned()),
            };
            let html = tame(&page);
            for verb in ["disable", "enable"] {
                assert_eq!(forms(&html, &format!("/people/1/{verb}")), usize::from(verb == ends));
            }
        }
    });
}

#[test]
fn what_opens_doors() {
    everyone(|frame, role| {
        let session = SessionRow {
            id: "1".to_owned(),
            current: false,
            remembered: true,
            device: text(),
            network: text(),
            signed_in_at: AT,
            last_used_at: AT,
            ends_at: AT,
        };
        let key = KeyRow {
            id: "1".to_owned(),
            name: text(),
            scopes: "badges:read".to_owned(),
            created_at: AT,
            expires_at: Some(AT),
            last_used_at: Some(AT),
            revoked: false,
        };
        let client = ClientRow {
            id: "1".to_owned(),
            name: text(),
            asks_people: true,
            scopes: "openid".to_owned(),
            created_at: AT,
            disabled: false,
        };
        for door in [Door::Key, Door::Client] {
            let made = MadeSecret {
                door,
                name: text(),
                id: Some("1".to_owned()),
                secret: Some("s3cret".to_owned()),
            };
            let html = tame(&Access {
                frame,
                sessions: vec![session.clone()],
                keys: vec![key.clone(), KeyRow { revoked: true, ..key.clone() }],
                key_scopes: vec!["badges:read".to_owned()],
                clients: vec![client.clone(), ClientRow { disabled: true, ..client.clone() }],
                client_scopes: vec!["openid".to_owned()],
                made: Some(made),
                error: Some((door, "Wrong.".to_owned())),
                key: "k".to_owned(),
            });
            let admin = usize::from(role == Role::Admin);
            assert_eq!(forms(&html, "/access/sessions/1/end"), 1, "everyone ends their own");
            assert_eq!(forms(&html, "/access/keys/1/revoke"), admin);
            assert_eq!(forms(&html, "/access/clients/1/disable"), admin);
        }
    });
}

#[test]
fn the_trail() {
    everyone(|frame, _| {
        let row = AuditRow {
            seq: 1,
            at: AT,
            actor: text(),
            actor_id: Some("1".to_owned()),
            action: text(),
            object: text(),
            object_id: None,
            detail: text(),
        };
        let other = AuditRow { actor_id: None, object_id: Some("1".to_owned()), ..row.clone() };
        let filter = AuditFilter { action: text(), actor: text(), object: text(), later: true };
        let mut said = Vec::new();
        for verdict in [
            Verdict::Whole { entries: 2 },
            Verdict::Broken { seq: 1 },
            Verdict::Short { entries: 1, of: 2 },
            Verdict::Rewritten { seq: 1 },
        ] {
            let rows = vec![row.clone(), other.clone()];
            tame(&Audit { frame, rows, filter: filter.clone(), next: None, verdict: Some(verdict) });
            said.push(verdict.sentence(frame));
        }
        said.sort();
        said.dedup();
        assert_eq!(said.len(), 4, "each has a sentence of its own");
    });
}

#[test]
fn settings() {
    everyone(|frame, _| {
        let configured = vec![Setting { key: "settings-organization", value: text() }];
        tame(&Settings { frame, organization: text(), configured });
    });
}
