//! Files that only their owner may read.

use anyhow::{Context, Result};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// Writes one, whole or not at all.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("new");
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}
