//! Text of others as it is shown: one line, of bounded length, without a character that changes
//! how the text around it reads.

use std::fmt;

/// Stands for characters that are not shown.
const HIDDEN: char = '\u{FFFD}';

/// Says that text was cut.
const CUT: char = '…';

/// First strong isolate and pop directional isolate (Unicode Standard Annex #9, section 2.4).
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// A line of text that is safe to show beside others. It still needs escaping in HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown(String);

impl Shown {
    /// Makes text showable: white space and line breaks become spaces; each run of control,
    /// bidi control and invisible characters becomes one U+FFFD; what is longer than `max`
    /// characters is cut and ends in "…".
    pub(super) fn new(text: &str, max: usize) -> Self {
        let mut shown = String::new();
        let mut length = 0;
        let mut last = None;
        let mut chars = text.trim().chars().peekable();
        while let Some(c) = chars.next() {
            let c = match c {
                '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
                '\u{200C}' | '\u{200D}' if joins(last, chars.peek()) => c,
                c if is_hidden(c) => HIDDEN,
                c => c,
            };
            if c == HIDDEN && last == Some(HIDDEN) {
                continue;
            }
            if length == max {
                shown.pop();
                shown.push(CUT);
                break;
            }
            shown.push(c);
            length += 1;
            last = Some(c);
        }
        Self(shown)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For plain text: what is written from right to left is kept from reordering the line that
    /// it stands in. HTML has `dir="auto"` for that.
    pub(super) fn isolated(&self) -> String {
        if self.0.chars().any(is_right_to_left) {
            format!("{}{}{}", ISOLATE.0, self.0, ISOLATE.1)
        } else {
            self.0.clone()
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a zero-width joiner or non-joiner does its work here: in emoji and in scripts such as
/// Persian and Hindi, never beside ASCII.
fn joins(before: Option<char>, after: Option<&char>) -> bool {
    let is_joined = |c: char| !c.is_ascii() && !is_hidden(c) && c != HIDDEN;
    before.is_some_and(is_joined) && after.copied().is_some_and(is_joined)
}

/// Control characters, and what the Unicode Standard calls `Default_Ignorable_Code_Point`
/// (section 5.21; the bidi controls are among them) except the variation selectors that emoji
/// need, and the annotation characters.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The blocks that Unicode reserves for scripts from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_deceive_is_seen() {
        for (text, shown) in [
            ("Grüße, 日本語 and 🎉", "Grüße, 日本語 and 🎉"),
            (" two\r\nlines\tand\u{2028}more ", "two  lines and more"),
            ("cod\u{202E}fdp.exe", "cod\u{FFFD}fdp.exe"),
            ("pay\u{200B}pal", "pay\u{FFFD}pal"),
            ("a\u{200D}b", "a\u{FFFD}b"),
            ("a\u{2066}\u{0}\u{1B}[31m", "a\u{FFFD}[31m"),
            ("soft\u{AD}hyphen", "soft\u{FFFD}hyphen"),
            ("👩\u{200D}🚀 ❤\u{FE0F}", "👩\u{200D}🚀 ❤\u{FE0F}"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("می\u{200C}\u{200C}خ", "می\u{FFFD}خ"),
            ("שלום", "שלום"),
            ("", ""),
        ] {
            assert_eq!(Shown::new(text, 200).as_str(), shown, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(Shown::new("äöü", 3).as_str(), "äöü");
        assert_eq!(Shown::new("äöüß", 3).as_str(), "äö…");
    }

    #[test]
    fn text_from_right_to_left_is_isolated_in_plain_text() {
        let isolated = |text| Shown::new(text, 9).isolated();
        assert_eq!(isolated("שלום 1"), "\u{2068}שלום 1\u{2069}");
        assert_eq!(isolated("left"), "left");
    }

    proptest! {
        #[test]
        fn shown_text_is_short_and_of_one_line(text in any::<String>(), max in 1_usize..50) {
            let shown = Shown::new(&text, max);
            prop_assert!(shown.as_str().chars().count() <= max);
            prop_assert!(!shown.as_str().chars().any(|c| c.is_control()));
            let has_hidden = shown.as_str().contains(['\u{202E}', '\u{2066}', '\u{200B}']);
            prop_assert!(!has_hidden);
        }
    }
}
