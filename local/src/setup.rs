//! From flags to a service: the folder and its lock, the parts, the first account.

use crate::{
    engine::Engine,
    flags::{Data, Flags, Login},
    keys::LocalKeys,
    private_file,
    queue::LocalQueue,
    service::{Parts, Service},
};
use anyhow::{Context, Result, bail};
use herald::{
    account::Account,
    clock::Clock,
    credential::{Credential, Role},
    destination::DestinationRules,
    id::AccountId,
    random::{Random, SystemRandom},
    secret::Secret,
    settings,
    store::{NewAccount, Store},
    tenant::{Mode, Tenant},
    vault::Vault,
};
use herald_webhook::client::SystemLookup;
use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::Arc,
};
use url::Url;

/// The first account's name in its customer's systems.
pub const EXTERNAL_ID: &str = "invoicetest";

/// A service that is ready to run, and who may call it.
#[derive(Debug)]
pub struct Setup {
    /// The service.
    pub service: Service,
    /// What its store stands on.
    pub engine: Engine,
    /// The first account.
    pub account: AccountId,
    /// Its credential.
    pub credential: Login,
    /// Held while the process runs, so that no other uses the folder.
    _lock: Option<File>,
}

impl Setup {
    /// Makes the parts that the flags ask for.
    ///
    /// * `own_receiver`: the URL of the receiver that this process brings along.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or another process uses the folder.
    pub async fn new(flags: &Flags, own_receiver: Url, clock: Arc<dyn Clock>) -> Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        if let Some(folder) = &flags.mail {
            make_folder(folder)?;
        }
        let folder = match &flags.data {
            Data::Memory => None,
            Data::Folder(folder) => {
                make_folder(folder)?;
                Some(folder.as_path())
            }
        };
        let lock = folder.map(lock).transpose()?;
        let file = |name: &str| folder.map(|folder| folder.join(name));
        let engine = Engine::start(file("data.db").as_deref()).await?;
        let store = engine.store(settings::DEFAULT_RETENTION);
        let queue = LocalQueue::open(file("queue.db").as_deref(), Arc::clone(&clock));
        let queue = Arc::new(queue.context("the file of the queues cannot be opened")?);
        let keys = match file("master.key") {
            Some(path) => LocalKeys::in_file(&path, Arc::clone(&random))?,
            None => LocalKeys::in_memory(Arc::clone(&random)),
        };
        let vault = Vault::new(store.clone(), Arc::new(keys), Arc::clone(&random));
        let account = first_account(&store, &*random).await?;
        let credential =
            keep_credential(&store, &vault, &*random, (account, flags), folder).await?;
        let rules = DestinationRules::strict()
            .allow(flags.allow.iter().copied())
            .with_own_receiver(own_receiver);
        let service = Service::new(Parts {
            store,
            sender: Arc::clone(&queue) as _,
            queue,
            clock,
            random,
            vault,
            rules,
            lookup: Arc::new(SystemLookup),
            deadline: settings::DEFAULT_WEBHOOK_TIMEOUT,
        })?;
        Ok(Self {
            service,
            engine,
            account,
            credential,
            _lock: lock,
        })
    }
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file =
        File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another process uses {}; choose another folder with --data",
                folder.display()
            )
        }
        Err(TryLockError::Error(error)) => Err(error).context("the folder cannot be locked"),
    }
}

/// The first account, which is made where there is none.
///
/// # Errors
/// Where the store does not answer.
pub async fn first_account(store: &Store, random: &dyn Random) -> Result<AccountId> {
    if let Some(account) = store.account_named(EXTERNAL_ID).await? {
        return Ok(account.id);
    }
    let account = Account {
        id: random.account_id(),
        name: "First account".to_owned(),
        external_id: Some(EXTERNAL_ID.to_owned()),
        ancestors: Vec::new(),
    };
    match store.create_account(&account).await? {
        NewAccount::Created => Ok(account.id),
        NewAccount::Taken => bail!("the first account was made at the same moment"),
    }
}

/// Gives an account a credential with the role "manage".
///
/// # Errors
/// Where the store or the vault does not answer.
pub async fn put_credential(
    store: &Store,
    vault: &Vault,
    tenant: Tenant,
    pair: &Login,
) -> Result<()> {
    let secret = &pair.secret;
    let credential = Credential {
        id: pair.id.clone(),
        account: tenant.account,
        mode: tenant.mode,
        role: Role::Manage,
        secret: vault
            .seal(&Credential::secret_place(&pair.id), secret)
            .await?,
    };
    Ok(store.put_credential(&credential, secret).await?)
}

/// The credential that the flags name, or the folder remembers, or a new one; in this order. It
/// replaces the one before.
async fn keep_credential(
    store: &Store,
    vault: &Vault,
    random: &dyn Random,
    (account, flags): (AccountId, &Flags),
    folder: Option<&Path>,
) -> Result<Login> {
    let file = folder.map(|folder| folder.join("credential"));
    let remembered: Option<Login> = match &file {
        Some(file) if file.exists() => {
            let text = fs::read_to_string(file);
            let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
            let pair = text.trim().parse();
            let named = |rule| anyhow::anyhow!("{}: {rule}", file.display());
            Some(pair.map_err(named)?)
        }
        _ => None,
    };
    let made = || Login {
        id: "first".to_owned(),
        secret: Secret::new(random.uuid().simple().to_string()),
    };
    let pair = flags
        .credential
        .clone()
        .or_else(|| remembered.clone())
        .unwrap_or_else(made);
    if let Some(old) = remembered.filter(|old| *old != pair) {
        store.remove_credential(&old.secret).await?;
    }
    let mode = Mode::Live;
    put_credential(store, vault, Tenant { account, mode }, &pair).await?;
    if let Some(file) = file {
        private_file::write(
            &file,
            format!("{}:{}\n", pair.id, pair.secret.expose()).as_bytes(),
        )?;
    }
    Ok(pair)
}
