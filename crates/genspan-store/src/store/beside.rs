//! What is kept beside spans: log records and metrics.

use super::Store;
use crate::{
    Error, LogFilter, MetricFilter, Page, query,
    read::{LogDetail, LogFacets, LogPage, MetricPage},
};

impl Store {
    /// Lists log records, the latest first, whether they belong to a trace or not.
    ///
    /// What no column holds is looked for in 5,000 records at a time, so that a part may hold few, or none, and still name
    /// a [next](LogPage::next) one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn logs(&self, filter: &LogFilter, page: Page) -> Result<LogPage, Error> {
        self.ask(|asker| query::logs(asker, filter, page))
    }

    /// Opens a log record by its number in the list; `None` where it is not known.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn log(&self, id: i64) -> Result<Option<LogDetail>, Error> {
        self.ask(|asker| query::log(asker, id))
    }

    /// Gives what there is to choose from among the 1,000 latest log records.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn log_facets(&self) -> Result<LogFacets, Error> {
        self.ask(query::log_facets)
    }

    /// Reads the metrics of the 5,000 requests that came last, as series.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn metrics(&self, filter: &MetricFilter) -> Result<MetricPage, Error> {
        self.ask(|asker| query::metrics(asker, filter))
    }
}
