//! What a policy or an account is called.

use crate::{invalid::Invalid, text::text_type};

text_type!(
    /// A name for people to read: 1 to 255 characters, none of them a control character.
    Name,
    |text| {
        if text.trim().is_empty() || text.chars().count() > 255 {
            Err(Invalid::new("must be 1 to 255 characters and not blank"))
        } else if text.chars().any(char::is_control) {
            Err(Invalid::new("must not hold control characters"))
        } else {
            Ok(())
        }
    }
);
