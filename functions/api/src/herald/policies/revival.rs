//! Reviving suspended recipients by a change: not by the way, and not in vain.

use crate::{Api, failure::Failure};
use ::herald::{
    policy::{Policy, WantedRecipient, WantedStatus},
    recipient::{RecipientStatus, SuspensionReason, Target},
};
use http::{HeaderMap, header::IF_MATCH};

/// A suspended recipient that a body says is active.
struct Revived<'a> {
    /// Its place in the body.
    index: usize,
    target: &'a Target,
    suspended_for: SuspensionReason,
}

fn revived<'a>(
    present: &'a Policy,
    wanted: &'a [WantedRecipient],
) -> impl Iterator<Item = Revived<'a>> {
    let active = |wanted: &WantedRecipient| wanted.status == Some(WantedStatus::Active);
    let wanted = wanted.iter().enumerate();
    wanted
        .filter(move |(_, wanted)| active(wanted))
        .filter_map(|(index, wanted)| {
            let mut listed = present.recipients.iter();
            let known = listed.find(|known| known.target == wanted.target)?;
            match known.status {
                RecipientStatus::Suspended { reason, .. } => Some(Revived {
                    index,
                    target: &known.target,
                    suspended_for: reason,
                }),
                RecipientStatus::Active => None,
            }
        })
}

/// Refuses to revive, by the way, who does not want to hear any more: a caller that sends back what
/// it was shown may not know of it.
pub(super) fn refuse_unseen(
    headers: &HeaderMap,
    present: &Policy,
    wanted: &[WantedRecipient],
) -> Result<(), Failure> {
    let mut unwilling = revived(present, wanted).filter(|it| it.suspended_for.is_readers_word());
    match unwilling.next() {
        Some(Revived { index, .. }) if !headers.contains_key(IF_MATCH) => {
            Err(Failure::Conflict(format!(
                "who reads recipients[{index}] unsubscribed or complained; to revive it all the \
                 same, name the policy's version with If-Match"
            )))
        }
        _ => Ok(()),
    }
}

impl Api {
    /// Refuses to revive a mailbox that the suppression list would suspend again at once.
    pub(super) async fn refuse_suppressed(
        &self,
        present: &Policy,
        wanted: &[WantedRecipient],
    ) -> Result<(), Failure> {
        for Revived { index, target, .. } in revived(present, wanted) {
            let Target::Address(address) = target else {
                continue;
            };
            let listed = self.store.suppression(present.owner, address).await?;
            if listed.is_some() {
                return Err(Failure::Conflict(format!(
                    "the address of recipients[{index}] is on the suppression list; \
                     DELETE /herald/v1/suppressions/{{address}} revives it"
                )));
            }
        }
        Ok(())
    }
}
