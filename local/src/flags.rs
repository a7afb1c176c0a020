//! The command line of the local service.

use clap::Parser;
use herald::{credential::CredentialId, destination::parse_network, secret::Secret};
use ipnet::IpNet;
use std::{path::PathBuf, str::FromStr};

/// Herald in one process, on embedded parts: for trying it out and for developing against it.
#[derive(Clone, Debug, Parser)]
#[command(name = "herald-local", version)]
pub struct Flags {
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 3000)]
    pub port: u16,

    /// Folder that keeps everything over restarts, or "memory" to keep nothing
    #[arg(long, value_name = "PATH|memory", default_value = ".herald")]
    pub data: Data,

    /// Folder for e-mails, made if it is missing; "mail" inside the data folder by default
    #[arg(long, value_name = "DIR")]
    pub mail: Option<PathBuf>,

    /// The first account's live credential with the role "manage"
    #[arg(long, value_name = "ID:SECRET")]
    pub credential: Option<Login>,

    /// Range of literal addresses, such as 127.0.0.1/32, to which webhooks may go over http and
    /// on any port; may be given more than once
    #[arg(long, value_name = "CIDR", value_parser = range)]
    pub allow: Vec<IpNet>,
}

impl Flags {
    /// Reads the command line.
    ///
    /// # Errors
    /// What is wrong with it, in one line. Asked for help or version, it shows them and ends
    /// the process.
    pub fn read() -> anyhow::Result<Self> {
        Self::try_parse().map_err(|error| {
            if !error.use_stderr() {
                error.exit();
            }
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            let words: Vec<_> = first.split_whitespace().collect();
            anyhow::anyhow!(
                "{}",
                words.join(" ").trim_start_matches("error: ").to_owned()
            )
        })
    }
}

/// Where the data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nowhere.
    Memory,
    /// In a folder.
    Folder(PathBuf),
}

impl FromStr for Data {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("must name a folder, or be \"memory\"".to_owned()),
            "memory" => Ok(Self::Memory),
            path => Ok(Self::Folder(path.into())),
        }
    }
}

/// What a credential is presented with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The id.
    pub id: CredentialId,
    /// The secret.
    pub secret: Secret,
}

impl Login {
    /// As it is presented and kept in files: `id:secret`.
    #[must_use]
    pub fn exposed(&self) -> String {
        format!("{}:{}", self.id, self.secret.expose())
    }
}

impl FromStr for Login {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_graphic());
        match text.split_once(':') {
            Some((id, secret)) if is_plain(secret) => Ok(Self {
                id: id.parse().map_err(|rule| format!("the id {rule}"))?,
                secret: Secret::new(secret.to_owned()),
            }),
            _ => Err("must be an id, a colon and a secret, in visible ASCII characters".to_owned()),
        }
    }
}

fn range(text: &str) -> Result<IpNet, String> {
    parse_network(text)
        .map_err(|_| "must be an address or a range of addresses, such as 127.0.0.1/32".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Flags, clap::Error> {
        Flags::try_parse_from([&["herald-local"], arguments].concat())
    }

    #[test]
    fn everything_has_a_default() {
        let flags = parse(&[]).expect("no flag is needed");
        assert_eq!(flags.port, 3000);
        assert_eq!(flags.data, Data::Folder(".herald".into()));
        assert!(flags.allow.is_empty() && flags.credential.is_none());
    }

    #[test]
    fn flags_are_read() {
        let flags = parse(&[
            "--data",
            "memory",
            "--credential",
            "a:b:c",
            "--allow",
            "127.0.0.1",
            "--allow",
            "10.0.0.0/8",
        ])
        .expect("flags");
        assert_eq!(flags.data, Data::Memory);
        let pair = flags.credential.expect("a credential");
        assert_eq!((pair.id.as_str(), pair.secret.expose()), ("a", "b:c"));
        assert_eq!(flags.allow.len(), 2);
    }

    #[test]
    fn bad_flags_are_refused() {
        for arguments in [
            ["--credential", "nocolon"],
            ["--credential", ":secret"],
            ["--credential", "operator:secret"],
            ["--allow", "everything"],
            ["--port", "70000"],
            ["--data", ""],
        ] {
            assert!(parse(&arguments).is_err(), "{arguments:?}");
        }
    }
}
