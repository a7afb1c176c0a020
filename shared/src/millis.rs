//! Instants as milliseconds since 1970 on the wire between our own parts.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Writes an instant.
///
/// # Errors
/// Those of the serializer.
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    at.as_millisecond().serialize(to)
}

/// Reads an instant.
///
/// # Errors
/// Where the number is missing or beyond the range of timestamps.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Timestamp::from_millisecond(i64::deserialize(from)?).map_err(D::Error::custom)
}
