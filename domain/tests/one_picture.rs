//! The preview, the panel and the hardware's bytes are one picture: an Arabic name, followed all the way.

use std::io::Cursor;

use badgecast_domain::{
    display::{
        Document, Frame, Panel, Player, START_MS, Timing,
        picture::{Scale, gif, png},
        pictures,
        wang::{Profile, Program, decode},
    },
    time::Moment,
};

const PANEL: Panel = Panel::P11x44;

/// What a PNG of one pixel an LED shows.
fn shown(file: Vec<u8>) -> Frame {
    let mut reader = ::png::Decoder::new(Cursor::new(file)).read_info().expect("it is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
    reader.next_frame(&mut pixels).expect("it has a frame");
    let lit = |x: usize, row: usize| pixels[row * 11 + x / 4] >> (6 - x % 4 * 2) & 3 == 2;
    let column = |x: usize| (0..11).filter(|row| lit(x, *row)).fold(0, |column, row| column | 1 << row);
    Frame { columns: (0..44).map(column).collect() }
}

#[test]
fn an_arabic_name_is_the_same_on_the_preview_the_panel_and_the_hardware() {
    for name in ["أحمد", "عبد الرحمن بن الخطيب، الطابق الثالث"] {
        let document = Document::text(name).unwrap();
        let (sent, crc) = pictures(&document, PANEL);
        let panel = Player::from_pictures(&sent, PANEL, Timing::Open).unwrap();

        let upload =
            Program::new(&document, PANEL, Moment::from_s(1_795_353_255)).encode(PANEL, &Profile::GENERIC);
        let written = decode(&upload.unwrap(), PANEL).unwrap();
        let hardware = written.player(PANEL, Timing::Open);
        assert_eq!(hardware.cycle_ms(), panel.cycle_ms());
        let strips: Vec<Vec<u8>> = written.slots.iter().map(|slot| slot.strip.to_bytes(PANEL)).collect();
        assert_eq!(badgecast_domain::wire::Crc::of(strips.iter().map(Vec::as_slice)), crc);

        let mut t = START_MS;
        while t < START_MS + panel.cycle_ms() {
            let frame = panel.frame_at(t);
            assert_eq!(hardware.frame_at(t), frame, "{name} {t}");
            assert_eq!(shown(png(&frame, PANEL, Scale::new(1), name)), frame, "{name} {t}");
            t = panel.next_change_ms(t).unwrap();
        }
        assert_eq!(gif(&hardware, Scale::default()), gif(&panel, Scale::default()));
        assert!(panel.still().lit() > 20);
    }
}
