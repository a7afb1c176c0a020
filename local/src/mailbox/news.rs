//! What SES says of a mail through EventBridge ("Amazon SES event publishing", the records of
//! bounces and complaints), said in its place.

use super::parsed_mail::ParsedMail;
use crate::mail::KeptMail;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::str::FromStr;

/// Stands for what only AWS has.
const ACCOUNT: &str = "000000000000";

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It came back for good.
    Bounce,
    /// Who reads the mailbox called it unwanted.
    Complain,
}

impl FromStr for News {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "bounce" => Ok(Self::Bounce),
            "complain" => Ok(Self::Complain),
            _ => Err(()),
        }
    }
}

impl News {
    /// The event as EventBridge puts it into the queue.
    pub(super) fn notification(self, mail: &KeptMail, now: Timestamp) -> Value {
        let parsed = ParsedMail::read(mail);
        let (detail_type, event_type) = match self {
            Self::Bounce => ("Email Bounced", "Bounce"),
            Self::Complain => ("Email Complaint Received", "Complaint"),
        };
        let mut detail = Map::new();
        detail.insert("eventType".to_owned(), event_type.into());
        detail.insert(event_type.to_lowercase(), self.record(&parsed, now));
        detail.insert("mail".to_owned(), sent(mail, &parsed));
        json!({
            "version": "0",
            "id": format!("local-{event_type}-{}", mail.name),
            "detail-type": detail_type,
            "source": "aws.ses",
            "account": ACCOUNT,
            "time": now,
            "region": "local",
            "resources": [],
            "detail": detail,
        })
    }

    fn record(self, parsed: &ParsedMail, now: Timestamp) -> Value {
        let recipient = &parsed.to;
        match self {
            Self::Bounce => json!({
                "feedbackId": "local",
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [{
                    "emailAddress": recipient,
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }],
                "timestamp": now,
                "reportingMTA": "dns; localhost",
            }),
            Self::Complain => json!({
                "feedbackId": "local",
                "complaintSubType": null,
                "complainedRecipients": [{ "emailAddress": recipient }],
                "timestamp": now,
                "userAgent": "Herald, locally",
                "complaintFeedbackType": "abuse",
                "arrivalDate": now,
            }),
        }
    }
}

/// A mail as SES speaks of it.
fn sent(mail: &KeptMail, parsed: &ParsedMail) -> Value {
    let headers = parsed.headers.iter();
    let headers = headers.map(|(name, value)| json!({ "name": name, "value": value }));
    let tags = mail
        .tags
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])));
    json!({
        "timestamp": parsed.sent_at,
        "source": parsed.from,
        "sendingAccountId": ACCOUNT,
        "messageId": mail.name,
        "destination": [parsed.to],
        "headersTruncated": false,
        "headers": headers.collect::<Vec<_>>(),
        "commonHeaders": {
            "from": [parsed.from],
            "to": [parsed.to],
            "messageId": mail.name,
            "subject": parsed.subject,
        },
        "tags": tags.collect::<Map<_, _>>(),
    })
}
