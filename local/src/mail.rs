//! A folder that takes mails in the place of SES: each is a file `<delivery>-<attempt>.eml`, which
//! mail readers open, and beside it are its tags, which SES keeps outside of the message.

mod name;

pub use name::{ENDING, MailName};

use crate::private_file;
use anyhow::{Context, Result};
use futures::future::BoxFuture;
use herald::{
    attempt::{Answer, Outcome},
    mail_tags::MailTags,
};
use herald_email::mailer::{Mailer, MailerError, OutgoingMail};
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

/// A folder of mails.
#[derive(Clone, Debug)]
pub struct MailFolder {
    path: PathBuf,
    /// Removed with the last holder.
    _temporary: Option<Arc<TempDir>>,
}

/// A mail as it is kept.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Its file.
    pub name: MailName,
    /// The whole message (RFC 5322).
    pub raw: Vec<u8>,
    /// Names and values by which it is known again; none where somebody put the file there.
    pub tags: BTreeMap<String, String>,
}

impl KeptMail {
    /// Which attempt of which delivery it is; `None` where it is none of ours.
    #[must_use]
    pub fn known(&self) -> Option<MailTags> {
        MailTags::read(|name| self.tags.get(name).map(String::as_str))
    }
}

impl MailFolder {
    /// A folder that stays; it is made where it is missing.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn at(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            _temporary: None,
        })
    }

    /// A folder that goes with the process.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn temporary() -> Result<Self> {
        let folder = TempDir::with_prefix("herald-mail-").context("no folder for mails")?;
        Ok(Self {
            path: folder.path().to_owned(),
            _temporary: Some(Arc::new(folder)),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The mails that were written last, the newest first.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn newest(&self, count: usize) -> Result<Vec<KeptMail>> {
        let unreadable = || format!("{} cannot be read", self.path.display());
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let name = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            // A file without a time was removed at this moment.
            let written = entry.metadata().and_then(|known| known.modified());
            if let (Some(name), Ok(written)) = (name, written) {
                found.push((written, name));
            }
        }
        found.sort_unstable_by_key(|(written, name): &(_, MailName)| {
            (Reverse(*written), name.clone())
        });
        let mails = found.iter().take(count).map(|(_, name)| self.read(name));
        mails.filter_map(Result::transpose).collect()
    }

    /// A mail; `None` where there is no such file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn read(&self, name: &MailName) -> Result<Option<KeptMail>> {
        let Some(raw) = read_if_there(&self.path.join(name.as_str()))? else {
            return Ok(None);
        };
        let tags = match read_if_there(&self.path.join(name.of_tags()))? {
            Some(tags) => serde_json::from_slice(&tags)
                .with_context(|| format!("{} holds no tags", name.of_tags()))?,
            None => BTreeMap::new(),
        };
        Ok(Some(KeptMail {
            name: name.clone(),
            raw,
            tags,
        }))
    }

    fn keep(&self, mail: &OutgoingMail) -> Result<MailName> {
        let tags: BTreeMap<_, _> = mail.tags.iter().cloned().collect();
        let known = MailTags::read(|name| tags.get(name).map(String::as_str));
        let name = MailName::of(&known.context("a mail without the tags of a delivery")?);
        // First the tags: who sees a mail finds them.
        let tags = serde_json::to_vec_pretty(&tags)?;
        private_file::write(&self.path.join(name.of_tags()), &tags)?;
        private_file::write(&self.path.join(name.as_str()), &mail.raw)?;
        Ok(name)
    }
}

impl Mailer for MailFolder {
    fn send(&self, mail: OutgoingMail) -> BoxFuture<'_, Result<Outcome, MailerError>> {
        Box::pin(async move {
            let name = self.keep(&mail).map_err(MailerError::new)?;
            Ok(Answer {
                status: 200,
                body: name.to_string(),
            }
            .into())
        })
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
