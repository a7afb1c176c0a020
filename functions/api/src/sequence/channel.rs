//! How Sequence spells the channels.

use ::herald::{invalid::Invalid, recipient::Channel};

const WEBHOOK: &str = "WEBHOOK";
const EMAIL: &str = "EMAIL";

pub(super) fn parse(text: &str) -> Result<Channel, Invalid> {
    match text {
        WEBHOOK => Ok(Channel::Webhook),
        EMAIL => Ok(Channel::Email),
        _ => Err(Invalid::new("must be WEBHOOK or EMAIL")),
    }
}

pub(super) const fn spell(channel: Channel) -> &'static str {
    match channel {
        Channel::Webhook => WEBHOOK,
        Channel::Email => EMAIL,
    }
}
