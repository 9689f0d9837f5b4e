//! How many show it, over time: a stair to the deadline. Time runs from left to right in every language.

use std::time::Duration;

use crate::Frame;

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub struct Course {
    pub targeted: u64,
    /// The times to shown, sorted.
    pub spans: Vec<Duration>,
    /// How long it has been running, and how long until the deadline from its start.
    pub elapsed: Duration,
    pub deadline: Duration,
}

/// A mark on the axis of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub x: f64,
    pub words: String,
}

/// The curve, ready for its template.
#[derive(Debug, Clone)]
pub struct Curve {
    pub line: String,
    pub area: String,
    pub now: f64,
    pub deadline: f64,
    pub ticks: Vec<Tick>,
}

const LEFT: f64 = 8.0;
const RIGHT: f64 = 372.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 86.0;
/// More steps than this cannot be told apart.
const STEPS: usize = 120;
/// Below this the axis is nearly linear, above it logarithmic: the first second and the last minute are both seen.
const BEND_S: f64 = 0.4;

impl Curve {
    #[must_use]
    pub fn of(course: &Course, frame: &Frame) -> Self {
        let end = course.deadline.max(course.elapsed.min(course.deadline)).as_secs_f64().max(1.0);
        let scale = |seconds: f64| (1.0 + seconds / BEND_S).ln() / (1.0 + end / BEND_S).ln();
        let x = |at: Duration| LEFT + (RIGHT - LEFT) * scale(at.as_secs_f64()).clamp(0.0, 1.0);
        let y = |shown: usize| {
            let part = shown as f64 / (course.targeted.max(1)) as f64;
            BOTTOM - (BOTTOM - TOP) * part.min(1.0)
        };
        let now = x(course.elapsed.min(course.deadline));
        let mut line = format!("M{LEFT:.1} {BOTTOM:.1}");
        let every = course.spans.len().div_ceil(STEPS).max(1);
        let last = course.spans.len();
        for (index, span) in course.spans.iter().enumerate() {
            if (index + 1) % every == 0 || index + 1 == last {
                line.push_str(&format!("H{:.1}V{:.1}", x(*span), y(index + 1)));
            }
        }
        line.push_str(&format!("H{now:.1}"));
        let area = format!("{line}V{BOTTOM:.1}H{LEFT:.1}Z");
        let mut ticks: Vec<Tick> = Vec::new();
        for tenths in [5_u64, 20, 100, 600, 3_000, 18_000, 36_000, 288_000, 864_000] {
            let at = Duration::from_millis(tenths * 100);
            let x = x(at);
            // Neither over the deadline's own mark nor over its neighbour.
            if at < course.deadline && x < RIGHT - 44.0 && ticks.last().is_none_or(|tick| x - tick.x > 34.0) {
                ticks.push(Tick { x, words: short(frame, at) });
            }
        }
        let deadline = x(course.deadline);
        ticks.push(Tick { x: deadline, words: short(frame, course.deadline) });
        Self { line, area, now, deadline, ticks }
    }

    /// Where the word for now stands: inside the picture, on the side that has room.
    pub(crate) fn now_is_late(&self) -> bool {
        self.now > RIGHT - 46.0
    }
}

/// `0.5 s`, `10 s`, `5 min`, `2 h`: as short as an axis wants it.
fn short(frame: &Frame, at: Duration) -> String {
    // A deadline of a minute is said a few milliseconds after the minute began.
    let seconds = if at.as_secs() == 0 { 0 } else { (at.as_millis() as u64 + 500) / 1_000 };
    match seconds {
        0 => frame.say("axis-seconds").with("n", frame.seconds(at.as_millis() as u64)).to_string(),
        1..60 => frame.say("axis-seconds").with("n", seconds.to_string()).to_string(),
        60..3_600 => frame.say("axis-minutes").with("n", (seconds / 60).to_string()).to_string(),
        _ => frame.say("axis-hours").with("n", (seconds / 3_600).to_string()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use badgecast_domain::time::Moment;

    use super::*;
    use crate::{Clock, Look};

    #[test]
    fn the_stair_climbs_to_now_and_the_deadline_is_last() {
        let clock = Clock { now: Moment::from_s(0), offset_min: None };
        let frame = Frame::new(Look::read(None, None), clock, "/");
        let course = Course {
            targeted: 4,
            spans: [300, 500, 900].map(Duration::from_millis).to_vec(),
            elapsed: Duration::from_secs(19),
            deadline: Duration::from_secs(60),
        };
        let curve = Curve::of(&course, &frame);
        assert_eq!(curve.line.matches('V').count(), 3);
        assert!(curve.now < curve.deadline && (curve.deadline - RIGHT).abs() < 0.1);
        assert_eq!(curve.ticks.last().unwrap().words.replace(['\u{2068}', '\u{2069}'], ""), "1 min");
        assert!(curve.ticks.windows(2).all(|pair| pair[0].x < pair[1].x));
        let many = Course { spans: vec![Duration::from_secs(1); 10_000], targeted: 10_000, ..course };
        assert!(Curve::of(&many, &frame).line.len() < 4_000, "ten thousand are drawn as few");
    }
}
