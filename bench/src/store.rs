//! What keeping, finding and opening spans costs, and what the binary does to begin with.

mod binary;
mod disk;
mod folder;
mod peer;
pub(crate) mod read;
pub(crate) mod receiver;
mod spans;
mod write;

use std::{io, time::Duration};

use crate::{harness::Options, report::Table};

pub(crate) fn run(options: Options) -> Result<Vec<Table>, String> {
    let mut tables = write::run(options)?;
    tables.extend(read::run(options)?);
    tables.extend(disk::run()?);
    tables.extend(binary::run(options)?);
    Ok(tables)
}

/// Takes spans in for as long as a profiler needs.
pub(crate) fn profile(_arguments: &[String]) -> io::Result<()> {
    let folder = folder::Folder::new("profile")?;
    let store = receiver::open(&folder.file())?;
    let mut maker = spans::Maker::new(1);
    let began = crate::harness::now();
    let (mut kept, mut took) = (0, Duration::ZERO);
    while began.elapsed() < Duration::from_secs(8) {
        let request = maker.request();
        let (this, result) = crate::harness::timed(|| store.ingest_traces(&request));
        result.map_err(io::Error::other)?;
        kept += spans::REQUEST;
        took += this;
    }
    println!("{kept} spans in {took:?}");
    Ok(())
}
