//! What the samples presuppose: the account, the credential, the policies and the event whose ids
//! are written in them.

use super::{World, samples};
use crate::setup::put_credential;
use herald::{
    account::{Account, AccountDraft},
    dialect::Dialect,
    event::Event,
    id::{PolicyId, RecipientId},
    message::WebhookMessage,
    policy::{DeliveryMode, Details, EventTypes, Policy, PolicyStatus, Scope, Secrets},
    recipient::{Channel, Recipient, RecipientStatus, Target},
    retry::RetryPolicy,
    secret::Secret,
    store::NumberedCreation,
    tenant::{Mode, Tenant},
};
use herald_api::Api;

/// The recipients that the samples remove, and first one that stays.
pub const RECIPIENTS: [&str; 7] = [
    "https://hooks.example.com/stays",
    "https://hooks.example.com/a",
    "https://hooks.example.com/a?x=1",
    "https://hooks.example.com/cut?x=1",
    "https://hooks.example.com/a/../b/./c//d/",
    "https://hooks.example.com/a%20b",
    ODD_RECIPIENT,
];

/// A recipient that holds what gateways stumble over.
pub const ODD_RECIPIENT: &str =
    r##"https://hooks.example.com/{team}/"a"|<b>^`c`/[ü]/100%#top&=+;@"##;

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
        let tenant = account(&world.service.api).await;
        Self { world, tenant }
    }

    /// Stores the sample policy of a number, as [`policy`] does.
    ///
    /// # Panics
    /// Where a URL is refused, or the store does not answer.
    pub async fn policy(&self, number: u8, urls: &[&str]) -> Policy {
        policy(&self.world.service.api, self.tenant, number, urls).await
    }

    /// Stores the sample webhook of Lune's, as [`lune_webhook`] does.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn lune_webhook(&self) -> Policy {
        lune_webhook(&self.world.service.api, self.tenant).await
    }

    /// Stores the sample webhook of Pulse's, as [`pulse_webhook`] does.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn pulse_webhook(&self) -> Policy {
        pulse_webhook(&self.world.service.api, self.tenant).await
    }
}

/// Makes the sample account, where it is missing, and its credential. Returns the tenant.
///
/// # Panics
/// Where the store does not answer.
pub async fn account(api: &Api) -> Tenant {
    let draft = AccountDraft {
        name: "Sample".parse().expect("a name"),
        external_id: Some("sample".parse().expect("an external id")),
        ancestors: Vec::new(),
    };
    let id = "0a5c1f1e-6a0b-4c57-9d3e-2f8b7c4d1e90".parse();
    let account = Account::new(draft, id.expect("an id"), 1_000, api.clock.now());
    // Whether it was made now or before is all the same.
    let _ = api.accounts.create(&account).await.expect("an account");
    let tenant = Tenant {
        account: account.id,
        mode: Mode::Live,
    };
    let login = "sample:sample-secret".parse().expect("a login");
    let put = put_credential(api, tenant, &login).await;
    put.expect("a credential is kept");
    tenant
}

/// Stores the sample policy of a number in place of what stands there, for all types, with
/// recipients whose ids are `sample000001` and so on.
///
/// # Panics
/// Where a URL is refused, or the store does not answer.
pub async fn policy(api: &Api, tenant: Tenant, number: u8, urls: &[&str]) -> Policy {
    let policy = draw(api, tenant, number, urls).await;
    keep(api, &policy).await;
    policy
}

/// Stores the sample webhook of Lune's in place of what stands there: policy 9, which hears in all
/// accounts and keeps order.
///
/// # Panics
/// Where the store does not answer.
pub async fn lune_webhook(api: &Api, tenant: Tenant) -> Policy {
    let drawn = draw(api, tenant, 9, &["https://hooks.example.com/lune"]).await;
    let policy = Policy {
        dialect: Dialect::Lune,
        scope: Scope::Descendants,
        delivery_mode: DeliveryMode::ordered(drawn.created_at),
        retry: RetryPolicy::UntilAcknowledged,
        ..drawn
    };
    keep(api, &policy).await;
    policy
}

/// Stores the sample webhook of Pulse's, policy 8, unless it stands: another would have another
/// number than 1.
///
/// # Panics
/// Where the store does not answer.
pub async fn pulse_webhook(api: &Api, tenant: Tenant) -> Policy {
    let drawn = draw(api, tenant, 8, &["https://hooks.example.com/pulse"]).await;
    let present = api.store.policy(tenant, drawn.id).await;
    if let Some(present) = present.expect("the store answers") {
        return present;
    }
    let created = "workflow:projects:created".parse().expect("a name");
    let policy = Policy {
        dialect: Dialect::Pulse,
        event_types: EventTypes::Named(vec![created]),
        ..drawn
    };
    match api.store.create_numbered_policy(policy, None).await {
        Ok(NumberedCreation::New(policy)) => policy,
        other => panic!("{other:?}"),
    }
}

/// Stores a policy in place of what stands there.
async fn keep(api: &Api, policy: &Policy) {
    let removed = api.store.delete_policy(policy.owner, policy.id).await;
    removed.expect("the store answers");
    let created = api.store.create_policy(policy, None).await;
    let _ = created.expect("a policy");
}

/// The sample policy of a number.
async fn draw(api: &Api, tenant: Tenant, number: u8, urls: &[&str]) -> Policy {
    let id: PolicyId = format!("019b8d99-6900-7000-8000-{number:012}")
        .parse()
        .expect("an id");
    let context = Policy::seal_context(tenant, id);
    let secret = Secret::for_policy(*b"sample secret, 24 bytes.");
    let now = api.clock.now();
    Policy {
        id,
        owner: tenant,
        organisation: tenant.account,
        dialect: Dialect::Sequence,
        name: format!("Sample {number}").parse().expect("a name"),
        event_types: EventTypes::All,
        scope: Scope::Own,
        channel: Channel::Webhook,
        recipients: urls
            .iter()
            .zip(1..)
            .map(|(url, number)| Recipient {
                id: recipient_id(number),
                target: Target::Url(api.rules.parse(url).expect("a URL")),
                status: RecipientStatus::Active,
            })
            .collect(),
        status: PolicyStatus::Active,
        health: None,
        delivery_mode: DeliveryMode::Independent,
        pace: None,
        retry: RetryPolicy::Default,
        secrets: Some(Secrets::of(
            api.vault.seal(&context, &secret).await.expect("seals"),
        )),
        details: Details::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// The event of the samples.
///
/// # Panics
/// Where the samples hold none.
#[must_use]
pub fn event() -> Event {
    let body = samples::body("webhook", "deliver");
    match serde_json::from_str(&body).expect("a message") {
        WebhookMessage::Deliver(message) => message.event.expect("an event"),
        other => panic!("{other:?}"),
    }
}

fn recipient_id(number: u8) -> RecipientId {
    let id = RecipientId::try_from(format!("sample{number:06}"));
    id.expect("an id")
}
