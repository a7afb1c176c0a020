//! From flags to a service: the folder and its lock, the parts, the first account.

use crate::{
    engine::Engine,
    flags::{Data, Flags, Login},
    keys::LocalKeys,
    mail::MailFolder,
    operator::LocalOperator,
    private_file,
    queue::LocalQueue,
    receiver,
    service::{Parts, Service},
};
use anyhow::{Context, Result, anyhow, bail};
use herald::{
    account::{Account, AccountDraft},
    clock::Clock,
    credential::{Credential, Role},
    destination::DestinationRules,
    id::AccountId,
    random::{Random, SystemRandom},
    secret::Secret,
    settings,
    store::{AccountCreation, Accounts, CredentialCreation, FoundCredential},
    tenant::{Mode, Tenant},
    vault::Vault,
};
use herald_api::Api;
use herald_webhook::client::SystemLookup;
use jiff::Timestamp;
use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::Arc,
    time::Duration,
};
use url::Url;

/// Who writes mails locally, and in worlds.
pub const MAIL_FROM: &str = "notifications@herald.example";

/// The first account's name in its customer's systems.
pub const EXTERNAL_ID: &str = "invoicetest";

/// A service that is ready to run, and who may call it.
#[derive(Debug)]
pub struct Setup {
    /// The service.
    pub service: Service,
    /// What its store stands on.
    pub engine: Engine,
    /// The mails that were sent.
    pub mails: MailFolder,
    /// The first account.
    pub account: AccountId,
    /// Its credential.
    pub credential: Login,
    /// The operator.
    pub operator: LocalOperator,
    /// Held while the process runs, so that no other uses the folder.
    _lock: Option<File>,
}

impl Setup {
    /// Makes the parts that the flags ask for.
    ///
    /// * `base`: the URL at which this process listens; below it is a receiver of its own.
    ///
    /// # Errors
    /// Where a file cannot be read or written, or another process uses the folder.
    pub async fn new(flags: &Flags, base: Url, clock: Arc<dyn Clock>) -> Result<Self> {
        let own_receiver = base.join(receiver::PATH)?;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let folder = match &flags.data {
            Data::Memory => None,
            Data::Folder(folder) => {
                make_folder(folder)?;
                Some(folder.as_path())
            }
        };
        let lock = folder.map(lock).transpose()?;
        let mails = mail_folder(flags, folder)?;
        let file = |name: &str| folder.map(|folder| folder.join(name));
        let engine = Engine::start(file("data.db").as_deref()).await?;
        let store = engine.store(settings::DEFAULT_RETENTION);
        let queue = LocalQueue::open(file("queue.db").as_deref(), Arc::clone(&clock));
        let queue = Arc::new(queue.context("the file of the queues cannot be opened")?);
        let keys = match file("master.key") {
            Some(path) => LocalKeys::in_file(&path, Arc::clone(&random))?,
            None => LocalKeys::in_memory(Arc::clone(&random)),
        };
        let operator = match file("operator") {
            Some(path) => LocalOperator::in_file(&path, &*random)?,
            None => LocalOperator::in_memory(&*random),
        };
        let service = Service::new(Parts {
            accounts: engine.accounts(),
            operator_secret: Arc::new(operator.clone()),
            vault: Vault::new(store.clone(), Arc::new(keys), Arc::clone(&random)),
            store,
            sender: Arc::clone(&queue) as _,
            queue,
            clock,
            random,
            rules: DestinationRules::strict()
                .allow(flags.allow.iter().copied())
                .with_own_receiver(own_receiver),
            mailer: Arc::new(mails.clone()),
            mail_from: Some(MAIL_FROM.parse()?),
            brand: settings::DEFAULT_MAIL_BRAND.parse()?,
            api_url: base,
            lookup: Arc::new(SystemLookup),
            deadline: settings::DEFAULT_WEBHOOK_TIMEOUT,
            longest: Duration::from_secs(settings::WEBHOOK_TIMEOUT_RANGE.1),
        })?;
        let parts = &service.parts;
        let account = first_account(&parts.accounts, &*parts.random, parts.clock.now())
            .await
            .context("the first account cannot be read; data of another version of Herald needs another folder, by --data")?;
        let credential = keep_credential(&service, account, flags, folder).await?;
        Ok(Self {
            service,
            engine,
            mails,
            account,
            credential,
            operator,
            _lock: lock,
        })
    }
}

/// The folder that the flags name, else one inside the data folder, else one that goes.
fn mail_folder(flags: &Flags, data: Option<&Path>) -> Result<MailFolder> {
    match (&flags.mail, data) {
        (Some(mail), _) => MailFolder::at(mail),
        (None, Some(data)) => MailFolder::at(&data.join("mail")),
        (None, None) => MailFolder::temporary(),
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
pub async fn first_account(
    accounts: &Accounts,
    random: &dyn Random,
    now: Timestamp,
) -> Result<AccountId> {
    // One that is being erased is taken, too: only a service that runs can end its erasure.
    if let Some(account) = accounts.find(EXTERNAL_ID).await? {
        return Ok(account.id);
    }
    let draft = AccountDraft {
        name: "First account".parse()?,
        external_id: Some(EXTERNAL_ID.parse()?),
        ancestors: Vec::new(),
    };
    let number = accounts.next_number().await?;
    let account = Account::new(draft, random.account_id(now), number, now);
    match accounts.create(&account).await? {
        AccountCreation::Created => Ok(account.id),
        AccountCreation::ExternalIdTaken | AccountCreation::NoParent => {
            bail!("another process made the account {EXTERNAL_ID} at this moment; start again")
        }
    }
}

/// Gives a tenant a credential with the role "manage", in place of those that have its id or its
/// secret.
///
/// # Errors
/// Where the store or the vault does not answer, or another account has the id.
pub async fn put_credential(api: &Api, tenant: Tenant, login: &Login) -> Result<()> {
    let Tenant { account, mode } = tenant;
    let accounts = &api.accounts;
    if let Some(FoundCredential { credential, .. }) =
        accounts.find_credential(&login.secret).await?
    {
        if credential.id == login.id && credential.account == account && credential.mode == mode {
            return Ok(());
        }
        let removed = accounts.revoke_credential(credential.account, &credential.id);
        removed.await?;
    }
    accounts.revoke_credential(account, &login.id).await?;
    let context = Credential::seal_context(&login.id);
    let credential = Credential {
        id: login.id.clone(),
        account,
        mode,
        role: Role::Manage,
        secret: api.vault.seal(&context, &login.secret).await?,
        created_at: api.clock.now(),
    };
    match accounts
        .create_credential(&credential, &login.secret)
        .await?
    {
        CredentialCreation::Created => Ok(()),
        CredentialCreation::Taken => bail!("another account has a credential named {}", login.id),
    }
}

/// The credential that the flags name, or the folder remembers, or a new one; in this order. It
/// replaces the one before.
async fn keep_credential(
    service: &Service,
    account: AccountId,
    flags: &Flags,
    folder: Option<&Path>,
) -> Result<Login> {
    let parts = &service.parts;
    let file = folder.map(|folder| folder.join("credential"));
    let remembered = match &file {
        Some(file) => remembered_login(file)?,
        None => None,
    };
    let first = "first".parse()?;
    let made = || Login {
        id: first,
        secret: Secret::new(parts.random.uuid().simple().to_string()),
    };
    let login = flags
        .credential
        .clone()
        .or_else(|| remembered.clone())
        .unwrap_or_else(made);
    if let Some(old) = remembered.filter(|old| *old != login) {
        parts.accounts.revoke_credential(account, &old.id).await?;
    }
    let mode = Mode::Live;
    put_credential(&service.api, Tenant { account, mode }, &login).await?;
    if let Some(file) = file {
        private_file::write_line(&file, &login.exposed())?;
    }
    Ok(login)
}

fn remembered_login(file: &Path) -> Result<Option<Login>> {
    let Some(line) = private_file::read_line(file)? else {
        return Ok(None);
    };
    let login = line.parse();
    let named = |rule| anyhow!("{}: {rule}", file.display());
    Ok(Some(login.map_err(named)?))
}
