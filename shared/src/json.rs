//! JSON that is passed on letter for letter: the `data` of an event.

use crate::invalid::Invalid;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

/// A JSON object as its reporter wrote it, less the white space between its tokens: key order,
/// number spelling, escapes and repeated keys stay.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct JsonObject(Box<RawValue>);

impl JsonObject {
    /// Takes an object from a request.
    ///
    /// # Errors
    /// Where the value is not an object.
    pub fn parse(value: &RawValue) -> Result<Self, Invalid> {
        if !value.get().starts_with('{') {
            return Err(Invalid::new("must be a JSON object"));
        }
        let compact = RawValue::from_string(compact(value.get()))
            .expect("JSON without the space between its tokens is JSON");
        Ok(Self(compact))
    }

    /// An object without members.
    #[must_use]
    pub fn empty() -> Self {
        "{}".parse().expect("an object")
    }

    /// The compact text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonObject({} bytes)", self.as_str().len())
    }
}

impl PartialEq for JsonObject {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonObject {}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Self::parse(&raw).map_err(serde::de::Error::custom)
    }
}

impl std::str::FromStr for JsonObject {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|_| Invalid::new("must be valid JSON"))?;
        Self::parse(raw)
    }
}

/// Drops the white space between the tokens of a valid JSON text (RFC 8259, section 2).
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in json.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        } else {
            in_string = c == '"';
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_space_between_tokens_goes() {
        let object: JsonObject = "{ \"b\" : 1.50, \"a\": [\n1e3 , \"x \\\" \\\\\" ], \"b\":\t{} }"
            .parse()
            .expect("an object");
        assert_eq!(object.as_str(), r#"{"b":1.50,"a":[1e3,"x \" \\"],"b":{}}"#);
    }

    #[test]
    fn anything_but_an_object_is_refused() {
        for text in ["[]", "1", "\"{}\"", "null", "{", ""] {
            assert!(text.parse::<JsonObject>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(keys in prop::collection::vec(("\\PC*", "\\PC*", any::<i64>()), 0..8)) {
            let object: serde_json::Map<_, _> = keys
                .into_iter()
                .flat_map(|(a, b, n)| [(a.clone(), b.into()), (a + "n", n.into())])
                .collect();
            let pretty = serde_json::to_string_pretty(&object).expect("a map is JSON");
            let parsed: JsonObject = pretty.parse().expect("an object");
            prop_assert_eq!(parsed.as_str(), serde_json::to_string(&object).expect("a map is JSON"));
        }
    }
}
