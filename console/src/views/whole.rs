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

/// What somebody may have called something: the end of an attribute, a script, and a turn of direction that is never
/// turned back.
pub(super) const HOSTILE: &str = "\"'><script>x</script>&\u{202e}";
/// The same as a page has to write it.
const ESCAPED: &str = "&#34;&#39;&#62;&#60;script&#62;x&#60;/script&#62;&#38;\u{202e}";
/// Elements whose text has no direction in common with what is around it.
const ISOLATING: [&str; 4] = ["bdi", "code", "title", "option"];

/// A page that says hostile texts: it is whole, they are escaped, and none turns the sentence around it round.
#[track_caller]
pub(super) fn tame(view: &impl Template) -> String {
    let html = whole(view);
    assert!(!html.contains("<script>x"), "what people say is no markup");
    assert!(html.contains(ESCAPED), "it says what it was given");
    for (at, _) in html.match_indices(ESCAPED) {
        let before = &html[..at];
        let (tag, text) = before.rsplit_once('>').unwrap_or(("", before));
        let in_attribute = text.contains('<');
        let element = tag.rsplit_once('<').map_or("", |(_, tag)| tag).split([' ', '>']).next().unwrap_or("");
        let marked = text.ends_with('\u{2068}');
        assert!(
            in_attribute || marked || ISOLATING.contains(&element),
            "not isolated: {}",
            &before[at.saturating_sub(200)..]
        );
    }
    html
}
