//! Whatever people write renders: no panic, the same pixels every time, nothing outside the panel.

use badgecast_domain::display::{
    Align, Direction, Document, Font, Image, Limits, Message, Motion, Panel, Player, START_MS, Segment,
    Strip, Timing, findings, pictures, render,
};
use proptest::prelude::*;

/// Any characters, and more often those that are hard: marks, joiners, right-to-left letters, overrides, emoji.
fn text() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(
        "aÄ\u{301}\u{5d0}\u{5b0}\u{627}\u{644}\u{64e}\u{e01}\u{e34}\u{e48}\u{e33}\u{915}\u{94d}\u{937}\u{93f}\u{200d}\u{200c}\
         \u{202e}\u{2067}\u{2069}\u{1f468}\u{1f3fd}\u{1f1e9}\u{fe0f}\u{ac00}漢( ）\u{661}5\u{0}\u{2028}\u{feff}\u{10ffff}"
            .chars()
            .collect::<Vec<char>>(),
    );
    prop::collection::vec(prop_oneof![hard, any::<char>()], 1..=500).prop_map(String::from_iter)
}

fn segment() -> impl Strategy<Value = Segment> {
    let fonts = prop::sample::select(vec![Font::Auto, Font::Nine, Font::Narrow, Font::Led]);
    let image = (1u16..40, 1u8..=12, 1u8..4).prop_flat_map(|(width, height, frames)| {
        let bytes = usize::from(frames) * usize::from(height) * usize::from(width).div_ceil(8);
        prop::collection::vec(any::<u8>(), bytes).prop_map(move |bits| Image { width, height, frames, bits })
    });
    prop_oneof![
        4 => (text(), fonts).prop_map(|(text, font)| Segment::Text { text, font }),
        1 => "[a-z0-9_]{1,32}".prop_map(Segment::Icon),
        1 => Just(Segment::Icon("heart".to_owned())),
        1 => image.prop_map(Segment::Image),
        1 => (1u8..=48).prop_map(Segment::Space),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let motion = prop::sample::select(vec![
        Motion::Auto,
        Motion::Left,
        Motion::Right,
        Motion::Up,
        Motion::Down,
        Motion::Fixed,
        Motion::Animation,
        Motion::Snowflake,
        Motion::Picture,
        Motion::Laser,
    ]);
    let align = prop::sample::select(vec![Align::Start, Align::Center, Align::End]);
    let direction = prop::sample::select(vec![Direction::Auto, Direction::Ltr, Direction::Rtl]);
    let lang = prop::option::of("[a-z]{2}(-[A-Z]{2})?");
    let looks = (any::<bool>(), any::<bool>(), any::<bool>());
    (prop::collection::vec(segment(), 1..4), motion, 1u8..=8, looks, align, direction, lang).prop_map(
        |(segments, effect, speed, (blink, border, invert), align, direction, lang)| Message {
            segments,
            effect,
            speed,
            blink,
            border,
            invert,
            align,
            direction,
            lang,
        },
    )
}

fn document() -> impl Strategy<Value = Document> {
    let brightness = prop::sample::select(vec![25u8, 50, 75, 100]);
    (brightness, any::<bool>(), prop::collection::vec(message(), 1..=8))
        .prop_map(|(brightness, allow_flashing, messages)| Document { brightness, allow_flashing, messages })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_renders_the_same_every_time(text in text()) {
        let document = Document::text(&text).unwrap();
        for panel in Panel::ALL {
            let once = render(&document.messages[0], panel);
            prop_assert!(once.strip.columns.iter().all(|column| column & !panel.column_mask() == 0));
            prop_assert!(once.strip.columns.len() <= 500 * 24, "{}", once.strip.columns.len());
            prop_assert_eq!(render(&document.messages[0], panel), once);
        }
    }

    #[test]
    fn any_document_is_judged_and_comes_back_from_its_form(document in document()) {
        let json = serde_json::to_string(&document.form()).unwrap();
        let again = Document::parse(serde_json::from_str(&json).unwrap());
        prop_assert_eq!(again.as_ref(), Ok(&document));
        for panel in Panel::ALL {
            let found = findings(&document, panel, Limits::default());
            prop_assert!(found.iter().all(|finding| finding.pointer.starts_with("/messages")));
        }
    }

    #[test]
    fn any_document_plays_and_its_pictures_are_its_strips(document in document(), t in 0u64..10_000_000) {
        let panel = Panel::P11x44;
        let (sent, _) = pictures(&document, panel);
        for (picture, message) in sent.iter().zip(&document.messages) {
            let strip = Strip::from_bytes(panel, picture.columns, &picture.strip);
            prop_assert_eq!(strip, Some(render(message, panel).strip));
        }
        let player = Player::from_pictures(&sent, panel, Timing::Open).unwrap();
        prop_assert_eq!(player.frame_at(t).columns.len(), panel.columns());
        for message in 0..sent.len() {
            if let Some(lit) = player.first_lit_ms(message) {
                prop_assert!(lit >= START_MS && lit <= START_MS + player.cycle_ms());
            }
        }
    }
}
