//! What a query asks for, in parameters with brackets: `page[number]`, `filter[id][]`,
//! `fields[notification/webhooks]`, the brackets plain or encoded.

use super::{attribute::Attribute, document::TYPE, view::Shown};
use crate::failure::Failure;
use ::herald::invalid::{FieldErrors, Invalid};
use url::form_urlencoded;

/// The largest page, and the usual one.
const MAX_PAGE: u64 = 1_000;

/// What is wrong with an object's parameter that names none of its members: passed over, `page=2` would
/// answer the first page for ever.
const NO_MEMBER: &str = "must be an object: name its member in brackets, as page[number] does";

/// A parameter, its name taken apart at the brackets.
#[derive(Debug, PartialEq, Eq)]
struct Parameter {
    name: String,
    keys: Vec<String>,
    value: String,
}

/// What a list is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// From 1.
    pub(super) page: u64,
    pub(super) size: u64,
    /// By what it is sorted, and whether from the last to the first.
    pub(super) sort: Vec<(Attribute, bool)>,
    /// Whether to say how many there are.
    pub(super) count: bool,
    /// Each attribute has one of these values.
    pub(super) filters: Vec<(Attribute, Vec<String>)>,
    pub(super) shown: Shown,
}

impl Asked {
    /// Reads a query. What it holds beyond is passed over.
    pub(super) fn read(query: &str) -> Result<Self, Failure> {
        let mut errors = FieldErrors::default();
        let parameters = parameters(query);
        let mut asked = Self {
            page: 1,
            size: MAX_PAGE,
            sort: Vec::new(),
            count: false,
            filters: Vec::new(),
            shown: shown(&parameters, &mut errors),
        };
        for Parameter { name, keys, value } in &parameters {
            let keys: Vec<_> = keys.iter().map(String::as_str).collect();
            match (name.as_str(), keys.as_slice()) {
                ("page", ["number"]) => {
                    let page = number(value, u64::MAX, "must be a whole number from 1");
                    asked.page = errors.check("page[number]", page).unwrap_or(1);
                }
                ("page", ["size"]) => {
                    let size = number(value, MAX_PAGE, "must be a whole number from 1 to 1000");
                    asked.size = errors.check("page[size]", size).unwrap_or(MAX_PAGE);
                }
                ("sort", []) => asked.sort = errors.check("sort", sort(value)).unwrap_or_default(),
                ("count", []) => asked.count = errors.check("count", flag(value)).unwrap_or(false),
                ("filter", [attribute] | [attribute, _]) => asked.filter(attribute, value),
                ("page" | "filter", []) => errors.push(Invalid::new(NO_MEMBER).at(name)),
                _ => {}
            }
        }
        Ok(errors.finish(Some(asked))?)
    }

    fn filter(&mut self, attribute: &str, value: &str) {
        let Ok(attribute) = attribute.parse() else {
            return;
        };
        let value = value.to_owned();
        let mut known = self.filters.iter_mut();
        match known.find(|(known, _)| *known == attribute) {
            Some((_, values)) => values.push(value),
            None => self.filters.push((attribute, vec![value])),
        }
    }
}

/// The attributes that a query asks for, where nothing else is asked.
pub(super) fn read_shown(query: &str) -> Result<Shown, Failure> {
    let mut errors = FieldErrors::default();
    let shown = shown(&parameters(query), &mut errors);
    Ok(errors.finish(Some(shown))?)
}

fn parameters(query: &str) -> Vec<Parameter> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .map(|(name, value)| {
            let (name, keys) = name.split_once('[').unwrap_or((&name, ""));
            let keys = keys.strip_suffix(']').map(|keys| keys.split("]["));
            Parameter {
                name: name.to_owned(),
                keys: keys.into_iter().flatten().map(str::to_owned).collect(),
                value: value.into_owned(),
            }
        })
        .collect()
}

/// Nothing can be included: webhooks have no relationships.
fn shown(parameters: &[Parameter], errors: &mut FieldErrors) -> Shown {
    let mut shown: Shown = None;
    for Parameter { name, keys, value } in parameters {
        match name.as_str() {
            "included" | "include" if !value.is_empty() => {
                let rule = "must be empty: nothing can be included";
                errors.push(Invalid::new(rule).at(name));
            }
            "fields" if keys.is_empty() => errors.push(Invalid::new(NO_MEMBER).at(name)),
            "fields" if keys.first().is_some_and(|key| key == TYPE) => {
                let named = value.split(',');
                let named = named.filter_map(|name| name.parse::<Attribute>().ok());
                shown.get_or_insert_default().extend(named);
            }
            _ => {}
        }
    }
    shown
}

fn number(text: &str, most: u64, rule: &'static str) -> Result<u64, Invalid> {
    // `parse` would take a plus, too.
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    let number = number.filter(|number| (1..=most).contains(number));
    number.ok_or(Invalid::new(rule))
}

fn flag(text: &str) -> Result<bool, Invalid> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Invalid::new("must be true or false")),
    }
}

fn sort(text: &str) -> Result<Vec<(Attribute, bool)>, Invalid> {
    let names = text.split(',').filter(|name| !name.is_empty());
    let key = |name: &str| {
        let (name, descending) = match name.strip_prefix('-') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let known = name.parse().map(|attribute| (attribute, descending));
        known.map_err(|()| {
            let names = Attribute::ALL.map(Attribute::as_str).join(", ");
            Invalid::new(format!(
                "must name attributes, each perhaps after a minus: {names}"
            ))
        })
    };
    names.map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn taken_apart(query: &str) -> Vec<(String, Vec<String>, String)> {
        let parameters = parameters(query).into_iter();
        parameters.map(|it| (it.name, it.keys, it.value)).collect()
    }

    #[test]
    fn names_are_taken_apart_at_plain_and_encoded_brackets() {
        for query in [
            "filter[id][]=1&page[number]=2&fields[notification/webhooks]=a,b&count=true",
            "filter%5Bid%5D%5B%5D=1&page%5bnumber%5d=2&fields%5Bnotification%2Fwebhooks%5D=a%2Cb&count=true",
        ] {
            let expected = [
                ("filter", &["id", ""][..], "1"),
                ("page", &["number"], "2"),
                ("fields", &["notification/webhooks"], "a,b"),
                ("count", &[], "true"),
            ];
            let expected = expected.map(|(name, keys, value)| {
                let keys = keys.iter().map(|&key| key.to_owned()).collect();
                (name.to_owned(), keys, value.to_owned())
            });
            assert_eq!(taken_apart(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_no_bracket_pair_has_no_keys() {
        for query in ["page[number=2", "page]=2", "page=2", "page[=2"] {
            assert_eq!(taken_apart(query)[0].1, [""; 0], "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_the_reading_panic(query in "\\PC{0,80}", inside in "[\\[\\]%5BDa-z=&,-]{0,60}") {
            let _ = Asked::read(&query);
            let _ = Asked::read(&format!("page[{inside}]&filter[{inside}"));
            let _ = read_shown(&inside);
        }
    }
}
