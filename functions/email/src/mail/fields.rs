//! The main fields of an event's data, in the order of its report.

use super::{shown::Shown, words::readable};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// How many rows are shown at most.
pub(super) const MAX_ROWS: usize = 20;

/// How long a row's label is at most, in characters.
const MAX_LABEL: usize = 60;

/// How long a row's value is at most, in characters.
const MAX_VALUE: usize = 200;

/// What is called by no name.
const NAMELESS: &str = "–";

/// A label and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: Shown,
    pub(super) value: Shown,
}

impl Row {
    pub(super) fn new(label: &str, value: &str) -> Self {
        let mut label = Shown::new(label, MAX_LABEL);
        if label.is_empty() {
            label = Shown::new(NAMELESS, MAX_LABEL);
        }
        Self {
            label,
            value: Shown::new(value, MAX_VALUE),
        }
    }
}

/// The first rows, and how many were left out.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) rows: Vec<Row>,
    pub(super) more: usize,
}

impl Fields {
    /// The fields of a JSON object and of the objects in it, with numbers as they are spelled
    /// there. What is deeper is counted; null and empty texts say nothing and are left out. Text
    /// that is no JSON object has no fields.
    pub(super) fn read(data: &str) -> Self {
        let mut fields = Self::default();
        for (key, value) in members(data) {
            let label = readable(&key);
            if value.get().starts_with('{') {
                for (key, value) in members(value.get()) {
                    fields.add(&format!("{label}: {}", readable(&key)), value);
                }
            } else {
                fields.add(&label, value);
            }
        }
        fields
    }

    fn add(&mut self, label: &str, value: &RawValue) {
        let text = value.get();
        let value = match text.as_bytes().first() {
            Some(b'n') => return,
            Some(b'"') => unquoted(value),
            Some(b'{') => match members(text).len() {
                0 => return,
                number => counted(number, "field"),
            },
            Some(b'[') => counted(items(text), "item"),
            _ => text.to_owned(),
        };
        if value.trim().is_empty() {
            return;
        }
        if self.rows.len() < MAX_ROWS {
            self.rows.push(Row::new(label, &value));
        } else {
            self.more += 1;
        }
    }
}

fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// A JSON string's text; as it is written where it is none in Unicode: JSON allows half a
/// surrogate pair (RFC 8259, section 8.2).
fn unquoted(string: &RawValue) -> String {
    serde_json::from_str(string.get()).unwrap_or_else(|_| string.get().trim_matches('"').to_owned())
}

/// How many items an array has.
fn items(array: &str) -> usize {
    serde_json::from_str::<Vec<IgnoredAny>>(array).map_or(0, |items| items.len())
}

/// The members of an object in their order, the repeated ones, too.
fn members(object: &str) -> Vec<(String, &RawValue)> {
    serde_json::from_str(object).map_or_else(|_| Vec::new(), |Members(members)| members)
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(InOrder)
    }
}

/// Reads a map as a list: `serde_json::Map` would sort the keys and keep one of equal ones.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            members.push((unquoted(key), value));
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(data: &str) -> Vec<String> {
        let rows = Fields::read(data).rows;
        rows.iter()
            .map(|row| format!("{} = {}", row.label, row.value))
            .collect()
    }

    #[test]
    fn fields_are_told_letter_for_letter_in_their_order() {
        let data = r#"{"total":"12.00","amount":1.50,"big":1e400,"isPaid":true,"none":null,
            "blank":" ","customer":{"name":"Zoë \"Z\"","address":{"city":"x","zip":1},"tags":[]},
            "lines":[{"a":1},{"b":2},3],"one":[[1,2]],"nothing":{},"total":"13"}"#;
        assert_eq!(
            lines(data),
            [
                "Total = 12.00",
                "Amount = 1.50",
                "Big = 1e400",
                "Is paid = true",
                "Customer: Name = Zoë \"Z\"",
                "Customer: Address = 2 fields",
                "Customer: Tags = 0 items",
                "Lines = 3 items",
                "One = 1 item",
                "Total = 13",
            ]
        );
    }

    #[test]
    fn half_a_character_is_told_as_it_is_written() {
        assert_eq!(
            lines(r#"{"\ud800":"\udc00","ok":1}"#),
            ["\\ud800 = \\udc00", "Ok = 1"]
        );
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for data in ["", "{", "[1]", "null", "\"x\"", "{}", "{\"a\":}"] {
            assert!(lines(data).is_empty(), "{data}");
        }
    }

    #[test]
    fn many_fields_are_counted() {
        let members: Vec<_> = (0..45).map(|n| format!("\"f{n}\":{n}")).collect();
        let fields = Fields::read(&format!("{{{}}}", members.join(",")));
        assert_eq!((fields.rows.len(), fields.more), (MAX_ROWS, 25));
    }

    #[test]
    fn deep_data_is_read() {
        let data = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(lines(&data), ["A = 1 item"]);
        let data = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
        assert_eq!(lines(&data), ["A: A = 1 field"]);
    }

    #[test]
    fn a_field_without_a_name_is_told() {
        assert_eq!(lines(r#"{"":1,"a":{"":2}}"#), ["– = 1", "A: = 2"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>()) {
            Fields::read(&text);
        }

        #[test]
        fn any_texts_are_told(members in prop::collection::vec(("\\PC{1,80}", "\\PC{1,300}"), 0..30)) {
            let json: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}:{}", serde_json::json!(key), serde_json::json!(value)))
                .collect();
            let fields = Fields::read(&format!("{{{}}}", json.join(",")));
            let told = members.iter().filter(|(_, value)| !value.trim().is_empty()).count();
            prop_assert_eq!(fields.rows.len() + fields.more, told);
        }
    }
}
