//! What the samples presuppose: the account, the credential and the policies whose ids are
//! written in them.

use super::{World, give_credential};
use herald::{
    account::Account,
    clock::Clock,
    dialect::Dialect,
    id::{PolicyId, RecipientId},
    policy::{EventTypes, Policy},
    recipient::{Recipient, RecipientStatus, Target},
    secret::Secret,
    store::{Created, NewAccount},
    tenant::{Mode, Tenant},
};

/// A world with the sample account and its credential.
#[derive(Debug)]
pub struct Stage {
    /// The world.
    pub world: World,
    /// The sample account, live.
    pub tenant: Tenant,
}

impl Stage {
    /// Sets the stage.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn set() -> Self {
        let world = World::new().await;
        let parts = &world.service.parts;
        let account = Account {
            id: "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90"
                .parse()
                .expect("an id"),
            name: "Sample".to_owned(),
            external_id: Some("sample".to_owned()),
            ancestors: Vec::new(),
        };
        let created = parts.store.create_account(&account).await;
        assert_eq!(created.expect("an account"), NewAccount::Created);
        let tenant = Tenant {
            account: account.id,
            mode: Mode::Live,
        };
        give_credential(&parts.store, &parts.vault, tenant, "sample:sample-secret").await;
        Self { world, tenant }
    }

    /// Stores the sample policy of a number, for all types, with recipients whose ids are
    /// `sample000001` and so on.
    ///
    /// # Panics
    /// Where a URL is refused, or the store does not answer.
    pub async fn policy(&self, number: u8, urls: &[&str]) -> Policy {
        let parts = &self.world.service.parts;
        let id: PolicyId = format!("019b8d99-6900-7000-8000-{number:012}")
            .parse()
            .expect("an id");
        let place = Policy::secret_place(self.tenant, id);
        let secret = Secret::for_policy(*b"sample secret, 24 bytes.");
        let now = self.world.clock.now();
        let policy = Policy {
            id,
            owner: self.tenant,
            dialect: Dialect::Sequence,
            name: format!("Sample {number}").parse().expect("a name"),
            event_types: EventTypes::All,
            channel: herald::recipient::Channel::Webhook,
            recipients: urls
                .iter()
                .zip(1..)
                .map(|(url, number)| Recipient {
                    id: recipient_id(number),
                    target: Target::Url(parts.rules.parse(url).expect("a URL")),
                    status: RecipientStatus::Active,
                })
                .collect(),
            secret: Some(parts.vault.seal(&place, &secret).await.expect("seals")),
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let created = parts.store.create_policy(&policy, None).await;
        assert_eq!(created.expect("a policy"), Created::New);
        policy
    }
}

fn recipient_id(number: u8) -> RecipientId {
    let id = RecipientId::try_from(format!("sample{number:06}"));
    id.expect("an id")
}
