//! Badges, groups, what is found, and one's own badge.

use badgecast_domain::{
    access::Role,
    layer::{Kind, Level, Place},
    receipt::State,
};

use super::{AT, choice, everyone, forms, led, text};
use crate::{
    Frame,
    figures::{Mood as TileMood, Tile},
    parts::{self, Icon},
    views::{
        Also, Back, BadgeFilter, BadgePage, BadgeReceipt, BadgeRow, Badges, Battery, Choice, Conflict, Fit,
        GroupPage, GroupRow, Groups, Hit, KeyNames, Line, Membership, Mood, MyBadge, NoBadge, OwnerPicker,
        Part, Presence, Running, Search, Stacked, Standing, Steps, Wall, Writing,
        whole::{tame, whole},
    },
};

fn may_change(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Manager)
}

fn row(standing: Presence) -> BadgeRow {
    BadgeRow {
        id: "1".to_owned(),
        code: "B-7K2M".to_owned(),
        name: text(),
        owner: Some(format!("{} too", text())),
        led: led(),
        standing,
        since: Some(AT),
        battery: Some(Battery(9)),
    }
}

fn conflict() -> Conflict {
    Conflict { mine: led(), theirs: led() }
}

fn fits() -> Vec<Fit> {
    vec![Fit { mood: Mood::Bad, sentence: "It is too long.".to_owned(), repaired: Some(text()) }]
}

#[test]
fn the_list_of_badges() {
    everyone(|frame, role| {
        let filter = BadgeFilter {
            q: text(),
            state: Some(Presence::Off),
            group: "1".to_owned(),
            groups: vec![choice()],
            tag: text(),
            later: true,
        };
        let list = Badges {
            frame,
            rows: Presence::ALL.map(row).to_vec(),
            filter,
            total: None,
            next: Some("/badges?after=1".to_owned()),
            simulator: None,
        };
        let html = tame(&list);
        assert_eq!(html.matches("class=\"bdg-row\"").count(), 3);
        let none = Badges {
            rows: Vec::new(),
            filter: BadgeFilter::default(),
            total: Some(0),
            simulator: Some(text()),
            ..list
        };
        let html = tame(&none);
        assert_eq!(html.contains("id=\"simulator\""), may_change(role), "who may not claim gets no command");
    });
}

fn stacked(kind: Kind, level: Level, place: Place) -> Stacked {
    Stacked {
        led: led(),
        kind,
        level,
        place,
        until: Some(AT),
        from: None,
        state: Some(parts::State(State::Held)),
        href: (kind == Kind::Announcement).then(|| "/announcements/1".to_owned()),
        text: text(),
    }
}

fn badge(frame: &Frame) -> BadgePage<'_> {
    BadgePage {
        frame,
        id: "1".to_owned(),
        code: "B-7K2M".to_owned(),
        name: text(),
        owner: Some(choice()),
        standing: Presence::On,
        since: Some(AT),
        battery: Some(Battery(80)),
        rssi: Some(-70),
        model: Some(text()),
        panel: "11x44".to_owned(),
        firmware: Some(text()),
        key: Some(KeyNames { did: "did:key:zDn".to_owned(), thumbprint: "Zx0".to_owned() }),
        claimed_at: Some(AT),
        fresh: false,
        led: led(),
        moving: false,
        changes_at: Some(AT),
        stack: vec![
            stacked(Kind::Announcement, Level::Urgent, Place::Shown),
            stacked(Kind::Own, Level::Normal, Place::CutOff),
        ],
        receipts: vec![BadgeReceipt {
            href: "/announcements/1".to_owned(),
            text: text(),
            said_at: AT,
            state: parts::State(State::Refused),
            shown_ms: None,
            reason: Some(text()),
        }],
        line: Line::of(&text()),
        writing: Writing { revision: 3, rich: true, ..Writing::default() },
        groups: vec![Membership { group: choice(), member: true }],
        tags: vec![text()],
        picker: OwnerPicker::of(choice()),
        claim_code: None,
        error: None,
    }
}

#[test]
fn one_badge() {
    everyone(|frame, role| {
        let html = tame(&badge(frame));
        assert!(html.contains("did:key:zDn") && html.contains("Zx0"), "its key has both names");
        assert_eq!(forms(&html, "/badges/B-7K2M") > 0, may_change(role), "no dead buttons for {role}");
        let moving =
            BadgePage { moving: true, standing: Presence::Off, since: None, key: None, ..badge(frame) };
        assert!(tame(&moving).contains("/api/v1/badges/1/preview.gif"));
    });
}

#[test]
fn a_badge_that_is_being_changed() {
    everyone(|frame, role| {
        let writing = Writing {
            looks: Some(led()),
            fits: fits(),
            conflict: Some(conflict()),
            moving: true,
            ..Writing::default()
        };
        let html = tame(&BadgePage {
            writing,
            fresh: true,
            claim_code: Some(("ABCD-EFGH".to_owned(), AT)),
            error: Some((Part::Name, "A name has a letter.".to_owned())),
            picker: OwnerPicker {
                typed: text(),
                found: vec![choice()],
                more: true,
                error: Some("Who?".to_owned()),
                ..OwnerPicker::default()
            },
            ..badge(frame)
        });
        assert_eq!(html.contains("id=\"line-wrong\""), may_change(role));
        for part in [Part::Tags, Part::Command] {
            tame(&BadgePage {
                error: Some((part, "Wrong.".to_owned())),
                stack: Vec::new(),
                receipts: Vec::new(),
                ..badge(frame)
            });
        }
    });
}

fn group() -> GroupRow {
    GroupRow { id: "1".to_owned(), name: text(), badges: 2 }
}

#[test]
fn groups_and_one_of_them() {
    everyone(|frame, role| {
        let list = Groups {
            frame,
            rows: vec![group()],
            next: None,
            name: text(),
            error: Some("It is taken.".to_owned()),
            key: "k".to_owned(),
        };
        assert_eq!(forms(&tame(&list), "/groups"), usize::from(may_change(role)));
        let page = GroupPage {
            frame,
            group: group(),
            rows: vec![row(Presence::On)],
            next: Some("/groups/1?after=1".to_owned()),
            typed: text(),
            found: vec![choice()],
            error: Some("Which?".to_owned()),
            name_error: Some("It is taken.".to_owned()),
        };
        assert_eq!(forms(&tame(&page), "/groups/1"), if may_change(role) { 4 } else { 0 });
        tame(&GroupPage { rows: Vec::new(), found: Vec::new(), error: None, name_error: None, ..page });
    });
}

#[test]
fn what_was_found() {
    everyone(|frame, _| {
        let hit = || vec![Hit { href: "/groups/1".to_owned(), name: text() }];
        let found = Search {
            frame,
            q: text(),
            badges: vec![row(Presence::Off)],
            groups: hit(),
            announcements: hit(),
            people: hit(),
        };
        tame(&found);
        let none = Search {
            badges: Vec::new(),
            groups: Vec::new(),
            announcements: Vec::new(),
            people: Vec::new(),
            ..found
        };
        tame(&none);
    });
}

#[test]
fn the_wall() {
    everyone(|frame, role| {
        let tile = Tile {
            href: "/badges/B-7K2M".to_owned(),
            led: led(),
            name: text(),
            mood: TileMood::Bad,
            icon: Icon::Bad,
            class: "refused",
            words: "Wants a look".to_owned(),
        };
        let running = Running {
            href: "/announcements/1".to_owned(),
            text: text(),
            level: Level::Urgent,
            until: frame.stamp(AT),
        };
        let wall = Wall {
            frame,
            groups: vec![Choice {
                value: "/wall?group=1".to_owned(),
                name: text(),
                badges: 1,
                chosen: false,
            }],
            badges: 1,
            connected: 1,
            troubled: 1,
            running: vec![running],
            tiles: vec![tile],
            others: None,
            mosaic: None,
            chosen: false,
            simulator: None,
        };
        assert_eq!(tame(&wall).contains("/announcements/new"), may_change(role));
        let empty = tame(&Wall { badges: 0, tiles: Vec::new(), simulator: Some(text()), ..wall });
        assert_eq!(empty.contains("id=\"simulator\""), may_change(role), "who may not claim gets no command");
    });
}

fn mine(frame: &Frame, standing: Standing) -> MyBadge<'_> {
    MyBadge {
        frame,
        code: "B-7K2M".to_owned(),
        id: "1".to_owned(),
        led: led(),
        standing,
        line: Line::of(&text()),
        revision: 3,
        fits: fits(),
        used: vec![text()],
        also: vec![Also { led: led(), sentence: "Until 11:00.".to_owned() }],
        steps: Steps { sent: true, held: false, shown_ms: None, written: false, refused: Some(text()) },
        back: Some(Back { text: text(), revision: 2 }),
        conflict: Some(conflict()),
        off_since: Some(Some(AT)),
        taken: standing == Standing::Emergency,
        moving: true,
    }
}

#[test]
fn ones_own_badge() {
    everyone(|frame, role| {
        for standing in
            [Standing::Draft, Standing::Empty, Standing::Emergency, Standing::Sent(State::Refused)]
        {
            let html = tame(&mine(frame, standing));
            let back = matches!(standing, Standing::Emergency | Standing::Sent(_));
            assert_eq!(forms(&html, "/me/back"), usize::from(back));
            assert_eq!(html.contains("class=\"body draft\""), standing == Standing::Draft);
        }
        let may_claim = may_change(role);
        assert_eq!(whole(&NoBadge { frame, may_claim }).contains("href=\"/claim\""), may_claim);
    });
}
