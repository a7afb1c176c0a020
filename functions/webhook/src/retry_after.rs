//! The `Retry-After` header (RFC 9110, section 10.2.3).

use herald::clock::wait_until;
use jiff::Timestamp;
use std::time::Duration;

/// How long a receiver asks to wait, from seconds or a date; `None` where it is neither. A date
/// in the past asks for no wait.
pub(crate) fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = Timestamp::try_from(httpdate::parse_http_date(value).ok()?).ok()?;
    Some(wait_until(date, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now: Timestamp = "2026-01-05T10:00:00Z".parse().expect("an instant");
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Mon, 05 Jan 2026 10:02:00 GMT", Some(120)),
            ("Mon, 05 Jan 2026 09:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(
                parse(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
