//! How a mail is known again when SES tells what became of it: by the tags that it was sent with.

use crate::{
    delivery_id::DeliveryId,
    event_type::EventType,
    id::{AccountId, PolicyId, RecipientId},
    tenant::Tenant,
};

const ACCOUNT: &str = "herald-account";
const MODE: &str = "herald-mode";
const POLICY: &str = "herald-policy";
const RECIPIENT: &str = "herald-recipient";
const DELIVERY: &str = "herald-delivery";
const ATTEMPT: &str = "herald-attempt";
const EVENT_TYPE: &str = "herald-event-type";

/// Which attempt of which delivery a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTags {
    /// Whose policy it is.
    pub owner: Tenant,
    /// The policy.
    pub policy: PolicyId,
    /// Its recipient.
    pub recipient: RecipientId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt's number.
    pub attempt: u32,
}

impl MailTags {
    /// Names and values as SES takes them: `A-Z a-z 0-9 _ -` (`MessageTag` of the API).
    ///
    /// * `event_type`: for those who count mails by it; what a tag cannot hold becomes `_`.
    #[must_use]
    pub fn pairs(&self, event_type: &EventType) -> Vec<(&'static str, String)> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let event_type = event_type.as_str().replace(|c| !fits(c), "_");
        vec![
            (ACCOUNT, self.owner.account.to_string()),
            (MODE, self.owner.mode.to_string()),
            (POLICY, self.policy.to_string()),
            (RECIPIENT, self.recipient.to_string()),
            (DELIVERY, self.delivery.to_string()),
            (ATTEMPT, self.attempt.to_string()),
            (EVENT_TYPE, event_type),
        ]
    }

    /// Reads them, from the value of a name; `None` where they are not those of one of our mails.
    pub fn read<'a>(tag: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let account: AccountId = tag(ACCOUNT)?.parse().ok()?;
        let mode = tag(MODE)?.parse().ok()?;
        Some(Self {
            owner: Tenant { account, mode },
            policy: tag(POLICY)?.parse().ok()?,
            recipient: tag(RECIPIENT)?.parse().ok()?,
            delivery: tag(DELIVERY)?.parse().ok()?,
            attempt: tag(ATTEMPT)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Mode;
    use std::collections::HashMap;
    use uuid::Uuid;

    #[test]
    fn tags_read_back_and_are_such_as_ses_takes() {
        let tags = MailTags {
            owner: Tenant {
                account: AccountId::from_uuid(Uuid::from_u128(1)),
                mode: Mode::Test,
            },
            policy: PolicyId::from_uuid(Uuid::from_u128(2)),
            recipient: RecipientId::from_bytes([3; 8]),
            delivery: DeliveryId::from_bytes([4; 20]),
            attempt: 5,
        };
        let event_type = "invoicing.customer:paid".parse().expect("a name");
        let pairs: HashMap<_, _> = tags.pairs(&event_type).into_iter().collect();
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        assert!(pairs.values().all(|value| value.bytes().all(is_plain)));
        assert_eq!(pairs[EVENT_TYPE], "invoicing_customer_paid");
        let read = MailTags::read(|name| pairs.get(name).map(String::as_str));
        assert_eq!(read, Some(tags));
    }
}
