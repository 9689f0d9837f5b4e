//! Pages in which everything people may have named is hostile, for each role and in each language.

mod doors;
mod fleet;
mod people;

use badgecast_domain::{
    access::Role,
    display::{Document, Panel},
    time::Moment,
};

use super::{
    Named,
    whole::{HOSTILE, frame},
};
use crate::{Frame, Language, Led, Size};

const AT: Moment = Moment::from_s(1_795_690_000);

fn text() -> String {
    HOSTILE.to_owned()
}

fn choice() -> Named {
    Named { value: "1".to_owned(), name: text() }
}

fn led() -> Led {
    Led::of(&Document::text("Hi").expect("a text"), Panel::P11x44, Size::Tile).saying(text())
}

/// Shows a page to everyone: somebody of each role, whose own name is hostile too, in each language.
#[track_caller]
fn everyone(look: impl Fn(&Frame, Role)) {
    for role in Role::ALL {
        for language in Language::ALL {
            let mut frame = frame(role, language);
            if let Some(viewer) = &mut frame.viewer {
                viewer.name = text();
            }
            look(&frame, role);
        }
    }
}

/// How many forms of a page are sent to an address that begins so.
fn forms(html: &str, address: &str) -> usize {
    html.matches(&format!("method=\"post\" action=\"{address}")).count()
}
