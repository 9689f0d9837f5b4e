//! Instants on the wall clock, in whole milliseconds.
//!
//! Stored as a number, spoken as RFC 3339 in UTC with three decimals. Nobody in this crate asks what time it is.

use std::{fmt, str::FromStr, time::Duration};

use ::time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(i64);

/// 9999-12-31T23:59:59.999Z: the last moment RFC 3339 can write.
const LAST_MS: i64 = 253_402_300_799_999;

impl Moment {
    /// Clamped to the years 1970 to 9999, so every moment can be written down.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        if ms < 0 {
            Self(0)
        } else if ms > LAST_MS {
            Self(LAST_MS)
        } else {
            Self(ms)
        }
    }

    #[must_use]
    pub const fn from_s(s: i64) -> Self {
        Self::from_ms(s.saturating_mul(1_000))
    }

    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn s(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self::from_ms(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self::from_ms(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }

    /// The span since `earlier`, zero if that is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    #[must_use]
    pub fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<std::time::SystemTime> for Moment {
    fn from(time: std::time::SystemTime) -> Self {
        let span = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self::from_ms(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.date_time().format(format).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not an RFC 3339 date and time between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time, such as 2026-11-22T13:14:15Z")]
pub struct NotAMoment;

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, NotAMoment> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotAMoment)?;
        let ms =
            i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000_000)).map_err(|_| NotAMoment)?;
        if (0..=LAST_MS).contains(&ms) { Ok(Self(ms)) } else { Err(NotAMoment) }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_spoken_in_utc() {
        let moment: Moment = "2026-11-22T14:14:15.1239+01:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-22T13:14:15.123Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert_eq!(serde_json::to_string(&moment).unwrap(), "\"2026-11-22T13:14:15.123Z\"");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for wrong in ["", "now", "2026-11-22", "1969-12-31T23:59:59Z", "2026-13-01T00:00:00Z"] {
            assert_eq!(wrong.parse::<Moment>(), Err(NotAMoment), "{wrong}");
        }
    }

    #[test]
    fn the_ends_of_time_can_be_written() {
        assert_eq!(Moment::from_ms(i64::MIN).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Moment::from_ms(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Moment::from_ms(i64::MAX).plus(Duration::MAX), Moment::from_ms(i64::MAX));
    }
}
