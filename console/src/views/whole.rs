//! What every page owes its reader, for the tests of the views.

use badgecast_domain::{access::Role, time::Moment};

use crate::{Clock, Frame, Language, Look, Template, Theme, Viewer};

/// A frame for somebody of this role.
pub(super) fn frame(role: Role, language: Language) -> Frame {
    let clock = Clock { now: Moment::from_s(1_795_690_000), offset_min: Some(60) };
    let look = Look { language, theme: Theme::Auto, moving: false, keys: true };
    let viewer = Viewer { name: "Mara Okafor".to_owned(), role, scopes: role.scopes(), remembered: false };
    Frame { viewer: Some(viewer), ..Frame::new(look, clock, "/") }
}

/// One heading, ids that name one thing, a language, no style of its own, and every sentence there is.
#[track_caller]
pub(super) fn whole(view: &impl Template) -> String {
    let html = view.render().unwrap();
    assert_eq!(html.matches("<h1").count(), 1, "one heading");
    assert!(html.contains("<html lang=\"") && html.contains(" dir=\""));
    assert!(!html.contains(" style=") && !html.contains("<style"));
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    let all = ids.clone();
    ids.dedup();
    assert_eq!(ids, all, "ids are there once");
    for named in ["for=\"", "aria-labelledby=\"", "aria-describedby=\""] {
        for id in html.split(named).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(id.split(' ').all(|id| all.contains(&id)), "{named}{id} names nothing");
        }
    }
    html
}
