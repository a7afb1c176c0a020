//! The queues' messages in a SQLite file, from before they are acknowledged until they were
//! handled.

use super::fair::Held;
use herald::queue::{DeadLetter, QueueName, Reason};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use std::path::Path;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        body TEXT NOT NULL,
        grp TEXT NOT NULL,
        visible_at INTEGER NOT NULL,
        received INTEGER NOT NULL DEFAULT 0,
        in_flight INTEGER NOT NULL DEFAULT 0,
        dead INTEGER NOT NULL DEFAULT 0,
        reason TEXT
    ) STRICT;
";

/// The file behind the queues.
#[derive(Debug)]
pub(super) struct Journal(Connection);

/// A message in the file.
pub(super) struct Kept {
    pub(super) queue: QueueName,
    pub(super) held: Held,
    pub(super) visible_at: Timestamp,
    pub(super) dead: bool,
    pub(super) reason: Option<Reason>,
}

impl Journal {
    pub(super) fn open(file: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        // In a write-ahead log a commit survives the end of the process without being flushed.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        // What was in flight when the process ended was not handled and did not fail.
        connection.execute(
            "UPDATE messages SET received = received - 1, in_flight = 0 WHERE in_flight = 1",
            [],
        )?;
        Ok(Self(connection))
    }

    /// Every message, in the order in which they came.
    pub(super) fn read(&self) -> rusqlite::Result<Vec<Kept>> {
        let mut rows = self.0.prepare(
            "SELECT id, queue, body, grp, visible_at, received, dead, reason FROM messages ORDER BY id",
        )?;
        let kept = rows.query_map([], |row| {
            Ok(Kept {
                queue: queue(row, 1)?,
                held: Held {
                    id: row.get(0)?,
                    body: row.get(2)?,
                    group: row.get(3)?,
                    count: row.get(5)?,
                },
                visible_at: instant(row, 4)?,
                dead: row.get(6)?,
                reason: reason(row, 7)?,
            })
        })?;
        kept.collect()
    }

    /// Keeps new messages, all or none.
    pub(super) fn insert(
        &mut self,
        queue: QueueName,
        messages: impl Iterator<Item = (String, String, Timestamp)>,
    ) -> rusqlite::Result<Vec<(Held, Timestamp)>> {
        let all = self.0.transaction()?;
        let mut kept = Vec::new();
        {
            let mut insert = all.prepare_cached(
                "INSERT INTO messages (queue, body, grp, visible_at) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (body, group, visible_at) in messages {
                let at = visible_at.as_millisecond();
                let id = insert.insert(params![queue.as_str(), body, group, at])?;
                kept.push((
                    Held {
                        id,
                        body,
                        group,
                        count: 0,
                    },
                    visible_at,
                ));
            }
        }
        all.commit()?;
        Ok(kept)
    }

    pub(super) fn count_receives(
        &mut self,
        counts: impl Iterator<Item = (i64, u32)>,
    ) -> rusqlite::Result<()> {
        let all = self.0.transaction()?;
        for (id, count) in counts {
            all.prepare_cached("UPDATE messages SET received = ?2, in_flight = 1 WHERE id = ?1")?
                .execute(params![id, count])?;
        }
        all.commit()
    }

    /// Notes that a message was not handled: its receive counts.
    pub(super) fn fail(&mut self, id: i64) -> rusqlite::Result<()> {
        self.0
            .execute("UPDATE messages SET in_flight = 0 WHERE id = ?1", [id])
            .map(|_| ())
    }

    /// Notes that messages are dead letters.
    pub(super) fn bury(&mut self, ids: &[i64]) -> rusqlite::Result<()> {
        for id in ids {
            self.0.execute(
                "UPDATE messages SET dead = 1, in_flight = 0 WHERE id = ?1",
                [id],
            )?;
        }
        Ok(())
    }

    /// Keeps a dead letter.
    pub(super) fn insert_dead(
        &mut self,
        queue: QueueName,
        letter: &DeadLetter,
    ) -> rusqlite::Result<()> {
        self.0
            .execute(
                "INSERT INTO messages (queue, body, grp, visible_at, dead, reason)
                 VALUES (?1, ?2, '', 0, 1, ?3)",
                params![
                    queue.as_str(),
                    letter.body,
                    letter.reason.as_ref().map(Reason::as_str)
                ],
            )
            .map(|_| ())
    }

    pub(super) fn delete(&mut self, id: i64) -> rusqlite::Result<()> {
        self.0
            .prepare_cached("DELETE FROM messages WHERE id = ?1")?
            .execute([id])
            .map(|_| ())
    }
}

fn reason(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Reason>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| Reason::new(&text)))
}

fn queue(row: &Row<'_>, column: usize) -> rusqlite::Result<QueueName> {
    let text: String = row.get(column)?;
    text.parse()
        .map_err(|_| rusqlite::Error::InvalidColumnName(text))
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let millis = row.get(column)?;
    Timestamp::from_millisecond(millis)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, millis))
}
