//! The local store: which file it is, and how commands open it.

mod keeper;

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use genspan_prices::Prices;
use genspan_store::{Access, Error, Options, Store};

pub(crate) use self::keeper::LocalKeeper;
use crate::{Failure, environment::Environment};

/// Says which store is meant.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StoreArgs {
    /// Uses this file as the store [default: store.db in GENSPAN_HOME]
    #[arg(long, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,
}

/// Says why there is no store to look into.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("there is no place for the store; set GENSPAN_HOME, or name a file with `--store`")]
    NoHome,
    #[error(
        "nothing was recorded yet: {0} does not exist; try `genspan run -- COMMAND` or `genspan demo`"
    )]
    NothingYet(String),
    #[error(transparent)]
    Store(#[from] Error),
}

impl StoreArgs {
    /// Gives the file, whether it exists or not.
    pub(crate) fn path(&self, environment: &Environment) -> Result<PathBuf, StoreError> {
        let usual = || environment.home().map(|home| home.store());
        let path = self.store.clone().or_else(usual);
        let path = path.ok_or(StoreError::NoHome)?;
        // What waits for a store is found by its path.
        Ok(std::path::absolute(&path).unwrap_or(path))
    }

    /// Opens the store to read what is in it.
    pub(crate) fn open(&self, environment: &Environment) -> Result<Store, Failure> {
        let path = self.path(environment)?;
        if !path.exists() {
            return Err(StoreError::NothingYet(path.display().to_string()).into());
        }
        let reading = Options {
            access: Access::ReadOnly,
            prices: Some(Arc::new(prices(environment)?)),
            ..Options::default()
        };
        let store = match Store::open(&path, reading.clone()) {
            // One that is empty, or was made by an older version, is brought up to date first.
            Err(Error::ReadOnly { .. }) => {
                let access = Access::ReadWrite;
                Store::open(&path, Options { access, ..reading })
            }
            opened => opened,
        };
        Ok(store.map_err(StoreError::Store)?)
    }
}

impl StoreError {
    /// Tells whether the store is only being made, or held by others for a moment.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::NothingYet(_) => true,
            Self::NoHome => false,
        }
    }
}

/// Reads what calls cost that do not say so themselves.
pub(crate) fn prices(environment: &Environment) -> Result<Prices, Failure> {
    let prices = Prices::vendored();
    Ok(match environment.settings().prices {
        Some(file) => prices.with_overrides(&file)?,
        None => prices,
    })
}
