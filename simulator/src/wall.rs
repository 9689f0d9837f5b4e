//! The wall: the frames of as many badges as fit the terminal, two rows of LEDs to a line of half blocks.
//!
//! Without a terminal it is lines of progress.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use badgecast_domain::{
    display::{Frame as Lit, Panel},
    layer::{Kind, Level},
};
use crossterm::event::{self, KeyCode, KeyModifiers};
use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Style, Stylize as _},
    text::{Line, Span},
};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    badge::{Link, State},
    fleet::{Fleet, Member},
    tally::Tally,
};

const REDRAW: Duration = Duration::from_millis(100);
const PROGRESS: Duration = Duration::from_secs(5);
/// Columns and lines between two badges.
const GAP: u16 = 2;
const LED_LIT: Color = Color::Rgb(255, 176, 32);
const LED_DARK: Color = Color::Rgb(40, 28, 16);

/// Shows the fleet until someone presses `q` or Ctrl-C, or `over` completes.
///
/// # Errors
/// The terminal cannot be written to.
pub async fn show(fleet: &Fleet, over: impl Future<Output = ()>) -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return progress(fleet.tally(), over).await;
    }
    let mut terminal = ratatui::try_init()?;
    let drawn = draw_until(fleet, &mut terminal, over).await;
    let restored = ratatui::try_restore();
    drawn.and(restored)
}

/// Writes a line of counts to standard error now and then, until `over` completes or Ctrl-C.
///
/// # Errors
/// Standard error is closed.
pub async fn progress(tally: &Tally, over: impl Future<Output = ()>) -> io::Result<()> {
    let mut over = std::pin::pin!(over);
    let mut ticks = interval(PROGRESS);
    loop {
        tokio::select! {
            () = &mut over => return Ok(()),
            _ = tokio::signal::ctrl_c() => return Ok(()),
            _ = ticks.tick() => writeln!(io::stderr(), "{}", counts(tally))?,
        }
    }
}

async fn draw_until(
    fleet: &Fleet,
    terminal: &mut ratatui::DefaultTerminal,
    over: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut over = std::pin::pin!(over);
    let panel = fleet.badges().next().map(|badge| badge.look(State::panel)).unwrap_or_default();
    let mut ticks = interval(REDRAW);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = &mut over => return Ok(()),
            _ = ticks.tick() => {}
        }
        if quits()? {
            return Ok(());
        }
        let now = Instant::now();
        terminal.draw(|frame| {
            let grid = Grid::new(frame.area(), panel);
            let members = fleet.members().iter().take(grid.places());
            let tiles: Vec<Tile> = members.map(|member| Tile::of(member, now)).collect();
            draw(frame, &counts(fleet.tally()), grid, &tiles);
        })?;
    }
}

/// Whether somebody wants to go. In raw mode Ctrl-C is a key like others.
fn quits() -> io::Result<bool> {
    while event::poll(Duration::ZERO)? {
        if let Some(key) = event::read()?.as_key_press_event() {
            let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            if control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn counts(tally: &Tally) -> String {
    let count = tally.count();
    let mut line = format!(
        "{} claimed · {} connected · {} held · {} lit",
        count.claimed, count.connected, count.held, count.shown
    );
    if let Some((_, spread)) = tally.newest() {
        line += &format!(" · newest announcement {} of {} shown", spread.shown(), spread.held);
    }
    line
}

/// One badge on the wall.
#[derive(Debug, Clone)]
struct Tile {
    code: String,
    link: Link,
    /// What has its turn, and what is wrong with the badge.
    words: String,
    lit: Lit,
}

impl Tile {
    fn of(member: &Member, now: Instant) -> Self {
        member.badge.look(|state: &State| {
            let turn = match state.turn_at(now) {
                Some((Kind::Own, _)) => "own",
                Some((Kind::Announcement, Level::Normal)) => "announcement",
                Some((Kind::Announcement, Level::Urgent)) => "urgent",
                Some((Kind::Announcement, Level::Emergency)) => "emergency",
                None => "",
            };
            let fault = member.fault.map_or("", |fault| fault.name());
            let words = format!("{turn} {fault}").trim().to_owned();
            Self { code: member.code.clone(), link: state.link, words, lit: state.frame_at(now) }
        })
    }

    fn title(&self) -> Line<'static> {
        let link = match self.link {
            Link::Connected => "●".green(),
            Link::Connecting => "◌".yellow(),
            Link::Refused => "✕".red(),
            Link::Offline | Link::Stopped => "○".dark_gray(),
        };
        Line::from(vec![
            Span::from(self.code.clone()).bold(),
            Span::from(" "),
            link,
            Span::from(" "),
            Span::from(self.words.clone()).dark_gray(),
        ])
    }

    /// Two rows of LEDs a line, readable without colours too.
    fn draw(&self, area: Rect, buffer: &mut Buffer) {
        for (x, column) in (area.left()..area.right()).zip(&self.lit.columns) {
            for (line, y) in (area.top()..area.bottom()).enumerate() {
                let symbol = symbol(*column, line);
                if let Some(cell) = buffer.cell_mut(Position { x, y }) {
                    cell.set_char(symbol).set_style(Style::new().fg(LED_LIT).bg(LED_DARK));
                }
            }
        }
    }
}

/// Two LEDs above each other: rows `2 * line` and the one below.
const fn symbol(column: u16, line: usize) -> char {
    match column >> (2 * line) & 0b11 {
        0b00 => ' ',
        0b01 => '▀',
        0b10 => '▄',
        _ => '█',
    }
}

/// The LEDs of one panel as lines of text.
#[must_use]
pub fn lines(lit: &Lit, panel: Panel) -> Vec<String> {
    let line = |line| lit.columns.iter().map(|column| symbol(*column, line)).collect();
    (0..panel.rows().div_ceil(2)).map(line).collect()
}

/// Where the badges stand on the wall, under one line of counts.
#[derive(Debug, Clone, Copy)]
struct Grid {
    wall: Rect,
    across: u16,
    down: u16,
    tile: (u16, u16),
}

impl Grid {
    fn new(area: Rect, panel: Panel) -> Self {
        let tile = (panel.columns() as u16, panel.rows().div_ceil(2) as u16 + 1);
        let wall = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let across = (wall.width + GAP) / (tile.0 + GAP);
        let down = (wall.height + 1) / (tile.1 + 1);
        Self { wall, across, down, tile }
    }

    fn places(&self) -> usize {
        usize::from(self.across) * usize::from(self.down)
    }

    fn place(&self, number: usize) -> Rect {
        let number = number as u16;
        let (x, y) = (number % self.across, number / self.across);
        let (width, height) = self.tile;
        Rect { x: self.wall.x + x * (width + GAP), y: self.wall.y + y * (height + 1), width, height }
    }
}

fn draw(frame: &mut Frame<'_>, counts: &str, grid: Grid, tiles: &[Tile]) {
    let area = frame.area();
    frame
        .render_widget(Line::from(vec![counts.into(), " · q quits".dark_gray()]), Rect { height: 1, ..area });
    for (number, tile) in tiles.iter().enumerate().take(grid.places()) {
        let place = grid.place(number);
        frame.render_widget(tile.title(), Rect { height: 1, ..place });
        let leds = Rect { y: place.y + 1, height: place.height - 1, ..place };
        tile.draw(leds, frame.buffer_mut());
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;

    fn tile(code: &str, columns: &[u16]) -> Tile {
        let mut lit = Lit::dark(Panel::P11x44);
        lit.columns[..columns.len()].copy_from_slice(columns);
        Tile { code: code.to_owned(), link: Link::Connected, words: "own".to_owned(), lit }
    }

    #[test]
    fn as_many_badges_as_fit_show_their_leds() {
        let mut terminal = Terminal::new(TestBackend::new(90, 12)).unwrap();
        let tiles: Vec<Tile> =
            ["B-2222", "B-3333", "B-4444", "B-5555"].map(|code| tile(code, &[0x401])).into();
        let grid = Grid::new(Rect::new(0, 0, 90, 12), Panel::P11x44);
        assert_eq!(grid.places(), 2);
        terminal.draw(|frame| draw(frame, "4 claimed", grid, &tiles)).unwrap();
        let buffer = terminal.backend().buffer();
        let line = |y: u16| (0..90).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        assert!(line(0).starts_with("4 claimed · q quits"));
        assert!(line(1).contains("B-2222 ● own") && line(1).contains("B-3333 ● own"));
        let leds: Vec<&str> = (2..8).map(|y| buffer[(0, y)].symbol()).collect();
        assert_eq!(leds, ["▀", " ", " ", " ", " ", "▀"], "rows 0 and 10 of 11");
        assert_eq!((buffer[(0, 2)].fg, buffer[(0, 2)].bg), (LED_LIT, LED_DARK));
        assert_eq!(buffer[(1, 2)].symbol(), " ");
    }

    #[test]
    fn a_terminal_too_small_for_one_badge_shows_the_counts() {
        let mut terminal = Terminal::new(TestBackend::new(20, 1)).unwrap();
        let grid = Grid::new(Rect::new(0, 0, 20, 1), Panel::P11x44);
        terminal.draw(|frame| draw(frame, "counts", grid, &[tile("B-2222", &[1])])).unwrap();
        assert_eq!(grid.places(), 0);
    }
}
