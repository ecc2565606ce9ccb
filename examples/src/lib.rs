//! What the examples share, so that each of them reads as a program of your own: models to ask that are on this
//! machine, and a look at what was recorded.

pub mod otlp;
pub mod turns;

mod exporter;

use std::{
    error::Error,
    fs,
    io::{self, BufReader, Write},
    path::{Path, PathBuf},
};

pub use exporter::FileExporter;
use genspan_tree::{Style, into_traces};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use testkit::provider::{Provider, Script};

/// Is what the examples give back.
pub type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Holds what an example needs instead of the world: models to ask, and a place for its telemetry.
///
/// The telemetry is kept in a temporary file, or in the file that the program's first argument names.
#[derive(Debug)]
pub struct Stage {
    models: Provider,
    file: PathBuf,
    temporary: Option<Temporary>,
}

impl Stage {
    /// Starts the models, and empties the place for telemetry.
    ///
    /// # Errors
    ///
    /// When there is no free port, or no room for files.
    pub fn new() -> io::Result<Self> {
        let models = Provider::start(Script::scenarios())?;
        let Some(file) = std::env::args_os().nth(1) else {
            let temporary = Temporary::new()?;
            return Ok(Self {
                models,
                file: temporary.0.join("telemetry.jsonl"),
                temporary: Some(temporary),
            });
        };
        fs::write(&file, "")?;
        Ok(Self {
            models,
            file: file.into(),
            temporary: None,
        })
    }

    /// Gives the base URL of the models, which speak as OpenAI's do.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.models.url())
    }

    /// Gives a client whose requests the models answer in a certain way, such as `parallel-tools`.
    ///
    /// `testkit::provider` lists the ways; a client of your own does without.
    ///
    /// # Errors
    ///
    /// When the client cannot be made.
    pub fn client(&self, way: &'static str) -> reqwest::Result<reqwest::Client> {
        let name = HeaderName::from_static("x-scripted");
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(way))]);
        reqwest::Client::builder().default_headers(headers).build()
    }

    /// Gives the place for telemetry as a destination.
    #[must_use]
    pub fn destination(&self) -> String {
        format!("file:{}", self.file.display())
    }

    /// Gives the place for telemetry as a file, for exporters of the application's own.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
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
        drop(self.temporary);
        io::stdout()
            .lock()
            .write_all(format!("\n{trees}").as_bytes())
    }
}

/// Holds a folder of this process's own, which goes when it goes.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Temporary {
    /// Bounds the folders that earlier processes of the same id may have left.
    const MOST_LEFT: u32 = 100;

    fn new() -> io::Result<Self> {
        let mut failure = None;
        for nth in 0..Self::MOST_LEFT {
            let name = format!("genspan-example-{}-{nth}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(failure.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The system tidies up what is left.
        let _ = fs::remove_dir_all(&self.0);
    }
}
