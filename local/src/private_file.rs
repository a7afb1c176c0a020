//! Files that only their owner may read.

use anyhow::{Context, Result};
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// The line that one holds, if it is there.
pub(crate) fn read_line(path: &Path) -> Result<Option<String>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Some(text.trim().to_owned()))
}

/// Writes one with a line.
pub(crate) fn write_line(path: &Path, line: &str) -> Result<()> {
    write(path, format!("{line}\n").as_bytes())
}

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
