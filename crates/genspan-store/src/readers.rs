//! Connections that read, which never wait for the writer.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior};

use crate::{
    Access, Error,
    file::{self, Fault, State},
};

/// Connections that stay open between questions.
const KEPT: usize = 8;

/// Lends connections, and opens more where all are lent.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    access: Access,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) const fn new(path: PathBuf, access: Access) -> Self {
        Self {
            path,
            access,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Asks the file something, all of it in one state.
    pub(crate) fn read<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Error> {
        let result = self.lend(question);
        result.map_err(|fault| fault.told(&self.path, self.access))
    }

    fn lend<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.lock().pop();
        let (mut connection, state) = match idle {
            Some(connection) => (connection, None),
            None => file::reader(&self.path, self.access)?,
        };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let answer = question(&transaction);
        transaction.finish()?;
        if state.is_some() {
            // It sees nothing of what others write: it is asked once, and says something only if nobody wrote meanwhile.
            return match State::of(&self.path) == state {
                true => answer,
                false => Err(Fault::Busy("it was written while it was read".to_owned())),
            };
        }
        let answer = answer?;
        let mut idle = self.lock();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        Ok(answer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of the file.
    pub(crate) fn close(&self) {
        self.lock().clear();
    }
}
