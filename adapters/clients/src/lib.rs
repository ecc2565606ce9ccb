//! What the examples share: models to ask that are on this machine, and a look at what was recorded.

use std::{
    error::Error,
    fs,
    io::{self, BufReader, Write},
    path::PathBuf,
};

use genspan_tree::{Style, into_traces};
use testkit::provider::{Provider, Script};

/// Compiles what the page on clients shows.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/CLIENTS.md")]
struct ClientsPage;

/// Is what the examples give back.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Holds what an example needs instead of the world: models to ask, and a file for its telemetry.
///
/// The file is the one that the program's first argument names, else one in the system's folder for such.
#[derive(Debug)]
pub struct Stage {
    models: Provider,
    file: PathBuf,
    is_temporary: bool,
}

impl Stage {
    /// Starts the models, and empties the file.
    ///
    /// # Errors
    ///
    /// When there is no free port, or no room for files.
    pub fn new() -> io::Result<Self> {
        let named = std::env::args_os().nth(1).map(PathBuf::from);
        let is_temporary = named.is_none();
        let file = named.unwrap_or_else(|| {
            let name = format!("genspan-clients-{}.jsonl", std::process::id());
            std::env::temp_dir().join(name)
        });
        fs::write(&file, "")?;
        Ok(Self {
            models: Provider::start(Script::scenarios())?,
            file,
            is_temporary,
        })
    }

    /// Gives the origin of the models, which speak as all providers do.
    #[must_use]
    pub fn url(&self) -> String {
        self.models.url()
    }

    /// Gives the file for telemetry as a destination.
    #[must_use]
    pub fn destination(&self) -> String {
        format!("file:{}", self.file.display())
    }

    /// Prints the traces that were recorded.
    ///
    /// # Errors
    ///
    /// When they cannot be read or printed.
    pub fn show(self) -> io::Result<()> {
        let spans = genspan_tree::read(BufReader::new(fs::File::open(&self.file)?))?.spans;
        let style = Style {
            unicode: true,
            ..Style::PLAIN
        };
        let trees = genspan_tree::render(&into_traces(spans), &style);
        if self.is_temporary {
            fs::remove_file(&self.file)?;
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(format!("\n{trees}").as_bytes())
    }
}
