//! A bar of all badges: a part for each state, each with a pattern of its own.

use std::fmt;

use askama::filters::HtmlSafe;

use super::Counts;

/// Every part that is there is at least this wide, in percent: one badge of ten thousand is seen.
const LEAST: f64 = 1.4;
/// Between two parts, in percent.
const GAP: f64 = 0.4;

/// The bar. It stands beside the numbers and is hidden from those who read them.
#[derive(Debug, Clone, Copy)]
pub struct Bar(pub Counts);

impl HtmlSafe for Bar {}

impl Bar {
    /// The state's name, where its part begins and how wide it is, in percent.
    fn parts(self) -> Vec<(&'static str, f64, f64)> {
        let all = self.0.all();
        let there: Vec<_> = self.0.told().filter(|(_, count)| *count > 0).collect();
        let room = 100.0 - there.len() as f64 * (LEAST + GAP) + GAP;
        let mut from = 0.0;
        let part = |(state, count): (badgecast_domain::receipt::State, u64)| {
            let width = LEAST + room * count as f64 / all as f64;
            let at = from;
            from += width + GAP;
            (state.name(), at, width)
        };
        there.into_iter().map(part).collect()
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "<svg class=\"meter\" width=\"100%\" height=\"22\" aria-hidden=\"true\"><defs>\
            <pattern id=\"held-lines\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
            <rect width=\"7\" height=\"7\" class=\"ground\"/><rect width=\"4\" height=\"7\" class=\"line\"/></pattern>\
            <pattern id=\"sent-dots\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
            <rect width=\"6\" height=\"6\" class=\"ground\"/><circle cx=\"3\" cy=\"3\" r=\"1.7\" class=\"line\"/></pattern>\
            <pattern id=\"refused-cross\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
            <rect width=\"8\" height=\"8\" class=\"ground\"/><path d=\"M1 1l6 6M7 1L1 7\" class=\"line\"/></pattern></defs>",
        )?;
        for (name, from, width) in self.parts() {
            write!(
                f,
                "<rect class=\"{name}\" x=\"{from:.2}%\" y=\"1\" width=\"{width:.2}%\" height=\"20\" rx=\"3\"/>"
            )?;
        }
        f.write_str("</svg>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_ten_thousand_is_seen_and_all_fit() {
        let bar = Bar(Counts { shown: 9_999, refused: 1, ..Counts::default() });
        let parts = bar.parts();
        assert_eq!(parts.iter().map(|part| part.0).collect::<Vec<_>>(), ["shown", "refused"]);
        assert!(parts[1].2 >= LEAST);
        let end = parts[1].1 + parts[1].2;
        assert!((end - 100.0).abs() < 0.01, "{end}");
        assert!(Bar(Counts::default()).parts().is_empty());
    }
}
